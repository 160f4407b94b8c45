//! Weighted sums of samples, and what noise does to them.
//!
//! What is measured is made of few pieces: values after a low pass (its kernel at some place) and means or integrals (a run of equal
//! weights). So the variance, a sum over all pairs of weights, is a sum over the few pairs of pieces: between two runs it takes the second
//! running sums of the semivariogram at four lags, between a kernel and a run the first running sums, and between two places of one
//! kernel the products of the kernel with itself, which are made once.

use super::semivariogram::Semivariogram;

/// Weights that are used at more than one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    values: Vec<f64>,
    sum: f64,
    /// Σᵢ values\[i\] × values\[i + lag\], by lag.
    products: Vec<f64>,
    /// The same from the longest lag down.
    backwards: Vec<f64>,
}

impl Kernel {
    /// From the weights of consecutive samples.
    pub fn new(values: Vec<f64>) -> Self {
        let products: Vec<f64> = (0..values.len())
            .map(|lag| values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum())
            .collect();
        Self {
            sum: values.iter().sum(),
            values,
            backwards: products.iter().rev().copied().collect(),
            products,
        }
    }

    /// The weights of consecutive samples.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Σᵢ Σⱼ values\[i\] values\[j\] γ(lag + i − j): between two places of the kernel that lie `lag` apart.
    fn with_itself(&self, lag: i64, gamma: &Semivariogram) -> f64 {
        // The products are the same for both directions, and so is γ.
        let lag = lag.unsigned_abs() as usize;
        let count = self.products.len();
        let later = gamma.weighted(&self.products, lag);
        // Backwards from the lag before this one down to 0, and from there up again.
        let down = lag.min(count.saturating_sub(1));
        let backwards = &self.backwards[count.saturating_sub(1) - down..];
        let earlier = gamma.weighted(&backwards[..down], lag - down);
        let mirrored = self.products.get(lag + 1..).unwrap_or_default();
        later + earlier + gamma.weighted(mirrored, 1)
    }

    /// Σᵢ Σⱼ values\[i\] γ(lag + i − j) over 0 ≤ j < `count`: between the kernel and a run that begins `lag` samples before it.
    fn with_run(&self, lag: i64, count: usize, gamma: &Semivariogram) -> f64 {
        gamma.weighted_sums(&self.values, lag - count as i64 + 1, count)
    }
}

/// Weights on consecutive samples: a linear measure of a signal.
#[derive(Clone, Debug)]
pub struct Weights<'a> {
    kernel: &'a Kernel,
    /// Where a kernel begins, and its factor.
    places: Vec<(i64, f64)>,
    runs: Vec<Run>,
    /// The mean of so many samples that lie far from all others, with that factor.
    far: Option<(usize, f64)>,
}

/// Equal weights on consecutive samples.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: i64,
    count: usize,
    weight: f64,
}

impl<'a> Weights<'a> {
    /// No weights yet; `kernel` is what [`Weights::add_kernel`] adds.
    pub fn with(kernel: &'a Kernel) -> Self {
        Self {
            kernel,
            places: Vec::new(),
            runs: Vec::new(),
            far: None,
        }
    }

    /// Adds `factor` × the kernel with its first weight on the sample `start`.
    pub fn add_kernel(&mut self, start: i64, factor: f64) {
        self.places.push((start, factor));
    }

    /// Adds the same weight to `count` samples from `start` on.
    pub fn add_run(&mut self, start: i64, count: usize, weight: f64) {
        self.runs.push(Run {
            start,
            count,
            weight,
        });
    }

    /// Adds the mean of `count` samples from `start` on with that factor.
    pub fn add_mean(&mut self, start: i64, count: usize, factor: f64) {
        if count > 0 {
            self.add_run(start, count, factor / count as f64);
        }
    }

    /// Adds the mean of `count` consecutive samples with that factor, so far away that every lag to the others is beyond the semivariogram.
    pub fn add_far_mean(&mut self, count: usize, factor: f64) {
        self.far = Some((count.max(1), factor));
    }

    /// The sum of all weights; 0 for a difference of levels.
    pub fn sum(&self) -> f64 {
        self.near() + self.far.map_or(0.0, |(_, factor)| factor)
    }

    fn near(&self) -> f64 {
        let kernels: f64 = self.places.iter().map(|(_, factor)| factor).sum();
        let runs = self.runs.iter().map(|run| run.weight * run.count as f64);
        kernels * self.kernel.sum + runs.sum::<f64>()
    }

    /// The variance that stationary noise of semivariogram γ gives the weighted sum: −ΣΣ wᵢ wⱼ γ(|i − j|). The weights must sum to 0.
    /// Never below 0.
    ///
    /// Source: Chilès & Delfiner, Geostatistics, 2nd ed., Wiley 2012, section 2.3.2 (variance of an authorized linear combination).
    pub fn variance(&self, gamma: &Semivariogram) -> f64 {
        // Each piece with itself, and twice with each piece after it.
        let mut sum = 0.0;
        for (index, &(start, factor)) in self.places.iter().enumerate() {
            sum += factor * factor * self.kernel.with_itself(0, gamma);
            for &(other, by) in &self.places[index + 1..] {
                sum += 2.0 * factor * by * self.kernel.with_itself(start - other, gamma);
            }
            for run in &self.runs {
                let pairs = self.kernel.with_run(start - run.start, run.count, gamma);
                sum += 2.0 * factor * run.weight * pairs;
            }
        }
        for (index, run) in self.runs.iter().enumerate() {
            sum += run.weight * run.weight * gamma.sum_of_sums(0, run.count, run.count);
            for other in &self.runs[index + 1..] {
                let pairs = gamma.sum_of_sums(run.start - other.start, run.count, other.count);
                sum += 2.0 * run.weight * other.weight * pairs;
            }
        }
        if let Some((count, factor)) = self.far {
            let weight = factor / count as f64;
            sum += 2.0 * factor * self.near() * gamma.sill();
            sum += weight * weight * gamma.sum_of_sums(0, count, count);
        }
        (-sum).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The weights of all samples from `from` on, for comparison.
    fn spread(weights: &Weights<'_>, from: i64, count: usize) -> Vec<f64> {
        let mut spread = vec![0.0; count];
        for &(start, factor) in &weights.places {
            for (i, value) in weights.kernel.values.iter().enumerate() {
                spread[(start - from) as usize + i] += factor * value;
            }
        }
        for run in &weights.runs {
            for i in 0..run.count {
                spread[(run.start - from) as usize + i] += run.weight;
            }
        }
        spread
    }

    #[test]
    fn white_noise_gives_the_variance_of_independent_samples() {
        // γ = σ² at every lag; a sample minus the mean of four has σ²(1 + 1/4).
        let sample = Kernel::new(vec![1.0]);
        let mut weights = Weights::with(&sample);
        weights.add_kernel(100, 1.0);
        weights.add_mean(0, 4, -1.0);
        assert!(weights.sum().abs() < 1e-15);
        assert!((weights.variance(&vec![0.0, 9.0].into()) - 9.0 * 1.25).abs() < 1e-12);
    }

    #[test]
    fn a_level_from_far_away_counts_as_the_mean_that_it_is() {
        let sample = Kernel::new(vec![1.0]);
        let mut weights = Weights::with(&sample);
        weights.add_kernel(0, 1.0);
        weights.add_far_mean(4, -1.0);
        assert!((weights.variance(&vec![0.0, 9.0].into()) - 9.0 * 1.25).abs() < 1e-12);
    }

    #[test]
    fn a_slow_drift_counts_by_the_lag_between_the_samples() {
        // A random walk has γ(k) = k s² / 2; the difference of samples 3 apart has 3 s².
        let sample = Kernel::new(vec![1.0]);
        let mut weights = Weights::with(&sample);
        weights.add_kernel(3, 1.0);
        weights.add_kernel(0, -1.0);
        let walk: Vec<f64> = (0..10).map(|lag| f64::from(lag) * 0.5 * 4.0).collect();
        assert!((weights.variance(&walk.into()) - 12.0).abs() < 1e-12);
    }

    #[test]
    fn the_variance_over_pieces_is_the_sum_over_all_pairs_of_samples() {
        let kernel = Kernel::new(vec![0.1, 0.3, 0.9, 0.4, -0.2]);
        let values: Vec<f64> = (0..40)
            .map(|lag| 2.0 - 2.0 * (-f64::from(lag) / 9.0).exp() * (f64::from(lag) * 0.4).cos())
            .collect();
        let gamma = Semivariogram::from(values);
        let mut weights = Weights::with(&kernel);
        // Pieces may overlap and come in any order.
        weights.add_kernel(30, 2.0);
        weights.add_kernel(33, -0.7);
        weights.add_run(25, 20, 0.13);
        weights.add_kernel(-40, 0.4);
        weights.add_mean(-60, 35, -weights.sum());
        let samples = spread(&weights, -60, 120);
        let mut expected = 0.0;
        for (i, a) in samples.iter().enumerate() {
            for (j, b) in samples.iter().enumerate() {
                expected -= a * b * gamma.at(i as i64 - j as i64);
            }
        }
        let got = weights.variance(&gamma);
        assert!((got / expected - 1.0).abs() < 1e-12, "{got} {expected}");
    }
}
