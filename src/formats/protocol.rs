//! What a person states about the protocol: who was examined, which sweep belongs to which train, what was done between the trains; and what a
//! reader corrects.
//!
//! Part of a [`Mapping`](super::Mapping); [`crate::sidecar`] puts it on a recording. Documented with examples in `docs/formats/sidecar.md`.

use crate::recording::Side;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What is known about the subject. It goes before the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SubjectMapping {
    /// A code chosen by the laboratory, which does not name the person.
    pub code: Option<String>,
    /// Age in years at the recording.
    pub age_years: Option<f64>,
    /// `female`, `male` or what the laboratory writes.
    pub sex: Option<String>,
    /// Skin temperature over the muscle in °C.
    pub skin_temperature_c: Option<f64>,
}

/// One train.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrainMapping {
    /// What it is called: `3 Hz at rest`. Default: its number.
    pub label: Option<String>,
    /// The label of the only channel that it concerns; default: all.
    pub channel: Option<String>,
    /// Files of sweeps: the sweeps of the train in their order, counted from 1: `1-10` or `1-4, 6`.
    pub sweeps: Option<String>,
    /// Files of sweeps without times: the rate of stimulation in Hz.
    pub rate_hz: Option<f64>,
    /// Files of sweeps without times: only so many ms of each sweep are taken, from its first sample. Needed where sweeps are longer
    /// than the interval between stimuli.
    pub sweep_ms: Option<f64>,
    /// When the train began, in s on the clock of the recording: shortly before its first stimulus.
    pub start_s: Option<f64>,
    /// It was recorded at rest.
    pub at_rest: bool,
    /// It followed an exercise of this length in s. A train that says only `after_exercise_s` followed the exercise of the train before.
    pub exercise_s: Option<f64>,
    /// How long after the end of the exercise it began, in s.
    pub after_exercise_s: Option<f64>,
}

/// One exercise at a known time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExerciseMapping {
    /// When it began, in s on the clock of the recording.
    pub start_s: f64,
    /// How long it lasted, in s.
    pub length_s: f64,
    /// The label of the only channel that it concerns; default: all.
    pub channel: Option<String>,
}

/// One correction by a reader. It concerns one recording, so it stands in the file beside that recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionMapping {
    /// Who: initials or role of the reader. It stands in every output.
    pub by: Option<String>,
    /// When: `2026-11-20`.
    #[serde(deserialize_with = "date")]
    pub date: Option<String>,
    /// Why. It stands in every output.
    pub reason: Option<String>,
    /// The label of the channel, or its number in the tables; needed where several channels hold responses.
    pub channel: Option<ChannelName>,
    /// The number of the train in the channel, from 1, as the tables show it.
    pub train: Option<usize>,
    /// The number of the response in its train, from 1, as `responses.csv` shows it.
    pub response: Option<usize>,
    /// In place of `train` and `response`: when the stimulus of the response began, as `responses.csv` shows it.
    pub stimulus_s: Option<f64>,
    /// The onset, in ms after the stimulus.
    pub onset_ms: Option<f64>,
    /// The negative peak, in ms after the stimulus.
    pub negative_peak_ms: Option<f64>,
    /// The return to baseline, in ms after the stimulus: the end of the negative phase.
    pub return_ms: Option<f64>,
    /// The positive peak, in ms after the stimulus.
    pub positive_peak_ms: Option<f64>,
    /// The end of the response, in ms after the stimulus.
    pub end_ms: Option<f64>,
    /// `true`: the response, or without `response` the whole train, is not used.
    pub exclude: Option<bool>,
    /// The muscle of the channel.
    pub muscle: Option<String>,
    /// The nerve of the channel.
    pub nerve: Option<String>,
    /// The side of the channel.
    pub side: Option<Side>,
    /// `true`: the train was recorded at rest.
    pub at_rest: Option<bool>,
    /// The train followed an exercise of this length in s; with `after_exercise_s`.
    pub exercise_s: Option<f64>,
    /// The train began so long after the end of the exercise, in s.
    pub after_exercise_s: Option<f64>,
}

/// A channel by its label or its number in the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "channel is a label in quotes, or the number of the channel in the tables"
)]
pub enum ChannelName {
    /// Its number among the channels with responses, from 1.
    Number(usize),
    /// Its label.
    Label(String),
}

/// A date as TOML writes it, or as a text.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(date) => Ok(Some(date.to_string())),
        toml::Value::String(text) => Ok(Some(text)),
        _ => Err(D::Error::custom("date is no date: write 2026-11-20")),
    }
}
