//! Exports of Signal (Cambridge Electronic Design; files `.cfs`): one struct with all frames.
//!
//! Source: Signal help, "Export MATLAB data". The struct has `xunits`, `start` and `interval` of the x axis, `chaninfo` (`title`, `units`), `frameinfo`
//! (`points`, `start` in s) and `values`, points × channels × frames.

use super::export::{Stated, channel, missing};
use super::value::{Value, size};
use super::variables::Variables;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapped::{Draft, Times, of_drafts, place_sweeps, stimulus_marks};
use crate::formats::mapping::Mapping;
use crate::recording::{Recording, Samples};

/// Frames may seem to overlap by a rounding of their times; this part of a sample interval is forgiven.
const OVERLAP_SAMPLES: f64 = 0.5;

fn is_frames(value: &Value) -> bool {
    ["chaninfo", "frameinfo", "values", "interval"]
        .iter()
        .all(|name| value.field(name).is_some())
}

pub(super) fn claims(variables: &Variables) -> bool {
    variables.all.iter().any(|(_, value)| is_frames(value))
}

pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let found: Vec<(&str, &Value)> = variables
        .all
        .iter()
        .filter(|(_, value)| is_frames(value))
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    let [(name, value)] = *found.as_slice() else {
        let names: Vec<_> = found.iter().map(|(name, _)| format!("`{name}`")).collect();
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!(
                "{} are each an export of Signal; which one is meant is not stated",
                names.join(", ")
            ),
        )
        .advice(format!(
            "name the samples in a mapping: variable = \"{}.values\"",
            found.first().map_or("", |(name, _)| name)
        )));
    };
    let mut drafts = drafts(name, value, mapping)?;
    let mut findings = Vec::new();
    let clock = place_sweeps(&mut drafts, &mut findings);
    let marks = stimulus_marks(mapping, &drafts)?;
    Ok(of_drafts(drafts, clock, marks, findings))
}

fn drafts(name: &str, value: &Value, mapping: &Mapping) -> Result<Vec<Draft>> {
    let place = format!("variable \"{name}\"");
    let Some(Value::Numbers { dims, samples }) = value.field("values") else {
        return Err(missing("`values` (real numbers)", &place));
    };
    let at = |axis: usize| dims.get(axis).copied().unwrap_or(1);
    let (points, channels, frames) = (at(0), at(1), at(2));
    let count_of = |field: &str| match value.field(field) {
        Some(Value::Struct { count, .. }) => Some(*count),
        _ => None,
    };
    if count_of("chaninfo") != Some(channels)
        || count_of("frameinfo") != Some(frames)
        || dims.len() > 3
    {
        return Err(missing(
            &format!(
                "`values`: its size is {}, but there are {} entries in `chaninfo` and {} in `frameinfo`",
                size(dims),
                count_of("chaninfo").unwrap_or(0),
                count_of("frameinfo").unwrap_or(0)
            ),
            &place,
        ));
    }
    if !matches!(samples, Samples::F32(_) | Samples::F64(_)) {
        return Err(missing(
            "calibration: `values` are integers, and expected are physical values",
            &place,
        ));
    }
    // `xunits` holds for both `interval` and `start`.
    let unit_s = match value.field("xunits").and_then(Value::text).as_deref() {
        None | Some("" | "s") => 1.0,
        Some("ms") => 1e-3,
        Some("us" | "µs") => 1e-6,
        Some(other) => {
            return Err(Error::new(
                ErrorCode::UnknownRate,
                format!("`xunits` is \"{other}\"; expected s, ms or us"),
            )
            .at(&*place)
            .advice("name the data with `variable` in a mapping and state `rate_hz` there"));
        }
    };
    let number = |field: &str| {
        value
            .field(field)
            .and_then(Value::number)
            .filter(|number| number.is_finite())
    };
    let interval = number("interval").unwrap_or(0.0) * unit_s;
    let offset = number("start").unwrap_or(0.0) * unit_s;
    let info = value.field("frameinfo");
    let frame = |index: usize, field: &str| {
        info.and_then(|info| info.field_of(index, field))
            .and_then(Value::number)
            .filter(|number| number.is_finite())
    };
    // Frames may be shorter than the array, which is then filled up.
    let length = |index: usize| {
        frame(index, "points").map_or(points, |stated| (stated.max(0.0) as usize).min(points))
    };
    let starts: Option<Vec<f64>> = (0..frames)
        .map(|index| frame(index, "start").map(|start| start + offset))
        .collect();
    let starts = starts.filter(|starts| {
        starts.iter().enumerate().all(|(index, start)| {
            let before = index.checked_sub(1);
            before
                .and_then(|before| Some((starts.get(before)?, length(before))))
                .is_none_or(|(before, points)| {
                    *start >= before + (points as f64 - OVERLAP_SAMPLES) * interval
                })
        })
    });
    let stride = points.saturating_mul(channels);
    (0..channels)
        .map(|index| {
            let text = |field: &str| {
                value
                    .field("chaninfo")
                    .and_then(|info| info.field_of(index, field))
                    .and_then(Value::text)
            };
            let stated = Stated {
                label: text("title")
                    .filter(|title| !title.is_empty())
                    .unwrap_or_else(|| format!("{name} {}", index + 1)),
                unit: text("units").ok_or_else(|| missing("`chaninfo.units`", &place))?,
                gain: 1.0,
                offset: 0.0,
                rails: None,
                rate_hz: 1.0 / interval,
            };
            let made = channel(stated, Vec::new(), mapping, &place)?;
            let pieces = (0..frames)
                .map(|frame| {
                    let from = frame.saturating_mul(stride) + index.saturating_mul(points);
                    samples.every(from, 1, length(frame))
                })
                .collect::<Result<_>>()?;
            let times = match (&starts, mapping.sweep_rate_hz) {
                (Some(starts), _) => Times::Starts(starts.clone()),
                (None, Some(rate)) if rate.is_finite() && rate > 0.0 => {
                    Times::Starts((0..frames).map(|frame| frame as f64 / rate).collect())
                }
                (None, _) => Times::Unknown,
            };
            Ok(Draft {
                channel: made,
                pieces,
                times,
            })
        })
        .collect()
}
