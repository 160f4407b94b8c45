//! The sections of the form, composed from the study and the template; one file per group of sections.

pub mod corrections;
pub mod criteria;
pub mod figures;
pub mod findings;
pub mod head;
pub mod pattern;
pub mod settings;
pub mod trains;

use super::form::{Block, Column, Item, Style, Table};

/// A heading.
fn heading(text: String) -> Block {
    Block::Heading { text }
}

/// A paragraph.
fn paragraph(text: String, style: Style) -> Block {
    Block::Paragraph { text, style }
}

/// Lines without a frame.
fn items(items: Vec<Item>) -> Block {
    Block::Items {
        items,
        framed: false,
    }
}

/// A column of text.
fn text(head: String) -> Column {
    Column {
        head,
        number: false,
    }
}

/// A column of numbers.
fn number(head: String) -> Column {
    Column { head, number: true }
}

/// The notes of a table, each told once; a cell bears the mark.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    /// The mark of a note, which is added if it is new.
    fn mark(&mut self, note: String) -> String {
        let place = self
            .0
            .iter()
            .position(|other| *other == note)
            .unwrap_or_else(|| {
                self.0.push(note);
                self.0.len() - 1
            });
        superscript(place + 1)
    }

    /// The notes with their marks.
    fn told(self) -> Vec<String> {
        let notes = self.0.into_iter().enumerate();
        notes
            .map(|(place, note)| format!("{} {note}", superscript(place + 1)))
            .collect()
    }
}

/// A number in raised digits.
fn superscript(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or(c, |digit| DIGITS[digit as usize]);
    number.to_string().chars().map(digit).collect()
}

/// A heading with a table below it; nothing if the table is empty.
fn headed(head: String, table: Table) -> Vec<Block> {
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![heading(head), Block::Table(table)]
}
