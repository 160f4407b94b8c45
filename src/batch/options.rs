//! What a run is asked to do.

use super::{Job, Share};
use crate::clinical_report::Template;
use crate::exchange::Attachment;
use crate::report::Output;
use crate::sidecar::Reading;
use crate::study::Settings;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a run does with each file.
pub struct Options {
    /// The results folder.
    pub results: PathBuf,
    /// How the files are opened.
    pub reading: Reading,
    /// How they are analyzed.
    pub settings: Settings,
    /// What is written of each study, besides the tables of the run.
    pub outputs: Vec<&'static Output>,
    /// How reports are written.
    pub template: Template,
    /// To whom and to what they are attached.
    pub attachment: Attachment,
    /// Which files are analyzed though an earlier run has done them already.
    pub force: Force,
    /// Once it is raised no further file is analyzed.
    pub stop: Arc<AtomicBool>,
    /// The share of a larger run that the files are, if they are one.
    pub share: Option<Share>,
}

/// Which files are analyzed though an earlier run has done them, and nothing has changed since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Force {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// All but those of these paths.
    AllBut(BTreeSet<PathBuf>),
}

impl Force {
    pub(super) fn concerns(&self, job: &Job) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::AllBut(done) => !done.contains(&job.path),
        }
    }
}
