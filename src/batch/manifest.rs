//! The manifest of a results folder: what became of each file, in which state it was, and by which settings.
//!
//! `manifest.jsonl` holds a line of JSON for each file. A run appends what it has done as soon as the results stand in their place, so the manifest
//! tells the truth whenever the run is killed; the last line about a file counts, and a line that was cut off by the kill counts for nothing.
//! At its end a run writes the manifest anew, a line for each file in the order of the run, so that it does not tell how often the run was interrupted.

use super::lines::Lines;
use super::state::State;
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The name of the manifest in the results folder.
pub const FILE: &str = "manifest.jsonl";

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the run and in all tables.
    pub file: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Done,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Done {
    /// It was analyzed; its results stand in `studies/`.
    Analyzed {
        /// SHA-256 of its bytes.
        sha256: String,
        /// What it and the files beside it looked like before they were read.
        #[serde(flatten)]
        state: State,
        /// SHA-256 over the files beside it and the files of which it consists; `None` where there are none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside_sha256: Option<String>,
        /// Its path as it was given; one that is no text with its bytes.
        path: String,
        /// The version of endplate.
        endplate: String,
        /// SHA-256 of everything that the results depend on besides the files: version, settings, mapping, outputs, template.
        run: String,
    },
    /// It failed. No results of it stand in the folder, except those of an earlier run where this one could not read or write (`io`, `output`).
    Failed {
        /// The stable code of the error.
        code: String,
        /// Where, what was found, what was expected and what to try.
        message: String,
    },
    /// It is no recording of its own.
    Skipped {
        /// The stable code.
        code: String,
        /// Why.
        message: String,
    },
    /// Its results are being replaced: those that stand there may be the former ones, or none.
    Begun,
}

/// The manifest of a results folder while a run writes into it.
pub struct Manifest {
    path: PathBuf,
    /// What earlier runs did.
    earlier: BTreeMap<String, Done>,
    /// Files about which the last line says that their results are being replaced.
    begun: Mutex<BTreeSet<String>>,
    appended: File,
}

impl Manifest {
    /// Opens the manifest of a results folder, or begins one.
    pub fn open(results: &Path) -> Result<Self> {
        let path = results.join(FILE);
        let failed = |cause| Error::unwritten(&path, &cause);
        let text = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(failed(cause)),
        };
        let mut appended = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(failed)?;
        if text.last().is_some_and(|last| *last != b'\n') {
            // What follows must not continue a line that was cut off.
            appended.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self {
            earlier: read(&text),
            path,
            begun: Mutex::default(),
            appended,
        })
    }

    /// What became of a file in earlier runs.
    pub fn earlier(&self, file: &str) -> Option<&Done> {
        self.earlier.get(file)
    }

    /// Says that the results of a file are about to be replaced.
    pub fn begin(&self, file: &str) -> Result<()> {
        let begun = &mut *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.insert(file.to_owned());
        self.append(&Entry {
            file: file.to_owned(),
            outcome: Done::Begun,
        })
    }

    /// Says what became of a file.
    pub fn done(&self, entry: &Entry) -> Result<()> {
        let begun = &mut *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if !begun.remove(&entry.file) && self.earlier.get(&entry.file) == Some(&entry.outcome) {
            return Ok(());
        }
        self.append(entry)
    }

    fn append(&self, entry: &Entry) -> Result<()> {
        let line = line(entry)?;
        // One call for one line: lines of several threads do not mix, because the file is open for appending.
        (&self.appended)
            .write_all(line.as_bytes())
            .map_err(|cause| Error::unwritten(&self.path, &cause))
    }
}

/// The manifest as it stands when the run is over.
pub struct Whole(Lines);

impl Whole {
    /// Begins it where unfinished things stand.
    pub fn create(results: &Path) -> Result<Self> {
        Ok(Self(Lines::create(results, FILE)?))
    }

    /// Appends the next entry in the order of the run.
    pub fn append(&mut self, entry: &Entry) -> Result<()> {
        self.0.append(&line(entry)?)
    }

    /// Puts it in the place of the one that was appended to.
    pub fn finish(self) -> Result<()> {
        self.0.finish()
    }
}

/// The manifest of a run that ended: an entry for each file, in the order of the run. An error if there is none, or a line that is no entry.
pub(super) fn of_ended(results: &Path) -> Result<Vec<Entry>> {
    let path = results.join(FILE);
    let bytes = std::fs::read(&path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => {
            let what = format!("holds no {FILE}, so no run wrote into it");
            Error::new(ErrorCode::Output, what)
                .in_file(results)
                .advice("name a results folder of `endplate analyze`")
        }
        _ => Error::io(&path, cause),
    })?;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let entry = |(number, line): (usize, &[u8])| {
        serde_json::from_slice::<Entry>(line).map_err(|cause| {
            Error::new(
                ErrorCode::Output,
                format!("says nothing of a file: {cause}"),
            )
            .at(format!("line {}", number + 1))
            .in_file(&path)
            .advice("run it again")
        })
    };
    lines.map(entry).collect()
}

/// Whether a folder holds a manifest of endplate that tells of a file.
pub(super) fn is_in(folder: &Path) -> bool {
    /// No line is longer (heuristic); a file of this name in a folder of recordings may be anything.
    const LONGEST_LINE_BYTES: u64 = 1 << 20;
    let Ok(file) = File::open(folder.join(FILE)) else {
        return false;
    };
    let first = BufReader::new(file.take(LONGEST_LINE_BYTES))
        .split(b'\n')
        .next();
    matches!(first, Some(Ok(line)) if serde_json::from_slice::<Entry>(&line).is_ok())
}

/// A path as the manifest tells it: no two are told alike, though JSON holds no bytes that are no text.
pub(super) fn told(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => {
            let bytes = path.as_os_str().as_encoded_bytes();
            let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{} (bytes {})", path.display(), bytes.join(""))
        }
    }
}

fn line(entry: &Entry) -> Result<String> {
    let mut line = serde_json::to_string(entry)
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    line.push('\n');
    Ok(line)
}

/// The last that is said of each file in the manifest of a results folder; nothing where none can be read.
pub(super) fn said(results: &Path) -> BTreeMap<String, Done> {
    read(&std::fs::read(results.join(FILE)).unwrap_or_default())
}

/// The last that is said of each file. A line that is no entry is passed over: its file is analyzed again, which loses nothing.
fn read(text: &[u8]) -> BTreeMap<String, Done> {
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Entry>(line).ok())
        .map(|entry| (entry.file, entry.outcome))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::UNFINISHED;

    fn failed_entry(file: &str, message: &str) -> Entry {
        Entry {
            file: file.to_owned(),
            outcome: Done::Failed {
                code: "truncated".to_owned(),
                message: message.to_owned(),
            },
        }
    }

    #[test]
    fn the_last_line_about_a_file_counts_and_half_a_line_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = Manifest::open(folder.path()).unwrap();
        manifest.done(&failed_entry("a", "first")).unwrap();
        manifest.begin("b").unwrap();
        manifest.done(&failed_entry("a", "second")).unwrap();
        drop(manifest);
        let path = folder.path().join(FILE);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(br#"{"file":"a","outco"#);
        std::fs::write(&path, bytes).unwrap();
        let manifest = Manifest::open(folder.path()).unwrap();
        assert_eq!(
            manifest.earlier("a"),
            Some(&failed_entry("a", "second").outcome)
        );
        assert_eq!(manifest.earlier("b"), Some(&Done::Begun));
        manifest.done(&failed_entry("c", "third")).unwrap();
        drop(manifest);
        let manifest = Manifest::open(folder.path()).unwrap();
        assert!(manifest.earlier("c").is_some());
    }

    #[test]
    fn what_was_replaced_by_the_same_is_done_and_not_only_begun() {
        let folder = tempfile::tempdir().unwrap();
        let entry = failed_entry("a", "why");
        for _ in 0..2 {
            let manifest = Manifest::open(folder.path()).unwrap();
            manifest.begin("a").unwrap();
            manifest.done(&entry).unwrap();
            manifest.done(&entry).unwrap();
        }
        let manifest = Manifest::open(folder.path()).unwrap();
        assert_eq!(manifest.earlier("a"), Some(&entry.outcome));
    }

    #[test]
    fn at_the_end_it_holds_each_file_once_in_the_order_of_the_run() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(UNFINISHED)).unwrap();
        let manifest = Manifest::open(folder.path()).unwrap();
        let mut whole = Whole::create(folder.path()).unwrap();
        for file in ["b", "a"] {
            manifest.begin(file).unwrap();
            manifest.done(&failed_entry(file, "why")).unwrap();
            whole.append(&failed_entry(file, "why")).unwrap();
        }
        whole.finish().unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let files: Vec<_> = text.lines().map(|line| &line[9..10]).collect();
        assert_eq!(files, ["b", "a"]);
    }
}
