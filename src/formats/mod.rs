//! How a file becomes a recording, and a recording a file.
//!
//! A format is one folder or file that opens with its card, a [`Format`], and has one line in [`FORMATS`]. Content decides, never
//! the name: each format looks at the bytes and says whether they are its own.

mod abf;
mod csv;
mod dicom;
mod edf;
mod hdf5;
mod input;
mod known;
mod labchart;
mod labels;
mod mapped;
pub mod mapping;
mod matlab;
mod natus;
mod nwb;
mod plausible;
mod prefilter;
mod protocol;
mod search;
mod stated;
mod text;
mod wfdb;
mod windows_text;

pub(crate) use dicom::attributes as dicom_attributes;
pub use input::Input;
pub use mapping::{
    ChannelName, CorrectionMapping, ExerciseMapping, Mapping, SubjectMapping, TrainMapping,
};

use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Content, Recording};
use crate::source::Source;
use crate::whole;
use std::path::Path;

/// Which of the named files in the folder of a file belong to it.
pub type Parts = fn(&Input, &[String]) -> Vec<String>;

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
    /// The ids of the formats that this one is a special case of: where it claims a file, their claims do not count.
    pub refines: &'static [&'static str],
    /// Whether the bytes are of this format. Cheap, and never an error.
    pub claims: fn(&Input) -> bool,
    /// Makes the recording.
    pub read: fn(&Input, &Mapping) -> Result<Recording>,
    /// Writes a recording without loss, or says what would be lost; `None` for a format that is only read.
    pub write: Option<fn(&Recording, &Path) -> Result<()>>,
    /// For a format of several files: which of the named files in the same folder (in order of their names) belong to this one, so that
    /// a run over the folder does not take them for recordings of their own. Cheap, and never an error.
    pub parts: Option<Parts>,
}

/// Every format, in the order in which they are listed. No claim depends on it.
pub static FORMATS: &[&Format] = &[
    &matlab::MATLAB,
    &nwb::NWB,
    &hdf5::HDF5,
    &edf::EDF,
    &edf::BDF,
    &wfdb::WFDB,
    &dicom::DICOM,
    &abf::ABF,
    &natus::NATUS,
    &labchart::LABCHART,
    &csv::CSV,
];

/// Reads any file that a format claims. `mapping` says what the file does not.
///
/// Whoever analyzes a recording opens it with [`crate::sidecar::open`], which also takes what stands beside the file.
pub fn open(path: &Path, mapping: &Mapping) -> Result<Recording> {
    let (mut recording, unhashed) = open_unhashed(path, mapping)?;
    if let Some(unhashed) = unhashed {
        recording.origin.sha256 = unhashed.sha256()?;
        unhashed.check_unchanged()?;
    }
    Ok(recording)
}

/// The bytes of a recording that has no hash yet: making it takes as long as much of the analysis, and can be done meanwhile.
pub(crate) struct Unhashed(Content);

impl Unhashed {
    /// SHA-256 in hexadecimal of all bytes.
    pub fn sha256(&self) -> Result<String> {
        self.0.sha256()
    }

    /// What was read and what was hashed are the same file only if nobody wrote to it meanwhile.
    pub fn check_unchanged(&self) -> Result<()> {
        self.0.check_unchanged()
    }
}

/// The same as [`open`], but the hash may be missing.
pub(crate) fn open_unhashed(
    path: &Path,
    mapping: &Mapping,
) -> Result<(Recording, Option<Unhashed>)> {
    let input = Input::open(path)?;
    let format = format_of(&input, mapping).map_err(|error| error.in_file(path))?;
    let mut recording = (format.read)(&input, mapping)
        .and_then(|recording| plausible::check(&recording).map(|()| recording))
        .map_err(|error| error.in_file(path))?;
    recording.origin.path = path.to_path_buf();
    recording.origin.format = format.id.to_owned();
    recording.origin.bytes = input.length();
    recording
        .marks
        .sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    let content = Unhashed(input.content().clone());
    // Files beside it were hashed as they came, the file itself first.
    let Some(hash) = input.sha256_with_beside() else {
        return Ok((recording, Some(content)));
    };
    recording.origin.sha256 = hash;
    content.check_unchanged()?;
    Ok((recording, None))
}

/// Longer files are not asked for their parts (heuristic: a header of a record with 10,000 segments has 200 kB).
const LONGEST_WITH_PARTS_BYTES: u64 = 1 << 20;

/// Whether the name of a file ends as those of a format do.
fn bears_extension(path: &Path, format: &Format) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    let mut known = format.extensions.iter();
    known.any(|known| known.eq_ignore_ascii_case(extension))
}

/// The format of several files whose extension a file bears.
fn of_several(path: &Path) -> Option<&'static Format> {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.parts.is_some() && bears_extension(path, format))
}

/// Whether other files may belong to this one, as far as its name tells.
pub fn may_have_parts(path: &Path) -> bool {
    of_several(path).is_some()
}

/// Which of the named files in the folder of `path` (in order of their names) belong to it. Only files that bear an extension of a
/// format of several files are looked at, so that a folder of thousands of files costs no time.
pub fn parts(path: &Path, names: &[String]) -> Vec<String> {
    let Some((format, parts)) = of_several(path).and_then(|format| Some((format, format.parts?)))
    else {
        return Vec::new();
    };
    let is_short = std::fs::metadata(path).is_ok_and(|file| file.len() <= LONGEST_WITH_PARTS_BYTES);
    if !is_short {
        return Vec::new();
    }
    match Input::open(path) {
        Ok(input) if (format.claims)(&input) => parts(&input, names),
        _ => Vec::new(),
    }
}

/// Whether a file of this format has a place for who the person is.
pub fn holds_identity(format: &Format) -> bool {
    [edf::EDF.id, edf::BDF.id].contains(&format.id)
}

/// The format that the mapping states, else the only one that claims the bytes.
fn format_of(input: &Input, mapping: &Mapping) -> Result<&'static Format> {
    if let Some(id) = &mapping.format {
        return with_id(id);
    }
    let claiming: Vec<_> = FORMATS
        .iter()
        .copied()
        .filter(|format| (format.claims)(input))
        .collect();
    choose(&claiming)?.ok_or_else(|| unknown(input))
}

/// The one of the claiming formats that counts: a special case goes before what it is a case of.
fn choose(claiming: &[&'static Format]) -> Result<Option<&'static Format>> {
    let refined = |format: &&Format| {
        claiming
            .iter()
            .any(|other| other.refines.contains(&format.id))
    };
    let left: Vec<_> = claiming
        .iter()
        .copied()
        .filter(|format| !refined(format))
        .collect();
    match left.as_slice() {
        [only] => Ok(Some(only)),
        [] => Ok(None),
        several => {
            let ids: Vec<_> = several.iter().map(|format| format.id).collect();
            Err(Error::new(
                ErrorCode::AmbiguousFormat,
                format!("the file may be {}", ids.join(" or ")),
            )
            .advice(format!(
                "state which with --format {} or format = \"{}\" in the mapping",
                ids[0], ids[0]
            )))
        }
    }
}

/// The card with that id.
pub fn with_id(id: &str) -> Result<&'static Format> {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.id.eq_ignore_ascii_case(id))
        .ok_or_else(|| {
            let known: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
            Error::new(ErrorCode::Usage, format!("there is no format \"{id}\""))
                .advice(format!("one of {}", known.join(", ")))
        })
}

fn unknown(input: &Input) -> Error {
    known::refusal(input).unwrap_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        Error::new(
            ErrorCode::UnknownFormat,
            match input.length() {
                0 => "the file is empty".to_owned(),
                bytes => format!("no known format claims this file ({bytes} bytes)"),
            },
        )
        .advice(
            wfdb::advice_for_signal_file(input)
                .unwrap_or_else(|| format!("endplate reads {}", known.join(", "))),
        )
    })
}

/// The format in which a file is to be written: the one of that id, else the one whose extension the file bears. `option` is what the
/// caller calls the id: `--to`.
pub fn writable(id: Option<&str>, path: &Path, option: &str) -> Result<&'static Format> {
    let writers = || {
        FORMATS
            .iter()
            .copied()
            .filter(|format| format.write.is_some())
    };
    let found = writers().find(|format| match id {
        Some(id) => format.id.eq_ignore_ascii_case(id),
        None => bears_extension(path, format),
    });
    found.ok_or_else(|| {
        let known: Vec<_> = writers()
            .map(|format| format!("{} ({})", format.id, format.extensions.join(", ")))
            .collect();
        let what = match id {
            Some(id) => format!("no format \"{id}\" can be written"),
            None => "the extension of the output names no format that can be written".to_owned(),
        };
        Error::new(ErrorCode::Usage, what)
            .in_file(path)
            .advice(format!("use {option} with one of {}", known.join(", ")))
    })
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
    whole::write_with(path, |part| write(recording, part)).map_err(|error| error.in_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_special_case_goes_before_what_it_is_a_case_of_and_two_equal_claims_are_an_error() {
        let id = |claiming: &[&'static Format]| {
            choose(claiming).map(|format| format.map(|format| format.id))
        };
        assert_eq!(id(&[]).unwrap(), None);
        assert_eq!(id(&[&csv::CSV, &natus::NATUS]).unwrap(), Some("natus"));
        assert_eq!(id(&[&hdf5::HDF5, &nwb::NWB]).unwrap(), Some("nwb"));
        let error = id(&[&edf::EDF, &wfdb::WFDB]).unwrap_err();
        assert_eq!(error.code(), ErrorCode::AmbiguousFormat);
        assert!(error.to_string().contains("edf or wfdb"), "{error}");
        assert!(error.to_string().contains("--format edf"), "{error}");
    }

    #[test]
    fn a_file_is_written_in_the_stated_format_else_in_the_one_of_its_extension() {
        let id = |id: Option<&str>, path: &str| {
            writable(id, Path::new(path), "--to").map(|format| format.id)
        };
        assert_eq!(id(Some("EDF"), "a.csv").unwrap(), "edf");
        assert_eq!(id(None, "a.BDF").unwrap(), "bdf");
        // ABF is only read.
        for (stated, path) in [(Some("abf"), "a.csv"), (None, "a.abf"), (None, "a")] {
            let error = id(stated, path).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Usage);
            assert!(
                error.to_string().contains("--to with one of hdf5 (h5"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_stated_format_is_taken_whatever_else_claims_the_file() {
        let input = Input::from_bytes(Path::new("a"), b"a,b\n1,2\n".to_vec());
        let stated = |id: &str| Mapping {
            format: Some(id.to_owned()),
            ..Mapping::default()
        };
        assert_eq!(format_of(&input, &stated("EDF")).unwrap().id, "edf");
        assert_eq!(
            format_of(&input, &stated("xyz"))
                .map(|_| ())
                .unwrap_err()
                .code(),
            ErrorCode::Usage
        );
    }
}
