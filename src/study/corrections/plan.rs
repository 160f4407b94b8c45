//! Which trains and responses the corrections concern. What does not fit the study, or what contradicts, is an error that names its place.

use super::{Changed, Correction, when_of};
use crate::cmap::{ByHand, Landmarks};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Change, Correction as Stated, Point, Recording, Side, Target};
use crate::series::When;
use crate::study::{ChannelStudy, Study};
use crate::units::{Milliseconds, Seconds};
use std::collections::{BTreeMap, BTreeSet};

/// A stimulus is meant if its time is stated within this, in s: the tables show a ten-millionth, people write a thousandth.
const SAME_STIMULUS_S: f64 = 0.001;

/// What is to be done, and what is told of it.
pub struct Plan {
    /// By the index of the channel in the recording.
    pub channels: BTreeMap<usize, ChannelPlan>,
    /// In the order in which they are stated.
    pub corrections: Vec<Correction>,
}

/// What is to be done with one channel.
#[derive(Default)]
pub struct ChannelPlan {
    /// The muscle, where it is corrected.
    pub muscle: Option<String>,
    /// The nerve, where it is corrected.
    pub nerve: Option<String>,
    /// The side, where it is corrected.
    pub side: Option<Side>,
    /// What is decided about responses, by their index.
    pub responses: BTreeMap<usize, ByHand>,
    /// Trains that are not used, by their index.
    pub excluded: BTreeSet<usize>,
    /// When trains were recorded, by their index.
    pub when: BTreeMap<usize, When>,
}

/// One thing that can be corrected once: channel, train, response, and what of it.
type Thing = (usize, Option<usize>, Option<usize>, &'static str);

/// Finds what the corrections of a recording concern in its study.
pub fn plan(recording: &Recording, study: &Study) -> Result<Plan> {
    let mut planned = Plan {
        channels: BTreeMap::new(),
        corrections: Vec::new(),
    };
    let mut taken: BTreeMap<Thing, usize> = BTreeMap::new();
    for stated in &recording.corrections {
        let blame = |error: Error| error.at(stated.place()).in_file(&stated.file);
        let correction = find(stated, study).map_err(blame)?;
        once(&mut taken, &correction).map_err(blame)?;
        let channel = planned.channels.entry(stated.channel).or_default();
        put(channel, &correction);
        planned.corrections.push(correction);
    }
    Ok(planned)
}

pub(super) fn bad(message: String) -> Error {
    Error::new(ErrorCode::BadMapping, message)
}

fn find(stated: &Stated, study: &Study) -> Result<Correction> {
    let index = study
        .channels
        .iter()
        .position(|channel| channel.index == stated.channel)
        .ok_or_else(|| bad("the channel was not analyzed".to_owned()))?;
    let channel = &study.channels[index];
    let (train, response) = target(channel, stated.target)?;
    let ordinal = response.and_then(|response| ordinal_of(channel, response));
    Ok(Correction {
        number: stated.number,
        by: stated.by.clone(),
        date: stated.date.clone(),
        reason: stated.reason.clone(),
        channel: index,
        train,
        response,
        ordinal,
        changes: changes(channel, train, response, &stated.change)?,
    })
}

/// The index of the train and that of the response.
fn target(channel: &ChannelStudy, target: Target) -> Result<(Option<usize>, Option<usize>)> {
    let train = |number: usize| {
        let index = number
            .checked_sub(1)
            .filter(|index| *index < channel.trains.len());
        index.ok_or_else(|| {
            let count = channel.trains.len();
            bad(format!(
                "train {number} does not exist; \"{}\" has {count}",
                channel.label
            ))
            .advice("trains.csv shows the trains with their numbers")
        })
    };
    match target {
        Target::Channel => Ok((None, None)),
        Target::Train(number) => Ok((Some(train(number)?), None)),
        Target::Response {
            train: number,
            response,
        } => {
            let index = train(number)?;
            let content = &channel.trains[index];
            let found = content
                .responses
                .iter()
                .find(|other| other.ordinal == Some(response));
            match found {
                Some(found) => Ok((Some(index), Some(found.index))),
                None => {
                    let last = content.responses.iter().filter_map(|r| r.ordinal).max();
                    let why = if content.missing.contains(&response) {
                        "its stimulus was not given".to_owned()
                    } else {
                        format!("its last is {}", last.unwrap_or(0))
                    };
                    Err(
                        bad(format!("train {number} has no response {response}: {why}"))
                            .advice("responses.csv shows the responses with their numbers"),
                    )
                }
            }
        }
        Target::Stimulus(time) => {
            let index = at(channel, time)?;
            let holds = |train: &crate::train::Train| {
                train
                    .responses
                    .iter()
                    .any(|response| response.index == index)
            };
            Ok((channel.trains.iter().position(holds), Some(index)))
        }
    }
}

/// The response to the stimulus at a time.
fn at(channel: &ChannelStudy, time: Seconds) -> Result<usize> {
    let off = |index: &usize| (channel.sweeps[*index].stimulus.time.0 - time.0).abs();
    let nearest = (0..channel.sweeps.len()).min_by(|a, b| off(a).total_cmp(&off(b)));
    match nearest {
        Some(index) if off(&index) <= SAME_STIMULUS_S => Ok(index),
        Some(index) => Err(bad(format!(
            "no stimulus at {} s; the nearest is at {:.4} s",
            time.0, channel.sweeps[index].stimulus.time.0
        ))
        .advice("responses.csv shows stimulus_s")),
        None => Err(bad(format!("no stimulus at {} s: there is none", time.0))),
    }
}

fn ordinal_of(channel: &ChannelStudy, response: usize) -> Option<usize> {
    let mut all = channel.trains.iter().flat_map(|train| &train.responses);
    all.find(|other| other.index == response)?.ordinal
}

fn changes(
    channel: &ChannelStudy,
    train: Option<usize>,
    response: Option<usize>,
    change: &Change,
) -> Result<Vec<Changed>> {
    Ok(match change {
        Change::Exclude => vec![Changed::Excluded],
        Change::Place(points) => placed(channel, response.unwrap_or(usize::MAX), points)?,
        Change::Anatomy {
            muscle,
            nerve,
            side,
        } => {
            let muscle = muscle
                .clone()
                .map(|to| Changed::Muscle(channel.muscle.clone(), to));
            let nerve = nerve
                .clone()
                .map(|to| Changed::Nerve(channel.nerve.clone(), to));
            let side = side.map(|to| Changed::Side(channel.side, to));
            muscle.into_iter().chain(nerve).chain(side).collect()
        }
        Change::AtRest | Change::AfterExercise { .. } => {
            let from = when_of(&channel.series, train.unwrap_or(usize::MAX));
            let to = match change {
                Change::AfterExercise { exercise, delay } => When::After {
                    exercise: *exercise,
                    delay: *delay,
                },
                _ => When::Rest,
            };
            vec![Changed::When(from, to)]
        }
    })
}

/// The landmarks, whose times must lie in the part of the sweep that belongs to the response, behind the artefact: a straight line stands in
/// for the signal there.
fn placed(
    channel: &ChannelStudy,
    response: usize,
    points: &[(Point, Milliseconds)],
) -> Result<Vec<Changed>> {
    let (Some(sweep), Some(cmap)) = (channel.sweeps.get(response), channel.cmaps.get(response))
    else {
        return Err(bad("there is no sweep around the stimulus".to_owned()));
    };
    let step = 1000.0 / sweep.rate.0;
    let last = sweep.first.0 + sweep.values.len().saturating_sub(1) as f64 * step;
    let until = last.min(sweep.until.0);
    for (point, time) in points {
        // A sweep that begins after its artefact has no value before it begins, either.
        if time.0 < sweep.artefact_end.0 {
            return Err(bad(format!(
                "{}_ms is {}, but the artefact of this response ends at {:.3} ms",
                point.as_str(),
                time.0,
                sweep.artefact_end.0
            ))
            .advice("place it after the artefact, or exclude the response"));
        }
        if time.0 < sweep.first.0 || time.0 > until {
            return Err(bad(format!(
                "{}_ms is {}, but the sweep of this response ends at {until:.3} ms",
                point.as_str(),
                time.0
            ))
            .advice("place it inside the sweep"));
        }
    }
    let has_peak = points
        .iter()
        .any(|(point, _)| *point == Point::NegativePeak);
    if cmap.landmarks.negative_peak.is_none() && !has_peak {
        let first = cmap.values.first().and_then(|value| value.as_ref().err());
        let why = first.map_or("not measured", |why| why.code()).to_owned();
        return Err(bad(format!("the program found no response here ({why})"))
            .advice("place negative_peak_ms, too"));
    }
    let from = |point: Point| automatic(&cmap.landmarks, point);
    let changed = |(point, to): &(Point, Milliseconds)| Changed::Landmark {
        point: *point,
        from: from(*point),
        to: *to,
    };
    Ok(points.iter().map(changed).collect())
}

/// The time of a landmark.
pub(super) fn automatic(landmarks: &Landmarks, point: Point) -> Option<Milliseconds> {
    let landmark = match point {
        Point::Onset => landmarks.onset,
        Point::NegativePeak => landmarks.negative_peak,
        Point::Return => landmarks.baseline_return,
        Point::PositivePeak => landmarks.positive_peak,
        Point::End => landmarks.end,
    };
    landmark.map(|landmark| landmark.time)
}

/// Refuses a second correction of the same thing, and one of what is excluded.
fn once(taken: &mut BTreeMap<Thing, usize>, correction: &Correction) -> Result<()> {
    let thing = |what| {
        (
            correction.channel,
            correction.train,
            correction.response,
            what,
        )
    };
    let name = match (correction.train, correction.response, correction.ordinal) {
        (_, Some(_), Some(ordinal)) => format!("response {ordinal}"),
        (_, Some(_), None) => "the response".to_owned(),
        (Some(train), None, _) => format!("train {}", train + 1),
        (None, None, _) => "the channel".to_owned(),
    };
    let of_this = |other: &Thing| {
        (other.0, other.1, other.2) == (correction.channel, correction.train, correction.response)
    };
    for changed in &correction.changes {
        let what = changed.what();
        let exclusion = |other: &str| what == "excluded" || other == "excluded";
        let clash = taken
            .iter()
            .find(|(other, _)| of_this(other) && (other.3 == what || exclusion(other.3)));
        if let Some((other, number)) = clash {
            let verb = |what: &str| match what {
                "excluded" => format!("{name} is excluded"),
                what => format!("{} of {name} is corrected", what.replace('_', " ")),
            };
            return Err(bad(format!(
                "{}, but in correction {number} {}",
                verb(what),
                verb(other.3)
            ))
            .advice("keep one of the two"));
        }
        taken.insert(thing(what), correction.number);
    }
    Ok(())
}

fn put(channel: &mut ChannelPlan, correction: &Correction) {
    let mut points: Vec<(Point, Milliseconds)> = Vec::new();
    for changed in &correction.changes {
        match (changed, correction.train, correction.response) {
            (Changed::Landmark { point, to, .. }, ..) => points.push((*point, *to)),
            (Changed::Excluded, _, Some(response)) => {
                channel.responses.insert(response, ByHand::Excluded);
            }
            (Changed::Excluded, Some(train), None) => {
                channel.excluded.insert(train);
            }
            (Changed::When(_, to), Some(train), _) => {
                channel.when.insert(train, *to);
            }
            (Changed::Muscle(_, to), ..) => channel.muscle = Some(to.clone()),
            (Changed::Nerve(_, to), ..) => channel.nerve = Some(to.clone()),
            (Changed::Side(_, to), ..) => channel.side = Some(*to),
            (Changed::Excluded | Changed::When(..), None, _) => {}
        }
    }
    if let (Some(response), false) = (correction.response, points.is_empty()) {
        // Several corrections may place different landmarks of one response.
        match channel.responses.get_mut(&response) {
            Some(ByHand::Placed(before)) => before.extend(points),
            _ => {
                channel.responses.insert(response, ByHand::Placed(points));
            }
        }
    }
}
