//! Files that programs of laboratories export: known by their structure, each in a file of its own.

use super::value::Value;
use super::variables::Variables;
use super::{biopac, labchart, signal, spike2};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{Mapping, channel_for, millivolts_per};
use crate::recording::{Calibration, Channel, Recording, Role, Segment};
use crate::units::Hertz;

/// A program whose exports are known.
struct Program {
    name: &'static str,
    /// Whether the variables are such an export.
    claims: fn(&Variables) -> bool,
    read: fn(&Variables, &Mapping) -> Result<Recording>,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "LabChart",
        claims: labchart::claims,
        read: labchart::read,
    },
    Program {
        name: "AcqKnowledge",
        claims: biopac::claims,
        read: biopac::read,
    },
    Program {
        name: "Signal",
        claims: signal::claims,
        read: signal::read,
    },
    Program {
        name: "Spike2",
        claims: spike2::claims,
        read: spike2::read,
    },
];

/// Reads the export, whichever it is.
pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let found: Vec<&Program> = PROGRAMS
        .iter()
        .filter(|program| (program.claims)(variables))
        .collect();
    match found.as_slice() {
        [program] => {
            let mut recording = (program.read)(variables, mapping)?;
            recording.origin.device = Some(format!("{} (export to MATLAB)", program.name));
            if recording.channels.is_empty() {
                return Err(Error::new(
                    ErrorCode::NothingToAnalyze,
                    format!(
                        "this export of {} holds no channel with samples. The file holds {}",
                        program.name,
                        variables.listed()
                    ),
                ));
            }
            Ok(recording)
        }
        [] => Err(describe_yourself(variables)),
        several => {
            let names: Vec<_> = several.iter().map(|program| program.name).collect();
            Err(Error::new(
                ErrorCode::BadMapping,
                format!(
                    "the variables look like exports of {}. The file holds {}",
                    names.join(" and of "),
                    variables.listed()
                ),
            )
            .advice("state in a mapping which `variable` holds the samples"))
        }
    }
}

/// The error for a file without a mapping: what it holds, and a mapping to start from.
fn describe_yourself(variables: &Variables) -> Error {
    let message = format!(
        "nothing states what the variables of this MAT-file are, and they are no known export (Spike2, Signal, LabChart, AcqKnowledge). The file holds {}",
        variables.listed()
    );
    let mut largest: Option<(String, &[usize], usize)> = None;
    for (name, value) in &variables.all {
        consider(name, value, 0, &mut largest);
    }
    let Some((path, dims, _)) = largest else {
        return Error::new(ErrorCode::NothingToAnalyze, message);
    };
    let axes = match *dims {
        [rows, columns] if rows > 1 && columns > 1 => format!(
            "sample_axis = {}    # {rows} rows, {columns} columns; the other axis counts sweeps, or channels if index = 0, 1 … is stated\n",
            usize::from(columns > rows)
        ),
        [_, _] => String::new(),
        _ => "sample_axis = 0\nindex_axis = 1\nindex = 0\n".to_owned(),
    };
    Error::new(ErrorCode::BadMapping, message).advice("`endplate init` writes this beside the recording, into a file with its name and \".endplate.toml\"; put in your values:").template(format!(
        "[[channels]]\nvariable = {path:?}\n{axes}rate_hz = 20000\nunit = \"mV\"\n"
    ))
}

/// Looks for the largest array of numbers, also in structs.
fn consider<'a>(
    path: &str,
    value: &'a Value,
    depth: usize,
    largest: &mut Option<(String, &'a [usize], usize)>,
) {
    /// Heuristic: signals stand no deeper.
    const DEEPEST: usize = 3;
    match value {
        Value::Numbers { dims, samples } if samples.len() > 1 => {
            let most = largest.as_ref().map_or(0, |(_, _, most)| *most);
            if samples.len() > most {
                *largest = Some((path.to_owned(), dims, samples.len()));
            }
        }
        Value::Struct { count: 1, fields } if depth < DEEPEST => {
            for (name, values) in fields {
                if let Some(value) = values.first() {
                    consider(&format!("{path}.{name}"), value, depth + 1, largest);
                }
            }
        }
        _ => {}
    }
}

/// What an export says about one channel.
pub(super) struct Stated {
    pub(super) label: String,
    pub(super) unit: String,
    /// `physical = gain * stored + offset`, in `unit`.
    pub(super) gain: f64,
    pub(super) offset: f64,
    pub(super) rails: Option<(f64, f64)>,
    pub(super) rate_hz: f64,
}

/// The channel, with what the mapping adds. `place` names the variable.
pub(super) fn channel(
    stated: Stated,
    segments: Vec<Segment>,
    mapping: &Mapping,
    place: &str,
) -> Result<Channel> {
    let entry = channel_for(mapping, &stated.label);
    let label = &stated.label;
    if let Some(entry) = entry {
        let twice = [
            ("rate_hz", entry.rate_hz.is_some()),
            ("rate_from", entry.rate_from.is_some()),
            ("gain", entry.gain.is_some()),
            ("offset", entry.offset.is_some()),
            ("start_s", entry.start_s.is_some()),
            ("sweep_starts", entry.sweep_starts.is_some()),
            ("sample_axis", entry.sample_axis.is_some()),
            ("index", entry.index.is_some()),
            ("index_axis", entry.index_axis.is_some()),
            ("rails", entry.rails.is_some() && stated.rails.is_some()),
        ];
        if let Some((field, _)) = twice.iter().find(|(_, stated)| *stated) {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!("the mapping states `{field}` of channel \"{label}\", which the file states itself"),
            )
            .at(place)
            .advice(format!("remove `{field}`, or name the data with `variable`, so that only the mapping counts")));
        }
    }
    if !(stated.rate_hz.is_finite() && stated.rate_hz > 0.0) {
        return Err(Error::new(
            ErrorCode::UnknownRate,
            format!(
                "channel \"{label}\" has a rate of {} Hz; expected a number above 0",
                stated.rate_hz
            ),
        )
        .at(place)
        .advice("name the data with `variable` in a mapping and state `rate_hz` there"));
    }
    let file_unit = stated.unit.trim();
    let own = entry.and_then(|entry| entry.unit.as_deref()).map(str::trim);
    let unit = match (millivolts_per(file_unit), own) {
        (Some(file), Some(own)) if millivolts_per(own) != Some(file) => {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!("the unit of channel \"{label}\" is \"{file_unit}\" in the file and \"{own}\" in the mapping"),
            )
            .at(place)
            .advice("remove `unit` from the mapping"));
        }
        (None, Some(own)) => own.to_owned(),
        (None, None) if file_unit.is_empty() => mapping
            .unit
            .as_deref()
            .map(str::trim)
            .unwrap_or_default()
            .to_owned(),
        _ => file_unit.to_owned(),
    };
    let millivolts = millivolts_per(&unit);
    let stated_role = entry.and_then(|entry| entry.role);
    let mut findings = Vec::new();
    let role = match (stated_role, millivolts) {
        (Some(Role::Response) | None, None) if unit.is_empty() || stated_role.is_some() => {
            return Err(Error::new(
                ErrorCode::UnknownUnit,
                if unit.is_empty() {
                    format!("channel \"{label}\" has no unit; V, mV, uV or nV is expected of a response")
                } else {
                    format!("channel \"{label}\" is in \"{unit}\"; V, mV, uV or nV is expected of a response")
                },
            )
            .at(place)
            .advice(format!(
                "in a mapping, under [[channels]] with label = {label:?}, state unit = \"mV\", or role = \"other\" if it is no response"
            )));
        }
        (Some(role), _) => role,
        (None, Some(_)) => Role::Response,
        (None, None) => {
            findings.push(Finding::new(
                FindingCode::ChannelIgnored,
                format!("\"{label}\" in \"{unit}\""),
            ));
            Role::Other
        }
    };
    let rails = stated.rails.or(entry.and_then(|entry| entry.rails));
    if rails.is_none() && role == Role::Response {
        findings.push(Finding::new(
            FindingCode::RailsUnknown,
            "the export holds physical values",
        ));
    }
    let scale = millivolts.unwrap_or(1.0);
    let mut channel = Channel {
        label: stated.label,
        role,
        rate: Hertz(stated.rate_hz),
        segments,
        calibration: Calibration {
            gain: stated.gain * scale,
            offset: stated.offset * scale,
            rails,
            unit,
            millivolts_per_unit: millivolts,
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings,
    };
    mapping.describe(&mut channel);
    Ok(channel)
}

/// Says which channels bear the same label.
pub(super) fn name_duplicates(recording: &mut Recording) {
    recording
        .findings
        .extend(crate::formats::labels::repeated(&recording.channels));
}

/// A field or variable that an export must have.
pub(super) fn missing(what: &str, place: &str) -> Error {
    Error::new(
        ErrorCode::BadHeader,
        format!("the export has no usable {what}"),
    )
    .at(place)
    .advice("export the recording again, or name the data with `variable` in a mapping")
}
