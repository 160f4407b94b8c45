//! The pattern of a study over all muscles and times: which steps were asked, what each answered, and what follows. Never a diagnosis.
//!
#![doc = include_str!("../../docs/methods/pattern.md")]

mod card;
mod course;
mod facts;
mod rules;
mod settings;
mod words;

pub use card::{Family, PATTERNS, PatternCard};
pub use settings::Settings;

use crate::criteria;
use crate::finding::Finding;
use facts::Facts;
use schemars::JsonSchema;
use serde::Serialize;

/// One muscle of a study.
#[derive(Clone)]
pub struct Muscle<'a> {
    /// The index of its channel in the study.
    pub channel: usize,
    /// As a reader knows it: side and muscle, or the label of the channel.
    pub name: String,
    /// Its trains, series and responses.
    pub material: criteria::Material<'a>,
    /// What the sets say about it.
    pub verdicts: &'a [criteria::Verdict],
}

/// The pattern of a study, with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The id of its card in [`PATTERNS`].
    pub id: &'static str,
    /// The group of its card.
    pub family: Family,
    /// The sets by which it was read.
    pub sets: Sets,
    /// The pattern of each muscle, by channel.
    pub muscles: Vec<MusclePattern>,
    /// The reasons, step by step; a reader can follow them line by line.
    pub reasons: Vec<Reason>,
}

/// The sets by which a pattern was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sets {
    /// Of the decrement.
    pub decrement: String,
    /// Of a decrement that the first does not count as abnormal.
    pub decrement_second: Vec<String>,
    /// Of the increment.
    pub increment: String,
    /// Of the resting CMAP, in the order in which they were asked.
    pub resting: Vec<String>,
}

/// The pattern of one muscle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MusclePattern {
    /// The index of its channel in the study.
    pub channel: usize,
    /// Side and muscle.
    pub name: String,
    /// The id of its card.
    pub id: &'static str,
}

/// One line of the reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reason {
    /// Which question was asked.
    pub step: Step,
    /// The index of the channel that it is about; `None` for the whole study.
    pub channel: Option<usize>,
    /// The answer, with numbers, units and the sets.
    pub text: String,
}

/// The questions, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Can the trains be believed?
    Gate,
    /// Does one shock evoke two responses?
    Repetitive,
    /// Is the resting CMAP low?
    Resting,
    /// Does the response fall at low rate?
    Decrement,
    /// What is the shape of the fall?
    Shape,
    /// Does the response grow after exercise or at high rate?
    Increment,
    /// Does facilitation persist, does the decrement grow after exercise?
    Course,
    /// What follows for the muscle, and for the study?
    Conclusion,
}

impl Step {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Repetitive => "repetitive",
            Self::Resting => "resting",
            Self::Decrement => "decrement",
            Self::Shape => "shape",
            Self::Increment => "increment",
            Self::Course => "course",
            Self::Conclusion => "conclusion",
        }
    }
}

/// The card of an id.
pub fn card(id: &str) -> Option<&'static PatternCard> {
    PATTERNS.iter().find(|card| card.id == id).copied()
}

/// Reads the pattern of a study from its muscles and from what was noticed about the study as a whole.
pub fn read(muscles: &[Muscle<'_>], findings: &[Finding], settings: &Settings) -> Pattern {
    let mut reasons = words::temperature(findings);
    let mut cards = Vec::with_capacity(muscles.len());
    let mut read = Vec::with_capacity(muscles.len());
    for muscle in muscles {
        let facts = Facts::of(muscle, settings);
        let card = rules::of_muscle(&facts);
        reasons.extend(facts.reasons);
        reasons.push(Reason {
            step: Step::Conclusion,
            channel: Some(muscle.channel),
            text: format!("{}: {} (rule: {})", muscle.name, card.title, card.rule),
        });
        cards.push(card);
        read.push(MusclePattern {
            channel: muscle.channel,
            name: muscle.name.clone(),
            id: card.id,
        });
    }
    let card = rules::of_study(&cards);
    let names: Vec<_> = read
        .iter()
        .filter(|muscle| muscle.id == card.id)
        .map(|muscle| muscle.name.as_str())
        .collect();
    reasons.push(Reason {
        step: Step::Conclusion,
        channel: None,
        text: format!("{} ({}). {}", card.title, names.join(", "), card.caution),
    });
    Pattern {
        id: card.id,
        family: card.family,
        sets: Sets {
            decrement: settings.decrement.clone(),
            decrement_second: settings.decrement_second.clone(),
            increment: settings.increment.clone(),
            resting: settings.resting.clone(),
        },
        muscles: read,
        reasons,
    }
}
