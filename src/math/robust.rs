//! Location and spread that a few wild values do not move.

/// For a normal distribution the standard deviation is this many times the median absolute deviation (1 / Φ⁻¹(3/4)).
const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// The median; `None` for no values. NaN counts as larger than any number.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile at `fraction` (0 to 1), linearly between order statistics (Hyndman and Fan's type 7); `None` for no values.
pub fn quantile(values: &[f64], fraction: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = fraction.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let mut keys: Vec<i64> = values.iter().map(|value| key(*value)).collect();
    let (_, &mut low, above) = keys.select_nth_unstable(below);
    let high = above.iter().copied().min().unwrap_or(low);
    let (low, high) = (value(low), value(high));
    let part = place - below as f64;
    Some(if part == 0.0 {
        low
    } else {
        low + part * (high - low)
    })
}

/// A whole number that is ordered as the value is (IEEE 754-2019, totalOrder), because whole numbers are sorted several times faster.
fn key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ (i64::MAX & (bits >> 63))
}

/// The value of a key.
fn value(key: i64) -> f64 {
    f64::from_bits((key ^ (i64::MAX & (key >> 63))).cast_unsigned())
}

/// The standard deviation of a normal distribution with the same median absolute deviation from the median; `None` for no values.
/// It is exactly 0 when more than half of the values are equal, which coarse converters make likely: give it a floor where it is
/// used as a threshold.
pub fn mad_sd(values: &[f64]) -> Option<f64> {
    let center = median(values)?;
    let deviations: Vec<f64> = values.iter().map(|value| (value - center).abs()).collect();
    Some(MAD_TO_SD * median(&deviations)?)
}

/// The arithmetic mean; `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_lies_between_the_middle_two() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_quantile_is_linear_between_order_statistics() {
        assert_eq!(quantile(&[0.0, 10.0, 20.0, 30.0, 40.0], 0.3), Some(12.0));
        assert_eq!(quantile(&[7.0, 9.0], 1.0), Some(9.0));
    }

    #[test]
    fn keys_are_ordered_as_values_are() {
        let numbers = [
            f64::NEG_INFINITY,
            -3.5,
            -1e-300,
            -0.0,
            0.0,
            1e-300,
            2.0,
            f64::INFINITY,
            f64::NAN,
        ];
        for pair in numbers.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for number in numbers {
            assert_eq!(value(key(number)).to_bits(), number.to_bits());
        }
    }

    #[test]
    fn one_wild_value_does_not_move_the_spread() {
        let calm = mad_sd(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        let wild = mad_sd(&[1.0, 2.0, 3.0, 4.0, 5000.0]).unwrap();
        assert_eq!(calm, wild);
        assert!((calm - MAD_TO_SD).abs() < 1e-12);
    }
}
