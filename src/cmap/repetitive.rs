#![doc = include_str!("../../docs/methods/repetitive.md")]

use super::response::Response;
use super::uncertainty::estimate;
use super::{Estimate, Landmark};
use crate::error::Result;
use crate::math::lanes;
use crate::setting_range::Step;
use crate::units::Percent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A second, smaller response that follows the main one after a single stimulus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Repetitive {
    /// Its peak.
    pub peak: Landmark,
    /// Its height in mV, with its doubt: the smaller of its rise and its fall.
    pub amplitude: Estimate,
    /// The same in percent of the amplitude of the main response.
    pub fraction: Percent,
}

/// How a repetitive response is told from the end of the main one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// It begins no earlier than this after the onset of the main response, in ms. Heuristic: 3.5–4.0 ms in PMID 8761268.
    pub begins_from_ms: f64,
    /// It begins no later than this after the onset of the main response, in ms. Heuristic: before reflexes and F waves.
    pub begins_until_ms: f64,
    /// It is at least so high, in percent of the main response. Heuristic.
    pub fraction_min_pct: f64,
    /// It is at least so high, in mV. Heuristic.
    pub amplitude_min_mv: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            begins_from_ms: 3.0,
            begins_until_ms: 12.0,
            fraction_min_pct: 5.0,
            amplitude_min_mv: 0.1,
        }
    }
}

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> Result<()> {
        let Self {
            begins_from_ms,
            begins_until_ms,
            fraction_min_pct,
            amplitude_min_mv,
        } = self;
        let step = Step("cmap.repetitive");
        step.not_negative("begins_from_ms", *begins_from_ms)?;
        step.positive("begins_until_ms", *begins_until_ms)?;
        step.part_pct("fraction_min_pct", *fraction_min_pct)?;
        step.not_negative("amplitude_min_mv", *amplitude_min_mv)?;
        step.less(
            ("begins_from_ms", *begins_from_ms),
            ("begins_until_ms", *begins_until_ms),
        )
    }
}

/// From this part of its height on a repetitive response has begun, in percent: as the onset of the main one.
const BEGUN_PCT: f64 = 5.0;

/// The second response that follows the main one in a sweep whose landmarks are placed; the highest, if there are several.
///
/// It rises after the main response has returned to baseline and falls again within the length of a negative phase. What only rises is the
/// end of the positive phase; what begins later is a reflex or an F wave; what has not returned before is one polyphasic response.
pub(super) fn find(response: &Response<'_>) -> Option<Repetitive> {
    let settings = &response.settings.repetitive;
    let marks = &response.landmarks;
    let (onset, main, end) = (marks.onset?, marks.negative_peak?, marks.baseline_return?);
    let length = end.time.0 - onset.time.0;
    let until = response.sweep.until.0;
    let latest = onset.time.0 + settings.begins_until_ms + length;
    let range = response.indices(end.time.0, latest.min(until));
    let least = (settings.fraction_min_pct * main.value.0 / 100.0).max(settings.amplitude_min_mv);
    let hump = highest_hump(response, range, length, least)?;
    let height = hump.height(&response.smooth);
    let begun = response.smooth[hump.top] - height * (1.0 - BEGUN_PCT / 100.0);
    let begin = (0..hump.top)
        .rev()
        .find(|&index| response.smooth[index] < begun)?;
    let begins = response.time(begin as f64) - onset.time.0;
    let peak = response.top(hump.top);
    let fraction = 100.0 * height / main.value.0;
    let fits = begins >= settings.begins_from_ms
        && begins <= settings.begins_until_ms
        && peak.time.0 - (onset.time.0 + begins) <= length
        && fraction >= settings.fraction_min_pct
        && height >= settings.amplitude_min_mv
        && response.stands_out(height).is_ok()
        && !response.saturated_between(onset.time.0, peak.time.0);
    if !fits {
        return None;
    }
    let mut weights = response.weights();
    let foot = response.time(hump.foot(&response.smooth) as f64);
    response.smoothed_at(&mut weights, peak.time.0, 1.0);
    response.smoothed_at(&mut weights, foot, -1.0);
    let artefact = (response.artefact_at(peak.time.0) - response.artefact_at(foot)).abs();
    let amplitude = estimate(height, response.sd(&weights), artefact).ok()?;
    Some(Repetitive {
        peak,
        amplitude,
        fraction: Percent(fraction),
    })
}

/// A top with the lowest points before and after it, as samples.
#[derive(Clone, Copy)]
struct Hump {
    before: usize,
    top: usize,
    after: usize,
}

impl Hump {
    /// The smaller of its rise and its fall.
    fn height(self, values: &[f64]) -> f64 {
        values[self.top] - values[self.foot(values)]
    }

    /// The higher of the lowest points on both sides.
    fn foot(self, values: &[f64]) -> usize {
        if values[self.before] >= values[self.after] {
            self.before
        } else {
            self.after
        }
    }
}

/// The hump that stands out most among those whose top lies in a range and that are about `least` mV high or more; its fall is looked for up
/// to `length` ms after the top.
fn highest_hump(
    response: &Response<'_>,
    range: Range<usize>,
    length: f64,
    least: f64,
) -> Option<Hump> {
    /// Whether a hump is high enough is decided later, by its unrounded height: here it may be lower by this part.
    const ROUNDING: f64 = 1e-9;
    let values = &response.smooth;
    let steps = (length / response.step()).ceil() as usize;
    let end = response
        .indices(f64::NEG_INFINITY, response.sweep.until.0)
        .end;
    let mut before = range.start;
    let mut lowest = *values.get(before)?;
    // No hump is higher than its rise, so most tops need no second look.
    let mut rises = least * (1.0 - ROUNDING);
    let mut best = None;
    for top in range {
        let value = values[top];
        if value < lowest {
            (before, lowest) = (top, value);
        }
        let is_top = value - lowest > rises
            && top > before
            && value > values[top - 1]
            && values.get(top + 1).is_some_and(|next| value >= *next);
        if !is_top {
            continue;
        }
        let falls = values.get(top..(top + steps + 1).min(end));
        let falls = falls.unwrap_or_default();
        let after = lanes::smallest(falls);
        let after = falls.iter().position(|value| *value == after);
        let after = top + after.unwrap_or(0);
        let hump = Hump { before, top, after };
        let height = hump.height(values);
        if height > rises {
            (best, rises) = (Some(hump), height);
        }
    }
    best
}
