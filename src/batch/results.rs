//! What stands at the top of a results folder while a run, or a merge, writes it.

use super::kept::Brief;
use super::manifest::{self, Entry};
use super::marks;
use super::record::{self, NoStudy};
use crate::error::Result;
use crate::report::{Columns, Index, Output, Tables};
use std::path::Path;

/// What came of one file.
pub(super) enum Rows<'a> {
    Study(&'a Brief),
    NoStudy(&'a NoStudy),
}

/// The tables, the front page, the manifest and, of a share, its record.
pub(super) struct Results<'a> {
    tables: Tables<'a>,
    index: Index,
    manifest: manifest::Whole,
    marks: marks::Whole,
    record: Option<record::Writer>,
}

impl<'a> Results<'a> {
    /// Begins them; what stands there stays until [`Results::finish`].
    pub fn create(
        results: &Path,
        columns: &'a Columns,
        outputs: &[&Output],
        record: Option<record::Writer>,
    ) -> Result<Self> {
        Ok(Self {
            tables: Tables::create(results, columns, outputs)?,
            index: Index::create(results)?,
            manifest: manifest::Whole::create(results)?,
            marks: marks::Whole::create(results)?,
            record,
        })
    }

    /// Appends the next file in the order of the run; `index` is its place in it, and `mark` tells which file it was ([`marks`]).
    pub fn append(
        &mut self,
        index: usize,
        (entry, mark): (&Entry, Option<&str>),
        rows: &Rows<'_>,
    ) -> Result<()> {
        self.manifest.append(entry)?;
        self.marks.append(&entry.file, mark)?;
        let (file, row, no_study) = match rows {
            Rows::Study(brief) => {
                self.tables.append(&brief.rows)?;
                (&brief.file, &brief.index, None)
            }
            Rows::NoStudy(rows) => (&rows.file, &rows.index, Some(*rows)),
        };
        self.tables.append_file(file)?;
        self.index.append(row)?;
        match &mut self.record {
            Some(record) => record.append(index, &entry.file, no_study),
            None => Ok(()),
        }
    }

    /// Keeps what was said before of a file to which the run did not come.
    pub fn not_reached(&mut self, before: Option<&Entry>, mark: Option<&str>) -> Result<()> {
        let Some(entry) = before else {
            return Ok(());
        };
        self.manifest.append(entry)?;
        self.marks.append(&entry.file, mark)
    }

    /// Gives them their names one by one. The record of a share comes last: it says that everything else stands.
    pub fn finish(self) -> Result<()> {
        self.tables.finish()?;
        self.index.finish()?;
        self.manifest.finish()?;
        self.marks.finish()?;
        self.record.map_or(Ok(()), record::Writer::finish)
    }
}
