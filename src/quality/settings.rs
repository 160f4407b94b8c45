//! From which limits on a train is doubted or refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From which limits on a train is doubted or refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Below this skin temperature (°C) the limb is too cold: KNF-NO (legeforeningen.no) asks for 32 °C.
    pub temperature_lowest_c: f64,
    /// Below this skin temperature (°C) a note says that the limb is cool. Heuristic: warming to 34 °C is widely advised.
    pub temperature_preferred_c: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temperature_lowest_c: 32.0,
            temperature_preferred_c: 34.0,
        }
    }
}
