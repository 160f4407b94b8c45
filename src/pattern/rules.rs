//! From what is known of a muscle to its pattern, and from the muscles to that of the study.

use super::card::{
    DECREMENT_GROWS, DECREMENT_LOW, DECREMENT_MODERATE, DECREMENT_UNTESTED, EQUIVOCAL, INADEQUATE,
    INCREMENT_ALONE, LOW_ALONE, MODERATE_INCREMENT, NOT_TESTED, NOTHING_ABNORMAL, PATTERNS,
    POSTSYNAPTIC, POSTSYNAPTIC_EXHAUSTION, POSTSYNAPTIC_LOW, PRESYNAPTIC, PRESYNAPTIC_COMPLETE,
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
        return match (facts.low, facts.decrement) {
            (Known::Yes, Degree::Met) => &PRESYNAPTIC_COMPLETE,
            (Known::Yes, Degree::NotMet)
                if facts.persists == Known::Yes && facts.exhausts == Known::No =>
            {
                &PRESYNAPTIC_PERSISTING
            }
            (Known::Yes, _) | (Known::Unknown, Degree::Met) => &PRESYNAPTIC,
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
        return with_decrement(facts, low);
    }
    if facts.decrement_after == Degree::Met {
        return match (low, facts.decrement, facts.increment) {
            (true, ..) => &DECREMENT_LOW,
            (false, _, Increment::NotTested) => &DECREMENT_UNTESTED,
            (false, Degree::NotMet, increment) if !open(increment) => &POSTSYNAPTIC_EXHAUSTION,
            _ => &EQUIVOCAL,
        };
    }
    let near = [facts.decrement, facts.decrement_after].contains(&Degree::Undecided)
        || facts.decrement_second
        || open(facts.increment);
    if near {
        &EQUIVOCAL
    } else if low {
        &LOW_ALONE
    } else if facts.decrement == Degree::NotTested {
        &NOT_TESTED
    } else {
        &NOTHING_ABNORMAL
    }
}

/// Whether an increment may be more than that of healthy subjects, without being shown to be.
fn open(increment: Increment) -> bool {
    matches!(
        increment,
        Increment::Doubtful
            | Increment::Undecided
            | Increment::Moderate {
                above_healthy: true
            }
    )
}

/// A decrement at rest without a true increment.
fn with_decrement(facts: &Facts, low: bool) -> &'static PatternCard {
    let grows = matches!(
        facts.shape,
        Some(Shape::Progressive | Shape::LateOnly | Shape::Linear)
    );
    match (low, facts.increment) {
        (true, Increment::Small) if facts.shape == Some(Shape::Progressive) => {
            &PROGRESSIVE_DECREMENT
        }
        (true, _) => &DECREMENT_LOW,
        (false, Increment::NotTested) => &DECREMENT_UNTESTED,
        (false, increment) if open(increment) && !facts.falls_at_high_rate => &DECREMENT_MODERATE,
        (false, _) if grows => &DECREMENT_GROWS,
        (false, _) => &POSTSYNAPTIC,
    }
}

/// The pattern of a study: the first in the order of [`PATTERNS`] that any of its muscles shows.
pub(super) fn of_study(muscles: &[&'static PatternCard]) -> &'static PatternCard {
    let shown = |card: &&&'static PatternCard| muscles.iter().any(|other| other.id == card.id);
    PATTERNS.iter().find(shown).copied().unwrap_or(&INADEQUATE)
}
