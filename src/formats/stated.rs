//! What a mapping states about files that describe themselves: which entry is about which channel, and further marks.

use super::mapping::{ChannelMapping, Mapping, MarkMapping};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Channel, Mark, Role, STIMULUS};
use crate::units::Seconds;

/// Whether a mapping's channel is this one: by label, by column name or by column number from 1.
pub(super) fn concerns(stated: &ChannelMapping, label: &str, number: usize) -> bool {
    match (&stated.column, &stated.label) {
        (Some(column), _) => column.trim() == label || column.trim() == number.to_string(),
        (None, Some(stated)) => stated.trim() == label,
        (None, None) => false,
    }
}

/// A mapping for a channel that the file does not have is a mistake, not a wish.
pub(super) fn check_mapping(mapping: &Mapping, channels: &[Channel]) -> Result<()> {
    let lost = mapping.channels.iter().find(|stated| {
        (stated.column.is_some() || stated.label.is_some())
            && !channels
                .iter()
                .enumerate()
                .any(|(index, channel)| concerns(stated, &channel.label, index + 1))
    });
    let Some(lost) = lost else { return Ok(()) };
    let labels: Vec<_> = channels
        .iter()
        .map(|channel| format!("\"{}\"", channel.label))
        .collect();
    let asked = lost.column.as_ref().or(lost.label.as_ref());
    Err(Error::new(
        ErrorCode::BadMapping,
        format!(
            "the mapping has a channel \"{}\", the file has {}",
            asked.map_or("", String::as_str),
            labels.join(", ")
        ),
    ))
}

/// Stimuli and marks that the laboratory states. Marks in datasets are not for this format.
pub(super) fn marks(mapping: &Mapping, channels: &[Channel]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for stated in &mapping.marks {
        marks.extend(stated.times_s.iter().map(|&time| Mark {
            time: Seconds(time),
            duration: stated.duration_s.map(Seconds),
            text: stated.text.clone().unwrap_or_else(|| STIMULUS.to_owned()),
            channel: None,
        }));
    }
    if let Some(stimulus) = mapping.stimulus_ms {
        let response = channels
            .iter()
            .find(|channel| channel.role == Role::Response);
        for segment in response.iter().flat_map(|channel| &channel.segments) {
            marks.push(Mark {
                time: Seconds(segment.start.0 + stimulus / 1000.0),
                duration: None,
                text: STIMULUS.to_owned(),
                channel: None,
            });
        }
    }
    marks
}

/// The marks that a mapping states for a text file.
pub(super) fn text_marks(stated: &MarkMapping) -> Result<Vec<Mark>> {
    let fault = |what: &str| {
        Err(Error::new(ErrorCode::BadMapping, what).at("marks").advice(
            "in a text file marks are stated with times_s and text, or stand in a column `mark`",
        ))
    };
    if stated.times.is_some() || stated.texts.is_some() || stated.durations.is_some() {
        return fault("a text file has no datasets");
    }
    let (Some(text), false) = (&stated.text, stated.times_s.is_empty()) else {
        return fault("an entry without times_s or text");
    };
    if stated.times_s.iter().any(|time| !time.is_finite()) {
        return fault("a time that is not a finite number");
    }
    let mark = |&time: &f64| Mark {
        time: Seconds(time),
        duration: stated.duration_s.map(Seconds),
        text: text.clone(),
        channel: None,
    };
    Ok(stated.times_s.iter().map(mark).collect())
}
