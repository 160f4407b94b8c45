//! Statistics over the results of a run: what became of the files, how values are distributed, how often each criterion is met.
//!
#![doc = include_str!("../../docs/methods/summary.md")]

mod distribution;
mod read;
mod write;

pub use distribution::Distribution;
pub use read::read;
pub use write::{csv, json, text};

use crate::math::intervals::{LEVEL, clopper_pearson};
use serde::Serialize;

/// The statistics of a results folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many files ended how.
    pub files: Vec<Share>,
    /// How many analyzed studies show which pattern.
    pub patterns: Vec<Share>,
    /// The distributions, by quantity, muscle, rate and time.
    pub distributions: Vec<Group>,
    /// How often each rule is met, by muscle.
    pub criteria: Vec<Met>,
}

/// A count of a whole, with the exact 95 % interval of the share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Of what.
    pub name: String,
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share in percent; `None` of nothing.
    pub percent: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
}

impl Share {
    /// A share of a whole.
    pub fn new(name: impl Into<String>, count: u64, of: u64) -> Self {
        let interval = clopper_pearson(count, of, LEVEL);
        Self {
            name: name.into(),
            count,
            of,
            percent: (of > 0).then(|| 100.0 * count as f64 / of as f64),
            low: interval.map(|interval| 100.0 * interval.0),
            high: interval.map(|interval| 100.0 * interval.1),
        }
    }
}

/// What values have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Key {
    /// The column of `trains.csv`, or the id of a comparison.
    pub quantity: String,
    /// The unit of the values.
    pub unit: &'static str,
    /// The muscle, by its id where it is known, else as the file has it; empty if nothing says so.
    pub muscle: String,
    /// `single`, `low`, `high` or `other`; empty for comparisons.
    pub kind: String,
    /// Stimuli per second, rounded; `None` for single stimuli and comparisons.
    pub rate_hz: Option<u32>,
    /// `rest`, `after` or `unknown`; for comparisons how long the exercise was, where the file says so.
    pub when: String,
}

/// The distribution of what has something in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// What the values have in common.
    #[serde(flatten)]
    pub key: Key,
    /// Their distribution; `None` if there is no value.
    pub distribution: Option<Distribution>,
    /// How many could not be measured.
    pub not_measured: u64,
    /// How many were left out because their train cannot be believed.
    pub refused: u64,
}

/// How often a rule is met in a muscle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Met {
    /// The id of the set.
    pub set: String,
    /// The id of the rule.
    pub rule: String,
    /// The comparator and the limit.
    pub limit: String,
    /// The muscle, as in [`Key`].
    pub muscle: String,
    /// Met, of those that were judged: met, not met or undecided.
    pub met: Share,
    /// How many were undecided.
    pub undecided: u64,
    /// How many could not be asked.
    pub not_applicable: u64,
}
