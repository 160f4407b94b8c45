#![doc = include_str!("../../docs/methods/duration.md")]

use super::onset_latency::{ONSET_BOUND_4800_MS, ONSET_ORDER, onset_excess, onset_weights};
use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static DURATION: Measure = Measure {
    id: "duration",
    name: "Negative-phase duration",
    unit: Unit::Milliseconds,
    formula: "T = t(return to baseline) − t(onset)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

fn compute(response: &Response<'_>) -> Value {
    let (onset, end) = (response.onset()?, response.baseline_return()?);
    response.unsaturated_until(end.time.0)?;
    let mut weights = response.weights();
    let (mut artefact, mut steep) = (0.0, true);
    // Noise and artefact move what the program placed, the hand what a reader placed.
    if !response.placed.has(Point::Onset) {
        let rise = response.slope(onset.time.0);
        onset_weights(response, &mut weights, onset, -1.0 / rise);
        artefact += response.artefact_at(onset.time.0) / rise.abs();
        steep &= rise != 0.0;
    }
    if !response.placed.has(Point::Return) {
        let fall = response.slope(end.time.0);
        response.smoothed_at(&mut weights, end.time.0, -1.0 / fall);
        artefact += response.artefact_at(end.time.0) / fall.abs();
        steep &= fall != 0.0;
    }
    response.against_baseline(&mut weights);
    let by_hand = response.placed.has(Point::Onset) && response.placed.has(Point::Return);
    let sd = if by_hand {
        Some(0.0)
    } else {
        let excess = onset_excess(response, onset);
        response.sd(&weights).map(|sd| sd.hypot(excess))
    };
    let hand = response.hand_onset_ms(onset) + response.hand_ms(Point::Return);
    let bound = artefact + response.sampling_bound(ONSET_BOUND_4800_MS, ONSET_ORDER) + hand;
    estimate(end.time.0 - onset.time.0, sd.filter(|_| steep), bound)
}
