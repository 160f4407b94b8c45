//! Layout `channels`: one column per channel, one row per sample.

use super::Parts;
use super::axis::{self, Times};
use super::describe::{Statements, without_empty_ends};
use super::header::{ColumnName, Kind, seconds_per};
use super::notes::ChannelNotes;
use super::rows::Rows;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::ChannelMapping;
use crate::recording::Mark;
use crate::units::{Hertz, Seconds};
use std::ops::Range;

/// More channels are refused. Heuristic: high-density EMG has some hundreds.
pub(super) const MAX_CHANNELS: usize = 4096;

/// What the columns are.
struct Columns<'a> {
    time: Option<usize>,
    marks: Vec<usize>,
    /// With the entry of the mapping.
    channels: Vec<(usize, Option<&'a ChannelMapping>)>,
}

/// Reads the rows.
pub(super) fn read(rows: &mut Rows, parts: &mut Parts) -> Result<()> {
    let mapping = parts.mapping.clone();
    let columns = columns(rows, &mapping, parts)?;
    let mut times = Times::default();
    let mut lines: Vec<u32> = Vec::new();
    let mut values: Vec<Vec<f64>> = columns.channels.iter().map(|_| Vec::new()).collect();
    let mut texts: Vec<(usize, String)> = Vec::new();
    while rows.next()? {
        if let Some(column) = columns.time {
            times.push(rows.required(column)?, rows.last_digit(column), rows.line());
        }
        for &column in &columns.marks {
            if !rows.text(column).is_empty() {
                texts.push((lines.len(), rows.text(column).to_owned()));
            }
        }
        for ((column, _), values) in columns.channels.iter().zip(&mut values) {
            values.push(rows.number(*column)?.unwrap_or(f64::NAN));
        }
        lines.push(u32::try_from(rows.line()).unwrap_or(u32::MAX));
    }
    if lines.is_empty() && !parts.own {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "a header but no samples")
                .at(format!("line {}", rows.line()))
                .advice("check the export"),
        );
    }
    let no_notes = ChannelNotes::default();
    let mut clock: Option<Grid> = None;
    for (index, ((column, stated), values)) in columns.channels.iter().zip(values).enumerate() {
        let statements = Statements {
            mapping: &mapping,
            stated: *stated,
            notes: parts.channel_notes.get(&index).unwrap_or(&no_notes),
            column: rows
                .header()
                .and_then(|names| names.get(*column))
                .cloned()
                .unwrap_or_else(|| ColumnName {
                    name: format!("column {}", column + 1),
                    unit: None,
                }),
            place: rows.column(*column),
        };
        let rate = statements.rate()?;
        if columns.time.is_none() && rate.is_none() {
            return Err(no_rate(rows));
        }
        // All channels share the rows, hence their times; only their starts may be stated apart where there is no time column.
        let grid = match &clock {
            Some(grid) if rate.is_none_or(|rate| rate == grid.rate) => grid,
            Some(grid) => {
                let (rate, other) = (rate.unwrap_or(grid.rate), grid.rate);
                return Err(Error::new(
                    ErrorCode::UnknownRate,
                    format!(
                        "{rate} is stated here and {other} for another column of the same rows"
                    ),
                )
                .at(statements.place)
                .advice("columns of different rates belong into the layout long"));
            }
            None => clock.insert(grid(&times, columns.time, rate, rows, parts, lines.len())?),
        };
        let start = if columns.time.is_none() {
            statements.start()?
        } else {
            None
        };
        let mut described = statements.describe(grid.rate)?;
        for part in &grid.parts {
            let piece = values.get(part.range.clone()).unwrap_or_default();
            let filled = without_empty_ends(piece).map_err(|hole| {
                let line = lines
                    .get(part.range.start + hole)
                    .copied()
                    .unwrap_or_default();
                Error::new(ErrorCode::BadHeader, "an empty cell between samples")
                    .at(format!("line {line}, {}", rows.column(*column)))
                    .advice(
                        "fill the cell, or leave the row out so that the time column shows the gap",
                    )
            })?;
            if !filled.is_empty() {
                let shift = if filled.start == 0 {
                    0.0
                } else {
                    filled.start as f64 / grid.rate.0
                };
                let from = start.map_or(part.start, |start| start.0);
                described.push(
                    Seconds(from + shift),
                    piece.get(filled).unwrap_or_default().to_vec(),
                )?;
            }
        }
        parts.channels.push(described.channel);
    }
    for (row, text) in texts {
        let Some(grid) = &clock else { break };
        let part = grid.parts.iter().find(|part| part.range.contains(&row));
        let time = part.map_or(0.0, |part| {
            part.start + (row - part.range.start) as f64 / grid.rate.0
        });
        parts.marks.push(Mark {
            time: Seconds(time),
            duration: None,
            text,
            channel: None,
        });
    }
    Ok(())
}

/// The times of the rows.
struct Grid {
    rate: Hertz,
    parts: Vec<Part>,
}

/// Rows without a gap.
struct Part {
    range: Range<usize>,
    /// In s.
    start: f64,
}

fn grid(
    times: &Times,
    column: Option<usize>,
    rate: Option<Hertz>,
    rows: &Rows,
    parts: &Parts,
    count: usize,
) -> Result<Grid> {
    let Some(column) = column else {
        let rate = rate.ok_or_else(|| no_rate(rows))?;
        return Ok(Grid {
            rate,
            parts: vec![Part {
                range: 0..count,
                start: 0.0,
            }],
        });
    };
    let unit = time_unit(rows, column, parts)?;
    let seconds = match (unit, rate) {
        (Some(seconds), _) => seconds,
        (None, Some(rate)) => 1.0 / rate.0,
        (None, None) => return Err(no_rate(rows)),
    };
    let rate = match rate {
        Some(rate) => rate,
        None => axis::rate(times, seconds)?,
    };
    let ranges = axis::parts(times, 1.0 / (rate.0 * seconds), true)?;
    let start =
        |range: &Range<usize>| times.values.get(range.start).copied().unwrap_or_default() * seconds;
    Ok(Grid {
        rate,
        parts: ranges
            .into_iter()
            .map(|range| Part {
                start: start(&range),
                range,
            })
            .collect(),
    })
}

/// The length of the unit of a column of times in s; `None` for numbers of samples.
pub(super) fn time_unit(rows: &Rows, column: usize, parts: &Parts) -> Result<Option<f64>> {
    let stated = parts.mapping.text.time_unit.clone();
    let header = rows
        .header()
        .and_then(|names| names.get(column))
        .and_then(|name| name.unit.clone());
    let unit = stated.or(header).ok_or_else(|| {
        Error::new(ErrorCode::UnknownUnit, "the unit of the times is not stated")
            .at(rows.column(column))
            .advice("name the column `time [s]` or `time_ms`, or state text.time_unit in a mapping or `# time_unit = ms` at the top")
    })?;
    seconds_per(&unit).map_err(|error| error.at(rows.column(column)))
}

/// That neither times nor a rate are stated.
pub(super) fn no_rate(rows: &Rows) -> Error {
    Error::new(ErrorCode::UnknownRate, "neither a column of times nor a sampling rate is stated")
        .at(format!("the table with {} columns", rows.columns()))
        .advice("state rate_hz in a mapping or as `# rate_hz = 20000` at the top, or name the column with the times (text.time_column)")
}

fn columns<'a>(
    rows: &Rows,
    mapping: &'a crate::formats::Mapping,
    parts: &mut Parts,
) -> Result<Columns<'a>> {
    let time = match &mapping.text.time_column {
        Some(stated) => Some(rows.find(stated, "text.time_column")?),
        None if parts.own => Some(0),
        None => match rows
            .positions(|_, name| name.kind() == Kind::Time)
            .as_slice()
        {
            [] => None,
            [only] => Some(*only),
            [_, second, ..] => {
                return Err(Error::new(ErrorCode::BadHeader, "two columns of times")
                    .at(rows.column(*second))
                    .advice("say which counts with text.time_column in a mapping"));
            }
        },
    };
    let marks = if parts.own {
        Vec::new()
    } else {
        rows.positions(|index, name| Some(index) != time && name.kind() == Kind::Mark)
    };
    let mut channels = Vec::new();
    for stated in &mapping.channels {
        let wanted = stated
            .column
            .as_deref()
            .or(stated.label.as_deref())
            .ok_or_else(|| {
                Error::new(ErrorCode::BadMapping, "an entry without `column`")
                    .at("channels")
                    .advice("name the column of the text file, or its number from 1")
            })?;
        channels.push((rows.find(wanted, "channels.column")?, Some(stated)));
    }
    let rest: Vec<usize> = (0..rows.columns())
        .filter(|index| Some(*index) != time && !marks.contains(index))
        .collect();
    if channels.is_empty() {
        channels = rest.into_iter().map(|index| (index, None)).collect();
    } else {
        let unread: Vec<_> = rest
            .into_iter()
            .filter(|index| channels.iter().all(|(read, _)| read != index))
            .map(|index| rows.column(index))
            .collect();
        if !unread.is_empty() {
            parts.findings.push(Finding::new(
                FindingCode::ChannelIgnored,
                format!("not listed in the mapping: {}", unread.join(", ")),
            ));
        }
    }
    if channels.len() > MAX_CHANNELS {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!(
                "{} columns of channels; at most {MAX_CHANNELS} are read",
                channels.len()
            ),
        )
        .at(format!("line {}", rows.line()))
        .advice("if each column is a sweep, state text.layout = \"sweeps\" in a mapping"));
    }
    if channels.is_empty() && !parts.own {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "no column of samples")
                .at(format!("line {}", rows.line()))
                .advice("check the separator and the export"),
        );
    }
    Ok(Columns {
        time,
        marks,
        channels,
    })
}
