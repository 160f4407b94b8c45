//! The folder of reports: what stands there is replaced or taken away only where endplate wrote it.

use assert_cmd::Command;
use std::path::Path;

const MEDIA: [&str; 4] = ["pdf", "html", "fhir", "dicom"];
const EXTENSIONS: [&str; 4] = ["pdf", "html", "fhir.json", "dcm"];

fn report(folder: &Path) -> std::process::Output {
    let mut command = Command::cargo_bin("endplate").unwrap();
    command
        .args(["report", "--to", &MEDIA.join(",")])
        .arg("-o")
        .arg(folder.join("reports"))
        .arg(folder.join("p07"))
        .output()
        .unwrap()
}

fn recording(folder: &Path) -> std::path::PathBuf {
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings/simulated/mg-exercise.edf");
    let to = folder.join("p07");
    std::fs::copy(from, &to).unwrap();
    to
}

#[test]
fn reports_of_endplate_are_replaced_and_go_with_their_recording() {
    let folder = tempfile::tempdir().unwrap();
    let recording = recording(folder.path());
    let places = EXTENSIONS.map(|extension| folder.path().join(format!("reports/p07.{extension}")));
    for _ in 0..2 {
        let run = report(folder.path());
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        assert!(places.iter().all(|place| place.is_file()));
    }
    // It is no recording any more: old numbers must not stay.
    std::fs::write(recording, "notes").unwrap();
    report(folder.path());
    assert!(!places.iter().any(|place| place.exists()));
}

#[test]
fn what_somebody_else_wrote_beside_a_recording_is_neither_replaced_nor_taken_away() {
    for extension in EXTENSIONS {
        let folder = tempfile::tempdir().unwrap();
        let recording = recording(folder.path());
        let place = folder.path().join(format!("reports/p07.{extension}"));
        std::fs::create_dir(folder.path().join("reports")).unwrap();
        std::fs::write(&place, "my own words about endplate").unwrap();
        let run = report(folder.path());
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(1), "{said}");
        assert!(said.contains("is no report of endplate"), "{said}");
        std::fs::write(recording, "notes").unwrap();
        report(folder.path());
        let kept = std::fs::read_to_string(&place).unwrap();
        assert_eq!(kept, "my own words about endplate");
    }
}
