//! The lines of the log.

use crate::batch::{Job, NotAStudy, Outcome};
use crate::cli::terminal::Tally;
use crate::error::Error;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// The name of the schema, its version at the end.
pub const SCHEMA_ID: &str = "urn:endplate:log:1";

/// One line of the log.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "A line of the log of endplate")]
pub struct Line<'a> {
    /// When the line was written: RFC 3339, UTC.
    #[schemars(extend("format" = "date-time"))]
    time: String,
    /// How much it matters.
    level: Level,
    #[serde(flatten)]
    event: Event<'a>,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Info,
    /// Something that may settle by itself.
    Warning,
    /// Something was not done.
    Error,
}

/// What happened.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// A command begins.
    RunStarted {
        /// The name of the schema of the lines that follow, its version at the end.
        schema: &'static str,
        /// `analyze`, `watch`, `report` or `merge`.
        command: &'static str,
        /// The version of endplate.
        version: &'static str,
        /// SHA-256 of all settings, as in the metadata of Parquet tables.
        settings_sha256: String,
        /// Threads that analyze.
        threads: usize,
        /// Files and folders as they were given; of `merge` the shares.
        inputs: Vec<String>,
        /// The results folder as it was given.
        results: String,
        /// Files of the run; none is told of a folder that is watched.
        #[serde(skip_serializing_if = "Option::is_none")]
        files: Option<usize>,
    },
    /// A folder that is watched holds something new, changed or gone: a run over all files that are there begins.
    RoundStarted {
        /// Its number, from 1.
        round: usize,
        /// Files of this run.
        files: usize,
        /// Files that are still growing, or did not stand still for long enough.
        arriving: usize,
    },
    /// A file was analyzed and its results stand in their place.
    FileAnalyzed {
        #[serde(flatten)]
        file: File,
        /// SHA-256 of its bytes.
        #[serde(skip_serializing_if = "Option::is_none")]
        sha256: Option<&'a str>,
        /// The id of its pattern.
        #[serde(skip_serializing_if = "Option::is_none")]
        pattern: Option<&'a str>,
        /// Whether something was noticed about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        with_findings: Option<bool>,
    },
    /// The results of a share about it were put in their place (`merge`).
    FileMerged {
        #[serde(flatten)]
        file: File,
        /// SHA-256 of its bytes.
        sha256: &'a str,
        /// The id of its pattern.
        pattern: &'a str,
        /// Whether something was noticed about it.
        with_findings: bool,
    },
    /// An earlier run has done it, and nothing changed since.
    FileUnchanged {
        #[serde(flatten)]
        file: File,
    },
    /// It is no recording, or a part of another one.
    FileSkipped {
        #[serde(flatten)]
        file: File,
        #[serde(flatten)]
        why: Why,
    },
    /// It failed.
    FileFailed {
        #[serde(flatten)]
        file: File,
        #[serde(flatten)]
        why: Why,
    },
    /// It changed while it was read, and is read again when it stands still (`watch`).
    FileChanging {
        #[serde(flatten)]
        file: File,
    },
    /// It is gone from the folder that is watched: no table names it any more.
    FileGone {
        /// Its name in the run and in all tables.
        file: String,
    },
    /// A folder or file could not be listed.
    InputFailed {
        #[serde(flatten)]
        why: Why,
    },
    /// A folder among the recordings holds results of another run, which were left out.
    ResultsLeftOut {
        /// The folder.
        path: String,
    },
    /// A run over the files of a watched folder ended.
    RoundEnded {
        /// Its number, from 1.
        round: usize,
        #[serde(flatten)]
        end: End,
    },
    /// The command ends. The last line of each command that was not killed.
    RunEnded {
        #[serde(flatten)]
        end: End,
    },
}

/// A file and how long it took.
#[derive(Serialize, JsonSchema)]
pub struct File {
    /// Its name in the run and in all tables.
    file: String,
    /// Its path as it was given or found.
    path: String,
    /// How long the work on this file took, in seconds, whatever other files were worked on at the same time.
    duration_s: f64,
}

/// Why something was not done.
#[derive(Serialize, JsonSchema)]
pub struct Why {
    /// The stable code of the error, as in `files.csv`.
    code: String,
    /// Where, what was found, what was expected and what to try.
    message: String,
}

/// How a run ended.
#[derive(Serialize, JsonSchema)]
pub struct End {
    /// How it ended.
    outcome: Ending,
    #[serde(flatten)]
    counts: Counts,
    /// How long it took, in seconds.
    duration_s: f64,
    /// The stable code of the error, if it could not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Why it could not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It came to every file.
    Done,
    /// It was stopped by a signal: the files that it reached are in the tables (of `merge`: in their place, and the tables those of before).
    Stopped,
    /// It could not go on: the tables are those of an earlier run.
    Failed,
}

/// Numbers of files.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Analyzed; of `merge`, put in their place.
    pub analyzed: usize,
    /// Analyzed by an earlier run and not changed since; of `merge`, put in their place by an earlier one.
    pub unchanged: usize,
    /// No recordings of their own.
    pub skipped: usize,
    /// Failed.
    pub failed: usize,
    /// Not reached by a run that was stopped.
    pub not_reached: usize,
    /// Analyzed or unchanged, and something was noticed.
    pub with_findings: usize,
}

impl Counts {
    /// Counts one file.
    pub fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Analyzed(_) => self.analyzed += 1,
            Outcome::Unchanged(_) => self.unchanged += 1,
            Outcome::Skipped(_) => self.skipped += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::NotReached => self.not_reached += 1,
        }
        if let Outcome::Analyzed(brief) | Outcome::Unchanged(brief) = outcome {
            self.with_findings += usize::from(brief.noticed);
        }
    }
}

impl From<&Tally> for Counts {
    fn from(tally: &Tally) -> Self {
        Self {
            analyzed: tally.analyzed,
            unchanged: tally.unchanged,
            skipped: tally.skipped,
            failed: tally.failed,
            not_reached: tally.not_reached,
            with_findings: tally.with_findings,
        }
    }
}

impl Why {
    /// Of this code, and what was told.
    pub fn told(code: &str, told: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: told.to_owned(),
        }
    }
}

impl From<&Error> for Why {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().as_str().to_owned(),
            message: error.message(),
        }
    }
}

impl From<&NotAStudy<'_>> for Why {
    fn from(why: &NotAStudy<'_>) -> Self {
        Self {
            code: why.code.to_owned(),
            message: why.message.to_owned(),
        }
    }
}

impl End {
    /// One that ended by itself, or was stopped.
    pub fn well(counts: Counts, took: Duration, stopped: bool) -> Self {
        Self {
            outcome: if stopped {
                Ending::Stopped
            } else {
                Ending::Done
            },
            counts,
            duration_s: seconds(took),
            code: None,
            message: None,
        }
    }

    /// One that could not go on.
    pub fn failed(counts: Counts, took: Duration, error: &Error) -> Self {
        Self {
            outcome: Ending::Failed,
            code: Some(error.code().as_str()),
            message: Some(error.to_string()),
            ..Self::well(counts, took, false)
        }
    }
}

impl<'a> Line<'a> {
    /// The line of what happens now.
    pub fn now(event: Event<'a>) -> Self {
        Self {
            time: format!("{:.3}", jiff::Timestamp::now()),
            level: event.level(),
            event,
        }
    }
}

impl Event<'_> {
    fn level(&self) -> Level {
        match self {
            Self::FileFailed { .. } | Self::InputFailed { .. } => Level::Error,
            Self::RoundEnded { end, .. } | Self::RunEnded { end } => match end.outcome {
                Ending::Done => Level::Info,
                Ending::Stopped => Level::Warning,
                Ending::Failed => Level::Error,
            },
            Self::FileChanging { .. } | Self::FileGone { .. } => Level::Warning,
            _ => Level::Info,
        }
    }
}

impl File {
    /// That of a job.
    pub fn of(job: &Job, took: Duration) -> Self {
        Self::named(&job.name, &job.path.to_string_lossy(), took)
    }

    /// That of this name and path.
    pub fn named(file: &str, path: &str, took: Duration) -> Self {
        Self {
            file: file.to_owned(),
            path: path.to_owned(),
            duration_s: seconds(took),
        }
    }
}

/// Seconds, to the microsecond.
fn seconds(time: Duration) -> f64 {
    Duration::from_micros(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)).as_secs_f64()
}
