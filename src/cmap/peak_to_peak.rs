#![doc = include_str!("../../docs/methods/peak_to_peak.md")]

use super::response::Response;
use super::settings::PeakToPeakExtent;
use super::uncertainty::estimate;
use super::{Landmark, Measure, NotMeasured, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static PEAK_TO_PEAK: Measure = Measure {
    id: "peak_to_peak",
    name: "Peak-to-peak amplitude",
    unit: Unit::Millivolts,
    formula: "PP = v(negative peak) − v(positive peak)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

fn compute(response: &Response<'_>) -> Value {
    if response.settings.peak_to_peak_extent == PeakToPeakExtent::Window {
        return in_window(response);
    }
    let peak = response.peak()?;
    response.baseline_return()?;
    let missing = || {
        NotMeasured::LandmarkMissing(
            "positive peak: no lowest point after the return to baseline".into(),
        )
    };
    let positive = response.landmarks.positive_peak.ok_or_else(missing)?;
    let hand = response.hand_mv(Point::NegativePeak, peak)
        + response.hand_mv(Point::PositivePeak, positive);
    between(response, peak, positive, hand)
}

/// The highest and the lowest peak of the window, in either order.
fn in_window(response: &Response<'_>) -> Value {
    response.peak()?;
    let turning = |sign: f64, name: &str| {
        let index = response.highest(response.window(), sign).ok_or_else(|| {
            NotMeasured::LandmarkMissing(format!("{name} peak: no turning point in the window"))
        })?;
        Ok::<_, NotMeasured>(response.top(index))
    };
    between(
        response,
        turning(1.0, "highest")?,
        turning(-1.0, "lowest")?,
        0.0,
    )
}

/// `hand` is what the hand of a reader may change, in mV.
fn between(response: &Response<'_>, peak: Landmark, positive: Landmark, hand: f64) -> Value {
    response.unsaturated_until(peak.time.0.max(positive.time.0) + response.step())?;
    let mut weights = response.weights();
    response.smoothed_at(&mut weights, peak.time.0, 1.0);
    response.smoothed_at(&mut weights, positive.time.0, -1.0);
    let bound = response.artefact_at(peak.time.0) + response.artefact_at(positive.time.0) + hand;
    estimate(
        peak.value.0 - positive.value.0,
        response.sd(&weights),
        bound,
    )
}
