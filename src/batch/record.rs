//! What a share leaves in its results folder, so that it can be put together with the others: `shard.jsonl`.
//!
//! The first line says which share of which run it is, a line for each file where it stands in the whole run, and the last line that the run
//! ended. Of a file that is no study it holds the rows, which a study has in its own folder. A run writes the first line alone when it begins, so
//! a record without the last line is that of a run that goes on or was stopped.

use super::seen::Seen;
use super::shard::{Shard, Share, Whole};
use crate::error::{Error, ErrorCode, Result};
use crate::report::{Cells, Columns, FileRow, IndexRow, TABLES_VERSION, UNFINISHED};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Its name in the results folder.
pub(super) const FILE: &str = "shard.jsonl";

/// Which share of which run it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(flatten)]
    pub shard: Shard,
    pub program: Program,
    /// See [`super::manifest::Done::Analyzed`].
    pub run: String,
    /// The ids of what is written.
    pub outputs: Vec<String>,
    /// The settings as TOML.
    pub settings: String,
    pub whole: Whole,
    /// What could not be listed, as it was told.
    pub unlisted: Vec<String>,
}

/// The program that made results: another one may have other tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Program {
    pub endplate: String,
    pub tables_version: u64,
    /// While endplate is being worked on, one version stands for many programs: there each build is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Seen>,
}

impl Program {
    /// This one.
    pub fn this() -> Self {
        let file = || {
            let seen = Seen::now(&std::env::current_exe().ok()?)?;
            // A copy of the program is the same program.
            Some(Seen {
                identity: None,
                ..seen
            })
        };
        Self {
            endplate: env!("CARGO_PKG_VERSION").to_owned(),
            tables_version: TABLES_VERSION,
            build: cfg!(debug_assertions).then(file).flatten(),
        }
    }
}

/// One file of a share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Placed {
    /// Its name in the run.
    pub file: String,
    /// Where it stands among the files of the whole run, from 0.
    pub position: usize,
    /// Its rows, if it is no study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<NoStudy>,
}

/// The rows of a file that failed or was skipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NoStudy {
    /// What was told of it.
    pub told: String,
    /// Its row in the table of files.
    pub file: Cells,
    /// Its row on the front page.
    pub index: IndexRow,
}

impl NoStudy {
    /// `skipped`: it is no recording of its own and was only found in a folder.
    pub fn of(name: &str, path: &Path, error: &Error, skipped: bool, columns: &Columns) -> Self {
        let row = FileRow::failed(name, path, error, skipped);
        Self {
            file: columns.file_cells(&row),
            index: IndexRow::failed(name, error, skipped),
            told: error.to_string(),
        }
    }

    /// The path of the file, as its row tells it.
    pub fn path(&self) -> Option<&str> {
        /// Of the table of files.
        const PATH_COLUMN: usize = 1;
        self.file.columns().get(PATH_COLUMN)?.text(0)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Shard(Box<Header>),
    File(Box<Placed>),
    End,
}

/// The record while its run goes on.
pub(super) struct Writer {
    unfinished: PathBuf,
    path: PathBuf,
    written: BufWriter<File>,
    positions: Vec<usize>,
    /// How many files were appended.
    files: usize,
}

impl Writer {
    /// Says that a run of this share began. What an earlier run of it left holds no more.
    pub fn begin(results: &Path, header: Header, share: &Share) -> Result<Self> {
        let path = results.join(FILE);
        if let Some(other) = shard_of(results)
            && other.of() == header.shard.of()
            && other != header.shard
        {
            return Err(Error::new(
                ErrorCode::Output,
                format!(
                    "holds share {other}, which share {} would replace",
                    header.shard
                ),
            )
            .in_file(results)
            .advice("give each share a folder of its own"));
        }
        let first = line(&Line::Shard(Box::new(header)))?;
        let unfinished = results.join(UNFINISHED).join(FILE);
        let begin = || {
            std::fs::write(&unfinished, &first)?;
            std::fs::rename(&unfinished, &path)?;
            let mut written = BufWriter::new(File::create(&unfinished)?);
            written.write_all(first.as_bytes())?;
            Ok(written)
        };
        let written = begin().map_err(|cause| Error::unwritten(&path, &cause))?;
        Ok(Self {
            written,
            unfinished,
            path,
            positions: share.positions.clone(),
            files: 0,
        })
    }

    /// Appends a file of the share; `index` is its place in it.
    pub fn append(&mut self, index: usize, file: &str, rows: Option<&NoStudy>) -> Result<()> {
        let position = self.positions.get(index).copied().ok_or_else(|| {
            Error::new(ErrorCode::Internal, "a share has more files than it took")
        })?;
        self.files += 1;
        self.write(&Line::File(Box::new(Placed {
            file: file.to_owned(),
            position,
            rows: rows.cloned(),
        })))
    }

    /// Says that the run ended; to be called when everything else stands in its place. The record of a run that did not come to all of its
    /// files stays as it began.
    pub fn finish(mut self) -> Result<()> {
        if self.files < self.positions.len() {
            return Ok(());
        }
        self.write(&Line::End)?;
        self.written
            .flush()
            .and_then(|()| std::fs::rename(&self.unfinished, &self.path))
            .map_err(|cause| Error::unwritten(&self.path, &cause))
    }

    fn write(&mut self, content: &Line) -> Result<()> {
        let line = line(content)?;
        self.written
            .write_all(line.as_bytes())
            .map_err(|cause| Error::unwritten(&self.unfinished, &cause))
    }
}

/// Which share a results folder holds, whether its run ended or not; `None` if it is no share.
pub(super) fn shard_of(results: &Path) -> Option<Shard> {
    /// No header is longer; a file of this name in a folder of recordings may be anything.
    const LONGEST: u64 = 16 << 20;
    let file = File::open(results.join(FILE)).ok()?.take(LONGEST);
    let first = BufReader::new(file).split(b'\n').next()?.ok()?;
    match serde_json::from_slice(&first) {
        Ok(Line::Shard(header)) => Some(header.shard),
        _ => None,
    }
}

/// Takes the record of a share away from a folder that becomes the results of something else.
pub(super) fn clear(results: &Path) -> Result<()> {
    if shard_of(results).is_none() {
        return Ok(());
    }
    let path = results.join(FILE);
    std::fs::remove_file(&path).map_err(|cause| Error::unwritten(&path, &cause))
}

/// The record of a share whose run ended.
pub(super) fn read(results: &Path) -> Result<(Header, Vec<Placed>)> {
    let path = results.join(FILE);
    let file = File::open(&path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => Error::new(
            ErrorCode::Output,
            format!("is no share of a run: it holds no {FILE}"),
        )
        .in_file(results)
        .advice("name results folders of `endplate analyze --shard K/N`"),
        _ => Error::io(&path, cause),
    })?;
    let mut header = None;
    let mut files = Vec::new();
    let mut ended = false;
    for (number, text) in BufReader::new(file).split(b'\n').enumerate() {
        let text = text.map_err(|cause| Error::io(&path, cause))?;
        match serde_json::from_slice(&text) {
            Ok(Line::Shard(found)) if header.is_none() => header = Some(*found),
            Ok(Line::File(found)) if header.is_some() && !ended => files.push(*found),
            Ok(Line::End) if header.is_some() && !ended => ended = true,
            _ => return Err(damaged(results).at(format!("{FILE}, line {}", number + 1))),
        }
    }
    match header {
        Some(header) if ended => Ok((header, files)),
        Some(header) => Err(not_ended(results, header.shard)),
        None => Err(damaged(results)),
    }
}

/// What is to be said of a share whose run goes on or was stopped.
pub(super) fn not_ended(results: &Path, shard: Shard) -> Error {
    let what = format!("the run of share {shard} goes on, or was stopped before its end");
    Error::new(ErrorCode::Output, what)
        .in_file(results)
        .advice("let it end, or run it again: what it has done it takes over")
}

/// What is to be said of a share that cannot have been written like that.
pub(super) fn damaged(results: &Path) -> Error {
    Error::new(ErrorCode::Output, "does not hold what the run wrote")
        .in_file(results)
        .advice("run this share again with --force")
}

fn line(content: &Line) -> Result<String> {
    let mut line = serde_json::to_string(content)
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    line.push('\n');
    Ok(line)
}
