//! CSV and TSV: recordings as text, in three layouts. Documented for those who write such files in `docs/formats/csv.md`.
//!
//! Nothing is guessed: what the file does not state (rate, unit, layout) stands in comments at its top or in a mapping.

mod axis;
mod channels;
mod describe;
mod groups;
mod header;
mod long;
mod notes;
mod preamble;
mod rows;
mod sweeps;
mod write;

use super::mapping::{TextLayout, refuse_restated};
use super::stated::text_marks;
use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::{labels, text};
use crate::recording::{Channel, Clock, Mark, Origin, Recording};
use crate::source::Source;
use notes::{ChannelNotes, EmptySegment};
use std::collections::BTreeMap;

/// The card.
pub static CSV: Format = Format {
    id: "csv",
    name: "CSV or TSV text",
    extensions: &["csv", "tsv", "txt"],
    specification: Source {
        citation: "Shafranovich Y. Common Format and MIME Type for Comma-Separated Values (CSV) Files. RFC 4180, IETF 2005",
        link: "https://www.rfc-editor.org/rfc/rfc4180",
        place: "section 2; the layouts of recordings are endplate's own",
    },
    refines: &[],
    claims,
    read,
    write: Some(write::write),
    parts: None,
};

/// What reading gathers.
struct Parts {
    own: bool,
    mapping: Mapping,
    channel_notes: BTreeMap<usize, ChannelNotes>,
    empty_segments: Vec<EmptySegment>,
    channels: Vec<Channel>,
    marks: Vec<Mark>,
    findings: Vec<Finding>,
    clock: Clock,
}

/// How many lines must look like numbers, in parts of those looked at. Heuristic: a file with a few odd cells is still read, and its
/// error names them.
const NUMERIC_SHARE: f64 = 0.5;

/// Whether the bytes are text whose lines are mostly delimited numbers.
fn claims(input: &Input) -> bool {
    let bytes = input.head();
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    // An even number of bytes, so that UTF-16 is not cut inside a character.
    let probe = bytes
        .get(..bytes.len().min(text::PROBE_BYTES + 2))
        .unwrap_or_default();
    let binary = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // EDF and BDF begin with their version in eight characters, and their headers are text without line ends.
    let polygraph = bytes.starts_with(b"0       ") || bytes.starts_with(b"\xffBIOSEMI");
    if polygraph || (!utf16 && probe.iter().any(binary)) {
        return false;
    }
    let Ok((text, _)) = text::decode(probe) else {
        return false;
    };
    let (comments, table, _) = text::split_comments(&text);
    if comments.iter().any(|(_, comment)| {
        notes::key_and_value(comment).is_some_and(|(key, _)| key == notes::OWN_KEY)
    }) {
        return true;
    }
    let (_, table, _) = preamble::split(table, 0);
    let lines = text::probe_lines(table);
    if lines
        .first()
        .is_none_or(|line| line.trim_start().starts_with(['{', '[', '<', '|']))
    {
        return false;
    }
    let data = if lines.len() > 1 {
        lines.get(1..).unwrap_or_default()
    } else {
        lines.as_slice()
    };
    let numeric = data
        .iter()
        .filter(|line| {
            b",;\t|"
                .iter()
                .any(|&delimiter| is_numeric(line, delimiter))
        })
        .count();
    numeric > 0 && numeric as f64 >= NUMERIC_SHARE * data.len() as f64
}

/// Whether at least half of the cells that hold something are numbers.
fn is_numeric(line: &str, delimiter: u8) -> bool {
    let (mut filled, mut numbers) = (0usize, 0usize);
    for cell in text::cells(line, delimiter).filter(|cell| !cell.is_empty()) {
        filled += 1;
        numbers +=
            usize::from(text::number(cell, false).is_some() || text::number(cell, true).is_some());
    }
    numbers > 0 && 2 * numbers >= filled
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    from_bytes(input.bytes()?, mapping)
}

fn from_bytes(bytes: &[u8], stated: &Mapping) -> Result<Recording> {
    let (text, not_unicode) = text::decode(bytes)?;
    let (comments, table, lines_before) = text::split_comments(&text);
    let mut notes = notes::read(&comments)?;
    let (table, lines_before) = if notes.own {
        (table, lines_before)
    } else {
        let (above, table, lines_before) = preamble::split(table, lines_before);
        preamble::understand(&above, &mut notes)?;
        (table, lines_before)
    };
    let mapping = if notes.own {
        // What endplate wrote says everything; the mapping may add anatomy at the end.
        let mut own = notes.mapping;
        own.text.delimiter = Some(',');
        own.text.decimal_comma = false;
        own
    } else {
        notes::merged(stated, notes.mapping)
    };
    let dialect = text::dialect(table, lines_before, &mapping)?;
    let mut rows = rows::Rows::new(table, lines_before, dialect)?;
    let mut parts = Parts {
        own: notes.own,
        mapping,
        channel_notes: notes.channels,
        empty_segments: notes.empty_segments,
        channels: Vec::new(),
        marks: notes.marks,
        findings: notes.findings,
        clock: notes.clock,
    };
    match layout(&rows, &parts)? {
        TextLayout::Channels => channels::read(&mut rows, &mut parts)?,
        TextLayout::Sweeps => sweeps::read(&mut rows, &mut parts)?,
        TextLayout::Long => long::read(&mut rows, &mut parts)?,
    }
    for stated in &stated.marks {
        parts.marks.extend(text_marks(stated)?);
    }
    if parts.own {
        for channel in &mut parts.channels {
            refuse_restated(stated, &channel.label, true, true)?;
            stated.describe(channel);
        }
    }
    if let Some(mark) = parts.marks.iter().find(|mark| {
        mark.channel
            .is_some_and(|channel| channel >= parts.channels.len())
    }) {
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!(
                "the mark \"{}\" names a channel that does not exist",
                mark.text
            ),
        )
        .at("comment `mark`")
        .advice("channels count from 1"));
    }
    if !parts.own {
        parts.findings.extend(not_unicode);
        notice(&mut parts);
    }
    parts.marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels: parts.channels,
        marks: parts.marks,
        origin: Origin {
            format: CSV.id.to_owned(),
            started: notes.started,
            device: notes.device,
            clock: parts.clock,
            ..Origin::default()
        },
        subject: notes.subject,
        corrections: Vec::new(),
        findings: parts.findings,
    })
}

fn layout(rows: &rows::Rows, parts: &Parts) -> Result<TextLayout> {
    if let Some(stated) = parts.mapping.text.layout {
        return Ok(stated);
    }
    if long::looks_long(rows) {
        return Ok(TextLayout::Long);
    }
    let has_texts = rows.header().is_some_and(|names| {
        names
            .iter()
            .any(|name| !matches!(name.kind(), header::Kind::Time))
    });
    if has_texts {
        return Ok(TextLayout::Channels);
    }
    Err(Error::new(ErrorCode::BadMapping, "no header says what the columns are")
        .at(format!("a table with {} columns", rows.columns()))
        .advice("state text.layout (channels, sweeps or long) in a mapping or `# layout = channels` at the top"))
}

/// What can be noticed about any text file.
fn notice(parts: &mut Parts) {
    let voltages = || parts.channels.iter().filter(|channel| channel.is_voltage());
    if voltages().any(|channel| channel.calibration.rails.is_none()) {
        parts.findings.push(Finding::new(
            FindingCode::RailsUnknown,
            "text holds no limits of the converter",
        ));
    }
    let gaps: usize = parts
        .channels
        .iter()
        .map(|channel| channel.segments.len().saturating_sub(1))
        .max()
        .unwrap_or(0);
    if gaps > 0 && parts.clock == Clock::True && parts.mapping.sweep_rate_hz.is_none() {
        parts.findings.push(Finding::new(
            FindingCode::GapInRecording,
            format!("{gaps} gaps"),
        ));
    }
    parts.findings.extend(labels::repeated(&parts.channels));
}
