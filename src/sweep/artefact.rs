//! The steep part of the stimulus artefact, and where the response begins to rise behind it.
#![doc = include_str!("../../docs/methods/artefact.md")]

use super::Settings;
use super::baseline::range;
use super::region::{Place, Region};
use crate::math::robust;

/// No more sweeps than this are looked at for the landmarks of the artefact (heuristic: a median over so many is steady).
const MOST_SWEEPS: usize = 64;

/// The second difference of white noise of standard deviation 1 has √6.
const SECOND_DIFFERENCE: f64 = 2.449_489_742_783_178;

/// The steep part bends by more than this part of its sharpest bend (heuristic; a tail with a time constant of 1 ms that is a tenth of
/// the pulse bends by 0.001 of it at 10 kHz).
const STEEP_PART: f64 = 0.04;

/// The steep part is over when nothing bends for this time (ms, heuristic).
const CALM_MS: f64 = 0.3;

/// The second edge of a pulse comes up to here (ms after the stimulus, heuristic: stimulators give up to 1 ms, and the edge takes its time) …
const LONGEST_PULSE_MS: f64 = 1.2;

/// … and bends by at least this part of the first (heuristic: a response bends a tenth as sharply at most where both are seen well).
const SECOND_EDGE_PART: f64 = 0.25;

/// The foot of the response is where the signal has stayed below this part of the peak …
const FOOT_PART: f64 = 0.05;

/// … for this time (ms). Heuristic: an initial phase crosses zero faster.
const FOOT_CALM_MS: f64 = 0.4;

/// The foot stands so many times above the noise (heuristic).
const FOOT_NOISE_RATIO: f64 = 3.0;

/// The foot of a channel is this quantile of those of its sweeps (heuristic): most agree, and the early ones guard against a foot that noise
/// has hidden.
const FOOT_QUANTILE: f64 = 0.25;

/// The artefact of a channel ends at this quantile of the ends in its sweeps (heuristic): late, because what is left of it would be measured,
/// and no later for a single odd sweep.
const END_QUANTILE: f64 = 0.9;

/// Between the artefact and the foot of a response (ms, heuristic), so that neither touches the other.
pub(super) const CLEARANCE_MS: f64 = 0.1;

/// Where the artefact ends and the response begins, for one channel; ms after the stimulus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    /// The end of the steep part.
    pub end: f64,
    /// The foot of the earliest part of the response; `None` when none is seen.
    pub foot: Option<f64>,
}

/// Finds the extent of the artefact from the sweeps of a channel. `rms` is the noise in mV.
pub(super) fn extent(
    regions: &[Region],
    places: &[Place],
    rate: f64,
    rms: f64,
    settings: &Settings,
) -> Extent {
    let stride = places.len().div_ceil(MOST_SWEEPS).max(1);
    let some: Vec<&Place> = places.iter().step_by(stride).collect();
    let steep = |place: &Place| steep_end(&regions[place.region], place, rate, rms, settings);
    let steep: Vec<Option<Steep>> = some.iter().map(|place| steep(place)).collect();
    let feet: Vec<f64> = some
        .iter()
        .zip(&steep)
        .filter_map(|(place, steep)| {
            // The second edge of a long pulse is no response.
            let long = steep.filter(|steep| steep.two_edges);
            let from = long.map_or(settings.artefact_end_ms, |steep| steep.end);
            foot(&regions[place.region], place, rate, (rms, from), settings)
        })
        .collect();
    let foot = robust::quantile(&feet, FOOT_QUANTILE);
    let ends: Vec<f64> = steep.iter().flatten().map(|steep| steep.end).collect();
    let seen = (2 * ends.len() >= some.len())
        .then(|| robust::quantile(&ends, END_QUANTILE))
        .flatten();
    let end = seen.unwrap_or(settings.artefact_end_ms);
    let latest = foot.map_or(settings.artefact_longest_ms, |foot| foot - CLEARANCE_MS);
    Extent {
        end: end.min(settings.artefact_longest_ms).min(latest).max(0.0),
        foot,
    }
}

/// The steep part of one artefact.
#[derive(Clone, Copy)]
struct Steep {
    /// Its end (ms after the stimulus).
    end: f64,
    /// Whether the edges of the pulse stand apart, with nothing that bends between them.
    two_edges: bool,
}

/// The end of the bends that begin at the stimulus; `None` when nothing bends there.
fn steep_end(
    region: &Region,
    place: &Place,
    rate: f64,
    rms: f64,
    settings: &Settings,
) -> Option<Steep> {
    let begin = -CALM_MS;
    let samples = range(
        place,
        region.values.len(),
        rate,
        begin,
        settings.artefact_longest_ms + CALM_MS,
    );
    let time = |index: usize| (index as f64 - place.position) * 1000.0 / rate;
    let bend = |index: usize| -> f64 {
        match (index.checked_sub(1), region.values.get(index + 1)) {
            (Some(before), Some(after)) => {
                (region.values[before] - 2.0 * region.values[index] + after).abs()
            }
            _ => 0.0,
        }
    };
    let floor = settings.artefact_noise_ratio * SECOND_DIFFERENCE * rms;
    let calm = ((CALM_MS * rate / 1000.0).ceil() as usize).max(2);
    let mut sharpest: f64 = 0.0;
    let mut two_edges = false;
    let mut last = None;
    for index in samples {
        let sharp = bend(index);
        match last {
            None if time(index) > CALM_MS + 1000.0 / rate => break,
            Some(last) if index > last + calm => {
                if two_edges || time(index) > LONGEST_PULSE_MS {
                    break;
                }
                if sharp < floor.max(SECOND_EDGE_PART * sharpest) {
                    continue;
                }
                two_edges = true;
            }
            _ => {}
        }
        sharpest = sharpest.max(sharp);
        if sharp > floor.max(STEEP_PART * sharpest) {
            last = Some(index);
        }
    }
    // The bend at a sample is over at the next one.
    last.map(|last| Steep {
        end: time(last + 1),
        two_edges,
    })
}

/// Where the largest deflection of a sweep begins to rise, of what comes `from` on (ms after the stimulus).
fn foot(
    region: &Region,
    place: &Place,
    rate: f64,
    (rms, from): (f64, f64),
    settings: &Settings,
) -> Option<f64> {
    let length = region.values.len();
    let until = settings
        .response_peak_latest_ms
        .min(place.next.unwrap_or(f64::INFINITY));
    let samples = range(place, length, rate, from, until);
    let before = range(
        place,
        length,
        rate,
        settings.baseline_end_ms - settings.baseline_short_length_ms,
        settings.baseline_end_ms,
    );
    let level = robust::median(&region.values[before]).or_else(|| {
        let early = range(
            place,
            length,
            rate,
            settings.artefact_end_ms,
            settings.artefact_longest_ms,
        );
        robust::median(&region.values[early])
    })?;
    let calm = ((FOOT_CALM_MS * rate / 1000.0).ceil() as usize).max(2);
    let height = |index: usize| (region.values[index] - level).abs();
    // The artefact's own tail is highest where it begins; the peak of a response is a turning point.
    let around = region.values[samples.start..length.min(samples.end + 1)].windows(3);
    let mut peak = None;
    let mut highest = 0.0;
    for (index, values) in (samples.start + 1..).zip(around) {
        let &[before, value, after] = values else {
            break;
        };
        let value = (value - level).abs();
        if value >= highest && value >= (before - level).abs() && value >= (after - level).abs() {
            (peak, highest) = (Some(index), value);
        }
    }
    let peak = peak?;
    if height(peak) < settings.artefact_noise_ratio * rms {
        return None;
    }
    let limit = (FOOT_PART * height(peak)).max(FOOT_NOISE_RATIO * rms);
    let mut below = 0;
    for index in (samples.start..peak).rev() {
        if height(index) < limit {
            below += 1;
            if below >= calm {
                return Some((index as f64 + calm as f64 - place.position) * 1000.0 / rate);
            }
        } else {
            below = 0;
        }
    }
    None
}
