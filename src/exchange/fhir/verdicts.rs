//! An observation of each verdict: what a published criterion says, with its evidence.

use super::body;
use super::element::{note, own, put, put_list, quantity, withheld};
use super::scene::Scene;
use crate::criteria::{
    Comparator, CriterionSet, Evidence, Outcome, Seen, Subject, Test, Verdict, built_in,
};
use crate::study::{ChannelStudy, Settings};
use crate::units::Unit;
use serde_json::{Value as Json, json};

/// Whether a criterion is met, in HL7's words.
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
/// The Human Phenotype Ontology.
const HPO: &str = "http://human-phenotype-ontology.org";

/// The sets that a study was judged by.
pub(super) struct Sets(Vec<CriterionSet>);

impl Sets {
    /// Those of the laboratory, from the settings of the study.
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let settings = Settings::from_toml(&scene.material.study.provenance.settings);
        Self(
            settings
                .map(|settings| settings.criteria.own)
                .unwrap_or_default(),
        )
    }

    fn set(&self, id: &str) -> Option<&CriterionSet> {
        self.0.iter().chain(built_in()).find(|set| set.id == id)
    }
}

/// Whether the rule could be asked of this muscle at all: it concerns it, and its test was recorded.
pub(super) fn was_asked(verdict: &Verdict) -> bool {
    !verdict.evidence.is_empty()
}

/// The observation of a verdict that was asked; both numbers from 0.
pub(super) fn observation(
    scene: &Scene<'_>,
    sets: &Sets,
    place: usize,
    number: usize,
) -> Option<Json> {
    let channel = scene.material.study.channels.get(place)?;
    let verdict = channel
        .verdicts
        .get(number)
        .filter(|verdict| was_asked(verdict))?;
    let set = sets.set(&verdict.set);
    let name = set.map_or(verdict.set.as_str(), |set| set.name.as_str());
    let id = scene.id(&["verdict", &place.to_string(), &verdict.set, &verdict.rule]);
    let code = own(
        &format!("criterion.{}.{}", verdict.set, verdict.rule),
        &format!("{name}: {}, {}", verdict.test.words(), verdict.limit_text()),
    );
    let mut observation = scene.observation(id, code);
    observation["bodySite"] = body::site(channel);
    match &verdict.outcome {
        Outcome::NotApplicable(why) => {
            observation["dataAbsentReason"] = withheld("not-applicable", why);
        }
        judged => {
            let (interpretation, words) = match judged {
                Outcome::Met => (["POS", "Positive"], "met"),
                Outcome::NotMet => (["NEG", "Negative"], "not met"),
                _ => (["IND", "Indeterminate"], "undecided"),
            };
            observation["valueCodeableConcept"] =
                own(&format!("outcome.{}", judged.as_str()), words);
            observation["interpretation"] = json!([interpreted(interpretation)]);
        }
    }
    if let Some(set) = set {
        let source = [&set.source.citation, &set.source.link, &set.source.place];
        let source: Vec<_> = source
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect();
        observation["method"] = json!({ "text": source.join("; ") });
    }
    let mut components = vec![limit(verdict)];
    if let Some(term) = &verdict.hpo {
        components.push(json!({
            "code": own("phenotype", "Term of the Human Phenotype Ontology"),
            "valueCodeableConcept": { "coding": [{ "system": HPO, "code": term }] },
        }));
    }
    components.extend(verdict.evidence.iter().map(|e| evidence(verdict, e)));
    observation["component"] = Json::Array(components);
    let mut told = Vec::new();
    if let Outcome::Undecided(why) = &verdict.outcome {
        told.push(note(why.clone()));
    }
    told.extend(verdict.notes.iter().cloned().map(note));
    if set.is_some_and(|set| !set.verified) {
        told.push(note("The numbers of this set were not read in the source."));
    }
    put_list(&mut observation, "note", told);
    put_list(
        &mut observation,
        "derivedFrom",
        rests_on(scene, place, channel, verdict),
    );
    Some(observation)
}

fn interpreted([code, display]: [&str; 2]) -> Json {
    json!({ "coding": [{ "system": INTERPRETATION, "code": code, "display": display }] })
}

/// The unit of a test, and as a person reads it.
fn unit(test: Test) -> (Unit, &'static str) {
    match test {
        Test::Resting => (Unit::Millivolts, "mV"),
        Test::Exhaustion => (Unit::Percent, "percentage points"),
        _ => (Unit::Percent, "%"),
    }
}

/// What a value is compared with.
fn limit(verdict: &Verdict) -> Json {
    let (unit, words) = unit(verdict.test);
    let comparator = match verdict.comparator {
        Comparator::AtLeast => ">=",
        Comparator::Above => ">",
        Comparator::AtMost => "<=",
        Comparator::Below => "<",
    };
    let mut component = json!({ "code": own("limit", "A value that meets the criterion") });
    match quantity(&super::element::exact(verdict.limit), unit, words) {
        Some(mut limit) => {
            limit["comparator"] = json!(comparator);
            component["valueQuantity"] = limit;
        }
        None => component["dataAbsentReason"] = withheld("not-a-number", "the limit is no number"),
    }
    component
}

/// One value that the criterion looked at. That of a train that cannot be believed stands only with the train.
fn evidence(verdict: &Verdict, evidence: &Evidence) -> Json {
    let (unit, words) = unit(verdict.test);
    let of = match &evidence.subject {
        Subject::Change { convention, .. } => convention.as_str(),
        Subject::Comparison { comparison, .. } => comparison,
        Subject::LateOverEarly { .. } => "late_over_early",
        Subject::First { .. } => "first.amplitude",
    };
    let train = evidence.subject.train();
    let train = train.map_or(String::new(), |train| format!("train {}, ", train + 1));
    let seen = evidence.seen.as_str().replace('_', " ");
    let code = own(&format!("evidence.{of}"), &format!("{train}{of}: {seen}"));
    let mut component = json!({ "code": code });
    let interpretation = match &evidence.seen {
        Seen::Refused(codes) => {
            let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
            let why = format!("the train cannot be believed: {}", codes.join(", "));
            component["dataAbsentReason"] = withheld("error", &why);
            return component;
        }
        Seen::Met => Some(["POS", "Positive"]),
        Seen::NotMet => Some(["NEG", "Negative"]),
        Seen::Undecided => Some(["IND", "Indeterminate"]),
        Seen::NotMeasured | Seen::Beside(_) => None,
    };
    put(&mut component, &evidence.value, unit, words);
    if let Some(interpretation) = interpretation {
        component["interpretation"] = json!([interpreted(interpretation)]);
    }
    if let Seen::Beside(why) = &evidence.seen {
        component["code"]["text"] = json!(format!("{train}{of}: says nothing, {why}"));
    }
    component
}

/// The trains of the evidence, each once.
fn rests_on(
    scene: &Scene<'_>,
    place: usize,
    channel: &ChannelStudy,
    verdict: &Verdict,
) -> Vec<Json> {
    let mut trains: Vec<usize> = verdict
        .evidence
        .iter()
        .filter_map(|evidence| evidence.subject.train())
        .filter(|train| *train < channel.trains.len())
        .collect();
    trains.sort_unstable();
    trains.dedup();
    let reference = |train| json!({ "reference": scene.train(place, train).urn() });
    trains.into_iter().map(reference).collect()
}
