//! The text exports of EMG machines: values against numbers that were written by hand from the layout, refusals, hostile bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod labchart;
mod natus;
mod others;

use endplate::error::{Error, ErrorCode};
use endplate::finding::FindingCode;
use endplate::formats::{self, FORMATS, Format, Input, Mapping};
use endplate::recording::{Channel, Clock, Recording, Role, Side};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn card(id: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.id == id).unwrap()
}

fn input(bytes: impl AsRef<[u8]>) -> Input {
    Input::from_bytes(Path::new("test.txt"), bytes.as_ref().to_vec())
}

fn read_as(id: &str, text: impl AsRef<[u8]>, mapping: &str) -> Result<Recording, Error> {
    (card(id).read)(&input(text), &Mapping::from_toml(mapping).unwrap())
}

/// The formats that claim the bytes.
fn claimants(text: impl AsRef<[u8]>) -> Vec<&'static str> {
    let input = input(text);
    FORMATS
        .iter()
        .filter(|format| (format.claims)(&input))
        .map(|format| format.id)
        .collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/texts")
        .join(name)
}

fn open(name: &str) -> Recording {
    formats::open(&fixture(name), &Mapping::default()).unwrap()
}

/// Physical values by segment, in mV for a voltage.
fn values(channel: &Channel) -> Vec<Vec<f64>> {
    channel
        .segments
        .iter()
        .map(|segment| channel.physical(segment, 0..usize::MAX).unwrap())
        .collect()
}

fn starts(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .map(|segment| segment.start.0)
        .collect()
}

fn marks(recording: &Recording) -> Vec<(f64, &str, Option<usize>)> {
    recording
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.as_str(), mark.channel))
        .collect()
}

fn codes(recording: &Recording) -> Vec<FindingCode> {
    recording
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

#[test]
fn every_fixture_has_the_values_that_were_written_by_hand() {
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/texts.json");
    let oracle: Value = serde_json::from_str(&std::fs::read_to_string(oracle).unwrap()).unwrap();
    let files = oracle.as_object().unwrap();
    assert!(files.len() >= 6);
    for (name, expected) in files {
        let recording = open(name);
        assert_eq!(recording.origin.format, expected["format"], "{name}");
        assert_eq!(
            recording.origin.started.as_deref(),
            expected["started"].as_str(),
            "{name}"
        );
        let channels = expected["channels"].as_array().unwrap();
        assert_eq!(recording.channels.len(), channels.len(), "{name}");
        for (channel, expected) in recording.channels.iter().zip(channels) {
            assert_eq!(channel.label, expected["label"], "{name}");
            assert_eq!(channel.rate.0, expected["rate_hz"].as_f64().unwrap());
            assert_eq!(channel.calibration.unit, expected["unit"]);
            let scale = expected["millivolts_per_unit"].as_f64();
            assert_eq!(channel.calibration.millivolts_per_unit, scale, "{name}");
            let expected_values = expected["values"].as_array().unwrap();
            let found = values(channel);
            assert_eq!(found.len(), expected_values.len(), "{name}");
            for (found, expected) in found.iter().zip(expected_values) {
                let expected: Vec<f64> = numbers(expected)
                    .iter()
                    .map(|value| value * scale.unwrap_or(1.0))
                    .collect();
                assert_eq!(found, &expected, "{name}");
            }
            if expected["starts_s"].is_array() {
                let half_a_sample = 0.5 / channel.rate.0;
                for (found, expected) in starts(channel).iter().zip(numbers(&expected["starts_s"]))
                {
                    assert!((found - expected).abs() < half_a_sample / 100.0, "{name}");
                }
            }
        }
        if let Some(expected) = expected["marks"].as_array() {
            let found = marks(&recording);
            assert_eq!(found.len(), expected.len(), "{name}: {found:?}");
            for ((time, text, channel), expected) in found.into_iter().zip(expected) {
                assert!(
                    (time - expected[0].as_f64().unwrap()).abs() < 1e-6,
                    "{name}"
                );
                assert_eq!(text, expected[1], "{name}");
                assert_eq!(channel.map(|index| index as u64), expected[2].as_u64());
            }
        }
    }
}

#[test]
fn every_text_is_claimed_first_by_the_format_that_wrote_it() {
    for name in [
        "viking-utf16.txt",
        "viking-comma-comma.txt",
        "synergy-ansi.txt",
    ] {
        assert_eq!(claimants(std::fs::read(fixture(name)).unwrap())[0], "natus");
    }
    for name in ["labchart-blocks.txt", "labchart-decimal-comma.txt"] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        assert_eq!(claimants(bytes)[0], "labchart");
    }
    assert_eq!(claimants("time [s],a [mV]\n0,1\n1,2\n"), ["csv"]);
}

#[test]
fn a_renamed_file_reads_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["viking-utf16.txt", "labchart-blocks.txt", "preamble.csv"] {
        let renamed = folder.path().join("renamed.edf");
        std::fs::copy(fixture(name), &renamed).unwrap();
        let mut other = formats::open(&renamed, &Mapping::default()).unwrap();
        let one = open(name);
        other.origin.path.clone_from(&one.origin.path);
        assert_eq!(one, other, "{name}");
    }
}
