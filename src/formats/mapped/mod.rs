//! What all formats share in which only a mapping says what an array is (`docs/formats/mapping.md`): HDF5, MAT-files and, for added marks, NWB.

mod calibration;
mod marks;
mod sweeps;

pub(super) use calibration::checked_rate;
pub(super) use marks::{Arrays, read as marks};
pub(super) use sweeps::{Draft, Times, place_sweeps, stimuli_after, stimulus_marks, times};

use super::mapping::{ChannelMapping, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::Finding;
use crate::recording::{Channel, Clock, Mark, Origin, Recording, Role, Subject};
use crate::units::Hertz;

/// An error of the mapping.
pub(super) fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadMapping, message)
}

/// The channel of an entry, still without samples; `name` is that of its array.
pub(super) fn channel(
    mapping: &Mapping,
    entry: &ChannelMapping,
    name: &str,
    rate: Hertz,
) -> Result<Channel> {
    let (calibration, findings) = calibration::calibration(mapping, entry, rate)?;
    let label = entry.label.clone().unwrap_or_else(|| match entry.index {
        Some(index) => format!("{name} {index}"),
        None => name.to_owned(),
    });
    Ok(Channel {
        label: label.trim().to_owned(),
        role: entry.role.unwrap_or(Role::Response),
        rate,
        segments: Vec::new(),
        calibration,
        muscle: entry.muscle.clone().or_else(|| mapping.muscle.clone()),
        nerve: entry.nerve.clone().or_else(|| mapping.nerve.clone()),
        side: entry.side.or(mapping.side),
        prefilter: None,
        transducer: None,
        findings,
    })
}

/// The recording of these channels, with the stimuli and marks of the mapping.
pub(super) fn recording(
    mut drafts: Vec<Draft>,
    arrays: &dyn Arrays,
    mapping: &Mapping,
) -> Result<Recording> {
    let mut findings = Vec::new();
    let clock = place_sweeps(&mut drafts, &mut findings);
    let mut all = stimulus_marks(mapping, &drafts)?;
    all.extend(marks(arrays, mapping, clock, &mut findings)?);
    Ok(of_drafts(drafts, clock, all, findings))
}

/// The recording of channels that are placed in time, of which nothing else is known.
pub(super) fn of_drafts(
    drafts: Vec<Draft>,
    clock: Clock,
    marks: Vec<Mark>,
    findings: Vec<Finding>,
) -> Recording {
    Recording {
        channels: drafts.into_iter().map(Draft::finish).collect(),
        marks,
        origin: Origin {
            clock,
            ..Origin::default()
        },
        subject: Subject::default(),
        corrections: Vec::new(),
        findings,
    }
}
