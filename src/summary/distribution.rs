//! The distribution of a handful to a hundred thousand values, without assuming a shape.

use crate::math::intervals::LEVEL;
use crate::math::robust::{mean, quantile};
use serde::Serialize;

/// The distribution of values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// How many.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (n − 1); `None` of a single one.
    pub sd: Option<f64>,
    /// The lowest.
    pub min: f64,
    /// The 5th percentile (Hyndman and Fan's type 7, as of the next ones).
    pub p5: f64,
    /// The lower quartile.
    pub p25: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub p75: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The highest.
    pub max: f64,
    /// The 95 % interval of the median from order statistics; `None` below six values, where there is none.
    pub median_interval: Option<(f64, f64)>,
}

impl Distribution {
    /// Of values; `None` of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_by(f64::total_cmp);
        let mean = mean(&sorted)?;
        let count = sorted.len();
        let at = |fraction: f64| quantile(&sorted, fraction);
        let sum: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
        Some(Self {
            count,
            mean,
            sd: (count > 1).then(|| (sum / (count - 1) as f64).sqrt()),
            min: *sorted.first()?,
            p5: at(0.05)?,
            p25: at(0.25)?,
            median: at(0.5)?,
            p75: at(0.75)?,
            p95: at(0.95)?,
            max: *sorted.last()?,
            median_interval: median_interval(&sorted),
        })
    }
}

/// The narrowest symmetric pair of order statistics that covers the median of the population at the level or better, whatever the
/// distribution: X₍d₎ to X₍n+1−d₎ with the largest d for which P(Bin(n, ½) < d) ≤ (1 − level) / 2 (Conover, Practical Nonparametric
/// Statistics, 3.2).
fn median_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let count = sorted.len();
    let tail = 0.5 * (1.0 - LEVEL);
    // log C(n, k) / 2^n by recurrence, so that large n does not underflow into 0 · ∞.
    let mut log_term = -(count as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    let mut rank = 0;
    for k in 0..count {
        below += log_term.exp();
        if below > tail {
            break;
        }
        rank = k + 1;
        log_term += ((count - k) as f64 / (k + 1) as f64).ln();
    }
    let low = sorted.get(rank.checked_sub(1)?)?;
    let high = sorted.get(count - rank)?;
    Some((*low, *high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_to_ten() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let found = Distribution::of(&values).unwrap();
        assert_eq!((found.count, found.mean, found.median), (10, 5.5, 5.5));
        assert_eq!((found.p25, found.p75), (3.25, 7.75));
        assert!((found.sd.unwrap() - 3.027_650_354_097_491_6).abs() < 1e-12);
        // P(Bin(10, ½) ≤ 1) = 0.0107 and ≤ 2 is 0.0547: ranks 2 and 9
        assert_eq!(found.median_interval, Some((2.0, 9.0)));
    }

    #[test]
    fn five_values_have_no_interval_of_the_median() {
        assert_eq!(
            Distribution::of(&[1.0, 2.0, 3.0, 4.0, 5.0])
                .unwrap()
                .median_interval,
            None
        );
        assert_eq!(
            Distribution::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
                .unwrap()
                .median_interval,
            Some((1.0, 6.0))
        );
        assert_eq!(Distribution::of(&[]), None);
    }

    #[test]
    fn ten_thousand_values_do_not_underflow() {
        let values: Vec<f64> = (0..10_000).map(f64::from).collect();
        let (low, high) = Distribution::of(&values).unwrap().median_interval.unwrap();
        // 5000 ± 1.96 · √10000 / 2
        assert!(
            (low - 4901.0).abs() < 2.0 && (high - 5098.0).abs() < 2.0,
            "{low} {high}"
        );
    }
}
