//! From bytes to text, and from text to the separator and the decimal sign.

use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use std::borrow::Cow;

/// How much of the beginning is looked at to recognize the file, in bytes. Heuristic: some hundred lines of a usual file.
pub(super) const PROBE_BYTES: usize = 64 << 10;
/// How many lines of data are looked at to find the separator. Heuristic.
const PROBE_LINES: usize = 50;
/// The separators that are looked for.
const DELIMITERS: [u8; 4] = *b",;\t|";
const UTF8_BOM: &[u8] = &[0xEF, 0xBB, 0xBF];
const UTF16_LE_BOM: &[u8] = &[0xFF, 0xFE];
const UTF16_BE_BOM: &[u8] = &[0xFE, 0xFF];

/// How cells are separated and numbers written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delimiter: u8,
    pub decimal_comma: bool,
}

/// The text of a file: UTF-8 with or without byte order mark, UTF-16 with one; else Latin-1, which is said in a finding.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Finding>)> {
    if let Some(rest) = bytes.strip_prefix(UTF16_LE_BOM) {
        return utf16(rest, u16::from_le_bytes).map(|text| (Cow::Owned(text), None));
    }
    if let Some(rest) = bytes.strip_prefix(UTF16_BE_BOM) {
        return utf16(rest, u16::from_be_bytes).map(|text| (Cow::Owned(text), None));
    }
    let bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
    if let Some(place) = bytes.iter().position(|&byte| byte == 0) {
        return Err(
            Error::new(ErrorCode::BadHeader, "a zero byte, so this is no text")
                .at(format!("byte {place}"))
                .advice("save the file as UTF-8 text"),
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cow::Borrowed(text), None)),
        Err(cause) => {
            let place = cause.valid_up_to();
            let text = bytes.iter().map(|&byte| char::from(byte)).collect();
            let finding = Finding::new(
                FindingCode::TextNotUnicode,
                format!("byte {place} is not UTF-8"),
            );
            Ok((Cow::Owned(text), Some(finding)))
        }
    }
}

fn utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Result<String> {
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| {
        join([
            pair.first().copied().unwrap_or(0),
            pair.get(1).copied().unwrap_or(0),
        ])
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for (index, character) in char::decode_utf16(units).enumerate() {
        match character {
            Ok(character) => text.push(character),
            Err(_) => {
                return Err(Error::new(ErrorCode::BadHeader, "half a UTF-16 character")
                    .at(format!("character {index}"))
                    .advice("save the file as UTF-8 text"));
            }
        }
    }
    if odd {
        return Err(Error::new(
            ErrorCode::Truncated,
            "the UTF-16 text ends in the middle of a character",
        )
        .at(format!("byte {}", bytes.len() + 1))
        .advice("copy the file again"));
    }
    Ok(text)
}

/// Splits the comment lines at the top (`# …`) and blank lines from the table: comments with their line numbers from 1, the rest, and
/// how many lines stand before it.
pub(super) fn split_comments(text: &str) -> (Vec<(u64, &str)>, &str, u64) {
    let mut comments = Vec::new();
    let mut rest = text;
    let mut lines = 0;
    loop {
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        let trimmed = line.trim();
        if line.is_empty() || !(trimmed.is_empty() || trimmed.starts_with('#')) {
            return (comments, rest, lines);
        }
        lines += 1;
        if let Some(comment) = trimmed.strip_prefix('#') {
            comments.push((lines, comment.trim()));
        }
        rest = after;
    }
}

/// Finds the separator, unless it is stated.
pub(super) fn dialect(table: &str, lines_before: u64, mapping: &Mapping) -> Result<Dialect> {
    let decimal_comma = mapping.text.decimal_comma;
    if let Some(stated) = mapping.text.delimiter {
        let delimiter = u8::try_from(stated)
            .ok()
            .filter(u8::is_ascii)
            .filter(|&byte| byte != b'"' && byte != b'\n' && byte != b'\r');
        let delimiter = delimiter.ok_or_else(|| {
            Error::new(
                ErrorCode::BadMapping,
                format!("{stated:?} cannot separate columns"),
            )
            .at("text.delimiter")
            .advice("use one of , ; tab |")
        })?;
        if decimal_comma && delimiter == b',' {
            return Err(Error::new(
                ErrorCode::BadMapping,
                "a comma is stated to be both the separator and the decimal sign",
            )
            .at("text.delimiter")
            .advice("state the separator that the file uses"));
        }
        return Ok(Dialect {
            delimiter,
            decimal_comma,
        });
    }
    let lines: Vec<_> = probe_lines(table);
    let present: Vec<u8> = DELIMITERS
        .into_iter()
        .filter(|&byte| !(byte == b',' && decimal_comma))
        .filter(|&byte| {
            lines
                .iter()
                .any(|line| unquoted(line).any(|found| found == byte))
        })
        .collect();
    match present.as_slice() {
        [] => {
            return Ok(Dialect {
                delimiter: if decimal_comma { b';' } else { b',' },
                decimal_comma,
            });
        }
        [only] => {
            return Ok(Dialect {
                delimiter: *only,
                decimal_comma,
            });
        }
        _ => {}
    }
    // The first line may be a header, whose texts may hold anything.
    let data = if lines.len() > 1 {
        lines.get(1..).unwrap_or_default()
    } else {
        lines.as_slice()
    };
    let fitting: Vec<u8> = present
        .iter()
        .copied()
        .filter(|&delimiter| data.iter().all(|line| fits(line, delimiter)))
        .collect();
    let ambiguous = |what: String| {
        Error::new(ErrorCode::BadHeader, what)
            .at(format!("from line {}", lines_before + 1))
            .advice("state text.delimiter (and text.decimal_comma) in a mapping, or `# delimiter = ;` at the top")
    };
    let [delimiter] = fitting.as_slice() else {
        let found: Vec<_> = present
            .iter()
            .map(|&byte| format!("{:?}", char::from(byte)))
            .collect();
        return Err(ambiguous(format!(
            "the separator cannot be told: {} occur",
            found.join(" and ")
        )));
    };
    let commas = || {
        data.iter()
            .flat_map(|line| cells(line, *delimiter))
            .filter(|cell| cell.contains(','))
    };
    let found_commas = *delimiter != b',' && commas().next().is_some();
    if found_commas && !decimal_comma && commas().all(could_be_thousands) {
        return Err(ambiguous(
            "numbers such as 1,234 can be read in two ways".to_owned(),
        ));
    }
    Ok(Dialect {
        delimiter: *delimiter,
        decimal_comma: decimal_comma || found_commas,
    })
}

/// The first lines that are not blank; a line that the probe cuts off is left out unless it is the only one.
pub(super) fn probe_lines(table: &str) -> Vec<&str> {
    let mut end = table.len().min(PROBE_BYTES);
    while !table.is_char_boundary(end) {
        end -= 1;
    }
    let probe = table.get(..end).unwrap_or_default();
    let whole = if end < table.len() {
        probe.rfind('\n').map_or(end, |at| at + 1)
    } else {
        end
    };
    probe
        .get(..whole)
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(PROBE_LINES)
        .collect()
}

fn unquoted(line: &str) -> impl Iterator<Item = u8> + '_ {
    let mut quoted = false;
    line.bytes().filter(move |&byte| {
        if byte == b'"' {
            quoted = !quoted;
        }
        !quoted
    })
}

/// The cells of a line, good enough to look at them.
pub(super) fn cells(line: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |character| {
        if character == '"' {
            quoted = !quoted;
        }
        !quoted && character == char::from(delimiter)
    })
    .map(str::trim)
}

/// Whether a line of data makes sense with this separator: another one may stand in it only inside quotes or as a decimal comma.
fn fits(line: &str, delimiter: u8) -> bool {
    cells(line, delimiter).all(|cell| {
        let others = DELIMITERS
            .iter()
            .filter(|&&other| other != delimiter && cell.bytes().any(|byte| byte == other));
        cell.starts_with('"')
            || others
                .copied()
                .all(|other| other == b',' && number(cell, true).is_some())
    })
}

fn could_be_thousands(cell: &str) -> bool {
    let mut groups = cell.trim_start_matches(['+', '-']).split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    // Groups of three digits are how thousands are set apart.
    (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3 && digits(group))
}

/// A finite number, or nothing.
pub(super) fn number(cell: &str, decimal_comma: bool) -> Option<f64> {
    let plain = if decimal_comma && cell.contains(',') {
        if cell.contains('.') {
            return None;
        }
        Cow::Owned(cell.replace(',', "."))
    } else {
        Cow::Borrowed(cell)
    };
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// One unit of the last digit that is printed: 0.01 for `1.25`.
pub(super) fn last_digit(cell: &str, decimal_comma: bool) -> f64 {
    let (mantissa, exponent) = cell.split_once(['e', 'E']).unwrap_or((cell, "0"));
    let sign = if decimal_comma { ',' } else { '.' };
    let decimals = mantissa
        .split_once(sign)
        .map_or(0, |(_, digits)| digits.len());
    let exponent = exponent.parse::<i32>().unwrap_or(0).clamp(-400, 400);
    10f64.powi(exponent.saturating_sub(i32::try_from(decimals).unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(table: &str) -> Result<(char, bool)> {
        dialect(table, 0, &Mapping::default())
            .map(|dialect| (char::from(dialect.delimiter), dialect.decimal_comma))
    }

    #[test]
    fn separators_are_found_from_the_data() {
        assert_eq!(found("a,b\n1.5,2\n").unwrap(), (',', false));
        assert_eq!(found("a;b\n1,5;2\n").unwrap(), (';', true));
        assert_eq!(found("a\tb, mV\n1,5\t2,25\n").unwrap(), ('\t', true));
        assert_eq!(found("1|2\n").unwrap(), ('|', false));
        assert_eq!(found("t,mark\n1,\"a;b\"\n").unwrap(), (',', false));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_asked_for() {
        for table in ["a;b\n1,234;5,678\n", "a;b,c\n1;2,x\n"] {
            let error = found(table).unwrap_err();
            assert!(error.to_string().contains("text.delimiter"), "{error}");
        }
        assert_eq!(found("a;b\n0,125;5,678\n").unwrap(), (';', true));
    }

    #[test]
    fn the_last_printed_digit_is_known() {
        assert_eq!(last_digit("1.25", false), 0.01);
        assert_eq!(last_digit("12", false), 1.0);
        assert_eq!(last_digit("3.125e-1", false), 1e-4);
        assert_eq!(last_digit("1,5", true), 0.1);
    }

    #[test]
    fn latin_1_is_read_and_said() {
        let (text, finding) = decode(b"t,\xb5V").unwrap();
        assert_eq!(text, "t,\u{b5}V");
        assert_eq!(finding.unwrap().code, FindingCode::TextNotUnicode);
    }

    #[test]
    fn utf_16_needs_whole_characters() {
        assert_eq!(decode(b"\xff\xfea\0,\0").unwrap().0, "a,");
        assert_eq!(decode(b"\xfe\xff\0a\0,").unwrap().0, "a,");
        assert_eq!(
            decode(b"\xff\xfea\0,").unwrap_err().code(),
            ErrorCode::Truncated
        );
    }
}
