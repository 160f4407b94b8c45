//! Every setting of every step, in one TOML file.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::Vocabulary;
use crate::{cmap, criteria, pattern, quality, series, stimulus, sweep, train};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// All settings. A key that is not given keeps its default; a key that does not exist is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How stimuli are found.
    pub stimulus: stimulus::Settings,
    /// How sweeps are cut.
    pub sweep: sweep::Settings,
    /// How responses are measured.
    pub cmap: cmap::Settings,
    /// How stimuli become trains.
    pub train: train::Settings,
    /// How trains become series.
    pub series: series::Settings,
    /// From which limits on a train is doubted or refused.
    pub quality: quality::Settings,
    /// Which criterion sets are judged.
    pub criteria: criteria::Settings,
    /// By which of them the pattern of a study is read.
    pub pattern: pattern::Settings,
    /// Additional spellings of marks.
    pub marks: Vocabulary,
}

impl Settings {
    /// Reads settings from TOML. A value that is out of its range is an error.
    pub fn from_toml(text: &str) -> Result<Self> {
        let settings: Self = toml::from_str(text).map_err(|cause| {
            Error::new(
                ErrorCode::BadSettings,
                cause.to_string().trim_end().to_owned(),
            )
            .advice("`endplate list settings` shows every key with its default and unit")
        })?;
        settings.check()?;
        Ok(settings)
    }

    /// Whether every step can work with its settings, or which of them is out of its range; [`super::analyze`] and [`super::interpret`] ask first.
    ///
    /// # Errors
    ///
    /// The first setting that is out of its range, with what is allowed.
    pub fn check(&self) -> Result<()> {
        let Self {
            stimulus,
            sweep,
            cmap,
            train,
            series,
            quality,
            criteria,
            pattern,
            // Any text may stand for a mark.
            marks: _,
        } = self;
        stimulus.check()?;
        sweep.check()?;
        cmap.check()?;
        train.check()?;
        series.check()?;
        quality.check()?;
        criteria.check()?;
        pattern.check(criteria)
    }

    /// Reads settings from a file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))?;
        Self::from_toml(&text).map_err(|error| error.in_file(path))
    }

    /// All settings as TOML, defaults included.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}
