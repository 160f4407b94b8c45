//! The change between responses of a train, with its interval.

use super::conventions::{Convention, Direction, Target};
use super::{CHANGING_MEASURES, CONVENTIONS, Change, ChangeEstimate, Exceedance, Settings};
use crate::cmap::{Cmap, Estimate, NotMeasured, Value};
use crate::math::intervals::{
    LEVEL, Normal, fieller, normal_cdf, normal_density, ratio_sd, two_sided, two_sided_together,
};
use crate::units::Percent;

/// The first response: what every change in a train is taken from.
const FIRST: usize = 1;

/// The value of one measure of a response; an unknown measure is a value that is missing, with its reason.
pub fn value_of(cmap: &Cmap, measure: &str) -> Value {
    cmap.get(measure).cloned().unwrap_or_else(|| {
        Err(NotMeasured::LandmarkMissing(format!(
            "{measure} is not measured"
        )))
    })
}

/// One response as the conventions see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbered {
    /// Its number in the train, from 1, by time.
    pub ordinal: usize,
    /// The value of one measure.
    pub value: Value,
}

/// All changes of a train: by measure, then by convention. `values` gives the numbered responses of one measure in order of time.
pub(crate) fn changes(
    settings: &Settings,
    values: impl Fn(&'static str) -> Vec<Numbered>,
) -> Vec<Change> {
    let mut changes = Vec::with_capacity(CHANGING_MEASURES.len() * CONVENTIONS.len());
    for &measure in CHANGING_MEASURES {
        let responses = values(measure);
        for convention in CONVENTIONS {
            let (to, value) = match change(&responses, convention) {
                Ok((to, estimate)) => (Some(to), Ok(estimate)),
                Err(why) => (None, Err(why)),
            };
            let limits = match convention.direction {
                Direction::Decrement => &settings.decrement_limits_pct,
                Direction::Increment => &settings.increment_limits_pct,
            };
            let above = exceedances(&value, limits);
            changes.push(Change {
                measure,
                convention: convention.id,
                from: FIRST,
                to,
                value,
                above,
            });
        }
    }
    changes
}

/// The probability of each limit; nothing without a value, and nothing where the noise is not known.
pub(crate) fn exceedances(
    value: &Result<ChangeEstimate, NotMeasured>,
    limits: &[f64],
) -> Vec<Exceedance> {
    let Some(change) = value.as_ref().ok().filter(|change| change.sd.0.is_finite()) else {
        return Vec::new();
    };
    limits
        .iter()
        .map(|&limit| Exceedance {
            limit: Percent(limit),
            probability: change.probability_above(limit),
        })
        .collect()
}

/// The change by one convention and the number of the response that it is taken to.
fn change(
    responses: &[Numbered],
    convention: &Convention,
) -> Result<(usize, ChangeEstimate), NotMeasured> {
    let last = responses.last().map_or(0, |response| response.ordinal);
    if last <= FIRST {
        return Err(NotMeasured::TooFewStimuli);
    }
    let first = measured(responses, FIRST)?;
    match convention.target {
        Target::Number(number) => {
            if last < number {
                return Err(NotMeasured::TooFewStimuli);
            }
            let estimate = between(first, measured(responses, number)?, convention.direction)?;
            Ok((number, estimate))
        }
        Target::Last => {
            let estimate = between(first, measured(responses, last)?, convention.direction)?;
            Ok((last, estimate))
        }
        Target::Lowest { until } => {
            let until = until.unwrap_or(last);
            pick(
                responses,
                first,
                convention.direction,
                |ordinal| ordinal <= until,
                |why| {
                    // A saturated response is larger than any that was measured at the same gain, so it is not the smallest.
                    matches!(why, NotMeasured::Saturated)
                },
            )
        }
        Target::Highest => pick(
            responses,
            first,
            convention.direction,
            |_| true,
            |why| {
                // What does not stand out of the noise is not the largest.
                matches!(why, NotMeasured::NoResponse)
            },
        ),
    }
}

/// The value of the response with that number, or a reason that names it; the responses are in order of their numbers.
pub(super) fn measured(responses: &[Numbered], ordinal: usize) -> Result<&Estimate, NotMeasured> {
    let missing = |why: &str| NotMeasured::ReferenceMissing(format!("response {ordinal}: {why}"));
    let place = responses.partition_point(|response| response.ordinal < ordinal);
    match responses
        .get(place)
        .filter(|response| response.ordinal == ordinal)
    {
        None => Err(missing("no stimulus")),
        Some(Numbered {
            value: Err(NotMeasured::ExcludedByReader(_)),
            ..
        }) => Err(NotMeasured::ExcludedByReader(format!("response {ordinal}"))),
        Some(Numbered {
            value: Err(why), ..
        }) => Err(missing(why.code())),
        Some(Numbered {
            value: Ok(estimate),
            ..
        }) => Ok(estimate),
    }
}

/// The largest change to any response that counts. A response that was not measured could be the one, unless `harmless` says that its
/// reason excludes it.
fn pick(
    responses: &[Numbered],
    first: &Estimate,
    direction: Direction,
    counts: impl Fn(usize) -> bool,
    harmless: impl Fn(&NotMeasured) -> bool,
) -> Result<(usize, ChangeEstimate), NotMeasured> {
    let mut ordinals = Vec::new();
    let mut candidates = Vec::new();
    let mut reason = None;
    for response in responses
        .iter()
        .filter(|r| r.ordinal > FIRST && counts(r.ordinal))
    {
        match &response.value {
            // As if its stimulus had not been given.
            Err(NotMeasured::ExcludedByReader(_)) => {
                let text = format!("response {}", response.ordinal);
                reason.get_or_insert(NotMeasured::ExcludedByReader(text));
            }
            Ok(estimate) => {
                ordinals.push(response.ordinal);
                candidates.push(between(first, estimate, direction)?);
            }
            Err(why) => {
                let text = || {
                    NotMeasured::ReferenceMissing(format!(
                        "response {}: {}",
                        response.ordinal,
                        why.code()
                    ))
                };
                if !harmless(why) {
                    return Err(text());
                }
                reason.get_or_insert_with(text);
            }
        }
    }
    match largest(&candidates) {
        Some((index, estimate)) => Ok((ordinals.get(index).copied().unwrap_or(FIRST), estimate)),
        None => Err(reason.unwrap_or(NotMeasured::TooFewStimuli)),
    }
}

/// What noise and systematic error make of a measured value; the only place that reads the doubt of an [`Estimate`].
fn doubt(estimate: &Estimate) -> (Normal, f64) {
    (
        Normal {
            mean: estimate.value,
            sd: estimate.sd,
        },
        estimate.bound,
    )
}

/// The change from one response to another in percent of the first: Fieller's interval, widened by the bounds on systematic error.
/// Where the noise of a response is not known its `sd` is infinite; then so are the ends of the interval.
pub fn between(
    first: &Estimate,
    other: &Estimate,
    direction: Direction,
) -> Result<ChangeEstimate, NotMeasured> {
    let (from, from_bound) = doubt(first);
    let (to, to_bound) = doubt(other);
    let within_noise = || NotMeasured::ReferenceMissing("response 1: within its noise".to_owned());
    if from.mean.is_nan() || from.mean <= 0.0 {
        return Err(within_noise());
    }
    let known = from.sd.is_finite() && to.sd.is_finite();
    let (low, high) = if known {
        fieller(to, from, two_sided(LEVEL)).ok_or_else(within_noise)?
    } else {
        (f64::NEG_INFINITY, f64::INFINITY)
    };
    let ratio = to.mean / from.mean;
    // Both bounds as independent errors: what is left of the artefact mostly has the same sign in both and then cancels in part, but
    // with alternating polarity it does not.
    let bound = 100.0 * to_bound.hypot(ratio * from_bound) / from.mean;
    let sd = if known {
        100.0 * ratio_sd(to, from)
    } else {
        f64::INFINITY
    };
    let (value, low, high) = match direction {
        Direction::Decrement => (
            100.0 * (from.mean - to.mean) / from.mean,
            100.0 * (1.0 - high),
            100.0 * (1.0 - low),
        ),
        Direction::Increment => (
            100.0 * (to.mean - from.mean) / from.mean,
            100.0 * (low - 1.0),
            100.0 * (high - 1.0),
        ),
    };
    Ok(ChangeEstimate {
        value: Percent(value),
        // Rounding must not push the value out of its own interval.
        low: Percent(low.min(value) - bound),
        high: Percent(high.max(value) + bound),
        sd: Percent(sd),
        bound: Percent(bound),
    })
}

/// The largest of several changes and where it stands; the first among equals. Its interval holds the largest *true* change: noise alone
/// makes the largest of several values too large, so the lower end is set for all candidates at once.
pub(crate) fn largest(candidates: &[ChangeEstimate]) -> Option<(usize, ChangeEstimate)> {
    let mut best: Option<(usize, ChangeEstimate)> = None;
    for (index, &candidate) in candidates.iter().enumerate() {
        if best.is_none_or(|(_, so_far)| candidate.value.0 > so_far.value.0) {
            best = Some((index, candidate));
        }
    }
    let (index, mut picked) = best?;
    let rivals = candidates
        .iter()
        .filter(|candidate| candidate.high.0 >= picked.low.0)
        .count();
    // Bonferroni over those whose intervals overlap: each of them may be the largest true one.
    let widened = two_sided_together(rivals) / two_sided(LEVEL);
    let low_of =
        |change: &ChangeEstimate| change.value.0 - change.bound.0 - widened * change.noise_below();
    picked.low = Percent(
        candidates
            .iter()
            .map(low_of)
            .fold(f64::NEG_INFINITY, f64::max)
            .min(picked.value.0 - picked.bound.0),
    );
    picked.high = Percent(
        candidates
            .iter()
            .map(|change| change.high.0)
            .fold(f64::NEG_INFINITY, f64::max),
    );
    Some((index, picked))
}

impl ChangeEstimate {
    /// How far noise alone reaches below the value, in the 95 % interval.
    pub(crate) fn noise_below(&self) -> f64 {
        (self.value.0 - self.bound.0 - self.low.0).max(0.0)
    }

    /// How far noise alone reaches above the value, in the 95 % interval.
    pub(crate) fn noise_above(&self) -> f64 {
        (self.high.0 - self.bound.0 - self.value.0).max(0.0)
    }

    /// The probability that the true change exceeds `limit_pct`, given the noise and the bound.
    ///
    /// The noise is normal, with the standard deviation that the 95 % interval has on the side of the limit: so the probability is
    /// 0.975 when the limit is the lower end of the interval, if there is no bound. The systematic error counts as anything
    /// within its bound, each amount as likely as another. Falls from 1 to 0 as the limit rises; 0.5 when the limit is the value.
    pub fn probability_above(&self, limit_pct: f64) -> f64 {
        /// Below this ratio of bound to noise the bound changes the probability by less than 1e-7.
        const NEGLIGIBLE: f64 = 1e-3;
        let distance = self.value.0 - limit_pct;
        if distance == 0.0 {
            return 0.5;
        }
        let noise = if distance > 0.0 {
            self.noise_below()
        } else {
            self.noise_above()
        };
        let sd = noise / two_sided(LEVEL);
        let bound = self.bound.0;
        let probability = if sd <= f64::EPSILON * distance.abs() {
            if bound > 0.0 {
                0.5 + 0.5 * distance / bound
            } else if distance > 0.0 {
                1.0
            } else {
                0.0
            }
        } else if bound <= NEGLIGIBLE * sd {
            normal_cdf(distance / sd)
        } else {
            // The mean of Φ over the bound; z Φ(z) + φ(z) is the integral of Φ.
            let integral = |z: f64| z * normal_cdf(z) + normal_density(z);
            sd / (2.0 * bound)
                * (integral((distance + bound) / sd) - integral((distance - bound) / sd))
        };
        probability.clamp(0.0, 1.0)
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
