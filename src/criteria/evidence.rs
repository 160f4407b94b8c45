//! What a verdict rests on: the values that a rule looks at, each with its place.

use super::card::{Rule, Test};
use super::decide::Interval;
use super::judge::Material;
use super::settings::Settings;
use crate::cmap::NotMeasured;
use crate::finding::FindingCode;
use crate::series::{Comparison, When};
use crate::train::{Train, TrainKind, Trust, response_value};
use schemars::JsonSchema;
use serde::Serialize;

/// One value that a rule looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What it is the value of.
    pub subject: Subject,
    /// When the train was recorded, as to exercise.
    pub when: When,
    /// The value with its interval in the unit of the limit, or why there is none.
    pub value: Result<Interval, NotMeasured>,
    /// What it says.
    pub seen: Seen,
}

/// What a value is the value of. Trains are indices into the channel's trains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The change over a train.
    Change {
        /// The train.
        train: usize,
        /// The id of the convention.
        convention: String,
        /// The number of the response that is compared with the first.
        to: Option<usize>,
    },
    /// Two trains compared.
    Comparison {
        /// The id of the comparison.
        comparison: &'static str,
        /// The train at rest.
        from_train: Option<usize>,
        /// The train that is compared.
        to_train: Option<usize>,
    },
    /// The late decrement of a train in percent of the early one.
    LateOverEarly {
        /// The train.
        train: usize,
    },
    /// The first response of a train.
    First {
        /// The train.
        train: usize,
    },
}

impl Subject {
    /// The train whose recording gave the value: that after exercise in a comparison.
    pub fn train(&self) -> Option<usize> {
        match self {
            Self::Change { train, .. } | Self::LateOverEarly { train } | Self::First { train } => {
                Some(*train)
            }
            Self::Comparison { to_train, .. } => *to_train,
        }
    }
}

/// What a value says about a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "seen", content = "why", rename_all = "snake_case")]
pub enum Seen {
    /// The rule is met.
    Met,
    /// It is not.
    NotMet,
    /// The interval spans the limit.
    Undecided,
    /// The train cannot be believed; the codes say why.
    Refused(Vec<FindingCode>),
    /// There is no value.
    NotMeasured,
    /// It was looked at under conditions in which it says nothing; the text says which.
    Beside(String),
}

impl Seen {
    /// `met`, `not_met`, `undecided`, `refused`, `not_measured` or `beside`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Undecided => "undecided",
            Self::Refused(_) => "refused",
            Self::NotMeasured => "not_measured",
            Self::Beside(_) => "beside",
        }
    }
}

/// The convention of the early decrement.
const EARLY: &str = "decrement_1_4";

/// A value before it is compared with the limit.
pub(super) struct Candidate {
    pub subject: Subject,
    pub when: When,
    pub value: Result<Interval, NotMeasured>,
    pub refused: Vec<FindingCode>,
}

/// Everything that a rule looks at, in order of time; empty if the test was not done.
pub(super) fn candidates(
    rule: &Rule,
    material: &Material<'_>,
    settings: &Settings,
) -> Vec<Candidate> {
    match rule.test {
        Test::LowRate => changes(rule, material, settings, TrainKind::Low),
        Test::HighRate => changes(rule, material, settings, TrainKind::High),
        Test::Exercise => comparisons(rule, material, "facilitation"),
        Test::HighRateOrExercise => {
            let mut both = comparisons(rule, material, "facilitation");
            both.extend(changes(rule, material, settings, TrainKind::High));
            both
        }
        Test::Exhaustion => comparisons(rule, material, "exhaustion"),
        Test::LateOverEarly => late_over_early(rule, material, settings),
        Test::Resting => resting(rule, material),
    }
}

fn changes(
    rule: &Rule,
    material: &Material<'_>,
    settings: &Settings,
    kind: TrainKind,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, train) in material.trains.iter().enumerate() {
        if train.kind != kind || train.trust == Trust::Excluded || !rate_fits(rule, train, settings)
        {
            continue;
        }
        for convention in &rule.conventions {
            let Some(change) = train.change(&rule.measure, convention) else {
                continue;
            };
            found.push(Candidate {
                subject: Subject::Change {
                    train: index,
                    convention: convention.clone(),
                    to: change.to,
                },
                when: material.when(index),
                value: change
                    .value
                    .as_ref()
                    .map(Interval::from)
                    .map_err(Clone::clone),
                refused: refused(train),
            });
        }
    }
    found
}

fn comparisons(rule: &Rule, material: &Material<'_>, id: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    for series in material.series {
        let when_of = |train: Option<usize>| {
            let entry = train.and_then(|train| series.entry(train));
            entry.map_or(When::Unknown, |entry| entry.when)
        };
        let wanted = |comparison: &&Comparison| {
            comparison.comparison == id && comparison.measure == rule.measure
        };
        for comparison in series.comparisons.iter().filter(wanted) {
            let when = when_of(comparison.to_train);
            if !exercise_fits(rule, when) {
                continue;
            }
            let trains = [comparison.from_train, comparison.to_train];
            let mut codes: Vec<FindingCode> = trains
                .into_iter()
                .flatten()
                .filter_map(|train| material.trains.get(train))
                .flat_map(refused)
                .collect();
            codes.sort_unstable();
            codes.dedup();
            found.push(Candidate {
                subject: Subject::Comparison {
                    comparison: comparison.comparison,
                    from_train: comparison.from_train,
                    to_train: comparison.to_train,
                },
                when,
                value: comparison
                    .value
                    .as_ref()
                    .map(Interval::from)
                    .map_err(Clone::clone),
                refused: codes,
            });
        }
    }
    found
}

/// Only of trains that fall: the ratio of two small decrements says nothing.
fn late_over_early(rule: &Rule, material: &Material<'_>, settings: &Settings) -> Vec<Candidate> {
    let falls = |train: &Train| {
        let early = train.change(&rule.measure, EARLY);
        early
            .and_then(|change| change.value.as_ref().ok())
            .is_some_and(|change| change.value.0 >= settings.early_decrement_min_pct)
    };
    let low = material.trains.iter().enumerate().filter(|(_, train)| {
        train.kind == TrainKind::Low
            && train.trust != Trust::Excluded
            && rate_fits(rule, train, settings)
            && falls(train)
    });
    low.map(|(index, train)| Candidate {
        subject: Subject::LateOverEarly { train: index },
        when: material.when(index),
        value: train
            .late_over_early
            .as_ref()
            .map(Interval::from)
            .map_err(Clone::clone),
        refused: refused(train),
    })
    .collect()
}

/// The first response of the recording that is not after exercise: a muscle that has been used is not at rest.
fn resting(rule: &Rule, material: &Material<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, train) in material.trains.iter().enumerate() {
        if train.trust == Trust::Excluded {
            continue;
        }
        let when = material.when(index);
        if matches!(when, When::After { .. }) {
            break;
        }
        let Some(first) = train.first() else { continue };
        let value = response_value(material.cmaps, first, &rule.measure).map(|estimate| Interval {
            value: estimate.value,
            low: estimate.low,
            high: estimate.high,
        });
        let candidate = Candidate {
            subject: Subject::First { train: index },
            when,
            value,
            refused: refused(train),
        };
        let usable = candidate.value.is_ok() && candidate.refused.is_empty();
        found.push(candidate);
        if usable {
            break;
        }
    }
    found
}

fn refused(train: &Train) -> Vec<FindingCode> {
    match &train.trust {
        Trust::Believed => Vec::new(),
        Trust::Refused(codes) => codes.clone(),
        // Such a train is no evidence at all.
        Trust::Excluded => Vec::new(),
    }
}

fn rate_fits(rule: &Rule, train: &Train, settings: &Settings) -> bool {
    let Some([low, high]) = rule.rate_hz else {
        return true;
    };
    let tolerance = 0.01 * settings.rate_tolerance_pct;
    train
        .rate
        .as_ref()
        .is_ok_and(|rate| (low * (1.0 - tolerance)..=high * (1.0 + tolerance)).contains(&rate.0))
}

fn exercise_fits(rule: &Rule, when: When) -> bool {
    match (rule.exercise_s, when) {
        (
            Some([low, high]),
            When::After {
                exercise: Some(length),
                ..
            },
        ) => (low..=high).contains(&length.0),
        _ => true,
    }
}
