//! Tables as CSV: RFC 4180, UTF-8, a header line, a point as decimal sign. Only here are the numbers of tables rounded.

use super::cell::{Cells, ColumnCells};
use super::column::Head;
use crate::math::rounding::{write_count, write_rounded, write_rounded_seconds};
use crate::units::Unit;
use std::borrow::Cow;

/// The header line.
pub fn header(heads: &[Head]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // writing into memory cannot fail
    let _ = writer.write_record(heads.iter().map(|head| &head.name));
    writer.into_inner().unwrap_or_default()
}

/// The lines of rows.
pub fn lines<'a>(heads: impl Iterator<Item = &'a Head>, cells: &Cells) -> Vec<u8> {
    /// More than a cell takes on average, so that the lines seldom outgrow the memory that they are given.
    const CELL_BYTES: usize = 10;
    let columns = cells.columns().iter().zip(heads);
    let fields: Vec<_> = columns
        .map(|(cells, head)| Fields::of(cells, head.unit))
        .collect();
    let mut lines = Vec::with_capacity(cells.len() * fields.len() * CELL_BYTES);
    for row in 0..cells.len() {
        let begin = lines.len();
        for (place, fields) in fields.iter().enumerate() {
            if place > 0 {
                lines.push(b',');
            }
            fields.write(row, &mut lines);
        }
        if lines.len() == begin {
            // An empty line would be no row.
            lines.extend_from_slice(b"\"\"");
        }
        lines.push(b'\n');
    }
    lines
}

/// The cells of a column on their way to text.
enum Fields<'a> {
    Text {
        /// The words as they stand in CSV: each is looked through once, however many rows repeat it.
        words: Vec<Cow<'a, str>>,
        rows: &'a [Option<u32>],
    },
    Flag(&'a [Option<bool>]),
    Count(&'a [Option<u64>]),
    Number(&'a [Option<f64>]),
    Seconds(&'a [Option<f64>]),
}

impl<'a> Fields<'a> {
    fn of(column: &'a ColumnCells, unit: Unit) -> Self {
        match column {
            ColumnCells::Text { words, rows } => Self::Text {
                words: words.iter().map(|word| quoted(word)).collect(),
                rows,
            },
            ColumnCells::Flag(rows) => Self::Flag(rows),
            ColumnCells::Count(rows) => Self::Count(rows),
            ColumnCells::Number(rows) if unit == Unit::Seconds => Self::Seconds(rows),
            ColumnCells::Number(rows) => Self::Number(rows),
        }
    }

    /// Appends the cell of a row; nothing for one that is missing.
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Text { words, rows } => {
                let index = cell(rows, row).and_then(|index| usize::try_from(index).ok());
                if let Some(word) = index.and_then(|index| words.get(index)) {
                    out.extend_from_slice(word.as_bytes());
                }
            }
            Self::Flag(rows) => match cell(rows, row) {
                Some(true) => out.extend_from_slice(b"yes"),
                Some(false) => out.extend_from_slice(b"no"),
                None => {}
            },
            Self::Count(rows) => {
                if let Some(count) = cell(rows, row) {
                    write_count(count, out);
                }
            }
            Self::Number(rows) => {
                if let Some(number) = cell(rows, row) {
                    write_rounded(number, out);
                }
            }
            Self::Seconds(rows) => {
                if let Some(number) = cell(rows, row) {
                    write_rounded_seconds(number, out);
                }
            }
        }
    }
}

fn cell<T: Copy>(rows: &[Option<T>], row: usize) -> Option<T> {
    rows.get(row).copied().flatten()
}

/// A text as it stands in CSV. One from a file that a spreadsheet would take for a formula gets an apostrophe before it; numbers never do.
fn quoted(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let apostrophe = if formula { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) {
        let doubled = text.replace('"', "\"\"");
        Cow::Owned(format!("\"{apostrophe}{doubled}\""))
    } else if formula {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::cell::{Cell, Kind};
    use proptest::prelude::*;

    /// The line of one cell.
    fn line(kind: Kind, unit: Unit, cell: Cell) -> String {
        let mut cells = Cells::new([kind]);
        cells.push([cell]);
        let mut text = Vec::new();
        Fields::of(&cells.columns()[0], unit).write(0, &mut text);
        String::from_utf8(text).unwrap()
    }

    fn head(kind: Kind) -> Head {
        Head {
            name: "name".to_owned(),
            kind,
            unit: Unit::One,
            meaning: String::new(),
            source: None,
        }
    }

    /// By the writer of the crate `csv`.
    fn expected(rows: &[Vec<String>]) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn texts_are_quoted_as_another_writer_quotes_them(rows in proptest::collection::vec(("[a\",\n\r; é]{0,5}", "[a\",\n\r; é]{0,5}"), 0..9)) {
            let mut one = Cells::new([Kind::Text]);
            let mut two = Cells::new([Kind::Text, Kind::Text]);
            for (a, b) in &rows {
                let [first, second] = [a, b].map(|text| Cell::Text(text.clone().into()));
                one.push([first.clone()]);
                two.push([first, second]);
            }
            let heads = [head(Kind::Text), head(Kind::Text)];
            let disarmed = |text: &String| if text.starts_with('\r') { format!("'{text}") } else { text.clone() };
            let [single, both]: [Vec<Vec<String>>; 2] = [
                rows.iter().map(|(a, _)| vec![disarmed(a)]).collect(),
                rows.iter().map(|(a, b)| vec![disarmed(a), disarmed(b)]).collect(),
            ];
            prop_assert_eq!(lines(heads[..1].iter(), &one), expected(&single));
            prop_assert_eq!(lines(heads.iter(), &two), expected(&both));
        }
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
