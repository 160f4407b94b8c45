//! The late decrement in percent of the early one.

use super::Settings;
use super::rules::EARLY;
use crate::cmap::NotMeasured;
use crate::math::intervals::{LEVEL, Normal, fieller, ratio_sd, two_sided};
use crate::train::change::{Numbered, between, measured};
use crate::train::{ChangeEstimate, Direction};
use crate::units::Percent;

/// The decrement of the last response in percent of that of response 4, with Fieller's interval; both contain the first response.
///
/// (A₁ − A_N)/(A₁ − A₄) = β + (A₁ − A_N − β(A₁ − A₄))/(A₁ − A₄), and for β = cov/var(A₁ − A₄) numerator and denominator on the right are
/// independent, so that the interval for independent values serves.
pub(super) fn late_over_early(
    responses: &[Numbered],
    settings: &Settings,
) -> Result<ChangeEstimate, NotMeasured> {
    let late = responses.last().map_or(0, |response| response.ordinal);
    if late < settings.late_response_min.max(EARLY + 1) {
        return Err(NotMeasured::TooFewStimuli);
    }
    let first = measured(responses, 1)?;
    let early = measured(responses, EARLY)?;
    let last = measured(responses, late)?;
    let decrement = between(first, early, Direction::Decrement)?;
    let within = || {
        NotMeasured::ReferenceMissing(format!(
            "the early decrement, {:.1} % (95 % from {:.1} to {:.1} %), is not clearly above 0",
            decrement.value.0, decrement.low.0, decrement.high.0
        ))
    };
    if decrement.low.0 <= 0.0 {
        return Err(within());
    }
    let shared = first.sd.powi(2);
    let denominator = Normal {
        mean: first.value - early.value,
        sd: first.sd.hypot(early.sd),
    };
    let variance = denominator.sd.powi(2);
    let beta = if variance > 0.0 {
        shared / variance
    } else {
        0.0
    };
    let ratio = (first.value - last.value) / denominator.mean;
    let rest = Normal {
        mean: first.value - last.value - beta * denominator.mean,
        sd: (shared + last.sd.powi(2) - beta * shared).max(0.0).sqrt(),
    };
    let (low, high) = fieller(rest, denominator, two_sided(LEVEL)).ok_or_else(within)?;
    // The bounds as independent errors, by the derivatives of the ratio.
    let bound = ((1.0 - ratio) * first.bound)
        .hypot(ratio * early.bound)
        .hypot(last.bound)
        / denominator.mean;
    let percent = |value: f64| 100.0 * value;
    let value = percent(ratio);
    let bound = percent(bound);
    Ok(ChangeEstimate {
        value: Percent(value),
        low: Percent(percent(beta + low).min(value) - bound),
        high: Percent(percent(beta + high).max(value) + bound),
        sd: Percent(percent(ratio_sd(rest, denominator))),
        bound: Percent(bound),
    })
}
