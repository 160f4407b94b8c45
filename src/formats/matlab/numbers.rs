//! Stored numbers and characters, as the class of the array asks for.

use super::level5::{Element, damaged};
use super::{Budget, Order};
use crate::error::Result;
use crate::recording::Samples;

/// The types of the table "MAT-File Data Types" in which numbers are stored, whatever the class of the array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Single,
    Double,
    Int64,
    Uint64,
}

impl Stored {
    fn of(kind: u32) -> Option<Self> {
        Some(match kind {
            1 => Self::Int8,
            2 => Self::Uint8,
            3 => Self::Int16,
            4 => Self::Uint16,
            5 => Self::Int32,
            6 => Self::Uint32,
            7 => Self::Single,
            9 => Self::Double,
            12 => Self::Int64,
            13 => Self::Uint64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Single => 4,
            Self::Double | Self::Int64 | Self::Uint64 => 8,
        }
    }

    fn is_integer(self) -> bool {
        !matches!(self, Self::Single | Self::Double)
    }

    /// The stored integer; `None` for a float.
    fn integer(self, chunk: &[u8], order: Order) -> Option<i128> {
        Some(match self {
            Self::Int8 => i128::from(i8::from_le_bytes(chunk.try_into().ok()?)),
            Self::Uint8 => i128::from(u8::from_le_bytes(chunk.try_into().ok()?)),
            Self::Int16 => i128::from(u16::of(chunk, order)?.cast_signed()),
            Self::Uint16 => i128::from(u16::of(chunk, order)?),
            Self::Int32 => i128::from(u32::of(chunk, order)?.cast_signed()),
            Self::Uint32 => i128::from(u32::of(chunk, order)?),
            Self::Int64 => i128::from(u64::of(chunk, order)?.cast_signed()),
            Self::Uint64 => i128::from(u64::of(chunk, order)?),
            Self::Single | Self::Double => return None,
        })
    }
}

/// A word of some size out of bytes in some order.
trait Word: Sized {
    fn of(chunk: &[u8], order: Order) -> Option<Self>;
}

macro_rules! word {
    ($($word:ty),*) => {
        $(impl Word for $word {
            fn of(chunk: &[u8], order: Order) -> Option<Self> {
                let bytes = chunk.try_into().ok()?;
                Some(match order {
                    Order::Little => Self::from_le_bytes(bytes),
                    Order::Big => Self::from_be_bytes(bytes),
                })
            }
        })*
    };
}
word!(u16, u32, u64, f32, f64);

/// Up to here every integer is a double, and up to the other every integer is a single.
const EXACT_IN_F64: u128 = 1 << 53;
const EXACT_IN_F32: u128 = 1 << 24;

/// The numbers of a numeric array of that class (6 double, 7 single, 8 int8 … 15 uint64), in the smallest of our types that holds the class. `None` for integers that no double holds.
pub(super) fn numbers(
    class: u8,
    part: &Element,
    count: usize,
    order: Order,
    budget: &Budget,
) -> Result<Option<Samples>> {
    let stored = Stored::of(part.kind)
        .ok_or_else(|| damaged(format!("numbers of the unknown type {}", part.kind)))?;
    let length = count.checked_mul(stored.size());
    if length != Some(part.data.len()) {
        return Err(damaged(format!(
            "{} bytes of numbers; the lengths of the axes ask for {count} numbers of {} bytes",
            part.data.len(),
            stored.size()
        )));
    }
    let size = match class {
        8..=10 => 2,
        7 | 11 | 12 => 4,
        _ => 8,
    };
    budget.charge(count, size)?;
    let chunks = part.data.chunks_exact(stored.size());
    let integers = || {
        part.data
            .chunks_exact(stored.size())
            .filter_map(move |chunk| stored.integer(chunk, order))
    };
    let unfit = || damaged("a stored number does not fit the class of its array");
    if class >= 8 && !stored.is_integer() {
        return Err(damaged("fractions are stored in an array of integers"));
    }
    Ok(Some(match (class, stored) {
        (6, Stored::Double) => {
            Samples::F64(chunks.filter_map(|chunk| f64::of(chunk, order)).collect())
        }
        (6, Stored::Single) => Samples::F64(
            chunks
                .filter_map(|chunk| f32::of(chunk, order))
                .map(f64::from)
                .collect(),
        ),
        (7, Stored::Single) => {
            Samples::F32(chunks.filter_map(|chunk| f32::of(chunk, order)).collect())
        }
        (7, Stored::Double) => {
            let narrow: Option<Vec<f32>> = chunks
                .filter_map(|chunk| f64::of(chunk, order))
                .map(|value| {
                    let narrow = value as f32;
                    (f64::from(narrow) == value || value.is_nan()).then_some(narrow)
                })
                .collect();
            Samples::F32(narrow.ok_or_else(unfit)?)
        }
        (6, _) => {
            if integers().any(|value| value.unsigned_abs() > EXACT_IN_F64) {
                return Ok(None);
            }
            Samples::F64(integers().map(|value| value as f64).collect())
        }
        (7, _) => {
            if integers().any(|value| value.unsigned_abs() > EXACT_IN_F32) {
                return Err(unfit());
            }
            Samples::F32(integers().map(|value| value as f32).collect())
        }
        (8..=10, _) => {
            let fitting: Option<Vec<i16>> = integers()
                .map(|value| match class {
                    8 => i8::try_from(value).ok().map(i16::from),
                    9 => u8::try_from(value).ok().map(i16::from),
                    _ => i16::try_from(value).ok(),
                })
                .collect();
            Samples::I16(fitting.ok_or_else(unfit)?)
        }
        (11 | 12, _) => {
            let fitting: Option<Vec<i32>> = integers()
                .map(|value| match class {
                    11 => u16::try_from(value).ok().map(i32::from),
                    _ => i32::try_from(value).ok(),
                })
                .collect();
            Samples::I32(fitting.ok_or_else(unfit)?)
        }
        _ => return Ok(wide(integers())),
    }))
}

/// Integers of 32 bits without sign, or of 64 bits: as 32 bits if all fit, else as doubles if all are exact, else not at all.
fn wide<T: TryInto<i32> + Copy>(values: impl Iterator<Item = T> + Clone) -> Option<Samples>
where
    i128: From<T>,
{
    let narrow: Option<Vec<i32>> = values.clone().map(|value| value.try_into().ok()).collect();
    if let Some(narrow) = narrow {
        return Some(Samples::I32(narrow));
    }
    let doubles: Option<Vec<f64>> = values
        .map(|value| {
            let value = i128::from(value);
            (value.unsigned_abs() <= EXACT_IN_F64).then_some(value as f64)
        })
        .collect();
    doubles.map(Samples::F64)
}

/// The UTF-16 code units of a char array, in the order in which they are stored.
pub(super) fn characters(part: &Element, order: Order, budget: &Budget) -> Result<Vec<u16>> {
    /// `miUTF8` and `miUTF16` of the table "MAT-File Data Types".
    const UTF8: u32 = 16;
    const UTF16: u32 = 17;
    budget.charge(part.data.len(), size_of::<u16>())?;
    match (part.kind, Stored::of(part.kind)) {
        (UTF8, _) => {
            let text = std::str::from_utf8(part.data)
                .map_err(|_| damaged("a char array is not the UTF-8 that its type says"))?;
            Ok(text.encode_utf16().collect())
        }
        (UTF16, _) | (_, Some(Stored::Uint16 | Stored::Int16)) => Ok(part
            .data
            .chunks_exact(2)
            .filter_map(|chunk| u16::of(chunk, order))
            .collect()),
        (_, Some(Stored::Int8 | Stored::Uint8)) => {
            Ok(part.data.iter().map(|&byte| u16::from(byte)).collect())
        }
        (kind, _) => Err(damaged(format!("characters of the unknown type {kind}"))),
    }
}

/// The rows of a char array, without the spaces and NULs that fill them up.
pub(in crate::formats) fn text_rows(units: &[u16], dims: &[usize]) -> Vec<String> {
    if units.is_empty() {
        return Vec::new();
    }
    let rows = dims.first().copied().unwrap_or(1).max(1);
    (0..rows.min(units.len()))
        .map(|row| {
            let row: Vec<u16> = units.iter().skip(row).step_by(rows).copied().collect();
            String::from_utf16_lossy(&row)
                .trim_end_matches([' ', '\0'])
                .to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(class: u8, kind: u32, data: &[u8], count: usize) -> Result<Option<Samples>> {
        let part = Element { kind, data };
        numbers(class, &part, count, Order::Little, &Budget::of(0))
    }

    #[test]
    fn whole_doubles_are_stored_as_small_integers_and_stay_doubles() {
        let samples = read(6, 1, &[1, 0xff], 2).unwrap();
        assert_eq!(samples, Some(Samples::F64(vec![1.0, -1.0])));
    }

    #[test]
    fn a_class_keeps_its_type_and_its_sign() {
        assert_eq!(
            read(9, 2, &[200], 1).unwrap(),
            Some(Samples::I16(vec![200]))
        );
        assert_eq!(
            read(10, 3, &[0, 0x80], 1).unwrap(),
            Some(Samples::I16(vec![-32768]))
        );
        assert_eq!(
            read(11, 4, &[0xff, 0xff], 1).unwrap(),
            Some(Samples::I32(vec![65535]))
        );
        assert_eq!(
            read(15, 13, &[0, 0, 0, 0, 1, 0, 0, 0], 1).unwrap(),
            Some(Samples::F64(vec![4294967296.0]))
        );
        assert_eq!(read(15, 13, &[0xff; 8], 1).unwrap(), None);
    }

    #[test]
    fn numbers_that_do_not_fit_are_errors() {
        assert!(read(8, 3, &[0, 1], 1).is_err(), "256 is no int8");
        assert!(read(10, 9, &[0; 8], 1).is_err(), "doubles in int16");
        assert!(read(6, 9, &[0; 8], 2).is_err(), "too few");
        assert!(read(6, 8, &[0; 8], 1).is_err(), "reserved type");
        assert!(read(6, 9, &[], usize::MAX).is_err());
    }

    #[test]
    fn a_char_matrix_is_read_row_by_row() {
        let units: Vec<u16> = "Ec  GM".encode_utf16().collect();
        assert_eq!(text_rows(&units, &[2, 3]), ["E G", "c M"]);
        let units: Vec<u16> = "AEPM  ".encode_utf16().collect();
        assert_eq!(text_rows(&units, &[2, 3]), ["AP", "EM"]);
        assert!(text_rows(&[], &[0, 0]).is_empty());
    }
}
