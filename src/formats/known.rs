//! Files that are known but not read: what they are and how to get something out of them that can be.

use super::Input;
use super::text;
use crate::error::{Error, ErrorCode};

/// A kind of file.
struct Known {
    /// As a reader knows it.
    name: &'static str,
    /// Bytes that stand at a place of every such file; none: the extension tells, if the bytes are no text.
    magic: &'static [(usize, &'static [u8])],
    /// In lower case without the dot. Only looked at where `magic` is empty.
    extensions: &'static [&'static str],
    /// What to do.
    advice: &'static str,
}

const TO_MATLAB_OR_TEXT: &str =
    "in Spike2: File, Export As, MATLAB data or text with the time of each sample";
const FROM_LABCHART: &str = "in LabChart: File, Export, \"LabChart Text File\" with block headers, times and comments, or MATLAB";
const AS_EDF: &str = "export the recording as EDF+ or as text from the program of the machine";
const FROM_SPREADSHEET: &str = "in the spreadsheet: File, Save As, CSV (UTF-8)";
const AS_EDF_WITH_MNE: &str = "convert it to EDF or CSV, with MNE-Python (mne.export.export_raw) or the program that wrote it";

/// The list: those with magic bytes first.
static KNOWN: &[Known] = &[
    known(
        "Spike2 recording (CED)",
        &[(2, b"(C) CED 87")],
        &[],
        TO_MATLAB_OR_TEXT,
    ),
    known(
        "CED Signal recording",
        &[(0, b"CEDFILE")],
        &[],
        "in Signal: File, Export As, MATLAB data or text",
    ),
    known(
        "LabChart binary export (CFWB)",
        &[(0, b"CFWB")],
        &[],
        FROM_LABCHART,
    ),
    known(
        "header of a BrainVision recording",
        &[(0, b"Brain Vision Data Exchange")],
        &[],
        AS_EDF_WITH_MNE,
    ),
    known(
        "header of a BrainVision recording",
        &[(0, b"BrainVision Data Exchange")],
        &[],
        AS_EDF_WITH_MNE,
    ),
    known("Nihon Kohden recording", &[(0, b"EEG-1100")], &[], AS_EDF),
    known(
        "TMSi Poly5 recording",
        &[(0, b"POLY SAMPLE FILE")],
        &[],
        AS_EDF,
    ),
    known(
        "Intan recording (RHD)",
        &[(0, &[0x02, 0x27, 0x91, 0xC6])],
        &[],
        "convert it with Intan's own reader to CSV or HDF5",
    ),
    known(
        "Excel workbook or other zipped document",
        &[(0, b"PK\x03\x04")],
        &[],
        FROM_SPREADSHEET,
    ),
    known(
        "Excel 97 workbook or other compound document",
        &[(0, &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1])],
        &[],
        FROM_SPREADSHEET,
    ),
    known(
        "PDF document",
        &[(0, b"%PDF-")],
        &[],
        "a report holds drawings of the curves, not the samples: export those from the machine",
    ),
    known(
        "Spike2 recording (CED)",
        &[],
        &["smr", "smrx"],
        TO_MATLAB_OR_TEXT,
    ),
    known(
        "CED Signal recording",
        &[],
        &["cfs"],
        "in Signal: File, Export As, MATLAB data or text",
    ),
    known(
        "BIOPAC AcqKnowledge recording",
        &[],
        &["acq"],
        "in AcqKnowledge: File, Save As, MATLAB or text with horizontal scale values; or convert it with bioread (acq2mat, acq2hdf5)",
    ),
    known(
        "Nicolet recording (Natus)",
        &[],
        &["e"],
        "in the Nicolet or Natus program: export as EDF+ or as text",
    ),
    known(
        "LabChart recording",
        &[],
        &["adicht", "adidat", "adibin"],
        FROM_LABCHART,
    ),
    known(
        "samples of BrainVision, EEGLAB or Nihon Kohden, whose header is another file",
        &[],
        &["eeg"],
        AS_EDF_WITH_MNE,
    ),
    known(
        "Delsys recording",
        &[],
        &["hpf"],
        "in EMGworks or the Delsys File Utility: export as CSV",
    ),
    known(
        "Igor binary wave or experiment",
        &[],
        &["ibw", "pxp"],
        "in Igor: Data, Save Waves, Delimited Text",
    ),
];

const fn known(
    name: &'static str,
    magic: &'static [(usize, &'static [u8])],
    extensions: &'static [&'static str],
    advice: &'static str,
) -> Known {
    Known {
        name,
        magic,
        extensions,
        advice,
    }
}

/// Why a file that no format claims is not read, if it is known.
pub(super) fn refusal(input: &Input) -> Option<Error> {
    let bytes = input.head();
    let has = |&(place, magic): &(usize, &[u8])| {
        bytes
            .get(place..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let extension = input
        .path()
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let is_text = is_text(bytes);
    let known = KNOWN.iter().find(|known| {
        if known.magic.is_empty() {
            !is_text && known.extensions.contains(&extension.as_str())
        } else {
            known.magic.iter().all(has)
        }
    })?;
    Some(
        Error::new(
            ErrorCode::Unsupported,
            format!("this is a {}, which endplate does not read", known.name),
        )
        .advice(known.advice),
    )
}

/// Whether the beginning holds no control characters.
fn is_text(bytes: &[u8]) -> bool {
    let probe = bytes
        .get(..bytes.len().min(text::PROBE_BYTES))
        .unwrap_or_default();
    !probe
        .iter()
        .any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn said(name: &str, bytes: &[u8]) -> Option<String> {
        refusal(&Input::from_bytes(Path::new(name), bytes.to_vec())).map(|error| {
            assert_eq!(error.code(), ErrorCode::Unsupported);
            error.to_string()
        })
    }

    #[test]
    fn magic_bytes_tell_whatever_the_name() {
        let said = |bytes| said("renamed.dat", bytes).unwrap();
        assert!(said(b"\x06\0(C) CED 87\0").contains("Spike2"));
        assert!(said(b"CEDFILE\"\0").contains("Signal"));
        assert!(said(b"PK\x03\x04\0").contains("CSV"));
    }

    #[test]
    fn an_extension_tells_only_where_the_bytes_are_no_text() {
        assert!(
            said("a.ACQ", b"\0\0\x2d\0\0\0")
                .unwrap()
                .contains("bioread")
        );
        assert!(said("a.adicht", b"\0\x01").unwrap().contains("LabChart"));
        assert_eq!(said("a.e", b"a letter"), None);
        assert_eq!(said("a.dat", b"\0\x01"), None);
    }

    #[test]
    fn every_known_file_has_a_mark_and_an_advice() {
        for known in KNOWN {
            assert!(
                known.magic.is_empty() != known.extensions.is_empty(),
                "{}",
                known.name
            );
            assert!(!known.advice.is_empty());
        }
    }
}
