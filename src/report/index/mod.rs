//! The front page of a run: `index.html`, a row per file, whether it could be analyzed or not.
//!
#![doc = include_str!("../../../docs/front_page.md")]

mod address;
mod key;
mod page;
mod row;
mod thumbnail;

pub use key::KeyNumber;
pub use row::{IndexOutcome, IndexRow, IndexStudy};
pub use thumbnail::Thumbnail;

use super::{Output, Scope, UNFINISHED};
use crate::error::{Error, Result};
use page::Counts;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The card.
pub static INDEX: Output = Output {
    id: "index",
    meaning: "The front page of a run: every file with its status, thumbnail, key numbers, pattern and findings; a web page that needs nothing else, to sort, filter and print",
    files: "`index.html`",
    draws: false,
    scope: Scope::Run,
};

/// The name of the front page in the results folder.
pub const FILE: &str = "index.html";

/// The front page of a run while it is written. Rows go to the disk as they come, so memory does not grow with the number of files;
/// what stands above them is known only at the end, so they are written beside first.
pub struct Index {
    rows: BufWriter<File>,
    rows_path: PathBuf,
    page_path: PathBuf,
    path: PathBuf,
    counts: Counts,
}

impl Index {
    /// Begins the page in a folder that exists; an older one stays as it is until [`Index::finish`].
    pub fn create(folder: &Path) -> Result<Self> {
        let unfinished = folder.join(UNFINISHED);
        std::fs::create_dir_all(&unfinished)
            .map_err(|cause| Error::unwritten(&unfinished, &cause))?;
        let rows_path = unfinished.join(format!("{FILE}.rows"));
        let rows =
            File::create(&rows_path).map_err(|cause| Error::unwritten(&rows_path, &cause))?;
        Ok(Self {
            rows: BufWriter::new(rows),
            rows_path,
            page_path: unfinished.join(FILE),
            path: folder.join(FILE),
            counts: Counts::default(),
        })
    }

    /// Appends the row of the next file.
    pub fn append(&mut self, row: &IndexRow) -> Result<()> {
        self.counts.add(row);
        let text = page::row(row, self.counts.files())?;
        self.rows
            .write_all(text.as_bytes())
            .map_err(|cause| Error::unwritten(&self.rows_path, &cause))
    }

    /// Puts the page together and gives it its name. Says where it is.
    pub fn finish(mut self) -> Result<PathBuf> {
        let (head, foot) = page::around(&self.counts)?;
        self.put_together(&head, &foot)
            .map_err(|cause| Error::unwritten(&self.page_path, &cause))?;
        std::fs::rename(&self.page_path, &self.path)
            .map_err(|cause| Error::unwritten(&self.path, &cause))?;
        Ok(self.path.clone())
    }

    fn put_together(&mut self, head: &str, foot: &str) -> std::io::Result<()> {
        self.rows.flush()?;
        let mut rows = BufReader::new(File::open(&self.rows_path)?);
        let mut page = File::create(&self.page_path)?;
        page.write_all(head.as_bytes())?;
        std::io::copy(&mut rows, &mut page)?;
        page.write_all(foot.as_bytes())
    }
}

#[cfg(test)]
mod tests;
