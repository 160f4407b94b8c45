//! What a reader corrected by hand, checked at the door. What only the analysis knows (which trains and responses there are) is checked by
//! [`crate::study::analyze`].

use super::protocol::{bad, channel_of};
use crate::error::{Error, Result};
use crate::formats::{ChannelName, CorrectionMapping};
use crate::recording::{Change, Correction, Point, Recording, Role, Target};
use crate::units::{Milliseconds, Seconds};
use std::path::Path;

/// Longer texts are no initials and no reason (heuristic); they would stand in every output.
const LONGEST_BY: usize = 100;
const LONGEST_REASON: usize = 1000;
/// No landmark is later than this after its stimulus, in ms (heuristic: F waves and reflexes are over).
const LATEST_MS: f64 = 1000.0;
/// No exercise and no pause is longer, in s (heuristic: a day).
const LONGEST_S: f64 = 86_400.0;

/// Puts the corrections that `file` states on the recording.
pub(super) fn put(
    recording: &mut Recording,
    stated: &[CorrectionMapping],
    file: &Path,
) -> Result<()> {
    for (index, stated) in stated.iter().enumerate() {
        let number = index + 1;
        let correction = correction(recording, stated, number, file)
            .map_err(|error| error.at(format!("corrections, number {number}")))?;
        recording.corrections.push(correction);
    }
    Ok(())
}

fn correction(
    recording: &Recording,
    stated: &CorrectionMapping,
    number: usize,
    file: &Path,
) -> Result<Correction> {
    let by = text(
        "by",
        &stated.by,
        "state who corrects: initials or role",
        LONGEST_BY,
    )?;
    let date = text(
        "date",
        &stated.date,
        "state when: date = 2026-11-20",
        LONGEST_BY,
    )?;
    if date.parse::<jiff::civil::Date>().is_err() {
        return Err(bad(format!("date is \"{date}\", which is no date"))
            .advice("write it as date = 2026-11-20"));
    }
    let reason = text("reason", &stated.reason, "state why", LONGEST_REASON)?;
    let change = change(stated)?;
    let target = target(stated, &change)?;
    Ok(Correction {
        number,
        file: file.to_owned(),
        by,
        date,
        reason,
        channel: channel(recording, stated.channel.as_ref())?,
        target,
        change,
    })
}

/// A text that must be stated, without outer spaces.
fn text(name: &str, stated: &Option<String>, advice: &str, longest: usize) -> Result<String> {
    let text = stated.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        let what = if stated.is_some() {
            "empty"
        } else {
            "not stated"
        };
        return Err(bad(format!("{name} is {what}")).advice(advice));
    }
    if text.chars().count() > longest {
        return Err(bad(format!(
            "{name} has {} characters; at most {longest} are written",
            text.chars().count()
        ))
        .advice("shorten it"));
    }
    Ok(text.to_owned())
}

/// The one thing that is changed.
fn change(stated: &CorrectionMapping) -> Result<Change> {
    let switch = |name: &str, value: Option<bool>| match value {
        Some(false) => Err(bad(format!("{name} = false states nothing"))
            .advice("remove the line, or the correction")),
        value => Ok(value.is_some()),
    };
    let points = points(stated)?;
    let exclude = switch("exclude", stated.exclude)?;
    let anatomy = stated.muscle.is_some() || stated.nerve.is_some() || stated.side.is_some();
    let at_rest = switch("at_rest", stated.at_rest)?;
    let after = stated.exercise_s.is_some() || stated.after_exercise_s.is_some();
    let kinds = [!points.is_empty(), exclude, anatomy, at_rest, after];
    match kinds.iter().filter(|stated| **stated).count() {
        0 => {
            return Err(bad("nothing is corrected").advice(
                "place a landmark (onset_ms, negative_peak_ms, return_ms, positive_peak_ms, end_ms), exclude = true, or \
                 state muscle, nerve, side, at_rest or after_exercise_s",
            ));
        }
        1 => {}
        _ => {
            return Err(bad("several things are corrected at once")
                .advice("write one [[corrections]] for each: landmarks, exclude, muscle nerve side, at_rest, after_exercise_s"));
        }
    }
    if exclude {
        return Ok(Change::Exclude);
    }
    if anatomy {
        let name = |name: &str, value: &Option<String>| match value.as_deref().map(str::trim) {
            Some("") => Err(bad(format!("{name} is empty")).advice("remove the line")),
            value => Ok(value.map(str::to_owned)),
        };
        return Ok(Change::Anatomy {
            muscle: name("muscle", &stated.muscle)?,
            nerve: name("nerve", &stated.nerve)?,
            side: stated.side,
        });
    }
    if at_rest {
        return Ok(Change::AtRest);
    }
    if after {
        let Some(delay) = stated.after_exercise_s else {
            return Err(bad("exercise_s is stated without after_exercise_s")
                .advice("state how long after the end of the exercise the train began, in s"));
        };
        within("after_exercise_s", Some(delay), 0.0, LONGEST_S)?;
        within(
            "exercise_s",
            stated.exercise_s,
            f64::MIN_POSITIVE,
            LONGEST_S,
        )?;
        return Ok(Change::AfterExercise {
            exercise: stated.exercise_s.map(Seconds),
            delay: Seconds(delay),
        });
    }
    Ok(Change::Place(points))
}

fn within(name: &str, value: Option<f64>, from: f64, to: f64) -> Result<()> {
    match value {
        Some(value) if !(from..=to).contains(&value) => {
            let least = if from > 0.0 { "above 0" } else { "0" };
            Err(bad(format!("{name} is {value}; expected {least} to {to}")))
        }
        _ => Ok(()),
    }
}

/// The landmarks that are placed, which must follow each other.
fn points(stated: &CorrectionMapping) -> Result<Vec<(Point, Milliseconds)>> {
    let times = [
        stated.onset_ms,
        stated.negative_peak_ms,
        stated.return_ms,
        stated.positive_peak_ms,
        stated.end_ms,
    ];
    let mut points: Vec<(Point, Milliseconds)> = Vec::new();
    for (point, time) in Point::ALL.into_iter().zip(times) {
        let Some(time) = time else { continue };
        let name = point.as_str();
        within(&format!("{name}_ms"), Some(time), 0.0, LATEST_MS)?;
        if let Some((before, earlier)) = points.last()
            && time <= earlier.0
        {
            return Err(bad(format!(
                "{name}_ms ({time}) does not come after {}_ms ({})",
                before.as_str(),
                earlier.0
            ))
            .advice(
                "the landmarks follow each other: onset, negative_peak, return, positive_peak, end",
            ));
        }
        points.push((point, Milliseconds(time)));
    }
    Ok(points)
}

/// What of the channel is corrected, which must fit the change.
fn target(stated: &CorrectionMapping, change: &Change) -> Result<Target> {
    if [stated.train, stated.response].contains(&Some(0)) {
        return Err(bad("train and response are counted from 1"));
    }
    let target = match (stated.train, stated.response, stated.stimulus_s) {
        (None, None, None) => Target::Channel,
        (Some(train), None, None) => Target::Train(train),
        (Some(train), Some(response), None) => Target::Response { train, response },
        (None, None, Some(time)) if time.is_finite() => Target::Stimulus(Seconds(time)),
        (None, None, Some(time)) => return Err(bad(format!("stimulus_s is {time}"))),
        (None, Some(_), _) => {
            return Err(bad("response is stated without train")
                .advice("state the train, too, or only stimulus_s; responses.csv shows them"));
        }
        (Some(_), _, Some(_)) => {
            return Err(bad("train and stimulus_s are both stated")
                .advice("state train and response, or only stimulus_s"));
        }
    };
    let wrong = |what: &str, advice: &str| Err(bad(what).advice(advice));
    match (change, target) {
        (Change::Place(_), Target::Response { .. } | Target::Stimulus(_))
        | (Change::Exclude, Target::Response { .. } | Target::Stimulus(_) | Target::Train(_))
        | (Change::Anatomy { .. }, Target::Channel)
        | (Change::AtRest | Change::AfterExercise { .. }, Target::Train(_)) => Ok(target),
        (Change::Place(_), _) => wrong(
            "a landmark is placed, but not in which response",
            "state train and response, or stimulus_s; responses.csv shows them",
        ),
        (Change::Exclude, _) => wrong(
            "exclude is stated, but not of which train or response",
            "state train (and response), or stimulus_s; a whole channel gets role = \"other\" in [[channels]]",
        ),
        (Change::Anatomy { .. }, _) => wrong(
            "muscle, nerve and side belong to the whole channel",
            "remove train, response and stimulus_s",
        ),
        (Change::AtRest | Change::AfterExercise { .. }, _) => wrong(
            "at_rest and after_exercise_s belong to a train",
            "state train, without response and stimulus_s; trains.csv shows it",
        ),
    }
}

/// The index of the channel in the recording.
fn channel(recording: &Recording, name: Option<&ChannelName>) -> Result<usize> {
    let responses = || {
        let all = recording.channels.iter().enumerate();
        all.filter(|(_, channel)| channel.role == Role::Response)
    };
    let listed = || -> String {
        let names = responses()
            .enumerate()
            .map(|(place, (_, channel))| format!("{} \"{}\"", place + 1, channel.label));
        names.collect::<Vec<_>>().join(", ")
    };
    let advice =
        |error: Error| error.advice(format!("the channels with responses are {}", listed()));
    match name {
        None => {
            let mut all = responses();
            match (all.next(), all.next()) {
                (Some((index, _)), None) => Ok(index),
                _ => Err(advice(bad("channel is not stated"))),
            }
        }
        Some(ChannelName::Number(number)) => number
            .checked_sub(1)
            .and_then(|place| responses().nth(place))
            .map(|(index, _)| index)
            .ok_or_else(|| advice(bad(format!("there is no channel {number}")))),
        Some(ChannelName::Label(label)) => {
            let index = channel_of(&recording.channels, Some(label)).map_err(advice)?;
            let known = index.filter(|wanted| responses().any(|(index, _)| index == *wanted));
            known.ok_or_else(|| advice(bad(format!("the channel \"{label}\" holds no responses"))))
        }
    }
}
