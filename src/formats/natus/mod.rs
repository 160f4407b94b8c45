//! The text export of Natus (Nicolet Viking, Dantec Synergy): sections, keys, and sweeps as values in a row. Documented in
//! `docs/formats/natus.md`.
//!
//! Only keys that are named here are read; nothing else of the file reaches the recording. What tells who the patient is stands in its
//! identity only.

mod channels;
mod sections;
mod values;

use super::mapping::refuse_restated;
use super::{Format, Input, Mapping, stated, windows_text};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Identity, Mark, Origin, Recording, Subject};
use crate::source::Source;
use crate::units::{Milliseconds, Seconds};
use sections::{Entry, Sections, plain};
use std::collections::BTreeMap;

/// The card.
pub static NATUS: Format = Format {
    id: "natus",
    name: "Text export of Nicolet Viking and Dantec Synergy (Natus)",
    extensions: &["txt"],
    specification: Source {
        citation: "No specification is published; the layout as files and readers of it in public repositories show it",
        link: "",
        place: "docs/formats/natus.md",
    },
    refines: &["csv"],
    claims,
    read,
    write: None,
    parts: None,
};

/// Keys that only this export has, in lower case and with single spaces.
const KEYS: &[&str] = &["subsampled(khz)", "sampling frequency(khz)"];
/// Words of keys that name a person. Their values are never copied; that they stand there is a finding.
const PERSONAL: &[&str] = &[
    "name", "patient", "birth", "dob", "address", "phone", "ssn", "mrn",
];
/// Keys of the number under which the hospital knows the person, and of the parts of the name.
const NUMBERS: &[&str] = &[
    "patient id",
    "patient number",
    "mrn",
    "ssn",
    "id",
    "hospital number",
];
const NAMES: &[&str] = &[
    "name",
    "patient",
    "patient name",
    "first name",
    "middle name",
    "last name",
    "given name",
    "family name",
    "surname",
];
/// Words of the first line that name the program.
const PROGRAMS: &[&str] = &[
    "viking", "synergy", "natus", "nicolet", "dantec", "keypoint",
];
/// The oldest age that is believed, in years. Heuristic: above any known.
const MAX_AGE_YEARS: f64 = 125.0;

/// Whether the bytes are text with a numbered section and a key of this export near its beginning.
fn claims(input: &Input) -> bool {
    let Some(text) = windows_text::beginning(input) else {
        return false;
    };
    let mut has_heading = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        has_heading |= sections::heading(line).is_some();
        let key = line.split_once('=').map(|(key, _)| plain(key));
        let is_known = key.is_some_and(|key| {
            KEYS.contains(&key.as_str()) || matches!(sections::data_key(&key, 0), Ok(Some(_)))
        });
        if has_heading && is_known {
            return true;
        }
    }
    false
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    let text = windows_text::decode(input.bytes()?)?;
    let sections = sections::parse(&text)?;
    let (sweeps, mut findings) = channels::sweeps(&sections, mapping)?;
    let mut described = channels::describe(&sections, sweeps)?;
    for channel in &mut described {
        refuse_restated(mapping, &channel.channel.label, true, true)?;
        mapping.describe(&mut channel.channel);
    }
    let (clock, marks) = place(&mut described, &sections, mapping, &mut findings)?;
    findings.push(Finding::new(
        FindingCode::RailsUnknown,
        "text holds no limits of the converter",
    ));
    let mut marks = marks;
    for stated in &mapping.marks {
        marks.extend(stated::text_marks(stated)?);
    }
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels: described
            .into_iter()
            .map(|described| described.channel)
            .collect(),
        marks,
        origin: Origin {
            format: NATUS.id.to_owned(),
            device: device(&sections),
            clock,
            ..Origin::default()
        },
        subject: subject(&sections, &mut findings),
        corrections: Vec::new(),
        findings,
    })
}

/// Puts the sweeps on a clock: at the stated rate, else in their order only; the first sweeps of all channels begin together.
fn place(
    channels: &mut [channels::Described],
    sections: &Sections,
    mapping: &Mapping,
    findings: &mut Vec<Finding>,
) -> Result<(Clock, Vec<Mark>)> {
    let longest = channels
        .iter()
        .flat_map(|described| {
            let rate = described.channel.rate.0;
            described
                .sweeps
                .iter()
                .map(move |sweep| sweep.values.len() as f64 / rate)
        })
        .fold(0.0, f64::max);
    let most = channels
        .iter()
        .map(|described| described.sweeps.len())
        .max()
        .unwrap_or(0);
    let mut clock = Clock::True;
    let period = match mapping.sweep_rate_hz {
        Some(rate) if !(rate.is_finite() && rate > 0.0) => {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!("a rate of {rate} sweeps per second is impossible"),
            )
            .at("sweep_rate_hz")
            .advice("state a number above 0"));
        }
        // A sample's worth of overlap would already make one sample belong to two times.
        Some(rate) if most > 1 && longest > (1.0 + f64::EPSILON * 4.0) / rate => {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!(
                    "sweeps of {} ms cannot follow each other {rate} times a second",
                    longest * 1000.0
                ),
            )
            .at("sweep_rate_hz")
            .advice("check the rate of stimulation"));
        }
        Some(rate) => 1.0 / rate,
        None => {
            if most > 1 {
                clock = Clock::OrderOnly;
                findings.push(Finding::new(
                    FindingCode::ClockUnknown,
                    format!(
                        "{most} sweeps, spaced for order's sake; state sweep_rate_hz in a mapping"
                    ),
                ));
            }
            longest.floor() + 1.0
        }
    };
    let stimulus = match mapping.stimulus_ms {
        Some(stated) if !stated.is_finite() => {
            return Err(
                Error::new(ErrorCode::BadMapping, format!("{stated} is no time"))
                    .at("stimulus_ms")
                    .advice("state the time in ms after the first sample of each sweep"),
            );
        }
        stated => stated.map(|stated| Milliseconds(stated).seconds().0),
    };
    let several = channels.len() > 1;
    let mut marks = Vec::new();
    // The notes of a section are told once, at its first sweep.
    let mut strengths: BTreeMap<usize, String> = BTreeMap::new();
    for (index, described) in channels.iter_mut().enumerate() {
        for (place, sweep) in std::mem::take(&mut described.sweeps)
            .into_iter()
            .enumerate()
        {
            let start = place as f64 * period;
            let mut push = |after: f64, text: String| {
                marks.push(Mark {
                    time: Seconds(start + after),
                    duration: None,
                    text,
                    channel: several.then_some(index),
                });
            };
            let strength = strengths.entry(sweep.section).or_insert_with(|| {
                let section = sections.sections.get(sweep.section);
                let entries = section.map_or(&[][..], |section| section.entries.as_slice());
                for entry in entries.iter().filter(|entry| is_note(entry)) {
                    push(0.0, format!("of sweep: {}={}", entry.key, entry.value));
                }
                strength(entries)
            });
            if let Some(after) = stimulus {
                push(after, format!("stimulus{strength}"));
            }
            described.push(Seconds(start), sweep.values);
        }
    }
    Ok((clock, marks))
}

/// Whether a key beside the values is about the stimulus or a marker.
fn is_note(entry: &Entry) -> bool {
    let key = plain(&entry.key);
    !entry.value.is_empty() && (key.starts_with("stim") || key.starts_with("marker"))
}

/// The first current and the first pulse width that keys of the stimulus state, as a text of a mark has them.
fn strength(entries: &[Entry]) -> String {
    // A time may be a delay as well: only a key that says so is a pulse width.
    let is_current = |key: &str| key.ends_with("(ma)");
    let is_width =
        |key: &str| key.ends_with("(ms)") && (key.contains("duration") || key.contains("width"));
    [(is_current as fn(&str) -> bool, "mA"), (is_width, "ms")]
        .into_iter()
        .filter_map(|(is_meant, unit)| {
            let value = entries.iter().find_map(|entry| {
                let key = plain(&entry.key);
                (key.starts_with("stim") && is_meant(&key))
                    .then(|| values::single(&entry.value))
                    .flatten()
            })?;
            Some(format!(" {value}{unit}"))
        })
        .collect()
}

/// The first comment, if it names the program.
fn device(sections: &Sections) -> Option<String> {
    sections
        .comments
        .iter()
        .find(|comment| {
            let comment = comment.to_lowercase();
            PROGRAMS.iter().any(|program| comment.contains(program))
        })
        .cloned()
}

fn subject(sections: &Sections, findings: &mut Vec<Finding>) -> Subject {
    let mut subject = Subject::default();
    let mut is_personal = false;
    let mut identity = Identity::default();
    for entry in sections
        .sections
        .iter()
        .flat_map(|section| &section.entries)
    {
        if entry.value.is_empty() {
            continue;
        }
        let key = plain(&entry.key);
        match key.as_str() {
            "gender" | "sex" => {
                subject.sex = match plain(&entry.value).as_str() {
                    "m" | "male" => Some("male".to_owned()),
                    "f" | "female" => Some("female".to_owned()),
                    _ => subject.sex,
                };
            }
            "age" | "age(years)" => {
                subject.age_years = values::single(&entry.value)
                    .filter(|age| (0.0..=MAX_AGE_YEARS).contains(age))
                    .or(subject.age_years);
            }
            known if NUMBERS.contains(&known) => identity.record_number = Some(entry.value.clone()),
            known if NAMES.contains(&known) => {
                let parts = identity
                    .name
                    .take()
                    .into_iter()
                    .chain([entry.value.clone()]);
                identity.name = Some(parts.collect::<Vec<_>>().join(" "));
            }
            known if known.contains("birth") || known.contains("dob") => {
                identity.birth_date = Some(entry.value.clone());
            }
            _ => is_personal |= PERSONAL.iter().any(|word| key.contains(word)),
        }
    }
    subject.identity = identity.known();
    is_personal |= subject.identity.is_some();
    if is_personal {
        findings.push(Finding::new(
            FindingCode::SubjectWithheld,
            "keys of the patient in the text",
        ));
    }
    subject
}
