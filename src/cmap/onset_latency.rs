#![doc = include_str!("../../docs/methods/onset_latency.md")]

use super::landmarks::last_passage;
use super::response::Response;
use super::settings::OnsetDefinition;
use super::uncertainty::estimate;
use super::{Landmark, Measure, Value};
use crate::math::intervals::{LEVEL, two_sided};
use crate::math::weights::Weights;
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static ONSET: Measure = Measure {
    id: "onset",
    name: "Onset latency",
    unit: Unit::Milliseconds,
    formula: "t(onset) − t(stimulus)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

/// The largest error of the onset at 4800 Hz in ms, and the power of the sampling interval with which it shrinks: 0.010 ms at 4800 Hz,
/// 0.002 ms at 10 kHz, 0.001 ms at 20 kHz (docs/methods/landmarks.md).
pub const ONSET_BOUND_4800_MS: f64 = 0.01;
/// See [`ONSET_BOUND_4800_MS`].
pub const ONSET_ORDER: f64 = 2.0;

/// The weights of the onset: the signal there, and the part of the peak to which it is compared, times `factor`.
pub fn onset_weights(
    response: &Response<'_>,
    weights: &mut Weights<'_>,
    onset: Landmark,
    factor: f64,
) {
    response.smoothed_at(weights, onset.time.0, -factor);
    if let (OnsetDefinition::PercentOfPeak, Some(peak)) =
        (response.settings.onset, response.landmarks.negative_peak)
    {
        response.smoothed_at(
            weights,
            peak.time.0,
            factor * response.settings.onset_percent_pct / 100.0,
        );
    }
}

/// The standard deviation of the onset in ms. `None` when the noise is not known or the signal does not rise. Noise does not move an onset
/// that a reader placed.
pub fn onset_sd(response: &Response<'_>, onset: Landmark) -> Option<f64> {
    let linear = linear_sd(response, onset)?;
    Some(linear.hypot(onset_excess(response, onset)))
}

/// Noise over slope.
fn linear_sd(response: &Response<'_>, onset: Landmark) -> Option<f64> {
    if response.placed.has(Point::Onset) {
        return Some(0.0);
    }
    let rise = response.slope(onset.time.0);
    let mut weights = response.weights();
    onset_weights(response, &mut weights, onset, 1.0 / rise);
    response.against_baseline(&mut weights);
    response.sd(&weights).filter(|_| rise > 0.0)
}

/// What is to be joined to noise over slope where the foot of the response is no straight line over the reach of the noise (ms, standard
/// deviation): a small response rises out of noise that passes the level by itself. Half of the way from the last passage of the level less
/// the reach of the noise to that of the level and the reach is what noise leaves open.
pub fn onset_excess(response: &Response<'_>, onset: Landmark) -> f64 {
    let at_a_level = response.settings.onset != OnsetDefinition::Tangent;
    let (Some(linear), Some(peak), true) = (
        linear_sd(response, onset).filter(|sd| sd.is_finite() && *sd > 0.0),
        response.landmarks.negative_peak,
        at_a_level,
    ) else {
        return 0.0;
    };
    let factor = two_sided(LEVEL);
    let reach = factor * linear * response.slope(onset.time.0);
    let passage = |level: f64| last_passage(response, peak, level);
    let earliest = response.sweep.artefact_end.0.min(onset.time.0);
    let early = passage(onset.value.0 - reach).unwrap_or(earliest);
    let late = passage((onset.value.0 + reach).min(peak.value.0)).unwrap_or(onset.time.0);
    let open = (late - early) / (2.0 * factor);
    (open * open - linear * linear).max(0.0).sqrt()
}

fn compute(response: &Response<'_>) -> Value {
    let onset = response.onset()?;
    let rise = response.slope(onset.time.0);
    let stimulus = response.sweep.stimulus.uncertainty.milliseconds().0;
    if response.placed.has(Point::Onset) {
        let bound = stimulus + response.hand_onset_ms(onset);
        return estimate(onset.time.0, Some(0.0), bound);
    }
    let artefact = if rise > 0.0 {
        response.artefact_at(onset.time.0) / rise
    } else {
        0.0
    };
    let bound = stimulus
        + artefact
        + response.sampling_bound(ONSET_BOUND_4800_MS, ONSET_ORDER)
        + response.hand_onset_ms(onset);
    estimate(onset.time.0, onset_sd(response, onset), bound)
}
