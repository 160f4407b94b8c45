//! Rounding: the only place where numbers are rounded before they are written.

/// Significant digits of every number in tables and JSON but times on the clock of a recording: far finer than any measurement, so a
/// re-analysis loses nothing, and coarse enough that the last bits of arithmetic never show.
pub const DIGITS: usize = 7;
/// Decimals of times in seconds: a tenth of a microsecond, one two-hundredth of a sample at 48 kHz.
pub const SECOND_DECIMALS: usize = 7;

/// What lies below is 0 in every unit that is written, and in a probability.
const NEGLIGIBLE: f64 = 1e-12;

/// The nearest number of [`DIGITS`] significant digits; `None` for what is no number.
pub fn rounded(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let near: f64 = format!("{value:.*e}", DIGITS - 1).parse().ok()?;
    // no negative zero, and no row of a hundred zeros for the probability of what cannot be
    Some(if near.abs() < NEGLIGIBLE { 0.0 } else { near })
}

/// A time in seconds with [`SECOND_DECIMALS`] decimals; `None` for what is no number.
pub fn rounded_seconds(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let near: f64 = format!("{value:.*}", SECOND_DECIMALS).parse().ok()?;
    Some(if near == 0.0 { 0.0 } else { near })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_seven_digits_wherever_its_point_is() {
        assert_eq!(rounded(12.345_678_94), Some(12.345_68));
        assert_eq!(rounded(0.000_123_456_789), Some(0.000_123_456_8));
        assert_eq!(rounded(-0.0), Some(0.0));
        assert_eq!(rounded(6.7e-130), Some(0.0));
        assert_eq!(rounded(0.1 + 0.2), Some(0.3));
    }

    #[test]
    fn a_time_keeps_its_sample_after_hours_of_recording() {
        assert_eq!(rounded_seconds(7_200.123_456_78), Some(7_200.123_456_8));
    }

    #[test]
    fn what_is_no_number_is_none_rather_than_0() {
        assert_eq!(rounded(f64::NAN), None);
        assert_eq!(rounded_seconds(f64::INFINITY), None);
    }
}
