//! Layout `long`: the rows, gathered by channel and sweep.

use super::Parts;
use super::axis::Times;
use super::channels::MAX_CHANNELS;
use super::header::Kind;
use super::rows::{MAX_COLUMNS, Rows};
use crate::error::{Error, ErrorCode, Result};
use std::collections::BTreeMap;

/// More sweeps are refused, as more columns of sweeps are.
pub(super) const MAX_SWEEPS: usize = MAX_COLUMNS;

/// Where the columns are.
pub(super) struct Columns {
    pub sweep: Option<usize>,
    pub channel: Option<usize>,
    pub stimulus: Option<usize>,
    pub time: Option<usize>,
    pub value: usize,
}

/// The samples of one sweep of one channel.
#[derive(Default)]
pub(super) struct Group {
    pub times: Times,
    pub values: Vec<f64>,
    pub strength: String,
    pub line: u64,
}

/// The groups in the order in which the file names sweeps and channels.
#[derive(Default)]
pub(super) struct Groups {
    pub sweeps: Vec<String>,
    pub channels: Vec<String>,
    /// By channel and sweep.
    pub groups: BTreeMap<(usize, usize), Group>,
}

/// Finds the columns: by the mapping, else by their names.
pub(super) fn columns(rows: &Rows, parts: &Parts) -> Result<Columns> {
    let text = &parts.mapping.text;
    let find = |stated: &Option<String>, kind: Kind, field: &str| match stated {
        Some(stated) => rows.find(stated, field).map(Some),
        None => match rows.positions(|_, name| name.kind() == kind).as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            [_, second, ..] => Err(
                Error::new(ErrorCode::BadHeader, "two columns could be meant")
                    .at(rows.column(*second))
                    .advice(format!("say which counts with {field} in a mapping")),
            ),
        },
    };
    let value = find(&text.value_column, Kind::Value, "text.value_column")?.ok_or_else(|| {
        Error::new(ErrorCode::BadHeader, "no column of values")
            .at(format!(
                "the header {}",
                rows.names()
                    .iter()
                    .take(MAX_NAMES_SHOWN)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
            .advice("name it with text.value_column in a mapping")
    })?;
    Ok(Columns {
        sweep: find(&text.sweep_column, Kind::Sweep, "text.sweep_column")?,
        channel: find(&text.channel_column, Kind::Channel, "text.channel_column")?,
        stimulus: find(
            &text.stimulus_column,
            Kind::Stimulus,
            "text.stimulus_column",
        )?,
        time: find(&text.time_column, Kind::Time, "text.time_column")?,
        value,
    })
}

/// How many names of columns a message shows.
const MAX_NAMES_SHOWN: usize = 20;

/// Reads all rows.
pub(super) fn groups(rows: &mut Rows, columns: &Columns) -> Result<Groups> {
    let mut sweep_numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut channel_numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Groups::default();
    while rows.next()? {
        let sweep = columns.sweep.map_or("", |column| rows.text(column));
        let sweep = numbered(&mut sweep_numbers, &mut found.sweeps, sweep);
        let channel = columns.channel.map_or("", |column| rows.text(column));
        let channel = numbered(&mut channel_numbers, &mut found.channels, channel);
        if found.channels.len() > MAX_CHANNELS || found.sweeps.len() > MAX_SWEEPS {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("more than {MAX_CHANNELS} channels or {MAX_SWEEPS} sweeps"),
            )
            .at(format!("line {}", rows.line()))
            .advice("check which columns tell sweeps and channels apart, or use HDF5"));
        }
        let strength = columns.stimulus.map_or("", |column| rows.text(column));
        if let Some(column) = columns.stimulus {
            rows.number(column)?;
        }
        let groups_before = found.groups.len();
        let group = found
            .groups
            .entry((channel, sweep))
            .or_insert_with(|| Group {
                strength: strength.to_owned(),
                line: rows.line(),
                ..Group::default()
            });
        if group.strength != strength {
            let column = columns.stimulus.unwrap_or_default();
            return Err(rows.fault(column, ErrorCode::BadHeader, format!("\"{strength}\" within a sweep that began with \"{}\"", group.strength)).advice("a sweep has one stimulus: number the sweeps in a column of their own (text.sweep_column)"));
        }
        if let Some(column) = columns.time {
            group
                .times
                .push(rows.required(column)?, rows.last_digit(column), rows.line());
        }
        group.values.push(rows.required(columns.value)?);
        if found.groups.len() > groups_before && found.groups.len() > MAX_SWEEPS {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("more than {MAX_SWEEPS} sweeps in all channels"),
            )
            .at(format!("line {}", rows.line()))
            .advice("use HDF5"));
        }
    }
    Ok(found)
}

fn numbered(numbers: &mut BTreeMap<String, usize>, names: &mut Vec<String>, name: &str) -> usize {
    if let Some(&number) = numbers.get(name) {
        return number;
    }
    let number = names.len();
    numbers.insert(name.to_owned(), number);
    names.push(name.to_owned());
    number
}
