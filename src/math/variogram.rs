//! Measuring a semivariogram in a signal with holes.

use super::lanes;
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use std::collections::BTreeMap;
use std::ops::Range;

/// Sums of squared differences by lag, gathered over pieces of signal.
///
/// Σ (x(t+k) − x(t))² = Σ x²(t+k) + Σ x²(t) − 2 Σ x(t+k) x(t) over the pairs that are there: the first two are running sums, and the last
/// is an inverse Fourier transform, one for all pieces, because their power spectra can be added.
pub struct Variogram {
    squares: Vec<f64>,
    pairs: Vec<f64>,
    samples: usize,
    planner: RealFftPlanner<f64>,
    /// The sums of power spectra, by the length of the transform.
    powers: BTreeMap<usize, Vec<f64>>,
    /// By length, of pieces without a hole: the sums of the squares at each place, and how many there are.
    whole: BTreeMap<usize, (Vec<f64>, usize)>,
    room: Room,
}

/// What the transforms work in, kept from one to the next: fresh memory would cost as much as they do.
#[derive(Default)]
struct Room {
    signal: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Variogram {
    /// Empty sums for the lags 0 to `longest`.
    pub fn new(longest: usize) -> Self {
        Self {
            squares: vec![0.0; longest + 1],
            pairs: vec![0.0; longest + 1],
            samples: 0,
            planner: RealFftPlanner::new(),
            powers: BTreeMap::new(),
            whole: BTreeMap::new(),
            room: Room::default(),
        }
    }

    /// Adds all pairs of values within one piece that lie in `present`, runs of samples in order that do not overlap. What lies beyond
    /// the values is ignored.
    pub fn add(&mut self, values: &[f64], present: &[Range<usize>]) {
        let runs: Vec<Range<usize>> = present
            .iter()
            .map(|run| run.start..run.end.min(values.len()))
            .filter(|run| !run.is_empty())
            .collect();
        let longest = self.squares.len() - 1;
        // Runs farther apart than the longest lag have no pair in common.
        for near in runs.chunk_by(|before, after| after.start - before.end < longest) {
            self.add_near(values, near);
        }
    }

    fn add_near(&mut self, values: &[f64], runs: &[Range<usize>]) {
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            return;
        };
        let (start, length) = (first.start, last.end - first.start);
        let count: usize = runs.iter().map(Range::len).sum();
        // Differences do not change when the mean is taken away, and the sums keep their precision.
        let sum_of = |run: &Range<usize>| lanes::sums(&values[run.clone()], |_, value| [value])[0];
        let mean = runs.iter().map(sum_of).sum::<f64>() / count as f64;
        let lags = (self.squares.len() - 1).min(length);
        // No lag of interest reaches around the end of the transform.
        let size = (length + lags).next_power_of_two();
        let forward = self.planner.plan_fft_forward(size);
        let mut room = std::mem::take(&mut self.room);
        room.signal.clear();
        room.spectrum.resize(size / 2 + 1, Complex::default());
        room.scratch
            .resize(forward.get_scratch_len(), Complex::default());
        for run in runs {
            room.signal.resize(run.start - start, 0.0);
            let centered = values[run.clone()].iter().map(|value| value - mean);
            room.signal.extend(centered);
        }
        room.signal.resize(size, 0.0);
        match runs {
            [_] => self.add_squares_of_one(&room.signal[..length]),
            several => self.add_own_squares(&room.signal[..length], several, start),
        }
        // The lengths are those of the plan, so the transform cannot refuse them.
        let _ =
            forward.process_with_scratch(&mut room.signal, &mut room.spectrum, &mut room.scratch);
        let powers = self
            .powers
            .entry(size)
            .or_insert_with(|| vec![0.0; room.spectrum.len()]);
        for (power, coefficient) in powers.iter_mut().zip(&room.spectrum) {
            *power += coefficient.norm_sqr();
        }
        self.room = room;
        self.samples += count;
    }

    /// The same as [`Self::add_own_squares`] where all of the signal is present, to be finished in [`Self::finish`].
    fn add_squares_of_one(&mut self, signal: &[f64]) {
        let empty = || (vec![0.0; signal.len()], 0);
        let (squares, count) = self.whole.entry(signal.len()).or_insert_with(empty);
        for (square, value) in squares.iter_mut().zip(signal) {
            *square += value * value;
        }
        *count += 1;
    }

    /// Adds what pieces without a hole have: at lag k the pairs are those of all values from the k-th on with all values up to the k-th last.
    fn finish(&mut self) {
        for (length, (squares, count)) in std::mem::take(&mut self.whole) {
            let lags = (self.squares.len() - 1).min(length - 1);
            let until = running(squares.into_iter(), 0);
            let all = until[length];
            let ends = until[1..=lags].iter().zip(until[..length].iter().rev());
            let slots = self.squares[1..].iter_mut().zip(&mut self.pairs[1..]);
            for (lag, ((square, pairs), (first, last))) in (1..).zip(slots.zip(ends)) {
                *square += all - first + last;
                *pairs += (count * (length - lag)) as f64;
            }
        }
    }

    /// Adds the number of pairs by lag, and the squares of both values of each pair. `signal` begins at the sample `start` and is 0
    /// where nothing is present.
    fn add_own_squares(&mut self, signal: &[f64], runs: &[Range<usize>], start: usize) {
        let mut present = vec![0.0; signal.len()];
        for run in runs {
            present[run.start - start..run.end - start].fill(1.0);
        }
        let lags = (self.squares.len() - 1).min(signal.len() - 1);
        let counts = running(present.into_iter(), lags);
        let squares = running(signal.iter().map(|value| value * value), lags);
        for run in runs {
            // The partners of a run are what is present in the run moved by the lag, and these are the sums at the lags 1, 2 …
            let (from, to) = (lags + run.start - start, lags + run.end - start);
            let later = |at: usize| at + 1..at + 1 + lags;
            let earlier = |at: usize| at - lags..at;
            let ends = counts[later(to)].iter().zip(&counts[later(from)]);
            for (slot, (end, begin)) in self.pairs[1..].iter_mut().zip(ends) {
                *slot += end - begin;
            }
            let ends = squares[later(to)].iter().zip(&squares[later(from)]);
            for (slot, (end, begin)) in self.squares[1..].iter_mut().zip(ends) {
                *slot += end - begin;
            }
            let ends = squares[earlier(to)].iter().zip(&squares[earlier(from)]);
            for (slot, (end, begin)) in self.squares[1..].iter_mut().zip(ends.rev()) {
                *slot += end - begin;
            }
        }
    }

    /// How many samples were added.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// γ(k) = ½ mean (x(t + k) − x(t))² for the lags 0, 1, 2 … as far as each rests on at least `fewest` pairs; γ(0) = 0.
    pub fn semivariogram(&mut self, fewest: usize) -> Vec<f64> {
        self.finish();
        let mut squares = self.squares.clone();
        for (&size, powers) in &self.powers {
            let inverse = self.planner.plan_fft_inverse(size);
            let mut spectrum: Vec<Complex<f64>> = powers.iter().map(|&p| p.into()).collect();
            let mut products = inverse.make_output_vec();
            let _ = inverse.process(&mut spectrum, &mut products);
            // Beyond half of its length a transform repeats itself.
            for (square, product) in squares.iter_mut().zip(&products[..=size / 2]) {
                *square -= 2.0 * product / size as f64;
            }
        }
        let mut result = vec![0.0];
        for (square, pairs) in squares.iter().zip(&self.pairs).skip(1) {
            if *pairs < fewest.max(1) as f64 {
                break;
            }
            result.push((square / (2.0 * pairs)).max(0.0));
        }
        result
    }
}

/// Running sums, beginning with 0, and with so many more of the first before and of the last behind them.
fn running(values: impl Iterator<Item = f64>, beyond: usize) -> Vec<f64> {
    let mut sums = vec![0.0; beyond + 1];
    let mut sum = 0.0;
    sums.extend(values.map(|value| {
        sum += value;
        sum
    }));
    sums.extend(std::iter::repeat_n(sum, beyond));
    sums
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

    fn by_hand(values: &[f64], present: &[Range<usize>], lag: usize) -> Option<f64> {
        let there = |t: &usize| present.iter().any(|run| run.contains(t));
        let squares: Vec<f64> = (0..values.len().saturating_sub(lag))
            .filter(|t| there(t) && there(&(t + lag)))
            .map(|t| (values[t + lag] - values[t]).powi(2) / 2.0)
            .collect();
        (!squares.is_empty()).then(|| squares.iter().sum::<f64>() / squares.len() as f64)
    }

    fn one(run: Range<usize>) -> Vec<Range<usize>> {
        std::iter::once(run).collect()
    }

    fn bumpy(length: i32) -> Vec<f64> {
        (0..length)
            .map(|i| f64::from((i * 7919) % 101) * 0.01 + 1000.0)
            .collect()
    }

    #[test]
    fn a_ramp_has_half_the_squared_lag() {
        let mut variogram = Variogram::new(3);
        variogram.add(&[0.0, 1.0, 2.0, 3.0, 4.0], &one(0..5));
        for (got, expected) in variogram.semivariogram(1).iter().zip([0.0, 0.5, 2.0, 4.5]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
        assert_eq!(variogram.semivariogram(3).len(), 3);
    }

    #[test]
    fn holes_are_left_out_exactly() {
        let values = bumpy(200);
        let present = [0..7, 8..31, 50..81, 100..131, 150..181];
        // With few lags no pair reaches across a hole, with many every one does.
        for longest in [5, 18, 19, 20, 60, 190] {
            let mut variogram = Variogram::new(longest);
            variogram.add(&values, &present);
            let got = variogram.semivariogram(1);
            assert_eq!(variogram.samples(), 123);
            for (lag, got) in got.iter().enumerate().skip(1) {
                let expected = by_hand(&values, &present, lag).unwrap();
                assert!(
                    (got - expected).abs() < 1e-9,
                    "{longest} {lag}: {got} {expected}"
                );
            }
        }
    }

    #[test]
    fn pieces_of_different_lengths_are_counted_by_their_pairs() {
        let (long, short) = (bumpy(90), bumpy(37));
        let mut variogram = Variogram::new(50);
        variogram.add(&long, &one(0..90));
        variogram.add(&short, &one(0..37));
        variogram.add(&short, &[3..5, 20..70]);
        for (lag, got) in variogram.semivariogram(1).iter().enumerate().skip(1) {
            let parts = [
                by_hand(&long, &one(0..90), lag).map(|g| (g, 90 - lag)),
                by_hand(&short, &one(0..37), lag).map(|g| (g, 37 - lag)),
                by_hand(&short, &[3..5, 20..37], lag).map(|g| {
                    let there = |t: usize| (3..5).contains(&t) || (20..37).contains(&t);
                    (g, (0..37).filter(|&t| there(t) && there(t + lag)).count())
                }),
            ];
            let (sum, count) = parts
                .iter()
                .flatten()
                .fold((0.0, 0), |(s, n), (g, m)| (s + g * *m as f64, n + m));
            let expected = sum / count as f64;
            assert!((got - expected).abs() < 1e-9, "{lag}: {got} {expected}");
        }
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
