//! The report of one study that a person signs: page one with what the signer needs, then the details; as HTML and as PDF.
//!
//! [`compose`](compose()) makes a [`Form`] of a study once, in the words of a [`Template`]; [`html`] and [`pdf`] set it.
//!
#![doc = include_str!("../../docs/report.md")]

mod compose;
mod form;
mod html;
#[cfg(feature = "pdf")]
mod pdf;
mod scene;
mod sections;
mod template;

pub use crate::words::languages;
pub(crate) use compose::findings::ASIDE;
pub(crate) use compose::trains::{DECREMENT, FACILITATION, INCREMENT, LOWEST};
pub use form::{
    Block, Column, Form, FormFigure, Item, Letterhead, Logo, Pair, Paper, Row, RowKind, Style,
    Table,
};
pub(crate) use scene::{long_line, one_line};
pub use sections::{SECTIONS, Section};
pub(crate) use template::base64;
pub use template::{Laboratory, Template, TemplateFile};

use crate::error::Result;
use crate::study::Study;
use compose::head;
use scene::Scene;
use sections::{CORRECTIONS, TRAINS};

/// The form of a study; `file` is its name in the run. An error if the template names a criterion set that neither the program nor the settings of
/// the study know.
pub fn compose(study: &Study, file: &str, template: &Template) -> Result<Form> {
    let scene = Scene {
        study,
        file,
        template,
    };
    compose::criteria::check(&scene)?;
    let mut parts = [vec![head::letterhead(&scene)], Vec::new()];
    for id in sections(&template.file.sections) {
        if let Some(section) = SECTIONS.iter().find(|section| section.id == id) {
            let part = &mut parts[usize::from(!section.page_one)];
            part.extend((section.compose)(&scene));
        }
    }
    let name = head::study_name(&scene);
    let date = head::date(&scene);
    let running = match &date {
        Some(date) => format!("{name} · {date}"),
        None => name.clone(),
    };
    Ok(Form {
        language: template.words.language.clone(),
        title: format!("{} · {running}", head::title(&scene)),
        running,
        foot: scene.word("form.foot"),
        page_label: scene.word("form.page"),
        unprintable: scene.word("form.unprintable"),
        paper: template.file.paper,
        date: study.origin.started.clone(),
        parts,
    })
}

/// The sections of a template. A signer must see what was changed by hand, so a template can move that section, but not leave it out.
fn sections(template: &[String]) -> Vec<&str> {
    let mut sections: Vec<&str> = template.iter().map(String::as_str).collect();
    if !sections.contains(&CORRECTIONS.id) {
        let table = sections.iter().position(|id| *id == TRAINS.id);
        sections.insert(table.map_or(0, |table| table + 1), CORRECTIONS.id);
    }
    sections
}

/// The report as one HTML file that needs nothing else.
pub fn html(study: &Study, file: &str, template: &Template) -> Result<Vec<u8>> {
    html::render(&compose(study, file, template)?)
}

/// The report as PDF, tagged (PDF/UA-1) and for archives (PDF/A-2a), by the validator of its writer. The same bytes on every run.
#[cfg(feature = "pdf")]
pub fn pdf(study: &Study, file: &str, template: &Template) -> Result<Vec<u8>> {
    pdf::render(&compose(study, file, template)?)
}
