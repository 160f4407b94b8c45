//! Version 4 of the format: a header of five integers, a name and the numbers, for each matrix.
//!
//! Clauses are those of *MAT-File Format*, chapter "Level 4 MAT-File Format".

use super::level5::{damaged, truncated, u32_at};
use super::numbers::{self, text_rows};
use super::value::{Value, size};
use super::{Budget, Order};
use crate::error::{Error, Result};
use crate::formats::matlab::level5::Element;

/// Five integers of four bytes: type, rows, columns, imaginary flag, length of the name.
const HEADER: usize = 20;

/// The longest name that is believed. MATLAB allows 63 characters and a NUL.
const LONGEST_NAME: usize = 64;

/// Precision, the digit P of the type: the class and the stored type of version 5 that mean the same, and the bytes of a number.
const PRECISIONS: &[(u8, u32, usize)] = &[
    (6, 9, 8),
    (7, 7, 4),
    (12, 5, 4),
    (10, 3, 2),
    (11, 4, 2),
    (9, 2, 1),
];

struct Header {
    precision: u32,
    /// The digit T: 0 numbers, 1 text, 2 sparse.
    content: u32,
    rows: usize,
    columns: usize,
    complex: bool,
    name_length: usize,
}

/// The order of the bytes, if the file begins like one of version 4. The format has no signature, so everything that it fixes is asked for.
pub(super) fn order(bytes: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big].into_iter().find(|&order| {
        header(bytes, order)
            .and_then(|header| name(bytes, header.name_length))
            .is_some()
    })
}

fn header(bytes: &[u8], order: Order) -> Option<Header> {
    let word =
        |index: usize| u32_at(bytes, index * 4, order).filter(|&word| i32::try_from(word).is_ok());
    let kind = word(0)?;
    // The type is MOPT in decimal: machine, 0, precision, content.
    let (machine, zero, precision, content) =
        (kind / 1000, kind / 100 % 10, kind / 10 % 10, kind % 10);
    let fits = match order {
        Order::Little => machine == 0,
        Order::Big => machine == 1,
    };
    let complex = word(3)?;
    let name_length = word(4)? as usize;
    let known = fits
        && zero == 0
        && (precision as usize) < PRECISIONS.len()
        && content <= 2
        && complex <= 1
        && (2..=LONGEST_NAME).contains(&name_length);
    known.then_some(Header {
        precision,
        content,
        rows: word(1)? as usize,
        columns: word(2)? as usize,
        complex: complex == 1,
        name_length,
    })
}

/// The name behind the header: a letter, then letters, digits and underscores, then NUL.
fn name(bytes: &[u8], length: usize) -> Option<String> {
    let stored = bytes.get(HEADER..HEADER.checked_add(length)?)?;
    let text = stored.strip_suffix(b"\0")?;
    let known = text.first().is_some_and(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    known.then(|| text.iter().map(|&byte| char::from(byte)).collect())
}

/// All matrices of the file.
pub(super) fn read(bytes: &[u8], order: Order, budget: &Budget) -> Result<Vec<(String, Value)>> {
    let mut variables = Vec::new();
    let mut at = 0usize;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let place = |error: Error| error.at(format!("matrix at byte {at}"));
        if rest.len() < HEADER {
            return Err(place(truncated(format!(
                "{} bytes are left; a header has {HEADER}",
                rest.len()
            ))));
        }
        let header = header(rest, order).ok_or_else(|| {
            place(damaged(
                "the five numbers of the header do not fit version 4",
            ))
        })?;
        let name = name(rest, header.name_length)
            .ok_or_else(|| place(damaged("the name is no name of a variable")))?;
        let (value, length) = matrix(rest, &header, order, budget)
            .map_err(|error| error.at(format!("variable \"{name}\" at byte {at}")))?;
        variables.push((name, value));
        at = at.saturating_add(length);
    }
    Ok(variables)
}

/// The value, and the length of the whole matrix with its header.
fn matrix(rest: &[u8], header: &Header, order: Order, budget: &Budget) -> Result<(Value, usize)> {
    budget.charge(1, size_of::<Value>())?;
    let dims = [header.rows, header.columns];
    let &(class, kind, bytes) = PRECISIONS
        .get(header.precision as usize)
        .ok_or_else(|| damaged("an unknown precision"))?;
    let count = header.rows.checked_mul(header.columns);
    let from = HEADER.saturating_add(header.name_length);
    // The imaginary numbers stand behind the real ones.
    let parts = if header.complex { 2 } else { 1 };
    let (Some(count), Some(data)) = (
        count,
        count
            .and_then(|count| count.checked_mul(bytes))
            .filter(|real| {
                real.checked_mul(parts)
                    .and_then(|all| all.checked_add(from))
                    .is_some_and(|end| end <= rest.len())
            })
            .and_then(|real| rest.get(from..from.checked_add(real)?)),
    ) else {
        return Err(truncated(format!(
            "{} numbers of {bytes} bytes are announced, but {} bytes are left",
            size(&dims),
            rest.len().saturating_sub(from)
        )));
    };
    let length = from.saturating_add(data.len().saturating_mul(parts));
    let unreadable = |what: &str| Value::Unreadable {
        what: format!("{} {what}", size(&dims)),
    };
    if header.complex {
        return Ok((unreadable("complex matrix"), length));
    }
    if header.content == 2 {
        return Ok((unreadable("sparse matrix"), length));
    }
    let part = Element { kind, data };
    let Some(samples) = numbers::numbers(class, &part, count, order, budget)? else {
        return Ok((unreadable("matrix of integers beyond 2^53"), length));
    };
    if header.content == 1 {
        budget.charge(count, size_of::<u16>())?;
        // Version 4 stores the codes of characters as numbers.
        let units: Option<Vec<u16>> = samples
            .widen(0..count)?
            .into_iter()
            .map(|code| {
                (code >= 0.0 && code <= f64::from(u16::MAX) && code.fract() == 0.0)
                    .then_some(code as u16)
            })
            .collect();
        let units = units.ok_or_else(|| damaged("a text holds a number that is no character"))?;
        return Ok((
            Value::Text {
                rows: text_rows(&units, &dims),
            },
            length,
        ));
    }
    Ok((
        Value::Numbers {
            dims: dims.to_vec(),
            samples,
        },
        length,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(
        order: Order,
        kind: u32,
        rows: u32,
        columns: u32,
        name: &[u8],
        data: &[u8],
    ) -> Vec<u8> {
        let words = [kind, rows, columns, 0, name.len() as u32];
        let mut bytes: Vec<u8> = words
            .into_iter()
            .flat_map(|word| match order {
                Order::Little => word.to_le_bytes(),
                Order::Big => word.to_be_bytes(),
            })
            .collect();
        bytes.extend(name);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn both_orders_are_known_by_the_digit_of_the_machine() {
        let little = stored(Order::Little, 30, 1, 2, b"x\0", &[1, 0, 255, 255]);
        let big = stored(Order::Big, 1030, 1, 2, b"x\0", &[0, 1, 255, 255]);
        assert_eq!(order(&little), Some(Order::Little));
        assert_eq!(order(&big), Some(Order::Big));
        let budget = Budget::of(little.len());
        let expected = read(&little, Order::Little, &budget).unwrap();
        assert_eq!(read(&big, Order::Big, &budget).unwrap(), expected);
        let Value::Numbers { samples, .. } = &expected[0].1 else {
            panic!("no numbers");
        };
        assert_eq!(samples.widen(0..2).unwrap(), [1.0, -1.0]);
    }

    #[test]
    fn a_name_that_is_no_name_is_not_of_this_format() {
        for name in [b"1\0".as_slice(), b"x y\0", b"xy", b"\0\0", b"x\0y\0"] {
            assert_eq!(order(&stored(Order::Little, 0, 0, 0, name, &[])), None);
        }
    }

    #[test]
    fn sizes_beyond_the_file_are_errors_and_take_no_memory() {
        let huge = i32::MAX as u32;
        let bytes = stored(Order::Little, 0, huge, huge, b"x\0", &[0; 8]);
        let error = read(&bytes, Order::Little, &Budget::of(30)).unwrap_err();
        assert!(error.to_string().contains("bytes are left"), "{error}");
    }
}
