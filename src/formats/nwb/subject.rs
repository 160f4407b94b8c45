//! The subject without what names it, when the recording began, and with which device.
//!
//! Of `/general` nothing else is read: experimenter, notes, description and the rest may name persons.

use super::object::{Object, Reading};
use crate::error::Result;
use crate::finding::FindingCode;
use crate::recording::{Identity, Origin, Subject};
use jiff::civil::{Date, DateTime};

const START: &str = "session_start_time";

/// Device and start.
pub(super) fn origin(reading: &Reading, general: Option<&Object>) -> Result<Origin> {
    let started = start(reading)?;
    let mut devices = Vec::new();
    if let Some(general) = general
        && let Some(group) = general.object("devices")?
    {
        let names: Vec<String> = group.names().map(str::to_owned).collect();
        for name in names {
            let Some(device) = group.object(&name)? else {
                continue;
            };
            // The group of the models of devices has no type.
            if device.neurodata_type()?.is_empty() {
                continue;
            }
            devices.push(match device.attribute("manufacturer")? {
                Some(maker) if !maker.trim().is_empty() => format!("{name} ({})", maker.trim()),
                _ => name,
            });
        }
    }
    Ok(Origin {
        started: started.map(|started| started.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        device: (!devices.is_empty()).then(|| devices.join(", ")),
        ..Origin::default()
    })
}

/// The time as it is written, without its offset to universal time: that of the laboratory.
fn start(reading: &Reading) -> Result<Option<DateTime>> {
    let root = Object::open(reading, "")?;
    let text = match &root {
        Some(root) => root.text(START)?,
        None => None,
    };
    let Some(text) = text else { return Ok(None) };
    let started = local(&text);
    if started.is_none() {
        reading.finding(
            FindingCode::HeaderCorrected,
            format!("/{START} is no date with a time"),
        );
    }
    Ok(started)
}

fn local(text: &str) -> Option<DateTime> {
    const LENGTH: usize = "2026-03-01T09:30:00".len();
    text.get(..LENGTH)?.parse().ok()
}

fn date(text: &str) -> Option<Date> {
    const LENGTH: usize = "2026-03-01".len();
    text.get(..LENGTH)?.parse().ok()
}

/// Code, age and sex; the date of birth stands apart.
pub(super) fn read(reading: &Reading, general: Option<&Object>) -> Result<Subject> {
    let group = match general {
        Some(general) => general.object("subject")?,
        None => None,
    };
    let Some(group) = group else {
        return Ok(Subject::default());
    };
    let born = group.text("date_of_birth")?;
    if born.is_some() {
        reading.finding(
            FindingCode::SubjectWithheld,
            "date_of_birth in /general/subject",
        );
    }
    let stated = match group.dataset("age")? {
        // An age since conception is no age.
        Some(age) if age.attributes()?.text("reference")?.as_deref() != Some("gestational") => {
            group.text("age")?.as_deref().and_then(years)
        }
        _ => None,
    };
    let age_years = match (stated, born.as_deref().and_then(date), start(reading)?) {
        (Some(age), _, _) => Some(age),
        (None, Some(born), Some(started)) => whole_years(born, started.date()),
        _ => None,
    };
    Ok(Subject {
        code: group.text("subject_id")?,
        age_years,
        sex: group.text("sex")?.and_then(|sex| sex_of(&sex)),
        identity: Identity {
            birth_date: born.map(|born| date(&born).map_or(born, |date| date.to_string())),
            ..Identity::default()
        }
        .known(),
        ..Subject::default()
    })
}

fn sex_of(text: &str) -> Option<String> {
    match text {
        "F" | "f" | "female" | "Female" => Some("female".to_owned()),
        "M" | "m" | "male" | "Male" => Some("male".to_owned()),
        "U" | "u" | "unknown" => None,
        "O" | "o" | "other" => Some("other".to_owned()),
        other => Some(other.to_owned()),
    }
}

/// The age on that day; from a date of birth only whole years may be told.
fn whole_years(born: Date, on: Date) -> Option<f64> {
    let had = (on.month(), on.day()) >= (born.month(), born.day());
    let years = on.year().checked_sub(born.year())? - i16::from(!had);
    (years >= 0).then(|| f64::from(years))
}

const MONTHS: f64 = 12.0;
/// Days of a year of the Gregorian calendar, on average.
const DAYS: f64 = 365.2425;
const WEEK_DAYS: f64 = 7.0;
const DAY_HOURS: f64 = 24.0;
const HOUR_MINUTES: f64 = 60.0;

/// Years of an ISO 8601 duration such as `P44Y` or `P90D`; `None` for a range (`P1D/P3D`) and for anything else.
fn years(text: &str) -> Option<f64> {
    let mut rest = text.trim().strip_prefix('P')?;
    let mut sum = 0.0;
    let mut time = false;
    let mut parts = 0usize;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T').filter(|_| !time) {
            (rest, time) = (after, true);
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let value: f64 = rest.get(..end)?.parse().ok()?;
        let days = match (rest.get(end..=end)?, time) {
            ("Y", false) => DAYS,
            ("M", false) => DAYS / MONTHS,
            ("W", false) => WEEK_DAYS,
            ("D", false) => 1.0,
            ("H", true) => 1.0 / DAY_HOURS,
            ("M", true) => 1.0 / (DAY_HOURS * HOUR_MINUTES),
            ("S", true) => 1.0 / (DAY_HOURS * HOUR_MINUTES * HOUR_MINUTES),
            _ => return None,
        };
        // Years are not made days and back, so that 44 years are 44.
        sum += value * (days / DAYS);
        parts += 1;
        rest = rest.get(end + 1..)?;
    }
    (parts > 0 && sum.is_finite()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_duration() {
        for (text, expected) in [
            ("P44Y", Some(44.0)),
            ("P6M", Some(0.5)),
            ("P1Y6M", Some(1.5)),
            ("P90D", Some(90.0 / 365.2425)),
            ("P4W", Some(28.0 / 365.2425)),
            ("P0DT12H", Some(0.5 / 365.2425)),
            ("P30Y/P40Y", None),
            ("P90Y/", None),
            ("44", None),
            ("P", None),
            ("PY", None),
            ("P1H", None),
            ("Pé", None),
        ] {
            match (years(text), expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-12, "{text} {found}");
                }
                (found, expected) => assert_eq!(found, expected, "{text}"),
            }
        }
    }

    #[test]
    fn a_date_of_birth_gives_whole_years_only() {
        let day = |text: &str| date(text).unwrap();
        assert_eq!(
            whole_years(day("1980-05-02T00:00:00+01:00"), day("2026-05-01")),
            Some(45.0)
        );
        assert_eq!(
            whole_years(day("1980-05-02"), day("2026-05-02")),
            Some(46.0)
        );
        assert_eq!(whole_years(day("2030-01-01"), day("2026-05-02")), None);
    }

    #[test]
    fn the_time_of_the_laboratory_is_kept_as_written() {
        let started = local("2026-03-01T09:30:00.123456+05:00").unwrap();
        assert_eq!(
            started.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "2026-03-01T09:30:00"
        );
        assert!(local("2026-03-01").is_none());
    }
}
