//! ABF against pyABF's values (fixtures/make/abf.py) and against the layout.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

use endplate::Result;
use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{self, Mapping};
use endplate::recording::{Clock, Meaning, Recording, Role, Vocabulary};
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn oracle() -> Value {
    let text = std::fs::read_to_string(fixtures().join("oracle/abf.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn open_with(name: &str, mapping: &str) -> Result<Recording> {
    let mapping = Mapping::from_toml(mapping).unwrap();
    formats::open(&fixtures().join("abf").join(name), &mapping)
}

fn open(name: &str) -> Recording {
    open_with(name, "").unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("abf").join(name)).unwrap()
}

fn open_bytes(bytes: &[u8]) -> Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dat");
    std::fs::write(&path, bytes).unwrap();
    formats::open(&path, &Mapping::default())
}

fn codes(recording: &Recording) -> Vec<FindingCode> {
    let own = recording.findings.iter();
    own.chain(recording.channels.iter().flat_map(|c| &c.findings))
        .map(|finding| finding.code)
        .collect()
}

/// Sweeps of a channel in the unit of the file.
fn sweeps(recording: &Recording, channel: usize) -> Vec<Vec<f64>> {
    let channel = &recording.channels[channel];
    let scale = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
    channel
        .segments
        .iter()
        .map(|segment| {
            let all = channel.physical(segment, 0..segment.samples.len()).unwrap();
            all.iter().map(|value| value / scale).collect()
        })
        .collect()
}

fn starts_in_us(recording: &Recording) -> Vec<f64> {
    recording.channels[0]
        .segments
        .iter()
        .map(|segment| (segment.start.0 * 1e6).round())
        .collect()
}

#[test]
fn every_sweep_of_every_channel_equals_that_of_pyabf() {
    let oracle = oracle();
    let mut read = 0;
    for (name, file) in oracle["files"].as_object().unwrap() {
        let recording = open(name);
        let channels = file["channels"].as_array().unwrap();
        assert_eq!(recording.channels.len(), channels.len(), "{name}");
        for (index, expected) in channels.iter().enumerate() {
            let channel = &recording.channels[index];
            assert_eq!(Some(channel.rate.0), file["rate"].as_f64(), "{name}");
            let own = sweeps(&recording, index);
            let expected = expected.as_array().unwrap();
            assert_eq!(own.len(), expected.len(), "{name}");
            for (own, expected) in own.iter().zip(expected) {
                let expected: Vec<f64> = expected
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|value| value.as_f64().unwrap())
                    .collect();
                assert_eq!(own.len(), expected.len(), "{name}");
                for (a, b) in own.iter().zip(&expected) {
                    // pyABF computes in single precision.
                    let tolerance = 4e-7 * (1.0 + a.abs() + channel.calibration.offset.abs());
                    assert!((a - b).abs() <= tolerance, "{name} {index}: {a} {b}");
                    read += 1;
                }
            }
        }
        let tags = file["tags"].as_array().unwrap();
        for tag in tags {
            let text = match tag[1].as_str().unwrap() {
                "" => "external tag",
                text => text,
            };
            let time = tag[0].as_f64().unwrap();
            assert!(
                recording
                    .marks
                    .iter()
                    .any(|mark| mark.text == text && (mark.time.0 - time).abs() < 1e-9),
                "{name}: {tag} in {:?}",
                recording.marks
            );
        }
    }
    assert!(read > 5000, "{read}");
}

#[test]
fn stored_numbers_units_and_both_ends_are_kept() {
    let recording = open("episodic2.abf");
    let [adm, clamp, apb] = recording.channels.as_slice() else {
        panic!("{}", recording.channels.len());
    };
    assert_eq!(adm.calibration.rails, Some((-32768.0, 32767.0)));
    let first = &adm.segments[0].samples;
    assert_eq!(
        (first.stored(0).unwrap(), first.stored(1).unwrap()),
        (Some(-32768.0), Some(32767.0))
    );
    // 10 V / 32768 steps / (0.5 V per mV · 100 · 2 · 5); 0.25 − 0.125 mV.
    assert!((adm.calibration.gain - 10.0 / 32768.0 / 500.0).abs() < 1e-18);
    assert_eq!(adm.calibration.offset, 0.125);
    assert_eq!(adm.muscle.as_deref(), Some("ADM"));
    assert_eq!(adm.prefilter.as_deref(), Some("HP:2Hz LP:5000Hz"));
    assert_eq!(clamp.role, Role::Other);
    assert_eq!(clamp.calibration.unit, "pA");
    assert_eq!(apb.calibration.unit, "µV");
    assert_eq!(apb.calibration.millivolts_per_unit, Some(0.001));
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2026-03-01T09:30:00.25")
    );
    assert_eq!(recording.origin.device.as_deref(), Some("Clampex"));
    let old = open("episodic1.abf");
    assert_eq!(old.channels[0].calibration.rails, Some((-2048.0, 2047.0)));
    assert_eq!(old.channels[1].label, "EMG APB");
    assert_eq!(
        old.origin.started.as_deref(),
        Some("2026-03-01T09:30:00.25")
    );
}

#[test]
fn sweeps_begin_where_the_synch_array_says() {
    assert_eq!(
        starts_in_us(&open("episodic2.abf")),
        [0.0, 333_330.0, 666_665.0, 1_000_000.0]
    );
    assert_eq!(
        starts_in_us(&open("episodic1.abf")),
        [0.0, 350_000.0, 800_000.0]
    );
    assert_eq!(
        starts_in_us(&open("spaced1.abf")),
        [0.0, 500_000.0, 1_000_000.0]
    );
    let variable = open("variable1.abf");
    assert_eq!(starts_in_us(&variable), [0.0, 5_000.0, 20_000.0]);
    let stored: Vec<f64> = variable.channels[0]
        .segments
        .iter()
        .flat_map(|segment| segment.samples.widen(0..segment.samples.len()).unwrap())
        .collect();
    let expected: Vec<f64> = oracle()["stored_variable1"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    assert_eq!(stored, expected);
    let lengths: Vec<_> = variable.channels[0]
        .segments
        .iter()
        .map(|segment| segment.samples.len())
        .collect();
    assert_eq!(lengths, [30, 50, 20]);
}

#[test]
fn sweeps_without_times_are_in_order_only_until_their_rate_is_stated() {
    let recording = open("written.abf");
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert!(codes(&recording).contains(&FindingCode::ClockUnknown));
    let stated = open_with("written.abf", "sweep_rate_hz = 3\nstimulus_ms = 5").unwrap();
    assert_eq!(stated.origin.clock, Clock::True);
    assert!((stated.channels[0].segments[1].start.0 - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(stated.marks.len(), 3);
    let error = open_with("written.abf", "sweep_rate_hz = 100").unwrap_err();
    assert!(error.to_string().contains("every 0.01 s"), "{error}");
}

#[test]
fn floats_are_physical_and_have_no_rails() {
    let expected = oracle();
    let recording = open("float1.abf");
    for (index, column) in expected["floats_float1"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let own = sweeps(&recording, index).concat();
        let column: Vec<f64> = column
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap())
            .collect();
        assert_eq!(own.len(), column.len());
        // The parser of the oracle may miss the last bit.
        let equal = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * b.abs();
        assert!(own.iter().zip(&column).all(equal));
    }
    assert_eq!(recording.channels[0].calibration.rails, None);
    assert!(codes(&recording).contains(&FindingCode::RailsUnknown));
}

#[test]
fn the_only_digital_output_that_changes_marks_the_stimuli_as_pyabf_sees_it() {
    let oracle = oracle();
    let recording = open("episodic2.abf");
    let rises = oracle["files"]["episodic2.abf"]["digital"]["4"]
        .as_array()
        .unwrap();
    let mut expected = Vec::new();
    for (sweep, rises) in rises.iter().enumerate() {
        let start = recording.channels[0].segments[sweep].start.0;
        for rise in rises.as_array().unwrap() {
            expected.push(start + rise.as_f64().unwrap() / 20_000.0);
        }
    }
    let found: Vec<f64> = recording
        .marks
        .iter()
        .filter(|mark| mark.text == "stimulus digital output 4")
        .map(|mark| mark.time.0)
        .collect();
    assert_eq!(found.len(), 8);
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    assert!(matches!(
        Vocabulary::default().meaning("stimulus digital output 4"),
        Meaning::Stimulus {
            current: None,
            width: None
        }
    ));
    // Version 1, by hand: 128/64 = 2 samples of holding, then 20 + 4 a sweep; output 1; 100 µs a sample of each channel.
    let old: Vec<f64> = open("episodic1.abf")
        .marks
        .iter()
        .filter(|mark| mark.text == "stimulus digital output 1")
        .map(|mark| (mark.time.0 * 1e6).round())
        .collect();
    assert_eq!(old, [2_200.0, 352_600.0, 803_000.0]);
}

#[test]
fn which_of_several_outputs_stimulates_is_stated_by_a_mapping() {
    let recording = open("outputs2.abf");
    assert!(recording.marks.is_empty());
    let finding = &recording.findings[0];
    assert_eq!(finding.code, FindingCode::OutputsAmbiguous);
    assert!(
        finding.detail.contains("outputs 0, 2"),
        "{}",
        finding.detail
    );
    let oracle = oracle();
    for output in [0, 2] {
        let recording = open_with("outputs2.abf", &format!("digital_output = {output}")).unwrap();
        assert!(recording.findings.is_empty());
        let rises = &oracle["files"]["outputs2.abf"]["digital"][output.to_string()];
        assert_eq!(recording.marks.len(), 2);
        let first = rises[0][0].as_f64().unwrap() / 20_000.0;
        assert!((recording.marks[0].time.0 - first).abs() < 1e-9);
    }
    let error = open_with("outputs2.abf", "digital_output = 1").unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadMapping);
    let error = open_with("gapfree2.abf", "digital_output = 1").unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadMapping);
    assert!(
        open_with("outputs2.abf", "stimulus_ms = 1")
            .unwrap()
            .findings
            .is_empty()
    );
}

#[test]
fn impossible_headers_are_errors() {
    let changed = |name: &str, at: usize, bytes: &[u8]| {
        let mut all = fixture(name);
        all[at..at + bytes.len()].copy_from_slice(bytes);
        open_bytes(&all).unwrap_err()
    };
    let long = |value: i32| value.to_le_bytes();
    for (error, code) in [
        (changed("episodic1.abf", 120, &[0, 0]), ErrorCode::BadHeader),
        (
            changed("episodic1.abf", 120, &[17, 0]),
            ErrorCode::BadHeader,
        ),
        (
            changed("episodic1.abf", 122, &[0; 4]),
            ErrorCode::UnknownRate,
        ),
        (
            changed("episodic1.abf", 10, &long(i32::MAX)),
            ErrorCode::Truncated,
        ),
        (
            changed("episodic1.abf", 40, &long(i32::MAX)),
            ErrorCode::Truncated,
        ),
        (changed("episodic1.abf", 40, &long(1)), ErrorCode::BadHeader),
        (
            changed("episodic1.abf", 96, &long(i32::MAX)),
            ErrorCode::Truncated,
        ),
        (
            changed("episodic1.abf", 48, &long(i32::MAX)),
            ErrorCode::Truncated,
        ),
        (changed("episodic1.abf", 100, &[7, 0]), ErrorCode::BadHeader),
        (
            changed("episodic1.abf", 252, &long(0)),
            ErrorCode::BadCalibration,
        ),
        (
            changed("episodic1.abf", 602 + 24, b"?       "),
            ErrorCode::UnknownUnit,
        ),
        (
            changed("episodic2.abf", 236, &[0xFF; 4]),
            ErrorCode::Truncated,
        ),
        (
            changed("episodic2.abf", 100, &[0xFF; 8]),
            ErrorCode::Truncated,
        ),
        (
            changed("episodic2.abf", 240, &long(1)),
            ErrorCode::BadHeader,
        ),
        (changed("spaced1.abf", 16, &long(7)), ErrorCode::BadHeader),
    ] {
        assert_eq!(error.code(), code, "{error}");
        assert!(error.path().is_some() && error.place().is_some(), "{error}");
    }
}

fn survives(bytes: &[u8]) {
    if let Ok(recording) = open_bytes(bytes) {
        for channel in &recording.channels {
            assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0);
            assert!(channel.calibration.gain.is_finite() && channel.calibration.gain != 0.0);
            assert!(channel.sample_count() <= bytes.len());
        }
        assert!(recording.marks.iter().all(|mark| mark.time.0.is_finite()));
    }
}

const ALL: [&str; 4] = [
    "episodic1.abf",
    "episodic2.abf",
    "gapfree2.abf",
    "variable1.abf",
];

#[test]
fn a_file_cut_anywhere_is_never_a_panic() {
    for name in ALL {
        let bytes = fixture(name);
        for length in (0..bytes.len()).step_by(13) {
            survives(&bytes[..length]);
        }
    }
}

#[test]
fn changed_bytes_are_never_a_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for name in ALL {
        let bytes = fixture(name);
        for _ in 0..800 {
            let mut changed = bytes.clone();
            for _ in 0..random.random_range(1..6) {
                let at = random.random_range(4..changed.len());
                let width = random.random_range(1..9).min(changed.len() - at);
                let fill = [0, 0xFF, 0x7F, 0x80, random.random()][random.random_range(0..5)];
                changed[at..at + width].fill(fill);
            }
            survives(&changed);
        }
    }
}
