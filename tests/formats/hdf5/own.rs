//! endplate's own layout, written and read.

use super::*;
use proptest::prelude::*;

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
        identity: None,
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
