//! The signal around one stimulus: cut out, freed of mains and of the artefact's tail, with its baseline at 0 and its noise known.

mod artefact;
mod baseline;
mod blocks;
mod bound;
mod frequency;
mod grid;
mod mains;
mod noise;
mod region;
mod saturation;
mod settings;
mod single;
mod tail;

pub use bound::fits;
pub use settings::Settings;

use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::math::semivariogram::Semivariogram;
use crate::recording::{Channel, Recording};
use crate::stimulus::Stimulus;
use crate::units::{Hertz, Milliseconds, Millivolts};
use region::{Place, Region};
use schemars::JsonSchema;
use serde::Serialize;
use single::{Known, Typical};
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
    /// mV before it was subtracted; `None` where no sample tells it. Then nothing was subtracted, and nothing is measured.
    pub level: Option<Millivolts>,
    /// From where it was taken.
    pub kind: BaselineKind,
    /// Standard deviation of the level (mV) that follows from the noise; infinite where the level is not known.
    pub sd: Millivolts,
    /// How many samples it rests on.
    pub samples: usize,
    /// The time of the first of them after the stimulus of the sweep; negative, because they lie before it in general.
    pub start: Milliseconds,
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
    /// mV² by lag in samples, over quiet signal. For weights w that sum to 0, var(Σ w x) = −Σᵢ Σⱼ wᵢ wⱼ γ(|i − j|).
    pub semivariogram: Semivariogram,
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

/// The sweeps of one channel, one per stimulus that concerns it and lies in its signal, and what was noticed about the channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// In order of the stimuli.
    pub sweeps: Vec<Sweep>,
    /// What was noticed about the channel as a whole.
    pub findings: Vec<Finding>,
}

/// Cuts the sweeps of `channel` (an index into `recording.channels`) around those of `stimuli` (in order of time) that concern it.
///
/// # Errors
/// If a setting is out of its range, if there is no such channel, and if its samples cannot be read from their file any more.
pub fn cut(
    recording: &Recording,
    channel: usize,
    stimuli: &[Stimulus],
    settings: &Settings,
) -> Result<Cut> {
    settings.check()?;
    let Some(signal) = recording.channels.get(channel) else {
        return Err(Error::new(
            ErrorCode::Internal,
            format!(
                "channel {channel} was asked for, the recording has {}",
                recording.channels.len()
            ),
        ));
    };
    let clock = recording.origin.clock;
    let (mut regions, places) = region::cut(signal, channel, clock, stimuli, settings)?;
    let (mut findings, left) =
        mains::subtract(&mut regions, &places, signal.rate.0, clock, settings);
    let judged = noise::Judged::new(regions.len());
    let typical = noise::typical(source(&regions, &judged, signal), settings);
    if typical.is_none() && !places.is_empty() {
        findings.push(Finding::new(FindingCode::NoiseUnknown, ""));
    }
    let rms = typical
        .as_ref()
        .map_or(step(signal), |noise| noise.rms.0.max(step(signal)));
    let extent = artefact::extent(&regions, &places, signal.rate.0, rms, settings);
    let levels = levels(
        signal,
        &regions,
        &places,
        typical.as_ref(),
        extent,
        settings,
    );
    let tails = tail::fit(
        tail::Material {
            regions: &regions,
            places: &places,
            levels: &levels,
            rate: signal.rate.0,
            noise: typical.as_ref(),
            extent,
        },
        settings,
    );
    let mut last_of = vec![0; regions.len()];
    for (index, place) in places.iter().enumerate() {
        last_of[place.region] = index;
    }
    let typical = typical.map(|noise| Typical::new(noise, left));
    let known = Known {
        signal,
        judged: &judged,
        typical: typical.as_ref(),
        artefact_end: extent.end,
        settings,
    };
    let sweeps = places
        .iter()
        .enumerate()
        .zip(levels)
        .zip(tails)
        .map(|(((index, place), level), tail)| {
            let stimulus = &stimuli[place.stimulus];
            let is_last = last_of[place.region] == index;
            known.sweep(&mut regions, stimulus, (index, place), level, tail, is_last)
        })
        .collect();
    Ok(Cut { sweeps, findings })
}

/// The baseline of each place, and the window in which it was taken.
fn levels(
    signal: &Channel,
    regions: &[Region],
    places: &[Place],
    noise: Option<&Noise>,
    extent: artefact::Extent,
    settings: &Settings,
) -> Vec<(baseline::Window, Baseline)> {
    let rate = signal.rate.0;
    let calm = (
        extent.end,
        extent.foot.unwrap_or(settings.artefact_longest_ms) - artefact::CLEARANCE_MS,
    );
    baseline::windows(regions, places, rate, calm, settings)
        .into_iter()
        .zip(places)
        .map(|(window, place)| {
            let region = &regions[place.region];
            let level = baseline::level(region, &window, place, noise, rate);
            (window, level)
        })
        .collect()
}

/// What a noise estimate needs to know.
fn source<'a>(
    regions: &'a [Region],
    judged: &'a noise::Judged,
    signal: &Channel,
) -> noise::Source<'a> {
    noise::Source {
        regions,
        judged,
        rate: signal.rate.0,
        step: step(signal),
    }
}

/// mV per stored step; 0 for stored floating-point numbers, whose steps are not the converter's.
fn step(channel: &Channel) -> f64 {
    use crate::recording::Samples::{F32, F64};
    match channel.segments.first().map(|segment| &segment.samples) {
        None | Some(F32(_) | F64(_)) => 0.0,
        Some(_) => channel.calibration.gain.abs(),
    }
}
