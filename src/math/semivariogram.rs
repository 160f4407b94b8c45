//! The semivariogram of stationary noise, with the running sums that give the variance of any weighted sum without a double loop.

use super::lanes;

/// γ(k) = ½ E[(x(t + k) − x(t))²] by lag k in samples. It is the same for −k, is 0 at 0, and keeps its last value beyond its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Semivariogram {
    values: Vec<f64>,
    /// `first[k]` = γ(0) + … + γ(k − 1), and so `first[b] − first[a]` is the sum over the lags a to b − 1.
    first: Vec<f64>,
    /// `second[k]` = first\[1\] + … + first\[k\] = Σ (k − j) γ(j) over j < k: half of the sum over all pairs among k neighbors.
    second: Vec<f64>,
}

impl From<Vec<f64>> for Semivariogram {
    /// γ(0), γ(1) …; whatever stands for γ(0) is taken as 0.
    fn from(mut values: Vec<f64>) -> Self {
        if let Some(zero) = values.first_mut() {
            *zero = 0.0;
        }
        let (mut first, mut second) = (vec![0.0], vec![0.0]);
        let (mut sum, mut sums) = (0.0, 0.0);
        for gamma in &values {
            sum += gamma;
            sums += sum;
            first.push(sum);
            second.push(sums);
        }
        Self {
            values,
            first,
            second,
        }
    }
}

impl Semivariogram {
    /// γ(0), γ(1) … up to the end.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// γ beyond every lag that was measured; 0 when none was.
    pub fn sill(&self) -> f64 {
        self.values.last().copied().unwrap_or(0.0)
    }

    /// γ at a lag of either sign.
    pub fn at(&self, lag: i64) -> f64 {
        self.values
            .get(lag.unsigned_abs() as usize)
            .copied()
            .unwrap_or_else(|| self.sill())
    }

    /// Σᵢ `weights[i]` × γ(lag + i).
    pub fn weighted(&self, weights: &[f64], lag: usize) -> f64 {
        if let Some(gammas) = self.values.get(lag..lag + weights.len()) {
            return lanes::dot(weights, gammas);
        }
        let lags = lag as i64..;
        weights
            .iter()
            .zip(lags)
            .map(|(w, lag)| w * self.at(lag))
            .sum()
    }

    /// Σᵢ Σⱼ `weights[i]` × γ(lag + i + j) over 0 ≤ j < `count`: the same for a run of `count` neighbors instead of one.
    pub fn weighted_sums(&self, weights: &[f64], lag: i64, count: usize) -> f64 {
        let all = usize::try_from(lag)
            .ok()
            .and_then(|lag| self.first.get(lag..lag + count + weights.len()));
        if let Some(sums) = all {
            return lanes::dot_of_differences(weights, &sums[count..], sums);
        }
        let sums = (lag..).map(|lag| self.sum(lag, count));
        weights.iter().zip(sums).map(|(w, sum)| w * sum).sum()
    }

    /// Σ γ(lag + j) over 0 ≤ j < `count`: from one sample to each of `count` neighbors.
    pub fn sum(&self, lag: i64, count: usize) -> f64 {
        self.first_sum(lag + count as i64) - self.first_sum(lag)
    }

    /// Σᵢ Σⱼ γ(lag + i − j) over 0 ≤ i < `these` and 0 ≤ j < `those`: from each sample of a run to each of another run that begins `lag`
    /// samples before it.
    pub fn sum_of_sums(&self, lag: i64, these: usize, those: usize) -> f64 {
        let (these, those) = (these as i64, those as i64);
        (self.second_sum(lag + these) - self.second_sum(lag))
            - (self.second_sum(lag + these - those) - self.second_sum(lag - those))
    }

    /// P with P(x + 1) − P(x) = γ(x) and P(0) = 0.
    fn first_sum(&self, x: i64) -> f64 {
        if x < 0 {
            // γ is the same on both sides and γ(0) = 0.
            return -self.first_sum(1 - x);
        }
        let last = self.values.len();
        match self.first.get(x as usize) {
            Some(sum) => *sum,
            None => self.first[last] + (x as usize - last) as f64 * self.sill(),
        }
    }

    /// Q with Q(x + 1) − Q(x) = P(x + 1) and Q(0) = 0; the same for −x.
    fn second_sum(&self, x: i64) -> f64 {
        let x = x.unsigned_abs() as usize;
        let last = self.values.len();
        self.second.get(x).copied().unwrap_or_else(|| {
            let beyond = (x - last) as f64;
            self.second[last]
                + beyond * self.first[last]
                + self.sill() * beyond * (beyond + 1.0) / 2.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wavy() -> Semivariogram {
        let values: Vec<f64> = (0..9)
            .map(|lag| f64::from((lag * 7 + 3) % 10) * 0.25)
            .collect();
        values.into()
    }

    #[test]
    fn a_lag_counts_the_same_in_both_directions_and_the_last_value_goes_on() {
        let gamma = Semivariogram::from(vec![9.0, 1.0, 3.0]);
        let got: Vec<f64> = (-4..=4).map(|lag| gamma.at(lag)).collect();
        assert_eq!(got, [3.0, 3.0, 3.0, 1.0, 0.0, 1.0, 3.0, 3.0, 3.0]);
        assert_eq!(Semivariogram::from(Vec::new()).at(2), 0.0);
    }

    #[test]
    fn running_sums_are_the_sums_over_all_neighbors() {
        let gamma = wavy();
        for lag in -20..20 {
            for count in 0..15 {
                let expected: f64 = (0..count as i64).map(|j| gamma.at(lag + j)).sum();
                let got = gamma.sum(lag, count);
                assert!(
                    (got - expected).abs() < 1e-12,
                    "{lag} {count}: {got} {expected}"
                );
            }
        }
    }

    #[test]
    fn running_sums_of_sums_are_the_sums_over_all_pairs() {
        let gamma = wavy();
        for lag in -20..20 {
            for (these, those) in [(0, 3), (1, 1), (4, 1), (5, 12), (14, 14)] {
                let expected: f64 = (0..these as i64)
                    .flat_map(|i| (0..those as i64).map(move |j| i - j))
                    .map(|between| gamma.at(lag + between))
                    .sum();
                let got = gamma.sum_of_sums(lag, these, those);
                assert!(
                    (got - expected).abs() < 1e-11,
                    "{lag} {these} {those}: {got} {expected}"
                );
            }
        }
    }
}
