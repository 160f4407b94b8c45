//! What a reader changed by hand: the mark in the table of trains, and the list with who, when and why.

use super::super::form::{Block, Row, RowKind, Style, Table};
use super::super::scene::{MISSING, Scene, long_line, one_line};
use super::{headed, number, paragraph, text};
use crate::recording::Side;
use crate::study::{Changed, Correction};
use crate::units::Milliseconds;

/// Stands beside whatever was changed by hand.
pub const MARK: &str = "✎";

/// Decimals of a landmark in ms: the hand is not surer.
const DECIMALS: usize = 2;

/// Every correction, with what it replaced; nothing where there is none.
pub fn list(scene: &Scene<'_>) -> Vec<Block> {
    let label = |key: &str| scene.word(&format!("column.{key}"));
    let row = |correction: &Correction| Row {
        cells: vec![
            correction.number.to_string(),
            place(scene, correction),
            what(scene, correction),
            one_line(&correction.by),
            one_line(&correction.date),
            long_line(&correction.reason),
        ],
        kind: RowKind::Plain,
    };
    let mut blocks = headed(
        format!("{MARK} {}", scene.word("section.corrections")),
        Table {
            summary: scene.word("section.corrections"),
            columns: vec![
                number(label("number")),
                text(label("place")),
                text(label("changed")),
                text(label("by")),
                // Set as a number, so that no line is broken in it.
                number(label("date")),
                text(label("why")),
            ],
            rows: scene.study.corrections.iter().map(row).collect(),
            notes: Vec::new(),
        },
    );
    if let (false, Some(beside)) = (blocks.is_empty(), scene.stated_in()) {
        let places = [
            ("file", one_line(&beside.path)),
            ("sha256", beside.sha256.clone()),
        ];
        let places = places.each_ref().map(|(name, text)| (*name, text.as_str()));
        blocks.push(paragraph(
            scene.fill("form.corrections_note", &places),
            Style::Small,
        ));
    }
    blocks
}

/// Muscle, train and response.
fn place(scene: &Scene<'_>, correction: &Correction) -> String {
    let Some(channel) = scene.study.channels.get(correction.channel) else {
        return MISSING.to_owned();
    };
    let trains: Vec<usize> = correction.train.into_iter().collect();
    let place = scene.place(channel, &trains);
    match (correction.ordinal, correction.response) {
        (Some(ordinal), _) => {
            let response = scene.fill("form.response", &[("number", &ordinal.to_string())]);
            format!("{place}, {response}")
        }
        (None, Some(index)) => {
            let time = channel
                .sweeps
                .get(index)
                .map_or(0.0, |sweep| sweep.stimulus.time.0);
            format!("{place}, {} s", scene.number(time, 3))
        }
        (None, None) => place,
    }
}

/// `onset 3.21 → 3.40 ms; end …`.
pub fn what(scene: &Scene<'_>, correction: &Correction) -> String {
    let told = correction
        .changes
        .iter()
        .map(|changed| changed_text(scene, changed));
    told.collect::<Vec<_>>().join("; ")
}

fn changed_text(scene: &Scene<'_>, changed: &Changed) -> String {
    let word = scene.word(&format!("changed.{}", changed.what()));
    let time = |time: Milliseconds| scene.number(time.0, DECIMALS);
    let side = |side: Side| scene.side(side);
    let unknown = || scene.word("form.unknown");
    let (from, to) = match changed {
        Changed::Excluded => return word,
        Changed::Landmark { from, to, .. } => (
            from.map_or(MISSING.to_owned(), time),
            format!("{} ms", time(*to)),
        ),
        Changed::Muscle(from, to) | Changed::Nerve(from, to) => {
            let from = from.as_deref().map_or_else(unknown, one_line);
            (from, one_line(to))
        }
        Changed::Side(from, to) => (from.map_or_else(unknown, side), side(*to)),
        Changed::When(from, to) => (scene.when(*from), scene.when(*to)),
    };
    format!("{} {from} → {to}", scene.lead(&word))
}

/// The mark of a train in which anything was changed by hand, of its first response, or of its channel.
pub fn mark<'a>(mut corrections: impl Iterator<Item = &'a Correction>) -> &'static str {
    match corrections.next() {
        Some(_) => "\u{A0}✎",
        None => "",
    }
}
