//! Whether the exercise was as long as a protocol asks for, and the first stimulus after it in time.

use super::{Check, Find, HEURISTIC, Scene};
use crate::finding::{Finding, FindingCode};
use crate::series::When;
use crate::source::Source;

/// The exercise fits no protocol.
pub static LENGTH: Check = Check {
    finding: FindingCode::ExerciseLengthUnusual,
    looks_at: "the first train after each exercise",
    formula: "the exercise is shorter than exercise_brief_shortest_s, longer than exercise_long_longest_s, or between \
              exercise_brief_longest_s and exercise_long_shortest_s",
    refuses: false,
    source: Source {
        citation: "10 s for facilitation: Hatanaka, Oh 2008; 30–60 s for exhaustion: Hatanaka, Oh 2014; the tolerance is a heuristic",
        link: "https://pubmed.ncbi.nlm.nih.gov/24435816/",
        place: "abstracts",
    },
    find: Find::Train(length),
};

/// The first stimulus came late.
pub static DELAY: Check = Check {
    finding: FindingCode::ExerciseDelayLong,
    looks_at: "the first train after each exercise",
    formula: "its first stimulus came later than exercise_delay_longest_s after the end of the exercise",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(delay),
};

/// Length of the exercise and delay of a train, if it is the first after its exercise.
fn first_after(scene: &Scene<'_>) -> Option<(Option<f64>, f64)> {
    let When::After { exercise, delay } = scene.when(scene.index)? else {
        return None;
    };
    // An earlier train of the same exercise has a shorter delay.
    let earlier = scene
        .index
        .checked_sub(1)
        .and_then(|before| scene.when(before));
    if let Some(When::After { delay: before, .. }) = earlier {
        let apart = scene.train().start.0 - scene.trains[scene.index - 1].start.0;
        if (delay.0 - before.0 - apart).abs() < SAME_EXERCISE_S {
            return None;
        }
    }
    Some((exercise.map(|length| length.0), delay.0))
}

/// Two trains have the same exercise if their delays differ as their times do, within this (s); a stated time is rounded. Heuristic.
const SAME_EXERCISE_S: f64 = 20.0;

fn length(scene: &Scene<'_>) -> Option<Finding> {
    let length = first_after(scene)?.0?;
    let settings = scene.settings;
    let brief = settings.exercise_brief_shortest_s..=settings.exercise_brief_longest_s;
    let long = settings.exercise_long_shortest_s..=settings.exercise_long_longest_s;
    (!brief.contains(&length) && !long.contains(&length))
        .then(|| Finding::new(FindingCode::ExerciseLengthUnusual, format!("{length:.1} s")))
}

fn delay(scene: &Scene<'_>) -> Option<Finding> {
    let delay = first_after(scene)?.1;
    let longest = scene.settings.exercise_delay_longest_s;
    (delay > longest).then(|| {
        Finding::new(
            FindingCode::ExerciseDelayLong,
            format!("{delay:.1} s, more than {longest} s"),
        )
    })
}
