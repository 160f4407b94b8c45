//! The tables of a run: their columns, and the rows that a study gives to them.

use super::cell::{Cells, Kind};
use super::column::{Column, Head, StudyColumn};
use super::csv;
use super::files::{self, FileColumn, FileRow};
use super::{responses, series, trains, verdicts};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::sha256;
use crate::study::{Settings, Study};
use serde::{Deserialize, Serialize};

/// The tables: the name of each, and what a row of it is. All but the last are about studies.
pub const TABLES: [(&str, &str); 6] = [
    (
        "responses",
        "A row per stimulus and channel that recorded it.",
    ),
    ("trains", "A row per train and channel."),
    (
        "series",
        "Trains around exercise in long form: a row per train and measure for the first response, and a row per comparison.",
    ),
    (
        "verdicts",
        "What criterion sets say: a row per rule and channel.",
    ),
    (
        "reasons",
        "How the pattern of each study follows: a row per line.",
    ),
    (
        "files",
        "A row per file, whether it could be analyzed or not.",
    ),
];

/// The tables about studies.
const STUDY_TABLES: usize = TABLES.len() - 1;

/// The columns of every table of a run. The limits of probabilities follow the settings, everything else is fixed.
pub struct Columns {
    pub(super) studies: [Vec<StudyColumn>; STUDY_TABLES],
    pub(super) files: Vec<FileColumn>,
    /// The settings as TOML.
    pub(super) settings: String,
}

impl Columns {
    /// The columns of a run with these settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            studies: [
                responses::columns(),
                trains::columns(&settings.train),
                series::columns(),
                verdicts::columns(),
                verdicts::reason_columns(),
            ],
            files: files::columns(),
            settings: settings.to_toml(),
        }
    }

    /// What each table is, in the order of [`TABLES`].
    pub(super) fn layouts(&self) -> Vec<Layout> {
        let studies = self.studies.iter().map(|columns| heads(columns));
        let tables = studies.chain([heads(&self.files)]);
        let settings_sha256 = sha256(&self.settings);
        TABLES
            .iter()
            .zip(tables)
            .map(|(&(name, meaning), heads)| Layout {
                name,
                meaning,
                heads,
                settings_sha256: settings_sha256.clone(),
                settings: self.settings.clone(),
            })
            .collect()
    }

    /// Whether kept cells are a row of the table of files.
    pub fn fit_file(&self, cells: &Cells) -> bool {
        cells.conform(kinds(&self.files)) && cells.len() == 1
    }

    /// The row of a file.
    pub fn file_cells(&self, row: &FileRow) -> Cells {
        let mut cells = Cells::new(kinds(&self.files));
        cells.push(self.files.iter().map(|column| (column.value)(row)));
        cells
    }
}

fn heads<F: ?Sized>(columns: &[Column<F>]) -> Vec<Head> {
    columns.iter().map(|column| column.head.clone()).collect()
}

fn kinds<F: ?Sized>(columns: &[Column<F>]) -> impl Iterator<Item = Kind> {
    columns.iter().map(|column| column.head.kind)
}

/// What a table is, for those that write it.
#[cfg_attr(
    not(feature = "tables"),
    allow(dead_code, reason = "CSV says nothing of its settings")
)]
pub(super) struct Layout {
    pub name: &'static str,
    pub meaning: &'static str,
    pub heads: Vec<Head>,
    /// The settings of the run as TOML, and the hash of that text.
    pub settings: String,
    pub settings_sha256: String,
}

/// The rows of one study in all tables about studies. They can be kept (they go through serde and come back bit by bit) and written again
/// by a later run with the same settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StudyCells([Cells; STUDY_TABLES]);

impl StudyCells {
    /// The rows of a study; `file` is its name in the run.
    pub fn of(study: &Study, file: &str, columns: &Columns) -> Self {
        let rows = [
            responses::rows(study, file),
            trains::rows(study, file),
            series::rows(study, file),
            verdicts::rows(study, file),
            verdicts::reason_rows(study, file),
        ];
        let mut tables = <[Cells; STUDY_TABLES]>::default();
        for ((cells, columns), rows) in tables.iter_mut().zip(&columns.studies).zip(rows) {
            let columns = columns.iter().map(|column| (column.head.kind, column));
            *cells = Cells::filled(columns, rows.len(), |column, cells| {
                (column.value)(&rows, cells);
            });
        }
        Self(tables)
    }
}

impl StudyCells {
    /// Appends the text of its JSON, the same as through serde.
    pub fn write_json(&self, json: &mut Vec<u8>) {
        for (place, cells) in self.0.iter().enumerate() {
            json.push(if place == 0 { b'[' } else { b',' });
            cells.write_json(json);
        }
        json.push(b']');
    }
}

/// The rows of one study, ready to be appended to the tables of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRows {
    cells: StudyCells,
    /// The same as lines of CSV: made where the study is, because a run appends on one thread only.
    csv: [Vec<u8>; STUDY_TABLES],
}

impl StudyRows {
    /// The rows of a study; `file` is its name in the run.
    pub fn of(study: &Study, file: &str, columns: &Columns) -> Self {
        Self::laid_out(StudyCells::of(study, file, columns), columns)
    }

    /// Rows that were kept. An error if they are damaged, or were made with other columns.
    pub fn of_cells(cells: StudyCells, columns: &Columns) -> Result<Self> {
        let mut tables = cells.0.iter().zip(&columns.studies);
        if tables.all(|(cells, columns)| cells.conform(kinds(columns))) {
            Ok(Self::laid_out(cells, columns))
        } else {
            Err(Error::new(
                ErrorCode::Output,
                "rows that were kept of a study do not fit the columns of this run",
            )
            .advice("analyze its file again"))
        }
    }

    fn laid_out(cells: StudyCells, columns: &Columns) -> Self {
        let mut csv = <[Vec<u8>; STUDY_TABLES]>::default();
        for ((lines, cells), columns) in csv.iter_mut().zip(&cells.0).zip(&columns.studies) {
            *lines = csv::lines(columns.iter().map(|column| &column.head), cells);
        }
        Self { cells, csv }
    }

    /// What can be kept of them.
    pub fn cells(&self) -> &StudyCells {
        &self.cells
    }

    /// The rows of each table, with their lines of CSV.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&Cells, &[u8])> {
        self.cells.0.iter().zip(self.csv.iter().map(Vec::as_slice))
    }
}
