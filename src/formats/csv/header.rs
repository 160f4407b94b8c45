//! What the name of a column says: `APB [mV]`, `time (s)`, `amplitude_mV`.

use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::millivolts_per;

/// A column's name without its unit, and the unit if the name states one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ColumnName {
    /// Without the unit.
    pub name: String,
    /// As it is written.
    pub unit: Option<String>,
}

/// Names of a column of times, in lower case.
const TIME: &[&str] = &["time", "t", "times", "time_point", "timepoint", "zeit"];
/// Names of a column of marks.
const MARK: &[&str] = &[
    "mark",
    "marks",
    "event",
    "events",
    "annotation",
    "annotations",
];
/// Names of a column that numbers sweeps.
const SWEEP: &[&str] = &[
    "sweep",
    "sweep_index",
    "recording",
    "recording_index",
    "segment",
    "trial",
    "trace",
];
/// Names of a column that tells channels apart.
const CHANNEL: &[&str] = &["channel", "channel_index", "lead", "muscle"];
/// Names of a column with the strength of the stimulus.
const STIMULUS: &[&str] = &[
    "stimulus",
    "stim",
    "stimulus_strength",
    "current",
    "intensity",
];
/// Names of a column of samples in long form.
const VALUE: &[&str] = &["value", "amplitude", "voltage", "signal", "emg"];
/// Names of a trigger channel.
const TRIGGER: &[&str] = &["trigger", "trig", "ttl"];

/// What a column is, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Mark,
    Sweep,
    Channel,
    Stimulus,
    Value,
    Trigger,
    Other,
}

impl ColumnName {
    /// Splits a cell of the header.
    pub fn parse(cell: &str) -> Self {
        let cell = cell.trim();
        for (open, close) in [('[', ']'), ('(', ')')] {
            if let Some((name, unit)) = cell
                .strip_suffix(close)
                .and_then(|inner| inner.rsplit_once(open))
            {
                let unit = unit.trim();
                return Self {
                    name: name.trim().to_owned(),
                    unit: (!unit.is_empty()).then(|| unit.to_owned()),
                };
            }
        }
        if let Some((name, unit)) = cell.rsplit_once('_')
            && !name.is_empty()
            && is_suffix(unit)
        {
            return Self {
                name: name.to_owned(),
                unit: Some(unit.to_owned()),
            };
        }
        Self {
            name: cell.to_owned(),
            unit: None,
        }
    }

    /// What the column is.
    pub fn kind(&self) -> Kind {
        let name = self.name.to_lowercase();
        let is = |list: &[&str]| list.contains(&name.as_str());
        match () {
            () if is(TIME) => Kind::Time,
            () if is(MARK) => Kind::Mark,
            () if is(SWEEP) => Kind::Sweep,
            () if is(CHANNEL) => Kind::Channel,
            () if is(STIMULUS) => Kind::Stimulus,
            () if is(VALUE) => Kind::Value,
            () if is(TRIGGER) => Kind::Trigger,
            () => Kind::Other,
        }
    }
}

/// Whether the text after the last underscore is a unit: `v` alone is not, it ends too many names.
fn is_suffix(unit: &str) -> bool {
    (unit != "v" && millivolts_per(unit).is_some())
        || matches!(unit, "s" | "ms" | "us" | "sec" | "mA" | "ma")
}

/// The length of a unit of time in s; `None` for `sample`, whose length is that of a sample.
pub(super) fn seconds_per(unit: &str) -> Result<Option<f64>> {
    Ok(Some(match unit.trim() {
        "s" | "sec" | "second" | "seconds" => 1.0,
        "ms" | "msec" | "millisecond" | "milliseconds" => 1e-3,
        "us" | "µs" | "μs" | "microsecond" | "microseconds" => 1e-6,
        "sample" | "samples" => return Ok(None),
        other => {
            return Err(Error::new(ErrorCode::UnknownUnit, format!("\"{other}\" is no known unit of time"))
                .advice("use s, ms, us or sample, in the header (`time [ms]`) or as text.time_unit in a mapping"));
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_split_from_the_name() {
        let split = |cell: &str| {
            let name = ColumnName::parse(cell);
            (name.name, name.unit.unwrap_or_default())
        };
        for (cell, name, unit) in [
            ("APB [mV]", "APB", "mV"),
            ("APB (uV)", "APB", "uV"),
            ("amplitude_mV", "amplitude", "mV"),
            ("time_ms", "time", "ms"),
            ("time_point", "time_point", ""),
            ("lead_v", "lead_v", ""),
            ("stimulus_V", "stimulus", "V"),
            ("APB []", "APB", ""),
        ] {
            assert_eq!(split(cell), (name.to_owned(), unit.to_owned()), "{cell}");
        }
    }
}
