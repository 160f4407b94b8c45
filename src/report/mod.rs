//! What a person or a program reads: tables, JSON, figures.
//!
//! An output is a card, an [`Output`], with one line in [`OUTPUTS`]. The columns of the tables are written once, in `responses.rs`,
//! `trains.rs`, `series.rs`, `verdicts.rs` and `files.rs`; the CSV and the reference page follow from them. Only here are numbers rounded.

mod column;
mod corrected;
mod corrected_json;
mod csv;
mod document;
mod files;
mod json;
mod number;
mod page;
mod responses;
mod series;
mod trains;
mod verdict_json;
mod verdicts;
mod words;

pub use self::csv::{Columns, StudyRows, TABLES, Tables, write_whole};
pub use files::{FileOutcome, FileRow};
pub use json::{SCHEMA_VERSION, schema as study_schema, to_json};
pub use page::columns_page;

use crate::clinical_report::{self, Template};
use crate::error::Result;
use crate::plot;
use crate::study::Study;
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
    /// Of what there is one, and what writes it.
    pub scope: Scope,
}

/// Of what there is one output each.
pub enum Scope {
    /// One for the whole run, written by [`Tables`].
    Run,
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
}

/// Every output, in the order in which they are written.
pub static OUTPUTS: &[&Output] = &[
    &CSV,
    &JSON,
    &SVG,
    &PNG,
    &HTML,
    #[cfg(feature = "pdf")]
    &PDF,
];

static CSV: Output = Output {
    id: "csv",
    meaning: "Tables of all files of a run",
    files: "`responses.csv`, `trains.csv`, `series.csv`, `verdicts.csv`, `reasons.csv`, `files.csv`",
    scope: Scope::Run,
};

static JSON: Output = Output {
    id: "json",
    meaning: "Everything about one study but the samples; its schema is `study.schema.json`",
    files: "`study.json`",
    scope: Scope::Study(|context, folder| {
        let text = to_json(context.study, context.file)?;
        write_whole(&folder.join("study.json"), &text)
    }),
};

static SVG: Output = Output {
    id: "svg",
    meaning: "Figures as vectors, 88 mm wide, text as text",
    files: "`FIGURE.svg`",
    scope: Scope::Study(|context, folder| {
        for figure in plot::figures(context.study) {
            let path = folder.join(format!("{}.svg", figure.name));
            write_whole(&path, figure.svg.as_bytes())?;
        }
        Ok(())
    }),
};

static PNG: Output = Output {
    id: "png",
    meaning: "The same figures as pictures of 300 dots per inch",
    files: "`FIGURE.png`",
    scope: Scope::Study(|context, folder| {
        for figure in plot::figures(context.study) {
            let path = folder.join(format!("{}.png", figure.name));
            let picture = plot::png::encode(&figure.svg).map_err(|error| error.in_file(&path))?;
            write_whole(&path, &picture)?;
        }
        Ok(())
    }),
};

/// The report of a study as a web page.
pub static HTML: Output = Output {
    id: "html",
    meaning: "The report of one study as a web page that needs nothing else; `--template` gives laboratory, language and what appears",
    files: "`report.html`",
    scope: Scope::Study(|context, folder| {
        let page = clinical_report::html(context.study, context.file, context.template)?;
        write_whole(&folder.join("report.html"), &page)
    }),
};

/// The report of a study on paper.
#[cfg(feature = "pdf")]
pub static PDF: Output = Output {
    id: "pdf",
    meaning: "The same report on paper: PDF/A-2a and PDF/UA-1",
    files: "`report.pdf`",
    scope: Scope::Study(|context, folder| {
        let pages = clinical_report::pdf(context.study, context.file, context.template)?;
        write_whole(&folder.join("report.pdf"), &pages)
    }),
};
