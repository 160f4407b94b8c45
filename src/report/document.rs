//! The JSON of a study as types: everything but the samples, numbers rounded, nothing missing without its reason.
//!
//! The schema in `docs/reference/study.schema.json` is made from these types.

use super::corrected_json::{
    CorrectedChannelDocument, CorrectedResponseDocument, CorrectedStudyDocument,
    CorrectedTrainDocument,
};
use super::verdict_json::{PatternDocument, VerdictDocument};
use crate::recording::{Beside, Clock, Mark, Side, Subject};
use crate::series::When;
use crate::stimulus::StimulusOrigin;
use crate::sweep::BaselineKind;
use crate::train::{Enlargement, Shape, TrainKind, Trust};
use schemars::JsonSchema;
use serde::Serialize;

/// A study as endplate writes it.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "endplate study")]
pub struct StudyDocument {
    /// The name of the schema to which it conforms, its version at the end.
    #[schemars(extend("const" = super::json::SCHEMA_ID))]
    pub schema: &'static str,
    /// The version of this layout; it changes when a field is renamed, removed or changes its type or meaning. New fields do not change it.
    #[schemars(extend("const" = super::json::SCHEMA_VERSION))]
    pub schema_version: u64,
    /// The name of the file in the run, as in the tables.
    pub file: String,
    /// What made it.
    pub provenance: ProvenanceDocument,
    /// Where the recording came from.
    pub origin: OriginDocument,
    /// What is known about the subject; there is no field for a name.
    pub subject: Subject,
    /// The marks of the file, unchanged.
    pub marks: Vec<Mark>,
    /// The stimuli, in order of time.
    pub stimuli: Vec<StimulusDocument>,
    /// The channels with responses.
    pub channels: Vec<ChannelDocument>,
    /// The pattern of the study, with its reasons; never a diagnosis.
    pub pattern: PatternDocument,
    /// What a reader changed by hand, and the pattern without it; left out where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedStudyDocument>,
    /// What was noticed about the study as a whole.
    pub findings: Vec<FindingDocument>,
}

/// What made a study.
#[derive(Serialize, JsonSchema)]
pub struct ProvenanceDocument {
    /// The version of endplate.
    pub endplate_version: &'static str,
    /// All settings, defaults included.
    pub settings: Option<crate::study::Settings>,
}

/// Where a recording came from.
#[derive(Serialize, JsonSchema)]
pub struct OriginDocument {
    /// The path as it was given.
    pub path: String,
    /// The id of the format that read it.
    pub format: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The length of the file in bytes.
    pub bytes: u64,
    /// When the recording began, in the local time of the laboratory.
    pub started: Option<String>,
    /// The program or machine that wrote it.
    pub device: Option<String>,
    /// What the times mean.
    pub clock: Clock,
    /// What was read beside the file.
    pub beside: Vec<Beside>,
}

/// One stimulus.
#[derive(Serialize, JsonSchema)]
pub struct StimulusDocument {
    /// When it began, on the clock of the recording.
    pub time_s: Option<f64>,
    /// How far the true time may lie on either side.
    pub uncertainty_s: Option<f64>,
    /// From what it was found.
    pub origin: StimulusOrigin,
    /// The index (from 0) of the only channel of the file that it concerns; null for all.
    pub channel_index: Option<usize>,
    /// Strength, where known.
    pub current_ma: Option<f64>,
    /// Pulse width, where known.
    pub width_ms: Option<f64>,
}

/// One channel.
#[derive(Serialize, JsonSchema)]
pub struct ChannelDocument {
    /// Its number among the channels with responses, from 1, as in the tables.
    pub channel: usize,
    /// Its index in the file, from 0.
    pub index: usize,
    /// Its label.
    pub label: String,
    /// The muscle, where known.
    pub muscle: Option<String>,
    /// The nerve, where known.
    pub nerve: Option<String>,
    /// The side, where known.
    pub side: Option<Side>,
    /// Samples per second.
    pub rate_hz: Option<f64>,
    /// The responses, in order of time.
    pub responses: Vec<ResponseDocument>,
    /// The trains, in order of time.
    pub trains: Vec<TrainDocument>,
    /// The series around exercises.
    pub series: Vec<SeriesDocument>,
    /// What criterion sets say, rule by rule.
    pub verdicts: Vec<VerdictDocument>,
    /// What a reader changed by hand anywhere in the channel, and what it says without; left out where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedChannelDocument>,
    /// What was noticed about the channel.
    pub findings: Vec<FindingDocument>,
}

/// One response.
#[derive(Serialize, JsonSchema)]
pub struct ResponseDocument {
    /// The number of its train in the channel, from 1.
    pub train: Option<usize>,
    /// Its number in the train, from 1, by time.
    pub response: Option<usize>,
    /// Why it has no number: `extra_stimulus` or `no_train`.
    pub response_reason: Option<&'static str>,
    /// When the stimulus began, on the clock of the recording.
    pub stimulus_s: Option<f64>,
    /// RMS of the noise around it; null when there is too little quiet signal (`noise_unknown`).
    pub noise_mv: Option<f64>,
    /// The level that was subtracted.
    pub baseline: BaselineDocument,
    /// The end of the artefact after the stimulus.
    pub artefact_end_ms: Option<f64>,
    /// Until when the time after the stimulus belongs to this response alone.
    pub until_ms: Option<f64>,
    /// How many samples lie on the converter's rails.
    pub saturated_samples: usize,
    /// Its points; null where one could not be placed.
    pub landmarks: LandmarksDocument,
    /// One value per measure.
    pub values: Vec<ValueDocument>,
    /// A second, smaller response that follows this one; null if there is none to be seen.
    pub repetitive: Option<RepetitiveDocument>,
    /// What a reader changed by hand, and the numbers without it; left out where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Box<CorrectedResponseDocument>>,
    /// What was noticed about sweep and response.
    pub findings: Vec<FindingDocument>,
}

/// The level that stands for "no response".
#[derive(Serialize, JsonSchema)]
pub struct BaselineDocument {
    /// The level before it was subtracted.
    pub level_mv: Option<f64>,
    /// Its standard deviation.
    pub sd_mv: Option<f64>,
    /// From where it was taken.
    pub kind: BaselineKind,
    /// How many samples it rests on.
    pub samples: usize,
}

/// The points of a response.
#[derive(Serialize, JsonSchema)]
pub struct LandmarksDocument {
    /// The beginning of the negative phase.
    pub onset: Option<LandmarkDocument>,
    /// Its highest point.
    pub negative_peak: Option<LandmarkDocument>,
    /// The first return to baseline after it.
    pub baseline_return: Option<LandmarkDocument>,
    /// The lowest point of the positive phase.
    pub positive_peak: Option<LandmarkDocument>,
    /// The end of the response.
    pub end: Option<LandmarkDocument>,
    /// Why one is missing.
    pub reason: Option<&'static str>,
}

/// A point of a response.
#[derive(Serialize, JsonSchema)]
pub struct LandmarkDocument {
    /// Time after the stimulus.
    pub time_ms: Option<f64>,
    /// The value there.
    pub value_mv: Option<f64>,
}

/// A value of a response, or why there is none.
#[derive(Serialize, JsonSchema)]
pub struct ValueDocument {
    /// The id of the measure.
    pub measure: &'static str,
    /// The unit of all numbers here: `mV`, `ms` or `mV·ms`.
    pub unit: &'static str,
    /// The value and its doubt.
    #[serde(flatten)]
    pub estimate: EstimateDocument,
}

/// A number with its doubt, or why there is none.
#[derive(Default, Serialize, JsonSchema)]
pub struct EstimateDocument {
    /// The value.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// The standard deviation that follows from the noise.
    pub sd: Option<f64>,
    /// A bound on systematic error, added to both sides of the interval.
    pub bound: Option<f64>,
    /// The code of the reason why there is no value, or no interval.
    pub reason: Option<&'static str>,
    /// More about the reason.
    pub detail: Option<String>,
}

/// A second, smaller response that follows the main one.
#[derive(Serialize, JsonSchema)]
pub struct RepetitiveDocument {
    /// Its peak.
    pub peak: LandmarkDocument,
    /// Its height in mV, with its doubt.
    pub amplitude: EstimateDocument,
    /// The same in percent of the amplitude of the main response.
    pub fraction_pct: Option<f64>,
}

/// What makes a response larger than another, or why that cannot be said.
#[derive(Serialize, JsonSchema)]
pub struct EnlargementDocument {
    /// Which kind.
    pub kind: Option<Enlargement>,
    /// The change of the amplitude in percent.
    pub amplitude: Option<EstimateDocument>,
    /// The change of the area of the negative phase in percent.
    pub area: Option<EstimateDocument>,
    /// The change of the duration of the negative phase in percent.
    pub duration: Option<EstimateDocument>,
    /// The code of the reason why there is no reading.
    pub reason: Option<&'static str>,
    /// More about the reason.
    pub detail: Option<String>,
}

/// One train.
#[derive(Serialize, JsonSchema)]
pub struct TrainDocument {
    /// Its number in the channel, from 1.
    pub train: usize,
    /// The text of the mark that began it.
    pub label: Option<String>,
    /// When its first stimulus came.
    pub start_s: Option<f64>,
    /// What it is for.
    pub kind: TrainKind,
    /// Stimuli per second.
    pub rate_hz: Option<f64>,
    /// Why there is no rate.
    pub rate_reason: Option<&'static str>,
    /// Coefficient of variation of the intervals.
    pub irregularity_pct: Option<f64>,
    /// Its responses: places (from 0) in `responses` of the channel.
    pub responses: Vec<usize>,
    /// The numbers at which a stimulus is missing.
    pub missing: Vec<usize>,
    /// Whether it can be believed, and if not, which findings speak against it.
    #[serde(flatten)]
    pub trust: Trust,
    /// Its changes.
    pub changes: Vec<ChangeDocument>,
    /// The shape of its amplitudes, for a low-rate train.
    pub shape: Option<Shape>,
    /// The code of the reason why there is no shape.
    pub shape_reason: Option<&'static str>,
    /// More about that reason.
    pub shape_detail: Option<String>,
    /// The decrement of the amplitude of the last response in percent of that of response 4, with its doubt.
    pub late_over_early: EstimateDocument,
    /// What makes the highest response of a high-rate train larger than the first.
    pub enlargement: EnlargementDocument,
    /// What a reader changed by hand in it or its responses, and the numbers without it. Also where only another train of the channel was
    /// changed, if this one is judged otherwise for it. Left out where nothing is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Box<CorrectedTrainDocument>>,
    /// What was noticed.
    pub findings: Vec<FindingDocument>,
}

/// The change between two responses of a train.
#[derive(Serialize, JsonSchema)]
pub struct ChangeDocument {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the convention.
    pub convention: &'static str,
    /// The number of the response that it is taken from.
    pub from_response: usize,
    /// The number of the response that it is taken to.
    pub to_response: Option<usize>,
    /// In percent, with its doubt.
    #[serde(flatten)]
    pub estimate: EstimateDocument,
    /// How probable it is that the true change exceeds each of the limits in the settings; empty when there is no value.
    pub probabilities: Vec<ProbabilityDocument>,
}

/// The probability that a change exceeds a limit.
#[derive(Serialize, JsonSchema)]
pub struct ProbabilityDocument {
    /// The limit in percent.
    pub limit_pct: f64,
    /// Between 0 and 1.
    pub probability: Option<f64>,
}

/// Trains around one exercise.
#[derive(Serialize, JsonSchema)]
pub struct SeriesDocument {
    /// Its trains, in order of time.
    pub entries: Vec<EntryDocument>,
    /// Its comparisons.
    pub comparisons: Vec<ComparisonDocument>,
    /// What was noticed.
    pub findings: Vec<FindingDocument>,
}

/// A train of a series.
#[derive(Serialize, JsonSchema)]
pub struct EntryDocument {
    /// The number of the train in the channel, from 1.
    pub train: usize,
    /// `exercise` and `delay` are in seconds.
    #[serde(flatten)]
    pub when: When,
}

/// A comparison of two trains.
#[derive(Serialize, JsonSchema)]
pub struct ComparisonDocument {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the comparison.
    pub comparison: &'static str,
    /// The number of the train that is compared with, from 1.
    pub from_train: Option<usize>,
    /// The number of the train that is compared, from 1.
    pub to_train: Option<usize>,
    /// In percent or percentage points, with its doubt.
    #[serde(flatten)]
    pub estimate: EstimateDocument,
    /// What makes the response after exercise larger, for the facilitation of the amplitude.
    pub enlargement: EnlargementDocument,
}

/// One thing that was noticed.
#[derive(Serialize, JsonSchema)]
pub struct FindingDocument {
    /// Its stable code.
    pub code: &'static str,
    /// What it means and what was seen.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}
