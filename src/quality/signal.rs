//! Whether the signal of the responses that count can be measured: range of the converter, noise, mains, drift, artefact.

use super::{Check, Find, HEURISTIC, Scene, Settings};
use crate::finding::{Finding, FindingCode};
use crate::train::TrainKind;

/// Responses that count lie on the rails.
pub static SATURATED: Check = Check {
    finding: FindingCode::Saturated,
    looks_at: "the sweeps of responses 1–5 and of the extremes",
    formula: "any of them is saturated outside the artefact",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(|scene| of_sweeps(scene, FindingCode::Saturated)),
};

/// The baseline drifts before responses that count.
pub static DRIFT: Check = Check {
    finding: FindingCode::BaselineDrift,
    looks_at: "the sweeps of responses 1–5 and of the extremes",
    formula: "the baseline of any of them drifts (settings of [sweep])",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(|scene| of_sweeps(scene, FindingCode::BaselineDrift)),
};

/// The artefact reaches responses that count.
pub static ARTEFACT: Check = Check {
    finding: FindingCode::ArtefactLeft,
    looks_at: "the sweeps of responses 1–5 and of the extremes",
    formula: "the tail of the artefact of any of them is left in it",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(|scene| of_sweeps(scene, FindingCode::ArtefactLeft)),
};

/// Mains interference that could not be subtracted.
pub static MAINS_LEFT: Check = Check {
    finding: FindingCode::MainsLeft,
    looks_at: "the channel",
    formula: "mains interference is left in it",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(|scene| of_channel(scene, FindingCode::MainsLeft)),
};

/// Mains interference that was subtracted.
pub static MAINS: Check = Check {
    finding: FindingCode::MainsHum,
    looks_at: "the channel",
    formula: "mains interference was subtracted from it",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(|scene| of_channel(scene, FindingCode::MainsHum)),
};

/// The first response hardly stands out of the noise.
pub static NOISE: Check = Check {
    finding: FindingCode::NoiseHigh,
    looks_at: "response 1",
    formula: "amplitude below amplitude_to_noise × RMS of the noise, or below amplitude_lowest_mv",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(noise),
};

/// The noise leaves the decrement open.
pub static INTERVAL: Check = Check {
    finding: FindingCode::IntervalWide,
    looks_at: "a low-rate train",
    formula: "the interval of the decrement 1→4 or 1→5 reaches farther than interval_widest_points from its value",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(interval),
};

fn interval(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    if train.kind != TrainKind::Low {
        return None;
    }
    ["decrement_1_4", "decrement_1_5"]
        .iter()
        .filter_map(|convention| train.change("amplitude", convention)?.value.as_ref().ok())
        .map(|change| (change.high.0 - change.value.0).max(change.value.0 - change.low.0))
        .find(|half| half.is_finite() && *half > scene.settings.interval_widest_points)
        .map(|half| Finding::new(FindingCode::IntervalWide, format!("± {half:.1} points")))
}

/// A finding of the sweeps that count, once for the train.
fn of_sweeps(scene: &Scene<'_>, code: FindingCode) -> Option<Finding> {
    let mut ordinals = Vec::new();
    let mut detail = None;
    for ordinal in scene.counting() {
        let Some(sweep) = scene
            .response(ordinal)
            .and_then(|response| scene.material.sweeps.get(response.index))
        else {
            continue;
        };
        if let Some(finding) = sweep.findings.iter().find(|finding| finding.code == code) {
            ordinals.push(ordinal.to_string());
            detail.get_or_insert(&finding.detail);
        }
    }
    let detail = detail?;
    let which = ordinals.join(", ");
    Some(Finding::new(
        code,
        match detail.is_empty() {
            true => format!("response {which}"),
            false => format!("response {which}; {detail}"),
        },
    ))
}

fn of_channel(scene: &Scene<'_>, code: FindingCode) -> Option<Finding> {
    let mut findings = scene.material.channel_findings.iter();
    findings.find(|finding| finding.code == code).cloned()
}

fn noise(scene: &Scene<'_>) -> Option<Finding> {
    let Settings {
        amplitude_to_noise,
        amplitude_lowest_mv,
        ..
    } = *scene.settings;
    let amplitude = scene.value(1, "amplitude")?.value;
    let response = scene.response(1)?;
    let sweep = scene.material.sweeps.get(response.index)?;
    let noise = sweep.noise.as_ref().map_or(0.0, |noise| noise.rms.0);
    let detail = if amplitude < amplitude_to_noise * noise {
        format!(
            "{amplitude:.3} mV, {:.1} × the noise, less than {amplitude_to_noise}",
            amplitude / noise
        )
    } else if amplitude < amplitude_lowest_mv {
        format!("{amplitude:.3} mV, less than {amplitude_lowest_mv} mV")
    } else {
        return None;
    };
    Some(Finding::new(FindingCode::NoiseHigh, detail))
}
