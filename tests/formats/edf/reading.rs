//! What a file says is what is read.

use super::*;

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
        let own: f64 = segment.samples.widen(0..1000).unwrap().iter().sum();
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
    let identity = recording.subject.identity.clone().unwrap();
    assert_eq!(identity.name.as_deref(), Some("Haagse_Harry"));
    assert_eq!(identity.birth_date.as_deref(), Some("1951-05-02"));
    assert_eq!(identity.record_number.as_deref(), Some("MCH-0234567"));
    let mut others = recording.clone();
    others.subject.identity = None;
    let all = format!("{others:?}");
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
