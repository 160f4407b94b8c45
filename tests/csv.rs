//! CSV and TSV: the three layouts, what is refused and how it is said, round trips, hostile bytes, and the recordings of others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use endplate::error::ErrorCode;
use endplate::finding::{Finding, FindingCode};
use endplate::formats::{self, FORMATS, Input, Mapping};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use endplate::{Error, Result};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn card() -> &'static formats::Format {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.id == "csv")
        .unwrap()
}

fn input(bytes: impl AsRef<[u8]>) -> Input {
    Input::from_bytes(Path::new("test.csv"), bytes.as_ref().to_vec())
}

fn read_with(text: impl AsRef<[u8]>, mapping: &str) -> Result<Recording> {
    (card().read)(&input(text), &Mapping::from_toml(mapping).unwrap())
}

fn read(text: impl AsRef<[u8]>) -> Recording {
    read_with(text, "").unwrap()
}

fn refused(text: impl AsRef<[u8]>, mapping: &str) -> Error {
    read_with(text, mapping).unwrap_err()
}

fn values(channel: &Channel) -> Vec<Vec<f64>> {
    channel
        .segments
        .iter()
        .map(|segment| channel.physical(segment, 0..usize::MAX))
        .collect()
}

fn starts(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .map(|segment| segment.start.0)
        .collect()
}

fn marks(recording: &Recording) -> Vec<(f64, &str)> {
    recording
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.as_str()))
        .collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

// --- channels ---

#[test]
fn a_column_per_channel_with_units_in_the_header() {
    let recording =
        read("time_ms,APB [mV],ADM (uV),trigger\n0,1.5,100,0\n0.05,2,200,5\n0.1,-1,300,0\n");
    let [apb, adm, trigger] = recording.channels.as_slice() else {
        panic!()
    };
    assert_eq!(apb.rate, Hertz(20000.0));
    assert_eq!(
        (apb.label.as_str(), values(apb)),
        ("APB", vec![vec![1.5, 2.0, -1.0]])
    );
    assert_eq!(
        (adm.label.as_str(), adm.calibration.unit.as_str()),
        ("ADM", "uV")
    );
    assert_eq!(
        adm.segments[0].samples,
        Samples::F64(vec![100.0, 200.0, 300.0])
    );
    assert_eq!(values(adm), vec![vec![0.1, 0.2, 300.0 * 1e-3]]);
    assert_eq!((trigger.role, trigger.is_voltage()), (Role::Trigger, false));
    let codes: Vec<_> = recording
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [FindingCode::RailsUnknown], "once for the recording");
}

#[test]
fn rate_and_unit_from_comments_and_from_a_mapping_are_the_same() {
    let commented =
        read("# a free text\n# rate_hz = 20000\n# unit = mV\n# muscle = \"APB\"\nAPB\n1\n2\n");
    let mapped = read_with(
        "APB\n1\n2\n",
        "rate_hz = 20000.0\nunit = \"mV\"\nmuscle = \"APB\"",
    )
    .unwrap();
    assert_eq!(commented.channels, mapped.channels);
    assert_eq!(commented.channels[0].muscle.as_deref(), Some("APB"));
}

#[test]
fn separators_decimal_commas_line_ends_and_encodings_give_the_same_recording() {
    let plain = "time_ms,APB_mV\n0,1.5\n0.5,-2\n1,0.25\n";
    let expected = read(plain);
    let decimal = plain.replace(',', ";").replace('.', ",");
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));
    let mut utf16_be = vec![0xFE, 0xFF];
    utf16_be.extend(plain.encode_utf16().flat_map(u16::to_be_bytes));
    for bytes in [
        decimal.clone().into_bytes(),
        decimal.replace(';', "\t").into_bytes(),
        plain.replace(',', "|").into_bytes(),
        plain.replace('\n', "\r\n").into_bytes(),
        [b"\xEF\xBB\xBF", plain.as_bytes()].concat(),
        plain.trim_end().as_bytes().to_vec(),
        plain.replace("0.5", "\"0.5\"").into_bytes(),
        utf16,
        utf16_be,
    ] {
        assert!(
            (card().claims)(&input(&bytes)),
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
        assert_eq!(
            read(&bytes),
            expected,
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn a_jump_in_the_times_is_a_gap_and_each_part_keeps_its_true_time() {
    let recording = read("time_s,APB_mV\n0,1\n0.001,2\n0.002,3\n5.5,4\n5.501,5\n");
    assert_eq!(
        values(&recording.channels[0]),
        vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0]]
    );
    assert_eq!(starts(&recording.channels[0]), [0.0, 5.5]);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::GapInRecording)
    );
}

#[test]
fn a_channel_may_begin_late_and_end_early() {
    let recording = read("time_s,A_mV,B_mV\n0,1,\n0.5,2,7\n1,3,8\n1.5,4,\n");
    assert_eq!(values(&recording.channels[1]), vec![vec![7.0, 8.0]]);
    assert_eq!(starts(&recording.channels[1]), [0.5]);
    let error = refused("time_s,A_mV\n0,1\n0.5,\n1,3\n", "");
    assert_eq!(error.place(), Some("line 3, column 2 \"A_mV\""));
}

#[test]
fn texts_in_a_column_of_marks_become_marks_at_their_rows() {
    let recording =
        read("time_s,APB_mV,mark\n0,1,\n0.5,2,stimulus 8.2mA\n1,3,\"rest, then exercise\"\n");
    assert_eq!(
        marks(&recording),
        [(0.5, "stimulus 8.2mA"), (1.0, "rest, then exercise")]
    );
    assert_eq!(recording.channels.len(), 1);
}

#[test]
fn a_mapping_chooses_calibrates_and_names_columns() {
    let recording = read_with(
        "a;b;c\n1;2;3\n4;5;6\n",
        "rate_hz = 1000.0\n[text]\nlayout = \"channels\"\n[[channels]]\ncolumn = \"b\"\nlabel = \"APB\"\nunit = \"uV\"\ngain = 0.5\noffset = 10.0\nrails = [-5, 5]\nstart_s = 2.0\nside = \"left\"\n[[channels]]\ncolumn = \"3\"\nrole = \"other\"\nunit = \"degC\"\n[[marks]]\ntimes_s = [2.001]\ntext = \"stimulus\"\n",
    )
    .unwrap();
    let [apb, temperature] = recording.channels.as_slice() else {
        panic!()
    };
    assert_eq!(
        (apb.label.as_str(), apb.side, apb.segments[0].start),
        ("APB", Some(Side::Left), Seconds(2.0))
    );
    assert_eq!(
        values(apb),
        vec![vec![
            0.5 * 1e-3 * 2.0 + 10.0 * 1e-3,
            0.5 * 1e-3 * 5.0 + 10.0 * 1e-3
        ]]
    );
    assert_eq!(apb.calibration.rails, Some((-5.0, 5.0)));
    assert_eq!(
        (temperature.calibration.gain, temperature.is_voltage()),
        (1.0, false)
    );
    assert_eq!(marks(&recording), [(2.001, "stimulus")]);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::ChannelIgnored
                && finding.detail.contains("\"a\""))
    );
}

// --- sweeps ---

#[test]
fn sweeps_become_segments_and_the_zero_of_the_times_is_the_stimulus() {
    let recording = read_with(
        "time_ms,s1,s2\n-1,0,0\n0,1,2\n1,3,4\n2,5,6\n",
        "unit = \"mV\"\nsweep_rate_hz = 3.0\n[text]\nlayout = \"sweeps\"",
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(channel.rate, Hertz(1000.0));
    assert_eq!(
        values(channel),
        vec![vec![0.0, 1.0, 3.0, 5.0], vec![0.0, 2.0, 4.0, 6.0]]
    );
    assert_eq!(starts(channel), [0.0, 1.0 / 3.0]);
    assert_eq!(
        marks(&recording),
        [(0.001, "stimulus"), (1.0 / 3.0 + 0.001, "stimulus")]
    );
    assert_eq!(recording.origin.clock, Clock::True);
    assert!(
        !recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::GapInRecording)
    );
}

#[test]
fn without_a_rate_of_sweeps_only_their_order_is_known() {
    let recording = read_with(
        "a,b\n0,0\n1,2\n",
        "unit = \"mV\"\nrate_hz = 1.0\nstimulus_ms = 500.0\n[text]\nlayout = \"sweeps\"",
    )
    .unwrap();
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::ClockUnknown)
    );
    let starts = starts(&recording.channels[0]);
    assert!(
        starts[1] >= starts[0] + 2.0,
        "sweeps of 2 s overlap: {starts:?}"
    );
    assert_eq!(
        marks(&recording),
        [
            (0.0, "sweep \"a\""),
            (0.5, "stimulus"),
            (3.0, "sweep \"b\""),
            (3.5, "stimulus")
        ]
    );
}

#[test]
fn a_row_with_a_value_per_sweep_is_kept_with_and_without_its_unit() {
    let text = "0,8.2,9\n0,1,2\n0.5,3,4\n";
    let mapping = |unit: &str| {
        format!(
            "unit = \"mV\"\nstimulus_ms = 0.0\n[text]\nlayout = \"sweeps\"\ntime_column = \"1\"\ntime_unit = \"ms\"\nfirst_row_is_per_sweep = true\n{unit}"
        )
    };
    let known = read_with(text, &mapping("per_sweep_unit = \"mA\"")).unwrap();
    assert_eq!(
        marks(&known),
        [(0.0, "stimulus 8.2mA"), (1.0, "stimulus 9mA")]
    );
    let unknown = read_with(text, &mapping("")).unwrap();
    assert_eq!(
        marks(&unknown),
        [
            (0.0, "stimulus"),
            (0.0, "per sweep 8.2"),
            (1.0, "stimulus"),
            (1.0, "per sweep 9")
        ]
    );
    let in_header = read_with(
        "time,8.2,9\n0,1,2\n0.5,3,4\n",
        &mapping("per_sweep_unit = \"mA\""),
    )
    .unwrap();
    assert_eq!(in_header.marks, known.marks);
}

#[test]
fn sweeps_that_would_overlap_at_the_stated_rate_are_refused() {
    let error = refused(
        "1,2\n1,2\n1,2\n",
        "unit = \"mV\"\nrate_hz = 1000.0\nsweep_rate_hz = 500.0\n[text]\nlayout = \"sweeps\"",
    );
    assert_eq!(error.code(), ErrorCode::BadMapping);
    assert_eq!(error.place(), Some("sweep_rate_hz"));
}

// --- long form ---

#[test]
fn long_form_with_two_channels_and_shared_stimuli() {
    let mut text = "sweep,channel,stimulus_mA,time_ms,value_uV\n".to_owned();
    for sweep in 1..=2 {
        for channel in ["APB", "ADM"] {
            for step in -1..3 {
                text.push_str(&format!(
                    "{sweep},{channel},8.{sweep},{},{}\n",
                    f64::from(step) * 0.1,
                    sweep * 10 + step
                ));
            }
        }
    }
    let recording = read_with(text, "sweep_rate_hz = 2.0").unwrap();
    let labels: Vec<_> = recording
        .channels
        .iter()
        .map(|channel| channel.label.as_str())
        .collect();
    assert_eq!(labels, ["APB", "ADM"]);
    assert_eq!(recording.channels[0].rate, Hertz(10000.0));
    assert_eq!(
        recording.channels[1].segments[1].samples,
        Samples::F64(vec![19.0, 20.0, 21.0, 22.0])
    );
    assert_eq!(
        marks(&recording),
        [(1e-4, "stimulus 8.1mA"), (0.5 + 1e-4, "stimulus 8.2mA")]
    );
    assert!(recording.marks.iter().all(|mark| mark.channel.is_none()));
}

#[test]
fn marks_of_channels_with_different_sweeps_name_their_channel() {
    let text = "sweep,channel,time_ms,value_mV\n1,APB,-1,0\n1,APB,0,1\n1,APB,1,0\n2,ADM,-1,0\n2,ADM,0,2\n2,ADM,1,0\n";
    let recording = read(text);
    let channels: Vec<_> = recording.marks.iter().map(|mark| mark.channel).collect();
    assert_eq!(channels, [Some(0), Some(1)]);
}

#[test]
fn times_that_run_on_from_sweep_to_sweep_are_true_times() {
    let recording = read("sweep,time_s,value_mV\n1,10,1\n1,10.5,2\n2,20,3\n2,20.5,4\n");
    assert_eq!(starts(&recording.channels[0]), [10.0, 20.0]);
    assert_eq!(recording.origin.clock, Clock::True);
    assert!(recording.marks.is_empty());
}

// --- what is refused ---

#[test]
fn every_refusal_says_where_what_and_what_to_try() {
    let header = "time_ms,APB_mV\n";
    for (text, mapping, code, part) in [
        (
            "time_ms,APB\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "column 2 \"APB\": the unit of the values is not stated",
        ),
        (
            "time_ms,APB [furlong]\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "\"furlong\" is no known unit of a voltage",
        ),
        (
            "time,APB_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "column 1 \"time\": the unit of the times is not stated",
        ),
        (
            "time [fortnight],APB_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "no known unit of time",
        ),
        (
            "APB_mV,ADM_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownRate,
            "neither a column of times nor a sampling rate",
        ),
        (
            "APB_mV,ADM_mV\n0,1\n1,2\n",
            "rate_hz = 0.0",
            ErrorCode::UnknownRate,
            "0 Hz is impossible",
        ),
        (
            &format!("{header}0,1\n1,2\n2.4,3\n3,4\n"),
            "",
            ErrorCode::UnknownRate,
            "line 4, time 2.4: unequal steps",
        ),
        (
            &format!("{header}0,1\n1,2\n0.5,3\n"),
            "",
            ErrorCode::UnknownRate,
            "line 4, time 0.5: the time goes back from 1",
        ),
        (
            &format!("{header}0,1\n1,2\n2,3\n"),
            "rate_hz = 999.0",
            ErrorCode::UnknownRate,
            "",
        ),
        (
            &format!("{header}0,1\n1,2,3\n"),
            "",
            ErrorCode::Truncated,
            "line 3: 3 cells where the rows before have 2",
        ),
        (
            &format!("{header}0,1\n1\n"),
            "",
            ErrorCode::Truncated,
            "line 3: 1 cells",
        ),
        (
            &format!("{header}0,1\n1,wet\n"),
            "",
            ErrorCode::BadHeader,
            "line 3, column 2 \"APB_mV\": \"wet\" is not a finite number",
        ),
        (
            &format!("{header}0,1\n1,NaN\n"),
            "",
            ErrorCode::BadHeader,
            "\"NaN\" is not a finite number — leave the cell empty",
        ),
        (
            &format!("{header}0,1\n1,1e999\n"),
            "",
            ErrorCode::BadHeader,
            "\"1e999\" is not a finite number",
        ),
        (
            "# x\n\n\n# y\ntime_ms,APB_mV\n0,1\n\n\n1,wet\n",
            "",
            ErrorCode::BadHeader,
            "line 9, column 2",
        ),
        (
            "time_ms,APB_mV\r\n0,1\r\n1,2\r\n2,wet\r\n",
            "",
            ErrorCode::BadHeader,
            "line 4, column 2",
        ),
        (
            "a;b,c\n1;2,x\n",
            "",
            ErrorCode::BadHeader,
            "the separator cannot be told",
        ),
        (
            "",
            "",
            ErrorCode::NothingToAnalyze,
            "the file is empty or holds only comments",
        ),
        (
            "# rate_hz = 5\n",
            "",
            ErrorCode::NothingToAnalyze,
            "line 2: there is no table",
        ),
        (
            header,
            "",
            ErrorCode::NothingToAnalyze,
            "a header but no samples",
        ),
        (
            "1,2\n3,4\n",
            "",
            ErrorCode::BadMapping,
            "no header says what the columns are — state text.layout",
        ),
        (
            header,
            "[text]\ntime_column = \"when\"",
            ErrorCode::BadMapping,
            "\"when\" is no column; the columns are time_ms, APB_mV",
        ),
        (
            "# rate_hz = fast\nAPB_mV\n1\n",
            "",
            ErrorCode::BadHeader,
            "comment in line 1",
        ),
        (
            "# rate_hz = 5\n# rate_hz = 5\nAPB_mV\n1\n",
            "",
            ErrorCode::BadHeader,
            "comment in line 2: \"rate_hz\" is stated twice",
        ),
        (
            "# channel.1.gain = 0\ntime_ms,APB_mV\n0,1\n1,1\n",
            "",
            ErrorCode::BadCalibration,
            "gain 0",
        ),
        (
            "# channel.1.gian = 1\ntime_ms,APB_mV\n0,1\n1,1\n",
            "",
            ErrorCode::BadHeader,
            "unknown field `gian`",
        ),
        (
            "# channel.1.stored = i16\ntime_ms,APB_mV\n0,1\n1,1.5\n",
            "",
            ErrorCode::BadHeader,
            "the sample 1.5 does not fit",
        ),
    ] {
        match read_with(text, mapping) {
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains(part), "{text:?}: {message}");
                assert_eq!(error.code(), code, "{text:?}: {message}");
                assert!(
                    error.place().is_some() && message.contains(" — "),
                    "no place or advice: {message}"
                );
            }
            // A rate of 999 Hz is within the rounding of three whole milliseconds.
            Ok(recording) => assert!(mapping.contains("999"), "{text:?} was read: {recording:?}"),
        }
    }
}

#[test]
fn a_stated_rate_that_the_printed_times_contradict_is_refused() {
    let mut text = "time_ms,APB_mV\n".to_owned();
    for index in 0..100 {
        text.push_str(&format!("{:.3},0\n", f64::from(index) * 0.05));
    }
    assert_eq!(read(&text).channels[0].rate, Hertz(20000.0));
    let error = refused(&text, "rate_hz = 19000.0");
    assert!(error.to_string().contains("unequal steps"), "{error}");
}

// --- which files are claimed ---

#[test]
fn only_delimited_numbers_are_claimed() {
    let claimed = |bytes: &[u8]| (card().claims)(&input(bytes));
    for text in [
        "1,2\n3,4\n",
        "a;b\n1,5;2\n",
        "t\tv\n1\t2\n",
        "# endplate_csv = 1\n",
        "APB_mV\n1\n2\n",
        "sweep,channel,v\n1,APB,2\n",
    ] {
        assert!(claimed(text.as_bytes()), "{text}");
    }
    for bytes in [
        b"".as_slice(),
        b"{\"a\": [1,\n2,\n3]}",
        b"[1,2,3]\n[4,5,6]\n",
        b"[section]\nkey = 1\n",
        b"key = 1\nother = 2.5\n",
        b"# Title\n\nSome text, with commas.\nMore text.\n",
        b"| a | b |\n|---|---|\n| 1 | 2 |\n",
        b"<?xml version=\"1.0\"?>\n<a>1,2</a>\n",
        b"\x89HDF\r\n\x1a\n1,2\n3,4\n",
        b"0       1,2\n3,4\n5,6\n",
        b"\xffBIOSEMI1,2\n",
        b"1,2\n3,\x004\n",
    ] {
        assert!(!claimed(bytes), "{}", String::from_utf8_lossy(bytes));
    }
}

// --- round trips ---

fn through_a_file(recording: &Recording) -> Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.csv");
    formats::write(recording, &path, "csv")?;
    formats::open(&path, &Mapping::default())
}

fn without_path(recording: &Recording) -> Recording {
    let mut recording = recording.clone();
    recording.origin = Origin {
        started: recording.origin.started,
        device: recording.origin.device,
        clock: recording.origin.clock,
        ..Origin::default()
    };
    recording
}

fn channel(segments: Vec<(f64, Samples)>) -> Channel {
    Channel {
        label: "APB, \"left\"\n[mV]".into(),
        role: Role::Response,
        rate: Hertz(20000.0),
        segments: segments
            .into_iter()
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples,
            })
            .collect(),
        calibration: Calibration {
            gain: 0.1 / 3.0,
            offset: -0.7,
            rails: Some((-32768.0, 32767.0)),
            unit: "uV".into(),
            millivolts_per_unit: Some(0.001),
        },
        muscle: Some("APB = x # \u{7f}".into()),
        nerve: Some("median".into()),
        side: Some(Side::Right),
        prefilter: Some("HP:2Hz LP:10kHz".into()),
        transducer: Some("AgCl".into()),
        findings: vec![Finding::new(FindingCode::FilterInHeader, "HP 2 Hz")],
    }
}

fn recording(channels: Vec<Channel>) -> Recording {
    Recording {
        channels,
        marks: vec![
            Mark {
                time: Seconds(-0.5),
                duration: None,
                text: "train 3Hz, \"rest\"\tä\r\n".into(),
                channel: None,
            },
            Mark {
                time: Seconds(0.1 + 0.2),
                duration: Some(Seconds(1.0)),
                text: String::new(),
                channel: Some(0),
            },
        ],
        origin: Origin {
            started: Some("2026-03-01T09:30:00".into()),
            device: Some("12".into()),
            ..Origin::default()
        },
        subject: Subject {
            code: Some("007".into()),
            age_years: Some(44.0),
            sex: Some("female".into()),
            skin_temperature: Some(Celsius(32.5)),
        },
        findings: vec![Finding::new(FindingCode::SubjectWithheld, "")],
    }
}

#[test]
fn a_continuous_recording_comes_back_as_it_was() {
    let mut trigger = channel(vec![(1.25, Samples::F32(vec![0.1, -3.4e38, 1e-45, 0.0]))]);
    trigger.role = Role::Trigger;
    trigger.calibration = Calibration {
        gain: 1.0,
        offset: 0.0,
        rails: None,
        unit: "mV".into(),
        millivolts_per_unit: None,
    };
    let original = recording(vec![
        channel(vec![(1.25, Samples::I16(vec![-32768, 0, 1, 32767]))]),
        trigger,
    ]);
    assert_eq!(without_path(&through_a_file(&original).unwrap()), original);
}

#[test]
fn sweeps_different_rates_and_empty_segments_come_back_as_they_were() {
    let mut slow = channel(vec![
        (0.0, Samples::I32(vec![])),
        (0.3, Samples::I32(vec![i32::MIN, i32::MAX])),
        (7.0, Samples::I32(vec![])),
    ]);
    slow.rate = Hertz(1000.0 / 3.0);
    slow.calibration.unit = "Millivolt".into();
    slow.calibration.millivolts_per_unit = Some(1.0);
    let fast = channel(vec![
        (
            0.1 + 0.2,
            Samples::F64(vec![1.0 / 3.0, f64::MIN_POSITIVE, 1e300]),
        ),
        (0.1 + 0.2 + 3.0 / 20000.0, Samples::F64(vec![-0.1])),
    ]);
    let mut original = recording(vec![slow, fast, channel(vec![])]);
    original.origin.clock = Clock::OrderOnly;
    assert_eq!(without_path(&through_a_file(&original).unwrap()), original);
    let nothing = recording(vec![]);
    let nothing = Recording {
        marks: vec![],
        ..nothing
    };
    assert_eq!(without_path(&through_a_file(&nothing).unwrap()), nothing);
}

#[test]
fn what_text_cannot_hold_is_an_error_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lost.csv");
    let lossy = recording(vec![channel(vec![(
        0.0,
        Samples::F64(vec![1.0, f64::NAN]),
    )])]);
    let error = formats::write(&lossy, &path, "csv").unwrap_err();
    assert_eq!(error.code(), ErrorCode::WouldLose);
    assert!(
        error.to_string().contains("sample 2 of channel 1"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_mapping_may_add_anatomy_to_our_own_file_but_not_contradict_it() {
    let mut original = recording(vec![channel(vec![(0.0, Samples::I16(vec![1, 2]))])]);
    original.channels[0].label = "APB".into();
    original.channels[0].side = None;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.csv");
    formats::write(&original, &path, "csv").unwrap();
    let added = formats::open(
        &path,
        &Mapping::from_toml("side = \"left\"\nunit = \"V\"").unwrap(),
    )
    .unwrap();
    assert_eq!(added.channels[0].side, Some(Side::Left));
    assert_eq!(
        added.channels[0].calibration,
        original.channels[0].calibration
    );
    let error = formats::open(
        &path,
        &Mapping::from_toml("[[channels]]\nlabel = \"APB\"\nunit = \"V\"").unwrap(),
    )
    .unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadMapping);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        "[\\x00-\\x7f]{0,8}",
        "[ =#\\[\\]{}\"',\\\\]{0,8}"
    ]
}

fn any_samples(kind: u8) -> BoxedStrategy<Samples> {
    const MOST: usize = 20;
    let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
    match kind {
        0 => prop::collection::vec(any::<i16>(), 0..MOST)
            .prop_map(Samples::I16)
            .boxed(),
        1 => prop::collection::vec(any::<i32>(), 0..MOST)
            .prop_map(Samples::I32)
            .boxed(),
        2 => prop::collection::vec(
            any::<f32>().prop_filter("finite", |value| value.is_finite()),
            0..MOST,
        )
        .prop_map(Samples::F32)
        .boxed(),
        _ => prop::collection::vec(finite, 0..MOST)
            .prop_map(Samples::F64)
            .boxed(),
    }
}

prop_compose! {
    fn any_channel()(kind in 0u8..4)(
        segments in prop::collection::vec(any_samples(kind), 0..4),
        rate in prop_oneof![Just(20000.0), Just(4800.0), 0.01..100_000.0f64],
        start in prop_oneof![Just(0.0), -100.0..100_000.0f64],
        pause in prop_oneof![Just(0.0), 0.0..100.0f64],
        label in any_text(),
        muscle in prop::option::of(any_text()),
        gain in prop_oneof![Just(0.001), 1e-9..1e3f64],
        offset in prop_oneof![Just(0.0), -1e3..1e3f64],
        rails in prop::option::of((-1e9..0.0f64, 0.1..1e9f64)),
        unit in prop_oneof![Just(("uV".to_owned(), Some(0.001))), Just(("uV".to_owned(), None)), (any_text(), prop::option::of(1e-6..1e3f64))],
        side in prop_oneof![Just(None), Just(Some(Side::Left)), Just(Some(Side::Right))],
        role in prop_oneof![Just(Role::Response), Just(Role::Trigger), Just(Role::Other)],
    ) -> Channel {
        let mut time = start;
        let mut placed = Vec::new();
        for samples in segments {
            let length = samples.len() as f64 / rate;
            placed.push(Segment { start: Seconds(time), samples });
            time += length + pause;
        }
        let (unit, millivolts_per_unit) = unit;
        Channel {
            label, role, rate: Hertz(rate), segments: placed,
            calibration: Calibration { gain, offset, rails, unit, millivolts_per_unit },
            muscle: muscle.clone(), nerve: muscle, side, prefilter: None, transducer: None, findings: vec![],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_recording_comes_back_as_it_was(
        channels in prop::collection::vec(any_channel(), 0..4),
        marks in prop::collection::vec((any_text(), -1e6..1e6f64, prop::option::of(0.0..100.0f64), any::<bool>()), 0..5),
        code in prop::option::of(any_text()),
    ) {
        let several = !channels.is_empty();
        let mut original = recording(channels);
        original.marks = marks.into_iter().map(|(text, time, duration, one)| Mark {
            time: Seconds(time), duration: duration.map(Seconds), text, channel: (one && several).then_some(0),
        }).collect();
        original.marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
        original.subject.code = code;
        let again = through_a_file(&original).unwrap();
        prop_assert_eq!(without_path(&again), original);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (card().claims)(&input(&bytes));
        let _ = read_with(&bytes, "");
    }

    #[test]
    fn no_text_of_the_right_kind_makes_the_reader_panic(
        text in "(# (endplate_csv|layout|rate_hz|unit|channel\\.[0-9]{1,9}\\.[a-z]{4}|mark|clock|empty_segment) ?= ?[0-9a-z{}\"]{0,9}\n){0,3}[-0-9.,;\te\"\n\r a-z\\[\\]#|]{0,200}",
        layout in prop_oneof![Just(""), Just("[text]\nlayout = \"channels\""), Just("rate_hz = 1.0\nunit = \"mV\"\n[text]\nlayout = \"sweeps\"\nfirst_row_is_per_sweep = true"), Just("unit = \"mV\"\n[text]\nlayout = \"long\"\nvalue_column = \"1\"\ntime_column = \"2\"\ntime_unit = \"sample\"")],
    ) {
        let _ = (card().claims)(&input(&text));
        let _ = read_with(&text, layout);
    }
}

#[test]
fn every_truncation_of_our_own_file_is_read_or_refused_without_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.csv");
    let original = recording(vec![channel(vec![
        (0.0, Samples::I16(vec![1, -2, 3])),
        (2.0, Samples::I16(vec![4, 5])),
    ])]);
    formats::write(&original, &path, "csv").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        let _ = read_with(&bytes[..length], "");
    }
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 0x11;
        let _ = read_with(&flipped, "");
    }
}

#[test]
fn a_million_columns_are_refused_by_number() {
    let wide = format!("{}\n", "1,".repeat(1_000_000));
    let error = refused(&wide, "[text]\nlayout = \"sweeps\"");
    assert_eq!(error.code(), ErrorCode::TooLarge);
    let many = format!("{}1\n", "1,".repeat(5000));
    let error = refused(
        &many,
        "rate_hz = 1.0\nunit = \"mV\"\n[text]\nlayout = \"channels\"",
    );
    assert!(
        error.to_string().contains("5001 columns of channels"),
        "{error}"
    );
}

// --- recordings of others ---

#[test]
fn the_human_m_waves_are_read_as_their_authors_measure_them() {
    let recording = formats::open(
        &fixture("recordings/real/m-wave-human.csv"),
        &Mapping::default(),
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(
        (
            recording.channels.len(),
            channel.segments.len(),
            channel.rate
        ),
        (1, 41, Hertz(3200.0))
    );
    assert!(
        channel
            .segments
            .iter()
            .all(|segment| segment.samples.len() == 193)
    );
    assert_eq!(recording.marks.len(), 41);
    assert_eq!(
        (
            recording.marks[0].text.as_str(),
            recording.marks[40].text.as_str()
        ),
        ("stimulus 1.5mA", "stimulus 6.5mA")
    );
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    let oracle = std::fs::read_to_string(fixture("oracle/m_wave_human.csv")).unwrap();
    let rows: Vec<Vec<f64>> = oracle
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), 41);
    for (segment, row) in channel.segments.iter().zip(&rows) {
        let sweep = channel.physical(segment, 0..usize::MAX);
        // The authors take the samples from 8.1 up to 15.9 ms and from 34.6 up to 42.4 ms.
        for (from, to, expected) in [(8.1, 15.9, row[3]), (34.6, 42.4, row[4])] {
            let inside = sweep
                .iter()
                .enumerate()
                .filter(|(index, _)| (from..=to).contains(&(*index as f64 * 0.3125)))
                .map(|(_, value)| *value);
            let (low, high) = inside
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
            assert!(
                (high - low - expected).abs() < 1e-12,
                "{} against {expected}",
                high - low
            );
        }
    }
}

#[test]
fn the_rodent_plateau_has_its_known_size() {
    let recording = formats::open(
        &fixture("recordings/real/m-wave-rodent.csv"),
        &Mapping::default(),
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(
        (channel.segments.len(), channel.rate, channel.sample_count()),
        (80, Hertz(10000.0), 6400)
    );
    assert_eq!(channel.segments[0].samples.stored(0), Some(0.0030060934));
    assert_eq!(recording.marks[79].text, "stimulus 0.82V");
    assert!((recording.marks[0].time.0 - channel.segments[0].start.0 - 0.001).abs() < 1e-12);
    let sizes: Vec<f64> = channel.segments[63..]
        .iter()
        .map(|segment| {
            let sweep = channel.physical(segment, 0..usize::MAX);
            sweep.iter().copied().fold(f64::NEG_INFINITY, f64::max)
                - sweep.iter().copied().fold(f64::INFINITY, f64::min)
        })
        .collect();
    let mean = sizes.iter().sum::<f64>() / 17.0;
    let deviation = (sizes.iter().map(|size| (size - mean).powi(2)).sum::<f64>() / 16.0).sqrt();
    // numpy: 12.650570841, CV 0.0050317546 (n - 1)
    assert!((mean - 12.650570841176473).abs() < 1e-9, "{mean}");
    assert!(
        (deviation / mean - 0.0050317546512).abs() < 1e-9,
        "{}",
        deviation / mean
    );
}

#[test]
fn the_recordings_of_others_survive_being_written() {
    for name in ["m-wave-human.csv", "m-wave-rodent.csv"] {
        let original =
            formats::open(&fixture("recordings/real").join(name), &Mapping::default()).unwrap();
        assert_eq!(
            without_path(&through_a_file(&original).unwrap()),
            without_path(&original)
        );
    }
}

// --- the documentation ---

#[test]
fn the_examples_of_the_documentation_are_read() {
    let page = include_str!("../docs/formats/csv.md");
    let examples: Vec<_> = page
        .split("```csv\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 3);
    let recordings: Vec<_> = examples.iter().map(read).collect();
    assert_eq!(
        marks(&recordings[0]),
        [(0.0, "train 3Hz rest"), (5e-5, "stimulus 32mA")]
    );
    assert_eq!(recordings[1].channels[0].segments.len(), 3);
    assert_eq!(recordings[1].marks[0].text, "stimulus 30.5mA");
    assert_eq!(recordings[2].channels[0].segments.len(), 2);
    assert_eq!(recordings[2].marks[1].text, "stimulus 31mA");
}
