//! What each signal is: label, role, unit, muscle; and what a mapping adds.

use super::find::Section;
use super::series::{Signal, names};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::labels;
use crate::formats::mapped::stimuli_after;
use crate::formats::mapping::{ChannelMapping, Mapping, channel_for, millivolts_per};
use crate::recording::{Calibration, Channel, Mark, Role, muscle};
use crate::units::Hertz;

/// Spellings of "no unit" (the schema itself prescribes `n/a` and `unknown` in places).
const NO_UNIT: [&str; 7] = [
    "",
    "n/a",
    "na",
    "unknown",
    "none",
    "undefined",
    "not specified",
];

/// All channels, with what the mapping says about them.
pub(super) fn finish(signals: Vec<Signal>, mapping: &Mapping) -> Result<Vec<Channel>> {
    let mut used = vec![false; mapping.channels.len()];
    let mut channels = Vec::with_capacity(signals.len());
    let mut recorded = false;
    let mut processed = Vec::new();
    for signal in signals {
        let section = signal.section;
        let label = label(&signal);
        let entry = entry_for(mapping, &signal, &label);
        for (known, used) in mapping.channels.iter().zip(&mut used) {
            *used |= entry.is_some_and(|entry| std::ptr::eq(entry, known));
        }
        let stated = entry.is_some_and(|entry| entry.role.is_some());
        let channel = channel(signal, label, entry, mapping)?;
        if channel.role == Role::Response {
            recorded |= section == Section::Acquisition;
            if section == Section::Processing && !stated {
                processed.push(channels.len());
            }
        }
        channels.push(channel);
    }
    if let Some((entry, _)) = mapping.channels.iter().zip(&used).find(|(_, used)| !**used) {
        let asked = entry.label.as_ref().or(entry.dataset.as_ref());
        let labels: Vec<_> = channels
            .iter()
            .map(|channel| format!("\"{}\"", channel.label))
            .collect();
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!(
                "the mapping has a channel \"{}\", the file has {}",
                asked.map_or("", String::as_str),
                labels.join(", ")
            ),
        )
        .at("mapping, channels")
        .advice(
            "name it by its label, or state `dataset` (and `index` for one of several columns)",
        ));
    }
    // What was made of a recording is not measured beside it.
    if recorded {
        for index in processed {
            if let Some(channel) = channels.get_mut(index) {
                channel.role = Role::Other;
                channel.findings = vec![Finding::new(
                    FindingCode::ProcessedNotMeasured,
                    format!("\"{}\"", channel.label),
                )];
            }
        }
    }
    name_duplicates(&mut channels);
    Ok(channels)
}

/// The label of the electrode, else the name of the series and the number of the column.
fn label(signal: &Signal) -> String {
    match (&signal.electrode.label, signal.column) {
        (Some(label), _) => label.clone(),
        (None, Some(column)) => format!("{} {column}", signal.name.trim()),
        (None, None) => signal.name.trim().to_owned(),
    }
}

/// The entry that names the dataset and the column, else the one that names the label.
fn entry_for<'a>(mapping: &'a Mapping, signal: &Signal, label: &str) -> Option<&'a ChannelMapping> {
    mapping
        .channels
        .iter()
        .find(|entry| {
            names(entry, &signal.path) && (entry.index.is_none() || entry.index == signal.column)
        })
        .or_else(|| channel_for(mapping, label))
}

fn channel(
    signal: Signal,
    label: String,
    entry: Option<&ChannelMapping>,
    mapping: &Mapping,
) -> Result<Channel> {
    let place = signal.place();
    if let Some(entry) = entry {
        refuse_restated(entry, &label, &place)?;
    }
    let unit = unit(&signal, entry, mapping, &place)?;
    let millivolts = millivolts_per(&unit);
    let mut findings = Vec::new();
    let role = role(&signal, &label, entry, &unit, &place, &mut findings)?;
    if !(signal.gain.is_finite() && signal.gain != 0.0 && signal.offset.is_finite()) {
        return Err(Error::new(
            ErrorCode::BadCalibration,
            format!(
                "a conversion of {} and an offset of {}; expected numbers, the conversion not 0",
                signal.gain, signal.offset
            ),
        )
        .at(place)
        .advice("write the file again with the conversion of the amplifier, or state format = \"hdf5\" in a mapping and `gain` there"));
    }
    let rails = entry.and_then(|entry| entry.rails);
    if rails.is_none() && role == Role::Response {
        findings.push(Finding::new(
            FindingCode::RailsUnknown,
            "NWB does not state the limits of the converter",
        ));
    }
    let location = signal.electrode.location.as_deref().unwrap_or_default();
    // `left APB` is a side and a muscle; nothing but a known muscle is taken.
    let split = labels::label(location);
    let (side, muscle) = match split.muscle.as_deref() {
        Some(sided) if muscle::muscle(sided).is_some() => (split.side, Some(sided.to_owned())),
        _ => (None, muscle::muscle(location).map(|_| location.to_owned())),
    };
    let scale = millivolts.unwrap_or(1.0);
    let mut channel = Channel {
        label,
        role,
        rate: Hertz(signal.rate_hz),
        segments: signal.segments,
        calibration: Calibration {
            gain: signal.gain * scale,
            offset: signal.offset * scale,
            rails,
            unit,
            millivolts_per_unit: millivolts,
        },
        muscle,
        nerve: None,
        side,
        prefilter: signal.prefilter.or(signal.electrode.filtering),
        transducer: None,
        findings,
    };
    describe(&mut channel, entry, mapping);
    Ok(channel)
}

/// The entry was found by its dataset perhaps, which [`Mapping::describe`] does not know; so it is given that entry alone.
fn describe(channel: &mut Channel, entry: Option<&ChannelMapping>, mapping: &Mapping) {
    let own = Mapping {
        muscle: mapping.muscle.clone(),
        nerve: mapping.nerve.clone(),
        side: mapping.side,
        channels: entry
            .map(|entry| ChannelMapping {
                label: Some(channel.label.clone()),
                ..entry.clone()
            })
            .into_iter()
            .collect(),
        ..Mapping::default()
    };
    own.describe(channel);
}

fn refuse_restated(entry: &ChannelMapping, label: &str, place: &str) -> Result<()> {
    let stated = [
        ("rate_hz", entry.rate_hz.is_some()),
        ("rate_from", entry.rate_from.is_some()),
        ("gain", entry.gain.is_some()),
        ("offset", entry.offset.is_some()),
        ("start_s", entry.start_s.is_some()),
        ("sweep_starts", entry.sweep_starts.is_some()),
        ("sample_axis", entry.sample_axis.is_some()),
    ];
    match stated.iter().find(|(_, stated)| *stated) {
        None => Ok(()),
        Some((field, _)) => Err(Error::new(
            ErrorCode::BadMapping,
            format!("the mapping states `{field}` of \"{label}\", which the file states itself"),
        )
        .at(place)
        .advice(format!(
            "remove `{field}`, or state format = \"hdf5\", so that only the mapping counts"
        ))),
    }
}

/// The unit of the file; where it has none, that of the mapping.
fn unit(
    signal: &Signal,
    entry: Option<&ChannelMapping>,
    mapping: &Mapping,
    place: &str,
) -> Result<String> {
    let own = entry.and_then(|entry| entry.unit.as_deref()).map(str::trim);
    let file = signal.unit.as_str();
    if let (Some(known), Some(own)) = (millivolts_per(file), own)
        && millivolts_per(own) != Some(known)
    {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!("the unit is \"{file}\" in the file and \"{own}\" in the mapping"),
        )
        .at(place)
        .advice("remove `unit` from the mapping, or state format = \"hdf5\", so that only the mapping counts"));
    }
    Ok(match own {
        Some(own) if millivolts_per(file).is_none() => own.to_owned(),
        _ if no_unit(file) => mapping
            .unit
            .as_deref()
            .map_or_else(|| file.to_owned(), |unit| unit.trim().to_owned()),
        _ => file.to_owned(),
    })
}

fn no_unit(unit: &str) -> bool {
    NO_UNIT
        .iter()
        .any(|spelling| spelling.eq_ignore_ascii_case(unit))
}

fn role(
    signal: &Signal,
    label: &str,
    entry: Option<&ChannelMapping>,
    unit: &str,
    place: &str,
    findings: &mut Vec<Finding>,
) -> Result<Role> {
    let voltage = millivolts_per(unit).is_some();
    let stated = entry.and_then(|entry| entry.role);
    let named = [label, &signal.name].into_iter().find_map(|text| {
        labels::label(text)
            .role
            .filter(|role| *role != Role::Response)
    });
    let unknown = |message: String| {
        Err(Error::new(ErrorCode::UnknownUnit, message)
            .at(place)
            .advice(format!(
                "in a mapping, under [[channels]] with label = {label:?}, state unit = \"mV\", or role = \"other\" if it is no response"
            )))
    };
    match (stated.or(named), voltage) {
        (Some(Role::Response), false) => unknown(format!(
            "\"{label}\" is in \"{unit}\"; V, mV, uV or nV is expected of a response"
        )),
        (Some(role), _) => Ok(role),
        (None, true) if signal.section == Section::Stimulus => Ok(Role::Other),
        (None, true) => Ok(Role::Response),
        (None, false) if no_unit(unit) => unknown(format!(
            "\"{label}\" has no unit (\"{unit}\"); V, mV, uV or nV is expected of a response"
        )),
        (None, false) => {
            findings.push(Finding::new(
                FindingCode::ChannelIgnored,
                format!("\"{label}\" in \"{unit}\""),
            ));
            Ok(Role::Other)
        }
    }
}

fn name_duplicates(channels: &mut [Channel]) {
    let mut seen = std::collections::BTreeSet::new();
    for channel in channels {
        if !seen.insert(channel.label.clone()) {
            channel.findings.push(Finding::new(
                FindingCode::DuplicateLabel,
                format!("\"{}\"", channel.label),
            ));
        }
    }
}

/// That there are gaps.
pub(super) fn gaps(channels: &[Channel]) -> Option<Finding> {
    let most = channels
        .iter()
        .max_by_key(|channel| channel.segments.len())?;
    (most.segments.len() > 1).then(|| {
        Finding::new(
            FindingCode::GapInRecording,
            format!("\"{}\" has {} stretches", most.label, most.segments.len()),
        )
    })
}

/// A mark in every stretch where the mapping says that the stimulus is.
pub(super) fn stimulus_marks(mapping: &Mapping, channels: &[Channel]) -> Result<Vec<Mark>> {
    let Some(delay_ms) = mapping.stimulus_ms else {
        return Ok(Vec::new());
    };
    let bad = |message: String| {
        Err(Error::new(ErrorCode::BadMapping, message).at("mapping, `stimulus_ms`"))
    };
    if !(delay_ms.is_finite() && delay_ms >= 0.0) {
        return bad(format!(
            "it is {delay_ms}; expected ms after the first sample of each stretch"
        ));
    }
    let delay = delay_ms / 1000.0;
    let swept: Vec<(usize, Vec<f64>)> = channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| channel.role == Role::Response && channel.segments.len() > 1)
        .map(|(index, channel)| {
            let starts = channel.segments.iter();
            (index, starts.map(|segment| segment.start.0).collect())
        })
        .collect();
    if swept.is_empty() {
        return bad("no channel consists of several stretches".to_owned());
    }
    let swept: Vec<(usize, &[f64])> = swept
        .iter()
        .map(|(index, starts)| (*index, starts.as_slice()))
        .collect();
    Ok(stimuli_after(&swept, delay))
}
