//! `endplate summarize`: the numbers of a run that can be counted by hand.

use assert_cmd::Command;
use std::path::Path;

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// Ten studies of one train each in the ADM, decrements 1 to 10 %; the last cannot be believed; one file failed.
fn results(folder: &Path) {
    let mut files = "file,status,pattern\nbad.edf,failed,\n".to_owned();
    let mut trains = "file,muscle,label,kind,rate_hz,when,believed,first_amplitude_mv,first_area_mv_ms,decrement_1_4_pct,area_decrement_1_4_pct,increment_highest_pct\n".to_owned();
    let mut verdicts = "file,muscle,label,set,rule,limit,outcome\n".to_owned();
    for number in 1..=10 {
        let pattern = if number > 8 {
            "postsynaptic"
        } else {
            "nothing_abnormal"
        };
        files += &format!("{number}.edf,ok,{pattern}\n");
        let believed = if number == 10 { "no" } else { "yes" };
        // One muscle, three spellings.
        let muscle = ["ADM", "abductor digiti minimi", ""][number % 3];
        trains += &format!(
            "{number}.edf,{muscle},ADM,low,2.99,rest,{believed},{number},,{number},{number},\n"
        );
        let outcome = ["met", "not_met", "undecided", "not_applicable"][number % 4];
        verdicts += &format!("{number}.edf,{muscle},ADM,aaem-2001,decrement,≥ 10 %,{outcome}\n");
    }
    write(folder, "files.csv", &files);
    write(folder, "trains.csv", &trains);
    write(folder, "verdicts.csv", &verdicts);
    write(
        folder,
        "series.csv",
        "file,muscle,label,comparison,measure,value,unit,exercise_s,believed\n1.edf,ADM,ADM,facilitation,amplitude,12.5,%,10,yes\n2.edf,ADM,ADM,facilitation,amplitude,500,%,10,no\n",
    );
}

fn summarized(folder: &Path) -> serde_json::Value {
    let output = Command::cargo_bin("endplate")
        .unwrap()
        .args(["summarize", "--to", "json"])
        .arg(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn near(value: &serde_json::Value, wanted: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - wanted).abs() < 0.005, "{value} is not {wanted}");
}

#[test]
fn a_run_is_counted_with_exact_intervals() {
    let folder = tempfile::tempdir().unwrap();
    results(folder.path());
    let summary = summarized(folder.path());
    let ok = summary["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|share| share["name"] == "ok")
        .unwrap();
    assert_eq!((&ok["count"], &ok["of"]), (&10.into(), &11.into()));
    let patterns = summary["patterns"].as_array().unwrap();
    let abnormal = patterns
        .iter()
        .find(|share| share["name"] == "postsynaptic")
        .unwrap();
    // 2 of 10: scipy.stats.binomtest(2, 10).proportion_ci(method="exact") = 2.521–55.610 %
    near(&abnormal["percent"], 20.0);
    near(&abnormal["low"], 2.52);
    near(&abnormal["high"], 55.61);
}

#[test]
fn a_distribution_leaves_out_what_cannot_be_believed_and_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    results(folder.path());
    let summary = summarized(folder.path());
    let groups = summary["distributions"].as_array().unwrap();
    let group = |quantity: &str| {
        groups
            .iter()
            .find(|group| group["quantity"] == quantity)
            .unwrap()
    };
    let decrement = group("decrement_1_4_pct");
    assert_eq!(
        (&decrement["muscle"], &decrement["rate_hz"]),
        (&"ADM".into(), &3.into())
    );
    assert_eq!(
        (&decrement["refused"], &decrement["not_measured"]),
        (&1.into(), &0.into())
    );
    let found = &decrement["distribution"];
    assert_eq!(found["count"], 9);
    near(&found["median"], 5.0);
    near(&found["p25"], 3.0);
    // P(Bin(9, ½) ≤ 1) = 0.0195: ranks 2 and 8
    near(&found["median_interval"][0], 2.0);
    near(&found["median_interval"][1], 8.0);
    assert_eq!(group("first_area_mv_ms")["not_measured"], 10);
    assert!(
        groups
            .iter()
            .all(|group| group["quantity"] != "increment_highest_pct"),
        "a slow train has no increment"
    );
    let facilitation = group("facilitation");
    near(&facilitation["distribution"]["mean"], 12.5);
    assert_eq!(
        (&facilitation["refused"], &facilitation["when"]),
        (&1.into(), &"10 s exercise".into())
    );
}

#[test]
fn what_was_undecided_is_asked_and_not_met() {
    let folder = tempfile::tempdir().unwrap();
    results(folder.path());
    let summary = summarized(folder.path());
    let rules = summary["criteria"].as_array().unwrap();
    assert_eq!(rules.len(), 1, "three spellings are one muscle: {rules:?}");
    // numbers 4 and 8 are met; 1, 5, 9 not; 2, 6, 10 undecided; 3 and 7 not applicable
    assert_eq!(
        (&rules[0]["met"]["count"], &rules[0]["met"]["of"]),
        (&2.into(), &8.into())
    );
    assert_eq!(
        (&rules[0]["undecided"], &rules[0]["not_applicable"]),
        (&3.into(), &2.into())
    );
}

#[test]
fn a_folder_without_results_and_a_broken_table_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let run = |folder: &Path| {
        let output = Command::cargo_bin("endplate")
            .unwrap()
            .arg("summarize")
            .arg(folder)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(folder.path()).contains("files.csv"));
    results(folder.path());
    let trains = std::fs::read_to_string(folder.path().join("trains.csv")).unwrap();
    write(
        folder.path(),
        "trains.csv",
        &trains.replace(",2.99,", ",fast,"),
    );
    let said = run(folder.path());
    assert!(
        said.contains("trains.csv") && said.contains("rate_hz") && said.contains("line 2"),
        "{said}"
    );
    write(folder.path(), "trains.csv", "file\n");
    assert!(run(folder.path()).contains("muscle"));
}
