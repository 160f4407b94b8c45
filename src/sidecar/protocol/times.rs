//! Times for sweeps that have none: where the statements put the trains.
//!
//! The trains follow each other as they are written: one at rest [`APART_S`] after what came before, one after exercise at its stated
//! time after the end of that exercise.

use super::bad;
use super::check::{Train, longest, place_of, taken};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark, Recording, Role};
use crate::units::Seconds;

/// Between what has no stated time (s). It only keeps apart; nothing is computed from it.
pub(super) const APART_S: f64 = 60.0;
/// A mark this much before a sweep still belongs to it (s): rounding of times in text.
const MARK_ROUNDING_S: f64 = 1e-6;

/// Where one sweep goes.
#[derive(Clone, Copy)]
struct Place {
    start: f64,
    sweep_ms: Option<f64>,
}

/// One place for each sweep of a channel; `None` for one of no train.
type Plan = Vec<Option<Place>>;

/// Moves every sweep of a recording without a clock to where the statements put it; gives the starts of the trains.
pub(super) fn give_times(recording: &mut Recording, trains: &[Train<'_>]) -> Result<Vec<f64>> {
    let mut planned: Vec<Plan> = recording
        .channels
        .iter()
        .map(|channel| vec![None; channel.segments.len()])
        .collect();
    let mut starts = Vec::new();
    let mut free = 0.0;
    let mut exercise_end = None;
    for train in trains {
        let start = start_of(train, free, &mut exercise_end)
            .map_err(|error| error.at(place_of(train.stated, train.number)))?;
        starts.push(start);
        let mut end = start;
        for &index in &train.channels {
            let length = longest(
                &recording.channels[index],
                &train.sweeps,
                train.stated.sweep_ms,
            );
            for (number, &sweep) in train.sweeps.iter().enumerate() {
                let at = start + number as f64 * train.period;
                end = f64::max(end, at + length);
                if let Some(plan) = planned
                    .get_mut(index)
                    .and_then(|plans| plans.get_mut(sweep))
                {
                    *plan = Some(Place {
                        start: at,
                        sweep_ms: train.stated.sweep_ms,
                    });
                }
            }
        }
        free = end;
    }
    let alone = planned
        .iter()
        .flatten()
        .filter(|plan| plan.is_none())
        .count();
    let moved = move_sweeps(recording, &planned, free + APART_S);
    move_marks(recording, &moved);
    recording.origin.clock = Clock::Stated;
    recording
        .findings
        .retain(|finding| finding.code != FindingCode::ClockUnknown);
    recording.findings.push(Finding::new(
        FindingCode::ClockStated,
        format!("{} trains", trains.len()),
    ));
    if alone > 0 {
        recording.findings.push(Finding::new(
            FindingCode::SweepWithoutTrain,
            format!("{alone} sweeps"),
        ));
    }
    Ok(starts)
}

/// When a train begins whose file has no clock. `free` is the end of the train before.
fn start_of(train: &Train<'_>, free: f64, exercise_end: &mut Option<f64>) -> Result<f64> {
    let stated = train.stated;
    let next = if train.number == 1 {
        0.0
    } else {
        free + APART_S
    };
    let start = match (stated.exercise_s, stated.after_exercise_s) {
        (Some(length), Some(delay)) => {
            let begins = stated.start_s.map_or(next, |start| start - delay - length);
            *exercise_end = Some(begins + length);
            begins + length + delay
        }
        (None, Some(delay)) => match *exercise_end {
            Some(end) => end + delay,
            // The exercise itself is not described; its end is known from the delay alone.
            None => {
                let start = stated.start_s.unwrap_or(next);
                *exercise_end = Some(start - delay);
                start
            }
        },
        _ => stated.start_s.unwrap_or(next),
    };
    if let Some(other) = stated.start_s.filter(|other| (other - start).abs() > 1e-3) {
        return Err(bad(format!(
            "start_s is {other}, but the time after the exercise puts the train at {start} s"
        ))
        .advice("state one of them"));
    }
    if train.number > 1 && start < free {
        return Err(bad(format!(
            "it would begin at {start:.3} s, before the train before it ends at {free:.3} s"
        ))
        .advice("write the trains in the order of time; exercise_s begins a new exercise"));
    }
    Ok(start)
}

/// Where a sweep was and by how much it moved, in order of the old times.
struct Moved {
    start: f64,
    by: f64,
}

fn move_sweeps(recording: &mut Recording, planned: &[Plan], after: f64) -> Vec<Vec<Moved>> {
    let mut all = Vec::new();
    for (channel, plans) in recording.channels.iter_mut().zip(planned) {
        let mut moved = Vec::new();
        let mut alone = 0.0;
        let rate = channel.rate.0;
        let mut segments = std::mem::take(&mut channel.segments);
        for (segment, plan) in segments.iter_mut().zip(plans) {
            let Place { start, sweep_ms } = plan.unwrap_or_else(|| {
                let start = after + alone;
                alone += APART_S + segment.samples.len() as f64 / rate;
                Place {
                    start,
                    sweep_ms: None,
                }
            });
            moved.push(Moved {
                start: segment.start.0,
                by: start - segment.start.0,
            });
            segment.start = Seconds(start);
            let length = taken(segment.samples.len(), channel, sweep_ms);
            segment.samples.truncate(length);
        }
        segments.sort_by(|a, b| a.start.0.total_cmp(&b.start.0));
        channel.segments = segments;
        all.push(moved);
    }
    all
}

/// A mark goes with the sweep in which, or after which, it stands. One of all channels whose sweeps part becomes one for each.
fn move_marks(recording: &mut Recording, moved: &[Vec<Moved>]) {
    let responses: Vec<usize> = (0..recording.channels.len())
        .filter(|&index| recording.channels[index].role == Role::Response)
        .collect();
    let by = |channel: usize, time: f64| {
        let sweeps = moved.get(channel)?;
        let after = sweeps.partition_point(|sweep| sweep.start <= time + MARK_ROUNDING_S);
        sweeps.get(after.saturating_sub(1)).map(|sweep| sweep.by)
    };
    let marks = std::mem::take(&mut recording.marks);
    for mark in marks {
        let channels = match mark.channel {
            Some(only) => vec![only],
            None => responses.clone(),
        };
        let shifts: Vec<(usize, f64)> = channels
            .into_iter()
            .filter_map(|channel| Some((channel, by(channel, mark.time.0)?)))
            .collect();
        let together = shifts
            .windows(2)
            .all(|pair| (pair[0].1 - pair[1].1).abs() <= MARK_ROUNDING_S);
        let moved_by = |shift: f64, channel: Option<usize>| Mark {
            time: Seconds(mark.time.0 + shift),
            channel,
            ..mark.clone()
        };
        match shifts.first() {
            None => recording.marks.push(mark.clone()),
            Some(&(_, shift)) if together => {
                recording.marks.push(moved_by(shift, mark.channel));
            }
            Some(_) => recording.marks.extend(
                shifts
                    .iter()
                    .map(|&(channel, shift)| moved_by(shift, Some(channel))),
            ),
        }
    }
}
