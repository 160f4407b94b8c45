//! From time stamps to a rate and stretches without a gap.
//!
//! The rule: the usual step is the median of all steps. A step longer than 1.5 of it is a gap, unless the stamps around it show that only single ones were
//! late. The rate is the number of steps that are no gaps over the time that they take together, so jitter and rounding do not enter. A stretch begins at
//! its first stamp if all its samples then lie within half a sample of their stamps, else where the median of its stamps puts it. Where a clock drifts, a
//! stretch is cut. No sample is further than one sample from its stamp.

use crate::error::{Error, ErrorCode, Result};
use std::ops::Range;

/// The part of a sample interval within which a stamp may lie off. Heuristic: a lost sample is 1.
const JITTER_INTERVALS: f64 = 0.5;

/// How many stamps on both sides of a long step say whether samples are missing there. Heuristic: enough for a median.
const AROUND: usize = 15;

/// A gap of so many usual steps at most may come from stamps that are rounded too coarsely: two steps and the jitter.
const SHORT_GAP_STEPS: f64 = 2.5;

/// More short gaps than this, and than this part of all steps, are no lost samples. Heuristic.
const SHORT_GAPS: usize = 10;
const SHORT_GAPS_PART: f64 = 0.05;

/// What the last bits of a sum may lie off, in samples.
const LAST_BITS: f64 = 1e-6;

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
    let alike = steps(0..stamps.len())
        .filter(|step| (step - usual).abs() <= usual * JITTER_INTERVALS)
        .count();
    if (alike as f64) < ALIKE * (stamps.len() - 1) as f64 {
        return Ok(None);
    }
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for (index, step) in steps(0..stamps.len()).enumerate() {
        if step > usual * (1.0 + JITTER_INTERVALS) {
            runs.push(from..index + 1);
            from = index + 1;
        }
    }
    runs.push(from..stamps.len());
    let runs = without_false_gaps(stamps, &runs, rate_of(stamps, &runs));
    let rate_hz = rate_of(stamps, &runs);
    let short = runs
        .windows(2)
        .filter_map(|pair| Some(step_before(stamps, pair.last()?.start)))
        .filter(|&step| step <= usual * SHORT_GAP_STEPS)
        .count();
    if short > SHORT_GAPS && short as f64 > SHORT_GAPS_PART * stamps.len() as f64 {
        return bad(
            format!(
                "{short} of {} steps between time stamps are about twice the usual {usual} s: the stamps are rounded too coarsely, or samples are missing everywhere",
                stamps.len() - 1
            ),
            "write the series with starting_time and its rate, or state the stamps in full precision",
        );
    }
    let mut pieces = Vec::new();
    for run in runs {
        place_run(stamps, run, rate_hz, &mut pieces);
    }
    for (start, range) in &pieces {
        let far = range.clone().find(|&index| {
            let own = start + (index - range.start) as f64 / rate_hz;
            (at(stamps, index) - own).abs() > (1.0 + LAST_BITS) / rate_hz
        });
        if let Some(index) = far {
            return bad(
                format!(
                    "time stamp {index} is further than one sample from the rate of {rate_hz} Hz that the stamps follow"
                ),
                "write the series with starting_time and its rate, or with the true time of each sample",
            );
        }
    }
    Ok(Some(Stretches { rate_hz, pieces }))
}

fn at(stamps: &[f64], index: usize) -> f64 {
    stamps.get(index).copied().unwrap_or_default()
}

fn step_before(stamps: &[f64], index: usize) -> f64 {
    at(stamps, index) - at(stamps, index.saturating_sub(1))
}

/// The steps inside the runs over the time that they take. Whole runs are summed as a difference of their ends, which rounds once.
fn rate_of(stamps: &[f64], runs: &[Range<usize>]) -> f64 {
    let count: usize = runs.iter().map(|run| run.len().saturating_sub(1)).sum();
    let time: f64 = runs
        .iter()
        .map(|run| at(stamps, run.end.saturating_sub(1)) - at(stamps, run.start))
        .sum();
    let largest = stamps
        .iter()
        .fold(0.0, |most: f64, stamp| most.max(stamp.abs()));
    let uncertain_s = f64::EPSILON * largest * runs.len() as f64;
    whole(count as f64 / time, uncertain_s / time)
}

fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Joins runs between which no time is missing: a late stamp makes a long step, but those around it stand where they should.
fn without_false_gaps(stamps: &[f64], runs: &[Range<usize>], rate: f64) -> Vec<Range<usize>> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    for run in runs {
        let level = |part: Range<usize>| {
            median(
                part.map(|index| at(stamps, index) - index as f64 / rate)
                    .collect(),
            )
        };
        match kept.last_mut() {
            Some(last) => {
                let before = level(last.end.saturating_sub(AROUND).max(last.start)..last.end);
                let after = level(run.start..run.end.min(run.start + AROUND));
                if (after - before) * rate < JITTER_INTERVALS {
                    last.end = run.end;
                } else {
                    kept.push(run.clone());
                }
            }
            None => kept.push(run.clone()),
        }
    }
    kept
}

/// Puts a run on the clock, after the pieces before it.
fn place_run(stamps: &[f64], run: Range<usize>, rate: f64, pieces: &mut Vec<(f64, Range<usize>)>) {
    let end = pieces.last().map_or(f64::NEG_INFINITY, |(start, range)| {
        start + range.len() as f64 / rate
    });
    let off = |index: usize| at(stamps, index) - (index - run.start) as f64 / rate;
    let within = |start: f64, samples: f64| {
        run.clone()
            .all(|index| (off(index) - start).abs() * rate <= samples + LAST_BITS)
    };
    let first = at(stamps, run.start);
    let fitted = median(run.clone().map(off).collect()).max(end);
    if within(first, JITTER_INTERVALS) && first >= end {
        pieces.push((first, run));
    } else if within(fitted, 1.0) {
        pieces.push((fitted, run));
    } else {
        along(stamps, run, rate, pieces);
    }
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

    fn rounded(rate: f64, unit: f64) -> Vec<f64> {
        (0..6000)
            .map(|i| (f64::from(i) / rate / unit).round() * unit)
            .collect()
    }

    #[test]
    fn rounded_stamps_give_the_rate_that_was_rounded() {
        for (rate, unit) in [
            (6000.0, 1e-4),
            (600.0, 1e-3),
            (3000.0, 1e-4),
            (1500.0, 1e-4),
        ] {
            let found = of(&rounded(rate, unit)).unwrap();
            assert!(
                (found.rate_hz / rate - 1.0).abs() < 2e-4,
                "{}",
                found.rate_hz
            );
            assert_eq!(found.pieces.len(), 1, "{rate}");
        }
    }

    #[test]
    fn stamps_rounded_so_that_steps_double_are_refused() {
        let error = stretches(&rounded(750.0, 1e-3), "/acquisition/emg/timestamps").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("rounded too coarsely"), "{text}");
        assert!(text.contains("/acquisition/emg/timestamps"), "{text}");
    }

    #[test]
    fn one_displaced_stamp_is_no_gap() {
        for shift in [0.6, -0.6] {
            let mut stamps: Vec<f64> = (0..20_000).map(|i| f64::from(i) / 5000.0).collect();
            stamps[12_000] += shift / 5000.0;
            let found = of(&stamps).unwrap();
            assert!((found.rate_hz - 5000.0).abs() < 1e-6, "{}", found.rate_hz);
            assert_eq!(found.pieces.len(), 1);
            assert!(found.pieces[0].0.abs() < 1e-9);
        }
    }

    #[test]
    fn strong_jitter_is_no_gap_and_a_lost_sample_in_it_is_one() {
        // A sum of twelve even numbers is nearly Gaussian; 10 % of a sample.
        let mut state = 1_u64;
        let mut even = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut jitter = || ((0..12).map(|_| even()).sum::<f64>() - 6.0) * 0.1;
        let mut stamps: Vec<f64> = (0..50_000)
            .map(|i| 1000.0 + (f64::from(i) + jitter()) / 5000.0)
            .collect();
        let found = of(&stamps).unwrap();
        assert!((found.rate_hz - 5000.0).abs() < 0.1, "{}", found.rate_hz);
        assert_eq!(found.pieces.len(), 1);
        stamps.remove(20_000);
        let found = of(&stamps).unwrap();
        let ends: Vec<usize> = found.pieces.iter().map(|piece| piece.1.end).collect();
        assert_eq!(ends, [20_000, 49_999]);
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
