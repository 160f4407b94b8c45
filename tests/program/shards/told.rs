//! What a merge tells programs.

use super::{merge, recordings, run, shares, text};
use crate::log::{fits, parsed};
use std::path::Path;

#[test]
fn a_merge_tells_in_its_log_what_became_of_each_file_in_the_order_of_the_run() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/log.schema.json");
    let schema = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let folder = recordings();
    shares(folder.path());
    let logged = |log: &str| {
        let arguments = [&merge("all")[..], &["--log", log]].concat();
        run(folder.path(), &arguments, 1);
        let text = std::fs::read_to_string(folder.path().join(log)).unwrap();
        let lines = parsed(&text);
        lines.iter().for_each(|line| fits(line, &schema));
        lines
    };
    // In the results folder, which is not there yet.
    let lines = logged("all/merge.log");
    assert_eq!(lines[0]["event"], "run_started");
    assert_eq!(lines[0]["command"], "merge");
    let files = std::fs::read_to_string(folder.path().join("all/files.csv")).unwrap();
    let rows: Vec<&str> = files.lines().skip(1).collect();
    assert_eq!(lines.len(), rows.len() + 2);
    for (line, row) in lines[1..].iter().zip(&rows) {
        let event = match row.split(',').nth(2).unwrap() {
            "ok" => "file_merged",
            "failed" => "file_failed",
            _ => "file_skipped",
        };
        assert_eq!(line["event"], event, "{row}");
        let of = |key: &str| line[key].as_str().unwrap();
        let begin = format!("{},{},", of("file"), of("path"));
        assert!(row.replace("'=", "=").starts_with(&begin), "{row}: {begin}");
    }
    let end = lines.last().unwrap();
    assert_eq!(end["analyzed"], 9);
    assert_eq!(end["outcome"], "done");
    // What an earlier merge put there.
    let lines = logged("again.log");
    let end = lines.last().unwrap();
    assert_eq!([&end["analyzed"], &end["unchanged"]], [0, 9]);
    assert!(lines.iter().any(|line| line["event"] == "file_unchanged"));
    // One that cannot go on says why, there alone.
    for share in 1..=super::SHARES {
        // It stands in one of them.
        let study = format!("out/{share}/studies/day/mg-00004.h5/study.json");
        let _ = std::fs::remove_file(folder.path().join(study));
    }
    let output = run(
        folder.path(),
        &[&merge("all")[..], &["--log", "-"]].concat(),
        2,
    );
    let lines = parsed(&text(&output.stderr));
    let end = lines.last().unwrap();
    assert_eq!(end["outcome"], "failed");
    assert!(end["message"].as_str().unwrap().contains("mg-00004.h5"));
}
