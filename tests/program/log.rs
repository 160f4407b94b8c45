//! The log in JSON lines: its names are public.

use super::resume::{endplate, recordings};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

pub type Object = serde_json::Map<String, serde_json::Value>;

pub fn parsed(text: &str) -> Vec<Object> {
    let object = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    text.lines().map(object).collect()
}

/// A line has the fields of its event, and no others.
pub fn fits(line: &Object, schema: &serde_json::Value) {
    let names = |value: &serde_json::Value| -> BTreeSet<String> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let events = schema["oneOf"].as_array().unwrap();
    let event = events
        .iter()
        .find(|event| event["properties"]["event"]["const"] == line["event"])
        .unwrap_or_else(|| panic!("no event {}", line["event"]));
    let has: BTreeSet<String> = line.keys().cloned().collect();
    let mut required = names(&event["required"]);
    required.extend(names(&schema["required"]));
    assert!(has.is_superset(&required), "{line:?}");
    for name in &has {
        let known = [event, schema].map(|place| place["properties"].get(name));
        assert!(known.iter().any(Option::is_some), "{name} of {line:?}");
    }
}

#[test]
fn each_line_is_whole_and_fits_the_published_schema_and_a_log_is_appended_to() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/log.schema.json");
    let schema = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let input = recordings(2);
    std::fs::write(input.path().join("broken.edf"), "0").unwrap();
    std::fs::write(input.path().join("letter.docx"), "words").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = input.path().join("run.log");
    std::fs::write(&log, "{\"time\":").unwrap();
    for command in ["analyze", "analyze", "report"] {
        let mut run = endplate();
        run.arg(command).arg(input.path());
        run.arg("-o").arg(folder.path().join(command));
        run.arg("--log").arg(&log);
        run.args(["--to", if command == "report" { "html" } else { "json" }]);
        assert_eq!(run.status().unwrap().code(), Some(1));
    }
    let text = std::fs::read_to_string(&log).unwrap();
    let text = text.strip_prefix("{\"time\":\n").unwrap();
    let lines = parsed(text);
    for line in &lines {
        fits(line, &schema);
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    }
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str()).collect();
    let run = |of_recordings| {
        [
            "run_started",
            "file_failed",
            "file_skipped",
            of_recordings,
            of_recordings,
            "run_ended",
        ]
    };
    let all = [
        run("file_analyzed"),
        run("file_unchanged"),
        run("file_analyzed"),
    ];
    let all: Vec<_> = all.as_flattened().iter().map(|name| Some(*name)).collect();
    assert_eq!(events, all);
    assert_eq!(lines[0]["files"], 4, "the log is none of them");
    assert_eq!(lines[1]["file"], "broken.edf");
    assert_eq!(lines[1]["level"], "error");
    let end = &lines[5];
    assert_eq!(
        [&end["analyzed"], &end["failed"], &end["skipped"]],
        [2, 1, 1]
    );
    let longest = lines[3]["duration_s"].as_f64().unwrap();
    assert!(longest > 0.0 && longest <= end["duration_s"].as_f64().unwrap());
}

#[test]
fn a_recording_is_never_taken_for_the_log() {
    let input = recordings(1);
    let entries = std::fs::read_dir(input.path()).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let recording = paths
        .find(|path| path.extension().unwrap() != "json")
        .unwrap();
    let before = std::fs::read(&recording).unwrap();
    let mut run = endplate();
    run.arg("analyze").arg(input.path());
    run.arg("-o").arg(input.path().join("results"));
    run.arg("--log").arg(&recording).stderr(Stdio::piped());
    let output = run.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("something else than a log"), "{said}");
    assert_eq!(std::fs::read(&recording).unwrap(), before);
}

#[test]
fn a_log_on_the_standard_error_stands_there_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.edf"), "0").unwrap();
    let results = folder.path().join("results");
    let mut run = endplate();
    run.arg("analyze")
        .arg(folder.path())
        .arg("-o")
        .arg(&results);
    run.args(["--log", "-"]).stderr(Stdio::piped());
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines = parsed(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(lines.len(), 3);
    // Also of a run that cannot go on.
    let lock = std::fs::File::create(results.join(".lock")).unwrap();
    lock.lock().unwrap();
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let lines = parsed(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(lines.last().unwrap()["outcome"], "failed");
}
