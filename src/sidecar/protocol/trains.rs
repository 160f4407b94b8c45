//! Stated trains, put on the recording: sweeps without times get those that were stated, each train gets its marks.

use super::bad;
use super::check::{Train, check, no_sweep_twice, place_of};
use super::times::{APART_S, give_times};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::formats::TrainMapping;
use crate::recording::{Clock, Mark, Meaning, Recording, Vocabulary};
use crate::units::Seconds;

/// A stated rate may differ from the recorded one by this part (heuristic: clocks of stimulators are far better).
const RATE_TOLERANCE: f64 = 0.02;

/// Puts the stated trains on the recording.
pub(super) fn put(recording: &mut Recording, stated: &[TrainMapping]) -> Result<()> {
    if stated.is_empty() {
        return Ok(());
    }
    let mut trains = Vec::new();
    for (index, train) in stated.iter().enumerate() {
        let checked = check(recording, train, index + 1)
            .map_err(|error| error.at(place_of(train, index + 1)))?;
        trains.push(checked);
    }
    no_sweep_twice(&trains)?;
    let order_only = recording.origin.clock == Clock::OrderOnly;
    let starts = if order_only {
        give_times(recording, &trains)?
    } else {
        trains
            .iter()
            .map(|train| {
                recorded_start(recording, train)
                    .map_err(|error| error.at(place_of(train.stated, train.number)))
            })
            .collect::<Result<Vec<_>>>()?
    };
    for (train, start) in trains.iter().zip(starts) {
        let stimulus = first_stimulus(recording, train, start);
        set_aside(recording, train, start, stimulus);
        recording.marks.extend(marks(train, stimulus));
    }
    Ok(())
}

/// When a train of a recording with times began; its sweeps must follow each other at the stated rate.
fn recorded_start(recording: &Recording, train: &Train<'_>) -> Result<f64> {
    let Some(channel) = train
        .channels
        .first()
        .map(|&index| &recording.channels[index])
    else {
        return Ok(train.stated.start_s.unwrap_or_default());
    };
    let starts: Vec<f64> = train
        .sweeps
        .iter()
        .filter_map(|&sweep| channel.segments.get(sweep))
        .map(|segment| segment.start.0)
        .collect();
    let first = starts.first().copied().unwrap_or_default();
    if let (Some(rate), [_, .., last]) = (train.stated.rate_hz, starts.as_slice()) {
        let recorded = (starts.len() - 1) as f64 / (last - first);
        if (recorded / rate - 1.0).abs() > RATE_TOLERANCE {
            return Err(bad(format!(
                "{rate} Hz is stated, but the sweeps follow each other at {recorded:.4} Hz"
            ))
            .advice("the file has times of its own; remove rate_hz or correct the sweeps"));
        }
    }
    match train.stated.start_s {
        Some(start) if (start - first).abs() > APART_S => Err(bad(format!(
            "start_s is {start}, but the first sweep begins at {first:.3} s"
        ))),
        _ => Ok(first),
    }
}

/// A train begins shortly before its first stimulus (s). Heuristic: the longest stretch that is stored before a stimulus.
const LEAD_S: f64 = 1.0;

/// What the file itself says about rest or exercise before a train of which that was stated becomes a remark.
fn set_aside(recording: &mut Recording, train: &Train<'_>, start: f64, stimulus: f64) {
    if !train.stated.at_rest && train.stated.after_exercise_s.is_none() {
        return;
    }
    let vocabulary = Vocabulary::default();
    let mut told = Vec::new();
    for mark in &mut recording.marks {
        let here = mark.channel.is_none() || train.only.is_none() || mark.channel == train.only;
        let state = matches!(
            vocabulary.meaning(&mark.text),
            Meaning::Rest | Meaning::After { .. }
        );
        if here && state && (start - LEAD_S..=stimulus).contains(&mark.time.0) {
            told.push(format!(
                "\"{}\" at {:.3} s in the file, {} stated",
                mark.text,
                mark.time.0,
                match train.stated.after_exercise_s {
                    Some(delay) => format!("{delay} s after exercise"),
                    None => "rest".to_owned(),
                }
            ));
            mark.text = format!("in the file: {}", mark.text);
        }
    }
    if train.stated.after_exercise_s.is_some() && !told.is_empty() {
        recording
            .findings
            .push(Finding::new(FindingCode::StatedByHand, told.join("; ")));
    }
}

/// The marks that tell of a train what was stated. They stand at its first stimulus, after any name that the file gives the train.
fn marks(train: &Train<'_>, stimulus: f64) -> Vec<Mark> {
    let stated = train.stated;
    let mark = |time: f64, duration: Option<f64>, text: String| Mark {
        time: Seconds(time),
        duration: duration.map(Seconds),
        text,
        channel: train.only,
    };
    let label = stated
        .label
        .clone()
        .unwrap_or_else(|| train.number.to_string());
    let mut marks = vec![mark(stimulus, None, format!("train {label}"))];
    if stated.at_rest {
        marks.push(mark(stimulus, None, "rest".to_owned()));
    }
    if let Some(delay) = stated.after_exercise_s {
        if let Some(length) = stated.exercise_s {
            marks.push(mark(
                stimulus - delay - length,
                Some(length),
                "exercise".to_owned(),
            ));
        }
        marks.push(mark(stimulus, None, format!("after exercise {delay} s")));
    }
    marks
}

/// The first marked stimulus of the train; its beginning if none is marked.
fn first_stimulus(recording: &Recording, train: &Train<'_>, start: f64) -> f64 {
    let vocabulary = Vocabulary::default();
    recording
        .marks
        .iter()
        .filter(|mark| mark.channel.is_none() || train.only.is_none() || mark.channel == train.only)
        .filter(|mark| (start..start + LEAD_S).contains(&mark.time.0))
        .filter(|mark| matches!(vocabulary.meaning(&mark.text), Meaning::Stimulus { .. }))
        .map(|mark| mark.time.0)
        .reduce(f64::min)
        .unwrap_or(start)
}
