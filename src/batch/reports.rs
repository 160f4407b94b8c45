//! Only the reports of many files: `OUT/NAME.html`, `OUT/NAME.pdf` …

use super::run::{guarded, is_none, stands_alone};
use super::{Job, ordered};
use crate::clinical_report::Template;
use crate::error::{Error, Result};
use crate::exchange::Attachment;
use crate::report::{Context, write_whole};
use crate::sidecar::{self, Reading};
use crate::study::{self, Settings};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

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
}

/// A medium of reports.
pub struct Medium {
    /// Short and stable: `pdf`.
    pub id: &'static str,
    /// The extension of its files.
    pub extension: &'static str,
    /// Makes the bytes of a report.
    pub make: fn(&Context<'_>) -> Result<Vec<u8>>,
}

/// Writes the reports of every job in parallel. `done` hears of each file in the order of the jobs: the files that were written, `None` for a
/// file that is no recording and was only found in a folder, or why it failed.
pub fn write_reports(
    jobs: &[Job],
    options: &Reports,
    mut done: impl FnMut(&Job, Result<Option<Vec<PathBuf>>>) + Send,
) {
    let mut next = 0;
    ordered(
        jobs.len(),
        |index| {
            guarded(|| one(&jobs[index], options)).map_err(|error| error.in_file(&jobs[index].path))
        },
        |written| {
            if let Some(job) = jobs.get(next) {
                next += 1;
                done(job, none_if_no_recording(job, options, written));
            }
            ControlFlow::Continue(())
        },
    );
}

/// A file that fails takes away the report that an earlier run made of it: old numbers must not stand beside a new failure.
fn none_if_no_recording(
    job: &Job,
    options: &Reports,
    written: Result<Vec<PathBuf>>,
) -> Result<Option<Vec<PathBuf>>> {
    let error = match written {
        Ok(files) => return Ok(Some(files)),
        Err(error) => error,
    };
    for medium in &options.media {
        let path = place(&options.results, job, medium.extension);
        if path.is_file() {
            std::fs::remove_file(&path).map_err(|cause| Error::unwritten(&path, &cause))?;
        }
    }
    if is_none(job, &error) {
        Ok(None)
    } else {
        Err(error)
    }
}

fn one(job: &Job, options: &Reports) -> Result<Vec<PathBuf>> {
    stands_alone(job)?;
    let recording = sidecar::open(&job.path, &options.reading)?;
    let study = study::analyze(&recording, &options.settings)?;
    // The samples are not needed any more, and may be many.
    drop(recording);
    let mut files = Vec::new();
    let context = Context {
        study: &study,
        file: &job.name,
        template: &options.template,
        attachment: &options.attachment,
    };
    for medium in &options.media {
        let bytes = (medium.make)(&context)?;
        let path = place(&options.results, job, medium.extension);
        let folder = path.parent().unwrap_or(&options.results);
        std::fs::create_dir_all(folder).map_err(|cause| Error::unwritten(folder, &cause))?;
        write_whole(&path, &bytes)?;
        files.push(path);
    }
    Ok(files)
}

fn place(results: &Path, job: &Job, extension: &str) -> PathBuf {
    results.join(format!("{}.{extension}", job.name))
}
