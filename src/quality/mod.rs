//! Whether a train can be believed: what a fault of technique leaves in it, and what transmission never does.
//!
//! A check is one file (or one family in a file) that opens with its card, a [`Check`], and has one line in [`CHECKS`]. What it sees it
//! says as a [`Finding`] of the train; a check that refuses also takes the train's [`Trust`]: such a train gives no verdict, but keeps its
//! numbers.
//!
#![doc = include_str!("../../docs/methods/quality.md")]

mod agreement;
mod envelope;
mod exercise;
mod movement;
mod resting;
mod rhythm;
mod scene;
mod settings;
mod shape;
mod signal;
mod smooth;
mod temperature;

pub use scene::Scene;
pub use settings::Settings;

use crate::cmap::Cmap;
use crate::finding::{Finding, FindingCode};
use crate::recording::Subject;
use crate::series::Series;
use crate::source::Source;
use crate::sweep::Sweep;
use crate::train::{Train, Trust};

/// The card of a check.
pub struct Check {
    /// What it raises; meaning and advice stand there.
    pub finding: FindingCode,
    /// What it looks at.
    pub looks_at: &'static str,
    /// Its rule, with the names of its settings.
    pub formula: &'static str,
    /// Whether a train with it cannot be believed; otherwise it is only doubted.
    pub refuses: bool,
    /// Where the rule stands.
    pub source: Source,
    /// Looks for it.
    pub find: Find,
}

/// What a check looks at.
#[derive(Clone, Copy)]
pub enum Find {
    /// One train of a channel.
    Train(fn(&Scene<'_>) -> Option<Finding>),
    /// All trains of a channel beside each other, and which of them are refused by checks of single trains; an answer for each.
    Reproduction(fn(&[Scene<'_>], &[bool]) -> Vec<Option<Finding>>),
    /// What is known about the subject.
    Study(fn(&Subject, &Settings) -> Option<Finding>),
}

/// Every check, in the order in which its findings are said.
pub static CHECKS: &[&Check] = &[
    &signal::SATURATED,
    &signal::NOISE,
    &signal::INTERVAL,
    &signal::MAINS_LEFT,
    &signal::MAINS,
    &signal::DRIFT,
    &signal::ARTEFACT,
    &rhythm::MISSING,
    &rhythm::EXTRA,
    &rhythm::NOT_MEASURED,
    &rhythm::CONTRADICTED,
    &rhythm::UNUSUAL,
    &envelope::STEP,
    &envelope::IRREGULAR,
    &envelope::LINEAR,
    &movement::FIRST,
    &envelope::SUBMAXIMAL,
    &movement::MOVEMENT,
    &movement::CREEPING,
    &agreement::AREA,
    &agreement::REPRODUCED,
    &resting::SMALLER,
    &exercise::LENGTH,
    &exercise::DELAY,
    &temperature::UNKNOWN,
    &temperature::LOW,
    &temperature::COOL,
];

/// The Norwegian guideline.
const KNF: Source = Source {
    citation: "Norsk forening for klinisk nevrofysiologi, method guideline on neuromuscular transmission",
    link: "https://www.legeforeningen.no",
    place: "",
};
/// No publication stands behind the rule.
const HEURISTIC: Source = Source {
    citation: "heuristic, tested on simulated studies",
    link: "",
    place: "docs/methods/quality.md",
};

/// The decrement of a low-rate train rests on its responses up to this one.
const DECIDING: usize = 5;
/// So many stimuli make a train with a rhythm.
const FEWEST: usize = 3;

/// What [`assess`] needs of one channel beside its trains.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The sweeps, polarity settled.
    pub sweeps: &'a [Sweep],
    /// The measured responses, one per sweep.
    pub cmaps: &'a [Cmap],
    /// The series around exercises.
    pub series: &'a [Series],
    /// What was noticed about the channel as a whole.
    pub channel_findings: &'a [Finding],
}

/// Adds to each train what the checks say about it, and whether it can be believed.
pub fn assess(trains: &mut [Train], material: &Material<'_>, settings: &Settings) {
    let scenes: Vec<Scene<'_>> = (0..trains.len())
        .map(|index| Scene::new(index, trains, material, settings))
        .collect();
    let of = |scene: &Scene<'_>| -> Vec<(&'static Check, Finding)> {
        CHECKS
            .iter()
            .filter_map(|&check| match check.find {
                Find::Train(find) => Some((check, find(scene)?)),
                Find::Reproduction(_) | Find::Study(_) => None,
            })
            .collect()
    };
    let mut raised: Vec<_> = scenes.iter().map(of).collect();
    let refused: Vec<bool> = raised
        .iter()
        .zip(trains.iter())
        .map(|(raised, train)| {
            train.trust == Trust::Excluded || raised.iter().any(|(check, _)| check.refuses)
        })
        .collect();
    for &check in CHECKS {
        if let Find::Reproduction(find) = check.find {
            for (raised, finding) in raised.iter_mut().zip(find(&scenes, &refused)) {
                raised.extend(finding.map(|finding| (check, finding)));
            }
        }
    }
    drop(scenes);
    for (train, raised) in trains.iter_mut().zip(raised) {
        let mut refusals = Vec::new();
        for (check, finding) in raised {
            if check.refuses {
                refusals.push(check.finding);
            }
            // What the grouping of the stimuli said already is not said twice.
            if !train.findings.iter().any(|said| said.code == finding.code) {
                train.findings.push(finding);
            }
        }
        train.trust = if train.trust == Trust::Excluded {
            Trust::Excluded
        } else if refusals.is_empty() {
            Trust::Believed
        } else {
            Trust::Refused(refusals)
        };
    }
}

/// What is noticed about the study as a whole.
pub fn of_study(subject: &Subject, settings: &Settings) -> Vec<Finding> {
    CHECKS
        .iter()
        .filter_map(|check| match check.find {
            Find::Study(find) => find(subject, settings),
            Find::Train(_) | Find::Reproduction(_) => None,
        })
        .collect()
}
