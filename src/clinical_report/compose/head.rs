//! Who reports, about whom, what was recorded and done, and the room to sign.

use super::super::form::{Block, Letterhead, Pair};
use super::super::scene::{Scene, long_line, one_line};
use super::heading;
use crate::recording::muscle::muscle;
use crate::series::When;
use crate::units::Unit;
use std::collections::BTreeSet;

/// Laboratory and title.
pub fn letterhead(scene: &Scene<'_>) -> Block {
    let laboratory = &scene.template.file.laboratory;
    Block::Letterhead(Letterhead {
        name: long_line(&laboratory.name),
        address: laboratory
            .address
            .iter()
            .map(|line| long_line(line))
            .collect(),
        logo: scene.template.logo.clone(),
        title: title(scene),
    })
}

/// The title.
pub fn title(scene: &Scene<'_>) -> String {
    let own = scene.template.file.title.as_deref().map(one_line);
    own.unwrap_or_else(|| scene.word("form.title"))
}

/// The code of the subject, or the name of the file.
pub fn study_name(scene: &Scene<'_>) -> String {
    let code = scene.study.subject.code.as_deref().map(one_line);
    code.filter(|code| !code.is_empty())
        .unwrap_or_else(|| one_line(scene.file))
}

/// The date of the recording, its time left out.
pub fn date(scene: &Scene<'_>) -> Option<String> {
    let started = scene.study.origin.started.as_deref()?;
    Some(one_line(started.split('T').next().unwrap_or(started)))
}

/// A person name as DICOM writes it (`Doe^Jane`, PS3.5 section 6.2: family, given, middle, prefix, suffix; `=` between spellings) as it is read on
/// paper: `Doe, Jane`. Any other name stays as it is.
fn person_name(name: &str) -> String {
    if !name.contains('^') {
        return name.to_owned();
    }
    let spellings = name.split('=').map(|spelling| {
        let (family, others) = spelling.split_once('^').unwrap_or((spelling, ""));
        let parts = others.split('^').map(str::trim);
        let others: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let sides = [family.trim().to_owned(), others.join(" ")];
        let told = sides.into_iter().filter(|side| !side.is_empty());
        told.collect::<Vec<_>>().join(", ")
    });
    let told = spellings.filter(|spelling| !spelling.is_empty());
    told.collect::<Vec<_>>().join(" · ")
}

/// Subject and recording.
pub fn recording(scene: &Scene<'_>) -> Vec<Block> {
    let subject = &scene.study.subject;
    let origin = &scene.study.origin;
    let unknown = || scene.word("form.unknown");
    let pair = |label: &str, value: Option<String>| Pair {
        label: scene.word(&format!("label.{label}")),
        value: value
            .filter(|value| !value.is_empty())
            .unwrap_or_else(unknown),
    };
    let text = |value: &Option<String>| value.as_deref().map(one_line);
    let mut person = Vec::new();
    if let Some(identity) = &subject.identity {
        let name = identity.name.as_deref().map(person_name);
        for (label, value) in [
            ("name", &name),
            ("birth_date", &identity.birth_date),
            ("record_number", &identity.record_number),
        ] {
            if value.is_some() {
                person.push(pair(label, text(value)));
            }
        }
    }
    person.push(pair("code", text(&subject.code)));
    let years = |age| format!("{} {}", scene.plain(age, 1), scene.word("form.years"));
    person.push(pair("age", subject.age_years.map(years)));
    let sex = |sex: &String| scene.template.words.of("sex", sex, &one_line(sex));
    person.push(pair("sex", subject.sex.as_ref().map(sex)));
    let clock = |started: &String| one_line(&started.replace('T', " "));
    let recording = vec![
        pair("date", origin.started.as_ref().map(clock)),
        pair("device", text(&origin.device)),
        pair("file", Some(one_line(scene.file))),
    ];
    vec![Block::Pairs {
        columns: [person, recording],
    }]
}

/// What was done.
pub fn protocol(scene: &Scene<'_>) -> Vec<Block> {
    let study = scene.study;
    let pair = |label: &str, value: String| Pair {
        label: scene.word(&format!("label.{label}")),
        value: if value.is_empty() {
            scene.word("form.unknown")
        } else {
            value
        },
    };
    let once = |values: &mut dyn Iterator<Item = String>| {
        let mut seen = Vec::new();
        for value in values {
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        seen.join("; ")
    };
    let muscles = once(
        &mut study
            .channels
            .iter()
            .map(|channel| full_name(scene, channel)),
    );
    let nerves = once(
        &mut study
            .channels
            .iter()
            .filter_map(|c| c.nerve.as_deref().map(|nerve| scene.nerve(nerve))),
    );
    let trains = || study.channels.iter().flat_map(|channel| &channel.trains);
    let mut rates: Vec<(String, f64)> = Vec::new();
    for train in trains() {
        if let Ok(rate) = &train.rate {
            let shown = scene.value(rate.0, Unit::Hertz);
            if !rates.iter().any(|(other, _)| *other == shown) {
                rates.push((shown, rate.0));
            }
        }
    }
    rates.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut rates: Vec<String> = rates
        .into_iter()
        .map(|(shown, _)| format!("{shown} Hz"))
        .collect();
    if trains().any(|train| train.responses.len() == 1) {
        rates.insert(0, scene.word("label.single"));
    }
    let left = vec![
        pair("muscles", muscles),
        pair("nerves", nerves),
        pair("rates", rates.join(", ")),
    ];
    let temperature = study.subject.skin_temperature;
    let temperature = temperature.map_or(String::new(), |skin| {
        format!("{} °C", scene.plain(skin.0, 1))
    });
    let right = vec![
        pair("exercise", exercise(scene)),
        pair("temperature", temperature),
        pair("times", times(scene)),
    ];
    vec![
        heading(scene.word("section.protocol")),
        Block::Pairs {
            columns: [left, right],
        },
    ]
}

/// Side and muscle, the abbreviation explained.
fn full_name(scene: &Scene<'_>, channel: &crate::study::ChannelStudy) -> String {
    let name = scene.muscle(channel);
    let stated = channel.muscle.as_deref().unwrap_or(&channel.label);
    match muscle(stated) {
        Some(known) if known.id == stated && known.name != stated => {
            let full = scene.template.words.of("muscle_name", known.id, known.name);
            format!("{} {full}", scene.lead(&name))
        }
        _ => name,
    }
}

/// The lengths of the exercises.
fn exercise(scene: &Scene<'_>) -> String {
    let entries = scene
        .study
        .channels
        .iter()
        .flat_map(|c| &c.series)
        .flat_map(|s| &s.entries);
    let mut told = BTreeSet::new();
    let mut any = false;
    for entry in entries {
        if let When::After { exercise, .. } = entry.when {
            any = true;
            if let Some(length) = exercise {
                told.insert(length.0.round() as u64);
            }
        }
    }
    let lengths: Vec<_> = told.iter().map(|length| format!("{length} s")).collect();
    match (any, lengths.is_empty()) {
        (true, false) => lengths.join(", "),
        (true, true) => scene.word("form.length_unknown"),
        (false, _) => scene.word("form.none_marked"),
    }
}

/// How many trains, over how long.
fn times(scene: &Scene<'_>) -> String {
    let starts = || {
        let trains = scene
            .study
            .channels
            .iter()
            .flat_map(|channel| &channel.trains);
        trains.map(|train| train.start.0)
    };
    let count = starts().count();
    let (first, last) = starts().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), start| {
        (low.min(start), high.max(start))
    });
    let key = if scene.study.channels.len() > 1 {
        "form.count_in_all_muscles"
    } else {
        "form.count_of_trains"
    };
    let count = scene.fill(key, &[("count", &count.to_string())]);
    let ordered = scene.study.origin.clock == crate::recording::Clock::OrderOnly;
    if ordered || last <= first {
        return count;
    }
    let over = scene.plain((last - first) / 60.0, 1);
    format!("{count}, {over} min")
}

/// Room for a comment.
pub fn comment(scene: &Scene<'_>) -> Vec<Block> {
    vec![Block::Comment {
        label: scene.word("section.comment"),
    }]
}

/// Lines for date and signature.
pub fn signature(scene: &Scene<'_>) -> Vec<Block> {
    vec![Block::Signature {
        fields: vec![scene.word("form.sign_date"), scene.word("form.sign_name")],
    }]
}

#[cfg(test)]
mod tests {
    use super::person_name;

    #[test]
    fn a_name_of_dicom_is_printed_as_a_person_reads_it() {
        let cases = [
            ("Doe^Jane", "Doe, Jane"),
            ("Doe^Jane^M.^Dr.^", "Doe, Jane M. Dr."),
            ("^Jane", "Jane"),
            ("Doe^", "Doe"),
            ("Yamada^Tarou=山田^太郎", "Yamada, Tarou · 山田, 太郎"),
            ("Jane Doe", "Jane Doe"),
        ];
        for (stored, printed) in cases {
            assert_eq!(person_name(stored), printed);
        }
    }
}
