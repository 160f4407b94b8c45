//! The lines before each block: `Interval=`, `ExcelDateTime=`, `ChannelTitle=`, …, their cells separated by tabs.

use super::decimal::Decimal;
use crate::error::{Error, ErrorCode, Result};

/// The keys, in the order in which LabChart writes them; only the first begins a block.
pub(super) const KEYS: &[&str] = &[
    "Interval=",
    "ExcelDateTime=",
    "TimeFormat=",
    "DateFormat=",
    "ChannelTitle=",
    "Range=",
    "UnitName=",
    "TopValue=",
    "BottomValue=",
];
/// The last day that a serial number of Excel can mean, 9999-12-31. Source: Microsoft, Excel specifications and limits.
const LAST_SERIAL: f64 = 2_958_466.0;
/// How the time column counts.
const FROM_BLOCK_START: &str = "startofblock";
/// What stands where a field has no value.
const NOTHING: &str = "*";

/// One header.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// The line of `Interval=`.
    pub line: u64,
    /// Between two samples, in s.
    pub interval: Option<f64>,
    /// When the block began, in days since 1899-12-30.
    pub serial: Option<f64>,
    pub time_format: Option<String>,
    pub titles: Vec<String>,
    pub ranges: Vec<String>,
    pub units: Vec<String>,
    pub tops: Vec<Option<f64>>,
    pub bottoms: Vec<Option<f64>>,
}

/// The key with which a line begins, and the cells after it.
pub(super) fn fields(line: &str) -> Option<(&'static str, Vec<&str>)> {
    let key = KEYS.iter().find(|key| line.starts_with(**key))?;
    let rest = line.get(key.len()..).unwrap_or_default();
    let rest = rest.strip_prefix('\t').unwrap_or(rest);
    let mut cells: Vec<&str> = rest.split('\t').map(str::trim).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    Some((key, cells))
}

impl Header {
    /// Takes one line.
    pub fn take(
        &mut self,
        key: &str,
        cells: &[&str],
        line: u64,
        decimal: &mut Decimal,
    ) -> Result<()> {
        let first = cells.first().copied().unwrap_or_default();
        let texts = || cells.iter().map(|cell| (*cell).to_owned()).collect();
        match key {
            "Interval=" => self.interval = Some(interval(first, line, decimal)?),
            "ExcelDateTime=" if !first.is_empty() => {
                let serial = decimal
                    .number(first, line)?
                    .filter(|serial| (0.0..LAST_SERIAL).contains(serial));
                self.serial = Some(serial.ok_or_else(|| {
                    Error::new(
                        ErrorCode::BadHeader,
                        format!("\"{first}\" is no date of Excel"),
                    )
                    .at(format!("line {line}, ExcelDateTime="))
                    .advice("expected days since 1899-12-30; export the file again")
                })?);
            }
            "TimeFormat=" => self.time_format = Some(first.to_owned()),
            "ChannelTitle=" => self.titles = texts(),
            "Range=" => self.ranges = texts(),
            "UnitName=" => self.units = texts(),
            "TopValue=" => self.tops = limits(cells, line, decimal)?,
            "BottomValue=" => self.bottoms = limits(cells, line, decimal)?,
            _ => {}
        }
        Ok(())
    }

    /// How many columns of samples there are.
    pub fn columns(&self) -> usize {
        self.titles.len().max(self.ranges.len())
    }

    /// The title of a column, or its number where it has none.
    pub fn title(&self, column: usize) -> String {
        match self.titles.get(column) {
            Some(title) if !title.is_empty() => title.clone(),
            _ => format!("Channel {}", column + 1),
        }
    }

    /// The unit of a column: that of the conversion, else that of the range, in which LabChart writes what it does not convert.
    pub fn unit(&self, column: usize) -> Option<&str> {
        let named = self
            .units
            .get(column)
            .map(String::as_str)
            .filter(|unit| !unit.is_empty() && *unit != NOTHING);
        named.or_else(|| {
            let (_, unit) = self.ranges.get(column)?.rsplit_once(char::is_whitespace)?;
            Some(unit).filter(|unit| !unit.is_empty())
        })
    }

    /// The values at the bottom and the top of the range, where both are stated.
    pub fn rails(&self, column: usize) -> Option<(f64, f64)> {
        let bottom = self.bottoms.get(column).copied().flatten()?;
        let top = self.tops.get(column).copied().flatten()?;
        (bottom < top).then_some((bottom, top))
    }

    /// Whether times count from the beginning of their block.
    pub fn counts_from_block_start(&self) -> bool {
        self.time_format
            .as_deref()
            .is_some_and(|format| format.eq_ignore_ascii_case(FROM_BLOCK_START))
    }
}

fn limits(cells: &[&str], line: u64, decimal: &mut Decimal) -> Result<Vec<Option<f64>>> {
    cells
        .iter()
        .map(|cell| {
            if *cell == NOTHING || cell.is_empty() {
                Ok(None)
            } else {
                decimal.number(cell, line)
            }
        })
        .collect()
}

/// `0.0001 s`.
fn interval(text: &str, line: u64, decimal: &mut Decimal) -> Result<f64> {
    let fault = |what: String| {
        Error::new(ErrorCode::UnknownRate, what)
            .at(format!("line {line}, Interval="))
            .advice("expected a number and its unit, such as `0.0001 s`")
    };
    let (digits, unit) = text
        .trim()
        .split_once(char::is_whitespace)
        .ok_or_else(|| fault(format!("\"{text}\" is no time with a unit")))?;
    let exponent = match unit.trim() {
        "s" | "sec" => 0,
        "ms" | "msec" => -3,
        "us" | "µs" | "μs" => -6,
        "min" => {
            return Err(fault(
                "an interval of minutes is no recording of responses".to_owned(),
            ));
        }
        other => return Err(fault(format!("\"{other}\" is no known unit of time"))),
    };
    decimal
        .scaled(digits, exponent, line)?
        .filter(|interval| *interval > 0.0)
        .ok_or_else(|| fault(format!("\"{digits}\" is no time between two samples")))
}
