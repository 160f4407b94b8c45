//! What is written comes back as it was.

use super::*;
use proptest::prelude::*;

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
            identity: None,
        },
        corrections: Vec::new(),
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
