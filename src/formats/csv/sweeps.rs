//! Layout `sweeps`: one column per sweep of one channel, one row per sample; and the times of sweeps, which layout `long` shares.

use super::Parts;
use super::axis::{self, Times};
use super::channels::{no_rate, time_unit};
use super::describe::{Statements, without_empty_ends};
use super::header::{ColumnName, Kind};
use super::notes::ChannelNotes;
use super::rows::Rows;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::recording::{Clock, Mark, STIMULUS};
use crate::units::{Hertz, Milliseconds, Seconds};

/// Reads the rows.
pub(super) fn read(rows: &mut Rows, parts: &mut Parts) -> Result<()> {
    let mapping = parts.mapping.clone();
    let time = match &mapping.text.time_column {
        Some(stated) => Some(rows.find(stated, "text.time_column")?),
        None => rows
            .positions(|_, name| name.kind() == Kind::Time)
            .first()
            .copied(),
    };
    let sweeps: Vec<usize> = (0..rows.columns())
        .filter(|index| Some(*index) != time)
        .collect();
    if sweeps.is_empty() {
        return Err(Error::new(
            ErrorCode::NothingToAnalyze,
            "no column of a sweep beside the times",
        )
        .at(format!("line {}", rows.line()))
        .advice("check the separator and text.layout"));
    }
    let per_sweep = if mapping.text.first_row_is_per_sweep {
        Some(per_sweep(rows, &sweeps)?)
    } else {
        None
    };
    let Samples {
        times,
        lines,
        values,
    } = samples(rows, time, &sweeps)?;
    let ([] | [_]) = mapping.channels.as_slice() else {
        return Err(Error::new(
            ErrorCode::BadMapping,
            "several channels, but the columns of this layout are sweeps of one",
        )
        .at("channels")
        .advice("use the layout long for several channels"));
    };
    let no_notes = ChannelNotes::default();
    let statements = Statements {
        mapping: &mapping,
        stated: mapping.channels.first(),
        notes: parts.channel_notes.get(&0).unwrap_or(&no_notes),
        column: ColumnName {
            name: mapping
                .muscle
                .clone()
                .unwrap_or_else(|| "sweeps".to_owned()),
            unit: shared_unit(rows, &sweeps)?,
        },
        place: "the sweeps".to_owned(),
    };
    let (rate, first) = rate_and_first(rows, parts, time, &times, statements.rate()?)?;
    let mut described = statements.describe(rate)?;
    let starts = starts(sweeps.len(), lines.len() as f64 / rate.0, parts)?;
    let stimulus = stimulus_after_start(first, lines.len() as f64 / rate.0, &mapping)?;
    for (index, (values, &start)) in values.into_iter().zip(&starts).enumerate() {
        let column = sweeps.get(index).copied().unwrap_or_default();
        let filled = without_empty_ends(&values).map_err(|hole| {
            let line = lines.get(hole).copied().unwrap_or_default();
            Error::new(ErrorCode::BadHeader, "an empty cell between samples")
                .at(format!("line {line}, {}", rows.column(column)))
                .advice("fill the cell, or export the sweep again")
        })?;
        let shift = if filled.start == 0 {
            0.0
        } else {
            filled.start as f64 / rate.0
        };
        described.push(
            Seconds(start + shift),
            values.get(filled).unwrap_or_default().to_vec(),
        )?;
        let strength = per_sweep
            .as_ref()
            .and_then(|texts| texts.get(index))
            .map(String::as_str);
        push_marks(
            parts,
            start,
            stimulus,
            strength,
            mapping.text.per_sweep_unit.as_deref(),
            None,
        );
        let name = rows
            .names()
            .get(column)
            .filter(|name| !mapping.text.first_row_is_per_sweep || !is_number(name));
        parts.marks.extend(name_mark(name, index, start));
    }
    described
        .channel
        .segments
        .retain(|segment| !segment.samples.is_empty());
    parts.channels.push(described.channel);
    Ok(())
}

/// The rows as they stand in the file.
struct Samples {
    /// Empty without a column of times.
    times: Times,
    /// The line of each row.
    lines: Vec<u32>,
    /// By sweep; NaN for an empty cell.
    values: Vec<Vec<f64>>,
}

/// Reads all rows.
fn samples(rows: &mut Rows, time: Option<usize>, sweeps: &[usize]) -> Result<Samples> {
    let mut samples = Samples {
        times: Times::default(),
        lines: Vec::new(),
        values: sweeps.iter().map(|_| Vec::new()).collect(),
    };
    while rows.next()? {
        if let Some(column) = time {
            let value = rows.required(column)?;
            samples
                .times
                .push(value, rows.last_digit(column), rows.line());
        }
        for (column, values) in sweeps.iter().zip(&mut samples.values) {
            values.push(rows.number(*column)?.unwrap_or(f64::NAN));
        }
        let line = u32::try_from(rows.line()).unwrap_or(u32::MAX);
        samples.lines.push(line);
    }
    if samples.lines.is_empty() {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "a header but no samples")
                .at(format!("line {}", rows.line()))
                .advice("check the export"),
        );
    }
    Ok(samples)
}

/// The sampling rate, as stated or by the times, and the time of the first sample of each sweep in s.
fn rate_and_first(
    rows: &Rows,
    parts: &Parts,
    time: Option<usize>,
    times: &Times,
    stated: Option<Hertz>,
) -> Result<(Hertz, f64)> {
    let Some(column) = time else {
        return Ok((stated.ok_or_else(|| no_rate(rows))?, 0.0));
    };
    let seconds = match (time_unit(rows, column, parts)?, stated) {
        (Some(seconds), _) => seconds,
        (None, Some(rate)) => 1.0 / rate.0,
        (None, None) => return Err(no_rate(rows)),
    };
    let rate = match stated {
        Some(rate) => rate,
        None => axis::rate(times, seconds)?,
    };
    axis::parts(times, 1.0 / (rate.0 * seconds), false)?;
    let first = times.values.first().copied().unwrap_or_default();
    Ok((rate, first * seconds))
}

/// The row with one value per sweep: the header itself if its cells are numbers, else the first row below it.
fn per_sweep(rows: &mut Rows, sweeps: &[usize]) -> Result<Vec<String>> {
    let names = rows.names();
    if !names.is_empty()
        && sweeps
            .iter()
            .all(|&index| names.get(index).is_some_and(|name| is_number(name)))
    {
        return Ok(sweeps
            .iter()
            .map(|&index| names.get(index).cloned().unwrap_or_default())
            .collect());
    }
    if !rows.next()? {
        return Err(Error::new(
            ErrorCode::BadMapping,
            "the file ends before the row with a value per sweep",
        )
        .at("text.first_row_is_per_sweep")
        .advice("check the export"));
    }
    sweeps
        .iter()
        .map(|&index| {
            rows.number(index)
                .map(|value| value.map_or_else(String::new, |value| value.to_string()))
        })
        .collect()
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// The mark with the name of a sweep, where that says more than its place.
fn name_mark(name: Option<&String>, index: usize, start_s: f64) -> Option<Mark> {
    let name = name.filter(|name| says_more_than_its_place(name, index))?;
    Some(Mark {
        time: Seconds(start_s),
        duration: None,
        text: format!("sweep \"{name}\""),
        channel: None,
    })
}

/// Whether the name of a column is more than its number.
fn says_more_than_its_place(name: &str, index: usize) -> bool {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let letters = name
        .chars()
        .filter(|character| character.is_alphabetic())
        .collect::<String>()
        .to_lowercase();
    let counts = digits
        .parse::<usize>()
        .is_ok_and(|number| number == index || number == index + 1);
    !(name.is_empty() || (counts && matches!(letters.as_str(), "" | "sweep" | "trace" | "s")))
}

fn shared_unit(rows: &Rows, sweeps: &[usize]) -> Result<Option<String>> {
    let Some(names) = rows.header() else {
        return Ok(None);
    };
    let mut shared: Option<&str> = None;
    for &column in sweeps {
        let Some(unit) = names.get(column).and_then(|name| name.unit.as_deref()) else {
            continue;
        };
        if shared.is_some_and(|other| other != unit) {
            return Err(Error::new(
                ErrorCode::UnknownUnit,
                format!(
                    "the unit {unit} stands here and {} before",
                    shared.unwrap_or_default()
                ),
            )
            .at(rows.column(column))
            .advice("all sweeps of a file must have one unit"));
        }
        shared = Some(unit);
    }
    Ok(shared.map(str::to_owned))
}

/// The start of each sweep in s: from the stated rate, else only in order.
pub(super) fn starts(count: usize, length_s: f64, parts: &mut Parts) -> Result<Vec<f64>> {
    let period = match parts.mapping.sweep_rate_hz {
        Some(rate) if rate.is_finite() && rate > 0.0 => {
            let period = 1.0 / rate;
            // A sample's worth of overlap would already make one sample belong to two times.
            if count > 1 && length_s > period * (1.0 + f64::EPSILON * 4.0) {
                return Err(Error::new(
                    ErrorCode::BadMapping,
                    format!(
                        "sweeps of {} ms cannot follow each other {rate} times a second",
                        length_s * 1000.0
                    ),
                )
                .at("sweep_rate_hz")
                .advice("check the rate of stimulation and the unit of the times"));
            }
            period
        }
        Some(rate) => {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!("a rate of {rate} sweeps per second is impossible"),
            )
            .at("sweep_rate_hz")
            .advice("state a number above 0"));
        }
        None => {
            if count > 1 {
                parts.clock = Clock::OrderOnly;
                parts.findings.push(Finding::new(
                    FindingCode::ClockUnknown,
                    format!("{count} sweeps, spaced for order's sake"),
                ));
            }
            length_s.floor() + 1.0
        }
    };
    Ok((0..count).map(|index| index as f64 * period).collect())
}

/// Where the stimulus is, in s after the first sample: as stated, else at the zero of a time axis that begins before it.
pub(super) fn stimulus_after_start(
    first_s: f64,
    length_s: f64,
    mapping: &Mapping,
) -> Result<Option<f64>> {
    match mapping.stimulus_ms {
        Some(stated) if stated.is_finite() => Ok(Some(Milliseconds(stated).seconds().0)),
        Some(stated) => Err(
            Error::new(ErrorCode::BadMapping, format!("{stated} is no time"))
                .at("stimulus_ms")
                .advice("state the time in ms after the first sample of each sweep"),
        ),
        None => Ok((first_s < 0.0 && first_s + length_s > 0.0).then_some(-first_s)),
    }
}

/// The stimulus of a sweep and its strength.
pub(super) fn push_marks(
    parts: &mut Parts,
    start_s: f64,
    stimulus_s: Option<f64>,
    strength: Option<&str>,
    unit: Option<&str>,
    channel: Option<usize>,
) {
    let mut push = |after: f64, text: String| {
        parts.marks.push(Mark {
            time: Seconds(start_s + after),
            duration: None,
            text,
            channel,
        })
    };
    let strength = strength.filter(|text| !text.is_empty());
    match (stimulus_s, strength, unit) {
        (Some(after), Some(strength), Some(unit)) => {
            push(after, format!("stimulus {strength}{unit}"))
        }
        (Some(after), strength, _) => {
            push(after, STIMULUS.to_owned());
            if let Some(strength) = strength {
                push(after, format!("per sweep {strength}"));
            }
        }
        (None, Some(strength), unit) => push(
            0.0,
            format!("per sweep {strength}{}", unit.unwrap_or_default()),
        ),
        (None, None, _) => {}
    }
}
