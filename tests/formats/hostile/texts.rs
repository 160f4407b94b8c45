//! Texts of impossible shape: a million columns, one line without an end, nothing but separators.

use endplate::error::{Error, ErrorCode};
use endplate::formats::{self, Mapping};
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of a line that does not end.
const LONG: usize = 20 << 20;
/// More would be felt; debug builds on a busy machine are slow.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

fn refused(name: &str, bytes: &[u8]) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let begun = Instant::now();
    let error = formats::open(&path, &Mapping::default()).unwrap_err();
    assert!(begun.elapsed() < LONGEST_WAIT, "{name}: {error}");
    assert_eq!(error.path(), Some(path.as_path()));
    // A message is read by a person, however long the line is that it is about.
    let message = error.to_string();
    assert!(
        message.len() < 10_000,
        "{} characters",
        message.chars().count()
    );
    error
}

#[test]
fn a_million_columns_are_refused_by_their_line() {
    let row = "1,".repeat(1_000_000);
    for (name, text) in [
        ("row.csv", format!("{row}\n")),
        (
            "header.csv",
            format!("time_s,{}\n0,1\n", "ADM (mV),".repeat(1_000_000)),
        ),
        ("later.csv", format!("time_s,ADM (mV)\n0,1\n{row}\n")),
    ] {
        let error = refused(name, text.as_bytes());
        // A header of which the beginning shows no end is no header.
        if error.code() != ErrorCode::UnknownFormat {
            assert!(
                error.place().is_some_and(|place| place.contains("line")),
                "{error}"
            );
            assert!(
                [ErrorCode::TooLarge, ErrorCode::Truncated].contains(&error.code()),
                "{error}"
            );
        }
    }
}

#[test]
fn a_line_without_an_end_is_refused() {
    for (name, text) in [
        ("digits.csv", "7".repeat(LONG)),
        ("numbers.csv", "0.125,".repeat(LONG / 6)),
        ("rows.csv", "1,2;".repeat(LONG / 4)),
        ("quote.csv", format!("time_s,\"{}", "x".repeat(LONG))),
        ("quotes.csv", "\"".repeat(LONG)),
        ("separators.csv", ",".repeat(LONG)),
        ("returns.csv", "1,2\r".repeat(1000) + &"\r".repeat(LONG)),
        ("zeros.csv", "\0".repeat(LONG)),
        ("comments.csv", "# x\n".repeat(LONG / 4)),
        ("spaces.txt", " ".repeat(LONG)),
    ] {
        refused(name, text.as_bytes());
    }
}

#[test]
fn a_fixture_whose_line_goes_on_for_ever_is_refused_or_read_and_takes_no_time() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "texts/labchart-blocks.txt",
        "texts/synergy-ansi.txt",
        "texts/viking-comma-comma.txt",
        "texts/preamble.csv",
        "wfdb/format16.hea",
        "wfdb/variable.hea",
        "bids/beside/rns.csv",
    ] {
        let whole = std::fs::read(root.join(name)).unwrap();
        for (line, end) in whole
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(end, _)| end)
            .take(4)
            .enumerate()
        {
            let path = folder
                .path()
                .join(format!("{line}-{}", name.replace('/', "-")));
            let mut bytes = whole[..end].to_vec();
            bytes.resize(end + (2 << 20), b'7');
            std::fs::write(&path, &bytes).unwrap();
            let begun = Instant::now();
            if let Err(error) = formats::open(&path, &Mapping::default()) {
                assert!(error.to_string().len() < 10_000, "{name} line {line}");
                assert_ne!(error.code(), ErrorCode::Internal, "{name}: {error}");
            }
            assert!(begun.elapsed() < LONGEST_WAIT, "{name} line {line}");
        }
    }
}

#[test]
fn a_file_that_is_no_recording_is_an_error_that_says_what_can_be_read() {
    for (name, bytes) in [
        ("empty.edf", &b""[..]),
        ("picture.edf", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("notes.csv", b"# Notes\nsome words\n"),
        // NumPy's npz is a zip; what it may unfold into is never asked.
        ("arrays.npz", b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x21\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x05\x00\x00\x00a.npy"),
    ] {
        let error = refused(name, bytes);
        assert!(error.to_string().contains(name), "{error}");
    }
}
