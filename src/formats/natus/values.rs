//! Values in a row: which sign separates them, and which one stands before the decimals?
//!
//! Every way to read them is tried. One that gives the stated number of values must remain; the others are refused.

use super::sections::CONTINUED;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::TextMapping;
use crate::formats::text::number;

/// One way to read values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// A space stands for any white space.
    separator: char,
    decimal_comma: bool,
}

/// All ways there are.
const READINGS: [Reading; 6] = [
    reading(';', false),
    reading(';', true),
    reading(',', false),
    reading(',', true),
    reading(' ', false),
    reading(' ', true),
];

const fn reading(separator: char, decimal_comma: bool) -> Reading {
    Reading {
        separator,
        decimal_comma,
    }
}

/// Values, and the readings that give them.
#[derive(Debug, PartialEq)]
pub(super) struct Values {
    pub values: Vec<f64>,
    pub readings: Vec<Reading>,
}

/// Reads values of which `count` are stated.
pub(super) fn read(
    text: &str,
    count: Option<usize>,
    stated: &TextMapping,
    line: u64,
) -> Result<Values> {
    if text.is_empty() && count.unwrap_or(0) == 0 {
        return Ok(Values {
            values: Vec::new(),
            readings: READINGS.to_vec(),
        });
    }
    let allowed = READINGS.into_iter().filter(|reading| {
        let separator = match stated.delimiter {
            Some('\t') => Some(' '),
            other => other,
        };
        (!stated.decimal_comma || reading.decimal_comma)
            && separator.is_none_or(|separator| separator == reading.separator)
    });
    let mut found: Option<Values> = None;
    let mut other_counts: Vec<usize> = Vec::new();
    for reading in allowed {
        for broken_inside in [false, true] {
            let Some(values) = reading.values(text, broken_inside) else {
                continue;
            };
            if count.is_some_and(|count| count != values.len()) {
                other_counts.push(values.len());
                continue;
            }
            match &mut found {
                None => {
                    found = Some(Values {
                        values,
                        readings: Vec::from([reading]),
                    });
                }
                Some(found) if found.values == values => {
                    if !found.readings.contains(&reading) {
                        found.readings.push(reading);
                    }
                }
                Some(_) => return Err(ambiguous(line)),
            }
        }
    }
    found.ok_or_else(|| match (count, other_counts.iter().max()) {
        (Some(count), Some(most)) => Error::new(
            ErrorCode::Truncated,
            format!("{count} values are stated, but {most} found"),
        )
        .at(format!("line {line}"))
        .advice("export the file again; nothing is left out or filled in"),
        _ => Error::new(ErrorCode::BadHeader, "the values cannot be read as numbers")
            .at(format!("line {line}"))
            .advice("expected numbers separated by commas or semicolons; state text.delimiter and text.decimal_comma in a mapping"),
    })
}

fn ambiguous(line: u64) -> Error {
    Error::new(
        ErrorCode::BadHeader,
        "the values can be read in two ways: a comma may separate them or stand before their decimals",
    )
    .at(format!("line {line}"))
    .advice("state text.delimiter (and text.decimal_comma) in a mapping")
}

/// Fails if no reading fits all values of a file.
pub(super) fn agree(known: &mut Option<Vec<Reading>>, new: &[Reading], line: u64) -> Result<()> {
    let shared: Vec<Reading> = match known {
        None => new.to_vec(),
        Some(known) => known
            .iter()
            .copied()
            .filter(|reading| new.contains(reading))
            .collect(),
    };
    if shared.is_empty() {
        return Err(Error::new(
            ErrorCode::BadHeader,
            "the values are written in another way than those before",
        )
        .at(format!("line {line}"))
        .advice(
            "state text.delimiter (and text.decimal_comma) in a mapping, or export the file again",
        ));
    }
    *known = Some(shared);
    Ok(())
}

impl Reading {
    /// The values, if the text can be read so. A line may be broken between two values or, `broken_inside`, within one.
    fn values(self, text: &str, broken_inside: bool) -> Option<Vec<f64>> {
        let joined = self.joined(text, broken_inside);
        if self.separator == ' ' {
            return joined
                .split_whitespace()
                .map(|piece| self.number(piece))
                .collect();
        }
        let whole = joined.trim();
        let whole = whole.strip_suffix(self.separator).unwrap_or(whole);
        let pieces = whole.split(self.separator).map(str::trim);
        if !(self.separator == ',' && self.decimal_comma) {
            return pieces.map(|piece| self.number(piece)).collect();
        }
        let mut values = Vec::new();
        let mut pieces = pieces;
        while let Some(before) = pieces.next() {
            let after = pieces.next()?;
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if !digits(before.trim_start_matches(['+', '-'])) || !digits(after) {
                return None;
            }
            values.push(number(&format!("{before}.{after}"), false)?);
        }
        Some(values)
    }

    fn number(self, piece: &str) -> Option<f64> {
        // A point under a decimal comma would be read as one all the same.
        if self.decimal_comma && piece.contains('.') {
            return None;
        }
        number(piece, self.decimal_comma)
    }

    fn joined(self, text: &str, broken_inside: bool) -> String {
        let mut whole = String::with_capacity(text.len());
        for part in text.split(CONTINUED).map(str::trim) {
            let is_separated = whole.is_empty()
                || part.is_empty()
                || whole.ends_with([',', ';'])
                || part.starts_with([',', ';']);
            if !is_separated && !broken_inside {
                whole.push(self.separator);
            }
            whole.push_str(part);
        }
        whole
    }
}

/// A single number, with a decimal point or comma: nothing else can be meant by either.
pub(super) fn single(text: &str) -> Option<f64> {
    plain_number(text)?
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

/// A number in kHz as Hz, exact in decimals.
pub(super) fn kilohertz(text: &str) -> Option<f64> {
    let digits = plain_number(text)?;
    format!("{digits}e3")
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite() && *value > 0.0)
}

fn plain_number(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.,".contains(&byte))
        && text
            .bytes()
            .filter(|byte| matches!(byte, b'.' | b','))
            .count()
            <= 1;
    is_plain.then(|| text.replace(',', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, count: Option<usize>) -> Result<Vec<f64>> {
        read(text, count, &TextMapping::default(), 1).map(|found| found.values)
    }

    #[test]
    fn the_stated_number_tells_what_a_comma_is() {
        assert_eq!(values("1,5,2,25", Some(2)).unwrap(), [1.5, 2.25]);
        assert_eq!(values("1,5,2,25", Some(4)).unwrap(), [1.0, 5.0, 2.0, 25.0]);
        assert_eq!(values("1,5;-2,25", Some(2)).unwrap(), [1.5, -2.25]);
        assert_eq!(values("1.5;2.25;", Some(2)).unwrap(), [1.5, 2.25]);
        assert_eq!(values("-0,5 2,25", Some(2)).unwrap(), [-0.5, 2.25]);
        assert_eq!(values("0.5, -2.25", Some(2)).unwrap(), [0.5, -2.25]);
        assert_eq!(values("", Some(0)).unwrap(), [0.0; 0]);
    }

    #[test]
    fn without_a_number_what_can_be_read_in_two_ways_is_refused() {
        let error = values("1,5,2,25", None).unwrap_err();
        assert!(error.to_string().contains("text.decimal_comma"), "{error}");
        let stated = TextMapping {
            decimal_comma: true,
            ..TextMapping::default()
        };
        assert_eq!(
            read("1,5,2,25", None, &stated, 1).unwrap().values,
            [1.5, 2.25]
        );
        assert_eq!(values("1.5,2", None).unwrap(), [1.5, 2.0]);
    }

    #[test]
    fn a_line_goes_on_between_two_values_or_within_one() {
        assert_eq!(values("1.5/2.5", Some(2)).unwrap(), [1.5, 2.5]);
        assert_eq!(values("1.5,/2.5", Some(2)).unwrap(), [1.5, 2.5]);
        assert_eq!(values("1.5/2,2.5", Some(2)).unwrap(), [1.52, 2.5]);
        assert!(values("1.5/2", None).is_err());
    }

    #[test]
    fn a_value_too_few_or_too_many_is_refused() {
        let error = values("1.5;2.5", Some(3)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Truncated);
        assert!(error.to_string().contains("3 values"), "{error}");
        assert!(values("1.5;x", Some(2)).is_err());
    }

    #[test]
    fn kilohertz_are_exact() {
        assert_eq!(kilohertz("19,2"), Some(19200.0));
        assert_eq!(kilohertz("4.8"), Some(4800.0));
        assert_eq!(kilohertz("1.234,5"), None);
        assert_eq!(kilohertz("0"), None);
    }
}
