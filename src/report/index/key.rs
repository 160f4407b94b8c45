//! The key numbers of a study: the lowest resting CMAP, the largest decrement, the largest increment or facilitation.
//!
//! Only trains that can be believed are asked, and only the amplitude, by the same conventions as in the report.

use crate::clinical_report::{DECREMENT, FACILITATION, INCREMENT, LOWEST};
use crate::cmap::NotMeasured;
use crate::criteria::Subject;
use crate::math::rounding::rounded;
use crate::plot;
use crate::report::column::entry_of;
use crate::series::When;
use crate::study::{ChannelStudy, Study};
use crate::train::{
    ChangeEstimate, Enlargement, EnlargementReading, Train, TrainKind, response_value,
};
use crate::units::Seconds;
use serde::{Deserialize, Serialize};

/// A number with its interval and where it was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyNumber {
    /// In mV or in percent.
    pub value: f64,
    /// The ends of its 95 % interval; `None` where that is not known.
    pub interval: Option<[f64; 2]>,
    /// Muscle, rate and time: `right ADM, 3 Hz, rest`.
    pub place: String,
    /// What makes an increment, where that is known.
    pub note: Option<String>,
    /// The name of the figure that shows it, without its extension.
    pub figure: Option<String>,
}

const AMPLITUDE: &str = "amplitude";

/// What a key number may be chosen from.
struct Candidate {
    value: Result<[f64; 3], NotMeasured>,
    believed: bool,
    channel: usize,
    subject: Subject,
    place: String,
    note: Option<String>,
}

/// The lowest first response of a muscle, none of them after exercise: of each muscle the first that can be believed and was measured.
pub fn resting(study: &Study, muscles: &[String]) -> Result<KeyNumber, String> {
    let mut candidates = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        for (number, train) in channel.trains.iter().enumerate() {
            if matches!(when(channel, number), When::After { .. }) {
                break;
            }
            let Some(first) = train.first() else { continue };
            let value = response_value(&channel.cmaps, first, AMPLITUDE);
            let believed = train.trust.is_believed();
            let usable = believed && value.is_ok();
            candidates.push(Candidate {
                value: value.map(|e| [e.value, e.low, e.high]),
                believed,
                channel: index,
                subject: Subject::First { train: number },
                place: place(muscles, index, &[]),
                note: None,
            });
            if usable {
                break;
            }
        }
    }
    pick(
        study,
        candidates,
        |one, other| one < other,
        "no response at rest",
    )
}

/// The largest decrement of a train at 2–5 Hz, or of one whose rate is not known.
pub fn decrement(study: &Study, muscles: &[String]) -> Result<KeyNumber, String> {
    let mut candidates = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        for (number, train) in channel.trains.iter().enumerate() {
            let unknown = train.kind == TrainKind::Other && train.rate.is_err();
            if train.kind != TrainKind::Low && !unknown {
                continue;
            }
            let Some(change) = train.change(AMPLITUDE, DECREMENT) else {
                continue;
            };
            let subject = Subject::Change {
                train: number,
                convention: DECREMENT.to_owned(),
                to: change.to,
            };
            let parts = [rate(train), when_words(when(channel, number))];
            candidates.push(Candidate {
                value: ends(&change.value),
                believed: train.trust.is_believed(),
                channel: index,
                subject,
                place: place(muscles, index, &parts),
                note: None,
            });
        }
    }
    pick(
        study,
        candidates,
        |one, other| one > other,
        "no train at 2–5 Hz",
    )
}

/// The largest increment of a train at 20–50 Hz or facilitation after exercise.
pub fn increment(study: &Study, muscles: &[String]) -> Result<KeyNumber, String> {
    let mut candidates = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        for (number, train) in channel.trains.iter().enumerate() {
            let change = train.change(AMPLITUDE, INCREMENT);
            let Some(change) = change.filter(|_| train.kind == TrainKind::High) else {
                continue;
            };
            let parts = [rate(train), when_words(when(channel, number))];
            candidates.push(Candidate {
                value: ends(&change.value),
                believed: train.trust.is_believed(),
                channel: index,
                subject: Subject::Change {
                    train: number,
                    convention: INCREMENT.to_owned(),
                    to: change.to,
                },
                place: place(muscles, index, &parts),
                note: note(train.enlargement.as_ref().ok()).or_else(|| fall(train)),
            });
        }
        for comparison in channel.series.iter().flat_map(|series| &series.comparisons) {
            if comparison.comparison != FACILITATION || comparison.measure != AMPLITUDE {
                continue;
            }
            let trains = [comparison.from_train, comparison.to_train];
            let mut named = trains
                .into_iter()
                .flatten()
                .filter_map(|train| channel.trains.get(train));
            let after = comparison.to_train.map(|train| when(channel, train));
            candidates.push(Candidate {
                value: ends(&comparison.value),
                believed: named.all(|train| train.trust.is_believed()),
                channel: index,
                subject: Subject::Comparison {
                    comparison: FACILITATION,
                    from_train: comparison.from_train,
                    to_train: comparison.to_train,
                },
                place: place(muscles, index, &[after.and_then(when_words)]),
                note: note(comparison.enlargement.as_ref().ok()),
            });
        }
    }
    pick(
        study,
        candidates,
        |one, other| one > other,
        "not looked for",
    )
}

fn ends(value: &Result<ChangeEstimate, NotMeasured>) -> Result<[f64; 3], NotMeasured> {
    value
        .as_ref()
        .map(|e| [e.value.0, e.low.0, e.high.0])
        .map_err(Clone::clone)
}

/// The best of those that can be believed, or why there is none.
fn pick(
    study: &Study,
    candidates: Vec<Candidate>,
    better: fn(f64, f64) -> bool,
    none: &str,
) -> Result<KeyNumber, String> {
    let mut best: Option<([f64; 3], &Candidate)> = None;
    for candidate in candidates.iter().filter(|candidate| candidate.believed) {
        if let Ok(value) = candidate.value
            && best.is_none_or(|([best, ..], _)| better(value[0], best))
        {
            best = Some((value, candidate));
        }
    }
    let chosen = best.and_then(|([value, low, high], candidate)| {
        let ends = rounded(low).zip(rounded(high));
        Some(KeyNumber {
            value: rounded(value)?,
            interval: ends.map(|(low, high)| [low, high]),
            place: candidate.place.clone(),
            note: candidate.note.clone(),
            figure: plot::figure_of(study, candidate.channel, &candidate.subject),
        })
    });
    chosen.ok_or_else(|| {
        let why = candidates
            .iter()
            .filter(|one| one.believed)
            .find_map(|one| one.value.as_ref().err());
        match (candidates.is_empty(), why) {
            (true, _) => none.to_owned(),
            (false, Some(why)) => why.code().replace('_', " "),
            (false, None) => "no train can be believed".to_owned(),
        }
    })
}

fn when(channel: &ChannelStudy, train: usize) -> When {
    entry_of(channel, train).map_or(When::Unknown, |entry| entry.when)
}

fn when_words(when: When) -> Option<String> {
    match when {
        When::Rest => Some("rest".to_owned()),
        When::Unknown => None,
        When::After { delay, .. } => Some(format!("{} after exercise", delay_words(delay))),
    }
}

/// Seconds below a minute, then minutes.
fn delay_words(delay: Seconds) -> String {
    if delay.is_told_in_seconds() {
        format!("{} s", super::page::spelled(delay.0, 0))
    } else {
        format!("{} min", super::page::plain(delay.0 / 60.0))
    }
}

fn rate(train: &Train) -> Option<String> {
    Some(match &train.rate {
        Ok(rate) => format!("{} Hz", super::page::plain(rate.0)),
        Err(_) => "rate unknown".to_owned(),
    })
}

/// The muscle where there are several, and what else is known.
fn place(muscles: &[String], channel: usize, parts: &[Option<String>]) -> String {
    let muscle = muscles.get(channel).filter(|_| muscles.len() > 1);
    let known: Vec<&str> = muscle
        .into_iter()
        .chain(parts.iter().flatten())
        .map(String::as_str)
        .collect();
    known.join(", ")
}

/// How far a train that only falls does so.
fn fall(train: &Train) -> Option<String> {
    let change = |convention| train.change(AMPLITUDE, convention)?.value.as_ref().ok();
    change(INCREMENT).filter(|change| change.high.0 < 0.0)?;
    let lowest = super::page::spelled(change(LOWEST)?.value.0, 1);
    Some(format!("decrement to the lowest response {lowest} %"))
}

fn note(reading: Option<&EnlargementReading>) -> Option<String> {
    reading.map(|reading| {
        match reading.kind {
            Enlargement::TrueIncrement => "true increment",
            Enlargement::Pseudofacilitation => "pseudofacilitation",
            Enlargement::Indeterminate => "kind undetermined",
        }
        .to_owned()
    })
}
