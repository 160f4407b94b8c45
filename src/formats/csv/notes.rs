//! The comment lines at the top, `# key = value`: what the file says about itself.

use super::channels::MAX_CHANNELS;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::formats::mapping::{TextLayout, TextMapping};
use crate::recording::{Clock, Mark, Role, Side, Subject};
use crate::units::Seconds;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The key that says that endplate wrote the file, and its version.
pub(super) const OWN_KEY: &str = "endplate_csv";
/// The only version there is.
pub(super) const OWN_VERSION: i64 = 1;
/// Longer comments are not looked at: a value of this kind is short, and parsing one costs many times its length.
const MAX_COMMENT_BYTES: usize = 64 << 10;

/// All that the comments say.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Whether endplate wrote the file: then the columns are in its own order and nothing is noticed anew.
    pub own: bool,
    /// What could also stand in a mapping.
    pub mapping: Mapping,
    /// By channel, from 0.
    pub channels: BTreeMap<usize, ChannelNotes>,
    pub marks: Vec<Mark>,
    pub findings: Vec<Finding>,
    pub empty_segments: Vec<EmptySegment>,
    pub started: Option<String>,
    pub device: Option<String>,
    pub clock: Clock,
    pub subject: Subject,
}

/// What comments say about one channel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ChannelNotes {
    pub label: Option<String>,
    pub role: Option<Role>,
    pub rate_hz: Option<f64>,
    pub unit: Option<String>,
    pub stored: Option<Stored>,
    pub gain: Option<f64>,
    pub offset: Option<f64>,
    pub gain_mv: Option<f64>,
    pub offset_mv: Option<f64>,
    pub millivolts_per_unit: Option<f64>,
    pub voltage: Option<bool>,
    pub rails: Option<(f64, f64)>,
    pub start_s: Option<f64>,
    pub muscle: Option<String>,
    pub nerve: Option<String>,
    pub side: Option<Side>,
    pub prefilter: Option<String>,
    pub transducer: Option<String>,
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// The type in which a channel was stored before it became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    I16,
    I32,
    F32,
    F64,
}

/// A segment without samples, which no row can show.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmptySegment {
    /// From 1.
    pub channel: usize,
    /// From 1.
    pub segment: usize,
    pub start_s: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkNote {
    time_s: f64,
    duration_s: Option<f64>,
    text: String,
    channel: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingNote {
    code: String,
    #[serde(default)]
    detail: String,
    channel: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct General {
    rate_hz: Option<f64>,
    unit: Option<String>,
    muscle: Option<String>,
    nerve: Option<String>,
    side: Option<Side>,
    stimulus_ms: Option<f64>,
    sweep_rate_hz: Option<f64>,
    layout: Option<TextLayout>,
    delimiter: Option<char>,
    decimal_comma: bool,
    time_column: Option<String>,
    time_unit: Option<String>,
    value_column: Option<String>,
    sweep_column: Option<String>,
    channel_column: Option<String>,
    stimulus_column: Option<String>,
    first_row_is_per_sweep: bool,
    per_sweep_unit: Option<String>,
    started: Option<String>,
    device: Option<String>,
    clock: Option<ClockNote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockNote {
    True,
    OrderOnly,
    Stated,
}

/// Reads the comments. Free text among them is left alone.
pub(super) fn read(comments: &[(u64, &str)]) -> Result<Notes> {
    let mut notes = Notes::default();
    let mut general = Table::new();
    let mut subject = Table::new();
    let mut channels: BTreeMap<usize, Table> = BTreeMap::new();
    for &(line, comment) in comments {
        let Some((key, value)) = key_and_value(comment) else {
            continue;
        };
        let twice = |known: bool| {
            if known {
                Err(fault(line, format!("\"{key}\" is stated twice")))
            } else {
                Ok(())
            }
        };
        match key {
            OWN_KEY => {
                if value != Value::Integer(OWN_VERSION) {
                    return Err(fault(
                        line,
                        format!("version {value} of this layout is not known"),
                    ));
                }
                notes.own = true;
            }
            "mark" => {
                let mark: MarkNote = typed(value, line)?;
                notes.marks.push(Mark {
                    time: Seconds(finite(mark.time_s, line)?),
                    duration: mark
                        .duration_s
                        .map(|length| finite(length, line).map(Seconds))
                        .transpose()?,
                    text: mark.text,
                    channel: mark.channel.map(|number| index(number, line)).transpose()?,
                });
            }
            "finding" => {
                let note: FindingNote = typed(value, line)?;
                let code = FindingCode::ALL
                    .iter()
                    .find(|code| code.as_str() == note.code);
                let code = *code
                    .ok_or_else(|| fault(line, format!("\"{}\" is no known finding", note.code)))?;
                let finding = Finding::new(code, note.detail);
                match note.channel {
                    None => notes.findings.push(finding),
                    Some(number) => notes
                        .channels
                        .entry(index(number, line)?)
                        .or_default()
                        .findings
                        .push(finding),
                }
            }
            "empty_segment" => notes.empty_segments.push(typed(value, line)?),
            _ => {
                if let Some(rest) = key.strip_prefix("channel.") {
                    let (number, field) = rest
                        .split_once('.')
                        .ok_or_else(|| fault(line, format!("\"{key}\" lacks its field")))?;
                    let number = number.parse().map_err(|_| {
                        fault(line, format!("\"{number}\" is no number of a channel"))
                    })?;
                    let table = channels.entry(index(number, line)?).or_default();
                    let value = fitting::<ChannelNotes>(field, value, line)?;
                    twice(table.insert(field.to_owned(), value).is_some())?;
                } else if let Some(field) = key.strip_prefix("subject.") {
                    let value = fitting::<Subject>(field, value, line)?;
                    twice(subject.insert(field.to_owned(), value).is_some())?;
                } else {
                    let value = fitting::<General>(key, value, line)?;
                    twice(general.insert(key.to_owned(), value).is_some())?;
                }
            }
        }
    }
    for (index, table) in channels {
        let findings = notes
            .channels
            .remove(&index)
            .map(|channel| channel.findings)
            .unwrap_or_default();
        let mut channel: ChannelNotes = typed(Value::Table(table), 1)?;
        channel.findings = findings;
        notes.channels.insert(index, channel);
    }
    notes.subject = typed(Value::Table(subject), 1)?;
    let general: General = typed(Value::Table(general), 1)?;
    notes.clock = match general.clock {
        Some(ClockNote::OrderOnly) => Clock::OrderOnly,
        Some(ClockNote::Stated) => Clock::Stated,
        Some(ClockNote::True) | None => Clock::True,
    };
    notes.started = general.started.clone();
    notes.device = general.device.clone();
    notes.mapping = mapping(general);
    Ok(notes)
}

fn mapping(general: General) -> Mapping {
    Mapping {
        rate_hz: general.rate_hz,
        unit: general.unit,
        muscle: general.muscle,
        nerve: general.nerve,
        side: general.side,
        stimulus_ms: general.stimulus_ms,
        sweep_rate_hz: general.sweep_rate_hz,
        digital_output: None,
        text: TextMapping {
            layout: general.layout,
            delimiter: general.delimiter,
            decimal_comma: general.decimal_comma,
            time_column: general.time_column,
            time_unit: general.time_unit,
            value_column: general.value_column,
            sweep_column: general.sweep_column,
            channel_column: general.channel_column,
            stimulus_column: general.stimulus_column,
            first_row_is_per_sweep: general.first_row_is_per_sweep,
            per_sweep_unit: general.per_sweep_unit,
        },
        ..Mapping::default()
    }
}

/// What the comments say with what the mapping adds: the file goes before the fields at the top of a mapping, which serve what it leaves
/// open; the layout of the text goes by the mapping first.
pub(super) fn merged(stated: &Mapping, said: Mapping) -> Mapping {
    let top = stated.clone();
    let (text, said_text) = (top.text, said.text);
    Mapping {
        format: top.format,
        rate_hz: said.rate_hz.or(top.rate_hz),
        unit: said.unit.or(top.unit),
        muscle: said.muscle.or(top.muscle),
        nerve: said.nerve.or(top.nerve),
        side: said.side.or(top.side),
        stimulus_ms: said.stimulus_ms.or(top.stimulus_ms),
        sweep_rate_hz: said.sweep_rate_hz.or(top.sweep_rate_hz),
        digital_output: top.digital_output,
        text: TextMapping {
            layout: text.layout.or(said_text.layout),
            delimiter: text.delimiter.or(said_text.delimiter),
            decimal_comma: text.decimal_comma || said_text.decimal_comma,
            time_column: text.time_column.or(said_text.time_column),
            time_unit: text.time_unit.or(said_text.time_unit),
            value_column: text.value_column.or(said_text.value_column),
            sweep_column: text.sweep_column.or(said_text.sweep_column),
            channel_column: text.channel_column.or(said_text.channel_column),
            stimulus_column: text.stimulus_column.or(said_text.stimulus_column),
            first_row_is_per_sweep: text.first_row_is_per_sweep || said_text.first_row_is_per_sweep,
            per_sweep_unit: text.per_sweep_unit.or(said_text.per_sweep_unit),
        },
        channels: top.channels,
        marks: top.marks,
        recorded: top.recorded,
        subject: top.subject,
        trains: top.trains,
        corrections: top.corrections,
        exercises: top.exercises,
    }
}

/// The parts of `key = value`; a value that is no TOML is a text, so that `unit = mV` needs no quotes.
pub(super) fn key_and_value(comment: &str) -> Option<(&str, Value)> {
    if comment.len() > MAX_COMMENT_BYTES {
        return None;
    }
    let (key, value) = comment.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if !is_key {
        return None;
    }
    let parsed = toml::from_str::<Table>(&format!("value = {value}"))
        .ok()
        .and_then(|mut table| table.remove("value"));
    Some((
        key,
        match parsed {
            Some(Value::Datetime(date)) => Value::String(date.to_string()),
            Some(parsed) => parsed,
            None => Value::String(value.to_owned()),
        },
    ))
}

fn typed<T: DeserializeOwned>(value: Value, line: u64) -> Result<T> {
    value
        .try_into()
        .map_err(|cause: toml::de::Error| fault(line, cause.message().to_owned()))
}

/// The value if the field takes it, or its text if the field takes that: `muscle = 3` needs no quotes. Each field is tried alone, so
/// that a message names its line.
fn fitting<T: DeserializeOwned>(field: &str, value: Value, line: u64) -> Result<Value> {
    let alone = |value: &Value| Value::Table(Table::from_iter([(field.to_owned(), value.clone())]));
    let refused = match typed::<T>(alone(&value), line) {
        Ok(_) => return Ok(value),
        Err(refused) => refused,
    };
    let text = Value::String(value.to_string());
    if !value.is_str() && typed::<T>(alone(&text), line).is_ok() {
        return Ok(text);
    }
    Err(refused)
}

fn finite(value: f64, line: u64) -> Result<f64> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(fault(line, format!("{value} is no time")))
    }
}

fn index(number: usize, line: u64) -> Result<usize> {
    number
        .checked_sub(1)
        .filter(|&index| index < MAX_CHANNELS)
        .ok_or_else(|| {
            fault(
                line,
                format!("{number} is no number of a channel; they count from 1 to {MAX_CHANNELS}"),
            )
        })
}

fn fault(line: u64, what: String) -> Error {
    Error::new(ErrorCode::BadHeader, what)
        .at(format!("comment in line {line}"))
        .advice("the keys are listed in docs/formats/csv.md")
}
