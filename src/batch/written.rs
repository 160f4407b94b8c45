//! What runs wrote into a results folder, where that is also a folder of recordings.

use super::{Job, kept, manifest, place, record};
use crate::error::{Error, ErrorCode, Result};
use crate::report::run_files;
use std::collections::BTreeSet;
use std::ffi::OsStr;
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
    fn surrounds(&self, input: &Path) -> bool {
        self.results.as_ref().is_some_and(|results| {
            std::fs::canonicalize(input).is_ok_and(|input| input.starts_with(results))
        })
    }

    /// Whether a folder in an input is of the results: all of a results folder inside the input; of one that surrounds it only the folder
    /// of each study.
    fn has_folder(&self, folder: &Path, surrounded: bool) -> bool {
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
    fn has_file(&self, file: &Path) -> bool {
        self.by_a_run && self.will_replace(file)
    }

    fn is(&self, folder: &Path) -> bool {
        self.results.is_some() && std::fs::canonicalize(folder).ok() == self.results
    }

    fn is_named(&self, file: &Path) -> bool {
        let name = file.file_name();
        name.is_some_and(|file| self.names.iter().any(|name| file == name.as_str()))
    }

    /// Whether a run puts a file of its own in the place of this one, or takes it away.
    fn will_replace(&self, file: &Path) -> bool {
        self.is_named(file)
            && std::fs::canonicalize(file)
                .is_ok_and(|file| file.parent() == self.results.as_deref())
    }
}

/// What of an input is left out, while it is walked through.
pub(super) struct LeftOut<'a> {
    written: &'a Written,
    /// The results folder is the input, or holds it.
    surrounded: bool,
    /// Folders of the input that hold results of another run. They may hold recordings too, so only what runs wrote there is left out.
    others: BTreeSet<PathBuf>,
    /// All folders of which something was left out because another run wrote it, in the order in which they were met.
    pub told: Vec<PathBuf>,
}

impl<'a> LeftOut<'a> {
    pub fn of(written: &'a Written, input: &Path) -> Self {
        let mut left_out = Self {
            written,
            surrounded: written.surrounds(input),
            others: BTreeSet::new(),
            told: Vec::new(),
        };
        left_out.meet(input);
        left_out
    }

    /// Whether a file or folder below the input was written by a run.
    pub fn has(&mut self, path: &Path, is_folder: bool) -> bool {
        if !is_folder {
            let of_another = path
                .parent()
                .is_some_and(|folder| self.others.contains(folder));
            return self.written.has_file(path) || (of_another && self.written.is_named(path));
        }
        if self.written.has_folder(path, self.surrounded) {
            return true;
        }
        // The results of a share are left out by all runs, or each share would find those of the others among the recordings.
        if record::shard_of(path).is_some() {
            self.told.push(path.to_path_buf());
            return true;
        }
        self.meet(path);
        path.join(kept::FILE).is_file() && self.is_study_of_another(path)
    }

    /// Notes a folder if another run wrote into it.
    fn meet(&mut self, folder: &Path) {
        if manifest::is_in(folder) && !self.written.is(folder) {
            self.others.insert(folder.to_path_buf());
            self.told.push(folder.to_path_buf());
        }
    }

    fn is_study_of_another(&self, folder: &Path) -> bool {
        let mut above = folder.ancestors().skip(1);
        above.any(|above| {
            above.file_name() == Some(OsStr::new(place::STUDIES))
                && above
                    .parent()
                    .is_some_and(|results| self.others.contains(results))
        })
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
    fn of_a_folder_with_results_of_another_run_only_what_that_run_wrote_is_left_out_and_told() {
        let folder = folder_with(&[
            "a.edf",
            "day/b.edf",
            "day/files.csv",
            "day/mine.csv",
            "day/studies/b.edf/kept.json",
            "day/studies/b.edf/study.json",
            "day/studies/c.edf",
            "studies/d.edf/kept.json",
            "trains.csv",
        ]);
        let all = names_of(folder.path(), Path::new("nowhere"));
        assert_eq!(all.len(), 9, "nothing says that a run wrote any of it");
        let line = "{\"file\":\"b.edf\",\"outcome\":\"begun\"}\n";
        std::fs::write(folder.path().join("day/manifest.jsonl"), line).unwrap();
        let left = [
            "a.edf",
            "day/b.edf",
            "day/mine.csv",
            "day/studies/c.edf",
            "studies/d.edf/kept.json",
            "trains.csv",
        ];
        let walk = |input: &str| {
            let input = folder.path().join(input);
            let walk = walk(&[input], Path::new("nowhere")).unwrap();
            let names: Vec<_> = walk.jobs.into_iter().map(|job| job.name).collect();
            (names, walk.left_out)
        };
        let (names, told) = walk("");
        assert_eq!(names, left);
        assert_eq!(told, [folder.path().join("day")]);
        // The same if it is the input itself.
        let (names, told) = walk("day");
        assert_eq!(names, ["b.edf", "mine.csv", "studies/c.edf"]);
        assert_eq!(told.len(), 1);
        // A manifest of something else is none.
        std::fs::write(folder.path().join("day/manifest.jsonl"), "{}\n").unwrap();
        assert_eq!(walk("").0.len(), 10);
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
