//! Lines before the table that are neither comments nor rows: `Sampling rate: 20 kHz`, `Muscle = APB`, `Unit,mV`.
//!
//! Rate, unit, muscle, nerve and side are understood; all else is kept as a note, unless it names a person.

use super::notes::Notes;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::millivolts_per;
use crate::formats::text::{self, number};
use crate::recording::{Mark, Side};
use crate::units::Seconds;
use std::collections::BTreeSet;

/// More lines before a table are none of this kind. Heuristic: the length of a long page.
const MAX_LINES: usize = 100;
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Words of keys that name a person. Their values are not copied.
const PERSONAL: &[&str] = &[
    "name", "patient", "birth", "dob", "address", "phone", "ssn", "mrn",
];

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub number: u64,
    pub key: &'a str,
    pub value: &'a str,
}

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Rate,
    Unit,
    Muscle,
    Nerve,
    Side,
}

fn about(key: &str) -> Option<About> {
    let (name, _) = name_and_unit(key);
    let name: String = name.to_lowercase().replace(['_', '-'], " ");
    Some(
        match name
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .as_str()
        {
            "rate" | "rate hz" | "fs" | "sampling rate" | "sample rate" | "sampling frequency"
            | "sample frequency" | "sampling rate hz" | "sample rate hz" => About::Rate,
            "unit" | "units" => About::Unit,
            "muscle" => About::Muscle,
            "nerve" => About::Nerve,
            "side" => About::Side,
            _ => return None,
        },
    )
}

/// `Sampling rate (kHz)` without its unit, and the unit.
fn name_and_unit(key: &str) -> (&str, Option<&str>) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((name, unit)) = key
            .strip_suffix(close)
            .and_then(|inner| inner.rsplit_once(open))
        {
            return (name.trim(), Some(unit.trim()));
        }
    }
    (key, None)
}

/// Splits such lines from a table that begins after `lines_before` lines: the lines, the table, and how many lines stand before it.
pub(super) fn split(table: &str, lines_before: u64) -> (Vec<Line<'_>>, &str, u64) {
    let untouched = (Vec::new(), table, lines_before);
    let mut found = Vec::new();
    let mut rest = table;
    let mut count = lines_before;
    // Where the table begins and what stands before it, after the last line of the kind.
    while found.len() < MAX_LINES {
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        if line.is_empty() {
            return untouched;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() && !found.is_empty() {
            rest = after;
            count += 1;
            continue;
        }
        let Some((key, value)) = key_and_value(trimmed, after) else {
            break;
        };
        count += 1;
        found.push(Line {
            number: count,
            key,
            value,
        });
        rest = after;
    }
    if found.is_empty() || rest.trim().is_empty() {
        return untouched;
    }
    (found, rest, count)
}

fn key_and_value<'a>(line: &'a str, after: &str) -> Option<(&'a str, &'a str)> {
    if !line.starts_with(|first: char| first.is_alphabetic()) {
        return None;
    }
    // The line right above the numbers names the columns.
    let next = after.lines().map(str::trim).find(|line| !line.is_empty())?;
    if is_numeric(next) {
        return None;
    }
    let sign = line.find([':', '=']);
    let delimiter = line.find([',', ';', '\t', '|']);
    if let Some(at) = sign
        && delimiter.is_none_or(|delimiter| at < delimiter)
    {
        let (key, value) = line.split_at_checked(at)?;
        let value = value
            .get(1..)?
            .trim()
            .trim_end_matches([',', ';', '\t', '|']);
        return Some((key.trim(), value.trim()));
    }
    let at = delimiter?;
    let (key, value) = line.split_at_checked(at)?;
    let value = value.trim_matches([',', ';', '\t', '|', ' ']);
    let key = key.trim();
    // A row of the layout `long` may begin with a text.
    let next_key = next.split([',', ';', '\t', '|', ':', '=']).next()?;
    let has_number = DELIMITERS.iter().any(|&delimiter| {
        text::cells(next, delimiter)
            .any(|cell| number(cell, false).is_some() || number(cell, true).is_some())
    });
    if has_number && about(next_key.trim()).is_none() {
        return None;
    }
    // Two names may also be a header; a key that is understood is none.
    (about(key).is_some() && !value.contains([';', '\t', '|']) && cells_of_numbers(value))
        .then_some((key, value))
}

/// Whether the value is one cell: a comma is left only within a number.
fn cells_of_numbers(value: &str) -> bool {
    !value.contains(',')
        || number(value.split_whitespace().next().unwrap_or_default(), true).is_some()
}

fn is_numeric(line: &str) -> bool {
    let is_number = |cell: &str| {
        cell.is_empty() || number(cell, false).is_some() || number(cell, true).is_some()
    };
    DELIMITERS.iter().any(|&delimiter| {
        let mut cells = text::cells(line, delimiter);
        cells
            .next()
            .is_some_and(|first| !first.is_empty() && is_number(first))
    })
}

/// Adds what the lines say to the notes of the file. What comments say already must not be said anew.
pub(super) fn understand(lines: &[Line], notes: &mut Notes) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut is_personal = false;
    for line in lines {
        let Some(about) = about(line.key) else {
            let key = line.key.to_lowercase();
            if PERSONAL.iter().any(|word| key.contains(word)) || key == "id" {
                is_personal |= !line.value.is_empty();
            } else {
                notes.marks.push(Mark {
                    time: Seconds(0.0),
                    duration: None,
                    text: format!("above the table: {}: {}", line.key, line.value),
                    channel: None,
                });
            }
            continue;
        };
        let mapping = &mut notes.mapping;
        let stated = match about {
            About::Rate => mapping.rate_hz.is_some(),
            About::Unit => mapping.unit.is_some(),
            About::Muscle => mapping.muscle.is_some(),
            About::Nerve => mapping.nerve.is_some(),
            About::Side => mapping.side.is_some(),
        };
        if stated || !seen.insert(about) {
            return Err(fault(line, "is stated twice"));
        }
        match about {
            About::Rate => mapping.rate_hz = Some(rate(line)?),
            About::Unit => {
                if millivolts_per(line.value).is_none() {
                    return Err(Error::new(
                        ErrorCode::UnknownUnit,
                        format!("\"{}\" is no known unit of a voltage", line.value),
                    )
                    .at(format!("line {}", line.number))
                    .advice("use V, mV or uV; a unit of one column stands in its name, as in `temperature [degC]`"));
                }
                mapping.unit = Some(line.value.to_owned());
            }
            About::Muscle => mapping.muscle = filled(line)?,
            About::Nerve => mapping.nerve = filled(line)?,
            About::Side => {
                mapping.side = Some(match line.value.to_lowercase().as_str() {
                    "l" | "left" => Side::Left,
                    "r" | "right" => Side::Right,
                    _ => return Err(fault(line, "is neither left nor right")),
                });
            }
        }
    }
    if is_personal {
        notes.findings.push(Finding::new(
            FindingCode::SubjectWithheld,
            "lines above the table",
        ));
    }
    Ok(())
}

fn filled(line: &Line) -> Result<Option<String>> {
    if line.value.is_empty() {
        return Err(fault(line, "is empty"));
    }
    Ok(Some(line.value.to_owned()))
}

/// `20000`, `20 kHz`, or a number under `Sampling rate (kHz)`.
fn rate(line: &Line) -> Result<f64> {
    let (digits, unit) = match line.value.find(|letter: char| letter.is_alphabetic()) {
        Some(at) => line.value.split_at_checked(at).unwrap_or((line.value, "")),
        None => (line.value, ""),
    };
    let named = name_and_unit(line.key).1;
    let unit = match (unit.trim(), named) {
        ("", named) => named.unwrap_or_default(),
        (unit, None) => unit,
        (unit, Some(named)) if unit.eq_ignore_ascii_case(named) => unit,
        _ => return Err(fault(line, "has two units")),
    };
    let exponent = match unit.to_lowercase().as_str() {
        "hz" | "1/s" | "/s" => 0,
        "" if line.key.to_lowercase().ends_with("hz") => 0,
        "khz" => 3,
        "" => {
            return Err(Error::new(
                ErrorCode::UnknownRate,
                format!("\"{}\" states no unit", line.key),
            )
            .at(format!("line {}", line.number))
            .advice("write `Sampling rate: 20000 Hz`"));
        }
        _ => return Err(fault(line, "is in no known unit; use Hz or kHz")),
    };
    let digits = digits.trim();
    // A comma and three digits may be thousands or decimals.
    let is_ambiguous = digits
        .split_once([',', '.'])
        .is_some_and(|(_, after)| exponent == 0 && after.len() == 3);
    let value = number(&format!("{digits}e{exponent}"), true);
    match value {
        Some(value) if value > 0.0 && !is_ambiguous => Ok(value),
        _ => Err(Error::new(
            ErrorCode::UnknownRate,
            format!("\"{}\" is no plain number", line.value),
        )
        .at(format!("line {}", line.number))
        .advice("write `Sampling rate: 20000 Hz`, without a sign between thousands")),
    }
}

fn fault(line: &Line, what: &str) -> Error {
    Error::new(ErrorCode::BadHeader, format!("\"{}\" {what}", line.key))
        .at(format!("line {}", line.number))
        .advice("correct the line above the table, or state it in a mapping and remove the line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_above_the_table_are_split_from_it() {
        let (lines, table, before) = split(
            "Sampling rate: 20 kHz\nMuscle = APB\nUnit,mV,,\n\ntime,a\n0,1\n",
            2,
        );
        let pairs: Vec<_> = lines
            .iter()
            .map(|line| (line.number, line.key, line.value))
            .collect();
        assert_eq!(
            pairs,
            [
                (3, "Sampling rate", "20 kHz"),
                (4, "Muscle", "APB"),
                (5, "Unit", "mV")
            ]
        );
        assert_eq!((table, before), ("time,a\n0,1\n", 6));
    }

    #[test]
    fn the_line_above_the_numbers_is_the_header() {
        for table in [
            "time: s,APB: mV\n0,1\n",
            "time,APB\n0,1\n",
            "muscle,value\nAPB,1.5\n",
            "1,2\n",
        ] {
            assert_eq!(split(table, 0), (Vec::new(), table, 0), "{table}");
        }
    }
}
