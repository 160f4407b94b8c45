//! EDF and BDF against edfio's and pyEDFlib's values (fixtures/make/edf.py), against the specification, and against themselves.

use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{self, FORMATS, Input, Mapping};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use endplate::{Error, Result};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn oracle() -> Value {
    let text = std::fs::read_to_string(fixtures().join("oracle/edf.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    fixtures().join("recordings").join(name)
}

fn open(name: &str) -> Recording {
    formats::open(&fixture(name), &Mapping::default()).unwrap()
}

/// Reads bytes as the format that claims them.
fn read_with(bytes: Vec<u8>, mapping: &Mapping) -> Result<Recording> {
    let input = Input::from_bytes(Path::new("in memory"), bytes);
    let format = FORMATS
        .iter()
        .find(|format| (format.claims)(&input))
        .ok_or_else(|| Error::new(ErrorCode::UnknownFormat, "unclaimed"))?;
    (format.read)(&input, mapping)
}

fn read(bytes: Vec<u8>) -> Result<Recording> {
    read_with(bytes, &Mapping::default())
}

fn write(recording: &Recording, id: &str) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written");
    formats::write(recording, &path, id)?;
    Ok(std::fs::read(path).unwrap())
}

fn has(recording: &Recording, code: FindingCode) -> bool {
    recording
        .findings
        .iter()
        .any(|finding| finding.code == code)
}

fn little_endian(channel: &Channel) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in &channel.segments {
        match &segment.samples {
            Samples::I16(values) => values.iter().for_each(|v| bytes.extend(v.to_le_bytes())),
            Samples::I32(values) => values.iter().for_each(|v| bytes.extend(v.to_le_bytes())),
            other => panic!("{}", other.kind()),
        }
    }
    bytes
}

/// All samples of a channel, in mV for a voltage.
fn physical(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .flat_map(|segment| channel.physical(segment, 0..segment.samples.len()))
        .collect()
}

#[test]
fn files_of_others_read_as_edfio_reads_them_sample_for_sample() {
    let oracle = oracle();
    let files = oracle["files"].as_object().unwrap();
    assert!(files.len() >= 8);
    for (name, expected) in files {
        let recording = open(name);
        let signals = expected["signals"].as_array().unwrap();
        assert_eq!(recording.channels.len(), signals.len(), "{name}");
        for (channel, signal) in recording.channels.iter().zip(signals) {
            let label = signal["label"].as_str().unwrap();
            assert_eq!(channel.label, label, "{name}");
            let rate = signal["rate"].as_f64().unwrap();
            assert!(
                (channel.rate.0 / rate - 1.0).abs() < 1e-12,
                "{name} {label}"
            );
            let bytes = little_endian(channel);
            let digest: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(digest, signal["sha256"].as_str().unwrap(), "{name} {label}");
            assert_eq!(
                channel.sample_count() as u64,
                signal["samples"].as_u64().unwrap()
            );
            let values = physical(channel);
            let scale = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
            for pick in signal["picks"].as_array().unwrap() {
                let value = values[pick[0].as_u64().unwrap() as usize] / scale;
                let expected = pick[1].as_f64().unwrap();
                let size = signal["physical"][1].as_f64().unwrap().abs();
                assert!(
                    (value - expected).abs() <= 1e-12 * size,
                    "{name} {label}: {value} {expected}"
                );
            }
        }
        // edfio does not see texts of several lines; that file has a truth of its own.
        let Some(annotations) = expected["annotations"].as_array() else {
            continue;
        };
        assert_eq!(recording.marks.len(), annotations.len(), "{name}");
        for (mark, expected) in recording.marks.iter().zip(annotations) {
            assert!(
                (mark.time.0 - expected[0].as_f64().unwrap()).abs() < 1e-9,
                "{name}"
            );
            assert_eq!(mark.duration.map(|d| d.0), expected[1].as_f64(), "{name}");
            assert_eq!(mark.text, expected[2].as_str().unwrap(), "{name}");
        }
    }
}

#[test]
fn edf_1992_both_ends_of_the_calibration_are_hit() {
    for (name, expected) in oracle()["files"].as_object().unwrap() {
        let recording = open(name);
        let signals = expected["signals"].as_array().unwrap();
        for (channel, signal) in recording.channels.iter().zip(signals) {
            let scale = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
            for end in 0..2 {
                let physical = signal["physical"][end].as_f64().unwrap() * scale;
                let read = channel
                    .calibration
                    .physical(signal["digital"][end].as_f64().unwrap());
                assert!(
                    (read - physical).abs() <= 1e-12 * physical.abs().max(1e-300),
                    "{name} {}",
                    channel.label
                );
            }
            let rails = channel.calibration.rails.unwrap();
            assert_eq!(Some(rails.0), signal["digital"][0].as_f64());
            assert_eq!(Some(rails.1), signal["digital"][1].as_f64());
        }
    }
}

#[test]
fn edf_plus_3_7_a_nerve_conduction_file_is_read_sweep_by_sweep() {
    let recording = open("edf/nc-by-hand.edf");
    let expected = &oracle()["nerve_conduction"];
    let channel = &recording.channels[0];
    assert_eq!(channel.label, "NC L_APB");
    assert_eq!(channel.role, Role::Response);
    assert_eq!(channel.side, Some(Side::Left));
    assert_eq!(channel.muscle.as_deref(), Some("APB"));
    assert_eq!(channel.nerve.as_deref(), Some("Median"));
    assert_eq!(channel.rate, Hertz(20_000.0));
    assert_eq!(channel.prefilter.as_deref(), Some("HP:3Hz LP:20kHz"));
    assert_eq!(channel.transducer.as_deref(), Some("AgAgCl electrodes"));
    let starts: Vec<f64> = channel
        .segments
        .iter()
        .map(|segment| segment.start.0)
        .collect();
    let wanted: Vec<f64> = expected["starts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    assert_eq!(starts.len(), 5);
    for (start, wanted) in starts.iter().zip(&wanted) {
        assert!((start - wanted).abs() < 1e-12);
    }
    for (segment, sum) in channel
        .segments
        .iter()
        .zip(expected["sums"].as_array().unwrap())
    {
        assert_eq!(segment.samples.len(), 1000);
        let own: f64 = segment.samples.widen(0..1000).iter().sum();
        assert_eq!(Some(own), sum.as_f64());
    }
    let marks = expected["marks"].as_array().unwrap();
    assert_eq!(recording.marks.len(), marks.len());
    for (mark, expected) in recording.marks.iter().zip(marks) {
        assert!((mark.time.0 - expected[0].as_f64().unwrap()).abs() < 1e-12);
        assert_eq!(mark.text, expected[2].as_str().unwrap());
    }
    assert_eq!(recording.subject.skin_temperature, Some(Celsius(33.2)));
    assert_eq!(recording.subject.sex.as_deref(), Some("female"));
    assert_eq!(recording.subject.age_years, Some(50.0));
    assert_eq!(recording.subject.code, None);
    assert_eq!(recording.origin.device.as_deref(), Some("Sony."));
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2002-03-02T10:00:00.25")
    );
    assert!(has(&recording, FindingCode::SubjectWithheld));
    assert!(!has(&recording, FindingCode::GapInRecording));
    let all = format!("{recording:?}");
    assert!(!all.contains("Haagse") && !all.contains("0234567") && !all.contains("1951"));
}

#[test]
fn edf_plus_2_2_4_contiguous_records_are_joined_and_gaps_are_true() {
    let recording = open("edf/gap-by-hand.edf");
    let channel = &recording.channels[0];
    let segments: Vec<_> = channel
        .segments
        .iter()
        .map(|s| (s.start.0, s.samples.len()))
        .collect();
    assert_eq!(segments, vec![(0.0, 30), (7.3, 10)]);
    assert_eq!(
        channel.segments[1].samples,
        Samples::I16((30..40).collect())
    );
    assert_eq!(recording.channels[1].rate, Hertz(50.0));
    assert_eq!(recording.channels[1].role, Role::Other);
    assert_eq!(
        recording.channels[1].findings[0].code,
        FindingCode::ChannelIgnored
    );
    assert!(has(&recording, FindingCode::GapInRecording));
    assert!(has(&recording, FindingCode::TextNotUnicode));
    let marks: Vec<_> = recording
        .marks
        .iter()
        .map(|m| (m.time.0, m.text.as_str()))
        .collect();
    assert_eq!(
        marks,
        vec![(0.15, "in the second signal"), (7.35, "Müller")]
    );
    assert_eq!(recording.origin.started, None);
}

#[test]
fn edf_plus_2_2_4_a_start_within_the_second_is_subtracted_from_the_times() {
    let recording = open("edf/continuous-edfio.edf");
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2026-03-01T09:30:00.25")
    );
    assert_eq!(recording.channels[0].segments[0].start, Seconds(0.0));
    assert_eq!(recording.marks[0].time, Seconds(0.5));
    assert_eq!(recording.marks[1].duration, Some(Seconds(2.5)));
    // Born on 2 March 1960: a day short of 66.
    assert_eq!(recording.subject.age_years, Some(65.0));
    assert_eq!(recording.origin.device.as_deref(), Some("Keypoint"));
    assert_eq!(recording.channels[1].role, Role::Trigger);
    assert_eq!(
        recording.channels[0].findings[0].code,
        FindingCode::FilterInHeader
    );
}

/// The parts of a recording that a file must keep.
fn kept(recording: &Recording) -> Recording {
    let mut kept = recording.clone();
    kept.findings.clear();
    for channel in &mut kept.channels {
        channel.findings.clear();
    }
    kept.origin = Origin {
        started: kept.origin.started,
        device: kept.origin.device,
        clock: kept.origin.clock,
        ..Origin::default()
    };
    kept
}

/// As [`kept`], but calibrations are compared within a millionth of a step and then set equal.
fn same(read: &Recording, written: &Recording) -> (Recording, Recording) {
    let (mut read, written) = (kept(read), kept(written));
    for (read, written) in read.channels.iter_mut().zip(&written.channels) {
        let (own, other) = (&mut read.calibration, &written.calibration);
        let (low, high) = other.rails.unwrap_or((-32768.0, 32767.0));
        for stored in [low, 0.0, high] {
            let off = (own.physical(stored) - other.physical(stored)) / other.gain;
            assert!(off.abs() < 1e-6, "{stored}: {off} steps off");
        }
        own.gain = other.gain;
        own.offset = other.offset;
    }
    (read, written)
}

fn round_trip(recording: &Recording, id: &str) -> Vec<u8> {
    let bytes = write(recording, id).unwrap();
    let read = read(bytes.clone()).unwrap();
    let (own, wanted) = same(&read, recording);
    assert_eq!(own, wanted);
    assert_eq!(
        write(&read, id).unwrap(),
        bytes,
        "written again it must be the same bytes"
    );
    bytes
}

#[test]
fn files_of_others_survive_being_written() {
    for (name, id) in [
        ("edf/nc-by-hand.edf", "edf"),
        ("edf/gap-by-hand.edf", "edf"),
        ("edf/continuous-edfio.edf", "edf"),
        ("edf/continuous-edfio.bdf", "bdf"),
        ("edf/pyedflib.bdf", "bdf"),
        ("edf-edges/test_uneven_samp.edf", "edf"),
        ("edf-edges/test_utf8.edf", "edf"),
        ("edf-edges/evt.bdf", "bdf"),
    ] {
        round_trip(&open(name), id);
    }
}

fn segment(start: f64, samples: Samples) -> Segment {
    Segment {
        start: Seconds(start),
        samples,
    }
}

fn channel(label: &str, rate: f64, gain: f64, segments: Vec<Segment>) -> Channel {
    Channel {
        label: label.into(),
        role: Role::Response,
        rate: Hertz(rate),
        segments,
        calibration: Calibration {
            gain,
            offset: 0.0,
            rails: Some((-32768.0, 32767.0)),
            unit: "mV".into(),
            millivolts_per_unit: Some(1.0),
        },
        muscle: Some("ADM".into()),
        nerve: Some("Ulnar".into()),
        side: Some(Side::Right),
        prefilter: Some("HP:2Hz LP:10kHz".into()),
        transducer: Some("AgAgCl electrode".into()),
        findings: Vec::new(),
    }
}

fn mark(time: f64, text: &str) -> Mark {
    Mark {
        time: Seconds(time),
        duration: None,
        text: text.into(),
        channel: None,
    }
}

fn recording(channels: Vec<Channel>, marks: Vec<Mark>) -> Recording {
    Recording {
        channels,
        marks,
        origin: Origin {
            started: Some("2026-03-01T09:30:00".into()),
            ..Origin::default()
        },
        subject: Subject::default(),
        findings: Vec::new(),
    }
}

/// Ten sweeps of 50 ms at 3 Hz, 4.8 kHz.
fn train() -> Recording {
    let sweeps = (0..10).map(|k| {
        let samples = (0..240).map(|i| (i * 7 - k * 3) as i16).collect();
        segment(f64::from(k) / 3.0, Samples::I16(samples))
    });
    let marks = (0..10).map(|k| mark(f64::from(k) / 3.0, "StimA")).collect();
    recording(
        vec![channel("NC R_ADM", 4800.0, 0.001, sweeps.collect())],
        marks,
    )
}

fn header_text(bytes: &[u8], from: usize, length: usize) -> String {
    String::from_utf8_lossy(&bytes[from..from + length])
        .trim_end()
        .to_owned()
}

#[test]
fn edf_plus_2_1_2_a_study_of_sweeps_is_written_as_one_record_per_stimulus() {
    let bytes = round_trip(&train(), "edf");
    assert_eq!(header_text(&bytes, 192, 44), "EDF+D");
    assert_eq!(header_text(&bytes, 236, 8), "10");
    assert_eq!(header_text(&bytes, 244, 8), "0.05");
    assert_eq!(header_text(&bytes, 256, 16), "NC R_ADM");
    assert_eq!(
        header_text(&bytes, 88, 80),
        "Startdate 01-MAR-2026 X X X MNC_R_Ulnar_Nerve"
    );
    // EDF+ 3.7: the stimulus stands in the time-keeping list, and nothing of our own is needed.
    let list = &bytes[768 + 480..];
    assert!(
        list.starts_with(b"+0\x14\x14StimA\x14\0\0"),
        "{:?}",
        &list[..20]
    );
    assert!(!String::from_utf8_lossy(&bytes).contains("endplate"));
}

#[test]
fn edf_plus_2_1_1_a_continuous_recording_is_written_as_edf_c_and_one_with_a_gap_as_edf_d() {
    let long = |start| {
        segment(
            start,
            Samples::I16((0..20_000).map(|i| (i % 999) as i16).collect()),
        )
    };
    let one = recording(
        vec![channel("EMG R_ADM", 10_000.0, 0.001, vec![long(0.0)])],
        vec![mark(1.5, "Stimulus")],
    );
    assert_eq!(header_text(&round_trip(&one, "edf"), 192, 44), "EDF+C");
    assert_eq!(header_text(&round_trip(&one.clone(), "edf"), 244, 8), "1");
    let two = recording(
        vec![channel(
            "EMG R_ADM",
            10_000.0,
            0.001,
            vec![long(0.0), long(63.25)],
        )],
        vec![mark(64.0, "Stimulus")],
    );
    assert_eq!(header_text(&round_trip(&two, "edf"), 192, 44), "EDF+D");
}

#[test]
fn what_no_field_holds_stands_in_the_note_and_comes_back() {
    let mut train = train();
    let mut trigger = channel("Reiz-Auslöser mit langem Namen", 4800.0, 0.5, Vec::new());
    trigger.segments = train.channels[0].segments.clone();
    trigger.role = Role::Trigger;
    trigger.muscle = None;
    trigger.side = None;
    trigger.nerve = None;
    trigger.calibration.unit = "µV".into();
    trigger.calibration.millivolts_per_unit = Some(1e-3);
    trigger.calibration.rails = None;
    trigger.prefilter = None;
    train.channels.push(trigger);
    train.channels[0].label = "Kanal 1 <\"&>".into();
    train.channels[0].muscle = Some("abductor digiti minimi".into());
    train.channels[0].calibration.gain = 1.0 / 3000.0;
    train.origin.device = Some("Keypoint 4 (München)".into());
    train.subject = Subject {
        code: Some("P-07".into()),
        age_years: Some(61.5),
        sex: Some("divers".into()),
        skin_temperature: Some(Celsius(32.4)),
    };
    for segment in train
        .channels
        .iter_mut()
        .flat_map(|channel| &mut channel.segments)
    {
        segment.start.0 += 12.5;
    }
    train.origin.clock = Clock::OrderOnly;
    let bytes = write(&train, "edf").unwrap();
    let read = read(bytes.clone()).unwrap();
    assert_eq!(kept(&read), kept(&train));
    assert_eq!(write(&read, "edf").unwrap(), bytes);
    assert!(has(&read, FindingCode::ClockUnknown));
}

#[test]
fn standard_texts_3_3_a_mark_of_one_channel_is_linked_by_its_label() {
    let mut train = train();
    train.marks[3].channel = Some(0);
    train.marks[4].duration = Some(Seconds(0.0002));
    let bytes = round_trip(&train, "edf");
    assert!(String::from_utf8_lossy(&bytes).contains("StimA@@NC R_ADM"));
}

#[test]
fn integers_of_24_bits_are_written_as_bdf_and_refused_as_edf() {
    let mut wide = train();
    for segment in &mut wide.channels[0].segments {
        segment.samples = Samples::I32(vec![8_388_607, -8_388_608, 0, 1].repeat(60));
    }
    wide.channels[0].calibration.rails = Some((-8_388_608.0, 8_388_607.0));
    wide.channels[0].calibration.gain = 1.0 / 32_000.0;
    let bytes = round_trip(&wide, "bdf");
    assert_eq!(header_text(&bytes, 192, 44), "BDF+D");
    let error = write(&wide, "edf").unwrap_err();
    assert_eq!(error.code(), ErrorCode::WouldLose);
    assert!(error.to_string().contains("BDF+"), "{error}");
}

#[test]
fn what_edf_cannot_hold_is_refused_and_not_dropped() {
    let refuse = |change: &dyn Fn(&mut Recording)| {
        let mut train = train();
        change(&mut train);
        let error = write(&train, "edf").unwrap_err();
        assert_eq!(error.code(), ErrorCode::WouldLose, "{error}");
    };
    refuse(&|r| r.channels[0].segments[0].samples = Samples::F64(vec![0.5; 240]));
    refuse(&|r| r.channels[0].segments[0].samples = Samples::F32(vec![f32::NAN; 240]));
    refuse(&|r| r.channels[0].calibration.gain = std::f64::consts::PI * 1e-12);
    refuse(&|r| r.channels[0].rate = Hertz(4800.000_001_234));
    refuse(&|r| r.channels[0].segments[1].start = Seconds(0.01));
    refuse(&|r| r.marks[0].text = "a\u{14}b".into());
    refuse(&|r| r.marks[0].text = String::new());
    refuse(&|r| r.marks[0].time = Seconds(f64::NAN));
    refuse(&|r| {
        let mut other = r.channels[0].clone();
        other.segments.pop();
        r.channels.push(other);
    });
}

#[test]
fn whole_floats_are_written_as_integers() {
    let mut train = train();
    train.channels[0].segments[0].samples = Samples::F64((0..240).map(f64::from).collect());
    let read = read(write(&train, "edf").unwrap()).unwrap();
    assert_eq!(
        read.channels[0].segments[0].samples,
        Samples::I16((0..240).collect())
    );
}

/// A small file, and the same with one field changed.
fn small() -> Vec<u8> {
    std::fs::read(fixture("edf/gap-by-hand.edf")).unwrap()
}

fn with_field(from: usize, text: &str, width: usize) -> Vec<u8> {
    let mut bytes = small();
    let padded = format!("{text:width$}");
    bytes[from..from + width].copy_from_slice(padded.as_bytes());
    bytes
}

/// Where a field of signal 0 of the four begins: label, transducer, dimension, physical and digital extremes, prefilter, samples.
const DIMENSION: usize = 256 + 4 * 96;
const PHYSICAL_MAX: usize = 256 + 4 * 112;
const PHYSICAL_MIN: usize = 256 + 4 * 104;
const DIGITAL_MAX: usize = 256 + 4 * 128;
const SAMPLES: usize = 256 + 4 * 216;

#[test]
fn impossible_fields_are_errors_that_name_place_and_bytes() {
    for (bytes, code, place) in [
        (
            with_field(PHYSICAL_MAX, "-3276.8", 8),
            ErrorCode::BadCalibration,
            "EDF signal 1 \"EMG ADM\", bytes 704–711",
        ),
        (
            with_field(DIGITAL_MAX, "-32768", 8),
            ErrorCode::BadCalibration,
            "EDF signal 1 \"EMG ADM\", bytes 768–775",
        ),
        (
            with_field(PHYSICAL_MIN, "-1,5", 8),
            ErrorCode::BadHeader,
            "EDF signal 1 \"EMG ADM\", bytes 672–679",
        ),
        (
            with_field(DIMENSION, "?", 8),
            ErrorCode::UnknownUnit,
            "EDF signal 1 \"EMG ADM\", bytes 640–647",
        ),
        (
            with_field(DIMENSION, "", 8),
            ErrorCode::UnknownUnit,
            "EDF signal 1 \"EMG ADM\", bytes 640–647",
        ),
        (
            with_field(SAMPLES, "0", 8),
            ErrorCode::BadHeader,
            "EDF signal 1 \"EMG ADM\", bytes 1120–1127",
        ),
        (
            with_field(SAMPLES, "-5", 8),
            ErrorCode::BadHeader,
            "EDF signal 1 \"EMG ADM\", bytes 1120–1127",
        ),
        (
            with_field(244, "0", 8),
            ErrorCode::BadHeader,
            "EDF duration of a data record, bytes 244–251",
        ),
        (
            with_field(244, "-1", 8),
            ErrorCode::BadHeader,
            "EDF duration of a data record, bytes 244–251",
        ),
        (
            with_field(252, "0", 4),
            ErrorCode::BadHeader,
            "EDF number of signals, bytes 252–255",
        ),
        (
            with_field(252, "9999", 4),
            ErrorCode::BadHeader,
            "EDF number of header bytes, bytes 184–191",
        ),
        (
            with_field(236, "-2", 8),
            ErrorCode::BadHeader,
            "EDF number of data records, bytes 236–243",
        ),
        (
            with_field(236, "5", 8),
            ErrorCode::Truncated,
            "EDF number of data records, bytes 236–243",
        ),
    ] {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(error.place(), Some(place), "{error}");
    }
    let error = read(with_field(236, "5", 8)).unwrap_err();
    assert!(
        error.to_string().contains("the file holds 4 whole ones"),
        "{error}"
    );
}

#[test]
fn edf_plus_2_1_3_10_an_unknown_number_of_records_is_taken_from_the_file() {
    let mut bytes = with_field(236, "-1", 8);
    bytes.extend_from_slice(&[0; 7]);
    let recording = read(bytes).unwrap();
    assert_eq!(recording.channels[0].sample_count(), 40);
    assert!(has(&recording, FindingCode::HeaderCorrected));
    let longer = read(with_field(236, "3", 8)).unwrap();
    assert_eq!(longer.channels[0].sample_count(), 40);
    assert!(has(&longer, FindingCode::HeaderCorrected));
}

#[test]
fn a_mapping_states_what_the_header_does_not() {
    let mapping = |text: &str| Mapping::from_toml(text).unwrap();
    let stated = mapping(
        "[[channels]]\nlabel = \"EMG ADM\"\nunit = \"mV\"\nmuscle = \"FDI\"\nside = \"left\"",
    );
    let recording = read_with(with_field(DIMENSION, "?", 8), &stated).unwrap();
    assert_eq!(recording.channels[0].muscle.as_deref(), Some("FDI"));
    assert_eq!(recording.channels[0].side, Some(Side::Left));
    assert_eq!(recording.channels[0].calibration.gain, 0.1);
    let gain = mapping("[[channels]]\ncolumn = \"1\"\ngain = 0.5\nunit = \"uV\"");
    let recording = read_with(with_field(PHYSICAL_MAX, "-3276.8", 8), &gain).unwrap();
    assert_eq!(recording.channels[0].calibration.gain, 0.0005);
    assert_eq!(recording.channels[0].calibration.rails, None);
    assert_eq!(
        recording.channels[0].findings[0].code,
        FindingCode::RailsUnknown
    );
    let other = mapping("[[channels]]\nlabel = \"EMG ADM\"\nrole = \"other\"");
    assert_eq!(
        read_with(with_field(DIMENSION, "?", 8), &other)
            .unwrap()
            .channels[0]
            .role,
        Role::Other
    );
    let lost = mapping("[[channels]]\nlabel = \"APB\"\nunit = \"uV\"");
    assert_eq!(
        read_with(small(), &lost).unwrap_err().code(),
        ErrorCode::BadMapping
    );
}

#[test]
fn a_file_cut_anywhere_is_an_error_and_never_a_panic() {
    let bytes = small();
    for length in 0..bytes.len() {
        let error = read(bytes[..length].to_vec()).unwrap_err();
        assert!(
            matches!(
                error.code(),
                ErrorCode::Truncated | ErrorCode::UnknownFormat
            ),
            "{length}: {error}"
        );
    }
}

#[test]
fn a_changed_header_byte_is_never_a_panic() {
    for name in ["edf/gap-by-hand.edf", "edf/continuous-edfio.bdf"] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for index in 0..bytes.len() {
            for value in [0, b' ', b'9', b'-', 0x14, 0xFF, bytes[index] ^ 1] {
                let mut changed = bytes.clone();
                changed[index] = value;
                if let Ok(recording) = read(changed) {
                    for channel in &recording.channels {
                        assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0);
                        assert!(
                            channel.calibration.gain.is_finite() && channel.calibration.gain != 0.0
                        );
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_recording_of_integers_survives(
        starts in prop::collection::vec(0_u32..2000, 1..6),
        length in 1_usize..300,
        rate in prop::sample::select(vec![2000.0, 4800.0, 10_000.0, 44_100.0, 48_000.0, 10_000.0 / 3.0]),
        steps in 1_u32..5000,
        offset in -50_i32..50,
        fraction in 0_u32..1000,
        texts in prop::collection::vec("[a-zA-Zµ中@ <&\"\n]{1,20}", 0..5),
        seed in any::<i16>(),
    ) {
        let mut time = 0.0;
        let mut segments = Vec::new();
        for (k, gap) in starts.iter().enumerate() {
            let samples = (0..length).map(|i| seed.wrapping_mul(i as i16).wrapping_add(k as i16)).collect();
            segments.push(segment(time, Samples::I16(samples)));
            time += length as f64 / rate + 0.001 + f64::from(*gap) / 997.0;
        }
        let marks = texts.iter().enumerate().map(|(k, text)| mark(k as f64 * time / 4.9, text)).collect();
        let mut recording = recording(vec![channel("EMG R_ADM", rate, f64::from(steps) * 1e-6, segments)], marks);
        recording.channels[0].calibration.offset = f64::from(offset) / 100.0;
        recording.origin.started = Some(format!("2026-03-01T23:59:59.{:03}", fraction.max(1)).trim_end_matches('0').to_owned());
        let bytes = write(&recording, "edf");
        // The only thing that may be in the way is a duration that eight characters cannot spell.
        if let Ok(bytes) = bytes {
            let again = read(bytes.clone()).unwrap();
            let (own, wanted) = same(&again, &recording);
            prop_assert_eq!(own, wanted);
            prop_assert_eq!(write(&again, "edf").unwrap(), bytes);
        } else {
            prop_assert!(rate == 44_100.0 || rate == 48_000.0 || rate < 4800.0 || length % 3 != 0);
        }
    }

    #[test]
    fn any_bytes_behind_a_header_are_never_a_panic(tail in prop::collection::vec(any::<u8>(), 0..600), at in 0_usize..1600) {
        let mut bytes = small();
        let end = bytes.len().min(at + tail.len());
        bytes[at.min(end)..end].copy_from_slice(&tail[..end - at.min(end)]);
        let _ = read(bytes);
    }
}
