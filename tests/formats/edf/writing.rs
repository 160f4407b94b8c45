//! What is written comes back.

use super::*;

/// The parts of a recording that a file must keep.
fn kept(recording: &Recording) -> Recording {
    let mut kept = recording.clone();
    kept.findings.clear();
    // Who the person is stands in no file that is written.
    kept.subject.identity = None;
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
        corrections: Vec::new(),
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
        identity: None,
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
        segment.samples = Samples::I32([8_388_607, -8_388_608, 0, 1].repeat(60));
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
    refuse(&|r| r.channels[0].rate = Hertz(4_800.000_001_234));
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
}
