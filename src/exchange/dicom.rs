//! The report on paper as a DICOM object: Encapsulated PDF (PS3.3 A.45.1).

use super::Material;
use super::attachment::recorded;
use super::identifiers::{FIELDS, Identifiers};
use super::ids::{Id, ROOT};
use crate::clinical_report;
use crate::error::{Error, ErrorCode, Result};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::meta::FileMetaTableBuilder;
use dicom_object::{InMemDicomObject, mem::InMemElement};

/// LOINC's code for the study, as the concept of the document; LOINC 18749-2, listed in the value set c80-doc-typecodes of FHIR R4.
const CONCEPT: [&str; 3] = ["18749-2", "LN", "Electromyogram study"];
/// A document that a workstation converted (PS3.3 C.8.6.1, Conversion Type: WSD).
const CONVERSION: &str = "WSD";
/// The modality of a document (PS3.3 C.7.3.1.1.1).
const MODALITY: &str = "DOC";
/// The longest title (ST, PS3.5 6.2).
const TITLE_CHARACTERS: usize = 1024;

/// The file.
pub(super) fn object(material: &Material<'_>) -> Result<Vec<u8>> {
    let study = material.study;
    let identifiers = material.attachment.identifiers(study)?;
    let mut pdf = clinical_report::pdf(study, material.file, material.template)?;
    let length = u32::try_from(pdf.len()).map_err(|_| broken("the report is larger than 4 GiB"))?;
    if pdf.len() % 2 == 1 {
        pdf.push(0);
    }
    let hash = study.origin.sha256.as_bytes();
    // Of another patient or another order it is another study, be it only that a typing error was corrected.
    let whose = [
        tags::PATIENT_ID,
        tags::ISSUER_OF_PATIENT_ID,
        tags::ACCESSION_NUMBER,
    ]
    .map(|tag| identifiers.get(tag).unwrap_or_default().as_bytes());
    let [patient, issuer, order] = whose;
    // The number names the patient, however the name is spelled; without one the name and the birth date do.
    let [name, born] = [tags::PATIENT_NAME, tags::PATIENT_BIRTH_DATE]
        .map(|tag| identifiers.get(tag).filter(|_| patient.is_empty()))
        .map(|text| text.unwrap_or_default().as_bytes());
    let generated = Id::of(&[b"study", hash, patient, issuer, order, name, born]).uid();
    let study_uid = identifiers
        .get(tags::STUDY_INSTANCE_UID)
        .unwrap_or(&generated);
    let series = Id::of(&[b"series", study_uid.as_bytes(), hash]).uid();
    let mut elements = vec![
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        text(tags::SOP_CLASS_UID, VR::UI, uids::ENCAPSULATED_PDF_STORAGE),
        text(tags::CONTENT_DATE, VR::DA, ""),
        text(tags::CONTENT_TIME, VR::TM, ""),
        text(tags::ACQUISITION_DATE_TIME, VR::DT, &acquired(material)),
        text(tags::MODALITY, VR::CS, MODALITY),
        text(tags::CONVERSION_TYPE, VR::CS, CONVERSION),
        text(tags::MANUFACTURER, VR::LO, "endplate"),
        text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "endplate"),
        text(tags::SERIES_DESCRIPTION, VR::LO, CONCEPT[2]),
        text(tags::SOFTWARE_VERSIONS, VR::LO, study.provenance.version),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &series),
        text(tags::SERIES_NUMBER, VR::IS, "1"),
        text(tags::INSTANCE_NUMBER, VR::IS, "1"),
        text(tags::BURNED_IN_ANNOTATION, VR::CS, burned_in(material)),
        text(tags::DOCUMENT_TITLE, VR::ST, &title(material)?),
        sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, concept()),
        // Nobody has signed it.
        text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED"),
        text(
            tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT,
            VR::LO,
            "application/pdf",
        ),
        DataElement::new(
            tags::ENCAPSULATED_DOCUMENT_LENGTH,
            VR::UL,
            PrimitiveValue::from(length),
        ),
    ];
    elements.extend(source(material)?);
    elements.extend(identity(material, &identifiers, study_uid));
    elements.sort_by_key(|element| element.header().tag);
    let instance = instance(&elements, &pdf)?;
    elements.push(text(tags::SOP_INSTANCE_UID, VR::UI, &instance));
    elements.push(DataElement::new(
        tags::ENCAPSULATED_DOCUMENT,
        VR::OB,
        PrimitiveValue::from(pdf),
    ));
    write(InMemDicomObject::from_element_iter(elements))
}

fn broken(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorCode::Output, format!("DICOM: {what}"))
}

fn text(tag: Tag, vr: VR, text: &str) -> InMemElement {
    let value = if text.is_empty() {
        PrimitiveValue::Empty
    } else {
        PrimitiveValue::from(text)
    };
    DataElement::new(tag, vr, value)
}

fn sequence(tag: Tag, item: Vec<InMemElement>) -> InMemElement {
    let item = InMemDicomObject::from_element_iter(item);
    DataElement::new(
        tag,
        VR::SQ,
        DataSetSequence::new(vec![item], Length::UNDEFINED),
    )
}

fn concept() -> Vec<InMemElement> {
    let [value, scheme, meaning] = CONCEPT;
    vec![
        text(tags::CODE_VALUE, VR::SH, value),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
        text(tags::CODE_MEANING, VR::LO, meaning),
    ]
}

/// When the recording began, in the local time of the laboratory.
fn started(material: &Material<'_>) -> Option<jiff::civil::DateTime> {
    material.study.origin.started.as_ref()?.parse().ok()
}

fn acquired(material: &Material<'_>) -> String {
    started(material).map_or(String::new(), |at| at.strftime("%Y%m%d%H%M%S").to_string())
}

/// Whether the pages say who the person is.
fn burned_in(material: &Material<'_>) -> &'static str {
    if material.study.subject.identity.is_some() {
        "YES"
    } else {
        "NO"
    }
}

fn title(material: &Material<'_>) -> Result<String> {
    let form = clinical_report::compose(material.study, material.file, material.template)?;
    let clean = |c: char| if c.is_control() || c == '\\' { ' ' } else { c };
    Ok(form
        .title
        .chars()
        .map(clean)
        .take(TITLE_CHARACTERS)
        .collect())
}

/// The recording, if it is a DICOM object: the document was derived from it.
fn source(material: &Material<'_>) -> Result<Option<InMemElement>> {
    let origin = &material.study.origin;
    if origin.format != "dicom" {
        return Ok(None);
    }
    let recorded = recorded(origin)?;
    let of = |tag: Tag| {
        recorded
            .get(tag)
            .and_then(|element| element.value().primitive())
            .map(|value| value.to_str().trim_matches([' ', '\0']).to_owned())
            .filter(|uid| super::values::check(VR::UI, uid).is_ok())
    };
    // An object without them was no valid one, and cannot be referred to.
    let (Some(class), Some(instance)) = (of(tags::SOP_CLASS_UID), of(tags::SOP_INSTANCE_UID))
    else {
        return Ok(None);
    };
    Ok(Some(sequence(
        tags::SOURCE_INSTANCE_SEQUENCE,
        vec![
            text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, &class),
            text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &instance),
        ],
    )))
}

/// Patient and study. A study that endplate makes up is that of the day of the recording.
fn identity(
    material: &Material<'_>,
    identifiers: &Identifiers,
    study_uid: &str,
) -> Vec<InMemElement> {
    let made_up = identifiers.get(tags::STUDY_INSTANCE_UID).is_none();
    let day = |form: &str| {
        let started = started(material).filter(|_| made_up);
        started.map(|at| at.strftime(form).to_string())
    };
    FIELDS
        .iter()
        .filter_map(|field| {
            let value = match (field.tag, identifiers.get(field.tag)) {
                (_, Some(stated)) => Some(stated.to_owned()),
                (tags::STUDY_INSTANCE_UID, None) => Some(study_uid.to_owned()),
                (tags::STUDY_DATE, None) => day("%Y%m%d"),
                (tags::STUDY_TIME, None) => day("%H%M%S"),
                (_, None) => None,
            };
            match value {
                Some(value) => Some(text(field.tag, field.vr, &value)),
                None => field.always.then(|| text(field.tag, field.vr, "")),
            }
        })
        .collect()
}

/// Another content is another instance: the UID follows from all that is written.
fn instance(elements: &[InMemElement], pdf: &[u8]) -> Result<String> {
    let object = InMemDicomObject::from_element_iter(elements.iter().cloned());
    let file = object.with_meta(meta().media_storage_sop_instance_uid(ROOT));
    let mut written = Vec::new();
    file.map_err(broken)?
        .write_dataset(&mut written)
        .map_err(broken)?;
    Ok(Id::of(&[b"instance", &written, pdf]).uid())
}

fn meta() -> FileMetaTableBuilder {
    FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .implementation_class_uid(ROOT)
        .implementation_version_name(concat!("ENDPLATE_", env!("CARGO_PKG_VERSION")))
}

fn write(object: InMemDicomObject) -> Result<Vec<u8>> {
    let file = object.with_meta(meta()).map_err(broken)?;
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(broken)?;
    Ok(bytes)
}
