//! The tables of a run as CSV: RFC 4180, UTF-8, a header line, a point as decimal sign.
//!
//! Rows are made where the study is (on any thread) and appended in the order of the caller, so memory does not grow with the number
//! of files, and the same run gives the same bytes. The tables are written beside their final names and renamed at the end.

use super::column::{Cell, Column, StudyColumn};
use super::files::{self, FileColumn, FileRow};
use super::{responses, series, trains, verdicts};
use crate::error::{Error, ErrorCode, Result};
use crate::study::{Settings, Study};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The columns of every table of a run. The limits of probabilities follow the settings, everything else is fixed.
pub struct Columns {
    pub(super) responses: Vec<StudyColumn>,
    pub(super) trains: Vec<StudyColumn>,
    pub(super) series: Vec<StudyColumn>,
    pub(super) verdicts: Vec<StudyColumn>,
    pub(super) reasons: Vec<StudyColumn>,
    pub(super) files: Vec<FileColumn>,
}

impl Columns {
    /// The columns of a run with these settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            responses: responses::columns(),
            trains: trains::columns(&settings.train),
            series: series::columns(),
            verdicts: verdicts::columns(),
            reasons: verdicts::reason_columns(),
            files: files::columns(),
        }
    }
}

/// The tables, in the order of [`Tables`]: name of the file and what a row is.
pub const TABLES: [(&str, &str); 6] = [
    (
        "responses.csv",
        "A row per stimulus and channel that recorded it.",
    ),
    ("trains.csv", "A row per train and channel."),
    (
        "series.csv",
        "Trains around exercise in long form: a row per train and measure for the first response, and a row per comparison.",
    ),
    (
        "verdicts.csv",
        "What criterion sets say: a row per rule and channel.",
    ),
    (
        "reasons.csv",
        "How the pattern of each study follows: a row per line.",
    ),
    (
        "files.csv",
        "A row per file, whether it could be analyzed or not.",
    ),
];

/// The rows of one study in all tables, as bytes of CSV.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudyRows {
    responses: Vec<u8>,
    trains: Vec<u8>,
    series: Vec<u8>,
    verdicts: Vec<u8>,
    reasons: Vec<u8>,
}

impl StudyRows {
    /// The rows of a study; `file` is its name in the run.
    pub fn of(study: &Study, file: &str, columns: &Columns) -> Self {
        Self {
            responses: lines(&columns.responses, responses::rows(study, file)),
            trains: lines(&columns.trains, trains::rows(study, file)),
            series: lines(&columns.series, series::rows(study, file)),
            verdicts: lines(&columns.verdicts, verdicts::rows(study, file)),
            reasons: lines(&columns.reasons, verdicts::reason_rows(study, file)),
        }
    }
}

fn lines<'a>(columns: &[StudyColumn], rows: Vec<super::column::Row<'a>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        let cells = columns.iter().map(|column| field(&(column.value)(row)));
        // writing into memory cannot fail, and all rows have the same length
        let _ = writer.write_record(cells);
    }
    writer.into_inner().unwrap_or_default()
}

fn header<F: ?Sized>(columns: &[Column<F>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(columns.iter().map(|column| &column.name));
    writer.into_inner().unwrap_or_default()
}

/// A cell as text. A text from a file that a spreadsheet would take for a formula gets an apostrophe before it; numbers never do.
fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Cell::Text(text) => text.clone(),
        Cell::Word(word) => (*word).to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Count(count) => count.to_string(),
    }
}

/// The tables of a run while they are written.
pub struct Tables {
    file_columns: Vec<FileColumn>,
    files: [(BufWriter<File>, PathBuf, PathBuf); TABLES.len()],
    finished: bool,
}

impl Tables {
    /// Begins the tables in a folder that exists.
    pub fn create(folder: &Path, columns: &Columns) -> Result<Self> {
        let open = |index: usize, header: Vec<u8>| {
            let (name, _) = TABLES[index];
            let part = folder.join(format!("{name}.part"));
            let file = File::create(&part).map_err(|cause| failed(&part, &cause))?;
            let mut writer = BufWriter::new(file);
            writer
                .write_all(&header)
                .map_err(|cause| failed(&part, &cause))?;
            Ok::<_, Error>((writer, part, folder.join(name)))
        };
        Ok(Self {
            files: [
                open(0, header(&columns.responses))?,
                open(1, header(&columns.trains))?,
                open(2, header(&columns.series))?,
                open(3, header(&columns.verdicts))?,
                open(4, header(&columns.reasons))?,
                open(5, header(&columns.files))?,
            ],
            file_columns: files::columns(),
            finished: false,
        })
    }

    /// Appends the rows of a study.
    pub fn append(&mut self, rows: &StudyRows) -> Result<()> {
        let parts = [
            &rows.responses,
            &rows.trains,
            &rows.series,
            &rows.verdicts,
            &rows.reasons,
        ];
        for ((writer, part, _), bytes) in self.files.iter_mut().zip(parts) {
            writer
                .write_all(bytes)
                .map_err(|cause| failed(part, &cause))?;
        }
        Ok(())
    }

    /// Appends the row of a file.
    pub fn append_file(&mut self, row: &FileRow) -> Result<()> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let _ = csv.write_record(
            self.file_columns
                .iter()
                .map(|column| field(&(column.value)(row))),
        );
        let bytes = csv.into_inner().unwrap_or_default();
        let [.., (writer, part, _)] = &mut self.files;
        writer
            .write_all(&bytes)
            .map_err(|cause| failed(part, &cause))
    }

    /// Gives the tables their names; before this, no table of an earlier run is touched. Says where they are.
    pub fn finish(mut self) -> Result<Vec<PathBuf>> {
        for (writer, part, _) in &mut self.files {
            writer.flush().map_err(|cause| failed(part, &cause))?;
        }
        for (_, part, path) in &self.files {
            std::fs::rename(part, path).map_err(|cause| failed(path, &cause))?;
        }
        self.finished = true;
        Ok(self.files.iter().map(|(_, _, path)| path.clone()).collect())
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if !self.finished {
            for (_, part, _) in &self.files {
                // the run failed already; a leftover file is no further failure
                let _ = std::fs::remove_file(part);
            }
        }
    }
}

/// Writes a file beside its final name and renames it, so that no reader ever sees half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes).map_err(|cause| failed(&part, &cause))?;
    std::fs::rename(&part, path).map_err(|cause| failed(path, &cause))
}

fn failed(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(ErrorCode::Output, cause.to_string())
        .in_file(path)
        .advice("check that the results folder can be written and the disk is not full")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_disarmed_and_a_negative_number_is_not() {
        assert_eq!(field(&Cell::Text("=cmd()".to_owned())), "'=cmd()");
        assert_eq!(field(&Cell::Text("-1+1".to_owned())), "'-1+1");
        assert_eq!(field(&Cell::Text("ADM".to_owned())), "ADM");
        assert_eq!(field(&Cell::Number(-1.5)), "-1.5");
    }

    #[test]
    fn a_run_that_does_not_finish_leaves_the_tables_of_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trains.csv"), "old").unwrap();
        drop(Tables::create(folder.path(), &Columns::of(&Settings::default())).unwrap());
        let names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["trains.csv"]);
        Tables::create(folder.path(), &Columns::of(&Settings::default()))
            .unwrap()
            .finish()
            .unwrap();
        assert_ne!(
            std::fs::read_to_string(folder.path().join("trains.csv")).unwrap(),
            "old"
        );
    }
}
