//! Looks at the heaps of variable-length texts before the library does, because HDF5 2.2.0 never comes back from a damaged one.
//!
//! A global heap collection is a row of objects, each with its length; object 0 is the free space at the end. The library goes from object to
//! object by these lengths, and where a flipped bit makes it see a free space of length 0, it stays there for ever.
//!
//! Source: HDF5 File Format Specification Version 3.0, section III.E, Global Heap; seen in `H5HG__cache_heap_deserialize` of HDF5 2.2.0.

use crate::formats::search;

/// What begins a collection: its signature, and version 1.
const START: &[u8] = b"GCOL\x01";

/// Bytes before the length in the header of a collection and in that of an object.
const BEFORE_LENGTH: usize = 8;

/// Headers and objects are padded to a multiple of this.
const ALIGNMENT: usize = 8;

/// The offset of the first collection that would never end, if there is one. `length_size` is the number of bytes of a length in this file.
pub(super) fn endless(bytes: &[u8], length_size: usize) -> Option<usize> {
    // Every object takes at least its header, so the collections of a sound file hold fewer objects than this; more means that they overlap.
    let mut objects_left = bytes.len() / ALIGNMENT;
    let mut from = 0usize;
    while let Some(at) = search::find(bytes, from, START) {
        if stays(bytes.get(at..)?, length_size, &mut objects_left) {
            return Some(at);
        }
        from = at.checked_add(START.len())?;
    }
    None
}

/// Whether the walk through one collection stands still, or all of them took too many steps.
fn stays(collection: &[u8], length_size: usize, objects_left: &mut usize) -> bool {
    let Some(header) = padded(BEFORE_LENGTH.saturating_add(length_size)) else {
        return false;
    };
    let Some(size) = length(collection, 0, length_size) else {
        return false;
    };
    let mut at = header;
    while at < size {
        let (Some(index), Some(length)) = (
            collection.get(at..at.saturating_add(2)),
            length(collection, at, length_size),
        ) else {
            return false;
        };
        if at.saturating_add(header) > size {
            return false;
        }
        // The library adds without looking whether the sum still fits: a length of 2^64 − 16 is no step at all.
        let step = if index == [0, 0] {
            length
        } else {
            let padded = length.wrapping_add(ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            header.wrapping_add(padded)
        };
        // Beyond the end the library refuses by itself.
        let Some(next) = at.checked_add(step).filter(|&next| next <= size) else {
            return false;
        };
        match objects_left.checked_sub(1) {
            Some(left) if next > at => *objects_left = left,
            _ => return true,
        }
        at = next;
    }
    false
}

/// The length in the header at `at`, low byte first. One that does not fit stands for "beyond every end".
fn length(collection: &[u8], at: usize, size: usize) -> Option<usize> {
    let from = at.checked_add(BEFORE_LENGTH)?;
    let bytes = collection.get(from..from.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0usize, |value, &byte| {
        value
            .checked_mul(256)
            .map_or(usize::MAX, |value| value.saturating_add(usize::from(byte)))
    }))
}

fn padded(length: usize) -> Option<usize> {
    length.checked_next_multiple_of(ALIGNMENT)
}

/// The offset of the first text attribute of one of these names whose text claims to be longer than the whole file. The library takes that
/// much memory, up to 4 GiB, before it looks whether the text exists.
///
/// Source: HDF5 File Format Specification Version 3.0, section IV.A.2.m, The Attribute Message.
pub(super) fn overlong_attribute(bytes: &[u8], names: &[&str]) -> Option<usize> {
    let ends = |a: u8, b: u8, c: u8| a.is_ascii_lowercase() & b.is_ascii_lowercase() & (c == 0);
    let mut from = 0usize;
    // A name ends in two small letters and a zero, which stand nowhere in a signal but by chance.
    while let Some(letters) = search::place(bytes, from, ends) {
        let end = letters + 2;
        for name in names.iter().map(|name| name.as_bytes()) {
            let Some(name_at) = end.checked_sub(name.len()) else {
                continue;
            };
            if bytes.get(name_at..end) != Some(name) {
                continue;
            }
            for before in [HEADER, HEADER + 1] {
                let at = name_at.checked_sub(before);
                if let Some(at) = at.filter(|&at| is_overlong(bytes, at, name)) {
                    return Some(at);
                }
            }
        }
        from = letters + 1;
    }
    None
}

/// Version, flags and three lengths of two bytes each; version 3 has one byte more.
const HEADER: usize = 8;
const NEWEST: u8 = 3;

/// Whether an attribute of that name, whose header begins at `at`, holds a text that claims to be longer than the whole file.
fn is_overlong(bytes: &[u8], at: usize, name: &[u8]) -> bool {
    /// Bit 0 of the flags: the type is stored elsewhere.
    const SHARED: u8 = 1;
    let header = at.checked_add(HEADER).and_then(|end| bytes.get(at..end));
    let Some(
        &[
            version,
            flags,
            low,
            0,
            type_low,
            type_high,
            space_low,
            space_high,
        ],
    ) = header
    else {
        return false;
    };
    let name_size = usize::from(low);
    let from = at + HEADER + usize::from(version == NEWEST);
    if version == 0
        || version > NEWEST
        || flags > NEWEST
        || name_size != name.len() + 1
        || bytes.get(from..from + name.len()) != Some(name)
        || (version > 1 && flags & SHARED != 0)
    {
        return false;
    }
    let pad = |size: usize| {
        if version == 1 {
            size.next_multiple_of(ALIGNMENT)
        } else {
            size
        }
    };
    let type_at = from + pad(name_size);
    let space_at = type_at + pad(usize::from(u16::from_le_bytes([type_low, type_high])));
    let text_at = space_at + pad(usize::from(u16::from_le_bytes([space_low, space_high])));
    let variable = bytes
        .get(type_at)
        .is_some_and(|class| class & CLASS == VARIABLE_LENGTH);
    let empty = bytes
        .get(space_at..space_at + 4)
        .is_some_and(|space| matches!(space, [2, _, _, 2]));
    variable && !empty && overlong(bytes, text_at)
}

/// The low half of the first byte of a type, and what it is for variable length.
const CLASS: u8 = 0x0f;
const VARIABLE_LENGTH: u8 = 9;

/// The position of the first of `count` texts, whose records of `size` bytes begin at `offset`, that claims to be longer than the whole file.
pub(super) fn overlong_record(
    bytes: &[u8],
    offset: usize,
    count: usize,
    size: usize,
) -> Option<usize> {
    (0..count).find(|index| {
        index
            .checked_mul(size)
            .and_then(|from| from.checked_add(offset))
            .is_some_and(|at| overlong(bytes, at))
    })
}

/// The position of the first text whose record, of `size` bytes, claims that it is longer than `longest` bytes.
pub(super) fn overlong_text(records: &[u8], size: usize, longest: u64) -> Option<usize> {
    records
        .chunks_exact(size.max(1))
        .position(|record| length_of_text(record, 0).is_some_and(|length| length > longest))
}

fn overlong(bytes: &[u8], at: usize) -> bool {
    length_of_text(bytes, at).is_some_and(|length| length > bytes.len() as u64)
}

/// The length with which the record of a text begins.
fn length_of_text(bytes: &[u8], at: usize) -> Option<u64> {
    let length = bytes.get(at..at.checked_add(4)?)?;
    Some(u64::from(u32::from_le_bytes(length.try_into().ok()?)))
}

/// The offset of the first fractal heap whose blocks are filtered. Only links and attributes lie in such heaps; no program compresses them, and the
/// library would unfold a block into whatever gzip makes of it.
///
/// Source: HDF5 File Format Specification Version 3.0, section III.G, Fractal Heap.
pub(super) fn filtered(bytes: &[u8]) -> Option<usize> {
    const HEAP: &[u8] = b"FRHP\0";
    /// Signature, version, length of an identifier (2 bytes), then the length of the filters (2 bytes).
    const FILTERS: std::ops::Range<usize> = 7..9;
    let mut from = 0;
    while let Some(at) = search::find(bytes, from, HEAP) {
        let filters = bytes.get(at..).and_then(|header| header.get(FILTERS));
        if filters.is_some_and(|length| length != [0, 0]) {
            return Some(at);
        }
        from = at.checked_add(1)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A collection of 4096 bytes with one object of 5 bytes, and free space of the given length behind it.
    fn collection(free: u64) -> Vec<u8> {
        let mut bytes = vec![0u8; 4096];
        bytes[..5].copy_from_slice(START);
        bytes[8..16].copy_from_slice(&4096u64.to_le_bytes());
        bytes[16] = 1;
        bytes[24..32].copy_from_slice(&5u64.to_le_bytes());
        bytes[48..56].copy_from_slice(&free.to_le_bytes());
        bytes
    }

    #[test]
    fn a_free_space_of_length_0_is_found_wherever_the_collection_lies() {
        assert_eq!(endless(&collection(4056), 8), None);
        let mut file = vec![b'G'; 1000];
        file.extend(collection(4056));
        file.extend(collection(0));
        assert_eq!(endless(&file, 8), Some(5096));
    }

    #[test]
    fn a_length_that_wraps_around_is_found() {
        for (length, stands) in [
            (u64::MAX - 15, true),
            (u64::MAX - 7, false),
            (u64::MAX, true),
        ] {
            let mut bytes = collection(4056);
            bytes[24..32].copy_from_slice(&length.to_le_bytes());
            assert_eq!(endless(&bytes, 8), stands.then_some(0), "{length:x}");
        }
    }

    #[test]
    fn lengths_beyond_the_end_are_left_to_the_library() {
        assert_eq!(endless(&collection(u64::MAX), 8), None);
        assert_eq!(endless(&collection(5000), 8), None);
    }

    #[test]
    fn collections_that_lie_in_each_other_are_refused_instead_of_walked_for_hours() {
        let mut bytes = vec![0u8; 1 << 16];
        for at in (0..bytes.len()).step_by(32) {
            bytes[at..at + 5].copy_from_slice(START);
            bytes[at + 8..at + 16].copy_from_slice(&((1u64 << 16) - at as u64).to_le_bytes());
            // The object ends where the object of the next collection begins.
            bytes[at + 16] = 1;
            bytes[at + 24] = 16;
        }
        assert!(endless(&bytes, 8).is_some());
    }

    /// A message of version 3: a text of variable length, alone in a scalar space.
    fn attribute(length: u32) -> Vec<u8> {
        let mut bytes = vec![0xEE; 11];
        bytes.extend([3, 0, 5, 0, 4, 0, 4, 0, 1]);
        bytes.extend(b"code\0");
        bytes.extend([0x19, 1, 0, 0, 2, 0, 0, 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend([0; 12]);
        bytes
    }

    #[test]
    fn a_text_longer_than_the_file_is_found_before_it_is_read() {
        assert_eq!(overlong_attribute(&attribute(20), &["code"]), None);
        assert_eq!(overlong_attribute(&attribute(u32::MAX), &["sex"]), None);
        assert_eq!(
            overlong_attribute(&attribute(u32::MAX), &["code"]),
            Some(11)
        );
        let records = [[7u8, 0, 0, 0].as_slice(), &[0; 12], &[0xFF; 4], &[0; 12]].concat();
        assert_eq!(overlong_record(&records, 0, 1, 16), None);
        assert_eq!(overlong_record(&records, 0, 2, 16), Some(1));
        assert_eq!(overlong_text(&records, 16, 32), Some(1));
        assert_eq!(overlong_text(&records[..20], 16, 32), None);
    }

    #[test]
    fn a_heap_of_links_with_filters_is_found() {
        let heap = |filters: u8| [b"xxFRHP\0\x08\0".as_slice(), &[filters, 0], &[0; 20]].concat();
        assert_eq!(filtered(&heap(0)), None);
        assert_eq!(filtered(&heap(28)), Some(2));
        assert_eq!(filtered(&heap(28)[..10]), None);
    }

    #[test]
    fn every_name_that_is_looked_for_ends_in_two_small_letters() {
        for name in crate::formats::hdf5::layout::TEXT_ATTRIBUTES {
            let end = &name.as_bytes()[name.len() - 2..];
            assert!(end.iter().all(u8::is_ascii_lowercase), "{name}");
        }
    }

    #[test]
    fn every_cut_of_a_collection_ends() {
        let whole = collection(0);
        for length in 0..60 {
            let _ = endless(&whole[..length], 8);
            let _ = endless(&whole[..length], 4);
        }
    }
}
