//! The options that say to whom and to what a report is attached.

use crate::batch::Job;
use crate::error::{Error, ErrorCode, Result};
use crate::exchange::{
    Attachment, BundleKind, Identifiers, Identity, check_reference, written_date,
};
use dicom_dictionary_std::tags;
use std::io::Write as _;
use std::path::PathBuf;

/// The outputs that name whom they are attached to.
const ATTACHED: [&str; 2] = ["fhir", "dicom"];

/// To whom and to what reports for other systems (`fhir`, `dicom`) are attached; nothing by default.
// Without a group: its name would be that of the arguments of the command.
#[derive(clap::Args, Default)]
#[group(skip)]
pub struct Args {
    /// A DICOM file that names patient and study; `self`: the recording itself
    #[arg(
        long,
        value_name = "FILE.dcm|self",
        help_heading = "Attachment",
        conflicts_with_all = ["patient_id", "patient_name", "patient_birth_date", "patient_sex", "study_uid", "accession_number"]
    )]
    attach_to: Option<PathBuf>,
    /// The subject in FHIR: Patient/ID, an address that ends so, or urn:uuid:…
    #[arg(long, value_name = "REFERENCE", help_heading = "Attachment")]
    patient_reference: Option<String>,
    /// The number under which the hospital knows the patient
    #[arg(long, value_name = "ID", help_heading = "Attachment")]
    patient_id: Option<String>,
    /// The patient's name as DICOM has it: FAMILY^GIVEN
    #[arg(long, value_name = "NAME", help_heading = "Attachment")]
    patient_name: Option<String>,
    /// The patient's birth date: 1951-05-02
    #[arg(long, value_name = "DATE", help_heading = "Attachment")]
    patient_birth_date: Option<String>,
    /// The patient's sex: M, F or O
    #[arg(long, value_name = "SEX", help_heading = "Attachment")]
    patient_sex: Option<String>,
    /// The Study Instance UID of the study; without it one that follows from the recording
    #[arg(long, value_name = "UID", help_heading = "Attachment")]
    study_uid: Option<String>,
    /// The accession number of the order
    #[arg(long, value_name = "NUMBER", help_heading = "Attachment")]
    accession_number: Option<String>,
    /// What a FHIR server is to do with the bundle: nothing (collection), or store it (transaction)
    #[arg(long, value_name = "KIND", value_parser = ["collection", "transaction"], default_value = "collection", help_heading = "Attachment")]
    fhir_bundle: String,
}

impl Args {
    /// What was asked for. The files of a run are needed because one person must not be named for those of several.
    /// `to`: the outputs that were asked for, by their ids.
    pub(super) fn attachment(&self, jobs: &[Job], to: &[&str]) -> Result<Attachment> {
        if self.states_something() && !to.iter().any(|id| ATTACHED.contains(id)) {
            return Err(Error::new(
                ErrorCode::Usage,
                "patient or study are named, but no output takes them",
            )
            .advice("ask for one that does: --to fhir, --to dicom"));
        }
        let for_fhir = self.patient_reference.is_some() || self.fhir_bundle == "transaction";
        if for_fhir && !to.contains(&"fhir") {
            return Err(Error::new(
                ErrorCode::Usage,
                "--patient-reference and --fhir-bundle are about FHIR, which is not asked for",
            )
            .advice("ask for it: --to fhir"));
        }
        if let Some(reference) = &self.patient_reference {
            check_reference(reference)?;
        }
        let attachment = Attachment {
            patient_reference: self.patient_reference.clone(),
            bundle: match self.fhir_bundle.as_str() {
                "transaction" => BundleKind::Transaction,
                _ => BundleKind::Collection,
            },
            identity: self.identity()?,
        };
        let found = jobs.iter().any(|job| !job.named);
        if attachment.names_one() && jobs.len() > 1 && found {
            return Err(Error::new(
                ErrorCode::Usage,
                format!("one patient or study is named for a folder of {} files", jobs.len()),
            )
            .advice("name the files that belong to it one by one, or use --attach-to self for DICOM recordings"));
        }
        if attachment.names_one() && jobs.len() > 1 {
            // Not an error: the recordings of one sitting are often several files. A terminal that is gone cannot be told so.
            let _ = writeln!(
                std::io::stderr(),
                "endplate: one patient or study is named for {} recordings",
                jobs.len()
            );
        }
        Ok(attachment)
    }

    /// Whether anybody or anything is named.
    fn states_something(&self) -> bool {
        let texts = [
            &self.patient_reference,
            &self.patient_id,
            &self.patient_name,
            &self.patient_birth_date,
            &self.patient_sex,
            &self.study_uid,
            &self.accession_number,
        ];
        self.attach_to.is_some() || texts.into_iter().any(Option::is_some)
    }

    fn identity(&self) -> Result<Identity> {
        if let Some(path) = &self.attach_to {
            return if path.as_os_str() == "self" {
                Ok(Identity::OfRecording)
            } else {
                Identifiers::of_file(path).map(|found| Identity::Given(Box::new(found)))
            };
        }
        let birth_date = self.patient_birth_date.as_deref().map(written_date);
        let sex = self.patient_sex.as_deref().map(str::to_uppercase);
        let stated = [
            (tags::PATIENT_ID, self.patient_id.as_deref()),
            (tags::PATIENT_NAME, self.patient_name.as_deref()),
            (tags::PATIENT_BIRTH_DATE, birth_date.as_deref()),
            (tags::PATIENT_SEX, sex.as_deref()),
            (tags::STUDY_INSTANCE_UID, self.study_uid.as_deref()),
            (tags::ACCESSION_NUMBER, self.accession_number.as_deref()),
        ];
        let mut identifiers = Identifiers::default();
        for (tag, text) in stated {
            let Some(text) = text else { continue };
            if text.trim().is_empty() {
                // In a script whose variable is empty the report would be filed to nobody.
                return Err(Error::new(
                    ErrorCode::Usage,
                    "an option that names patient or study is empty",
                )
                .at(format!("DICOM element {tag}"))
                .advice("give its value, or leave the option out"));
            }
            identifiers.set(tag, text)?;
        }
        Ok(if identifiers.is_empty() {
            Identity::Unnamed
        } else {
            Identity::Given(Box::new(identifiers))
        })
    }
}
