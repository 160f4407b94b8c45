//! What every resource of a bundle shares: identifiers, subject, date, device.

use super::super::Material;
use super::super::identifiers::Identifiers;
use super::super::ids::{FILE_HASHES, Id, SETTINGS_HASHES};
use crate::recording::sha256;
use dicom_dictionary_std::tags;
use serde_json::{Value as Json, json};

/// Names of identifiers of a patient and an order (HL7 v2 table 0203).
const IDENTIFIER_TYPES: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";

/// What every resource shares.
pub(super) struct Scene<'a> {
    pub(super) material: &'a Material<'a>,
    pub(super) identifiers: &'a Identifiers,
    settings: String,
}

impl<'a> Scene<'a> {
    pub(super) fn new(material: &'a Material<'a>, identifiers: &'a Identifiers) -> Self {
        Self {
            material,
            identifiers,
            settings: sha256(&material.study.provenance.settings),
        }
    }

    /// The id of a resource: it follows from the bytes of the recording and the place in it, so that a later analysis of the same
    /// recording replaces an earlier one.
    pub(super) fn id(&self, parts: &[&str]) -> Id {
        let hash = self.material.study.origin.sha256.as_bytes();
        let mut all: Vec<&[u8]> = vec![b"fhir", hash];
        all.extend(parts.iter().map(|part| part.as_bytes()));
        Id::of(&all)
    }

    /// The id of a train's observation; both numbers from 0.
    pub(super) fn train(&self, channel: usize, train: usize) -> Id {
        self.id(&["train", &channel.to_string(), &train.to_string()])
    }

    /// The id of the program with its settings.
    pub(super) fn device(&self) -> Id {
        let version = self.material.study.provenance.version.as_bytes();
        Id::of(&[b"fhir", b"device", version, self.settings.as_bytes()])
    }

    /// A resource with what all of them have.
    pub(super) fn resource(&self, kind: &str, id: Id) -> Json {
        json!({ "resourceType": kind, "id": id.to_string(), "language": "en" })
    }

    /// An observation without its value.
    pub(super) fn observation(&self, id: Id, code: Json) -> Json {
        let mut observation = self.resource("Observation", id);
        // A machine measured it, and nobody has looked at it.
        observation["status"] = json!("preliminary");
        observation["category"] = json!([{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "procedure",
            "display": "Procedure",
        }] }]);
        observation["code"] = code;
        observation["device"] = json!({ "reference": self.device().urn() });
        self.put_subject(&mut observation);
        observation
    }

    /// Puts subject and date, where they are known.
    pub(super) fn put_subject(&self, resource: &mut Json) {
        if let Some(subject) = self.subject() {
            resource["subject"] = subject;
        }
        if let Some(day) = self.day() {
            resource["effectiveDateTime"] = json!(day);
        }
    }

    /// The subject, only where a person named it.
    fn subject(&self) -> Option<Json> {
        let mut subject = json!({ "type": "Patient" });
        let reference = self.material.attachment.patient_reference.as_deref();
        if let Some(reference) = reference {
            subject["reference"] = json!(reference);
        }
        let id = self.identifiers.get(tags::PATIENT_ID);
        if let Some(id) = id {
            let mut identifier = json!({ "type": identifier_type("MR"), "value": id });
            if let Some(issuer) = self.identifiers.get(tags::ISSUER_OF_PATIENT_ID) {
                identifier["assigner"] = json!({ "display": issuer });
            }
            subject["identifier"] = identifier;
        }
        let name = self.identifiers.get(tags::PATIENT_NAME).and_then(displayed);
        if let Some(name) = &name {
            subject["display"] = json!(name);
        }
        (reference.is_some() || id.is_some() || name.is_some()).then_some(subject)
    }

    /// The day of the recording. A time would need its zone, which recordings do not state.
    fn day(&self) -> Option<String> {
        let started = self.material.study.origin.started.as_deref()?;
        let day = started.get(..10)?;
        day.parse::<jiff::civil::Date>().ok()?;
        Some(day.to_owned())
    }

    /// By which bytes and settings it was made.
    pub(super) fn made_from(&self) -> Vec<Json> {
        let origin = &self.material.study.origin;
        let mut made_from = Vec::new();
        if !origin.sha256.is_empty() {
            made_from.push(hash(
                FILE_HASHES,
                "SHA-256 of the recording",
                &origin.sha256,
            ));
        }
        for beside in &origin.beside {
            made_from.push(hash(
                FILE_HASHES,
                "SHA-256 of a file beside the recording",
                &beside.sha256,
            ));
        }
        made_from.push(hash(
            SETTINGS_HASHES,
            "SHA-256 of the settings",
            &self.settings,
        ));
        made_from
    }

    /// The hash of the settings.
    pub(super) fn settings(&self) -> &str {
        &self.settings
    }
}

fn hash(system: &str, text: &str, value: &str) -> Json {
    json!({ "use": "secondary", "type": { "text": text }, "system": system, "value": value })
}

/// The type of an identifier.
pub(super) fn identifier_type(code: &str) -> Json {
    json!({ "coding": [{ "system": IDENTIFIER_TYPES, "code": code }] })
}

/// A name of DICOM as a person reads it: family name first.
fn displayed(name: &str) -> Option<String> {
    let groups = name.split('=').map(|group| {
        let mut parts = group.split('^').map(str::trim);
        let family = parts.next().unwrap_or_default();
        let [given, middle, prefix, suffix] =
            std::array::from_fn(|_| parts.next().unwrap_or_default());
        let given: Vec<_> = [prefix, given, middle, suffix]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let both = [family.to_owned(), given.join(" ")];
        let both: Vec<_> = both.into_iter().filter(|part| !part.is_empty()).collect();
        both.join(", ")
    });
    let groups: Vec<_> = groups.filter(|group| !group.is_empty()).collect();
    (!groups.is_empty()).then(|| groups.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_a_person_reads_it() {
        let cases = [
            ("Doe^Jane", Some("Doe, Jane")),
            ("Doe^Jane^M.^Dr.^", Some("Doe, Dr. Jane M.")),
            ("^Jane", Some("Jane")),
            ("Yamada^Tarou=山田^太郎", Some("Yamada, Tarou · 山田, 太郎")),
            ("^^", None),
        ];
        for (stored, shown) in cases {
            assert_eq!(displayed(stored).as_deref(), shown);
        }
    }
}
