//! Version 5 of the format, also written by MATLAB as 6 (plain) and 7 (compressed): the elements of the file.
//!
//! Clauses are those of *MAT-File Format*, chapter "Level 5 MAT-File Format".

use super::matrix;
use super::{Budget, Order, Value};
use crate::error::{Error, ErrorCode, Result};
use flate2::read::ZlibDecoder;
use std::io::Read as _;

/// Bytes before the first element: text, subsystem offset, version, `MI`.
const HEADER: usize = 128;

/// The bytes of a tag: type and length.
const TAG: usize = 8;

/// Elements begin at multiples of this many bytes (clause "Data Element Format", padding).
const ALIGNMENT: usize = 8;

/// `miMATRIX`: an array. The types are listed in the table "MAT-File Data Types".
pub(super) const MATRIX: u32 = 14;

/// `miCOMPRESSED`: an element in zlib format.
const COMPRESSED: u32 = 15;

/// One element: its type, and its bytes without tag and padding.
pub(super) struct Element<'a> {
    pub(super) kind: u32,
    pub(super) data: &'a [u8],
}

/// Goes from element to element.
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    order: Order,
}

pub(super) fn u32_at(bytes: &[u8], at: usize, order: Order) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(match order {
        Order::Little => u32::from_le_bytes(word),
        Order::Big => u32::from_be_bytes(word),
    })
}

pub(super) fn damaged(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadHeader, message)
        .advice("the file is damaged; save it again from MATLAB")
}

pub(super) fn truncated(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::Truncated, message)
        .advice("copy the file again from where it was recorded")
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8], order: Order) -> Self {
        Self {
            bytes,
            at: 0,
            order,
        }
    }

    /// Where the next element begins.
    fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// The next element; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>> {
        if self.left() == 0 {
            return Ok(None);
        }
        let cut = |wanted: &str| {
            truncated(format!(
                "the element at byte {} ends before its {wanted}",
                self.at
            ))
        };
        let word = u32_at(self.bytes, self.at, self.order).ok_or_else(|| cut("tag"))?;
        // Clause "Small Data Element Format": length and type share four bytes, and the data are the other four.
        let small = word >> 16;
        if small != 0 {
            let length = small as usize;
            if length > 4 {
                return Err(damaged(format!(
                    "the small element at byte {} claims {length} bytes; at most 4 fit",
                    self.at
                )));
            }
            let from = self.at.saturating_add(4);
            let data = self
                .bytes
                .get(from..from.saturating_add(length))
                .ok_or_else(|| cut("data"))?;
            self.at = self.at.saturating_add(TAG).min(self.bytes.len());
            return Ok(Some(Element {
                kind: word & 0xffff,
                data,
            }));
        }
        let from = self.at.saturating_add(TAG);
        let length =
            u32_at(self.bytes, self.at.saturating_add(4), self.order).ok_or_else(|| cut("tag"))?;
        let end = from.saturating_add(length as usize);
        let data = self.bytes.get(from..end).ok_or_else(|| {
            truncated(format!(
                "the element at byte {} claims {length} bytes, but {} are left",
                self.at,
                self.bytes.len().saturating_sub(from)
            ))
        })?;
        // Compressed elements are not padded.
        let next = if word == COMPRESSED {
            end
        } else {
            end.checked_next_multiple_of(ALIGNMENT).unwrap_or(end)
        };
        self.at = next.min(self.bytes.len());
        Ok(Some(Element { kind: word, data }))
    }
}

/// All variables of the file.
pub(super) fn read(bytes: &[u8], order: Order, budget: &Budget) -> Result<Vec<(String, Value)>> {
    let body = bytes.get(HEADER..).unwrap_or_default();
    let mut elements = Elements::new(body, order);
    let mut variables = Vec::new();
    loop {
        let at = elements.at().saturating_add(HEADER);
        let place = |error: Error| error.at(format!("element at byte {at}"));
        let Some(element) = elements.next().map_err(place)? else {
            return Ok(variables);
        };
        let read = match element.kind {
            MATRIX => matrix::read(element.data, order, budget, 0),
            COMPRESSED => compressed(element.data, order, budget),
            kind => Err(damaged(format!(
                "the type is {kind}; expected an array (14) or a compressed array (15)"
            ))),
        };
        let (name, value) = read.map_err(|error| {
            if error.place().is_none() {
                place(error)
            } else {
                error
            }
        })?;
        // An array without a name is the subsystem data, which belong to objects.
        if !name.is_empty() {
            variables.push((name, value));
        }
    }
}

/// Clause "Compressed Data Element Format": the zlib stream of one whole element with its tag.
fn compressed(data: &[u8], order: Order, budget: &Budget) -> Result<(String, Value)> {
    let broken = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::UnexpectedEof => truncated("the compressed data end too early"),
        _ => damaged(format!("the compressed data are broken ({cause})")),
    };
    let mut stream = ZlibDecoder::new(data);
    let mut tag = [0u8; TAG];
    stream.read_exact(&mut tag).map_err(broken)?;
    let kind = u32_at(&tag, 0, order);
    let length = u32_at(&tag, 4, order).unwrap_or_default() as usize;
    if kind != Some(MATRIX) {
        return Err(damaged(format!(
            "inside the compressed data stands the type {}; expected an array (14)",
            kind.unwrap_or_default()
        )));
    }
    // Charged before anything is unpacked, and never more than this is unpacked.
    budget.charge(length, 1)?;
    let mut unpacked = Vec::new();
    stream
        .by_ref()
        .take(length as u64)
        .read_to_end(&mut unpacked)
        .map_err(broken)?;
    if unpacked.len() < length {
        return Err(truncated(format!(
            "{} bytes were compressed; the tag says {length}",
            unpacked.len()
        )));
    }
    // Reading to the end makes zlib compare its checksum.
    if stream.read(&mut tag).map_err(broken)? > 0 {
        return Err(damaged(format!(
            "more than the {length} bytes of the tag were compressed"
        )));
    }
    let read = matrix::read(&unpacked, order, budget, 0)?;
    budget.refund(length);
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_element_holds_its_data_in_the_tag() {
        let little = [2, 0, 3, 0, b'a', b'b', b'c', 0];
        let mut elements = Elements::new(&little, Order::Little);
        let element = elements.next().unwrap().unwrap();
        assert_eq!((element.kind, element.data), (2, b"abc".as_slice()));
        assert!(elements.next().unwrap().is_none());
        let big = [0, 3, 0, 2, b'a', b'b', b'c', 0];
        let element = Elements::new(&big, Order::Big).next().unwrap().unwrap();
        assert_eq!((element.kind, element.data), (2, b"abc".as_slice()));
    }

    #[test]
    fn elements_are_padded_to_8_bytes() {
        let mut bytes = vec![2, 0, 0, 0, 5, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0];
        bytes.extend([2, 0, 1, 0, 9, 0, 0, 0]);
        let mut elements = Elements::new(&bytes, Order::Little);
        assert_eq!(elements.next().unwrap().unwrap().data, [1, 2, 3, 4, 5]);
        assert_eq!(elements.next().unwrap().unwrap().data, [9]);
    }

    #[test]
    fn lengths_beyond_the_end_are_errors() {
        for bytes in [
            vec![2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1],
            vec![2, 0, 5, 0, 1, 2, 3, 4],
            vec![2, 0, 4, 0, 1, 2],
            vec![2, 0, 0, 0, 1],
            vec![2],
        ] {
            assert!(Elements::new(&bytes, Order::Little).next().is_err());
        }
    }
}
