//! What a failure means: for the results of an earlier run, and for a file that was only found in a folder.

use super::Job;
use crate::error::{Error, ErrorCode, Result};
use crate::formats;

/// Whether results of an earlier run stay when a file fails with this code: where only the disk failed they are still those of the file, and
/// a disk that is full for an hour must not cost the work of a week.
pub(super) fn leaves_results(code: &str) -> bool {
    [ErrorCode::Output, ErrorCode::Io]
        .iter()
        .any(|disk| disk.as_str() == code)
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
