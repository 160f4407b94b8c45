//! What a reader changed by hand, and who, when and why.

use super::Side;
use crate::units::{Milliseconds, Seconds};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// One correction that a reader stated beside a recording. [`crate::study::analyze`] applies it.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Its place among the corrections of its file, from 1.
    pub number: usize,
    /// The file that states it, for messages.
    pub file: PathBuf,
    /// Who: initials or role of the reader, as the laboratory writes it.
    pub by: String,
    /// When: a date such as `2026-11-20`.
    pub date: String,
    /// Why.
    pub reason: String,
    /// The index of the channel in the recording.
    pub channel: usize,
    /// What of the channel it concerns.
    pub target: Target,
    /// What is changed.
    pub change: Change,
}

impl Correction {
    /// Where it stands in its file.
    pub fn place(&self) -> String {
        format!("corrections, number {}", self.number)
    }
}

/// What a correction concerns, by the numbers that the tables show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The channel.
    Channel,
    /// A train, by its number in the channel, from 1.
    Train(usize),
    /// A response, by the number of its train and its own, from 1.
    Response {
        /// The train.
        train: usize,
        /// The response.
        response: usize,
    },
    /// A response, by the time of its stimulus on the clock of the recording.
    Stimulus(Seconds),
}

/// What a correction changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Landmarks of a response, in ms after its stimulus.
    Place(Vec<(Point, Milliseconds)>),
    /// The response, or the train, is not used.
    Exclude,
    /// What lies under the electrodes of the channel; what is `None` stays.
    Anatomy {
        /// The muscle.
        muscle: Option<String>,
        /// The nerve.
        nerve: Option<String>,
        /// The side of the body.
        side: Option<Side>,
    },
    /// The train was recorded at rest.
    AtRest,
    /// The train was recorded after exercise.
    AfterExercise {
        /// The length of the exercise; `None` where it stays as it is known.
        exercise: Option<Seconds>,
        /// From the end of the exercise to the first stimulus.
        delay: Seconds,
    },
}

/// A point of a response that a reader may place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// The beginning of the negative phase.
    Onset,
    /// Its highest point.
    NegativePeak,
    /// The first return to baseline after it.
    Return,
    /// The lowest point of the positive phase.
    PositivePeak,
    /// The end of the response.
    End,
}

impl Point {
    /// Every point, in order of time.
    pub const ALL: [Self; 5] = [
        Self::Onset,
        Self::NegativePeak,
        Self::Return,
        Self::PositivePeak,
        Self::End,
    ];

    /// The stable name, as the columns of the responses have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Onset => "onset",
            Self::NegativePeak => "negative_peak",
            Self::Return => "return",
            Self::PositivePeak => "positive_peak",
            Self::End => "end",
        }
    }
}
