//! The exponential tail of the artefact: one time constant for a train, one signed size for each response.

use super::artefact::Extent;
use super::baseline::{Window, range};
use super::region::{Place, Region};
use super::{ArtefactLeft, Baseline, BaselineKind, Noise, Settings};
use crate::finding::{Finding, FindingCode};
use crate::math::weights::{Kernel, Weights};
use crate::math::{golden, lanes, robust};
use crate::units::{Milliseconds, Millivolts};
use std::collections::BTreeMap;
use std::ops::Range;

/// The fit stays so far (ms) before the foot of the response, where nothing of it can be seen yet: 20 µV of a CMAP of 10 mV come
/// 0.53 ± 0.17 ms before 5 % of it (Monte-Carlo study of onset definitions, docs/methods/artefact.md).
const BEFORE_FOOT_MS: f64 = 0.8;

/// Longer than this (ms) the fit does not reach: what is left of a tail there says little (heuristic).
const LONGEST_MS: f64 = 2.0;

/// Without a response the fit reaches this far (ms, heuristic).
const DEFAULT_MS: f64 = 1.0;

/// Fewer samples do not tell a size and a time constant from noise (heuristic).
const FEWEST: usize = 4;

/// Points of the search for the time constant on a logarithmic scale, and golden steps afterwards.
const GRID: usize = 24;
const REFINING: usize = 24;

/// The bound on what is left is so many standard deviations of the fitted size (95 %).
const BOUND_SDS: f64 = 1.96;

/// A time constant above this part of the longest one is the end of the search, not a top in it (heuristic).
const LONGEST_PART: f64 = 0.95;

/// Between these times (ms after the stimulus) lies the value just before it, from which its pulse is measured (heuristic: the mark may be late
/// by a sample or two).
const BEFORE_PULSE_MS: (f64, f64) = (-1.0, -0.3);

/// What the fit rests on: one level per place.
#[derive(Clone, Copy)]
pub(super) struct Material<'a> {
    pub regions: &'a [Region],
    pub places: &'a [Place],
    pub levels: &'a [(Window, Baseline)],
    pub rate: f64,
    pub noise: Option<&'a Noise>,
    pub extent: Extent,
}

/// The tail of one response.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// mV at the end of the artefact; 0 when there is none to be subtracted.
    pub size: f64,
    /// ms
    pub tau: f64,
    pub left: ArtefactLeft,
    pub finding: Option<Finding>,
}

impl Tail {
    /// Subtracts the tail from the values of a sweep that begins `first` ms after the stimulus.
    pub fn subtract(&self, values: &mut [f64], first: f64, rate: f64, artefact_end: f64) {
        /// From sample to sample the tail falls by one factor; this many at once need not wait for one another.
        const LANES: usize = 8;
        /// What is left (mV) when the subtraction ends: less than the rounding of any voltage of a recording.
        const NOTHING: f64 = 1e-15;
        if self.size == 0.0 {
            return;
        }
        let step = 1000.0 / rate;
        let begin = ((artefact_end - first) / step).ceil().max(0.0);
        let mut size = self.size * (-(first + begin * step - artefact_end) / self.tau).exp();
        let factor = |samples: usize| (-(samples as f64) * step / self.tau).exp();
        let parts: [f64; LANES] = std::array::from_fn(factor);
        let over_all = factor(LANES);
        let after = values.get_mut(begin as usize..).unwrap_or_default();
        for chunk in after.chunks_mut(LANES) {
            if size.abs() < NOTHING {
                break;
            }
            for (value, part) in chunk.iter_mut().zip(parts) {
                *value -= size * part;
            }
            size *= over_all;
        }
    }
}

/// exp(−t / `tau`) from one sample to the next, for all stretches of a channel: where a stretch begins only multiplies it.
struct Decay {
    tau: f64,
    /// Of each sample, 1 at the first.
    parts: Vec<f64>,
    /// Sums of their squares: over none, over the first, over the first two …
    squares: Vec<f64>,
}

impl Decay {
    /// For stretches of up to `longest` samples that lie `step` ms apart.
    fn new(tau: f64, step: f64, longest: usize) -> Self {
        let factor = (-step / tau).exp();
        let mut part = 1.0;
        let mut parts = Vec::with_capacity(longest);
        let mut squares = Vec::with_capacity(longest + 1);
        squares.push(0.0);
        let mut sum = 0.0;
        for _ in 0..longest {
            parts.push(part);
            sum += part * part;
            squares.push(sum);
            part *= factor;
        }
        Self {
            tau,
            parts,
            squares,
        }
    }

    fn of(tau: f64, stretches: &[Stretch]) -> Self {
        let longest = stretches.iter().map(|stretch| stretch.values.len()).max();
        let step = stretches.first().map_or(0.0, |stretch| stretch.step);
        Self::new(tau, step, longest.unwrap_or(0))
    }

    /// The part that is left where a stretch begins.
    fn first(&self, stretch: &Stretch) -> f64 {
        (-stretch.first / self.tau).exp()
    }
}

/// The signal of one sweep between artefact and response.
struct Stretch {
    place: usize,
    /// Of its region.
    samples: Range<usize>,
    values: Vec<f64>,
    /// The time of the first sample after the end of the artefact, and from one to the next (ms).
    first: f64,
    step: f64,
}

/// The tail of each response.
pub(super) fn fit(material: Material<'_>, settings: &Settings) -> Vec<Tail> {
    let mut tails = vec![Tail::default(); material.places.len()];
    let Some(noise) = material.noise.filter(|_| settings.artefact_subtract) else {
        return tails;
    };
    let begin = material.extent.end;
    let end = material.extent.foot.map_or(begin + DEFAULT_MS, |foot| {
        (foot - BEFORE_FOOT_MS).min(begin + LONGEST_MS)
    });
    for group in groups(material.places, settings.artefact_group_gap_s * 1000.0) {
        let stretches: Vec<Stretch> = group
            .clone()
            .filter(|&index| alone(&material, index, settings))
            .filter_map(|index| stretch(&material, index, begin, end))
            .collect();
        let Some((tau, rms)) = tau(&stretches, noise, settings) else {
            continue;
        };
        let decay = Decay::of(tau, &stretches);
        let mut kernels = BTreeMap::new();
        for stretch in &stretches {
            // At the end of the artefact.
            let size = size(stretch, &decay).0 / decay.first(stretch);
            let sd = size_sd(&material, stretch, &decay, &mut kernels, noise);
            tails[stretch.place] = Tail {
                size,
                tau,
                left: ArtefactLeft {
                    bound: Millivolts(BOUND_SDS * sd + (rms - noise.rms.0).max(0.0)),
                    tau: Milliseconds(tau),
                },
                finding: Some(Finding::new(
                    FindingCode::ArtefactRemoved,
                    format!(
                        "{:.0} µV at {begin:.2} ms, time constant {tau:.2} ms",
                        size * 1000.0
                    ),
                )),
            };
        }
        follow(&material, &group, begin, tau, &mut tails);
    }
    tails
}

/// Runs of places without a pause longer than `gap` (ms).
fn groups(places: &[Place], gap: f64) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        // Without known intervals all sweeps of the channel are one group.
        let apart = place.previous.is_some_and(|ms| ms > gap);
        match groups.last_mut() {
            Some(group) if !apart => group.end = index + 1,
            _ => groups.push(index..index + 1),
        }
    }
    groups
}

/// Whether the previous response is over and the level is the sweep's own.
fn alone(material: &Material<'_>, index: usize, settings: &Settings) -> bool {
    material.places[index]
        .previous
        .is_none_or(|ms| ms >= settings.baseline_short_below_ms)
        && material.levels[index].0.kind == BaselineKind::BeforeStimulus
}

fn stretch(material: &Material<'_>, index: usize, begin: f64, end: f64) -> Option<Stretch> {
    let place = &material.places[index];
    let region = &material.regions[place.region];
    let samples = range(place, region.values.len(), material.rate, begin, end);
    let level = material.levels[index].1.level?.0;
    let clipped = !region.saturated_in(&samples).is_empty();
    (samples.len() >= FEWEST && !clipped).then(|| Stretch {
        place: index,
        values: region.values[samples.clone()]
            .iter()
            .map(|value| value - level)
            .collect(),
        first: (samples.start as f64 - place.position) * 1000.0 / material.rate - begin,
        step: 1000.0 / material.rate,
        samples,
    })
}

/// The size at the beginning of the stretch, and what of the sum of squares it explains.
fn size(stretch: &Stretch, decay: &Decay) -> (f64, f64) {
    let count = stretch.values.len();
    let product = lanes::dot(&stretch.values, &decay.parts[..count]);
    let size = product / decay.squares[count];
    (size, size * product)
}

/// The common time constant (ms), and the RMS that is left; `None` when there is no significant tail of this kind.
fn tau(stretches: &[Stretch], noise: &Noise, settings: &Settings) -> Option<(f64, f64)> {
    let count: usize = stretches.iter().map(|stretch| stretch.values.len()).sum();
    if count == 0 {
        return None;
    }
    let total: f64 = stretches
        .iter()
        .flat_map(|stretch| &stretch.values)
        .map(|value| value * value)
        .sum();
    let left = |tau: f64| -> f64 {
        let decay = Decay::of(tau, stretches);
        let explained: f64 = stretches.iter().map(|s| size(s, &decay).1).sum();
        total - explained
    };
    let (low, high) = (
        settings.artefact_tau_shortest_ms.ln(),
        settings.artefact_tau_longest_ms.ln(),
    );
    let width = (high - low) / GRID as f64;
    let (_, best) = (0..=GRID)
        .map(|i| low + i as f64 * width)
        .map(|log| (left(log.exp()), log))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let (low, high) = ((best - width).max(low), (best + width).min(high));
    let tau = golden::maximum(low, high, REFINING, |log| -left(log.exp())).exp();
    // A level that is wrong by a constant is not a tail: the decay itself must be significant.
    let flat: f64 = stretches
        .iter()
        .map(|stretch| {
            let sum: f64 = stretch.values.iter().sum();
            sum * sum / stretch.values.len() as f64
        })
        .sum();
    let fitted = left(tau);
    let variance = noise.rms.0 * noise.rms.0;
    let n = stretches.len() as f64;
    // Chi-square of n sizes and one time constant: mean n + 1, standard deviation √(2 (n + 1)).
    let limit = n + 1.0 + settings.artefact_tail_ratio * (2.0 * (n + 1.0)).sqrt();
    let whole = (total - fitted) / variance;
    let decay = (total - flat - fitted) / variance;
    let rms = (fitted / count as f64).sqrt();
    (whole > limit
        && decay > settings.artefact_tail_ratio * (2.0 * (n + 1.0)).sqrt()
        && tau < LONGEST_PART * settings.artefact_tau_longest_ms)
        .then_some((tau, rms))
}

/// The standard deviation of a size, the level's own doubt included. The weights of the fit are made once for each length of a stretch.
fn size_sd(
    material: &Material<'_>,
    stretch: &Stretch,
    decay: &Decay,
    kernels: &mut BTreeMap<usize, Kernel>,
    noise: &Noise,
) -> f64 {
    let window = &material.levels[stretch.place].0.samples;
    let count = stretch.values.len();
    let kernel = kernels.entry(count).or_insert_with(|| {
        let square = decay.squares[count];
        Kernel::new(decay.parts[..count].iter().map(|e| e / square).collect())
    });
    let mut weights = Weights::with(kernel);
    weights.add_kernel(stretch.samples.start as i64, 1.0 / decay.first(stretch));
    weights.add_mean(window.start as i64, window.len(), -weights.sum());
    weights.variance(&noise.semivariogram).sqrt()
}

/// Responses whose predecessor is not over cannot be fitted. Their artefact is steep enough to be compared with those that were: the
/// tail follows it in size and sign.
fn follow(material: &Material<'_>, group: &Range<usize>, begin: f64, tau: f64, tails: &mut [Tail]) {
    /// How far the tail may differ from the pulse's proportion (heuristic).
    const UNEQUAL: f64 = 0.1;
    /// A pulse that is larger by more than this is no other size of the same one (heuristic).
    const LARGEST_SCALE: f64 = 2.0;
    let Some(model) = group
        .clone()
        .filter(|&index| tails[index].size != 0.0)
        .max_by(|&a, &b| tails[a].size.abs().total_cmp(&tails[b].size.abs()))
    else {
        return;
    };
    let known = tails[model].clone();
    let pulse = pulse(material, model, begin);
    for index in group.clone().filter(|&index| index != model) {
        if tails[index].finding.is_some() {
            continue;
        }
        let scale = pulse
            .zip(self::pulse(material, index, begin))
            .map(|(a, b)| b / a);
        let (size, bound, code) = match scale.filter(|scale| scale.abs() < LARGEST_SCALE) {
            Some(scale) => (
                known.size * scale,
                known.left.bound.0 * scale.abs() + UNEQUAL * (known.size * scale).abs(),
                FindingCode::ArtefactRemoved,
            ),
            None => (
                0.0,
                known.size.abs() + known.left.bound.0,
                FindingCode::ArtefactLeft,
            ),
        };
        tails[index] = Tail {
            size,
            tau,
            left: ArtefactLeft {
                bound: Millivolts(bound),
                tau: Milliseconds(tau),
            },
            finding: Some(Finding::new(
                code,
                format!(
                    "{:.0} µV at {begin:.2} ms after the artefact of a slower stimulus, ± {:.0} µV, time constant {tau:.2} ms",
                    size * 1000.0,
                    bound * 1000.0
                ),
            )),
        };
    }
}

/// The signed height of the steep part: its largest step against the value just before the stimulus.
fn pulse(material: &Material<'_>, index: usize, end: f64) -> Option<f64> {
    let place = &material.places[index];
    let region = &material.regions[place.region];
    let length = region.values.len();
    let before = range(
        place,
        length,
        material.rate,
        BEFORE_PULSE_MS.0,
        BEFORE_PULSE_MS.1,
    );
    let level = robust::median(&region.values[before])?;
    let steep = range(place, length, material.rate, 0.0, end);
    region.values[steep]
        .iter()
        .map(|value| value - level)
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .filter(|height| *height != 0.0)
}
