//! A file of lines in a results folder that is written anew by each run, and takes the place of the old one when it is whole.

use crate::error::{Error, Result};
use crate::report::UNFINISHED;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The lines as they stand when the run is over.
pub(super) struct Lines {
    unfinished: PathBuf,
    path: PathBuf,
    written: BufWriter<File>,
}

impl Lines {
    /// Begins the file of that name where unfinished things stand.
    pub fn create(results: &Path, name: &str) -> Result<Self> {
        let unfinished = results.join(UNFINISHED).join(name);
        let file =
            File::create(&unfinished).map_err(|cause| Error::unwritten(&unfinished, &cause))?;
        Ok(Self {
            unfinished,
            path: results.join(name),
            written: BufWriter::new(file),
        })
    }

    /// Appends a line, its end included.
    pub fn append(&mut self, line: &str) -> Result<()> {
        self.written
            .write_all(line.as_bytes())
            .map_err(|cause| Error::unwritten(&self.unfinished, &cause))
    }

    /// Puts them in the place of those of earlier runs.
    pub fn finish(mut self) -> Result<()> {
        self.written
            .flush()
            .and_then(|()| std::fs::rename(&self.unfinished, &self.path))
            .map_err(|cause| Error::unwritten(&self.path, &cause))
    }

    /// Takes those of earlier runs away, because there are none now.
    pub fn leave_none(self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                Err(Error::unwritten(&self.path, &cause))
            }
            _ => Ok(()),
        }
    }
}
