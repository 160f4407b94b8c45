//! By which criterion sets the pattern of a study is read.

use crate::criteria;
use crate::error::{Error, ErrorCode, Result};
use crate::setting_range::{MOST_COUNTED, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By which criterion sets the pattern of a study is read. Sets are named by their ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The set whose decrement counts as abnormal.
    pub decrement: String,
    /// A decrement that meets one of these but not the first is equivocal.
    pub decrement_second: Vec<String>,
    /// The set whose increment counts as abnormal.
    pub increment: String,
    /// The sets that say when a resting CMAP is low; the first that has a limit for the muscle is used.
    pub resting: Vec<String>,
    /// An increment from here on, in percent, is moderate: 25 %, AAEM 2001 (PMID 11494281) and, for botulism, PMID 19410507.
    pub moderate_increment_pct: f64,
    /// With a decrement and without a low CMAP, an increment from here on, in percent, leaves both kinds possible: healthy subjects stay below
    /// 40 % (Norwegian society of clinical neurophysiology).
    pub healthy_increment_max_pct: f64,
    /// A facilitation persists if it is still moderate this long after the exercise, in s. Heuristic: "several minutes" (Gutmann 1976),
    /// while that of Lambert-Eaton syndrome is gone after 50 ± 16 s.
    pub persists_from_s: f64,
    /// A high-rate train shows that nothing grows only if it has at least so many stimuli. Heuristic: responses of Lambert-Eaton syndrome
    /// fall for a few stimuli before they grow.
    pub high_rate_stimuli_min: usize,
    /// A decrement only after exercise counts from this delay on, in s. Heuristic: 1 min, with 10 s of tolerance; trains right after exercise
    /// repair.
    pub late_train_from_s: f64,
    /// A decrement that grows by no more than this after exercise, in percentage points, does not exhaust. Heuristic.
    pub exhaustion_min_points: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
        Self {
            decrement: "aaem-2001".to_owned(),
            decrement_second: owned(&["abraham-2017"]),
            increment: "oh-2005".to_owned(),
            resting: owned(&[
                "preston-shapiro",
                "facial-nasolabial",
                "trapezius-31563375",
                "radial-arm",
                "radial-apl",
            ]),
            moderate_increment_pct: 25.0,
            healthy_increment_max_pct: 40.0,
            persists_from_s: 120.0,
            high_rate_stimuli_min: 20,
            late_train_from_s: 50.0,
            exhaustion_min_points: 5.0,
        }
    }
}

impl Settings {
    /// The ids of the sets by which the pattern is read.
    pub fn sets(&self) -> Vec<&str> {
        [&self.decrement, &self.increment]
            .into_iter()
            .chain(&self.decrement_second)
            .chain(&self.resting)
            .map(String::as_str)
            .collect()
    }

    /// Whether every set exists and has a rule of its kind, and each number is in its range.
    pub fn check(&self, criteria: &criteria::Settings) -> Result<()> {
        use criteria::Supports::{Decrement, Increment, LowAmplitude};
        let Self {
            decrement,
            decrement_second,
            increment,
            resting,
            moderate_increment_pct,
            healthy_increment_max_pct,
            persists_from_s,
            high_rate_stimuli_min,
            late_train_from_s,
            exhaustion_min_points,
        } = self;
        let step = Step("pattern");
        step.not_negative("moderate_increment_pct", *moderate_increment_pct)?;
        step.not_negative("healthy_increment_max_pct", *healthy_increment_max_pct)?;
        step.not_negative("persists_from_s", *persists_from_s)?;
        step.count(
            "high_rate_stimuli_min",
            *high_rate_stimuli_min,
            1..=MOST_COUNTED,
        )?;
        step.not_negative("late_train_from_s", *late_train_from_s)?;
        step.not_negative("exhaustion_min_points", *exhaustion_min_points)?;
        let wanted = [
            (decrement, "decrement", Decrement),
            (increment, "increment", Increment),
        ];
        let second = decrement_second
            .iter()
            .map(|id| (id, "decrement_second", Decrement));
        let resting = resting.iter().map(|id| (id, "resting", LowAmplitude));
        for (id, key, supports) in wanted.into_iter().chain(second).chain(resting) {
            let fits = criteria
                .set(id)
                .is_some_and(|set| set.rules.iter().any(|rule| rule.supports == supports));
            if !fits {
                return Err(Error::new(
                    ErrorCode::BadSettings,
                    format!(
                        "\"{id}\" is no criterion set with a rule that supports {}",
                        supports.as_str()
                    ),
                )
                .at(format!("pattern.{key}"))
                .advice("`endplate list criteria` shows those that exist"));
            }
        }
        Ok(())
    }
}
