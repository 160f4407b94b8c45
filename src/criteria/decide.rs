//! From a value with its interval and a limit to an answer.

use super::card::Comparator;
use crate::train::ChangeEstimate;

/// A value with its 95 % interval, in the unit of the limit that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The value, unrounded.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<&ChangeEstimate> for Interval {
    fn from(change: &ChangeEstimate) -> Self {
        Self {
            value: change.value.0,
            low: change.low.0,
            high: change.high.0,
        }
    }
}

/// Where an interval lies with respect to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// All of it meets the limit.
    Met,
    /// None of it does.
    NotMet,
    /// It spans the limit, or its width is not known.
    Spans,
}

/// Doubles carry 16 digits; a change computed from two amplitudes keeps more than 12 of them.
const ROUNDING: f64 = 1e-12;

/// Compares an interval with a limit, unrounded. At exactly the limit the comparator decides.
pub(super) fn side(interval: &Interval, comparator: Comparator, limit: f64) -> Side {
    let Interval { value, low, high } = *interval;
    if !(value.is_finite() && low.is_finite() && high.is_finite()) {
        return Side::Spans;
    }
    // An end that differs from the value by the rounding of doubles only is the value, so that an exact tie stays a tie.
    let near = |end: f64| (end - value).abs() <= ROUNDING * value.abs().max(1.0);
    let low = if near(low) { value } else { low.min(value) };
    let high = if near(high) { value } else { high.max(value) };
    match (comparator.met(low, limit), comparator.met(high, limit)) {
        (true, true) => Side::Met,
        (false, false) => Side::NotMet,
        _ => Side::Spans,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(value: f64) -> Interval {
        Interval {
            value,
            low: value,
            high: value,
        }
    }

    #[test]
    fn at_exactly_the_limit_the_comparator_decides() {
        let ten = exact(100.0 * (5.00 - 4.50) / 5.00);
        assert_eq!(side(&ten, Comparator::AtLeast, 10.0), Side::Met);
        assert_eq!(side(&ten, Comparator::Above, 10.0), Side::NotMet);
        assert_eq!(side(&exact(6.0), Comparator::Below, 6.0), Side::NotMet);
        assert_eq!(side(&exact(2.0), Comparator::AtMost, 2.0), Side::Met);
    }

    #[test]
    fn a_value_that_would_be_rounded_to_the_limit_is_not_the_limit() {
        assert_eq!(
            side(&exact(59.999_999), Comparator::AtLeast, 60.0),
            Side::NotMet
        );
        assert_eq!(side(&exact(10.000_001), Comparator::Above, 10.0), Side::Met);
    }

    #[test]
    fn an_interval_that_spans_the_limit_is_undecided_and_one_that_touches_it_from_the_met_side_is_not()
     {
        let wide = Interval {
            value: 10.4,
            low: 9.8,
            high: 11.0,
        };
        assert_eq!(side(&wide, Comparator::AtLeast, 10.0), Side::Spans);
        let touching = Interval {
            value: 10.4,
            low: 10.0,
            high: 10.8,
        };
        assert_eq!(side(&touching, Comparator::AtLeast, 10.0), Side::Met);
        assert_eq!(side(&touching, Comparator::Above, 10.0), Side::Spans);
    }

    #[test]
    fn a_value_without_an_interval_decides_nothing() {
        let unknown = Interval {
            value: 300.0,
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
        };
        assert_eq!(side(&unknown, Comparator::AtLeast, 60.0), Side::Spans);
    }
}
