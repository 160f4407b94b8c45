//! Butterworth filters in second-order sections, run forwards and backwards so that nothing is delayed.
//!
//! The design is the bilinear transform of the analog prototype with prewarped cutoff, and the treatment of the ends (odd extension,
//! steady-state start) is that of `scipy.signal.sosfiltfilt`; both equal scipy to 1e-9 (see the oracle tests).

use std::collections::BTreeMap;
use std::f64::consts::PI;

/// So many signals are filtered side by side: the registers of a processor hold their states.
const TOGETHER: usize = 8;

/// So many values of each are put side by side before those of the next signal, so that they are still in the cache.
const BLOCK: usize = 32;

/// One second-order section: b0 b1 b2 a1 a2, with a0 = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Numerator.
    pub b: [f64; 3],
    /// Denominator without its leading 1.
    pub a: [f64; 2],
}

impl Section {
    /// Filters in place in the order that is given, started as if `level` had always been there. Gives the level that comes out of it.
    fn run<'v, const N: usize>(
        &self,
        level: [f64; N],
        values: impl Iterator<Item = &'v mut [f64; N]>,
    ) -> [f64; N] {
        let Self { b, a } = self;
        let gain = (b[0] + b[1] + b[2]) / (1.0 + a[0] + a[1]);
        // Transposed direct form II; the state of a constant input.
        let mut z1 = level.map(|level| (b[2] + b[1] - gain * (a[0] + a[1])) * level);
        let mut z2 = level.map(|level| (b[2] - gain * a[1]) * level);
        for lanes in values {
            for ((value, z1), z2) in lanes.iter_mut().zip(&mut z1).zip(&mut z2) {
                let output = b[0] * *value + *z1;
                *z1 = b[1] * *value - a[0] * output + *z2;
                *z2 = b[2] * *value - a[1] * output;
                *value = output;
            }
        }
        level.map(|level| level * gain)
    }
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
    pub fn zero_phase(&self, signal: &mut [f64]) {
        self.side_by_side([signal], &mut Vec::new());
    }

    /// Filters each signal forwards and backwards, with the same result as one by one. Each value of a recursive filter waits for the one
    /// before it, and meanwhile the processor can filter other signals of the same length.
    pub fn zero_phase_all(&self, signals: &mut [Vec<f64>]) {
        let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, signal) in signals.iter().enumerate() {
            by_length.entry(signal.len()).or_default().push(index);
        }
        // One for all: fresh memory costs more than the filter.
        let mut extended = Vec::new();
        for (&length, indices) in &by_length {
            let (together, rest) = indices.as_chunks::<TOGETHER>();
            for some in together {
                // Each index stands in one list, once, so there is no error.
                if let Ok(some) = signals.get_disjoint_mut(*some) {
                    self.side_by_side(some.map(Vec::as_mut_slice), &mut extended);
                }
            }
            match rest {
                [] => {}
                &[one] => self.zero_phase(&mut signals[one]),
                // Several cost no more than one when what is missing beside them is filled up.
                several => {
                    let mut some: [Vec<f64>; TOGETHER] =
                        std::array::from_fn(|place| match several.get(place) {
                            Some(&index) => std::mem::take(&mut signals[index]),
                            None => vec![0.0; length],
                        });
                    self.side_by_side(some.each_mut().map(Vec::as_mut_slice), &mut extended);
                    for (&index, signal) in several.iter().zip(some) {
                        signals[index] = signal;
                    }
                }
            }
        }
    }

    /// Filters signals of one length; `extended` is room to work in.
    fn side_by_side<const N: usize>(
        &self,
        mut signals: [&mut [f64]; N],
        extended: &mut Vec<[f64; N]>,
    ) {
        let length = signals.iter().map(|signal| signal.len()).min().unwrap_or(0);
        let Some(last) = length.checked_sub(1) else {
            return;
        };
        let padding = self.padding().min(last);
        extended.resize(length + 2 * padding, [0.0; N]);
        for (lane, signal) in signals.iter().enumerate() {
            let mirrored = signal[1..=padding].iter().rev();
            for (slot, value) in extended.iter_mut().zip(mirrored) {
                slot[lane] = 2.0 * signal[0] - value;
            }
            let mirrored = signal[last - padding..last].iter().rev();
            for (slot, value) in extended[padding + length..].iter_mut().zip(mirrored) {
                slot[lane] = 2.0 * signal[last] - value;
            }
        }
        let inside = &mut extended[padding..padding + length];
        for (block, slots) in inside.chunks_mut(BLOCK).enumerate() {
            for (lane, signal) in signals.iter().enumerate() {
                for (slot, value) in slots.iter_mut().zip(&signal[block * BLOCK..]) {
                    slot[lane] = *value;
                }
            }
        }
        if let Some(&first) = extended.first() {
            let mut level = first;
            for section in &self.sections {
                level = section.run(level, extended.iter_mut());
            }
        }
        if let Some(&last) = extended.last() {
            let mut level = last;
            for section in &self.sections {
                level = section.run(level, extended.iter_mut().rev());
            }
        }
        let inside = &extended[padding..padding + length];
        for (block, slots) in inside.chunks(BLOCK).enumerate() {
            for (lane, signal) in signals.iter_mut().enumerate() {
                for (value, slot) in signal[block * BLOCK..].iter_mut().zip(slots) {
                    *value = slot[lane];
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
        let mut response = vec![0.0; 2 * HALF + 1];
        response[HALF] = 1.0;
        self.zero_phase(&mut response);
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
        let mut constant = [4.0; 50];
        filter.zero_phase(&mut constant);
        for value in constant {
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
            let mut signal = vec![1.0; length];
            filter.zero_phase(&mut signal);
            assert!(
                signal.iter().all(|value| (value - 1.0).abs() < 1e-9),
                "{length}"
            );
        }
    }

    #[test]
    fn many_signals_are_filtered_as_each_would_be() {
        let filter = LowPass::butterworth(3, 100.0, 1000.0).unwrap();
        let signals: Vec<Vec<f64>> = (0..43_usize)
            .map(|i| {
                let length = [50, 50, 51, 3, 0, 50][i % 6];
                (0..length).map(|j| ((i * 7 + j * j) % 11) as f64).collect()
            })
            .collect();
        let mut together = signals.clone();
        filter.zero_phase_all(&mut together);
        for (mut alone, together) in signals.into_iter().zip(together) {
            filter.zero_phase(&mut alone);
            assert_eq!(alone, together);
        }
    }

    #[test]
    fn a_cutoff_beyond_half_the_rate_makes_no_filter() {
        assert_eq!(LowPass::butterworth(2, 3000.0, 5000.0), None);
        assert_eq!(LowPass::butterworth(2, f64::NAN, 5000.0), None);
    }
}
