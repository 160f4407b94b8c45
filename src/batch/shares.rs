//! The shares of a run, read and held against each other before anything is made of them.

use super::claim::Reading;
use super::kept::Made;
use super::manifest::{self, Done, Entry};
use super::marks;
use super::ordered::try_ordered;
use super::place;
use super::record::{self, Header, NoStudy, Placed, Program};
use super::shard::hash;
use super::walk::is_name;
use crate::error::{Error, ErrorCode, Result};
use crate::report::Columns;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Names in a message; more are counted.
const NAMED: usize = 10;

/// All shares of one run.
pub(super) struct Shares {
    /// What the first one says; the others say the same but for their number and what they could not list.
    pub header: Header,
    folders: Vec<PathBuf>,
    /// What could not be listed, in the order of the shares.
    pub unlisted: Vec<String>,
    /// Every file, in the order of the whole run.
    pub files: Vec<OfShare>,
    /// No run begins in any of them while they are read.
    _reading: Vec<Reading>,
}

/// A file of a share.
pub(super) struct OfShare {
    /// The place of its share among the folders that were given.
    share: usize,
    position: usize,
    pub entry: Entry,
    /// Its rows, if it is no study.
    pub rows: Option<NoStudy>,
    /// Which file it was, if the share knows; see [`marks`].
    pub mark: Option<String>,
}

impl Shares {
    /// Reads them. An error unless each is whole, all are of one run, and none is missing.
    pub fn read(folders: &[PathBuf]) -> Result<Self> {
        let mut reading = Vec::new();
        let mut headers = Vec::new();
        let mut files = Vec::new();
        for (share, folder) in folders.iter().enumerate() {
            reading.push(Reading::begin(folder)?);
            let (header, of_share) = open(folder, share)?;
            headers.push(header);
            files.extend(of_share);
        }
        of_one_run(folders, &headers)?;
        let mut headers = headers.into_iter();
        let mut header = headers.next().ok_or_else(no_shares)?;
        let mut unlisted = std::mem::take(&mut header.unlisted);
        unlisted.extend(headers.flat_map(|header| header.unlisted));
        files.sort_by_key(|file| file.position);
        let mut shares = Self {
            header,
            folders: folders.to_vec(),
            unlisted,
            files,
            _reading: reading,
        };
        shares.are_in_order()?;
        shares.unlisted.sort();
        Ok(shares)
    }

    /// Where the results of a study stand.
    pub fn folder(&self, file: &OfShare) -> PathBuf {
        place::folder_of(self.share(file), &file.entry.file)
    }

    /// The share of a file.
    pub fn share(&self, file: &OfShare) -> &Path {
        self.folders
            .get(file.share)
            .map_or(Path::new(""), PathBuf::as_path)
    }

    /// Whether the files are those of the whole run, each once.
    fn are_in_order(&self) -> Result<()> {
        let mut shares: BTreeMap<&str, &OfShare> = BTreeMap::new();
        for file in &self.files {
            if let Some(other) = shares.insert(&file.entry.file, file) {
                let what = format!(
                    "holds \"{}\", which {} holds too",
                    file.entry.file,
                    self.share(other).display()
                );
                return Err(Error::new(ErrorCode::Output, what)
                    .in_file(self.share(file))
                    .advice("run the shares again, each into a folder of its own"));
            }
        }
        let names = hash(self.files.iter().map(|file| file.entry.file.clone()));
        if names == self.header.whole.names_sha256 {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::Output,
            format!(
                "the shares hold {} files, which are not the {} files of their run",
                self.files.len(),
                self.header.whole.files
            ),
        )
        .advice("run the shares again with --force"))
    }

    /// An error unless the rows that are kept fit the tables, and all results stand in their folders. `false`: it was stopped before all were
    /// looked at.
    pub fn are_whole(&self, columns: &Columns, stop: &AtomicBool) -> Result<bool> {
        let mut gone = Vec::new();
        let whole = |index: usize| {
            let file = &self.files[index];
            if stop.load(Ordering::Relaxed) {
                return Ok(true);
            }
            Ok(match (&file.entry.outcome, &file.rows) {
                (Done::Analyzed { run, sha256, .. }, None) => {
                    Made::read(&self.folder(file), run, sha256).is_some()
                }
                (Done::Failed { .. } | Done::Skipped { .. }, Some(rows)) => {
                    columns.fit_file(&rows.file)
                }
                _ => false,
            })
        };
        try_ordered(self.files.len(), whole, |index, is_whole| {
            if !is_whole {
                gone.push(&self.files[index]);
            }
            Ok(())
        })?;
        let Some(first) = gone.first() else {
            return Ok(!stop.load(Ordering::Relaxed));
        };
        let what = format!(
            "the results of {} are missing, or not as the run wrote them",
            listed(gone.iter().map(|file| file.entry.file.clone()))
        );
        Err(Error::new(ErrorCode::Output, what)
            .in_file(self.share(first))
            .advice("run this share again: what is missing is made anew"))
    }
}

/// The header and the files of one share.
fn open(folder: &Path, share: usize) -> Result<(Header, Vec<OfShare>)> {
    let manifest = manifest::of_ended(folder)?;
    let (header, placed) = record::read(folder)?;
    is_ours(folder, &header)?;
    if !header.shard.is_possible() {
        return Err(record::damaged(folder));
    }
    if manifest.iter().any(|entry| entry.outcome == Done::Begun) {
        return Err(record::not_ended(folder, header.shard));
    }
    if placed.len() != manifest.len() {
        return Err(record::damaged(folder));
    }
    let mut marks = marks::said(folder);
    let together = |(placed, entry): (Placed, Entry)| {
        let of_run = match &entry.outcome {
            Done::Analyzed { run, .. } => *run == header.run,
            _ => true,
        };
        if placed.file != entry.file || !is_name(&entry.file) || !of_run {
            return Err(record::damaged(folder));
        }
        Ok(OfShare {
            share,
            position: placed.position,
            mark: marks.remove(&entry.file),
            entry,
            rows: placed.rows,
        })
    };
    let files = placed.into_iter().zip(manifest).map(together);
    Ok((header.clone(), files.collect::<Result<_>>()?))
}

/// Whether this program would have written the same.
fn is_ours(folder: &Path, header: &Header) -> Result<()> {
    let (this, other) = (Program::this(), &header.program);
    if this == *other {
        return Ok(());
    }
    let what = if this.endplate == other.endplate {
        format!("was made by another build of endplate {}", this.endplate)
    } else {
        format!(
            "was made by endplate {}; this is {}",
            other.endplate, this.endplate
        )
    };
    Err(Error::new(ErrorCode::Output, what)
        .in_file(folder)
        .advice("merge with the endplate that made the shares, or run them again with this one"))
}

/// Whether the shares are all those of one run.
fn of_one_run(folders: &[PathBuf], headers: &[Header]) -> Result<()> {
    let (Some(first), Some(first_folder)) = (headers.first(), folders.first()) else {
        return Err(no_shares());
    };
    let mut found: BTreeMap<u64, &Path> = BTreeMap::new();
    for (header, folder) in headers.iter().zip(folders) {
        if let Some((what, advice)) = differs(header, first) {
            let what = format!("{what} {}", first_folder.display());
            return Err(Error::new(ErrorCode::Output, what)
                .in_file(folder)
                .advice(advice));
        }
        if let Some(other) = found.insert(header.shard.number(), folder) {
            let what = format!("holds share {}, as {} does", header.shard, other.display());
            return Err(Error::new(ErrorCode::Output, what)
                .in_file(folder)
                .advice("name each share once"));
        }
    }
    let of = first.shard.of();
    let missing: Vec<String> = (1..=of)
        .filter(|number| !found.contains_key(number))
        .map(|number| number.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let what = format!(
        "of {of} shares {} {verb} missing",
        listed(missing.into_iter())
    );
    Err(Error::new(ErrorCode::Usage, what).advice("name the results folders of all shares"))
}

/// In what a share differs from the first one, if it is not of the same run, and what to do. The name of the first one follows the words.
fn differs(header: &Header, first: &Header) -> Option<(String, &'static str)> {
    const SAME: &str = "run all shares with the same options";
    let (whole, other) = (&header.whole, &first.whole);
    if header.shard.of() != first.shard.of() {
        let what = format!("is share {}, not of {} as", header.shard, first.shard.of());
        return Some((what, "name the shares of one run"));
    }
    if header.settings != first.settings {
        return Some(("was made with other settings than".to_owned(), SAME));
    }
    if header.outputs != first.outputs {
        let what = format!(
            "was made with --to {}, not {} as",
            header.outputs.join(","),
            first.outputs.join(",")
        );
        return Some((what, SAME));
    }
    if header.run != first.run {
        let what =
            "was made with another mapping, format, template, attachment or --identified than";
        return Some((what.to_owned(), SAME));
    }
    if whole.names_sha256 != other.names_sha256 {
        let what = format!(
            "found other files ({} in all shares) than the {} of",
            whole.files, other.files
        );
        let advice = "files came or went meanwhile, or results lie among the recordings: run all shares again, what did not change they take over";
        return Some((what, advice));
    }
    (whole.paths_sha256 != other.paths_sha256).then(|| {
        let advice = "give all shares the same inputs in the same spelling";
        ("found its files under other paths than".to_owned(), advice)
    })
}

fn no_shares() -> Error {
    Error::new(ErrorCode::Usage, "there is nothing to merge")
        .advice("name the results folders of all shares")
}

/// Names, not too many of them.
fn listed(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        return format!("{} and {more} more", names.join(", "));
    }
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn many_names_are_counted() {
        let listed = |count: u32| super::listed((1..=count).map(|number| number.to_string()));
        assert_eq!(listed(1), "1");
        assert_eq!(listed(3), "1, 2 and 3");
        assert_eq!(listed(12), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
    }
}
