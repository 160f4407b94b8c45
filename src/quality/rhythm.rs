//! Whether the stimuli came as they should: none left out, none added, at an even rate that the label and the convention know.

use super::{Check, DECIDING, Find, HEURISTIC, Scene};
use crate::finding::{Finding, FindingCode};
use crate::train::TrainKind;

/// A stimulus is missing among those that decide.
pub static MISSING: Check = Check {
    finding: FindingCode::MissingStimulus,
    looks_at: "the ordinals of a low-rate train",
    formula: "one of responses 1–5 was not evoked",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(missing),
};

/// An additional stimulus was answered among those that decide.
pub static EXTRA: Check = Check {
    finding: FindingCode::ExtraStimulus,
    looks_at: "the stimuli of a low-rate train that do not fit its rhythm",
    formula: "one of them evoked a response before response 5",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(extra),
};

/// The measured rate is not that of the label.
pub static CONTRADICTED: Check = Check {
    finding: FindingCode::RateContradicted,
    looks_at: "the label and the rate of a train",
    formula: "the number before \"Hz\" in the label differs from the rate by more than rate_tolerance_pct",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(contradicted),
};

/// The rate belongs to no test.
pub static UNUSUAL: Check = Check {
    finding: FindingCode::RateUnusual,
    looks_at: "a train of three stimuli or more",
    formula: "its rate is neither low nor high (settings of [train])",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(unusual),
};

/// Responses that decide could not be measured.
pub static NOT_MEASURED: Check = Check {
    finding: FindingCode::ResponsesNotMeasured,
    looks_at: "the amplitudes of a low-rate train",
    formula: "one of responses 1–5 has none",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(not_measured),
};

/// What the grouping of the stimuli said already.
fn said(scene: &Scene<'_>, code: FindingCode) -> Option<Finding> {
    let mut findings = scene.train().findings.iter();
    findings.find(|finding| finding.code == code).cloned()
}

fn missing(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    let decides =
        train.kind == TrainKind::Low && train.missing.iter().any(|&ordinal| ordinal <= DECIDING);
    decides.then(|| said(scene, FindingCode::MissingStimulus))?
}

fn extra(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    let last = train
        .responses
        .iter()
        .rposition(|response| response.ordinal.is_some_and(|ordinal| ordinal <= DECIDING))?;
    let answered = train.responses.iter().take(last).any(|response| {
        response.ordinal.is_none()
            && scene
                .material
                .cmaps
                .get(response.index)
                .and_then(|cmap| cmap.get("amplitude"))
                .is_some_and(Result::is_ok)
    });
    (train.kind == TrainKind::Low && answered).then(|| said(scene, FindingCode::ExtraStimulus))?
}

fn not_measured(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    let lost = (1..=DECIDING).any(|ordinal| {
        scene.response(ordinal).is_some()
            && scene.value(ordinal, "amplitude").is_none()
            && !scene.excluded(ordinal)
    });
    (train.kind == TrainKind::Low && lost)
        .then(|| said(scene, FindingCode::ResponsesNotMeasured))?
}

fn contradicted(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    let label = train.label.as_deref()?;
    let stated = stated_hz(label)?;
    let rate = train.rate.as_ref().ok()?.0;
    let off_pct = 100.0 * (rate / stated - 1.0).abs();
    let tolerance = scene.settings.rate_tolerance_pct;
    (off_pct > tolerance).then(|| {
        Finding::new(
            FindingCode::RateContradicted,
            format!("{rate:.2} Hz, \"{label}\""),
        )
    })
}

/// The number before "Hz" in a label.
fn stated_hz(label: &str) -> Option<f64> {
    let lower = label.to_ascii_lowercase();
    let before = lower[..lower.find("hz")?].trim_end();
    let digits = before
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(before, |place| {
            before[place..].trim_start_matches(|c: char| !(c.is_ascii_digit() || c == '.'))
        });
    digits.parse().ok().filter(|rate| *rate > 0.0)
}

fn unusual(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    let rate = train.rate.as_ref().ok()?.0;
    let stimuli = train.responses.iter().filter(|r| r.ordinal.is_some());
    (train.kind == TrainKind::Other && stimuli.count() >= super::FEWEST)
        .then(|| Finding::new(FindingCode::RateUnusual, format!("{rate:.2} Hz")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_label_is_the_number_before_hz() {
        assert_eq!(stated_hz("train 3Hz rest"), Some(3.0));
        assert_eq!(stated_hz("Train 2.5 Hz, 10 s"), Some(2.5));
        assert_eq!(stated_hz("30hz"), Some(30.0));
        assert_eq!(stated_hz("µ3Hz"), Some(3.0));
        assert_eq!(stated_hz("rest"), None);
        assert_eq!(stated_hz("Hz"), None);
        assert_eq!(stated_hz("1.2.3 Hz"), None);
    }
}
