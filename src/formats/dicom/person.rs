//! Subject, time and machine (PS3.3 C.7.1.1, C.7.2.2, C.7.5.1, C.10.8).

use super::dataset;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Identity, Subject};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// `19510502`
fn date(text: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let all_digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then_some(())?;
    Date::new(
        part(0..4)?,
        i8::try_from(part(4..6)?).ok()?,
        i8::try_from(part(6..8)?).ok()?,
    )
    .ok()
}

/// `20260301093000.5+0100`: the local time, which is what stands before the zone (PS3.5 6.2, DT). To the minute at least.
fn moment(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let local = text.split(['+', '-']).next()?;
    let (whole, fraction) = local.split_once('.').unwrap_or((local, ""));
    let day = date(whole.get(..8)?)?;
    let part = |range: std::ops::Range<usize>| whole.get(range)?.parse::<i8>().ok();
    let second = match whole.len() {
        12 => 0,
        // A leap second (60) is the last one of its minute.
        14 => part(12..14)?.min(59),
        _ => return None,
    };
    let nanoseconds = match fraction.len() {
        0 => 0,
        1..=6 if fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{fraction:0<9}").parse().ok()?
        }
        _ => return None,
    };
    let time = Time::new(part(8..10)?, part(10..12)?, second, nanoseconds).ok()?;
    Some(day.to_datetime(time))
}

/// When the acquisition began.
pub(super) fn started(root: &InMemDicomObject) -> Option<DateTime> {
    moment(&dataset::text(root, tags::ACQUISITION_DATE_TIME)?)
}

/// A local time and, where it is stated, how far it is before universal time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    local: DateTime,
    zone: Option<Offset>,
}

impl Moment {
    /// `20260301093000.5+0100`; `default` is the zone of times that state none.
    pub(super) fn of(text: &str, default: Option<Offset>) -> Option<Self> {
        let text = text.trim();
        let zone = match text.find(['+', '-']) {
            Some(at) => Some(zone(text.get(at..)?)?),
            None => default,
        };
        Some(Self {
            local: moment(text)?,
            zone,
        })
    }

    /// Seconds since another one; `None` if the zone of only one of them is known.
    pub(super) fn since(self, other: Self) -> Option<f64> {
        let local = self.local.duration_since(other.local).as_secs_f64();
        match (self.zone, other.zone) {
            (Some(own), Some(other)) => Some(local - f64::from(own.seconds() - other.seconds())),
            (None, None) => Some(local),
            _ => None,
        }
    }
}

/// `+0100`: from -1200 to +1400 (PS3.5 6.2, DT).
fn zone(text: &str) -> Option<Offset> {
    const LIMITS_MIN: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;
    let text = text.trim();
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = text.get(1..)?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().ok()?;
    let all = sign * (hours * 60 + minutes);
    (minutes < 60 && LIMITS_MIN.contains(&all))
        .then(|| Offset::from_seconds(all * 60).ok())
        .flatten()
}

/// When the acquisition began, and the zone of times that state none, (0008,0201).
pub(super) struct Began {
    pub(super) at: Option<Moment>,
    pub(super) zone: Option<Offset>,
}

/// When the acquisition began, as moments are compared with it.
pub(super) fn began(root: &InMemDicomObject) -> Began {
    let zone = dataset::text(root, tags::TIMEZONE_OFFSET_FROM_UTC).and_then(|text| zone(&text));
    let at =
        dataset::text(root, tags::ACQUISITION_DATE_TIME).and_then(|text| Moment::of(&text, zone));
    Began { at, zone }
}

/// Manufacturer and model.
pub(super) fn device(root: &InMemDicomObject) -> Option<String> {
    let words: Vec<_> = [tags::MANUFACTURER, tags::MANUFACTURER_MODEL_NAME]
        .into_iter()
        .filter_map(|tag| dataset::text(root, tag))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// `044Y` in whole years; an age in months, weeks or days is rounded down.
fn age(text: &str) -> Option<f64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u16 = digits.parse().ok()?;
    Some(f64::from(match unit {
        "Y" => count,
        "M" => count / 12,
        "W" => count / 52,
        "D" => count / 365,
        _ => return None,
    }))
}

/// Age at the recording in whole years: a fraction would give the birth date away.
fn age_at(born: Date, day: Date) -> Option<f64> {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i16::from(!had_birthday);
    (years >= 0).then(|| f64::from(years))
}

/// The subject; a finding says where it is said who the person is, not who.
pub(super) fn subject(
    root: &InMemDicomObject,
    started: Option<DateTime>,
) -> (Subject, Option<Finding>) {
    let text = |tag| dataset::text(root, tag);
    let birth = text(tags::PATIENT_BIRTH_DATE);
    let born = birth.as_deref().and_then(date);
    let identity = Identity {
        name: text(tags::PATIENT_NAME),
        birth_date: birth.map(|text| born.map_or(text, |born| born.to_string())),
        record_number: text(tags::PATIENT_ID),
    };
    let subject = Subject {
        age_years: text(tags::PATIENT_AGE)
            .and_then(|text| age(&text))
            .or_else(|| age_at(born?, started?.date())),
        sex: text(tags::PATIENT_SEX).map(|sex| match sex.as_str() {
            "F" => "female".to_owned(),
            "M" => "male".to_owned(),
            _ => sex,
        }),
        identity: identity.known(),
        ..Subject::default()
    };
    let withheld = subject.identity.as_ref().map(|_| {
        Finding::new(
            FindingCode::SubjectWithheld,
            "DICOM Patient Module, (0010,0010), (0010,0020) or (0010,0030)",
        )
    });
    (subject, withheld)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_local_time_and_needs_its_minutes() {
        let text = |text| moment(text).map(|moment| moment.to_string());
        let expected = Some("2026-03-01T09:30:00.5".to_owned());
        assert_eq!(text("20260301093000.5+0100"), expected);
        assert_eq!(text("202603010930"), Some("2026-03-01T09:30:00".to_owned()));
        for wrong in [
            "20260301",
            "2026",
            "20261301093000",
            "",
            "2026-03-01T09:30",
            "20260301093000.é",
        ] {
            assert_eq!(text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_of_different_zones_are_compared_in_universal_time() {
        let of = |text| Moment::of(text, None).unwrap();
        let began = of("20260301093000.25+0100");
        for same in ["20260301083001.25+0000", "20260301023001.25-0600"] {
            assert_eq!(of(same).since(began), Some(1.0), "{same}");
        }
        // Which zone is meant is not said.
        assert_eq!(of("20260301093001.25").since(began), None);
        let default = zone("+0100");
        let local = Moment::of("20260301093001.25", default).unwrap();
        assert_eq!(local.since(began), Some(1.0));
        for wrong in [
            "20260301093001+1",
            "20260301093001+0160",
            "20260301093001+1500",
        ] {
            assert_eq!(Moment::of(wrong, None), None, "{wrong}");
        }
    }

    #[test]
    fn an_age_is_given_in_whole_years() {
        assert_eq!(age("044Y"), Some(44.0));
        assert_eq!(age("018M"), Some(1.0));
        assert_eq!(age("006D"), Some(0.0));
        for wrong in ["44", "Y", "", "é", "044X"] {
            assert_eq!(age(wrong), None, "{wrong}");
        }
        let day = |text| date(text).unwrap();
        assert_eq!(age_at(day("19510502"), day("20260501")), Some(74.0));
        assert_eq!(age_at(day("19510502"), day("20260502")), Some(75.0));
        assert_eq!(age_at(day("20260502"), day("20260501")), None);
    }
}
