//! From the potential under the electrodes to stored numbers: artefact, mains, drift, noise, converter.

use super::muscle::gaussian;
use super::{Plan, Purpose, stream};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::Distribution;
use statrs::function::erf::erf;
use std::f64::consts::TAU;

/// The stimulus artefact in one channel: a pulse and the discharge of the electrodes after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Artefact {
    pulse_mv: f64,
    pulse_ms: f64,
    tail_mv: f64,
    tail_ms: f64,
    edge_ms: f64,
}

impl Artefact {
    pub fn new(plan: &Plan) -> Self {
        Self {
            pulse_mv: plan.artefact_mv,
            pulse_ms: plan.pulse_ms.max(0.0),
            tail_mv: plan.artefact_tail_mv,
            tail_ms: plan.artefact_tail_ms.max(1e-3),
            // The converter's own low pass: without it a pulse between two samples would leave no trace.
            edge_ms: (EDGE_SAMPLES * 1000.0 / plan.rate_hz).max(SHORTEST_EDGE_MS),
        }
    }

    /// The artefact in mV at `t` ms after the stimulus.
    pub fn value(&self, t: f64) -> f64 {
        if t < -10.0 * self.edge_ms {
            return 0.0;
        }
        let edge = |t: f64| 0.5 * (1.0 + erf(t / self.edge_ms));
        let tail = if t > self.pulse_ms {
            self.tail_mv * (-(t - self.pulse_ms) / self.tail_ms).exp()
        } else {
            0.0
        };
        self.pulse_mv * (edge(t) - edge(t - self.pulse_ms)) + tail * edge(t - self.pulse_ms)
    }

    /// After this time (ms) the artefact is below a nanovolt.
    pub fn end_ms(&self) -> f64 {
        let tail = (self.tail_mv.abs() / 1e-6).max(1.0).ln() * self.tail_ms;
        self.pulse_ms + tail + 10.0 * self.edge_ms
    }
}

/// The width of the edges of the artefact's pulse, in samples: about that of a converter's anti-aliasing filter.
const EDGE_SAMPLES: f64 = 0.4;
/// The width of an edge at a bandwidth of 10 kHz, in ms.
const SHORTEST_EDGE_MS: f64 = 0.02;

/// Bandwidth in which the noise of a plan is stated, in Hz.
const NOISE_BANDWIDTH_HZ: f64 = 10_000.0;
/// Corner of the coloured part of the noise, in Hz: electrode and muscle noise lies below some hundred Hz.
const COLOURED_CORNER_HZ: f64 = 200.0;
/// Odd harmonics of the mains and their size relative to the fundamental: usual of transformers and lamps.
const HARMONICS: [(f64, f64); 4] = [(1.0, 1.0), (3.0, 0.3), (5.0, 0.15), (7.0, 0.07)];
/// Slowest and fastest drift, in Hz.
const DRIFT_HZ: (f64, f64) = (0.03, 0.6);
/// Sinusoids that make up the drift.
const DRIFT_PARTS: usize = 8;
/// Between two evaluations of the drift, in seconds; in between it is a straight line (error below 1e-6 of its size).
const DRIFT_STEP_S: f64 = 0.001;

/// What the electrodes pick up apart from the muscle, at any time of the recording.
#[derive(Clone, Debug)]
pub(super) struct Disturbance {
    mains: Vec<(f64, f64, f64)>,
    drift: Vec<(f64, f64, f64)>,
}

impl Disturbance {
    pub fn new(plan: &Plan, channel: usize) -> Self {
        let mut rng = stream(plan.seed, Purpose::Mains, channel);
        let power: f64 = HARMONICS.iter().map(|(_, size)| size * size / 2.0).sum();
        // The grid is never exactly at its nominal frequency.
        let frequency = plan.mains_hz * (1.0 + 4e-4 * (rng.random::<f64>() - 0.5));
        let mains = HARMONICS
            .iter()
            .filter(|_| plan.mains_uv > 0.0)
            .map(|(harmonic, size)| {
                let amplitude = plan.mains_uv * 1e-3 * size / power.sqrt();
                (harmonic * frequency, amplitude, TAU * rng.random::<f64>())
            })
            .filter(|(frequency, _, _)| *frequency < plan.rate_hz / 2.0)
            .collect();
        let mut rng = stream(plan.seed, Purpose::Drift, channel);
        let ratio = DRIFT_HZ.1 / DRIFT_HZ.0;
        let mut drift: Vec<(f64, f64, f64)> = (0..DRIFT_PARTS)
            .filter(|_| plan.drift_uv > 0.0)
            .map(|part| {
                let place = (part as f64 + rng.random::<f64>()) / DRIFT_PARTS as f64;
                let frequency = DRIFT_HZ.0 * ratio.powf(place);
                (frequency, 1.0 / frequency, TAU * rng.random::<f64>())
            })
            .collect();
        let power: f64 = drift.iter().map(|(_, size, _)| size * size / 2.0).sum();
        for part in &mut drift {
            part.1 *= plan.drift_uv * 1e-3 / power.sqrt();
        }
        Self { mains, drift }
    }

    /// Adds what is picked up to `values`, whose first is at `start_s`.
    pub fn add(&self, values: &mut [f64], start_s: f64, rate_hz: f64) {
        for &(frequency, amplitude, phase) in &self.mains {
            for (index, value) in values.iter_mut().enumerate() {
                let time = start_s + index as f64 / rate_hz;
                *value += amplitude * (TAU * (frequency * time).fract() + phase).sin();
            }
        }
        if self.drift.is_empty() {
            return;
        }
        let drift = |time: f64| -> f64 {
            self.drift
                .iter()
                .map(|(frequency, amplitude, phase)| {
                    amplitude * (TAU * frequency * time + phase).sin()
                })
                .sum()
        };
        let mut knot = f64::NEG_INFINITY;
        let (mut left, mut right) = (0.0, 0.0);
        for (index, value) in values.iter_mut().enumerate() {
            let time = start_s + index as f64 / rate_hz;
            let step = (time / DRIFT_STEP_S).floor();
            if step != knot {
                knot = step;
                left = drift(step * DRIFT_STEP_S);
                right = drift((step + 1.0) * DRIFT_STEP_S);
            }
            *value += left + (right - left) * (time / DRIFT_STEP_S - step);
        }
    }
}

/// Adds the noise of the amplifier (white) and of electrodes and tissue (coloured) to a stretch without gaps.
pub(super) fn add_noise(values: &mut [f64], plan: &Plan, rng: &mut ChaCha8Rng) {
    // A constant density: twice the band holds twice the power.
    let band = (plan.rate_hz / 2.0 / NOISE_BANDWIDTH_HZ).sqrt();
    if let Some(white) = gaussian(plan.noise_uv * 1e-3 * band) {
        for value in values.iter_mut() {
            *value += white.sample(rng);
        }
    }
    add_coloured(
        values,
        plan.coloured_noise_uv,
        COLOURED_CORNER_HZ,
        plan.rate_hz,
        rng,
    );
}

/// Adds noise with a spectrum that falls above `corner_hz`; `rms_uv` in its whole band.
pub(super) fn add_coloured(
    values: &mut [f64],
    rms_uv: f64,
    corner_hz: f64,
    rate_hz: f64,
    rng: &mut ChaCha8Rng,
) {
    let Some(start) = gaussian(rms_uv * 1e-3) else {
        return;
    };
    let keep = (-TAU * corner_hz / rate_hz).exp();
    let fresh = (1.0 - keep * keep).sqrt();
    let mut state = start.sample(rng);
    for value in values.iter_mut() {
        *value += state;
        state = keep * state + fresh * start.sample(rng);
    }
}

/// The analog-to-digital converter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Converter {
    /// mV per step.
    pub step_mv: f64,
    /// The lowest and highest number.
    pub rails: (f64, f64),
}

impl Converter {
    pub fn new(step_mv: f64, bits: u32) -> Self {
        let half = f64::from(1_u32 << (bits.clamp(2, 24) - 1));
        Self {
            step_mv,
            rails: (-half, half - 1.0),
        }
    }

    /// The number that is stored for `millivolts`.
    pub fn store(&self, millivolts: f64) -> f64 {
        (millivolts / self.step_mv)
            .round()
            .clamp(self.rails.0, self.rails.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_converter_stops_at_its_rails() {
        let converter = Converter::new(0.001, 12);
        assert_eq!(converter.store(0.0014), 1.0);
        assert_eq!(converter.store(99.0), 2047.0);
        assert_eq!(converter.store(-99.0), -2048.0);
    }

    #[test]
    fn noise_has_the_stated_size_in_ten_kilohertz() {
        for (rate_hz, expected_uv) in [(20_000.0, 20.0), (5_000.0, 10.0)] {
            let plan = Plan {
                noise_uv: 20.0,
                rate_hz,
                ..Plan::default()
            };
            let mut values = vec![0.0; 50_000];
            add_noise(&mut values, &plan, &mut stream(7, Purpose::Noise, 0));
            let power = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
            let rms_uv = power.sqrt() * 1000.0;
            assert!((rms_uv / expected_uv - 1.0).abs() < 0.02, "{rms_uv}");
        }
    }

    #[test]
    fn mains_and_drift_have_the_stated_size() {
        let plan = Plan {
            mains_uv: 30.0,
            drift_uv: 0.0,
            ..Plan::default()
        };
        let mut values = vec![0.0; 40_000];
        Disturbance::new(&plan, 0).add(&mut values, 3.0, plan.rate_hz);
        let power = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!((power.sqrt() * 1000.0 / 30.0 - 1.0).abs() < 0.01);
        let plan = Plan {
            drift_uv: 100.0,
            ..Plan::default()
        };
        let mut values = vec![0.0; 1_000_000];
        Disturbance::new(&plan, 0).add(&mut values, 0.0, 1000.0);
        let power = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!((power.sqrt() * 10.0 - 1.0).abs() < 0.1, "{}", power.sqrt());
    }
}
