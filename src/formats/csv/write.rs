//! Writes a recording as text from which the same recording is read again. Before anything is written, it is read back and compared.

use super::channels::MAX_CHANNELS;
use super::rows::MAX_COLUMNS;
use super::{Mapping, from_bytes};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::millivolts_per;
use crate::formats::plausible;
use crate::recording::{Calibration, Channel, Clock, Recording, Samples};
use std::fmt::Write as _;
use std::path::Path;

/// Numbers below and above these sizes are written with an exponent.
const PLAIN_NUMBERS: std::ops::Range<f64> = 1e-5..1e16;

/// Writes the file, or says what would be lost.
pub(super) fn write(recording: &Recording, path: &Path) -> Result<()> {
    plausible::check(recording)?;
    let text = to_text(recording)?;
    let again = from_bytes(text.as_bytes(), &Mapping::default()).map_err(|cause| {
        lost(format!(
            "what was written cannot be read: {}",
            cause.message()
        ))
    })?;
    compare(recording, &again)?;
    std::fs::write(path, text).map_err(|cause| Error::unwritten(path, &cause))
}

fn lost(what: String) -> Error {
    Error::new(ErrorCode::WouldLose, what).advice("write HDF5 instead")
}

fn compare(recording: &Recording, again: &Recording) -> Result<()> {
    for (index, (channel, other)) in recording.channels.iter().zip(&again.channels).enumerate() {
        if channel != other {
            return Err(lost(format!(
                "channel {} \"{}\" would not come back as it is",
                index + 1,
                channel.label
            )));
        }
    }
    let origin = (
        &recording.origin.started,
        &recording.origin.device,
        recording.origin.clock,
    );
    let same = recording.channels.len() == again.channels.len()
        && recording.marks == again.marks
        && recording.subject == again.subject
        && recording.findings == again.findings
        && origin
            == (
                &again.origin.started,
                &again.origin.device,
                again.origin.clock,
            );
    if same {
        Ok(())
    } else {
        Err(lost(
            "marks or descriptions would not come back as they are".to_owned(),
        ))
    }
}

/// The whole file.
pub(super) fn to_text(recording: &Recording) -> Result<String> {
    if recording.channels.len() > MAX_CHANNELS {
        return Err(lost(format!(
            "{} channels; at most {MAX_CHANNELS} fit",
            recording.channels.len()
        )));
    }
    let together = share_rows(&recording.channels);
    let mut text = String::new();
    line(
        &mut text,
        super::notes::OWN_KEY,
        &super::notes::OWN_VERSION.to_string(),
    );
    line(
        &mut text,
        "layout",
        if together { "channels" } else { "long" },
    );
    describe(&mut text, recording);
    if together {
        columns(&mut text, &recording.channels)?;
    } else {
        rows(&mut text, &recording.channels)?;
    }
    Ok(text)
}

/// Whether the channels can share their rows: one segment each, at the same times.
fn share_rows(channels: &[Channel]) -> bool {
    let Some(first) = channels.first() else {
        return true;
    };
    let same = |channel: &Channel| {
        channel.rate == first.rate
            && channel.segments.len() == first.segments.len()
            && channel
                .segments
                .iter()
                .zip(&first.segments)
                .all(|(one, other)| {
                    one.start == other.start && one.samples.len() == other.samples.len()
                })
    };
    // Sweeps and parts between gaps are written below each other, each with its number.
    let continuous = matches!(first.segments.as_slice(), [only] if !only.samples.is_empty());
    continuous && channels.iter().all(same)
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "# {key} = {value}");
}

fn quoted(text: &str) -> String {
    // A JSON string is a TOML string, but for the character DEL.
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

fn describe(text: &mut String, recording: &Recording) {
    let optional = |text: &mut String, key: &str, value: Option<&String>| {
        if let Some(value) = value {
            line(text, key, &quoted(value));
        }
    };
    optional(text, "started", recording.origin.started.as_ref());
    optional(text, "device", recording.origin.device.as_ref());
    if recording.origin.clock != Clock::True {
        line(text, "clock", &quoted(recording.origin.clock.as_str()));
    }
    optional(text, "subject.code", recording.subject.code.as_ref());
    optional(text, "subject.sex", recording.subject.sex.as_ref());
    if let Some(age) = recording.subject.age_years {
        line(text, "subject.age_years", &number(age));
    }
    if let Some(skin) = recording.subject.skin_temperature {
        line(text, "subject.skin_temperature", &number(skin.0));
    }
    for (index, channel) in recording.channels.iter().enumerate() {
        let key = |field: &str| format!("channel.{}.{field}", index + 1);
        line(text, &key("label"), &quoted(&channel.label));
        line(text, &key("role"), &quoted(channel.role.as_str()));
        line(text, &key("rate_hz"), &number(channel.rate.0));
        calibration(text, &channel.calibration, &key);
        line(text, &key("stored"), &quoted(kind(channel)));
        optional(text, &key("muscle"), channel.muscle.as_ref());
        optional(text, &key("nerve"), channel.nerve.as_ref());
        if let Some(side) = channel.side {
            line(text, &key("side"), &quoted(side.as_str()));
        }
        optional(text, &key("prefilter"), channel.prefilter.as_ref());
        optional(text, &key("transducer"), channel.transducer.as_ref());
        for (number, segment) in channel
            .segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| segment.samples.is_empty())
        {
            let value = format!(
                "{{ channel = {}, segment = {}, start_s = {} }}",
                index + 1,
                number + 1,
                float(segment.start.0)
            );
            line(text, "empty_segment", &value);
        }
    }
    let all = recording.findings.iter().map(|finding| (finding, None));
    let own = recording
        .channels
        .iter()
        .enumerate()
        .flat_map(|(index, channel)| {
            channel
                .findings
                .iter()
                .map(move |finding| (finding, Some(index)))
        });
    for (finding, channel) in all.chain(own) {
        let of = channel.map_or_else(String::new, |index| format!(", channel = {}", index + 1));
        line(
            text,
            "finding",
            &format!(
                "{{ code = {}, detail = {}{of} }}",
                quoted(finding.code.as_str()),
                quoted(&finding.detail)
            ),
        );
    }
    for mark in &recording.marks {
        let mut value = format!("{{ time_s = {}", float(mark.time.0));
        if let Some(duration) = mark.duration {
            let _ = write!(value, ", duration_s = {}", float(duration.0));
        }
        let _ = write!(value, ", text = {}", quoted(&mark.text));
        if let Some(channel) = mark.channel {
            let _ = write!(value, ", channel = {}", channel + 1);
        }
        value.push_str(" }");
        line(text, "mark", &value);
    }
}

fn calibration(text: &mut String, calibration: &Calibration, key: &impl Fn(&str) -> String) {
    line(text, &key("unit"), &quoted(&calibration.unit));
    match calibration.millivolts_per_unit {
        None => line(text, &key("voltage"), "false"),
        stated if stated == millivolts_per(&calibration.unit) => {}
        Some(stated) => line(text, &key("millivolts_per_unit"), &number(stated)),
    }
    line(text, &key("gain_mv"), &number(calibration.gain));
    line(text, &key("offset_mv"), &number(calibration.offset));
    if let Some((low, high)) = calibration.rails {
        line(
            text,
            &key("rails"),
            &format!("[{}, {}]", float(low), float(high)),
        );
    }
}

/// The stored type; segments of different types are caught by the comparison.
fn kind(channel: &Channel) -> &'static str {
    channel
        .segments
        .iter()
        .find(|segment| !segment.samples.is_empty())
        .or(channel.segments.first())
        .map_or("f64", |segment| segment.samples.kind())
}

/// A name for the header, without what would break a line or a cell; the exact label stands in the comments.
fn heading(label: &str) -> String {
    label
        .chars()
        .map(|character| {
            if character.is_control() || matches!(character, '"' | ',') {
                ' '
            } else {
                character
            }
        })
        .collect()
}

fn columns(text: &mut String, channels: &[Channel]) -> Result<()> {
    text.push_str("time_s");
    for channel in channels {
        text.push(',');
        text.push_str(&heading(&channel.label));
    }
    text.push('\n');
    let Some(first) = channels.first() else {
        return Ok(());
    };
    for (part, segment) in first.segments.iter().enumerate() {
        let columns = channels
            .iter()
            .map(|channel| {
                let segment = channel.segments.get(part);
                segment.map(|segment| segment.samples.decoded()).transpose()
            })
            .collect::<Result<Vec<_>>>()?;
        for index in 0..segment.samples.len() {
            text.push_str(&number(time(segment.start.0, index, first.rate.0)));
            for (place, samples) in columns.iter().enumerate() {
                text.push(',');
                push_sample(text, samples.as_deref(), index, place)?;
            }
            text.push('\n');
        }
    }
    Ok(())
}

fn rows(text: &mut String, channels: &[Channel]) -> Result<()> {
    text.push_str("channel,segment,time_s,value\n");
    let count: usize = channels.iter().map(|channel| channel.segments.len()).sum();
    if count > MAX_COLUMNS {
        return Err(lost(format!("{count} segments; at most {MAX_COLUMNS} fit")));
    }
    for (place, channel) in channels.iter().enumerate() {
        for (part, segment) in channel.segments.iter().enumerate() {
            let samples = segment.samples.decoded()?;
            for index in 0..samples.len() {
                let _ = write!(
                    text,
                    "{},{},{},",
                    place + 1,
                    part + 1,
                    number(time(segment.start.0, index, channel.rate.0))
                );
                push_sample(text, Some(&samples), index, place)?;
                text.push('\n');
            }
        }
    }
    Ok(())
}

fn time(start: f64, index: usize, rate: f64) -> f64 {
    if index == 0 {
        start
    } else {
        start + index as f64 / rate
    }
}

fn push_sample(
    text: &mut String,
    samples: Option<&Samples>,
    index: usize,
    channel: usize,
) -> Result<()> {
    let stored = match samples {
        Some(samples) => samples.stored(index)?.unwrap_or(f64::NAN),
        None => f64::NAN,
    };
    if !stored.is_finite() {
        return Err(lost(format!(
            "sample {} of channel {} is {stored}, which text cannot hold",
            index + 1,
            channel + 1
        )));
    }
    match samples {
        Some(Samples::F32(values)) => {
            let value = values.get(index).copied().unwrap_or_default();
            if plain(f64::from(value)) {
                let _ = write!(text, "{value}");
            } else {
                let _ = write!(text, "{value:e}");
            }
        }
        _ => text.push_str(&number(stored)),
    }
    Ok(())
}

fn plain(value: f64) -> bool {
    value == 0.0 || PLAIN_NUMBERS.contains(&value.abs())
}

/// The shortest text that reads back as the same number.
fn number(value: f64) -> String {
    if plain(value) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// The same, and never an integer of TOML, whose range is smaller.
fn float(value: f64) -> String {
    let text = number(value);
    if value.is_finite()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        format!("{text}.0")
    } else {
        text
    }
}
