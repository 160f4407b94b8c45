//! The log in JSON lines: what a run does, file by file, for programs. Its names are public; `docs/log.md` explains them.

mod event;

pub(super) use event::{Counts, End, Event, SCHEMA_ID};

use crate::batch::{Job, Merged, MergedAs, Outcome, Reported};
use crate::error::{Error, ErrorCode, Result};
use event::{File, Line, Why};
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where lines go.
pub(super) struct Log {
    to: Option<Box<dyn Write + Send>>,
    /// The file, where it is one.
    path: Option<PathBuf>,
    failed: Option<Error>,
}

/// The name that stands for the standard error.
const STDERR: &str = "-";

/// Whether the log takes the standard error for itself, so that nothing else is written there.
pub(super) fn is_stderr(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == STDERR)
}

impl Log {
    /// Opens a log to be appended to, or none. Where it is to stand in the results folder that folder is made.
    pub fn open(path: Option<&Path>, results: &Path) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                to: None,
                path: None,
                failed: None,
            });
        };
        if is_stderr(Some(path)) {
            return Ok(Self {
                to: Some(Box::new(std::io::stderr())),
                path: None,
                failed: None,
            });
        }
        let failed = |cause: std::io::Error| {
            Error::io(path, cause).advice("name a file for the log that can be written")
        };
        if !is_log(path).map_err(failed)? {
            return Err(
                Error::new(ErrorCode::Usage, "it holds something else than a log")
                    .in_file(path)
                    .advice("name another file after --log; it is made if there is none"),
            );
        }
        make_folder(path, results)?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)
            .map_err(failed)?;
        end_line(&mut file).map_err(failed)?;
        Ok(Self {
            to: Some(Box::new(file)),
            path: std::fs::canonicalize(path).ok(),
            failed: None,
        })
    }

    /// The log itself is no recording, though it may stand among them.
    pub fn leave_out(&self, mut jobs: Vec<Job>) -> Vec<Job> {
        if let Some(log) = &self.path {
            let name = log.file_name();
            jobs.retain(|job| {
                job.path.file_name() != name
                    || std::fs::canonicalize(&job.path).ok().as_ref() != Some(log)
            });
        }
        jobs
    }

    /// Writes a line, whole or not at all as far as the system does. After the first that cannot be written none is tried.
    pub fn say(&mut self, event: Event<'_>) {
        let Some(to) = &mut self.to else {
            return;
        };
        let Ok(mut text) = serde_json::to_string(&Line::now(event)) else {
            return;
        };
        text.push('\n');
        if let Err(cause) = to.write_all(text.as_bytes()) {
            let path = self.path.clone().unwrap_or_else(|| STDERR.into());
            let what = format!("the log could not be written any more, so it lacks lines: {cause}");
            self.failed = Some(
                Error::new(ErrorCode::Output, what)
                    .in_file(&path)
                    .advice("the command itself went on without it"),
            );
            self.to = None;
        }
    }

    /// What became of one file.
    pub fn file(&mut self, job: &Job, outcome: &Outcome, took: Duration) {
        if self.to.is_none() {
            return;
        }
        let file = File::of(job, took);
        self.say(match outcome {
            Outcome::Analyzed(brief) => Event::FileAnalyzed {
                file,
                sha256: Some(&brief.sha256),
                pattern: Some(&brief.pattern),
                with_findings: Some(brief.noticed),
            },
            Outcome::Unchanged(_) => Event::FileUnchanged { file },
            Outcome::Skipped(error) => Event::FileSkipped {
                file,
                why: error.into(),
            },
            Outcome::Failed(error) => Event::FileFailed {
                file,
                why: error.into(),
            },
            // The end of the run counts them.
            Outcome::NotReached => return,
        });
    }

    /// What became of one file in a run of reports.
    pub fn report(&mut self, job: &Job, reported: &Reported, took: Duration) {
        let file = File::of(job, took);
        self.say(match reported {
            Reported::Written(_) => Event::FileAnalyzed {
                file,
                sha256: None,
                pattern: None,
                with_findings: None,
            },
            Reported::Skipped(error) => Event::FileSkipped {
                file,
                why: error.into(),
            },
            Reported::Failed(error) => Event::FileFailed {
                file,
                why: error.into(),
            },
            // The end of the run counts them.
            Reported::NotReached => return,
        });
    }

    /// What became of one file of a merge.
    pub fn merged(&mut self, merged: &Merged<'_>, took: Duration) {
        let file = File::named(merged.file, merged.path, took);
        self.say(match &merged.outcome {
            MergedAs::Copied(brief) => Event::FileMerged {
                file,
                sha256: &brief.sha256,
                pattern: &brief.pattern,
                with_findings: brief.noticed,
            },
            MergedAs::Unchanged(_) => Event::FileUnchanged { file },
            MergedAs::Skipped(why) => Event::FileSkipped {
                file,
                why: why.into(),
            },
            MergedAs::Failed(why) => Event::FileFailed {
                file,
                why: why.into(),
            },
            // The end of the merge counts them.
            MergedAs::NotReached => return,
        });
    }

    /// What a share could not list, as it told it.
    pub fn not_listed(&mut self, code: &str, told: &str) {
        self.say(Event::InputFailed {
            why: Why::told(code, told),
        });
    }

    /// Folders with results of other runs.
    pub fn left_out(&mut self, folders: &[PathBuf]) {
        for folder in folders {
            let path = folder.to_string_lossy().into_owned();
            self.say(Event::ResultsLeftOut { path });
        }
    }

    /// A file that changed while it was read.
    pub fn changing(&mut self, job: &Job, took: Duration) {
        self.say(Event::FileChanging {
            file: File::of(job, took),
        });
    }

    /// What could not be listed.
    pub fn input_failed(&mut self, error: &Error) {
        self.not_listed(error.code().as_str(), &error.to_string());
    }

    /// Why lines are missing, if any could not be written.
    pub fn failure(&self) -> Option<&Error> {
        self.failed.as_ref()
    }
}

/// Makes the folder of the log if that is the results folder, or in it. Any other that is not there is more likely a slip.
fn make_folder(path: &Path, results: &Path) -> Result<()> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    if folder.exists() {
        return Ok(());
    }
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    if whole(folder).starts_with(whole(results)) {
        return std::fs::create_dir_all(folder).map_err(|cause| Error::unwritten(folder, &cause));
    }
    let what = format!("the folder {} for the log does not exist", folder.display());
    Err(Error::new(ErrorCode::Usage, what)
        .in_file(path)
        .advice("make it first, or name another one after --log"))
}

/// Whether lines can be appended to what stands there: nothing, a log, or what is no file (a pipe). A recording that slipped into the place
/// of the log is none.
fn is_log(path: &Path) -> std::io::Result<bool> {
    // Every line begins with this; see `Line`.
    const BEGINNING: &[u8] = br#"{"time":"#;
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        _ => return Ok(true),
    }
    let mut beginning = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(BEGINNING.len() as u64)
        .read_to_end(&mut beginning)?;
    Ok(BEGINNING.starts_with(&beginning))
}

/// A line that a full disk cut off is ended, so that it spoils no other.
fn end_line(file: &mut std::fs::File) -> std::io::Result<()> {
    // What cannot be looked at from its end (a pipe) was not cut off.
    if file.seek(SeekFrom::End(-1)).is_err() {
        return Ok(());
    }
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        Ok(())
    } else {
        file.write_all(b"\n")
    }
}

/// The JSON Schema (draft 2020-12) of a line.
pub(super) fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Line>();
    schema.insert("$id".to_owned(), SCHEMA_ID.into());
    serde_json::to_value(schema).unwrap_or_default()
}
