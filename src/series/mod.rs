//! Trains before and after exercise: facilitation, repair, exhaustion.

use crate::cmap::{Cmap, NotMeasured};
use crate::finding::Finding;
use crate::recording::{Clock, Mark, Vocabulary};
use crate::source::Source;
use crate::train::{ChangeEstimate, Train};
use crate::units::Seconds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a train was recorded, as to exercise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum When {
    /// At rest.
    Rest,
    /// After an exercise.
    After {
        /// How long the muscle was exercised; `None` if the file does not say.
        exercise: Option<Seconds>,
        /// From the end of the exercise to the first stimulus.
        delay: Seconds,
    },
    /// Nothing says so.
    Unknown,
}

/// The trains of one channel and one rate around one exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which trains, in order of time.
    pub entries: Vec<Entry>,
    /// One entry per measure in [`crate::train::CHANGING_MEASURES`], comparison in [`COMPARISONS`] and entry that it applies to.
    pub comparisons: Vec<Comparison>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One train of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Index into the channel's trains.
    pub train: usize,
    /// When it was recorded.
    pub when: When,
}

/// The card of a comparison between trains.
pub struct ComparisonCard {
    /// Short and stable: `facilitation`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Where it stands.
    pub source: Source,
}

/// Every comparison, in the order of the columns.
pub static COMPARISONS: &[&ComparisonCard] = &[];

/// A comparison of a train with the one at rest.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the comparison.
    pub comparison: &'static str,
    /// The train at rest: index into the channel's trains.
    pub from_train: Option<usize>,
    /// The train that is compared; `None` when there is no value.
    pub to_train: Option<usize>,
    /// In percent or percentage points, by the card, or why there is none.
    pub value: Result<ChangeEstimate, NotMeasured>,
}

/// How trains become series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Settings {}

/// What [`arrange`] needs of one channel.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The channel's trains.
    pub trains: &'a [Train],
    /// The channel's responses.
    pub cmaps: &'a [Cmap],
    /// The marks of the recording.
    pub marks: &'a [Mark],
    /// What the marks mean.
    pub vocabulary: &'a Vocabulary,
    /// Whether times are true.
    pub clock: Clock,
}

/// Arranges the trains of one channel around the exercises.
pub fn arrange(_material: Material<'_>, _settings: &Settings) -> Vec<Series> {
    Vec::new()
}
