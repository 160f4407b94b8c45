//! What a reader changed by hand, in the JSON of a study: who, when, why, what, and the numbers without it.

use super::document::{ResponseDocument, SeriesDocument, TrainDocument};
use super::json;
use super::verdict_json::{self, PatternDocument, VerdictDocument};
use crate::math::rounding::{rounded, rounded_seconds};
use crate::recording::Side;
use crate::series::When;
use crate::study::{Changed, Correction, Study};
use crate::sweep::Sweep;
use crate::train;
use schemars::JsonSchema;
use serde::Serialize;

/// One correction by a reader.
#[derive(Serialize, JsonSchema)]
pub struct CorrectionDocument {
    /// Its place among the corrections of the file beside the recording, from 1. All are applied to the study at once, so that their order
    /// makes no difference.
    pub number: usize,
    /// Who: initials or role of the reader.
    pub by: String,
    /// When.
    pub date: String,
    /// Why.
    pub reason: String,
    /// The number of the channel, from 1.
    pub channel: usize,
    /// The number of the train in the channel, from 1.
    pub train: Option<usize>,
    /// The number of the response in its train, from 1.
    pub response: Option<usize>,
    /// When the stimulus of the response began.
    pub stimulus_s: Option<f64>,
    /// What was changed.
    pub changes: Vec<ChangedDocument>,
}

/// One thing that was changed by hand.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ChangedDocument {
    /// A landmark was placed.
    Landmark {
        /// Which: `onset`, `negative_peak`, `return`, `positive_peak` or `end`.
        landmark: &'static str,
        /// Where the program has it; null where it has none.
        from_ms: Option<f64>,
        /// Where the reader put it.
        to_ms: Option<f64>,
    },
    /// The response, or the train, is not used.
    Excluded,
    /// The muscle.
    Muscle {
        /// What the recording says.
        from: Option<String>,
        /// What the reader says.
        to: String,
    },
    /// The nerve.
    Nerve {
        /// What the recording says.
        from: Option<String>,
        /// What the reader says.
        to: String,
    },
    /// The side.
    Side {
        /// What the recording says.
        from: Option<Side>,
        /// What the reader says.
        to: Side,
    },
    /// When the train was recorded, as to exercise.
    When {
        /// What the recording says.
        from: When,
        /// What the reader says.
        to: When,
    },
}

/// A response that was corrected.
#[derive(Serialize, JsonSchema)]
pub struct CorrectedResponseDocument {
    /// Its corrections.
    pub corrections: Vec<CorrectionDocument>,
    /// What the program measured.
    pub original: ResponseDocument,
}

/// A train that was corrected, or that is judged otherwise for a correction.
#[derive(Serialize, JsonSchema)]
pub struct CorrectedTrainDocument {
    /// Its corrections and those of its responses.
    pub corrections: Vec<CorrectionDocument>,
    /// When it was recorded, without the corrections.
    pub original_when: When,
    /// What the program measured.
    pub original: TrainDocument,
}

/// A channel in which something was corrected.
#[derive(Serialize, JsonSchema)]
pub struct CorrectedChannelDocument {
    /// The corrections of the channel as a whole; those of trains and responses stand there.
    pub corrections: Vec<CorrectionDocument>,
    /// What the program says.
    pub original: OriginalChannelDocument,
}

/// What the program says of a channel in which something was corrected.
#[derive(Serialize, JsonSchema)]
pub struct OriginalChannelDocument {
    /// The muscle, where known.
    pub muscle: Option<String>,
    /// The nerve, where known.
    pub nerve: Option<String>,
    /// The side, where known.
    pub side: Option<Side>,
    /// The series around exercises.
    pub series: Vec<SeriesDocument>,
    /// What criterion sets say.
    pub verdicts: Vec<VerdictDocument>,
}

/// A study in which something was corrected.
#[derive(Serialize, JsonSchema)]
pub struct CorrectedStudyDocument {
    /// All corrections, in the order in which they are stated.
    pub corrections: Vec<CorrectionDocument>,
    /// The pattern without them.
    pub original_pattern: PatternDocument,
}

/// The corrections of a study.
pub fn study(study: &Study) -> Option<CorrectedStudyDocument> {
    let original = study.original.as_ref()?;
    Some(CorrectedStudyDocument {
        corrections: told(study, study.corrections.iter()),
        original_pattern: verdict_json::pattern(&original.pattern),
    })
}

/// The corrections in a channel, by its place in the study.
pub fn channel(study: &Study, index: usize) -> Option<CorrectedChannelDocument> {
    let original = study.original_channel(index)?;
    let touched = study.corrections.iter().any(|c| c.channel == index);
    touched.then(|| CorrectedChannelDocument {
        corrections: told(study, study.corrections_of_channel(index)),
        original: OriginalChannelDocument {
            muscle: original.muscle.clone(),
            nerve: original.nerve.clone(),
            side: original.side,
            series: original.series.iter().map(json::series).collect(),
            verdicts: original
                .verdicts
                .iter()
                // The figures are those of the corrected study.
                .map(|verdict| without_figures(verdict_json::verdict(study, index, verdict)))
                .collect(),
        },
    })
}

fn without_figures(mut verdict: VerdictDocument) -> VerdictDocument {
    for evidence in &mut verdict.evidence {
        evidence.figure = None;
    }
    verdict
}

/// The corrections of a train.
pub fn train(
    study: &Study,
    channel: usize,
    index: usize,
    limits: &train::Settings,
) -> Option<Box<CorrectedTrainDocument>> {
    let channel_before = study.original_channel(channel)?;
    let before = channel_before.trains.get(index)?;
    let now = study.channels.get(channel)?.trains.get(index)?;
    (before != now).then(|| {
        Box::new(CorrectedTrainDocument {
            corrections: told(study, study.corrections_of_train(channel, index)),
            original_when: verdict_json::when(channel_before.when(index)),
            original: json::train(index + 1, before, limits),
        })
    })
}

/// The corrections of a response, by its index.
pub fn response(
    study: &Study,
    channel: usize,
    index: usize,
    place: Option<(usize, Option<usize>)>,
    sweep: &Sweep,
) -> Option<Box<CorrectedResponseDocument>> {
    let before = study.original_channel(channel)?.cmaps.get(index)?;
    let mut corrections = study.corrections_of_response(channel, index).peekable();
    corrections.peek()?;
    Some(Box::new(CorrectedResponseDocument {
        corrections: told(study, corrections),
        original: json::response(place, sweep, before),
    }))
}

fn told<'a>(
    study: &Study,
    corrections: impl Iterator<Item = &'a Correction>,
) -> Vec<CorrectionDocument> {
    corrections.map(|one| correction(study, one)).collect()
}

fn correction(study: &Study, correction: &Correction) -> CorrectionDocument {
    let sweep = correction
        .response
        .and_then(|response| study.channels.get(correction.channel)?.sweeps.get(response));
    CorrectionDocument {
        number: correction.number,
        by: correction.by.clone(),
        date: correction.date.clone(),
        reason: correction.reason.clone(),
        channel: correction.channel + 1,
        train: correction.train.map(|train| train + 1),
        response: correction.ordinal,
        stimulus_s: sweep.and_then(|sweep| rounded_seconds(sweep.stimulus.time.0)),
        changes: correction.changes.iter().map(changed).collect(),
    }
}

fn changed(changed: &Changed) -> ChangedDocument {
    match changed.clone() {
        Changed::Landmark { point, from, to } => ChangedDocument::Landmark {
            landmark: point.as_str(),
            from_ms: from.and_then(|time| rounded(time.0)),
            to_ms: rounded(to.0),
        },
        Changed::Excluded => ChangedDocument::Excluded,
        Changed::Muscle(from, to) => ChangedDocument::Muscle { from, to },
        Changed::Nerve(from, to) => ChangedDocument::Nerve { from, to },
        Changed::Side(from, to) => ChangedDocument::Side { from, to },
        Changed::When(from, to) => ChangedDocument::When {
            from: verdict_json::when(from),
            to: verdict_json::when(to),
        },
    }
}
