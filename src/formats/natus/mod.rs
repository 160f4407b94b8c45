//! The text export of Natus (Nicolet Viking, Dantec Synergy): sections, keys, and sweeps as values in a row. Documented in
//! `docs/formats/natus.md`.
//!
//! Only keys that are named here are read; nothing else of the file, and so no name of a patient, reaches the recording.

mod channels;
mod sections;
mod values;

use super::mapping::refuse_restated;
use super::{Format, Input, Mapping, csv, windows_text};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark, Origin, Recording, Subject};
use crate::source::Source;
use crate::units::{Milliseconds, Seconds};
use channels::Sweep;
use sections::{Sections, plain};

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
    claims,
    read,
    write: None,
};

/// Keys that only this export has, in lower case and with single spaces.
const KEYS: &[&str] = &["subsampled(khz)", "sampling frequency(khz)"];
/// Words of keys that name a person. Their values are never copied; that they stand there is a finding.
const PERSONAL: &[&str] = &[
    "name", "patient", "birth", "dob", "address", "phone", "ssn", "mrn",
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
    let text = windows_text::decode(input.bytes())?;
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
        marks.extend(csv::stated_marks(stated)?);
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
    for (index, described) in channels.iter_mut().enumerate() {
        let channel = several.then_some(index);
        for (place, sweep) in std::mem::take(&mut described.sweeps)
            .into_iter()
            .enumerate()
        {
            let start = place as f64 * period;
            sweep_marks(&mut marks, &sweep, sections, start, stimulus, channel);
            described.push(Seconds(start), sweep.values);
        }
    }
    Ok((clock, marks))
}

/// The stimulus of a sweep, if its place is stated, and what the file says beside the values about stimulus and markers.
fn sweep_marks(
    marks: &mut Vec<Mark>,
    sweep: &Sweep,
    sections: &Sections,
    start: f64,
    stimulus: Option<f64>,
    channel: Option<usize>,
) {
    let mut push = |after: f64, text: String| {
        marks.push(Mark {
            time: Seconds(start + after),
            duration: None,
            text,
            channel,
        });
    };
    let mut strength = String::new();
    let entries = sections
        .sections
        .get(sweep.section)
        .map(|section| section.entries.as_slice())
        .unwrap_or_default();
    for entry in entries {
        let key = plain(&entry.key);
        let is_stimulus = key.starts_with("stim");
        if entry.value.is_empty() || !(is_stimulus || key.starts_with("marker")) {
            continue;
        }
        if is_stimulus
            && let Some(unit) = ["ma", "ms"]
                .into_iter()
                .find(|unit| key.ends_with(&format!("({unit})")))
            && let Some(value) = values::single(&entry.value)
        {
            let unit = if unit == "ma" { "mA" } else { unit };
            strength.push_str(&format!(" {value}{unit}"));
        }
        push(0.0, format!("of sweep: {}={}", entry.key, entry.value));
    }
    if let Some(after) = stimulus {
        push(after, format!("stimulus{strength}"));
    }
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
            _ => is_personal |= PERSONAL.iter().any(|word| key.contains(word)),
        }
    }
    if is_personal {
        findings.push(Finding::new(
            FindingCode::SubjectWithheld,
            "keys of the patient in the text",
        ));
    }
    subject
}
