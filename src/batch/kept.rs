//! What stays of a study for later runs: its rows in the tables and on the front page, so that a file that did not change is not analyzed again.

use crate::error::{Error, ErrorCode, Result};
use crate::pattern::{self, Family};
use crate::report::{Cells, Columns, FileRow, IndexRow, Output, StudyCells, StudyRows};
use crate::study::Study;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::path::Path;

/// The name of its file in the folder of the study.
pub(super) const FILE: &str = "kept.json";

/// What a study gives to the tables and the front page of the run, and to the terminal.
pub struct Brief {
    /// Its rows in the tables.
    pub rows: StudyRows,
    /// Its row in the table of files.
    pub file: Cells,
    /// Its row on the front page.
    pub index: IndexRow,
    /// The id of its pattern.
    pub pattern: String,
    /// The reasons of the pattern, line by line.
    pub reasons: Vec<String>,
    /// What a reader changed by hand, a line each.
    pub corrections: Vec<String>,
    /// Whether anything was noticed about it.
    pub noticed: bool,
    /// SHA-256 of its file.
    pub sha256: String,
}

impl Brief {
    /// That of a study; `file` is its name in the run and `outputs` what was written of it.
    pub fn of(study: &Study, file: &str, columns: &Columns, outputs: &[&Output]) -> Self {
        let row = FileRow::analyzed(file, study);
        Self {
            rows: StudyRows::of(study, file, columns),
            index: IndexRow::analyzed(&row, study, outputs),
            noticed: row.has_findings(),
            file: columns.file_cells(&row),
            pattern: study.pattern.id.to_owned(),
            reasons: study
                .pattern
                .reasons
                .iter()
                .map(|reason| reason.text.clone())
                .collect(),
            corrections: study.told_corrections(),
            sha256: study.origin.sha256.clone(),
        }
    }

    /// The title and the family of its pattern.
    pub fn told(&self) -> (&str, Option<Family>) {
        match pattern::card(&self.pattern) {
            Some(card) => (card.title, Some(card.family)),
            None => (&self.pattern, None),
        }
    }

    /// Keeps it beside the other results of the study, which stand in `folder` already, as made by the run of this key.
    pub fn keep(&self, folder: &Path, run: &str) -> Result<()> {
        let path = folder.join(FILE);
        let text = self.kept_text(run, files(folder)?)?;
        // The folder is not in its place yet, so nobody sees a part of the file there.
        std::fs::write(&path, text).map_err(|cause| Error::unwritten(&path, &cause))
    }

    /// The text of a [`Kept`].
    fn kept_text(&self, run: &str, results: Vec<(String, u64)>) -> Result<Vec<u8>> {
        let made = Made {
            run: run.to_owned(),
            sha256: self.sha256.clone(),
            results,
        };
        let rest = Rest {
            index: &self.index,
            pattern: &self.pattern,
            reasons: &self.reasons,
            corrections: &self.corrections,
            noticed: self.noticed,
        };
        // Cells are most of it, and write themselves much faster than through serde.
        let mut text = json(&made)?;
        text.pop();
        text.extend_from_slice(b",\"rows\":");
        self.rows.cells().write_json(&mut text);
        text.extend_from_slice(b",\"file\":");
        self.file.write_json(&mut text);
        text.push(b',');
        text.extend_from_slice(json(&rest)?.get(1..).unwrap_or_default());
        Ok(text)
    }

    /// What an earlier run kept in the folder of a study, if that was a run of this key, of a file with this hash, and all its results are still
    /// there. Otherwise the study is to be analyzed again.
    pub fn kept(folder: &Path, run: &str, sha256: &str, columns: &Columns) -> Option<Self> {
        let bytes = std::fs::read(folder.join(FILE)).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        let made = Made {
            run: kept.run,
            sha256: kept.sha256,
            results: kept.results,
        };
        if !made.is_whole(folder, run, sha256) || !columns.fit_file(&kept.file) {
            return None;
        }
        Some(Self {
            rows: StudyRows::of_cells(kept.rows, columns).ok()?,
            file: kept.file,
            index: kept.index,
            pattern: kept.pattern,
            reasons: kept.reasons,
            corrections: kept.corrections,
            noticed: kept.noticed,
            sha256: made.sha256,
        })
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))
}

/// What is written after what made it and after its cells.
#[derive(Serialize)]
struct Rest<'a> {
    index: &'a IndexRow,
    pattern: &'a str,
    reasons: &'a [String],
    corrections: &'a [String],
    noticed: bool,
}

/// As it stands in the file.
#[derive(Deserialize)]
struct Kept {
    run: String,
    sha256: String,
    results: Vec<(String, u64)>,
    rows: StudyCells,
    file: Cells,
    index: IndexRow,
    pattern: String,
    reasons: Vec<String>,
    corrections: Vec<String>,
    noticed: bool,
}

/// What made the folder of a study, and what of it. It is read much faster than all that is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Made {
    run: String,
    sha256: String,
    /// The other files of the folder: name and length.
    results: Vec<(String, u64)>,
}

impl Made {
    /// Reads it; `None` unless all the results are there, made by the run of this key of a file with this hash.
    pub fn read(folder: &Path, run: &str, sha256: &str) -> Option<Self> {
        let bytes = std::fs::read(folder.join(FILE)).ok()?;
        let made: Self = serde_json::from_slice(&bytes).ok()?;
        made.is_whole(folder, run, sha256).then_some(made)
    }

    fn is_whole(&self, folder: &Path, run: &str, sha256: &str) -> bool {
        let there = |(name, bytes): &(String, u64)| {
            // No name leads out of the folder, whoever wrote it.
            let plain = Path::new(name).file_name() == Some(OsStr::new(name));
            plain && std::fs::metadata(folder.join(name)).is_ok_and(|now| now.len() == *bytes)
        };
        self.run == run && self.sha256 == sha256 && self.results.iter().all(there)
    }

    /// Copies the folder of the study to another one. No hard links: a person who edits a figure in one results folder in place would change the
    /// other one with it.
    pub fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        for name in self.results.iter().map(|(name, _)| name.as_str()) {
            copy(&from.join(name), &to.join(name))?;
        }
        copy(&from.join(FILE), &to.join(FILE))
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = std::fs::copy(from, to);
    copied.map(|_| ()).map_err(|cause| {
        let what = format!("cannot be copied to {}: {cause}", to.display());
        Error::new(ErrorCode::Output, what)
            .in_file(from)
            .advice("check that the folder can be written and the disk is not full")
    })
}

/// Names and lengths of the files of a folder, in order.
fn files(folder: &Path) -> Result<Vec<(String, u64)>> {
    let io = |cause| Error::io(folder, cause);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let length = entry.metadata().map_err(io)?.len();
        files.push((entry.file_name().to_string_lossy().into_owned(), length));
    }
    files.sort();
    Ok(files)
}
