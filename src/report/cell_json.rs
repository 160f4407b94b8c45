//! Cells as JSON, written at once: the same text as through serde, without a look at each byte of the numbers.

use super::cell::{Cells, ColumnCells};
use crate::math::rounding::write_count;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Appends the JSON of cells.
pub(super) fn write(cells: &Cells, json: &mut Vec<u8>) {
    let mut memory = Memory::default();
    list(cells.columns(), json, |column, json| {
        write_column(column, &mut memory, json);
    });
}

/// What every column of numbers uses again.
#[derive(Default)]
struct Memory {
    bits: Vec<u8>,
    base64: String,
}

fn write_column(column: &ColumnCells, memory: &mut Memory, json: &mut Vec<u8>) {
    match column {
        ColumnCells::Text { words, rows } => {
            json.extend_from_slice(b"{\"text\":{\"words\":");
            list(words, json, |word, json| write_word(word, json));
            json.extend_from_slice(b",\"rows\":");
            list(rows, json, |row, json| {
                or_null(row.map(u64::from), json, write_count);
            });
            json.push(b'}');
        }
        ColumnCells::Flag(rows) => {
            json.extend_from_slice(b"{\"flag\":");
            list(rows, json, |row, json| {
                or_null(*row, json, |flag, json| {
                    json.extend_from_slice(if flag { b"true" } else { b"false" });
                });
            });
        }
        ColumnCells::Count(rows) => {
            json.extend_from_slice(b"{\"count\":");
            list(rows, json, |row, json| or_null(*row, json, write_count));
        }
        ColumnCells::Number(rows) => {
            json.extend_from_slice(b"{\"number\":{\"present\":\"");
            json.extend(rows.iter().map(|row| b'0' + u8::from(row.is_some())));
            json.extend_from_slice(b"\",\"bits\":\"");
            memory.write_bits(rows, json);
            json.extend_from_slice(b"\"}");
        }
    }
    json.push(b'}');
}

impl Memory {
    fn write_bits(&mut self, rows: &[Option<f64>], json: &mut Vec<u8>) {
        self.bits.clear();
        for number in rows.iter().flatten() {
            self.bits.extend_from_slice(&number.to_le_bytes());
        }
        self.base64.clear();
        BASE64.encode_string(&self.bits, &mut self.base64);
        json.extend_from_slice(self.base64.as_bytes());
    }
}

fn write_word(word: &str, json: &mut Vec<u8>) {
    // Writing a text into memory cannot fail.
    let _ = serde_json::to_writer(json, word);
}

fn list<T>(items: &[T], json: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    json.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        write(item, json);
    }
    json.push(b']');
}

fn or_null<T>(value: Option<T>, json: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    match value {
        Some(value) => write(value, json),
        None => json.extend_from_slice(b"null"),
    }
}
