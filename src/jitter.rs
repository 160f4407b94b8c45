#![doc = include_str!("../docs/methods/jitter.md")]

use crate::math::robust::mean;

/// How the jitter of one pair of potentials, or of one stimulated fiber, is stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jitter {
    /// The mean consecutive difference, in the unit of the intervals.
    pub mcd: f64,
    /// The mean sorted difference; `None` if the preceding intervals were not given, as at a constant rate of stimulation.
    pub msd: Option<f64>,
    /// Which of the two is stated, by [`Jitter::RATIO`].
    pub stated: Stated,
}

/// Which value states the jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// The mean consecutive difference.
    Mcd,
    /// The mean sorted difference: the intervals follow the discharge rate.
    Msd,
}

impl Jitter {
    /// Above this ratio of MCD to MSD the MSD is stated (Ekstedt, Nilsson and Stålberg 1974, PMID 4836748; the ratio from memory of later
    /// guidelines).
    pub const RATIO: f64 = 1.25;

    /// Of inter-potential intervals in order of time. `preceding` are the inter-discharge intervals before each of them, for a voluntarily
    /// activated muscle; `None` under stimulation. `None` below two intervals, or if the two differ in number.
    pub fn of(intervals: &[f64], preceding: Option<&[f64]>) -> Option<Self> {
        let mcd = mean_consecutive_difference(intervals)?;
        let msd = match preceding {
            Some(preceding) => Some(mean_sorted_difference(intervals, preceding)?),
            None => None,
        };
        let stated = match msd {
            Some(msd) if mcd > Self::RATIO * msd => Stated::Msd,
            _ => Stated::Mcd,
        };
        Some(Self { mcd, msd, stated })
    }

    /// The value that states the jitter.
    pub fn value(&self) -> f64 {
        match (self.stated, self.msd) {
            (Stated::Msd, Some(msd)) => msd,
            _ => self.mcd,
        }
    }
}

/// MCD = Σ |Dᵢ − Dᵢ₊₁| / (n − 1); `None` below two values.
pub fn mean_consecutive_difference(intervals: &[f64]) -> Option<f64> {
    let differences: Vec<f64> = intervals
        .windows(2)
        .map(|pair| (pair[0] - pair[1]).abs())
        .collect();
    mean(&differences)
}

/// The mean consecutive difference after ordering by the preceding interval, shortest first; equal ones keep their order.
pub fn mean_sorted_difference(intervals: &[f64], preceding: &[f64]) -> Option<f64> {
    if intervals.len() != preceding.len() {
        return None;
    }
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by(|&a, &b| preceding[a].total_cmp(&preceding[b]));
    let sorted: Vec<f64> = order.into_iter().map(|index| intervals[index]).collect();
    mean_consecutive_difference(&sorted)
}

/// The mean range (largest less smallest) of successive groups of `size`; an incomplete group at the end is left out.
pub fn mean_range(intervals: &[f64], size: usize) -> Option<f64> {
    if size == 0 {
        return None;
    }
    let ranges: Vec<f64> = intervals
        .chunks_exact(size)
        .map(|group| {
            let high = group.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let low = group.iter().copied().fold(f64::INFINITY, f64::min);
            high - low
        })
        .collect();
    mean(&ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Normal};

    /// Made up; µs and ms.
    const INTERVALS: [f64; 10] = [
        1000.0, 1018.0, 1006.0, 1030.0, 1012.0, 1024.0, 1002.0, 1016.0, 1034.0, 1010.0,
    ];
    const PRECEDING: [f64; 10] = [
        80.0, 96.0, 84.0, 110.0, 88.0, 104.0, 78.0, 92.0, 118.0, 86.0,
    ];

    #[test]
    fn intervals_that_follow_the_discharge_rate_are_stated_by_the_sorted_difference() {
        let jitter = Jitter::of(&INTERVALS, Some(&PRECEDING)).unwrap();
        assert_eq!((jitter.mcd, jitter.msd), (18.0, Some(4.0)));
        assert_eq!(jitter.mcd / jitter.msd.unwrap(), 4.5);
        assert_eq!((jitter.stated, jitter.value()), (Stated::Msd, 4.0));
    }

    #[test]
    fn under_stimulation_only_the_consecutive_difference_means_anything() {
        let jitter = Jitter::of(&INTERVALS, None).unwrap();
        assert_eq!((jitter.stated, jitter.value()), (Stated::Mcd, 18.0));
        assert_eq!(Jitter::of(&INTERVALS, Some(&PRECEDING[..9])), None);
        assert_eq!(Jitter::of(&[1.0], None), None);
    }

    #[test]
    fn of_normal_intervals_the_measures_have_their_theoretical_ratios() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let normal = Normal::new(1000.0, 25.0).unwrap();
        let intervals: Vec<f64> = (0..1_000_000).map(|_| normal.sample(&mut rng)).collect();
        let mcd = mean_consecutive_difference(&intervals).unwrap();
        let range = |size| mean_range(&intervals, size).unwrap();
        // 2/√π = 1.1284, and its quotients by the mean ranges 2.3259 and 3.0775 of 5 and 10 normal values
        assert!(
            (mcd / 25.0 - std::f64::consts::FRAC_2_SQRT_PI).abs() < 0.005,
            "{}",
            mcd / 25.0
        );
        assert!(
            (mcd / range(5) - 0.4851).abs() < 0.002,
            "{}",
            mcd / range(5)
        );
        assert!(
            (mcd / range(10) - 0.3667).abs() < 0.002,
            "{}",
            mcd / range(10)
        );
    }
}
