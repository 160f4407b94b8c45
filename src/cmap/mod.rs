//! What is measured on one response.
//!
//! A measure is one file that opens with its card, a [`Measure`], and has one line in [`MEASURES`]; its column in every table, its
//! decrement and increment, and its reference page follow.

mod amplitude;
mod area;
mod by_hand;
mod duration;
mod landmarks;
mod onset_latency;
mod peak_latency;
mod peak_to_peak;
mod polarity;
mod presence;
pub mod repetitive;
mod response;
mod rise_time;
mod settings;
mod uncertainty;

pub use by_hand::{ByHand, Placed};
pub use repetitive::Repetitive;
pub use response::{Response, Smoothing};
pub use settings::{OnsetDefinition, PeakInterpolation, PeakToPeakExtent, Polarity, Settings};
pub use uncertainty::against_baseline;

use crate::finding::{Finding, FindingCode};
use crate::source::Source;
use crate::sweep::Sweep;
use crate::units::{Milliseconds, Millivolts, Unit};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The card of a measure.
pub struct Measure {
    /// Short and stable: `amplitude`. With the unit's suffix it names the column: `amplitude_mv`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// The formula in words and symbols.
    pub formula: &'static str,
    /// Where the definition stands.
    pub source: Source,
    /// Measures it on a response whose landmarks are placed.
    pub compute: fn(&Response<'_>) -> Value,
}

/// Every measure, in the order of the columns.
pub static MEASURES: &[&Measure] = &[
    &amplitude::AMPLITUDE,
    &peak_to_peak::PEAK_TO_PEAK,
    &area::AREA,
    &duration::DURATION,
    &onset_latency::ONSET,
    &peak_latency::PEAK_LATENCY,
    &rise_time::RISE_TIME,
];

/// A value with its doubt: what noise does to it, and what systematic effects may do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Estimate {
    /// The value itself, in the unit of its measure.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// The standard deviation that follows from the noise.
    pub sd: f64,
    /// A bound on systematic error (what may be left of the artefact, the sampling), added to both sides of the interval.
    pub bound: f64,
}

/// A value, or why there is none.
pub type Value = Result<Estimate, NotMeasured>;

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "code", content = "detail", rename_all = "snake_case")]
pub enum NotMeasured {
    /// Nothing stands out of the noise where a response could be.
    NoResponse,
    /// Muscle activity that is not tied to the stimulus covers the window.
    VoluntaryActivity,
    /// The phase to be measured touches the converter's limits.
    Saturated,
    /// The sweep ends before the landmark that is needed.
    SweepEnds,
    /// The landmark that is needed could not be placed; the text says which and why.
    LandmarkMissing(String),
    /// The channel has no samples around the stimulus, or a gap lies in them.
    NoSignal,
    /// A response that is compared was not measured or does not exist; the text says which.
    ReferenceMissing(String),
    /// The recording does not say when the sweeps were made.
    ClockUnknown,
    /// There are too few stimuli.
    TooFewStimuli,
    /// What is asked for has no meaning here; the text says why.
    NotApplicable(String),
    /// A reader excluded it; the text says which response, where another one is meant.
    ExcludedByReader(String),
}

impl NotMeasured {
    /// The stable name, as it stands in tables.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoResponse => "no_response",
            Self::VoluntaryActivity => "voluntary_activity",
            Self::Saturated => "saturated",
            Self::SweepEnds => "sweep_ends",
            Self::LandmarkMissing(_) => "landmark_missing",
            Self::NoSignal => "no_signal",
            Self::ReferenceMissing(_) => "reference_missing",
            Self::ClockUnknown => "clock_unknown",
            Self::TooFewStimuli => "too_few_stimuli",
            Self::NotApplicable(_) => "not_applicable",
            Self::ExcludedByReader(_) => "excluded_by_reader",
        }
    }

    /// The reason with what is known of it, for a line of text.
    pub fn told(&self) -> String {
        match self {
            Self::LandmarkMissing(detail)
            | Self::ReferenceMissing(detail)
            | Self::NotApplicable(detail)
            | Self::ExcludedByReader(detail)
                if !detail.is_empty() =>
            {
                format!("{}: {detail}", self.code())
            }
            _ => self.code().to_owned(),
        }
    }
}

/// A point on a response.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Landmark {
    /// Time after the stimulus.
    pub time: Milliseconds,
    /// The value there.
    pub value: Millivolts,
}

/// The points of a response, each `None` where it could not be placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Landmarks {
    /// The beginning of the negative phase, by the definition in the settings.
    pub onset: Option<Landmark>,
    /// The highest point of the negative phase, below one sample.
    pub negative_peak: Option<Landmark>,
    /// The first return to baseline after the negative peak.
    pub baseline_return: Option<Landmark>,
    /// The lowest point of the positive phase that follows.
    pub positive_peak: Option<Landmark>,
    /// The end of the response.
    pub end: Option<Landmark>,
}

/// One measured response.
#[derive(Clone, Debug, PartialEq)]
pub struct Cmap {
    /// Its points.
    pub landmarks: Landmarks,
    /// One value per entry of [`MEASURES`], in that order.
    pub values: Vec<Value>,
    /// A second, smaller response that follows this one; `None` if there is none to be seen.
    pub repetitive: Option<Repetitive>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Cmap {
    /// Whether a reader excluded it.
    pub fn is_excluded(&self) -> bool {
        let first = self.values.first();
        matches!(first, Some(Err(NotMeasured::ExcludedByReader(_))))
    }

    /// The value of the measure with that id; `None` if there is no such measure.
    pub fn get(&self, id: &str) -> Option<&Value> {
        let index = MEASURES.iter().position(|measure| measure.id == id)?;
        self.values.get(index)
    }
}

/// Measures the responses of one channel. The polarity of the channel is settled over all of its sweeps first; if it is inverted, the
/// sweeps are turned in place and the findings say so.
pub fn measure(sweeps: &mut [Sweep], settings: &Settings) -> (Vec<Cmap>, Vec<Finding>) {
    measure_corrected(sweeps, &BTreeMap::new(), settings)
}

/// The same with what a reader decided about some of the sweeps, by their index.
pub fn measure_corrected(
    sweeps: &mut [Sweep],
    by_hand: &BTreeMap<usize, ByHand>,
    settings: &Settings,
) -> (Vec<Cmap>, Vec<Finding>) {
    let Some(rate) = sweeps.first().map(|sweep| sweep.rate.0) else {
        return (Vec::new(), Vec::new());
    };
    let smoothing = Smoothing::new(rate, settings);
    let responses = Response::all(sweeps, &smoothing, settings);
    let (turned, said) = polarity::settle(&responses, settings.polarity);
    let mut smooth: Vec<Vec<f64>> = responses
        .into_iter()
        .map(|response| response.smooth)
        .collect();
    if turned {
        let values = sweeps.iter_mut().map(|sweep| &mut sweep.values);
        for value in values.chain(&mut smooth).flatten() {
            *value = -*value;
        }
    }
    let mut responses: Vec<_> = sweeps
        .iter()
        .zip(smooth)
        .map(|(sweep, smooth)| Response::smoothed(sweep, smooth, &smoothing, settings))
        .collect();
    let peaks = presence::find(&responses, settings);
    let findings = said.into_iter().chain(low_rate(rate)).collect();
    let cmaps = responses
        .iter_mut()
        .zip(peaks)
        .enumerate()
        .map(|(index, (response, peak))| measured(response, peak, by_hand.get(&index)))
        .collect();
    (cmaps, findings)
}

fn measured(
    response: &mut Response<'_>,
    peak: Result<usize, NotMeasured>,
    by_hand: Option<&ByHand>,
) -> Cmap {
    let peak = match by_hand {
        Some(ByHand::Excluded) => Err(NotMeasured::ExcludedByReader(String::new())),
        // Where a reader sees a response that the program does not, the reader's peak stands for it; not where no height is known.
        Some(by_hand) => peak.or_else(|why| {
            response.has_level()?;
            landmarks::sample_of_peak(response, by_hand).ok_or(why)
        }),
        None => peak,
    };
    let peak = match peak {
        Ok(peak) => peak,
        Err(why) => {
            let values = MEASURES.iter().map(|_| Err(why.clone())).collect();
            return Cmap {
                landmarks: Landmarks::default(),
                values,
                repetitive: None,
                findings: Vec::new(),
            };
        }
    };
    (response.landmarks, response.placed) = landmarks::place(response, peak, by_hand);
    Cmap {
        landmarks: response.landmarks,
        values: MEASURES
            .iter()
            .map(|measure| (measure.compute)(response))
            .collect(),
        repetitive: repetitive::find(response),
        findings: landmarks::findings(response),
    }
}

/// Below this rate the onset is off by more than 0.05 ms and a raw peak by more than 2 % (docs/methods/landmarks.md).
const LOW_RATE_HZ: f64 = 4000.0;

fn low_rate(rate: f64) -> Option<Finding> {
    (rate < LOW_RATE_HZ).then(|| Finding::new(FindingCode::LowSamplingRate, format!("{rate} Hz")))
}
