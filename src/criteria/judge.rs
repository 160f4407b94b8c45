//! From the trains and series of one muscle to the verdicts of all sets.

use super::card::{CriterionSet, Rule, Supports, Test};
use super::decide::{Interval, Side, side};
use super::evidence::{Candidate, Evidence, Seen, Subject, candidates};
use super::settings::Settings;
use super::{Outcome, Verdict};
use crate::cmap::Cmap;
use crate::recording::muscle::muscle;
use crate::series::{self, Series, When};
use crate::train::Train;
use std::collections::BTreeSet;

/// What [`judge`] needs of one channel.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The name of the muscle, where known.
    pub muscle: Option<&'a str>,
    /// The channel's trains.
    pub trains: &'a [Train],
    /// The channel's series.
    pub series: &'a [Series],
    /// The channel's responses.
    pub cmaps: &'a [Cmap],
}

impl Material<'_> {
    /// When a train was recorded, as to exercise.
    pub fn when(&self, train: usize) -> When {
        series::entry_of(self.series, train).map_or(When::Unknown, |entry| entry.when)
    }
}

/// The verdicts of every set that the settings ask for, and of those that are always asked, rule by rule.
pub fn judge(material: &Material<'_>, settings: &Settings, always: &[&str]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for set in settings.active(always) {
        verdicts.extend(
            set.rules
                .iter()
                .map(|rule| verdict(set, rule, material, settings)),
        );
    }
    verdicts
}

/// The verdict of one rule.
fn verdict(
    set: &CriterionSet,
    rule: &Rule,
    material: &Material<'_>,
    settings: &Settings,
) -> Verdict {
    let mut verdict = Verdict {
        set: set.id.clone(),
        rule: rule.id.clone(),
        test: rule.test,
        supports: rule.supports,
        comparator: rule.comparator,
        limit: rule.limit,
        outcome: Outcome::NotMet,
        gray: false,
        notes: Vec::new(),
        evidence: Vec::new(),
        hpo: None,
    };
    if let Some(why) = muscle_differs(rule, material.muscle) {
        verdict.outcome = Outcome::NotApplicable(why);
        return verdict;
    }
    verdict.evidence = candidates(rule, material, settings)
        .into_iter()
        .map(|candidate| seen(rule, candidate, settings))
        .collect();
    verdict.outcome = outcome(rule, &verdict.evidence);
    verdict.gray = in_gray(rule, &verdict);
    verdict.notes = notes(rule, material, &verdict);
    if verdict.outcome == Outcome::Met {
        verdict.hpo.clone_from(&rule.hpo);
    }
    verdict
}

/// Why a rule does not concern this muscle.
fn muscle_differs(rule: &Rule, name: Option<&str>) -> Option<String> {
    if rule.muscles.is_empty() {
        return None;
    }
    let wanted = rule.muscles.join(", ");
    match name {
        None => Some(format!(
            "the limit is for {wanted}, and the muscle is not stated"
        )),
        Some(name) => (!is_one_of(name, &rule.muscles))
            .then(|| format!("the limit is for {wanted}, not for {name}")),
    }
}

fn is_one_of(name: &str, muscles: &[String]) -> bool {
    let known = muscle(name).map(|known| known.id);
    known.is_some()
        && muscles
            .iter()
            .any(|other| muscle(other).map(|known| known.id) == known)
}

fn seen(rule: &Rule, candidate: Candidate, settings: &Settings) -> Evidence {
    let seen = match &candidate.value {
        _ if !candidate.refused.is_empty() => Seen::Refused(candidate.refused),
        Err(_) => Seen::NotMeasured,
        Ok(interval) => match side(interval, rule.comparator, rule.limit) {
            Side::Met => Seen::Met,
            Side::Spans => Seen::Undecided,
            Side::NotMet => long_exercise(&candidate.subject, candidate.when, settings)
                .map_or(Seen::NotMet, Seen::Beside),
        },
    };
    Evidence {
        subject: candidate.subject,
        when: candidate.when,
        value: candidate.value,
        seen,
    }
}

/// A facilitation that is missing after a long exercise says nothing, because a long exercise abolishes it.
fn long_exercise(subject: &Subject, when: When, settings: &Settings) -> Option<String> {
    let Subject::Comparison {
        comparison: "facilitation",
        ..
    } = subject
    else {
        return None;
    };
    match when {
        When::After {
            exercise: Some(length),
            ..
        } if length.0 > settings.brief_exercise_max_s => Some(format!(
            "after {} s of exercise a missing increment says nothing; exercise for 10 s",
            length.0
        )),
        When::After { exercise: None, .. } => Some(
            "the length of the exercise is not stated, so a missing increment says nothing"
                .to_owned(),
        ),
        _ => None,
    }
}

fn outcome(rule: &Rule, evidence: &[Evidence]) -> Outcome {
    if evidence.is_empty() {
        return Outcome::NotApplicable(not_done(rule));
    }
    let trains = |wanted: fn(&Seen) -> bool| -> BTreeSet<Option<usize>> {
        evidence
            .iter()
            .filter(|evidence| wanted(&evidence.seen))
            .map(|evidence| evidence.subject.train())
            .collect()
    };
    let met = trains(|seen| *seen == Seen::Met);
    let usable = trains(|seen| matches!(seen, Seen::Met | Seen::NotMet | Seen::Undecided));
    if !met.is_empty() {
        if !rule.reproducible || met.len() > 1 {
            return Outcome::Met;
        }
        return Outcome::Undecided(if usable.len() == 1 {
            "met in the only train; the set asks for a second one".to_owned()
        } else {
            format!(
                "met in one of {} trains; the set asks for two",
                usable.len()
            )
        });
    }
    if let Some(interval) = evidence
        .iter()
        .filter(|evidence| evidence.seen == Seen::Undecided)
        .filter_map(|evidence| evidence.value.as_ref().ok())
        .max_by(|a, b| a.value.total_cmp(&b.value))
    {
        return Outcome::Undecided(spans(rule, interval));
    }
    if !usable.is_empty() {
        return Outcome::NotMet;
    }
    let mut reasons: Vec<String> = Vec::new();
    let mut said: BTreeSet<String> = BTreeSet::new();
    for evidence in evidence {
        let train = evidence
            .subject
            .train()
            .map_or(String::new(), |train| format!("train {}: ", train + 1));
        let reason = match (&evidence.seen, &evidence.value) {
            (Seen::Refused(codes), _) => {
                let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
                format!("{train}it cannot be believed ({})", codes.join(", "))
            }
            (Seen::Beside(why), _) => format!("{train}{why}"),
            (_, Err(why)) => format!("{train}{}", why.told()),
            _ => continue,
        };
        if said.insert(reason.clone()) {
            reasons.push(reason);
        }
    }
    Outcome::NotApplicable(reasons.join("; "))
}

fn spans(rule: &Rule, interval: &Interval) -> String {
    let Interval { low, high, .. } = interval;
    if low.is_finite() && high.is_finite() {
        let digits = digits_beside(rule.limit, [*low, *high]);
        format!(
            "the 95 % interval {low:.digits$} to {high:.digits$} {} spans the limit {}",
            rule.test.unit(),
            rule.limit_text()
        )
    } else {
        "the noise is not known, and so no interval".to_owned()
    }
}

/// So many decimals that no end of an interval reads as the limit itself, as far as that is sense; one at least.
fn digits_beside(limit: f64, ends: [f64; 2]) -> usize {
    /// An end that is nearer to the limit is at it.
    const MOST: usize = 4;
    let apart = |digits: usize, end: f64| {
        let scale = 10_f64.powi(digits as i32);
        (end * scale).round() != (limit * scale).round()
    };
    (1..MOST)
        .find(|&digits| ends.iter().all(|&end| apart(digits, end)))
        .unwrap_or(MOST)
}

fn not_done(rule: &Rule) -> String {
    match (rule.test, rule.rate_hz) {
        (Test::LowRate | Test::HighRate, Some([low, high])) => {
            format!("no train at {low}–{high} Hz")
        }
        (Test::LateOverEarly, _) => "no train at 2–5 Hz with a decrement".to_owned(),
        (Test::LowRate, None) => "no train at 2–5 Hz".to_owned(),
        (Test::HighRate, None) => "no train at 20–50 Hz".to_owned(),
        (Test::Exercise, _) => "no response after exercise that fits".to_owned(),
        (Test::HighRateOrExercise, _) => {
            "neither a train at high rate nor a response after exercise".to_owned()
        }
        (Test::Exhaustion, _) => "no train at 2–5 Hz minutes after exercise".to_owned(),
        (_, _) => "no response at rest".to_owned(),
    }
}

fn notes(rule: &Rule, material: &Material<'_>, verdict: &Verdict) -> Vec<String> {
    let mut notes = Vec::new();
    let judged = matches!(
        verdict.outcome,
        Outcome::Met | Outcome::NotMet | Outcome::Undecided(_)
    );
    if !judged {
        return notes;
    }
    if !rule.studied_in.is_empty() {
        let studied = rule.studied_in.join(", ");
        match material.muscle {
            Some(name) if is_one_of(name, &rule.studied_in) => {}
            Some(name) => notes.push(format!("the limit was studied in {studied}, not in {name}")),
            None => notes.push(format!(
                "the limit was studied in {studied}; the muscle is not stated"
            )),
        }
    }
    if let Some(gray) = rule.gray.as_ref().filter(|_| verdict.gray) {
        notes.push(format!(
            "{} {} {}: {}",
            gray.comparator,
            gray.limit,
            rule.test.unit(),
            gray.says
        ));
    }
    let unstated = |evidence: &Evidence| {
        evidence.seen == Seen::Met && matches!(evidence.when, When::After { exercise: None, .. })
    };
    if rule.exercise_s.is_some() && verdict.evidence.iter().any(unstated) {
        notes.push("the length of the exercise is not stated".to_owned());
    }
    let left_out = verdict
        .evidence
        .iter()
        .filter(|evidence| matches!(evidence.seen, Seen::Refused(_)))
        .count();
    if left_out > 0 {
        notes.push(format!(
            "{left_out} of {} values come from trains that cannot be believed",
            verdict.evidence.len()
        ));
    }
    if rule.supports == Supports::Decrement && verdict.outcome == Outcome::Met {
        let after = |evidence: &Evidence| matches!(evidence.when, When::After { .. });
        let met = verdict.evidence.iter().filter(|e| e.seen == Seen::Met);
        let not_at_rest = |e: &Evidence| e.seen == Seen::NotMet && !after(e);
        if met.clone().all(after) && verdict.evidence.iter().any(not_at_rest) {
            notes.push("only after exercise".to_owned());
        }
    }
    notes
}

fn in_gray(rule: &Rule, verdict: &Verdict) -> bool {
    let Some(gray) = &rule.gray else { return false };
    verdict.outcome == Outcome::NotMet
        && verdict.evidence.iter().any(|evidence| {
            let value = evidence.value.as_ref();
            evidence.seen == Seen::NotMet
                && value.is_ok_and(|value| gray.comparator.met(value.value, gray.limit))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_end_of_an_interval_reads_as_the_limit_that_it_spans() {
        assert_eq!(digits_beside(10.0, [9.8, 11.3]), 1);
        assert_eq!(digits_beside(10.0, [9.8, 10.04]), 2);
        assert_eq!(digits_beside(7.4, [7.398, 7.43]), 3);
        assert_eq!(digits_beside(7.4, [7.4, 7.43]), 4);
    }
}
