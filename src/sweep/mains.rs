//! Mains interference: fitted outside the responses, subtracted everywhere, never notched.
#![doc = include_str!("../../docs/methods/mains.md")]

use super::Settings;
use super::blocks::{Block, blocks, groups, pieces, pieces_less, some_of};
use super::frequency::{RESOLVED_S, Search};
use super::grid::{
    COARSE_RATE, Decision, WANDERING_HZ, WANDERING_SD_HZ, decide, harmonics_power, telling,
};
use super::region::{Place, Region};
use crate::finding::{Finding, FindingCode};
use crate::math::spectrum::{self, Pieces, Sinusoids};
use crate::recording::Clock;
use std::ops::Range;

/// The error of the fit is judged over so many ms after a stimulus, in these steps (ms).
const JUDGED_MS: f64 = 30.0;
const JUDGED_STEP_MS: f64 = 3.0;

/// A fit is subtracted where the variance of its own error is below this part of what it takes away (heuristic: it halves the RMS at the least).
const TRUSTED_PART: f64 = 0.25;

/// A block with what was found in it.
struct Model {
    middle: f64,
    sinusoids: Sinusoids,
}

/// Subtracts what mains interference is found, and says how much it was and what is left of it.
pub(super) fn subtract(
    regions: &mut [Region],
    places: &[Place],
    rate: f64,
    clock: Clock,
    settings: &Settings,
) -> (Vec<Finding>, Left) {
    if !settings.mains_subtract {
        return (Vec::new(), Left::default());
    }
    let groups = groups(regions, rate, clock);
    let blocks: Vec<Vec<Block>> = groups
        .iter()
        .map(|group| blocks(regions, group, rate, settings))
        .collect();
    let deciding = some_of(&blocks);
    let Some(decision) = decide(regions, &deciding, rate, settings) else {
        return (Vec::new(), Left::default());
    };
    let mut remains = Left::new(&decision);
    let mut power = (0.0, 0usize);
    let mut frequency = 0.0;
    let mut left = (0.0, 0usize);
    for (group, blocks) in groups.iter().zip(&blocks) {
        let mut models = Vec::new();
        let mut kept = (0.0, 0usize);
        let stimulated = Stimulated {
            regions,
            places: of_group(places, group),
            rate,
            noise: decision.noise,
        };
        for block in blocks {
            let Some(model) = model(regions, block, &decision, rate) else {
                continue;
            };
            let square = model.sinusoids.mean_square();
            if stimulated.trusts(&model, block, blocks.len()) {
                power = (power.0 + square, power.1 + 1);
                frequency += model.sinusoids.hertz[0] / decision.harmonics[0] as f64;
                remains.of_a_fit(&model.sinusoids, decision.noise);
                models.push(model);
            } else {
                remains.of_none(&model.sinusoids);
                kept = (kept.0 + square, kept.1 + 1);
            }
        }
        left = (left.0 + kept.0, left.1 + kept.1);
        let not_fitted = kept.0 / kept.1.max(1) as f64;
        for place in stimulated.places {
            let error = stimulated.error(&models, place);
            remains.around.push(error.unwrap_or(not_fitted));
        }
        for region in group.clone() {
            subtract_models(&mut regions[region], &models, rate);
        }
    }
    let mut findings = Vec::new();
    let microvolts = |(sum, count): (f64, usize)| (sum / count.max(1) as f64).sqrt() * 1000.0;
    if power.1 > 0 && microvolts(power) >= settings.mains_report_uv {
        findings.push(Finding::new(
            FindingCode::MainsHum,
            format!(
                "{:.2} Hz, {:.1} µV RMS before it was subtracted",
                frequency / power.1 as f64,
                microvolts(power)
            ),
        ));
    }
    if left.1 > 0 && microvolts(left) >= settings.mains_report_uv {
        findings.push(Finding::new(
            FindingCode::MainsLeft,
            format!(
                "about {:.0} Hz, about {:.0} µV RMS in {} of {} stretches",
                decision.hertz,
                microvolts(left),
                left.1,
                left.1 + power.1
            ),
        ));
    }
    (findings, remains)
}

fn model(regions: &[Region], block: &Block, decision: &Decision, rate: f64) -> Option<Model> {
    let data = pieces(regions, block, rate, 1);
    let hertz = hertz_of(regions, block, &data, decision, rate);
    Some(Model {
        middle: block.middle,
        sinusoids: spectrum::fit(&data, &decision.frequencies(hertz), 1.0 / rate)?,
    })
}

/// The frequency of the grid in a block.
fn hertz_of(
    regions: &[Region],
    block: &Block,
    data: &Pieces,
    decision: &Decision,
    rate: f64,
) -> f64 {
    /// The harmonics that do not tell the frequency are taken away as they are at the frequency that was found before: what the channel's
    /// leaves of them is a twentieth, and after that nothing is left that turns the others (heuristic).
    const ROUNDS: usize = 2;
    if block.span < RESOLVED_S {
        return decision.hertz;
    }
    let factor = ((rate / COARSE_RATE) as usize).max(1);
    let step = factor as f64 / rate;
    let telling: Vec<usize> = telling(decision.hertz, 0.5 / step)
        .into_iter()
        .filter(|harmonic| decision.harmonics.contains(harmonic))
        .collect();
    if telling.is_empty() {
        return decision.hertz;
    }
    let noise = decision.noise / factor as f64;
    let search = Search {
        center: decision.hertz,
        reach: WANDERING_HZ,
        span: block.span,
        telling,
    };
    let tells = |index: usize| search.telling.contains(&decision.harmonics[index]);
    let others = decision.harmonics.len() > search.telling.len();
    let mut hertz = decision.hertz;
    for _ in 0..if others { ROUNDS } else { 1 } {
        // In a short stretch they are not at right angles to those that tell, and would turn their phases.
        let fitted = others
            .then(|| spectrum::fit(data, &decision.frequencies(hertz), 1.0 / rate))
            .flatten();
        let coarse = match &fitted {
            None => pieces(regions, block, rate, factor),
            Some(fitted) => pieces_less(regions, block, rate, factor, |start, length| {
                fitted.values_of(|index| !tells(index), start, 1.0 / rate, length)
            }),
        };
        // The grid wanders little within a recording: what a block with few quiet samples says is weighed against the channel.
        hertz = search.find(|hertz: f64| {
            harmonics_power([&coarse], hertz, &search.telling, step) / noise.max(f64::MIN_POSITIVE)
                - ((hertz - decision.hertz) / WANDERING_SD_HZ).powi(2)
        });
    }
    hertz
}

/// The places in the regions of a group: places are in the order of their regions.
fn of_group<'a>(places: &'a [Place], group: &Range<usize>) -> &'a [Place] {
    let first = places.partition_point(|place| place.region < group.start);
    let end = places.partition_point(|place| place.region < group.end);
    &places[first..end]
}

/// Where the responses of a group are, and what noise the fits see.
struct Stimulated<'a> {
    regions: &'a [Region],
    /// Those of the group, in order of time.
    places: &'a [Place],
    rate: f64,
    /// The variance of one sample.
    noise: f64,
}

/// What the fits leave around the stimuli: the error of what was subtracted, or what was not subtracted.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// The harmonics (Hz) and the variance of each, summed over all fits; what counts is how they compare.
    pub tones: Vec<(f64, f64)>,
    /// The variance (mV²) around each place; empty where nothing was fitted.
    pub around: Vec<f64>,
}

impl Left {
    fn new(decision: &Decision) -> Self {
        let tones = decision.frequencies(decision.hertz).into_iter();
        Self {
            tones: tones.map(|hertz| (hertz, 0.0)).collect(),
            around: Vec::new(),
        }
    }

    /// Of a fit that is subtracted its error is left.
    fn of_a_fit(&mut self, sinusoids: &Sinusoids, noise: f64) {
        for ((_, sum), variance) in self.tones.iter_mut().zip(sinusoids.variances()) {
            *sum += noise * variance;
        }
    }

    /// Of one that is not, all.
    fn of_none(&mut self, sinusoids: &Sinusoids) {
        for ((_, sum), square) in self.tones.iter_mut().zip(sinusoids.mean_squares()) {
            *sum += square;
        }
    }
}

impl Stimulated<'_> {
    /// Whether the fit in one of `blocks` is better than no fit where the responses are: its own error there is well below what it takes away.
    fn trusts(&self, model: &Model, block: &Block, blocks: usize) -> bool {
        let time = |place: &Place| self.time(place) - model.middle;
        let near = if blocks > 1 {
            let first = self
                .places
                .partition_point(|place| time(place) < -block.span);
            let places = &self.places[first..];
            &places[..places.partition_point(|place| time(place) <= block.span)]
        } else {
            self.places
        };
        let sum: f64 = near.iter().map(|place| self.error_of(model, place)).sum();
        let limit = TRUSTED_PART * model.sinusoids.mean_square();
        near.is_empty() || sum / (near.len() as f64) < limit
    }

    /// The mean variance of the error of a model where the response at a place is.
    fn error_of(&self, model: &Model, place: &Place) -> f64 {
        let time = self.time(place) - model.middle;
        let steps = (JUDGED_MS / JUDGED_STEP_MS) as usize;
        let sum: f64 = (0..=steps)
            .map(|i| time + i as f64 * JUDGED_STEP_MS / 1000.0)
            .map(|time| model.sinusoids.variance_at(time))
            .sum();
        self.noise * sum / (steps + 1) as f64
    }

    /// The variance of the error of what the models of the group, in order of time, take away at a place; `None` where there is no model.
    fn error(&self, models: &[Model], place: &Place) -> Option<f64> {
        let time = self.time(place);
        let after = models.partition_point(|model| model.middle <= time);
        let error = |index: usize| Some(self.error_of(models.get(index)?, place));
        let Some(before) = after.checked_sub(1) else {
            return error(after);
        };
        let Some(next) = models.get(after) else {
            return error(before);
        };
        // Between the middles of two, one fades into the other.
        let part = (time - models[before].middle) / (next.middle - models[before].middle);
        Some((1.0 - part) * error(before)? + part * error(after)?)
    }

    /// The time of a stimulus on the clock of the recording (s).
    fn time(&self, place: &Place) -> f64 {
        self.regions[place.region].start + place.position / self.rate
    }
}

/// Those of the models of a group, in order of time, that reach into 0..`length`, `sample` being the place of a time.
fn reaching(models: &[Model], length: f64, sample: impl Fn(f64) -> f64) -> Range<usize> {
    // A model reaches from the middle of the one before it to that of the one after it.
    let before = models.partition_point(|model| sample(model.middle) <= 0.0);
    let inside = models.partition_point(|model| sample(model.middle) < length);
    before.saturating_sub(1)..(inside + 1).min(models.len())
}

/// Subtracts the models of a group from one region, each fading into the next.
fn subtract_models(region: &mut Region, models: &[Model], rate: f64) {
    let n = region.values.len();
    let sample = |time: f64| (time - region.start) * rate;
    for i in reaching(models, n as f64, sample) {
        let model = &models[i];
        let before = i.checked_sub(1).map(|before| sample(models[before].middle));
        let after = models.get(i + 1).map(|after| sample(after.middle));
        let own = sample(model.middle);
        let from = before.map_or(0.0, |s| s.max(0.0)).min(n as f64) as usize;
        let to = after.map_or(n as f64, |s| s.clamp(0.0, n as f64)).ceil() as usize;
        if from >= to {
            continue;
        }
        let start = region.start + from as f64 / rate - model.middle;
        let values = model.sinusoids.values(start, 1.0 / rate, to - from);
        for (index, value) in (from..to).zip(values) {
            let at = index as f64;
            let weight = match (before, after) {
                (Some(before), _) if at < own => ((at - before) / (own - before)).max(0.0),
                (_, Some(after)) if at > own => ((after - at) / (after - own)).max(0.0),
                _ => 1.0,
            };
            region.values[index] -= weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::spectrum::Piece;

    #[test]
    fn a_region_is_reached_by_the_models_within_and_one_on_either_side() {
        let pieces = [Piece::new(0.0, vec![1.0, -1.0, 1.0, -1.0, 0.5])];
        let pieces = pieces.into_iter().collect();
        let model = |second: u8| Model {
            middle: f64::from(second),
            sinusoids: spectrum::fit(&pieces, &[1.0], 0.1).unwrap(),
        };
        let models: Vec<Model> = (0..10).map(model).collect();
        // A region from 3.5 s to 5.5 s holds the middles of 4 and 5.
        let reach = |start: f64| reaching(&models, 200.0, |time| (time - start) * 100.0);
        assert_eq!(reach(3.5), 3..7);
        assert_eq!(reach(-0.5), 0..3);
        assert_eq!(reach(8.5), 8..10);
        assert_eq!(reach(20.0), 9..10);
        assert_eq!(reaching(&[], 200.0, |time| time), 0..0);
    }
}
