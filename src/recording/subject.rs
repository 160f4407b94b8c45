//! What is known about the person, without saying who it is.

use crate::units::Celsius;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The subject of a study. There is no field for a name, a birth date or a record number, so none can be written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Subject {
    /// A code chosen by the laboratory, which does not name the person.
    pub code: Option<String>,
    /// Age in years at the recording.
    pub age_years: Option<f64>,
    /// `female`, `male` or as the file has it.
    pub sex: Option<String>,
    /// Skin temperature over the muscle.
    pub skin_temperature: Option<Celsius>,
}
