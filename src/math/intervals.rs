//! Intervals and probabilities: the normal distribution, the ratio of two normal values (Fieller), a proportion (Clopper and Pearson).

use statrs::function::beta::beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};
use std::sync::OnceLock;

/// The level of every interval that endplate prints: 95 %, by convention.
pub const LEVEL: f64 = 0.95;

/// How many standard deviations an interval of [`LEVEL`] reaches to either side: [`two_sided`] of it, which every measured value asks for.
const LEVEL_DEVIATIONS: f64 = 1.959_963_984_540_053_8;

/// The probability that a standard normal value is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// The density of the standard normal distribution.
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The standard normal value that is exceeded with probability 1 − `p`; infinite at 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

/// How many standard deviations a two-sided interval of `level` reaches to either side: 1.96 for 0.95.
pub fn two_sided(level: f64) -> f64 {
    if level == LEVEL {
        LEVEL_DEVIATIONS
    } else {
        normal_quantile(0.5 + 0.5 * level)
    }
}

/// How many standard deviations the intervals of so many questions reach, if together they are to hold at [`LEVEL`] (Bonferroni).
pub fn two_sided_together(questions: usize) -> f64 {
    /// Answers for fewer questions are kept: a train asks as many as it has responses, again and again.
    const KEPT: usize = 64;
    static ANSWERS: [OnceLock<f64>; KEPT] = [const { OnceLock::new() }; KEPT];
    let questions = questions.max(1);
    let answer = || normal_quantile(1.0 - 0.5 * (1.0 - LEVEL) / questions as f64);
    ANSWERS
        .get(questions)
        .map_or_else(answer, |kept| *kept.get_or_init(answer))
}

/// A normal value: its mean and its standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// The mean.
    pub mean: f64,
    /// The standard deviation; 0 for an exact value.
    pub sd: f64,
}

/// The standard deviation of the ratio `numerator` / `denominator` of independent normal values, to first order (delta method).
pub fn ratio_sd(numerator: Normal, denominator: Normal) -> f64 {
    let ratio = numerator.mean / denominator.mean;
    numerator.sd.hypot(ratio * denominator.sd) / denominator.mean.abs()
}

/// Fieller's interval for the ratio `numerator` / `denominator` of independent normal values, at `z` standard deviations.
///
/// All ratios q for which `numerator − q·denominator` lies within `z` of its standard deviations from 0 (Fieller, J R Stat Soc B
/// 1954;16:175). `None` when the denominator lies within `z` standard deviations of 0: then the ratio has no bounded interval.
pub fn fieller(numerator: Normal, denominator: Normal, z: f64) -> Option<(f64, f64)> {
    let leading = denominator.mean.powi(2) - (z * denominator.sd).powi(2);
    if leading.is_nan() || leading <= 0.0 {
        return None;
    }
    let half_linear = numerator.mean * denominator.mean;
    // The discriminant without the cancelling terms a²b².
    let discriminant = (z * numerator.sd * denominator.mean).powi(2)
        + (z * denominator.sd * numerator.mean).powi(2)
        - (z * z * numerator.sd * denominator.sd).powi(2);
    let root = discriminant.max(0.0).sqrt();
    Some((
        (half_linear - root) / leading,
        (half_linear + root) / leading,
    ))
}

/// The exact interval of a proportion: `successes` of `trials` (Clopper and Pearson, Biometrika 1934;26:404). `None` without trials
/// or with more successes than trials.
pub fn clopper_pearson(successes: u64, trials: u64, level: f64) -> Option<(f64, f64)> {
    if trials == 0 || successes > trials {
        return None;
    }
    let tail = 0.5 * (1.0 - level);
    let (hits, misses) = (successes as f64, (trials - successes) as f64);
    let low = if successes == 0 {
        0.0
    } else {
        beta_quantile(hits, misses + 1.0, tail)
    };
    let high = if successes == trials {
        1.0
    } else {
        beta_quantile(hits + 1.0, misses, 1.0 - tail)
    };
    Some((low, high))
}

/// By bisection to the last bit that a double can tell apart: slower than Newton's method, and never astray.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if beta_reg(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What scipy says, from `fixtures/make/intervals.py`.
    fn oracle() -> serde_json::Value {
        serde_json::from_str(include_str!("../../fixtures/oracle/intervals.json")).unwrap()
    }

    fn numbers(value: &serde_json::Value) -> Vec<f64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|number| number.as_f64().unwrap())
            .collect()
    }

    fn close(ours: f64, theirs: f64, tolerance: f64) -> bool {
        (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0)
    }

    /// `statrs` itself is exact to about 1e-11 here.
    #[test]
    fn the_normal_distribution_agrees_with_scipy() {
        for case in oracle()["normal"].as_array().unwrap() {
            let case = numbers(case);
            assert!(
                close(normal_cdf(case[0]), case[1], 1e-10),
                "{case:?} {}",
                normal_cdf(case[0])
            );
            assert!(
                close(normal_quantile(case[1]), case[0], 1e-9),
                "{case:?} {}",
                normal_quantile(case[1])
            );
        }
        assert!(close(two_sided(LEVEL), 1.959_963_984_540_054, 1e-11));
    }

    #[test]
    fn what_is_written_down_or_kept_is_what_is_computed() {
        assert_eq!(two_sided(LEVEL), normal_quantile(0.5 + 0.5 * LEVEL));
        for questions in (1..100).chain([0, 7]) {
            let each = (1.0 - LEVEL) / questions.max(1) as f64;
            let answer = normal_quantile(1.0 - 0.5 * each);
            assert!(close(two_sided_together(questions), answer, 1e-12));
        }
        assert_eq!(two_sided_together(0), two_sided_together(1));
    }

    #[test]
    fn a_probability_of_one_half_is_exactly_at_the_mean() {
        assert_eq!(normal_cdf(0.0), 0.5);
    }

    #[test]
    fn fiellers_ends_agree_with_the_roots_that_scipy_finds() {
        for case in oracle()["fieller"].as_array().unwrap() {
            let case = numbers(case);
            let (low, high) = fieller(
                Normal {
                    mean: case[0],
                    sd: case[1],
                },
                Normal {
                    mean: case[2],
                    sd: case[3],
                },
                case[4],
            )
            .unwrap();
            assert!(
                close(low, case[5], 1e-10) && close(high, case[6], 1e-10),
                "{case:?}"
            );
        }
    }

    #[test]
    fn a_ratio_to_a_value_within_its_noise_has_no_interval() {
        let one = Normal { mean: 1.0, sd: 0.1 };
        assert_eq!(fieller(one, Normal { mean: 0.1, sd: 0.1 }, 1.96), None);
        assert_eq!(fieller(one, Normal { mean: 0.0, sd: 0.0 }, 1.96), None);
    }

    #[test]
    fn exact_values_have_an_interval_without_width() {
        let exact = |mean| Normal { mean, sd: 0.0 };
        assert_eq!(fieller(exact(4.0), exact(5.0), 1.96), Some((0.8, 0.8)));
    }

    #[test]
    fn proportions_agree_with_scipy() {
        for case in oracle()["clopper_pearson"].as_array().unwrap() {
            let case = numbers(case);
            let (low, high) = clopper_pearson(case[0] as u64, case[1] as u64, case[2]).unwrap();
            assert!(
                close(low, case[3], 1e-10) && close(high, case[4], 1e-10),
                "{case:?} {low} {high}"
            );
        }
        assert_eq!(clopper_pearson(1, 0, 0.95), None);
        assert_eq!(clopper_pearson(2, 1, 0.95), None);
    }

    /// Lipka and others, Muscle Nerve 2020, doi 10.1002/mus.26885: sensitivity and specificity of 60 % and 100 % increment.
    #[test]
    fn the_printed_intervals_of_lipka_2020_come_out() {
        let printed = [
            (49, 63, 65.54, 87.28),
            (37, 63, 45.62, 70.99),
            (92, 93, 94.15, 99.97),
            (93, 93, 96.11, 100.0),
        ];
        for (successes, trials, low, high) in printed {
            let (ours_low, ours_high) = clopper_pearson(successes, trials, LEVEL).unwrap();
            let rounded = |x: f64| (x * 10_000.0).round() / 100.0;
            assert_eq!(
                (rounded(ours_low), rounded(ours_high)),
                (low, high),
                "{successes}/{trials}"
            );
        }
    }

    /// Counts behind percentages that papers print: Oh 2005 and 2021, Witoonpanich 2009, Cornblath 1983.
    #[test]
    fn printed_percentages_lie_in_the_interval_of_their_counts() {
        for (successes, trials, percent) in [
            (29, 34, 85.29),
            (33, 34, 97.06),
            (534, 538, 99.26),
            (60, 63, 95.24),
            (23, 25, 92.0),
            (76, 140, 54.29),
            (65, 140, 46.43),
        ] {
            let share = 100.0 * successes as f64 / trials as f64;
            assert!((share - percent).abs() < 0.005, "{successes}/{trials}");
            let (low, high) = clopper_pearson(successes, trials, LEVEL).unwrap();
            assert!(low < share / 100.0 && share / 100.0 < high);
        }
    }
}
