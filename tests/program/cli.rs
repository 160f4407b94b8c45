//! The command as a person types it: exit codes, messages, and results that do not depend on the number of threads.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::Path;

fn endplate() -> Command {
    let mut command = Command::cargo_bin("endplate").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(folder)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_recordings_of_the_readme_are_analyzed_and_the_same_bytes_come_out_with_any_number_of_threads()
 {
    let results = tempfile::tempdir().unwrap();
    let mut outputs = Vec::new();
    for threads in ["1", "4"] {
        let folder = results.path().join(threads);
        let run = endplate()
            .args([
                "analyze",
                "fixtures/recordings",
                "--to",
                "json,svg",
                "--threads",
                threads,
                "-o",
            ])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", text(&run.stderr));
        assert!(
            text(&run.stdout).contains(" files analyzed"),
            "{}",
            text(&run.stdout)
        );
        outputs.push(contents(&folder));
    }
    assert!(outputs[0].len() > 30 && outputs[0].contains_key("responses.csv"));
    let [one, four] = &outputs[..] else {
        unreachable!()
    };
    assert!(one.keys().eq(four.keys()));
    for (name, bytes) in one {
        assert!(
            four[name] == *bytes,
            "{name} depends on the number of threads"
        );
    }
}

#[test]
fn a_bad_file_is_told_with_its_reason_and_the_rest_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let recording = std::fs::read("fixtures/recordings/simulated/normal-rest.edf").unwrap();
    std::fs::write(folder.path().join("good.edf"), &recording).unwrap();
    std::fs::write(
        folder.path().join("short.edf"),
        &recording[..recording.len() / 2],
    )
    .unwrap();
    std::fs::write(folder.path().join("empty.edf"), "").unwrap();
    std::fs::write(folder.path().join("letter.docx"), "no recording").unwrap();
    let results = folder.path().join("results");
    let run = endplate()
        .args(["analyze", "--to", "json", "-o"])
        .arg(&results)
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    let (said, told) = (text(&run.stdout), text(&run.stderr));
    assert!(
        said.contains("1 file analyzed") && said.contains("2 failed") && said.contains("1 skipped"),
        "{said}"
    );
    assert!(
        told.contains("short.edf") && told.contains("empty.edf") && !told.contains("letter.docx"),
        "{told}"
    );
    let files = std::fs::read_to_string(results.join("files.csv")).unwrap();
    assert_eq!(files.lines().count(), 5, "{files}");
    assert!(files.contains("truncated"), "{files}");
    // A second run over the same results replaces them and does not take them for recordings.
    let again = endplate()
        .args(["analyze", "--to", "json", "-o"])
        .arg(&results)
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(
        std::fs::read_to_string(results.join("files.csv")).unwrap(),
        files
    );
}

#[test]
fn what_cannot_start_ends_with_2_and_says_why() {
    let results = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (vec!["analyze", "no-such-folder"], "no-such-folder"),
        (vec!["analyze"], "Usage"),
        (
            vec!["analyze", "fixtures", "--settings", "Cargo.toml"],
            "unknown field",
        ),
        (vec!["list", "nonsense"], "nonsense"),
    ] {
        let run = endplate()
            .args(&arguments)
            .arg("--")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&run.stderr).contains(said),
            "{arguments:?}: {}",
            text(&run.stderr)
        );
    }
    assert_eq!(std::fs::read_dir(results.path()).unwrap().count(), 0);
}

#[test]
fn a_simulated_study_survives_every_conversion() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| {
        let output = endplate()
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    };
    run(&[
        "simulate",
        "--profile",
        "mg",
        "--protocol",
        "rest",
        "-o",
        "a.h5",
    ]);
    assert!(path("a.truth.json").exists());
    run(&["convert", "a.h5", "b.edf"]);
    run(&["convert", "b.edf", "c.csv"]);
    run(&["convert", "c.csv", "d.h5"]);
    assert!(run(&["inspect", "d.h5"]).contains("ADM"));
    run(&["analyze", "a.h5", "b.edf", "c.csv", "d.h5", "--to", "json"]);
    let responses = std::fs::read_to_string(path("results/responses.csv")).unwrap();
    let of = |file: &str| -> Vec<String> {
        responses
            .lines()
            .filter_map(|line| line.strip_prefix(file))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(of("a.h5,").len(), 10);
    for file in ["b.edf,", "c.csv,", "d.h5,"] {
        assert_eq!(of(file), of("a.h5,"), "{file}");
    }
}
