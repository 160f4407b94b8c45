//! What is refused, and files that were damaged.

use super::*;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Replaces the first occurrence.
fn replaced(name: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = fixture(name);
    let at = bytes
        .windows(from.len())
        .position(|window| window == from)
        .expect("the bytes stand there");
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn what_cannot_be_read_is_named_with_what_to_do() {
    for (name, words) in [
        ("refused_mb.dcm", "MB"),
        ("refused_sv.dcm", "64 bits"),
        ("refused_none.dcm", "without a Waveform Sequence"),
    ] {
        let error = open_with(name, "").unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unsupported, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_transfer_syntax_of_images_is_refused_by_its_number() {
    // JPEG baseline has as many characters.
    let bytes = replaced(
        "deflated.dcm",
        b"1.2.840.10008.1.2.1.99",
        b"1.2.840.10008.1.2.4.50",
    );
    let error = open_bytes(&bytes).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(
        error.to_string().contains("1.2.840.10008.1.2.4.50"),
        "{error}"
    );
}

/// `tag` (group and element, little endian), VR and length of a short explicit element.
fn head(group: u16, element: u16, vr: &[u8; 2], length: u16) -> Vec<u8> {
    [
        &group.to_le_bytes()[..],
        &element.to_le_bytes(),
        vr,
        &length.to_le_bytes(),
    ]
    .concat()
}

fn with_value(group: u16, element: u16, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let head = head(group, element, vr, value.len() as u16);
    let mut bytes = fixture("samples_ss.dcm");
    let at = bytes
        .windows(head.len())
        .position(|window| window == head)
        .expect("the element stands there")
        + head.len();
    bytes[at..at + value.len()].copy_from_slice(value);
    bytes
}

#[test]
fn impossible_counts_rates_and_sensitivities_are_errors_that_name_the_place() {
    let ul = |count: u32| count.to_le_bytes();
    for (bytes, code, place) in [
        (
            with_value(0x003A, 0x0010, b"UL", &ul(0)),
            ErrorCode::BadHeader,
            "(003A,0010)",
        ),
        (
            with_value(0x003A, 0x0010, b"UL", &ul(33)),
            ErrorCode::Truncated,
            "item 1",
        ),
        (
            with_value(0x003A, 0x0010, b"UL", &ul(u32::MAX)),
            ErrorCode::Truncated,
            "item 1",
        ),
        (
            with_value(0x003A, 0x0005, b"US", &[255, 255]),
            ErrorCode::BadHeader,
            "item 1",
        ),
        (
            with_value(0x003A, 0x001A, b"DS", b"-1  "),
            ErrorCode::UnknownRate,
            "item 1",
        ),
        (
            with_value(0x003A, 0x001A, b"DS", b"nan "),
            ErrorCode::BadHeader,
            "(003A,001A)",
        ),
        (
            with_value(0x003A, 0x0210, b"DS", b"0.0 "),
            ErrorCode::BadCalibration,
            "channel 1 \"EMG L ADM\"",
        ),
        (
            with_value(0x003A, 0x0210, b"DS", b"x   "),
            ErrorCode::BadHeader,
            "(003A,0210)",
        ),
        (
            with_value(0x003A, 0x0213, b"DS", b"x "),
            ErrorCode::BadHeader,
            "(003A,0213)",
        ),
        (
            replaced("samples_ss.dcm", b"SH\x02\x00uV", b"SH\x02\x00zV"),
            ErrorCode::UnknownUnit,
            "channel",
        ),
    ] {
        let error = open_bytes(&bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let at = error.place().unwrap();
        assert!(at.contains(place), "{error}");
        assert!(error.path().is_some());
    }
}

#[test]
fn a_deflated_bomb_is_refused() {
    use std::io::Write as _;
    let bytes = fixture("deflated.dcm");
    // The data set begins where the file meta information ends.
    let length = u32::from_le_bytes(bytes[140..144].try_into().unwrap()) as usize;
    let mut bomb = bytes[..144 + length].to_vec();
    let mut encoder = flate2::write::DeflateEncoder::new(&mut bomb, flate2::Compression::best());
    for _ in 0..160 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap();
    let error = open_bytes(&bomb).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLarge, "{error}");
}

const ALL: [&str; 7] = [
    "annotations.dcm",
    "padding.dcm",
    "implicit.dcm",
    "big.dcm",
    "deflated.dcm",
    "samples_sb.dcm",
    "samples_ul.dcm",
];

#[test]
fn a_file_cut_anywhere_is_an_error_or_whole_and_never_a_panic() {
    for name in ALL {
        let bytes = fixture(name);
        for length in (0..bytes.len()).step_by(3) {
            if let Ok(recording) = open_bytes(&bytes[..length]) {
                // Only what stands behind the waveform may be missing.
                assert!(!recording.channels.is_empty(), "{name} {length}");
            }
        }
    }
}

fn survives(bytes: &[u8]) {
    if let Ok(recording) = open_bytes(bytes) {
        for channel in &recording.channels {
            assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0);
            assert!(channel.calibration.gain.is_finite() && channel.calibration.gain != 0.0);
            assert!(channel.sample_count() <= bytes.len().max(1 << 16) * 200);
            assert!(
                channel
                    .segments
                    .iter()
                    .all(|segment| segment.start.0.is_finite())
            );
        }
        assert!(recording.marks.iter().all(|mark| mark.time.0.is_finite()));
    }
}

#[test]
fn a_changed_byte_is_never_a_panic() {
    for name in ["implicit.dcm", "big.dcm", "padding.dcm"] {
        let bytes = fixture(name);
        for index in (128..bytes.len()).step_by(3) {
            for value in [0xFF, bytes[index] ^ 1] {
                let mut changed = bytes.clone();
                changed[index] = value;
                survives(&changed);
            }
        }
    }
}

#[test]
fn many_changed_bytes_are_never_a_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for name in ALL {
        let bytes = fixture(name);
        for _ in 0..250 {
            let mut changed = bytes.clone();
            for _ in 0..random.random_range(1..12) {
                let at = random.random_range(128..changed.len());
                let width = random.random_range(1..5).min(changed.len() - at);
                let fill = [0, 0xFF, 0x7F, b'9', random.random()][random.random_range(0..5)];
                changed[at..at + width].fill(fill);
            }
            survives(&changed);
        }
    }
}
