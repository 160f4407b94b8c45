//! Comparisons of trains around one exercise: their cards and their arithmetic.
//!
#![doc = include_str!("../../docs/methods/facilitation.md")]
#![doc = include_str!("../../docs/methods/repair.md")]
#![doc = include_str!("../../docs/methods/exhaustion.md")]

use super::{Around, Comparison, Settings};
use crate::cmap::NotMeasured;
use crate::source::Source;
use crate::train::{
    CHANGING_MEASURES, ChangeEstimate, Direction, EnlargementReading, TrainKind, between,
    enlargement, exceedances, largest, response_value,
};
use crate::units::Percent;

/// The card of a comparison between trains.
pub struct ComparisonCard {
    /// Short and stable: `facilitation`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// The unit of its values: `%`, or [`POINTS`].
    pub unit: &'static str,
    /// Where it stands.
    pub source: Source,
    /// The term of the Human Phenotype Ontology, where there is a verified one.
    pub hpo: Option<&'static str>,
}

/// Percentage points, the unit of a difference of two percentages.
pub const POINTS: &str = "points";

/// Every comparison, in the order of the columns.
pub static COMPARISONS: &[&ComparisonCard] = &[&FACILITATION, &REPAIR, &EXHAUSTION];

/// The first response after exercise against the first response at rest, in percent.
pub static FACILITATION: ComparisonCard = ComparisonCard {
    id: "facilitation",
    name: "Facilitation after exercise",
    formula: "100 · (A_post − A_rest) / A_rest, first responses",
    unit: Percent::SYMBOL,
    source: Source {
        citation: "Norwegian society of clinical neurophysiology, method guideline: measuring the CMAP before and after maximal contraction",
        link: "https://www.legeforeningen.no/",
        place: "KNF-NO, Måling av CMAP før og etter maksimal kontraksjon",
    },
    hpo: None,
};

/// How much of the decrement at rest is gone right after exercise, in percentage points.
pub static REPAIR: ComparisonCard = ComparisonCard {
    id: "repair",
    name: "Repair of the decrement after exercise",
    formula: "D_rest − D_post0, percentage points",
    unit: POINTS,
    source: Source {
        citation: "Norwegian society of clinical neurophysiology, method guideline: findings in myasthenia gravis; the formula is a proposal of endplate",
        link: "https://www.legeforeningen.no/",
        place: "KNF-NO, Funn ved Myastenia gravis",
    },
    hpo: None,
};

/// How much larger than at rest the decrement becomes minutes after exercise, in percentage points.
pub static EXHAUSTION: ComparisonCard = ComparisonCard {
    id: "exhaustion",
    name: "Exhaustion after exercise",
    formula: "max(D at 1–5 min) − D_rest, percentage points",
    unit: POINTS,
    source: Source {
        citation: "Hatanaka and Oh, 2014: exhaustion after 30 s and 60 s of exercise in 32 patients with myasthenia gravis; the formula is a proposal of endplate",
        link: "https://pubmed.ncbi.nlm.nih.gov/24435816/",
        place: "abstract",
    },
    hpo: None,
};

/// The train whose first response counts as "right after exercise".
pub(super) fn facilitated(around: &Around<'_>, settings: &Settings) -> Option<usize> {
    around.all_after().find(|&train| {
        around
            .delay(train)
            .is_some_and(|delay| delay <= settings.facilitation_within_s)
    })
}

/// Facilitation of each measure.
pub(super) fn facilitation(
    around: &Around<'_>,
    facilitated: Option<usize>,
    settings: &Settings,
) -> Vec<Comparison> {
    let mut comparisons = per_measure(
        &FACILITATION,
        &settings.facilitation_limits_pct,
        |measure| {
            let rest = around
                .last_rest()
                .ok_or_else(|| missing("no train at rest before the exercise"))?;
            let post = facilitated.ok_or_else(|| {
                let within = settings.facilitation_within_s;
                missing(&format!("no response within {within} s of the exercise"))
            })?;
            let first = |train: usize, name: &str| {
                let response = around
                    .material
                    .trains
                    .get(train)
                    .and_then(|train| train.first())
                    .ok_or_else(|| missing(&format!("{name}: no response 1")))?;
                response_value(around.material.cmaps, response, measure).map_err(|why| match why {
                    NotMeasured::ExcludedByReader(_) => {
                        NotMeasured::ExcludedByReader(format!("{name}: response 1"))
                    }
                    why => missing(&format!("{name}: response 1: {}", why.code())),
                })
            };
            let change = between(
                &first(rest, "at rest")?,
                &first(post, "after exercise")?,
                Direction::Increment,
            )?;
            Ok((rest, post, change))
        },
    );
    for comparison in &mut comparisons {
        comparison.enlargement = enlargement_of(around, comparison);
    }
    comparisons
}

/// What makes the first response after exercise larger than the one at rest; it stands with the facilitation of the amplitude.
fn enlargement_of(
    around: &Around<'_>,
    comparison: &Comparison,
) -> Result<EnlargementReading, NotMeasured> {
    if comparison.measure != "amplitude" {
        return Err(not_of_this());
    }
    let first = |train: Option<usize>| {
        around
            .material
            .trains
            .get(train?)
            .and_then(|train| train.first())
    };
    let amplitude = comparison.value.clone()?;
    match (first(comparison.from_train), first(comparison.to_train)) {
        (Some(rest), Some(post)) => enlargement::read(
            around.material.cmaps,
            rest,
            post,
            amplitude,
            around.material.enlargement,
        ),
        _ => Err(missing("no response 1")),
    }
}

/// Why a comparison has no enlargement of its own.
fn not_of_this() -> NotMeasured {
    NotMeasured::NotApplicable("it stands with the facilitation of the amplitude".to_owned())
}

/// Repair of the decrement of each measure.
pub(super) fn repair(around: &Around<'_>, settings: &Settings) -> Vec<Comparison> {
    per_measure(&REPAIR, &settings.difference_limits_points, |measure| {
        let (rest, at_rest) = decrement_at_rest(around, settings, measure)?;
        let post = around
            .after(TrainKind::Low)
            .find(|&train| {
                around
                    .delay(train)
                    .is_some_and(|delay| delay <= settings.repair_within_s)
            })
            .ok_or_else(|| missing("no low-rate train right after the exercise"))?;
        let after = decrement(around, settings, measure, post)?;
        Ok((rest, post, difference(&at_rest, &after)))
    })
}

/// Exhaustion of each measure.
pub(super) fn exhaustion(around: &Around<'_>, settings: &Settings) -> Vec<Comparison> {
    let window = settings.exhaustion_from_s..=settings.exhaustion_until_s;
    per_measure(&EXHAUSTION, &settings.difference_limits_points, |measure| {
        let (rest, at_rest) = decrement_at_rest(around, settings, measure)?;
        let trains: Vec<usize> = around
            .after(TrainKind::Low)
            .filter(|&train| {
                around
                    .delay(train)
                    .is_some_and(|delay| window.contains(&delay))
            })
            .collect();
        // A train without a decrement may be the one with the largest: a complete block has none.
        let decrements = trains
            .iter()
            .map(|&train| decrement(around, settings, measure, train))
            .collect::<Result<Vec<_>, _>>()?;
        let (index, after) = largest(&decrements)
            .ok_or_else(|| missing("no low-rate train minutes after the exercise"))?;
        let train = trains.get(index).copied().unwrap_or(rest);
        Ok((rest, train, difference(&after, &at_rest)))
    })
}

fn per_measure(
    card: &'static ComparisonCard,
    limits: &[f64],
    compare: impl Fn(&'static str) -> Result<(usize, usize, ChangeEstimate), NotMeasured>,
) -> Vec<Comparison> {
    CHANGING_MEASURES
        .iter()
        .map(|&measure| {
            let (from_train, to_train, value) = match compare(measure) {
                Ok((from, to, change)) => (Some(from), Some(to), Ok(change)),
                Err(why) => (None, None, Err(why)),
            };
            let above = exceedances(&value, limits);
            Comparison {
                measure,
                comparison: card.id,
                from_train,
                to_train,
                value,
                above,
                enlargement: Err(not_of_this()),
            }
        })
        .collect()
}

fn missing(what: &str) -> NotMeasured {
    NotMeasured::ReferenceMissing(what.to_owned())
}

fn decrement_at_rest(
    around: &Around<'_>,
    settings: &Settings,
    measure: &str,
) -> Result<(usize, ChangeEstimate), NotMeasured> {
    let rest = around
        .rest(TrainKind::Low)
        .next_back()
        .ok_or_else(|| missing("no low-rate train at rest before the exercise"))?;
    Ok((rest, decrement(around, settings, measure, rest)?))
}

fn decrement(
    around: &Around<'_>,
    settings: &Settings,
    measure: &str,
    train: usize,
) -> Result<ChangeEstimate, NotMeasured> {
    let reference = around.material.trains.get(train);
    let at = reference.map_or(0.0, |train| train.start.0);
    let change = reference
        .and_then(|train| train.change(measure, &settings.decrement))
        .ok_or_else(|| missing(&format!("train at {at:.1} s: no {}", settings.decrement)))?;
    change.value.clone().map_err(|why| match why {
        NotMeasured::ReferenceMissing(text) => missing(&format!("train at {at:.1} s: {text}")),
        NotMeasured::ExcludedByReader(text) => {
            NotMeasured::ExcludedByReader(format!("train at {at:.1} s: {text}"))
        }
        other => missing(&format!("train at {at:.1} s: {}", other.code())),
    })
}

/// The difference of two independent changes in percentage points. Its interval recovers the variance of each on the side that matters
/// (Zou and Donner, Stat Med 2008;27:1693), so that unequal arms stay unequal; the bounds are independent errors.
fn difference(minuend: &ChangeEstimate, subtrahend: &ChangeEstimate) -> ChangeEstimate {
    let value = minuend.value.0 - subtrahend.value.0;
    let bound = minuend.bound.0.hypot(subtrahend.bound.0);
    let below = minuend.noise_below().hypot(subtrahend.noise_above());
    let above = minuend.noise_above().hypot(subtrahend.noise_below());
    ChangeEstimate {
        value: Percent(value),
        low: Percent(value - below - bound),
        high: Percent(value + above + bound),
        sd: Percent(minuend.sd.0.hypot(subtrahend.sd.0)),
        bound: Percent(bound),
    }
}
