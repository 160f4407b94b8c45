//! No bytes bring endplate down: every small fixture is cut short and has bits flipped and numbers pushed to extremes, from fixed seeds;
//! of a recording of several files one at a time. Whatever opens must also survive the analysis.

use endplate::formats::{self, Mapping};
use endplate::sidecar::{self, Reading};
use endplate::study;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Larger fixtures are left out: they hold nothing that the small ones do not.
const LARGEST: u64 = 60_000;
/// The same for all files of a recording of several: they open slower. Compressed ones are damaged in tests/formats/wfdb.
const LARGEST_OF_SEVERAL: u64 = 6_000;
/// Mutations of one recording.
const MUTATIONS: u64 = 60;

/// The files of one recording; the first one is opened.
struct Record(Vec<PathBuf>);

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The file, the files that belong to it, and those that belong to these.
fn with_parts(file: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(file.parent().unwrap()).unwrap();
    let mut names: Vec<String> = folder.map(|entry| name(&entry.unwrap().path())).collect();
    names.sort();
    let mut files = vec![file.to_path_buf()];
    let mut next = 0;
    while let Some(path) = files.get(next).cloned() {
        next += 1;
        for part in formats::parts(&path, &names) {
            let part = file.with_file_name(part);
            if part.is_file() && !files.contains(&part) {
                files.push(part);
            }
        }
    }
    files
}

fn records() -> Vec<Record> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let found: Vec<Vec<PathBuf>> = walkdir::WalkDir::new(root)
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
            [
                "edf", "bdf", "h5", "csv", "txt", "mat", "nwb", "hea", "dcm", "abf",
            ]
            .contains(&extension.as_str())
        })
        .map(|path| with_parts(&path))
        .collect();
    let parts: BTreeSet<PathBuf> = found
        .iter()
        .flat_map(|files| files.iter().skip(1).cloned())
        .collect();
    let size = |files: &[PathBuf]| -> u64 {
        let sizes = files.iter().map(|path| path.metadata().unwrap().len());
        sizes.sum()
    };
    let whole = found.into_iter().filter(|files| {
        !parts.contains(&files[0]) && (files.len() == 1 || size(files) <= LARGEST_OF_SEVERAL)
    });
    whole.map(Record).collect()
}

/// A recording whose files are changed again and again.
struct Patient {
    folder: tempfile::TempDir,
    main: PathBuf,
    files: Vec<(String, Vec<u8>)>,
}

impl Patient {
    fn new(record: &Record) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = record
            .0
            .iter()
            .map(|path| (name(path), std::fs::read(path).unwrap()))
            .collect();
        for (name, bytes) in &files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        for beside in sidecar::files(&record.0[0]).unwrap() {
            std::fs::copy(&beside, folder.path().join(beside.file_name().unwrap())).unwrap();
        }
        Self {
            main: folder.path().join(&files[0].0),
            folder,
            files,
        }
    }

    /// Opens and analyzes with one file replaced. Either may fail with an error that names the file; neither may panic.
    fn survive(&self, index: usize, bytes: &[u8]) {
        let (name, original) = &self.files[index];
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
        match sidecar::open(&self.main, &Reading::default()) {
            Ok(recording) => {
                // A mutated rate may ask for absurd work; what is analyzed is bounded by what was stored.
                let _ = study::analyze(&recording, &study::Settings::default());
            }
            Err(error) => {
                assert_eq!(
                    error.path(),
                    Some(self.main.as_path()),
                    "an error names its file: {error}"
                );
                assert!(!error.message().is_empty());
            }
        }
        std::fs::write(self.folder.path().join(name), original).unwrap();
    }
}

#[test]
fn every_fixture_may_end_anywhere() {
    let records = records();
    let several = records.iter().filter(|record| record.0.len() > 1).count();
    assert!(records.len() >= 40 && several >= 10, "too few fixtures");
    for record in &records {
        let patient = Patient::new(record);
        for (index, (_, bytes)) in patient.files.iter().enumerate() {
            // Of a recording of several files each gets its share.
            let parts = 24 / patient.files.len() + 2;
            let mut lengths: Vec<usize> = (0..parts.min(20)).collect();
            lengths.extend((0..parts).map(|part| bytes.len() * part / parts));
            lengths.extend(bytes.len().saturating_sub(4)..bytes.len());
            for length in lengths {
                patient.survive(index, &bytes[..length.min(bytes.len())]);
            }
        }
    }
}

#[test]
fn every_fixture_may_have_flipped_bits() {
    for (number, record) in records().iter().enumerate() {
        let patient = Patient::new(record);
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        for _ in 0..MUTATIONS {
            let index = random.random_range(0..patient.files.len());
            let mut mutated = patient.files[index].1.clone();
            if mutated.is_empty() {
                continue;
            }
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
            patient.survive(index, &mutated);
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
    for (number, record) in records().iter().enumerate() {
        let patient = Patient::new(record);
        let mut random = ChaCha8Rng::seed_from_u64(1000 + number as u64);
        for _ in 0..MUTATIONS {
            let index = random.random_range(0..patient.files.len());
            let mut mutated = patient.files[index].1.clone();
            let extreme = EXTREMES[random.random_range(0..EXTREMES.len())];
            let last = mutated.len().min(1024).saturating_sub(extreme.len());
            // Numbers in EDF headers stand at multiples of 8 bytes.
            let at = random.random_range(0..=last) / 8 * 8;
            let end = (at + extreme.len()).min(mutated.len());
            mutated[at..end].copy_from_slice(&extreme[..end - at]);
            patient.survive(index, &mutated);
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
