//! The table of a file, row by row, with the place of each cell.

use super::header::ColumnName;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::text::{Dialect, last_digit, number};

/// Columns beyond this are refused before they are split: no recording has them, and each costs memory. Heuristic.
pub(super) const MAX_COLUMNS: usize = 100_000;
/// How much of an odd cell is quoted in a message.
const QUOTED_CHARACTERS: usize = 40;

/// The rows after the header.
pub(super) struct Rows<'a> {
    table: &'a str,
    reader: csv::Reader<&'a [u8]>,
    record: csv::ByteRecord,
    lines_before: u64,
    line: u64,
    held: bool,
    dialect: Dialect,
    names: Vec<String>,
    header: Option<Vec<ColumnName>>,
    columns: usize,
}

impl<'a> Rows<'a> {
    /// Splits the header off, if there is one: a first row in which not every cell is a number.
    pub fn new(table: &'a str, lines_before: u64, dialect: Dialect) -> Result<Self> {
        for (index, line) in table.split('\n').enumerate() {
            if line
                .bytes()
                .filter(|&byte| byte == dialect.delimiter)
                .count()
                >= MAX_COLUMNS
            {
                return Err(too_wide(lines_before + index as u64 + 1));
            }
        }
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(table.as_bytes());
        let mut rows = Self {
            table,
            reader,
            record: csv::ByteRecord::new(),
            lines_before,
            line: 0,
            held: false,
            dialect,
            names: Vec::new(),
            header: None,
            columns: 0,
        };
        if !rows.read()? {
            return Err(Error::new(
                ErrorCode::NothingToAnalyze,
                "there is no table: the file is empty or holds only comments",
            )
            .at(format!("line {}", lines_before + 1))
            .advice("check the export"));
        }
        rows.columns = rows.record.len();
        let all_numbers = rows.record.iter().all(|cell| {
            cell_text(cell).is_empty() || number(cell_text(cell), dialect.decimal_comma).is_some()
        });
        if all_numbers {
            rows.held = true;
        } else {
            rows.names = rows
                .record
                .iter()
                .map(|cell| cell_text(cell).to_owned())
                .collect();
            rows.header = Some(
                rows.names
                    .iter()
                    .map(|name| ColumnName::parse(name))
                    .collect(),
            );
        }
        Ok(rows)
    }

    /// The names of the columns, if the file has a header.
    pub fn header(&self) -> Option<&[ColumnName]> {
        self.header.as_deref()
    }

    /// The header's cells as they are written; empty without a header.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many columns each row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The line of the row that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Goes to the next row; false at the end. A row of another length is an error.
    pub fn next(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.held) {
            return Ok(true);
        }
        if !self.read()? {
            return Ok(false);
        }
        if self.record.len() != self.columns {
            return Err(Error::new(
                ErrorCode::Truncated,
                format!(
                    "{} cells where the rows before have {}",
                    self.record.len(),
                    self.columns
                ),
            )
            .at(format!("line {}", self.line))
            .advice("the file was cut off or edited here: export it again, or remove the line"));
        }
        Ok(true)
    }

    fn read(&mut self) -> Result<bool> {
        loop {
            let more = self
                .reader
                .read_byte_record(&mut self.record)
                .map_err(|cause| {
                    Error::new(ErrorCode::BadHeader, cause.to_string())
                        .at(format!("after line {}", self.line))
                })?;
            if !more {
                return Ok(false);
            }
            // The reader gives the place before the blank lines that it skips.
            let (byte, line) = self
                .record
                .position()
                .map_or((0, 1), |position| (position.byte(), position.line()));
            let rest = self
                .table
                .as_bytes()
                .get(usize::try_from(byte).unwrap_or(usize::MAX)..)
                .unwrap_or_default();
            let blank = rest.iter().take_while(|&&byte| byte == b'\n').count();
            self.line = self.lines_before + line + blank as u64;
            if self.record.len() > MAX_COLUMNS {
                return Err(too_wide(self.line));
            }
            let is_blank = self.record.len() == 1 && self.columns != 1 && self.text(0).is_empty();
            if !is_blank {
                return Ok(true);
            }
        }
    }

    /// The text of a cell without outer spaces.
    pub fn text(&self, column: usize) -> &str {
        self.record.get(column).map_or("", cell_text)
    }

    /// The number in a cell; `None` if it is empty.
    pub fn number(&self, column: usize) -> Result<Option<f64>> {
        let cell = self.text(column);
        if cell.is_empty() {
            return Ok(None);
        }
        number(cell, self.dialect.decimal_comma)
            .map(Some)
            .ok_or_else(|| {
                let shown: String = cell.chars().take(QUOTED_CHARACTERS).collect();
                let advice = if cell.eq_ignore_ascii_case("nan") {
                    "leave the cell empty where there is no sample"
                } else if cell.contains(' ') {
                    "columns are separated by , ; tab or |, not by spaces"
                } else if cell.contains(',') {
                    "if it is a decimal comma, state text.decimal_comma = true in a mapping"
                } else {
                    "correct the cell, or list only the columns with numbers in a mapping"
                };
                self.fault(
                    column,
                    ErrorCode::BadHeader,
                    format!("\"{shown}\" is not a finite number"),
                )
                .advice(advice)
            })
    }

    /// The number in a cell that may not be empty.
    pub fn required(&self, column: usize) -> Result<f64> {
        self.number(column)?.ok_or_else(|| {
            self.fault(column, ErrorCode::BadHeader, "the cell is empty".to_owned())
                .advice("each row needs this number")
        })
    }

    /// One unit of the last printed digit of a cell.
    pub fn last_digit(&self, column: usize) -> f64 {
        last_digit(self.text(column), self.dialect.decimal_comma)
    }

    /// A failure at a cell of this row.
    pub fn fault(&self, column: usize, code: ErrorCode, what: String) -> Error {
        Error::new(code, what).at(format!("line {}, {}", self.line, self.column(column)))
    }

    /// How a column is called in a message.
    pub fn column(&self, column: usize) -> String {
        match self.names.get(column).filter(|name| !name.is_empty()) {
            Some(name) => format!("column {} \"{name}\"", column + 1),
            None => format!("column {}", column + 1),
        }
    }

    /// The column of that name (with or without its unit) or number from 1.
    pub fn find(&self, wanted: &str, field: &str) -> Result<usize> {
        let wanted = wanted.trim();
        let whole: Vec<usize> = self.positions(|index, name| {
            self.names.get(index).is_some_and(|cell| cell == wanted) || name.name == wanted
        });
        if let [only] = whole.as_slice() {
            return Ok(*only);
        }
        if whole.is_empty()
            && let Some(index) = wanted
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1))
                .filter(|&index| index < self.columns)
        {
            return Ok(index);
        }
        let found = if self.names.is_empty() {
            format!("the file has no header and {} columns", self.columns)
        } else {
            let shown: Vec<_> = self
                .names
                .iter()
                .take(QUOTED_CHARACTERS)
                .map(String::as_str)
                .collect();
            format!("the columns are {}", shown.join(", "))
        };
        let what = if whole.len() > 1 {
            "stands above several columns"
        } else {
            "is no column"
        };
        Err(Error::new(
            ErrorCode::BadMapping,
            format!("\"{wanted}\" {what}; {found}"),
        )
        .at(field.to_owned())
        .advice("use the name or the number (from 1) of a column"))
    }

    /// The columns whose name fulfills a condition.
    pub fn positions(&self, fits: impl Fn(usize, &ColumnName) -> bool) -> Vec<usize> {
        self.header()
            .unwrap_or_default()
            .iter()
            .enumerate()
            .filter(|(index, name)| fits(*index, name))
            .map(|(index, _)| index)
            .collect()
    }
}

fn cell_text(cell: &[u8]) -> &str {
    std::str::from_utf8(cell).unwrap_or_default().trim()
}

fn too_wide(line: u64) -> Error {
    Error::new(
        ErrorCode::TooLarge,
        format!("more than {MAX_COLUMNS} columns"),
    )
    .at(format!("line {line}"))
    .advice("write samples below each other, or use HDF5")
}
