//! Who the person is reaches nothing that was not asked for it.

use super::*;
use assert_cmd::Command;

/// Shorter texts stand in any file by chance.
const SHORTEST: usize = 5;

/// What tells who the person is, with its words one by one.
fn secrets(recording: &Recording) -> Vec<String> {
    let Some(identity) = &recording.subject.identity else {
        return Vec::new();
    };
    [
        &identity.name,
        &identity.birth_date,
        &identity.record_number,
    ]
    .into_iter()
    .flatten()
    .filter(|text| text.len() >= SHORTEST)
    .cloned()
    .collect()
}

fn assert_hides(secrets: &[String], text: &str, place: &str) {
    for secret in secrets {
        assert!(
            !text.contains(secret.as_str()),
            "{place} holds \"{secret}\""
        );
    }
}

fn named() -> Vec<(Case, Vec<String>)> {
    let named: Vec<_> = cases()
        .into_iter()
        .map(|case| {
            let secrets = secrets(&case.recording);
            (case, secrets)
        })
        .filter(|(case, _)| case.recording.subject.identity.is_some())
        .collect();
    assert!(named.len() >= 5, "{} fixtures name a person", named.len());
    named
}

#[test]
fn the_door_takes_the_identity_away_and_nothing_else_of_a_recording_holds_it() {
    for (case, secrets) in named() {
        let reading = Reading::default();
        let recording = sidecar::open(&case.path, &reading).unwrap();
        assert_eq!(recording.subject.identity, None, "{}", case.name());
        let mut texts = format!("{:?} {:?}", recording.subject, recording.origin.device);
        texts.push_str(&format!("{:?} {:?}", recording.marks, recording.findings));
        for channel in &recording.channels {
            texts.push_str(&format!("{:?} {:?}", channel.label, channel.findings));
            texts.push_str(&format!("{:?} {:?}", channel.transducer, channel.prefilter));
        }
        assert_hides(&secrets, &texts, &case.name());
        let identified = Reading {
            identified: true,
            ..Reading::default()
        };
        let recording = sidecar::open(&case.path, &identified).unwrap();
        assert!(recording.subject.identity.is_some(), "{}", case.name());
    }
}

#[test]
fn no_command_writes_who_the_person_is() {
    for (case, secrets) in named() {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let output = Command::cargo_bin("endplate")
                .unwrap()
                .current_dir(folder.path())
                .args(arguments)
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            assert_hides(&secrets, &said, &format!("{} {arguments:?}", case.name()));
        };
        let path = case.path.to_str().unwrap();
        run(&["analyze", "--to", "json,svg", "-o", "results", path]);
        run(&["inspect", path]);
        run(&["inspect", "--json", path]);
        for format in FORMATS.iter().filter(|format| format.write.is_some()) {
            run(&[
                "convert",
                "--to",
                format.id,
                path,
                &format!("converted.{}", format.id),
            ]);
        }
        for entry in walkdir::WalkDir::new(folder.path()) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let place = format!("{} of {}", entry.path().display(), case.name());
                assert_hides(&secrets, &text, &place);
            }
        }
    }
}
