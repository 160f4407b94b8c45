//! The semivariogram of a signal with holes in it, through the fast Fourier transform.

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// Sums of squared differences by lag, gathered over pieces of signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Variogram {
    squares: Vec<f64>,
    pairs: Vec<f64>,
    samples: usize,
}

impl Variogram {
    /// Empty sums for the lags 0 to `longest`.
    pub fn new(longest: usize) -> Self {
        Self {
            squares: vec![0.0; longest + 1],
            pairs: vec![0.0; longest + 1],
            samples: 0,
        }
    }

    /// Adds all pairs of values within one piece whose `present` is true. The two slices have the same length; what is beyond the
    /// shorter one is ignored.
    pub fn add(&mut self, values: &[f64], present: &[bool]) {
        let n = values.len().min(present.len());
        let count = present[..n].iter().filter(|&&there| there).count();
        if count == 0 {
            return;
        }
        // Differences do not change when the mean is taken away, and the sums keep their precision.
        let mean = values[..n]
            .iter()
            .zip(present)
            .filter(|(_, there)| **there)
            .map(|(value, _)| value)
            .sum::<f64>()
            / count as f64;
        let longest = self.squares.len() - 1;
        let size = (n + longest.min(n)).next_power_of_two();
        let mut planner = RealFftPlanner::<f64>::new();
        let forward = planner.plan_fft_forward(size);
        let inverse = planner.plan_fft_inverse(size);
        let transform = |of: &dyn Fn(f64) -> f64| {
            let mut buffer = forward.make_input_vec();
            for ((slot, value), there) in buffer.iter_mut().zip(&values[..n]).zip(present) {
                if *there {
                    *slot = of(value - mean);
                }
            }
            let mut spectrum = forward.make_output_vec();
            // The lengths come from the same plan, so the transform cannot refuse them.
            let _ = forward.process(&mut buffer, &mut spectrum);
            spectrum
        };
        let mask = transform(&|_| 1.0);
        let signal = transform(&|value| value);
        let power = transform(&|value| value * value);
        let correlate = |product: &dyn Fn(usize) -> Complex<f64>| {
            let mut spectrum: Vec<Complex<f64>> = (0..mask.len()).map(product).collect();
            // A real signal has a real first and last coefficient; rounding must not say otherwise.
            if let Some(first) = spectrum.first_mut() {
                first.im = 0.0;
            }
            if let Some(last) = spectrum.last_mut() {
                last.im = 0.0;
            }
            let mut buffer = inverse.make_output_vec();
            let _ = inverse.process(&mut spectrum, &mut buffer);
            buffer
        };
        let pairs = correlate(&|i| mask[i] * mask[i].conj());
        // Σ (x(t+k) − x(t))² = Σ x²(t+k) m(t) + Σ x²(t) m(t+k) − 2 Σ x(t+k) x(t)
        let squares = correlate(&|i| {
            let cross = power[i] * mask[i].conj();
            Complex::from(2.0 * cross.re) - signal[i] * signal[i].conj() * 2.0
        });
        for lag in 0..=longest.min(n - 1) {
            let number = (pairs[lag] / size as f64).round();
            if number > 0.0 {
                self.pairs[lag] += number;
                self.squares[lag] += squares[lag] / size as f64;
            }
        }
        self.samples += count;
    }

    /// How many samples were added.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// γ(k) = ½ mean (x(t + k) − x(t))² for the lags 0, 1, 2 … as far as each rests on at least `fewest` pairs; γ(0) = 0.
    pub fn semivariogram(&self, fewest: usize) -> Vec<f64> {
        let mut result = vec![0.0];
        for (square, pairs) in self.squares.iter().zip(&self.pairs).skip(1) {
            if *pairs < fewest.max(1) as f64 {
                break;
            }
            result.push((square / (2.0 * pairs)).max(0.0));
        }
        result
    }
}

/// γ at a lag; beyond the end the last value counts, and an empty semivariogram is 0 everywhere.
pub fn at(semivariogram: &[f64], lag: usize) -> f64 {
    semivariogram
        .get(lag)
        .or(semivariogram.last())
        .copied()
        .unwrap_or(0.0)
}

/// The variance of Σ w x for weights over consecutive samples that sum to 0: −Σᵢ Σⱼ wᵢ wⱼ γ(|i − j|), never below 0.
pub fn variance(weights: &[f64], semivariogram: &[f64]) -> f64 {
    unclamped_variance(weights, semivariogram).max(0.0)
}

/// The same sum as it comes: a part of a larger one, whose weights alone need not sum to 0, may be negative.
pub fn unclamped_variance(weights: &[f64], semivariogram: &[f64]) -> f64 {
    let count = weights.len();
    let sum: f64 = (1..count)
        .map(|lag| at(semivariogram, lag) * dot(&weights[..count - lag], &weights[lag..]))
        .sum();
    -2.0 * sum
}

/// The sum of products, in eight lanes whose order is fixed, so that the result does not depend on the machine.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// The lags up to this one are never averaged: the filters of the recording shape them (heuristic).
const SINGLE_LAGS: usize = 4;
/// Averages over octaves that differ by less than so many standard deviations of a measured variance do not differ (heuristic).
const SCATTER: f64 = 3.0;

/// A semivariogram that was measured over `samples` values, freed of the scatter of its single lags.
///
/// The variance of a mean over many samples is a small difference of large values of γ, and their scatter would swamp it: for white
/// noise and 4,000 values the standard deviation of a mean of 190 came out anywhere between 0 and seven times the true one. So γ is
/// averaged over the lags 5–8, 9–16 …, and from the lag on from which those averages differ by no more than their scatter it is constant.
/// Slow noise that shows more than that is kept.
pub fn smoothed(semivariogram: &[f64], samples: usize) -> Vec<f64> {
    let mut octaves: Vec<(std::ops::Range<usize>, f64)> = Vec::new();
    let mut from = SINGLE_LAGS + 1;
    while from < semivariogram.len() {
        let to = (2 * from - 1).min(semivariogram.len());
        let inside = &semivariogram[from..to];
        octaves.push((from..to, inside.iter().sum::<f64>() / inside.len() as f64));
        from = to;
    }
    // The relative standard deviation of a variance that was measured over so many values.
    let tolerance = SCATTER * (2.0 / samples.max(1) as f64).sqrt();
    let constant = |from: usize| {
        let part = octaves.get(from..)?;
        let lags: usize = part.iter().map(|(range, _)| range.len()).sum();
        let mean = part
            .iter()
            .map(|(range, mean)| mean * range.len() as f64)
            .sum::<f64>()
            / lags.max(1) as f64;
        part.iter()
            .all(|(_, of)| (of - mean).abs() <= tolerance * mean)
            .then_some(mean)
    };
    let mut result = semivariogram.to_vec();
    let plateau = (0..octaves.len()).find_map(|index| Some((index, constant(index)?)));
    for (index, (range, mean)) in octaves.iter().enumerate() {
        match plateau {
            Some((first, height)) if index >= first => result[range.clone()].fill(height),
            // Before the plateau γ rises; a running line through the octave keeps its slope.
            _ => {
                let slope = slope(&semivariogram[range.clone()]);
                let middle = (range.len() as f64 - 1.0) / 2.0;
                for (i, lag) in range.clone().enumerate() {
                    result[lag] = (mean + slope * (i as f64 - middle)).max(0.0);
                }
            }
        }
    }
    // Where the plateau reaches down to the first octave, single lags that agree with it belong to it.
    if let Some((0, height)) = plateau {
        for lag in (1..=SINGLE_LAGS.min(result.len().saturating_sub(1))).rev() {
            if (result[lag] - height).abs() > tolerance * height {
                break;
            }
            result[lag] = height;
        }
    }
    result
}

/// The slope of the least-squares line through equally spaced values.
fn slope(values: &[f64]) -> f64 {
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let (mut cross, mut square) = (0.0, 0.0);
    for (i, value) in values.iter().enumerate() {
        let x = i as f64 - middle;
        cross += x * value;
        square += x * x;
    }
    if square > 0.0 { cross / square } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_hand(values: &[f64], present: &[bool], lag: usize) -> Option<f64> {
        let squares: Vec<f64> = (0..values.len().saturating_sub(lag))
            .filter(|&t| present[t] && present[t + lag])
            .map(|t| (values[t + lag] - values[t]).powi(2) / 2.0)
            .collect();
        (!squares.is_empty()).then(|| squares.iter().sum::<f64>() / squares.len() as f64)
    }

    #[test]
    fn a_ramp_has_half_the_squared_lag() {
        let mut variogram = Variogram::new(3);
        variogram.add(&[0.0, 1.0, 2.0, 3.0, 4.0], &[true; 5]);
        for (got, expected) in variogram.semivariogram(1).iter().zip([0.0, 0.5, 2.0, 4.5]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
        assert_eq!(variogram.semivariogram(3).len(), 3);
    }

    #[test]
    fn holes_are_left_out_exactly() {
        let values: Vec<f64> = (0..200)
            .map(|i| ((i * 7919) % 101) as f64 * 0.01 + 1000.0)
            .collect();
        let present: Vec<bool> = (0..200).map(|i| i % 50 < 31 && i != 7).collect();
        let mut variogram = Variogram::new(60);
        variogram.add(&values, &present);
        for (lag, got) in variogram.semivariogram(1).iter().enumerate().skip(1) {
            let expected = by_hand(&values, &present, lag).unwrap();
            assert!((got - expected).abs() < 1e-9, "{lag}: {got} {expected}");
        }
    }

    #[test]
    fn the_variance_of_a_difference_is_twice_gamma() {
        assert!((variance(&[-1.0, 0.0, 1.0], &[0.0, 0.3, 0.7]) - 1.4).abs() < 1e-15);
        assert!((variance(&[-1.0, 0.0, 0.0, 1.0], &[0.0, 0.3]) - 0.6).abs() < 1e-15);
    }

    #[test]
    fn scatter_around_a_plateau_goes_and_a_slow_rise_stays() {
        let scattered: Vec<f64> = (0..200)
            .map(|lag| {
                if lag == 0 {
                    0.0
                } else {
                    4.0 + 0.05 * f64::from(lag % 3 - 1)
                }
            })
            .collect();
        let flat = smoothed(&scattered, 4000);
        assert!(
            flat[1..]
                .iter()
                .all(|gamma| (gamma - flat[1]).abs() < 1e-12 && (gamma - 4.0).abs() < 0.01)
        );
        let rising: Vec<f64> = (0..200).map(|lag| f64::from(lag) * 0.1).collect();
        // Only the last octave of lags (129 on) may come out flat: nothing beyond it says that it is not.
        for (smooth, gamma) in smoothed(&rising, 4000).iter().zip(&rising).take(129) {
            assert!((smooth - gamma).abs() < 1e-9);
        }
    }
}
