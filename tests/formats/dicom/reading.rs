//! What is read, number for number.

use super::*;

/// The columns of all groups of a file, in order.
fn columns<'a>(file: &'a Value, what: &str) -> Vec<&'a Vec<Value>> {
    let groups = file["groups"].as_array().unwrap().iter();
    groups
        .flat_map(|group| group[what].as_array().unwrap())
        .map(|column| column.as_array().unwrap())
        .collect()
}

#[test]
fn every_sample_equals_that_of_pydicom() {
    let oracle = oracle();
    let mut read = 0;
    for (name, file) in oracle["files"].as_object().unwrap() {
        let recording = open(name);
        let stored = columns(file, "stored");
        let physical = columns(file, "physical");
        assert_eq!(recording.channels.len(), stored.len(), "{name}");
        for (channel, (stored, physical)) in
            recording.channels.iter().zip(stored.iter().zip(&physical))
        {
            let padding = file.get("padding").and_then(Value::as_f64);
            let kept: Vec<usize> = (0..stored.len())
                .filter(|&index| stored[index].as_f64() != padding)
                .collect();
            let (own_stored, own_physical) = numbers(channel);
            assert_eq!(own_stored.len(), kept.len(), "{name} {}", channel.label);
            for (own, &index) in kept.iter().enumerate() {
                assert_eq!(Some(own_stored[own]), stored[index].as_f64(), "{name}");
                let (a, b) = (own_physical[own], physical[index].as_f64().unwrap());
                assert!(close(a, b), "{name} {} {index}: {a} {b}", channel.label);
                read += 1;
            }
        }
    }
    assert!(read > 1500, "{read}");
}

#[test]
fn both_ends_of_each_coding_are_the_rails() {
    for (name, low, high, kind) in [
        ("samples_sb.dcm", -128.0, 127.0, "i16"),
        ("samples_ub.dcm", 0.0, 255.0, "i16"),
        ("samples_ss.dcm", -32768.0, 32767.0, "i16"),
        ("samples_us.dcm", 0.0, 65535.0, "i32"),
        ("samples_sl.dcm", -2147483648.0, 2147483647.0, "i32"),
        ("samples_ul.dcm", 0.0, 4294967295.0, "f64"),
    ] {
        let recording = open(name);
        for channel in &recording.channels {
            assert_eq!(channel.calibration.rails, Some((low, high)), "{name}");
            let samples = &channel.segments[0].samples;
            assert_eq!(samples.kind(), kind);
            assert_eq!(
                (samples.stored(0).unwrap(), samples.stored(1).unwrap()),
                (Some(low), Some(high))
            );
        }
        let adm = &recording.channels[0];
        assert_eq!(adm.muscle.as_deref(), Some("ADM"));
        assert_eq!(adm.side, Some(Side::Left));
        // 0.5 uV, corrected by 1.25; stored 0 is -3 uV.
        assert!(close(adm.calibration.gain, 0.000_625));
        assert!(close(adm.calibration.offset, -0.003));
        let temperature = &recording.channels[2];
        assert_eq!(temperature.role, Role::Other);
        assert_eq!(temperature.calibration.unit, "degC");
        assert_eq!(codes(&recording), [FindingCode::ChannelIgnored]);
    }
}

#[test]
fn groups_keep_their_rates_offsets_skews_filters_and_limits() {
    let recording = open("annotations.dcm");
    let [hand, button, apb] = recording.channels.as_slice() else {
        panic!("{}", recording.channels.len());
    };
    assert_eq!((hand.rate.0, apb.rate.0), (1000.0, 20000.0));
    assert!(close(hand.segments[0].start.0, 0.0004));
    assert!(close(button.segments[0].start.0, 0.002));
    assert!(close(apb.segments[0].start.0, 0.1005));
    assert_eq!(hand.muscle.as_deref(), Some("Abductor digiti minimi"));
    assert_eq!(hand.side, Some(Side::Left));
    assert_eq!(hand.prefilter.as_deref(), Some("HP:20Hz LP:450Hz N:50Hz"));
    assert_eq!(hand.calibration.rails, Some((-2048.0, 2047.0)));
    assert_eq!(apb.calibration.rails, Some((-8388608.0, 8388607.0)));
    assert!(close(apb.calibration.gain, 1e-6));
    // No sensitivity: arbitrary units.
    assert_eq!(button.label, "Event button");
    assert_eq!(button.role, Role::Other);
    assert_eq!(button.calibration.millivolts_per_unit, None);
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2026-03-01T09:30:00.25")
    );
    assert_eq!(
        recording.origin.device.as_deref(),
        Some("Fixtures dicom.py")
    );
    assert!(codes(&recording).contains(&FindingCode::FilterInHeader));
}

#[test]
fn annotations_of_every_kind_are_marks() {
    let recording = open("annotations.dcm");
    let oracle = oracle();
    let expected = oracle["files"]["annotations.dcm"]["marks"]
        .as_array()
        .unwrap();
    let found: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| (mark.text.as_str(), mark))
        .collect();
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for wanted in expected {
        let near = |a: Option<f64>, b: &Value| match (a, b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (None, None) => true,
            _ => false,
        };
        let text = wanted[2].as_str().unwrap();
        assert!(
            found.iter().any(|(found, mark)| *found == text
                && near(Some(mark.time.0), &wanted[0])
                && near(mark.duration.map(|d| d.0), &wanted[1])
                && mark.channel.map(|c| c as u64) == wanted[3].as_u64()),
            "{wanted} in {found:?}"
        );
    }
    let left_out: Vec<_> = recording
        .findings
        .iter()
        .filter(|finding| finding.code == FindingCode::HeaderCorrected)
        .map(|finding| finding.detail.as_str())
        .collect();
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out[0].contains("item 10") && left_out[0].contains("201"));
    assert!(left_out[1].contains("item 11"));
}

#[test]
fn who_the_person_is_stands_apart_and_is_taken_away_at_the_door() {
    let path = fixtures().join("dicom/annotations.dcm");
    let recording = open("annotations.dcm");
    let identity = recording.subject.identity.as_ref().unwrap();
    assert_eq!(identity.name.as_deref(), Some("Doe^Jane"));
    assert_eq!(identity.birth_date.as_deref(), Some("1951-05-02"));
    assert_eq!(identity.record_number.as_deref(), Some("4711-0815"));
    assert_eq!(recording.subject.age_years, Some(74.0));
    assert_eq!(recording.subject.sex.as_deref(), Some("female"));
    assert!(codes(&recording).contains(&FindingCode::SubjectWithheld));
    let shut = sidecar::open(&path, &Reading::default()).unwrap();
    assert_eq!(shut.subject.identity, None);
    let all = format!("{shut:?}");
    for secret in ["Doe", "4711", "1951"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(!codes(&open("ecg.dcm")).contains(&FindingCode::SubjectWithheld));
}

#[test]
fn padding_is_a_gap_and_never_a_sample() {
    let recording = open("padding.dcm");
    let adm = &recording.channels[0];
    let starts: Vec<_> = adm
        .segments
        .iter()
        .map(|segment| ((segment.start.0 * 1e6).round(), segment.samples.len()))
        .collect();
    assert_eq!(starts, [(52_000.0, 28), (83_000.0, 26)]);
    assert_eq!(adm.findings[0].code, FindingCode::GapInRecording);
    assert_eq!(recording.channels[1].segments.len(), 1);
    assert!(recording.channels[1].findings.is_empty());
}

#[test]
fn all_four_transfer_syntaxes_give_the_same_recording() {
    let first = open("implicit.dcm");
    assert_eq!(first.marks[0].text, "stimulus");
    assert_eq!(first.marks[0].time.0, 0.001);
    for name in ["deflated.dcm", "big.dcm", "ecg.dcm"] {
        let other = open(name);
        assert_eq!(other.channels, first.channels, "{name}");
        assert_eq!(other.marks, first.marks, "{name}");
    }
}

#[test]
fn a_study_stored_group_by_group_has_the_decrements_of_the_original() {
    let original = fixtures().join("recordings/simulated/mg-exercise.edf");
    let original = formats::open(&original, &Mapping::default()).unwrap();
    let copy = open("study.dcm");
    assert_eq!(copy.channels.len(), 1);
    assert_eq!(copy.channels[0].segments.len(), 20);
    let settings = study::Settings::default();
    let (original, copy) = (
        study::analyze(&original, &settings).unwrap(),
        study::analyze(&copy, &settings).unwrap(),
    );
    let (original, copy) = (&original.channels[0], &copy.channels[0]);
    assert_eq!(original.trains.len(), copy.trains.len());
    let mut compared = 0;
    for (a, b) in original.trains.iter().zip(&copy.trains) {
        for (a, b) in a.changes.iter().zip(&b.changes) {
            assert_eq!(a.value.is_ok(), b.value.is_ok());
            if let (Ok(a), Ok(b)) = (&a.value, &b.value) {
                assert!((a.value.0 - b.value.0).abs() < 1e-6, "{a:?} {b:?}");
                assert!((a.low.0 - b.low.0).abs() < 1e-6);
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn a_mapping_calibrates_a_channel_in_arbitrary_units() {
    let recording = open_with(
        "annotations.dcm",
        "[[channels]]\nlabel = 'Event button'\nrole = 'response'\ngain = 2\nunit = 'uV'\nmuscle = 'FDI'",
    )
    .unwrap();
    let button = &recording.channels[1];
    assert_eq!(button.calibration.gain, 0.002);
    assert_eq!(button.muscle.as_deref(), Some("FDI"));
    let uncalibrated = "[[channels]]\nlabel = 'Event button'\nrole = 'response'";
    let error = open_with("annotations.dcm", uncalibrated).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadCalibration);
    let lost = open_with("annotations.dcm", "[[channels]]\nlabel = 'nobody'");
    assert_eq!(lost.unwrap_err().code(), ErrorCode::BadMapping);
}
