//! Whether the muscle at rest answers as it did before: of what comes after exercise the last response at rest is the measure.

use super::{Check, Find, HEURISTIC, Scene};
use crate::cmap::Estimate;
use crate::finding::{Finding, FindingCode};
use crate::series::When;
use crate::train::TrainKind;

/// The first response at rest is smaller than one before it.
pub static SMALLER: Check = Check {
    finding: FindingCode::RestingResponseSmaller,
    looks_at: "the amplitudes of the first responses of the trains at rest before an exercise, up to the first train at 20–50 Hz",
    formula: "the largest of those before it is larger by more than resting_fall_pct of itself, whatever their intervals leave open",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(smaller),
};

/// No more trains before one are looked at, so that thousands of them cost no more than each its own (heuristic).
const TRAINS_BEFORE: usize = 64;

fn smaller(scene: &Scene<'_>) -> Option<Finding> {
    let own = at_rest(scene, scene.index)?;
    let from = scene.index.saturating_sub(TRAINS_BEFORE);
    let earlier = scene.trains.get(from..scene.index)?;
    if earlier.iter().any(|train| train.kind == TrainKind::High) {
        // What a fast train leaves behind is no rest.
        return None;
    }
    let before = (from..scene.index)
        .filter_map(|train| at_rest(scene, train))
        .max_by(|a, b| a.low.total_cmp(&b.low))?;
    let part = 1.0 - 0.01 * scene.settings.resting_fall_pct;
    (own.high < part * before.low).then(|| {
        let (own, before) = (own.value, before.value);
        Finding::new(
            FindingCode::RestingResponseSmaller,
            format!("{own:.2} mV after {before:.2} mV"),
        )
    })
}

/// The amplitude of the first response of a train, if an exercise of the recording makes it one at rest.
fn at_rest(scene: &Scene<'_>, train: usize) -> Option<Estimate> {
    if scene.when(train)? != When::Rest {
        return None;
    }
    let first = scene.trains.get(train)?.first()?;
    let value = scene.material.cmaps.get(first.index)?.get("amplitude")?;
    value.as_ref().ok().copied()
}
