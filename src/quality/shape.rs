//! How the responses of a train differ in size, time and length, by least squares over their whole waveform.
//!
//! Each response is `g·(m(t − d) stretched by s)`, `m` being the mean of the train: to first order `g·m − g·d·m′ − g·s·(t − t_p)·m′`, three
//! numbers that carry far less noise than landmarks do, and what is left over.

use crate::cmap::{Cmap, against_baseline};
use crate::math::lanes::dot;
use crate::math::least_squares::Normal;
use crate::math::weights::{Kernel, Weights};
use crate::sweep::{Noise, Sweep};
use crate::train::Train;
use std::sync::Arc;

/// The responses are compared from this time after the stimulus on (ms): before it nothing is evoked. Heuristic, `cmap.window_start_ms`.
const FROM_MS: f64 = 1.0;
/// They are compared up to this time after their negative peak (ms): the positive phase is over. Heuristic.
const AFTER_PEAK_MS: f64 = 12.0;
/// A shorter stretch after the peak (ms) does not hold the negative phase. Heuristic.
const SHORTEST_AFTER_PEAK_MS: f64 = 2.0;

/// One response of a train beside the mean of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Its number in the train.
    pub ordinal: usize,
    /// How large it is, as a part of the mean.
    pub gain: f64,
    /// How much later than the mean it comes, in ms.
    pub delay_ms: f64,
    /// How much longer than the mean it lasts, in percent.
    pub stretch_pct: f64,
    /// What is left over, RMS in percent of its own RMS.
    pub rest_pct: f64,
    /// The standard deviations of gain (as a part of itself), delay (ms) and stretch (%) that follow from what is left over and from the noise.
    pub sd: [f64; 3],
    /// The noise about the baseline, RMS in percent of its own RMS.
    pub noise_pct: f64,
}

/// The shapes of the measured responses of a train; empty where they cannot be compared: fewer than three, different rates, or a time
/// between stimuli that does not hold a response.
pub fn shapes(train: &Train, sweeps: &[Sweep], cmaps: &[Cmap]) -> Vec<Shape> {
    let members: Vec<(usize, &Sweep, f64)> = train
        .responses
        .iter()
        .filter_map(|response| {
            let peak = cmaps.get(response.index)?.landmarks.negative_peak?.time.0;
            Some((response.ordinal?, sweeps.get(response.index)?, peak))
        })
        .collect();
    let Some(&(_, first, _)) = members.first() else {
        return Vec::new();
    };
    let peak_ms = members.iter().map(|member| member.2).sum::<f64>() / members.len() as f64;
    let from_ms = members
        .iter()
        .map(|(_, sweep, _)| sweep.artefact_end.0)
        .fold(FROM_MS, f64::max);
    // A repetitive response shrinks abruptly without any fault: then only the negative phase before it is compared.
    let repetitive = train.responses.iter().any(|response| {
        let cmap = cmaps.get(response.index);
        cmap.is_some_and(|cmap| cmap.repetitive.is_some())
    });
    let returns = train
        .responses
        .iter()
        .filter(|_| repetitive)
        .filter_map(|response| cmaps.get(response.index)?.landmarks.baseline_return)
        .map(|point| point.time.0);
    let until_ms = members
        .iter()
        .map(|(_, sweep, _)| sweep.until.0.min(end_ms(sweep)))
        .chain(returns)
        .fold(peak_ms + AFTER_PEAK_MS, f64::min);
    let step_ms = 1000.0 / first.rate.0;
    if members.len() < 3
        || !step_ms.is_finite()
        || members.iter().any(|(_, sweep, _)| sweep.rate != first.rate)
        || until_ms < peak_ms + SHORTEST_AFTER_PEAK_MS
        || from_ms > peak_ms
    {
        return Vec::new();
    }
    let count = ((until_ms - from_ms) / step_ms).floor() as usize;
    /// A slope needs a neighbor on either side.
    const FEWEST: usize = 3;
    if count < FEWEST {
        return Vec::new();
    }
    let curves: Vec<Vec<f64>> = members
        .iter()
        .map(|(_, sweep, _)| curve(sweep, from_ms, count))
        .collect();
    let mut mean = vec![0.0; count];
    for curve in &curves {
        for (sum, value) in mean.iter_mut().zip(curve) {
            *sum += value;
        }
    }
    for sum in &mut mean {
        *sum /= curves.len() as f64;
    }
    let model = Model::new(&mean, step_ms, from_ms - peak_ms);
    let mut known: Option<(&Arc<Noise>, Noises)> = None;
    members
        .iter()
        .zip(&curves)
        .filter_map(|((ordinal, sweep, _), curve)| {
            let noise = sweep.noise.as_ref()?;
            // The sweeps of a train share one noise in general, and its baselines lie alike.
            let noises = match known {
                Some((same, noises)) if Arc::ptr_eq(same, noise) => noises,
                _ => model.noises(sweep, noise, from_ms + step_ms),
            };
            known = Some((noise, noises));
            model.fitted_to(*ordinal, &curve[1..count - 1], noises)
        })
        .collect()
}

/// What the noise makes of responses without a difference.
#[derive(Clone, Copy, Debug)]
struct Noises {
    /// RMS about the baseline (mV).
    rms_mv: f64,
    /// The standard deviations of gain, delay (ms) and stretch of a response like the mean.
    sd: [f64; 3],
}

/// What the responses of a train are made of: their mean, its slope, and its slope times the time after the peak. The first and the last
/// sample have no slope and are left out.
struct Model {
    columns: [Vec<f64>; 3],
    /// The products of the columns with one another, row by row.
    products: Vec<f64>,
}

impl Model {
    /// Of the mean whose first value lies `first_ms` after the peak.
    fn new(mean: &[f64], step_ms: f64, first_ms: f64) -> Self {
        let inner = mean.len().saturating_sub(2);
        let slopes = || {
            let pairs = mean.iter().zip(mean.iter().skip(2));
            pairs.map(|(before, after)| (after - before) / (2.0 * step_ms))
        };
        let time = |index: usize| first_ms + index as f64 * step_ms;
        let columns = [
            mean.iter().skip(1).take(inner).copied().collect(),
            slopes().map(|slope| -slope).collect(),
            slopes()
                .enumerate()
                .map(|(index, slope)| -time(index + 1) * slope)
                .collect(),
        ];
        let products = columns
            .iter()
            .flat_map(|a: &Vec<f64>| columns.iter().map(move |b| dot(a, b)))
            .collect();
        Self { columns, products }
    }

    /// What the noise of a sweep makes of it: slow noise moves whole stretches together, so that fits are less sure than of as much white
    /// noise, and the baseline is off by what it was there. The first of the columns lies at `first_ms` after the stimulus.
    fn noises(&self, sweep: &Sweep, noise: &Noise, first_ms: f64) -> Noises {
        /// Weights are taken as equal over so many stretches (heuristic: slow noise is what needs them, and white noise is known).
        const STRETCHES: usize = 32;
        let single = Kernel::new(vec![1.0]);
        let count = self.columns[0].len();
        let first = ((first_ms - sweep.first.0) * sweep.rate.0 / 1000.0).round() as i64;
        let variance = |mut weights: Weights<'_>| {
            against_baseline(sweep, &mut weights);
            weights.variance(&noise.semivariogram)
        };
        // At the beginning, in the middle and at the end.
        let places = [0, count / 2, count.saturating_sub(1)];
        let about_baseline = places.map(|index| {
            let mut weights = Weights::with(&single);
            weights.add_kernel(first + index as i64, 1.0);
            variance(weights)
        });
        let mean = about_baseline.iter().sum::<f64>() / places.len() as f64;
        let normal = Normal::from_sums(self.products.clone(), vec![0.0; 3], 0.0, count);
        let inverse = normal.solve().map(|solution| solution.inverse);
        let sd = std::array::from_fn(|row| {
            let Some(row) = inverse
                .as_ref()
                .and_then(|all| all.get(3 * row..3 * row + 3))
            else {
                return f64::INFINITY;
            };
            let mut weights = Weights::with(&single);
            for stretch in 0..STRETCHES {
                let range = stretch * count / STRETCHES..(stretch + 1) * count / STRETCHES;
                if range.is_empty() {
                    continue;
                }
                let sum: f64 = self
                    .columns
                    .iter()
                    .zip(row)
                    .map(|(column, part)| part * column[range.clone()].iter().sum::<f64>())
                    .sum();
                weights.add_mean(first + range.start as i64, range.len(), sum);
            }
            variance(weights).max(0.0).sqrt()
        });
        Noises {
            rms_mv: mean.max(0.0).sqrt().max(noise.rms.0),
            sd,
        }
    }

    /// How the response with that number, sampled as the columns are, differs from the mean.
    fn fitted_to(&self, ordinal: usize, curve: &[f64], noises: Noises) -> Option<Shape> {
        let [mean, slope, length] = &self.columns;
        let right = self.columns.iter().map(|column| dot(column, curve));
        let power = dot(curve, curve);
        let products = self.products.clone();
        let normal = Normal::from_sums(products, right.collect(), power, curve.len());
        let solution = normal.solve()?;
        let &[gain, delay, stretch] = solution.unknowns.as_slice() else {
            return None;
        };
        // Not the difference of two large sums that the fit knows: what is left over may be a millionth of them.
        let rest: Vec<f64> = curve
            .iter()
            .zip(mean.iter().zip(slope).zip(length))
            .map(|(value, ((mean, slope), length))| {
                value - (gain * mean + delay * slope + stretch * length)
            })
            .collect();
        let left = dot(&rest, &rest);
        let count = curve.len() as f64;
        if gain <= 0.0 || power <= 0.0 {
            return None;
        }
        let scatter = (left / (count - 3.0).max(1.0)).sqrt().max(noises.rms_mv);
        let sd = |place: usize| {
            let variance = solution.inverse.get(place * 4).copied().unwrap_or(0.0);
            (scatter * variance.max(0.0).sqrt()).max(noises.sd[place]) / gain
        };
        Some(Shape {
            ordinal,
            gain,
            delay_ms: delay / gain,
            stretch_pct: 100.0 * stretch / gain,
            rest_pct: 100.0 * (left / power).sqrt(),
            sd: [sd(0), sd(1), 100.0 * sd(2)],
            noise_pct: 100.0 * noises.rms_mv * (count / power).sqrt(),
        })
    }
}

/// The time of the last sample.
fn end_ms(sweep: &Sweep) -> f64 {
    sweep.first.0 + (sweep.values.len().saturating_sub(3)) as f64 * 1000.0 / sweep.rate.0
}

/// The values at `count` times from `from_ms` on, a sample apart, by the cubic through four samples (Catmull-Rom); 0 outside the sweep.
fn curve(sweep: &Sweep, from_ms: f64, count: usize) -> Vec<f64> {
    let place = (from_ms - sweep.first.0) * sweep.rate.0 / 1000.0;
    // The first sample of a sweep has none before it.
    let missing = ((1.0 - place).ceil().max(0.0) as usize).min(count);
    let place = place + missing as f64;
    let index = place.floor().max(1.0) as usize;
    // All times lie at the same part between two samples.
    let t = place - index as f64;
    let (t2, t3) = (t * t, t * t * t);
    let taps = [
        -0.5 * t + t2 - 0.5 * t3,
        1.0 - 2.5 * t2 + 1.5 * t3,
        0.5 * t + 2.0 * t2 - 1.5 * t3,
        -0.5 * t2 + 0.5 * t3,
    ];
    let from = |offset: usize| sweep.values.get(index - 1 + offset..).unwrap_or_default();
    let fours = from(0).iter().zip(from(1)).zip(from(2)).zip(from(3));
    let inside = fours
        .map(|(((a, b), c), d)| taps[0] * a + taps[1] * b + taps[2] * c + taps[3] * d)
        .take(count - missing);
    let mut values = vec![0.0; missing];
    values.extend(inside);
    values.resize(count, 0.0);
    values
}
