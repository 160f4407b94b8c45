//! Files that have the size and the time of others are not taken for these.

use super::resume::{content, endplate, recordings, same};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

/// Runs over a folder and gives what is said at the end.
fn analyze(input: &Path, results: &Path) -> String {
    let mut command = endplate();
    command.arg("analyze").arg(input).arg("-o").arg(results);
    command.args(["--to", "json", "--threads", "2"]);
    let output = command.stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.code() < Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap_or_default().to_owned()
}

/// Gives all files of a folder the same time of modification.
fn one_time(folder: &Path) {
    /// Some day long ago.
    const DAY: Duration = Duration::from_secs(1_700_000_000);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = std::fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + DAY).unwrap();
    }
}

fn swap(folder: &Path, a: &str, b: &str) {
    let [a, b, away] = [a, b, "away"].map(|name| folder.join(name));
    for (from, to) in [(&a, &away), (&b, &a), (&away, &b)] {
        std::fs::rename(from, to).unwrap();
    }
}

/// Takes each file away and writes it anew, with its old time.
fn write_anew(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let time = path.metadata().unwrap().modified().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let other = path.with_extension("other");
        std::fs::write(&other, bytes).unwrap();
        std::fs::rename(&other, &path).unwrap();
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(time).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn two_recordings_of_one_size_and_time_that_swapped_their_names_are_analyzed_anew() {
    let input = recordings(3);
    one_time(input.path());
    let [results, fresh] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let again = || analyze(input.path(), results.path());
    again();
    assert!(again().starts_with("0 files analyzed, 3 unchanged"));
    let swapped = || swap(input.path(), "mg-00001.h5", "mg-00002.h5");
    swapped();
    let said = again();
    assert!(said.starts_with("2 files analyzed, 1 unchanged"), "{said}");
    analyze(input.path(), fresh.path());
    same(fresh.path(), results.path());
    // Other files with the same bytes are the same recordings.
    write_anew(input.path());
    let said = again();
    assert!(said.starts_with("0 files analyzed, 3 unchanged"), "{said}");
    // Which files they were may be forgotten: then their bytes are looked at.
    let seen = results.path().join(".seen.jsonl");
    std::fs::remove_file(&seen).unwrap();
    let said = again();
    assert!(said.starts_with("0 files analyzed, 3 unchanged"), "{said}");
    assert!(seen.exists());
    std::fs::remove_file(&seen).unwrap();
    swapped();
    let said = again();
    assert!(said.starts_with("2 files analyzed, 1 unchanged"), "{said}");
}

#[cfg(unix)]
#[test]
fn statements_of_one_size_and_time_that_swapped_their_names_make_their_recordings_change() {
    let input = recordings(2);
    for (number, age) in [(1, 50), (2, 60)] {
        let path = input
            .path()
            .join(format!("mg-0000{number}.h5.endplate.toml"));
        std::fs::write(path, format!("[subject]\nage_years = {age}\n")).unwrap();
    }
    one_time(input.path());
    let results = tempfile::tempdir().unwrap();
    let again = || analyze(input.path(), results.path());
    again();
    let before = content(results.path());
    write_anew(input.path());
    let said = again();
    assert!(said.starts_with("0 files analyzed, 2 unchanged"), "{said}");
    let [a, b] = [1, 2].map(|number| format!("mg-0000{number}.h5.endplate.toml"));
    swap(input.path(), &a, &b);
    let said = again();
    assert!(said.starts_with("2 files analyzed"), "{said}");
    swap(input.path(), &a, &b);
    again();
    let name = Path::new("studies/mg-00001.h5/study.json");
    assert!(content(results.path())[name] == before[name]);
}
