//! The column that tells in every table what a reader changed by hand.

use super::column::{Row, StudyColumn, column, text};
use crate::study::{Changed, Correction, Study};
use crate::units::Unit;
use std::collections::BTreeSet;

/// What of a row was changed by hand: of the channel, of its trains (`trains`), of the response itself, or of responses of a train.
fn corrected(
    meaning: &'static str,
    what: impl Fn(&Row<'_>) -> Vec<&'static str> + Send + Sync + 'static,
) -> StudyColumn {
    column("corrected", Unit::One, meaning, move |row| {
        if row.study.corrections.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let channel = names(row.study.corrections_of_channel(row.channel));
        let mut all: Vec<_> = channel.into_iter().chain(what(row)).collect();
        all.retain(|word| seen.insert(*word));
        text(&all.join(";"))
    })
}

/// Of a response: its landmarks, whether it or its train was excluded.
pub fn of_response() -> StudyColumn {
    corrected(
        "what a reader changed by hand, joined by `;`: landmarks (`onset`, `negative_peak`, `return`, `positive_peak`, `end`), `excluded`, `train_excluded`, `when`, \
         `muscle`, `nerve`, `side`; the numbers without it stand in `study.json`",
        |row| {
            let Some(response) = row.response else {
                return Vec::new();
            };
            let study = row.study;
            let mut all = names(study.corrections_of_response(row.channel, response.index));
            let train = row.train.into_iter();
            all.extend(train.flat_map(|train| of_whole_train(study, row.channel, train)));
            all
        },
    )
}

/// Of a train: whether it was excluded, when it was recorded, and what was changed in its responses.
pub fn of_train() -> StudyColumn {
    corrected(
        "what a reader changed by hand, joined by `;`: `train_excluded`, `when`, in its responses `onset`, `negative_peak`, `return`, `positive_peak`, `end`, `excluded`; \
         `muscle`, `nerve`, `side`; the numbers without it stand in `study.json`",
        |row| train_words(row.study, row.channel, row.train),
    )
}

/// Of a comparison: what was changed in its trains, and whether a train of the channel was excluded.
pub fn of_series() -> StudyColumn {
    corrected(
        "what a reader changed by hand in the trains of the row, as in `trains.csv`; `train_excluded` where any train of the channel was excluded",
        |row| {
            let channel = row.channel;
            let mut all = any_train_excluded(row.study, channel);
            for train in super::series::trains_of(row) {
                all.extend(train_words(row.study, channel, Some(train)));
            }
            all
        },
    )
}

/// Of a verdict: what was changed in any train of its channel.
pub fn of_channel() -> StudyColumn {
    corrected(
        "what a reader changed by hand anywhere in the channel, as in `trains.csv`",
        |row| {
            let mut all = any_train_excluded(row.study, row.channel);
            let channel = row.study.channels.get(row.channel);
            for train in 0..channel.map_or(0, |channel| channel.trains.len()) {
                all.extend(train_words(row.study, row.channel, Some(train)));
            }
            all
        },
    )
}

fn names<'a>(corrections: impl Iterator<Item = &'a Correction>) -> Vec<&'static str> {
    corrections
        .flat_map(|correction| &correction.changes)
        .map(Changed::what)
        .collect()
}

/// Of the train itself.
fn of_whole_train(study: &Study, channel: usize, train: usize) -> Vec<&'static str> {
    let whole = study
        .corrections_of_train(channel, train)
        .filter(|correction| correction.response.is_none());
    let words = names(whole);
    words.into_iter().map(word_of_train).collect()
}

fn word_of_train(what: &'static str) -> &'static str {
    match what {
        "excluded" => "train_excluded",
        what => what,
    }
}

fn train_words(study: &Study, channel: usize, train: Option<usize>) -> Vec<&'static str> {
    let Some(train) = train else {
        return Vec::new();
    };
    let mut all = of_whole_train(study, channel, train);
    let responses = study
        .corrections_of_train(channel, train)
        .filter(|correction| correction.response.is_some());
    all.extend(names(responses));
    all
}

fn any_train_excluded(study: &Study, channel: usize) -> Vec<&'static str> {
    let count = study
        .channels
        .get(channel)
        .map_or(0, |channel| channel.trains.len());
    (0..count)
        .flat_map(|train| of_whole_train(study, channel, train))
        .filter(|word| *word == "train_excluded")
        .collect()
}
