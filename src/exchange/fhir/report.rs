//! The report itself, the pattern of the study and its muscles, the temperature, and the program that measured.

use super::element::{exact, note, notes, own, put, put_list};
use super::scene::{Scene, identifier_type};
use super::verdicts::was_asked;
use super::{body, references};
use crate::clinical_report;
use crate::error::Result;
use crate::pattern;
use crate::train::Trust;
use crate::units::Unit;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dicom_dictionary_std::tags;
use serde_json::{Value as Json, json};
use sha1::{Digest as _, Sha1};

/// The report with its form.
pub(super) fn diagnostic_report(scene: &Scene<'_>, observations: &[Json]) -> Result<Json> {
    let mut report = scene.resource("DiagnosticReport", scene.id(&["report"]));
    report["identifier"] = Json::Array(scene.made_from());
    report["status"] = json!("preliminary");
    report["category"] = json!([{ "coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/v2-0074",
        "code": "EN",
        "display": "Electroneuro (EEG, EMG,EP,PSG)",
    }] }]);
    report["code"] = json!({ "coding": [{
        "system": "http://loinc.org",
        "code": "18749-2",
        "display": "Electromyogram study",
    }] });
    scene.put_subject(&mut report);
    if let Some(number) = scene.identifiers.get(tags::ACCESSION_NUMBER) {
        let identifier = json!({ "type": identifier_type("ACSN"), "value": number });
        report["basedOn"] = json!([{ "type": "ServiceRequest", "identifier": identifier }]);
    }
    if let Some(uid) = scene.identifiers.get(tags::STUDY_INSTANCE_UID) {
        let identifier = json!({ "system": "urn:dicom:uid", "value": format!("urn:oid:{uid}") });
        report["imagingStudy"] = json!([{ "type": "ImagingStudy", "identifier": identifier }]);
    }
    report["result"] = Json::Array(references(observations));
    report["conclusion"] = json!(conclusion(scene));
    report["presentedForm"] = json!([form(scene)?]);
    Ok(report)
}

/// The words of the pattern, and what they are not.
fn conclusion(scene: &Scene<'_>) -> String {
    let study = scene.material.study;
    let card = pattern::card(study.pattern.id);
    let title = card.map_or(study.pattern.id, |card| card.title);
    let caution = card.map_or("", |card| card.caution);
    let trains = || study.channels.iter().flat_map(|channel| &channel.trains);
    let all = trains().count();
    let excluded = trains()
        .filter(|train| train.trust == Trust::Excluded)
        .count();
    let refused = trains().filter(|train| !train.trust.is_believed()).count() - excluded;
    let mut left_out = String::new();
    if refused > 0 {
        left_out += &format!(" {refused} of {all} trains cannot be believed and gave no verdict.");
    }
    if excluded > 0 {
        left_out += &format!(" {excluded} of {all} trains were excluded by a reader.");
    }
    format!(
        "{title}. {caution}{left_out} This is a measurement by the program endplate {}, not a diagnosis; no person has signed it.",
        study.provenance.version
    )
}

/// The form that a person signs, as pages; without them as a web page.
fn form(scene: &Scene<'_>) -> Result<Json> {
    let material = scene.material;
    let (study, file, template) = (material.study, material.file, material.template);
    #[cfg(feature = "pdf")]
    let (kind, bytes) = (
        "application/pdf",
        clinical_report::pdf(study, file, template)?,
    );
    #[cfg(not(feature = "pdf"))]
    let (kind, bytes) = ("text/html", clinical_report::html(study, file, template)?);
    let title = clinical_report::compose(study, file, template)?.title;
    Ok(json!({
        "contentType": kind,
        "language": template.words.language,
        "data": STANDARD.encode(&bytes),
        "size": bytes.len(),
        "hash": STANDARD.encode(Sha1::digest(&bytes)),
        "title": title,
    }))
}

/// A pattern as a value.
fn of_pattern(id: &str) -> Json {
    let title = pattern::card(id).map_or(id, |card| card.title);
    own(&format!("pattern.{id}"), title)
}

/// The pattern of all muscles with its reasons, and what was noticed about the study.
pub(super) fn study_pattern(scene: &Scene<'_>) -> Json {
    let study = scene.material.study;
    let code = own(
        "pattern",
        "Pattern of neuromuscular transmission; not a diagnosis",
    );
    let mut observation = scene.observation(scene.id(&["pattern"]), code);
    observation["valueCodeableConcept"] = of_pattern(study.pattern.id);
    let reasons = study
        .pattern
        .reasons
        .iter()
        .filter(|reason| reason.channel.is_none());
    let mut told: Vec<Json> = reasons.map(|reason| note(reason.text.clone())).collect();
    told.extend(notes(&study.findings));
    let by_hand = study.told_corrections();
    told.extend(
        by_hand
            .iter()
            .map(|line| note(format!("Changed by hand: {line}"))),
    );
    if let Some(original) = &study.original {
        let id = original.pattern.id;
        let title = pattern::card(id).map_or(id, |card| card.title);
        told.push(note(format!("Without what was changed by hand: {title}")));
    }
    put_list(&mut observation, "note", told);
    let sets = &study.pattern.sets;
    let mut named = vec![&sets.decrement, &sets.increment];
    named.extend(&sets.decrement_second);
    named.extend(&sets.resting);
    let named: Vec<_> = named.into_iter().map(String::as_str).collect();
    observation["method"] =
        json!({ "text": format!("read by the criterion sets {}", named.join(", ")) });
    let recorder = study.origin.device.as_deref().map(str::trim);
    if let Some(recorder) = recorder.filter(|recorder| !recorder.is_empty()) {
        observation["component"] = json!([{
            "code": own("recorder", "Program or machine that wrote the recording"),
            "valueString": recorder,
        }]);
    }
    observation
}

/// The pattern of one muscle with its reasons, and what belongs to it.
pub(super) fn muscle(scene: &Scene<'_>, place: usize, members: &[Json]) -> Json {
    let study = scene.material.study;
    let code = own("muscle", "Pattern of one muscle; not a diagnosis");
    let mut observation = scene.observation(scene.id(&["muscle", &place.to_string()]), code);
    if let Some(channel) = study.channels.get(place) {
        observation["bodySite"] = body::site(channel);
        let reasons = study
            .pattern
            .reasons
            .iter()
            .filter(|reason| reason.channel == Some(place));
        let mut told: Vec<Json> = reasons.map(|reason| note(reason.text.clone())).collect();
        let series = channel.series.iter().flat_map(|series| &series.findings);
        told.extend(notes(channel.findings.iter().chain(series)));
        let verdicts = channel.verdicts.iter();
        let silent = verdicts.filter(|verdict| !was_asked(verdict)).count();
        if silent > 0 {
            told.push(note(format!(
                "{silent} of {} rules of criterion sets were not asked: they are for other muscles, or their test was not recorded.",
                channel.verdicts.len()
            )));
        }
        put_list(&mut observation, "note", told);
        let nerve = channel.nerve.as_deref().map(str::trim);
        if let Some(nerve) = nerve.filter(|nerve| !nerve.is_empty()) {
            observation["component"] = json!([{
                "code": own("nerve", "Nerve that was stimulated"),
                "valueString": nerve,
            }]);
        }
    }
    let found = study
        .pattern
        .muscles
        .iter()
        .find(|muscle| muscle.channel == place);
    match found {
        Some(found) => observation["valueCodeableConcept"] = of_pattern(found.id),
        None => {
            observation["dataAbsentReason"] =
                super::element::withheld("unknown", "no pattern was read for this channel");
        }
    }
    put_list(&mut observation, "hasMember", references(members));
    observation
}

/// The skin temperature, where it is known.
pub(super) fn temperature(scene: &Scene<'_>) -> Option<Json> {
    let skin = scene.material.study.subject.skin_temperature?;
    let code = own("skin_temperature", "Skin temperature over the muscle");
    let mut observation = scene.observation(scene.id(&["temperature"]), code);
    put(&mut observation, &Ok(exact(skin.0)), Unit::Celsius, "°C");
    Some(observation)
}

/// The program that measured, with its settings.
pub(super) fn device(scene: &Scene<'_>) -> Json {
    let mut device = scene.resource("Device", scene.device());
    device["type"] = json!({ "text": "Software that measures compound muscle action potentials" });
    device["deviceName"] = json!([{ "name": "endplate", "type": "model-name" }]);
    device["version"] = json!([
        { "type": { "text": "endplate" }, "value": scene.material.study.provenance.version },
        { "type": { "text": "SHA-256 of the settings" }, "value": scene.settings() },
    ]);
    device
}
