//! A run over many files.

use super::claim::Claim;
use super::failures::{is_none, leaves_results, stands_alone};
use super::kept::Brief;
use super::manifest::{self, Done, Entry, Manifest};
use super::marks::{self, Marks};
use super::ordered::try_ordered;
use super::place::{self, Place};
use super::record::{self, Header, NoStudy, Program};
use super::results::{Results, Rows};
use super::state::{Neighbors, State};
use super::unchanged::{Unchanged, beside_sha256};
use super::{Job, Options};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Recording, sha256};
use crate::report::{Columns, Context, Scope};
use crate::sidecar::{self, Reading};
use crate::study::{self, Keep, Settings, Study};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

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
pub(super) struct Run<'a> {
    pub options: &'a Options,
    claim: &'a Claim,
    pub columns: &'a Columns,
    pub neighbors: Neighbors,
    pub manifest: Manifest,
    pub marks: Marks,
    /// See [`Done::Analyzed`].
    pub key: String,
}

/// What a run has to say of a file at its end.
struct Reached {
    outcome: Outcome,
    /// `None`: nothing, and nothing was said before.
    entry: Option<Entry>,
    /// Which file it was, of a study; see [`super::marks`].
    mark: Option<String>,
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
    claim.still_held()?;
    claim.empty()?;
    let columns = Columns::of(&options.settings);
    let key = key(options);
    let record = record(options, &key)?;
    let run = Run {
        options,
        claim,
        columns: &columns,
        neighbors: Neighbors::of(jobs),
        manifest: Manifest::open(&options.results)?,
        marks: Marks::open(&options.results),
        key,
    };
    let mut results = Results::create(&options.results, &columns, &options.outputs, record)?;
    let mut summary = Summary::default();
    let work = |index: usize| {
        let begun = Instant::now();
        run.claim.still_held()?;
        Ok((run.reached(&jobs[index]), begun.elapsed()))
    };
    let sink = |index: usize, (reached, took): (Reached, Duration)| {
        let job = &jobs[index];
        let Reached {
            outcome,
            entry,
            mark,
        } = reached;
        let mark = mark.as_deref();
        summary.count(&outcome);
        let no_study = |error, skipped| NoStudy::of(&job.name, &job.path, error, skipped, &columns);
        let appended = match (&outcome, &entry) {
            (Outcome::Analyzed(brief) | Outcome::Unchanged(brief), Some(entry)) => {
                results.append(index, (entry, mark), &Rows::Study(brief))
            }
            (Outcome::Skipped(error), Some(entry)) => {
                results.append(index, (entry, None), &Rows::NoStudy(&no_study(error, true)))
            }
            (Outcome::Failed(error), Some(entry)) => results.append(
                index,
                (entry, None),
                &Rows::NoStudy(&no_study(error, false)),
            ),
            (_, before) => results.not_reached(before.as_ref(), mark),
        };
        done(job, &outcome, took);
        // The first failure to write the tables ends the run with that error; what stands in its place already the next run takes over.
        appended
    };
    try_ordered(jobs.len(), work, sink)?;
    claim.still_held()?;
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
    let said = manifest::said(&options.results);
    let key = key(options);
    jobs.iter()
        .map(|job| match said.get(&job.name) {
            Some(Done::Analyzed { path, run, .. }) => {
                let same = *run == key && *path == manifest::told(&job.path);
                same && !options.force.concerns(job)
            }
            _ => false,
        })
        .collect()
}

impl Run<'_> {
    /// One file, unless the run is stopped before anything is to be done with it. What was said of it before stays in the manifest then.
    fn reached(&self, job: &Job) -> Reached {
        let entry = |outcome| Entry {
            file: job.name.clone(),
            outcome,
        };
        if let Some(Unchanged { brief, done, mark }) = self.unchanged(job) {
            return Reached {
                outcome: Outcome::Unchanged(Box::new(brief)),
                entry: Some(entry(done)),
                mark,
            };
        }
        if self.options.stop.load(Ordering::Relaxed) {
            let before = self.manifest.earlier(&job.name).cloned();
            return Reached {
                outcome: Outcome::NotReached,
                entry: before.map(entry),
                mark: self.marks.earlier(&job.name).map(str::to_owned),
            };
        }
        match guarded(|| self.analyze_and_write(job)) {
            Ok((brief, done, mark)) => Reached {
                outcome: Outcome::Analyzed(Box::new(brief)),
                entry: Some(entry(done)),
                mark,
            },
            Err(error) => {
                let (outcome, entry) = self.failed(job, error);
                Reached {
                    outcome,
                    entry: Some(entry),
                    mark: None,
                }
            }
        }
    }

    fn failed(&self, job: &Job, error: Error) -> (Outcome, Entry) {
        let entry = |outcome| Entry {
            file: job.name.clone(),
            outcome,
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

    /// Takes away what an earlier run made of a file that fails now.
    fn clear(&self, job: &Job, error: &Error) -> Result<()> {
        if leaves_results(error.code().as_str()) {
            return Ok(());
        }
        place::clear_and_tell(&self.options.results, &self.manifest, &job.name)
    }

    fn analyze_and_write(&self, job: &Job) -> Result<(Brief, Done, Option<String>)> {
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
        // One that cannot be read, and was not needed, leaves the next run in doubt only.
        let beside_sha256 = beside_sha256(&state, &job.path).unwrap_or_default();
        // Of the file as it was before it was read: whatever came in its place meanwhile has another one.
        let mark = marks::mark(&state, &brief.sha256);
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
            beside_sha256,
            path: manifest::told(&job.path),
            endplate: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.key.clone(),
        };
        let entry = Entry {
            file: job.name.clone(),
            outcome: done.clone(),
        };
        place.finish_and_tell(&self.manifest, &entry)?;
        self.marks.note(&job.name, mark.as_deref());
        Ok((brief, done, mark))
    }
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
