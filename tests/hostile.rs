//! No bytes bring endplate down: every small fixture is cut short and has bits flipped and numbers pushed to extremes, from fixed seeds.
//! Whatever opens must also survive the analysis.

use endplate::formats::{self, Mapping};
use endplate::sidecar::{self, Reading};
use endplate::study;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::{Path, PathBuf};

/// Larger fixtures are left out: they hold nothing that the small ones do not.
const LARGEST: u64 = 60_000;
/// Mutations of one file.
const MUTATIONS: u64 = 60;

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.metadata().unwrap().len() <= LARGEST)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let extension = path
                .extension()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            ["edf", "bdf", "h5", "csv", "txt", "mat", "nwb"].contains(&extension.as_str())
        })
        .collect()
}

/// Opens and analyzes the bytes. Either may fail with an error that names the file; neither may panic.
fn survive(bytes: &[u8], like: &Path, folder: &Path) {
    let path = folder.join(like.file_name().unwrap());
    std::fs::write(&path, bytes).unwrap();
    for beside in sidecar::files(like).unwrap() {
        std::fs::copy(&beside, folder.join(beside.file_name().unwrap())).unwrap();
    }
    match sidecar::open(&path, &Reading::default()) {
        Ok(recording) => {
            // A mutated rate may ask for absurd work; what is analyzed is bounded by what was stored.
            let _ = study::analyze(&recording, &study::Settings::default());
        }
        Err(error) => {
            assert_eq!(
                error.path(),
                Some(path.as_path()),
                "an error names its file: {error}"
            );
            assert!(!error.message().is_empty());
        }
    }
}

#[test]
fn every_fixture_may_end_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let files = fixtures();
    assert!(files.len() >= 5, "too few fixtures: {}", files.len());
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let mut lengths: Vec<usize> = (0..20).collect();
        lengths.extend((0..24).map(|part| bytes.len() * part / 24));
        lengths.extend(bytes.len().saturating_sub(4)..bytes.len());
        for length in lengths {
            survive(&bytes[..length.min(bytes.len())], file, folder.path());
        }
    }
}

#[test]
fn every_fixture_may_have_flipped_bits() {
    let folder = tempfile::tempdir().unwrap();
    for (number, file) in fixtures().iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        for _ in 0..MUTATIONS {
            let mut mutated = bytes.clone();
            for _ in 0..random.random_range(1..6) {
                // Most damage is done in headers.
                let end = if random.random_bool(0.7) {
                    mutated.len().min(2048)
                } else {
                    mutated.len()
                };
                let at = random.random_range(0..end);
                mutated[at] ^= 1 << random.random_range(0..8);
            }
            survive(&mutated, file, folder.path());
        }
    }
}

#[test]
fn every_fixture_may_hold_extreme_numbers() {
    const EXTREMES: &[&[u8]] = &[
        b"0       ",
        b"-1      ",
        b"99999999",
        b"-9999999",
        b"1e308   ",
        b"nan     ",
        b"inf     ",
        b"        ",
        &[0xff; 8],
        &[0; 8],
        &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0],
    ];
    let folder = tempfile::tempdir().unwrap();
    for (number, file) in fixtures().iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(1000 + number as u64);
        for _ in 0..MUTATIONS {
            let mut mutated = bytes.clone();
            let extreme = EXTREMES[random.random_range(0..EXTREMES.len())];
            let last = mutated.len().min(1024).saturating_sub(extreme.len());
            // Numbers in EDF headers stand at multiples of 8 bytes.
            let at = random.random_range(0..=last) / 8 * 8;
            let end = (at + extreme.len()).min(mutated.len());
            mutated[at..end].copy_from_slice(&extreme[..end - at]);
            survive(&mutated, file, folder.path());
        }
    }
}

#[test]
fn a_file_that_is_no_recording_is_an_error_that_says_what_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("empty.edf", &b""[..]),
        ("picture.edf", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("notes.csv", b"# Notes\nsome words\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = formats::open(&path, &Mapping::default())
            .map(|_| ())
            .unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
