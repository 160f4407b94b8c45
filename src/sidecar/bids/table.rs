//! A table as BIDS writes it (common principles, "Tabular files"): UTF-8, tabs, a header, `n/a` for what is missing.

use super::place::Sidecar;
use crate::error::{Error, ErrorCode, Result};
use csv::StringRecord;

/// More columns are refused. Heuristic: BIDS names about twenty.
const MAX_COLUMNS: usize = 256;
/// More rows are refused. Heuristic: a stimulus every second for five days.
const MAX_ROWS: usize = 500_000;
/// The byte order mark that some programs write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The whole table.
#[derive(Debug)]
pub(super) struct Table {
    /// The name of the file, for messages.
    pub(super) name: String,
    columns: StringRecord,
    rows: Vec<StringRecord>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    cells: &'a StringRecord,
}

/// The text of a file, which must be UTF-8; a byte order mark is left out.
pub(super) fn text(sidecar: &Sidecar) -> Result<&str> {
    let bytes = sidecar.bytes.as_slice();
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|cause| {
        let before = bytes.get(..cause.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        Error::new(
            ErrorCode::BadMapping,
            "a byte that is no UTF-8; BIDS allows no other encoding",
        )
        .at(format!("{}, line {line}", sidecar.name))
        .advice("save the file as UTF-8")
    })
}

impl Table {
    /// Reads a table; every row must have as many cells as the header.
    pub(super) fn parse(sidecar: &Sidecar) -> Result<Self> {
        let name = &sidecar.name;
        let fault = |line: u64, message: String| {
            Error::new(ErrorCode::BadMapping, message).at(format!("{name}, line {line}"))
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b'\t')
            .has_headers(false)
            .flexible(true)
            .from_reader(text(sidecar)?.as_bytes());
        let mut columns: Option<StringRecord> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            // The text is valid UTF-8 and rows may have any length, so that nothing is left to go wrong; if it does, it is told.
            let record = record.map_err(|cause| fault(1, cause.to_string()))?;
            let line = record.position().map_or(1, csv::Position::line);
            let Some(columns) = &columns else {
                if record.len() > MAX_COLUMNS {
                    let message =
                        format!("{} columns; at most {MAX_COLUMNS} are read", record.len());
                    return Err(fault(line, message));
                }
                columns = Some(record);
                continue;
            };
            if record.len() != columns.len() {
                let message = format!(
                    "{} cells, but the header has {}",
                    record.len(),
                    columns.len()
                );
                return Err(fault(line, message).advice(
                    "separate the cells by single tabs and write n/a for what is missing",
                ));
            }
            if rows.len() == MAX_ROWS {
                return Err(
                    Error::new(ErrorCode::TooLarge, format!("more than {MAX_ROWS} rows"))
                        .at(format!("{name}, line {line}"))
                        .advice("split the recording, or move the file away"),
                );
            }
            rows.push(record);
        }
        let Some(columns) = columns else {
            return Err(fault(1, "the file is empty".to_owned())
                .advice("write the header and the rows, or remove the file"));
        };
        let twice = columns.iter().enumerate().find(|(index, column)| {
            !column.trim().is_empty()
                && columns
                    .iter()
                    .take(*index)
                    .any(|earlier| same_name(earlier, column))
        });
        if let Some((_, column)) = twice {
            return Err(fault(1, format!("two columns \"{}\"", column.trim()))
                .advice("name each column once"));
        }
        Ok(Self {
            name: name.clone(),
            columns,
            rows,
        })
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(str::trim)
    }

    /// The number of a column from 0.
    fn column(&self, name: &str) -> Option<usize> {
        self.columns().position(|column| same_name(column, name))
    }

    /// That the table has a column without which it says nothing.
    pub(super) fn require(&self, name: &str) -> Result<()> {
        if self.column(name).is_some() {
            return Ok(());
        }
        let found: Vec<_> = self
            .columns()
            .map(|column| format!("\"{column}\""))
            .collect();
        Err(Error::new(
            ErrorCode::BadMapping,
            format!("no column \"{name}\"; the header has {}", found.join(", ")),
        )
        .at(format!("{}, line 1", self.name))
        .advice("name the column as BIDS does and separate the columns by tabs"))
    }
}

impl<'a> Row<'a> {
    /// The text in the column; `None` where there is no such column, or nothing in it.
    pub(super) fn text(&self, column: &str) -> Option<&'a str> {
        let text = self.cells.get(self.table.column(column)?)?.trim();
        (!is_missing(text)).then_some(text)
    }

    /// The finite number in the column.
    pub(super) fn number(&self, column: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self
                .fault(column, format!("\"{text}\" is no number"))
                .advice("write a number with a decimal point, or n/a")),
        }
    }

    /// The line of the file, from 1.
    pub(super) fn line(&self) -> u64 {
        self.cells.position().map_or(1, csv::Position::line)
    }

    /// A fault in one cell.
    pub(super) fn fault(&self, column: &str, message: String) -> Error {
        Error::new(ErrorCode::BadMapping, message).at(format!(
            "{}, line {}, column \"{column}\"",
            self.table.name,
            self.line()
        ))
    }
}

/// What BIDS writes for nothing.
pub(super) fn is_missing(text: &str) -> bool {
    text.is_empty() || text.eq_ignore_ascii_case("n/a")
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<Table> {
        Table::parse(&Sidecar::named("a_events.tsv", bytes))
    }

    #[test]
    fn a_byte_order_mark_and_line_ends_of_windows_do_not_matter() {
        let table = parsed(b"\xEF\xBB\xBFonset\tduration\r\n0.5\tn/a\r\n").unwrap();
        let row = table.rows().next().unwrap();
        assert_eq!(row.number("onset").unwrap(), Some(0.5));
        assert_eq!(row.number("duration").unwrap(), None);
        assert_eq!(row.text("trial_type"), None);
    }

    #[test]
    fn a_fault_names_file_line_and_column() {
        let message = |bytes: &[u8]| parsed(bytes).unwrap_err().to_string();
        assert!(
            message(b"onset\tduration\n1\n")
                .starts_with("a_events.tsv, line 2: 1 cells, but the header has 2"),
        );
        assert!(message(b"onset\n\n1\n\xFF\n").starts_with("a_events.tsv, line 4: a byte"));
        assert!(message(b"").contains("empty"));
        assert!(message(b"onset\tOnset\n").contains("two columns \"Onset\""));
        let table = parsed(b"onset\n1,5\n").unwrap();
        let error = table.rows().next().unwrap().number("onset").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("a_events.tsv, line 2, column \"onset\": \"1,5\" is no number"),
            "{error}"
        );
        let error = table.require("duration").unwrap_err().to_string();
        assert!(
            error.contains("no column \"duration\"; the header has \"onset\""),
            "{error}"
        );
    }

    #[test]
    fn a_quote_that_never_ends_is_a_row_of_the_wrong_length() {
        let error = parsed(b"onset\ttrial_type\n1\tstimulus\n\"2\tstimulus\n").unwrap_err();
        assert!(error.to_string().contains("line 3"), "{error}");
    }

    #[test]
    fn no_file_of_short_rows_takes_more_than_a_bound() {
        let error = parsed("1\n".repeat(MAX_ROWS + 2).as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TooLarge);
    }

    #[test]
    fn no_file_of_tabs_takes_more_columns_than_a_reader_names() {
        let error = parsed("\t".repeat(MAX_COLUMNS).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("257 columns"), "{error}");
    }
}
