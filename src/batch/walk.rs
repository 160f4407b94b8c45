//! Which files a run takes, in which order, and under which names their results stand.

use super::parts;
use crate::error::{Error, ErrorCode, Result};
use std::collections::BTreeSet;
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
pub(super) const BIDS_ROOT: &str = "dataset_description.json";

/// Walks files and folders. `results` is left out, so that a run may write into the folder that it reads.
pub fn walk(inputs: &[PathBuf], results: &Path) -> Result<Walk> {
    let results = std::fs::canonicalize(results).ok();
    let mut walk = Walk::default();
    let mut taken = BTreeSet::new();
    for input in inputs {
        let metadata = std::fs::metadata(input).map_err(|cause| Error::io(input, cause))?;
        if !metadata.is_dir() {
            let name = input.file_name().unwrap_or(input.as_os_str());
            walk.jobs.push(Job {
                path: input.clone(),
                name: unique(name_of(Path::new(name)), &mut taken),
                named: true,
                part_of: None,
            });
            continue;
        }
        let first = walk.jobs.len();
        let inside = |path: &Path| {
            results.as_ref().is_some_and(|results| {
                std::fs::canonicalize(path).is_ok_and(|path| path.starts_with(results))
            })
        };
        let entries = WalkDir::new(input)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| {
                entry.depth() == 0
                    || !(is_hidden(entry.path())
                        || (entry.file_type().is_dir() && inside(entry.path())))
            });
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_file() && !is_beside(entry.path()) => {
                    let relative = entry.path().strip_prefix(input).unwrap_or(entry.path());
                    let name = unique(name_of(relative), &mut taken);
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
                    walk.errors
                        .push(Error::new(ErrorCode::Io, cause.to_string()).in_file(&path));
                }
            }
        }
        parts::assign(walk.jobs.get_mut(first..).unwrap_or_default());
    }
    Ok(walk)
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

fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}-{number}");
        number += 1;
    }
    candidate
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
    fn a_name_never_leads_out_of_the_results_folder() {
        assert_eq!(name_of(Path::new("../../etc/passwd")), "etc/passwd");
        assert_eq!(name_of(Path::new("/a/line\nbreak")), "a/line_break");
    }
}
