//! The electrodes over a muscle and the machine behind them: segments of stored numbers.

use super::acquisition::{Artefact, Converter, Disturbance, add_coloured, add_noise};
use super::faults::{FaultKind, PlacedFault};
use super::muscle::{Muscle, RESPONSE_MS, Response};
use super::protocol::Schedule;
use super::study::Shock;
use super::{Layout, Plan, Purpose, stream};
use crate::recording::{Calibration, Channel, Role, Samples, Segment};
use crate::units::{Hertz, Seconds};

/// Corner of the spectrum of a surface interference pattern, in Hz.
const EMG_CORNER_HZ: f64 = 150.0;
/// A single shock is rested this long before a continuous recording pauses, in seconds.
const MARGIN_S: f64 = 0.5;
/// Physical height of a trigger pulse, mV.
const TRIGGER_MV: f64 = 5000.0;
/// Height (mV) and time constant (s) of the jolt that a movement gives the baseline.
const JOLT: (f64, f64) = (0.5, 0.4);
/// Height (mV), time after the stimulus (ms) and width (ms) of an involuntary twitch.
const TWITCH: (f64, f64, f64) = (1.5, 4.0, 3.0);
/// The part of the largest response that is beyond the amplifier's range in a recording with saturation.
const CLIPPED: f64 = 0.2;
/// The part of the gain that is lost.
const GAIN_LOST: f64 = 0.5;

/// What is recorded, as half-open ranges of samples counted from time 0, in order and apart.
pub(super) fn windows(plan: &Plan, schedule: &Schedule, shocks: &[Shock]) -> Vec<(i64, i64)> {
    let sample = |time_s: f64| (time_s * plan.rate_hz).floor() as i64;
    let mut wanted: Vec<(i64, i64)> = match plan.layout {
        Layout::Sweeps => shocks
            .iter()
            .map(|shock| {
                let first = sample(shock.time_s - plan.sweep_before_ms / 1000.0);
                let length = ((plan.sweep_before_ms + plan.sweep_after_ms) / 1000.0 * plan.rate_hz)
                    .round() as i64;
                (first, first + length.max(1))
            })
            .collect(),
        Layout::Continuous => {
            let margin = MARGIN_S.max(plan.longest_pause_s / 2.0);
            let busy = schedule
                .trains
                .iter()
                .map(|train| {
                    (
                        train.start_s,
                        train.start_s + (train.stimuli - 1) as f64 / train.rate_hz,
                    )
                })
                .chain(
                    schedule
                        .exercises
                        .iter()
                        .map(|exercise| (exercise.start_s, exercise.end_s())),
                );
            // Gaps between whole seconds, so that a format of records of equal length needs no record of a single sample.
            busy.map(|(from, to)| {
                let (from, to) = ((from - margin).max(0.0).floor(), (to + margin).ceil());
                (sample(from), sample(to))
            })
            .collect()
        }
    };
    wanted.sort_unstable();
    let mut windows: Vec<(i64, i64)> = Vec::with_capacity(wanted.len());
    for (from, to) in wanted {
        match windows.last_mut() {
            Some(last) if from < last.1 => last.1 = last.1.max(to),
            _ => windows.push((from, to)),
        }
    }
    windows
}

/// The electrodes over one muscle and the machine behind them.
pub(super) struct Electrode<'a> {
    pub plan: &'a Plan,
    pub schedule: &'a Schedule,
    pub shocks: &'a [Shock],
    pub responses: &'a [Response],
    pub faults: &'a [PlacedFault],
    pub index: usize,
}

impl Electrode<'_> {
    /// What the machine stores.
    pub fn record(&self, windows: &[(i64, i64)], muscle: &Muscle) -> Channel {
        let plan = self.plan;
        let disturbance = Disturbance::new(plan, self.index);
        let mut noise = stream(plan.seed, Purpose::Noise, self.index);
        let mut emg = stream(plan.seed, Purpose::Exercise, self.index);
        let signals: Vec<Vec<f64>> = windows
            .iter()
            .map(|&(from, to)| {
                let mut values = vec![0.0; usize::try_from(to - from).unwrap_or(0)];
                let start_s = from as f64 / plan.rate_hz;
                self.add_responses(&mut values, start_s);
                self.add_exercise(&mut values, start_s, &mut emg);
                self.add_events(&mut values, start_s);
                disturbance.add(&mut values, start_s, plan.rate_hz);
                add_noise(&mut values, plan, &mut noise);
                self.apply_amplifier(&mut values, start_s);
                values
            })
            .collect();
        let converter = self.converter();
        let segments = windows
            .iter()
            .zip(&signals)
            .map(|(&(from, _), values)| Segment {
                start: Seconds(from as f64 / plan.rate_hz),
                samples: store(&converter, plan.bits, values),
            })
            .collect();
        Channel {
            label: muscle.name.clone(),
            role: Role::Response,
            rate: Hertz(plan.rate_hz),
            segments,
            calibration: Calibration {
                gain: converter.step_mv,
                offset: 0.0,
                rails: Some(converter.rails),
                unit: "uV".to_owned(),
                millivolts_per_unit: Some(1e-3),
            },
            muscle: Some(muscle.name.clone()),
            nerve: Some(muscle.nerve.clone()),
            side: None,
            prefilter: None,
            transducer: None,
            findings: Vec::new(),
        }
    }

    fn has(&self, kind: FaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    fn size_of(&self, kind: FaultKind) -> f64 {
        let mut faults = self.faults.iter();
        faults
            .find(|fault| fault.kind == kind)
            .map_or(0.0, |fault| fault.size)
    }

    /// The planned time of the response at which a fault begins.
    fn time_of(&self, fault: &PlacedFault) -> f64 {
        let train = &self.schedule.trains[fault.train];
        train.start_s + fault.response as f64 / train.rate_hz
    }

    fn converter(&self) -> Converter {
        let mut converter = Converter::new(self.plan.step_uv * 1e-3, self.plan.bits);
        if self.has(FaultKind::Saturation) {
            let size = self.size_of(FaultKind::Saturation);
            let largest = self
                .responses
                .iter()
                .flat_map(|response| (0..400).map(|step| response.value(f64::from(step) * 0.1)))
                .fold(0.0, f64::max);
            converter.step_mv =
                ((1.0 - CLIPPED * size).max(0.01) * largest / converter.rails.1).max(1e-9);
        }
        converter
    }

    fn add_responses(&self, values: &mut [f64], start_s: f64) {
        let rate = self.plan.rate_hz;
        let artefact = Artefact::new(self.plan);
        let before_ms = 1.0;
        let after_ms = RESPONSE_MS.max(artefact.end_ms());
        for (number, (shock, response)) in self.shocks.iter().zip(self.responses).enumerate() {
            let first = ((shock.time_s - before_ms / 1000.0 - start_s) * rate).ceil();
            let last = ((shock.time_s + after_ms / 1000.0 - start_s) * rate).floor();
            if last < 0.0 || first >= values.len() as f64 {
                continue;
            }
            let polarity = if self.plan.artefact_alternates && number % 2 == 1 {
                -1.0
            } else {
                1.0
            };
            let from = first.max(0.0) as usize;
            let to = (last as usize + 1).min(values.len());
            for (offset, value) in values[from..to].iter_mut().enumerate() {
                let time_s = start_s + (from + offset) as f64 / rate;
                let t = (time_s - shock.time_s) * 1000.0;
                *value += response.value(t);
                if t <= artefact.end_ms() {
                    *value += polarity * artefact.value(t);
                }
            }
        }
    }

    fn add_exercise(&self, values: &mut [f64], start_s: f64, rng: &mut rand_chacha::ChaCha8Rng) {
        let rate = self.plan.rate_hz;
        if self.plan.layout != Layout::Continuous {
            return;
        }
        for exercise in &self.schedule.exercises {
            let from = ((exercise.start_s - start_s) * rate).max(0.0) as usize;
            let to = (((exercise.end_s() - start_s) * rate).max(0.0) as usize).min(values.len());
            if let Some(active) = values.get_mut(from..to) {
                add_coloured(active, self.plan.exercise_emg_uv, EMG_CORNER_HZ, rate, rng);
            }
        }
    }

    /// Jolts and twitches: what the electrode sees beside the responses.
    fn add_events(&self, values: &mut [f64], start_s: f64) {
        for fault in self.faults {
            let time_s = self.time_of(fault);
            let shape: &dyn Fn(f64) -> f64 = match fault.kind {
                FaultKind::Movement => &|t| {
                    if t > -JOLT_LEAD_S {
                        JOLT.0 * (-(t + JOLT_LEAD_S) / JOLT.1).exp()
                    } else {
                        0.0
                    }
                },
                FaultKind::Twitch => &|t| {
                    let z = (t * 1000.0 - TWITCH.1) / TWITCH.2;
                    TWITCH.0 * (1.0 - z * z) * (-z * z / 2.0).exp()
                },
                _ => continue,
            };
            for (index, value) in values.iter_mut().enumerate() {
                *value += fault.size * shape(start_s + index as f64 / self.plan.rate_hz - time_s);
            }
        }
    }

    /// What the amplifier does to the signal: exchanged inputs, changed gain.
    fn apply_amplifier(&self, values: &mut [f64], start_s: f64) {
        for fault in self.faults {
            match fault.kind {
                FaultKind::Inverted => values.iter_mut().for_each(|value| *value = -*value),
                FaultKind::GainChange => {
                    let from = self.time_of(fault) - self.plan.sweep_before_ms / 1000.0;
                    for (index, value) in values.iter_mut().enumerate() {
                        if start_s + index as f64 / self.plan.rate_hz >= from {
                            *value *= (1.0 - GAIN_LOST * fault.size).max(0.0);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// A movement comes this long before the first response that it changes, in seconds.
const JOLT_LEAD_S: f64 = 0.1;

fn store(converter: &Converter, bits: u32, values: &[f64]) -> Samples {
    let stored = values.iter().map(|&value| converter.store(value));
    if bits <= 16 {
        Samples::I16(stored.map(|value| value as i16).collect())
    } else {
        Samples::I32(stored.map(|value| value as i32).collect())
    }
}

/// The trigger channel: a pulse at each of `pulses` (s).
pub(super) fn trigger(plan: &Plan, windows: &[(i64, i64)], pulses: &[f64]) -> Channel {
    let length = ((plan.trigger_ms / 1000.0 * plan.rate_hz).round() as i64).max(1);
    let segments = windows
        .iter()
        .map(|&(from, to)| {
            let mut samples = vec![0_i16; usize::try_from(to - from).unwrap_or(0)];
            for &pulse in pulses {
                // The first sample at or after the stimulus sees the edge.
                let first = (pulse * plan.rate_hz).ceil() as i64;
                for index in first.max(from)..(first + length).min(to) {
                    if let Some(sample) = usize::try_from(index - from)
                        .ok()
                        .and_then(|index| samples.get_mut(index))
                    {
                        *sample = TRIGGER_MV as i16;
                    }
                }
            }
            Segment {
                start: Seconds(from as f64 / plan.rate_hz),
                samples: Samples::I16(samples),
            }
        })
        .collect();
    Channel {
        label: "TRIG".to_owned(),
        role: Role::Trigger,
        rate: Hertz(plan.rate_hz),
        segments,
        calibration: Calibration {
            gain: 1.0,
            offset: 0.0,
            rails: Some((f64::from(i16::MIN), f64::from(i16::MAX))),
            unit: "mV".to_owned(),
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
