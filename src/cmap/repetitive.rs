#![doc = include_str!("../../docs/methods/repetitive.md")]

use super::{Estimate, Landmark};
use crate::units::Percent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A second, smaller response that follows the main one after a single stimulus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Repetitive {
    /// Its peak.
    pub peak: Landmark,
    /// Its height in mV, with its doubt: the smaller of its rise and its fall.
    pub amplitude: Estimate,
    /// The same in percent of the amplitude of the main response.
    pub fraction: Percent,
}

/// How a repetitive response is told from the end of the main one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// It begins no earlier than this after the onset of the main response, in ms. Heuristic: 3.5–4.0 ms in PMID 8761268.
    pub begins_from_ms: f64,
    /// It begins no later than this after the onset of the main response, in ms. Heuristic: before reflexes and F waves.
    pub begins_until_ms: f64,
    /// It is at least so high, in percent of the main response. Heuristic.
    pub fraction_min_pct: f64,
    /// It is at least so high, in mV. Heuristic.
    pub amplitude_min_mv: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            begins_from_ms: 3.0,
            begins_until_ms: 12.0,
            fraction_min_pct: 5.0,
            amplitude_min_mv: 0.1,
        }
    }
}
