//! What stands beside a recording: what the file does not say about itself, about the protocol, about the person.
//!
//! [`open`] is the door through which every command takes a recording.

mod bids;
mod find;
mod protocol;
pub mod template;

pub use find::{ENDING, files};

use crate::error::{Error, Result};
use crate::finding::FindingCode;
use crate::formats::Mapping;
use crate::recording::Recording;
use std::path::Path;

/// How recordings are opened.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What the files do not say about themselves; what stands beside a file goes before it, field by field.
    pub mapping: Mapping,
    /// Whether the outputs may say who the person is.
    pub identified: bool,
}

/// What is stated about a recording, in the files beside it first, then in `general`.
pub fn mapping(path: &Path, general: &Mapping) -> Result<Mapping> {
    find::together(&find::read(find::files(path)?)?, general)
}

/// Opens a recording with what stands beside it.
pub fn open(path: &Path, reading: &Reading) -> Result<Recording> {
    let statements = find::read(find::files(path)?)?;
    let mapping = find::together(&statements, &reading.mapping)?;
    let blame = |error: Error| {
        let field = error.place().and_then(|place| place.split(',').next());
        match statements.iter().find(|statement| statement.states(field)) {
            Some(statement) => error.in_file(&statement.path),
            None => error.in_file(path),
        }
    };
    protocol::values::check(&mapping).map_err(blame)?;
    let mut recording = bids::open(path, &mapping)?;
    protocol::apply(&mut recording, &mapping).map_err(blame)?;
    recording
        .origin
        .beside
        .extend(statements.iter().map(|statement| statement.beside(path)));
    if reading.identified {
        recording
            .findings
            .retain(|finding| finding.code != FindingCode::SubjectWithheld);
    } else {
        recording.subject.identity = None;
    }
    Ok(recording)
}
