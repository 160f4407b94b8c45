//! Responses to a series of stimuli: their rate, their numbering by time, and how they change.

use crate::cmap::{Cmap, NotMeasured};
use crate::finding::Finding;
use crate::recording::{Clock, Mark, Vocabulary};
use crate::source::Source;
use crate::stimulus::Stimulus;
use crate::units::{Hertz, Percent, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A train of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Train {
    /// The text of the mark that began it, if any.
    pub label: Option<String>,
    /// When its first stimulus came.
    pub start: Seconds,
    /// Low, high, single or other.
    pub kind: TrainKind,
    /// Stimuli per second, or why there is none.
    pub rate: Result<Hertz, NotMeasured>,
    /// Coefficient of variation of the intervals after missing stimuli are accounted for; `None` below three stimuli.
    pub irregularity: Option<Percent>,
    /// Its responses in order of time.
    pub responses: Vec<Response>,
    /// The ordinals (from 1) at which the rhythm expects a stimulus and none was given.
    pub missing: Vec<usize>,
    /// One entry per measure in [`CHANGING_MEASURES`] and convention in [`CONVENTIONS`].
    pub changes: Vec<Change>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// The place of a response in its train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Index into the channel's sweeps and CMAPs.
    pub index: usize,
    /// Its number in the train, from 1, by time; `None` for a stimulus that does not fit the rhythm.
    pub ordinal: Option<usize>,
}

/// What a train is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainKind {
    /// One stimulus.
    Single,
    /// 2–5 Hz: decrement.
    Low,
    /// 20–50 Hz: increment.
    High,
    /// Any other rate, or none known.
    Other,
}

/// The card of a convention: which responses of a train are compared, and in which direction the result is positive.
pub struct Convention {
    /// Short and stable: `decrement_1_4`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Who uses it.
    pub source: Source,
}

/// Every convention, in the order of the columns. Decrement counts positive when the response gets smaller, increment when it gets larger.
pub static CONVENTIONS: &[&Convention] = &[];

/// The measures whose change over a train is reported.
pub static CHANGING_MEASURES: &[&str] = &["amplitude", "area"];

/// The change between two responses, in percent of the first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the convention.
    pub convention: &'static str,
    /// The ordinal of the response that the change is taken from.
    pub from: usize,
    /// The ordinal of the response that it is taken to; `None` when there is no value.
    pub to: Option<usize>,
    /// The change with its interval, or why there is none.
    pub value: Result<ChangeEstimate, NotMeasured>,
}

/// A change with its doubt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChangeEstimate {
    /// In percent, sign by the convention.
    pub value: Percent,
    /// Lower end of the 95 % interval.
    pub low: Percent,
    /// Upper end of the 95 % interval.
    pub high: Percent,
    /// The standard deviation that follows from the noise of both responses.
    pub sd: Percent,
    /// A bound on systematic error, added to both sides.
    pub bound: Percent,
}

/// How stimuli become trains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Settings {}

/// What [`group`] needs of one channel: stimuli, CMAPs (both of the same length and order), and the recording's marks and clock.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The stimuli of the channel's sweeps.
    pub stimuli: &'a [Stimulus],
    /// The measured responses to them.
    pub cmaps: &'a [Cmap],
    /// The marks of the recording.
    pub marks: &'a [Mark],
    /// What the marks mean.
    pub vocabulary: &'a Vocabulary,
    /// Whether times are true.
    pub clock: Clock,
}

/// Groups the responses of one channel into trains, numbers them by time and computes their changes.
pub fn group(_material: Material<'_>, _settings: &Settings) -> Vec<Train> {
    Vec::new()
}
