//! The settings that differ from the defaults, and where everything came from.

use super::super::form::{Block, Item, Pair, Style};
use super::super::scene::{Scene, long_line, one_line};
use super::{heading, items, paragraph};
use crate::study::Settings;

/// The settings that differ from the defaults, by their keys.
pub fn changed(scene: &Scene<'_>) -> Vec<Block> {
    let table = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let here = table(&scene.study.provenance.settings);
    let standard = table(&Settings::default().to_toml());
    let mut lines = Vec::new();
    compare(&here, &standard, "", &mut lines);
    let mut blocks = vec![heading(scene.word("section.settings"))];
    if lines.is_empty() {
        blocks.push(paragraph(scene.word("form.all_default"), Style::Small));
    } else {
        blocks.push(items(lines));
    }
    blocks
}

fn compare(here: &toml::Table, standard: &toml::Table, before: &str, lines: &mut Vec<Item>) {
    for (key, value) in here {
        let name = format!("{before}{key}");
        match (value, standard.get(key)) {
            (toml::Value::Table(inner), Some(toml::Value::Table(other))) => {
                compare(inner, other, &format!("{name}."), lines);
            }
            (value, Some(other)) if value == other => {}
            (value, other) => {
                let other = other.map_or_else(String::new, |other| format!(" ({other})"));
                lines.push(Item {
                    lead: name,
                    text: long_line(&format!("{value}{other}")),
                });
            }
        }
    }
}

/// Version, file, hash.
pub fn provenance(scene: &Scene<'_>) -> Vec<Block> {
    let origin = &scene.study.origin;
    let pair = |label: &str, value: String| Pair {
        label: scene.word(&format!("label.{label}")),
        value,
    };
    let left = vec![
        pair(
            "program",
            format!("endplate {}", scene.study.provenance.version),
        ),
        pair("file", one_line(scene.file)),
        pair("format", one_line(&origin.format)),
    ];
    let right = vec![
        pair("bytes", origin.bytes.to_string()),
        pair("sha256", one_line(&origin.sha256)),
    ];
    vec![
        heading(scene.word("section.provenance")),
        Block::Pairs {
            columns: [left, right],
        },
        paragraph(scene.word("form.method_note"), Style::Small),
    ]
}
