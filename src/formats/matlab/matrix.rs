//! One array of version 5: flags, lengths of the axes, name, and what the class asks for.
//!
//! Clauses are those of *MAT-File Format*, chapter "Level 5 MAT-File Format", section "Level 5 MAT-Array Data Element Formats".

use super::level5::{Element, Elements, MATRIX, damaged, truncated, u32_at};
use super::numbers::{characters, numbers, text_rows};
use super::value::{product, size};
use super::{Budget, Order, Value};
use crate::error::{Error, Result};

/// `miINT8`, `miINT32`, `miUINT32` of the table "MAT-File Data Types".
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT32: u32 = 6;

/// The classes of the table "MATLAB Array Types (Classes)"; 6 to 15 are the numeric ones.
const CELL: u8 = 1;
const STRUCT: u8 = 2;
const OBJECT: u8 = 3;
const CHAR: u8 = 4;
const SPARSE: u8 = 5;
/// What MATLAB itself writes beyond that table: function handles and objects of classes.
const FUNCTION: u8 = 16;
const OPAQUE: u8 = 17;

/// Bit 11 of the array flags.
const COMPLEX: u32 = 1 << 11;

/// The smallest element: a tag alone.
const SMALLEST: usize = 8;

/// The name and the value of the array.
pub(super) fn read(
    data: &[u8],
    order: Order,
    budget: &Budget,
    depth: usize,
) -> Result<(String, Value)> {
    budget.enter(depth)?;
    budget.charge(1, size_of::<Value>())?;
    let mut parts = Elements::new(data, order);
    // An array without any part is the empty array `[]`.
    let Some(flags) = parts.next()? else {
        return Ok((String::new(), empty()));
    };
    let Some(word) = u32_at(flags.data, 0, order).filter(|_| flags.kind == UINT32) else {
        return Err(damaged("an array begins without array flags"));
    };
    let class = (word & 0xff) as u8;
    if class == OPAQUE {
        let name = name(&next(&mut parts, "name")?)?;
        return Ok((name, unreadable("object", &[1, 1])));
    }
    let dims = dims(&next(&mut parts, "lengths of the axes")?, order)?;
    let name = name(&next(&mut parts, "name")?)?;
    let value = contents(class, word, &dims, parts, order, budget, depth)
        .map_err(|error| in_array(error, &name))?;
    Ok((name, value))
}

fn in_array(error: Error, name: &str) -> Error {
    if name.is_empty() || error.place().is_some() {
        error
    } else {
        error.at(format!("variable \"{name}\""))
    }
}

fn contents(
    class: u8,
    flags: u32,
    dims: &[usize],
    mut parts: Elements,
    order: Order,
    budget: &Budget,
    depth: usize,
) -> Result<Value> {
    let count =
        product(dims).ok_or_else(|| damaged("the array has more values than can be counted"))?;
    Ok(match class {
        CELL => {
            fits(count, &parts)?;
            let mut cells = Vec::with_capacity(count);
            for _ in 0..count {
                cells.push(inner(&mut parts, order, budget, depth)?);
            }
            Value::Cell {
                dims: dims.to_vec(),
                cells,
            }
        }
        STRUCT => structs(count, parts, order, budget, depth)?,
        OBJECT => unreadable("object", dims),
        CHAR => {
            let part = next(&mut parts, "characters")?;
            let units = characters(&part, order, budget)?;
            if units.len() != count {
                return Err(damaged(format!(
                    "a char array of {} holds {} characters",
                    size(dims),
                    units.len()
                )));
            }
            Value::Text {
                rows: text_rows(&units, dims),
            }
        }
        SPARSE => unreadable("sparse matrix", dims),
        FUNCTION => unreadable("function handle", dims),
        6..=15 if flags & COMPLEX != 0 => unreadable("complex array", dims),
        6..=15 => {
            let part = next(&mut parts, "numbers")?;
            match numbers(class, &part, count, order, budget)? {
                Some(samples) => Value::Numbers {
                    dims: dims.to_vec(),
                    samples,
                },
                None => unreadable("array of integers beyond 2^53", dims),
            }
        }
        class => unreadable(&format!("array of the unknown class {class}"), dims),
    })
}

/// Clause "Structure MAT-File Data Element Format".
fn structs(
    count: usize,
    mut parts: Elements,
    order: Order,
    budget: &Budget,
    depth: usize,
) -> Result<Value> {
    let length = next(&mut parts, "length of the field names")?;
    let length = u32_at(length.data, 0, order)
        .filter(|_| length.kind == INT32)
        .and_then(|length| usize::try_from(length).ok())
        .filter(|&length| length > 0)
        .ok_or_else(|| damaged("the length of the field names is no number above 0"))?;
    let names = next(&mut parts, "field names")?;
    if names.kind != INT8 {
        return Err(damaged("the field names are no characters"));
    }
    budget.charge(names.data.len() / length, size_of::<(String, Vec<Value>)>())?;
    let mut fields: Vec<(String, Vec<Value>)> = names
        .data
        .chunks_exact(length)
        .map(|name| (until_nul(name), Vec::new()))
        .collect();
    let values = count
        .checked_mul(fields.len())
        .ok_or_else(|| damaged("more fields than can be counted"))?;
    fits(values, &parts)?;
    if fields.is_empty() {
        return Ok(Value::Struct { count, fields });
    }
    for _ in 0..count {
        for (_, values) in &mut fields {
            values.push(inner(&mut parts, order, budget, depth)?);
        }
    }
    Ok(Value::Struct { count, fields })
}

/// An array inside an array.
fn inner(parts: &mut Elements, order: Order, budget: &Budget, depth: usize) -> Result<Value> {
    let part = next(parts, "value of a cell or field")?;
    if part.kind != MATRIX {
        return Err(damaged(format!(
            "a cell or field is of type {}; expected an array (14)",
            part.kind
        )));
    }
    Ok(read(part.data, order, budget, depth.saturating_add(1))?.1)
}

/// Every value takes at least a tag, so what claims more is not even begun.
fn fits(count: usize, parts: &Elements) -> Result<()> {
    if count > parts.left() / SMALLEST {
        return Err(truncated(format!(
            "{count} values are announced, but {} bytes are left",
            parts.left()
        )));
    }
    Ok(())
}

fn next<'a>(parts: &mut Elements<'a>, what: &str) -> Result<Element<'a>> {
    parts
        .next()?
        .ok_or_else(|| truncated(format!("an array ends before its {what}")))
}

fn dims(part: &Element, order: Order) -> Result<Vec<usize>> {
    if part.kind != INT32 || part.data.len() < 8 || !part.data.len().is_multiple_of(4) {
        return Err(damaged(
            "the lengths of the axes are no row of two or more integers",
        ));
    }
    (0..part.data.len() / 4)
        .map(|index| {
            u32_at(part.data, index * 4, order)
                .and_then(|length| i32::try_from(length).ok())
                .and_then(|length| usize::try_from(length).ok())
                .ok_or_else(|| damaged("the length of an axis is below 0"))
        })
        .collect()
}

fn name(part: &Element) -> Result<String> {
    if part.kind != INT8 {
        return Err(damaged("the name of an array is no row of characters"));
    }
    Ok(until_nul(part.data))
}

fn until_nul(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|&byte| char::from(byte))
        .collect()
}

fn empty() -> Value {
    Value::Numbers {
        dims: vec![0, 0],
        samples: crate::recording::Samples::F64(Vec::new()),
    }
}

fn unreadable(what: &str, dims: &[usize]) -> Value {
    Value::Unreadable {
        what: format!("{} {what}", size(dims)),
    }
}
