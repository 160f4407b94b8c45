//! The exponential tail of the artefact: one time constant for a train, one signed size for each response.

use super::artefact::Extent;
use super::baseline::Window;
use super::region::{Place, Region};
use super::{ArtefactLeft, Baseline, Noise, Settings};
use crate::finding::Finding;

/// What the fit rests on: one level per place.
#[derive(Clone, Copy)]
pub(super) struct Material<'a> {
    pub regions: &'a [Region],
    pub places: &'a [Place],
    pub levels: &'a [(Window, Baseline)],
    pub rate: f64,
    pub noise: Option<&'a Noise>,
    pub extent: Extent,
}

/// The tail of one response.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// mV at the end of the artefact; 0 when there is none to be subtracted.
    pub size: f64,
    /// ms
    pub tau: f64,
    pub left: ArtefactLeft,
    pub finding: Option<Finding>,
}

impl Tail {
    /// Subtracts the tail from the values of a sweep that begins `first` ms after the stimulus.
    pub fn subtract(&self, values: &mut [f64], first: f64, rate: f64, artefact_end: f64) {
        if self.size == 0.0 {
            return;
        }
        for (i, value) in values.iter_mut().enumerate() {
            let after = first + i as f64 * 1000.0 / rate - artefact_end;
            if after >= 0.0 {
                *value -= self.size * (-after / self.tau).exp();
            }
        }
    }
}

/// The tail of each response.
pub(super) fn fit(material: Material<'_>, _settings: &Settings) -> Vec<Tail> {
    vec![Tail::default(); material.places.len()]
}
