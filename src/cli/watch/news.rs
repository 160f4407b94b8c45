//! What there is to tell of a round: not again what the one before has told.

use crate::batch::{Arrivals, Job, Outcome};
use crate::error::ErrorCode;
use crate::pattern::Family;
use std::collections::BTreeMap;

/// What became of a file.
pub enum Stood {
    /// It was analyzed, now or before.
    Study {
        /// By this command, not by an earlier one.
        now: bool,
        /// The group of its pattern.
        family: Option<Family>,
        /// Whether a reader changed something by hand.
        corrected: bool,
        /// Whether something was noticed.
        noticed: bool,
    },
    /// It is no recording of its own.
    Skipped,
    /// It failed, and what was told of it.
    Failed(ErrorCode, String),
}

/// What a round knows of the one before.
pub struct Round<'a> {
    /// How the files looked before it.
    pub arrivals: &'a Arrivals,
    /// What became of each file in the round before, by its name.
    pub before: &'a BTreeMap<String, Stood>,
    /// Whether there was none before.
    pub first: bool,
}

/// Whether there is something to tell of a file.
pub enum News {
    /// What became of it.
    Told,
    /// That it changed while it was read.
    Changing,
    /// Nothing.
    None,
}

impl Round<'_> {
    /// What there is to tell of a file.
    pub fn news(&self, job: &Job, outcome: &Outcome) -> News {
        let before = self.before.get(&job.name);
        let same = match (outcome, before) {
            (Outcome::Failed(_), _) if self.arrivals.is_changing(job) => return News::Changing,
            (Outcome::Failed(error), Some(Stood::Failed(_, other))) => {
                self.arrivals.is_as_taken(job) && error.to_string() == *other
            }
            (Outcome::Skipped(_), Some(Stood::Skipped)) => true,
            (Outcome::Unchanged(_), _) => !self.first,
            (Outcome::NotReached, _) => true,
            _ => false,
        };
        if same { News::None } else { News::Told }
    }

    /// Whether the disk refused to read or write it, which may be otherwise in a while.
    pub fn is_refused(&self, job: &Job, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Failed(error) => {
                matches!(error.code(), ErrorCode::Io | ErrorCode::Output)
                    && !self.arrivals.is_changing(job)
            }
            _ => false,
        }
    }
}

impl Stood {
    /// What became of a file; nothing of one that was not reached.
    pub fn of(outcome: &Outcome, before: Option<&Self>) -> Option<Self> {
        let now = matches!(outcome, Outcome::Analyzed(_))
            || matches!(before, Some(Self::Study { now: true, .. }));
        Some(match outcome {
            Outcome::Analyzed(brief) | Outcome::Unchanged(brief) => Self::Study {
                now,
                family: brief.told().1,
                corrected: !brief.corrections.is_empty(),
                noticed: brief.noticed,
            },
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::Failed(error) => Self::Failed(error.code(), error.to_string()),
            Outcome::NotReached => return None,
        })
    }
}
