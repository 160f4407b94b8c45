#![doc = include_str!("../../docs/methods/peak_to_peak.md")]

use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, NotMeasured, Value};
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
    let peak = response.peak()?;
    response.baseline_return()?;
    let missing = || {
        NotMeasured::LandmarkMissing(
            "positive peak: no lowest point after the return to baseline".into(),
        )
    };
    let positive = response.landmarks.positive_peak.ok_or_else(missing)?;
    response.unsaturated_until(positive.time.0 + response.step())?;
    let mut weights = response.weights();
    response.smoothed_at(&mut weights, peak.time.0, 1.0);
    response.smoothed_at(&mut weights, positive.time.0, -1.0);
    let bound = response.artefact_at(peak.time.0) + response.artefact_at(positive.time.0);
    estimate(
        peak.value.0 - positive.value.0,
        response.sd(&weights),
        bound,
    )
}
