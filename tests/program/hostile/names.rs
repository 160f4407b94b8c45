//! Names that mean harm, of files and inside of files: they break no line, lead nowhere, and nothing is written outside the results folder.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Names of files and folders, as bytes: Unix forbids only NUL and the slash.
const NAMES: &[&[u8]] = &[
    b"line\nbreak.csv",
    b"return\r.csv",
    b"tab\tand\x07bell.csv",
    b"escape\x1b[31mred.csv",
    b"..csv",
    b"...csv",
    b".. ..csv",
    b"..\\..\\windows.csv",
    b"-o.csv",
    b"--force",
    b" .csv",
    b"space .csv ",
    b"quote\"'`$(touch made).csv",
    b"comma,semicolon;=1+1.csv",
    b"<script>alert(1)<.csv",
    b"%2e%2e%2f.csv",
    b"a:b|c?d*.csv",
    b"CON.csv",
    b"not\xff\xfeunicode.csv",
    b"right\xe2\x80\xaeto-left.csv",
    b"manifest.jsonl",
    b"index.html",
    b"study.json",
    b"folder\nof one/with\ttab/inner.csv",
];

/// Labels of channels and codes of subjects that become titles, cells and names of figures.
const LABELS: &[&str] = &[
    "../../../outside",
    "/tmp/outside",
    "..",
    ".",
    "con\u{0}nul",
    "a/b\\c",
    "line\nbreak",
    "<script>alert(1)</script>",
    "=1+1",
    "\u{202e}right",
    "{{ 7 * 7 }}",
];

fn endplate(folder: &Path, arguments: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_endplate"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// Everything below a folder, relative to it.
fn all(folder: &Path) -> BTreeSet<PathBuf> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .strip_prefix(folder)
                .unwrap()
                .to_path_buf()
        })
        .collect()
}

/// A short recording as a text, with that label.
fn recording(label: &str) -> String {
    let mut text = format!("time_s,\"{} (mV)\"\n", label.replace('"', "\"\""));
    for sample in 0..400 {
        let value = f64::from((sample * 37) % 101) / 1000.0;
        text.push_str(&format!("{},{value}\n", f64::from(sample) / 1000.0));
    }
    text
}

/// The folders of a test: one above, in which nothing may appear, with `in` and, after a run, `out`.
fn folders() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let above = tempfile::tempdir().unwrap();
    let (input, results) = (above.path().join("in"), above.path().join("out"));
    std::fs::create_dir(&input).unwrap();
    (above, input, results)
}

/// What must hold after any run.
fn is_safe(above: &Path, before: &BTreeSet<PathBuf>, output: &Output) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8(text).expect("what is printed is text");
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{:?}: {text}",
        output.status
    );
    assert!(!text.contains("panicked"), "{text}");
    // A terminal obeys control characters.
    assert!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text:?}"
    );
    for path in all(above) {
        if before.contains(&path) {
            continue;
        }
        let name = path.to_str().expect("names of results are text");
        assert!(path.starts_with("out"), "{name:?} was written");
        assert!(!name.contains(char::is_control), "{name:?}");
    }
}

#[test]
fn no_name_of_a_file_breaks_a_line_or_leads_out_of_the_results() {
    let (above, input, results) = folders();
    let mut count = 0;
    for name in NAMES {
        let path = input.join(OsStr::from_bytes(name));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, recording("ADM")).unwrap();
        count += 1;
    }
    // As long as a name may be.
    std::fs::write(
        input.join(format!("{}.csv", "x".repeat(251))),
        recording("ADM"),
    )
    .unwrap();
    // A folder that holds itself, and a link to nowhere.
    std::os::unix::fs::symlink(&input, input.join("round")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", input.join("gone.csv")).unwrap();
    let before = all(above.path());
    let output = endplate(
        above.path(),
        &["analyze", "in", "-o", "out", "--to", "json,svg,html"].map(OsStr::new),
    );
    is_safe(above.path(), &before, &output);
    // One line for each file, whatever its name is.
    let table = std::fs::read_to_string(results.join("files.csv")).unwrap();
    let rows = table.lines().count() - 1;
    assert!(
        (count - 2..=count + 4).contains(&rows),
        "{rows} rows for {count} files: {table}"
    );
    let page = std::fs::read_to_string(results.join("index.html")).unwrap();
    assert!(!page.contains("<script>alert"));
    for line in std::fs::read_to_string(results.join("manifest.jsonl"))
        .unwrap()
        .lines()
    {
        let _: serde_json::Value = serde_json::from_str(line).expect("each line is whole");
    }
    // The same again changes nothing.
    let written = all(&results);
    let again = endplate(
        above.path(),
        &["analyze", "in", "-o", "out", "--to", "json,svg,html"].map(OsStr::new),
    );
    is_safe(above.path(), &before, &again);
    assert_eq!(all(&results), written);
}

#[test]
fn no_label_or_code_in_a_file_leads_out_of_the_results() {
    let (above, input, results) = folders();
    for (number, label) in LABELS.iter().enumerate() {
        let path = input.join(format!("{number}.csv"));
        std::fs::write(&path, recording(label)).unwrap();
        let code = serde_json::to_string(&label.replace('\0', "")).unwrap();
        std::fs::write(
            input.join(format!("{number}.csv.endplate.toml")),
            format!(
                "[subject]\ncode = {code}\n[[marks]]\ntimes_s = [0.05, 0.25]\ntext = 'stimulus'\n"
            ),
        )
        .unwrap();
    }
    let before = all(above.path());
    let output = endplate(
        above.path(),
        &["analyze", "in", "-o", "out", "--to", "json,svg,png,html"].map(OsStr::new),
    );
    is_safe(above.path(), &before, &output);
    let figures = all(&results)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg"));
    assert!(figures.count() >= 3, "{:?}", all(&results));
    let pages = all(&results).into_iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "html" || extension == "svg")
    });
    for page in pages {
        let text = std::fs::read_to_string(results.join(&page)).unwrap();
        assert!(!text.contains("<script>alert"), "{}", page.display());
    }
}
