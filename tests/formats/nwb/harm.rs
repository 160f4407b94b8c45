//! Files that mean harm, or lead elsewhere: refused with what to do, and nothing panics.

use super::*;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

#[test]
fn nothing_but_the_file_itself_is_opened() {
    for (name, code, parts) in [
        (
            "refused_link.nwb",
            ErrorCode::Unsupported,
            ["/acquisition/emg/data", "leads to another file"],
        ),
        (
            "refused_storage.nwb",
            ErrorCode::Unsupported,
            ["/acquisition/emg/data", "external storage"],
        ),
        (
            "refused_events.nwb",
            ErrorCode::UnknownRate,
            ["/acquisition/emg", "follow no sampling rate"],
        ),
        (
            "refused_version.nwb",
            ErrorCode::Unsupported,
            ["\"3.0.0\"", "expected 2.x"],
        ),
    ] {
        let (found, message) = refused(name, "");
        assert_eq!(found, code, "{name}: {message}");
        for part in parts {
            assert!(message.contains(part), "{name}: {message}");
        }
    }
}

#[test]
fn a_file_is_known_by_its_content_and_a_mapping_may_still_read_it_as_hdf5() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = folder.path().join("x.dat");
    std::fs::copy(fixture("types.nwb"), &renamed).unwrap();
    assert_eq!(
        open(&renamed, &Mapping::default()).unwrap().origin.format,
        "nwb"
    );
    let toml = "format = 'hdf5'\nrate_hz = 100\nunit = 'mV'\n[[channels]]\ndataset = '/acquisition/emg_int16/data'";
    let recording = read("types.nwb", toml);
    assert_eq!(recording.origin.format, "hdf5");
    assert_eq!(recording.channels[0].rate.0, 100.0);
    let own = open(&root("hdf5/own_minimal.h5"), &Mapping::default()).unwrap();
    assert_eq!(own.origin.format, "hdf5");
}

#[test]
fn a_text_that_is_stored_in_fewer_bytes_than_it_needs_is_refused() {
    // Fuzzing found it: the library stores as many bytes of an attribute as its type claims, and reads as many as it needs.
    let mut bytes = std::fs::read(fixture("patch.nwb")).unwrap();
    // The name in an attribute message, then the type: a text of variable length, whose size is 16.
    const UNIT: &[u8] = b"unit\0\0\0\0\x19\x01\x01\0\x10\0\0\0";
    let ends: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at..].starts_with(UNIT))
        .map(|at| at + UNIT.len() - 4)
        .collect();
    assert!(!ends.is_empty());
    for size in [1, 10, 15] {
        for &at in &ends {
            bytes[at] = size;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.nwb");
        std::fs::write(&path, &bytes).unwrap();
        let error = open(&path, &Mapping::default()).unwrap_err();
        assert!(
            error
                .message()
                .contains(&format!("1 values of 16 bytes in {size} bytes")),
            "{error}"
        );
    }
}

/// How many mutations of each fixture.
const MUTATIONS: usize = 120;

#[test]
fn no_damage_to_a_fixture_brings_the_reader_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.nwb");
    let plain = Mapping::default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 10);
    let mut read = 0;
    for (number, file) in files.iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        for round in 0..MUTATIONS {
            let mut mutated = bytes.clone();
            if round % 4 == 0 {
                mutated.truncate(random.random_range(0..bytes.len()));
            } else {
                for _ in 0..random.random_range(1..4) {
                    let at = random.random_range(0..mutated.len());
                    mutated[at] = match random.random_range(0..4) {
                        0 => 0xff,
                        1 => 0,
                        2 => 0x7f,
                        _ => mutated[at] ^ (1 << random.random_range(0..8)),
                    };
                }
            }
            std::fs::write(&path, &mutated).unwrap();
            match open(&path, &plain) {
                Ok(_) => read += 1,
                Err(error) => {
                    assert_eq!(error.path(), Some(path.as_path()));
                    assert_ne!(error.code(), ErrorCode::Internal, "{error}");
                }
            }
        }
    }
    // Most damage lies in padding or samples, so the readers are really reached.
    assert!(read > 100, "{read}");
}

#[test]
fn a_file_cut_short_is_an_error_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.nwb");
    let bytes = std::fs::read(fixture("patch.nwb")).unwrap();
    for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(open(&path, &Mapping::default()).is_err(), "{length}");
    }
}
