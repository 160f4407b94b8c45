//! Samples on the rails of the converter.

use crate::math::lanes;
use std::ops::Range;

/// A flat top of an unknown converter has at least so many equal samples (heuristic: the top of a smooth response sampled at 48 kHz
/// with coarse steps reaches three or four).
const FLAT_SAMPLES: usize = 5;

/// On both sides of a flat top the signal arrives by at least so many steps in one sample; a rounded peak leaves by one step or none
/// (heuristic).
const FLAT_EDGE_STEPS: f64 = 8.0;

/// The ranges of stored numbers on or beyond a rail.
pub(super) fn ranges(stored: &[f64], rails: Option<(f64, f64)>) -> Vec<Range<usize>> {
    let Some((low, high)) = rails else {
        return Vec::new();
    };
    if lanes::smallest(stored) > low && lanes::largest(stored) < high {
        return Vec::new();
    }
    runs(stored.len(), |i| {
        let value = stored[i];
        value <= low || value >= high
    })
}

/// The flat tops in the values of a sweep whose rails are not known: several exactly equal values at the very extreme of the sweep, which
/// the signal reaches and leaves in large steps. Only values from `from` on are looked at, because the artefact itself may be flat.
pub(super) fn flat_tops(values: &[f64], from: usize) -> Vec<Range<usize>> {
    let Some(part) = values.get(from..).filter(|part| !part.is_empty()) else {
        return Vec::new();
    };
    let step = part
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .filter(|step| *step > 0.0)
        .fold(f64::INFINITY, f64::min);
    if !step.is_finite() {
        return Vec::new();
    }
    let highest = part.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = part.iter().copied().fold(f64::INFINITY, f64::min);
    let mut found = Vec::new();
    for extreme in [lowest, highest] {
        for run in runs(part.len(), |i| part[i] == extreme) {
            let arrives = run
                .start
                .checked_sub(1)
                .and_then(|before| part.get(before))
                .is_some_and(|before| (before - extreme).abs() >= FLAT_EDGE_STEPS * step);
            let leaves = part
                .get(run.end)
                .is_some_and(|after| (after - extreme).abs() >= FLAT_EDGE_STEPS * step);
            if run.len() >= FLAT_SAMPLES && arrives && leaves {
                found.push(run.start + from..run.end + from);
            }
        }
    }
    found.sort_by_key(|run| run.start);
    found
}

fn runs(length: usize, is_in: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for i in (0..length).filter(|&i| is_in(i)) {
        match found.last_mut() {
            Some(last) if last.end == i => last.end = i + 1,
            _ => found.push(i..i + 1),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_on_and_beyond_either_rail_are_saturated() {
        assert_eq!(
            ranges(&[0.0, -10.0, -11.0, 3.0, 9.0, 10.0], Some((-10.0, 10.0))),
            vec![1..3, 5..6]
        );
        assert_eq!(ranges(&[-10.0], None), Vec::<std::ops::Range<usize>>::new());
    }

    #[test]
    fn a_clipped_peak_is_flat_between_steep_flanks() {
        let wave = |limit: f64| -> Vec<f64> {
            (0..100)
                .map(|i| {
                    let x = (f64::from(i) - 50.0) / 10.0;
                    ((5.0 * (-x * x).exp()).min(limit) * 1000.0).round() / 1000.0
                })
                .collect()
        };
        assert_eq!(
            flat_tops(&wave(9.0), 0),
            Vec::<std::ops::Range<usize>>::new()
        );
        let found = flat_tops(&wave(3.0), 0);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains(&50) && found[0].len() > 10);
    }

    #[test]
    fn the_rounded_peak_of_a_coarse_converter_is_not_flat_topped() {
        let values: Vec<f64> = (0..200)
            .map(|i| (((f64::from(i) - 100.0) / 30.0).powi(2) * -0.3 / 0.01).round() * 0.01)
            .collect();
        assert_eq!(flat_tops(&values, 0), Vec::<std::ops::Range<usize>>::new());
    }
}
