//! A study as JSON: from the results to the document, and the schema of the document.

use super::column::{EXTRA_STIMULUS, NO_TRAIN, interval_reason};
use super::document::*;
use super::json_lines::Lines;
use super::responses::landmark_reason;
use super::trains::limits;
use super::{corrected_json, verdict_json};
use crate::cmap::{Cmap, Landmark, MEASURES, NotMeasured, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::Finding;
use crate::math::rounding::{rounded, rounded_seconds};
use crate::recording::Origin;
use crate::series::{Comparison, Series};
use crate::stimulus::Stimulus;
use crate::study::{ChannelStudy, Settings, Study};
use crate::sweep::Sweep;
use crate::train::{self, Change, ChangeEstimate, EnlargementReading, Train};
use serde::Serialize;
use serde_json::Serializer;
use std::collections::BTreeMap;
use std::io::Write;

/// The version of the layout of the JSON. It changes when a field is renamed, removed or changes its type or meaning.
pub const SCHEMA_VERSION: u64 = 1;
/// The name of the schema, its version at the end: `$id` of the schema, and `schema` of every study.
pub const SCHEMA_ID: &str = "urn:endplate:study:1";

/// A study as JSON text, ending in a line feed.
pub fn to_json(study: &Study, file: &str) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    write_json(study, file, &mut text)
        .map_err(|cause| Error::new(ErrorCode::Output, format!("JSON: {cause}")))?;
    Ok(text)
}

/// Writes the text of [`to_json`].
pub(super) fn write_json(
    study: &Study,
    file: &str,
    writer: &mut impl Write,
) -> std::io::Result<()> {
    document(study, file).serialize(&mut Serializer::with_formatter(
        &mut *writer,
        Lines::default(),
    ))?;
    writer.write_all(b"\n")
}

/// The JSON Schema (draft 2020-12) of what [`to_json`] writes.
pub fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<StudyDocument>();
    schema.insert("$id".to_owned(), SCHEMA_ID.into());
    schema.insert("version".to_owned(), SCHEMA_VERSION.into());
    serde_json::to_value(schema).unwrap_or_default()
}

/// The document of a study.
pub fn document(study: &Study, file: &str) -> StudyDocument {
    let settings = Settings::from_toml(&study.provenance.settings).ok();
    let limits = settings
        .as_ref()
        .map(|settings| settings.train.clone())
        .unwrap_or_default();
    StudyDocument {
        schema: SCHEMA_ID,
        schema_version: SCHEMA_VERSION,
        file: file.to_owned(),
        provenance: ProvenanceDocument {
            endplate_version: study.provenance.version,
            settings,
        },
        origin: origin(&study.origin),
        subject: study.subject.clone(),
        marks: study.marks.clone(),
        stimuli: study.stimuli.iter().map(stimulus).collect(),
        channels: study
            .channels
            .iter()
            .enumerate()
            .map(|(index, content)| channel(study, index + 1, content, &limits))
            .collect(),
        pattern: verdict_json::pattern(&study.pattern),
        corrected: corrected_json::study(study),
        findings: findings(&study.findings),
    }
}

fn origin(origin: &Origin) -> OriginDocument {
    OriginDocument {
        path: origin.path.to_string_lossy().into_owned(),
        format: origin.format.clone(),
        sha256: origin.sha256.clone(),
        bytes: origin.bytes,
        started: origin.started.clone(),
        device: origin.device.clone(),
        clock: origin.clock,
        beside: origin.beside.clone(),
    }
}

fn stimulus(stimulus: &Stimulus) -> StimulusDocument {
    StimulusDocument {
        time_s: rounded_seconds(stimulus.time.0),
        uncertainty_s: rounded_seconds(stimulus.uncertainty.0),
        origin: stimulus.origin,
        channel_index: stimulus.channel,
        current_ma: stimulus.current.and_then(|current| rounded(current.0)),
        width_ms: stimulus.width.and_then(|width| rounded(width.0)),
    }
}

fn channel(
    study: &Study,
    number: usize,
    channel: &ChannelStudy,
    limits: &train::Settings,
) -> ChannelDocument {
    let mut places: BTreeMap<usize, (usize, Option<usize>)> = BTreeMap::new();
    for (train, content) in channel.trains.iter().enumerate() {
        for response in &content.responses {
            places.insert(response.index, (train + 1, response.ordinal));
        }
    }
    let pairs = channel.sweeps.iter().zip(&channel.cmaps).enumerate();
    ChannelDocument {
        channel: number,
        index: channel.index,
        label: channel.label.clone(),
        muscle: channel.muscle.clone(),
        nerve: channel.nerve.clone(),
        side: channel.side,
        rate_hz: rounded(channel.rate.0),
        responses: pairs
            .map(|(index, (sweep, cmap))| {
                let place = places.get(&index).copied();
                let corrected = corrected_json::response(study, number - 1, index, place, sweep);
                ResponseDocument {
                    corrected,
                    ..response(place, sweep, cmap)
                }
            })
            .collect(),
        trains: channel
            .trains
            .iter()
            .enumerate()
            .map(|(index, content)| TrainDocument {
                corrected: corrected_json::train(study, number - 1, index, limits),
                ..train(index + 1, content, limits)
            })
            .collect(),
        series: channel.series.iter().map(series).collect(),
        verdicts: channel
            .verdicts
            .iter()
            .map(|content| verdict_json::verdict(study, number - 1, content))
            .collect(),
        corrected: corrected_json::channel(study, number - 1),
        findings: findings(&channel.findings),
    }
}

/// The document of a response, without what was corrected.
pub fn response(
    place: Option<(usize, Option<usize>)>,
    sweep: &Sweep,
    cmap: &Cmap,
) -> ResponseDocument {
    let number = place.and_then(|place| place.1);
    let mut noticed = findings(&sweep.findings);
    noticed.extend(findings(&cmap.findings));
    let marks = &cmap.landmarks;
    ResponseDocument {
        train: place.map(|place| place.0),
        response: number,
        response_reason: match (place, number) {
            (_, Some(_)) => None,
            (Some(_), None) => Some(EXTRA_STIMULUS),
            (None, None) => Some(NO_TRAIN),
        },
        stimulus_s: rounded_seconds(sweep.stimulus.time.0),
        noise_mv: sweep.noise.as_ref().and_then(|noise| rounded(noise.rms.0)),
        baseline: BaselineDocument {
            level_mv: sweep.baseline.level.and_then(|level| rounded(level.0)),
            sd_mv: rounded(sweep.baseline.sd.0),
            kind: sweep.baseline.kind,
            samples: sweep.baseline.samples,
        },
        artefact_end_ms: rounded(sweep.artefact_end.0),
        until_ms: rounded(sweep.until.0),
        saturated_samples: sweep.saturated.iter().map(ExactSizeIterator::len).sum(),
        landmarks: LandmarksDocument {
            onset: landmark(marks.onset),
            negative_peak: landmark(marks.negative_peak),
            baseline_return: landmark(marks.baseline_return),
            positive_peak: landmark(marks.positive_peak),
            end: landmark(marks.end),
            reason: landmark_reason(cmap),
        },
        values: MEASURES
            .iter()
            .zip(&cmap.values)
            .map(|(measure, value)| ValueDocument {
                measure: measure.id,
                unit: measure.unit.symbol(),
                estimate: estimate(value),
            })
            .collect(),
        repetitive: cmap.repetitive.as_ref().map(|found| RepetitiveDocument {
            peak: LandmarkDocument {
                time_ms: rounded(found.peak.time.0),
                value_mv: rounded(found.peak.value.0),
            },
            amplitude: estimate(&Ok(found.amplitude)),
            fraction_pct: rounded(found.fraction.0),
        }),
        corrected: None,
        findings: noticed,
    }
}

fn landmark(landmark: Option<Landmark>) -> Option<LandmarkDocument> {
    landmark.map(|landmark| LandmarkDocument {
        time_ms: rounded(landmark.time.0),
        value_mv: rounded(landmark.value.0),
    })
}

fn estimate(value: &Value) -> EstimateDocument {
    match value {
        Ok(e) => EstimateDocument {
            value: rounded(e.value),
            low: rounded(e.low),
            high: rounded(e.high),
            sd: rounded(e.sd),
            bound: rounded(e.bound),
            reason: interval_reason(e.value, e.low, e.high),
            detail: None,
        },
        Err(reason) => missing(reason),
    }
}

fn change_estimate(value: &std::result::Result<ChangeEstimate, NotMeasured>) -> EstimateDocument {
    match value {
        Ok(e) => EstimateDocument {
            value: rounded(e.value.0),
            low: rounded(e.low.0),
            high: rounded(e.high.0),
            sd: rounded(e.sd.0),
            bound: rounded(e.bound.0),
            reason: interval_reason(e.value.0, e.low.0, e.high.0),
            detail: None,
        },
        Err(reason) => missing(reason),
    }
}

fn missing(reason: &NotMeasured) -> EstimateDocument {
    EstimateDocument {
        reason: Some(reason.code()),
        detail: detail(reason),
        ..EstimateDocument::default()
    }
}

/// What a reason says beside its code.
fn detail(reason: &NotMeasured) -> Option<String> {
    match reason {
        NotMeasured::LandmarkMissing(detail)
        | NotMeasured::ReferenceMissing(detail)
        | NotMeasured::NotApplicable(detail)
        | NotMeasured::ExcludedByReader(detail)
            if !detail.is_empty() =>
        {
            Some(detail.clone())
        }
        _ => None,
    }
}

fn enlargement(
    value: &std::result::Result<EnlargementReading, NotMeasured>,
) -> EnlargementDocument {
    let read = value.as_ref().ok();
    let change = |pick: fn(&EnlargementReading) -> ChangeEstimate| {
        read.map(|read| change_estimate(&Ok(pick(read))))
    };
    EnlargementDocument {
        kind: read.map(|read| read.kind),
        amplitude: change(|read| read.amplitude),
        area: change(|read| read.area),
        duration: change(|read| read.duration),
        reason: value.as_ref().err().map(NotMeasured::code),
        detail: value.as_ref().err().and_then(detail),
    }
}

/// The document of a train, without what was corrected.
pub fn train(number: usize, train: &Train, limits: &train::Settings) -> TrainDocument {
    TrainDocument {
        train: number,
        label: train.label.clone(),
        start_s: rounded_seconds(train.start.0),
        kind: train.kind,
        rate_hz: train.rate.as_ref().ok().and_then(|rate| rounded(rate.0)),
        rate_reason: train.rate.as_ref().err().map(NotMeasured::code),
        irregularity_pct: train.irregularity.and_then(|percent| rounded(percent.0)),
        responses: train
            .responses
            .iter()
            .map(|response| response.index)
            .collect(),
        missing: train.missing.clone(),
        trust: train.trust.clone(),
        changes: train
            .changes
            .iter()
            .map(|content| change(content, limits))
            .collect(),
        shape: train.shape.as_ref().ok().copied(),
        shape_reason: train.shape.as_ref().err().map(NotMeasured::code),
        shape_detail: train.shape.as_ref().err().and_then(detail),
        late_over_early: change_estimate(&train.late_over_early),
        enlargement: enlargement(&train.enlargement),
        corrected: None,
        findings: findings(&train.findings),
    }
}

fn change(change: &Change, settings: &train::Settings) -> ChangeDocument {
    let limits = limits(settings, change.convention).iter().copied();
    let estimate = change.value.as_ref().ok();
    ChangeDocument {
        measure: change.measure,
        convention: change.convention,
        from_response: change.from,
        to_response: change.to,
        estimate: change_estimate(&change.value),
        probabilities: estimate.map_or_else(Vec::new, |estimate| {
            limits
                .map(|limit_pct| ProbabilityDocument {
                    limit_pct,
                    probability: rounded(estimate.probability_above(limit_pct)),
                })
                .collect()
        }),
    }
}

/// The document of a series.
pub fn series(series: &Series) -> SeriesDocument {
    SeriesDocument {
        entries: series
            .entries
            .iter()
            .map(|entry| EntryDocument {
                train: entry.train + 1,
                when: verdict_json::when(entry.when),
            })
            .collect(),
        comparisons: series.comparisons.iter().map(comparison).collect(),
        findings: findings(&series.findings),
    }
}

fn comparison(comparison: &Comparison) -> ComparisonDocument {
    ComparisonDocument {
        measure: comparison.measure,
        comparison: comparison.comparison,
        from_train: comparison.from_train.map(|index| index + 1),
        to_train: comparison.to_train.map(|index| index + 1),
        estimate: change_estimate(&comparison.value),
        enlargement: enlargement(&comparison.enlargement),
    }
}

fn findings(findings: &[Finding]) -> Vec<FindingDocument> {
    findings
        .iter()
        .map(|finding| FindingDocument {
            code: finding.code.as_str(),
            message: finding.message(),
            advice: finding.code.advice(),
        })
        .collect()
}
