//! Butterworth filters in second-order sections, run forwards and backwards so that nothing is delayed.
//!
//! The design is the bilinear transform of the analog prototype with prewarped cutoff, and the treatment of the ends (odd extension,
//! steady-state start) is that of `scipy.signal.sosfiltfilt`; both equal scipy to 1e-9 (see the oracle tests).

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
        let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else {
            return Vec::new();
        };
        let padding = self.padding().min(signal.len() - 1);
        let mut extended = Vec::with_capacity(signal.len() + 2 * padding);
        extended.extend(
            signal[1..=padding]
                .iter()
                .rev()
                .map(|value| 2.0 * first - value),
        );
        extended.extend_from_slice(signal);
        extended.extend(
            signal[signal.len() - 1 - padding..signal.len() - 1]
                .iter()
                .rev()
                .map(|value| 2.0 * last - value),
        );
        self.run(&mut extended);
        extended.reverse();
        self.run(&mut extended);
        extended.reverse();
        extended.drain(..padding);
        extended.truncate(signal.len());
        extended
    }

    /// One pass in place, started as if the first value had always been there.
    fn run(&self, values: &mut [f64]) {
        let Some(&first) = values.first() else { return };
        let mut level = first;
        for section in &self.sections {
            let Section { b, a } = *section;
            let gain = (b[0] + b[1] + b[2]) / (1.0 + a[0] + a[1]);
            // Transposed direct form II; the state of a constant input.
            let mut z1 = (b[2] + b[1] - gain * (a[0] + a[1])) * level;
            let mut z2 = (b[2] - gain * a[1]) * level;
            level *= gain;
            for value in values.iter_mut() {
                let output = b[0] * *value + z1;
                z1 = b[1] * *value - a[0] * output + z2;
                z2 = b[2] * *value - a[1] * output;
                *value = output;
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
    fn a_cutoff_beyond_half_the_rate_makes_no_filter() {
        assert_eq!(LowPass::butterworth(2, 3000.0, 5000.0), None);
        assert_eq!(LowPass::butterworth(2, f64::NAN, 5000.0), None);
    }
}
