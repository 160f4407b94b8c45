//! What a person states about the protocol, put on the recording. It becomes what the file itself might have held: times of sweeps, marks,
//! fields of the subject. From there on there is one path.

mod check;
mod marks;
mod numbers;
mod times;
mod trains;
pub(super) mod values;

use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::recording::{Channel, Clock, Mark, Recording};
use crate::units::{Celsius, Seconds};

/// Puts everything on the recording that the mapping states and the reader of the format did not use.
pub(super) fn apply(recording: &mut Recording, mapping: &Mapping) -> Result<()> {
    every_label_exists(&recording.channels, mapping)?;
    for channel in &mut recording.channels {
        mapping.describe(channel);
    }
    marks::keep_own_stimuli(recording, mapping);
    marks::add(recording, mapping)?;
    let mut replaced = subject(recording, mapping);
    if let Some(stated) = &mapping.recorded {
        let started = &mut recording.origin.started;
        if started
            .replace(stated.clone())
            .is_some_and(|other| other != *stated)
        {
            // Without the date of the file: who passes the recording on without it would pass it on here.
            replaced.push("another time of the recording in the file".to_owned());
        }
    }
    for (number, exercise) in mapping.exercises.iter().enumerate() {
        let place = format!("exercises, number {}", number + 1);
        if recording.origin.clock == Clock::OrderOnly {
            return Err(bad("the sweeps of the file have no times")
                .at(place)
                .advice("state exercise_s and after_exercise_s of the train that followed"));
        }
        recording.marks.push(Mark {
            time: Seconds(exercise.start_s),
            duration: Some(Seconds(exercise.length_s)),
            text: "exercise".to_owned(),
            channel: channel_of(&recording.channels, exercise.channel.as_deref())
                .map_err(|error| error.at(place))?,
        });
    }
    trains::put(recording, &mapping.trains)?;
    recording
        .marks
        .sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    if !replaced.is_empty() {
        recording
            .findings
            .push(Finding::new(FindingCode::StatedByHand, replaced.join("; ")));
    }
    Ok(())
}

/// What is stated about the subject goes before the file; gives what it replaced.
fn subject(recording: &mut Recording, mapping: &Mapping) -> Vec<String> {
    fn put<T: Clone + PartialEq + std::fmt::Display>(
        name: &str,
        field: &mut Option<T>,
        stated: Option<T>,
        replaced: &mut Vec<String>,
    ) {
        let Some(stated) = stated else { return };
        if let Some(other) = field
            .replace(stated.clone())
            .filter(|other| *other != stated)
        {
            replaced.push(format!("{name} {other} in the file, {stated} stated"));
        }
    }
    let mut replaced = Vec::new();
    let stated = &mapping.subject;
    let subject = &mut recording.subject;
    let code = stated.code.clone();
    if let Some(code) = code
        && subject
            .code
            .replace(code.clone())
            .is_some_and(|other| other != code)
    {
        // Not which: the code of the file may be what the stated one is to hide.
        replaced.push("another code in the file".to_owned());
    }
    put(
        "age in years",
        &mut subject.age_years,
        stated.age_years,
        &mut replaced,
    );
    put("sex", &mut subject.sex, stated.sex.clone(), &mut replaced);
    put(
        "skin temperature",
        &mut subject.skin_temperature,
        stated.skin_temperature_c.map(Celsius),
        &mut replaced,
    );
    replaced
}

/// An entry that only describes a channel must find it: a slip of the pen would drop a muscle in silence.
fn every_label_exists(channels: &[Channel], mapping: &Mapping) -> Result<()> {
    let missing = mapping
        .channels
        .iter()
        .filter(|entry| {
            entry.dataset.is_none() && entry.variable.is_none() && entry.column.is_none()
        })
        .filter_map(|entry| entry.label.as_deref())
        .find(|label| {
            !channels
                .iter()
                .any(|channel| channel.label.trim() == label.trim())
        });
    match missing {
        None => Ok(()),
        Some(label) => Err(no_such(channels, label).at("channels")),
    }
}

/// The index of the channel with that label; `None` for all channels.
pub(super) fn channel_of(channels: &[Channel], label: Option<&str>) -> Result<Option<usize>> {
    let Some(label) = label else {
        return Ok(None);
    };
    let mut with_label = channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| channel.label.trim() == label.trim());
    match (with_label.next(), with_label.next()) {
        (Some((index, _)), None) => Ok(Some(index)),
        (Some(_), Some(_)) => Err(bad(format!("several channels are called \"{label}\""))),
        (None, _) => Err(no_such(channels, label)),
    }
}

fn no_such(channels: &[Channel], label: &str) -> Error {
    let known: Vec<_> = channels
        .iter()
        .map(|channel| format!("\"{}\"", channel.label))
        .collect();
    bad(format!("no channel is called \"{label}\""))
        .advice(format!("the file holds {}", known.join(", ")))
}

pub(super) fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadMapping, message)
}
