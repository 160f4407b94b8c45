//! The marks that a mapping names in a file that does not describe itself.

use super::bad;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{Mapping, MarkMapping};
use crate::recording::{Clock, Mark};
use crate::units::Seconds;

/// Sample numbers of a program that counts from 1, as MATLAB does.
const FROM_1: &str = "sample_from_1";

/// The arrays of a file by their names: datasets of HDF5, variables of MATLAB. `field` is the field of the mapping, for messages.
pub(in crate::formats) trait Arrays {
    /// All numbers of the array.
    fn numbers(&self, path: &str, field: &str) -> Result<Vec<f64>>;

    /// All texts of the array, each with whether it was valid in its encoding.
    fn texts(&self, path: &str, field: &str) -> Result<Vec<(String, bool)>>;
}

/// All marks of the mapping.
pub(in crate::formats) fn read(
    arrays: &dyn Arrays,
    mapping: &Mapping,
    clock: Clock,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let mut marks = Vec::new();
    for (index, entry) in mapping.marks.iter().enumerate() {
        let place = format!("mapping, marks[{index}]");
        let read = if clock == Clock::OrderOnly {
            Err(bad(
                "marks have times, but the sweeps have none (neither `sweep_starts` nor `sweep_rate_hz` is stated)",
            )
            .advice("state the times of the sweeps, or use `stimulus_ms` for a stimulus in every sweep"))
        } else {
            read_entry(arrays, mapping, entry, findings)
        };
        marks.extend(read.map_err(|error| {
            if error.place().is_none() {
                error.at(place)
            } else {
                error
            }
        })?);
    }
    Ok(marks)
}

fn read_entry(
    arrays: &dyn Arrays,
    mapping: &Mapping,
    entry: &MarkMapping,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let (times, unit_s) = times(arrays, mapping, entry)?;
    let same_length = |found: usize, field: &str, path: &str| {
        if found == times.len() {
            return Ok(());
        }
        Err(bad(format!(
            "`{field}`: \"{path}\" holds {found} values, but there are {} times",
            times.len()
        )))
    };
    let texts = match (&entry.texts, &entry.text) {
        (Some(_), Some(_)) => {
            return Err(bad("both `texts` and `text` are stated").advice("state one of them"));
        }
        (None, None) => {
            return Err(bad("neither `texts` nor `text` is stated")
                .advice("state text = \"stimulus\" if each of these times is a stimulus"));
        }
        (None, Some(text)) => vec![text.clone(); times.len()],
        (Some(path), None) => {
            let read = arrays.texts(path, "texts")?;
            same_length(read.len(), "texts", path)?;
            let odd = read.iter().filter(|(_, unicode)| !unicode).count();
            if odd > 0 {
                findings.push(Finding::new(
                    FindingCode::TextNotUnicode,
                    format!("{odd} of {} texts in \"{path}\"", read.len()),
                ));
            }
            read.into_iter().map(|(text, _)| text).collect()
        }
    };
    let durations: Vec<Option<f64>> = match (&entry.durations, entry.duration_s) {
        (Some(_), Some(_)) => {
            return Err(
                bad("both `durations` and `duration_s` are stated").advice("state one of them")
            );
        }
        (None, stated) => vec![stated; times.len()],
        (Some(path), None) => {
            let read = arrays.numbers(path, "durations")?;
            same_length(read.len(), "durations", path)?;
            read.into_iter()
                .map(|duration| (!duration.is_nan()).then_some(duration * unit_s))
                .collect()
        }
    };
    if let Some(duration) = durations
        .iter()
        .flatten()
        .find(|duration| !(duration.is_finite() && **duration >= 0.0))
    {
        return Err(bad(format!(
            "a duration is {duration} s; expected 0 or more"
        )));
    }
    Ok(times
        .into_iter()
        .zip(texts)
        .zip(durations)
        .map(|((time, text), duration)| Mark {
            time: Seconds(time),
            duration: duration.map(Seconds),
            text,
            channel: None,
        })
        .collect())
}

/// The times in s, and how many s one unit of the dataset is.
fn times(arrays: &dyn Arrays, mapping: &Mapping, entry: &MarkMapping) -> Result<(Vec<f64>, f64)> {
    let unit = entry.time_unit.as_deref().map(str::trim);
    let (times, unit_s) = match (&entry.times, entry.times_s.is_empty()) {
        (Some(_), false) => {
            return Err(bad("both `times` and `times_s` are stated").advice("state one of them"));
        }
        (None, true) => {
            return Err(bad("neither `times` nor `times_s` is stated")
                .advice("state the dataset with the times, such as times = \"/events/time\""));
        }
        (None, false) => {
            if let Some(unit) = unit {
                return Err(bad(format!(
                    "`time_unit` is \"{unit}\", but `times_s` is in seconds always"
                ))
                .advice("remove `time_unit`"));
            }
            (entry.times_s.clone(), 1.0)
        }
        (Some(path), true) => {
            let unit_s = match unit.unwrap_or("s") {
                "s" => 1.0,
                "ms" => 1e-3,
                "us" => 1e-6,
                "sample" | FROM_1 => 1.0 / sample_rate(mapping)?,
                other => {
                    return Err(bad(format!(
                        "`time_unit` is \"{other}\"; expected one of s, ms, us, sample, {FROM_1}"
                    )));
                }
            };
            let read = arrays.numbers(path, "times")?;
            let counted = matches!(unit, Some("sample" | FROM_1));
            let first = if unit == Some(FROM_1) { 1.0 } else { 0.0 };
            let rate = if counted {
                Some(sample_rate(mapping)?)
            } else {
                None
            };
            // Division, not multiplication by the reciprocal: the time of a sample is then the same number as in a segment.
            let seconds = |value: f64| match (rate, unit) {
                (Some(rate), _) => (value - first) / rate,
                (None, Some("ms")) => value / 1e3,
                (None, Some("us")) => value / 1e6,
                _ => value,
            };
            (read.into_iter().map(seconds).collect(), unit_s)
        }
    };
    match times.iter().position(|time| !time.is_finite()) {
        Some(index) => Err(bad(format!(
            "time {index} is {}; expected a number",
            times.get(index).copied().unwrap_or(f64::NAN)
        ))),
        None => Ok((times, unit_s)),
    }
}

fn sample_rate(mapping: &Mapping) -> Result<f64> {
    match mapping.rate_hz {
        Some(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        Some(rate) => Err(Error::new(
            ErrorCode::UnknownRate,
            format!("`rate_hz` of the mapping is {rate}; expected a number above 0"),
        )),
        None => Err(
            bad("`time_unit` is \"sample\", but the mapping states no `rate_hz`")
                .advice("state rate_hz at the top of the mapping"),
        ),
    }
}
