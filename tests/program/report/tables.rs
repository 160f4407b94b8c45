//! Tables: every row has every cell, a missing value has a reason, and the reference page is what the columns say.

use super::made;
use endplate::error::{Error, ErrorCode};
use endplate::report::{self, Columns, FileRow, StudyCells, StudyRows, TABLES, Tables};
use endplate::series::COMPARISONS;
use endplate::study::{Settings, Study};
use std::collections::BTreeMap;
use std::path::Path;

type Table = Vec<BTreeMap<String, String>>;

/// Writes the tables of studies and reads them again.
pub fn written(studies: &[(&str, Study)]) -> BTreeMap<String, Table> {
    let folder = tempfile::tempdir().unwrap();
    let columns = Columns::of(&Settings::default());
    let mut tables = Tables::create(folder.path(), &columns, &[]).unwrap();
    for (name, study) in studies {
        tables
            .append(&StudyRows::of(study, name, &columns))
            .unwrap();
        let row = FileRow::analyzed(name, study);
        tables.append_file(&columns.file_cells(&row)).unwrap();
    }
    tables.finish().unwrap();
    TABLES
        .iter()
        .map(|(name, _)| {
            let name = format!("{name}.csv");
            let mut reader = csv::Reader::from_path(folder.path().join(&name)).unwrap();
            (name, reader.deserialize().map(|row| row.unwrap()).collect())
        })
        .collect()
}

#[test]
fn a_row_says_file_channel_muscle_train_and_response() {
    let tables = written(&made::all());
    for row in &tables["responses.csv"] {
        assert!(!row["file"].is_empty() && !row["channel"].is_empty() && !row["label"].is_empty());
        assert!(
            !row["train"].is_empty()
                && !row["response"].is_empty()
                && !row["stimulus_s"].is_empty()
        );
    }
    let rows: usize = made::all()
        .iter()
        .flat_map(|(_, s)| &s.channels)
        .map(|c| c.cmaps.len())
        .sum();
    assert_eq!(tables["responses.csv"].len(), rows);
}

#[test]
fn a_missing_value_is_empty_with_a_reason_and_a_value_has_none() {
    let tables = written(&made::all());
    let mut missing = 0;
    for row in tables.values().flatten() {
        for (name, reason) in row.iter().filter(|(name, _)| name.ends_with("_reason")) {
            let base = name.strip_suffix("_reason").unwrap();
            let own = |column: &&String| {
                column
                    .strip_prefix(base)
                    .is_some_and(|rest| ["_mv", "_mv_ms", "_ms", "_hz", "_pct", ""].contains(&rest))
            };
            let Some(column) = row.keys().find(own) else {
                continue;
            };
            assert_eq!(
                row[column].is_empty(),
                !reason.is_empty(),
                "{column}: {row:?}"
            );
            missing += usize::from(row[column].is_empty());
        }
        assert!(
            row.values()
                .all(|cell| !cell.contains("NaN") && cell != "inf")
        );
    }
    assert!(missing > 20, "{missing}");
}

#[test]
fn a_missing_stimulus_leaves_its_number_out() {
    let (name, study) = made::all()
        .into_iter()
        .find(|(name, _)| *name == "gaps")
        .unwrap();
    let tables = written(&[(name, study)]);
    let numbers: Vec<_> = tables["responses.csv"]
        .iter()
        .map(|row| row["response"].as_str())
        .collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "6", "7", "8", "9", "10"]);
    assert_eq!(tables["trains.csv"][0]["missing"], "5");
    assert_eq!(tables["trains.csv"][0]["stimuli"], "9");
}

#[test]
fn a_train_says_its_decrement_its_interval_and_the_probability_above_a_limit() {
    let tables = written(&made::all()[..1]);
    let row = &tables["trains.csv"][0];
    assert_eq!(row["decrement_1_4_pct"], "27");
    assert_eq!(row["decrement_1_4_low_pct"], "25.7");
    assert_eq!(row["decrement_1_4_response"], "4");
    assert_eq!(row["decrement_1_4_p_above_10"], "1");
    assert_eq!(row["area_decrement_1_4_pct"], "27");
}

#[test]
fn the_limits_of_the_settings_name_their_columns() {
    let mut settings = Settings::default();
    settings.train.decrement_limits_pct = vec![7.5];
    let folder = tempfile::tempdir().unwrap();
    let columns = Columns::of(&settings);
    Tables::create(folder.path(), &columns, &[])
        .unwrap()
        .finish()
        .unwrap();
    let header = std::fs::read_to_string(folder.path().join("trains.csv")).unwrap();
    assert!(
        header.contains(",decrement_1_4_p_above_7_5,")
            && !header.contains("decrement_1_4_p_above_10")
    );
}

#[test]
fn a_comparison_has_the_unit_of_its_card() {
    for card in COMPARISONS {
        // A formula says in what it counts; a change in percent says nothing.
        let in_points = card.formula.ends_with("percentage points");
        assert_eq!(
            card.unit,
            if in_points { "points" } else { "%" },
            "{}",
            card.id
        );
    }
    let tables = written(&made::all());
    let mut seen = 0;
    for row in &tables["series.csv"] {
        if let Some(card) = COMPARISONS.iter().find(|card| card.id == row["comparison"]) {
            assert_eq!(row["unit"], card.unit, "{}", card.id);
            seen += 1;
        }
    }
    assert!(seen >= COMPARISONS.len());
}

#[test]
fn a_series_has_a_row_for_each_first_response_and_comparison() {
    let (name, study) = made::all()
        .into_iter()
        .find(|(name, _)| *name == "lems")
        .unwrap();
    let tables = written(&[(name, study)]);
    let firsts: Vec<_> = tables["series.csv"]
        .iter()
        .filter(|row| row["comparison"] == "first_response" && row["measure"] == "amplitude")
        .collect();
    assert_eq!(firsts.len(), 7);
    assert_eq!(firsts[0]["when"], "rest");
    assert_eq!(
        (firsts[1]["value"].as_str(), firsts[1]["unit"].as_str()),
        ("0.9", "mV")
    );
    assert_eq!(
        (
            firsts[1]["exercise_s"].as_str(),
            firsts[1]["delay_s"].as_str()
        ),
        ("10", "1.5")
    );
}

#[test]
fn a_verdict_says_the_unit_of_its_limit_and_value() {
    let tables = written(&made::simulated());
    let mut units = BTreeMap::new();
    for row in &tables["verdicts.csv"] {
        let (limit, unit) = (&row["limit"], &row["unit"]);
        assert!(limit.ends_with(&format!(" {unit}")), "{limit}: {unit}");
        *units.entry(unit.as_str()).or_insert(0) += 1;
    }
    assert!(
        units.contains_key("%") && units.contains_key("mV"),
        "{units:?}"
    );
}

#[test]
fn a_file_that_failed_has_a_row_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let columns = Columns::of(&Settings::default());
    let mut tables = Tables::create(folder.path(), &columns, &[]).unwrap();
    let error =
        Error::new(ErrorCode::Truncated, "the file ends at byte 40").advice("copy it again");
    let row = FileRow::failed("=bad.edf", Path::new("in/=bad.edf"), &error, false);
    tables.append_file(&columns.file_cells(&row)).unwrap();
    tables.finish().unwrap();
    let text = std::fs::read_to_string(folder.path().join("files.csv")).unwrap();
    let row = text.lines().nth(1).unwrap();
    assert!(
        row.starts_with(
            "'=bad.edf,in/=bad.edf,failed,truncated,the file ends at byte 40 — copy it again,,"
        ),
        "{row}"
    );
}

#[test]
fn the_same_studies_give_the_same_bytes() {
    let columns = Columns::of(&Settings::default());
    for ((name, one), (_, two)) in made::all().iter().zip(&made::all()) {
        assert_eq!(
            StudyRows::of(one, name, &columns),
            StudyRows::of(two, name, &columns)
        );
        assert_eq!(
            report::to_json(one, name).unwrap(),
            report::to_json(two, name).unwrap()
        );
    }
}

#[test]
fn rows_that_were_kept_give_the_same_bytes_and_those_of_other_columns_are_refused() {
    let columns = Columns::of(&Settings::default());
    let mut other = Settings::default();
    other.train.decrement_limits_pct = vec![7.5, 12.0, 20.0];
    let other = Columns::of(&other);
    for (name, study) in made::all().iter().chain(&made::simulated()) {
        let rows = StudyRows::of(study, name, &columns);
        let text = serde_json::to_string(rows.cells()).unwrap();
        let kept: StudyCells = serde_json::from_str(&text).unwrap();
        assert!(StudyRows::of_cells(kept.clone(), &other).is_err());
        assert_eq!(StudyRows::of_cells(kept, &columns).unwrap(), rows, "{name}");
    }
}

/// The committed file, or, with `ENDPLATE_WRITE_REFERENCE` set, a new one.
fn assert_committed(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(name);
    if std::env::var_os("ENDPLATE_WRITE_REFERENCE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "{name} is out of date: run with ENDPLATE_WRITE_REFERENCE=1"
    );
}

#[test]
fn the_page_of_columns_is_what_the_columns_say() {
    assert_committed("columns.md", &report::columns_page());
}

#[test]
fn the_schema_is_what_the_types_say() {
    let text = serde_json::to_string_pretty(&report::study_schema()).unwrap();
    assert_committed("study.schema.json", &format!("{text}\n"));
}
