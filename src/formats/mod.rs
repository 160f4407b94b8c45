//! How a file becomes a recording, and a recording a file.
//!
//! A format is one folder or file that opens with its card, a [`Format`], and has one line in [`FORMATS`]. Content decides, never
//! the name: each format looks at the bytes and says whether they are its own.

mod csv;
mod edf;
mod hdf5;
mod input;
mod known;
mod labchart;
pub mod mapping;
mod matlab;
mod natus;
mod wfdb;
mod windows_text;

pub use input::Input;
pub use mapping::Mapping;

use crate::error::{Error, ErrorCode, Result};
use crate::recording::Recording;
use crate::source::Source;
use std::path::Path;

/// The card of a format.
pub struct Format {
    /// Short and stable: `edf`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// Usual extensions without the dot; the first is used when one must be chosen. Only for writing: reading goes by content.
    pub extensions: &'static [&'static str],
    /// Where the format is specified.
    pub specification: Source,
    /// Whether the bytes are of this format. Cheap, and never an error.
    pub claims: fn(&Input) -> bool,
    /// Makes the recording.
    pub read: fn(&Input, &Mapping) -> Result<Recording>,
    /// Writes a recording without loss, or says what would be lost; `None` for a format that is only read.
    pub write: Option<fn(&Recording, &Path) -> Result<()>>,
}

/// Every format. The order matters: one that refines another stands before it, and the least specific comes last.
pub static FORMATS: &[&Format] = &[
    &matlab::MATLAB,
    &hdf5::HDF5,
    &edf::EDF,
    &edf::BDF,
    &wfdb::WFDB,
    &natus::NATUS,
    &labchart::LABCHART,
    &csv::CSV,
];

/// Opens any file that a format claims. `mapping` says what the file does not; a sidecar beside the file (`FILE.map.toml`) goes before it.
pub fn open(path: &Path, mapping: &Mapping) -> Result<Recording> {
    let input = Input::open(path)?;
    let mapping = mapping::beside(path)?.unwrap_or_else(|| mapping.clone());
    let format = FORMATS
        .iter()
        .find(|format| (format.claims)(&input))
        .ok_or_else(|| {
            if let Some(refusal) = known::refusal(&input) {
                return refusal.in_file(path);
            }
            let known: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
            Error::new(
                ErrorCode::UnknownFormat,
                format!(
                    "no known format claims this file ({} bytes)",
                    input.bytes().len()
                ),
            )
            .advice(
                wfdb::advice_for_signal_file(&input)
                    .unwrap_or_else(|| format!("endplate reads {}", known.join(", "))),
            )
            .in_file(path)
        })?;
    let mut recording = (format.read)(&input, &mapping).map_err(|error| error.in_file(path))?;
    recording.origin.path = path.to_path_buf();
    recording.origin.format = format.id.to_owned();
    recording.origin.bytes = input.bytes().len() as u64;
    recording.origin.sha256 = input.sha256();
    recording
        .marks
        .sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(recording)
}

/// Writes a recording in the format of that id, beside `path` first and then under its name, so that no half file is ever seen.
pub fn write(recording: &Recording, path: &Path, id: &str) -> Result<()> {
    let format = FORMATS.iter().find(|format| format.id == id);
    let write = format.and_then(|format| format.write).ok_or_else(|| {
        let known: Vec<_> = FORMATS
            .iter()
            .filter(|format| format.write.is_some())
            .map(|format| format.id)
            .collect();
        Error::new(
            ErrorCode::Usage,
            format!("no format \"{id}\" can be written"),
        )
        .advice(format!("one of {}", known.join(", ")))
    })?;
    if let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(Error::new(
            ErrorCode::Output,
            format!("the folder {} does not exist", folder.display()),
        )
        .in_file(path)
        .advice("make it first, or name another one"));
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    let partial = Path::new(&partial);
    let written = write(recording, partial)
        .and_then(|()| std::fs::rename(partial, path).map_err(|cause| Error::io(path, cause)));
    if written.is_err() {
        // The part file may not exist; the error that matters is the one of the writer.
        let _ = std::fs::remove_file(partial);
    }
    written.map_err(|error| error.in_file(path))
}
