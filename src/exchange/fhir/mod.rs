//! The report as a bundle of FHIR R4 (4.0.1): a DiagnosticReport, an Observation of each train and test, the Device that measured.

mod body;
mod comparisons;
mod element;
mod report;
mod scene;
mod trains;
mod verdicts;

use super::Material;
use super::attachment::BundleKind;
use crate::error::{Error, ErrorCode, Result};
use scene::Scene;
use serde_json::{Value as Json, json};

/// The bundle.
pub(super) fn bundle(material: &Material<'_>) -> Result<Vec<u8>> {
    let identifiers = material.attachment.identifiers(material.study)?;
    let scene = Scene::new(material, &identifiers);
    let observations = observations(&scene);
    let mut resources = vec![report::diagnostic_report(&scene, &observations)?];
    resources.extend(observations);
    resources.push(report::device(&scene));
    let kind = material.attachment.bundle;
    let entries: Vec<Json> = resources
        .into_iter()
        .map(|resource| entry(kind, resource))
        .collect();
    let bundle = json!({
        "resourceType": "Bundle",
        "id": scene.id(&["bundle"]).to_string(),
        "type": match kind {
            BundleKind::Collection => "collection",
            BundleKind::Transaction => "transaction",
        },
        "entry": entries,
    });
    let mut text = serde_json::to_vec_pretty(&bundle)
        .map_err(|cause| Error::new(ErrorCode::Output, format!("FHIR: {cause}")))?;
    text.push(b'\n');
    Ok(text)
}

/// Every observation, in the order in which they are read: the study, then muscle by muscle its pattern, trains, comparisons, verdicts.
fn observations(scene: &Scene<'_>) -> Vec<Json> {
    let study = scene.material.study;
    let sets = verdicts::Sets::of(scene);
    let mut all = vec![report::study_pattern(scene)];
    all.extend(report::temperature(scene));
    for (place, channel) in study.channels.iter().enumerate() {
        let mut members = Vec::new();
        members
            .extend((0..channel.trains.len()).filter_map(|n| trains::observation(scene, place, n)));
        members.extend(comparisons::observations(scene, place));
        let judged = 0..channel.verdicts.len();
        members.extend(judged.filter_map(|n| verdicts::observation(scene, &sets, place, n)));
        all.push(report::muscle(scene, place, &members));
        all.extend(members);
    }
    all
}

/// The address of a resource within the bundle.
fn urn(resource: &Json) -> String {
    format!("urn:uuid:{}", resource["id"].as_str().unwrap_or_default())
}

/// References to resources of the bundle.
fn references(resources: &[Json]) -> Vec<Json> {
    let reference = |resource| json!({ "reference": urn(resource) });
    resources.iter().map(reference).collect()
}

fn entry(kind: BundleKind, resource: Json) -> Json {
    let mut entry = json!({ "fullUrl": urn(&resource) });
    if kind == BundleKind::Transaction {
        let text = |name: &str| resource[name].as_str().unwrap_or_default();
        let url = format!("{}/{}", text("resourceType"), text("id"));
        entry["request"] = json!({ "method": "PUT", "url": url });
    }
    entry["resource"] = resource;
    entry
}
