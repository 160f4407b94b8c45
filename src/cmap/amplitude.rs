#![doc = include_str!("../../docs/methods/amplitude.md")]

use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static AMPLITUDE: Measure = Measure {
    id: "amplitude",
    name: "Negative-peak amplitude",
    unit: Unit::Millivolts,
    formula: "A = v(negative peak) − baseline",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

/// The largest error of the top of a parabola at 4800 Hz, as a part of the amplitude, and the power of the sampling interval with which it
/// shrinks: 0.033 % at 4800 Hz, 0.004 % at 10 kHz, below 0.001 % at 20 kHz (docs/methods/amplitude.md).
const PEAK_BOUND_4800: f64 = 3.3e-4;
const PEAK_ORDER: f64 = 3.0;

fn compute(response: &Response<'_>) -> Value {
    let peak = response.peak()?;
    response.unsaturated_until(peak.time.0)?;
    let mut weights = response.weights();
    response.smoothed_at(&mut weights, peak.time.0, 1.0);
    response.against_baseline(&mut weights);
    let sampling = response.sampling_bound(PEAK_BOUND_4800, PEAK_ORDER) * peak.value.0;
    estimate(
        peak.value.0,
        response.sd(&weights),
        response.artefact_at(peak.time.0) + sampling + response.hand_mv(Point::NegativePeak, peak),
    )
}
