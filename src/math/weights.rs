//! Weighted sums of samples, and what noise does to them.

use super::variogram::unclamped_variance;

/// Weights on consecutive samples: a linear measure of a signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    start: i64,
    values: Vec<f64>,
    /// The mean of so many samples that lie far from all others, with that factor.
    far: Option<(usize, f64)>,
}

impl Weights {
    /// Adds `factor` × `part` with the first of `part` on the sample `at`.
    pub fn add(&mut self, at: i64, part: &[f64], factor: f64) {
        if part.is_empty() {
            return;
        }
        let end = at + part.len() as i64;
        if self.values.is_empty() {
            self.start = at;
        }
        let (old_start, old_end) = (self.start, self.start + self.values.len() as i64);
        let (start, new_end) = (old_start.min(at), old_end.max(end));
        if (start, new_end) != (old_start, old_end) {
            let mut values = vec![0.0; (new_end - start) as usize];
            values[(old_start - start) as usize..(old_end - start) as usize]
                .copy_from_slice(&self.values);
            self.values = values;
            self.start = start;
        }
        let offset = (at - self.start) as usize;
        for (weight, value) in self.values[offset..].iter_mut().zip(part) {
            *weight += factor * value;
        }
    }

    /// Adds the mean of `count` samples from `at` with that factor.
    pub fn add_mean(&mut self, at: i64, count: usize, factor: f64) {
        if count > 0 {
            self.add(at, &vec![1.0 / count as f64; count], factor);
        }
    }

    /// Adds the mean of `count` consecutive samples with that factor, so far away that every lag to the others is beyond the semivariogram.
    pub fn add_far_mean(&mut self, count: usize, factor: f64) {
        self.far = Some((count.max(1), factor));
    }

    /// The sum of all weights; 0 for a difference of levels.
    pub fn sum(&self) -> f64 {
        self.values.iter().sum::<f64>() + self.far.map_or(0.0, |(_, factor)| factor)
    }

    /// The variance that stationary noise of semivariogram γ gives the weighted sum: −ΣΣ wᵢ wⱼ γ(|i − j|). The weights must sum to 0;
    /// beyond its end γ keeps its last value. Never below 0.
    ///
    /// Source: Chilès & Delfiner, Geostatistics, 2nd ed., Wiley 2012, section 2.3.2 (variance of an authorized linear combination).
    pub fn variance(&self, semivariogram: &[f64]) -> f64 {
        let Some(&beyond) = semivariogram.last() else {
            return 0.0;
        };
        let mut variance = unclamped_variance(&self.values, semivariogram);
        if let Some((count, factor)) = self.far {
            let near: f64 = self.values.iter().sum();
            let inner: f64 = (1..count)
                .map(|lag| {
                    2.0 * (count - lag) as f64 * semivariogram.get(lag).copied().unwrap_or(beyond)
                })
                .sum::<f64>()
                / (count * count) as f64;
            variance -= 2.0 * factor * near * beyond + factor * factor * inner;
        }
        variance.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_noise_gives_the_variance_of_independent_samples() {
        // γ = σ² at every lag; a sample minus the mean of four has σ²(1 + 1/4).
        let mut weights = Weights::default();
        weights.add(100, &[1.0], 1.0);
        weights.add_mean(0, 4, -1.0);
        assert!(weights.sum().abs() < 1e-15);
        assert!((weights.variance(&[0.0, 9.0]) - 9.0 * 1.25).abs() < 1e-12);
    }

    #[test]
    fn a_level_from_far_away_counts_as_the_mean_that_it_is() {
        let mut weights = Weights::default();
        weights.add(0, &[1.0], 1.0);
        weights.add_far_mean(4, -1.0);
        assert!((weights.variance(&[0.0, 9.0]) - 9.0 * 1.25).abs() < 1e-12);
    }

    #[test]
    fn a_slow_drift_counts_by_the_lag_between_the_samples() {
        // A random walk has γ(k) = k s² / 2; the difference of samples 3 apart has 3 s².
        let mut weights = Weights::default();
        weights.add(3, &[1.0], 1.0);
        weights.add(0, &[1.0], -1.0);
        let walk: Vec<f64> = (0..10).map(|lag| f64::from(lag) * 0.5 * 4.0).collect();
        assert!((weights.variance(&walk) - 12.0).abs() < 1e-12);
    }

    #[test]
    fn parts_may_overlap_and_come_in_any_order() {
        let mut weights = Weights::default();
        weights.add(5, &[1.0, 1.0], 2.0);
        weights.add(4, &[1.0, 1.0, 1.0], -1.0);
        assert_eq!(weights.values, [-1.0, 1.0, 1.0]);
        assert_eq!(weights.start, 4);
    }
}
