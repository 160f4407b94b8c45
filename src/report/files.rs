//! The table of files: a row per file of a run, whether it could be analyzed or not.

use super::cell::{Cell, Value};
use super::column::{Column, Head, codes, count, optional, text};
use crate::error::Error;
use crate::finding::Finding;
use crate::study::Study;
use crate::units::Unit;

/// What became of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// Its name in the run and in all tables.
    pub file: String,
    /// Its path as it was given.
    pub path: String,
    /// What became of it.
    pub outcome: FileOutcome,
}

/// Whether a file could be analyzed.
#[derive(Clone, Debug, PartialEq)]
pub enum FileOutcome {
    /// It was.
    Analyzed {
        /// The id of its format.
        format: String,
        /// SHA-256 of its bytes.
        sha256: String,
        /// Its length.
        bytes: u64,
        /// When it was recorded.
        started: Option<String>,
        /// How many channels, stimuli, trains and responses were found.
        counts: [usize; 4],
        /// The id and the family of the pattern.
        pattern: [&'static str; 2],
        /// How many corrections by a reader were applied.
        corrections: usize,
        /// Everything that was noticed anywhere in it, each code once.
        findings: Vec<Finding>,
    },
    /// It was not: it failed, or it is no recording.
    Failed {
        /// Whether it was only found in a folder and is no recording, which is no failure.
        skipped: bool,
        /// The stable code of the error.
        code: &'static str,
        /// What happened and what to try.
        message: String,
    },
}

impl FileRow {
    /// The row of a file that was analyzed.
    pub fn analyzed(file: &str, study: &Study) -> Self {
        let channels = &study.channels;
        let mut findings: Vec<&Finding> = study.findings.iter().collect();
        for channel in channels {
            findings.extend(&channel.findings);
            findings.extend(channel.sweeps.iter().flat_map(|sweep| &sweep.findings));
            findings.extend(channel.cmaps.iter().flat_map(|cmap| &cmap.findings));
            findings.extend(channel.trains.iter().flat_map(|train| &train.findings));
            findings.extend(channel.series.iter().flat_map(|series| &series.findings));
        }
        findings.sort_by_key(|finding| finding.code);
        findings.dedup_by_key(|finding| finding.code);
        Self {
            file: file.to_owned(),
            path: study.origin.path.to_string_lossy().into_owned(),
            outcome: FileOutcome::Analyzed {
                format: study.origin.format.clone(),
                sha256: study.origin.sha256.clone(),
                bytes: study.origin.bytes,
                started: study.origin.started.clone(),
                counts: [
                    channels.len(),
                    study.stimuli.len(),
                    channels.iter().map(|channel| channel.trains.len()).sum(),
                    channels.iter().map(|channel| channel.cmaps.len()).sum(),
                ],
                pattern: [study.pattern.id, study.pattern.family.as_str()],
                corrections: study.corrections.len(),
                findings: findings.into_iter().cloned().collect(),
            },
        }
    }

    /// Whether anything was noticed about it.
    pub fn has_findings(&self) -> bool {
        matches!(&self.outcome, FileOutcome::Analyzed { findings, .. } if !findings.is_empty())
    }

    /// The row of a file that could not be analyzed; `skipped` if it is no recording of its own and was only found in a folder.
    pub fn failed(file: &str, path: &std::path::Path, error: &Error, skipped: bool) -> Self {
        Self {
            file: file.to_owned(),
            path: path.to_string_lossy().into_owned(),
            outcome: FileOutcome::Failed {
                skipped,
                code: error.code().as_str(),
                message: error.message(),
            },
        }
    }
}

/// A column of the table of files.
pub type FileColumn = Column<dyn Fn(&FileRow) -> Cell + Send + Sync>;

fn column<V: Value>(
    name: &str,
    meaning: &str,
    value: impl Fn(&FileRow) -> V + Send + Sync + 'static,
) -> FileColumn {
    Column {
        head: Head {
            name: name.to_owned(),
            kind: V::KIND,
            unit: Unit::One,
            meaning: meaning.to_owned(),
            source: None,
        },
        value: Box::new(move |row| value(row).cell()),
    }
}

/// Its columns.
pub fn columns() -> Vec<FileColumn> {
    let counted = |which: usize| {
        move |row: &FileRow| match &row.outcome {
            FileOutcome::Analyzed { counts, .. } => counts.get(which).and_then(|n| count(*n)),
            FileOutcome::Failed { .. } => None,
        }
    };
    vec![
        column(
            "file",
            "name of the file in the run, as in all tables",
            |row| text(&row.file),
        ),
        column("path", "its path as it was given", |row| text(&row.path)),
        column(
            "status",
            "`ok`, `failed`, or `skipped` (found in a folder and no recording of its own)",
            |row| match row.outcome {
                FileOutcome::Analyzed { .. } => Some("ok"),
                FileOutcome::Failed { skipped: true, .. } => Some("skipped"),
                FileOutcome::Failed { skipped: false, .. } => Some("failed"),
            },
        ),
        column("code", "stable code of the error", |row| {
            match row.outcome {
                FileOutcome::Failed { code, .. } => Some(code),
                FileOutcome::Analyzed { .. } => None,
            }
        }),
        column(
            "message",
            "what happened, where, and what to try",
            |row| match &row.outcome {
                FileOutcome::Failed { message, .. } => text(message),
                FileOutcome::Analyzed { .. } => None,
            },
        ),
        column(
            "format",
            "id of the format that read it",
            |row| match &row.outcome {
                FileOutcome::Analyzed { format, .. } => text(format),
                FileOutcome::Failed { .. } => None,
            },
        ),
        column("sha256", "SHA-256 of its bytes", |row| match &row.outcome {
            FileOutcome::Analyzed { sha256, .. } => text(sha256),
            FileOutcome::Failed { .. } => None,
        }),
        column("bytes", "its length in bytes", |row| match &row.outcome {
            FileOutcome::Analyzed { bytes, .. } => Some(*bytes),
            FileOutcome::Failed { .. } => None,
        }),
        column(
            "started",
            "when the recording began, in the local time of the laboratory, where the file says so",
            |row| match &row.outcome {
                FileOutcome::Analyzed { started, .. } => optional(started.as_deref()),
                FileOutcome::Failed { .. } => None,
            },
        ),
        column("channels", "how many channels with responses", counted(0)),
        column("stimuli", "how many stimuli were found", counted(1)),
        column("trains", "how many trains in all channels", counted(2)),
        column(
            "responses",
            "how many rows `responses.csv` has of it",
            counted(3),
        ),
        column(
            "pattern",
            "id of the pattern of the study (`endplate list patterns`); its reasons stand in `reasons.csv`",
            |row| match &row.outcome {
                FileOutcome::Analyzed { pattern, .. } => Some(pattern[0]),
                FileOutcome::Failed { .. } => None,
            },
        ),
        column("family", "the group of that pattern", |row| {
            match &row.outcome {
                FileOutcome::Analyzed { pattern, .. } => Some(pattern[1]),
                FileOutcome::Failed { .. } => None,
            }
        }),
        column(
            "corrections",
            "how many corrections by a reader were applied; the tables tell where in `corrected`",
            |row| match &row.outcome {
                FileOutcome::Analyzed { corrections, .. } => count(*corrections),
                FileOutcome::Failed { .. } => None,
            },
        ),
        column(
            "findings",
            "codes of all that was noticed anywhere in it, each once, joined by `;`",
            |row| match &row.outcome {
                FileOutcome::Analyzed { findings, .. } => codes(findings),
                FileOutcome::Failed { .. } => None,
            },
        ),
        column("endplate_version", "the program that made the row", |_| {
            Some(env!("CARGO_PKG_VERSION"))
        }),
        column(
            "tables_version",
            "version of the columns of all tables",
            |_| Some(super::TABLES_VERSION),
        ),
    ]
}
