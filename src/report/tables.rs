//! The tables of a run while they are written.
//!
//! Rows are made where the study is (on any thread) and appended in the order of the caller, so the same run gives the same bytes. CSV
//! takes them at once; forms that are written in groups of rows take them as soon as there are enough, so memory does not grow with the
//! number of files. All tables are written beside their final names and renamed at the end.

use super::cell::Cells;
use super::csv;
use super::table::{Columns, Layout, StudyRows, TABLES};
use super::{OUTPUTS, Output, Scope, index};
use crate::error::{Error, Result};
use crate::whole;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A form in which the tables of a run are written beside CSV.
#[derive(Clone, Copy)]
pub struct Form {
    /// The end of the name of its files.
    pub(super) extension: &'static str,
    /// Begins one table.
    pub(super) begin: fn(&Layout, File) -> std::io::Result<Box<dyn TableWriter>>,
}

/// Writes one table in one form.
pub(super) trait TableWriter: Send {
    /// Writes a group of rows.
    fn rows(&mut self, cells: &Cells) -> std::io::Result<()>;
    /// Writes what stands at the end.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

/// Rows are kept until they take this many bytes in memory; a heuristic: enough for groups that are read quickly, six tables of it at most.
const GROUP_BYTES: usize = 16 << 20;

/// The tables of a run while they are written.
pub struct Tables<'a> {
    columns: &'a Columns,
    layouts: Vec<Layout>,
    csv: Vec<BufWriter<File>>,
    /// Rows that no form has yet, table by table, and about how many bytes they take.
    waiting: Vec<(Cells, usize)>,
    /// Each form with its writers, table by table.
    forms: Vec<(Form, Vec<Box<dyn TableWriter>>)>,
    folder: PathBuf,
    /// See [`GROUP_BYTES`].
    group_bytes: usize,
}

impl<'a> Tables<'a> {
    /// Begins the tables in a folder that exists: CSV, and those of the outputs that are tables.
    pub fn create(folder: &Path, columns: &'a Columns, outputs: &[&Output]) -> Result<Self> {
        let layouts = columns.layouts();
        let mut tables = Self {
            columns,
            csv: Vec::new(),
            waiting: layouts.iter().map(|layout| (empty(layout), 0)).collect(),
            layouts,
            forms: Vec::new(),
            folder: folder.to_owned(),
            group_bytes: GROUP_BYTES,
        };
        let unfinished = folder.join(UNFINISHED);
        std::fs::create_dir_all(&unfinished)
            .map_err(|cause| Error::unwritten(&unfinished, &cause))?;
        for layout in &tables.layouts {
            let part = tables.part(layout.name, CSV);
            let begin = || {
                let mut writer = BufWriter::new(File::create(&part)?);
                writer.write_all(&csv::header(&layout.heads))?;
                Ok(writer)
            };
            tables
                .csv
                .push(begin().map_err(|cause| Error::unwritten(&part, &cause))?);
        }
        for form in outputs.iter().filter_map(|output| form(output)) {
            if tables
                .forms
                .iter()
                .any(|(known, _)| known.extension == form.extension)
            {
                continue;
            }
            let writers = tables.layouts.iter().map(|layout| {
                let part = tables.part(layout.name, form.extension);
                let begun = File::create(&part).and_then(|file| (form.begin)(layout, file));
                begun.map_err(|cause| Error::unwritten(&part, &cause))
            });
            let writers = writers.collect::<Result<_>>()?;
            tables.forms.push((form, writers));
        }
        Ok(tables)
    }

    /// Appends the rows of a study.
    pub fn append(&mut self, rows: &StudyRows) -> Result<()> {
        for (table, (cells, lines)) in rows.tables().enumerate() {
            self.append_to(table, cells, lines)?;
        }
        Ok(())
    }

    /// Appends the row of a file, see [`Columns::file_cells`].
    pub fn append_file(&mut self, cells: &Cells) -> Result<()> {
        let table = TABLES.len() - 1;
        let lines = csv::lines(self.columns.files.iter().map(|column| &column.head), cells);
        self.append_to(table, cells, &lines)
    }

    fn append_to(&mut self, table: usize, cells: &Cells, lines: &[u8]) -> Result<()> {
        if let Some(writer) = self.csv.get_mut(table) {
            let written = writer.write_all(lines);
            written.map_err(|cause| Error::unwritten(&self.part(TABLES[table].0, CSV), &cause))?;
        }
        if self.forms.is_empty() {
            return Ok(());
        }
        let (waiting, bytes) = &mut self.waiting[table];
        waiting.append(cells);
        *bytes += cells.bytes();
        if *bytes < self.group_bytes {
            return Ok(());
        }
        self.flush(table)
    }

    /// Gives the rows that wait to every form.
    fn flush(&mut self, table: usize) -> Result<()> {
        let none = (empty(&self.layouts[table]), 0);
        let (cells, _) = std::mem::replace(&mut self.waiting[table], none);
        if cells.is_empty() {
            return Ok(());
        }
        let name = self.layouts[table].name;
        let folder = &self.folder;
        for (form, writers) in &mut self.forms {
            let written = writers[table].rows(&cells);
            written
                .map_err(|cause| Error::unwritten(&part(folder, name, form.extension), &cause))?;
        }
        Ok(())
    }

    /// Gives the tables their names; before this, no table of an earlier run is touched. Says where they are. A table of an earlier run in
    /// a form that this one was not asked for goes: old numbers must not stand beside new ones.
    pub fn finish(mut self) -> Result<Vec<PathBuf>> {
        for table in 0..self.layouts.len() {
            self.flush(table)?;
        }
        for (layout, writer) in self.layouts.iter().zip(&mut self.csv) {
            let part = part(&self.folder, layout.name, CSV);
            writer
                .flush()
                .map_err(|cause| Error::unwritten(&part, &cause))?;
        }
        let mut extensions = vec![CSV];
        for (form, writers) in std::mem::take(&mut self.forms) {
            for (writer, layout) in writers.into_iter().zip(&self.layouts) {
                let part = self.part(layout.name, form.extension);
                writer
                    .finish()
                    .map_err(|cause| Error::unwritten(&part, &cause))?;
            }
            extensions.push(form.extension);
        }
        let mut written = Vec::new();
        for extension in &extensions {
            for layout in &self.layouts {
                let path = self.folder.join(format!("{}.{extension}", layout.name));
                std::fs::rename(self.part(layout.name, extension), &path)
                    .map_err(|cause| Error::unwritten(&path, &cause))?;
                written.push(path);
            }
        }
        for form in OUTPUTS.iter().filter_map(|output| form(output)) {
            if !extensions.contains(&form.extension) {
                for (name, _) in TABLES {
                    clear(&self.folder.join(format!("{name}.{}", form.extension)))?;
                }
            }
        }
        Ok(written)
    }

    fn part(&self, name: &str, extension: &str) -> PathBuf {
        part(&self.folder, name, extension)
    }
}

/// The folder in the results folder that holds what is not whole yet.
pub const UNFINISHED: &str = ".unfinished";

/// The end of the name of a table as text.
const CSV: &str = "csv";

/// The names of all files that a run may write at the top of its results folder, in whatever forms: the tables and the front page.
pub fn run_files() -> Vec<String> {
    let forms = OUTPUTS.iter().filter_map(|output| form(output));
    let mut names = vec![index::FILE.to_owned()];
    for extension in std::iter::once(CSV).chain(forms.map(|form| form.extension)) {
        names.extend(TABLES.map(|(name, _)| format!("{name}.{extension}")));
    }
    names
}

/// The form of an output that is one.
fn form(output: &Output) -> Option<Form> {
    match output.scope {
        Scope::Tables(form) => Some(form),
        Scope::Run | Scope::Study(_) => None,
    }
}

fn empty(layout: &Layout) -> Cells {
    Cells::new(layout.heads.iter().map(|head| head.kind))
}

fn part(folder: &Path, name: &str, extension: &str) -> PathBuf {
    folder.join(UNFINISHED).join(format!("{name}.{extension}"))
}

fn clear(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::unwritten(path, &cause))
        }
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all that is made while it is written, so that it need not be in memory as a whole.
pub(super) fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<()> {
    /// Few calls of the system for a document of a megabyte.
    const BUFFER_BYTES: usize = 64 << 10;
    whole::write_with(path, |part| {
        let written = File::create(part).and_then(|file| {
            let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file);
            write(&mut writer)?;
            writer.flush()
        });
        written.map_err(|cause| Error::unwritten(part, &cause))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::report::FileRow;
    use crate::study::Settings;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != UNFINISHED)
            .collect();
        names.sort();
        names
    }

    fn outputs(ids: &[&str]) -> Vec<&'static Output> {
        let wanted = |output: &&&Output| ids.contains(&output.id);
        OUTPUTS.iter().filter(wanted).copied().collect()
    }

    #[test]
    fn a_run_that_does_not_finish_leaves_the_tables_of_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let columns = Columns::of(&Settings::default());
        let all = outputs(&["parquet", "arrow"]);
        let path = folder.path().join("trains.csv");
        std::fs::write(&path, "old").unwrap();
        std::fs::write(folder.path().join("trains.parquet"), "old").unwrap();
        drop(Tables::create(folder.path(), &columns, &all).unwrap());
        assert_eq!(names(folder.path()), ["trains.csv", "trains.parquet"]);
        let tables = Tables::create(folder.path(), &columns, &[]).unwrap();
        tables.finish().unwrap();
        assert_ne!(std::fs::read_to_string(path).unwrap(), "old");
    }

    #[cfg(feature = "tables")]
    #[test]
    fn a_table_in_a_form_that_was_not_asked_for_does_not_stay_beside_newer_ones() {
        let folder = tempfile::tempdir().unwrap();
        let columns = Columns::of(&Settings::default());
        let write = |ids: &[&str]| {
            let tables = Tables::create(folder.path(), &columns, &outputs(ids)).unwrap();
            tables.finish().unwrap().len()
        };
        assert_eq!(write(&["parquet", "arrow", "json", "parquet"]), 18);
        std::fs::write(folder.path().join("mine.parquet"), "of somebody else").unwrap();
        assert_eq!(names(folder.path()).len(), 19);
        assert_eq!(write(&["arrow"]), 12);
        let names = names(folder.path());
        assert_eq!(names.len(), 13);
        assert!(names.contains(&"mine.parquet".to_owned()));
        assert!(!names.contains(&"trains.parquet".to_owned()));
    }

    #[cfg(feature = "tables")]
    #[test]
    fn rows_are_the_same_in_one_group_and_in_many() {
        use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
        let columns = Columns::of(&Settings::default());
        let error = Error::new(ErrorCode::Truncated, "it ends at byte 40");
        let written = |group_bytes| {
            let folder = tempfile::tempdir().unwrap();
            let mut tables =
                Tables::create(folder.path(), &columns, &outputs(&["parquet", "arrow"])).unwrap();
            tables.group_bytes = group_bytes;
            for number in 0..20 {
                let name = format!("{number}.edf");
                let row = FileRow::failed(&name, Path::new("in"), &error, false);
                tables.append_file(&columns.file_cells(&row)).unwrap();
            }
            tables.finish().unwrap();
            let open = |name: &str| File::open(folder.path().join(name)).unwrap();
            let reader = SerializedFileReader::new(open("files.parquet")).unwrap();
            let rows: Vec<_> = reader.get_row_iter(None).unwrap().collect();
            let rows: Vec<_> = rows.into_iter().map(|row| row.unwrap()).collect();
            let reader_of_arrow =
                arrow_ipc::reader::FileReader::try_new(open("files.arrow"), None).unwrap();
            assert_eq!(reader_of_arrow.num_batches(), reader.num_row_groups());
            let arrow_rows: usize = reader_of_arrow.map(|batch| batch.unwrap().num_rows()).sum();
            assert_eq!(arrow_rows, rows.len());
            (reader.num_row_groups(), rows)
        };
        let (groups, rows) = written(GROUP_BYTES);
        assert_eq!((groups, rows.len()), (1, 20));
        let (groups, same) = written(1);
        assert_eq!(groups, 20);
        assert_eq!(same, rows);
    }
}
