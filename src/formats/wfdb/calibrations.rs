//! One calibration for a signal to which the segments of its record give several.

use super::channels::unit;
use super::signal_line::Signal;
use super::track::{Run, Track};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, millivolts_per};

/// Physical values of stretches: index of the first one on the clock of the signal, and the values.
pub(super) type Physical = Vec<(u64, Vec<f64>)>;

/// Gives all samples of a track one meaning. Where whole numbers of the finest gain can say exactly what the numbers of each segment
/// say, they replace them; else the physical values are given, in mV or in the unit of what is no voltage.
pub(super) fn unify(
    track: &mut Track,
    stated: Option<&ChannelMapping>,
    mapping: &Mapping,
) -> Result<Option<Physical>> {
    if track.others.is_empty() {
        return Ok(None);
    }
    if stated.is_some_and(|stated| stated.gain.is_some() || stated.offset.is_some()) {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!(
                "one calibration is stated for \"{}\", but its segments have several",
                track.signal.description
            ),
        )
        .advice("leave gain and offset out, or open the segments one by one"));
    }
    // Rails of several converters are not one pair of numbers.
    track.converters_differ = true;
    let lines: Vec<Signal> = std::iter::once(&track.signal)
        .chain(&track.others)
        .cloned()
        .collect();
    let mut scales = Vec::with_capacity(lines.len());
    let units: Vec<String> = lines
        .iter()
        .map(|line| unit(&line.unit, stated, mapping))
        .collect();
    for (line, own) in lines.iter().zip(&units) {
        let refuse = |code, message: String| {
            Error::new(code, message)
                .at(line.place.as_str())
                .advice("open the segments one by one")
        };
        let gain = line.gain.ok_or_else(|| {
            refuse(
                ErrorCode::BadCalibration,
                "this segment has no gain, others have one".to_owned(),
            )
        })?;
        let first = units.first().unwrap_or(own);
        let scale = match (millivolts_per(own), millivolts_per(first)) {
            (Some(millivolts), Some(_)) => millivolts,
            (None, None) if own == first => 1.0,
            _ => {
                return Err(refuse(
                    ErrorCode::UnknownUnit,
                    format!(
                        "the unit \"{own}\" here and \"{first}\" in {}",
                        track.signal.place
                    ),
                ));
            }
        };
        scales.push((gain, scale));
    }
    let (exact, how) = match exact(track, &lines, &units) {
        Some((finest, runs)) => {
            track.runs = runs;
            track.signal.gain = finest.gain;
            track.signal.baseline = finest.baseline;
            track.signal.unit.clone_from(&finest.unit);
            (
                true,
                "all were turned into steps of the finest gain, exactly",
            )
        }
        None => (false, "physical values replace the stored numbers"),
    };
    track.findings.push(Finding::new(
        FindingCode::CalibrationChanges,
        format!(
            "\"{}\": {} different ones in the segments; {how}",
            track.signal.description,
            lines.len()
        ),
    ));
    if exact {
        return Ok(None);
    }
    let physical = |run: &Run| {
        let (gain, scale) = scales.get(run.line).copied()?;
        let baseline = lines.get(run.line)?.baseline as f64;
        let value = |&stored: &i32| (f64::from(stored) - baseline) / gain * scale;
        Some((run.start, run.values.iter().map(value).collect()))
    };
    Ok(Some(track.runs.iter().filter_map(physical).collect()))
}

/// The line of the finest gain and all runs in its steps, if whole numbers can say exactly what each segment says.
fn exact(track: &Track, lines: &[Signal], units: &[String]) -> Option<(Signal, Vec<Run>)> {
    if units.windows(2).any(|pair| pair.first() != pair.last()) {
        return None;
    }
    let size = |line: &&Signal| line.gain.unwrap_or_default().abs();
    let finest = lines.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let mut factors = Vec::with_capacity(lines.len());
    for line in lines {
        let factor = finest.gain? / line.gain?;
        if factor.fract() != 0.0 || factor.abs() > f64::from(i32::MAX) {
            return None;
        }
        factors.push(factor as i64);
    }
    let mut runs = Vec::with_capacity(track.runs.len());
    for run in &track.runs {
        let factor = *factors.get(run.line)?;
        let baseline = lines.get(run.line)?.baseline;
        let values: Option<Vec<i32>> = run
            .values
            .iter()
            .map(|&stored| {
                let steps = i64::from(stored)
                    .checked_sub(baseline)?
                    .checked_mul(factor)?;
                i32::try_from(steps.checked_add(finest.baseline)?).ok()
            })
            .collect();
        runs.push(Run {
            start: run.start,
            values: values?,
            line: 0,
        });
    }
    Some((finest.clone(), runs))
}
