//! The shares of a run put together: a run whose studies come out of other results folders.

use super::claim::Claim;
use super::failures::leaves_results;
use super::kept::{Brief, Made};
use super::manifest::{self, Done, Entry, Manifest};
use super::ordered::try_ordered;
use super::place::{self, Place};
use super::record::{self, NoStudy};
use super::results::{Results, Rows};
use super::shares::{OfShare, Shares};
use crate::error::{Error, ErrorCode, Result};
use crate::report::{Columns, OUTPUTS, Output};
use crate::study::Settings;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The shares of a run, and where they are to be put together.
pub struct Merge {
    results: PathBuf,
    shares: Shares,
    settings: Settings,
    columns: Columns,
    outputs: Vec<&'static Output>,
}

/// One file of a merge.
pub struct Merged<'a> {
    /// Its name in the run.
    pub file: &'a str,
    /// Its path as the share was given it.
    pub path: &'a str,
    /// What became of it.
    pub outcome: MergedAs<'a>,
}

/// What became of a file in a merge.
pub enum MergedAs<'a> {
    /// Its results were copied into their place.
    Copied(&'a Brief),
    /// An earlier merge had put them there.
    Unchanged(&'a Brief),
    /// It is no recording of its own.
    Skipped(NotAStudy<'a>),
    /// It failed in its share.
    Failed(NotAStudy<'a>),
    /// The merge was stopped before it came to it.
    NotReached,
}

/// Why there is no study of a file.
pub struct NotAStudy<'a> {
    /// The stable code of the error.
    pub code: &'a str,
    /// Where, what was found, what was expected and what to try, without the path.
    pub message: &'a str,
    /// What was told of it, with the path.
    pub told: &'a str,
}

impl Merge {
    /// Reads the shares. An error unless all of them are there, of one run, and ended, and the results stand apart from them. Nothing is written.
    pub fn of(folders: &[PathBuf], results: &Path) -> Result<Self> {
        stand_apart(folders, results)?;
        let shares = Shares::read(folders)?;
        let settings = Settings::from_toml(&shares.header.settings)?;
        Ok(Self {
            results: results.to_path_buf(),
            columns: Columns::of(&settings),
            outputs: outputs(&shares.header.outputs)?,
            settings,
            shares,
        })
    }

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the shares could not list, as they told it.
    pub fn unlisted(&self) -> &[String] {
        &self.shares.unlisted
    }

    /// Of which files, in the order of the run, nothing is likely to be copied: those that an earlier merge put there, and those that are no
    /// studies.
    pub fn likely_done(&self) -> Vec<bool> {
        let said = manifest::said(&self.results);
        let files = self.shares.files.iter();
        let done = files.map(|file| {
            file.rows.is_some() || said.get(&file.entry.file) == Some(&file.entry.outcome)
        });
        done.collect()
    }

    /// Puts the results together, as one run over everything would have written them, byte for byte. Nothing is written unless all shares are
    /// whole; `checked` is called when that is known. Studies are copied; no share is changed. `done` hears of each file in the order of the run, and how long the work on it took.
    ///
    /// Once `stop` is raised no further study is copied, and the tables, the front page and the manifest stay those of before: they never tell of
    /// a part of a run.
    pub fn run(
        &self,
        stop: &AtomicBool,
        checked: impl FnOnce(),
        mut done: impl FnMut(&Merged<'_>, Duration) + Send,
    ) -> Result<()> {
        let files = &self.shares.files;
        let whole = self.shares.are_whole(&self.columns, stop);
        checked();
        if !whole? {
            for file in files {
                done(&self.told(file, &Put::NotReached), Duration::ZERO);
            }
            return Ok(());
        }
        // Declared first, so dropped last.
        let claim = Claim::take(&self.results)?;
        record::clear(&self.results)?;
        let target = Target {
            merge: self,
            claim: &claim,
            manifest: Manifest::open(&self.results)?,
        };
        let mut written = Results::create(&self.results, &self.columns, &self.outputs, None)?;
        let mut is_whole = true;
        let work = |index: usize| {
            let begun = Instant::now();
            if stop.load(Ordering::Relaxed) {
                return Ok((Put::NotReached, begun.elapsed()));
            }
            let put = target.put(&files[index])?;
            Ok((put, begun.elapsed()))
        };
        try_ordered(files.len(), work, |index, (put, took)| {
            let file = &files[index];
            done(&self.told(file, &put), took);
            let no_study = file.rows.as_ref().map(Rows::NoStudy);
            match put.study().map(Rows::Study).or(no_study) {
                _ if matches!(put, Put::NotReached) => {
                    is_whole = false;
                    Ok(())
                }
                Some(rows) => {
                    let said = (&file.entry, file.mark.as_deref());
                    written.append(index, said, &rows)
                }
                None => Err(record::damaged(self.shares.share(file))),
            }
        })?;
        claim.still_held()?;
        if is_whole { written.finish() } else { Ok(()) }
    }

    /// What is told of a file.
    fn told<'a>(&self, file: &'a OfShare, put: &'a Put) -> Merged<'a> {
        let rows = file.rows.as_ref();
        let why = |code: &'a str, message: &'a str| NotAStudy {
            code,
            message,
            told: rows.map_or("", |rows| &rows.told),
        };
        let outcome = match (put, &file.entry.outcome) {
            (Put::NotReached, _) => MergedAs::NotReached,
            (Put::Copied(brief), _) => MergedAs::Copied(brief),
            (Put::Unchanged(brief), _) => MergedAs::Unchanged(brief),
            (Put::Nothing, Done::Skipped { code, message }) => {
                MergedAs::Skipped(why(code, message))
            }
            (Put::Nothing, Done::Failed { code, message }) => MergedAs::Failed(why(code, message)),
            // `Shares` and `Target` make no such pair.
            (Put::Nothing, Done::Analyzed { .. } | Done::Begun) => MergedAs::NotReached,
        };
        Merged {
            file: &file.entry.file,
            path: match &file.entry.outcome {
                Done::Analyzed { path, .. } => path,
                _ => rows.and_then(NoStudy::path).unwrap_or_default(),
            },
            outcome,
        }
    }
}

/// What was put into the results of one file.
enum Put {
    Copied(Box<Brief>),
    /// It stood there.
    Unchanged(Box<Brief>),
    /// It is no study: nothing, and what stood there is gone.
    Nothing,
    /// The merge was stopped.
    NotReached,
}

impl Put {
    fn study(&self) -> Option<&Brief> {
        match self {
            Self::Copied(brief) | Self::Unchanged(brief) => Some(brief),
            Self::Nothing | Self::NotReached => None,
        }
    }
}

/// Where the shares are put together.
struct Target<'a> {
    merge: &'a Merge,
    claim: &'a Claim,
    manifest: Manifest,
}

impl Target<'_> {
    fn tell(&self, entry: &Entry) -> Result<Put> {
        self.manifest.done(entry).map(|()| Put::Nothing)
    }

    fn put(&self, file: &OfShare) -> Result<Put> {
        self.claim.still_held()?;
        let Merge {
            results,
            shares,
            columns,
            ..
        } = self.merge;
        let entry = &file.entry;
        let name = &entry.file;
        let (run, sha256) = match &entry.outcome {
            Done::Analyzed { run, sha256, .. } => (run, sha256),
            Done::Failed { code, .. } if leaves_results(code) => return self.tell(entry),
            Done::Failed { .. } | Done::Skipped { .. } | Done::Begun => {
                place::clear_and_tell(results, &self.manifest, name)?;
                return self.tell(entry);
            }
        };
        let kept = |folder: &Path| Brief::kept(folder, run, sha256, columns).map(Box::new);
        if self.manifest.earlier(name) == Some(&entry.outcome)
            && let Some(brief) = kept(&place::folder_of(results, name))
        {
            return Ok(Put::Unchanged(brief));
        }
        let from = shares.folder(file);
        let (Some(made), Some(brief)) = (Made::read(&from, run, sha256), kept(&from)) else {
            return Err(record::damaged(shares.share(file)).at(name.clone()));
        };
        let place = Place::begin(results, name)?;
        made.copy(&from, place.folder())?;
        if Made::read(place.folder(), run, sha256).is_none() {
            return Err(record::damaged(shares.share(file)).at(name.clone()));
        }
        place.finish_and_tell(&self.manifest, entry)?;
        Ok(Put::Copied(brief))
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
