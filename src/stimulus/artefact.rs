//! Stimuli from the artefact in the responses: steep, short, isolated, and of similar size throughout.
#![doc = include_str!("../../docs/methods/stimulus.md")]

use super::{Settings, Stimulus, StimulusOrigin};
use crate::error::Result;
use crate::math::least_squares::{self, Line};
use crate::math::robust;
use crate::recording::{Channel, Recording, Role};
use crate::units::Seconds;

/// Bends are taken over this time (s) where the rate allows, so that a fast converter does not see noise alone (heuristic).
const BEND_S: f64 = 5e-5;

/// No more values than this are sorted to find the noise (heuristic).
const NOISE_SAMPLES: usize = 20_000;

/// The two edges of a pulse lie no farther apart (ms): the longest pulse in use is 0.5 ms, the rest is the amplifier's (heuristic).
const EDGES_MS: f64 = 0.7;

/// What bends less than this part of the sharpest bend of the channel is no artefact (heuristic).
const SHARP_PART: f64 = 0.02;

/// The first edge bends by at least this part of the sharpest bend of its artefact (heuristic).
const FIRST_EDGE_PART: f64 = 0.15;

/// Before the artefact nothing bends by more than this part of it (heuristic).
const CALM_PART: f64 = 0.2;

/// In this time (ms) before the artefact the signal leaves a straight line by less than `LEVEL_PART` of its height (heuristic: a motor
/// unit's potential begins gently).
const LEVEL_MS: f64 = 1.5;
const LEVEL_PART: f64 = 0.3;

/// In this time (ms) the first edge reaches at least `RISE_PART` of the height that the artefact has within a millisecond (heuristic).
const RISE_MS: f64 = 0.2;
const RISE_PART: f64 = 0.5;

/// Other events that are at least this part as sharp as the artefacts count against them (heuristic) …
const RIVAL_PART: f64 = 0.5;

/// … and may be no more than this part of their number: voluntary activity has many (heuristic).
const RIVALS: f64 = 0.25;

/// They count where they are this near (s, heuristic: the longest pause between two responses to voluntary drive) …
const NEIGHBORHOOD_S: f64 = 0.25;

/// … and when there are many elsewhere, at least so many artefacts must have the same height within `UNIFORM_PART` (heuristic).
const FEWEST_AMONG_RIVALS: usize = 5;
const UNIFORM_PART: f64 = 0.2;

/// A first sample of the pulse between these parts of its height tells when within the sample the pulse began (heuristic).
const PARTIAL: std::ops::Range<f64> = 0.1..0.9;

/// How well (in samples) it then tells it, the filter of the converter not being known (heuristic).
const REFINED: f64 = 0.4;

/// Otherwise the edge lies between two samples; the filter of the converter spreads it by half a sample more (samples, heuristic).
const UNREFINED: f64 = 1.0;

/// The pulse is flat, so that its height is known, when the samples after the first reach this part of it (heuristic).
const FLAT_PART: f64 = 0.75;

/// A sharp event of one segment.
struct Event {
    /// Time of the first edge on the recording's clock (s), and how far it may be wrong.
    time: f64,
    uncertainty: f64,
    /// Its sharpest bend.
    sharp: f64,
    /// Its signed height.
    height: f64,
    /// Whether it has the shape of an artefact.
    shaped: bool,
}

/// The stimuli that the response channels show.
pub(super) fn find(recording: &Recording, settings: &Settings) -> Result<Vec<Stimulus>> {
    let events: Vec<Vec<Event>> = recording
        .channels
        .iter()
        .filter(|channel| channel.role == Role::Response)
        .map(|channel| in_channel(channel, settings))
        .collect::<Result<_>>()?;
    let stimuli = events.into_iter().flatten().map(|event| Stimulus {
        time: Seconds(event.time),
        uncertainty: Seconds(event.uncertainty),
        origin: StimulusOrigin::Artefact,
        channel: None,
        current: None,
        width: None,
    });
    Ok(stimuli.collect())
}

fn in_channel(channel: &Channel, settings: &Settings) -> Result<Vec<Event>> {
    let rate = channel.rate.0;
    let reach = ((rate * BEND_S) as usize).max(1);
    let Some(threshold) = threshold(channel, reach, settings)? else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    for segment in &channel.segments {
        let signal = Signal {
            values: segment.samples.widen(0..segment.samples.len())?,
            start: segment.start.0,
            rate,
            reach,
        };
        events.extend(signal.events(threshold, settings));
    }
    Ok(select(events, settings))
}

/// Of the events those that are stimuli: of the right shape, of similar size, not in the response to another one, and not a few of many.
fn select(events: Vec<Event>, settings: &Settings) -> Vec<Event> {
    let response = settings.artefact_response_ms / 1000.0;
    let mut stimuli: Vec<Event> = Vec::new();
    let mut others: Vec<Event> = Vec::new();
    for event in events {
        let in_response = stimuli
            .last()
            .is_some_and(|last| event.time - last.time < response);
        if event.shaped && !in_response {
            stimuli.push(event);
        } else if !in_response {
            others.push(event);
        }
    }
    let stimuli: Vec<Event> = undisturbed(stimuli, &others);
    let Some(size) = robust::median(&column(&stimuli, |event| event.sharp)) else {
        return Vec::new();
    };
    let ratio = settings.artefact_size_ratio;
    let (stimuli, odd): (Vec<Event>, Vec<Event>) = stimuli
        .into_iter()
        .partition(|event| (size / ratio..=size * ratio).contains(&event.sharp));
    let rivals = others
        .iter()
        .chain(&odd)
        .filter(|event| event.sharp >= RIVAL_PART * size)
        .count();
    if rivals as f64 <= RIVALS * stimuli.len() as f64 {
        return stimuli;
    }
    // Somewhere there is voluntary activity, an exercise perhaps. Then only artefacts that all have the same height are believed.
    let heights = column(&stimuli, |event| event.height.abs());
    let uniform = match (robust::median(&heights), robust::mad_sd(&heights)) {
        (Some(height), Some(spread)) => spread <= UNIFORM_PART * height,
        _ => false,
    };
    if stimuli.len() >= FEWEST_AMONG_RIVALS && uniform {
        stimuli
    } else {
        Vec::new()
    }
}

fn column(events: &[Event], of: impl Fn(&Event) -> f64) -> Vec<f64> {
    events.iter().map(of).collect()
}

/// Those of the events that have next to no rivals of their size in their neighborhood.
fn undisturbed(stimuli: Vec<Event>, others: &[Event]) -> Vec<Event> {
    let near = |events: &[Event], of: &Event| -> usize {
        let first = events.partition_point(|event| event.time < of.time - NEIGHBORHOOD_S);
        events[first..]
            .iter()
            .take_while(|event| event.time <= of.time + NEIGHBORHOOD_S)
            .filter(|event| event.sharp >= RIVAL_PART * of.sharp)
            .count()
    };
    let keep: Vec<bool> = stimuli
        .iter()
        .map(|event| near(others, event) as f64 <= RIVALS * near(&stimuli, event) as f64)
        .collect();
    stimuli
        .into_iter()
        .zip(keep)
        .filter_map(|(event, keep)| keep.then_some(event))
        .collect()
}

/// The bend from which on an event is looked at; `None` for a channel without signal.
fn threshold(channel: &Channel, reach: usize, settings: &Settings) -> Result<Option<f64>> {
    let stride = (channel.sample_count() / NOISE_SAMPLES).max(1);
    let mut some = Vec::new();
    let mut sharpest: f64 = 0.0;
    for segment in &channel.segments {
        let values = segment.samples.widen(0..segment.samples.len())?;
        for i in reach..values.len().saturating_sub(reach) {
            let bend = values[i + reach] - 2.0 * values[i] + values[i - reach];
            if !bend.is_finite() {
                continue;
            }
            sharpest = sharpest.max(bend.abs());
            if i % stride == 0 {
                some.push(bend);
            }
        }
    }
    // A coarse converter has no difference at all most of the time; its noise is then taken as one step.
    let step = match channel.segments.first().map(|segment| &segment.samples) {
        Some(samples) if samples.are_integers() => 1.0,
        _ => some
            .iter()
            .map(|bend| bend.abs())
            .filter(|bend| *bend > 0.0)
            .fold(f64::INFINITY, f64::min),
    };
    let Some(noise) = robust::mad_sd(&some) else {
        return Ok(None);
    };
    let noise = noise.max(if step.is_finite() { step } else { 0.0 });
    let threshold = (settings.artefact_noise_ratio * noise).max(SHARP_PART * sharpest);
    Ok((threshold > 0.0).then_some(threshold))
}

/// The stored numbers of one segment.
struct Signal {
    values: Vec<f64>,
    start: f64,
    rate: f64,
    reach: usize,
}

impl Signal {
    fn samples(&self, ms: f64) -> usize {
        (ms * self.rate / 1000.0).ceil() as usize
    }

    fn bend(&self, i: usize) -> f64 {
        (self.values[i + self.reach] - 2.0 * self.values[i] + self.values[i - self.reach]).abs()
    }

    fn events(&self, threshold: f64, settings: &Settings) -> Vec<Event> {
        let mut events = Vec::new();
        let end = self.values.len().saturating_sub(self.reach);
        let apart = self.samples(EDGES_MS).max(2);
        let mut i = self.reach;
        while i < end {
            let sharp = self.bend(i) > threshold;
            if !sharp {
                i += 1;
                continue;
            }
            let first = i;
            let mut last = i;
            while i < end && i <= last + apart {
                if self.bend(i) > threshold {
                    last = i;
                }
                i += 1;
            }
            events.extend(self.event(first, last, settings));
        }
        events
    }

    fn event(&self, first: usize, last: usize, settings: &Settings) -> Option<Event> {
        let sharp = (first..=last).map(|i| self.bend(i)).fold(0.0, f64::max);
        // The last sample that is still at rest; with a reach above 1 the bend begins earlier than the edge.
        let edge = (first..=last).find(|&i| self.bend(i) >= FIRST_EDGE_PART * sharp)?;
        let rest = edge + self.reach - 1;
        // A fast train leaves the previous response under the artefact: the level is a straight line.
        let before = &self.values[rest.saturating_sub(self.samples(LEVEL_MS))..=rest];
        let Line { level, slope, .. } = least_squares::line(before)?;
        let middle = (before.len() - 1) as f64 / 2.0;
        let base = level + slope * middle;
        let moves = before
            .iter()
            .enumerate()
            .map(|(i, value)| (value - level - slope * (i as f64 - middle)).abs())
            .fold(0.0, f64::max);
        let height_within = |ms: f64| {
            self.values[rest + 1..]
                .iter()
                .take(self.samples(ms).max(2))
                .map(|value| value - base)
                .max_by(|a, b| a.abs().total_cmp(&b.abs()))
                .unwrap_or(0.0)
        };
        let height = height_within(RISE_MS);
        let part = self
            .values
            .get(rest + 1)
            .map_or(0.0, |v| (v - base) / height);
        // A converter that averages over a sample shows in the first one how much of it belongs to the pulse.
        let flat = (2..=3).all(|after| {
            let value = self.values.get(rest + after);
            value.is_some_and(|v| (v - base) / height >= FLAT_PART)
        });
        let (position, uncertainty) = if flat && PARTIAL.contains(&part) {
            (rest as f64 + 1.5 - part, REFINED)
        } else {
            (rest as f64 + 0.5, UNREFINED)
        };
        let short = last - first <= self.samples(settings.artefact_longest_ms) + 2 * self.reach;
        let steep = height.abs() >= RISE_PART * height_within(1.0).abs();
        Some(Event {
            time: self.start + position / self.rate,
            uncertainty: uncertainty / self.rate,
            sharp,
            height,
            shaped: short
                && steep
                && moves <= LEVEL_PART * height.abs()
                && self.calm_before(edge, sharp, settings),
        })
    }

    fn calm_before(&self, edge: usize, sharp: f64, settings: &Settings) -> bool {
        let from = edge
            .saturating_sub(self.samples(settings.artefact_isolation_ms))
            .max(self.reach);
        // The bend just before the edge already sees it.
        let until = edge.saturating_sub(self.reach);
        let bends = (from..until).map(|i| self.bend(i)).fold(0.0, f64::max);
        edge > self.reach + 1 && bends <= CALM_PART * sharp
    }
}
