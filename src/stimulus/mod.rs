//! When the nerve was stimulated: from marks, else from a trigger channel, else from the stimulus artefact.

use crate::finding::Finding;
use crate::recording::Recording;
use crate::units::{Milliamperes, Milliseconds, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One stimulus.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Stimulus {
    /// When the pulse began, on the recording's clock.
    pub time: Seconds,
    /// How far the true time may lie from `time` on either side.
    pub uncertainty: Seconds,
    /// From what it was found.
    pub origin: StimulusOrigin,
    /// The index of the only channel that it concerns; `None` for all.
    pub channel: Option<usize>,
    /// Strength, where known.
    pub current: Option<Milliamperes>,
    /// Pulse width, where known.
    pub width: Option<Milliseconds>,
}

/// From what a stimulus was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StimulusOrigin {
    /// A mark of the file.
    Mark,
    /// An edge in a trigger channel.
    Trigger,
    /// The artefact in the responses.
    Artefact,
}

/// All stimuli of a recording in order of time, and what was noticed while finding them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stimuli {
    /// In order of time.
    pub stimuli: Vec<Stimulus>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// How stimuli are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Settings {}

/// Finds the stimuli of a recording. `vocabulary` says which marks are stimuli.
pub fn find(
    _recording: &Recording,
    _vocabulary: &crate::recording::Vocabulary,
    _settings: &Settings,
) -> Stimuli {
    Stimuli::default()
}
