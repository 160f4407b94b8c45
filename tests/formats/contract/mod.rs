//! What holds for every format: each rule is a function that is asked of every fixture that opens.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

mod identity;
mod reading;
mod writing;

use endplate::formats::{self, FORMATS, Input, Mapping};
use endplate::recording::{Recording, Role, Samples};
use endplate::sidecar::{self, Reading};
use std::path::{Path, PathBuf};

/// Fewer would mean that the fixtures are not found.
const FEWEST: usize = 60;

/// A fixture that opens.
struct Case {
    path: PathBuf,
    /// What stands beside it about the file.
    mapping: Mapping,
    /// As its reader gives it, so with what tells who the person is.
    recording: Recording,
}

impl Case {
    fn name(&self) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        self.path.strip_prefix(root).unwrap().display().to_string()
    }
}

/// Every file of the fixtures that may be a recording.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            !["make", "oracle"]
                .iter()
                .any(|name| entry.file_name() == *name)
        })
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            ![".toml", ".truth.json", ".LICENSE"]
                .iter()
                .any(|ending| name.ends_with(ending))
        })
        .collect()
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = files()
        .into_iter()
        .filter_map(|path| {
            let mapping = sidecar::mapping(&path, &Mapping::default()).unwrap();
            let recording = formats::open(&path, &mapping).ok()?;
            Some(Case {
                path,
                mapping,
                recording,
            })
        })
        .collect();
    assert!(cases.len() >= FEWEST, "{} fixtures open", cases.len());
    for format in FORMATS {
        assert!(
            cases
                .iter()
                .any(|case| case.recording.origin.format == format.id),
            "no fixture of {} opens",
            format.id
        );
    }
    cases
}

/// The recording without the place where it was found.
fn anywhere(recording: &Recording) -> Recording {
    let mut recording = recording.clone();
    recording.origin.path = PathBuf::new();
    recording
}

/// Equal, numbers that are none included.
fn same(a: &Recording, b: &Recording) -> bool {
    a == b || format!("{a:?}") == format!("{b:?}")
}
