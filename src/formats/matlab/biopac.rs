//! Exports of AcqKnowledge (BIOPAC), and what `load_acq` makes of its files.
//!
//! Source: AcqKnowledge manual, "Save As MATLAB": `data` (samples × channels), `units`, `labels` (a row of text for each channel), `isi`, `isi_units`, `start_sample`.
//! `load_acq` gives a struct with `data`, `hdr.graph.sample_time` (ms), `hdr.per_chan_data` (`comment_text`, `units_text`) and `markers` (`lSample`, `szText`).

use super::export::{Stated, channel, missing};
use super::value::{Value, size};
use super::variables::Variables;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::Mapping;
use crate::recording::{Mark, Origin, Recording, Samples, Segment, Subject};
use crate::units::Seconds;

const PLACE: &str = "export of AcqKnowledge";

/// Where the export stands: at the top of the file, or in a struct of whatever name.
enum Found<'a> {
    Top(&'a Variables),
    Struct(&'a Value),
    LoadAcq(&'a Value),
}

impl<'a> Found<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        match self {
            Self::Top(variables) => variables.get(name),
            Self::Struct(value) | Self::LoadAcq(value) => value.field(name),
        }
    }
}

const FIELDS: &[&str] = &["data", "units", "labels", "isi", "isi_units"];

fn all(variables: &Variables) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    if FIELDS.iter().all(|name| variables.get(name).is_some()) {
        found.push(Found::Top(variables));
    }
    for (_, value) in &variables.all {
        if FIELDS.iter().all(|name| value.field(name).is_some()) {
            found.push(Found::Struct(value));
        } else if value.field("data").is_some()
            && value.field("hdr").is_some_and(|header| {
                header.field("graph").is_some() && header.field("per_chan_data").is_some()
            })
        {
            found.push(Found::LoadAcq(value));
        }
    }
    found
}

pub(super) fn claims(variables: &Variables) -> bool {
    !all(variables).is_empty()
}

/// What the two kinds say in their own words.
struct Described {
    labels: Vec<String>,
    units: Vec<String>,
    rate_hz: f64,
    start_s: f64,
}

pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let found = all(variables);
    let [found] = found.as_slice() else {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!(
                "there are {} recordings of AcqKnowledge in the file. It holds {}",
                found.len(),
                variables.listed()
            ),
        )
        .advice("state in a mapping which `variable` holds the samples"));
    };
    let Some(Value::Numbers { dims, samples }) = found.get("data") else {
        return Err(missing("`data` (real numbers)", PLACE));
    };
    if !matches!(samples, Samples::F32(_) | Samples::F64(_)) {
        return Err(missing(
            "calibration: `data` are integers, and expected are physical values",
            PLACE,
        ));
    }
    let described = match found {
        Found::LoadAcq(value) => by_load_acq(value)?,
        found => by_acqknowledge(found)?,
    };
    let [points, count] = *dims.as_slice() else {
        return Err(missing(
            &format!(
                "`data`: its size is {}; expected samples × channels",
                size(dims)
            ),
            PLACE,
        ));
    };
    if described.labels.len() != count || described.units.len() != count {
        return Err(missing(
            &format!(
                "`data`: its size is {} (samples × channels), but there are {} labels and {} units",
                size(dims),
                described.labels.len(),
                described.units.len()
            ),
            PLACE,
        ));
    }
    let mut channels = Vec::with_capacity(count);
    for (index, (label, unit)) in described.labels.iter().zip(&described.units).enumerate() {
        let stated = Stated {
            label: if label.is_empty() {
                format!("channel {}", index.saturating_add(1))
            } else {
                label.clone()
            },
            unit: unit.clone(),
            gain: 1.0,
            offset: 0.0,
            rails: None,
            rate_hz: described.rate_hz,
        };
        let segment = Segment {
            start: Seconds(described.start_s),
            samples: samples.every(index.saturating_mul(points), 1, points)?,
        };
        channels.push(channel(stated, vec![segment], mapping, PLACE)?);
    }
    let marks = match found {
        Found::LoadAcq(value) => markers(value, described.rate_hz)?,
        _ => Vec::new(),
    };
    Ok(Recording {
        channels,
        marks,
        origin: Origin::default(),
        subject: Subject::default(),
        corrections: Vec::new(),
        findings: Vec::new(),
    })
}

/// The rate from the time of one sample.
fn rate(interval: Option<f64>, per_second: f64, what: &str) -> Result<f64> {
    interval
        .filter(|interval| interval.is_finite() && *interval > 0.0)
        .map(|interval| per_second / interval)
        .ok_or_else(|| {
            Error::new(
                ErrorCode::UnknownRate,
                format!("`{what}` is no number above 0"),
            )
            .at(PLACE)
            .advice("name the data with `variable` in a mapping and state `rate_hz` there")
        })
}

fn by_acqknowledge(found: &Found) -> Result<Described> {
    let texts = |name: &str| {
        found
            .get(name)
            .and_then(Value::texts)
            .ok_or_else(|| missing(&format!("`{name}` (rows of text)"), PLACE))
    };
    let unit = found.get("isi_units").and_then(Value::text);
    let per_second = match unit.as_deref() {
        Some("s" | "sec" | "seconds") => 1.0,
        Some("ms" | "msec" | "milliseconds") => 1e3,
        Some("us" | "µs" | "microseconds") => 1e6,
        other => {
            return Err(Error::new(
                ErrorCode::UnknownRate,
                format!(
                    "`isi_units` is \"{}\"; expected s, ms or us",
                    other.unwrap_or_default()
                ),
            )
            .at(PLACE)
            .advice("name the data with `variable` in a mapping and state `rate_hz` there"));
        }
    };
    let start = match found.get("start_sample") {
        None => 0.0,
        Some(start) => start
            .number()
            .filter(|start| start.is_finite())
            .ok_or_else(|| missing("`start_sample` (one number)", PLACE))?,
    };
    Ok(Described {
        labels: texts("labels")?,
        units: texts("units")?,
        rate_hz: rate(found.get("isi").and_then(Value::number), per_second, "isi")?,
        start_s: start / per_second,
    })
}

fn by_load_acq(value: &Value) -> Result<Described> {
    /// `sample_time` is in ms.
    const PER_SECOND: f64 = 1e3;
    let header = value.field("hdr");
    let sample_time = header
        .and_then(|header| header.field("graph"))
        .and_then(|graph| graph.field("sample_time"))
        .and_then(Value::number);
    let channels = header.and_then(|header| header.field("per_chan_data"));
    let texts = |name: &str| -> Result<Vec<String>> {
        let Some(info @ Value::Struct { count, .. }) = channels else {
            return Err(missing("`hdr.per_chan_data`", PLACE));
        };
        (0..*count)
            .map(|index| {
                info.field_of(index, name)
                    .and_then(Value::text)
                    .ok_or_else(|| missing(&format!("`hdr.per_chan_data.{name}`"), PLACE))
            })
            .collect()
    };
    Ok(Described {
        labels: texts("comment_text")?,
        units: texts("units_text")?,
        rate_hz: rate(sample_time, PER_SECOND, "hdr.graph.sample_time")?,
        start_s: 0.0,
    })
}

fn markers(value: &Value, rate_hz: f64) -> Result<Vec<Mark>> {
    let Some(markers) = value.field("markers") else {
        return Ok(Vec::new());
    };
    let (Some(samples), Some(texts)) = (markers.field("lSample"), markers.field("szText")) else {
        return Ok(Vec::new());
    };
    let (Some(samples), Some(texts)) = (samples.numbers(), texts.texts()) else {
        return Err(missing("`markers.lSample` and `markers.szText`", PLACE));
    };
    if samples.len() != texts.len() || !samples.iter().all(|sample| sample.is_finite()) {
        return Err(missing(
            &format!(
                "`markers`: {} times and {} texts",
                samples.len(),
                texts.len()
            ),
            PLACE,
        ));
    }
    Ok(samples
        .into_iter()
        .zip(texts)
        .map(|(sample, text)| Mark {
            time: Seconds(sample / rate_hz),
            duration: None,
            text,
            channel: None,
        })
        .collect())
}
