//! Opening a recording that leaves its rate or its units to the files beside it.
//!
//! The file is read as it is first. Only if it states no rate or no unit is it read again with what the sidecars say. So that nothing
//! the file does state is covered, a reading without responses tells which channels have no unit.

use super::channels::Entry;
use super::{Companions, Metadata};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, channel_for};
use crate::formats::{self, Mapping};
use crate::recording::{Recording, Role};
use std::path::Path;

/// Reads the file with what the sidecars settle; `refused` is why it could not be read without them.
pub(super) fn open(
    path: &Path,
    mapping: &Mapping,
    companions: &Companions,
    refused: Error,
) -> Result<Recording> {
    let mut mapping = mapping.clone();
    let mut settled = Vec::new();
    let mut result = Err(refused);
    if lacks(&result, ErrorCode::UnknownRate)
        && mapping.rate_hz.is_none()
        && let Some((rate, from)) = rate(&companions.metadata, companions)?
    {
        mapping.rate_hz = Some(rate);
        settled.push(format!("the rate, {rate} Hz, from {from}"));
        result = formats::open(path, &mapping);
    }
    if lacks(&result, ErrorCode::UnknownUnit)
        && let Some((table, entries)) = &companions.channels
        && let Some((completed, units)) = with_units(path, &mapping, entries)
    {
        settled.push(format!("{} from {}", units.join(", "), table.name));
        let again = formats::open(path, &completed);
        // A mapping that was made here and does not fit is no mistake of the person's.
        if !lacks(&again, ErrorCode::BadMapping) {
            result = again;
        }
    }
    let mut recording = result?;
    if !settled.is_empty() {
        recording
            .findings
            .push(Finding::new(FindingCode::StatedBeside, settled.join("; ")));
    }
    Ok(recording)
}

fn lacks(result: &Result<Recording>, code: ErrorCode) -> bool {
    result.as_ref().is_err_and(|error| error.code() == code)
}

/// The rate that the sidecars state for all responses, and which of them does.
fn rate<'a>(metadata: &'a Metadata, companions: &'a Companions) -> Result<Option<(f64, &'a str)>> {
    if let Some(rate) = metadata.rate()? {
        return Ok(Some((rate, metadata.source("SamplingFrequency"))));
    }
    let Some((table, entries)) = &companions.channels else {
        return Ok(None);
    };
    let mut rates = entries.iter().map(Entry::rate);
    let Some(Some(first)) = rates.next() else {
        return Ok(None);
    };
    Ok(rates
        .all(|rate| rate == Some(first))
        .then_some((first, table.name.as_str())))
}

/// The mapping completed by the units of the channels that state none, and what was added.
fn with_units(path: &Path, mapping: &Mapping, entries: &[Entry]) -> Option<(Mapping, Vec<String>)> {
    let list = |change: &dyn Fn(&mut ChannelMapping, &Entry)| {
        let mut list = mapping.clone();
        list.channels.clear();
        if mapping.channels.is_empty() {
            for entry in entries {
                let mut made = ChannelMapping {
                    column: Some(entry.name.clone()),
                    ..ChannelMapping::default()
                };
                change(&mut made, entry);
                list.channels.push(made);
            }
            return list;
        }
        // Where a person lists the channels, none is added to the list.
        for stated in &mapping.channels {
            let mut stated = stated.clone();
            let only = Mapping {
                channels: vec![stated.clone()],
                ..Mapping::default()
            };
            if let Some(entry) = entries
                .iter()
                .find(|entry| channel_for(&only, &entry.name).is_some())
            {
                change(&mut stated, entry);
            }
            list.channels.push(stated);
        }
        list
    };
    let probe = formats::open(path, &list(&|made, _| made.role = Some(Role::Other))).ok()?;
    let silent = |entry: &Entry| {
        probe
            .channels
            .iter()
            .find(|channel| channel.label.trim() == entry.name)
            .is_some_and(|channel| channel.calibration.unit.is_empty())
    };
    let completed = list(&|made, entry| {
        made.role = made.role.or(entry.role);
        if made.unit.is_none() && silent(entry) {
            made.unit.clone_from(&entry.unit);
        }
    });
    let added: Vec<_> = entries
        .iter()
        .filter(|entry| silent(entry))
        .filter_map(|entry| {
            Some(format!(
                "the unit of \"{}\", {}",
                entry.name,
                entry.unit.as_ref()?
            ))
        })
        .collect();
    (!added.is_empty()).then_some((completed, added))
}
