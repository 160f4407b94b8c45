//! The shares of a run put together: a run whose studies come out of other results folders.

use super::claim::Claim;
use super::kept::{Brief, Made};
use super::manifest::{Done, Entry, Manifest};
use super::ordered::try_ordered;
use super::place::{self, Place};
use super::record;
use super::results::{Results, Rows};
use super::run::{Summary, leaves_results};
use super::shares::{OfShare, Shares};
use crate::error::{Error, ErrorCode, Result};
use crate::report::{Columns, OUTPUTS, Output};
use crate::study::Settings;
use std::path::{Component, Path, PathBuf};

/// What stands in the results after a merge.
#[derive(Debug, Default)]
pub struct Merged {
    /// Numbers of the whole run. Unchanged are the studies that an earlier merge had put there already.
    pub summary: Summary,
    /// What could not be listed, as it was told.
    pub unlisted: Vec<String>,
    /// What failed, in the order of the run: the code of the error, and what was told.
    pub failures: Vec<(String, String)>,
}

/// Puts the results of all shares of a run together, as one run over everything would have written them, byte for byte. Nothing is written
/// unless all shares are there, whole, and of one run. Studies are copied; no share is changed.
pub fn merge(folders: &[PathBuf], results: &Path) -> Result<Merged> {
    stand_apart(folders, results)?;
    let mut shares = Shares::read(folders)?;
    let columns = Columns::of(&Settings::from_toml(&shares.header.settings)?);
    let outputs = outputs(&shares.header.outputs)?;
    shares.are_whole(&columns)?;
    let mut merged = Merged {
        unlisted: std::mem::take(&mut shares.unlisted),
        ..Merged::default()
    };

    // Declared first, so dropped last.
    let _claim = Claim::take(results)?;
    record::clear(results)?;
    let target = Target {
        results,
        columns: &columns,
        manifest: Manifest::open(results)?,
        shares: &shares,
    };
    let mut written = Results::create(results, &columns, &outputs, None)?;
    let work = |index: usize| target.put(&shares.files[index]);
    try_ordered(shares.files.len(), work, |index, put| {
        let OfShare { entry, rows, .. } = &shares.files[index];
        merged.count(entry, &put);
        let no_study = rows.as_ref().map(Rows::NoStudy);
        match put.study().map(Rows::Study).or(no_study) {
            Some(rows) => {
                merged.failures.extend(failure(entry, &rows));
                written.append(index, entry, &rows)
            }
            None => Err(record::damaged(shares.share(&shares.files[index]))),
        }
    })?;
    written.finish().map(|()| merged)
}

/// What was put into the results of one file.
enum Put {
    Copied(Box<Brief>),
    /// It stood there.
    Unchanged(Box<Brief>),
    /// It is no study: nothing, and what stood there is gone.
    Nothing,
}

impl Put {
    fn study(&self) -> Option<&Brief> {
        match self {
            Self::Copied(brief) | Self::Unchanged(brief) => Some(brief),
            Self::Nothing => None,
        }
    }
}

/// Where the shares are put together.
struct Target<'a> {
    results: &'a Path,
    columns: &'a Columns,
    manifest: Manifest,
    shares: &'a Shares,
}

impl Target<'_> {
    fn tell(&self, entry: &Entry) -> Result<Put> {
        self.manifest.done(entry).map(|()| Put::Nothing)
    }

    fn put(&self, file: &OfShare) -> Result<Put> {
        let entry = &file.entry;
        let name = &entry.file;
        let (run, sha256) = match &entry.outcome {
            Done::Analyzed { run, sha256, .. } => (run, sha256),
            Done::Failed { code, .. } if leaves_results(code) => return self.tell(entry),
            Done::Failed { .. } | Done::Skipped { .. } | Done::Begun => {
                place::clear_and_tell(self.results, &self.manifest, name)?;
                return self.tell(entry);
            }
        };
        let kept = |folder: &Path| Brief::kept(folder, run, sha256, self.columns).map(Box::new);
        if self.manifest.earlier(name) == Some(&entry.outcome)
            && let Some(brief) = kept(&place::folder_of(self.results, name))
        {
            return Ok(Put::Unchanged(brief));
        }
        let from = self.shares.folder(file);
        let (Some(made), Some(brief)) = (Made::read(&from, run, sha256), kept(&from)) else {
            return Err(record::damaged(self.shares.share(file)).at(name.clone()));
        };
        let place = Place::begin(self.results, name)?;
        made.copy(&from, place.folder())?;
        if Made::read(place.folder(), run, sha256).is_none() {
            return Err(record::damaged(self.shares.share(file)).at(name.clone()));
        }
        place.finish_and_tell(&self.manifest, entry)?;
        Ok(Put::Copied(brief))
    }
}

impl Merged {
    fn count(&mut self, entry: &Entry, put: &Put) {
        let summary = &mut self.summary;
        match (&entry.outcome, put) {
            (Done::Skipped { .. }, _) => summary.skipped += 1,
            (_, Put::Copied(_)) => summary.analyzed += 1,
            (_, Put::Unchanged(_)) => summary.unchanged += 1,
            (_, Put::Nothing) => summary.failed += 1,
        }
        summary.with_findings += usize::from(put.study().is_some_and(|brief| brief.noticed));
    }
}

/// The code of a file that failed, and what is told of it.
fn failure(entry: &Entry, rows: &Rows<'_>) -> Option<(String, String)> {
    match (&entry.outcome, rows) {
        (Done::Failed { code, .. }, Rows::NoStudy(rows)) => Some((code.clone(), rows.told.clone())),
        _ => None,
    }
}

/// An error if the results would stand in a share, or a share among the studies of the results.
fn stand_apart(folders: &[PathBuf], results: &Path) -> Result<()> {
    let whole = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        // What does not exist yet stands where the nearest folder above does that exists, and its `..` are no ways out of links.
        let above = path.ancestors().find_map(|above| {
            let rest = path.strip_prefix(above).ok()?;
            let mut whole = above.canonicalize().ok()?;
            for part in rest.components() {
                match part {
                    Component::ParentDir => _ = whole.pop(),
                    part => whole.push(part),
                }
            }
            Some(whole)
        });
        above.unwrap_or(path)
    };
    let results = whole(results);
    for folder in folders {
        let share = whole(folder);
        if results.starts_with(&share) || share.starts_with(results.join(place::STUDIES)) {
            return Err(Error::new(
                ErrorCode::Usage,
                "is to be merged, so the results cannot stand in it, nor it among their studies",
            )
            .in_file(folder)
            .advice("name another folder for the results"));
        }
    }
    Ok(())
}

/// The outputs of these ids.
fn outputs(ids: &[String]) -> Result<Vec<&'static Output>> {
    let known = |id: &String| OUTPUTS.iter().copied().find(|output| output.id == *id);
    let outputs = ids.iter().map(|id| {
        known(id).ok_or_else(|| {
            let what =
                format!("the shares were made with --to {id}, which this build does not know");
            Error::new(ErrorCode::Usage, what).advice("merge with the endplate that made them")
        })
    });
    outputs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_no_share_and_no_share_among_the_studies() {
        let folder = tempfile::tempdir().unwrap();
        let share = folder.path().join("1");
        std::fs::create_dir(&share).unwrap();
        let apart = |results: &str| {
            stand_apart(std::slice::from_ref(&share), &folder.path().join(results)).is_ok()
        };
        assert!(!apart("1") && !apart("1/whole") && !apart("2/../1"));
        assert!(apart("whole") && apart("10") && apart(""));
        let below = folder.path().join("whole/studies/1");
        assert!(stand_apart(&[below], &folder.path().join("whole")).is_err());
    }
}
