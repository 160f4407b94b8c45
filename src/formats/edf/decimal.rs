//! Exact decimal numbers: EDF writes times as decimal text, and sums of floats would open gaps where there are none.

use std::fmt;

/// Digits that are read before the point (thirty million years) and after it (zeptoseconds); with room for sums they fit an `i128`.
const WHOLE_DIGITS: usize = 15;
/// See [`WHOLE_DIGITS`]; enough for every float above a tenth of a millisecond to come back bit by bit.
const DECIMALS: usize = 21;

/// `mantissa / 10^scale`, always in lowest terms, so that equal numbers are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    pub(super) const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    fn new(mut mantissa: i128, mut scale: u32) -> Self {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }

    /// Reads `[+-]digits[.digits]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !numeric(whole) || !numeric(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() > WHOLE_DIGITS || fraction.len() > DECIMALS {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa * 10 + i128::from(byte - b'0');
        }
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Self::new(
            if negative { -mantissa } else { mantissa },
            scale,
        ))
    }

    /// The shortest decimal that reads back as `value`, to the zeptosecond.
    pub(super) fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = value.to_string();
        let decimals = text
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        if decimals > DECIMALS {
            Self::parse(&format!("{value:.DECIMALS$}"))
        } else {
            Self::parse(&text)
        }
    }

    /// The nearest `f64`.
    pub(super) fn to_f64(self) -> f64 {
        // The standard parser rounds correctly, which a division by a power of ten would not do for long mantissas.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let widen = |number: Self| {
            number
                .mantissa
                .checked_mul(10_i128.checked_pow(scale - number.scale)?)
        };
        Some((widen(self)?, widen(other)?, scale))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self::new(a.checked_add(b)?, scale))
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self::new(a.checked_sub(b)?, scale))
    }

    pub(super) fn times(self, count: usize) -> Option<Self> {
        let count = i128::try_from(count).ok()?;
        Some(Self::new(self.mantissa.checked_mul(count)?, self.scale))
    }

    pub(super) fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub(super) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The part after the point of a number that is not negative.
    pub(super) fn fraction(self) -> Self {
        let one = 10_i128.checked_pow(self.scale).unwrap_or(1);
        Self::new(self.mantissa.rem_euclid(one), self.scale)
    }

    /// `count / self` as the nearest float: a sampling rate from samples per record and the record's duration.
    pub(super) fn divide(self, count: usize) -> f64 {
        // Eight digits on either side stay below 2^53, so the one rounding is that of the division.
        let numerator = count as f64 * 10_f64.powi(i32::try_from(self.scale).unwrap_or(i32::MAX));
        numerator / self.mantissa as f64
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let decimals = self.scale as usize;
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if decimals == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tenths_are_exactly_one() {
        let tenth = Decimal::parse("+0.1").unwrap();
        assert_eq!(tenth.times(10).unwrap(), Decimal::parse("1.000").unwrap());
        assert_eq!(
            tenth.plus(Decimal::parse("0.2").unwrap()).unwrap(),
            Decimal::parse("0.3").unwrap()
        );
    }

    #[test]
    fn every_float_survives_its_decimal() {
        for value in [0.0, 0.1, -12.75, 1e-6, 12_345.678_901_2, 1.0 / 3.0] {
            let text = Decimal::from_f64(value).unwrap().to_string();
            assert!(
                (text.parse::<f64>().unwrap() - value).abs() < 1e-15,
                "{text}"
            );
        }
    }

    #[test]
    fn text_that_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            ".",
            "1,5",
            "1e3",
            "--1",
            "9999999999999999",
            "1.2.3",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn twelve_samples_in_a_twentieth_of_a_second_are_240_hz() {
        assert_eq!(Decimal::parse("0.05").unwrap().divide(12), 240.0);
        assert_eq!(Decimal::parse("3").unwrap().divide(10_000), 10_000.0 / 3.0);
    }
}
