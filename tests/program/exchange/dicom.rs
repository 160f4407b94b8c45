//! Encapsulated PDF: what PS3.3 A.45.1 requires, and that identifiers come only from where they were asked for.

use super::{attached, attached_to, expected, made, with_material};
use assert_cmd::Command;
use dicom_core::{DataDictionary as _, Tag};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_object::{DefaultDicomObject, InMemDicomObject, from_reader};
use endplate::clinical_report::{self, Template};
use endplate::exchange::{self, Attachment, Identity};
use endplate::study::Study;

fn object(study: &Study, attachment: &Attachment) -> (Vec<u8>, DefaultDicomObject) {
    let bytes = with_material(study, attachment, exchange::dicom).unwrap();
    assert_eq!(&bytes[128..132], b"DICM");
    let read = from_reader(&bytes[..]).unwrap();
    (bytes, read)
}

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let value = object.element(tag).unwrap().value().to_str().unwrap();
    value.trim_matches([' ', '\0']).to_owned()
}

/// Attributes of type 1 of the modules that the IOD asks for (PS3.3 A.45.1.3), as fixtures/make/exchange.py checks them too.
const TYPE_1: &[Tag] = &[
    tags::STUDY_INSTANCE_UID,
    tags::MODALITY,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::CONVERSION_TYPE,
    tags::INSTANCE_NUMBER,
    tags::BURNED_IN_ANNOTATION,
    tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
];
/// Those of type 2: present, perhaps empty.
const TYPE_2: &[Tag] = &[
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::REFERRING_PHYSICIAN_NAME,
    tags::STUDY_ID,
    tags::ACCESSION_NUMBER,
    tags::MANUFACTURER,
    tags::CONTENT_DATE,
    tags::CONTENT_TIME,
    tags::ACQUISITION_DATE_TIME,
    tags::DOCUMENT_TITLE,
    tags::CONCEPT_NAME_CODE_SEQUENCE,
];

#[test]
fn every_study_is_an_object_with_what_the_standard_requires_and_holds_the_pdf() {
    for (name, study) in made::all().into_iter().take(4) {
        let (bytes, read) = object(&study, &Attachment::default());
        assert!(bytes == object(&study, &Attachment::default()).0, "{name}");
        for tag in TYPE_1 {
            assert!(!text(&read, *tag).is_empty(), "{name}: {tag}");
        }
        for tag in TYPE_2 {
            assert!(read.get(*tag).is_some(), "{name}: {tag}");
        }
        let meta = read.meta();
        assert_eq!(meta.transfer_syntax(), "1.2.840.10008.1.2.1");
        assert_eq!(
            meta.media_storage_sop_class_uid().trim_end_matches('\0'),
            "1.2.840.10008.5.1.4.1.1.104.1"
        );
        assert!(meta.implementation_class_uid().starts_with("2.25."));
        let pdf = clinical_report::pdf(&study, "study.edf", &Template::standard()).unwrap();
        let length = read.element(tags::ENCAPSULATED_DOCUMENT_LENGTH).unwrap();
        assert_eq!(length.to_int::<usize>().unwrap(), pdf.len());
        let held = read
            .element(tags::ENCAPSULATED_DOCUMENT)
            .unwrap()
            .to_bytes()
            .unwrap();
        assert!(
            held.len() % 2 == 0 && held[..pdf.len()] == pdf[..],
            "{name}"
        );
    }
}

#[test]
fn nobody_is_named_by_default_and_the_study_follows_from_the_recording() {
    let (_, study) = made::all().remove(0);
    let (_, read) = object(&study, &Attachment::default());
    for tag in [
        tags::PATIENT_NAME,
        tags::PATIENT_ID,
        tags::PATIENT_BIRTH_DATE,
        tags::PATIENT_SEX,
    ] {
        assert_eq!(text(&read, tag), "");
    }
    assert_eq!(text(&read, tags::BURNED_IN_ANNOTATION), "NO");
    let study_uid = text(&read, tags::STUDY_INSTANCE_UID);
    assert!(study_uid.starts_with("2.25.") && study_uid.len() <= 64);
    let mut other = study.clone();
    other.origin.sha256 = "another".into();
    assert_ne!(
        text(
            &object(&other, &Attachment::default()).1,
            tags::STUDY_INSTANCE_UID
        ),
        study_uid
    );
}

#[test]
fn names_are_those_that_pydicom_reads_whatever_their_character_set() {
    let (_, study) = made::all().remove(0);
    for name in ["latin1", "utf8", "greek", "ascii"] {
        let (_, read) = object(&study, &attached_to(name));
        assert_eq!(text(&read, tags::SPECIFIC_CHARACTER_SET), "ISO_IR 192");
        let expected = expected(name);
        for (keyword, value) in expected.as_object().unwrap() {
            let tag = StandardDataDictionary.by_name(keyword).unwrap().tag.inner();
            assert_eq!(
                text(&read, tag),
                value.as_str().unwrap(),
                "{name}: {keyword}"
            );
        }
    }
}

#[test]
fn another_patient_or_another_content_is_another_instance_of_its_own() {
    let (_, study) = made::all().remove(0);
    let uid = |study: &Study, attachment: &Attachment| {
        text(&object(study, attachment).1, tags::SOP_INSTANCE_UID)
    };
    let plain = uid(&study, &Attachment::default());
    assert_ne!(plain, uid(&study, &attached_to("ascii")));
    let mut other = study.clone();
    other.subject.age_years = Some(33.0);
    assert_ne!(plain, uid(&other, &Attachment::default()));
}

#[test]
fn a_recording_that_is_dicom_is_named_as_the_source_and_can_name_its_own_study() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exchange/recording.dcm");
    let recording = endplate::formats::open(&path, &endplate::formats::Mapping::default()).unwrap();
    let settings = endplate::study::Settings::default();
    let study = endplate::study::analyze(&recording, &settings).unwrap();
    let attachment = Attachment {
        identity: Identity::OfRecording,
        ..Attachment::default()
    };
    let (_, read) = object(&study, &attachment);
    let source = recorded(&path);
    let item = &read
        .element(tags::SOURCE_INSTANCE_SEQUENCE)
        .unwrap()
        .items()
        .unwrap()[0];
    assert_eq!(
        text(item, tags::REFERENCED_SOP_INSTANCE_UID),
        text(&source, tags::SOP_INSTANCE_UID)
    );
    assert_eq!(
        text(&read, tags::STUDY_INSTANCE_UID),
        text(&source, tags::STUDY_INSTANCE_UID)
    );
    let (_, unnamed) = object(&study, &Attachment::default());
    assert!(unnamed.get(tags::SOURCE_INSTANCE_SEQUENCE).is_some());
    assert_ne!(
        text(&unnamed, tags::STUDY_INSTANCE_UID),
        text(&source, tags::STUDY_INSTANCE_UID)
    );
    let (_, mut csv) = made::all().remove(0);
    csv.origin.format = "csv".into();
    let error = with_material(&csv, &attachment, exchange::dicom).unwrap_err();
    assert!(error.to_string().contains("--attach-to"), "{error}");
}

fn recorded(path: &std::path::Path) -> DefaultDicomObject {
    dicom_object::open_file(path).unwrap()
}

const RECORDING: &str = "fixtures/recordings/simulated/normal-rest.edf";

fn report(folder: &std::path::Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("endplate").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
        .args(["report", "--to", "dicom,fhir", "-o"])
        .arg(folder)
        .args(args);
    command.output().unwrap()
}

#[test]
fn the_command_attaches_to_a_file_or_to_what_the_options_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = attached("utf8");
    let run = report(
        folder.path(),
        &[RECORDING, "--attach-to", path.to_str().unwrap()],
    );
    assert!(run.status.success(), "{run:?}");
    let written = folder.path().join("normal-rest.edf.dcm");
    let read = dicom_object::open_file(&written).unwrap();
    assert_eq!(
        text(&read, tags::PATIENT_NAME),
        "Yamada^Tarou=山田^太郎=やまだ^たろう"
    );
    assert!(folder.path().join("normal-rest.edf.fhir.json").is_file());
    let stated = [
        RECORDING,
        "--patient-id",
        "7",
        "--patient-birth-date",
        "1951-05-02",
        "--patient-sex",
        "f",
        "--study-uid",
        "1.2.3",
    ];
    assert!(report(folder.path(), &stated).status.success());
    let read = dicom_object::open_file(&written).unwrap();
    assert_eq!(text(&read, tags::PATIENT_BIRTH_DATE), "19510502");
    assert_eq!(text(&read, tags::PATIENT_SEX), "F");
    assert_eq!(text(&read, tags::STUDY_INSTANCE_UID), "1.2.3");
    assert_eq!(text(&read, tags::STUDY_DATE), "");
}

#[test]
fn another_patient_is_another_study() {
    let folder = tempfile::tempdir().unwrap();
    let uid = |stated: &[&str]| {
        let mut args = vec![RECORDING];
        args.extend_from_slice(stated);
        let run = report(folder.path(), &args);
        assert!(run.status.success(), "{run:?}");
        let written = folder.path().join("normal-rest.edf.dcm");
        text(
            &dicom_object::open_file(written).unwrap(),
            tags::STUDY_INSTANCE_UID,
        )
    };
    let first = uid(&["--patient-id", "A1"]);
    assert_ne!(uid(&["--patient-id", "B2"]), first);
    // With a number the spelling of the name makes no other study; without one it is all that there is.
    let named = ["--patient-id", "A1", "--patient-name", "Doe^Jane"];
    assert_eq!(uid(&named), first);
    assert_ne!(uid(&named[2..]), uid(&["--patient-name", "Roe^Jane"]));
}

#[test]
fn identifiers_that_cannot_stand_in_dicom_or_fhir_stop_the_run_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (
            &[RECORDING, "--study-uid", "1.02"],
            "the study's UID is no UID",
        ),
        (
            &[RECORDING, "--patient-birth-date", "2.5.1951"],
            "is no date",
        ),
        (
            &[RECORDING, "--patient-birth-date", "02.05.1951"],
            "1951-05-02 or 19510502",
        ),
        (&[RECORDING, "--patient-sex", "x"], "none of M, F and O"),
        (&[RECORDING, "--patient-id", " "], "is empty"),
        (
            &[RECORDING, "--accession-number", "12345678901234567"],
            "at most 16",
        ),
        (
            &[RECORDING, "--patient-reference", "Müller"],
            "--patient-reference",
        ),
        (
            &[RECORDING, "--patient-id", "1", "--attach-to", "self"],
            "cannot be used with",
        ),
        (
            &["fixtures/recordings/simulated", "--patient-id", "1"],
            "one patient or study is named for a folder",
        ),
    ];
    for (args, expected) in cases {
        let run = report(folder.path(), args);
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(expected), "{args:?}: {told}");
        assert!(!told.contains("Müller"), "{told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_identity_that_no_output_takes_stops_the_run_before_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let cases: &[&[&str]] = &[
        &["report", RECORDING, "--patient-id", "1"],
        &["report", RECORDING, "--to", "pdf", "--patient-id", "1"],
        &["analyze", RECORDING, "--study-uid", "1.2.3"],
        &[
            "report",
            RECORDING,
            "--to=dicom",
            "--patient-reference=Patient/1",
        ],
        &[
            "report",
            RECORDING,
            "--to=dicom",
            "--fhir-bundle=transaction",
        ],
    ];
    for args in cases {
        let mut command = Command::cargo_bin("endplate").unwrap();
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        command.args(*args).arg("-o").arg(folder.path());
        let run = command.output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains("--to fhir"), "{args:?}: {told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn one_person_for_several_recordings_that_are_named_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let second = "fixtures/recordings/simulated/lems-30hz.h5";
    let run = report(folder.path(), &[RECORDING, second, "--patient-id", "1"]);
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{told}");
    assert!(told.contains("named for 2 recordings"), "{told}");
    let alone = report(folder.path(), &[RECORDING, "--patient-id", "1"]);
    assert!(alone.stderr.is_empty(), "{alone:?}");
}
