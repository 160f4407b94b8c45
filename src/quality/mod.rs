//! Whether a train can be believed: what a fault of technique leaves in it, and what transmission never does.
//!
//! A check is one file (or one family in a file) that opens with its card, a [`Check`], and has one line in [`CHECKS`]. What it sees it
//! says as a [`Finding`] of the train; a check that refuses also takes the train's [`Trust`]: such a train gives no verdict, but keeps its
//! numbers.

mod settings;
mod temperature;

pub use settings::Settings;

use crate::cmap::Cmap;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Mark, Subject, Vocabulary};
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
    /// What is known about the subject.
    Study(fn(&Subject, &Settings) -> Option<Finding>),
}

/// Every check, in the order in which its findings are said.
pub static CHECKS: &[&Check] = &[&temperature::UNKNOWN, &temperature::LOW, &temperature::COOL];

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

/// What [`assess`] needs of one channel beside its trains.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The sweeps, polarity settled.
    pub sweeps: &'a [Sweep],
    /// The measured responses, one per sweep.
    pub cmaps: &'a [Cmap],
    /// The series around exercises.
    pub series: &'a [Series],
    /// The marks of the recording.
    pub marks: &'a [Mark],
    /// What the marks mean.
    pub vocabulary: &'a Vocabulary,
    /// What is known about the subject.
    pub subject: &'a Subject,
}

/// One train with everything around it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Which of the trains.
    pub index: usize,
    /// All trains of the channel.
    pub trains: &'a [Train],
    /// The channel.
    pub material: &'a Material<'a>,
    /// The limits.
    pub settings: &'a Settings,
}

/// Adds to each train what the checks say about it, and whether it can be believed.
pub fn assess(trains: &mut [Train], material: &Material<'_>, settings: &Settings) {
    let raised: Vec<(Vec<Finding>, Trust)> = (0..trains.len())
        .map(|index| {
            let scene = Scene {
                index,
                trains,
                material,
                settings,
            };
            judged(&scene)
        })
        .collect();
    for (train, (findings, trust)) in trains.iter_mut().zip(raised) {
        train.findings.extend(findings);
        train.trust = trust;
    }
}

fn judged(scene: &Scene<'_>) -> (Vec<Finding>, Trust) {
    let mut findings = Vec::new();
    let mut refusals = Vec::new();
    for check in CHECKS {
        let Find::Train(find) = check.find else {
            continue;
        };
        let Some(finding) = find(scene) else {
            continue;
        };
        if check.refuses {
            refusals.push(check.finding);
        }
        findings.push(finding);
    }
    let trust = if refusals.is_empty() {
        Trust::Believed
    } else {
        Trust::Refused(refusals)
    };
    (findings, trust)
}

/// What is noticed about the study as a whole.
pub fn of_study(subject: &Subject, settings: &Settings) -> Vec<Finding> {
    CHECKS
        .iter()
        .filter_map(|check| match check.find {
            Find::Study(find) => find(subject, settings),
            Find::Train(_) => None,
        })
        .collect()
}
