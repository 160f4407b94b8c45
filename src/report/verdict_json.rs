//! Verdicts and the pattern as JSON: the types of the document and how they are filled.

use super::verdicts::value_of;
use crate::criteria::{Comparator, Outcome, Seen, Supports, Test, Verdict};
use crate::finding::FindingCode;
use crate::math::rounding::{rounded, rounded_seconds};
use crate::pattern::{self, Family, Pattern, Sets, Step};
use crate::plot;
use crate::series::When;
use crate::study::Study;
use crate::units::Seconds;
use schemars::JsonSchema;
use serde::Serialize;

/// What one rule of a criterion set says about a muscle.
#[derive(Serialize, JsonSchema)]
pub struct VerdictDocument {
    /// The id of the set.
    pub set: String,
    /// The id of the rule in the set.
    pub rule: String,
    /// Which test it is about.
    pub test: Test,
    /// What a met rule speaks for.
    pub supports: Supports,
    /// How a value is compared with the limit.
    pub comparator: Comparator,
    /// The limit, in the unit of the test.
    pub limit: f64,
    /// The unit of the limit and of all values here: `%`, `points` or `mV`.
    pub unit: &'static str,
    /// `met`, `not_met`, `undecided` or `not_applicable`.
    pub outcome: &'static str,
    /// Why it is undecided or not applicable.
    pub reason: Option<String>,
    /// What a reader must know about it.
    pub notes: Vec<String>,
    /// The term of the Human Phenotype Ontology for a met rule, where there is one.
    pub hpo: Option<String>,
    /// The values that the rule looked at.
    pub evidence: Vec<EvidenceDocument>,
}

/// One value that a rule looked at.
#[derive(Serialize, JsonSchema)]
pub struct EvidenceDocument {
    /// The number of the train, from 1.
    pub train: Option<usize>,
    /// The id of a convention or comparison, `first_response` or `late_over_early`.
    pub value_of: String,
    /// `exercise` and `delay` are in seconds.
    #[serde(flatten)]
    pub when: When,
    /// In the unit of the limit.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// What it says: `met`, `not_met`, `undecided`, `refused`, `not_measured` or `beside`.
    pub seen: &'static str,
    /// Why there is no value, or why it says nothing.
    pub reason: Option<String>,
    /// Why its train cannot be believed.
    pub refused_by: Vec<FindingCode>,
    /// The name of the figure that shows it, without extension.
    pub figure: Option<String>,
}

/// The pattern of a study.
#[derive(Serialize, JsonSchema)]
pub struct PatternDocument {
    /// The id of the pattern.
    pub id: &'static str,
    /// The group of the pattern.
    pub family: Family,
    /// As a reader knows it.
    pub title: &'static str,
    /// What it leaves open and what to do next.
    pub caution: &'static str,
    /// The criterion sets by which it was read.
    pub sets: Sets,
    /// The pattern of each muscle.
    pub muscles: Vec<MusclePatternDocument>,
    /// The reasons, line by line.
    pub reasons: Vec<ReasonDocument>,
}

/// The pattern of one muscle.
#[derive(Serialize, JsonSchema)]
pub struct MusclePatternDocument {
    /// The number of the channel, from 1.
    pub channel: usize,
    /// Side and muscle, or the label of the channel.
    pub name: String,
    /// The id of the pattern.
    pub id: &'static str,
}

/// One line of the reasons.
#[derive(Serialize, JsonSchema)]
pub struct ReasonDocument {
    /// Which question was asked.
    pub step: Step,
    /// The number of the channel, from 1; null for the whole study.
    pub channel: Option<usize>,
    /// The answer.
    pub text: String,
}

/// A verdict as JSON; `channel` is its place in the study.
pub fn verdict(study: &Study, channel: usize, verdict: &Verdict) -> VerdictDocument {
    VerdictDocument {
        set: verdict.set.clone(),
        rule: verdict.rule.clone(),
        test: verdict.test,
        supports: verdict.supports,
        comparator: verdict.comparator,
        limit: verdict.limit,
        unit: verdict.test.unit(),
        outcome: verdict.outcome.as_str(),
        reason: match &verdict.outcome {
            Outcome::Undecided(why) | Outcome::NotApplicable(why) => Some(why.clone()),
            Outcome::Met | Outcome::NotMet => None,
        },
        notes: verdict.notes.clone(),
        hpo: verdict.hpo.clone(),
        evidence: verdict
            .evidence
            .iter()
            .map(|evidence| {
                let value = evidence.value.as_ref();
                EvidenceDocument {
                    train: evidence.subject.train().map(|train| train + 1),
                    value_of: value_of(&evidence.subject).to_owned(),
                    when: when(evidence.when),
                    value: value.ok().and_then(|interval| rounded(interval.value)),
                    low: value.ok().and_then(|interval| rounded(interval.low)),
                    high: value.ok().and_then(|interval| rounded(interval.high)),
                    seen: evidence.seen.as_str(),
                    reason: match (&evidence.seen, value) {
                        (Seen::Beside(why), _) => Some(why.clone()),
                        (_, Err(why)) => Some(why.told()),
                        _ => None,
                    },
                    refused_by: match &evidence.seen {
                        Seen::Refused(codes) => codes.clone(),
                        _ => Vec::new(),
                    },
                    figure: plot::figure_of(study, channel, &evidence.subject),
                }
            })
            .collect(),
    }
}

/// The times of an entry, rounded as all times.
pub fn when(when: When) -> When {
    let round = |seconds: Seconds| Seconds(rounded_seconds(seconds.0).unwrap_or(seconds.0));
    match when {
        When::After { exercise, delay } => When::After {
            exercise: exercise.map(round),
            delay: round(delay),
        },
        other => other,
    }
}

/// A pattern as JSON.
pub fn pattern(pattern: &Pattern) -> PatternDocument {
    let card = pattern::card(pattern.id);
    PatternDocument {
        id: pattern.id,
        family: pattern.family,
        title: card.map_or("", |card| card.title),
        caution: card.map_or("", |card| card.caution),
        sets: pattern.sets.clone(),
        muscles: pattern
            .muscles
            .iter()
            .map(|muscle| MusclePatternDocument {
                channel: muscle.channel + 1,
                name: muscle.name.clone(),
                id: muscle.id,
            })
            .collect(),
        reasons: pattern
            .reasons
            .iter()
            .map(|reason| ReasonDocument {
                step: reason.step,
                channel: reason.channel.map(|channel| channel + 1),
                text: reason.text.clone(),
            })
            .collect(),
    }
}
