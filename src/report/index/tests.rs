use super::page;
use super::row::{IndexOutcome, IndexRow, IndexStudy};
use super::*;
use crate::clinical_report::base64;
use crate::error::ErrorCode;
use crate::report::{FileRow, OUTPUTS};
use crate::study::{Settings, Study, analyze};
use crate::synth::{Plan, Profile, simulate};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

fn study(profile: Profile) -> Study {
    let recording = simulate(&Plan {
        profile,
        protocol: "standard".parse().unwrap(),
        ..Plan::default()
    })
    .recording;
    analyze(&recording, &Settings::default()).unwrap()
}

fn row_of(study: &Study, file: &str) -> IndexRow {
    IndexRow::analyzed(&FileRow::analyzed(file, study), study, OUTPUTS)
}

fn in_it(row: &mut IndexRow) -> &mut IndexStudy {
    match &mut row.outcome {
        IndexOutcome::Ok(study) => study,
        _ => panic!("not analyzed"),
    }
}

/// The names of all tags of a piece of HTML and their attributes with what they hold; fails on anything else that begins with `<`.
fn tags(html: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut tags = Vec::new();
    for part in html.split('<').skip(1) {
        let (inside, _) = part.split_once('>').unwrap();
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut attributes = BTreeMap::new();
        while let Some((attribute, after)) = rest.trim_start().split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            attributes.insert(attribute.to_owned(), value.to_owned());
            rest = after;
        }
        assert!(matches!(rest.trim(), "" | "/" | "hidden"), "{inside}");
        tags.push((name.trim_end_matches('/').to_owned(), attributes));
    }
    tags
}

const KNOWN: &[(&str, &[&str])] = &[
    ("tr", &["class"]),
    ("td", &["colspan", "data-p", "data-w"]),
    ("th", &["scope"]),
    ("a", &["href"]),
    ("svg", &["aria-hidden", "viewBox", "preserveAspectRatio"]),
    ("path", &["class", "d"]),
    ("p", &[]),
    ("bdi", &[]),
    ("small", &[]),
    ("u", &[]),
    ("i", &[]),
    ("b", &[]),
    ("code", &[]),
    ("details", &[]),
    ("summary", &[]),
];

/// Only tags that the template holds, and links that stay in the results folder.
fn assert_harmless(html: &str) {
    for (name, attributes) in tags(html) {
        let name = name.trim_start_matches('/');
        let (_, allowed) = KNOWN
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("<{name}> in {html}"));
        for (attribute, value) in attributes {
            assert!(
                allowed.contains(&attribute.as_str()),
                "{attribute} in {html}"
            );
            if attribute == "href" {
                let safe = |c: char| c.is_ascii_alphanumeric() || "-._~%/".contains(c);
                assert!(
                    value.starts_with("studies/") && value.chars().all(safe),
                    "{value}"
                );
                assert!(value.split('/').all(|part| part != ".."), "{value}");
            }
        }
    }
}

/// The tags around the rows of a page of one row, with the names of their attributes.
fn shape(row: &IndexRow) -> Vec<(String, Vec<String>)> {
    let mut counts = page::Counts::default();
    counts.add(row);
    let (head, foot) = page::around(&counts).unwrap();
    let (scripts, body) = head.rsplit_once("</script>").unwrap();
    assert_eq!(scripts.matches("<script>").count(), 1);
    let mut shape = Vec::new();
    for (name, attributes) in tags(body).into_iter().chain(tags(&foot)) {
        let names: Vec<String> = attributes.into_keys().collect();
        assert!(
            !names
                .iter()
                .any(|name| name.starts_with("on") || name == "style" || name == "src"),
            "{names:?}"
        );
        shape.push((name, names));
    }
    shape
}

const HOSTILE: &[&str] = &[
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "x\" onmouseover=\"alert(1)",
    "javascript:alert(1)",
    "//example.org/x",
    "../../../etc/passwd",
    "a/%2e%2e/..\\x?y#z",
    "<!--rows-->",
    "--><b>",
    "<style>*{display:none}</style>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;&#60;x",
    "line\nbreak\r\u{2028}\u{2029}\u{0}\u{202e}gnp.exe",
];

#[test]
fn no_text_of_a_file_becomes_a_tag_an_attribute_or_a_link_elsewhere() {
    let study = study(Profile::Lems);
    for &text in HOSTILE {
        let mut row = row_of(&study, text);
        // As if a kept row had been changed by somebody: no field is trusted.
        let inside = in_it(&mut row);
        inside.muscles = vec![text.to_owned(), text.to_owned()];
        inside.pattern = text.to_owned();
        inside.findings = vec![text.to_owned()];
        inside.refusing = vec![text.to_owned()];
        inside.refused = 1;
        inside.aside = vec![text.to_owned()];
        inside.files.push(text.to_owned());
        inside.thumbnail.usual = text.to_owned();
        inside.increment = Err(text.to_owned());
        if let Ok(number) = &mut inside.decrement {
            number.place = text.to_owned();
            number.note = Some(text.to_owned());
            number.figure = Some(text.to_owned());
        }
        assert_harmless(&page::row(&row, 1).unwrap());
        // Around the rows the same tags as for a harmless text.
        let mut harmless = row.clone();
        let inside = in_it(&mut harmless);
        inside.pattern = "x".to_owned();
        inside.findings = vec!["x".to_owned()];
        inside.refusing = vec!["x".to_owned()];
        inside.aside = vec!["x".to_owned()];
        assert_eq!(shape(&row), shape(&harmless), "{text}");
        let outcome = IndexOutcome::Failed {
            code: text.to_owned(),
            message: text.to_owned(),
        };
        let file = text.to_owned();
        assert_harmless(&page::row(&IndexRow { file, outcome }, 1).unwrap());
    }
}

#[test]
fn the_policy_lets_only_the_style_and_the_script_of_the_page_run_and_nothing_be_loaded() {
    let (head, foot) = page::around(&page::Counts::default()).unwrap();
    let between = |open: &str, close: &str| {
        let (_, after) = head.split_once(open).unwrap();
        after.split_once(close).unwrap().0
    };
    let policy = between("Content-Security-Policy\" content=\"", "\">");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let hash = base64(&Sha256::digest(between(open, close)));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{open}");
    }
    for part in [&head, &foot] {
        assert!(
            !part.contains("://")
                && !part.contains("src=\"")
                && !part.contains("@import")
                && !part.contains("url(")
        );
    }
}

#[test]
fn a_kept_row_gives_the_same_bytes_as_the_live_one() {
    let row = row_of(&study(Profile::Lems), "a b/lems.edf");
    let kept = serde_json::to_string(&row).unwrap();
    let again: IndexRow = serde_json::from_str(&kept).unwrap();
    assert_eq!(again, row);
    assert_eq!(page::row(&again, 3).unwrap(), page::row(&row, 3).unwrap());
}

#[test]
fn the_key_numbers_are_those_of_the_study_and_link_to_their_figures() {
    let study = study(Profile::Lems);
    let row = row_of(&study, "lems.edf");
    let mut row = row;
    let inside = in_it(&mut row).clone();
    let channel = &study.channels[0];
    let decrements = channel
        .trains
        .iter()
        .filter(|train| train.kind == crate::train::TrainKind::Low && train.trust.is_believed());
    let largest = decrements
        .filter_map(|train| {
            train
                .change("amplitude", "decrement_1_4")?
                .value
                .as_ref()
                .ok()
        })
        .map(|change| change.value.0)
        .fold(f64::NEG_INFINITY, f64::max);
    let decrement = inside.decrement.unwrap();
    assert!((decrement.value - largest).abs() < 1e-4, "{decrement:?}");
    let first = channel.trains[0].first().unwrap();
    let amplitude = channel.cmaps[first.index]
        .get("amplitude")
        .unwrap()
        .as_ref()
        .unwrap()
        .value;
    assert!((inside.resting.unwrap().value - amplitude).abs() < 1e-4);
    let increment = inside.increment.unwrap();
    assert!(increment.value > 100.0, "{increment:?}");
    assert_eq!(increment.note.as_deref(), Some("true increment"));
    let figures: Vec<_> = crate::plot::figures(&study, &crate::words::Words::english())
        .into_iter()
        .map(|figure| figure.name)
        .collect();
    for figure in [decrement.figure, increment.figure] {
        assert!(figures.contains(&figure.unwrap()));
    }
    let html = page::row(&row, 1).unwrap();
    for link in ["report.html", "report.pdf", "study.json", "1-adm-train-"] {
        assert!(
            html.contains(&format!("href=\"studies/lems.edf/{link}")),
            "{link} in {html}"
        );
    }
}

#[test]
fn a_refused_train_gives_no_key_number_and_the_reason_stands_there() {
    let mut study = study(Profile::Lems);
    for train in &mut study.channels[0].trains {
        train.trust = crate::train::Trust::Refused(vec![crate::finding::FindingCode::Movement]);
    }
    let mut row = row_of(&study, "moved.edf");
    let html = page::row(&row, 1).unwrap();
    let inside = in_it(&mut row);
    assert_eq!(inside.decrement, Err("no train can be believed".to_owned()));
    assert_eq!(inside.refused, inside.trains);
    assert!(inside.thumbnail.usual.is_empty() && !inside.thumbnail.refused.is_empty());
    assert!(
        html.contains("<b>movement</b>") && html.contains("trains refused"),
        "{html}"
    );
}

#[test]
fn what_a_reader_changed_stands_in_the_open_and_an_excluded_train_is_told_apart_from_a_refused_one()
{
    use crate::finding::{Finding, FindingCode};
    let mut study = study(Profile::Mg);
    study
        .findings
        .push(Finding::new(FindingCode::CorrectedByHand, "train 1"));
    study.channels[0].trains[0].trust = crate::train::Trust::Excluded;
    let html = page::row(&row_of(&study, "by-hand.edf"), 1).unwrap();
    assert!(html.contains("<i>corrected by hand</i>"), "{html}");
    assert!(
        html.contains("trains <b>excluded</b> by a reader") && !html.contains("refused:"),
        "{html}"
    );
}

#[test]
fn a_row_of_a_study_of_12_trains_takes_at_most_1_5_kb_and_its_kept_form_too() {
    let mut study = study(Profile::Mg);
    let trains = &mut study.channels[0].trains;
    let first = trains[0].clone();
    trains.resize(12, first);
    let mut row = row_of(&study, "2026/clinic/patient-000123.edf");
    in_it(&mut row).files = ["study.json", "*.svg", "report.html", "report.pdf"]
        .map(str::to_owned)
        .to_vec();
    let html = page::row(&row, 10_000).unwrap();
    assert!(html.len() <= 1536, "{} bytes: {html}", html.len());
    let kept = serde_json::to_string(&row).unwrap();
    assert!(kept.len() <= 1536, "{} bytes: {kept}", kept.len());
}

#[test]
fn a_file_that_failed_has_its_reason_and_advice_but_no_mapping_to_fill_in() {
    let error = Error::new(ErrorCode::UnknownUnit, "the unit is \"<foo>\"")
        .at("signal 2")
        .advice("state it")
        .template("[channels]\nunit = \"mV\"");
    let html = page::row(&IndexRow::failed("a.edf", &error, false), 7).unwrap();
    assert!(
        html.contains("unknown_unit")
            && html.contains("signal 2: the unit is &quot;&lt;foo&gt;&quot; — state it"),
        "{html}"
    );
    assert!(
        !html.contains("[channels]") && !html.contains("href"),
        "{html}"
    );
}

#[test]
fn a_page_appears_whole_at_the_end_and_until_then_the_older_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let names = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.retain(|name| name != UNFINISHED);
        names.sort();
        names
    };
    std::fs::write(folder.path().join(FILE), "old").unwrap();
    let error = Error::new(ErrorCode::Truncated, "too short");
    let rows = [
        IndexRow::failed("a.edf", &error, false),
        IndexRow::failed("b.txt", &error, true),
    ];
    drop(Index::create(folder.path()).unwrap());
    assert_eq!(names(), [FILE]);
    let mut index = Index::create(folder.path()).unwrap();
    for row in &rows {
        index.append(row).unwrap();
    }
    assert_eq!(std::fs::read(folder.path().join(FILE)).unwrap(), b"old");
    index.finish().unwrap();
    assert_eq!(names(), [FILE]);
    let page = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
    assert!(
        page.contains("1 failed") && page.contains("1 skipped") && page.ends_with("</html>"),
        "{page}"
    );
    assert!(page.find("a.edf") < page.find("b.txt"));
}
