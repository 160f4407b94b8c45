//! Every output shows what was changed by hand, and who, when and why.

use super::{WHO, corrected, json, opened, recording};
use endplate::clinical_report::{self, Template};
use endplate::plot;
use endplate::report::{Columns, FileRow, StudyRows, Tables};
use endplate::study::{self, Settings, Study};
use endplate::words::Words;
use std::path::Path;

fn changed() -> Study {
    corrected(&format!(
        "{WHO}channel = 'ADM'\ntrain = 1\nresponse = 1\nonset_ms = 3.0\n\
         {WHO}channel = 'ADM'\ntrain = 1\nresponse = 7\nexclude = true\n\
         {WHO}channel = 'ADM'\ntrain = 2\nexclude = true\n\
         {WHO}channel = 'nasalis'\nside = 'left'\n"
    ))
}

/// The cells of one column of a table.
fn column(folder: &Path, table: &str, name: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_path(folder.join(table)).unwrap();
    let at = rows
        .headers()
        .unwrap()
        .iter()
        .position(|head| head == name)
        .unwrap();
    rows.records()
        .map(|row| row.unwrap()[at].to_owned())
        .collect()
}

fn tables(study: &Study) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let columns = Columns::of(&Settings::default());
    let mut tables = Tables::create(folder.path(), &columns, &[]).unwrap();
    tables
        .append(&StudyRows::of(study, "p07.h5", &columns))
        .unwrap();
    tables
        .append_file(&columns.file_cells(&FileRow::analyzed("p07.h5", study)))
        .unwrap();
    tables.finish().unwrap();
    folder
}

#[test]
fn every_table_says_what_was_changed() {
    let folder = tables(&changed());
    let responses = column(folder.path(), "responses.csv", "corrected");
    assert_eq!(responses[0], "onset");
    assert_eq!(responses[1], "");
    assert_eq!(responses[6], "excluded");
    assert!(
        responses[10..20]
            .iter()
            .all(|cell| cell == "train_excluded")
    );
    assert!(
        responses[40..].iter().all(|cell| cell == "side"),
        "{responses:?}"
    );
    let reasons = column(folder.path(), "responses.csv", "amplitude_reason");
    assert_eq!(reasons[6], "excluded_by_reader");
    let trains = column(folder.path(), "trains.csv", "corrected");
    assert_eq!(trains[..4], ["onset;excluded", "train_excluded", "", ""]);
    let when = column(folder.path(), "trains.csv", "when");
    assert_eq!(when[1], "rest");
    let series = column(folder.path(), "series.csv", "corrected");
    assert!(series.iter().all(|cell| !cell.is_empty()), "{series:?}");
    let verdicts = column(folder.path(), "verdicts.csv", "corrected");
    assert!(verdicts.iter().all(|cell| !cell.is_empty()));
    assert_eq!(column(folder.path(), "files.csv", "corrections"), ["4"]);
    assert!(column(folder.path(), "files.csv", "findings")[0].contains("corrected_by_hand"));
}

#[test]
fn a_study_without_corrections_has_no_mark_and_removing_them_gives_its_bytes_back() {
    let plain = study::analyze(&opened(&recording(), "").unwrap(), &Settings::default()).unwrap();
    let text = json(&plain).to_string();
    assert!(!text.contains("correct"), "{text}");
    let emptied = opened(&recording(), &WHO.replace("[[", "#[[").replace('\n', "\n#"));
    let again = study::analyze(&emptied.unwrap(), &Settings::default()).unwrap();
    assert_eq!(json(&again), json(&plain));
    let folder = tables(&plain);
    assert!(
        column(folder.path(), "responses.csv", "corrected")
            .iter()
            .all(String::is_empty)
    );
    assert_eq!(column(folder.path(), "files.csv", "corrections"), ["0"]);
}

#[test]
fn the_original_numbers_are_those_of_the_uncorrected_study_to_the_bit() {
    let (before, after) = (corrected(""), changed());
    let (before, after) = (json(&before), json(&after));
    for (channel, old) in before["channels"].as_array().unwrap().iter().enumerate() {
        let new = &after["channels"][channel];
        for (list, item) in [("responses", "responses"), ("trains", "trains")] {
            for (index, old) in old[list].as_array().unwrap().iter().enumerate() {
                let new = &new[item][index];
                let kept = match &new["corrected"] {
                    serde_json::Value::Null => new,
                    corrected => &corrected["original"],
                };
                assert_eq!(kept, old, "channel {channel}, {list} {index}");
            }
        }
        let original = &new["corrected"]["original"];
        assert_eq!(original["series"], old["series"]);
        assert_eq!(original["muscle"], old["muscle"]);
        assert_eq!(original["side"], old["side"]);
        let outcomes = |of: &serde_json::Value| -> Vec<serde_json::Value> {
            let all = of["verdicts"].as_array().unwrap().iter();
            all.map(|verdict| verdict["outcome"].clone()).collect()
        };
        assert_eq!(outcomes(original), outcomes(old));
    }
    assert_eq!(after["corrected"]["original_pattern"], before["pattern"]);
    let all = after["corrected"]["corrections"].as_array().unwrap();
    assert_eq!(all.len(), 4);
    for (index, one) in all.iter().enumerate() {
        assert_eq!(one["number"], index + 1);
        assert_eq!(
            (&one["by"], &one["date"], &one["reason"]),
            (
                &"AB".into(),
                &"2026-11-20".into(),
                &"seen on the screen".into()
            )
        );
    }
    let onset = &all[0]["changes"][0];
    assert_eq!(
        (&onset["what"], &onset["landmark"], &onset["to_ms"]),
        (&"landmark".into(), &"onset".into(), &3.0.into())
    );
}

#[test]
fn the_report_tells_it_on_page_one_in_every_language_and_no_template_leaves_it_out() {
    let study = changed();
    let words = [
        ("en", "Changed by hand"),
        ("de", "Von Hand geändert"),
        ("es", "Cambiado a mano"),
        ("fr", "Modifié à la main"),
        ("nb", "Endret for hånd"),
    ];
    for (language, title) in words {
        let text = format!("language = \"{language}\"\nsections = [\"trains\"]");
        let template = Template::from_toml(&text, Path::new("")).unwrap();
        let form = clinical_report::compose(&study, "p07.h5", &template).unwrap();
        let page_one = format!("{:?}", form.parts[0]);
        for part in [title, "AB", "2026-11-20", "seen on the screen", "✎"] {
            assert!(page_one.contains(part), "{language}: {part}");
        }
    }
    let html = clinical_report::html(&study, "p07.h5", &Template::standard()).unwrap();
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("Changed by hand") && html.contains("EXCLUDED"));
    let plain = clinical_report::html(&corrected(""), "p07.h5", &Template::standard()).unwrap();
    assert!(!String::from_utf8(plain).unwrap().contains('✎'));
}

#[test]
fn the_figures_mark_what_was_changed() {
    let study = changed();
    let figures = plot::figures(&study, &Words::english());
    let drawn = |card: &str, train: usize| -> &str {
        let figure = figures.iter().find(|figure| {
            figure.card == card && figure.channel == 0 && figure.train == Some(train)
        });
        &figure.unwrap().svg
    };
    for words in ["placed by hand", "excluded by hand"] {
        assert!(drawn("raster", 0).contains(words), "{words}");
    }
    for words in ["landmark by hand", "excluded by hand"] {
        assert!(drawn("train", 0).contains(words), "{words}");
    }
    assert!(drawn("train", 1).contains("excluded by a reader"));
    assert!(drawn("raster", 1).contains("excluded by a reader"));
    let course = figures
        .iter()
        .find(|figure| figure.card == "exercise" && figure.channel == 0);
    assert!(course.unwrap().svg.contains("by hand"));
}

#[test]
fn the_lines_for_the_terminal_tell_who_when_and_why() {
    let told = changed().told_corrections();
    assert_eq!(told.len(), 4);
    assert!(
        told[0].starts_with("\"ADM\", train 1, response 1: onset "),
        "{}",
        told[0]
    );
    assert!(
        told[0].ends_with("→ 3.00 ms (AB, 2026-11-20: seen on the screen)"),
        "{}",
        told[0]
    );
    assert!(told[2].contains("train 2: excluded"), "{}", told[2]);
}

#[test]
fn a_corrected_study_is_the_same_whatever_the_number_of_threads() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| json(&changed()).to_string())
    };
    assert_eq!(with(1), with(4));
}
