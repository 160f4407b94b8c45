//! What is measured on one response.
//!
//! A measure is one file that opens with its card, a [`Measure`], and has one line in [`MEASURES`]; its column in every table, its
//! decrement and increment, and its reference page follow.

use crate::finding::Finding;
use crate::source::Source;
use crate::sweep::Sweep;
use crate::units::{Milliseconds, Millivolts, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Measures it on a sweep whose landmarks are placed.
    pub compute: fn(&Sweep, &Landmarks, &Settings) -> Value,
}

/// Every measure, in the order of the columns.
pub static MEASURES: &[&Measure] = &[];

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
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Cmap {
    /// The value of the measure with that id; `None` if there is no such measure.
    pub fn get(&self, id: &str) -> Option<&Value> {
        let index = MEASURES.iter().position(|measure| measure.id == id)?;
        self.values.get(index)
    }
}

/// How responses are measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Settings {}

/// Measures the responses of one channel. The polarity of the channel is settled over all of its sweeps first; if it is inverted, the
/// sweeps are turned in place and the findings say so.
pub fn measure(sweeps: &mut [Sweep], _settings: &Settings) -> (Vec<Cmap>, Vec<Finding>) {
    let cmaps = sweeps
        .iter()
        .map(|_| Cmap {
            landmarks: Landmarks::default(),
            values: Vec::new(),
            findings: Vec::new(),
        })
        .collect();
    (cmaps, Vec::new())
}
