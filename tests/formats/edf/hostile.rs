//! Impossible fields, cut files, changed bytes.

use super::*;

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
        // The first characters alone are no EDF file yet; what is left of them may look like a number in a text.
        const FIXED_HEADER: usize = 256;
        assert!(
            length < FIXED_HEADER
                || matches!(
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
    fn any_bytes_behind_a_header_are_never_a_panic(tail in prop::collection::vec(any::<u8>(), 0..600), at in 0_usize..1600) {
        let mut bytes = small();
        let end = bytes.len().min(at + tail.len());
        bytes[at.min(end)..end].copy_from_slice(&tail[..end - at.min(end)]);
        let _ = read(bytes);
    }
}
