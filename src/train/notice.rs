//! What is noticed about a train: missing and extra stimuli, an irregular rate, too few stimuli, responses without a value.

use super::{
    CHANGING_MEASURES, Direction, Material, Response, Settings, Train, TrainKind, between,
    response_value,
};
use crate::cmap::{Cmap, NotMeasured};
use crate::finding::{Finding, FindingCode};

/// The fewest stimuli for all conventions of a decrement: response 5 against 1.
const DECREMENT_STIMULI: usize = 5;
/// So many responses are named in a finding; the rest is counted.
const NAMED_MOST: usize = 5;

/// The findings of a train. `settings` is `None` when there is no clock, and so no rhythm to judge.
pub(super) fn findings(
    train: &Train,
    material: &Material<'_>,
    settings: Option<&Settings>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !train.missing.is_empty() {
        let numbers: Vec<String> = train.missing.iter().map(usize::to_string).collect();
        let last = train
            .responses
            .iter()
            .filter_map(|response| response.ordinal)
            .max()
            .unwrap_or(0);
        let detail = format!("number {} of {last}", shortened(&numbers));
        findings.push(Finding::new(FindingCode::MissingStimulus, detail));
    }
    let extra: Vec<String> = train
        .responses
        .iter()
        .filter(|response| response.ordinal.is_none())
        .filter_map(|response| material.stimuli.get(response.index))
        .map(|stimulus| format!("{:.4} s", stimulus.time.0))
        .collect();
    if !extra.is_empty() {
        findings.push(Finding::new(
            FindingCode::ExtraStimulus,
            format!("at {}", shortened(&extra)),
        ));
    }
    if let (Some(settings), Some(irregularity)) = (settings, train.irregularity)
        && irregularity.0 > settings.irregularity_max_pct
    {
        let detail = format!(
            "the intervals vary by {:.1} %, more than {} %",
            irregularity.0, settings.irregularity_max_pct
        );
        findings.push(Finding::new(FindingCode::IrregularRate, detail));
    }
    let stimuli = train
        .responses
        .iter()
        .filter_map(|response| response.ordinal)
        .max()
        .unwrap_or(0);
    if train.kind == TrainKind::Low && stimuli < DECREMENT_STIMULI {
        let detail =
            format!("{stimuli} stimuli; the conventions of a decrement need {DECREMENT_STIMULI}");
        findings.push(Finding::new(FindingCode::TrainShort, detail));
    }
    findings.extend(repetitive(train, material));
    findings.extend(not_measured(train, material));
    findings
}

/// A second response that follows the first of the train, if it shrinks or is gone on the next stimulus; after a single one nothing is known of that.
fn repetitive(train: &Train, material: &Material<'_>) -> Option<Finding> {
    let cmap = |ordinal: usize| -> Option<&Cmap> {
        let numbered = |response: &&Response| response.ordinal == Some(ordinal);
        let response = train.responses.iter().find(numbered)?;
        material.cmaps.get(response.index)
    };
    let first = cmap(1)?;
    let found = first.repetitive.as_ref()?;
    let here = format!(
        "{:.2} mV at {:.1} ms, {:.0} % of the first",
        found.amplitude.value, found.peak.time.0, found.fraction.0
    );
    let next = cmap(2).filter(|next| next.get("amplitude").is_some_and(Result::is_ok));
    let then = match next.map(|next| (next, next.repetitive.as_ref())) {
        None => "nothing is known of a next stimulus".to_owned(),
        Some((_, None)) => "none after the next stimulus".to_owned(),
        Some((next, Some(second))) => {
            // It shrinks by itself, not only with the main response.
            let main = |cmap: &Cmap| cmap.get("amplitude")?.as_ref().ok().copied();
            let all = between(&main(first)?, &main(next)?, Direction::Decrement).ok()?;
            let own = between(&found.amplitude, &second.amplitude, Direction::Decrement).ok()?;
            let shrinks = own.low.0 > 0.0 && own.low.0 > all.value.0;
            if !shrinks {
                return None;
            }
            format!("{:.2} mV after the next stimulus", second.amplitude.value)
        }
    };
    Some(Finding::new(
        FindingCode::RepetitiveCmap,
        format!("{here}; {then}"),
    ))
}

fn not_measured(train: &Train, material: &Material<'_>) -> Option<Finding> {
    let mut reasons = Vec::new();
    for response in &train.responses {
        let Some(ordinal) = response.ordinal else {
            continue;
        };
        let missing = CHANGING_MEASURES.iter().find_map(|measure| {
            let why = response_value(material.cmaps, *response, measure).err()?;
            // What a reader excluded is told as such.
            if matches!(why, NotMeasured::ExcludedByReader(_)) {
                return None;
            }
            Some(format!("response {ordinal}: {measure} {}", why.code()))
        });
        reasons.extend(missing);
    }
    if reasons.is_empty() {
        return None;
    }
    let detail = format!(
        "{} of {}: {}",
        reasons.len(),
        train.responses.len(),
        shortened(&reasons)
    );
    Some(Finding::new(FindingCode::ResponsesNotMeasured, detail))
}

fn shortened(texts: &[String]) -> String {
    match texts.split_at_checked(NAMED_MOST) {
        Some((named, rest)) if !rest.is_empty() => {
            format!("{} and {} more", named.join(", "), rest.len())
        }
        _ => texts.join(", "),
    }
}
