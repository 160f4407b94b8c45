//! What a record says is what is read.

use super::*;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn records_read_as_wfdb_python_reads_them_sample_for_sample() {
    let oracle = oracle();
    let files = oracle["files"].as_object().unwrap();
    assert!(files.len() >= 16);
    for (name, expected) in files {
        let path = fixtures().join("wfdb").join(name);
        let recording = formats::open(&path, &Mapping::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let signals = expected.as_array().unwrap();
        assert_eq!(recording.channels.len(), signals.len(), "{name}");
        for (channel, signal) in recording.channels.iter().zip(signals) {
            let label = text(&signal["label"]);
            assert_eq!(channel.label, label, "{name}");
            assert_eq!(Some(channel.rate.0), signal["rate"].as_f64(), "{name}");
            assert_eq!(channel.calibration.unit, text(&signal["unit"]), "{name}");
            let length = signal["samples"].as_u64().unwrap() as usize;
            let stored = on_the_clock(channel, length);
            let missing = stored.iter().filter(|&&v| v == MISSING).count() as u64;
            assert_eq!(Some(missing), signal["invalid"].as_u64(), "{name} {label}");
            let bytes: Vec<u8> = stored.iter().flat_map(|v| v.to_le_bytes()).collect();
            let digest: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(digest, text(&signal["sha256"]), "{name} {label}");
            let scale = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
            for pick in signal["picks"].as_array().unwrap() {
                let own = stored[pick[0].as_u64().unwrap() as usize];
                let value = channel.calibration.physical(own.into()) / scale;
                let expected = pick[1].as_f64().unwrap();
                // An offset that nearly cancels leaves rounding of its own size.
                let size = expected.abs() + (channel.calibration.offset / scale).abs();
                assert!(
                    (value - expected).abs() <= 1e-12 * size.max(1e-300),
                    "{name} {label}: {value} {expected}"
                );
            }
        }
    }
}

#[test]
fn checksums_and_initial_values_of_all_fixtures_agree() {
    for name in oracle()["files"].as_object().unwrap().keys() {
        let recording = open(name);
        let codes = codes(&recording);
        assert!(!codes.contains(&FindingCode::ChecksumWrong), "{name}");
    }
}

#[test]
fn signal_5_every_format_gives_both_ends_of_its_range_and_gaps_for_invalid_samples() {
    for (number, bits) in [
        (16, 16),
        (24, 24),
        (32, 32),
        (61, 16),
        (80, 8),
        (160, 16),
        (212, 12),
        (310, 10),
        (311, 10),
    ] {
        let recording = open(&format!("format{number}.hea"));
        let channel = &recording.channels[0];
        let high = 2_f64.powi(bits - 1) - 1.0;
        assert_eq!(channel.calibration.rails, Some((-high, high)), "{number}");
        let all: Vec<f64> = channel
            .segments
            .iter()
            .flat_map(|segment| segment.samples.widen(0..segment.samples.len()).unwrap())
            .collect();
        assert!(all.contains(&-high) && all.contains(&high), "{number}");
        assert!(all.iter().all(|value| value.abs() <= high), "{number}");
        // 25 samples, 2 invalid, 1 sample, 1 invalid, 2 samples
        let lengths: Vec<_> = channel.segments.iter().map(|s| s.samples.len()).collect();
        assert_eq!(lengths, [25, 1, 2], "{number}");
        assert_eq!(channel.segments[1].start.0, 27.0 / 4000.0);
        assert!(codes(&recording).contains(&FindingCode::GapInRecording));
        assert_eq!(
            (channel.side, channel.muscle.as_deref()),
            (Some(Side::Left), Some("ADM"))
        );
        // (3 - 3) / 200 µV
        assert!(channel.calibration.physical(3.0).abs() < 1e-15);
        assert!((channel.calibration.physical(203.0) - 0.001).abs() < 1e-15);
    }
}

#[test]
fn signal_5_flac_files_give_both_ends_of_their_range_and_gaps_for_invalid_samples() {
    for (number, bits) in [(508, 8), (516, 16), (524, 24)] {
        let recording = open(&format!("format{number}.hea"));
        let high = 2_f64.powi(bits - 1) - 1.0;
        let lengths: Vec<Vec<usize>> = recording
            .channels
            .iter()
            .map(|channel| channel.segments.iter().map(|s| s.samples.len()).collect())
            .collect();
        assert_eq!(lengths, [vec![4998, 1], vec![5000], vec![5000]], "{number}");
        let first = &recording.channels[0].segments[0].samples;
        assert_eq!(
            (first.stored(0).unwrap(), first.stored(7).unwrap()),
            (Some(-high), Some(high))
        );
        for channel in &recording.channels {
            assert_eq!(channel.rate, Hertz(4000.0));
            assert_eq!(channel.muscle.as_deref().map(str::len), Some(3));
        }
    }
    let framed = open("flac_frames.hea");
    let plain = open("format524.hea");
    for (framed, plain) in framed.channels.iter().zip(&plain.channels) {
        assert_eq!(framed.rate, Hertz(2000.0));
        assert_eq!(
            framed.segments[0].samples.widen(0..4994).unwrap(),
            plain.segments[0].samples.widen(2..4996).unwrap()
        );
    }
}

#[test]
fn header_5_samples_per_frame_skew_and_byte_offset() {
    let recording = open("frames.hea");
    let rates: Vec<_> = recording.channels.iter().map(|c| c.rate).collect();
    assert_eq!(rates, [Hertz(4000.0), Hertz(1000.0), Hertz(2000.0)]);
    let roles: Vec<_> = recording.channels.iter().map(|c| c.role).collect();
    assert_eq!(roles, [Role::Response, Role::Other, Role::Trigger]);
    assert_eq!(recording.channels[0].side, Some(Side::Right));
    assert_eq!(recording.channels[1].sample_count(), 17);
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2026-03-01T09:30:00.25")
    );
    assert_eq!(recording.subject.age_years, Some(61.0));
    assert_eq!(recording.subject.sex.as_deref(), Some("female"));
    // 1e6 steps per V: 1 µV
    assert!((recording.channels[2].calibration.gain - 0.001).abs() < 1e-18);
}

#[test]
fn annot_5_annotations_of_every_file_beside_the_header_are_marks() {
    let recording = open("frames.hea");
    let oracle = oracle();
    let mut expected: Vec<(f64, String, Option<usize>)> = Vec::new();
    for annotation in oracle["annotations"]["atr"].as_array().unwrap() {
        let (symbol, aux) = (text(&annotation[1]), text(&annotation[2]));
        let text = match (symbol, aux) {
            (_, "") => symbol.to_owned(),
            ("\"", _) => aux.to_owned(),
            _ => format!("{symbol} {aux}"),
        };
        let signal = annotation[3].as_u64().unwrap() as usize;
        let time = annotation[0].as_f64().unwrap();
        let channel = (signal > 0).then_some(signal);
        let number = |index: usize| annotation[index].as_i64().unwrap();
        let details = match (number(4), number(5)) {
            (0, 0) => None,
            (0, num) => Some(format!("of \"{text}\": num {num}")),
            (subtype, 0) => Some(format!("of \"{text}\": subtype {subtype}")),
            (subtype, num) => Some(format!("of \"{text}\": subtype {subtype}, num {num}")),
        };
        expected.push((time, text, channel));
        expected.extend(details.map(|details| (time, details, channel)));
    }
    for annotation in oracle["annotations"]["stim"].as_array().unwrap() {
        expected.push((annotation[0].as_f64().unwrap(), "stimulus".to_owned(), None));
    }
    expected.sort_by(|a, b| a.0.total_cmp(&b.0));
    let marks: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.clone(), mark.channel))
        .collect();
    assert_eq!(marks, expected);
    assert_eq!(marks.len(), 11);
    let details = "of \"stimulus\": subtype 1, num 3";
    assert!(marks.contains(&(0.005, details.to_owned(), None)));
    assert_eq!(marks[0].0, 0.0);
    assert!(marks.contains(&(0.003, "stimulus".to_owned(), None)));
    assert!(marks.contains(&(2000.0, "N".to_owned(), None)));
}

#[test]
fn header_5_segments_follow_each_other_and_null_segments_are_gaps() {
    let recording = open("fixed.hea");
    for channel in &recording.channels {
        let segments: Vec<_> = channel
            .segments
            .iter()
            .map(|segment| (segment.start.0, segment.samples.len()))
            .collect();
        assert_eq!(segments, [(0.0, 50), (65.0 / 2000.0, 10)]);
        assert_eq!(channel.calibration.rails, Some((-4096.0, 4095.0)));
    }
    let recording = open("041s.hea");
    assert_eq!(recording.channels[0].segments.len(), 1);
    assert_eq!(recording.channels[0].sample_count(), 8000);
    assert_eq!(recording.channels[3].sample_count(), 2000);
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("1994-10-26T08:26:04")
    );
}

#[test]
fn header_5_a_signal_of_a_variable_layout_may_come_and_go() {
    let recording = open("variable.hea");
    let found: Vec<Vec<(f64, usize)>> = recording
        .channels
        .iter()
        .map(|channel| {
            channel
                .segments
                .iter()
                .map(|s| (s.start.0 * 2000.0, s.samples.len()))
                .collect()
        })
        .collect();
    assert_eq!(found[0], [(0.0, 12), (17.0, 8)]);
    assert_eq!(found[1], [(0.0, 12)]);
    assert_eq!(found[2], [(17.0, 8)]);
}

#[test]
fn a_renamed_header_reads_the_same_but_for_its_annotations() {
    let folder = Folder::with(&[
        ("other.txt", &fixture("format212.hea")),
        ("format212.dat", &fixture("format212.dat")),
    ]);
    let renamed = folder.open("other.txt").unwrap();
    assert_eq!(renamed.channels, open("format212.hea").channels);
}

#[test]
fn the_needle_recording_holds_the_numbers_of_its_edf() {
    let recording = open("needle.hea");
    let edf = fixtures().join("recordings/real/needle-emg.edf");
    let edf = formats::open(&edf, &Mapping::default()).unwrap();
    let stored = |recording: &Recording| {
        recording.channels[0].segments[0]
            .samples
            .widen(0..10_000)
            .unwrap()
    };
    assert_eq!(recording.channels[0].sample_count(), 10_000);
    assert_eq!(stored(&recording), stored(&edf));
    assert_eq!(recording.subject.age_years, Some(44.0));
    assert!(recording.findings.is_empty() && recording.channels[0].findings.is_empty());
}
