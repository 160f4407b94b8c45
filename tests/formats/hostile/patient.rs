//! The fixtures as patients: recordings whose files are changed again and again, and what must hold of whatever comes out.

use endplate::error::ErrorCode;
use endplate::formats::{self, Mapping};
use endplate::recording::Recording;
use endplate::sidecar::{self, Reading};
use endplate::study;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Longer fixtures are left out: they hold nothing that short ones do not.
const LONGEST: u64 = 60_000;
/// The same for all files of a recording of several: they open slower. Compressed ones are damaged in tests/formats/wfdb.
const LONGEST_OF_SEVERAL: u64 = 6_000;
/// The analysis takes longer than the reading, so one of so many recordings that still open is analyzed.
const ANALYZED_ONE_OF: u32 = 32;
/// Errors that concern a file as a whole; every other one says where in the file.
const WITHOUT_A_PLACE: &[ErrorCode] = &[
    // An object without samples; a file of which nobody stated what it holds.
    ErrorCode::Unsupported,
    ErrorCode::BadMapping,
    ErrorCode::UnknownFormat,
    ErrorCode::AmbiguousFormat,
    ErrorCode::PartOfAnother,
    ErrorCode::NothingToAnalyze,
];

/// The files of one recording, the one to open first, and what is stated about it.
pub struct Record {
    pub files: Vec<PathBuf>,
    mapping: Mapping,
}

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

/// What is stated about the fixtures that do not describe themselves.
fn mapping_of(file: &Path) -> Mapping {
    const MATLAB: &str = "rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\n[[channels]]\nvariable = 'emg.sweeps'\nsample_axis = 0";
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    let toml = match extension.as_ref() {
        "h5" => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let oracle = std::fs::read_to_string(root.join("fixtures/oracle/hdf5.json")).unwrap();
            let oracle: serde_json::Value = serde_json::from_str(&oracle).unwrap();
            oracle["files"][name(file)]["mapping"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }
        "mat"
            if ["plain.mat", "compressed.mat", "v73.mat", "big.mat"]
                .contains(&name(file).as_str()) =>
        {
            MATLAB.to_owned()
        }
        _ => String::new(),
    };
    Mapping::from_toml(&toml).unwrap()
}

/// Every fixture that is short enough.
pub fn records() -> Vec<Record> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let found: Vec<Vec<PathBuf>> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.metadata().unwrap().len() <= LONGEST)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let extension = path.extension().unwrap_or_default().to_string_lossy();
            formats::FORMATS
                .iter()
                .any(|format| format.extensions.contains(&extension.as_ref()))
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
        !parts.contains(&files[0]) && (files.len() == 1 || size(files) <= LONGEST_OF_SEVERAL)
    });
    whole
        .map(|files| Record {
            mapping: mapping_of(&files[0]),
            files,
        })
        .collect()
}

/// A recording whose files are changed again and again.
pub struct Patient {
    folder: tempfile::TempDir,
    main: PathBuf,
    reading: Reading,
    opened: Cell<u32>,
    /// Name and bytes of each file, the one to open first.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Patient {
    pub fn new(record: &Record) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = record
            .files
            .iter()
            .map(|path| (name(path), std::fs::read(path).unwrap()))
            .collect();
        for (name, bytes) in &files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        for beside in sidecar::files(&record.files[0]).unwrap() {
            std::fs::copy(&beside, folder.path().join(beside.file_name().unwrap())).unwrap();
        }
        Self {
            main: folder.path().join(&files[0].0),
            folder,
            reading: Reading {
                mapping: record.mapping.clone(),
                identified: false,
            },
            opened: Cell::new(0),
            files,
        }
    }

    /// The recording as it is.
    pub fn sound(&self) -> endplate::Result<Recording> {
        sidecar::open(&self.main, &self.reading)
    }

    /// Opens with one file replaced, and analyzes some of what opens. Either may fail with an error that names the file and the place in it;
    /// neither may panic. What opens holds numbers that the steps behind can compute with, and no more of them than the file warrants.
    pub fn survive(&self, index: usize, bytes: &[u8]) {
        let (name, original) = &self.files[index];
        put(&self.folder.path().join(name), bytes);
        match self.sound() {
            Ok(recording) => {
                self.opened.set(self.opened.get() + 1);
                check(&recording);
                if self.opened.get() % ANALYZED_ONE_OF == 1 {
                    let _ = study::analyze(&recording, &study::Settings::default());
                }
            }
            Err(error) => {
                assert_eq!(
                    error.path(),
                    Some(self.main.as_path()),
                    "an error names its file: {error}"
                );
                assert!(error.message().len() > 10, "{error}");
                assert_ne!(error.code(), ErrorCode::Internal, "{error}");
                assert!(
                    error.place().is_some() || WITHOUT_A_PLACE.contains(&error.code()),
                    "an error names its place: {error}"
                );
            }
        }
        put(&self.folder.path().join(name), original);
    }
}

/// Some file systems write a file to the disk at once if it was there before, which takes longer than all else.
fn put(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn check(recording: &Recording) {
    for channel in &recording.channels {
        assert!(channel.rate.0.is_finite() && channel.rate.0 > 0.0);
        assert!(channel.calibration.gain.is_finite() && channel.calibration.gain != 0.0);
        assert!(channel.calibration.offset.is_finite());
        for segment in &channel.segments {
            assert!(segment.start.0.is_finite());
        }
    }
    assert!(recording.marks.iter().all(|mark| mark.time.0.is_finite()));
}
