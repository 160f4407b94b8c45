//! What stands beside a recording: what the file does not say about itself, about the protocol, about the person.
//!
//! [`open`] is the door through which every command takes a recording.

use crate::error::Result;
use crate::formats::{self, Mapping, mapping};
use crate::recording::Recording;
use std::path::Path;

/// How recordings are opened.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What the files do not say about themselves; what stands beside a file goes before it.
    pub mapping: Mapping,
    /// Whether the outputs may say who the person is.
    pub identified: bool,
}

/// Opens a recording with what stands beside it.
pub fn open(path: &Path, reading: &Reading) -> Result<Recording> {
    let mapping = mapping::beside(path)?.unwrap_or_else(|| reading.mapping.clone());
    let mut recording = formats::open(path, &mapping)?;
    if !reading.identified {
        recording.subject.identity = None;
    }
    Ok(recording)
}
