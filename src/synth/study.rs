//! The whole examination: stimuli, responses, segments, marks, truth.

use super::acquisition::{Artefact, Converter, Disturbance, add_coloured, add_noise};
use super::faults::{FaultKind, PlacedFault, place, reach};
use super::muscle::{Muscle, Reach, Response};
use super::protocol::{Schedule, ScheduledTrain};
use super::truth::{
    ChannelTruth, ExerciseTruth, FacilitationTruth, FaultTruth, ResponseTruth, TrainTruth, Truth,
    changes, landmarks,
};
use super::{Layout, Plan, Purpose, Simulated, StimulusRecord, stream};
use crate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Subject,
};
use crate::units::{Celsius, Hertz, Seconds};
use rand::Rng;

/// A stimulus that was given.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shock {
    time_s: f64,
    train: usize,
    /// From 1; `None` if it does not belong to the rhythm.
    ordinal: Option<usize>,
    marked: bool,
}

/// A response lasts no longer than this, in ms: the tail of the longest fibre potential is below 1 nV then.
const RESPONSE_MS: f64 = 120.0;
/// Rate of voluntary impulses, in Hz: that of motor units in a strong contraction of a hand muscle.
const VOLUNTARY_HZ: f64 = 25.0;
/// Corner of the spectrum of a surface interference pattern, in Hz.
const EMG_CORNER_HZ: f64 = 150.0;
/// An additional stimulus comes this much later at most, in seconds.
const DOUBLE_DELAY_S: f64 = 0.1;
/// A single shock is rested this long before a continuous recording pauses, in seconds.
const MARGIN_S: f64 = 0.5;
/// Physical height of a trigger pulse, mV.
const TRIGGER_MV: f64 = 5000.0;
/// Height (mV) and time constant (s) of the jolt that a movement gives the baseline.
const JOLT: (f64, f64) = (0.5, 0.4);
/// Height (mV), time after the stimulus (ms) and width (ms) of an involuntary twitch.
const TWITCH: (f64, f64, f64) = (1.5, 4.0, 3.0);
/// The amplifier's range relative to the largest response in a recording with saturation.
const CLIPPED_AT: f64 = 0.8;

pub(super) fn simulate(plan: &Plan) -> Simulated {
    let schedule = plan.protocol.schedule();
    let planned: Vec<usize> = schedule.trains.iter().map(|train| train.stimuli).collect();
    let placed: Vec<PlacedFault> = plan
        .faults
        .iter()
        .filter_map(|fault| place(fault, &planned))
        .collect();
    let (shocks, mut spurious) = shocks(plan, &schedule, &placed);
    spurious.retain(|&time| time >= 0.0);
    let windows = windows(plan, &schedule, &shocks);
    let labels: Vec<String> = schedule
        .trains
        .iter()
        .map(|train| label(train, &schedule))
        .collect();

    let mut channels = Vec::with_capacity(plan.muscles.len() + 1);
    let mut truths = Vec::with_capacity(plan.muscles.len());
    for (index, name) in plan.muscles.iter().enumerate() {
        let mut muscle = Muscle::new(name, plan.profile, plan.seed, index);
        let responses = respond(plan, &schedule, &shocks, &placed, &mut muscle, index);
        truths.push(channel_truth(
            &schedule, &shocks, &responses, &labels, &muscle,
        ));
        let electrode = Electrode {
            plan,
            schedule: &schedule,
            shocks: &shocks,
            responses: &responses,
            faults: &placed,
            index,
        };
        channels.push(electrode.record(&windows, &muscle));
    }
    if plan.stimuli == StimulusRecord::Trigger {
        let pulses: Vec<f64> = shocks
            .iter()
            .filter(|shock| shock.marked)
            .map(|shock| shock.time_s)
            .chain(spurious.iter().copied())
            .collect();
        channels.push(trigger(plan, &windows, &pulses));
    }
    let faults = fault_truths(plan, &planned, &schedule);
    Simulated {
        recording: Recording {
            channels,
            marks: marks(plan, &schedule, &shocks, &spurious, &labels),
            origin: Origin {
                format: "simulation".to_owned(),
                started: Some("2026-01-01T09:00:00".to_owned()),
                device: Some(
                    concat!("endplate ", env!("CARGO_PKG_VERSION"), " simulate").to_owned(),
                ),
                clock: Clock::True,
                ..Origin::default()
            },
            subject: Subject {
                code: Some(format!("{}-{}", plan.profile.id(), plan.seed)),
                skin_temperature: Some(Celsius(33.0)),
                ..Subject::default()
            },
            findings: Vec::new(),
        },
        truth: Truth {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: plan.profile,
            seed: plan.seed,
            protocol: plan.protocol.to_string(),
            exercises: schedule
                .exercises
                .iter()
                .map(|exercise| ExerciseTruth {
                    start_s: exercise.start_s,
                    length_s: exercise.length_s,
                })
                .collect(),
            channels: truths,
            faults,
        },
    }
}

/// To the microsecond, so that a time survives decimal text.
fn microseconds(time_s: f64) -> f64 {
    (time_s * 1e6).round() / 1e6
}

/// The stimuli in order of time, and the times of marks without a stimulus.
fn shocks(plan: &Plan, schedule: &Schedule, faults: &[PlacedFault]) -> (Vec<Shock>, Vec<f64>) {
    let mut shocks = Vec::new();
    let mut spurious = Vec::new();
    for (train, scheduled) in schedule.trains.iter().enumerate() {
        let mut rng = stream(plan.seed, Purpose::Stimuli, train);
        // The stimulator knows nothing of the converter's clock.
        let phase = rng.random::<f64>() / plan.rate_hz;
        for response in 0..scheduled.stimuli {
            let jitter = plan.jitter_us * 1e-6 * rng.random_range(-1.0..=1.0);
            let planned = scheduled.start_s + phase + response as f64 / scheduled.rate_hz;
            let time_s = microseconds(planned + jitter);
            let has = |kind: FaultKind| {
                faults.iter().any(|fault| {
                    fault.kind == kind && fault.train == train && fault.response == response
                })
            };
            let later = (0.5 / scheduled.rate_hz).min(DOUBLE_DELAY_S);
            if !has(FaultKind::MissingStimulus) {
                shocks.push(Shock {
                    time_s,
                    train,
                    ordinal: Some(response + 1),
                    marked: !has(FaultKind::MissingMark),
                });
            }
            if has(FaultKind::DoubleStimulus) {
                shocks.push(Shock {
                    time_s: microseconds(time_s + later),
                    train,
                    ordinal: None,
                    marked: true,
                });
            }
            if has(FaultKind::SpuriousMark) {
                spurious.push(microseconds(time_s + later));
            }
        }
    }
    (shocks, spurious)
}

/// The responses of one muscle to all stimuli.
fn respond(
    plan: &Plan,
    schedule: &Schedule,
    shocks: &[Shock],
    faults: &[PlacedFault],
    muscle: &mut Muscle,
    channel: usize,
) -> Vec<Response> {
    let mut quanta = stream(plan.seed, Purpose::Quanta, channel);
    let mut exercises = schedule.exercises.iter().peekable();
    let mut responses = Vec::with_capacity(shocks.len());
    for shock in shocks {
        while let Some(exercise) = exercises.next_if(|exercise| exercise.start_s < shock.time_s) {
            let impulses = (exercise.length_s * VOLUNTARY_HZ).floor() as usize;
            for impulse in 0..impulses {
                muscle.use_at(exercise.start_s + impulse as f64 / VOLUNTARY_HZ);
            }
        }
        let reach = match shock.ordinal {
            Some(ordinal) => reach(faults, plan.seed, shock.train, ordinal - 1),
            None => Reach::FULL,
        };
        responses.push(muscle.stimulate(shock.time_s, &reach, &mut quanta));
    }
    responses
}

/// The sum in mV at `time_s` of the responses up to the one with index `last`.
fn superposed(shocks: &[Shock], responses: &[Response], last: usize, time_s: f64) -> f64 {
    let mut sum = 0.0;
    for index in (0..=last).rev() {
        let after_ms = (time_s - shocks[index].time_s) * 1000.0;
        if after_ms > RESPONSE_MS {
            break;
        }
        sum += responses[index].value(after_ms);
    }
    sum
}

fn channel_truth(
    schedule: &Schedule,
    shocks: &[Shock],
    responses: &[Response],
    labels: &[String],
    muscle: &Muscle,
) -> ChannelTruth {
    let truths: Vec<ResponseTruth> = shocks
        .iter()
        .enumerate()
        .map(|(index, shock)| {
            let limit_ms = shocks
                .get(index + 1)
                .map_or(f64::INFINITY, |next| (next.time_s - shock.time_s) * 1000.0);
            let signal = |t: f64| superposed(shocks, responses, index, shock.time_s + t / 1000.0);
            let (amplitude_mv, landmarks) = landmarks(signal, limit_ms);
            ResponseTruth {
                stimulus_s: shock.time_s,
                train: shock.train,
                ordinal: shock.ordinal,
                amplitude_mv,
                landmarks,
            }
        })
        .collect();
    let by_ordinal = |train: usize, stimuli: usize| -> Vec<Option<&ResponseTruth>> {
        (1..=stimuli)
            .map(|ordinal| {
                truths
                    .iter()
                    .find(|truth| truth.train == train && truth.ordinal == Some(ordinal))
            })
            .collect()
    };
    let trains: Vec<TrainTruth> = schedule
        .trains
        .iter()
        .enumerate()
        .map(|(index, train)| {
            let of_train = by_ordinal(index, train.stimuli);
            let amplitudes: Vec<_> = of_train
                .iter()
                .map(|truth| truth.map(|truth| truth.amplitude_mv))
                .collect();
            let areas: Vec<_> = of_train
                .iter()
                .map(|truth| truth.and_then(|truth| truth.landmarks?.area_mv_ms))
                .collect();
            let exercise = train.exercise.map(|exercise| schedule.exercises[exercise]);
            TrainTruth {
                kind: kind(train).to_owned(),
                rate_hz: (train.stimuli > 1).then_some(train.rate_hz),
                start_s: of_train
                    .iter()
                    .find_map(|truth| truth.map(|truth| truth.stimulus_s))
                    .unwrap_or(train.start_s),
                stimuli: train.stimuli,
                label: labels[index].clone(),
                after_exercise_s: exercise.map(|exercise| exercise.length_s),
                delay_s: exercise.map(|exercise| train.start_s - exercise.end_s()),
                amplitude: changes(&amplitudes),
                area: changes(&areas),
            }
        })
        .collect();
    let first_of = |train: usize| {
        truths
            .iter()
            .find(|truth| truth.train == train && truth.ordinal == Some(1))
    };
    let facilitations = (0..schedule.exercises.len())
        .filter_map(|exercise| {
            let after_train = schedule
                .trains
                .iter()
                .position(|train| train.exercise == Some(exercise))?;
            let before_train = after_train.checked_sub(1)?;
            let before = first_of(before_train)?;
            let after = first_of(after_train)?;
            let change = |from: f64, to: f64| 100.0 * (to / from - 1.0);
            let area = |truth: &ResponseTruth| truth.landmarks?.area_mv_ms;
            Some(FacilitationTruth {
                exercise,
                before_train,
                after_train,
                amplitude_pct: change(before.amplitude_mv, after.amplitude_mv),
                area_pct: area(before)
                    .zip(area(after))
                    .map(|(from, to)| change(from, to)),
            })
        })
        .collect();
    ChannelTruth {
        label: muscle.name.clone(),
        healthy_amplitude_mv: muscle.healthy_amplitude_mv,
        median_safety_factor: muscle.safety,
        responses: truths,
        trains,
        facilitations,
    }
}

/// Low is 2 to 5 Hz and high 20 to 50 Hz, as in repetitive nerve stimulation.
fn kind(train: &ScheduledTrain) -> &'static str {
    match train.rate_hz {
        _ if train.stimuli == 1 => "single",
        rate if (2.0..=5.0).contains(&rate) => "low",
        rate if (20.0..=50.0).contains(&rate) => "high",
        _ => "other",
    }
}

fn label(train: &ScheduledTrain, schedule: &Schedule) -> String {
    let what = if train.stimuli == 1 {
        "single".to_owned()
    } else {
        format!("{}Hz", train.rate_hz)
    };
    match train.exercise.map(|exercise| schedule.exercises[exercise]) {
        None => format!("train {what} rest"),
        Some(exercise) => format!(
            "train {what} {:.0}s after {:.0}s exercise",
            train.start_s - exercise.end_s(),
            exercise.length_s
        ),
    }
}

fn fault_truths(plan: &Plan, planned: &[usize], schedule: &Schedule) -> Vec<FaultTruth> {
    plan.faults
        .iter()
        .map(|asked| {
            let placed = place(asked, planned);
            FaultTruth {
                asked: *asked,
                train: placed.map(|fault| fault.train),
                ordinal: placed.map(|fault| fault.response + 1),
                time_s: placed.map(|fault| {
                    let train = &schedule.trains[fault.train];
                    train.start_s + fault.response as f64 / train.rate_hz
                }),
            }
        })
        .collect()
}

fn marks(
    plan: &Plan,
    schedule: &Schedule,
    shocks: &[Shock],
    spurious: &[f64],
    labels: &[String],
) -> Vec<Mark> {
    let mark = |time_s: f64, duration: Option<f64>, text: &str| Mark {
        time: Seconds(time_s),
        duration: duration.map(Seconds),
        text: text.to_owned(),
        channel: None,
    };
    // A label stands just before the first stimulus of its train.
    let before = |time_s: f64| microseconds(time_s - LABEL_LEAD_S);
    let mut marks = Vec::new();
    if let Some(first) = schedule.trains.first()
        && first.exercise.is_none()
    {
        marks.push(mark(before(first.start_s), None, "rest"));
    }
    for (train, label) in schedule.trains.iter().zip(labels) {
        marks.push(mark(before(train.start_s), None, label));
    }
    for exercise in &schedule.exercises {
        marks.push(mark(exercise.start_s, Some(exercise.length_s), "exercise"));
    }
    if plan.stimuli == StimulusRecord::Marks {
        let times = shocks
            .iter()
            .filter(|shock| shock.marked)
            .map(|shock| shock.time_s)
            .chain(spurious.iter().copied());
        marks.extend(times.map(|time| mark(time, None, "stimulus")));
    }
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    marks
}

/// How long before its first stimulus a train is announced, in seconds: inside every sweep that begins 20 ms before its stimulus.
const LABEL_LEAD_S: f64 = 0.01;

/// What is recorded, as half-open ranges of samples counted from time 0, in order and apart.
fn windows(plan: &Plan, schedule: &Schedule, shocks: &[Shock]) -> Vec<(i64, i64)> {
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
            busy.map(|(from, to)| (sample((from - margin).max(0.0)), sample(to + margin)))
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
struct Electrode<'a> {
    plan: &'a Plan,
    schedule: &'a Schedule,
    shocks: &'a [Shock],
    responses: &'a [Response],
    faults: &'a [PlacedFault],
    index: usize,
}

impl Electrode<'_> {
    fn record(&self, windows: &[(i64, i64)], muscle: &Muscle) -> Channel {
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

    /// The planned time of the response at which a fault begins.
    fn time_of(&self, fault: &PlacedFault) -> f64 {
        let train = &self.schedule.trains[fault.train];
        train.start_s + fault.response as f64 / train.rate_hz
    }

    fn converter(&self) -> Converter {
        let mut converter = Converter::new(self.plan.step_uv * 1e-3, self.plan.bits);
        if self.has(FaultKind::Saturation) {
            let largest = self
                .responses
                .iter()
                .flat_map(|response| (0..400).map(|step| response.value(f64::from(step) * 0.1)))
                .fold(0.0, f64::max);
            converter.step_mv = (CLIPPED_AT * largest / converter.rails.1).max(1e-9);
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
                *value += shape(start_s + index as f64 / self.plan.rate_hz - time_s);
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
                            *value *= 0.5;
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

fn trigger(plan: &Plan, windows: &[(i64, i64)], pulses: &[f64]) -> Channel {
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
