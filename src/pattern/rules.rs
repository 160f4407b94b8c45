//! From what is known of a muscle to its pattern, and from the muscles to that of the study.

use super::card::{
    DECREMENT_LOW, DECREMENT_MODERATE, DECREMENT_UNTESTED, EQUIVOCAL, INADEQUATE, INCREMENT_ALONE,
    LOW_ALONE, MODERATE_INCREMENT, NOT_TESTED, NOTHING_ABNORMAL, PATTERNS, POSTSYNAPTIC,
    POSTSYNAPTIC_EXHAUSTION, POSTSYNAPTIC_LOW, PRESYNAPTIC, PRESYNAPTIC_COMPLETE,
    PRESYNAPTIC_PERSISTING, PROGRESSIVE_DECREMENT, PatternCard, REPETITIVE_CMAP,
};
use super::facts::{Degree, Facts, Increment, Known};
use crate::train::Shape;

/// The pattern of one muscle.
pub(super) fn of_muscle(facts: &Facts) -> &'static PatternCard {
    let low = facts.low == Known::Yes;
    let decrement = facts.decrement == Degree::Met;
    if !facts.believed {
        return &INADEQUATE;
    }
    if facts.repetitive {
        return &REPETITIVE_CMAP;
    }
    if !facts.tested {
        return &NOT_TESTED;
    }
    if facts.increment == Increment::True {
        return match (facts.low, decrement) {
            (Known::Yes, true) => &PRESYNAPTIC_COMPLETE,
            (Known::Yes, false) if facts.persists == Known::Yes && facts.exhausts != Known::Yes => {
                &PRESYNAPTIC_PERSISTING
            }
            (Known::Yes, false) | (Known::Unknown, true) => &PRESYNAPTIC,
            _ => &INCREMENT_ALONE,
        };
    }
    // What grows after exercise, where nothing grows at high rate, is the repair of a decrement.
    if decrement && low && facts.falls_at_high_rate {
        return &POSTSYNAPTIC_LOW;
    }
    if matches!(facts.increment, Increment::Moderate { .. }) && low {
        return &MODERATE_INCREMENT;
    }
    if decrement {
        return match (low, facts.increment, facts.shape) {
            (true, Increment::Small, Some(Shape::Progressive)) => &PROGRESSIVE_DECREMENT,
            (true, ..) => &DECREMENT_LOW,
            (false, Increment::NotTested, _) => &DECREMENT_UNTESTED,
            (
                false,
                Increment::Moderate {
                    above_healthy: true,
                },
                _,
            ) if !facts.falls_at_high_rate => &DECREMENT_MODERATE,
            (false, ..) => &POSTSYNAPTIC,
        };
    }
    if facts.decrement_after == Degree::Met {
        return if low {
            &DECREMENT_LOW
        } else {
            &POSTSYNAPTIC_EXHAUSTION
        };
    }
    let near = [facts.decrement, facts.decrement_after].contains(&Degree::Undecided)
        || facts.decrement_second
        || matches!(facts.increment, Increment::Undecided | Increment::Doubtful);
    if near {
        &EQUIVOCAL
    } else if low {
        &LOW_ALONE
    } else {
        &NOTHING_ABNORMAL
    }
}

/// The pattern of a study: the first in the order of [`PATTERNS`] that any of its muscles shows.
pub(super) fn of_study(muscles: &[&'static PatternCard]) -> &'static PatternCard {
    let shown = |card: &&&'static PatternCard| muscles.iter().any(|other| other.id == card.id);
    PATTERNS.iter().find(shown).copied().unwrap_or(&INADEQUATE)
}
