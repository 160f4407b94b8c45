#![doc = include_str!("../../docs/methods/duration.md")]

use super::onset_latency::{ONSET_BOUND_4800_MS, ONSET_ORDER, onset_weights};
use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, Value};
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
    let (rise, fall) = (response.slope(onset.time.0), response.slope(end.time.0));
    onset_weights(response, &mut weights, onset, -1.0 / rise);
    response.smoothed_at(&mut weights, end.time.0, -1.0 / fall);
    response.against_baseline(&mut weights);
    let steep = rise != 0.0 && fall != 0.0;
    let artefact = response.artefact_at(onset.time.0) / rise.abs()
        + response.artefact_at(end.time.0) / fall.abs();
    let bound = artefact + response.sampling_bound(ONSET_BOUND_4800_MS, ONSET_ORDER);
    estimate(
        end.time.0 - onset.time.0,
        response.sd(&weights).filter(|_| steep),
        bound,
    )
}
