//! What a person states about the protocol, put on the recording. It becomes what the file itself might have held: times of sweeps, marks,
//! fields of the subject. From there on there is one path.

mod check;
mod numbers;
mod times;
mod trains;

use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::recording::{Channel, Mark, Recording};
use crate::units::{Celsius, Seconds};

/// Puts everything on the recording that the mapping states and the reader of the format did not use.
pub(super) fn apply(recording: &mut Recording, mapping: &Mapping) -> Result<()> {
    for channel in &mut recording.channels {
        mapping.describe(channel);
    }
    let mut replaced = subject(recording, mapping);
    if let Some(stated) = &mapping.recorded {
        let started = &mut recording.origin.started;
        if let Some(other) = started
            .replace(stated.clone())
            .filter(|other| other != stated)
        {
            replaced.push(format!("recorded {other} in the file, {stated} stated"));
        }
    }
    for (number, exercise) in mapping.exercises.iter().enumerate() {
        let place = format!("exercises, number {}", number + 1);
        if !(exercise.start_s.is_finite()
            && exercise.length_s > 0.0
            && exercise.length_s.is_finite())
        {
            return Err(bad("start_s must be a time and length_s be above 0").at(place));
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
    put(
        "code",
        &mut subject.code,
        stated.code.clone(),
        &mut replaced,
    );
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

/// The index of the channel with that label; `None` for all channels.
fn channel_of(channels: &[Channel], label: Option<&str>) -> Result<Option<usize>> {
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
        (None, _) => {
            let known: Vec<_> = channels
                .iter()
                .map(|channel| format!("\"{}\"", channel.label))
                .collect();
            Err(bad(format!("no channel is called \"{label}\""))
                .advice(format!("the file holds {}", known.join(", "))))
        }
    }
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadMapping, message)
}
