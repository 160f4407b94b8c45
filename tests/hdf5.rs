//! HDF5: endplate's own layout, other files through a mapping, and files that mean harm.

// A test fails by a panic, also where it does so in a function beside it.
#![allow(clippy::unwrap_used, clippy::panic)]

use endplate::error::ErrorCode;
use endplate::finding::{Finding, FindingCode};
use endplate::formats::{Mapping, open, write};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use proptest::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hdf5")
        .join(name)
}

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn oracle() -> Value {
    serde_json::from_str(&document("fixtures/oracle/hdf5.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    }
}

fn maybe(value: &Value) -> Option<f64> {
    (!value.is_null()).then(|| number(value))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn mapping(toml: &str) -> Mapping {
    Mapping::from_toml(toml).unwrap()
}

fn refused(name: &str, toml: &str) -> (ErrorCode, String) {
    let error = open(&fixture(name), &mapping(toml)).unwrap_err();
    (error.code(), error.message())
}

fn channel(samples: Vec<(f64, Samples)>) -> Channel {
    Channel {
        label: "ADM".into(),
        role: Role::Response,
        rate: Hertz(1000.0),
        segments: samples
            .into_iter()
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples,
            })
            .collect(),
        calibration: Calibration {
            gain: 1e-3,
            offset: 0.0,
            rails: Some((-32768.0, 32767.0)),
            unit: "uV".into(),
            millivolts_per_unit: Some(1e-3),
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings: Vec::new(),
    }
}

fn recording(channels: Vec<Channel>) -> Recording {
    Recording {
        channels,
        marks: Vec::new(),
        origin: Origin::default(),
        subject: Subject::default(),
        findings: Vec::new(),
    }
}

/// Writes, reads, and forgets what only the file on the disk knows.
fn round_trip(recording: &Recording) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    write(recording, &path, "hdf5").unwrap();
    let mut read = open(&path, &Mapping::default()).unwrap();
    assert_eq!(read.origin.format, "hdf5");
    read.origin = Origin {
        started: read.origin.started,
        device: read.origin.device,
        clock: read.origin.clock,
        ..Origin::default()
    };
    read
}

#[test]
fn files_of_h5py_are_read_sample_for_sample() {
    let oracle = oracle();
    let files = oracle["files"].as_object().unwrap();
    assert!(files.len() >= 7);
    for (name, expected) in files {
        let mapping =
            text(&expected["mapping"]).map_or_else(Mapping::default, |toml| mapping(&toml));
        let read = open(&fixture(name), &mapping).unwrap_or_else(|error| panic!("{name}: {error}"));
        let channels = expected["channels"].as_array().unwrap();
        assert_eq!(read.channels.len(), channels.len(), "{name}");
        for (channel, expected) in read.channels.iter().zip(channels) {
            let place = format!("{name} {}", channel.label);
            assert_eq!(Some(channel.label.clone()), text(&expected["label"]));
            assert_eq!(channel.rate.0, number(&expected["rate_hz"]), "{place}");
            let calibration = &channel.calibration;
            assert_eq!(calibration.gain, number(&expected["gain"]), "{place}");
            assert_eq!(calibration.offset, number(&expected["offset"]), "{place}");
            assert_eq!(Some(calibration.unit.clone()), text(&expected["unit"]));
            assert_eq!(
                calibration.millivolts_per_unit,
                maybe(&expected["millivolts_per_unit"]),
                "{place}"
            );
            assert_eq!(
                calibration.rails,
                expected["rails"]
                    .as_array()
                    .map(|rails| (number(&rails[0]), number(&rails[1]))),
                "{place}"
            );
            let role = serde_json::to_value(channel.role).unwrap();
            assert_eq!(role, expected["role"], "{place}");
            assert_eq!(
                serde_json::to_value(channel.side).unwrap(),
                expected["side"],
                "{place}"
            );
            assert_eq!(channel.muscle, text(&expected["muscle"]), "{place}");
            assert_eq!(channel.nerve, text(&expected["nerve"]), "{place}");
            assert_eq!(channel.prefilter, text(&expected["prefilter"]), "{place}");
            assert_eq!(channel.transducer, text(&expected["transducer"]), "{place}");
            let segments = expected["segments"].as_array().unwrap();
            assert_eq!(channel.segments.len(), segments.len(), "{place}");
            for (segment, expected) in channel.segments.iter().zip(segments) {
                assert_eq!(segment.start.0, number(&expected["start_s"]), "{place}");
                let values = expected["samples"].as_array().unwrap();
                assert_eq!(segment.samples.len(), values.len(), "{place}");
                for (index, value) in values.iter().enumerate() {
                    let found = segment.samples.stored(index).unwrap();
                    let value = number(value);
                    // NaN equals NaN here.
                    assert!(
                        found == value || (found.is_nan() && value.is_nan()),
                        "{place}, sample {index}: {found} is not {value}"
                    );
                }
            }
            assert_eq!(
                Some(channel.segments[0].samples.kind()),
                expected["kind"].as_str(),
                "{place}"
            );
        }
        let marks: Vec<Mark> = expected["marks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mark| Mark {
                time: Seconds(number(&mark[0])),
                duration: maybe(&mark[1]).map(Seconds),
                text: text(&mark[2]).unwrap(),
                channel: mark[3].as_u64().map(|channel| channel as usize),
            })
            .collect();
        assert_eq!(read.marks, marks, "{name}");
        assert_eq!(
            serde_json::to_value(read.origin.clock).unwrap(),
            expected["clock"],
            "{name}"
        );
        assert_eq!(read.origin.started, text(&expected["started"]), "{name}");
        assert_eq!(read.origin.device, text(&expected["device"]), "{name}");
        let subject = &expected["subject"];
        assert_eq!(read.subject.code, text(&subject["code"]), "{name}");
        assert_eq!(read.subject.age_years, maybe(&subject["age_years"]));
        assert_eq!(read.subject.sex, text(&subject["sex"]));
        assert_eq!(
            read.subject.skin_temperature,
            maybe(&subject["skin_temperature_c"]).map(Celsius)
        );
    }
}

#[test]
fn every_mapping_in_the_documentation_is_one() {
    let page = document("docs/formats/mapping.md");
    let mut examples = 0;
    for block in page.split("```toml\n").skip(1) {
        let toml = block.split("```").next().unwrap();
        Mapping::from_toml(toml).unwrap_or_else(|error| panic!("{toml}\n{error}"));
        examples += 1;
    }
    assert!(examples >= 6);
}

#[test]
fn every_field_of_a_mapping_is_in_the_documentation() {
    let page = document("docs/formats/mapping.md");
    let schema = serde_json::to_value(schemars::schema_for!(Mapping)).unwrap();
    let mut fields = 0;
    let parts = [
        &schema,
        &schema["$defs"]["TextMapping"],
        &schema["$defs"]["ChannelMapping"],
        &schema["$defs"]["MarkMapping"],
    ];
    for part in parts {
        for name in part["properties"].as_object().unwrap().keys() {
            assert!(
                page.contains(&format!("`{name}`")) || page.contains(&format!("[{name}]")),
                "{name} is not documented"
            );
            fields += 1;
        }
    }
    assert!(fields > 40);
}

#[test]
fn everything_in_a_recording_survives_writing_and_reading() {
    let mut everything = recording(vec![
        Channel {
            label: "µ ADM".into(),
            muscle: Some("abductor digiti minimi".into()),
            nerve: Some(String::new()),
            side: Some(Side::Left),
            prefilter: Some("HP:2Hz".into()),
            transducer: Some("AgAgCl".into()),
            findings: vec![Finding::new(FindingCode::FilterInHeader, "HP:20Hz")],
            ..channel(vec![
                (-0.5, Samples::I16(vec![i16::MIN, 0, i16::MAX])),
                (0.1 + 0.2, Samples::I16(vec![])),
                (7.0, Samples::I16(vec![1; 20_000])),
            ])
        },
        Channel {
            label: "stim".into(),
            role: Role::Trigger,
            ..channel(vec![(
                0.0,
                Samples::I32(vec![i32::MIN, -(1 << 23), i32::MAX]),
            )])
        },
        channel(vec![(
            0.0,
            Samples::F32(vec![f32::MIN_POSITIVE, -0.0, f32::INFINITY, 0.1]),
        )]),
        Channel {
            label: "skin".into(),
            role: Role::Other,
            calibration: Calibration {
                gain: 0.1,
                offset: -40.0,
                rails: None,
                unit: "mV".into(),
                millivolts_per_unit: None,
            },
            ..channel(vec![(0.0, Samples::F64(vec![0.1 + 0.2, f64::MIN, 5e-324]))])
        },
        Channel {
            label: "empty".into(),
            ..channel(vec![])
        },
    ]);
    everything.marks = vec![
        Mark {
            time: Seconds(0.1),
            duration: None,
            text: "stimulus 20 mA".into(),
            channel: Some(1),
        },
        Mark {
            time: Seconds(0.3),
            duration: Some(Seconds(10.0)),
            text: String::new(),
            channel: None,
        },
    ];
    everything.origin.started = Some("2026-03-01T09:30:00".into());
    everything.origin.device = Some("Gerät".into());
    everything.origin.clock = Clock::OrderOnly;
    everything.subject = Subject {
        code: Some("P07".into()),
        age_years: Some(61.25),
        sex: Some("female".into()),
        skin_temperature: Some(Celsius(32.1)),
    };
    everything.findings = vec![Finding::new(
        FindingCode::ClockUnknown,
        "10 sweeps\nof 50 ms",
    )];
    assert_eq!(round_trip(&everything), everything);
}

#[test]
fn a_thousand_sweeps_stay_a_thousand_segments() {
    let sweeps = (0..1000)
        .map(|sweep| {
            (
                f64::from(sweep) / 3.0,
                Samples::I16(vec![sweep as i16; 100]),
            )
        })
        .collect();
    let many = recording(vec![channel(sweeps)]);
    assert_eq!(round_trip(&many), many);
}

#[test]
fn not_a_number_is_kept_as_it_was_stored() {
    let read = round_trip(&recording(vec![channel(vec![(
        0.0,
        Samples::F32(vec![1.0, f32::NAN, 2.0]),
    )])]));
    let Samples::F32(values) = &read.channels[0].segments[0].samples else {
        panic!("the type changed");
    };
    assert_eq!(values.len(), 3);
    assert!(values[1].is_nan() && values[0] == 1.0 && values[2] == 2.0);
}

#[test]
fn the_same_recording_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut long = recording(vec![channel(vec![(
        0.0,
        Samples::I16((0..100_000).map(|n| (n % 777) as i16).collect()),
    )])]);
    long.marks = vec![Mark {
        time: Seconds(0.0),
        duration: None,
        text: "stimulus".into(),
        channel: None,
    }];
    let (first, second) = (folder.path().join("a.h5"), folder.path().join("b.h5"));
    write(&long, &first, "hdf5").unwrap();
    // Time stamps of HDF5 have the resolution of a second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write(&long, &second, "hdf5").unwrap();
    let first_bytes = std::fs::read(&first).unwrap();
    assert!(first_bytes == std::fs::read(&second).unwrap());
    assert!(first_bytes.len() < 100_000, "{}", first_bytes.len());
    let again = open(&first, &Mapping::default()).unwrap();
    write(&again, &second, "hdf5").unwrap();
    assert!(first_bytes == std::fs::read(&second).unwrap());
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    let mixed = recording(vec![channel(vec![
        (0.0, Samples::I16(vec![1])),
        (1.0, Samples::F32(vec![1.0])),
    ])]);
    let error = write(&mixed, &path, "hdf5").unwrap_err();
    assert_eq!(error.code(), ErrorCode::WouldLose);
    assert!(
        error
            .message()
            .contains("segment 1 is stored as f32, the first one as i16"),
        "{error}"
    );
    let mut null = recording(vec![]);
    null.subject.code = Some("a\0b".into());
    assert_eq!(
        write(&null, &path, "hdf5").unwrap_err().code(),
        ErrorCode::WouldLose
    );
    let overlapping = recording(vec![channel(vec![
        (0.0, Samples::I16(vec![0; 100])),
        (0.05, Samples::I16(vec![0; 100])),
    ])]);
    let error = write(&overlapping, &path, "hdf5").unwrap_err();
    assert!(
        error
            .message()
            .contains("before the end of the previous one at 0.1 s"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn any_samples() -> impl Strategy<Value = Vec<(f64, Samples)>> {
    fn pieces<T: std::fmt::Debug + Clone>(
        element: impl Strategy<Value = T>,
        wrap: fn(Vec<T>) -> Samples,
    ) -> impl Strategy<Value = Vec<(f64, Samples)>> {
        prop::collection::vec(
            (
                0.0f64..9.0,
                prop::collection::vec(element, 0..50).prop_map(wrap),
            ),
            0..6,
        )
    }
    prop_oneof![
        pieces(any::<i16>(), Samples::I16),
        pieces(any::<i32>(), Samples::I32),
        pieces(
            any::<f32>().prop_filter("equal to itself", |value| !value.is_nan()),
            Samples::F32
        ),
        pieces(
            any::<f64>().prop_filter("equal to itself", |value| !value.is_nan()),
            Samples::F64
        ),
    ]
    // Each segment begins after the previous one, whose 50 samples at 1 kHz last 0.05 s.
    .prop_map(|mut pieces| {
        let mut time = -20.0;
        for piece in &mut pieces {
            time += 0.1 + piece.0;
            piece.0 = time;
        }
        // Without a segment the type of the samples is not kept, because nothing has it.
        pieces
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_recording_survives_writing_and_reading(
        channels in prop::collection::vec(
            (any_samples(), "[^\0]{0,12}", prop::option::of("[^\0]{0,12}"), 1e-9f64..1e9, -1e9f64..1e9, any::<bool>(), prop::option::of((-9e9f64..0.0, 1.0f64..9e9))),
            0..4,
        ),
        marks in prop::collection::vec((-1e6f64..1e6, prop::option::of(0.0f64..1e6), "[^\0]{0,20}"), 0..6),
        temperature in prop::option::of(-10.0f64..50.0),
    ) {
        let mut any = recording(
            channels
                .into_iter()
                .enumerate()
                .map(|(index, (samples, label, muscle, gain, offset, voltage, rails))| Channel {
                    label: format!("{index}{label}"),
                    muscle,
                    calibration: Calibration {
                        gain,
                        offset,
                        rails,
                        unit: label,
                        millivolts_per_unit: voltage.then_some(gain),
                    },
                    ..channel(samples)
                })
                .collect(),
        );
        any.marks = marks
            .into_iter()
            .map(|(time, duration, text)| Mark {
                time: Seconds(time),
                duration: duration.map(Seconds),
                text,
                channel: None,
            })
            .collect();
        any.marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
        any.subject.skin_temperature = temperature.map(Celsius);
        prop_assert_eq!(round_trip(&any), any);
    }
}

#[test]
fn without_a_mapping_the_error_lists_the_datasets_and_shows_a_mapping_that_works() {
    let (code, message) = refused("table_of_channels.h5", "");
    assert_eq!(code, ErrorCode::BadMapping);
    for part in [
        "\"/data\" [8, 250] float32",
        "\"/stim\" [3] int64",
        "sample_axis = 1",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let toml = message.split("\n\n").nth(1).unwrap();
    let read = open(&fixture("table_of_channels.h5"), &mapping(toml)).unwrap();
    assert_eq!(read.channels[0].segments.len(), 8);
}

#[test]
fn a_mapping_that_does_not_fit_names_the_field_and_what_exists() {
    let cases: &[(&str, &str, ErrorCode, &str)] = &[
        (
            "table_of_channels.h5",
            "[[channels]]\nunit = 'mV'",
            ErrorCode::BadMapping,
            "`dataset` is missing",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='/emg'",
            ErrorCode::BadMapping,
            "there is no dataset \"/emg\". The file holds \"/data\" [8, 250] float32; \"/stim\" [3] int64",
        ),
        (
            "one_long_recording.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='/emg'",
            ErrorCode::BadMapping,
            "\"/emg\" is a group",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'",
            ErrorCode::BadMapping,
            "`sample_axis` is missing; the shape is [8, 250]",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'\nsample_axis=2",
            ErrorCode::BadMapping,
            "`sample_axis` is 2",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'\nsample_axis=1\nindex=8",
            ErrorCode::BadMapping,
            "`index` is 8, but the shape is [8, 250]: axis 0 has 8",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nsample_axis=1",
            ErrorCode::BadMapping,
            "there is axis 0 only",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nindex=0",
            ErrorCode::BadMapping,
            "there is no other axis",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownUnit,
            "`unit` is not stated",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='furlong'\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownUnit,
            "`unit` is \"furlong\"; expected one of V, mV, uV, nV",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'",
            ErrorCode::UnknownRate,
            "the dataset's attributes are fs",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=0\nunit='mV'\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownRate,
            "`rate_hz` gives 0 Hz",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\n[[channels]]\ndataset='stim'\nrate_hz=nan",
            ErrorCode::UnknownRate,
            "`rate_hz` gives NaN Hz",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'\nrate_from='@rate'",
            ErrorCode::BadMapping,
            "there is no attribute \"rate\"; there are fs",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'\nrate_from='/events/ms'",
            ErrorCode::BadMapping,
            "holds 4 numbers; expected one",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/events/what'\nrate_hz=1",
            ErrorCode::Unsupported,
            "the type is text",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\ngain=0",
            ErrorCode::BadMapping,
            "`gain` is 0",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nrails=[5,-5]",
            ErrorCode::BadMapping,
            "`rails` are [5, -5]",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nsweep_starts='stim'",
            ErrorCode::BadMapping,
            "one signal and no sweeps",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='sweeps'\nsample_axis=1\nsweep_starts='sweep_times'",
            ErrorCode::BadMapping,
            "holds 10 times, but there are 100 sweeps",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\nsweep_rate_hz=300\n[[channels]]\ndataset='sweeps'\nsample_axis=0",
            ErrorCode::BadHeader,
            "before the end of the previous one",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\nstimulus_ms=5\n[[channels]]\ndataset='sweeps'\nsample_axis=0",
            ErrorCode::BadMapping,
            "it is 5 ms, but the sweeps of \"sweeps\" last 5 ms",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='loop'",
            ErrorCode::BadMapping,
            "there is no dataset \"loop\"",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='sweeps'\nsample_axis=0\n[[marks]]\ntimes_s=[1]\ntext='x'",
            ErrorCode::BadMapping,
            "the sweeps have none",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\n[[channels]]\nrate_hz=1\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='sample'\ntext='x'",
            ErrorCode::BadMapping,
            "states no `rate_hz`",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\nrate_hz=1\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='min'\ntext='x'",
            ErrorCode::BadMapping,
            "`time_unit` is \"min\"; expected one of s, ms, us, sample",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\nrate_hz=1\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'",
            ErrorCode::BadMapping,
            "neither `texts` nor `text`",
        ),
        (
            "docs_example.h5",
            "[[channels]]\nlabel='ADM'\ngain=2",
            ErrorCode::BadMapping,
            "states `gain` of \"ADM\"",
        ),
    ];
    for (name, toml, code, part) in cases {
        let (found, message) = refused(name, toml);
        assert!(
            found == *code && message.contains(part),
            "{toml}\n{found:?} {message}\n{part}"
        );
    }
}

#[test]
fn sweeps_without_times_keep_their_order_and_say_so() {
    let toml =
        "rate_hz=20000\nunit='mV'\nstimulus_ms=1\n[[channels]]\ndataset='sweeps'\nsample_axis=0";
    let read = open(&fixture("table_of_sweeps.h5"), &mapping(toml)).unwrap();
    assert_eq!(read.origin.clock, Clock::OrderOnly);
    assert_eq!(read.findings[0].code, FindingCode::ClockUnknown);
    assert_eq!(read.marks.len(), 10);
    let channel = &read.channels[0];
    for (segment, mark) in channel.segments.iter().zip(&read.marks) {
        assert_eq!(mark.time.0, segment.start.0 + 0.001);
        assert_eq!(channel.segment_at(mark.time), Some(segment));
    }
    for pair in channel.segments.windows(2) {
        assert!(pair[0].end(channel.rate).0 < pair[1].start.0);
    }
}

#[test]
fn the_units_of_marks_are_seconds_milliseconds_microseconds_and_samples() {
    for (unit, expected) in [("s", 200.0), ("ms", 0.2), ("us", 0.0002), ("sample", 0.02)] {
        let toml = format!(
            "rate_hz=10000\nunit='mV'\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='{unit}'\ntext='stimulus'\ndurations='stim'"
        );
        let read = open(&fixture("table_of_channels.h5"), &mapping(&toml)).unwrap();
        assert_eq!(read.marks[1].time.0, expected, "{unit}");
        let duration = read.marks[1].duration.unwrap().0;
        assert!((duration - expected).abs() < 1e-12, "{unit}: {duration}");
    }
}

#[test]
fn a_mapping_describes_a_channel_of_our_own_layout_but_does_not_recalibrate_it() {
    let toml =
        "muscle='x'\nnerve='y'\nrate_hz=1\n[[channels]]\nlabel='ADM'\nside='right'\nrole='other'";
    let read = open(&fixture("docs_example.h5"), &mapping(toml)).unwrap();
    let channel = &read.channels[0];
    assert_eq!(channel.muscle.as_deref(), Some("abductor digiti minimi"));
    assert_eq!(channel.side, Some(Side::Right));
    assert_eq!(channel.role, Role::Other);
    assert_eq!(channel.rate, Hertz(20000.0));
}

#[test]
fn nothing_but_the_file_itself_is_opened() {
    let toml = |path: &str| format!("rate_hz=1\nunit='mV'\n[[channels]]\ndataset='{path}'");
    for (name, path, code, part) in [
        (
            "refused_external_link.h5",
            "emg",
            ErrorCode::Unsupported,
            "leads to another file",
        ),
        (
            "refused_external_link.h5",
            "soft",
            ErrorCode::Unsupported,
            "soft links are not followed",
        ),
        (
            "refused_external_storage.h5",
            "emg",
            ErrorCode::Unsupported,
            "external storage",
        ),
        (
            "refused_virtual.h5",
            "emg",
            ErrorCode::Unsupported,
            "virtual",
        ),
        (
            "refused_filter.h5",
            "emg",
            ErrorCode::Unsupported,
            "filter 32000 is not read",
        ),
        (
            "refused_size.h5",
            "emg",
            ErrorCode::TooLarge,
            "1099511627776 values of 2 bytes",
        ),
    ] {
        let (found, message) = refused(name, &toml(path));
        assert!(
            found == code && message.contains(part),
            "{name}: {found:?} {message}"
        );
    }
}

/// What happens to a damaged copy: a recording or an error with a message, never a panic.
fn damaged(folder: &Path, bytes: &[u8], toml: &Mapping) -> Result<Recording, String> {
    let path = folder.join("damaged.h5");
    std::fs::write(&path, bytes).unwrap();
    open(&path, toml).map_err(|error| {
        assert!(error.message().len() > 10);
        assert_ne!(error.code(), ErrorCode::Internal, "{error}");
        assert_eq!(error.path(), Some(path.as_path()));
        error.to_string()
    })
}

#[test]
fn a_truncated_file_is_an_error_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    let mut small = recording(vec![channel(vec![(0.0, Samples::I16((0..200).collect()))])]);
    small.marks = vec![Mark {
        time: Seconds(0.05),
        duration: None,
        text: "stimulus".into(),
        channel: None,
    }];
    write(&small, &path, "hdf5").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let step = (bytes.len() / 200).max(1);
    for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        let error = damaged(folder.path(), &bytes[..length], &Mapping::default());
        assert!(
            error.is_err(),
            "{length} of {} bytes were enough",
            bytes.len()
        );
    }
}

#[test]
fn a_heap_of_texts_without_an_end_is_an_error_and_no_endless_loop() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(fixture("own_everything.h5")).unwrap();
    let length = |bytes: &[u8], at: usize| {
        usize::try_from(u64::from_le_bytes(
            bytes[at + 8..at + 16].try_into().unwrap(),
        ))
        .unwrap()
    };
    let heap = bytes.windows(4).position(|found| found == b"GCOL").unwrap();
    let mut at = heap + 16;
    while bytes[at..at + 2] != [0, 0] {
        at += 16 + length(&bytes, at).next_multiple_of(8);
    }
    bytes[at + 8..at + 16].fill(0);
    let error = damaged(folder.path(), &bytes, &Mapping::default()).unwrap_err();
    assert!(
        error.contains(&format!(
            "heap at byte {heap}: the objects of this heap (GCOL)"
        )),
        "{error}"
    );
}

#[test]
fn a_flipped_byte_never_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let oracle = oracle();
    for name in [
        "own_everything.h5",
        "own_minimal.h5",
        "one_long_recording.h5",
    ] {
        let toml = text(&oracle["files"][name]["mapping"])
            .map_or_else(Mapping::default, |toml| mapping(&toml));
        let bytes = std::fs::read(fixture(name)).unwrap();
        // Headers and heaps lie in the first kilobytes and at the end; a prime step reaches every kind of byte.
        for position in (0..bytes.len()).step_by(47) {
            let mut copy = bytes.clone();
            copy[position] ^= 0x55;
            let _ = damaged(folder.path(), &copy, &toml);
        }
    }
}
