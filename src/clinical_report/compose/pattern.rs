//! The pattern of the muscles and how it follows.

use super::super::form::{Block, Item, Row, RowKind, Style, Table};
use super::super::scene::Scene;
use super::{headed, heading, paragraph, text};
use crate::pattern::{PatternCard, card};

/// A part of a card in the language: `title`, `rule` or `caution`.
fn told(scene: &Scene<'_>, card: &PatternCard, part: &str) -> String {
    let english = match part {
        "rule" => card.rule,
        "caution" => card.caution,
        _ => card.title,
    };
    scene
        .template
        .words
        .of("pattern", &format!("{}.{part}", card.id), english)
}

/// The pattern in a frame: title and muscles, the rule that led to it, what it leaves open.
pub fn summary(scene: &Scene<'_>) -> Vec<Block> {
    let pattern = &scene.study.pattern;
    let Some(card) = card(pattern.id) else {
        return Vec::new();
    };
    let muscles = |id: &str| -> String {
        let names = pattern.muscles.iter().filter(|muscle| muscle.id == id);
        let channels = names.filter_map(|muscle| scene.study.channels.get(muscle.channel));
        channels
            .map(|channel| scene.muscle(channel))
            .collect::<Vec<_>>()
            .join("; ")
    };
    let mut items = vec![
        Item {
            lead: format!("{}.", told(scene, card, "title")),
            text: muscles(card.id),
        },
        Item {
            lead: scene.word("form.because"),
            text: format!("{}.", told(scene, card, "rule")),
        },
        Item {
            lead: scene.word("form.caution"),
            text: told(scene, card, "caution"),
        },
    ];
    let mut others: Vec<&str> = Vec::new();
    for muscle in &pattern.muscles {
        if muscle.id != card.id && !others.contains(&muscle.id) {
            others.push(muscle.id);
        }
    }
    for id in others {
        if let Some(other) = crate::pattern::card(id) {
            items.push(Item {
                lead: scene.lead(&muscles(id)),
                text: format!("{}.", told(scene, other, "title")),
            });
        }
    }
    items.push(Item {
        lead: scene.word("form.not_a_diagnosis"),
        text: scene.word("form.who_decides"),
    });
    let family = scene
        .template
        .words
        .of("family", card.family.as_str(), card.family.as_str());
    let head = format!("{} {family}", scene.lead(&scene.word("section.pattern")));
    vec![
        heading(head),
        Block::Items {
            items,
            framed: true,
        },
    ]
}

/// The reasons, line by line, muscle by muscle.
pub fn reasons(scene: &Scene<'_>) -> Vec<Block> {
    let mut rows = Vec::new();
    for reason in &scene.study.pattern.reasons {
        let step = scene
            .template
            .words
            .of("step", reason.step.as_str(), reason.step.as_str());
        rows.push(Row {
            cells: vec![step, super::super::scene::long_line(&reason.text)],
            kind: RowKind::Plain,
        });
    }
    let english = scene.word("form.reasons_note");
    let mut blocks = headed(
        scene.word("section.reasons"),
        Table {
            summary: scene.word("section.reasons"),
            columns: vec![
                text(scene.word("column.step")),
                text(scene.word("column.reason")),
            ],
            rows,
            notes: Vec::new(),
        },
    );
    if !english.is_empty() && !blocks.is_empty() {
        blocks.push(paragraph(english, Style::Small));
    }
    blocks
}
