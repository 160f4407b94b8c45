//! Rounding of what programs read: the only place where such numbers are rounded before they are written.

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
    let near = match quick(value) {
        Some(near) => near,
        None => format!("{value:.*e}", DIGITS - 1).parse().ok()?,
    };
    // no negative zero, and no row of a hundred zeros for the probability of what cannot be
    Some(if near.abs() < NEGLIGIBLE { 0.0 } else { near })
}

/// Appends the number of [`rounded`] as decimal text; nothing for what is no number.
pub fn write_rounded(value: f64, text: &mut Vec<u8>) {
    match quick_parts(value) {
        Some((whole, decimals, near)) if near.abs() >= NEGLIGIBLE => {
            write_decimal(whole as i64, decimals, text);
        }
        _ => write_shortest(rounded(value), text),
    }
}

/// Appends the number of [`rounded_seconds`] as decimal text; nothing for what is no number.
pub fn write_rounded_seconds(value: f64, text: &mut Vec<u8>) {
    match nearest(value, SECOND_DECIMALS) {
        Some((whole, _)) => write_decimal(whole as i64, SECOND_DECIMALS, text),
        None => write_shortest(rounded_seconds(value), text),
    }
}

/// Appends the shortest decimal text that is read as this number.
fn write_shortest(value: Option<f64>, text: &mut Vec<u8>) {
    if let Some(value) = value {
        text.extend_from_slice(value.to_string().as_bytes());
    }
}

/// Appends `whole` / 10^`decimals` without zeros at the end. That is the shortest text of the number next to it, because no two decimals of 15
/// digits are next to the same number.
fn write_decimal(whole: i64, mut decimals: usize, text: &mut Vec<u8>) {
    /// The digits of the largest number of 64 bits.
    const MOST: usize = 20;
    let mut rest = whole.unsigned_abs();
    while decimals > 0 && rest.is_multiple_of(10) {
        rest /= 10;
        decimals -= 1;
    }
    // From the last digit to the first one, with at least one digit before the point.
    let mut digits = [b'0'; MOST];
    let mut count = 0;
    while rest > 0 || count <= decimals {
        count += 1;
        digits[MOST - count] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if whole < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[MOST - count..MOST - decimals]);
    if decimals > 0 {
        text.push(b'.');
        text.extend_from_slice(&digits[MOST - decimals..]);
    }
}

/// A time in seconds with [`SECOND_DECIMALS`] decimals; `None` for what is no number.
pub fn rounded_seconds(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let near = match nearest(value, SECOND_DECIMALS) {
        Some((_, near)) => near,
        None => format!("{value:.*}", SECOND_DECIMALS).parse().ok()?,
    };
    Some(if near == 0.0 { 0.0 } else { near })
}

/// The number of [`DIGITS`] significant digits as arithmetic finds it, a hundred thousand times in a study; `None` where it could be
/// another than that of the decimal text.
fn quick(value: f64) -> Option<f64> {
    quick_parts(value).map(|(_, _, near)| near)
}

/// The same as a whole number and how many of its digits are decimals, and the number itself.
fn quick_parts(value: f64) -> Option<(f64, usize, f64)> {
    let exponent = value.abs().log10().floor();
    let decimals = DIGITS as f64 - 1.0 - exponent;
    if !(0.0..EXACT_POWERS.len() as f64).contains(&decimals) {
        return None;
    }
    let (whole, near) = nearest(value, decimals as usize)?;
    let least = EXACT_POWERS[DIGITS - 1];
    // Right at a power of ten the logarithm may be off by one digit.
    (least..10.0 * least)
        .contains(&whole.abs())
        .then_some((whole, decimals as usize, near))
}

/// The nearest whole multiple of 10 to the minus `decimals`, and that multiple; `None` near a tie, where scaling could decide wrongly.
/// Both are exact and the division rounds once, so it is the same number that reading the decimal text gives.
fn nearest(value: f64, decimals: usize) -> Option<(f64, f64)> {
    /// Scaling is off by less than 1e-4 below the largest number.
    const DOUBT: f64 = 1e-3;
    const LARGEST: f64 = 1e11;
    let power = EXACT_POWERS.get(decimals)?;
    let scaled = value * power;
    let whole = scaled.round();
    let tie = ((scaled - whole).abs() - 0.5).abs() < DOUBT;
    (!tie && scaled.abs() < LARGEST).then(|| (whole, whole / power))
}

/// The powers of ten that a number holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

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
    fn arithmetic_rounds_as_the_decimal_text_does() {
        let mut seed = 1_u64;
        for i in 0..200_000 {
            // Knuth's linear congruential generator: any spread of digits will do.
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mantissa = (seed >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            let value = match i % 4 {
                0 => mantissa * 10_f64.powi(i % 33 - 16),
                // Ties, and what lies just beside them and beside powers of ten.
                1 => ((mantissa * 1e7).round() + 0.5) * 10_f64.powi(i % 13 - 10),
                2 => 10_f64.powi(i % 19 - 9) * (1.0 + mantissa.signum() * f64::EPSILON),
                _ => (mantissa * 1e8).round() / 1e3,
            };
            let text: f64 = format!("{value:.6e}").parse().unwrap();
            let expected = if text.abs() < 1e-12 { 0.0 } else { text };
            assert_eq!(rounded(value), Some(expected), "{value:e}");
            let text: f64 = format!("{value:.7}").parse().unwrap();
            assert_eq!(rounded_seconds(value), Some(text), "{value:e}");
            let written = |write: fn(f64, &mut Vec<u8>)| {
                let mut text = Vec::new();
                write(value, &mut text);
                String::from_utf8(text).unwrap()
            };
            let shortest = |number: Option<f64>| number.unwrap().to_string();
            assert_eq!(written(write_rounded), shortest(rounded(value)));
            assert_eq!(
                written(write_rounded_seconds),
                shortest(rounded_seconds(value))
            );
        }
    }

    #[test]
    fn what_is_no_number_is_none_rather_than_0() {
        assert_eq!(rounded(f64::NAN), None);
        assert_eq!(rounded_seconds(f64::INFINITY), None);
        let mut text = Vec::new();
        write_rounded(f64::NAN, &mut text);
        write_rounded_seconds(f64::NEG_INFINITY, &mut text);
        assert!(text.is_empty());
    }
}
