//! A run over many files.

use super::place::{self, Place};
use super::{Job, ordered};
use crate::clinical_report::Template;
use crate::error::{Error, ErrorCode, Result};
use crate::exchange::Attachment;
use crate::formats;
use crate::pattern::Pattern;
use crate::report::{Columns, Context, FileRow, Index, IndexRow, Output, Scope, StudyRows, Tables};
use crate::sidecar::{self, Reading};
use crate::study::{self, Settings};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// What a run does with each file.
pub struct Options {
    /// The results folder.
    pub results: PathBuf,
    /// How the files are opened.
    pub reading: Reading,
    /// How they are analyzed.
    pub settings: Settings,
    /// What is written of each study, besides the tables of the run.
    pub outputs: Vec<&'static Output>,
    /// How reports are written.
    pub template: Template,
    /// To whom and to what they are attached.
    pub attachment: Attachment,
}

/// How one file ended.
pub enum Outcome {
    /// It was analyzed.
    Analyzed(Box<Brief>),
    /// It is no recording, or a part of another one, and was only found in a folder, not asked for.
    Skipped(Error),
    /// It failed.
    Failed(Error),
}

/// What a study gives to the tables of the run.
pub struct Brief {
    /// Its rows in the tables.
    pub rows: StudyRows,
    /// Its row in the table of files.
    pub file: FileRow,
    /// Its row on the front page.
    pub index: IndexRow,
    /// Its pattern, with its reasons.
    pub pattern: Pattern,
    /// What a reader changed by hand, a line each.
    pub corrections: Vec<String>,
}

/// Numbers of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were analyzed.
    pub analyzed: usize,
    /// Files that are no recordings of their own.
    pub skipped: usize,
    /// Files that failed.
    pub failed: usize,
    /// Analyzed files about which something was noticed.
    pub with_findings: usize,
}

/// Analyzes every job in parallel and writes the results in the order of the jobs. `done` hears of each file, in that order.
pub fn run(
    jobs: &[Job],
    options: &Options,
    mut done: impl FnMut(&Job, &Outcome) + Send,
) -> Result<Summary> {
    std::fs::create_dir_all(&options.results)
        .map_err(|cause| Error::io(&options.results, cause))?;
    let columns = Columns::of(&options.settings);
    let mut tables = Tables::create(&options.results, &columns, &options.outputs)?;
    let mut index = Index::create(&options.results)?;
    let mut summary = Summary::default();
    let mut broken = None;
    let mut next = 0;
    let sink = |outcome: Outcome| {
        let Some(job) = jobs.get(next) else { return };
        next += 1;
        let written = match &outcome {
            Outcome::Analyzed(brief) => {
                summary.analyzed += 1;
                summary.with_findings += usize::from(brief.file.has_findings());
                tables
                    .append(&brief.rows)
                    .and_then(|()| tables.append_file(&brief.file))
                    .and_then(|()| index.append(&brief.index))
            }
            Outcome::Skipped(error) => {
                summary.skipped += 1;
                tables
                    .append_file(&FileRow::failed(&job.name, &job.path, error, true))
                    .and_then(|()| index.append(&IndexRow::failed(&job.name, error, true)))
            }
            Outcome::Failed(error) => {
                summary.failed += 1;
                tables
                    .append_file(&FileRow::failed(&job.name, &job.path, error, false))
                    .and_then(|()| index.append(&IndexRow::failed(&job.name, error, false)))
            }
        };
        // The first failure to write the tables ends the run with that error; what follows would only repeat it.
        if let Err(error) = written {
            broken.get_or_insert(error);
        }
        done(job, &outcome);
    };
    ordered(
        jobs.len(),
        |index| one(&jobs[index], options, &columns),
        sink,
    );
    match broken {
        Some(error) => Err(error),
        None => tables
            .finish()
            .and_then(|_| index.finish())
            .map(|_| summary),
    }
}

/// What is done with one file; a panic in it is a defect of endplate, told as such, and costs this file only.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        Err(Error::new(
            ErrorCode::Internal,
            format!("endplate failed on this file: {what}"),
        )
        .advice("please report it with the file, if it may be shared"))
    })
}

fn one(job: &Job, options: &Options, columns: &Columns) -> Outcome {
    match guarded(|| analyze_and_write(job, options, columns)) {
        Ok(brief) => Outcome::Analyzed(Box::new(brief)),
        Err(error) => {
            let error = match place::clear(&options.results, &job.name) {
                Ok(()) => error.in_file(&job.path),
                Err(in_the_way) => in_the_way,
            };
            if is_none(job, &error) {
                Outcome::Skipped(error)
            } else {
                Outcome::Failed(error)
            }
        }
    }
}

fn analyze_and_write(job: &Job, options: &Options, columns: &Columns) -> Result<Brief> {
    stands_alone(job)?;
    let recording = sidecar::open(&job.path, &options.reading)?;
    let study = study::analyze(&recording, &options.settings)?;
    // The samples are not needed any more, and may be many.
    drop(recording);
    let place = Place::begin(&options.results, &job.name)?;
    for output in &options.outputs {
        if let Scope::Study(write) = output.scope {
            let context = Context {
                study: &study,
                file: &job.name,
                template: &options.template,
                attachment: &options.attachment,
            };
            write(&context, place.folder())?;
        }
    }
    place.finish()?;
    let file = FileRow::analyzed(&job.name, &study);
    Ok(Brief {
        rows: StudyRows::of(&study, &job.name, columns),
        index: IndexRow::analyzed(&file, &study, &options.outputs),
        file,
        corrections: study.told_corrections(),
        pattern: study.pattern,
    })
}

/// A file that belongs to another one is read with it, unless it was named.
pub(super) fn stands_alone(job: &Job) -> Result<()> {
    match &job.part_of {
        Some(whole) => Err(
            Error::new(ErrorCode::PartOfAnother, format!("belongs to {whole}"))
                .advice("name the file itself to analyze it alone"),
        ),
        None => Ok(()),
    }
}

/// Whether a file that failed was only found in a folder and is no recording.
pub(super) fn is_none(job: &Job, error: &Error) -> bool {
    let unknown = error.code() == ErrorCode::UnknownFormat;
    error.code() == ErrorCode::PartOfAnother
        || (unknown && !job.named && !looks_like_a_recording(job))
}

/// A file in a folder whose name says that it is a recording, though its content does not, has failed; any other is no recording.
fn looks_like_a_recording(job: &Job) -> bool {
    let extension = job
        .path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| {
        formats::FORMATS
            .iter()
            .any(|format| format.extensions.contains(&extension.as_str()))
    })
}
