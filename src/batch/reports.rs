//! Only the reports of many files: `OUT/NAME.html`, `OUT/NAME.pdf` …

use super::failures::{is_none, leaves_results, stands_alone};
use super::run::{guarded, studied};
use super::{Job, ordered};
use crate::clinical_report::Template;
use crate::error::{Error, ErrorCode, Result};
use crate::exchange::Attachment;
use crate::report::Context;
use crate::sidecar::Reading;
use crate::study::{Keep, Settings};
use crate::whole;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a run of reports does with each file.
pub struct Reports {
    /// The folder of the reports.
    pub results: PathBuf,
    /// How the files are opened.
    pub reading: Reading,
    /// How they are analyzed.
    pub settings: Settings,
    /// How the reports are written.
    pub template: Template,
    /// To whom and to what they are attached.
    pub attachment: Attachment,
    /// The media.
    pub media: Vec<&'static Medium>,
    /// Once it is raised no further file is begun.
    pub stop: Arc<AtomicBool>,
}

/// A medium of reports.
pub struct Medium {
    /// Short and stable: `pdf`.
    pub id: &'static str,
    /// The extension of its files.
    pub extension: &'static str,
    /// What stands in each of its files and hardly in one of somebody else.
    pub mark: &'static str,
    /// Makes the bytes of a report.
    pub make: fn(&Context<'_>) -> Result<Vec<u8>>,
}

/// How one file ended in a run of reports.
pub enum Reported {
    /// Its reports are these files.
    Written(Vec<PathBuf>),
    /// It is no recording, or a part of another one, and was only found in a folder, not asked for.
    Skipped(Error),
    /// It failed.
    Failed(Error),
    /// The run was stopped before it came to it: what stood there stands there still.
    NotReached,
}

/// Writes the reports of every job in parallel. `done` hears of each file in the order of the jobs, and how long the work on it took.
pub fn write_reports(
    jobs: &[Job],
    options: &Reports,
    mut done: impl FnMut(&Job, Reported, Duration) + Send,
) {
    let mut next = 0;
    ordered(
        jobs.len(),
        |index| {
            let (begun, job) = (Instant::now(), &jobs[index]);
            if options.stop.load(Ordering::Relaxed) {
                return (Reported::NotReached, begun.elapsed());
            }
            let written = guarded(|| one(job, options)).map_err(|error| error.in_file(&job.path));
            (reported(job, options, written), begun.elapsed())
        },
        |(reported, took)| {
            if let Some(job) = jobs.get(next) {
                next += 1;
                done(job, reported, took);
            }
            ControlFlow::Continue(())
        },
    );
}

/// A file that fails takes away the report that an earlier run made of it: old numbers must not stand beside a new failure.
fn reported(job: &Job, options: &Reports, written: Result<Vec<PathBuf>>) -> Reported {
    let error = match written {
        Ok(files) => return Reported::Written(files),
        Err(error) => error,
    };
    if leaves_results(error.code().as_str()) {
        return Reported::Failed(error);
    }
    for medium in &options.media {
        let path = place(&options.results, job, medium.extension);
        let cleared = is_ours(&path, medium).and_then(|ours| {
            if ours {
                std::fs::remove_file(&path)
            } else {
                Ok(())
            }
        });
        if let Err(cause) = cleared {
            return Reported::Failed(Error::unwritten(&path, &cause));
        }
    }
    if is_none(job, &error) {
        Reported::Skipped(error)
    } else {
        Reported::Failed(error)
    }
}

/// No report is as long (heuristic), so what is longer is not looked through.
const LONGEST: u64 = 256 << 20;

/// Whether something stands there and is a report that endplate wrote.
fn is_ours(path: &Path, medium: &Medium) -> std::io::Result<bool> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(cause),
    };
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Ok(false);
    }
    let (bytes, mark) = (std::fs::read(path)?, medium.mark.as_bytes());
    Ok(bytes.windows(mark.len()).any(|part| part == mark))
}

/// An error if what stands in the place of a report is not ours to replace.
fn refuse_to_replace(path: &Path, medium: &Medium) -> Result<()> {
    let ours = is_ours(path, medium).map_err(|cause| Error::unwritten(path, &cause))?;
    if ours || path.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Output,
        "stands in the way and is no report of endplate, so it is not replaced",
    )
    .in_file(path)
    .advice("name another folder for the reports"))
}

fn one(job: &Job, options: &Reports) -> Result<Vec<PathBuf>> {
    stands_alone(job)?;
    let study = studied(job, &options.reading, &options.settings, Keep::Signal)?;
    let mut files = Vec::new();
    let context = Context {
        study: &study,
        file: &job.name,
        template: &options.template,
        attachment: &options.attachment,
    };
    for medium in &options.media {
        refuse_to_replace(&place(&options.results, job, medium.extension), medium)?;
    }
    for medium in &options.media {
        let bytes = (medium.make)(&context)?;
        let path = place(&options.results, job, medium.extension);
        let folder = path.parent().unwrap_or(&options.results);
        std::fs::create_dir_all(folder).map_err(|cause| Error::unwritten(folder, &cause))?;
        whole::write(&path, &bytes)?;
        files.push(path);
    }
    Ok(files)
}

fn place(results: &Path, job: &Job, extension: &str) -> PathBuf {
    results.join(format!("{}.{extension}", job.name))
}
