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
    if value == 0.0 {
        return Some(0.0);
    }
    let near = match quick(value) {
        Some(near) => near.number(),
        None => format!("{value:.*e}", DIGITS - 1).parse().ok()?,
    };
    // no negative zero, and no row of a hundred zeros for the probability of what cannot be
    Some(if near.abs() < NEGLIGIBLE { 0.0 } else { near })
}

/// Appends the number of [`rounded`] as decimal text; nothing for what is no number.
pub fn write_rounded(value: f64, text: &mut Vec<u8>) {
    let Some(near) = quick(value) else {
        write_shortest(rounded(value), text);
        return;
    };
    if near.negative {
        text.push(b'-');
    }
    let digits = Digits::of(near.whole);
    let before_point = DIGITS.saturating_sub(near.decimals);
    if before_point > 0 {
        digits.write_with_point(before_point, text);
    } else {
        /// As many zeros as any number has that is written so.
        const ZEROS: &[u8; 14] = b"0.000000000000";
        let zeros = ZEROS.len().min(near.decimals - DIGITS + 2);
        text.extend_from_slice(&ZEROS[..zeros]);
        digits.write(text);
    }
}

/// Appends the number of [`rounded_seconds`] as decimal text; nothing for what is no number.
pub fn write_rounded_seconds(value: f64, text: &mut Vec<u8>) {
    /// [`Digits`] are all the decimals of a second.
    const SECOND: u64 = 10_u64.pow(SECOND_DECIMALS as u32);
    const { assert!(SECOND_DECIMALS == DIGITS) };
    let Some(near) = nearest(value, SECOND_DECIMALS) else {
        write_shortest(rounded_seconds(value), text);
        return;
    };
    if near.negative && near.whole > 0 {
        text.push(b'-');
    }
    write_count(near.whole / SECOND, text);
    let decimals = near.whole % SECOND;
    if decimals > 0 {
        text.push(b'.');
        Digits::of(decimals).write(text);
    }
}

/// Appends a count as decimal text.
pub fn write_count(count: u64, text: &mut Vec<u8>) {
    text.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
}

/// Appends the shortest decimal text that is read as this number.
fn write_shortest(value: Option<f64>, text: &mut Vec<u8>) {
    match value {
        Some(0.0) => text.push(b'0'),
        Some(value) => text.extend_from_slice(value.to_string().as_bytes()),
        None => {}
    }
}

/// The [`DIGITS`] digits of a whole number, one a byte and the first one lowest, and how many there are up to the last that is not 0: without
/// zeros at the end they are the shortest text of the number next to a decimal, because no two decimals of 15 digits are next to the same number.
///
/// All digits are found at once, by the same steps for every number: a table has twenty thousand numbers a study, and a processor guesses badly
/// how many digits the next one has.
struct Digits {
    bytes: u64,
    count: usize,
}

impl Digits {
    /// Of a number above 0 with no more digits.
    fn of(whole: u64) -> Self {
        const { assert!(DIGITS == 7, "one less than a number of 64 bits has bytes") };
        // Two numbers of four digits, four of two, eight of one; a multiplication and a shift divide all of them by 100, and by 10.
        let fours = (whole / 10_000) | ((whole % 10_000) << 32);
        let hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
        let twos = hundreds | ((fours - 100 * hundreds) << 16);
        let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
        let ones = tens | ((twos - 10 * tens) << 8);
        // The first of eight is 0.
        let bytes = ones >> 8;
        Self {
            bytes: bytes | 0x0030_3030_3030_3030,
            count: 8 - (bytes.leading_zeros() / 8) as usize,
        }
    }

    fn write(&self, text: &mut Vec<u8>) {
        let until = text.len() + self.count;
        // Eight bytes at once are faster than as many as it takes.
        text.extend_from_slice(&self.bytes.to_le_bytes());
        text.truncate(until);
    }

    /// With a point after so many digits, from 1 to all of them; without one where no decimal follows.
    fn write_with_point(&self, before_point: usize, text: &mut Vec<u8>) {
        let shift = 8 * before_point;
        let before = (1 << shift) - 1;
        let point = u64::from(b'.') << shift;
        let bytes = (self.bytes & before) | point | ((self.bytes & !before) << 8);
        let count = if self.count > before_point {
            self.count + 1
        } else {
            before_point
        };
        let until = text.len() + count;
        text.extend_from_slice(&bytes.to_le_bytes());
        text.truncate(until);
    }
}

/// A time in seconds with [`SECOND_DECIMALS`] decimals; `None` for what is no number.
pub fn rounded_seconds(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    let near = match nearest(value, SECOND_DECIMALS) {
        Some(near) => near.number(),
        None => format!("{value:.*}", SECOND_DECIMALS).parse().ok()?,
    };
    Some(if near == 0.0 { 0.0 } else { near })
}

/// A decimal number: `whole` / 10^`decimals`, and its sign.
struct Decimal {
    negative: bool,
    whole: u64,
    decimals: usize,
}

impl Decimal {
    /// The number next to it. Whole and power are exact and the division rounds once, so it is the same that reading the decimal text gives.
    fn number(&self) -> f64 {
        let power = EXACT_POWERS.get(self.decimals).copied().unwrap_or(f64::NAN);
        let size = self.whole as f64 / power;
        if self.negative { -size } else { size }
    }
}

/// The number of [`DIGITS`] significant digits as arithmetic finds it, a hundred thousand times in a study; `None` where it could be
/// another than that of the decimal text, and for what is nothing, or next to it, or very large.
fn quick(value: f64) -> Option<Decimal> {
    const LEAST: u64 = 10_u64.pow(DIGITS as u32 - 1);
    const MOST: u64 = 10 * LEAST;
    let near = nearest(value, decimals(value.abs())?)?;
    // What is rounded up to a power of ten has one digit too many.
    (LEAST..MOST).contains(&near.whole).then_some(near)
}

/// With how many decimals a number from [`NEGLIGIBLE`] to below 10^[`DIGITS`] has [`DIGITS`] digits.
fn decimals(size: f64) -> Option<usize> {
    /// The exponent of a number is stored with this sum, above so many bits of the mantissa.
    const BIAS: i64 = 1023;
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    /// The logarithm of 2 to base 10, as a part of 4096: right to the whole number for exponents up to a few hundred.
    const LOG: i64 = 1233;
    const LOG_BITS: u32 = 12;
    if !(NEGLIGIBLE..EXACT_POWERS[DIGITS]).contains(&size) {
        return None;
    }
    let binary = (size.to_bits() >> MANTISSA_BITS) as i64 - BIAS;
    // Of the power of two below it; that of the number may be one less.
    let most = usize::try_from(DIGITS as i64 - 1 - ((binary * LOG) >> LOG_BITS)).ok()?;
    let less = most.checked_sub(1).filter(|&less| {
        let from = FEWER_DECIMALS_FROM.get(less);
        from.is_some_and(|&from| size >= from)
    });
    Some(less.unwrap_or(most))
}

/// From which number on so many decimals, the index, make [`DIGITS`] digits. No number lies between a power of ten and what stands for it here.
const FEWER_DECIMALS_FROM: [f64; 19] = [
    1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10,
    1e-11, NEGLIGIBLE,
];

/// The nearest whole multiple of 10 to the minus `decimals`; `None` near a tie, where scaling could decide wrongly, and for what is too large.
fn nearest(value: f64, decimals: usize) -> Option<Decimal> {
    /// Scaling is off by less than 1e-4 below the largest number.
    const DOUBT: f64 = 1e-3;
    const LARGEST: f64 = 1e11;
    let scaled = value.abs() * EXACT_POWERS.get(decimals)?;
    if scaled.is_nan() || scaled >= LARGEST {
        return None;
    }
    let whole = (scaled + 0.5) as i64;
    let tie = ((scaled - whole as f64).abs() - 0.5).abs() < DOUBT;
    (!tie).then_some(Decimal {
        negative: value < 0.0,
        whole: whole as u64,
        decimals,
    })
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
