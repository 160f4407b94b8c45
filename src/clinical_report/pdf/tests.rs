//! Where everything stands: inside the margins, nothing over anything else, whatever the study.

use super::font::Fonts;
use super::layout;
use super::page::{Ink, Pages, Piece};
use crate::clinical_report::{Form, Template, compose};
use crate::study::{Settings, Study, analyze};
use crate::synth::{Plan, Profile, simulate};
use std::path::Path;

/// Twelve trains of three muscles.
fn large() -> Study {
    let mut steps = vec!["3Hz*10"; 5];
    steps.extend([
        "exercise:10s",
        "after:2s",
        "single",
        "30Hz*30",
        "exercise:60s",
        "after:3s",
        "3Hz*10",
    ]);
    steps.extend([
        "after:60s",
        "3Hz*10",
        "after:120s",
        "3Hz*10",
        "after:180s",
        "3Hz*10",
        "after:240s",
        "3Hz*10",
    ]);
    let plan = Plan {
        profile: Profile::Lems,
        protocol: steps
            .join(",")
            .replace("3Hz*10,3Hz*10", "3Hz*10,wait:20s,3Hz*10")
            .parse()
            .unwrap(),
        muscles: ["ADM", "APB", "trapezius"].map(str::to_owned).to_vec(),
        ..Plan::default()
    };
    analyze(&simulate(&plan).recording, &Settings::default()).unwrap()
}

/// The first trains of the first muscles of a study.
fn part(study: &Study, trains: usize, muscles: usize) -> Study {
    let mut study = study.clone();
    study.channels.truncate(muscles);
    for channel in &mut study.channels {
        channel.trains.truncate(trains);
        channel
            .series
            .retain(|series| series.entries.iter().all(|entry| entry.train < trains));
    }
    study
}

fn laid(form: &Form) -> (Pages, (f32, f32)) {
    let fonts = Fonts::embedded().unwrap();
    let (mut pages, mut flow) = layout::lay(form, fonts, Some((300.0, 100.0)));
    let around = layout::around(&mut flow, &mut pages, form);
    for (page, more) in pages.pages.iter_mut().zip(around) {
        page.extend(more);
    }
    (pages, flow.paper)
}

fn content(piece: &Piece) -> bool {
    matches!(piece.ink, Ink::Text { .. } | Ink::Figure(_) | Ink::Logo)
}

fn told(piece: &Piece) -> String {
    match &piece.ink {
        Ink::Text { line, .. } => line.iter().map(|run| run.text.as_str()).collect(),
        other => format!("{other:?}"),
    }
}

fn holds(name: &str, form: &Form) {
    let (pages, (wide, high)) = laid(form);
    for (number, page) in pages.pages.iter().enumerate() {
        let all: Vec<&Piece> = page.iter().filter(|piece| content(piece)).collect();
        assert!(all.len() > 3, "{name}: page {} is empty", number + 1);
        for (index, piece) in all.iter().enumerate() {
            let area = piece.area;
            let inside = area.x >= 40.0
                && area.y >= 20.0
                && area.x + area.width <= wide - 40.0
                && area.y + area.height <= high - 20.0;
            assert!(
                inside,
                "{name}, page {}: {:?} {area:?}",
                number + 1,
                told(piece)
            );
            for other in &all[..index] {
                assert!(
                    !area.overlaps(&other.area),
                    "{name}, page {}: {:?} {area:?} lies on {:?} {:?}",
                    number + 1,
                    told(piece),
                    told(other),
                    other.area
                );
            }
        }
    }
}

#[test]
fn studies_of_1_to_12_trains_lay_out_without_overlap() {
    let whole = large();
    assert!(
        whole.channels[0].trains.len() >= 12,
        "{}",
        whole.channels[0].trains.len()
    );
    for (trains, muscles, lab) in [
        (1, 1, ""),
        (2, 1, "paper = \"letter\""),
        (3, 2, "language = \"de\""),
        (5, 1, "language = \"fr\""),
        (8, 1, "language = \"es\"\npaper = \"letter\""),
        (12, 1, "language = \"nb\""),
        (99, 3, "language = \"de\"\npaper = \"letter\""),
    ] {
        let template = Template::from_toml(lab, Path::new("")).unwrap();
        let form = compose(&part(&whole, trains, muscles), "study.h5", &template).unwrap();
        holds(&format!("{trains} trains, {muscles} muscles, {lab}"), &form);
    }
}

#[test]
fn long_names_lay_out_without_overlap() {
    let mut study = part(&large(), 4, 2);
    for (channel, name) in study.channels.iter_mut().zip([
        "Musculus flexor digitorum superficialis, radialer Kopf, nach Operation ".repeat(4),
        "m".repeat(10_000),
    ]) {
        channel.muscle = Some(name.clone());
        channel.nerve = Some(name.clone());
        channel.label = name;
    }
    study.subject.code = Some("W".repeat(10_000));
    let lab = "[laboratory]\nname = \"Zentrum für Klinische Neurophysiologie und Neuromuskuläre Erkrankungen der Universität, Abteilung für Elektromyographie und Endplattendiagnostik im Kindes- und Erwachsenenalter\"\naddress = [\"Aussichtslosestraßenverkehrsordnungsbehördenplatz 123456789, Hinterhaus\"]";
    let template = Template::from_toml(lab, Path::new("")).unwrap();
    holds(
        "long names",
        &compose(&study, &"f".repeat(10_000), &template).unwrap(),
    );
}

#[test]
fn a_standard_study_has_its_signature_on_page_one() {
    let study = part(&large(), 8, 1);
    for paper in ["a4", "letter"] {
        let template = Template::from_toml(&format!("paper = \"{paper}\""), Path::new("")).unwrap();
        let (pages, _) = laid(&compose(&study, "study.h5", &template).unwrap());
        let signed = pages.pages[0]
            .iter()
            .any(|piece| told(piece).contains("Name, signature"));
        assert!(signed, "{paper}");
    }
}
