//! The whole examination: stimuli, responses, marks, and the truth about them.

use super::electrode::{Electrode, trigger, windows};
use super::faults::{FaultKind, PlacedFault, place, reach};
use super::muscle::{Muscle, Reach, Response};
use super::protocol::{Schedule, ScheduledTrain};
use super::truth::{ExerciseTruth, FaultTruth, Truth, channel_truth};
use super::{Plan, Purpose, Simulated, StimulusRecord, stream};
use crate::recording::{Clock, Mark, Origin, Recording, STIMULUS, Subject};
use crate::units::{Celsius, Seconds};
use rand::Rng;

/// A stimulus that was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shock {
    pub time_s: f64,
    pub train: usize,
    /// From 1; `None` if it does not belong to the rhythm.
    pub ordinal: Option<usize>,
    pub marked: bool,
}

/// Rate of voluntary impulses, in Hz: that of motor units in a strong contraction of a hand muscle.
const VOLUNTARY_HZ: f64 = 25.0;
/// An additional stimulus comes this much later at most, in seconds.
const DOUBLE_DELAY_S: f64 = 0.1;

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
                skin_temperature: plan.skin_temperature_c.map(Celsius),
                ..Subject::default()
            },
            corrections: Vec::new(),
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
            let uneven = unevenness(faults, plan.seed, train, response) / scheduled.rate_hz;
            let planned = scheduled.start_s + phase + response as f64 / scheduled.rate_hz + uneven;
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

/// How far a stimulus is from its place in the rhythm, in intervals.
fn unevenness(faults: &[PlacedFault], seed: u64, train: usize, response: usize) -> f64 {
    let irregular = |fault: &&PlacedFault| {
        fault.kind == FaultKind::IrregularRate && fault.train == train && response > 0
    };
    let size = faults
        .iter()
        .find(irregular)
        .map_or(0.0, |fault| fault.size);
    let mut rng = stream(seed, Purpose::Fault, train * 10_007 + response);
    // Half an interval at most: the order of the stimuli stays.
    (UNEVEN * size * rng.random_range(-1.0..=1.0_f64)).clamp(-0.49, 0.49)
}

/// A stimulus of an irregular train is off by this part of the interval at most.
const UNEVEN: f64 = 0.35;

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
        marks.extend(times.map(|time| mark(time, None, STIMULUS)));
    }
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    marks
}

/// How long before its first stimulus a train is announced, in seconds: inside every sweep that begins 20 ms before its stimulus.
const LABEL_LEAD_S: f64 = 0.01;
