//! A folder of records: what belongs to a header is no recording of its own.

use super::*;
use assert_cmd::Command;
use std::collections::BTreeMap;

/// Status and message of each file in a run of the command over the inputs.
fn analyzed(folder: &Folder, inputs: &[&str]) -> BTreeMap<String, (String, String)> {
    let run = Command::cargo_bin("endplate")
        .unwrap()
        .current_dir(folder.0.path())
        .args(["analyze", "--to", "json", "--output", "results"])
        .args(inputs)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{said}");
    let table = folder.0.path().join("results/files.csv");
    let mut reader = csv::Reader::from_path(table).unwrap();
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (file, status, message) = (place("file"), place("status"), place("message"));
    reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            (
                row[file].to_owned(),
                (row[status].to_owned(), row[message].to_owned()),
            )
        })
        .collect()
}

fn copied(names: &[&str]) -> Folder {
    let folder = Folder::with(&[]);
    for name in names {
        folder.put(name, &fixture(name));
    }
    folder
}

#[test]
fn a_folder_run_takes_a_record_of_segments_once() {
    let parts = [
        "041s01.dat",
        "041s01.hea",
        "041s02.dat",
        "041s02.hea",
        "variable_1.dat",
        "variable_1.hea",
        "variable_2.dat",
        "variable_2.hea",
        "variable_layout.hea",
        "frames.atr",
        "frames.d1",
        "frames.d2",
        "frames.stim",
    ];
    let whole = ["041s.hea", "variable.hea", "frames.hea"];
    let folder = copied(&[&parts[..], &whole[..]].concat());
    folder.put("frames.docx", b"a letter beside it");
    let files = analyzed(&folder, &["."]);
    assert_eq!(files.len(), parts.len() + whole.len() + 1);
    for name in parts {
        let (status, message) = &files[name];
        let owner = whole
            .iter()
            .find(|whole| name.starts_with(whole.trim_end_matches(".hea")))
            .unwrap();
        assert_eq!(status, "skipped", "{name}: {message}");
        let said = format!("belongs to {owner}");
        assert!(message.starts_with(&said), "{name}: {message}");
    }
    for name in whole {
        assert_eq!(files[name].0, "ok", "{name}: {}", files[name].1);
    }
    assert!(!files["frames.docx"].1.contains("belongs to"));
}

#[test]
fn a_segment_that_is_named_is_analyzed() {
    let folder = copied(&["fixed.hea", "fixed_1.hea", "fixed_1.dat"]);
    let files = analyzed(&folder, &["fixed_1.hea"]);
    assert_eq!(files["fixed_1.hea"].0, "ok");
}

#[test]
fn a_signal_file_that_is_named_is_an_error_that_names_its_header() {
    let folder = copied(&["fixed_1.hea", "fixed_1.dat"]);
    let run = Command::cargo_bin("endplate")
        .unwrap()
        .current_dir(folder.0.path())
        .args(["analyze", "fixed_1.dat"])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(said.contains("fixed_1.hea"), "{said}");
}
