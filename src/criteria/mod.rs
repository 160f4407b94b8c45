//! What published criteria say about the trains of a muscle, with the evidence and the source. Never a diagnosis.
//!
#![doc = include_str!("../../docs/methods/criteria.md")]

mod card;
mod decide;
mod evidence;
mod judge;
mod sets;
mod settings;

pub use card::{Accuracy, Citation, Comparator, CriterionSet, Gray, Rule, Supports, Test};
pub use decide::Interval;
pub use evidence::{Evidence, Seen, Subject};
pub use judge::{Material, judge};
pub use sets::built_in;
pub use settings::Settings;

use schemars::JsonSchema;
use serde::Serialize;

/// What one rule of one set says about one muscle.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
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
    /// Met, not met, undecided or not applicable.
    pub outcome: Outcome,
    /// Whether a value that does not meet the rule lies in its gray zone.
    pub gray: bool,
    /// What a reader must know about it.
    pub notes: Vec<String>,
    /// What it rests on, in order of time.
    pub evidence: Vec<Evidence>,
    /// The term of the Human Phenotype Ontology, if the rule is met and has one.
    pub hpo: Option<String>,
}

impl Verdict {
    /// Comparator, limit and unit: `≥ 60 %`.
    pub fn limit_text(&self) -> String {
        format!("{} {} {}", self.comparator, self.limit, self.test.unit())
    }

    /// The evidence that decided: of that which says what the verdict says, the one with the largest value; of equal ones the last.
    pub fn deciding(&self) -> Option<&Evidence> {
        let spans = |evidence: &Evidence| evidence.seen == Seen::Undecided;
        let wanted = match self.outcome {
            Outcome::Met => Seen::Met,
            Outcome::NotMet => Seen::NotMet,
            Outcome::Undecided(_) if self.evidence.iter().any(spans) => Seen::Undecided,
            Outcome::Undecided(_) => Seen::Met,
            Outcome::NotApplicable(_) => return None,
        };
        let value = |evidence: &Evidence| {
            let value = evidence.value.as_ref();
            value.map_or(f64::NEG_INFINITY, |interval| interval.value)
        };
        let agree = self
            .evidence
            .iter()
            .filter(|evidence| evidence.seen == wanted);
        agree.max_by(|a, b| value(a).total_cmp(&value(b)))
    }
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum Outcome {
    /// The whole interval meets the limit.
    Met,
    /// No part of the interval meets the limit.
    NotMet,
    /// The interval spans the limit, or the set asks for more than was recorded; the text says which.
    Undecided(String),
    /// The rule cannot be asked here; the text says why.
    NotApplicable(String),
}

impl Outcome {
    /// `met`, `not_met`, `undecided` or `not_applicable`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Undecided(_) => "undecided",
            Self::NotApplicable(_) => "not_applicable",
        }
    }

    /// Why it is undecided or not applicable; empty otherwise.
    pub fn reason(&self) -> &str {
        match self {
            Self::Undecided(why) | Self::NotApplicable(why) => why,
            Self::Met | Self::NotMet => "",
        }
    }
}
