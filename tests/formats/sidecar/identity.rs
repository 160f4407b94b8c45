//! Who the person is leaves a file only when that is asked for.

use super::*;
use assert_cmd::Command;

/// An EDF+ file whose header names a person and whose marks hold the name.
fn named(place: &Place) {
    let mut bytes = std::fs::read(&place.recording).unwrap();
    let patient = format!("{:<80}", "H-4711 F 02-MAY-1951 Mustermann_Erika");
    bytes[8..88].copy_from_slice(patient.as_bytes());
    std::fs::write(&place.recording, bytes).unwrap();
}

fn run(arguments: &[&str], place: &Place) -> std::process::Output {
    Command::cargo_bin("endplate")
        .unwrap()
        .current_dir(place.folder.path())
        .args(arguments)
        .output()
        .unwrap()
}

fn header(place: &Place, name: &str) -> String {
    let bytes = std::fs::read(place.folder.path().join(name)).unwrap();
    String::from_utf8_lossy(&bytes[8..192]).into_owned()
}

#[test]
fn a_converted_file_names_nobody_unless_it_is_asked_to() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    named(&place);
    assert!(
        run(&["convert", "a.edf", "plain.edf"], &place)
            .status
            .success()
    );
    let plain = header(&place, "plain.edf");
    assert!(
        !plain.contains("Erika") && !plain.contains("4711") && !plain.contains("1951"),
        "{plain}"
    );
    assert!(
        run(&["convert", "a.edf", "named.edf", "--identified"], &place)
            .status
            .success()
    );
    assert!(header(&place, "named.edf").starts_with("H-4711 F 02-MAY-1951 Mustermann_Erika"));
    let refused = run(&["convert", "a.edf", "named.csv", "--identified"], &place);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!place.folder.path().join("named.csv").exists());
}

#[test]
fn a_deidentified_file_has_neither_code_nor_date_nor_the_name_in_its_texts() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    named(&place);
    let marks = "onset\tduration\ttrial_type\n0.5\tn/a\tMustermann coughs\n0.6\tn/a\tcalm\n";
    std::fs::write(place.folder.path().join("a_events.tsv"), marks).unwrap();
    let output = run(
        &["convert", "a.edf", "b.edf", "--deidentify", "--code", "P07"],
        &place,
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("name, date of birth, record number"),
        "{said}"
    );
    assert!(said.contains("  [removed] coughs\n  calm\n"), "{said}");
    let whole = String::from_utf8_lossy(&std::fs::read(place.folder.path().join("b.edf")).unwrap())
        .into_owned();
    for secret in ["Mustermann", "Erika", "4711", "1951", "2026"] {
        assert!(!whole.contains(secret), "{secret}");
    }
    let back = sidecar::open(&place.folder.path().join("b.edf"), &Reading::default()).unwrap();
    let original = sidecar::open(&place.recording, &Reading::default()).unwrap();
    assert_eq!(back.channels[0].segments, original.channels[0].segments);
    assert_eq!(back.subject.code.as_deref(), Some("P07"));
    assert_eq!(back.origin.started, None);
}

#[test]
fn inspect_tells_the_name_only_when_asked() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    named(&place);
    let said = |arguments: &[&str]| String::from_utf8(run(arguments, &place).stdout).unwrap();
    let plain = said(&["inspect", "a.edf"]);
    assert!(
        !plain.contains("Erika") && plain.contains("subject_withheld"),
        "{plain}"
    );
    let named = said(&["inspect", "a.edf", "--identified"]);
    assert!(
        named.contains("Mustermann_Erika") && !named.contains("subject_withheld"),
        "{named}"
    );
}
