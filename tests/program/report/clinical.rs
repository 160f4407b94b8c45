//! The report that a person signs: what stands in it, what never does, and that it is the same every time.

use super::made;
use super::tables::written;
use endplate::clinical_report::{self, Block, Form, RowKind, Table, Template};
use endplate::cmap::NotMeasured;
use endplate::formats::Mapping;
use endplate::recording::Identity;
use endplate::study::{Settings, Study};
use std::path::Path;

fn template(text: &str) -> Template {
    Template::from_toml(text, Path::new("")).unwrap()
}

fn form(study: &Study) -> Form {
    clinical_report::compose(study, "study.edf", &Template::standard()).unwrap()
}

/// The rows of the table of trains: those of the first table of the form.
fn rows(form: &Form) -> Vec<(Vec<String>, RowKind)> {
    let table = form.blocks().find_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    table
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.cells.clone(), row.kind))
        .collect()
}

fn text(form: &Form) -> String {
    format!("{:?}", form.parts)
}

#[test]
fn every_train_of_the_study_stands_in_the_table_with_the_numbers_of_the_csv() {
    let mut compared = 0;
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        let shown = rows(&form(&study));
        let trains: usize = study
            .channels
            .iter()
            .map(|channel| channel.trains.len())
            .sum();
        let rows: Vec<_> = shown
            .iter()
            .filter(|(_, kind)| matches!(kind, RowKind::Plain | RowKind::Refused))
            .collect();
        let empty = study
            .channels
            .iter()
            .filter(|channel| channel.trains.is_empty())
            .count();
        assert_eq!(rows.len(), trains + empty, "{name}");
        if empty > 0 {
            continue;
        }
        let csv = written(&[(name, study)]);
        for (line, (cells, kind)) in csv["trains.csv"].iter().zip(rows) {
            assert_eq!(line["train"], cells[0], "{name}");
            assert_eq!(
                line["believed"] == "no",
                *kind == RowKind::Refused,
                "{name}"
            );
            let pairs = [
                ("first_amplitude_mv", 4, 0.005),
                ("decrement_1_4_pct", 5, 0.05),
                ("area_decrement_1_4_pct", 6, 0.05),
            ];
            for (head, cell, within) in pairs {
                let shown = cells[cell].split(' ').next().unwrap().replace('−', "-");
                if let (Ok(value), Ok(shown)) = (line[head].parse::<f64>(), shown.parse::<f64>()) {
                    let within = if shown.abs() < 99.95 { within } else { 0.5 };
                    let near = (value - shown).abs() <= within + 1e-6;
                    assert!(near, "{name} {head}: {value} is shown as {shown}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn no_identity_stands_in_a_report_that_was_not_given_one() {
    let (_, mut study) = made::simulated().remove(0);
    assert!(study.subject.identity.is_none());
    let before = text(&form(&study));
    assert!(!before.contains("Born") && !before.contains("Name\""));
    study.subject.identity = Some(Identity {
        name: Some("Anna Testperson".to_owned()),
        birth_date: Some("1951-05-02".to_owned()),
        record_number: None,
    });
    let after = text(&form(&study));
    assert!(after.contains("Anna Testperson") && after.contains("1951-05-02"));
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let (_, study) = made::simulated().remove(0);
    let lab = template("language = \"de\"\n[laboratory]\nname = \"Labor\"\naddress = [\"Weg 1\"]");
    let html = || clinical_report::html(&study, "a.edf", &lab).unwrap();
    assert_eq!(html(), html());
    #[cfg(feature = "pdf")]
    {
        let pdf = || clinical_report::pdf(&study, "a.edf", &lab).unwrap();
        let first = pdf();
        assert!(first.starts_with(b"%PDF-1.7") && first == pdf());
    }
}

#[test]
fn every_language_writes_both_media() {
    let (_, study) = made::simulated().remove(0);
    for language in clinical_report::languages() {
        let lab = template(&format!("language = \"{language}\"\npaper = \"letter\""));
        let html =
            String::from_utf8(clinical_report::html(&study, "a.edf", &lab).unwrap()).unwrap();
        assert!(
            html.contains(&format!("<html lang=\"{language}\">")) && html.contains("size: letter")
        );
        // Addresses of sources stand as text; nothing is loaded from anywhere.
        for loading in ["<script", "src=\"http", "href=", "@import", "url("] {
            assert!(!html.contains(loading), "{language}: {loading}");
        }
        #[cfg(feature = "pdf")]
        clinical_report::pdf(&study, "a.edf", &lab).unwrap();
    }
}

#[test]
fn hostile_labels_do_no_harm() {
    let labels = [
        "<script>alert(1)</script>".to_owned(),
        "m".repeat(10_000),
        "line\nbreak\r\n\tand \u{0}\u{7}\u{1b}[31m".to_owned(),
        "שריר \u{202e}ABC ذراع".to_owned(),
        "小指外転筋 \u{e000}\u{10fffd}🩺".to_owned(),
        "{{ form.title }} {% raw %} \\ \" ' & <".to_owned(),
        String::new(),
        "Δέλτα Дельта".to_owned(),
    ];
    for label in labels {
        let (_, mut study) = made::simulated().remove(0);
        study.subject.code = Some(label.clone());
        study.origin.device = Some(label.clone());
        study.origin.started = Some(label.clone());
        for channel in &mut study.channels {
            channel.label.clone_from(&label);
            channel.muscle = Some(label.clone());
            channel.nerve = Some(label.clone());
            for train in &mut channel.trains {
                train.label = Some(label.clone());
            }
        }
        let html = clinical_report::html(&study, &label, &Template::standard()).unwrap();
        let html = String::from_utf8(html).unwrap();
        assert!(!html.contains("<script") && !html.contains('\u{202e}'));
        #[cfg(feature = "pdf")]
        clinical_report::pdf(&study, &label, &Template::standard()).unwrap();
    }
}

#[test]
fn a_template_decides_what_appears() {
    let (_, study) = made::simulated().remove(0);
    let lab = template(
        "sections = [\"trains\", \"signature\"]\nmeasures = [\"area\"]\n[words.form]\nsign_name = \"Stempel\"",
    );
    let form = clinical_report::compose(&study, "a.edf", &lab).unwrap();
    assert!(form.parts[1].is_empty());
    assert!(text(&form).contains("Stempel"));
    let heads: Vec<_> = form
        .blocks()
        .filter_map(|block| match block {
            Block::Table(table) => Some(
                table
                    .columns
                    .iter()
                    .map(|column| column.head.clone())
                    .collect::<Vec<_>>(),
            ),
            _ => None,
        })
        .flatten()
        .collect();
    assert!(
        heads.iter().any(|head| head.contains("area"))
            && !heads.iter().any(|head| head.contains("1→4, amplitude")),
        "{heads:?}"
    );
}

fn recorded(path: &str) -> Study {
    let path = Path::new("fixtures/recordings/simulated").join(path);
    let recording = endplate::formats::open(&path, &Mapping::default()).unwrap();
    endplate::study::analyze(&recording, &Settings::default()).unwrap()
}

/// The table that has this heading.
fn table<'a>(form: &'a Form, summary: &str) -> &'a Table {
    let found = form.blocks().find_map(|block| match block {
        Block::Table(table) if table.summary == summary => Some(table),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn a_set_of_which_a_rule_speaks_is_not_said_to_be_silent() {
    let form = form(&recorded("lems-exercise.h5"));
    let rows = &table(&form, "All criteria").rows;
    let blocks: Vec<&Block> = form.blocks().collect();
    let said = |block: &&Block| matches!(block, Block::Paragraph { text, .. } if text.starts_with("These sets say nothing"));
    let at = blocks.iter().position(said).unwrap();
    let Block::Items { items, .. } = blocks[at + 1] else {
        panic!("no list of sets");
    };
    let silent: Vec<&str> = items
        .iter()
        .flat_map(|item| item.text.split(", "))
        .collect();
    assert!(!silent.is_empty());
    for id in silent {
        let mark = format!("({id})");
        let speaks = rows.iter().any(|row| row.cells[0].ends_with(&mark));
        assert!(!speaks, "{id} speaks and is called silent");
    }
}

#[test]
fn a_criterion_names_the_responses_that_it_compared() {
    let study = recorded("lems-exercise.h5");
    for (language, summary, words) in [
        ("en", "Criteria", "decrement 1→"),
        ("de", "Kriterien", "Dekrement 1→"),
        ("fr", "Critères", "décrément 1→"),
    ] {
        let lab = template(&format!(
            "language = \"{language}\"\ncriteria = [\"aaem-2001\"]"
        ));
        let form = clinical_report::compose(&study, "a.h5", &lab).unwrap();
        let rows = &table(&form, summary).rows;
        let row = rows.iter().find(|row| row.cells[1].starts_with(words));
        let cells = &row.unwrap_or_else(|| panic!("{rows:?}")).cells;
        let to = &cells[1][words.len()..=words.len()];
        let shown = cells[2].split(' ').next().unwrap().replace(',', ".");
        let changes = study.channels[0].trains.iter().filter_map(|train| {
            let change = train.change("amplitude", &format!("decrement_1_{to}"))?;
            change.value.as_ref().ok()
        });
        let near = |value: f64| (value - shown.parse::<f64>().unwrap()).abs() < 0.051;
        assert!(changes.into_iter().any(|c| near(c.value.0)), "{cells:?}");
    }
}

#[test]
fn a_facilitation_that_could_not_be_computed_is_a_dash_with_its_reason() {
    let mut study = recorded("lems-exercise.h5");
    let mut post = None;
    for series in &mut study.channels[0].series {
        for comparison in &mut series.comparisons {
            if comparison.comparison == "facilitation" {
                post = post.or(comparison.to_train);
                (comparison.from_train, comparison.to_train) = (None, None);
                comparison.value = Err(NotMeasured::Saturated);
            }
        }
    }
    let number = (post.unwrap() + 1).to_string();
    let form = form(&study);
    let trains = table(&form, "Trains");
    let row = trains.rows.iter().find(|row| row.cells[0] == number);
    let cell = &row.unwrap().cells[7];
    let last = cell.rsplit("; ").next().unwrap();
    let mark = last
        .strip_prefix("– ")
        .unwrap_or_else(|| panic!("{cell:?}"));
    let note = trains.notes.iter().find(|note| note.starts_with(mark));
    let note = note.unwrap();
    assert!(
        note.contains("facilitation") && note.contains("saturated"),
        "{note}"
    );
}

#[test]
fn a_criterion_set_that_does_not_exist_is_an_error_that_lists_those_that_do() {
    let (_, mut study) = made::simulated().remove(0);
    let lab = template("criteria = [\"aaem-2001\", \"our-own\"]");
    let error = clinical_report::compose(&study, "a.edf", &lab).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("\"our-own\"") && error.contains("aaem-2001, "),
        "{error}"
    );
    assert!(clinical_report::html(&study, "a.edf", &lab).is_err());
    let mut settings = Settings::default();
    let mut own = endplate::criteria::built_in()[0].clone();
    own.id = "our-own".to_owned();
    settings.criteria.own = vec![own];
    study.provenance.settings = settings.to_toml();
    clinical_report::compose(&study, "a.edf", &lab).unwrap();
}

#[test]
fn labels_names_and_colons_are_those_of_the_language_and_of_paper() {
    let (_, mut study) = made::simulated().remove(0);
    study.subject.identity = Some(Identity {
        name: Some("Doe^Jane".to_owned()),
        birth_date: None,
        record_number: Some("4711".to_owned()),
    });
    let page = |language: &str| {
        let lab = template(&format!("language = \"{language}\""));
        String::from_utf8(clinical_report::html(&study, "a.edf", &lab).unwrap()).unwrap()
    };
    let german = page("de");
    assert!(german.contains("Patienten-Nr.") && german.contains("Doe, Jane"));
    assert!(!german.contains("\u{A0}: "));
    assert!(page("fr").contains("Profil\u{A0}: "));
}

#[test]
fn the_long_name_of_a_laboratory_is_printed_whole() {
    let (_, study) = made::simulated().remove(0);
    let name = format!("{}Ende", "Abteilung für Neurophysiologie ".repeat(6));
    let lab = template(&format!(
        "[laboratory]\nname = \"{name}\"\naddress = [\"{name}\"]"
    ));
    let form = clinical_report::compose(&study, "a.edf", &lab).unwrap();
    let Some(Block::Letterhead(head)) = form.blocks().next() else {
        panic!("no letterhead");
    };
    assert_eq!(head.name, name);
    assert_eq!(head.address, [name]);
}
