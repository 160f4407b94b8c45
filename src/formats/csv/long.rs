//! Layout `long`: one row per sample, with columns for sweep, channel, stimulus, time and value.

use super::Parts;
use super::axis;
use super::channels::{no_rate, time_unit};
use super::describe::{Described, Statements};
use super::groups::{Columns, Group, Groups, MAX_SWEEPS, columns, groups};
use super::header::{ColumnName, Kind};
use super::notes::ChannelNotes;
use super::rows::Rows;
use super::sweeps::{push_marks, starts, stimulus_after_start};
use crate::error::{Error, ErrorCode, Result};
use crate::units::{Hertz, Seconds};

/// Whether a header has the columns of this layout.
pub(super) fn looks_long(rows: &Rows) -> bool {
    let has = |wanted: Kind| !rows.positions(|_, name| name.kind() == wanted).is_empty();
    has(Kind::Value) && (has(Kind::Sweep) || has(Kind::Channel))
}

/// Reads the rows.
pub(super) fn read(rows: &mut Rows, parts: &mut Parts) -> Result<()> {
    let columns = columns(rows, parts)?;
    let groups = groups(rows, &columns)?;
    if parts.own {
        return on_one_clock(rows, parts, &columns, groups);
    }
    if groups.groups.is_empty() {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "a header but no samples")
                .at(format!("line {}", rows.line()))
                .advice("check the export"),
        );
    }
    // Times that run on from sweep to sweep are a clock; times that begin anew in each sweep are counted from its stimulus.
    if runs_on(&groups) {
        on_one_clock(rows, parts, &columns, groups)
    } else {
        anew_in_each_sweep(rows, parts, &columns, groups)
    }
}

/// Whether in each channel every sweep begins after the one before it ended; a single sweep does unless its times begin below zero.
fn runs_on(groups: &Groups) -> bool {
    let mut before: Option<(usize, f64)> = None;
    for (&(channel, _), group) in &groups.groups {
        let (Some(&first), Some(&last)) = (group.times.values.first(), group.times.values.last())
        else {
            return false;
        };
        match before {
            Some((other, end)) if other == channel => {
                if first <= end {
                    return false;
                }
            }
            _ => {
                if first < 0.0 {
                    return false;
                }
            }
        }
        before = Some((channel, last));
    }
    true
}

/// The channel of that number with its rate, and the length of the unit of the times in s.
fn described(
    rows: &Rows,
    parts: &Parts,
    columns: &Columns,
    groups: &Groups,
    channel: usize,
    name: &str,
) -> Result<(Described, f64)> {
    let mapping = &parts.mapping;
    let no_notes = ChannelNotes::default();
    let unit = rows
        .header()
        .and_then(|names| names.get(columns.value))
        .and_then(|name| name.unit.clone());
    let label = match name {
        "" => mapping
            .muscle
            .clone()
            .unwrap_or_else(|| "channel".to_owned()),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => format!("channel {number}"),
        name => name.to_owned(),
    };
    let listed = |entry: &&crate::formats::mapping::ChannelMapping| {
        entry.column.as_deref().is_none_or(|wanted| wanted == name)
    };
    let statements = Statements {
        mapping,
        stated: mapping.channels.iter().find(listed),
        notes: parts.channel_notes.get(&channel).unwrap_or(&no_notes),
        column: ColumnName { name: label, unit },
        place: if name.is_empty() {
            rows.column(columns.value)
        } else {
            format!("{}, channel {name}", rows.column(columns.value))
        },
    };
    let stated = statements.rate()?;
    let Some(time) = columns.time else {
        return Ok((
            statements.describe(stated.ok_or_else(|| no_rate(rows))?)?,
            0.0,
        ));
    };
    let seconds = match (time_unit(rows, time, parts)?, stated) {
        (Some(seconds), _) => seconds,
        (None, Some(rate)) => 1.0 / rate.0,
        (None, None) => return Err(no_rate(rows)),
    };
    let own = || {
        groups
            .groups
            .range((channel, 0)..(channel + 1, 0))
            .map(|(_, group)| group)
    };
    let longest = own().max_by_key(|group| (group.values.len(), std::cmp::Reverse(group.line)));
    let rate = match (stated, longest) {
        (Some(rate), _) => rate,
        (None, Some(group)) => axis::rate(&group.times, seconds)?,
        (None, None) => return Err(no_rate(rows)),
    };
    for group in own() {
        axis::parts(&group.times, 1.0 / (rate.0 * seconds), false)?;
    }
    Ok((statements.describe(rate)?, seconds))
}

/// Each sweep is a segment at the time of its first row.
fn on_one_clock(
    rows: &Rows,
    parts: &mut Parts,
    columns: &Columns,
    mut groups: Groups,
) -> Result<()> {
    if parts.own {
        groups = in_own_numbers(groups, parts)?;
    }
    let several = groups.channels.len() > 1;
    let stimulus = stimulus_after_start(0.0, 0.0, &parts.mapping)?;
    let strength_unit = strength_unit(rows, parts, columns);
    let names = std::mem::take(&mut groups.channels);
    for (channel, name) in names.iter().enumerate() {
        let (mut described, seconds) = described(rows, parts, columns, &groups, channel, name)?;
        let mut segments = Vec::new();
        for sweep in 0..groups.sweeps.len() {
            if let Some(group) = groups.groups.remove(&(channel, sweep)) {
                let start = group.times.values.first().copied().unwrap_or_default() * seconds;
                segments.push((sweep, start, group));
            }
        }
        for empty in parts
            .empty_segments
            .iter()
            .filter(|empty| parts.own && empty.channel == channel + 1)
        {
            segments.push((
                empty.segment.saturating_sub(1),
                empty.start_s,
                Group::default(),
            ));
        }
        segments.sort_by_key(|&(sweep, _, _)| sweep);
        for (_, start, group) in segments {
            if !parts.own {
                push_marks(
                    parts,
                    start,
                    stimulus,
                    Some(&group.strength),
                    strength_unit.as_deref(),
                    several.then_some(channel),
                );
            }
            described.push(Seconds(start), group.values)?;
        }
        parts.channels.push(described.channel);
    }
    Ok(())
}

/// In endplate's own files the cells are numbers from 1, and a channel may have no rows at all.
fn in_own_numbers(groups: Groups, parts: &Parts) -> Result<Groups> {
    let number = |text: &str, most: usize| {
        text.parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
            .filter(|&index| index < most)
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::BadHeader,
                    format!("\"{text}\" is no number from 1 to {most}"),
                )
                .at("columns segment and channel")
                .advice("remove the comment endplate_csv if the file was not written by endplate")
            })
    };
    let count = parts
        .channel_notes
        .last_key_value()
        .map_or(0, |(&last, _)| last + 1);
    let mut renumbered = Groups {
        channels: (1..=count).map(|number| number.to_string()).collect(),
        ..Groups::default()
    };
    let mut sweeps = 0;
    for ((channel, sweep), group) in groups.groups {
        let name = |names: &[String], index: usize| names.get(index).cloned().unwrap_or_default();
        let channel = number(&name(&groups.channels, channel), count)?;
        let sweep = number(&name(&groups.sweeps, sweep), MAX_SWEEPS)?;
        sweeps = sweeps.max(sweep + 1);
        renumbered.groups.insert((channel, sweep), group);
    }
    renumbered.sweeps = (1..=sweeps).map(|number| number.to_string()).collect();
    Ok(renumbered)
}

/// Times that are counted from the stimulus, or from the beginning, of each sweep.
fn anew_in_each_sweep(
    rows: &Rows,
    parts: &mut Parts,
    columns: &Columns,
    mut groups: Groups,
) -> Result<()> {
    let names = std::mem::take(&mut groups.channels);
    let mut channels = Vec::new();
    for (channel, name) in names.iter().enumerate() {
        channels.push(described(rows, parts, columns, &groups, channel, name)?);
    }
    let rate = |channel: usize| {
        channels
            .get(channel)
            .map_or(Hertz(1.0), |(described, _)| described.channel.rate)
    };
    let seconds = |channel: usize| channels.get(channel).map_or(1.0, |&(_, seconds)| seconds);
    let first = |channel: usize, group: &Group| {
        group.times.values.first().copied().unwrap_or_default() * seconds(channel)
    };
    let (mut earliest, mut latest, mut latest_start, mut earliest_end) = (
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
        f64::INFINITY,
    );
    let mut late_line = 0;
    for (&(channel, _), group) in &groups.groups {
        let start = first(channel, group);
        let end = start + group.values.len() as f64 / rate(channel).0;
        if start > latest_start {
            late_line = group.line;
        }
        (earliest, latest_start) = (earliest.min(start), latest_start.max(start));
        (latest, earliest_end) = (latest.max(end), earliest_end.min(end));
    }
    if latest_start > earliest_end {
        return Err(Error::new(
            ErrorCode::BadHeader,
            "the times of the sweeps neither run on nor begin anew in each sweep",
        )
        .at(format!("line {late_line}"))
        .advice("check the columns of sweep, channel and time"));
    }
    let length = latest - earliest;
    let starts = starts(groups.sweeps.len(), length, parts)?;
    let stimulus = stimulus_after_start(earliest, length, &parts.mapping)?;
    let unit = strength_unit(rows, parts, columns);
    for (sweep, &start) in starts.iter().enumerate() {
        let here: Vec<(usize, String)> = (0..names.len())
            .filter_map(|channel| {
                groups
                    .groups
                    .get(&(channel, sweep))
                    .map(|group| (channel, group.strength.clone()))
            })
            .collect();
        let shared = here.len() == names.len()
            && here
                .windows(2)
                .all(|pair| matches!(pair, [(_, one), (_, other)] if one == other));
        for (channel, strength) in here.iter().take(if shared { 1 } else { here.len() }) {
            push_marks(
                parts,
                start,
                stimulus,
                Some(strength),
                unit.as_deref(),
                (!shared).then_some(*channel),
            );
        }
    }
    for (channel, (mut described, seconds)) in channels.into_iter().enumerate() {
        for (sweep, &start) in starts.iter().enumerate() {
            if let Some(group) = groups.groups.remove(&(channel, sweep)) {
                let first = group.times.values.first().copied().unwrap_or_default() * seconds;
                described.push(Seconds(start + (first - earliest)), group.values)?;
            }
        }
        parts.channels.push(described.channel);
    }
    Ok(())
}

fn strength_unit(rows: &Rows, parts: &Parts, columns: &Columns) -> Option<String> {
    let header = columns
        .stimulus
        .and_then(|column| rows.header().and_then(|names| names.get(column)))
        .and_then(|name| name.unit.clone());
    header.or_else(|| parts.mapping.text.per_sweep_unit.clone())
}
