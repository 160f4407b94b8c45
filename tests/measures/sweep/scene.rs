//! Hand-made recordings whose every part is known.

use endplate::finding::FindingCode;
use endplate::recording::{
    Calibration, Channel, Mark, Origin, Recording, Role, Samples, Segment, Subject, Vocabulary,
};
use endplate::stimulus::{self, Stimulus};
use endplate::sweep::{self, Cut, Settings, Sweep};
use endplate::units::{Hertz, Seconds};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use std::f64::consts::TAU;

/// A recording of one channel, part by part; mV and s.
pub struct Scene {
    pub rate: f64,
    pub length: f64,
    pub stimuli: Vec<f64>,
    pub cmap: f64,
    pub noise: f64,
    /// RMS, Hz, and the parts of the third and fifth harmonic.
    pub mains: (f64, f64, f64, f64),
    /// Height of the pulse of 0.2 ms, height of its tail at 0.2 ms, time constant (ms).
    pub artefact: (f64, f64, f64),
    pub alternating: bool,
    pub drift: f64,
    pub step: f64,
    pub seed: u64,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            rate: 10_000.0,
            length: 8.0,
            stimuli: train(2.0, 3.0, 10),
            cmap: 8.0,
            noise: 0.005,
            mains: (0.0, 50.0, 0.0, 0.0),
            artefact: (3.0, 0.0, 1.0),
            alternating: false,
            drift: 0.0,
            step: 0.0,
            seed: 1,
        }
    }
}

pub fn train(start: f64, rate: f64, count: usize) -> Vec<f64> {
    // Not a whole number of samples.
    (0..count)
        .map(|i| start + 0.000_037 + i as f64 / rate)
        .collect()
}

/// A biphasic response that begins 3 ms after the stimulus: unit height, about 12 ms long.
pub fn response(ms: f64) -> f64 {
    let x = ms - 3.0;
    if x <= 0.0 {
        return 0.0;
    }
    // Smooth at the onset; the peaks come at 2 and 7 ms.
    let negative = (x / 2.0).powi(2) * (2.0 - x).exp();
    let positive = 0.25 * (x / 7.0).powi(8) * (8.0 * (1.0 - x / 7.0)).exp();
    negative - positive
}

impl Scene {
    fn mains_at(&self, t: f64) -> f64 {
        let (rms, hertz, third, fifth) = self.mains;
        let a = rms * 2f64.sqrt();
        a * ((TAU * hertz * t + 0.4).sin()
            + third * (3.0 * TAU * hertz * t + 1.0).sin()
            + fifth * (5.0 * TAU * hertz * t + 2.0).sin())
    }

    pub fn signal(&self) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let normal = Normal::new(0.0, self.noise.max(1e-300)).unwrap();
        let n = (self.length * self.rate) as usize;
        let mut values: Vec<f64> = (0..n)
            .map(|i| {
                let t = i as f64 / self.rate;
                normal.sample(&mut rng) + self.mains_at(t) + self.drift * t
            })
            .collect();
        for (number, &time) in self.stimuli.iter().enumerate() {
            let sign = if self.alternating && number % 2 == 1 {
                -1.0
            } else {
                1.0
            };
            let (pulse, tail, tau) = self.artefact;
            let first = (time * self.rate).ceil() as usize;
            for (i, value) in values
                .iter_mut()
                .enumerate()
                .skip(first)
                .take((0.1 * self.rate) as usize)
            {
                let ms = (i as f64 / self.rate - time) * 1000.0;
                *value += self.cmap * response(ms);
                *value += sign
                    * if ms < 0.2 {
                        pulse
                    } else {
                        tail * (-(ms - 0.2) / tau).exp()
                    };
            }
        }
        if self.step > 0.0 {
            for value in &mut values {
                *value = (*value / self.step).round() * self.step;
            }
        }
        values
    }

    pub fn recording(&self, marked: bool) -> Recording {
        recording(
            vec![channel(self.rate, vec![(0.0, self.signal())])],
            if marked { &self.stimuli } else { &[] },
        )
    }

    pub fn cut(&self) -> Cut {
        let recording = self.recording(true);
        let found = stimuli(&recording);
        sweep::cut(&recording, 0, &found, &Settings::default()).unwrap()
    }
}

pub fn channel(rate: f64, segments: Vec<(f64, Vec<f64>)>) -> Channel {
    Channel {
        label: "ADM".into(),
        role: Role::Response,
        rate: Hertz(rate),
        segments: segments
            .into_iter()
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples: Samples::F64(samples),
            })
            .collect(),
        calibration: Calibration {
            gain: 1.0,
            offset: 0.0,
            rails: None,
            unit: "mV".into(),
            millivolts_per_unit: Some(1.0),
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings: Vec::new(),
    }
}

pub fn recording(channels: Vec<Channel>, marks: &[f64]) -> Recording {
    Recording {
        channels,
        marks: marks
            .iter()
            .map(|&time| Mark {
                time: Seconds(time),
                duration: None,
                text: "Stimulus".into(),
                channel: None,
            })
            .collect(),
        origin: Origin::default(),
        subject: Subject::default(),
        corrections: Vec::new(),
        findings: Vec::new(),
    }
}

pub fn stimuli(recording: &Recording) -> Vec<Stimulus> {
    stimulus::find(
        recording,
        &Vocabulary::default(),
        &stimulus::Settings::default(),
    )
    .unwrap()
    .stimuli
}

pub fn has(findings: &[endplate::finding::Finding], code: FindingCode) -> bool {
    findings.iter().any(|finding| finding.code == code)
}

pub fn time(sweep: &Sweep, index: usize) -> f64 {
    sweep.first.0 + index as f64 * 1000.0 / sweep.rate.0
}

/// The difference from the pure response from `from` to `to` ms.
pub fn error(sweep: &Sweep, height: f64, from: f64, to: f64) -> Vec<f64> {
    (0..sweep.values.len())
        .filter(|&i| (from..=to).contains(&time(sweep, i)))
        .map(|i| sweep.values[i] - height * response(time(sweep, i)))
        .collect()
}

pub fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
