//! What a person or a program reads: tables, JSON, figures.
//!
//! An output is a card, an [`Output`], with one line in [`OUTPUTS`]. The columns of the tables are written once, in `responses.rs`,
//! `trains.rs`, `series.rs`, `verdicts.rs` and `files.rs`; the CSV and the reference page follow from them. Numbers for
//! programs are rounded as [`crate::math::rounding`] says.

#[cfg(feature = "tables")]
mod arrow;
mod cell;
mod cell_json;
mod column;
mod corrected;
mod corrected_json;
mod csv;
mod document;
mod files;
mod index;
mod json;
mod json_lines;
mod page;
#[cfg(feature = "tables")]
mod parquet;
mod responses;
mod series;
mod table;
#[cfg(feature = "tables")]
mod table_metadata;
mod tables;
mod trains;
mod verdict_json;
mod verdicts;
mod words;

pub use cell::{Cell, Cells, ColumnCells, Kind};
pub use files::{FileOutcome, FileRow};
pub use index::{Index, IndexOutcome, IndexRow, IndexStudy, KeyNumber, Thumbnail};
pub use json::{SCHEMA_ID, SCHEMA_VERSION, schema as study_schema, to_json};
pub use page::columns_page;
pub use table::{Columns, StudyCells, StudyRows, TABLES};
pub use tables::{Form, Tables, UNFINISHED, run_files};

use crate::clinical_report::{self, Template};
use crate::error::Result;
use crate::exchange::{self, Attachment};
use crate::plot;
use crate::study::Study;
use crate::whole;
use std::path::Path;

/// The version of the columns of all tables.
pub const TABLES_VERSION: u64 = 1;

/// The card of an output.
pub struct Output {
    /// Short and stable: `json`.
    pub id: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Where it is written, as a reader is told.
    pub files: &'static str,
    /// Whether it shows signal, and so needs a study that kept it.
    pub draws: bool,
    /// Of what there is one, and what writes it.
    pub scope: Scope,
}

/// Of what there is one output each.
pub enum Scope {
    /// One for the whole run, always written: by [`Tables`] and [`Index`].
    Run,
    /// The tables of the whole run in another form than CSV, written by [`Tables`].
    Tables(Form),
    /// One for each study. The function gets the study and a folder of its own that exists.
    Study(fn(&Context<'_>, &Path) -> Result<()>),
}

/// What an output of a study is made from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The study.
    pub study: &'a Study,
    /// The name of its file in the run.
    pub file: &'a str,
    /// How its report is written.
    pub template: &'a Template,
    /// To whom and to what it is attached.
    pub attachment: &'a Attachment,
}

impl<'a> Context<'a> {
    /// What an exchange format is made from.
    pub fn to_exchange(self) -> exchange::Material<'a> {
        exchange::Material {
            study: self.study,
            file: self.file,
            template: self.template,
            attachment: self.attachment,
        }
    }
}

/// Every output, in the order in which they are written.
pub static OUTPUTS: &[&Output] = &[
    &CSV,
    #[cfg(feature = "tables")]
    &PARQUET,
    #[cfg(feature = "tables")]
    &ARROW,
    &index::INDEX,
    &JSON,
    &SVG,
    &PNG,
    &HTML,
    #[cfg(feature = "pdf")]
    &PDF,
    &FHIR,
    #[cfg(feature = "pdf")]
    &DICOM,
];

static CSV: Output = Output {
    id: "csv",
    meaning: "Tables of all files of a run",
    files: "`responses.csv`, `trains.csv`, `series.csv`, `verdicts.csv`, `reasons.csv`, `files.csv`",
    draws: false,
    scope: Scope::Run,
};

/// The tables as Parquet.
#[cfg(feature = "tables")]
static PARQUET: Output = Output {
    id: "parquet",
    meaning: "The same tables with types, units and numbers that are not rounded, for pandas, polars, DuckDB and R",
    files: "`responses.parquet`, `trains.parquet` … as of `csv`",
    draws: false,
    scope: Scope::Tables(parquet::FORM),
};

/// The tables as Arrow IPC files.
#[cfg(feature = "tables")]
static ARROW: Output = Output {
    id: "arrow",
    meaning: "The same as `parquet` in the file format of Arrow (Feather V2), which is mapped into memory rather than read",
    files: "`responses.arrow`, `trains.arrow` … as of `csv`",
    draws: false,
    scope: Scope::Tables(arrow::FORM),
};

static JSON: Output = Output {
    id: "json",
    meaning: "Everything about one study but the samples; its schema is `study.schema.json`",
    files: "`study.json`",
    draws: false,
    scope: Scope::Study(|context, folder| {
        tables::write_whole_with(&folder.join("study.json"), |writer| {
            json::write_json(context.study, context.file, writer)
        })
    }),
};

static SVG: Output = Output {
    id: "svg",
    meaning: "Figures as vectors, 88 mm wide, text as text",
    files: "`FIGURE.svg`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        for figure in plot::figures(context.study, &context.template.words) {
            let path = folder.join(format!("{}.svg", figure.name));
            whole::write(&path, figure.svg.as_bytes())?;
        }
        Ok(())
    }),
};

static PNG: Output = Output {
    id: "png",
    meaning: "The same figures as pictures of 300 dots per inch",
    files: "`FIGURE.png`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        for figure in plot::figures(context.study, &context.template.words) {
            let path = folder.join(format!("{}.png", figure.name));
            let picture = plot::png::encode(&figure.svg).map_err(|error| error.in_file(&path))?;
            whole::write(&path, &picture)?;
        }
        Ok(())
    }),
};

/// The report of a study as a web page.
pub static HTML: Output = Output {
    id: "html",
    meaning: "The report of one study as a web page that needs nothing else; `--template` gives laboratory, language and what appears",
    files: "`report.html`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        let page = clinical_report::html(context.study, context.file, context.template)?;
        whole::write(&folder.join("report.html"), &page)
    }),
};

/// The report of a study on paper.
#[cfg(feature = "pdf")]
pub static PDF: Output = Output {
    id: "pdf",
    meaning: "The same report on paper: PDF/A-2a and PDF/UA-1",
    files: "`report.pdf`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        let pages = clinical_report::pdf(context.study, context.file, context.template)?;
        whole::write(&folder.join("report.pdf"), &pages)
    }),
};

/// The report as a system files it.
pub static FHIR: Output = Output {
    id: "fhir",
    meaning: "The report and its numbers as a FHIR R4 bundle; `--patient-reference` says whose (docs/exchange.md)",
    files: "`report.fhir.json`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        let bundle = exchange::fhir(&context.to_exchange())?;
        whole::write(&folder.join("report.fhir.json"), &bundle)
    }),
};

/// The report as an archive of images files it.
#[cfg(feature = "pdf")]
pub static DICOM: Output = Output {
    id: "dicom",
    meaning: "The report on paper as a DICOM Encapsulated PDF; `--attach-to` says to which study it belongs (docs/exchange.md)",
    files: "`report.dcm`",
    draws: true,
    scope: Scope::Study(|context, folder| {
        let object = exchange::dicom(&context.to_exchange())?;
        whole::write(&folder.join("report.dcm"), &object)
    }),
};
