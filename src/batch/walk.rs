//! Which files a run takes, in which order, and under which names their results stand.

use super::parts;
use super::written::{LeftOut, Written};
use crate::error::{Error, ErrorCode, Result};
use crate::sidecar::BIDS_ROOT;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// One file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in tables and in the results folder: relative to the folder that was given, with `/` between the parts, unique in
    /// the run, never leading out of the results folder.
    pub name: String,
    /// Whether it was named on the command line. A file that was merely found in a folder may turn out to be no recording.
    pub named: bool,
    /// The file name of the recording that this file is a part of, if it was found in a folder.
    pub part_of: Option<String>,
}

/// What walking found: files in the order of their names, and folders that could not be read.
#[derive(Debug, Default)]
pub struct Walk {
    /// The files.
    pub jobs: Vec<Job>,
    /// What could not be listed.
    pub errors: Vec<Error>,
    /// Folders that hold results of other runs, which were left out.
    pub left_out: Vec<PathBuf>,
}

/// Files that stand beside recordings and are none.
const BESIDE: &[&str] = &[".endplate.toml", ".truth.json"];

/// Endings of the files that BIDS keeps beside recordings, in a tree or beside any file (`docs/formats/bids.md`).
const BIDS_ENDINGS: &[&str] = &[
    "events.tsv",
    "events.json",
    "channels.tsv",
    "channels.json",
    "electrodes.tsv",
    "electrodes.json",
    "coordsystem.json",
    "scans.tsv",
    "scans.json",
    "sessions.tsv",
    "sessions.json",
    "emg.json",
    "eeg.json",
    "ieeg.json",
];
/// Files about a whole BIDS tree, in the folder that [`BIDS_ROOT`] makes its root.
const BIDS_TOP: &[&str] = &[
    BIDS_ROOT,
    "participants.tsv",
    "participants.json",
    "README",
    "README.md",
    "README.txt",
    "CHANGES",
    "LICENSE",
];

/// Walks files and folders. A results folder inside them is left out; of one that is such a folder, or holds it, only what runs wrote is, so
/// that a run may write into the folder that it reads. So it is of results of other runs in them.
pub fn walk(inputs: &[PathBuf], results: &Path) -> Result<Walk> {
    let written = Written::of(results);
    let mut walk = Walk::default();
    let mut names = Names::default();
    for input in inputs {
        let is_folder = match std::fs::metadata(input) {
            Ok(metadata) => metadata.is_dir(),
            // It fails like any other file, and the rest is done.
            Err(cause) if cause.kind() == ErrorKind::NotFound && any_exists(inputs) => false,
            Err(cause) => return Err(not_there(input, cause)),
        };
        if !is_folder {
            let name = input.file_name().unwrap_or(input.as_os_str());
            walk.jobs.push(Job {
                path: input.clone(),
                name: names.take(&name_of(Path::new(name))),
                named: true,
                part_of: None,
            });
            continue;
        }
        let first = walk.jobs.len();
        let mut left_out = LeftOut::of(&written, input);
        let entries = WalkDir::new(input)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !(is_hidden(entry.path())
                        || left_out.has(entry.path(), entry.file_type().is_dir()))
            });
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_file() && !is_beside(entry.path()) => {
                    let relative = entry.path().strip_prefix(input).unwrap_or(entry.path());
                    let name = names.take(&name_of(relative));
                    walk.jobs.push(Job {
                        path: entry.into_path(),
                        name,
                        named: false,
                        part_of: None,
                    });
                }
                Ok(_) => {}
                Err(cause) => {
                    let path = cause.path().unwrap_or(input).to_path_buf();
                    let message = cause.to_string();
                    walk.errors.push(match cause.into_io_error() {
                        Some(cause) => Error::io(&path, cause),
                        None => Error::new(ErrorCode::Io, message).in_file(&path),
                    });
                }
            }
        }
        walk.left_out.append(&mut left_out.told);
        parts::assign(walk.jobs.get_mut(first..).unwrap_or_default());
    }
    Ok(walk)
}

/// The error of a file or folder that the system does not show.
pub(super) fn not_there(path: &Path, cause: std::io::Error) -> Error {
    let missing = cause.kind() == ErrorKind::NotFound;
    let error = Error::io(path, cause);
    if missing {
        error.advice("check its name, and whether its disk is there")
    } else {
        error
    }
}

fn any_exists(inputs: &[PathBuf]) -> bool {
    inputs.iter().any(|input| input.exists())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

pub(super) fn is_beside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        BESIDE.iter().any(|ending| name.ends_with(ending))
            || BIDS_ENDINGS.iter().any(|ending| {
                name.strip_suffix(ending)
                    .is_some_and(|before| before.is_empty() || before.ends_with('_'))
            })
            || (BIDS_TOP.contains(&name.as_ref()) && path.with_file_name(BIDS_ROOT).is_file())
    })
}

/// The parts of a relative path, joined by `/`; whatever could lead elsewhere or break a line is replaced.
fn name_of(relative: &Path) -> String {
    let parts: Vec<String> = relative
        .components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(
                part.to_string_lossy()
                    .chars()
                    .map(|c| if c.is_control() { '_' } else { c })
                    .collect(),
            ),
            _ => None,
        })
        .collect();
    parts.join("/")
}

/// Whether a walk can have given this name to a file.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name_of(Path::new(name)) == name
}

/// The names that are taken. Each becomes a folder of results, so no two are the same and none lies inside another.
#[derive(Default)]
struct Names {
    files: BTreeSet<String>,
    /// All folders that hold a name.
    folders: BTreeSet<String>,
    /// The folders of other inputs that have the name of a file, and their names instead.
    moved: BTreeMap<String, String>,
    /// The number to be tried next, of names that were wanted more than once.
    numbers: BTreeMap<String, usize>,
}

impl Names {
    /// Takes a name, or one like it.
    fn take(&mut self, wanted: &str) -> String {
        let (above, last) = wanted.rsplit_once('/').unwrap_or(("", wanted));
        let mut name = String::new();
        for part in above.split('/').filter(|part| !part.is_empty()) {
            name.push_str(part);
            name = self.folder(name);
            name.push('/');
        }
        name.push_str(last);
        if self.files.contains(&name) || self.folders.contains(&name) {
            name = self.other(&name);
        }
        self.files.insert(name.clone());
        name
    }

    /// The name of a folder, which is another one if a file has that name.
    fn folder(&mut self, wanted: String) -> String {
        if self.folders.contains(&wanted) {
            return wanted;
        }
        if let Some(moved) = self.moved.get(&wanted) {
            return moved.clone();
        }
        let name = if self.files.contains(&wanted) {
            let other = self.other(&wanted);
            self.moved.insert(wanted, other.clone());
            other
        } else {
            wanted
        };
        self.folders.insert(name.clone());
        name
    }

    fn other(&mut self, name: &str) -> String {
        // The first one has the name without a number.
        let number = self.numbers.entry(name.to_owned()).or_insert(2);
        loop {
            let other = format!("{name}-{number}");
            *number += 1;
            if !self.files.contains(&other) && !self.folders.contains(&other) {
                return other;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(walk: &Walk) -> Vec<&str> {
        walk.jobs.iter().map(|job| job.name.as_str()).collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_names_without_sidecars_hidden_files_and_results() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.edf",
            "a/2.h5",
            "a/10.h5",
            "a/2.h5.endplate.toml",
            ".hidden",
            "results/old.edf",
            "s.truth.json",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let walk = walk(
            &[folder.path().to_path_buf()],
            &folder.path().join("results"),
        )
        .unwrap();
        assert_eq!(names(&walk), ["a/10.h5", "a/2.h5", "b.edf"]);
    }

    #[test]
    fn what_bids_keeps_beside_recordings_is_none_itself() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "dataset_description.json",
            "participants.tsv",
            "README",
            "task-rns_emg.json",
            "sub-01/sub-01_scans.tsv",
            "sub-01/emg/sub-01_task-rns_emg.edf",
            "sub-01/emg/sub-01_task-rns_events.tsv",
            "sub-01/emg/sub-01_task-rns_channels.tsv",
            "code/README",
            "code/myevents.tsv",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let walk = walk(&[folder.path().to_path_buf()], Path::new("nowhere")).unwrap();
        assert_eq!(
            names(&walk),
            [
                "code/README",
                "code/myevents.tsv",
                "sub-01/emg/sub-01_task-rns_emg.edf"
            ]
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_one_that_fails_unless_nothing_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (there, gone) = (folder.path().join("a.edf"), folder.path().join("gone.edf"));
        std::fs::write(&there, "").unwrap();
        let nowhere = Path::new("nowhere");
        let walked = walk(&[gone.clone(), there], nowhere).unwrap();
        assert_eq!(names(&walked), ["gone.edf", "a.edf"]);
        let error = walk(&[gone], nowhere).map(|_| ()).unwrap_err();
        let told = error.to_string();
        assert!(
            told.contains("gone.edf") && told.contains("check its name"),
            "{told}"
        );
    }

    #[test]
    fn two_files_of_one_name_get_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = ["x", "y"]
            .map(|sub| folder.path().join(sub).join("study.edf"))
            .to_vec();
        for path in &paths {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let walk = walk(&paths, Path::new("nowhere")).unwrap();
        assert_eq!(names(&walk), ["study.edf", "study.edf-2"]);
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_get_two_names() {
        let mut names = Names::default();
        assert_eq!(names.take("p"), "p");
        assert_eq!(names.take("p/q.h5"), "p-2/q.h5");
        assert_eq!(names.take("p/r/s.h5"), "p-2/r/s.h5");
        assert_eq!(names.take("p/q.h5"), "p-2/q.h5-2");
        assert_eq!(names.take("p"), "p-3");
        // The other way round.
        assert_eq!(names.take("x/y/z.h5"), "x/y/z.h5");
        assert_eq!(names.take("x"), "x-2");
        assert_eq!(names.take("x/y"), "x/y-2");
        assert_eq!(names.take("x-2/a"), "x-2-2/a");
        // What only begins alike is something else.
        assert_eq!(names.take("p.h5/q"), "p.h5/q");
    }

    #[test]
    fn many_files_of_one_name_are_numbered_without_trying_all_numbers_again() {
        // Trying them again would take minutes.
        const COUNT: usize = 20_000;
        let mut names = Names::default();
        assert_eq!(names.take("study.edf-3"), "study.edf-3");
        let taken: Vec<_> = (0..COUNT).map(|_| names.take("study.edf")).collect();
        assert_eq!(taken[..3], ["study.edf", "study.edf-2", "study.edf-4"]);
        assert_eq!(taken[COUNT - 1], format!("study.edf-{}", COUNT + 1));
    }

    #[test]
    fn a_name_never_leads_out_of_the_results_folder() {
        assert_eq!(name_of(Path::new("../../etc/passwd")), "etc/passwd");
        assert_eq!(name_of(Path::new("/a/line\nbreak")), "a/line_break");
        assert!(is_name("a/b.edf"));
        for name in ["", "..", "a/../b", "/a", "a//b", "line\nbreak"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
