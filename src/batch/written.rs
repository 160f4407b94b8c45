//! What runs wrote into a results folder, where that is also a folder of recordings.

use super::{Job, kept, manifest, place, record};
use crate::error::{Error, ErrorCode, Result};
use crate::report::run_files;
use std::path::{Path, PathBuf};

/// A results folder as a walk sees it.
pub(super) struct Written {
    /// `None` if there is none yet.
    results: Option<PathBuf>,
    /// Whether a run wrote into it: it holds a manifest, or the record of a share. Before that nothing in it is of endplate, whatever its name is.
    by_a_run: bool,
    names: Vec<String>,
}

impl Written {
    pub(super) fn of(results: &Path) -> Self {
        let results = std::fs::canonicalize(results).ok();
        Self {
            by_a_run: results.as_ref().is_some_and(|results| {
                results.join(manifest::FILE).is_file() || record::shard_of(results).is_some()
            }),
            results,
            names: names(),
        }
    }

    /// Whether the results folder is this input, or holds it. Then it is full of recordings.
    pub(super) fn surrounds(&self, input: &Path) -> bool {
        self.results.as_ref().is_some_and(|results| {
            std::fs::canonicalize(input).is_ok_and(|input| input.starts_with(results))
        })
    }

    /// Whether a folder in an input is of the results: all of a results folder inside the input; of one that surrounds it only the folder
    /// of each study. The results of a share are left out by all runs, or each share would find those of the others among the recordings.
    pub(super) fn has_folder(&self, folder: &Path, surrounded: bool) -> bool {
        if record::shard_of(folder).is_some() {
            return true;
        }
        let Some(results) = &self.results else {
            return false;
        };
        let Ok(folder) = std::fs::canonicalize(folder) else {
            return false;
        };
        if surrounded {
            self.by_a_run
                && folder.starts_with(results.join(place::STUDIES))
                && folder.join(kept::FILE).is_file()
        } else {
            folder.starts_with(results)
        }
    }

    /// Whether a file in an input is a table, the front page or the manifest of an earlier run.
    pub(super) fn has_file(&self, file: &Path) -> bool {
        self.by_a_run && self.will_replace(file)
    }

    /// Whether a run puts a file of its own in the place of this one, or takes it away.
    fn will_replace(&self, file: &Path) -> bool {
        let named = file
            .file_name()
            .is_some_and(|file| self.names.iter().any(|name| file == name.as_str()));
        named
            && std::fs::canonicalize(file)
                .is_ok_and(|file| file.parent() == self.results.as_deref())
    }
}

/// The names of the files at the top of a results folder.
fn names() -> Vec<String> {
    let mut names = run_files();
    names.push(manifest::FILE.to_owned());
    names.push(record::FILE.to_owned());
    names
}

/// Refuses a run that would put one of its tables in the place of a file that it is to read.
pub fn refuse_to_replace(jobs: &[Job], results: &Path) -> Result<()> {
    let written = Written::of(results);
    match jobs.iter().find(|job| written.will_replace(&job.path)) {
        None => Ok(()),
        Some(job) => Err(Error::new(
            ErrorCode::Output,
            "it is to be read, and the results of this run would take its place",
        )
        .in_file(&job.path)
        .advice("name another folder for the results")),
    }
}

/// Refuses a folder for results that holds a file with the name of a table, though no run ever wrote into it: it is somebody's own.
pub(super) fn refuse_foreign(results: &Path) -> Result<()> {
    if Written::of(results).by_a_run {
        return Ok(());
    }
    let paths = run_files().into_iter().map(|name| results.join(name));
    match paths
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
    {
        None => Ok(()),
        Some(path) => Err(Error::new(
            ErrorCode::Output,
            "results would take its place, and no run of endplate wrote it",
        )
        .in_file(&path)
        .advice("name another folder for the results, or move it away")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::walk;

    fn names_of(input: &Path, results: &Path) -> Vec<String> {
        let walk = walk(&[input.to_path_buf()], results).unwrap();
        walk.jobs.into_iter().map(|job| job.name).collect()
    }

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn results_in_the_folder_of_the_recordings_or_above_it_hide_no_recording() {
        let folder = folder_with(&["a.edf", "day/b.edf", "day/trains.csv", "studies/c.edf"]);
        let all = ["a.edf", "day/b.edf", "day/trains.csv", "studies/c.edf"];
        assert_eq!(names_of(folder.path(), folder.path()), all);
        // After a run, too.
        for name in [
            "manifest.jsonl",
            "index.html",
            "responses.csv",
            "files.csv",
            "studies/a.edf/kept.json",
            "studies/a.edf/study.json",
            "studies/day/b.edf/kept.json",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        assert_eq!(names_of(folder.path(), folder.path()), all);
        assert_eq!(
            names_of(&folder.path().join("day"), folder.path()),
            ["b.edf", "trains.csv"]
        );
    }

    #[test]
    fn a_results_folder_inside_the_recordings_is_left_out_as_a_whole() {
        let folder = folder_with(&["a.edf", "results/b.edf", "results/files.csv"]);
        let results = folder.path().join("results");
        assert_eq!(names_of(folder.path(), &results), ["a.edf"]);
    }

    #[test]
    fn a_recording_with_the_name_of_a_table_is_not_replaced_by_it() {
        let folder = folder_with(&["a.edf", "trains.csv"]);
        let walk = walk(&[folder.path().to_path_buf()], folder.path()).unwrap();
        assert_eq!(walk.jobs.len(), 2);
        let error = refuse_to_replace(&walk.jobs, folder.path()).unwrap_err();
        assert!(error.to_string().contains("trains.csv"), "{error}");
        let elsewhere = folder.path().join("results");
        refuse_to_replace(&walk.jobs, &elsewhere).unwrap();
    }

    #[test]
    fn what_has_the_name_of_a_table_and_no_manifest_beside_it_is_somebodys_own() {
        let folder = folder_with(&["trains.csv"]);
        let error = refuse_foreign(folder.path()).unwrap_err();
        assert!(error.to_string().contains("trains.csv"), "{error}");
        std::fs::write(folder.path().join(manifest::FILE), "").unwrap();
        refuse_foreign(folder.path()).unwrap();
        refuse_foreign(&folder.path().join("new")).unwrap();
    }
}
