//! The report that a person signs: what stands in it, what never does, and that it is the same every time.

use crate::made;
use crate::tables::written;
use endplate::clinical_report::{self, Block, Form, RowKind, Template};
use endplate::recording::Identity;
use endplate::study::Study;
use std::path::Path;

fn template(text: &str) -> Template {
    Template::from_toml(text, Path::new("")).unwrap()
}

fn form(study: &Study) -> Form {
    clinical_report::compose(study, "study.edf", &Template::standard())
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
    let form = clinical_report::compose(&study, "a.edf", &lab);
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
