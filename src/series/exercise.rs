//! Which train was recorded at rest and which how long after an exercise, from marks and true times.

use super::{Material, Settings, When};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Meaning};
use crate::units::Seconds;

/// The place of one train among the exercises.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    /// Rest, or the time after exercise.
    pub when: When,
    /// The number of the exercise that it follows, in order of time; `None` at rest.
    pub exercise: Option<usize>,
    /// What was noticed.
    pub finding: Option<Finding>,
}

/// An exercise as the marks tell it. One that is known only from "2 min after exercise" has neither start nor end.
#[derive(Clone, Copy)]
struct Exercise {
    number: usize,
    start: Option<f64>,
    length: Option<f64>,
    end: Option<f64>,
    /// Whether the end may still be told by a mark of its own.
    open: bool,
    /// The last stated time after it.
    stated: Option<f64>,
}

/// What holds after the marks that were read so far.
#[derive(Clone, Copy)]
enum State {
    /// No mark yet.
    Nothing,
    Rest,
    /// After an exercise; its times tell the delay.
    Exercised(Exercise),
    /// After an exercise; a mark states the delay at its own time.
    Stated {
        exercise: Exercise,
        delay: f64,
        at: f64,
    },
}

/// One place per train.
pub(super) fn place(material: &Material<'_>, settings: &Settings) -> Vec<Place> {
    let mut marks: Vec<(f64, Option<f64>, Meaning)> = material
        .marks
        .iter()
        .filter(|mark| {
            mark.channel
                .is_none_or(|channel| channel == material.channel)
        })
        .map(|mark| {
            let duration = mark
                .duration
                .map(|duration| duration.0)
                .filter(|&duration| duration > 0.0);
            (
                mark.time.0,
                duration,
                material.vocabulary.meaning(&mark.text),
            )
        })
        .collect();
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    if material.clock == Clock::OrderOnly {
        let mut places: Vec<Place> = material.trains.iter().map(|_| unknown(None)).collect();
        by_hand(&mut places, material);
        return places;
    }
    let exercised = marks.iter().any(|(_, _, meaning)| {
        matches!(
            meaning,
            Meaning::Exercise { .. } | Meaning::ExerciseEnd | Meaning::After { .. }
        )
    });
    let tolerance = settings.mark_tolerance_ms / 1000.0;
    let mut next = 0;
    let mut count = 0;
    let mut state = State::Nothing;
    let mut places = Vec::with_capacity(material.trains.len());
    for train in material.trains {
        while let Some((time, duration, meaning)) = marks.get(next)
            && *time <= train.start.0 + tolerance
        {
            state = follow(state, *time, *duration, meaning, &mut count);
            next += 1;
        }
        places.push(locate(&state, train.start.0, exercised, settings));
    }
    by_hand(&mut places, material);
    places
}

/// What a reader says goes before the marks. A train that is put after exercise belongs to the exercise of the nearest earlier train that
/// follows one, else of the nearest later, else to one of its own.
fn by_hand(places: &mut [Place], material: &Material<'_>) {
    for (&train, &when) in material.by_hand {
        let nearest = |places: &[Place]| {
            let (before, after) = places.split_at(train.min(places.len()));
            let follows = |place: &&Place| place.exercise.is_some();
            let found = before.iter().rev().find(follows);
            found.or_else(|| after.iter().find(follows)).cloned()
        };
        let of_its_own = places.iter().filter_map(|place| place.exercise).max();
        let (when, exercise) = match when {
            When::After { exercise, delay } => {
                let current = places.get(train).filter(|place| place.exercise.is_some());
                let near = current.cloned().or_else(|| nearest(places));
                let length = near.as_ref().and_then(|near| match near.when {
                    When::After { exercise, .. } => exercise,
                    When::Rest | When::Unknown => None,
                });
                let number = near
                    .and_then(|near| near.exercise)
                    .or(Some(of_its_own.unwrap_or(0) + 1));
                let exercise = exercise.or(length);
                (When::After { exercise, delay }, number)
            }
            When::Rest | When::Unknown => (when, None),
        };
        if let Some(place) = places.get_mut(train) {
            *place = Place {
                when,
                exercise,
                finding: None,
            };
        }
    }
    for (place, train) in places.iter_mut().zip(material.trains) {
        if super::is_excluded(train) {
            *place = unknown(None);
        }
    }
}

fn unknown(finding: Option<Finding>) -> Place {
    Place {
        when: When::Unknown,
        exercise: None,
        finding,
    }
}

/// The state after one more mark.
fn follow(
    state: State,
    time: f64,
    duration: Option<f64>,
    meaning: &Meaning,
    count: &mut usize,
) -> State {
    let current = match state {
        State::Nothing | State::Rest => None,
        State::Exercised(exercise) | State::Stated { exercise, .. } => Some(exercise),
    };
    let mut begin = |start, length, end, open| {
        *count += 1;
        Exercise {
            number: *count,
            start,
            length,
            end,
            open,
            stated: None,
        }
    };
    match meaning {
        Meaning::Rest => State::Rest,
        Meaning::Exercise { length } => {
            let length = duration.or(length.map(|length| length.0));
            let end = length.map(|length| time + length);
            State::Exercised(begin(Some(time), length, end, duration.is_none()))
        }
        Meaning::ExerciseEnd => match current {
            Some(exercise) if exercise.open => State::Exercised(Exercise {
                end: Some(time),
                length: exercise.length.or(exercise.start.map(|start| time - start)),
                open: false,
                ..exercise
            }),
            // A mark of the end beside an exercise that has a duration of its own says nothing new.
            Some(exercise)
                if exercise.start.is_some()
                    && exercise.stated.is_none()
                    && exercise.end.is_some_and(|end| time <= end + SAME_END) =>
            {
                State::Exercised(exercise)
            }
            _ => State::Exercised(begin(None, None, Some(time), false)),
        },
        Meaning::After { delay } => {
            let same =
                current.filter(|exercise| exercise.stated.is_none_or(|before| delay.0 >= before));
            let exercise = same.unwrap_or_else(|| begin(None, None, None, false));
            let exercise = Exercise {
                stated: Some(delay.0),
                open: false,
                ..exercise
            };
            State::Stated {
                exercise,
                delay: delay.0,
                at: time,
            }
        }
        Meaning::Stimulus { .. }
        | Meaning::Train
        | Meaning::Temperature { .. }
        | Meaning::DeviceResponse
        | Meaning::Note => state,
    }
}

/// A mark of an end this much after the end that the exercise's own duration tells is the same end, in s. Heuristic.
const SAME_END: f64 = 5.0;

fn locate(state: &State, start: f64, exercised: bool, settings: &Settings) -> Place {
    let rest = Place {
        when: When::Rest,
        exercise: None,
        finding: None,
    };
    let after = |exercise: &Exercise, delay: f64, finding| Place {
        when: When::After {
            exercise: exercise.length.map(Seconds),
            delay: Seconds(delay.max(0.0)),
        },
        exercise: Some(exercise.number),
        finding,
    };
    match state {
        State::Nothing if exercised => rest,
        State::Nothing => unknown(None),
        State::Rest => rest,
        State::Exercised(exercise) => match exercise.end {
            None => unknown(Some(Finding::new(
                FindingCode::ExerciseUnknown,
                format!("neither length nor end of the exercise before the train at {start:.1} s"),
            ))),
            Some(end) if start < end => unknown(Some(Finding::new(
                FindingCode::ExerciseUnknown,
                format!(
                    "the train at {start:.1} s begins before the end of the exercise at {end:.1} s"
                ),
            ))),
            Some(end) if start - end > settings.washout_s => rest,
            Some(end) => after(exercise, start - end, None),
        },
        State::Stated {
            exercise,
            delay,
            at,
        } => {
            let stated = delay + (start - at).max(0.0);
            let Some(by_clock) = exercise.end.map(|end| start - end) else {
                return after(exercise, stated, None);
            };
            if (by_clock - stated).abs() <= settings.stated_delay_tolerance_s && by_clock >= 0.0 {
                return after(exercise, by_clock, None);
            }
            // A recording that was paused loses time, it never gains any.
            let delay = by_clock.max(stated);
            let detail = format!(
                "{stated:.0} s are stated for the train at {start:.1} s, {by_clock:.0} s passed by the clock; {delay:.0} s were used"
            );
            after(
                exercise,
                delay,
                Some(Finding::new(FindingCode::DelayContradicted, detail)),
            )
        }
    }
}
