//! The lines that a reader follows: value, interval, and what the sets say of it.

use super::facts::enlargement;
use super::{Muscle, Reason, Step};
use crate::cmap::Cmap;
use crate::criteria::{Evidence, Interval, Seen, Subject, Verdict};
use crate::finding::{Finding, FindingCode};
use crate::series::When;
use crate::train::{ChangeEstimate, Enlargement, EnlargementReading, Train, TrainKind};
use crate::units::Percent;
use std::collections::BTreeMap;

/// What lines are made of.
pub(super) struct Line<'a> {
    pub muscle: &'a Muscle<'a>,
    pub evidence: &'a [&'a Evidence],
    /// The set that decides; it is named first.
    pub set: &'a str,
    /// Before a positive value.
    pub sign: &'a str,
}

/// One line per train or comparison: its most telling value and every set that says something of it.
pub(super) fn lines(line: &Line<'_>) -> Vec<String> {
    let value = |evidence: &Evidence| {
        evidence
            .value
            .as_ref()
            .map_or(f64::NEG_INFINITY, |v| v.value)
    };
    // Of each subject the most telling evidence, in the order in which the subjects come.
    let mut places = BTreeMap::new();
    let mut telling: Vec<&Evidence> = Vec::new();
    for &evidence in line.evidence {
        let place = *places
            .entry(key(&evidence.subject))
            .or_insert(telling.len());
        match telling.get_mut(place) {
            None => telling.push(evidence),
            // The last one among equals.
            Some(best) if value(evidence).total_cmp(&value(best)).is_ge() => *best = evidence,
            Some(_) => {}
        }
    }
    let told = Told::by(line.muscle.verdicts);
    telling
        .into_iter()
        .map(|evidence| one(line, &told, evidence))
        .collect()
}

/// Two conventions of one train are one subject; a train and a comparison that ends in it are two.
type Key = (Option<usize>, &'static str);

fn key(subject: &Subject) -> Key {
    let kind = match subject {
        Subject::Change { .. } => "change",
        Subject::Comparison { .. } => "comparison",
        Subject::LateOverEarly { .. } => "late_over_early",
        Subject::First { .. } => "first",
    };
    (subject.train(), kind)
}

fn one(line: &Line<'_>, told: &Told<'_>, evidence: &Evidence) -> String {
    let mut text = format!(", {}", place(line.muscle, evidence));
    match &evidence.value {
        Ok(value) => {
            text += &format!(": {}", interval(value, line.sign, " %"));
            if let Subject::Change { to: Some(to), .. } = &evidence.subject {
                text += &format!(", response {to}");
            }
        }
        Err(why) => return format!("{text}: not measured ({})", why.told()),
    }
    if let Seen::Refused(codes) = &evidence.seen {
        let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        return format!("{text}: cannot be believed ({})", codes.join(", "));
    }
    if let Some(reading) = enlargement(line.muscle, &evidence.subject) {
        text += &format!("; {}", enlarged(reading));
    }
    if let Seen::Beside(why) = &evidence.seen {
        text += &format!("; {why}");
    }
    let said = told.said(line.set, &evidence.subject);
    if !said.is_empty() {
        text += &format!(": {said}");
    }
    text
}

/// `area +230 %, duration −2 %: true increment`.
fn enlarged(reading: &EnlargementReading) -> String {
    let percent = |change: &ChangeEstimate| {
        let plus = if change.value.0 > 0.0 { "+" } else { "" };
        format!("{plus}{} %", number(change.value.0))
    };
    let kind = match reading.kind {
        Enlargement::TrueIncrement => "true increment",
        Enlargement::Pseudofacilitation => "pseudofacilitation",
        Enlargement::Indeterminate => "true or pseudofacilitation, indeterminate",
    };
    format!(
        "area {}, duration {}: {kind}",
        percent(&reading.area),
        percent(&reading.duration)
    )
}

/// What the verdicts of a muscle saw, by subject and in their order: a line of each of many trains does not look through all verdicts.
pub(super) struct Told<'a>(BTreeMap<Key, Vec<(&'a Verdict, &'a Seen)>>);

impl<'a> Told<'a> {
    pub fn by(verdicts: &'a [Verdict]) -> Self {
        let mut by_subject: BTreeMap<Key, Vec<_>> = BTreeMap::new();
        for verdict in verdicts {
            for evidence in &verdict.evidence {
                let seen = by_subject.entry(key(&evidence.subject)).or_default();
                seen.push((verdict, &evidence.seen));
            }
        }
        Self(by_subject)
    }

    /// What every set says of a value: `meets oh-2005 (≥ 60 %), lambert-100 (> 100 %) and 4 more rules`.
    pub fn said(&self, set: &str, subject: &Subject) -> String {
        let (mut met, mut undecided, mut missed) = (Vec::new(), Vec::new(), Vec::new());
        let seen = self.0.get(&key(subject)).map_or(&[][..], Vec::as_slice);
        for of_verdict in seen.chunk_by(|(a, _), (b, _)| std::ptr::eq(*a, *b)) {
            let Some((verdict, _)) = of_verdict.first() else {
                continue;
            };
            let leads = verdict.set == set;
            let any = |wanted: &Seen| of_verdict.iter().any(|(_, seen)| *seen == wanted);
            if any(&Seen::Met) {
                met.push((*verdict, leads));
            } else if any(&Seen::Undecided) {
                undecided.push((*verdict, leads));
            } else if leads && any(&Seen::NotMet) {
                missed.push((*verdict, leads));
            }
        }
        let parts = [
            ("meets", met),
            ("undecided by", undecided),
            ("does not meet", missed),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, verdicts)| !verdicts.is_empty())
            .map(|(word, verdicts)| format!("{word} {}", named(verdicts)))
            .collect();
        parts.join("; ")
    }
}

/// The deciding set, then the one with the strictest limit; the others are counted.
fn named(mut verdicts: Vec<(&Verdict, bool)>) -> String {
    /// So many are named.
    const NAMED: usize = 2;
    // The sort is stable: among equal limits the first of the list of sets is named.
    verdicts.sort_by(|(a, a_leads), (b, b_leads)| {
        b_leads.cmp(a_leads).then(b.limit.total_cmp(&a.limit))
    });
    let name = |verdict: &Verdict| format!("{} ({})", verdict.set, verdict.limit_text());
    let names: Vec<_> = verdicts
        .iter()
        .take(NAMED)
        .map(|(verdict, _)| name(verdict))
        .collect();
    match verdicts.len().saturating_sub(NAMED) {
        0 => and(&names),
        1 => format!("{} and 1 more rule", names.join(", ")),
        more => format!("{} and {more} more rules", names.join(", ")),
    }
}

fn and(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.join(""),
    }
}

/// `at rest, 3 Hz` or `after 10 s exercise`.
fn place(muscle: &Muscle<'_>, evidence: &Evidence) -> String {
    let rate = match &evidence.subject {
        Subject::Change { train, .. } | Subject::LateOverEarly { train } => muscle
            .material
            .trains
            .get(*train)
            .and_then(|train| train.rate.as_ref().ok())
            .map(|rate| format!(", {} Hz", (rate.0 * 10.0).round() / 10.0)),
        Subject::Comparison { .. } | Subject::First { .. } => None,
    };
    let when = match evidence.subject {
        // Nothing was found after it with which to compare.
        Subject::Comparison { to_train: None, .. } => "after exercise".to_owned(),
        _ => when(evidence.when),
    };
    format!("{when}{}", rate.unwrap_or_default())
}

/// When a train was recorded, in words.
pub(super) fn when(when: When) -> String {
    match when {
        When::Rest => "at rest".to_owned(),
        When::Unknown => "time unknown".to_owned(),
        When::After { exercise, delay } => {
            let exercise = exercise.map_or("exercise".to_owned(), |length| {
                format!("{} s exercise", length.0.round())
            });
            /// Up to here a train is "after exercise", in s.
            const RIGHT_AFTER_S: f64 = 10.0;
            if delay.0 <= RIGHT_AFTER_S {
                format!("after {exercise}")
            } else if delay.is_told_in_seconds() {
                format!("{:.0} s after {exercise}", delay.0)
            } else {
                format!("{:.0} min after {exercise}", delay.0 / 60.0)
            }
        }
    }
}

/// `+243 % (95 % 236 to 250)`.
pub(super) fn interval(interval: &Interval, sign: &str, unit: &str) -> String {
    let Interval { value, low, high } = *interval;
    let plus = if value > 0.0 { sign } else { "" };
    let value = format!("{plus}{}", number(value));
    if low.is_finite() && high.is_finite() {
        format!("{value}{unit} (95 % {} to {})", number(low), number(high))
    } else {
        format!("{value}{unit} (interval unknown)")
    }
}

/// A percentage, or percentage points.
fn number(value: f64) -> String {
    let decimals = Percent(value).decimals();
    let text = format!("{value:.decimals$}");
    let text = if text == "-0.0" {
        "0.0".to_owned()
    } else {
        text
    };
    text.replace('-', "−")
}

/// The line about the resting response.
pub(super) fn resting(verdict: &Verdict) -> String {
    let Some(evidence) = verdict.evidence.last() else {
        return String::new();
    };
    let value = match &evidence.value {
        Ok(value) => {
            let Interval { value, low, high } = *value;
            format!("{value:.2} mV (95 % {low:.2} to {high:.2})")
        }
        Err(why) => format!("not measured ({})", why.told()),
    };
    let word = match evidence.seen {
        Seen::Met => "low",
        Seen::NotMet => "not low",
        _ => "not decided",
    };
    let said = format!("{word} by {} ({})", verdict.set, verdict.limit_text());
    format!(", {}: resting CMAP {value}: {said}", when(evidence.when))
}

/// The repetitive CMAP of the first response of a train, if there is one.
pub(super) fn repetitive(train: &Train, cmaps: &[Cmap]) -> Option<String> {
    let shrinks = train
        .findings
        .iter()
        .any(|finding| finding.code == FindingCode::RepetitiveCmap);
    if !shrinks {
        return None;
    }
    let first = train.first()?;
    let found = cmaps.get(first.index)?.repetitive.as_ref()?;
    let alone = if train.kind == TrainKind::Single {
        "a single shock"
    } else {
        "the first shock"
    };
    Some(format!(
        "a second negative deflection after {alone}: {:.2} mV, {:.0} % of the first, {:.1} ms after the shock",
        found.amplitude.value, found.fraction.0, found.peak.time.0
    ))
}

/// A line about the temperature of the limb, if it may hide something.
pub(super) fn temperature(findings: &[Finding]) -> Vec<Reason> {
    let cold = [
        FindingCode::TemperatureLow,
        FindingCode::TemperatureCool,
        FindingCode::TemperatureUnknown,
    ];
    findings
        .iter()
        .filter(|finding| cold.contains(&finding.code))
        .map(|finding| Reason {
            step: Step::Gate,
            channel: None,
            text: format!(
                "{}: a cold limb can hide a decrement, an increment and a low CMAP",
                finding.message()
            ),
        })
        .collect()
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
