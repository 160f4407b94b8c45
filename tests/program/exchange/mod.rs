//! The report as other systems file it: FHIR and DICOM.

#[cfg(feature = "pdf")]
mod dicom;
mod fhir;

use super::report::made;
use endplate::clinical_report::Template;
use endplate::exchange::{Attachment, Identifiers, Identity, Material};
use endplate::study::Study;
use std::path::{Path, PathBuf};

/// A file that a report is attached to, made by fixtures/make/exchange.py.
fn attached(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/exchange/{name}.dcm"))
}

/// What pydicom reads from it.
fn expected(name: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/exchange.json");
    let all: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    all[name].clone()
}

/// Attached to that file.
fn attached_to(name: &str) -> Attachment {
    let found = Identifiers::of_file(&attached(name)).unwrap();
    Attachment {
        identity: Identity::Given(Box::new(found)),
        ..Attachment::default()
    }
}

fn with_material<T>(
    study: &Study,
    attachment: &Attachment,
    make: impl FnOnce(&Material<'_>) -> T,
) -> T {
    make(&Material {
        study,
        file: "study.edf",
        template: &Template::standard(),
        attachment,
    })
}

#[test]
fn letters_in_a_character_set_that_switches_are_refused_without_telling_the_name() {
    let error = Identifiers::of_file(&attached("switching")).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("ISO_IR 192") && text.contains("(0010,0010)"),
        "{text}"
    );
    assert!(!text.contains("Yamada") && !text.contains("山田"), "{text}");
}

#[test]
fn a_file_that_is_no_dicom_cannot_be_attached_to() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let error = Identifiers::of_file(&path).unwrap_err().to_string();
    assert!(
        error.contains("README.md") && error.contains("DICM"),
        "{error}"
    );
}
