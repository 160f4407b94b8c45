#![doc = include_str!("../../docs/methods/rise_time.md")]

use super::onset_latency::{ONSET_BOUND_4800_MS, ONSET_ORDER, onset_sd};
use super::peak_latency::peak_sd;
use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static RISE_TIME: Measure = Measure {
    id: "rise_time",
    name: "Rise time",
    unit: Unit::Milliseconds,
    formula: "t(negative peak) − t(onset)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

fn compute(response: &Response<'_>) -> Value {
    let (onset, peak) = (response.onset()?, response.peak()?);
    response.unsaturated_until(peak.time.0)?;
    let sd = peak_sd(response, peak)
        .zip(onset_sd(response, onset))
        .map(|(peak, onset)| peak.hypot(onset));
    let hand = response.hand_onset_ms(onset) + response.hand_ms(Point::NegativePeak);
    let bound = hand + response.sampling_bound(ONSET_BOUND_4800_MS, ONSET_ORDER);
    estimate(peak.time.0 - onset.time.0, sd, bound)
}
