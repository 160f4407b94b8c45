//! Columns: name, unit, meaning and value of each, written once; tables and their reference page are walked from them.

use super::cell::{ColumnCells, Kind, Value as CellValue};
use crate::cmap::{Estimate, NotMeasured, Value};
use crate::criteria::Verdict;
use crate::finding::Finding;
use crate::pattern::Reason;
use crate::recording::Side;
use crate::series::{self, Entry, Series};
use crate::source::Source;
use crate::study::{ChannelStudy, Study};
use crate::train::{Response, Train};
use crate::units::Unit;

/// What a column is, whatever a row holds.
#[derive(Clone, Debug)]
pub struct Head {
    /// The name, which ends in the unit.
    pub name: String,
    /// The type of its cells.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// What it holds.
    pub meaning: String,
    /// Where what it holds is defined: that of a measure or of a convention.
    pub source: Option<Source>,
}

/// One column. `F` is the function from rows to their cells.
pub struct Column<F: ?Sized> {
    /// What it is.
    pub head: Head,
    /// What makes its cells.
    pub value: Box<F>,
}

/// A column of a table about studies. All rows of a study are made at once: a table has thousands of cells.
pub type StudyColumn = Column<dyn Fn(&[Row<'_>], &mut ColumnCells) + Send + Sync>;

/// One row of a table about a study. Which fields are filled depends on the table.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The name of the file in the run.
    pub file: &'a str,
    /// The study.
    pub study: &'a Study,
    /// The place of the channel in the study.
    pub channel: usize,
    /// The place of the train in the channel.
    pub train: Option<usize>,
    /// The response, with its index into the channel's sweeps.
    pub response: Option<Response>,
    /// The place of the series in the channel.
    pub series: Option<usize>,
    /// What a row of the table of series is about.
    pub item: Option<super::series::Item<'a>>,
    /// The place of the verdict in the channel.
    pub verdict: Option<usize>,
    /// The place of the line in the reasons of the pattern.
    pub reason: Option<usize>,
}

impl<'a> Row<'a> {
    /// A row about a channel.
    pub fn new(file: &'a str, study: &'a Study, channel: usize) -> Self {
        Self {
            file,
            study,
            channel,
            train: None,
            response: None,
            series: None,
            item: None,
            verdict: None,
            reason: None,
        }
    }

    /// Its channel.
    pub fn channel(&self) -> Option<&'a ChannelStudy> {
        self.study.channels.get(self.channel)
    }

    /// Its train.
    pub fn train(&self) -> Option<&'a Train> {
        self.channel()?.trains.get(self.train?)
    }

    /// Its verdict.
    pub fn verdict(&self) -> Option<&'a Verdict> {
        self.channel()?.verdicts.get(self.verdict?)
    }

    /// Its line of the reasons.
    pub fn reason(&self) -> Option<&'a Reason> {
        self.study.pattern.reasons.get(self.reason?)
    }

    /// Its series.
    pub fn series(&self) -> Option<&'a Series> {
        self.channel()?.series.get(self.series?)
    }
}

/// The entry of the first series that holds a train: when it was recorded, as to exercise.
pub fn entry_of(channel: &ChannelStudy, train: usize) -> Option<Entry> {
    series::entry_of(&channel.series, train).copied()
}

/// A column of the tables about studies; the type of what `value` gives is the type of the column.
pub fn column<V: CellValue>(
    name: impl Into<String>,
    unit: Unit,
    meaning: impl Into<String>,
    value: impl Fn(&Row<'_>) -> V + Send + Sync + 'static,
) -> StudyColumn {
    Column {
        head: Head {
            name: name.into(),
            kind: V::KIND,
            unit,
            meaning: meaning.into(),
            source: None,
        },
        value: Box::new(move |rows, cells| V::fill(rows.iter().map(&value), cells)),
    }
}

/// A column of texts of the study; an empty one is none.
pub fn text_column(
    name: impl Into<String>,
    meaning: impl Into<String>,
    value: impl for<'a> Fn(&Row<'a>) -> Option<&'a str> + Send + Sync + 'static,
) -> StudyColumn {
    Column {
        head: Head {
            name: name.into(),
            kind: Kind::Text,
            unit: Unit::One,
            meaning: meaning.into(),
            source: None,
        },
        value: Box::new(move |rows, cells| {
            for row in rows {
                cells.push_text(value(row).filter(|text| !text.is_empty()));
            }
        }),
    }
}

impl StudyColumn {
    /// The same column, of something that is defined there.
    pub fn defined_in(mut self, source: Source) -> Self {
        self.head.source = Some(source);
        self
    }
}

/// The columns by which every row says what it is about.
pub fn place() -> Vec<StudyColumn> {
    vec![
        text_column("file", "the file, as `files.csv` names it", |row| {
            Some(row.file)
        }),
        column(
            "channel",
            Unit::One,
            "number of the channel among those with responses, from 1",
            // What is about the whole study has no channel.
            |row| row.channel().and_then(|_| number_from_1(row.channel)),
        ),
        text_column("label", "label of the channel in the file", |row| {
            row.channel().map(|channel| channel.label.as_str())
        }),
        text_column("muscle", "muscle, where the file says so", |row| {
            row.channel()?.muscle.as_deref()
        }),
        text_column("nerve", "nerve, where the file says so", |row| {
            row.channel()?.nerve.as_deref()
        }),
        column(
            "side",
            Unit::One,
            "`left` or `right`, where the file says so",
            |row| row.channel()?.side.map(Side::as_str),
        ),
    ]
}

/// Value, interval and reason of an estimate: four columns `NAME_mv`, `NAME_low_mv`, `NAME_high_mv`, `NAME_reason`.
pub fn estimate(
    name: &str,
    unit: Unit,
    meaning: &str,
    value: impl Fn(&Row<'_>) -> Option<Told> + Send + Sync + Copy + 'static,
) -> [StudyColumn; 4] {
    let suffix = unit.suffix();
    let part = move |pick: fn(&Estimate) -> f64| {
        move |row: &Row<'_>| match value(row) {
            Some(Ok(estimate)) => Some(pick(&estimate)),
            _ => None,
        }
    };
    [
        column(format!("{name}{suffix}"), unit, meaning, part(|e| e.value)),
        column(
            format!("{name}_low{suffix}"),
            unit,
            "lower end of its 95 % interval",
            part(|e| e.low),
        ),
        column(
            format!("{name}_high{suffix}"),
            unit,
            "upper end of its 95 % interval",
            part(|e| e.high),
        ),
        column(
            format!("{name}_reason"),
            Unit::One,
            "why there is no value, or no interval",
            move |row| why(value(row)),
        ),
    ]
}

/// A value as tables tell it: with its interval, or the code of the reason why there is none.
pub type Told = Result<Estimate, &'static str>;

/// A value as tables tell it.
pub fn told(value: &Value) -> Told {
    value.as_ref().copied().map_err(NotMeasured::code)
}

/// The reason why a value or its interval is missing.
pub fn why(value: Option<Told>) -> Word {
    match value {
        None => Some(NOT_COMPUTED),
        Some(Err(reason)) => Some(reason),
        Some(Ok(e)) => interval_reason(e.value, e.low, e.high),
    }
}

/// The reason beside a value of which a part is no number.
pub fn interval_reason(value: f64, low: f64, high: f64) -> Option<&'static str> {
    match (value.is_finite(), low.is_finite() && high.is_finite()) {
        (false, _) => Some(NOT_COMPUTED),
        (true, false) => Some(INTERVAL_UNKNOWN),
        (true, true) => None,
    }
}

/// The reason of a value that the study does not hold.
pub const NOT_COMPUTED: &str = "not_computed";
/// The reason of an interval that cannot be given, because the noise is not known.
pub const INTERVAL_UNKNOWN: &str = "interval_unknown";
/// The reason of a stimulus without a number in its train.
pub const EXTRA_STIMULUS: &str = "extra_stimulus";
/// The reason of a response that belongs to no train.
pub const NO_TRAIN: &str = "no_train";

/// A word that endplate chose, where there is one.
pub type Word = Option<&'static str>;

/// The reason of a result, where there is one.
pub fn reason<T>(value: &Result<T, NotMeasured>) -> Word {
    value.as_ref().err().map(NotMeasured::code)
}

/// The word of a result, where there is one.
pub fn word<T>(value: &Result<T, NotMeasured>, name: fn(&T) -> &'static str) -> Word {
    value.as_ref().ok().map(name)
}

/// A text of the file; an empty one is none.
pub fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text of the file, where there is one.
pub fn optional(value: Option<&str>) -> Option<String> {
    value.and_then(text)
}

/// A number that counts from 1, of an index that counts from 0.
pub fn number_from_1(index: usize) -> Option<u64> {
    count(index + 1)
}

/// A count.
pub fn count(count: usize) -> Option<u64> {
    Some(count as u64)
}

/// The codes of findings, each once, in the order of the reference page, joined by `;`.
pub fn codes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<String> {
    let codes: std::collections::BTreeSet<_> = findings.into_iter().map(|f| f.code).collect();
    let names: Vec<_> = codes.into_iter().map(|code| code.as_str()).collect();
    text(&names.join(";"))
}
