//! Exports of Spike2 (Cambridge Electronic Design): one struct for each channel.
//!
//! Source: Spike2 help, "Export MATLAB data". A waveform has `title`, `units`, `interval` (s), `start` (s), `scale`, `offset`, `length`, `values`; events and
//! markers have `times` (s), and `codes`, `text` or `level`. Integer values are converter steps: `units = values · scale / 6553.6 + offset`.

use super::export::{Stated, channel, missing};
use super::value::Value;
use super::variables::Variables;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::Mapping;
use crate::recording::{Channel, Mark, Origin, Recording, Samples, Segment, Subject};
use crate::units::Seconds;

/// Converter steps per unit of `scale`: the 16-bit steps of ±5 V, as the SON library defines them.
const STEPS_PER_SCALE: f64 = 6553.6;

/// Where times of samples are stated, a step that differs from the interval by more than this part of it begins a new segment. Heuristic: rounding is far below, a lost sample is 1.
const GAP_INTERVALS: f64 = 0.5;

fn is_waveform(value: &Value) -> bool {
    ["interval", "values", "units"]
        .iter()
        .all(|name| value.field(name).is_some())
        // A WaveMark has the same fields, but holds short pieces around spikes.
        && ["traces", "trigger", "chaninfo"]
            .iter()
            .all(|name| value.field(name).is_none())
}

fn is_event(value: &Value) -> bool {
    value.field("times").is_some() && value.field("title").is_some() && !is_waveform(value)
}

pub(super) fn claims(variables: &Variables) -> bool {
    variables.all.iter().any(|(_, value)| is_waveform(value))
}

pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let mut channels = Vec::new();
    let mut marks = Vec::new();
    let mut findings = Vec::new();
    for (name, value) in &variables.all {
        if is_waveform(value) {
            channels.push(waveform(name, value, mapping)?);
        } else if is_event(value) {
            marks.extend(events(name, value)?);
        }
    }
    if channels.iter().any(|channel| channel.segments.len() > 1) {
        findings.push(Finding::new(
            FindingCode::GapInRecording,
            "the times of the samples have gaps",
        ));
    }
    Ok(Recording {
        channels,
        marks,
        origin: Origin::default(),
        subject: Subject::default(),
        corrections: Vec::new(),
        findings,
    })
}

/// The title of the channel, else the name of the variable.
fn title(name: &str, value: &Value) -> String {
    value
        .field("title")
        .and_then(Value::text)
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| name.to_owned())
}

fn waveform(name: &str, value: &Value, mapping: &Mapping) -> Result<Channel> {
    let place = format!("variable \"{name}\"");
    let number = |field: &str| value.field(field).and_then(Value::number);
    let interval = number("interval")
        .filter(|interval| interval.is_finite() && *interval > 0.0)
        .ok_or_else(|| {
            Error::new(
                ErrorCode::UnknownRate,
                "`interval` is no number of seconds above 0",
            )
            .at(&*place)
            .advice("name the data with `variable` in a mapping and state `rate_hz` there")
        })?;
    let Some(Value::Numbers { samples, .. }) = value.field("values") else {
        return Err(missing("`values` (real numbers)", &place));
    };
    let units = value.field("units").and_then(Value::text);
    let units = units.ok_or_else(|| missing("`units` (text)", &place))?;
    let (gain, offset, rails) = match samples {
        Samples::F32(_) | Samples::F64(_) => (1.0, 0.0, None),
        Samples::I16(_) | Samples::I32(_) | Samples::Stored(_) => {
            let scale = number("scale")
                .filter(|scale| scale.is_finite() && *scale != 0.0)
                .ok_or_else(|| missing("`scale` for its integer values", &place))?;
            let offset = number("offset")
                .filter(|offset| offset.is_finite())
                .ok_or_else(|| missing("`offset` for its integer values", &place))?;
            let rails = (f64::from(i16::MIN), f64::from(i16::MAX));
            (scale / STEPS_PER_SCALE, offset, Some(rails))
        }
    };
    let segments = match value.field("times").and_then(Value::numbers) {
        Some(times) if !times.is_empty() => pieces(samples, &times, interval, &place)?,
        _ => {
            let start = match value.field("start") {
                None => 0.0,
                Some(start) => start
                    .number()
                    .filter(|start| start.is_finite())
                    .ok_or_else(|| missing("`start` (s)", &place))?,
            };
            vec![Segment {
                start: Seconds(start),
                samples: samples.clone(),
            }]
        }
    };
    let stated = Stated {
        label: title(name, value),
        unit: units,
        gain,
        offset,
        rails,
        rate_hz: 1.0 / interval,
    };
    channel(stated, segments, mapping, &place)
}

/// The samples between gaps of their times.
fn pieces(samples: &Samples, times: &[f64], interval: f64, place: &str) -> Result<Vec<Segment>> {
    if times.len() != samples.len() {
        return Err(missing(
            &format!(
                "`times`: {} of them for {} samples",
                times.len(),
                samples.len()
            ),
            place,
        ));
    }
    if !times.iter().all(|time| time.is_finite()) {
        return Err(missing("`times`: not all are numbers", place));
    }
    let mut segments = Vec::new();
    let mut first = 0usize;
    let mut start = times.first().copied().unwrap_or(0.0);
    let mut end_of = |from: usize, to: usize, start: f64| {
        segments.push(Segment {
            start: Seconds(start),
            samples: samples.every(from, 1, to.saturating_sub(from))?,
        });
        Ok::<(), Error>(())
    };
    for (index, pair) in times.windows(2).enumerate() {
        let &[before, after] = pair else { continue };
        if ((after - before) / interval - 1.0).abs() > GAP_INTERVALS {
            let next = index.saturating_add(1);
            end_of(first, next, start)?;
            first = next;
            start = after;
        }
    }
    end_of(first, times.len(), start)?;
    Ok(segments)
}

/// Event, marker and level channels.
fn events(name: &str, value: &Value) -> Result<Vec<Mark>> {
    let place = format!("variable \"{name}\"");
    let title = title(name, value);
    let times = value
        .field("times")
        .and_then(Value::numbers)
        .filter(|times| times.iter().all(|time| time.is_finite()))
        .ok_or_else(|| missing("`times` (s)", &place))?;
    let mark = |time: f64, duration: Option<f64>, text: String| Mark {
        time: Seconds(time),
        duration: duration.map(Seconds),
        text,
        channel: None,
    };
    let same = |found: usize, what: &str| {
        if found == times.len() {
            Ok(())
        } else {
            Err(missing(
                &format!("`{what}`: {found} for {} times", times.len()),
                &place,
            ))
        }
    };
    if let Some(levels) = value.field("level").and_then(Value::numbers) {
        // Both edges are stored: a mark begins where the level rises and lasts until it falls.
        same(levels.len(), "level")?;
        let edges: Vec<(f64, f64)> = times.iter().copied().zip(levels).collect();
        return Ok(edges
            .iter()
            .enumerate()
            .filter(|(_, (_, level))| *level != 0.0)
            .map(|(index, &(time, _))| {
                let fall = edges.get(index.saturating_add(1)).map(|&(fall, _)| fall);
                mark(
                    time,
                    fall.map(|fall| fall - time).filter(|length| *length >= 0.0),
                    title.clone(),
                )
            })
            .collect());
    }
    let texts = match value.field("text") {
        Some(text) if !times.is_empty() => {
            let texts = text.texts().ok_or_else(|| missing("`text`", &place))?;
            same(texts.len(), "text")?;
            texts
        }
        _ => Vec::new(),
    };
    let codes = value.field("codes").and_then(Value::numbers);
    Ok(times
        .iter()
        .enumerate()
        .map(|(index, &time)| {
            let text = match texts.get(index).filter(|text| !text.is_empty()) {
                Some(text) => text.clone(),
                None => match codes.as_ref().and_then(|codes| codes.get(index)) {
                    Some(&code) => format!("{title} {}", shown(code)),
                    None => title.clone(),
                },
            };
            mark(time, None, text)
        })
        .collect())
}

/// The first code of a marker as Spike2 shows it: the character if it can be printed, else two hexadecimal digits.
fn shown(code: f64) -> String {
    let byte = code as u8;
    if byte.is_ascii_graphic() {
        char::from(byte).to_string()
    } else {
        format!("{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_a_gap_make_two_segments() {
        let samples = Samples::I16(vec![1, 2, 3, 4]);
        let segments = pieces(&samples, &[0.0, 0.001, 0.5, 0.501], 0.001, "x").unwrap();
        assert_eq!(segments.len(), 2);
        assert_eq!(segments[1].start, Seconds(0.5));
        assert_eq!(segments[1].samples, Samples::I16(vec![3, 4]));
        assert!(pieces(&samples, &[0.0], 0.001, "x").is_err());
    }

    #[test]
    fn a_code_is_shown_as_a_character_or_in_hexadecimal() {
        assert_eq!(shown(115.0), "s");
        assert_eq!(shown(1.0), "01");
    }
}
