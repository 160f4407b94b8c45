//! `endplate init` writes what a person fills in.

use super::*;
use assert_cmd::Command;

fn init(path: &Path) -> String {
    let output = Command::cargo_bin("endplate")
        .unwrap()
        .arg("init")
        .arg(path)
        .assert()
        .success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[test]
fn what_it_writes_beside_a_recording_changes_nothing_until_it_is_filled_in() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    let before = place.open().unwrap();
    let said = init(&place.recording);
    assert!(said.trim().ends_with("a.edf.endplate.toml"), "{said}");
    let after = place.open().unwrap();
    assert_eq!(
        (before.channels, before.marks, before.subject),
        (after.channels, after.marks, after.subject)
    );
    let text = std::fs::read_to_string(said.trim()).unwrap();
    assert!(text.contains("#[[channels]]"), "{text}");
    Command::cargo_bin("endplate")
        .unwrap()
        .arg("init")
        .arg(&place.recording)
        .assert()
        .code(2);
}

#[test]
fn a_recording_that_does_not_describe_itself_gets_the_statements_that_it_needs() {
    let place = Place::with_copy("matlab/sweeps.mat", "sweeps.mat");
    let said = init(&place.recording);
    let text = std::fs::read_to_string(said.trim()).unwrap();
    assert!(text.contains("#variable = "), "{text}");
    assert!(place.open().is_err());
    let filled: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest)
                if rest.starts_with("[[channels]]")
                    || rest.contains(" = ") && !rest.starts_with(' ') =>
            {
                format!("{rest}\n")
            }
            _ => "\n".to_owned(),
        })
        .collect();
    let channel_part = filled.split("code = ").next().unwrap();
    place.state(channel_part);
    place.open().unwrap();
}

#[test]
fn a_folder_gets_a_file_beside_it() {
    let place = Place::with_copy(
        "recordings/simulated/normal-rest.edf",
        "monday/../a.edf".split('/').next_back().unwrap(),
    );
    let folder = place.folder.path().join("monday");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(&place.recording, folder.join("a.edf")).unwrap();
    let said = init(&folder);
    assert_eq!(
        Path::new(said.trim()),
        place.folder.path().join("monday.endplate.toml")
    );
    std::fs::write(said.trim(), "[subject]\ncode = 'M1'\n").unwrap();
    let recording = sidecar::open(&folder.join("a.edf"), &Reading::default()).unwrap();
    assert_eq!(recording.subject.code.as_deref(), Some("M1"));
}
