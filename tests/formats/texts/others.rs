//! Lines above a table, and files that are known but not read.

use super::*;

fn refused(text: &str) -> Error {
    read_as("csv", text, "").unwrap_err()
}

#[test]
fn lines_above_a_table_are_understood_kept_or_withheld() {
    let recording = open("preamble.csv");
    assert_eq!(recording.channels[0].side, Some(Side::Left));
    assert_eq!(recording.channels[0].muscle.as_deref(), Some("ADM"));
    assert!(codes(&recording).contains(&FindingCode::SubjectWithheld));
    assert!(!format!("{recording:?}").contains("Nobody"));
}

#[test]
fn a_line_above_a_table_that_can_be_read_in_two_ways_is_refused() {
    for (line, code, part) in [
        (
            "Sampling rate: 20000",
            ErrorCode::UnknownRate,
            "states no unit",
        ),
        (
            "Sampling rate: 20,000 Hz",
            ErrorCode::UnknownRate,
            "no plain number",
        ),
        (
            "Sampling rate: 0 Hz",
            ErrorCode::UnknownRate,
            "no plain number",
        ),
        (
            "Sampling rate: 20 bananas",
            ErrorCode::BadHeader,
            "no known unit",
        ),
        (
            "Sampling rate: 20 kHz\nFs: 20 kHz",
            ErrorCode::BadHeader,
            "stated twice",
        ),
        ("Unit: mmHg", ErrorCode::UnknownUnit, "no known unit"),
        ("Side: both", ErrorCode::BadHeader, "neither left nor right"),
        ("Muscle:", ErrorCode::BadHeader, "is empty"),
    ] {
        let error = refused(&format!("{line}\nADM,APB\n1,2\n3,4\n"));
        assert_eq!(error.code(), code, "{line}: {error}");
        assert!(error.to_string().contains(part), "{line}: {error}");
    }
    for line in ["Sampling rate (kHz): 20", "rate_hz = 20000", "Fs,20 kHz,"] {
        let text = format!("{line}\nUnit: mV\nADM,APB\n1,2\n3,4\n");
        assert_eq!(claimants(&text), ["csv"], "{line}");
        let recording = read_as("csv", text, "").unwrap();
        assert_eq!(recording.channels[0].rate.0, 20000.0, "{line}");
    }
}

#[test]
fn an_error_below_such_lines_names_its_line_in_the_file() {
    let error = refused("Sampling rate: 20 kHz\nUnit: mV\n\nADM,APB\n1,2\n3,x\n");
    assert!(error.place().unwrap().contains("line 6"), "{error}");
}

#[test]
fn a_file_that_is_known_but_not_read_says_what_it_is_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, words) in [
        ("a.smr", &b"\x06\0(C) CED 87\0\0"[..], ["Spike2", "Export"]),
        ("b.smrx", b"\0\x01\x02", ["Spike2", "Export"]),
        ("c.acq", b"\0\0\x2d\0\0\0", ["BIOPAC", "MATLAB"]),
        ("d.cfs", b"CEDFILE\"\0\0", ["Signal", "Export"]),
        ("e.e", b"\0\x01\x02", ["Nicolet", "EDF+"]),
        ("f.adicht", b"\0\x01\x02", ["LabChart", "Text File"]),
        ("h.eeg", b"\0\x01\x02", ["BrainVision", "EDF"]),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = formats::open(&path, &Mapping::default())
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unsupported, "{name}");
        for part in words.into_iter().chain([name]) {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
