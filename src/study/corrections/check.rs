//! Whether what was placed by hand can be, and what is told of it in the findings.

use super::plan::{automatic, bad};
use super::{Changed, Correction, when_of};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Point, Recording};
use crate::study::Study;

/// Refuses landmarks that do not follow each other, a negative peak below the baseline, and a positive peak above it. What was not placed by
/// hand was found anew from what was, so this is known only now.
pub fn check(study: &Study, recording: &Recording) -> Result<()> {
    for (correction, stated) in study.corrections.iter().zip(&recording.corrections) {
        let placed = correction
            .changes
            .iter()
            .filter_map(|changed| match changed {
                Changed::Landmark { point, .. } => Some(*point),
                _ => None,
            });
        let placed: Vec<Point> = placed.collect();
        let cmap = correction
            .response
            .and_then(|response| study.channels.get(correction.channel)?.cmaps.get(response));
        let (Some(cmap), false) = (cmap, placed.is_empty()) else {
            continue;
        };
        let blame = |message: String, advice: &str| {
            Err(bad(message)
                .advice(advice)
                .at(stated.place())
                .in_file(&stated.file))
        };
        if let Some(peak) = cmap.landmarks.negative_peak
            && peak.value.0 <= 0.0
        {
            return blame(
                format!(
                    "the negative peak would lie at {:.3} mV, not above the baseline",
                    peak.value.0
                ),
                "negative is up: place it on the response, or exclude the response",
            );
        }
        if let Some(peak) = cmap.landmarks.positive_peak
            && peak.value.0 >= 0.0
            && placed.contains(&Point::PositivePeak)
        {
            return blame(
                format!(
                    "the positive peak would lie at {:.3} mV, not below the baseline",
                    peak.value.0
                ),
                "positive is down: place it on the phase below the baseline, or leave it out",
            );
        }
        let known: Vec<(Point, f64)> = Point::ALL
            .into_iter()
            .filter_map(|point| Some((point, automatic(&cmap.landmarks, point)?.0)))
            .collect();
        for pair in known.windows(2) {
            let [(before, earlier), (after, later)] = pair else {
                continue;
            };
            if later <= earlier && (placed.contains(before) || placed.contains(after)) {
                return blame(
                    format!(
                        "{} at {later:.3} ms would not come after {} at {earlier:.3} ms",
                        after.as_str(),
                        before.as_str()
                    ),
                    "place both, or check the time",
                );
            }
        }
    }
    Ok(())
}

/// Adds to the study, its channels, trains and responses that they were corrected. Who and why stand in the corrections only: texts of people do
/// not belong in findings.
pub fn tell(study: &mut Study) {
    let mut corrections = std::mem::take(&mut study.corrections);
    for correction in &mut corrections {
        let channel = study.channels.get_mut(correction.channel);
        let Some(channel) = channel else { continue };
        // The length of the exercise may be that of the trains around.
        if let ([Changed::When(_, to)], Some(train)) =
            (correction.changes.as_mut_slice(), correction.train)
        {
            *to = when_of(&channel.series, train);
        }
        let finding = Finding::new(FindingCode::CorrectedByHand, detail(correction));
        match (correction.train, correction.response) {
            (train, Some(response)) => {
                if let Some(cmap) = channel.cmaps.get_mut(response) {
                    cmap.findings.push(finding.clone());
                }
                if let Some(train) = train.and_then(|train| channel.trains.get_mut(train)) {
                    train.findings.push(finding);
                }
            }
            (Some(train), None) => {
                if let Some(train) = channel.trains.get_mut(train) {
                    train.findings.push(finding);
                }
            }
            (None, None) => channel.findings.push(finding),
        }
    }
    if !corrections.is_empty() {
        let detail = match corrections.len() {
            1 => "1 correction".to_owned(),
            count => format!("{count} corrections"),
        };
        study
            .findings
            .push(Finding::new(FindingCode::CorrectedByHand, detail));
    }
    study.corrections = corrections;
}

/// `correction 2: response 1: onset, return`.
fn detail(correction: &Correction) -> String {
    let what: Vec<_> = correction
        .changes
        .iter()
        .map(|c| c.what().replace('_', " "))
        .collect();
    let place = match (correction.response, correction.ordinal) {
        (Some(_), Some(ordinal)) => format!("response {ordinal}: "),
        (Some(_), None) => "a response without a number: ".to_owned(),
        (None, _) => String::new(),
    };
    format!(
        "{place}{} (correction {})",
        what.join(", "),
        correction.number
    )
}
