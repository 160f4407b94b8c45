//! The limits of criterion sets in figures: where their lines lie and what the set says of the value.

use crate::criteria::{self, Seen, Supports, Verdict};
use crate::study::{ChannelStudy, Study};
use crate::train::Trust;

/// A limit that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The limit, in the unit of the rule.
    pub at: f64,
    /// Whether it is one of growth; else of a fall.
    pub upward: bool,
    /// `aaem-2001 (≥ 10 %): met`.
    pub text: String,
}

/// The limits for the change over a train: those that the pattern is read by, and of an increment every other published limit once.
pub fn of_train(study: &Study, channel: &ChannelStudy, index: usize) -> Vec<Limit> {
    collect(
        study,
        channel,
        |subject| matches!(subject, criteria::Subject::Change { train, .. } if *train == index),
    )
}

/// The limits for the facilitation of the trains of a series.
pub fn of_facilitation(study: &Study, channel: &ChannelStudy, trains: &[usize]) -> Vec<Limit> {
    collect(
        study,
        channel,
        |subject| matches!(subject, criteria::Subject::Comparison { comparison: "facilitation", to_train: Some(to), .. } if trains.contains(to)),
    )
}

fn collect(
    study: &Study,
    channel: &ChannelStudy,
    about: impl Fn(&criteria::Subject) -> bool,
) -> Vec<Limit> {
    let sets = &study.pattern.sets;
    let leads = |verdict: &Verdict| match verdict.supports {
        Supports::Decrement => {
            verdict.set == sets.decrement || sets.decrement_second.contains(&verdict.set)
        }
        Supports::Increment => verdict.set == sets.increment,
        _ => false,
    };
    let mut limits: Vec<Limit> = Vec::new();
    // The sets of the pattern go first, so that a limit bears their name.
    let (first, others): (Vec<_>, Vec<_>) = channel.verdicts.iter().partition(|v| leads(v));
    let others = others
        .into_iter()
        .filter(|verdict| verdict.supports == Supports::Increment);
    for verdict in first.into_iter().chain(others) {
        let seen: Vec<&Seen> = verdict
            .evidence
            .iter()
            .filter(|evidence| about(&evidence.subject))
            .map(|evidence| &evidence.seen)
            .collect();
        let known = limits.iter().any(|limit| limit.at == verdict.limit);
        if seen.is_empty() || known {
            continue;
        }
        limits.push(Limit {
            at: verdict.limit,
            upward: verdict.supports == Supports::Increment,
            text: format!(
                "{} ({}): {}",
                verdict.set,
                verdict.limit_text(),
                word(&seen)
            ),
        });
    }
    limits.sort_by(|a, b| a.at.total_cmp(&b.at));
    limits
}

fn word(seen: &[&Seen]) -> &'static str {
    let any = |wanted: fn(&Seen) -> bool| seen.iter().any(|seen| wanted(seen));
    if any(|seen| *seen == Seen::Met) {
        "met"
    } else if any(|seen| *seen == Seen::Undecided) {
        "undecided"
    } else if any(|seen| *seen == Seen::NotMet) {
        "not met"
    } else if any(|seen| matches!(seen, Seen::Refused(_))) {
        "no verdict"
    } else {
        "not applicable"
    }
}

/// What a figure of a train says about its trust.
pub fn refusal(trust: &Trust) -> Option<String> {
    match trust {
        Trust::Believed => None,
        Trust::Excluded => Some("excluded by a reader: in no series and no verdict".to_owned()),
        Trust::Refused(codes) => {
            let codes: Vec<_> = codes
                .iter()
                .map(|code| code.as_str().replace('_', " "))
                .collect();
            Some(format!("cannot be believed: {}", codes.join(", ")))
        }
    }
}
