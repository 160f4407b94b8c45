//! What is written in any format comes back: the same samples at the same times with the same meaning.

use super::*;
use endplate::error::ErrorCode;

/// The samples of a recording as numbers; a continuous signal may be cut elsewhere.
fn stored(samples: &Samples) -> Vec<f64> {
    samples.widen(0..samples.len()).unwrap()
}

fn compare(name: &str, read: &Recording, written: &Recording) {
    assert_eq!(read.channels.len(), written.channels.len(), "{name}");
    for (read, written) in read.channels.iter().zip(&written.channels) {
        let name = format!("{name} \"{}\"", written.label);
        assert_eq!(read.label, written.label, "{name}");
        assert_eq!(read.rate, written.rate, "{name}");
        assert_eq!(read.role, written.role, "{name}");
        assert_eq!(
            (&read.muscle, read.side),
            (&written.muscle, written.side),
            "{name}"
        );
        assert_eq!(read.segments.len(), written.segments.len(), "{name}");
        let size = written.calibration.gain.abs();
        for (read_segment, segment) in read.segments.iter().zip(&written.segments) {
            let late = (read_segment.start.0 - segment.start.0).abs() * written.rate.0;
            assert!(late < 1e-3, "{name}: {late} samples late");
            let (found, expected) = (stored(&read_segment.samples), stored(&segment.samples));
            assert_eq!(found.len(), expected.len(), "{name}");
            for (found, expected) in found.iter().zip(&expected) {
                let found = read.calibration.physical(*found);
                let expected = written.calibration.physical(*expected);
                if found == expected || (found.is_nan() && expected.is_nan()) {
                    continue;
                }
                let off = (found - expected).abs();
                // Decimal fields of a header round the calibration, by far less than a step.
                assert!(
                    off <= 1e-6 * size.max(expected.abs()),
                    "{name}: {found} {expected}"
                );
            }
        }
    }
    let marks = |recording: &Recording| -> Vec<(String, Option<usize>)> {
        let marks = recording.marks.iter();
        marks
            .map(|mark| (mark.text.clone(), mark.channel))
            .collect()
    };
    assert_eq!(marks(read), marks(written), "{name}");
    for (read, written) in read.marks.iter().zip(&written.marks) {
        assert!((read.time.0 - written.time.0).abs() < 1e-6, "{name}");
    }
    assert_eq!(read.origin.clock, written.origin.clock, "{name}");
}

#[test]
fn every_fixture_that_a_writer_accepts_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS.iter().filter(|format| format.write.is_some()) {
        let mut accepted = 0;
        for case in cases() {
            let name = format!("{} as {}", case.name(), format.id);
            let path = folder.path().join("written");
            match formats::write(&case.recording, &path, format.id) {
                Ok(()) => {
                    accepted += 1;
                    let read = formats::open(&path, &Mapping::default())
                        .unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert_eq!(read.origin.format, format.id, "{name}");
                    compare(&name, &read, &case.recording);
                }
                Err(error) => assert!(
                    matches!(error.code(), ErrorCode::WouldLose | ErrorCode::Unsupported),
                    "{name}: {error}"
                ),
            }
        }
        assert!(
            accepted >= 10,
            "{}: {accepted} fixtures were written",
            format.id
        );
    }
}
