//! The table of series, in long form: a row per train and measure, and a row per comparison.

use super::column::{
    NOT_COMPUTED, Row, StudyColumn, Told, Word, codes, column, number_from_1, place, reason, told,
    why, word,
};
use super::{corrected, trains, words};
use crate::cmap::{MEASURES, NotMeasured};
use crate::series::{COMPARISONS, Comparison, Entry, When};
use crate::study::Study;
use crate::train::CHANGING_MEASURES;
use crate::units::Unit;

/// What a row is about.
#[derive(Clone, Copy)]
pub enum Item<'a> {
    /// The first response of a train, by a measure.
    First(Entry, &'static str),
    /// A comparison of two trains.
    Comparison(&'a Comparison),
}

/// What stands in the column `comparison` for a first response.
pub const FIRST_RESPONSE: &str = "first_response";

/// The rows of a study: series by series, first responses before comparisons.
pub fn rows<'a>(study: &'a Study, file: &'a str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        for (number, series) in channel.series.iter().enumerate() {
            let firsts = series.entries.iter().flat_map(|entry| {
                CHANGING_MEASURES
                    .iter()
                    .map(|&measure| Item::First(*entry, measure))
            });
            let items = firsts.chain(series.comparisons.iter().map(Item::Comparison));
            rows.extend(items.map(|item| Row {
                series: Some(number),
                item: Some(item),
                ..Row::new(file, study, index)
            }));
        }
    }
    rows
}

/// Its columns.
pub fn columns() -> Vec<StudyColumn> {
    let mut columns = place();
    columns.extend([
        column("series", Unit::One, "number of the series in the channel, from 1", |row| {
            row.series.and_then(number_from_1)
        }),
        column("measure", Unit::One, "what is compared: the id of a measure", |row| match row.item {
            Some(Item::First(_, measure)) => Some(measure),
            Some(Item::Comparison(comparison)) => Some(comparison.measure),
            None => None,
        }),
        column("comparison", Unit::One, "`first_response` for the value of the first response of a train, else the id of a comparison", |row| match row.item {
            Some(Item::First(..)) => Some(FIRST_RESPONSE),
            Some(Item::Comparison(comparison)) => Some(comparison.comparison),
            None => None,
        }),
        column("from_train", Unit::One, "number of the train that is compared with, from 1", |row| match row.item {
            Some(Item::Comparison(comparison)) => comparison.from_train.and_then(number_from_1),
            _ => None,
        }),
        column("to_train", Unit::One, "number of the train that the row is about, from 1", |row| {
            to_train(row).and_then(number_from_1)
        }),
        column("when", Unit::One, "when that train was recorded: `rest`, `after` (exercise) or `unknown`", |row| {
            when(row).map(words::when)
        }),
        column("exercise_s", Unit::Seconds, "how long the muscle was exercised, where the file says so", |row| match when(row) {
            Some(When::After { exercise: Some(length), .. }) => Some(length.0),
            _ => None,
        }),
        column("delay_s", Unit::Seconds, "from the end of the exercise to the first stimulus of that train", |row| match when(row) {
            Some(When::After { delay, .. }) => Some(delay.0),
            _ => None,
        }),
        column("value", Unit::One, "the value, in the unit of the next column", |row| part(row, 0)),
        column("unit", Unit::One, "`mV`, `mV·ms`, `%` or `points` (percentage points)", unit),
        column("low", Unit::One, "lower end of its 95 % interval", |row| part(row, 1)),
        column("high", Unit::One, "upper end of its 95 % interval", |row| part(row, 2)),
        column("reason", Unit::One, "why there is no value, or no interval", |row| match row.item {
            Some(Item::First(entry, measure)) => why(first(row, entry, measure)),
            Some(Item::Comparison(comparison)) => trains::change_reason(&comparison.value),
            None => Some(NOT_COMPUTED),
        }),
        column("enlargement", Unit::One, "what makes the response after exercise larger, beside the facilitation of the amplitude (heuristic): `true_increment`, `pseudofacilitation` or `indeterminate`", |row| match row.item {
            Some(Item::Comparison(comparison)) => word(&comparison.enlargement, |read| read.kind.as_str()),
            _ => None,
        }),
        column("enlargement_reason", Unit::One, "why a comparison has none", |row| match row.item {
            Some(Item::Comparison(comparison)) => reason(&comparison.enlargement),
            _ => Some(NotMeasured::NotApplicable(String::new()).code()),
        }),
        column("believed", Unit::One, "`yes`, or `no` if a train of the row cannot be believed", believed),
        corrected::of_series(),
        column("findings", Unit::One, "codes of what was noticed about the series, joined by `;`", |row| {
            codes(row.series().into_iter().flat_map(|series| &series.findings))
        }),
    ]);
    columns
}

fn first(row: &Row<'_>, entry: Entry, measure: &str) -> Option<Told> {
    let channel = row.channel()?;
    match channel.trains.get(entry.train) {
        Some(train) => trains::first(channel, train, measure).map(|value| told(&value)),
        None => {
            let missing = NotMeasured::ReferenceMissing("train".to_owned());
            Some(Err(missing.code()))
        }
    }
}

/// Value, lower end or upper end.
fn part(row: &Row<'_>, which: usize) -> Option<f64> {
    let parts = match row.item {
        Some(Item::First(entry, measure)) => match first(row, entry, measure) {
            Some(Ok(e)) => [e.value, e.low, e.high],
            _ => return None,
        },
        Some(Item::Comparison(comparison)) => match &comparison.value {
            Ok(e) => [e.value.0, e.low.0, e.high.0],
            Err(_) => return None,
        },
        None => return None,
    };
    parts.get(which).copied()
}

fn unit(row: &Row<'_>) -> Word {
    match row.item {
        Some(Item::First(_, measure)) => MEASURES
            .iter()
            .find(|card| card.id == measure)
            .map(|card| card.unit.symbol()),
        Some(Item::Comparison(comparison)) => COMPARISONS
            .iter()
            .find(|card| card.id == comparison.comparison)
            .map(|card| card.unit),
        None => None,
    }
}

fn believed(row: &Row<'_>) -> Option<bool> {
    row.item?;
    let all = row.channel().map_or(&[][..], |channel| &channel.trains);
    let mut named = trains_of(row).filter_map(|train| all.get(train));
    Some(named.all(|train| train.trust.is_believed()))
}

/// The trains that the row is about.
pub fn trains_of(row: &Row<'_>) -> impl Iterator<Item = usize> {
    let trains = match row.item {
        Some(Item::First(entry, _)) => [Some(entry.train), None],
        Some(Item::Comparison(comparison)) => [comparison.from_train, comparison.to_train],
        None => [None, None],
    };
    trains.into_iter().flatten()
}

fn to_train(row: &Row<'_>) -> Option<usize> {
    match row.item? {
        Item::First(entry, _) => Some(entry.train),
        Item::Comparison(comparison) => comparison.to_train,
    }
}

fn when(row: &Row<'_>) -> Option<When> {
    let entry = row.series()?.entry(to_train(row)?)?;
    Some(entry.when)
}
