//! Tables as CSV: RFC 4180, UTF-8, a header line, a point as decimal sign. Only here are the numbers of tables rounded.

use super::cell::{Cells, ColumnCells};
use super::column::Head;
use super::number::{write_rounded, write_rounded_seconds};
use crate::units::Unit;

/// The header line.
pub fn header(heads: &[Head]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // writing into memory cannot fail
    let _ = writer.write_record(heads.iter().map(|head| &head.name));
    writer.into_inner().unwrap_or_default()
}

/// The lines of rows.
pub fn lines<'a>(heads: impl Iterator<Item = &'a Head>, cells: &Cells) -> Vec<u8> {
    let units: Vec<_> = heads.map(|head| head.unit).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut text = Vec::new();
    for row in 0..cells.len() {
        for (column, unit) in cells.columns().iter().zip(&units) {
            text.clear();
            field(column, *unit, row, &mut text);
            // writing into memory cannot fail, and all rows have the same length
            let _ = writer.write_field(&text);
        }
        let _ = writer.write_record(None::<&[u8]>);
    }
    writer.into_inner().unwrap_or_default()
}

/// Appends a cell as text. A text from a file that a spreadsheet would take for a formula gets an apostrophe before it; numbers never do.
fn field(column: &ColumnCells, unit: Unit, row: usize, out: &mut Vec<u8>) {
    match column {
        ColumnCells::Text { .. } => {
            let text = column.text(row).unwrap_or_default();
            if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                out.push(b'\'');
            }
            out.extend_from_slice(text.as_bytes());
        }
        ColumnCells::Flag(rows) => {
            let flag = rows.get(row).copied().flatten();
            let word = flag.map_or("", |flag| if flag { "yes" } else { "no" });
            out.extend_from_slice(word.as_bytes());
        }
        ColumnCells::Count(rows) => {
            if let Some(count) = rows.get(row).copied().flatten() {
                out.extend_from_slice(count.to_string().as_bytes());
            }
        }
        ColumnCells::Number(rows) => {
            let number = rows.get(row).copied().flatten();
            let write = if unit == Unit::Seconds {
                write_rounded_seconds
            } else {
                write_rounded
            };
            if let Some(number) = number {
                write(number, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cell::{Cell, Kind};

    /// The line of one cell.
    fn line(kind: Kind, unit: Unit, cell: Cell) -> String {
        let mut cells = Cells::new([kind]);
        cells.push([cell]);
        let mut text = Vec::new();
        field(&cells.columns()[0], unit, 0, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_disarmed_and_a_negative_number_is_not() {
        let text = |text: &str| line(Kind::Text, Unit::One, Cell::Text(text.to_owned().into()));
        assert_eq!(text("=cmd()"), "'=cmd()");
        assert_eq!(text("-1+1"), "'-1+1");
        assert_eq!(text("ADM"), "ADM");
        assert_eq!(line(Kind::Number, Unit::One, Cell::Number(-1.5)), "-1.5");
    }

    #[test]
    fn a_time_keeps_its_decimals_and_any_other_number_its_digits() {
        let number = |unit| line(Kind::Number, unit, Cell::Number(7_200.123_456_78));
        assert_eq!(number(Unit::Seconds), "7200.1234568");
        assert_eq!(number(Unit::Milliseconds), "7200.123");
    }

    #[test]
    fn what_is_missing_is_empty_rather_than_0_or_no() {
        for kind in [Kind::Text, Kind::Flag, Kind::Count, Kind::Number] {
            assert_eq!(line(kind, Unit::One, Cell::Missing), "");
        }
        assert_eq!(line(Kind::Flag, Unit::One, Cell::Flag(false)), "no");
        assert_eq!(line(Kind::Count, Unit::One, Cell::Count(0)), "0");
    }
}
