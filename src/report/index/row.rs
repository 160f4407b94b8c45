//! The row of a file on the front page: small, made once where the study is, and stored or read again as it is.

use super::key::{self, KeyNumber};
use super::thumbnail::{self, Thumbnail};
use crate::clinical_report::{ASIDE, long_line, one_line};
use crate::error::Error;
use crate::finding::{Finding, FindingCode};
use crate::math::rounding::rounded;
use crate::report::{FileOutcome, FileRow, Output, Scope};
use crate::study::Study;
use crate::train::Trust;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the front page says of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexRow {
    /// Its name in the run.
    pub file: String,
    /// What became of it.
    pub outcome: IndexOutcome,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum IndexOutcome {
    /// It was analyzed.
    Ok(Box<IndexStudy>),
    /// It failed.
    Failed {
        /// The stable code of the error.
        code: String,
        /// Where, what was found, what was expected and what to try, in one line.
        message: String,
    },
    /// It was only found in a folder and is no recording of its own.
    Skipped {
        /// The stable code of the error.
        code: String,
        /// Why.
        message: String,
    },
}

/// What the front page says of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexStudy {
    /// Side and muscle, or the label, of each channel.
    pub muscles: Vec<String>,
    /// How many trains were recorded in all channels.
    pub trains: usize,
    /// How many of them cannot be believed.
    pub refused: usize,
    /// How many of these a reader excluded.
    pub excluded: usize,
    /// Their amplitudes.
    pub thumbnail: Thumbnail,
    /// The lowest resting CMAP in mV, or why there is none.
    pub resting: Result<KeyNumber, String>,
    /// The largest decrement in percent, or why there is none.
    pub decrement: Result<KeyNumber, String>,
    /// The largest increment or facilitation in percent, or why there is none.
    pub increment: Result<KeyNumber, String>,
    /// The skin temperature in °C.
    pub temperature_c: Option<f64>,
    /// The id of the pattern.
    pub pattern: String,
    /// Codes of the findings that speak against a train.
    pub refusing: Vec<String>,
    /// Codes of the other findings that matter for the result.
    pub findings: Vec<String>,
    /// Codes of findings that change nothing a reader has to weigh.
    pub aside: Vec<String>,
    /// The files that were written of it; figures as one entry, the extension with a star before it: `*.svg`.
    pub files: Vec<String>,
}

impl IndexRow {
    /// The row of a study; `file` is its name in the run and `outputs` what was written of it.
    pub fn analyzed(file: &FileRow, study: &Study, outputs: &[&Output]) -> Self {
        let muscles: Vec<String> = study
            .pattern
            .muscles
            .iter()
            .map(|muscle| one_line(&muscle.name))
            .collect();
        let trains = || study.channels.iter().flat_map(|channel| &channel.trains);
        let refusing: BTreeSet<FindingCode> = trains()
            .filter(|train| train.trust != Trust::Excluded)
            .flat_map(|train| train.trust.refused_by())
            .copied()
            .collect();
        let noticed: &[Finding] = match &file.outcome {
            FileOutcome::Analyzed { findings, .. } => findings,
            FileOutcome::Failed { .. } => &[],
        };
        // On the report it has a place of its own; here it must not be folded away.
        let folded =
            |code: &FindingCode| ASIDE.contains(code) && *code != FindingCode::CorrectedByHand;
        let others = |aside: bool| -> Vec<String> {
            let codes = noticed.iter().map(|finding| finding.code);
            let codes = codes.filter(|code| !refusing.contains(code) && folded(code) == aside);
            codes.map(|code| code.as_str().to_owned()).collect()
        };
        Self {
            file: file.file.clone(),
            outcome: IndexOutcome::Ok(Box::new(IndexStudy {
                trains: trains().count(),
                refused: trains().filter(|train| !train.trust.is_believed()).count(),
                excluded: trains()
                    .filter(|train| train.trust == Trust::Excluded)
                    .count(),
                thumbnail: thumbnail::of(study),
                resting: key::resting(study, &muscles),
                decrement: key::decrement(study, &muscles),
                increment: key::increment(study, &muscles),
                temperature_c: study
                    .subject
                    .skin_temperature
                    .and_then(|skin| rounded(skin.0)),
                pattern: study.pattern.id.to_owned(),
                findings: others(false),
                aside: others(true),
                refusing: refusing
                    .iter()
                    .map(|code| code.as_str().to_owned())
                    .collect(),
                files: outputs
                    .iter()
                    .filter_map(|output| file_of(output))
                    .collect(),
                muscles,
            })),
        }
    }

    /// The row of a file that could not be analyzed; `skipped` if it is no recording of its own and was only found in a folder.
    pub fn failed(file: &str, error: &Error, skipped: bool) -> Self {
        let message = error.message();
        // A page of many rows has no room for a mapping to fill in; `files.csv` holds it.
        let told = error
            .mapping_template()
            .and_then(|template| message.strip_suffix(template))
            .unwrap_or(&message);
        let (code, message) = (error.code().as_str().to_owned(), long_line(told));
        Self {
            file: file.to_owned(),
            outcome: if skipped {
                IndexOutcome::Skipped { code, message }
            } else {
                IndexOutcome::Failed { code, message }
            },
        }
    }
}

/// The file that an output writes of each study, as its card says; `*.svg` for figures.
fn file_of(output: &Output) -> Option<String> {
    let Scope::Study(_) = output.scope else {
        return None;
    };
    let name = output.files.trim_matches('`');
    (!name.contains('`')).then(|| name.replace("FIGURE", "*"))
}
