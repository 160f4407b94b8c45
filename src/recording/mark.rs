//! Marks: texts at times, and what they mean.
//!
//! A file keeps its marks as it wrote them ([`Mark`]); what a text means ([`Meaning`]) is decided by a [`Vocabulary`], whose accepted
//! spellings are documented in `docs/reference/marks.md` and extended by the laboratory's settings.

use crate::units::{Celsius, Milliamperes, Milliseconds, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// When, on the recording's clock.
    pub time: Seconds,
    /// How long, where the file says so.
    pub duration: Option<Seconds>,
    /// The text as the file has it.
    pub text: String,
    /// The index of the only channel that the mark concerns; `None` for all.
    pub channel: Option<usize>,
}

/// What a mark means.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "meaning", rename_all = "snake_case")]
pub enum Meaning {
    /// The nerve was stimulated.
    Stimulus {
        /// Strength, where the text says so.
        current: Option<Milliamperes>,
        /// Pulse width, where the text says so.
        width: Option<Milliseconds>,
    },
    /// The muscle was exercised; the mark's time is the start.
    Exercise {
        /// How long, from the text; the mark's own duration goes first.
        length: Option<Seconds>,
    },
    /// An exercise ended here.
    ExerciseEnd,
    /// What follows was recorded at rest.
    Rest,
    /// What follows was recorded this long after the end of the exercise.
    After {
        /// Time after the end of the exercise.
        delay: Seconds,
    },
    /// A train begins; the text is its label.
    Train,
    /// The skin temperature.
    Temperature {
        /// The reading.
        skin: Celsius,
    },
    /// A response as the recording machine measured it; kept, never used.
    DeviceResponse,
    /// Anything else: kept and listed.
    Note,
}

/// Additional spellings of a laboratory, by meaning. Each is compared without regard to case and outer spaces; one that ends in `*`
/// stands for all texts that begin so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Vocabulary {
    /// Texts that mean a stimulus.
    pub stimulus: Vec<String>,
    /// Texts that mean an exercise.
    pub exercise: Vec<String>,
    /// Texts that mean the end of an exercise.
    pub exercise_end: Vec<String>,
    /// Texts that mean rest.
    pub rest: Vec<String>,
    /// Texts that begin a train.
    pub train: Vec<String>,
}
