//! The limits of criterion sets in figures: where their lines lie and what the set says of the value.

use crate::criteria::{self, Seen, Supports, Verdict};
use crate::finding::FindingCode;
use crate::series::POINTS;
use crate::study::{ChannelStudy, Study};
use crate::train::Trust;
use crate::words::Words;

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
pub fn of_train(study: &Study, channel: &ChannelStudy, index: usize, words: &Words) -> Vec<Limit> {
    collect(
        study,
        channel,
        words,
        |subject| matches!(subject, criteria::Subject::Change { train, .. } if *train == index),
    )
}

/// The limits for the facilitation of the trains of a series.
pub fn of_facilitation(
    study: &Study,
    channel: &ChannelStudy,
    trains: &[usize],
    words: &Words,
) -> Vec<Limit> {
    collect(
        study,
        channel,
        words,
        |subject| matches!(subject, criteria::Subject::Comparison { comparison: "facilitation", to_train: Some(to), .. } if trains.contains(to)),
    )
}

fn collect(
    study: &Study,
    channel: &ChannelStudy,
    words: &Words,
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
            text: words.fill(
                "drawing.limit_said",
                &[
                    ("set", &verdict.set),
                    ("limit", &limit_text(verdict, words)),
                    ("answer", words.get(word(&seen))),
                ],
            ),
        });
    }
    limits.sort_by(|a, b| a.at.total_cmp(&b.at));
    limits
}

/// `≥ 10 %`
fn limit_text(verdict: &Verdict, words: &Words) -> String {
    let unit = match verdict.test.unit() {
        POINTS => words.get("form.points"),
        unit => unit,
    };
    let limit = words.spell(&verdict.limit.to_string());
    format!("{} {limit} {unit}", verdict.comparator)
}

/// The key of what a set says.
fn word(seen: &[&Seen]) -> &'static str {
    let any = |wanted: fn(&Seen) -> bool| seen.iter().any(|seen| wanted(seen));
    if any(|seen| *seen == Seen::Met) {
        "answer.met"
    } else if any(|seen| *seen == Seen::Undecided) {
        "answer.undecided"
    } else if any(|seen| *seen == Seen::NotMet) {
        "answer.not_met"
    } else if any(|seen| matches!(seen, Seen::Refused(_))) {
        "drawing.no_verdict"
    } else {
        "reason.not_applicable"
    }
}

/// What a figure of a train says about its trust.
pub fn refusal(trust: &Trust, words: &Words) -> Option<String> {
    match trust {
        Trust::Believed => None,
        Trust::Excluded => Some(words.get("drawing.excluded_train").to_owned()),
        Trust::Refused(codes) => {
            let known =
                |code: &FindingCode| words.find(&format!("finding.{}.meaning", code.as_str()));
            let said: Option<Vec<&str>> = codes.iter().map(known).collect();
            // English has these words in the code; a name is short, and a sentence ends with a point.
            let reasons = match said {
                Some(said) => said.join(". "),
                None => {
                    let names = codes.iter().map(|code| code.as_str().replace('_', " "));
                    names.collect::<Vec<_>>().join(", ")
                }
            };
            Some(words.fill("drawing.refused", &[("reasons", &reasons)]))
        }
    }
}
