//! The table of trains: a row per train of a channel.

use super::column::{
    NOT_COMPUTED, Row, StudyColumn, Word, codes, column, count, entry_of, estimate,
    interval_reason, number_from_1, optional, place, reason, text_column, told, word,
};
use super::{corrected, words};
use crate::cmap::{MEASURES, NotMeasured, Value};
use crate::series::When;
use crate::study::{ChannelStudy, Study};
use crate::train::{
    CHANGING_MEASURES, CONVENTIONS, Change, ChangeEstimate, Convention, Direction, Settings, Train,
    Trust,
};
use crate::units::Unit;

/// The rows of a study: channel by channel, in order of time.
pub fn rows<'a>(study: &'a Study, file: &'a str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        for train in 0..channel.trains.len() {
            rows.push(Row {
                train: Some(train),
                ..Row::new(file, study, index)
            });
        }
    }
    rows
}

/// Its columns.
pub fn columns(settings: &Settings) -> Vec<StudyColumn> {
    let mut columns = place();
    columns.extend(rhythm());
    columns.extend(exercise());
    columns.extend(firsts());
    columns.extend(changes(settings));
    columns.extend(trust());
    columns.extend(shape());
    columns.push(corrected::of_train());
    columns.push(column(
        "findings",
        Unit::One,
        "codes of what was noticed about the train, joined by `;`",
        |row| of(row, |train| codes(&train.findings)),
    ));
    columns
}

/// What was stimulated, and how.
fn rhythm() -> Vec<StudyColumn> {
    vec![
        column(
            "train",
            Unit::One,
            "number of the train in the channel, from 1",
            |row| row.train.and_then(number_from_1),
        ),
        text_column(
            "train_label",
            "text of the mark that began it, if any",
            |row| row.train()?.label.as_deref(),
        ),
        column(
            "start_s",
            Unit::Seconds,
            "when its first stimulus came, on the clock of the recording",
            |row| of(row, |train| Some(train.start.0)),
        ),
        column(
            "kind",
            Unit::One,
            "`single`, `low` (2–5 Hz), `high` (20–50 Hz) or `other`",
            |row| of(row, |train| Some(words::train_kind(train.kind))),
        ),
        column("rate_hz", Unit::Hertz, "stimuli per second", |row| {
            of(row, |train| train.rate.as_ref().ok().map(|rate| rate.0))
        }),
        column("rate_reason", Unit::One, "why there is no rate", |row| {
            of(row, |train| reason(&train.rate))
        }),
        column(
            "irregularity_pct",
            Unit::Percent,
            "coefficient of variation of the intervals, after missing stimuli are accounted for",
            |row| of(row, |train| train.irregularity.map(|percent| percent.0)),
        ),
        column(
            "irregularity_reason",
            Unit::One,
            "why there is none",
            |row| of(row, irregularity_reason),
        ),
        column("stimuli", Unit::One, "how many stimuli were given", |row| {
            of(row, |train| count(train.responses.len()))
        }),
        column(
            "missing",
            Unit::One,
            "numbers at which the rhythm expects a stimulus and none was given, joined by `;`",
            |row| {
                of(row, |train| {
                    let numbers: Vec<_> = train.missing.iter().map(usize::to_string).collect();
                    optional(Some(&numbers.join(";")))
                })
            },
        ),
        column(
            "extra",
            Unit::One,
            "how many stimuli do not fit the rhythm",
            |row| {
                of(row, |train| {
                    count(
                        train
                            .responses
                            .iter()
                            .filter(|r| r.ordinal.is_none())
                            .count(),
                    )
                })
            },
        ),
    ]
}

/// When it was recorded, as to exercise.
fn exercise() -> Vec<StudyColumn> {
    vec![
        column(
            "when",
            Unit::One,
            "`rest`, `after` (exercise) or `unknown`",
            |row| Some(when(row).map_or("unknown", words::when)),
        ),
        column(
            "exercise_s",
            Unit::Seconds,
            "how long the muscle was exercised, where the file says so",
            |row| match when(row) {
                Some(When::After {
                    exercise: Some(length),
                    ..
                }) => Some(length.0),
                _ => None,
            },
        ),
        column(
            "delay_s",
            Unit::Seconds,
            "from the end of the exercise to the first stimulus",
            |row| match when(row) {
                Some(When::After { delay, .. }) => Some(delay.0),
                _ => None,
            },
        ),
    ]
}

/// The first response, from which changes are taken.
fn firsts() -> Vec<StudyColumn> {
    let mut columns = Vec::new();
    for &id in CHANGING_MEASURES {
        let Some(measure) = MEASURES.iter().find(|measure| measure.id == id) else {
            continue;
        };
        let meaning = format!("first response: {}", measure.name);
        let columns_of = estimate(&format!("first_{id}"), measure.unit, &meaning, move |row| {
            first(row.channel()?, row.train()?, id).map(|value| told(&value))
        });
        columns.extend(columns_of.map(|column| column.defined_in(measure.source)));
    }
    columns
}

/// Each change with its interval, its response and its probabilities.
fn changes(settings: &Settings) -> Vec<StudyColumn> {
    let mut columns = Vec::new();
    let kinds = CHANGING_MEASURES
        .iter()
        .flat_map(|&measure| CONVENTIONS.iter().map(move |card| (measure, card)));
    for (place, (measure, convention)) in kinds.enumerate() {
        let which = Which {
            measure,
            convention: convention.id,
            place,
        };
        let columns_of = change(which, convention).into_iter();
        columns.extend(columns_of.map(|column| column.defined_in(convention.source)));
        for &limit in limits(settings, convention.id) {
            columns.push(probability(which, limit));
        }
    }
    columns
}

/// Whether it can be believed.
fn trust() -> Vec<StudyColumn> {
    vec![
        column(
            "believed",
            Unit::One,
            "`yes`, or `no` for a train that cannot be believed: it gives no verdict, but keeps its numbers; also for one that a reader excluded (`refused_by` is `corrected_by_hand`)",
            |row| of(row, |train| Some(train.trust.is_believed())),
        ),
        column(
            "refused_by",
            Unit::One,
            "codes of the findings that speak against it, joined by `;`",
            |row| {
                of(row, |train| {
                    let names: Vec<_> = train
                        .trust
                        .refused_by()
                        .iter()
                        .map(|code| code.as_str())
                        .collect();
                    optional(Some(&names.join(";")))
                })
            },
        ),
    ]
}

/// Shape, late over early decrement, and enlargement.
fn shape() -> Vec<StudyColumn> {
    let late = |pick: fn(&ChangeEstimate) -> f64| {
        move |row: &Row<'_>| match row.train().map(|train| &train.late_over_early) {
            Some(Ok(estimate)) => Some(pick(estimate)),
            _ => None,
        }
    };
    vec![
        column(
            "shape",
            Unit::One,
            "shape of the amplitudes of a low-rate train (heuristic): `even`, `u_shape`, `plateau`, `progressive`, `late_only`, `linear`, `step`, `irregular`, `rising` or `unclear`",
            |row| of(row, |train| word(&train.shape, |shape| shape.as_str())),
        ),
        column("shape_reason", Unit::One, "why there is none", |row| {
            of(row, |train| reason(&train.shape))
        }),
        column(
            "late_over_early_pct",
            Unit::Percent,
            "decrement of the amplitude of the last response in percent of that of response 4, for a low-rate train",
            late(|e| e.value.0),
        ),
        column(
            "late_over_early_low_pct",
            Unit::Percent,
            "lower end of its 95 % interval",
            late(|e| e.low.0),
        ),
        column(
            "late_over_early_high_pct",
            Unit::Percent,
            "upper end of its 95 % interval",
            late(|e| e.high.0),
        ),
        column(
            "late_over_early_reason",
            Unit::One,
            "why there is no value, or no interval",
            |row| of(row, |train| change_reason(&train.late_over_early)),
        ),
        column(
            "enlargement",
            Unit::One,
            "what makes the highest response of a high-rate train larger than the first (heuristic): `true_increment`, `pseudofacilitation` or `indeterminate`",
            |row| {
                of(row, |train| {
                    word(&train.enlargement, |read| read.kind.as_str())
                })
            },
        ),
        column(
            "enlargement_reason",
            Unit::One,
            "why there is no reading",
            |row| of(row, |train| reason(&train.enlargement)),
        ),
    ]
}

/// The name of a change: the convention, and before it the measure unless it is the amplitude.
pub fn change_name(measure: &str, convention: &str) -> String {
    match measure {
        "amplitude" => convention.to_owned(),
        _ => format!("{measure}_{convention}"),
    }
}

/// The limits whose probability is written beside the changes of a convention.
pub fn limits<'a>(settings: &'a Settings, convention: &str) -> &'a [f64] {
    let card = CONVENTIONS.iter().find(|card| card.id == convention);
    match card.map(|card| card.direction) {
        Some(Direction::Decrement) => &settings.decrement_limits_pct,
        Some(Direction::Increment) => &settings.increment_limits_pct,
        None => &[],
    }
}

fn probability(which: Which, limit: f64) -> StudyColumn {
    let base = change_name(which.measure, which.convention);
    let name = format!("{base}_p_above_{}", limit.to_string().replace('.', "_"));
    let meaning = format!("probability that the true change exceeds {limit} %");
    column(name, Unit::One, meaning, move |row| {
        let change = found(row, which)?;
        let known = change.above.iter().find(|above| above.limit.0 == limit);
        match (known, &change.value) {
            (Some(above), _) => Some(above.probability),
            (None, Ok(estimate)) => Some(estimate.probability_above(limit)),
            (None, Err(_)) => None,
        }
    })
}

fn change(which: Which, card: &'static Convention) -> Vec<StudyColumn> {
    let measure = which.measure;
    let base = change_name(measure, which.convention);
    let part = move |pick: fn(&ChangeEstimate) -> f64| {
        move |row: &Row<'_>| match found(row, which).map(|change| &change.value) {
            Some(Ok(estimate)) => Some(pick(estimate)),
            _ => None,
        }
    };
    let meaning = format!("{}, of the {measure}: {}", card.name, card.formula);
    vec![
        column(
            format!("{base}_pct"),
            Unit::Percent,
            meaning,
            part(|e| e.value.0),
        ),
        column(
            format!("{base}_low_pct"),
            Unit::Percent,
            "lower end of its 95 % interval",
            part(|e| e.low.0),
        ),
        column(
            format!("{base}_high_pct"),
            Unit::Percent,
            "upper end of its 95 % interval",
            part(|e| e.high.0),
        ),
        column(
            format!("{base}_reason"),
            Unit::One,
            "why there is no value, or no interval",
            move |row| match found(row, which) {
                Some(change) => change_reason(&change.value),
                None => Some(NOT_COMPUTED),
            },
        ),
        column(
            format!("{base}_response"),
            Unit::One,
            "number of the response that is compared with the first",
            move |row| found(row, which)?.to.and_then(count),
        ),
    ]
}

/// Why a change or its interval is missing.
pub fn change_reason(value: &Result<ChangeEstimate, NotMeasured>) -> Word {
    match value {
        Err(reason) => Some(reason.code()),
        Ok(e) => interval_reason(e.value.0, e.low.0, e.high.0),
    }
}

/// A change of a train: by which measure and convention, and where it stands in a train that has all of them.
#[derive(Clone, Copy)]
struct Which {
    measure: &'static str,
    convention: &'static str,
    place: usize,
}

fn found<'a>(row: &Row<'a>, which: Which) -> Option<&'a Change> {
    let train = row.train()?;
    let there = train
        .changes
        .get(which.place)
        .filter(|change| change.measure == which.measure && change.convention == which.convention);
    there.or_else(|| train.change(which.measure, which.convention))
}

/// A value of the first response of a train.
pub fn first(channel: &ChannelStudy, train: &Train, measure: &str) -> Option<Value> {
    let first = train
        .responses
        .iter()
        .find(|response| response.ordinal == Some(1));
    let missing = || NotMeasured::ReferenceMissing("response 1".to_owned());
    match first {
        Some(response) => channel.cmaps.get(response.index)?.get(measure).cloned(),
        None => Some(Err(missing())),
    }
}

fn irregularity_reason(train: &Train) -> Word {
    match (train.irregularity, &train.rate) {
        (Some(_), _) => None,
        (None, Err(reason)) => Some(reason.code()),
        (None, Ok(_)) => Some(NotMeasured::TooFewStimuli.code()),
    }
}

fn when(row: &Row<'_>) -> Option<When> {
    // An excluded train stands in no series; what the program says of it still holds.
    let train = row.train?;
    if row.train()?.trust == Trust::Excluded {
        return Some(row.study.when(row.channel, train));
    }
    Some(entry_of(row.channel()?, train)?.when)
}

fn of<T>(row: &Row<'_>, cell: impl Fn(&Train) -> Option<T>) -> Option<T> {
    row.train().and_then(cell)
}
