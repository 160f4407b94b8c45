//! The header of a record (WFDB header(5)): record line, signal lines or segment lines, comments.

use super::samples::Coding;
use super::signal_line::{Signal, fields, format_field, signal};
use crate::error::{Error, ErrorCode, Result};

/// The header of one record.
#[derive(Debug)]
pub(super) struct Header {
    /// File name of the header, for messages.
    pub(super) file: String,
    /// Frames per second; `None` if not stated.
    pub(super) frame_rate: Option<f64>,
    /// Number of frames; `None` if not stated or 0.
    pub(super) frames: Option<u64>,
    /// `2026-03-01T09:30:00`, where date and time are stated.
    pub(super) started: Option<String>,
    /// Empty for a record of several segments.
    pub(super) signals: Vec<Signal>,
    /// Empty for a record of one segment.
    pub(super) parts: Vec<Part>,
    /// Without the `#`.
    pub(super) comments: Vec<String>,
}

/// One segment line.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// `~` for a gap.
    pub(super) name: String,
    pub(super) frames: u64,
}

/// The file name of a signal or the name of a segment that has no samples.
pub(super) const NULL: &str = "~";
/// Whether the text begins as a header does: a record line and the first line after it.
pub(super) fn looks_like_header(text: &str) -> bool {
    let mut lines = content_lines(text).map(|(_, line)| line);
    let (Some(record), Some(next)) = (lines.next(), lines.next()) else {
        return false;
    };
    let mut fields = record.split_whitespace();
    let Some((name, segments)) = fields.next().and_then(record_name) else {
        return false;
    };
    let counts = fields
        .next()
        .is_some_and(|count| count.parse::<u32>().is_ok_and(|count| count > 0));
    if name.is_empty() || !counts {
        return false;
    }
    let next: Vec<_> = next.split_whitespace().collect();
    let (Some(first), Some(second)) = (next.first(), next.get(1)) else {
        return false;
    };
    if segments.is_some() {
        return next.len() == 2 && second.parse::<u64>().is_ok();
    }
    // A table of numbers has a number where a signal line has the name of a file.
    first.parse::<f64>().is_err()
        && format_field(second).is_some_and(|format| {
            format.number == 0
                || Coding::of(format.number).is_some()
                || Coding::compressed(format.number).is_some()
        })
}

fn content_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// `name` or `name/segments`.
fn record_name(field: &str) -> Option<(&str, Option<usize>)> {
    let (name, segments) = match field.split_once('/') {
        Some((name, count)) => (name, Some(count.parse().ok()?)),
        None => (field, None),
    };
    name.chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        .then_some((name, segments))
}

impl Header {
    /// Reads the header of the file of that name.
    pub(super) fn parse(text: &str, file: &str) -> Result<Self> {
        let mut lines = content_lines(text);
        let (number, record) = lines.next().ok_or_else(|| {
            Error::new(ErrorCode::Truncated, "no record line").at(format!("WFDB header {file}"))
        })?;
        let place = format!("WFDB header {file}, line {number} (record line)");
        let bad = |message: String| Error::new(ErrorCode::BadHeader, message).at(place.as_str());
        let (found, rest) = fields(record, 4);
        let field = |index: usize| found.get(index).copied().unwrap_or_default();
        let (_, segments) = record_name(field(0)).ok_or_else(|| {
            bad(format!(
                "record name \"{}\"; letters, digits, _ and - are expected",
                field(0)
            ))
        })?;
        let count: usize = field(1).parse().map_err(|_| {
            bad(format!(
                "number of signals \"{}\"; a whole number is expected",
                field(1)
            ))
        })?;
        let frame_rate = match field(2).split(['/', '(']).next().unwrap_or_default() {
            "" => None,
            text => Some(
                text.parse::<f64>()
                    .ok()
                    .filter(|rate| rate.is_finite() && *rate > 0.0)
                    .ok_or_else(|| {
                        bad(format!(
                            "sampling frequency \"{text}\"; a number above 0 is expected"
                        ))
                    })?,
            ),
        };
        let frames = match field(3) {
            "" => None,
            text => Some(text.parse::<u64>().map_err(|_| {
                bad(format!(
                    "number of samples \"{text}\"; a whole number is expected"
                ))
            })?)
            .filter(|&frames| frames > 0),
        };
        let mut header = Self {
            file: file.to_owned(),
            frame_rate,
            frames,
            started: started(rest),
            signals: Vec::new(),
            parts: Vec::new(),
            comments: text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix('#'))
                .map(|comment| comment.trim().to_owned())
                .collect(),
        };
        for (number, line) in lines {
            if segments.is_some() {
                header
                    .parts
                    .push(part(line, &format!("WFDB header {file}, line {number}"))?);
            } else {
                let index = header.signals.len();
                let place = format!("WFDB header {file}, line {number} (signal {index})");
                header.signals.push(signal(line, place, index)?);
            }
        }
        let (expected, found, what) = match segments {
            Some(segments) => (segments, header.parts.len(), "segment"),
            None => (count, header.signals.len(), "signal"),
        };
        if expected != found {
            let code = if found < expected {
                ErrorCode::Truncated
            } else {
                ErrorCode::BadHeader
            };
            return Err(Error::new(
                code,
                format!("the record line says {expected} {what}s, {found} {what} lines follow"),
            )
            .at(place));
        }
        if expected == 0 {
            return Err(
                Error::new(ErrorCode::NothingToAnalyze, "a record without signals").at(place),
            );
        }
        Ok(header)
    }
}

fn part(line: &str, place: &str) -> Result<Part> {
    let (found, rest) = fields(line, 2);
    let (Some(&name), Some(&frames), "") = (found.first(), found.get(1), rest) else {
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!("\"{line}\"; the name of a segment and its number of samples are expected"),
        )
        .at(place));
    };
    let frames = frames.parse().map_err(|_| {
        Error::new(
            ErrorCode::BadHeader,
            format!("number of samples \"{frames}\"; a whole number is expected"),
        )
        .at(place)
    })?;
    Ok(Part {
        name: name.to_owned(),
        frames,
    })
}

/// `8:26:04.5 26/10/1994` as `1994-10-26T08:26:04.5`. A time without a date says nothing about the day and is left out.
fn started(text: &str) -> Option<String> {
    let mut fields = text.split_whitespace();
    let (time, date) = (fields.next()?, fields.next()?);
    let mut date = date.split('/').map(str::parse::<i16>);
    let (day, month, year) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let date = jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    // SS, MM:SS or HH:MM:SS
    let mut parts = time.rsplit(':');
    let last = parts.next()?;
    let (whole, fraction) = last.split_once('.').unwrap_or((last, ""));
    let second: i8 = whole.parse().ok()?;
    let minute: i8 = parts.next().map_or(Ok(0), str::parse).ok()?;
    let hour: i8 = parts.next().map_or(Ok(0), str::parse).ok()?;
    jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    if parts.next().is_some() || !fraction.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!(
        "{date}T{hour:02}:{minute:02}:{second:02}{point}{fraction}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_signal_line_is_read() {
        let header = Header::parse(
            "# before\r\nrec 1 1000/500(12) 77 8:26:04.50 26/10/1994\r\nrec.dat 212x4:3+24 -2.5e1(-1600)/uV 12 5 168 -2716 0 EMG  left ADM\r\n# after",
            "rec.hea",
        )
        .unwrap();
        assert_eq!(header.frame_rate, Some(1000.0));
        assert_eq!(header.frames, Some(77));
        assert_eq!(header.started.as_deref(), Some("1994-10-26T08:26:04.5"));
        assert_eq!(header.comments, ["before", "after"]);
        let signal = &header.signals[0];
        assert_eq!(
            (
                signal.format,
                signal.per_frame,
                signal.skew,
                signal.byte_offset
            ),
            (212, 4, 3, 24)
        );
        assert_eq!(
            (signal.gain, signal.baseline, signal.unit.as_str()),
            (Some(-25.0), -1600, "uV")
        );
        assert_eq!((signal.bits, signal.zero), (Some(12), 5));
        assert_eq!((signal.initial, signal.checksum), (Some(168), Some(-2716)));
        assert_eq!(signal.description, "EMG  left ADM");
    }

    #[test]
    fn what_a_signal_line_leaves_out_has_the_value_of_the_specification() {
        let header = Header::parse("rec 1\nrec.dat 16", "rec.hea").unwrap();
        assert_eq!((header.frame_rate, header.frames), (None, None));
        let signal = &header.signals[0];
        assert_eq!((signal.gain, signal.baseline, signal.bits), (None, 0, None));
        let header = Header::parse("rec 1 1 1 30:20\nrec.dat 16 200 12 1024", "rec.hea").unwrap();
        assert_eq!(header.signals[0].baseline, 1024);
        assert_eq!(header.started, None);
    }

    #[test]
    fn a_table_of_numbers_is_no_header() {
        for text in [
            "1 2 3\n4 16 5",
            "a\tb\n1\t2",
            "1 2\n3 16",
            "x 1 100",
            "",
            "# only",
            "time 1\nemg mV",
            "n/2 3\n1 x",
        ] {
            assert!(!looks_like_header(text), "{text:?}");
        }
        assert!(looks_like_header("#\n100 2 360\n100.dat 212 200"));
        assert!(looks_like_header("041s/2 7 125\n041s01 1000"));
    }
}
