//! What stands beside a recording: what the file does not say about itself, about the protocol, about the person.
//!
//! [`open`] is the door through which every command takes a recording.

mod bids;
mod corrections;
mod find;
mod protocol;
pub mod template;

pub use bids::{BIDS_FOLDERS_ABOVE, BIDS_ROOT};
pub use find::{ENDING, files};

use crate::error::{Error, ErrorCode, Result};
use crate::finding::FindingCode;
use crate::formats::{Mapping, Unhashed};
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
    open_while(path, reading, |_| Ok(())).map(|(recording, ())| recording)
}

/// The same, and does some work on it while another thread, if one is free, hashes the file. During the work the hash may be missing.
///
/// # Errors
/// Those of reading and of the work, and if the file changed meanwhile.
pub fn open_while<T: Send>(
    path: &Path,
    reading: &Reading,
    work: impl FnOnce(&Recording) -> Result<T> + Send,
) -> Result<(Recording, T)> {
    let (mut recording, unhashed) = opened(path, reading)?;
    let Some(unhashed) = unhashed else {
        let done = work(&recording)?;
        return Ok((recording, done));
    };
    let (done, hash) = rayon::join(|| work(&recording), || unhashed.sha256());
    let done = done?;
    recording.origin.sha256 = hash?;
    unhashed.check_unchanged()?;
    Ok((recording, done))
}

fn opened(path: &Path, reading: &Reading) -> Result<(Recording, Option<Unhashed>)> {
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
    let (mut recording, unhashed) = bids::open(path, &mapping)?;
    protocol::apply(&mut recording, &mapping).map_err(blame)?;
    if let Some(file) = own_corrections(&statements, path, reading)? {
        corrections::put(&mut recording, &mapping.corrections, file).map_err(blame)?;
    }
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
    Ok((recording, unhashed))
}

/// The file beside the recording that states corrections. They name trains and responses, so one for several recordings would correct what
/// nobody looked at.
fn own_corrections<'a>(
    statements: &'a [find::Statement],
    recording: &Path,
    reading: &Reading,
) -> Result<Option<&'a Path>> {
    let refused = || {
        Error::new(
            ErrorCode::BadMapping,
            "corrections for several recordings at once",
        )
        .at("corrections")
        .advice(format!(
            "write them into the file beside the recording that they concern: {}{ENDING}",
            recording.file_name().unwrap_or_default().to_string_lossy()
        ))
    };
    if !reading.mapping.corrections.is_empty() {
        return Err(refused());
    }
    let mut own = None;
    for statement in statements {
        if statement.states(Some("corrections")) {
            if !statement.is_beside(recording) {
                return Err(refused().in_file(&statement.path));
            }
            own = Some(statement.path.as_path());
        }
    }
    Ok(own)
}
