//! The table that laboratories expect: a row per train, muscle by muscle.

use super::super::form::{Block, Row, RowKind, Style, Table};
use super::super::scene::{MISSING, Scene, one_line};
use super::corrections::{MARK, mark};
use super::{Notes, heading, number, paragraph, text};
use crate::cmap::NotMeasured;
use crate::series::{Comparison, When};
use crate::study::{Changed, ChannelStudy};
use crate::train::{ChangeEstimate, Enlargement, EnlargementReading, Train, TrainKind, Trust};
use crate::units::Unit;

/// The decrement of the table.
pub const DECREMENT: &str = "decrement_1_4";
/// The increment within a train.
pub const INCREMENT: &str = "increment_highest";
/// How far a train at high rate falls.
pub const LOWEST: &str = "decrement_lowest";
/// The increment after exercise.
pub const FACILITATION: &str = "facilitation";
/// The measure of the increment and of the first response.
const AMPLITUDE: &str = "amplitude";

/// The table.
pub fn table(scene: &Scene<'_>) -> Vec<Block> {
    let measures = &scene.template.file.measures;
    let label = |key: &str| scene.word(&format!("column.{key}"));
    let mut columns = vec![
        number(label("number")),
        text(label("trial")),
        number(label("time")),
        number(label("rate")),
        number(label("first_amplitude")),
    ];
    for measure in measures {
        let name = scene.template.measure(measure);
        columns.push(number(
            scene.fill("column.decrement", &[("measure", &name)]),
        ));
    }
    columns.push(number(label("increment")));
    columns.push(text(label("believed")));
    let mut notes = Notes::default();
    let mut rows = Vec::new();
    for channel in &scene.study.channels {
        rows.push(Row {
            cells: vec![group(scene, channel)],
            kind: RowKind::Group,
        });
        for index in 0..channel.trains.len() {
            rows.extend(row(scene, channel, index, &mut notes));
        }
        if channel.trains.is_empty() {
            let mut cells = vec![MISSING.to_owned(); columns.len()];
            cells[1] = scene.word("form.no_train");
            rows.push(Row {
                cells,
                kind: RowKind::Plain,
            });
        }
    }
    let mut blocks = vec![
        heading(scene.word("section.trains")),
        Block::Table(Table {
            summary: scene.word("section.trains"),
            columns,
            rows,
            notes: notes.told(),
        }),
    ];
    blocks.push(paragraph(scene.word("form.table_note"), Style::Small));
    blocks
}

/// The line above the trains of a muscle.
fn group(scene: &Scene<'_>, channel: &ChannelStudy) -> String {
    let mut line = scene.muscle(channel);
    if let Some(nerve) = &channel.nerve {
        let nerve = scene.nerve(nerve);
        line += &format!(" · {}", scene.fill("form.nerve", &[("nerve", &nerve)]));
    }
    let label = one_line(&channel.label);
    if !line.contains(&label) && !label.is_empty() {
        line += &format!(" · {}", scene.fill("form.channel", &[("label", &label)]));
    }
    let place = scene.place_of(channel);
    line + mark(scene.study.corrections_of_channel(place))
}

fn row(scene: &Scene<'_>, channel: &ChannelStudy, index: usize, notes: &mut Notes) -> Option<Row> {
    let train = channel.trains.get(index)?;
    let believed = train.trust.is_believed();
    let place = scene.place_of(channel);
    let first = train.first().map_or(usize::MAX, |first| first.index);
    let when = scene.study.corrections_of_train(place, index);
    let when = when.filter(|one| one.changes.iter().any(|c| matches!(c, Changed::When(..))));
    let mut cells = vec![
        format!(
            "{}{}",
            index + 1,
            mark(scene.study.corrections_of_train(place, index))
        ),
        trial(scene, channel, index) + mark(when),
        time(scene, train),
        rate(scene, train, notes),
        first_amplitude(scene, channel, train, notes)
            + mark(scene.study.corrections_of_response(place, first)),
    ];
    for measure in &scene.template.file.measures {
        cells.push(decrement(scene, train, measure, notes));
    }
    cells.push(increment(scene, channel, index, notes));
    cells.push(if believed {
        scene.word("form.believed")
    } else if train.trust == Trust::Excluded {
        format!("{}\u{A0}{MARK}", scene.word("form.excluded"))
    } else {
        let codes = train.trust.refused_by().iter();
        let names: Vec<_> = codes
            .map(|code| super::findings::meaning(scene, *code))
            .collect();
        let mark = notes.mark(names.join("; "));
        format!("{} {mark}", scene.word("form.refused"))
    });
    Some(Row {
        cells,
        kind: if believed {
            RowKind::Plain
        } else {
            RowKind::Refused
        },
    })
}

/// When the train was recorded; the label of its mark where nothing says so.
fn trial(scene: &Scene<'_>, channel: &ChannelStudy, index: usize) -> String {
    let when = scene.when_of(channel, index);
    let label = channel
        .trains
        .get(index)
        .and_then(|train| train.label.as_deref());
    match (when, label) {
        (crate::series::When::Unknown, Some(label)) if !label.trim().is_empty() => one_line(label),
        (when, _) => scene.when(when),
    }
}

/// Minutes and seconds on the clock of the recording.
fn time(scene: &Scene<'_>, train: &Train) -> String {
    if scene.study.origin.clock == crate::recording::Clock::OrderOnly {
        return MISSING.to_owned();
    }
    let whole = train.start.0.max(0.0).round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// `3 Hz × 10`.
fn rate(scene: &Scene<'_>, train: &Train, notes: &mut Notes) -> String {
    let count = train.responses.len();
    if train.kind == TrainKind::Single && count == 1 {
        return scene.word("form.single");
    }
    match scene.rate(train) {
        Ok(rate) => format!("{rate} × {count}"),
        Err(why) => format!("{MISSING}{} × {count}", notes.mark(why)),
    }
}

fn first_amplitude(
    scene: &Scene<'_>,
    channel: &ChannelStudy,
    train: &Train,
    notes: &mut Notes,
) -> String {
    let missing = NotMeasured::ReferenceMissing(String::new());
    let cmap = train
        .first()
        .and_then(|first| channel.cmaps.get(first.index));
    match cmap.and_then(|cmap| cmap.get(AMPLITUDE)) {
        Some(Ok(estimate)) => scene.value(estimate.value, Unit::Millivolts),
        Some(Err(why)) => absent(scene, why, notes),
        None => absent(scene, &missing, notes),
    }
}

/// The decrement of a train that is given for one; a train at high rate and a single stimulus have none to report.
fn decrement(scene: &Scene<'_>, train: &Train, measure: &str, notes: &mut Notes) -> String {
    if matches!(train.kind, TrainKind::High | TrainKind::Single) {
        return String::new();
    }
    match train.change(measure, DECREMENT).map(|change| &change.value) {
        Some(Ok(change)) => scene.change(change),
        Some(Err(why)) => absent(scene, why, notes),
        None => absent(scene, &NotMeasured::TooFewStimuli, notes),
    }
}

/// The increment within a train at high rate; else the facilitation, in the row of the train after exercise that it was taken from.
fn increment(scene: &Scene<'_>, channel: &ChannelStudy, index: usize, notes: &mut Notes) -> String {
    let Some(train) = channel.trains.get(index) else {
        return String::new();
    };
    let mut told = Vec::new();
    if train.kind == TrainKind::High {
        let change = train.change(AMPLITUDE, INCREMENT);
        told.push(match change.map(|change| &change.value) {
            Some(Ok(change)) => {
                let mut note = scene.word("form.increment_note");
                // A train that only falls has more to tell than which of its later responses is the largest.
                let lowest = train.change(AMPLITUDE, LOWEST).map(|change| &change.value);
                if let (true, Some(Ok(lowest))) = (change.high.0 < 0.0, lowest) {
                    let told = scene.fill("form.lowest_note", &[("change", &scene.change(lowest))]);
                    note = format!("{note}; {told}");
                }
                enlarged(scene, change, note, train.enlargement.as_ref().ok(), notes)
            }
            Some(Err(why)) => absent(scene, why, notes),
            None => absent(scene, &NotMeasured::TooFewStimuli, notes),
        });
    }
    let comparisons = channel.series.iter().flat_map(|series| &series.comparisons);
    let facilitations = comparisons.filter(|comparison| {
        comparison.comparison == FACILITATION
            && comparison.measure == AMPLITUDE
            && comparison.to_train == Some(index)
    });
    for comparison in facilitations {
        if let Ok(change) = &comparison.value {
            let from = comparison
                .from_train
                .map_or(0, |train| train + 1)
                .to_string();
            let mut note = scene.fill("form.facilitation_note", &[("train", &from)]);
            let rest = comparison
                .from_train
                .and_then(|train| channel.trains.get(train));
            if rest.is_some_and(|train| !train.trust.is_believed()) {
                let refused = scene.fill("form.refused_note", &[("train", &from)]);
                note = format!("{note}; {refused}");
            }
            let reading = comparison.enlargement.as_ref().ok();
            told.push(enlarged(scene, change, note, reading, notes));
        }
    }
    if let Some(why) = not_facilitated(scene, channel, index) {
        told.push(format!("{MISSING} {}", notes.mark(why)));
    }
    told.join("; ")
}

/// Why there is no facilitation, for the row of the first train after an exercise: a comparison without a value names no train.
fn not_facilitated(scene: &Scene<'_>, channel: &ChannelStudy, index: usize) -> Option<String> {
    let of_amplitude = |comparison: &&Comparison| {
        comparison.comparison == FACILITATION && comparison.measure == AMPLITUDE
    };
    let all = || channel.series.iter().flat_map(|series| &series.comparisons);
    // Series of several rates may share the exercise; one value is enough.
    if all()
        .filter(of_amplitude)
        .any(|c| c.to_train == Some(index))
    {
        return None;
    }
    channel.series.iter().find_map(|series| {
        let mut entries = series.entries.iter();
        let after = entries.position(|entry| matches!(entry.when, When::After { .. }))?;
        if series.entries.get(after)?.train != index {
            return None;
        }
        let mut comparisons = series.comparisons.iter().filter(of_amplitude);
        let why = comparisons.find_map(|comparison| comparison.value.as_ref().err())?;
        let mut before = series.entries.iter().take(after).rev();
        let rest = before.find(|entry| entry.when == When::Rest);
        let mut told = Vec::new();
        if let Some(rest) = rest {
            let from = (rest.train + 1).to_string();
            told.push(scene.fill("form.facilitation_note", &[("train", &from)]));
        }
        told.push(scene.reason(why));
        for train in rest.map(|rest| rest.train).into_iter().chain([index]) {
            if let Some(why) = first_missing(channel, train) {
                told.push(format!("#{} {}", train + 1, scene.reason(why)));
            }
        }
        Some(told.join("; "))
    })
}

/// Why the amplitude of the first response of a train is missing.
fn first_missing(channel: &ChannelStudy, train: usize) -> Option<&NotMeasured> {
    let first = channel.trains.get(train)?.first()?;
    let value = channel.cmaps.get(first.index)?.get(AMPLITUDE)?;
    value.as_ref().err()
}

/// A change of which is told what makes it.
fn enlarged(
    scene: &Scene<'_>,
    change: &ChangeEstimate,
    note: String,
    reading: Option<&EnlargementReading>,
    notes: &mut Notes,
) -> String {
    let note = match reading.map(|reading| reading.kind) {
        Some(kind) => format!("{note}; {}", scene.word(kind_key(kind))),
        None => note,
    };
    let plus = if change.value.0 > 0.0 { "+" } else { "" };
    format!("{plus}{} {}", scene.change(change), notes.mark(note))
}

fn kind_key(kind: Enlargement) -> &'static str {
    match kind {
        Enlargement::TrueIncrement => "enlargement.true_increment",
        Enlargement::Pseudofacilitation => "enlargement.pseudofacilitation",
        Enlargement::Indeterminate => "enlargement.indeterminate",
    }
}

fn absent(scene: &Scene<'_>, why: &NotMeasured, notes: &mut Notes) -> String {
    format!("{MISSING} {}", notes.mark(scene.reason(why)))
}
