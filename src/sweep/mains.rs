//! Mains interference: fitted outside the responses, subtracted everywhere, never notched.
#![doc = include_str!("../../docs/methods/mains.md")]

use super::Settings;
use super::blocks::{Block, DECIDING_BLOCKS, blocks, groups, pieces, some_of};
use super::frequency::{RESOLVED_S, Search};
use super::region::{Place, Region};
use crate::finding::{Finding, FindingCode};
use crate::math::spectrum::{self, Piece, Pieces, Sinusoids};
use crate::recording::Clock;
use std::ops::Range;

/// What the grids of the world should be (IEC 60038).
const NOMINAL: [f64; 2] = [50.0, 60.0];

/// The grid is looked for this far from its nominal frequency (Hz): EN 50160 allows ±1 % for 99.5 % of the year.
const SEARCH_HZ: f64 = 0.5;

/// Within a recording the frequency of a grid wanders by about this (Hz, standard deviation), and not by more than five times as much
/// (heuristic: frequency deviations of the European grid within some minutes).
const WANDERING_SD_HZ: f64 = 0.01;
const WANDERING_HZ: f64 = 0.05;

/// So many harmonics tell the frequency of the grid; the third is often the strongest.
const TELLING: usize = 3;

/// What the grid of frequencies shows is at least this part of what the whole search will find: between its points a harmonic loses up to a
/// fifth, and by wandering from block to block up to a half where only the third is there (sinc² of a quarter and of 0.45 resolutions).
const SEEN_PART: f64 = 0.5;

/// Signal is averaged down to about this rate (Hz) where only the first harmonics are looked at.
const COARSE_RATE: f64 = 1000.0;

/// Signal is averaged down to about this many samples per period of the highest harmonic where all are looked at (heuristic).
const FINE_SAMPLES: f64 = 4.0;

/// The spectrum near a harmonic shows the noise there: at these distances (Hz, or multiples of 1 / (3 × length) in short signal).
const NEIGHBORS: [f64; 3] = [4.3, 6.1, 7.7];

/// In a short signal the first neighbor is this many resolutions (1 / length) away (heuristic).
const NEIGHBOR_RESOLUTIONS: f64 = 1.5;

/// The error of the fit is judged over so many ms after a stimulus, in these steps (ms).
const JUDGED_MS: f64 = 30.0;
const JUDGED_STEP_MS: f64 = 3.0;

/// A block with what was found in it.
struct Model {
    middle: f64,
    sinusoids: Sinusoids,
}

/// Subtracts what mains interference is found, and says how much it was.
pub(super) fn subtract(
    regions: &mut [Region],
    places: &[Place],
    rate: f64,
    clock: Clock,
    settings: &Settings,
) -> Vec<Finding> {
    if !settings.mains_subtract {
        return Vec::new();
    }
    let groups = groups(regions, rate, clock);
    let blocks: Vec<Vec<Block>> = groups
        .iter()
        .map(|group| blocks(regions, group, rate, settings))
        .collect();
    let deciding = some_of(&blocks);
    let Some(decision) = decide(regions, &deciding, rate, settings) else {
        return Vec::new();
    };
    let mut power = (0.0, 0usize);
    let mut frequency = 0.0;
    let mut left = (0.0, 0usize);
    for (group, blocks) in groups.iter().zip(&blocks) {
        let mut models = Vec::new();
        for block in blocks {
            let Some(model) = model(regions, block, &decision, rate) else {
                continue;
            };
            let square = model.sinusoids.mean_square();
            if trusted(
                &model,
                regions,
                places,
                group,
                blocks.len(),
                block,
                rate,
                decision.noise,
            ) {
                power = (power.0 + square, power.1 + 1);
                frequency += model.sinusoids.hertz[0] / decision.harmonics[0] as f64;
                models.push(model);
            } else {
                left = (left.0 + square, left.1 + 1);
            }
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
    findings
}

/// What holds for the whole channel.
struct Decision {
    /// The frequency of the grid (Hz).
    hertz: f64,
    /// The harmonics that stand out of the noise, in order.
    harmonics: Vec<usize>,
    /// The variance of one sample that the fits see.
    noise: f64,
}

fn decide(
    regions: &[Region],
    blocks: &[&Block],
    rate: f64,
    settings: &Settings,
) -> Option<Decision> {
    let factor = ((rate / COARSE_RATE) as usize).max(1);
    let step = factor as f64 / rate;
    let coarse: Vec<Pieces> = blocks
        .iter()
        .map(|block| pieces(regions, block, rate, factor))
        .collect();
    let span = blocks.iter().map(|block| block.span).fold(0.0, f64::max);
    let searches = NOMINAL.map(|nominal| Search {
        center: nominal,
        reach: SEARCH_HZ,
        span,
        telling: telling(nominal, 0.5 / step),
    });
    let power_near = |search: &Search, hertz: f64| -> f64 {
        harmonics_power(resolved(blocks, &coarse), hertz, &search.telling, step)
    };
    let roughly = searches
        .each_ref()
        .map(|search| search.roughly(|hertz| power_near(search, hertz)));
    // Most channels have no mains, and show it without the rest of the search.
    let seen = searches.iter().zip(roughly).any(|(search, hertz)| {
        let everywhere = vec![hertz; blocks.len()];
        let tested = test(&coarse, blocks, &everywhere, &search.telling, step);
        total(&tested) >= SEEN_PART * settings.mains_noise_ratio
    });
    if !seen {
        return None;
    }
    let candidates = [0, 1].map(|index| {
        let search = &searches[index];
        let hertz = search.closely(roughly[index], |hertz| power_near(search, hertz));
        let all = &coarse;
        let power = harmonics_power(all, hertz, &search.telling, step);
        (power, search.center, hertz)
    });
    let [fifty, sixty] = candidates;
    let (_, nominal, hertz) = if fifty.0 >= sixty.0 { fifty } else { sixty };
    let found: Vec<f64> = blocks
        .iter()
        .zip(&coarse)
        .map(|(block, pieces)| {
            let search = Search {
                center: hertz,
                reach: WANDERING_HZ,
                span: block.span,
                telling: telling(nominal, 0.5 / step),
            };
            search.find(|hertz| harmonics_power([pieces], hertz, &search.telling, step))
        })
        .collect();
    let tested = test(&coarse, blocks, &found, &telling(nominal, 0.5 / step), step);
    if total(&tested) < settings.mains_noise_ratio {
        return None;
    }
    let highest = (settings.mains_highest_hz.min(0.45 * rate) / nominal) as usize;
    let factor = ((rate / (FINE_SAMPLES * settings.mains_highest_hz)) as usize).max(1);
    let step = factor as f64 / rate;
    let fine: Vec<Pieces> = blocks
        .iter()
        .take(DECIDING_BLOCKS)
        .map(|block| pieces(regions, block, rate, factor))
        .collect();
    let all: Vec<usize> = (1..=highest.max(1)).collect();
    let mut harmonics: Vec<usize> = test(&fine, blocks, &found, &all, step)
        .into_iter()
        .filter(|(_, ratio)| *ratio >= settings.mains_noise_ratio)
        .map(|(harmonic, _)| harmonic)
        .collect();
    if harmonics.is_empty() {
        harmonics = tested
            .iter()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(harmonic, _)| *harmonic)
            .into_iter()
            .collect();
    }
    let (mut residual, mut count) = (0.0, 0usize);
    for (pieces, &hertz) in fine.iter().zip(&found) {
        let frequencies: Vec<f64> = harmonics.iter().map(|&h| h as f64 * hertz).collect();
        if let Some(fit) = spectrum::fit(pieces, &frequencies, step) {
            residual += fit.solution.residual * factor as f64;
            count += fit.solution.count;
        }
    }
    Some(Decision {
        hertz,
        harmonics,
        noise: residual / count.max(1) as f64,
    })
}

fn telling(nominal: f64, nyquist: f64) -> Vec<usize> {
    (1..=TELLING)
        .filter(|&harmonic| {
            harmonic == 1 || harmonic as f64 * (nominal + SEARCH_HZ) < 0.9 * nyquist
        })
        .collect()
}

/// The signal of the blocks that are long enough to tell a frequency.
fn resolved<'a>(blocks: &'a [&Block], data: &'a [Pieces]) -> impl Iterator<Item = &'a Pieces> {
    blocks
        .iter()
        .zip(data)
        .filter(|(block, _)| block.span >= RESOLVED_S)
        .map(|(_, pieces)| pieces)
}

/// What the harmonics of a frequency explain together: in short stretches they are not independent.
fn harmonics_power<'a>(
    signals: impl IntoIterator<Item = &'a Pieces>,
    hertz: f64,
    harmonics: &[usize],
    step: f64,
) -> f64 {
    let frequencies: Vec<f64> = harmonics.iter().map(|&h| hertz * h as f64).collect();
    spectrum::explained_together(signals, &frequencies, step)
}

/// The ratios of all harmonics together.
fn total(tested: &[(usize, f64)]) -> f64 {
    tested.iter().map(|(_, ratio)| ratio).sum()
}

/// How many times more each harmonic explains than noise does beside it, pooled over blocks.
fn test(
    data: &[Pieces],
    blocks: &[&Block],
    frequencies: &[f64],
    harmonics: &[usize],
    step: f64,
) -> Vec<(usize, f64)> {
    let mut sums: Vec<(f64, f64, f64)> = vec![(0.0, 0.0, 0.0); harmonics.len()];
    for ((pieces, block), &hertz) in data.iter().zip(blocks).zip(frequencies) {
        // What is strong leaks through the holes to where the others are; it is taken away before they are looked at.
        let all: Vec<f64> = harmonics.iter().map(|&h| h as f64 * hertz).collect();
        let fitted = spectrum::fit(pieces, &all, step);
        let residual: Pieces = pieces
            .iter()
            .map(|piece| {
                let mut values = piece.values().to_vec();
                if let Some(fitted) = &fitted {
                    let model = fitted.values(piece.start(), step, values.len());
                    for (value, model) in values.iter_mut().zip(model) {
                        *value -= model;
                    }
                }
                Piece::new(piece.start(), values)
            })
            .collect();
        let unit = (NEIGHBOR_RESOLUTIONS / (block.span * NEIGHBORS[0])).max(1.0);
        for (sum, (i, &harmonic)) in sums.iter_mut().zip(harmonics.iter().enumerate()) {
            let center = harmonic as f64 * hertz;
            for offset in NEIGHBORS.iter().flat_map(|&n| [-n * unit, n * unit]) {
                if center + offset > 2.0 / block.span {
                    sum.1 += spectrum::explained(&residual, center + offset, step);
                    sum.2 += 1.0;
                }
            }
            sum.0 += match &fitted {
                // What the harmonic explains once the others are known: aᵀ (inverse block)⁻¹ a.
                Some(fitted) => alone(fitted, i),
                None => 0.0,
            };
        }
    }
    harmonics
        .iter()
        .zip(sums)
        .map(|(&harmonic, (explained, noise, count))| {
            let expected = noise / count.max(1.0) * data.len() as f64;
            let ratio = if expected > 0.0 {
                explained / expected
            } else {
                0.0
            };
            (harmonic, ratio)
        })
        .collect()
}

fn alone(fitted: &Sinusoids, i: usize) -> f64 {
    let n = fitted.solution.unknowns.len();
    let at =
        |row: usize, column: usize| fitted.solution.inverse[(2 * i + row) * n + 2 * i + column];
    let (a, b) = (
        fitted.solution.unknowns[2 * i],
        fitted.solution.unknowns[2 * i + 1],
    );
    let determinant = at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
    (a * a * at(1, 1) - 2.0 * a * b * at(0, 1) + b * b * at(0, 0)) / determinant
}

fn model(regions: &[Region], block: &Block, decision: &Decision, rate: f64) -> Option<Model> {
    let hertz = if block.span >= RESOLVED_S {
        let factor = ((rate / COARSE_RATE) as usize).max(1);
        let step = factor as f64 / rate;
        let coarse = pieces(regions, block, rate, factor);
        let telling: Vec<usize> = telling(decision.hertz, 0.5 / step)
            .into_iter()
            .filter(|harmonic| decision.harmonics.contains(harmonic))
            .collect();
        if telling.is_empty() {
            decision.hertz
        } else {
            // The grid wanders little within a recording: what a block with few quiet samples says is weighed against the channel.
            let noise = decision.noise / factor as f64;
            let likely = |hertz: f64| {
                harmonics_power([&coarse], hertz, &telling, step) / noise.max(f64::MIN_POSITIVE)
                    - ((hertz - decision.hertz) / WANDERING_SD_HZ).powi(2)
            };
            let search = Search {
                center: decision.hertz,
                reach: WANDERING_HZ,
                span: block.span,
                telling: telling.clone(),
            };
            search.find(likely)
        }
    } else {
        decision.hertz
    };
    let frequencies: Vec<f64> = decision
        .harmonics
        .iter()
        .map(|&harmonic| harmonic as f64 * hertz)
        .collect();
    let data = pieces(regions, block, rate, 1);
    Some(Model {
        middle: block.middle,
        sinusoids: spectrum::fit(&data, &frequencies, 1.0 / rate)?,
    })
}

/// Whether the fit is better than no fit where the responses are: its own error there is well below what it takes away.
#[allow(clippy::too_many_arguments)]
fn trusted(
    model: &Model,
    regions: &[Region],
    places: &[Place],
    group: &Range<usize>,
    blocks: usize,
    block: &Block,
    rate: f64,
    noise: f64,
) -> bool {
    let (mut sum, mut count) = (0.0, 0.0);
    let steps = (JUDGED_MS / JUDGED_STEP_MS) as usize;
    for place in places.iter().filter(|place| group.contains(&place.region)) {
        let time = regions[place.region].start + place.position / rate - model.middle;
        if blocks > 1 && time.abs() > block.span {
            continue;
        }
        for i in 0..=steps {
            let after = i as f64 * JUDGED_STEP_MS / 1000.0;
            sum += model.sinusoids.variance_at(time + after);
            count += 1.0;
        }
    }
    // A quarter: the fit halves the RMS at the least.
    count == 0.0 || noise * sum / count < 0.25 * model.sinusoids.mean_square()
}

/// Subtracts the models of a group from one region, each fading into the next.
fn subtract_models(region: &mut Region, models: &[Model], rate: f64) {
    let n = region.values.len();
    let sample = |time: f64| (time - region.start) * rate;
    for (i, model) in models.iter().enumerate() {
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
