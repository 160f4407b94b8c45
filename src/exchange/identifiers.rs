//! What names a patient and a study, as DICOM names it: from a DICOM file, or from options.

use super::values;
use crate::error::{Error, ErrorCode, Result};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::collections::BTreeMap;
use std::path::Path;

/// A field that names a patient or a study.
pub struct Field {
    /// Its element.
    pub tag: Tag,
    /// The representation of its value.
    pub vr: VR,
    /// As an error calls it; never with its value.
    pub name: &'static str,
    /// Whether an object must have it, empty if it is not known (type 1 or 2 in PS3.3 C.7.1.1 and C.7.2.1).
    pub always: bool,
}

const fn field(tag: Tag, vr: VR, name: &'static str, always: bool) -> Field {
    Field {
        tag,
        vr,
        name,
        always,
    }
}

/// Every field that is taken over.
pub static FIELDS: &[Field] = &[
    field(tags::PATIENT_NAME, VR::PN, "the patient's name", true),
    field(tags::PATIENT_ID, VR::LO, "the patient's id", true),
    field(
        tags::ISSUER_OF_PATIENT_ID,
        VR::LO,
        "the issuer of the patient's id",
        false,
    ),
    field(
        tags::PATIENT_BIRTH_DATE,
        VR::DA,
        "the patient's birth date",
        true,
    ),
    field(tags::PATIENT_SEX, VR::CS, "the patient's sex", true),
    field(tags::STUDY_INSTANCE_UID, VR::UI, "the study's UID", true),
    field(tags::STUDY_DATE, VR::DA, "the study's date", true),
    field(tags::STUDY_TIME, VR::TM, "the study's time", true),
    field(tags::STUDY_ID, VR::SH, "the study's id", true),
    field(
        tags::STUDY_DESCRIPTION,
        VR::LO,
        "the study's description",
        false,
    ),
    field(tags::ACCESSION_NUMBER, VR::SH, "the accession number", true),
    field(
        tags::REFERRING_PHYSICIAN_NAME,
        VR::PN,
        "the referring physician",
        true,
    ),
];

/// What names a patient and a study. Every value passed the check of its representation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers(BTreeMap<Tag, String>);

impl Identifiers {
    /// The value of a field.
    pub fn get(&self, tag: Tag) -> Option<&str> {
        self.0.get(&tag).map(String::as_str)
    }

    /// States a value; an empty one is none.
    pub fn set(&mut self, tag: Tag, text: &str) -> Result<()> {
        let Some(field) = FIELDS.iter().find(|field| field.tag == tag) else {
            return Err(Error::new(
                ErrorCode::Internal,
                format!("{tag} names neither a patient nor a study"),
            ));
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if tag == tags::PATIENT_SEX && !matches!(text, "M" | "F" | "O") {
            return Err(
                Error::new(ErrorCode::Usage, "the patient's sex is none of M, F and O")
                    .at(format!("DICOM element {tag}, CS")),
            );
        }
        // No word of the value: the message ends up in tables and on terminals.
        values::check(field.vr, text).map_err(|wrong| {
            Error::new(ErrorCode::Usage, format!("{} {wrong}", field.name))
                .at(format!("DICOM element {tag}, {}", field.vr))
        })?;
        self.0.insert(tag, text.to_owned());
        Ok(())
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a DICOM file.
    pub fn of_file(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|cause| Error::io(path, cause))?;
        crate::formats::dicom_attributes(&bytes)
            .and_then(|object| of_object(&object))
            .map_err(|error| error.in_file(path))
    }
}

/// The character sets that one code means without switching within a text (PS3.3 C.12.1.1.2) and that the reader decodes.
const SETS: &[&str] = &[
    "ISO_IR 13",
    "ISO_IR 100",
    "ISO_IR 101",
    "ISO_IR 109",
    "ISO_IR 110",
    "ISO_IR 126",
    "ISO_IR 127",
    "ISO_IR 138",
    "ISO_IR 144",
    "ISO_IR 166",
    "ISO_IR 192",
    "GB18030",
    "GBK",
];

/// Those of a data set. It must name its study: a report that belongs to none is not attached.
pub(super) fn of_object(object: &InMemDicomObject) -> Result<Identifiers> {
    let text = |tag: Tag| -> String {
        let value = object
            .get(tag)
            .and_then(|element| element.value().primitive());
        value.map_or(String::new(), |value| {
            let text = value.to_str();
            text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
                .to_owned()
        })
    };
    let set = text(tags::SPECIFIC_CHARACTER_SET);
    let mut identifiers = Identifiers::default();
    for field in FIELDS {
        let value = text(field.tag);
        let spelled = value.bytes().all(|byte| byte.is_ascii() && byte != 0x1B);
        // Without a code only ASCII is allowed; the reader takes more for Latin-1, which would be a guess.
        if !spelled && !SETS.contains(&set.as_str()) {
            return Err(Error::new(
                ErrorCode::Unsupported,
                format!(
                    "{} has letters beyond ASCII in the character set \"{set}\", which is none of {}",
                    field.name,
                    SETS.join(", ")
                ),
            )
            .at(format!("DICOM element {}", field.tag))
            .advice("convert the file to UTF-8 (ISO_IR 192), for example with dcmconv +U8 (DCMTK)"));
        }
        if value.contains('\u{FFFD}') {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{} is not valid in the character set \"{set}\"", field.name),
            )
            .at(format!("DICOM element {}", field.tag))
            .advice("correct the character set (0008,0005) of the file, or give the identifiers as options"));
        }
        identifiers.set(field.tag, &value).map_err(|error| {
            error.advice("correct the file, or give the identifiers as options")
        })?;
    }
    if identifiers.get(tags::STUDY_INSTANCE_UID).is_none() {
        return Err(
            Error::new(ErrorCode::BadHeader, "it has no Study Instance UID")
                .at("DICOM element (0020,000D)")
                .advice("attach to an object of the study, or give the identifiers as options"),
        );
    }
    Ok(identifiers)
}
