//! The fields about the person and the recording (EDF+ 2.1.3.2–4): what may be known is read, who it is is not.

use super::decimal::Decimal;
use super::header::{Header, Kind};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Identity, Subject};
use jiff::civil::{Date, DateTime, Time};

/// Two-digit years from this one on belong to the twentieth century (EDF+ 2.1.3.2).
const CLIPPING_YEAR: i16 = 85;
/// What stands for unknown, not applicable or withheld.
const UNKNOWN: &str = "X";
/// The place of the name among the words of the patient identification: behind code, sex and date of birth.
const NAME: usize = 3;
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

/// What the two fields hold that is no secret.
#[derive(Default)]
pub(super) struct Identification {
    pub(super) subject: Subject,
    /// Local time of the first sample.
    pub(super) started: Option<DateTime>,
    pub(super) device: Option<String>,
    /// Whatever stands after the equipment: the nerve, in the files of the specification.
    pub(super) additional: String,
    pub(super) findings: Vec<Finding>,
}

/// `02-MAY-1951`
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS
        .iter()
        .position(|known| known.eq_ignore_ascii_case(month))?;
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(
        year.parse().ok()?,
        i8::try_from(month + 1).ok()?,
        day.parse().ok()?,
    )
    .ok()
}

/// Three numbers with points between them: `02.08.51`.
fn triple(text: &str) -> Option<[i8; 3]> {
    let mut parts = text.split(['.', ':']).map(|part| part.trim().parse().ok());
    let triple = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(triple)
}

/// The start as the header has it, without the fraction of a second.
fn start(header: &Header, subfield: Option<&str>, findings: &mut Vec<Finding>) -> Option<DateTime> {
    let clock = triple(&header.time).and_then(|[h, m, s]| Time::new(h, m, s, 0).ok());
    let short = triple(&header.date).and_then(|[day, month, year]| {
        let year = i16::from(year);
        let century = if year >= CLIPPING_YEAR { 1900 } else { 2000 };
        Date::new(century + year, month, day).ok()
    });
    let long = subfield.filter(|&text| text != UNKNOWN).map(date);
    let midnight = clock.is_some_and(|clock| clock == Time::midnight());
    // The date that programs write when they withhold the true one (the clipping date of EDF+ 2.1.3.2).
    let withheld =
        short.is_some_and(|short| short.year() == 1900 + CLIPPING_YEAR && short.day_of_year() == 1);
    if subfield == Some(UNKNOWN) && withheld && midnight {
        return None;
    }
    let name = header.width.name();
    let mut doubt = |what: String| findings.push(Finding::new(FindingCode::HeaderCorrected, what));
    let Some(clock) = clock else {
        doubt(format!(
            "{name} start time, bytes 176–183: \"{}\" is no time; the start is not known",
            header.time
        ));
        return None;
    };
    let day = match (long, short) {
        (Some(Some(long)), short) => {
            let same = |short: Date| {
                (short.day(), short.month(), short.year().rem_euclid(100))
                    == (long.day(), long.month(), long.year().rem_euclid(100))
            };
            if short.is_some_and(|short| !same(short)) {
                doubt(format!(
                    "{name} start date, bytes 168–175: \"{}\" contradicts {long} in the recording identification, which was used",
                    header.date
                ));
            }
            long
        }
        (_, Some(short)) => short,
        (_, None) => {
            doubt(format!(
                "{name} start date, bytes 168–175: \"{}\" is no date; the start is not known",
                header.date
            ));
            return None;
        }
    };
    Some(day.to_datetime(clock))
}

impl Identification {
    /// Reads both fields; `offset` is the fraction of a second at which record 0 begins.
    pub(super) fn read(header: &Header, offset: Decimal) -> Self {
        let mut found = Self::default();
        let mut findings = Vec::new();
        if header.kind == Kind::Plain {
            // Free text: nothing in it may be taken for harmless.
            found.subject.identity = Identity {
                name: text_of(header.patient.split(' ')),
                ..Identity::default()
            }
            .known();
            found.started = start(header, None, &mut findings);
        } else {
            let mut subfields = header.recording.split(' ').filter(|word| !word.is_empty());
            let is_plus = subfields.next() == Some("Startdate");
            let started = subfields.next().filter(|_| is_plus);
            let equipment = subfields.nth(2).filter(|_| is_plus);
            found.device = equipment.filter(|&word| word != UNKNOWN).map(str::to_owned);
            if is_plus {
                found.additional = subfields.collect::<Vec<_>>().join(" ");
            }
            found.started = start(header, started, &mut findings);
            found.read_patient(header);
        }
        if let Some(started) = found.started {
            let nanoseconds = (offset.to_f64() * 1e9).round() as i64;
            found.started = started
                .checked_add(jiff::SignedDuration::from_nanos(nanoseconds))
                .ok();
        }
        if found.subject.identity.is_some() {
            findings.push(withheld(header));
        }
        found.findings = findings;
        found
    }

    fn read_patient(&mut self, header: &Header) {
        let words: Vec<_> = header
            .patient
            .split(' ')
            .filter(|word| !word.is_empty())
            .collect();
        let word = |index: usize| words.get(index).copied().filter(|&word| word != UNKNOWN);
        self.subject.sex = match word(1) {
            Some("F") => Some("female".to_owned()),
            Some("M") => Some("male".to_owned()),
            _ => None,
        };
        let born = word(2).and_then(date);
        if let (Some(born), Some(started)) = (born, self.started) {
            let mut age = started.year() - born.year();
            if (started.month(), started.day()) < (born.month(), born.day()) {
                age -= 1;
            }
            // Whole years only: a fraction would give the birth date away.
            if age >= 0 {
                self.subject.age_years = Some(f64::from(age));
            }
        }
        // Fields that are not where they should be may hold anything; a name that is no single word goes on behind its field.
        let in_order = words.len() >= NAME && matches!(word(1), None | Some("F" | "M"));
        let identity = if in_order {
            Identity {
                name: text_of(words.iter().copied().skip(NAME)),
                birth_date: word(2).map(|text| match born {
                    Some(born) => born.to_string(),
                    None => text.to_owned(),
                }),
                record_number: word(0).map(str::to_owned),
            }
        } else {
            Identity {
                name: text_of(words.iter().copied()),
                ..Identity::default()
            }
        };
        self.subject.identity = identity.known();
    }
}

/// The words as one text; `None` if they are only what stands for unknown.
fn text_of<'a>(words: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    let words = words.filter(|word| !word.is_empty());
    words
        .clone()
        .any(|word| word != UNKNOWN)
        .then(|| words.collect::<Vec<_>>().join(" "))
}

fn withheld(header: &Header) -> Finding {
    Finding::new(
        FindingCode::SubjectWithheld,
        format!(
            "{} local patient identification, bytes 8–87",
            header.width.name()
        ),
    )
}

/// The four fields of a header, to be padded: patient, recording, start date, start time.
pub(super) struct Spelled {
    pub(super) patient: String,
    pub(super) recording: String,
    pub(super) date: String,
    pub(super) time: String,
}

/// The patient field (EDF+ 2.1.3.3): record number, sex, birth date, name. Who the person is stands there only if the recording still
/// says so; what does not fit into 80 characters is left out from the end.
fn patient(subject: &Subject, sex: &str) -> String {
    let identity = subject.identity.clone().unwrap_or_default();
    let word = |text: Option<String>| {
        text.map(|text| {
            let plain: String = text
                .trim()
                .chars()
                .map(|c| if c.is_ascii_graphic() { c } else { '_' })
                .collect();
            plain
        })
        .filter(|word| !word.is_empty())
        .unwrap_or_else(|| UNKNOWN.to_owned())
    };
    let born = identity.birth_date.map(|born| match born.parse::<Date>() {
        Ok(born) => spelled_date(born),
        Err(_) => born,
    });
    let mut patient = format!(
        "{} {sex} {} {}",
        word(identity.record_number),
        word(born),
        word(identity.name)
    );
    patient.truncate(80);
    patient
}

/// `02-MAY-1951`
fn spelled_date(date: Date) -> String {
    let month = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|month| MONTHS.get(month))
        .copied()
        .unwrap_or_default();
    format!("{:02}-{month}-{:04}", date.day(), date.year())
}

/// Writes the fields. `second` is the whole second in which record 0 begins.
pub(super) fn spell(
    subject: &Subject,
    second: Option<DateTime>,
    device: Option<&str>,
    additional: &str,
) -> Spelled {
    let sex = match subject.sex.as_deref() {
        Some("female") => "F",
        Some("male") => "M",
        _ => UNKNOWN,
    };
    let day = second.map(|second| spelled_date(second.date()));
    let device = device.map(|device| {
        let plain: String = device
            .chars()
            .map(|c| if c.is_ascii_graphic() { c } else { '_' })
            .collect();
        if plain.is_empty() {
            UNKNOWN.to_owned()
        } else {
            plain
        }
    });
    let mut recording = format!(
        "Startdate {} X X {}",
        day.as_deref().unwrap_or(UNKNOWN),
        device.as_deref().unwrap_or(UNKNOWN)
    );
    recording.truncate(80);
    if !additional.is_empty() && recording.len() + 1 + additional.len() <= 80 {
        recording.push(' ');
        recording.push_str(additional);
    }
    Spelled {
        patient: patient(subject, sex),
        recording,
        date: second.map_or_else(
            || "01.01.85".to_owned(),
            |second| {
                // EDF+ 2.1.3.2: where two digits cannot say the year, only the recording field does.
                let year = if (1985..=2084).contains(&second.year()) {
                    format!("{:02}", second.year().rem_euclid(100))
                } else {
                    "yy".to_owned()
                };
                format!("{:02}.{:02}.{year}", second.day(), second.month())
            },
        ),
        time: second.map_or_else(
            || "00.00.00".to_owned(),
            |second| {
                format!(
                    "{:02}.{:02}.{:02}",
                    second.hour(),
                    second.minute(),
                    second.second()
                )
            },
        ),
    }
}
