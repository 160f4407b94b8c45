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
    let own = recording.marks.clone();
    let stimuli = trains
        .iter()
        .zip(&starts)
        .map(|(train, &start)| {
            first_stimulus(recording, train, start)
                .map_err(|error| error.at(place_of(train.stated, train.number)))
        })
        .collect::<Result<Vec<_>>>()?;
    for ((train, start), stimulus) in trains.iter().zip(starts).zip(stimuli) {
        if !order_only {
            set_aside(recording, &own, train, start, stimulus);
        }
        recording.marks.extend(marks(train, stimulus));
        recording.marks.extend(end(recording, &trains, train));
    }
    Ok(())
}

/// In a recording with times a train of stated sweeps ends before the next sweep that belongs to none, whatever its rhythm.
fn end(recording: &Recording, trains: &[Train<'_>], train: &Train<'_>) -> Option<Mark> {
    let next = train.sweeps.iter().max()? + 1;
    let taken = |other: &Train<'_>| other.sweeps.contains(&next);
    let channel = recording.channels.get(*train.channels.first()?)?;
    let segment = channel.segments.get(next)?;
    let stated = recording.origin.clock == Clock::Stated;
    (!stated && !trains.iter().any(taken)).then(|| Mark {
        time: segment.start,
        duration: None,
        text: format!("train after sweep {next}"),
        channel: train.only,
    })
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

/// What the file itself says about rest or exercise just before a train of which that was stated becomes a remark. What it says earlier
/// stays, and that it is superseded from here on is told.
fn set_aside(
    recording: &mut Recording,
    own: &[Mark],
    train: &Train<'_>,
    start: f64,
    stimulus: f64,
) {
    let stated = match train.stated.after_exercise_s {
        Some(delay) => format!("{delay} s after exercise"),
        None if train.stated.at_rest => "rest".to_owned(),
        None => return,
    };
    let vocabulary = Vocabulary::default();
    let here =
        |mark: &Mark| mark.channel.is_none() || train.only.is_none() || mark.channel == train.only;
    let before: Vec<&Mark> = own
        .iter()
        .filter(|mark| here(mark) && mark.time.0 <= stimulus)
        .filter(|mark| {
            matches!(
                vocabulary.meaning(&mark.text),
                Meaning::Rest
                    | Meaning::After { .. }
                    | Meaning::Exercise { .. }
                    | Meaning::ExerciseEnd
            )
        })
        .collect();
    let Some(last) = before.last() else { return };
    let agrees = train.stated.at_rest && matches!(vocabulary.meaning(&last.text), Meaning::Rest);
    if !agrees {
        recording.findings.push(Finding::new(
            FindingCode::StatedByHand,
            format!(
                "train {}: {stated} stated, \"{}\" at {:.3} s in the file; later trains of which nothing is stated follow the statement",
                train.number, last.text, last.time.0
            ),
        ));
    }
    for mark in &mut recording.marks {
        let state = matches!(
            vocabulary.meaning(&mark.text),
            Meaning::Rest | Meaning::After { .. }
        );
        let just_before = (start - LEAD_S..=stimulus).contains(&mark.time.0);
        if here(mark) && state && just_before && own.contains(mark) {
            mark.text = format!("in the file: {}", mark.text);
        }
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

/// The first marked stimulus of the train; its beginning if the recording has no marked stimuli.
///
/// # Errors
///
/// Where other stimuli are marked but none here, or there is no signal.
fn first_stimulus(recording: &Recording, train: &Train<'_>, start: f64) -> Result<f64> {
    let vocabulary = Vocabulary::default();
    let stimuli: Vec<f64> = recording
        .marks
        .iter()
        .filter(|mark| mark.channel.is_none() || train.only.is_none() || mark.channel == train.only)
        .filter(|mark| matches!(vocabulary.meaning(&mark.text), Meaning::Stimulus { .. }))
        .map(|mark| mark.time.0)
        .collect();
    let first = stimuli
        .iter()
        .copied()
        .filter(|time| (start..start + LEAD_S).contains(time))
        .reduce(f64::min);
    let has_signal = recording.channels.iter().any(|channel| {
        channel
            .segments
            .iter()
            .any(|segment| segment.start.0 < start + LEAD_S && segment.end(channel.rate).0 > start)
    });
    match first {
        Some(first) => Ok(first),
        None if stimuli.is_empty() && has_signal => Ok(start),
        None if has_signal => Err(bad(format!(
            "no stimulus is marked between {start:.3} and {:.3} s",
            start + LEAD_S
        ))
        .advice("start_s is the time shortly before the first stimulus of the train; `endplate inspect` lists the marks")),
        None => Err(bad(format!("there is no signal at {start:.3} s"))),
    }
}
