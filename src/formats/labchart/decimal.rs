//! Numbers with a decimal point or a decimal comma: one of both in a whole file.

use crate::error::{Error, ErrorCode, Result};
use crate::formats::text::{last_digit, number};

/// What is known about the decimal sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Decimal {
    /// No number with decimals was met.
    #[default]
    Unknown,
    Point,
    Comma,
}

impl Decimal {
    /// A finite number; `None` for an empty cell or `NaN`, which is how LabChart writes that there is no sample.
    pub fn number(&mut self, cell: &str, line: u64) -> Result<Option<f64>> {
        self.scaled(cell, 0, line)
    }

    /// The number times ten to the `exponent`, exact in decimals.
    pub fn scaled(&mut self, cell: &str, exponent: i32, line: u64) -> Result<Option<f64>> {
        let cell = cell.trim();
        if cell.is_empty() || cell.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        let found = match (cell.contains('.'), cell.contains(',')) {
            (true, false) => Self::Point,
            (false, true) => Self::Comma,
            _ => *self,
        };
        if *self == Self::Unknown {
            *self = found;
        }
        let is_mixed = found != *self || (cell.contains('.') && cell.contains(','));
        if is_mixed {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("\"{cell}\" has another decimal sign than the numbers before"),
            )
            .at(format!("line {line}"))
            .advice("export the file with one decimal sign; text.decimal_comma = true in a mapping states that it is the comma"));
        }
        let plain = if exponent == 0 {
            number(cell, *self == Self::Comma)
        } else if cell.contains(['e', 'E']) {
            number(cell, *self == Self::Comma).map(|value| value * 10f64.powi(exponent))
        } else {
            number(&format!("{cell}e{exponent}"), *self == Self::Comma)
        };
        plain.map(Some).ok_or_else(|| {
            Error::new(ErrorCode::BadHeader, format!("\"{cell}\" is no number"))
                .at(format!("line {line}"))
                .advice("expected a number, NaN, or a comment after #")
        })
    }

    /// One unit of the last printed digit.
    pub fn last_digit(self, cell: &str) -> f64 {
        last_digit(cell.trim(), self == Self::Comma)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_decimal_sign() {
        let mut decimal = Decimal::default();
        assert_eq!(decimal.number("12", 1).unwrap(), Some(12.0));
        assert_eq!(decimal.number("0,5", 1).unwrap(), Some(0.5));
        assert_eq!(decimal, Decimal::Comma);
        assert_eq!(decimal.number("NaN", 1).unwrap(), None);
        let error = decimal.number("0.5", 7).unwrap_err();
        assert_eq!(error.place(), Some("line 7"));
        assert!(decimal.number("1.000,5", 1).is_err());
        assert!(Decimal::default().number("x", 1).is_err());
    }

    #[test]
    fn a_scaled_number_is_exact() {
        let mut decimal = Decimal::default();
        assert_eq!(decimal.scaled("0.1", -3, 1).unwrap(), Some(0.0001));
        assert_eq!(decimal.scaled("25", -6, 1).unwrap(), Some(0.000025));
    }
}
