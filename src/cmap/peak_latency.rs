#![doc = include_str!("../../docs/methods/peak_latency.md")]

use super::response::Response;
use super::uncertainty::estimate;
use super::{Landmark, Measure, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static PEAK_LATENCY: Measure = Measure {
    id: "peak_latency",
    name: "Peak latency",
    unit: Unit::Milliseconds,
    formula: "t(negative peak) − t(stimulus)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

/// The standard deviation of the time of a peak in ms: that of the slope over the curvature. Noise does not move a peak that a reader placed.
pub fn peak_sd(response: &Response<'_>, peak: Landmark) -> Option<f64> {
    if response.placed.has(Point::NegativePeak) {
        return Some(0.0);
    }
    let curvature = response.curvature(peak.time.0);
    let mut weights = response.weights();
    response.slope_at(&mut weights, peak.time.0, 1.0);
    response
        .sd(&weights)
        .filter(|_| curvature != 0.0)
        .map(|sd| sd / curvature.abs())
}

fn compute(response: &Response<'_>) -> Value {
    let peak = response.peak()?;
    response.unsaturated_until(peak.time.0)?;
    let stimulus = response.sweep.stimulus.uncertainty.milliseconds().0;
    let bound = stimulus + response.hand_ms(Point::NegativePeak);
    estimate(peak.time.0, peak_sd(response, peak), bound)
}
