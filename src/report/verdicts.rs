//! The table of verdicts: a row per muscle and rule; and the table of reasons: a row per line of the pattern.

use super::column::{Row, StudyColumn, column, number_from_1, place, text, text_column};
use super::{corrected, words};
use crate::criteria::{Evidence, Subject, Verdict};
use crate::plot;
use crate::study::Study;
use crate::units::Unit;

/// The rows of verdicts of a study: channel by channel, in the order of the sets.
pub fn rows<'a>(study: &'a Study, file: &'a str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        rows.extend((0..channel.verdicts.len()).map(|verdict| Row {
            verdict: Some(verdict),
            ..Row::new(file, study, index)
        }));
    }
    rows
}

/// Their columns.
pub fn columns() -> Vec<StudyColumn> {
    let mut columns = place();
    columns.extend([
        text_column("set", "id of the criterion set", |row| Some(&row.verdict()?.set)),
        text_column("rule", "id of the rule in the set", |row| Some(&row.verdict()?.rule)),
        column("test", Unit::One, "which test the rule is about", |row| {
            of(row, |verdict| Some(verdict.test.as_str()))
        }),
        column("supports", Unit::One, "what a met rule speaks for", |row| {
            of(row, |verdict| Some(verdict.supports.as_str()))
        }),
        column("limit", Unit::One, "comparator, limit and unit", |row| {
            of(row, |verdict| text(&verdict.limit_text()))
        }),
        column(
            "outcome",
            Unit::One,
            "`met`, `not_met`, `undecided` or `not_applicable`",
            |row| of(row, |verdict| Some(verdict.outcome.as_str())),
        ),
        text_column("why", "why it is undecided or not applicable", |row| {
            Some(row.verdict()?.outcome.reason())
        }),
        column("train", Unit::One, "number of the train that decided, from 1", |row| {
            on(row, |evidence| evidence.subject.train().and_then(number_from_1))
        }),
        text_column(
            "value_of",
            "what decided: the id of a convention or comparison, `first_response` or `late_over_early`",
            |row| Some(value_of(&row.verdict()?.deciding()?.subject)),
        ),
        column("when", Unit::One, "when that train was recorded: `rest`, `after` (exercise) or `unknown`", |row| {
            on(row, |evidence| Some(words::when(evidence.when)))
        }),
        column("unit", Unit::One, "unit of the limit, the value and its interval: `mV`, `%` or `points`", |row| {
            of(row, |verdict| Some(verdict.test.unit()))
        }),
        column("value", Unit::One, "its value, in the unit of the limit", |row| {
            on(row, |evidence| part(evidence, |interval| interval.value))
        }),
        column("low", Unit::One, "lower end of its 95 % interval", |row| {
            on(row, |evidence| part(evidence, |interval| interval.low))
        }),
        column("high", Unit::One, "upper end of its 95 % interval", |row| {
            on(row, |evidence| part(evidence, |interval| interval.high))
        }),
        column("figure", Unit::One, "name of the figure that shows it, without extension", |row| {
            on(row, |evidence| figure(row, evidence).and_then(|name| text(&name)))
        }),
        column("notes", Unit::One, "what a reader must know about it, joined by `; `", |row| {
            of(row, |verdict| text(&verdict.notes.join("; ")))
        }),
        corrected::of_channel(),
        text_column("hpo", "term of the Human Phenotype Ontology for a met rule, where there is one", |row| {
            row.verdict()?.hpo.as_deref()
        }),
    ]);
    columns
}

/// The id of what a value is the value of.
pub fn value_of(subject: &Subject) -> &str {
    match subject {
        Subject::Change { convention, .. } => convention,
        Subject::Comparison { comparison, .. } => comparison,
        Subject::LateOverEarly { .. } => "late_over_early",
        Subject::First { .. } => super::series::FIRST_RESPONSE,
    }
}

/// The figure that shows a value.
fn figure(row: &Row<'_>, evidence: &Evidence) -> Option<String> {
    plot::figure_of(row.study, row.channel, &evidence.subject)
}

fn part(evidence: &Evidence, pick: fn(&crate::criteria::Interval) -> f64) -> Option<f64> {
    evidence.value.as_ref().ok().map(pick)
}

fn of<T>(row: &Row<'_>, cell: impl Fn(&Verdict) -> Option<T>) -> Option<T> {
    row.verdict().and_then(cell)
}

fn on<T>(row: &Row<'_>, cell: impl Fn(&Evidence) -> Option<T>) -> Option<T> {
    row.verdict().and_then(Verdict::deciding).and_then(cell)
}

/// The rows of reasons of a study, in the order in which they read.
pub fn reason_rows<'a>(study: &'a Study, file: &'a str) -> Vec<Row<'a>> {
    study
        .pattern
        .reasons
        .iter()
        .enumerate()
        .map(|(index, reason)| Row {
            reason: Some(index),
            // A reason about the whole study has no channel.
            ..Row::new(file, study, reason.channel.unwrap_or(usize::MAX))
        })
        .collect()
}

/// Their columns.
pub fn reason_columns() -> Vec<StudyColumn> {
    let mut columns = place();
    columns.extend([
        column("line", Unit::One, "number of the line in the study, from 1", |row| {
            row.reason.and_then(number_from_1)
        }),
        column(
            "step",
            Unit::One,
            "the question: `gate`, `repetitive`, `resting`, `decrement`, `shape`, `increment`, `course` or `conclusion`",
            |row| row.reason().map(|reason| reason.step.as_str()),
        ),
        text_column("text", "the answer, with numbers, units and sets", |row| {
            Some(&row.reason()?.text)
        }),
    ]);
    columns
}
