//! A run over many files.

use super::claim::Claim;
use super::kept::Brief;
use super::manifest::{self, Done, Entry, Manifest};
use super::ordered::try_ordered;
use super::place::{self, Place};
use super::record::{self, Header, NoStudy, Program};
use super::results::{Results, Rows};
use super::state::{Neighbors, State};
use super::{Job, Share};
use crate::clinical_report::Template;
use crate::error::{Error, ErrorCode, Result};
use crate::exchange::Attachment;
use crate::formats;
use crate::recording::{Recording, sha256};
use crate::report::{Columns, Context, Output, Scope};
use crate::sidecar::{self, Reading};
use crate::study::{self, Keep, Settings, Study};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
    /// Whether files are analyzed that an earlier run has done already.
    pub force: bool,
    /// Once it is raised no further file is analyzed.
    pub stop: Arc<AtomicBool>,
    /// The share of a larger run that the files are, if they are one.
    pub share: Option<Share>,
}

/// How one file ended.
pub enum Outcome {
    /// It was analyzed.
    Analyzed(Box<Brief>),
    /// It did not change since an earlier run analyzed it into the same folder in the same way.
    Unchanged(Box<Brief>),
    /// It is no recording, or a part of another one, and was only found in a folder, not asked for.
    Skipped(Error),
    /// It failed.
    Failed(Error),
    /// The run was stopped before it came to the file, which is to be analyzed. It stands in no table.
    NotReached,
}

/// Numbers of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were analyzed.
    pub analyzed: usize,
    /// Files that were analyzed by an earlier run and did not change.
    pub unchanged: usize,
    /// Files that are no recordings of their own.
    pub skipped: usize,
    /// Files that failed.
    pub failed: usize,
    /// Files to which a run that was stopped did not come.
    pub not_reached: usize,
    /// Studies about which something was noticed.
    pub with_findings: usize,
}

/// What one run knows while it works on its files.
struct Run<'a> {
    options: &'a Options,
    columns: &'a Columns,
    neighbors: Neighbors,
    manifest: Manifest,
    /// See [`Done::Analyzed`].
    key: String,
}

/// Analyzes every job in parallel and writes the results in the order of the jobs. `done` hears of each file, in that order, and how long the
/// work on it took. What an earlier run into the same folder has done and nothing has changed since is taken from there.
pub fn run(
    jobs: &[Job],
    options: &Options,
    done: impl FnMut(&Job, &Outcome, Duration) + Send,
) -> Result<Summary> {
    let claim = Claim::take(&options.results)?;
    run_in(&claim, jobs, options, done)
}

/// The same by who holds the results folder already.
pub fn run_in(
    claim: &Claim,
    jobs: &[Job],
    options: &Options,
    mut done: impl FnMut(&Job, &Outcome, Duration) + Send,
) -> Result<Summary> {
    claim.empty()?;
    let columns = Columns::of(&options.settings);
    let key = key(options);
    let record = record(options, &key)?;
    let run = Run {
        options,
        columns: &columns,
        neighbors: Neighbors::of(jobs),
        manifest: Manifest::open(&options.results)?,
        key,
    };
    let mut results = Results::create(&options.results, &columns, &options.outputs, record)?;
    let mut summary = Summary::default();
    let work = |index: usize| {
        let begun = Instant::now();
        let (outcome, entry) = run.reached(&jobs[index]);
        Ok((outcome, entry, begun.elapsed()))
    };
    let sink = |index: usize, (outcome, entry, took): (Outcome, Option<Entry>, Duration)| {
        let job = &jobs[index];
        summary.count(&outcome);
        let no_study = |error, skipped| NoStudy::of(&job.name, &job.path, error, skipped, &columns);
        let appended = match (&outcome, &entry) {
            (Outcome::Analyzed(brief) | Outcome::Unchanged(brief), Some(entry)) => {
                results.append(index, entry, &Rows::Study(brief))
            }
            (Outcome::Skipped(error), Some(entry)) => {
                results.append(index, entry, &Rows::NoStudy(&no_study(error, true)))
            }
            (Outcome::Failed(error), Some(entry)) => {
                results.append(index, entry, &Rows::NoStudy(&no_study(error, false)))
            }
            (_, before) => results.not_reached(before.as_ref()),
        };
        done(job, &outcome, took);
        // The first failure to write the tables ends the run with that error; what stands in its place already the next run takes over.
        appended
    };
    try_ordered(jobs.len(), work, sink)?;
    results
        .finish()
        .and_then(|()| claim.empty())
        .map(|()| summary)
}

/// Begins the record of a share. A whole run takes away that of a share that stood in its folder.
fn record(options: &Options, key: &str) -> Result<Option<record::Writer>> {
    let Some(share) = &options.share else {
        return record::clear(&options.results).map(|()| None);
    };
    let ids = options.outputs.iter().map(|output| output.id.to_owned());
    let header = Header {
        shard: share.shard,
        program: Program::this(),
        run: key.to_owned(),
        outputs: ids.collect(),
        settings: options.settings.to_toml(),
        whole: share.whole.clone(),
        unlisted: share.unlisted.clone(),
    };
    record::Writer::begin(&options.results, header, share).map(Some)
}

impl Summary {
    fn count(&mut self, outcome: &Outcome) {
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

/// The hash of everything that the results of a study depend on besides its files.
fn key(options: &Options) -> String {
    let outputs: Vec<_> = options
        .outputs
        .iter()
        .filter(|output| matches!(output.scope, Scope::Study(_)))
        .map(|output| output.id)
        .collect();
    let all = (
        Program::this(),
        // What FHIR attaches.
        cfg!(feature = "pdf"),
        options.settings.to_toml(),
        outputs,
        &options.reading,
        &options.template,
        &options.attachment,
    );
    sha256(format!("{all:?}"))
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

/// Which of the jobs an earlier run into the folder did in the same way, by its manifest alone: those that are likely to be unchanged.
pub fn done_before(jobs: &[Job], options: &Options) -> Vec<bool> {
    if options.force {
        return vec![false; jobs.len()];
    }
    let said = manifest::said(&options.results);
    let key = key(options);
    jobs.iter()
        .map(|job| match said.get(&job.name) {
            Some(Done::Analyzed { path, run, .. }) => {
                *run == key && *path == manifest::told(&job.path)
            }
            _ => false,
        })
        .collect()
}

impl Run<'_> {
    /// One file, unless the run is stopped before anything is to be done with it. What was said of it before stays in the manifest then.
    fn reached(&self, job: &Job) -> (Outcome, Option<Entry>) {
        let entry = |outcome| Entry {
            file: job.name.clone(),
            outcome,
        };
        if let Some((brief, done)) = self.unchanged(job) {
            return (Outcome::Unchanged(Box::new(brief)), Some(entry(done)));
        }
        if self.options.stop.load(Ordering::Relaxed) {
            let before = self.manifest.earlier(&job.name).cloned();
            return (Outcome::NotReached, before.map(entry));
        }
        let (outcome, entry) = self.one(job);
        (outcome, Some(entry))
    }

    fn one(&self, job: &Job) -> (Outcome, Entry) {
        let entry = |outcome| Entry {
            file: job.name.clone(),
            outcome,
        };
        let error = match guarded(|| self.analyze_and_write(job)) {
            Ok((brief, done)) => return (Outcome::Analyzed(Box::new(brief)), entry(done)),
            Err(error) => error,
        };
        let error = error.in_file(&job.path);
        let skipped = is_none(job, &error);
        let told = |error: &Error, skipped| {
            let (code, message) = (error.code().as_str().to_owned(), error.message());
            entry(if skipped {
                Done::Skipped { code, message }
            } else {
                Done::Failed { code, message }
            })
        };
        let written = self
            .clear(job, &error)
            .and_then(|()| self.manifest.done(&told(&error, skipped)));
        let (error, skipped) = match written {
            Ok(()) => (error, skipped),
            Err(in_the_way) => (in_the_way, false),
        };
        let entry = told(&error, skipped);
        if skipped {
            (Outcome::Skipped(error), entry)
        } else {
            (Outcome::Failed(error), entry)
        }
    }

    /// What an earlier run made of the file, if nothing changed since. Files that failed are tried again: what was in the way may be gone.
    fn unchanged(&self, job: &Job) -> Option<(Brief, Done)> {
        let done = self.manifest.earlier(&job.name)?;
        let Done::Analyzed {
            sha256,
            state,
            path,
            run,
            ..
        } = done
        else {
            return None;
        };
        let same = *run == self.key && *path == manifest::told(&job.path) && job.part_of.is_none();
        if self.options.force || !same || !state.still_holds(job, &self.neighbors) {
            return None;
        }
        let folder = place::folder_of(&self.options.results, &job.name);
        let brief = Brief::kept(&folder, run, sha256, self.columns)?;
        Some((brief, done.clone()))
    }

    /// Takes away what an earlier run made of a file that fails now.
    fn clear(&self, job: &Job, error: &Error) -> Result<()> {
        if leaves_results(error.code().as_str()) {
            return Ok(());
        }
        place::clear_and_tell(&self.options.results, &self.manifest, &job.name)
    }

    fn analyze_and_write(&self, job: &Job) -> Result<(Brief, Done)> {
        let options = self.options;
        stands_alone(job)?;
        let state = State::of(job, &self.neighbors)?;
        let keep = if options.outputs.iter().any(|output| output.draws) {
            Keep::Signal
        } else {
            Keep::Measures
        };
        let study = studied(job, &options.reading, &options.settings, keep)?;
        let place = Place::begin(&options.results, &job.name)?;
        let context = Context {
            study: &study,
            file: &job.name,
            template: &options.template,
            attachment: &options.attachment,
        };
        let write_all = || {
            options.outputs.iter().try_for_each(|output| {
                let Scope::Study(write) = output.scope else {
                    return Ok(());
                };
                write(&context, place.folder())
            })
        };
        // A thread that has no other file helps.
        let (written, brief) = rayon::join(write_all, || {
            Brief::of(&study, &job.name, self.columns, &options.outputs)
        });
        written?;
        // After everything else: it says which files stand in the folder, and how long they are.
        brief.keep(place.folder(), &self.key)?;
        let state = state.and_read(&study.origin.beside, &job.path);
        state.settle();
        if !state.still_holds(job, &self.neighbors) {
            return Err(Error::new(
                ErrorCode::Io,
                "it, or a file beside it, changed while it was read",
            )
            .advice("analyze it again when it is complete"));
        }
        let done = Done::Analyzed {
            sha256: brief.sha256.clone(),
            state,
            path: manifest::told(&job.path),
            endplate: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.key.clone(),
        };
        let entry = Entry {
            file: job.name.clone(),
            outcome: done.clone(),
        };
        place.finish_and_tell(&self.manifest, &entry)?;
        Ok((brief, done))
    }
}

/// Whether results of an earlier run stay when a file fails with this code: where only the disk failed they are still those of the file, and
/// a disk that is full for an hour must not cost the work of a week.
pub(super) fn leaves_results(code: &str) -> bool {
    [ErrorCode::Output, ErrorCode::Io]
        .iter()
        .any(|disk| disk.as_str() == code)
}

/// The study of a file. The samples are not kept: they are not needed any more, and may be many.
pub(super) fn studied(
    job: &Job,
    reading: &Reading,
    settings: &Settings,
    keep: Keep,
) -> Result<Study> {
    let analyze = |recording: &Recording| study::analyze_keeping(recording, settings, keep);
    let (recording, mut study) = sidecar::open_while(&job.path, reading, analyze)?;
    // It was made meanwhile.
    study.origin.sha256 = recording.origin.sha256;
    Ok(study)
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
