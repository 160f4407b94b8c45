//! Which criterion sets are judged.

use super::card::CriterionSet;
use super::sets::built_in;
use crate::error::{Error, ErrorCode, Result};
use crate::setting_range::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which criterion sets are judged, and how trains are matched to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Ids of the sets that are judged, besides those by which the pattern is read; `verified` stands for every built-in set whose numbers were read in the source, `own` for every
    /// set of the laboratory.
    pub sets: Vec<String>,
    /// A rate counts as inside the range of a rule if it is off by no more than this, in percent. Heuristic: stimulators are that exact.
    pub rate_tolerance_pct: f64,
    /// A facilitation that does not meet a rule speaks against it only after an exercise up to this long, in s: increments are alike after
    /// 10, 15 and 20 s (doi 10.3389/fneur.2024.1525155) and fall at 30 s (Hatanaka and Oh 2008).
    pub brief_exercise_max_s: f64,
    /// The late decrement is compared with the early one only where the early one is at least this, in percent. Heuristic: the study that
    /// compared them had patients with a decrement (PMID 24332471).
    pub early_decrement_min_pct: f64,
    /// Sets of the laboratory: the same fields as those of `endplate list criteria`. One with the id of a built-in set replaces it.
    pub own: Vec<CriterionSet>,
}

/// Stands for every verified built-in set.
const VERIFIED: &str = "verified";
/// Stands for every set of the laboratory.
const OWN: &str = "own";

impl Default for Settings {
    fn default() -> Self {
        Self {
            sets: vec![VERIFIED.to_owned(), OWN.to_owned()],
            rate_tolerance_pct: 5.0,
            brief_exercise_max_s: 20.0,
            early_decrement_min_pct: 10.0,
            own: Vec::new(),
        }
    }
}

impl Settings {
    /// The sets that are judged, those named by `always` in any case, in the order of the reference page, those of the laboratory last.
    pub fn active(&self, always: &[&str]) -> Vec<&CriterionSet> {
        self.all()
            .filter(|(set, own)| {
                always.contains(&set.id.as_str())
                    || self.sets.iter().any(|wanted| {
                        *wanted == set.id
                            || (wanted == OWN && *own)
                            || (wanted == VERIFIED && !own && set.verified)
                    })
            })
            .map(|(set, _)| set)
            .collect()
    }

    /// The set of that id, whether it is judged or not.
    pub fn set(&self, id: &str) -> Option<&CriterionSet> {
        self.all().map(|(set, _)| set).find(|set| set.id == id)
    }

    /// Every set and whether it is the laboratory's.
    fn all(&self) -> impl Iterator<Item = (&CriterionSet, bool)> {
        let replaced = |id: &str| self.own.iter().any(|own| own.id == id);
        built_in()
            .iter()
            .filter(move |set| !replaced(&set.id))
            .map(|set| (set, false))
            .chain(self.own.iter().map(|set| (set, true)))
    }

    /// Whether every set exists and passes its checks and each number is in its range, or what is wrong.
    pub fn check(&self) -> Result<()> {
        let Self {
            sets,
            rate_tolerance_pct,
            brief_exercise_max_s,
            early_decrement_min_pct,
            own,
        } = self;
        let step = Step("criteria");
        step.not_negative("rate_tolerance_pct", *rate_tolerance_pct)?;
        step.not_negative("brief_exercise_max_s", *brief_exercise_max_s)?;
        step.not_negative("early_decrement_min_pct", *early_decrement_min_pct)?;
        for (index, set) in own.iter().enumerate() {
            set.check()?;
            if own[..index].iter().any(|other| other.id == set.id) {
                return Err(Error::new(
                    ErrorCode::BadSettings,
                    format!("the set \"{}\" stands twice", set.id),
                )
                .at("criteria.own"));
            }
        }
        for wanted in sets {
            if wanted != OWN && wanted != VERIFIED && self.set(wanted).is_none() {
                return Err(Error::new(
                    ErrorCode::BadSettings,
                    format!("\"{wanted}\" is no criterion set"),
                )
                .at("criteria.sets")
                .advice("`endplate list criteria` shows those that exist; `verified` and `own` stand for all of them"));
            }
        }
        Ok(())
    }
}
