//! Recordings with known truth: a simulated subject, examined by a protocol, recorded by a machine.
//!
//! [`simulate`] turns a [`Plan`] into a [`Recording`] and the [`Truth`] about it. The physiology (release of transmitter, safety factor,
//! dispersed fibre potentials), its parameters and their sources are in `docs/methods/simulation.md`. The negative phase of a response is
//! stored with positive numbers ("negative up").

mod acquisition;
mod electrode;
mod endplate_model;
mod faults;
mod landmarks;
mod muscle;
mod profile;
mod protocol;
mod study;
mod truth;

pub use faults::{Fault, FaultKind};
pub use profile::Profile;
pub use protocol::{NAMED, NamedProtocol, Protocol, Step};
pub use truth::{
    ChangeTruth, ChannelTruth, ExerciseTruth, FacilitationTruth, FaultTruth, LandmarkTruth,
    ResponseTruth, TrainTruth, Truth,
};

use crate::error::{Error, ErrorCode, Result};
use crate::recording::Recording;
use clap::ValueEnum;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What the subject has.
    pub profile: Profile,
    /// What is done.
    pub protocol: Protocol,
    /// The muscles, one channel each; all respond to the same stimuli.
    pub muscles: Vec<String>,
    /// Samples per second.
    pub rate_hz: f64,
    /// Sweeps around stimuli or one continuous signal.
    pub layout: Layout,
    /// How the recording says when stimuli were given.
    pub stimuli: StimulusRecord,
    /// Length of a pulse of the trigger channel in ms; 0 for a single sample.
    pub trigger_ms: f64,
    /// How much earlier or later than planned a stimulus comes at most, in µs.
    pub jitter_us: f64,
    /// Before each stimulus, in sweeps: ms.
    pub sweep_before_ms: f64,
    /// After each stimulus, in sweeps: ms.
    pub sweep_after_ms: f64,
    /// In a continuous recording a pause longer than this many seconds is not recorded: a true gap.
    pub longest_pause_s: f64,
    /// RMS of the interference pattern of voluntary exercise in a continuous recording, µV.
    pub exercise_emg_uv: f64,
    /// Height of the pulse of the stimulus artefact, mV.
    pub artefact_mv: f64,
    /// Length of the stimulus pulse, ms.
    pub pulse_ms: f64,
    /// Height of the exponential tail at the end of the pulse, mV.
    pub artefact_tail_mv: f64,
    /// Time constant of the tail, ms.
    pub artefact_tail_ms: f64,
    /// Whether the polarity of the artefact changes from stimulus to stimulus.
    pub artefact_alternates: bool,
    /// Frequency of the mains, Hz.
    pub mains_hz: f64,
    /// RMS of the mains with its harmonics, µV.
    pub mains_uv: f64,
    /// RMS of the slow drift of the baseline, µV.
    pub drift_uv: f64,
    /// RMS of white noise in a band of 10 kHz, µV; its density does not depend on the sampling rate.
    pub noise_uv: f64,
    /// RMS of additional noise below 200 Hz, µV.
    pub coloured_noise_uv: f64,
    /// One step of the converter, µV.
    pub step_uv: f64,
    /// Bits of the converter, 8 to 24.
    pub bits: u32,
    /// What the header says about the skin temperature, °C; it changes nothing else. `None` for nothing.
    pub skin_temperature_c: Option<f64>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// The same seed and plan give the same study.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            profile: Profile::Normal,
            protocol: Protocol::default(),
            muscles: vec!["ADM".to_owned()],
            rate_hz: 20_000.0,
            layout: Layout::Sweeps,
            stimuli: StimulusRecord::Marks,
            trigger_ms: 1.0,
            jitter_us: 30.0,
            sweep_before_ms: 20.0,
            sweep_after_ms: 80.0,
            longest_pause_s: 10.0,
            exercise_emg_uv: 400.0,
            artefact_mv: 1.0,
            pulse_ms: 0.2,
            artefact_tail_mv: 0.05,
            artefact_tail_ms: 0.6,
            artefact_alternates: false,
            mains_hz: 50.0,
            mains_uv: 0.0,
            drift_uv: 0.0,
            noise_uv: 5.0,
            coloured_noise_uv: 0.0,
            step_uv: 0.5,
            bits: 16,
            skin_temperature_c: Some(34.0),
            faults: Vec::new(),
            seed: 1,
        }
    }
}

/// How the signal is stored.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One segment around each stimulus, as EMG machines store; where the windows of a fast train overlap, one segment holds them all.
    #[default]
    Sweeps,
    /// The whole time; long pauses are gaps.
    Continuous,
}

/// How a recording says when stimuli were given.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum StimulusRecord {
    /// A mark `stimulus` at each.
    #[default]
    Marks,
    /// A pulse in a trigger channel at each.
    Trigger,
    /// Nothing but the artefact.
    Artefact,
}

/// A simulated study and the truth about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// As a file would give it.
    pub recording: Recording,
    /// What is in it.
    pub truth: Truth,
}

/// Lowest and highest sampling rate that makes sense for a CMAP, in Hz.
const RATES_HZ: (f64, f64) = (500.0, 200_000.0);

impl Plan {
    /// Whether the plan can be carried out, or what is wrong with it.
    pub fn check(&self) -> Result<()> {
        let range = |name: &str, value: f64, low: f64, high: f64, unit: &str| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(Error::new(
                    ErrorCode::Usage,
                    format!("{value} {unit} is outside {low} to {high} {unit}"),
                )
                .at(name.to_owned()))
            }
        };
        range("rate", self.rate_hz, RATES_HZ.0, RATES_HZ.1, "Hz")?;
        range("trigger length", self.trigger_ms, 0.0, 10.0, "ms")?;
        range("jitter", self.jitter_us, 0.0, 1000.0, "µs")?;
        range("sweep before", self.sweep_before_ms, 0.0, 500.0, "ms")?;
        range("sweep after", self.sweep_after_ms, 5.0, 500.0, "ms")?;
        range("longest pause", self.longest_pause_s, 1.0, 3600.0, "s")?;
        range("exercise EMG", self.exercise_emg_uv, 0.0, 1e5, "µV")?;
        range("artefact", self.artefact_mv, -1000.0, 1000.0, "mV")?;
        range("pulse", self.pulse_ms, 0.01, 2.0, "ms")?;
        range(
            "artefact tail",
            self.artefact_tail_mv,
            -1000.0,
            1000.0,
            "mV",
        )?;
        range(
            "artefact time constant",
            self.artefact_tail_ms,
            0.01,
            20.0,
            "ms",
        )?;
        range("mains frequency", self.mains_hz, 10.0, 100.0, "Hz")?;
        range("mains", self.mains_uv, 0.0, 1e5, "µV")?;
        range("drift", self.drift_uv, 0.0, 1e6, "µV")?;
        range("noise", self.noise_uv, 0.0, 1e5, "µV")?;
        range("coloured noise", self.coloured_noise_uv, 0.0, 1e5, "µV")?;
        range("converter step", self.step_uv, 1e-4, 1000.0, "µV")?;
        range("converter bits", f64::from(self.bits), 8.0, 24.0, "bits")?;
        if self.muscles.is_empty() {
            return Err(Error::new(ErrorCode::Usage, "no muscle is named").at("channels"));
        }
        Ok(())
    }
}

/// Simulates a study; the same plan gives the same study.
///
/// A plan that does not pass [`Plan::check`] gives a recording of no use, but never a panic.
pub fn simulate(plan: &Plan) -> Simulated {
    study::simulate(plan)
}

/// What a stream of random numbers is for. Each purpose has its own, so that turning noise on does not change the subject.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Subject = 1,
    Muscle = 2,
    Stimuli = 3,
    Quanta = 4,
    Noise = 5,
    Mains = 6,
    Drift = 7,
    Fault = 8,
    Exercise = 9,
}

/// The stream of random numbers for a purpose and the `index`-th thing that needs it.
fn stream(seed: u64, purpose: Purpose, index: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((purpose as u64) << 32) | index as u64);
    rng
}
