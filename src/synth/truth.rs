//! The truth about a simulated study, from its noise-free, artefact-free, unquantized signal.
//!
//! It is evaluated on the analytic signal itself (see `landmarks`), crossings to 1e-9 ms and flat peaks to about 1e-7 ms, and shares no code with the measuring of endplate.

use super::faults::Fault;
use super::landmarks::{changes, landmarks};
use super::muscle::{Muscle, RESPONSE_MS, Response};
use super::profile::Profile;
use super::protocol::{Schedule, ScheduledTrain};
use super::study::Shock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that is true about a simulated study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Truth {
    /// The version of endplate that made it.
    pub version: String,
    /// What the subject has.
    pub profile: Profile,
    /// The seed.
    pub seed: u64,
    /// The protocol, written out.
    pub protocol: String,
    /// The voluntary contractions.
    pub exercises: Vec<ExerciseTruth>,
    /// One entry per muscle, in the order of the channels.
    pub channels: Vec<ChannelTruth>,
    /// What went wrong, and where.
    pub faults: Vec<FaultTruth>,
}

/// A voluntary contraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExerciseTruth {
    /// When it began, on the clock of the recording.
    pub start_s: f64,
    /// How long it lasted.
    pub length_s: f64,
}

/// A fault that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultTruth {
    /// The fault as it was asked for.
    pub asked: Fault,
    /// The train in which it happened, from 0; `None` if the protocol has no such train or response, so that nothing happened.
    pub train: Option<usize>,
    /// The ordinal (from 1) of the response at which it happened or began.
    pub ordinal: Option<usize>,
    /// The time of that stimulus on the clock of the recording.
    pub time_s: Option<f64>,
}

/// One muscle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChannelTruth {
    /// The label of the channel.
    pub label: String,
    /// The amplitude with every fibre firing, in mV.
    pub healthy_amplitude_mv: f64,
    /// The median safety factor of its fibres at rest.
    pub median_safety_factor: f64,
    /// The responses in order of time: the truth as the electrode saw it, so a fault of the stimulus or of the electrode shows in it,
    /// while one of the amplifier (`inverted`, `saturation`, `gain-change`) does not.
    pub responses: Vec<ResponseTruth>,
    /// The trains in order of time; a single shock is a train of one.
    pub trains: Vec<TrainTruth>,
    /// The first response after each exercise against that of the last train at rest before it.
    pub facilitations: Vec<FacilitationTruth>,
}

/// One response. Times are after the stimulus; amplitudes are positive for a negative potential ("negative up"), and are from the level
/// before the train, which is 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResponseTruth {
    /// When the stimulus was given, on the clock of the recording.
    pub stimulus_s: f64,
    /// The train, from 0.
    pub train: usize,
    /// The number in the train by time, from 1; `None` for a stimulus that does not belong to the rhythm.
    pub ordinal: Option<usize>,
    /// From the level before the train to the negative peak.
    pub amplitude_mv: f64,
    /// The landmarks; `None` if nothing was evoked.
    pub landmarks: Option<LandmarkTruth>,
    /// The negative peak of a second discharge of part of the fibres alone; `None` in all profiles but `slow-channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetitive_mv: Option<f64>,
}

/// Where a response begins, peaks and ends, and what follows from that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LandmarkTruth {
    /// The time of the negative peak.
    pub peak_ms: f64,
    /// Where the signal last passes 5 % of the negative peak before it.
    pub onset_ms: f64,
    /// Where the signal first returns to 0 after the negative peak; `None` if it does not before the next stimulus.
    pub return_ms: Option<f64>,
    /// From onset to return.
    pub duration_ms: Option<f64>,
    /// From onset to negative peak.
    pub rise_ms: f64,
    /// The integral from onset to return.
    pub area_mv_ms: Option<f64>,
    /// The lowest value between the return and the next stimulus or 80 ms; negative.
    pub positive_peak_mv: Option<f64>,
    /// Its time.
    pub positive_peak_ms: Option<f64>,
    /// From the negative peak to the positive peak.
    pub peak_to_peak_mv: Option<f64>,
}

/// One train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainTruth {
    /// `single`, `low` (2–5 Hz), `high` (20–50 Hz) or `other`.
    pub kind: String,
    /// Stimuli per second; `None` for a single shock.
    pub rate_hz: Option<f64>,
    /// When it began, on the clock of the recording.
    pub start_s: f64,
    /// How many stimuli were planned.
    pub stimuli: usize,
    /// The label of its mark.
    pub label: String,
    /// How long the last exercise before it was.
    pub after_exercise_s: Option<f64>,
    /// From the end of that exercise to the first stimulus.
    pub delay_s: Option<f64>,
    /// How the amplitude changes; `None` for a single shock.
    pub amplitude: Option<ChangeTruth>,
    /// How the area changes.
    pub area: Option<ChangeTruth>,
}

/// Changes over a train in percent of the first response. Decrement is positive when the response gets smaller, increment when it gets
/// larger. `None` where a response that is needed was not evoked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeTruth {
    /// From the first to the fourth.
    pub decrement_1_4_pct: Option<f64>,
    /// From the first to the fifth.
    pub decrement_1_5_pct: Option<f64>,
    /// From the first to the lowest of the second to the fifth.
    pub decrement_1_low5_pct: Option<f64>,
    /// From the first to the lowest of all.
    pub decrement_1_low_pct: Option<f64>,
    /// The ordinal of the lowest.
    pub lowest: Option<usize>,
    /// From the first to the last.
    pub decrement_1_last_pct: Option<f64>,
    /// From the first to the highest.
    pub increment_high_pct: Option<f64>,
    /// The ordinal of the highest.
    pub highest: Option<usize>,
    /// From the first to the last, positive when it gets larger.
    pub increment_last_pct: Option<f64>,
}

/// The response after an exercise against the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FacilitationTruth {
    /// The exercise, from 0.
    pub exercise: usize,
    /// The train whose first response was before it.
    pub before_train: usize,
    /// The first train after it.
    pub after_train: usize,
    /// Percent of the amplitude before, positive when it gets larger.
    pub amplitude_pct: f64,
    /// The same of the area.
    pub area_pct: Option<f64>,
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

/// The truth about the responses of one muscle to all `shocks`.
pub(super) fn channel_truth(
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
                repetitive_mv: responses[index].repetitive_mv(),
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
            let before_train = (0..after_train)
                .rev()
                .find(|&train| rested(schedule, train))?;
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

/// So long after an exercise a muscle is at rest again, in seconds: transmission is back then in all profiles.
const RECOVERED_S: f64 = 900.0;

fn rested(schedule: &Schedule, train: usize) -> bool {
    let train = &schedule.trains[train];
    train
        .exercise
        .is_none_or(|exercise| train.start_s - schedule.exercises[exercise].end_s() >= RECOVERED_S)
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
