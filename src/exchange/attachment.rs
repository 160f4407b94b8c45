//! To whom and to what a report is attached. Nothing here is ever filled but by a person who asked for it.

use super::identifiers::{self, Identifiers};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Origin, sha256};
use crate::study::Study;
use std::borrow::Cow;

/// To whom and to what a report is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The subject of the FHIR resources: `Patient/123`, an address that ends so, or `urn:uuid:…`.
    pub patient_reference: Option<String>,
    /// What a server is to do with the bundle.
    pub bundle: BundleKind,
    /// Who the patient is and which study it is.
    pub identity: Identity,
}

/// What a server is to do with a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BundleKind {
    /// Nothing: resources that belong together.
    #[default]
    Collection,
    /// To store each resource under its own id, so that sending it again changes nothing.
    Transaction,
}

/// Where patient and study are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Nowhere.
    #[default]
    Unnamed,
    /// Here.
    Given(Box<Identifiers>),
    /// In the recording itself, which is a DICOM object.
    OfRecording,
}

impl Attachment {
    /// Whether it names one person or study, so that it must not be used for several by mistake.
    pub fn names_one(&self) -> bool {
        self.patient_reference.is_some() || matches!(self.identity, Identity::Given(_))
    }

    /// The identifiers for a study.
    pub(super) fn identifiers(&self, study: &Study) -> Result<Cow<'_, Identifiers>> {
        match &self.identity {
            Identity::Unnamed => Ok(Cow::Owned(Identifiers::default())),
            Identity::Given(given) => Ok(Cow::Borrowed(given)),
            Identity::OfRecording => {
                let origin = &study.origin;
                if origin.format != "dicom" {
                    return Err(Error::new(
                        ErrorCode::Usage,
                        format!("the recording is {}, not DICOM, so it cannot say to which study the report belongs", origin.format),
                    )
                    .in_file(&origin.path)
                    .advice("give --attach-to a DICOM file of the study, or the identifiers as options"));
                }
                identifiers::of_object(&recorded(origin)?)
                    .map(Cow::Owned)
                    .map_err(|error| error.in_file(&origin.path))
            }
        }
    }
}

/// The data set of a recording that is a DICOM object, which must still be the one that was measured.
pub(super) fn recorded(origin: &Origin) -> Result<dicom_object::InMemDicomObject> {
    let bytes = std::fs::read(&origin.path).map_err(|cause| Error::io(&origin.path, cause))?;
    if sha256(&bytes) != origin.sha256 {
        return Err(
            Error::new(ErrorCode::Io, "the file changed after it was measured")
                .in_file(&origin.path)
                .advice("analyze it again"),
        );
    }
    crate::formats::dicom_attributes(&bytes).map_err(|error| error.in_file(&origin.path))
}

/// Whether a text can be the subject of FHIR resources, or what is wrong with it.
pub fn check_reference(text: &str) -> Result<()> {
    let id = |id: &str| {
        // R4, data types: id
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    let address = |text: &str| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_graphic()))
    };
    let good = match text.rsplit_once("Patient/") {
        Some(("", last)) => id(last),
        Some((before, last)) => id(last) && before.ends_with('/') && address(before),
        None => text.strip_prefix("urn:uuid:").is_some_and(uuid),
    };
    if good {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Usage,
        "--patient-reference is no reference to a FHIR Patient",
    )
    .advice(
        "write Patient/ID (letters, digits, - and . up to 64), https://SERVER/Patient/ID or urn:uuid:…",
    ))
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_to_a_patient() {
        for good in [
            "Patient/123",
            "Patient/a-b.C",
            "https://fhir.example/r4/Patient/7",
            "urn:uuid:19846397-291b-4ae7-a9ad-3f3a6c81d780",
        ] {
            assert!(check_reference(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "123",
            "Patient/",
            "Patient/a b",
            "Patient/Müller",
            "Group/1",
            "xPatient/1",
            "ftp://a/Patient/1",
            "urn:uuid:19846397",
        ] {
            assert!(check_reference(wrong).is_err(), "{wrong}");
        }
    }
}
