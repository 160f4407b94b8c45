//! What a reader gives.

use super::*;
use sha2::{Digest, Sha256};

#[test]
fn every_channel_has_a_rate_a_calibration_and_segments_in_order() {
    for case in cases() {
        for channel in &case.recording.channels {
            let name = format!("{} \"{}\"", case.name(), channel.label);
            assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0, "{name}");
            let calibration = &channel.calibration;
            assert!(
                calibration.gain.is_finite() && calibration.gain != 0.0,
                "{name}"
            );
            assert!(calibration.offset.is_finite(), "{name}");
            assert_eq!(channel.label, channel.label.trim(), "{name}");
            // Times are rounded; a sample's place is not.
            let half_a_step = 0.5 / channel.rate.0;
            for segment in &channel.segments {
                assert!(segment.start.0.is_finite(), "{name}");
            }
            for pair in channel.segments.windows(2) {
                let end = pair[0].end(channel.rate).0;
                assert!(pair[1].start.0 > end - half_a_step, "{name}: {end}");
            }
        }
    }
}

#[test]
fn every_sample_of_a_response_lies_within_the_rails() {
    let mut asked = 0;
    for case in cases() {
        // What is not measured keeps the rails of its header, also where it contradicts them.
        let channels = case.recording.channels.iter();
        for channel in channels.filter(|channel| channel.role == Role::Response) {
            let Some((low, high)) = channel.calibration.rails else {
                continue;
            };
            asked += 1;
            assert!(low < high, "{}", case.name());
            for segment in &channel.segments {
                let stored = segment.samples.widen(0..usize::MAX).unwrap();
                let outside = stored.iter().find(|value| !(low..=high).contains(*value));
                assert_eq!(outside, None, "{} \"{}\"", case.name(), channel.label);
            }
        }
    }
    assert!(asked > FEWEST, "{asked} channels with rails");
}

#[test]
fn every_mark_has_a_time_and_they_are_in_order() {
    for case in cases() {
        let marks = &case.recording.marks;
        for mark in marks {
            assert!(mark.time.0.is_finite(), "{}: {mark:?}", case.name());
            assert!(
                mark.duration
                    .is_none_or(|length| length.0.is_finite() && length.0 >= 0.0),
                "{}: {mark:?}",
                case.name()
            );
            let channels = case.recording.channels.len();
            assert!(
                mark.channel.is_none_or(|channel| channel < channels),
                "{}",
                case.name()
            );
        }
        assert!(
            marks.is_sorted_by(|a, b| a.time.0 <= b.time.0),
            "{}",
            case.name()
        );
    }
}

#[test]
fn a_file_read_twice_gives_the_same_recording() {
    for case in cases() {
        let again = formats::open(&case.path, &case.mapping).unwrap();
        assert!(same(&again, &case.recording), "{}", case.name());
    }
}

/// A copy of the folder of a fixture.
struct Copy(tempfile::TempDir);

impl Copy {
    fn of(folder: &Path) -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), copy.0.path().join(entry.file_name())).unwrap();
            }
        }
        copy
    }
}

#[test]
fn a_copy_elsewhere_and_one_with_another_extension_give_the_same_recording() {
    let mut copied: Option<(PathBuf, Copy)> = None;
    for case in cases() {
        let folder = case.path.parent().unwrap();
        if copied.as_ref().is_none_or(|(known, _)| known != folder) {
            copied = Some((folder.to_path_buf(), Copy::of(folder)));
        }
        let (_, copy) = copied.as_ref().unwrap();
        let path = copy.0.path().join(case.path.file_name().unwrap());
        let is_same = |path: &Path| {
            let found = formats::open(path, &case.mapping).unwrap();
            assert!(
                same(&anywhere(&found), &anywhere(&case.recording)),
                "{} as {}",
                case.name(),
                path.display()
            );
        };
        is_same(&path);
        let renamed = path.with_extension("renamed");
        std::fs::copy(&path, &renamed).unwrap();
        is_same(&renamed);
        std::fs::remove_file(renamed).unwrap();
    }
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    for case in cases() {
        let bytes = std::fs::read(&case.path).unwrap();
        let origin = &case.recording.origin;
        assert_eq!(origin.bytes, bytes.len() as u64, "{}", case.name());
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Of a recording of several files it is that of all of them.
        let whole = formats::parts(&case.path, &[]).is_empty();
        assert_eq!(origin.sha256 == hash, whole, "{}", case.name());
        assert_eq!(origin.sha256.len(), hash.len(), "{}", case.name());
    }
}

#[test]
fn exactly_one_format_claims_a_recording_once_refinements_count() {
    for case in cases() {
        let bytes = std::fs::read(&case.path).unwrap();
        let input = Input::from_bytes(&case.path, bytes);
        let claiming: Vec<_> = FORMATS
            .iter()
            .filter(|format| (format.claims)(&input))
            .collect();
        let left: Vec<_> = claiming
            .iter()
            .filter(|format| {
                !claiming
                    .iter()
                    .any(|other| other.refines.contains(&format.id))
            })
            .map(|format| format.id)
            .collect();
        assert_eq!(
            left,
            [case.recording.origin.format.as_str()],
            "{}",
            case.name()
        );
    }
}
