//! Bundles: what R4 requires, and that no number, reason or doubt is lost on the way.

use super::{attached_to, made, with_material};
use base64::Engine as _;
use endplate::exchange::{self, Attachment, BundleKind};
use endplate::finding::FindingCode;
use endplate::recording::Identity;
use endplate::study::Study;
use endplate::train::Trust;
use serde_json::Value as Json;
use std::collections::BTreeSet;

fn bundle_of(study: &Study, attachment: &Attachment) -> Json {
    let bytes = with_material(study, attachment, exchange::fhir).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn bundle(study: &Study) -> Json {
    bundle_of(study, &Attachment::default())
}

fn resources(bundle: &Json) -> Vec<&Json> {
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().map(|entry| &entry["resource"]).collect()
}

fn of_type<'a>(bundle: &'a Json, kind: &str) -> Vec<&'a Json> {
    let mut all = resources(bundle);
    all.retain(|resource| resource["resourceType"] == kind);
    all
}

/// Every object with its path.
fn walk<'a>(node: &'a Json, path: &str, see: &mut impl FnMut(&'a Json, &str)) {
    see(node, path);
    match node {
        Json::Array(list) => list.iter().for_each(|child| walk(child, path, see)),
        Json::Object(map) => map
            .iter()
            .for_each(|(name, child)| walk(child, &format!("{path}.{name}"), see)),
        _ => {}
    }
}

/// The codes of the value sets that R4 binds, by the system.
const BOUND: &[(&str, &[&str])] = &[
    (
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        &[
            "unknown",
            "not-applicable",
            "not-performed",
            "error",
            "not-a-number",
        ],
    ),
    (
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        &["POS", "NEG", "IND"],
    ),
    (
        "http://terminology.hl7.org/CodeSystem/observation-category",
        &["procedure"],
    ),
    ("http://terminology.hl7.org/CodeSystem/v2-0074", &["EN"]),
    (
        "http://terminology.hl7.org/CodeSystem/v2-0203",
        &["MR", "ACSN"],
    ),
    ("http://loinc.org", &["18749-2"]),
];
const UCUM: &[&str] = &["mV", "ms", "s", "Hz", "mV.ms", "%", "Cel"];

fn check(name: &str, bundle: &Json) -> usize {
    assert_eq!(bundle["resourceType"], "Bundle", "{name}");
    let entries = bundle["entry"].as_array().unwrap();
    let urls: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry["fullUrl"].as_str().unwrap())
        .collect();
    assert_eq!(urls.len(), entries.len(), "{name}: a fullUrl stands twice");
    for entry in entries {
        let id = entry["resource"]["id"].as_str().unwrap();
        assert_eq!(entry["fullUrl"], format!("urn:uuid:{id}"), "{name}");
    }
    let [report] = of_type(bundle, "DiagnosticReport")[..] else {
        panic!("{name}: not one report");
    };
    assert_eq!(report["code"]["coding"][0]["code"], "18749-2");
    let observations = of_type(bundle, "Observation");
    assert_eq!(
        report["result"].as_array().unwrap().len(),
        observations.len()
    );
    for resource in observations.iter().copied().chain([report]) {
        assert_eq!(resource["status"], "preliminary", "{name}");
        assert!(resource["code"]["coding"][0]["code"].is_string(), "{name}");
    }
    for observation in observations {
        let mut parts = vec![observation];
        parts.extend(observation["component"].as_array().into_iter().flatten());
        for (place, part) in parts.iter().enumerate() {
            let values = part.as_object().unwrap().keys();
            let values = values.filter(|key| key.starts_with("value")).count();
            let reason = usize::from(part.get("dataAbsentReason").is_some());
            let grouping = place == 0 && part.get("component").is_some();
            assert!(
                values + reason == 1 || (grouping && values + reason == 0),
                "{name}: {part}"
            );
            assert!(part["code"]["text"].is_string(), "{name}: {part}");
        }
    }
    let mut quantities = 0;
    walk(bundle, "Bundle", &mut |node, path| match node {
        Json::Array(list) => assert!(!list.is_empty(), "{name}: {path} is empty"),
        Json::String(text) => assert!(!text.trim().is_empty(), "{name}: {path} is blank"),
        Json::Null => panic!("{name}: {path} is null"),
        Json::Object(map) => {
            assert!(!map.is_empty(), "{name}: {path} is empty");
            if let Some(reference) = node.get("reference").and_then(Json::as_str)
                && reference.starts_with("urn:uuid:")
            {
                assert!(urls.contains(reference), "{name}: {path} leads nowhere");
            }
            let system = node.get("system").and_then(Json::as_str);
            if let Some((_, codes)) = BOUND.iter().find(|(bound, _)| Some(*bound) == system) {
                let code = node["code"].as_str().unwrap();
                assert!(codes.contains(&code), "{name}: {path} {code}");
            }
            if node.get("value").is_some_and(Json::is_number) {
                quantities += 1;
                assert_eq!(system, Some("http://unitsofmeasure.org"), "{name}: {path}");
                let code = node["code"].as_str().unwrap();
                assert!(UCUM.contains(&code), "{name}: {path} {code}");
                if let Some(comparator) = node.get("comparator").and_then(Json::as_str) {
                    assert!(["<", "<=", ">=", ">"].contains(&comparator), "{name}");
                }
            }
        }
        _ => {}
    });
    quantities
}

fn code_of(part: &Json) -> &str {
    part["code"]["coding"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

fn component<'a>(observation: &'a Json, code: &str) -> &'a Json {
    let components = observation["component"].as_array().unwrap();
    let found = components
        .iter()
        .find(|component| code_of(component) == code);
    found.unwrap_or_else(|| panic!("no component {code}"))
}

#[test]
fn every_study_is_a_bundle_with_what_r4_requires_and_the_same_bytes_every_time() {
    let mut quantities = 0;
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        quantities += check(name, &bundle(&study));
        let bytes = || with_material(&study, &Attachment::default(), exchange::fhir).unwrap();
        assert!(bytes() == bytes(), "{name}");
    }
    assert!(quantities > 500, "{quantities}");
}

#[test]
fn every_train_has_an_observation_with_its_numbers_and_what_cannot_be_believed_says_so() {
    let mut refused = 0;
    for (name, mut study) in made::all().into_iter().chain(made::simulated()) {
        let trains = study.channels.iter_mut();
        if let Some(train) = trains.flat_map(|channel| &mut channel.trains).next() {
            train.trust = Trust::Refused(vec![FindingCode::IrregularRate]);
        }
        let bundle = bundle(&study);
        let mut observations = of_type(&bundle, "Observation");
        observations.retain(|observation| code_of(observation).starts_with("train."));
        let trains = study
            .channels
            .iter()
            .flat_map(|channel| channel.trains.iter().map(move |train| (channel, train)));
        let trains: Vec<_> = trains.collect();
        assert_eq!(observations.len(), trains.len(), "{name}");
        for (observation, (channel, train)) in observations.into_iter().zip(trains) {
            let first = train.first().map(|first| &channel.cmaps[first.index]);
            if let Some(cmap) = first {
                let shown = component(observation, "first.amplitude");
                match cmap.get("amplitude").unwrap() {
                    Ok(estimate) => {
                        let value = shown["valueQuantity"]["value"].as_f64().unwrap();
                        assert!(
                            (value - estimate.value).abs() <= 1e-6 * value.abs(),
                            "{name}"
                        );
                        let known = estimate.low.is_finite() && estimate.high.is_finite();
                        let interval = &shown["valueQuantity"]["extension"][0]["extension"];
                        assert_eq!(interval[1]["valueRange"]["low"]["value"].is_number(), known);
                    }
                    Err(why) => {
                        let code = format!("reason.{}", why.code());
                        assert_eq!(shown["dataAbsentReason"]["coding"][1]["code"], code);
                    }
                }
            }
            let believed = component(observation, "believed");
            assert_eq!(
                believed["valueBoolean"],
                train.trust.is_believed(),
                "{name}"
            );
            for code in train.trust.refused_by() {
                refused += 1;
                let notes = observation["note"].to_string();
                assert!(notes.contains(code.as_str()), "{name}: {notes}");
            }
        }
    }
    assert!(refused > 0, "no study has a train that cannot be believed");
}

#[test]
fn a_value_of_a_refused_train_is_no_evidence_and_a_verdict_is_interpreted_as_it_was_judged() {
    let mut seen = BTreeSet::new();
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        let bundle = bundle(&study);
        for observation in of_type(&bundle, "Observation") {
            if !code_of(observation).starts_with("criterion.") {
                continue;
            }
            let outcome = observation["valueCodeableConcept"]["coding"][0]["code"].as_str();
            let interpreted = observation["interpretation"][0]["coding"][0]["code"].as_str();
            let expected = match outcome {
                Some("outcome.met") => Some("POS"),
                Some("outcome.not_met") => Some("NEG"),
                Some("outcome.undecided") => Some("IND"),
                None => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(interpreted, expected, "{name}");
            seen.insert(interpreted.map(str::to_owned));
            assert!(component(observation, "limit")["valueQuantity"]["comparator"].is_string());
            for part in observation["component"].as_array().unwrap() {
                if part["code"]["text"]
                    .as_str()
                    .unwrap()
                    .ends_with(": refused")
                {
                    assert!(part.get("valueQuantity").is_none(), "{name}");
                    seen.insert(Some("refused".to_owned()));
                }
            }
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

#[test]
fn the_form_is_that_which_a_person_signs_and_the_conclusion_is_no_diagnosis() {
    let (_, study) = made::all().remove(0);
    let bundle = bundle(&study);
    let report = of_type(&bundle, "DiagnosticReport")[0];
    let form = &report["presentedForm"][0];
    let decode = |text: &Json| {
        let text = text.as_str().unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap()
    };
    let bytes = decode(&form["data"]);
    assert_eq!(form["size"], bytes.len());
    assert_eq!(decode(&form["hash"]).len(), 20);
    #[cfg(feature = "pdf")]
    assert!(form["contentType"] == "application/pdf" && bytes.starts_with(b"%PDF-"));
    #[cfg(not(feature = "pdf"))]
    assert_eq!(form["contentType"], "text/html");
    let conclusion = report["conclusion"].as_str().unwrap();
    assert!(
        conclusion.contains("not a diagnosis; no person has signed it"),
        "{conclusion}"
    );
    assert!(report.get("conclusionCode").is_none());
}

#[test]
fn the_conclusion_tells_trains_that_a_reader_excluded_from_those_that_cannot_be_believed() {
    let count = |study: &Study| -> usize {
        let channels = study.channels.iter();
        channels.map(|channel| channel.trains.len()).sum()
    };
    let studies = made::all().into_iter().chain(made::simulated());
    let (_, mut study) = studies.max_by_key(|(_, study)| count(study)).unwrap();
    let all = count(&study);
    assert!(all >= 3, "{all}");
    let trains = study.channels.iter_mut();
    let trains = trains.flat_map(|channel| &mut channel.trains);
    for (place, train) in trains.enumerate() {
        train.trust = match place {
            0 => Trust::Refused(vec![FindingCode::IrregularRate]),
            1 | 2 => Trust::Excluded,
            _ => Trust::Believed,
        };
    }
    let bundle = bundle(&study);
    let report = of_type(&bundle, "DiagnosticReport")[0];
    let conclusion = report["conclusion"].as_str().unwrap();
    for expected in [
        format!(" 1 of {all} trains cannot be believed"),
        format!(" 2 of {all} trains were excluded by a reader."),
    ] {
        assert!(conclusion.contains(&expected), "{conclusion}");
    }
}

#[test]
fn a_subject_stands_in_it_only_when_it_was_asked_for() {
    let (_, mut study) = made::all().remove(0);
    study.subject.identity = Identity {
        name: Some("Musterfrau^Erika".into()),
        birth_date: Some("1951-05-02".into()),
        record_number: Some("4711-99".into()),
    }
    .known();
    // `--identified` lets the form say who it is; the resources still do not.
    let bundle = bundle(&study);
    let text = bundle.to_string();
    assert!(
        !text.contains("Musterfrau")
            || of_type(&bundle, "DiagnosticReport")[0]["presentedForm"]
                .to_string()
                .contains("Musterfrau")
    );
    for resource in resources(&bundle) {
        assert!(resource.get("subject").is_none());
    }
    let attachment = Attachment {
        patient_reference: Some("Patient/7".into()),
        ..attached_to("latin1")
    };
    let bundle = bundle_of(&study, &attachment);
    check("attached", &bundle);
    for resource in of_type(&bundle, "Observation") {
        assert_eq!(resource["subject"]["reference"], "Patient/7");
        assert_eq!(resource["subject"]["identifier"]["value"], "00-123");
        assert_eq!(resource["subject"]["display"], "Müller, Jürgen");
    }
    let report = of_type(&bundle, "DiagnosticReport")[0];
    assert_eq!(report["basedOn"][0]["identifier"]["value"], "A-77");
    let study_uid = &report["imagingStudy"][0]["identifier"]["value"];
    assert_eq!(study_uid, "urn:oid:1.2.826.0.1.3680043.8.498.1.2");
}

#[test]
fn a_transaction_stores_each_resource_under_its_own_id() {
    let (_, study) = made::all().remove(0);
    let attachment = Attachment {
        bundle: BundleKind::Transaction,
        ..Attachment::default()
    };
    let bundle = bundle_of(&study, &attachment);
    check("transaction", &bundle);
    assert_eq!(bundle["type"], "transaction");
    for entry in bundle["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        let (kind, id) = (resource["resourceType"].as_str(), resource["id"].as_str());
        let url = format!("{}/{}", kind.unwrap(), id.unwrap());
        assert_eq!(entry["request"]["method"], "PUT");
        assert_eq!(entry["request"]["url"], url);
    }
}
