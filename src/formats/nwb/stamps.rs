//! From time stamps to a rate and stretches without a gap.
//!
//! The rule: the usual step is the median of all steps. A step that differs from it by half of it or less is a step of one sample (jitter); any other is a
//! gap. The rate is the number of steps of one sample over the time that they take together, so jitter does not enter. A stretch begins at its first stamp;
//! where a stamp drifts off the rate by more than half a sample, a new stretch begins too, so that no sample is further than that from its stamp.

use crate::error::{Error, ErrorCode, Result};
use std::ops::Range;

/// The part of a sample interval within which a stamp may lie off. Heuristic: a lost sample is 1.
const JITTER_INTERVALS: f64 = 0.5;

/// Less than this part of the steps being alike, the stamps are those of events, not of samples. Heuristic.
const ALIKE: f64 = 0.5;

/// Samples at a rate, between gaps.
#[derive(Debug, PartialEq)]
pub(super) struct Stretches {
    pub(super) rate_hz: f64,
    /// Start in s, and which samples.
    pub(super) pieces: Vec<(f64, Range<usize>)>,
}

/// `None` if the stamps follow no rate.
pub(super) fn stretches(stamps: &[f64], place: &str) -> Result<Option<Stretches>> {
    let bad = |message: String, advice: &str| {
        Err(Error::new(ErrorCode::BadHeader, message)
            .at(place)
            .advice(advice))
    };
    if let Some(index) = stamps.iter().position(|stamp| !stamp.is_finite()) {
        let stamp = stamps.get(index).copied().unwrap_or(f64::NAN);
        return bad(
            format!("time stamp {index} is {stamp}; expected seconds"),
            "write the file again without the samples that have no time",
        );
    }
    let steps = |range: Range<usize>| {
        let from = stamps.get(range).unwrap_or_default();
        from.iter().zip(from.iter().skip(1)).map(|(a, b)| b - a)
    };
    if let Some(index) = steps(0..stamps.len()).position(|step| step <= 0.0) {
        return bad(
            format!("time stamp {} is not after the one before it", index + 1),
            "expected stamps in order of time; sort the samples, or state the stamps in full precision",
        );
    }
    let mut sorted: Vec<f64> = steps(0..stamps.len()).collect();
    if sorted.is_empty() {
        return Ok(None);
    }
    let middle = sorted.len() / 2;
    let usual = *sorted.select_nth_unstable_by(middle, f64::total_cmp).1;
    let is_one = |step: f64| (step - usual).abs() <= usual * JITTER_INTERVALS;
    // Whole stretches are summed as a difference of their ends, which rounds once.
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for (index, step) in steps(0..stamps.len()).enumerate() {
        if !is_one(step) {
            runs.push(from..index + 1);
            from = index + 1;
        }
    }
    runs.push(from..stamps.len());
    let at = |index: usize| stamps.get(index).copied().unwrap_or_default();
    let ends = |run: &Range<usize>| at(run.end.saturating_sub(1)) - at(run.start);
    let count: usize = runs.iter().map(|run| run.len().saturating_sub(1)).sum();
    if (count as f64) < ALIKE * (stamps.len() - 1) as f64 {
        return Ok(None);
    }
    let time: f64 = runs.iter().map(ends).sum();
    let largest = stamps
        .iter()
        .fold(0.0, |most: f64, stamp| most.max(stamp.abs()));
    let uncertain_s = f64::EPSILON * largest * runs.len() as f64;
    let rate_hz = whole(count as f64 / time, uncertain_s / time);
    let mut pieces = Vec::new();
    for run in runs {
        along(stamps, run, rate_hz, &mut pieces);
    }
    Ok(Some(Stretches { rate_hz, pieces }))
}

/// The whole number that a rate is but for the rounding of the stamps, so that 20 kHz is 20 kHz.
fn whole(rate: f64, uncertain: f64) -> f64 {
    let round = rate.round();
    if (rate - round).abs() <= rate * (uncertain + f64::EPSILON) {
        round
    } else {
        rate
    }
}

/// Cuts a run where its stamps drift off the rate.
fn along(stamps: &[f64], run: Range<usize>, rate: f64, pieces: &mut Vec<(f64, Range<usize>)>) {
    let half = JITTER_INTERVALS / rate;
    let mut from = run.start;
    let mut start = stamps.get(from).copied().unwrap_or_default();
    for index in run.clone() {
        let stamp = stamps.get(index).copied().unwrap_or_default();
        let even = start + (index - from) as f64 / rate;
        if (stamp - even).abs() > half {
            pieces.push((start, from..index));
            // Jitter on top of drift must not make two stretches overlap by more than half a sample.
            start = stamp.max(even - half);
            from = index;
        }
    }
    pieces.push((start, from..run.end));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stamps: &[f64]) -> Option<Stretches> {
        stretches(stamps, "x").unwrap()
    }

    #[test]
    fn even_stamps_are_one_stretch_at_exactly_their_rate() {
        let stamps: Vec<f64> = (0..20_000).map(|i| 3.7 + f64::from(i) / 20_000.0).collect();
        let found = of(&stamps).unwrap();
        assert_eq!(found.rate_hz, 20_000.0);
        assert_eq!(found.pieces, [(3.7, 0..20_000)]);
    }

    #[test]
    fn jitter_of_less_than_half_a_sample_is_no_gap_and_does_not_change_the_rate() {
        let stamps: Vec<f64> = (0..1001)
            .map(|i| f64::from(i) / 1000.0 + if i % 2 == 1 { 0.00024 } else { 0.0 })
            .collect();
        let found = of(&stamps).unwrap();
        assert_eq!(found.rate_hz, 1000.0);
        assert_eq!(found.pieces, [(0.0, 0..1001)]);
    }

    #[test]
    fn a_lost_sample_begins_a_new_stretch_at_its_own_time() {
        let stamps = [0.0, 0.001, 0.002, 0.003, 0.005, 0.006, 0.007, 0.008];
        let found = of(&stamps).unwrap();
        assert_eq!(found.pieces, [(0.0, 0..4), (0.005, 4..8)]);
        assert!((found.rate_hz - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn a_drifting_clock_is_followed_to_half_a_sample() {
        // The second half is slower by 0.1 %.
        let mut stamps = vec![0.0];
        for i in 0..20_000 {
            let step = if i < 10_000 { 0.001 } else { 0.001_001 };
            stamps.push(stamps.last().unwrap() + step);
        }
        let found = of(&stamps).unwrap();
        assert!(found.pieces.len() > 5, "{}", found.pieces.len());
        let mut end = f64::MIN;
        for (start, range) in &found.pieces {
            assert!(*start >= end - 0.5 / found.rate_hz);
            for index in range.clone() {
                let time = start + (index - range.start) as f64 / found.rate_hz;
                assert!((time - stamps[index]).abs() <= 0.5001 / found.rate_hz);
            }
            end = start + range.len() as f64 / found.rate_hz;
        }
    }

    #[test]
    fn times_of_events_have_no_rate() {
        assert_eq!(of(&[0.0, 1.0, 1.1, 5.0, 5.2, 9.0]), None);
        assert_eq!(of(&[1.0]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn stamps_out_of_order_are_an_error_that_says_which() {
        for (stamps, which) in [
            ([0.0, 1.0, 1.0], "time stamp 2 "),
            ([0.0, -1.0, 2.0], "time stamp 1 "),
            ([0.0, f64::NAN, 2.0], "time stamp 1 "),
        ] {
            let error = stretches(&stamps, "x").unwrap_err();
            assert!(error.to_string().contains(which), "{error}");
        }
    }
}
