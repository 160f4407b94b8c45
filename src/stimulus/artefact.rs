//! Stimuli from the artefact in the responses.

use super::{Settings, Stimulus};
use crate::recording::Recording;

pub(super) fn find(_recording: &Recording, _settings: &Settings) -> Vec<Stimulus> {
    Vec::new()
}
