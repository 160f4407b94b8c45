//! Butterworth filters in second-order sections, run forwards and backwards so that nothing is delayed.
//!
//! The design is the bilinear transform of the analog prototype with prewarped cutoff, and the treatment of the ends (odd extension,
//! steady-state start) is that of `scipy.signal.sosfiltfilt`; both equal scipy to 1e-9 (see the oracle tests).

use std::collections::BTreeMap;
use std::f64::consts::PI;

/// One second-order section: b0 b1 b2 a1 a2, with a0 = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Numerator.
    pub b: [f64; 3],
    /// Denominator without its leading 1.
    pub a: [f64; 2],
}

/// A low pass as a cascade of sections.
#[derive(Clone, Debug, PartialEq)]
pub struct LowPass {
    sections: Vec<Section>,
}

impl LowPass {
    /// A Butterworth low pass of the given order (1 to 8) with its −3 dB point at `cutoff` for signals of `rate` samples per second.
    /// `None` unless 0 < cutoff < rate / 2.
    pub fn butterworth(order: usize, cutoff: f64, rate: f64) -> Option<Self> {
        let possible = cutoff > 0.0 && cutoff < rate / 2.0;
        if !possible || !(1..=8).contains(&order) {
            return None;
        }
        let warped = (PI * cutoff / rate).tan();
        let mut sections = Vec::new();
        for pair in 0..order / 2 {
            // The analog poles stand at equal angles on a half circle; a pair of conjugates makes a section.
            let angle = PI * (2 * pair + 1) as f64 / (2 * order) as f64;
            let damping = 2.0 * angle.sin();
            let scale = 1.0 + damping * warped + warped * warped;
            let b0 = warped * warped / scale;
            sections.push(Section {
                b: [b0, 2.0 * b0, b0],
                a: [
                    2.0 * (warped * warped - 1.0) / scale,
                    (1.0 - damping * warped + warped * warped) / scale,
                ],
            });
        }
        if order % 2 == 1 {
            let b0 = warped / (1.0 + warped);
            sections.push(Section {
                b: [b0, b0, 0.0],
                a: [(warped - 1.0) / (warped + 1.0), 0.0],
            });
        }
        Some(Self { sections })
    }

    /// Samples by which each end is extended: three times the number of taps.
    fn padding(&self) -> usize {
        let first_order = self
            .sections
            .iter()
            .filter(|section| section.b[2] == 0.0)
            .count();
        3 * (2 * self.sections.len() + 1 - first_order)
    }

    /// Filters forwards and backwards. A signal that is too short to be extended (as long as the padding or shorter) is extended by
    /// what it has.
    pub fn zero_phase(&self, signal: &[f64]) -> Vec<f64> {
        let [filtered] = self.side_by_side([signal]);
        filtered
    }

    /// Filters each signal forwards and backwards, with the same result as one by one. Each value of a recursive filter waits for the one
    /// before it, and meanwhile the processor can filter other signals of the same length.
    pub fn zero_phase_all(&self, signals: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, signal) in signals.iter().enumerate() {
            by_length.entry(signal.len()).or_default().push(index);
        }
        let mut filtered = vec![Vec::new(); signals.len()];
        for indices in by_length.values() {
            let (fours, rest) = indices.as_chunks::<4>();
            for four in fours {
                let results = self.side_by_side(four.map(|index| signals[index].as_slice()));
                for (index, result) in four.iter().zip(results) {
                    filtered[*index] = result;
                }
            }
            for &index in rest {
                filtered[index] = self.zero_phase(&signals[index]);
            }
        }
        filtered
    }

    /// Filters signals of one length.
    fn side_by_side<const N: usize>(&self, signals: [&[f64]; N]) -> [Vec<f64>; N] {
        let length = signals.iter().map(|signal| signal.len()).min().unwrap_or(0);
        let Some(last) = length.checked_sub(1) else {
            return signals.map(|_| Vec::new());
        };
        let at = |index: usize| signals.map(|signal| signal[index]);
        let mirrored = |end: usize, index: usize| signals.map(|s| 2.0 * s[end] - s[index]);
        let padding = self.padding().min(last);
        let mut extended: Vec<[f64; N]> = Vec::with_capacity(length + 2 * padding);
        extended.extend((1..=padding).rev().map(|index| mirrored(0, index)));
        extended.extend((0..length).map(at));
        extended.extend(
            (last - padding..last)
                .rev()
                .map(|index| mirrored(last, index)),
        );
        self.run(&mut extended);
        extended.reverse();
        self.run(&mut extended);
        extended.reverse();
        let inside = &extended[padding..padding + length];
        std::array::from_fn(|lane| inside.iter().map(|values| values[lane]).collect())
    }

    /// One pass in place, started as if the first values had always been there.
    fn run<const N: usize>(&self, values: &mut [[f64; N]]) {
        let Some(mut level) = values.first().copied() else {
            return;
        };
        for Section { b, a } in &self.sections {
            let gain = (b[0] + b[1] + b[2]) / (1.0 + a[0] + a[1]);
            // Transposed direct form II; the state of a constant input.
            let mut z1 = level.map(|level| (b[2] + b[1] - gain * (a[0] + a[1])) * level);
            let mut z2 = level.map(|level| (b[2] - gain * a[1]) * level);
            level = level.map(|level| level * gain);
            for lanes in values.iter_mut() {
                for ((value, z1), z2) in lanes.iter_mut().zip(&mut z1).zip(&mut z2) {
                    let output = b[0] * *value + *z1;
                    *z1 = b[1] * *value - a[0] * output + *z2;
                    *z2 = b[2] * *value - a[1] * output;
                    *value = output;
                }
            }
        }
    }

    /// The weights with which the samples around one enter its filtered value, symmetric and of odd length; what lies beyond is below
    /// 1e-6 of the middle.
    pub fn kernel(&self) -> Vec<f64> {
        /// Long enough for cutoffs down to a hundredth of the rate.
        const HALF: usize = 400;
        const NEGLIGIBLE: f64 = 1e-6;
        let mut impulse = vec![0.0; 2 * HALF + 1];
        impulse[HALF] = 1.0;
        let response = self.zero_phase(&impulse);
        let middle = response[HALF].abs();
        let half = (0..=HALF)
            .rev()
            .find(|&distance| response[HALF + distance].abs() > NEGLIGIBLE * middle)
            .unwrap_or(0);
        response[HALF - half..=HALF + half].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_passes_unchanged_and_the_kernel_weighs_1() {
        let filter = LowPass::butterworth(2, 3000.0, 20_000.0).unwrap();
        for value in filter.zero_phase(&[4.0; 50]) {
            assert!((value - 4.0).abs() < 1e-12);
        }
        assert!((filter.kernel().iter().sum::<f64>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn the_second_order_coefficients_are_those_of_scipy() {
        // scipy.signal.butter(2, 2000, fs=20000, output="sos")
        let filter = LowPass::butterworth(2, 2000.0, 20_000.0).unwrap();
        let section = filter.sections[0];
        assert!((section.b[0] - 0.067_455_273_889_071_9).abs() < 1e-12);
        assert!((section.a[0] + 1.142_980_502_539_901).abs() < 1e-12);
        assert!((section.a[1] - 0.412_801_598_096_188_8).abs() < 1e-12);
    }

    #[test]
    fn a_signal_of_any_length_is_filtered() {
        let filter = LowPass::butterworth(3, 100.0, 1000.0).unwrap();
        for length in 0..30 {
            assert_eq!(filter.zero_phase(&vec![1.0; length]).len(), length);
        }
    }

    #[test]
    fn many_signals_are_filtered_as_each_would_be() {
        let filter = LowPass::butterworth(3, 100.0, 1000.0).unwrap();
        let signals: Vec<Vec<f64>> = (0..23_usize)
            .map(|i| {
                let length = [50, 50, 51, 3, 0, 50][i % 6];
                (0..length).map(|j| ((i * 7 + j * j) % 11) as f64).collect()
            })
            .collect();
        for (signal, filtered) in signals.iter().zip(filter.zero_phase_all(&signals)) {
            assert_eq!(filter.zero_phase(signal), filtered);
        }
    }

    #[test]
    fn a_cutoff_beyond_half_the_rate_makes_no_filter() {
        assert_eq!(LowPass::butterworth(2, 3000.0, 5000.0), None);
        assert_eq!(LowPass::butterworth(2, f64::NAN, 5000.0), None);
    }
}
