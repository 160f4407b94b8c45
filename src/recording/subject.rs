//! What is known about the person; who it is stands apart.

use crate::units::Celsius;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The subject of a study. Who the person is stands only in [`Identity`], which no output holds unless it was asked for.
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
    /// Who it is, as the file says. Readers fill it; [`crate::sidecar::open`] takes it away unless it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// What tells who a person is. Every text is as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// The name.
    pub name: Option<String>,
    /// The date of birth: `1951-05-02` where the file has a date that can be read.
    pub birth_date: Option<String>,
    /// The number under which the hospital knows the person.
    pub record_number: Option<String>,
}

impl Identity {
    /// `None` if nothing is known.
    pub fn known(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}
