#![doc = include_str!("../../docs/methods/landmarks.md")]

use super::by_hand::{ByHand, Placed, confirms};
use super::response::Response;
use super::settings::OnsetDefinition;
use super::{Landmark, Landmarks};
use crate::finding::{Finding, FindingCode};
use crate::math::interpolate::crossing;
use crate::math::lanes;
use crate::recording::Point;
use crate::units::{Milliseconds, Millivolts};

/// A positive deflection before the onset is worth saying from this part of the negative peak on. Heuristic.
const INITIAL_POSITIVITY: f64 = 0.1;

/// The positive phase is over when the signal rises above this part of the negative peak again. Heuristic: above the noise.
const POSITIVE_PHASE_OVER: f64 = 0.05;

/// Places the landmarks around the negative peak at a sample, and tells which of them a reader put where they are. What the reader did not
/// place is found from what was placed, by the same rules.
pub fn place(
    response: &Response<'_>,
    peak: usize,
    by_hand: Option<&ByHand>,
) -> (Landmarks, Placed) {
    let mut placed = Placed::default();
    // The reader's landmark, unless it confirms the program's.
    let mut reader = |point: Point, automatic: Option<Landmark>| -> Option<Landmark> {
        let time = by_hand?.time(point)?;
        if confirms(time, automatic) {
            return None;
        }
        let landmark = response.put(time)?;
        placed.note(point);
        Some(landmark)
    };
    let mut peak = peak;
    let mut negative_peak = response.top(peak);
    if let Some(landmark) = reader(Point::NegativePeak, Some(negative_peak)) {
        negative_peak = landmark;
        peak = sample_at(response, landmark.time.0);
    }
    let automatic = onset(response, peak, negative_peak);
    let onset = reader(Point::Onset, automatic).or(automatic);
    let limit = response
        .indices(f64::NEG_INFINITY, response.sweep.until.0)
        .end;
    let mut returned = first_at_or_below(response, peak..limit, 0.0);
    let mut baseline_return = returned.map(|position| at_level(response, position, 0.0));
    if let Some(landmark) = reader(Point::Return, baseline_return) {
        baseline_return = Some(landmark);
        let position = (landmark.time.0 - response.sweep.first.0) / response.step();
        // Where a reader ends the negative phase before the signal is down, the positive phase still begins where it is.
        returned = if landmark.value.0 > 0.0 {
            first_at_or_below(response, (position.floor() as usize).min(limit)..limit, 0.0)
        } else {
            Some(position)
        };
    }
    let mut positive_peak = returned.and_then(|position| {
        let from = (position.ceil() as usize).min(limit);
        // The positive phase is over when the signal is up again; what follows (a reflex, an F wave) is another response.
        let over = negative_peak.value.0 * POSITIVE_PHASE_OVER;
        let after = response.smooth.get(from..limit).unwrap_or_default();
        let to = lanes::first_above(after, over).map_or(limit, |index| from + index);
        let lowest = response.highest(from..to, -1.0)?;
        (response.smooth[lowest] < 0.0).then(|| (lowest, response.top(lowest)))
    });
    if let Some(landmark) = reader(Point::PositivePeak, positive_peak.map(|(_, top)| top)) {
        positive_peak = Some((sample_at(response, landmark.time.0), landmark));
    }
    let automatic = positive_peak.and_then(|(lowest, top)| {
        let level = top.value.0 * response.settings.end_percent_pct / 100.0;
        let after = (lowest..limit).find(|&index| response.smooth[index] >= level)?;
        let before = after.checked_sub(1)?;
        let part = crossing(response.smooth[before], response.smooth[after], level);
        Some(at_level(response, before as f64 + part, level))
    });
    let end = reader(Point::End, automatic).or(automatic);
    let landmarks = Landmarks {
        onset,
        negative_peak: Some(negative_peak),
        baseline_return,
        positive_peak: positive_peak.map(|(_, top)| top),
        end,
    };
    (landmarks, placed)
}

/// The sample of a negative peak that a reader placed.
pub fn sample_of_peak(response: &Response<'_>, by_hand: &ByHand) -> Option<usize> {
    let time = by_hand.time(Point::NegativePeak)?;
    response.value_at(time)?;
    Some(sample_at(response, time))
}

/// The sample nearest to a time.
fn sample_at(response: &Response<'_>, time: f64) -> usize {
    let position = ((time - response.sweep.first.0) / response.step()).round();
    (position.max(0.0) as usize).min(response.smooth.len().saturating_sub(1))
}

fn at_level(response: &Response<'_>, position: f64, level: f64) -> Landmark {
    Landmark {
        time: Milliseconds(response.time(position)),
        value: Millivolts(level),
    }
}

/// Where the signal first comes down to a level.
fn first_at_or_below(
    response: &Response<'_>,
    mut range: std::ops::Range<usize>,
    level: f64,
) -> Option<f64> {
    let below = range.find(|&index| response.smooth[index] <= level)?;
    let before = below.checked_sub(1)?;
    Some(before as f64 + crossing(response.smooth[before], response.smooth[below], level))
}

fn onset(response: &Response<'_>, peak: usize, top: Landmark) -> Option<Landmark> {
    let settings = response.settings;
    let level = match settings.onset {
        OnsetDefinition::PercentOfPeak => top.value.0 * settings.onset_percent_pct / 100.0,
        OnsetDefinition::Fixed => settings.onset_threshold_mv,
        OnsetDefinition::Tangent => return tangent(response, peak),
    };
    last_below(response, peak, level).map(|position| at_level(response, position, level))
}

/// When (ms) the signal last passes a level on its way up to a peak, not earlier than the end of the artefact.
pub fn last_passage(response: &Response<'_>, peak: Landmark, level: f64) -> Option<f64> {
    let position = last_below(response, sample_at(response, peak.time.0), level)?;
    Some(response.time(position))
}

/// Where the signal last passes a level on its way up to the peak, not earlier than the end of the artefact.
fn last_below(response: &Response<'_>, peak: usize, level: f64) -> Option<f64> {
    let start = response
        .indices(response.sweep.artefact_end.0, f64::INFINITY)
        .start;
    let below = (start..peak)
        .rev()
        .find(|&index| response.smooth[index] < level)?;
    Some(below as f64 + crossing(response.smooth[below], response.smooth[below + 1], level))
}

/// Where the tangent at the steepest point of the rise meets the baseline.
fn tangent(response: &Response<'_>, peak: usize) -> Option<Landmark> {
    let start = last_below(response, peak, 0.0)?.ceil() as usize;
    let slope = |index: usize| response.smooth[index + 1] - response.smooth[index];
    let steepest = (start..peak).max_by(|&a, &b| slope(a).total_cmp(&slope(b)))?;
    let middle = 0.5 * (response.smooth[steepest] + response.smooth[steepest + 1]);
    let rise = slope(steepest);
    (rise > 0.0).then(|| at_level(response, steepest as f64 + 0.5 - middle / rise, 0.0))
}

/// What is doubtful about a response with landmarks.
pub fn findings(response: &Response<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let landmarks = &response.landmarks;
    let Some(peak) = landmarks.negative_peak else {
        return findings;
    };
    if let Some(onset) = landmarks.onset {
        let before = response.indices(
            response
                .sweep
                .artefact_end
                .0
                .max(response.settings.window_start_ms),
            onset.time.0,
        );
        let dip = before
            .map(|index| -response.smooth[index])
            .fold(0.0, f64::max);
        if dip >= INITIAL_POSITIVITY * peak.value.0 && response.stands_out(dip).is_ok() {
            let detail = format!("{dip:.2} mV before an amplitude of {:.2} mV", peak.value.0);
            findings.push(Finding::new(FindingCode::InitialPositivity, detail));
        }
    }
    if landmarks.baseline_return.is_none() {
        let detail = format!(
            "no return to baseline until {:.1} ms",
            response.sweep.until.0
        );
        findings.push(Finding::new(FindingCode::WindowCut, detail));
    }
    findings
}
