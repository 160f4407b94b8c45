//! Which values a setting may have.
//!
//! Each step checks its settings when they are read from a file and when a study begins. A `check` takes its `Settings` apart field by
//! field, without `..`, so that a new setting does not compile until someone has decided what it may be.

use crate::error::{Error, ErrorCode, Result};
use std::ops::RangeInclusive;

/// A count above this is a slip: no recording has so many responses or quiet samples that are looked at (heuristic).
pub const MOST_COUNTED: usize = 1_000_000;

/// A limit beyond this (percent or percentage points) is a slip; limits also name columns (heuristic).
const FARTHEST_LIMIT: f64 = 10_000.0;

/// The settings of one step, by the name of its table in a settings file: `sweep`, `train.shape`.
///
/// Each function gives an error that names the setting (`sweep.before_ms`), what was found, what is allowed and what to try.
#[derive(Clone, Copy, Debug)]
pub struct Step(pub &'static str);

impl Step {
    /// Any number that is finite.
    pub fn finite(self, key: &str, value: f64) -> Result<()> {
        self.number(key, value, true, || "a finite number".to_owned())
    }

    /// More than 0.
    pub fn positive(self, key: &str, value: f64) -> Result<()> {
        self.number(key, value, value > 0.0, || "more than 0".to_owned())
    }

    /// 0 or more.
    pub fn not_negative(self, key: &str, value: f64) -> Result<()> {
        self.at_least(key, value, 0.0)
    }

    /// `lowest` or more.
    pub fn at_least(self, key: &str, value: f64, lowest: f64) -> Result<()> {
        self.number(key, value, value >= lowest, || format!("at least {lowest}"))
    }

    /// `highest` or less.
    pub fn at_most(self, key: &str, value: f64, highest: f64) -> Result<()> {
        self.number(key, value, value <= highest, || {
            format!("at most {highest}")
        })
    }

    /// From `range.start()` to `range.end()`, both included.
    pub fn within(self, key: &str, value: f64, range: RangeInclusive<f64>) -> Result<()> {
        self.number(key, value, range.contains(&value), || {
            format!("from {} to {}", range.start(), range.end())
        })
    }

    /// A part of something, in percent: from 0 to 100.
    pub fn part_pct(self, key: &str, value: f64) -> Result<()> {
        self.within(key, value, 0.0..=100.0)
    }

    /// A whole number from `range.start()` to `range.end()`, both included.
    pub fn count(self, key: &str, value: usize, range: RangeInclusive<usize>) -> Result<()> {
        if range.contains(&value) {
            return Ok(());
        }
        let allowed = format!("from {} to {}", range.start(), range.end());
        Err(self.refused(key, &value.to_string(), &allowed))
    }

    /// Limits for which a probability each is written: finite, not absurd, each once.
    pub fn limits(self, key: &str, values: &[f64]) -> Result<()> {
        for (index, value) in values.iter().enumerate() {
            self.within(key, *value, -FARTHEST_LIMIT..=FARTHEST_LIMIT)?;
            if values[..index].contains(value) {
                let found = format!("{} twice", shown(*value));
                return Err(self.refused(key, &found, "each limit once"));
            }
        }
        Ok(())
    }

    /// The first setting is less than the second.
    pub fn less(self, low: (&str, f64), high: (&str, f64)) -> Result<()> {
        self.pair(low, high, low.1 < high.1, "less than")
    }

    /// The first setting is not more than the second.
    pub fn not_more(self, low: (&str, f64), high: (&str, f64)) -> Result<()> {
        self.pair(low, high, low.1 <= high.1, "at most")
    }

    fn pair(
        self,
        (key, low): (&str, f64),
        (other, high): (&str, f64),
        is_ordered: bool,
        relation: &str,
    ) -> Result<()> {
        if is_ordered {
            return Ok(());
        }
        let allowed = format!("{relation} {}.{other}, which is {}", self.0, shown(high));
        Err(self
            .refused(key, &shown(low), &allowed)
            .advice("change one of the two; `endplate list settings` shows their defaults"))
    }

    fn number(
        self,
        key: &str,
        value: f64,
        is_allowed: bool,
        allowed: impl Fn() -> String,
    ) -> Result<()> {
        if value.is_finite() && is_allowed {
            return Ok(());
        }
        Err(self.refused(key, &shown(value), &allowed()))
    }

    fn refused(self, key: &str, found: &str, allowed: &str) -> Error {
        Error::new(
            ErrorCode::BadSettings,
            format!("found {found}, expected {allowed}"),
        )
        .at(format!("{}.{key}", self.0))
        .advice("change it, or leave it out for its default, which `endplate list settings` shows with its unit and meaning")
    }
}

/// A number as a person writes it in TOML; a huge one without its zeros.
fn shown(value: f64) -> String {
    /// From here on whole numbers have digits that nobody wrote.
    const HUGE: f64 = 1e15;
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_finite() && value.abs() >= HUGE {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Step = Step("sweep");

    #[test]
    fn an_error_names_the_setting_what_was_found_what_is_allowed_and_what_to_try() {
        let error = STEP.at_least("mains_block_s", 0.0, 0.1).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadSettings);
        assert_eq!(
            error.to_string(),
            "sweep.mains_block_s: found 0, expected at least 0.1 — change it, or leave it out for its default, which `endplate list \
             settings` shows with its unit and meaning"
        );
        let error = STEP.less(("low", 3.5), ("high", 2.0)).unwrap_err();
        assert_eq!(error.place(), Some("sweep.low"));
        assert_eq!(
            error.reason(),
            "found 3.5, expected less than sweep.high, which is 2"
        );
    }

    #[test]
    fn what_is_not_finite_is_in_no_range() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(STEP.finite("a", value).is_err());
            assert!(STEP.positive("a", value).is_err());
            assert!(STEP.not_negative("a", value).is_err());
            assert!(STEP.at_least("a", value, -1.0).is_err());
            assert!(STEP.at_most("a", value, 1.0).is_err());
            assert!(
                STEP.within("a", value, f64::NEG_INFINITY..=f64::INFINITY)
                    .is_err()
            );
            assert!(STEP.limits("a", &[10.0, value]).is_err());
        }
    }

    #[test]
    fn the_ends_of_a_range_belong_to_it_and_what_lies_beyond_does_not() {
        assert!(STEP.positive("a", 0.0).is_err() && STEP.positive("a", 1e-9).is_ok());
        assert!(STEP.not_negative("a", 0.0).is_ok() && STEP.not_negative("a", -1e-9).is_err());
        assert!(STEP.part_pct("a", 100.0).is_ok() && STEP.part_pct("a", 100.1).is_err());
        assert!(STEP.count("a", 2, 2..=3).is_ok() && STEP.count("a", 1, 2..=3).is_err());
        assert!(STEP.less(("a", 1.0), ("b", 1.0)).is_err());
        assert!(STEP.not_more(("a", 1.0), ("b", 1.0)).is_ok());
    }

    #[test]
    fn a_limit_that_stands_twice_would_name_two_columns_alike() {
        let error = STEP.limits("a", &[10.0, 20.0, 10.0]).unwrap_err();
        assert_eq!(error.reason(), "found 10 twice, expected each limit once");
        assert!(STEP.limits("a", &[-5.0, 10.0]).is_ok());
        assert!(STEP.limits("a", &[]).is_ok());
    }

    #[test]
    fn a_huge_number_is_shown_without_its_zeros() {
        let error = STEP.at_most("a", 1e300, 2000.0).unwrap_err();
        assert_eq!(error.reason(), "found 1e300, expected at most 2000");
    }
}
