//! Printed times: are they regular, where are the gaps, and which sampling rate do they state?
//!
//! A printed time may lie off its place by one unit of its last printed digit (rounding) plus [`STEP_TOLERANCE`] of a step.

use crate::error::{Error, ErrorCode, Result};
use crate::units::Hertz;
use std::ops::Range;

/// How far a printed time may lie from its place, beyond its rounding, as part of a sample step. Heuristic: no effect on a measure.
const STEP_TOLERANCE: f64 = 0.01;
/// Below this part of a step printed times count as exactly regular. Heuristic: above the rounding of any printed number of 9 digits.
const EXACT: f64 = 1e-6;
/// How uncertain a sampling rate from rounded times may be (relative). Heuristic: 0.1 % changes an area by 0.1 %.
const RATE_TOLERANCE: f64 = 1e-3;
/// A step above this many steps is a gap; in between it is irregular. Heuristic: halfway between one step and two.
const GAP_STEPS: f64 = 1.5;
/// Rounding of a number in double precision, for sums of a few of them.
const FLOAT_ROUNDING: f64 = 4.0 * f64::EPSILON;
/// Digits after the point that are tried for a round rate.
const ROUND_DIGITS: i32 = 9;

/// Times as they are printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Times {
    /// In the unit of the file.
    pub values: Vec<f64>,
    /// The line of each.
    pub lines: Vec<u32>,
    /// One unit of the last printed digit, the finest of all of them.
    pub digit: Option<f64>,
}

impl Times {
    pub fn push(&mut self, value: f64, digit: f64, line: u64) {
        self.values.push(value);
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        self.digit = Some(self.digit.map_or(digit, |finest| finest.min(digit)));
    }

    fn digit(&self) -> f64 {
        self.digit.unwrap_or(0.0)
    }

    fn value(&self, index: usize) -> f64 {
        self.values.get(index).copied().unwrap_or_default()
    }

    fn fault(&self, index: usize, what: String) -> Error {
        let line = self.lines.get(index).copied().unwrap_or_default();
        Error::new(ErrorCode::UnknownRate, what)
            .at(format!("line {line}, time {}", self.value(index)))
    }
}

/// The sampling rate that the times state, `seconds` being the length of their unit. Gaps are left out: the longest part counts.
pub(super) fn rate(times: &Times, seconds: f64) -> Result<Hertz> {
    let step = median_step(times)?;
    let run = runs(times, step)
        .into_iter()
        .max_by_key(|run| (run.len(), std::cmp::Reverse(run.start)))
        .unwrap_or(0..0);
    let (first, last) = (run.start, run.end.saturating_sub(1));
    if last <= first {
        return Err(times
            .fault(
                first,
                "one sample alone does not tell the sampling rate".to_owned(),
            )
            .advice("state rate_hz in a mapping or as `# rate_hz = 20000`"));
    }
    let span = times.value(last) - times.value(first);
    let step = span / (last - first) as f64;
    let worst = check(times, run, step)?;
    let largest = times.value(first).abs().max(times.value(last).abs());
    let exact = worst <= EXACT * step + FLOAT_ROUNDING * largest;
    let bound = if exact {
        worst.max(FLOAT_ROUNDING * largest)
    } else {
        worst.max(times.digit() / 2.0)
    };
    let uncertainty = 2.0 * bound / span;
    if !exact && uncertainty > RATE_TOLERANCE {
        return Err(times
            .fault(first, format!("the times are printed too coarsely: they give the sampling rate only to {:.2} %", 100.0 * uncertainty))
            .advice("state rate_hz in a mapping or as `# rate_hz = 20000`"));
    }
    let rate = roundest(step, seconds, uncertainty.max(FLOAT_ROUNDING));
    if rate.is_finite() && rate > 0.0 {
        Ok(Hertz(rate))
    } else {
        Err(times
            .fault(first, format!("a step of {step} gives no sampling rate"))
            .advice("check the time column"))
    }
}

/// The parts without gaps, each checked to be regular with this step (in the unit of the file).
pub(super) fn parts(times: &Times, step: f64, gaps: bool) -> Result<Vec<Range<usize>>> {
    let parts = if gaps {
        runs(times, step)
    } else {
        Vec::from([Range {
            start: 0,
            end: times.values.len(),
        }])
    };
    for part in &parts {
        check(times, part.clone(), step)?;
    }
    Ok(parts)
}

fn median_step(times: &Times) -> Result<f64> {
    let mut steps: Vec<f64> = times
        .values
        .windows(2)
        .map(|pair| {
            pair.get(1).copied().unwrap_or_default() - pair.first().copied().unwrap_or_default()
        })
        .collect();
    if let Some(back) = steps.iter().position(|&step| step < 0.0) {
        return Err(times
            .fault(
                back + 1,
                format!("the time goes back from {}", times.value(back)),
            )
            .advice("sort the rows, or state the layout if these are sweeps"));
    }
    let middle = steps.len() / 2;
    if middle >= steps.len() {
        return Err(times
            .fault(
                0,
                "one sample alone does not tell the sampling rate".to_owned(),
            )
            .advice("state rate_hz in a mapping or as `# rate_hz = 20000`"));
    }
    let (_, &mut step, _) = steps.select_nth_unstable_by(middle, f64::total_cmp);
    if step > 0.0 {
        Ok(step)
    } else {
        Err(times
            .fault(0, "most times are equal to the one before".to_owned())
            .advice(
                "print the times with more digits, or state rate_hz and leave the time column out",
            ))
    }
}

fn runs(times: &Times, step: f64) -> Vec<Range<usize>> {
    let limit = GAP_STEPS * step + times.digit();
    let mut runs = Vec::new();
    let mut start = 0;
    for (index, pair) in times.values.windows(2).enumerate() {
        if let [before, after] = pair
            && after - before > limit
        {
            runs.push(start..index + 1);
            start = index + 1;
        }
    }
    if start < times.values.len() {
        runs.push(start..times.values.len());
    }
    runs
}

/// The largest distance of a time from its place.
fn check(times: &Times, run: Range<usize>, step: f64) -> Result<f64> {
    let first = times.value(run.start);
    let largest = first
        .abs()
        .max(times.value(run.end.saturating_sub(1)).abs());
    let tolerance = times.digit() + STEP_TOLERANCE * step + FLOAT_ROUNDING * largest;
    let mut worst = 0f64;
    for index in run.clone() {
        let expected = first + (index - run.start) as f64 * step;
        let off = (times.value(index) - expected).abs();
        if off > tolerance {
            return Err(times
                .fault(index, format!("unequal steps: with a step of {step} the time {expected} is due here (tolerance {tolerance:.3e})"))
                .advice("state a rate_hz that fits the times, or leave the time column out"));
        }
        worst = worst.max(off);
    }
    Ok(worst)
}

/// The rate (Hz) with the fewest digits, or the step with the fewest digits, within the uncertainty (relative).
fn roundest(step: f64, seconds: f64, uncertainty: f64) -> f64 {
    let rate = 1.0 / (step * seconds);
    for digits in 0..=ROUND_DIGITS {
        let scale = 10f64.powi(digits);
        let round_rate = (rate * scale).round() / scale;
        if (round_rate / rate - 1.0).abs() <= uncertainty {
            return round_rate;
        }
        let round_step = (step * scale).round() / scale;
        if (round_step / step - 1.0).abs() <= uncertainty {
            return 1.0 / (round_step * seconds);
        }
    }
    rate
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(values: &[f64], digit: f64) -> Times {
        let mut times = Times::default();
        for (index, &value) in values.iter().enumerate() {
            times.push(value, digit, index as u64 + 2);
        }
        times
    }

    #[test]
    fn a_round_rate_comes_out_of_rounded_times() {
        let exact: Vec<f64> = (0..193).map(|index| f64::from(index) * 0.3125).collect();
        assert_eq!(rate(&times(&exact, 1e-4), 1e-3).unwrap(), Hertz(3200.0));
        let rounded: Vec<f64> = (0..5000)
            .map(|index| (f64::from(index) * 0.3125 * 10.0).round() / 10.0)
            .collect();
        assert_eq!(rate(&times(&rounded, 0.1), 1e-3).unwrap(), Hertz(3200.0));
        let thirds: Vec<f64> = (0..40).map(|index| f64::from(index) * 0.3).collect();
        assert_eq!(
            rate(&times(&thirds, 0.1), 1e-3).unwrap(),
            Hertz(1.0 / (0.3 * 1e-3))
        );
    }

    #[test]
    fn times_that_are_too_coarse_for_a_rate_are_not_guessed() {
        let coarse: Vec<f64> = (0..50)
            .map(|index| (f64::from(index) * 0.3125 * 10.0).round() / 10.0)
            .collect();
        let error = rate(&times(&coarse, 0.1), 1e-3).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnknownRate);
        assert!(error.to_string().contains("too coarsely"), "{error}");
    }

    #[test]
    fn a_jump_is_a_gap_and_a_shifted_sample_is_an_error() {
        let gap = times(&[0.0, 1.0, 2.0, 7.5, 8.5], 0.1);
        assert_eq!(parts(&gap, 1.0, true).unwrap(), vec![0..3, 3..5]);
        assert!(parts(&gap, 1.0, false).is_err());
        let error = parts(&times(&[0.0, 1.0, 2.0, 3.3, 4.0], 0.1), 1.0, true).unwrap_err();
        assert_eq!(error.place(), Some("line 5, time 3.3"));
    }

    #[test]
    fn a_time_that_goes_back_is_named() {
        let error = rate(&times(&[0.0, 1.0, 0.5], 0.1), 1.0).unwrap_err();
        assert!(error.to_string().contains("goes back from 1"), "{error}");
    }
}
