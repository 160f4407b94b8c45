//! What a person states about the protocol: who was examined, which sweep belongs to which train, what was done between the trains.
//!
//! Part of a [`Mapping`](super::Mapping); [`crate::sidecar`] puts it on a recording. Documented with examples in `docs/formats/sidecar.md`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
