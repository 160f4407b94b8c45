//! Impossible fields, missing and cut files, changed bytes.

use super::*;

/// Enough to reach every part of the decoder.
const FLAC_MUTATIONS: usize = 3000;
/// 1, 2, 3 in format 16.
const SAMPLES: &[u8] = &[1, 0, 2, 0, 3, 0];

fn one(header: &str) -> Result<Recording> {
    Folder::with(&[("a.hea", header.as_bytes()), ("a.dat", SAMPLES)]).open("a.hea")
}

#[test]
fn the_record_of_these_tests_is_read() {
    let recording = one("a 1 1000 3\na.dat 16 1000/mV 16 0 1 6 0 ADM").unwrap();
    assert_eq!(codes(&recording), []);
    assert_eq!(
        recording.channels[0].segments[0].samples,
        Samples::I16(vec![1, 2, 3])
    );
    assert_eq!(recording.channels[0].calibration.gain, 0.001);
}

#[test]
fn impossible_fields_are_errors_that_name_the_line() {
    for (header, code, place) in [
        (
            "a 2 1000 3\na.dat 16 1000/mV",
            ErrorCode::Truncated,
            "line 1",
        ),
        (
            "a 1 1000 3\na.dat 16 1000/mV\na.dat 16 1000/mV",
            ErrorCode::BadHeader,
            "line 1",
        ),
        ("a 1 0 3\na.dat 16 1000/mV", ErrorCode::BadHeader, "line 1"),
        (
            "a 1 1e999 3\na.dat 16 1000/mV",
            ErrorCode::BadHeader,
            "line 1",
        ),
        (
            "a 1 1000 4\na.dat 16 1000/mV",
            ErrorCode::Truncated,
            "record line",
        ),
        (
            "a 1 1000 18446744073709551615\na.dat 16 1000/mV",
            ErrorCode::Truncated,
            "record line",
        ),
        (
            "a 1 1000 3\na.dat 16x0 1000/mV",
            ErrorCode::BadHeader,
            "line 2 (signal 0)",
        ),
        (
            "a 1 1000 3\na.dat 16x18446744073709551615 1000/mV",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16+7 1000/mV",
            ErrorCode::Truncated,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 516 1000/mV",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 1000(x)/mV",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 nan/mV",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 0/mV",
            ErrorCode::BadCalibration,
            "line 2",
        ),
        ("a 1 1000 3\na.dat 16", ErrorCode::BadCalibration, "line 2"),
        (
            "a 1 1000 3\na.dat 16 1e-320/mV",
            ErrorCode::BadCalibration,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 1000/NU",
            ErrorCode::UnknownUnit,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 1000/mV 99",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1 1000 3\na.dat 16 1000/mV 16 ADM",
            ErrorCode::BadHeader,
            "line 2",
        ),
        (
            "a 1\na.dat 16 1000/mV",
            ErrorCode::UnknownRate,
            "record line",
        ),
        ("a 1 1000 3\nb.dat 16 1000/mV", ErrorCode::Io, "b.dat"),
        (
            "a 2 1000 1\na.dat 16 1000/mV\na.dat 212 1000/mV",
            ErrorCode::BadHeader,
            "line 2",
        ),
        ("a/1 1 1000 3\nb 3", ErrorCode::Io, "b.hea"),
    ] {
        let error = one(header).unwrap_err();
        assert_eq!(error.code(), code, "{header:?}: {error}");
        assert!(
            error.place().unwrap().contains(place),
            "{header:?}: {error}"
        );
        assert!(error.path().unwrap().ends_with("a.hea"), "{error}");
    }
}

#[test]
fn a_header_opens_no_file_elsewhere() {
    let outer = Folder::with(&[("secret.dat", SAMPLES)]);
    let inner = outer.0.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let absolute = outer.0.path().join("secret.dat");
    for name in [
        "../secret.dat",
        "inner/../../secret.dat",
        absolute.to_str().unwrap(),
        "..\\secret.dat",
        ".",
    ] {
        let header = format!("a 1 1000 3\n{name} 16 1000/mV");
        std::fs::write(inner.join("a.hea"), header).unwrap();
        let error = outer.open("inner/a.hea").unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadHeader, "{error}");
        assert!(error.to_string().contains("same folder"), "{error}");
        let header = format!("a/1 1 1000 3\n{} 3", name.trim_end_matches(".dat"));
        std::fs::write(inner.join("a.hea"), header).unwrap();
        assert_eq!(
            outer.open("inner/a.hea").unwrap_err().code(),
            ErrorCode::BadHeader
        );
    }
}

#[test]
fn a_wrong_checksum_or_initial_value_is_a_finding_and_the_samples_stand() {
    for (fields, wrong) in [
        ("1 6", 0),
        ("1 7", 1),
        ("2 6", 1),
        ("0 0", 2),
        ("1 -65530", 0),
    ] {
        let recording = one(&format!("a 1 1000 3\na.dat 16 1000/mV 16 0 {fields} 0 ADM")).unwrap();
        let found: Vec<_> = recording.channels[0]
            .findings
            .iter()
            .filter(|finding| finding.code == FindingCode::ChecksumWrong)
            .collect();
        assert_eq!(found.len(), wrong, "{fields}: {found:?}");
    }
}

#[test]
fn rails_that_the_samples_contradict_are_not_used() {
    let recording = one("a 1 1000 3\na.dat 16 1000/mV 2 0 1 6 0 ADM").unwrap();
    assert_eq!(recording.channels[0].calibration.rails, None);
    assert_eq!(codes(&recording), [FindingCode::RailsUnknown]);
}

#[test]
fn a_mapping_states_what_the_header_does_not() {
    let header = "a 1\na.dat 16 0/NU 16 0 1 6 0 left thumb";
    let folder = Folder::with(&[("a.hea", header.as_bytes()), ("a.dat", SAMPLES)]);
    let stated = "rate_hz = 2000\n[[channels]]\nlabel = 'left thumb'\ngain = 0.5\nunit = 'uV'\nmuscle = 'APB'";
    let recording = folder.open_with("a.hea", stated).unwrap();
    let channel = &recording.channels[0];
    assert_eq!(channel.rate, Hertz(2000.0));
    assert_eq!(channel.calibration.gain, 0.0005);
    assert_eq!(channel.muscle.as_deref(), Some("APB"));
    let other = folder
        .open_with(
            "a.hea",
            "rate_hz = 2000\n[[channels]]\ncolumn = '1'\nrole = 'other'",
        )
        .unwrap();
    assert_eq!(other.channels[0].role, Role::Other);
    assert_eq!(other.channels[0].calibration.millivolts_per_unit, None);
    let lost = folder.open_with(
        "a.hea",
        "rate_hz = 2000\n[[channels]]\nlabel = 'APB'\nrole = 'other'",
    );
    assert!(lost.is_err());
    let marks = format!("{stated}\n[[marks]]\ntimes_s = [0.001]");
    assert_eq!(
        folder.open_with("a.hea", &marks).unwrap().marks[0].text,
        "stimulus"
    );
}

#[test]
fn a_signal_file_alone_gets_the_advice_to_open_its_header() {
    let folder = Folder::with(&[
        ("a.hea", b"a 1 1000 3\na.dat 16 1000/mV"),
        ("a.dat", SAMPLES),
        ("b.dat", SAMPLES),
    ]);
    let error = folder.open("a.dat").unwrap_err().to_string();
    assert!(
        error.contains("open its header") && error.contains("a.hea"),
        "{error}"
    );
    let error = folder.open("b.dat").unwrap_err().to_string();
    assert!(error.contains(".hea"), "{error}");
}

#[test]
fn damaged_annotations_are_left_out_and_said_so() {
    let header = b"a 1 1000 3\na.dat 16 1000/mV 16 0 1 6 0 ADM";
    let folder = Folder::with(&[
        ("a.hea", header),
        ("a.dat", SAMPLES),
        ("a.atr", &[1, 4]),
        ("a.note", b"a text"),
    ]);
    let recording = folder.open("a.hea").unwrap();
    assert_eq!(codes(&recording), [FindingCode::AnnotationsUnread]);
    assert!(recording.findings[0].detail.contains("a.atr"));
    folder.put("a.atr", &[1, 4, 0, 0]);
    assert_eq!(folder.open("a.hea").unwrap().marks[0].text, "N");
}

#[test]
fn segments_that_contradict_each_other_are_errors() {
    let part = "b 1 1000 3\nb.dat 16 1000/mV 16 0 1 6 0 ADM";
    let folder = Folder::with(&[
        ("b.hea", part.as_bytes()),
        ("b.dat", SAMPLES),
        ("c.dat", SAMPLES),
    ]);
    for (master, other, code) in [
        ("a/2 1 1000 6\nb 3\nb 3", part, ErrorCode::Unsupported),
        ("a/1 1 1000 3\na 3", part, ErrorCode::BadHeader),
        ("a/1 1 1000 4\nb 4", part, ErrorCode::BadHeader),
        ("a/1 1 500 3\nb 3", part, ErrorCode::BadHeader),
        ("a/1 1 1000 3\n~ 3", part, ErrorCode::NothingToAnalyze),
        (
            "a/2 1 1000 3\nb 3\n~ 18446744073709551615",
            part,
            ErrorCode::BadHeader,
        ),
        (
            "a/2 1 1000 6\nb 3\nc 3",
            "c 1 1000 3\nc.dat 16 500/mmHg",
            ErrorCode::UnknownUnit,
        ),
        (
            "a/2 1 1000 6\nb 3\nc 3",
            "c 1 1000 3\nc.dat 16",
            ErrorCode::BadCalibration,
        ),
        (
            "a/2 1 1000 6\nb 3\nc 3",
            "c 1 1000 1\nc.dat 16x3 1000/mV",
            ErrorCode::BadHeader,
        ),
        (
            "a/2 1 1000 6\nb 3\nc 3",
            "c 1 1000 3\nb.dat 16 1000/mV",
            ErrorCode::Unsupported,
        ),
    ] {
        folder.put("a.hea", master.as_bytes());
        folder.put("c.hea", other.as_bytes());
        let error = folder.open("a.hea").unwrap_err();
        assert_eq!(error.code(), code, "{master:?} {other:?}: {error}");
    }
    folder.put("a.hea", b"a/2 1 1000 7\nb 3\nc 3");
    folder.put("c.hea", b"c 1 1000 3\nc.dat 16 1000/mV 12 0 1 6 0 ADM");
    let recording = folder.open("a.hea").unwrap();
    assert_eq!(
        codes(&recording),
        [FindingCode::HeaderCorrected, FindingCode::RailsUnknown]
    );
    assert_eq!(recording.channels[0].sample_count(), 6);
}

/// What the second segment of two holds, its first one being 1, 2, 3 at 1000 steps per mV.
fn second_segment(line: &str) -> Recording {
    let header = format!("c 1 1000 3\nc.dat {line} 16 0 1 6 0 ADM");
    Folder::with(&[
        ("a.hea", b"a/2 1 1000 6\nb 3\nc 3"),
        ("b.hea", b"b 1 1000 3\nb.dat 16 1000/mV 16 0 1 6 0 ADM"),
        ("c.hea", header.as_bytes()),
        ("b.dat", SAMPLES),
        ("c.dat", SAMPLES),
    ])
    .open("a.hea")
    .unwrap()
}

#[test]
fn segments_of_another_gain_have_the_values_that_their_own_gain_gives() {
    for (line, kind, expected) in [
        ("16 1000(4)/mV", "i16", [-0.003, -0.002, -0.001]),
        ("16 500(10)/mV", "i16", [-0.018, -0.016, -0.014]),
        ("16 -2000/mV", "i16", [-0.0005, -0.001, -0.0015]),
        ("16 1e9/mV", "i32", [1e-9, 2e-9, 3e-9]),
        ("16 1e13/mV", "f64", [1e-13, 2e-13, 3e-13]),
        ("16 300/mV", "f64", [1.0 / 300.0, 2.0 / 300.0, 0.01]),
        ("16 2(1)/uV", "f64", [0.0, 0.0005, 0.001]),
    ] {
        let recording = second_segment(line);
        let channel = &recording.channels[0];
        assert_eq!(channel.segments[0].samples.kind(), kind, "{line}");
        let values: Vec<f64> = channel
            .segments
            .iter()
            .flat_map(|segment| channel.physical(segment, 0..9).unwrap())
            .collect();
        let first = [0.001, 0.002, 0.003];
        assert_eq!(values.len(), 6, "{line}");
        for (value, expected) in values.iter().zip(first.iter().chain(&expected)) {
            assert!(
                (value - expected).abs() <= 1e-15 * expected.abs().max(0.001),
                "{line}: {value} {expected}"
            );
        }
        assert!(codes(&recording).contains(&FindingCode::CalibrationChanges));
        assert_eq!(channel.calibration.rails, None);
    }
}

#[test]
fn a_layout_does_not_say_what_the_numbers_of_the_segments_mean() {
    let folder = Folder::with(&[
        ("a.hea", b"a/2 1 1000 3\nl 0\nb 3"),
        ("l.hea", b"l 1 1000 0\n~ 0 200/mV 13 0 0 0 0 ADM"),
        ("b.hea", b"b 1 1000 3\nb.dat 16 1000/mV 16 0 1 6 0 ADM"),
        ("b.dat", SAMPLES),
    ]);
    let recording = folder.open("a.hea").unwrap();
    assert_eq!(recording.channels[0].calibration.gain, 0.001);
    assert_eq!(codes(&recording), [FindingCode::HeaderCorrected]);
}

#[test]
fn a_damaged_flac_file_is_an_error_and_never_a_panic() {
    let header = fixture("format516.hea");
    let bytes = fixture("format516.dat");
    let folder = Folder::with(&[("format516.hea", &header)]);
    for length in (0..bytes.len()).step_by(331) {
        folder.put("format516.dat", &bytes[..length]);
        assert!(folder.open("format516.hea").is_err(), "{length}");
    }
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let mut refused = 0;
    for _ in 0..FLAC_MUTATIONS {
        let mut changed = bytes.clone();
        for _ in 0..random.random_range(1..4) {
            // Frames begin behind the metadata of 42 bytes and more.
            let end = if random.random_bool(0.5) {
                200
            } else {
                bytes.len()
            };
            let at = random.random_range(0..end);
            changed[at] = random.random();
        }
        folder.put("format516.dat", &changed);
        refused += usize::from(folder.open("format516.hea").is_err());
    }
    assert!(2 * refused > FLAC_MUTATIONS, "{refused}");
}

/// All files of one record, opened again and again with changes.
fn whole(names: &[&str]) -> Folder {
    let files: Vec<_> = names.iter().map(|name| (*name, fixture(name))).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    Folder::with(&files)
}

const FRAMES: [&str; 5] = [
    "frames.hea",
    "frames.d1",
    "frames.d2",
    "frames.atr",
    "frames.stim",
];
const VARIABLE: [&str; 6] = [
    "variable.hea",
    "variable_layout.hea",
    "variable_1.hea",
    "variable_1.dat",
    "variable_2.hea",
    "variable_2.dat",
];

#[test]
fn files_cut_anywhere_are_never_a_panic() {
    for names in [&FRAMES[..], &VARIABLE] {
        let folder = whole(names);
        for name in names {
            let bytes = fixture(name);
            // A cut inside a signal file differs only in how many samples are missing.
            let step = if name.contains(".d") { 9 } else { 1 };
            for length in (0..bytes.len()).step_by(step) {
                folder.put(name, &bytes[..length]);
                let _ = folder.open(names[0]);
            }
            folder.put(name, &bytes);
        }
        assert!(folder.open(names[0]).is_ok());
    }
}

#[test]
fn a_changed_byte_is_never_a_panic() {
    for names in [&FRAMES[..], &VARIABLE] {
        let folder = whole(names);
        // Any byte of a signal file is a sample.
        for name in names.iter().filter(|name| !name.contains(".d")) {
            let bytes = fixture(name);
            for index in 0..bytes.len() {
                for value in [b' ', b'9', 0xFF, bytes[index] ^ 1] {
                    let mut changed = bytes.clone();
                    changed[index] = value;
                    folder.put(name, &changed);
                    if let Ok(recording) = folder.open(names[0]) {
                        for channel in &recording.channels {
                            assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0);
                            assert!(
                                channel.calibration.gain.is_finite()
                                    && channel.calibration.gain != 0.0
                            );
                        }
                    }
                }
            }
            folder.put(name, &bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_never_a_panic(
        number in prop::sample::select(vec![8_u32, 16, 24, 32, 61, 80, 160, 212, 310, 311]),
        per_frame in 1_usize..5, skew in 0_usize..5, offset in 0_usize..9,
        data in prop::collection::vec(any::<u8>(), 0..200),
        annotations in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let header = format!("a 2 1000\na.dat {number}x{per_frame}:{skew}+{offset} 1000/mV 8 0 0 0 0 ADM\na.dat {number}+{offset} 1000/mV 8 0 0 0 0 APB");
        let folder = Folder::with(&[("a.hea", header.as_bytes()), ("a.dat", &data), ("a.atr", &annotations)]);
        if let Ok(recording) = folder.open("a.hea") {
            let count: usize = recording.channels.iter().map(Channel::sample_count).sum();
            prop_assert!(count <= data.len());
        }
    }

    #[test]
    fn any_text_behind_a_header_is_never_a_panic(tail in "[ -~\n\t]{0,120}", at in 0_usize..246) {
        let folder = whole(&FRAMES);
        let mut bytes = fixture("frames.hea");
        bytes.truncate(at);
        bytes.extend(tail.bytes());
        folder.put("frames.hea", &bytes);
        let _: std::result::Result<Recording, Error> = folder.open("frames.hea");
    }
}
