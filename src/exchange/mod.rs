//! What a system files: the report with its numbers as a FHIR R4 bundle, and the report on paper as a DICOM object.
//!
//! Both carry the form of [`crate::clinical_report`]. Whose it is, and to which study it belongs, stands in an [`Attachment`] and only there.
//!
#![doc = include_str!("../../docs/exchange.md")]

mod attachment;
#[cfg(feature = "pdf")]
mod dicom;
mod fhir;
mod identifiers;
mod ids;
mod values;

pub use attachment::{Attachment, BundleKind, Identity, check_reference};
pub use identifiers::{FIELDS, Field, Identifiers};
pub use values::written_date;

use crate::clinical_report::Template;
use crate::error::Result;
use crate::study::Study;

/// What an exchange format is made from.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The study.
    pub study: &'a Study,
    /// The name of its file in the run.
    pub file: &'a str,
    /// How its report is written.
    pub template: &'a Template,
    /// To whom and to what it is attached.
    pub attachment: &'a Attachment,
}

/// The report and its numbers as a FHIR R4 (4.0.1) bundle in JSON, ending in a line feed. The same bytes on every run.
pub fn fhir(material: &Material<'_>) -> Result<Vec<u8>> {
    fhir::bundle(material)
}

/// The report on paper as a DICOM file: Encapsulated PDF, explicit little endian. The same bytes on every run.
#[cfg(feature = "pdf")]
pub fn dicom(material: &Material<'_>) -> Result<Vec<u8>> {
    dicom::object(material)
}
