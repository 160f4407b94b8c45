//! Walks the structure of a data set before dicom-rs reads it (PS3.5 7.1 to 7.5).
//!
//! dicom-rs takes memory for a value by its stated length alone, up to 4 GB, and descends into sequences without a limit; a stack that
//! overflows cannot be caught. What passes here has every length inside the file, sequences and items that end where they say, and bounded nesting.

use crate::error::{Error, ErrorCode, Result};
use dicom_core::dictionary::DataDictionaryEntry;
use dicom_core::{DataDictionary, Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

/// Items inside items are followed so far. Heuristic: a waveform object nests five deep (group, channel, unit, modifier, its code).
const MAX_DEPTH: usize = 32;
/// No object may have more elements and items. Heuristic: 20 000 annotations of ten elements are 200 000; each takes some hundred bytes of memory.
const MAX_ELEMENTS: usize = 400_000;
/// The longest value that is no block of bytes, in bytes. Heuristic: texts and lists of numbers are short; each value of a list takes some 24 bytes of memory.
const MAX_LIST_BYTES: usize = 4 << 20;
/// The length of what ends at a delimiter (PS3.5 7.1.1).
const UNDEFINED: u32 = u32::MAX;

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// How elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    /// Each element states its value representation.
    pub(super) explicit: bool,
    /// The most significant byte goes first.
    pub(super) big_endian: bool,
}

/// What group 2 and the file meta information use.
pub(super) const EXPLICIT_LITTLE: Encoding = Encoding {
    explicit: true,
    big_endian: false,
};

/// The head of an element.
pub(super) struct Head {
    pub(super) tag: Tag,
    vr: VR,
    length: u32,
    /// Where the value begins.
    pub(super) value: usize,
}

impl Head {
    /// Where the value ends, if its length is stated.
    pub(super) fn end(&self) -> Option<usize> {
        if self.length == UNDEFINED {
            return None;
        }
        self.value.checked_add(usize::try_from(self.length).ok()?)
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn short(bytes: &[u8], at: usize, encoding: Encoding) -> Option<u16> {
    let raw = take(bytes, at)?;
    Some(if encoding.big_endian {
        u16::from_be_bytes(raw)
    } else {
        u16::from_le_bytes(raw)
    })
}

fn long(bytes: &[u8], at: usize, encoding: Encoding) -> Option<u32> {
    let raw = take(bytes, at)?;
    Some(if encoding.big_endian {
        u32::from_be_bytes(raw)
    } else {
        u32::from_le_bytes(raw)
    })
}

/// The byte and the tag, for a person.
pub(super) fn place(at: usize, tag: Tag) -> String {
    format!("DICOM element {tag}, byte {at}")
}

fn truncated(at: usize) -> Error {
    Error::new(
        ErrorCode::Truncated,
        "the file ends inside an element or before the end of a sequence",
    )
    .at(format!("DICOM data set, byte {at}"))
    .advice("copy the file again; it is not whole")
}

/// The head of the element or delimiter at `at`.
pub(super) fn head(bytes: &[u8], at: usize, encoding: Encoding) -> Result<Head> {
    read_head(bytes, at, encoding).ok_or_else(|| truncated(at))?
}

fn read_head(bytes: &[u8], at: usize, encoding: Encoding) -> Option<Result<Head>> {
    let tag = Tag(
        short(bytes, at, encoding)?,
        short(bytes, at.checked_add(2)?, encoding)?,
    );
    let after_tag = at.checked_add(4)?;
    let plain = |vr, length| {
        Some(Ok(Head {
            tag,
            vr,
            length,
            value: after_tag.checked_add(4)?,
        }))
    };
    if matches!(tag, ITEM | ITEM_END | SEQUENCE_END) {
        return plain(VR::UN, long(bytes, after_tag, encoding)?);
    }
    if !encoding.explicit {
        let vr = StandardDataDictionary
            .by_tag(tag)
            .map_or(VR::UN, |entry| entry.vr().relaxed());
        return plain(vr, long(bytes, after_tag, encoding)?);
    }
    let Some(vr) = VR::from_binary(take(bytes, after_tag)?) else {
        return Some(Err(Error::new(
            ErrorCode::BadHeader,
            "the element has no value representation that is known; expected two letters of PS3.5 6.2",
        )
        .at(place(at, tag))
        .advice("the file is damaged, or its transfer syntax is not the one that it states")));
    };
    if has_short_length(vr) {
        return plain(
            vr,
            u32::from(short(bytes, after_tag.checked_add(2)?, encoding)?),
        );
    }
    Some(Ok(Head {
        tag,
        vr,
        length: long(bytes, after_tag.checked_add(4)?, encoding)?,
        value: after_tag.checked_add(8)?,
    }))
}

/// PS3.5 7.1.2: these have a length of 16 bits.
fn has_short_length(vr: VR) -> bool {
    matches!(
        vr,
        VR::AE
            | VR::AS
            | VR::AT
            | VR::CS
            | VR::DA
            | VR::DS
            | VR::DT
            | VR::FL
            | VR::FD
            | VR::IS
            | VR::LO
            | VR::LT
            | VR::PN
            | VR::SH
            | VR::SL
            | VR::SS
            | VR::ST
            | VR::TM
            | VR::UI
            | VR::UL
            | VR::US
    )
}

/// Values that dicom-rs keeps as they are, so that they take no more memory than in the file.
fn is_block(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OW | VR::UN)
}

/// A sequence or an item that is not over.
struct Open {
    is_item: bool,
    /// Where it ends; `None`: at its delimiter.
    end: Option<usize>,
    /// Nothing inside may reach beyond.
    limit: usize,
}

/// Refuses a data set whose structure cannot be trusted. `bytes` is the data set alone.
pub(super) fn check(bytes: &[u8], encoding: Encoding) -> Result<()> {
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0_usize;
    let mut elements = 0_usize;
    loop {
        while open.last().is_some_and(|level| level.end == Some(at)) {
            open.pop();
        }
        let (is_sequence, limit, ends_at_delimiter) = match open.last() {
            Some(level) => (!level.is_item, level.limit, level.end.is_none()),
            None if at >= bytes.len() => return Ok(()),
            None => (false, bytes.len(), false),
        };
        let head = head(bytes, at, encoding)?;
        elements += 1;
        if elements > MAX_ELEMENTS {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("more than {MAX_ELEMENTS} elements; a waveform object has a few thousand"),
            )
            .at(place(at, head.tag)));
        }
        let bad = |message: &str| {
            Error::new(ErrorCode::BadHeader, message)
                .at(place(at, head.tag))
                .advice("the file is damaged; export it again")
        };
        if head.value > limit {
            return Err(bad("the element reaches beyond the item that holds it"));
        }
        let end = head.end();
        if end.is_none() && head.length != UNDEFINED || end.is_some_and(|end| end > limit) {
            return Err(if limit == bytes.len() {
                truncated(at)
            } else {
                bad("the element reaches beyond the item that holds it")
            });
        }
        match head.tag {
            ITEM if is_sequence => {
                if open.len() >= 2 * MAX_DEPTH {
                    return Err(Error::new(
                        ErrorCode::TooLarge,
                        format!("items are nested deeper than {MAX_DEPTH}"),
                    )
                    .at(place(at, head.tag)));
                }
                open.push(Open {
                    is_item: true,
                    end,
                    limit: end.unwrap_or(limit),
                });
                at = head.value;
            }
            SEQUENCE_END | ITEM_END => {
                let fits = ends_at_delimiter && is_sequence == (head.tag == SEQUENCE_END);
                if !fits || head.length != 0 || open.pop().is_none() {
                    return Err(bad("a delimiter without anything that it could end"));
                }
                at = head.value;
            }
            ITEM => return Err(bad("an item outside of a sequence")),
            _ if is_sequence => return Err(bad("an element where an item is expected")),
            _ if head.vr == VR::SQ || (end.is_none() && !encoding.explicit) => {
                open.push(Open {
                    is_item: false,
                    end,
                    limit: end.unwrap_or(limit),
                });
                at = head.value;
            }
            _ => {
                let Some(end) = end else {
                    return Err(Error::new(
                        ErrorCode::Unsupported,
                        "a value of undefined length, as compressed images and unknown sequences have; none is expected in a waveform object",
                    )
                    .at(place(at, head.tag))
                    .advice("export the object without private elements and images"));
                };
                if !is_block(head.vr) && end - head.value > MAX_LIST_BYTES {
                    return Err(Error::new(
                        ErrorCode::TooLarge,
                        format!(
                            "a text or list of {} bytes; at most {MAX_LIST_BYTES} are read",
                            end - head.value
                        ),
                    )
                    .at(place(at, head.tag)));
                }
                at = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMPLICIT: Encoding = Encoding {
        explicit: false,
        big_endian: false,
    };

    fn sequence(length: u32) -> Vec<u8> {
        let mut bytes = vec![0x00, 0x54, 0x00, 0x01, b'S', b'Q', 0, 0];
        bytes.extend(length.to_le_bytes());
        bytes
    }

    fn item(length: u32) -> Vec<u8> {
        let mut bytes = vec![0xFE, 0xFF, 0x00, 0xE0];
        bytes.extend(length.to_le_bytes());
        bytes
    }

    const END_OF_ITEM: [u8; 8] = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];
    const END_OF_SEQUENCE: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

    fn code(bytes: &[u8]) -> Option<ErrorCode> {
        check(bytes, EXPLICIT_LITTLE)
            .err()
            .map(|error| error.code())
    }

    #[test]
    fn sequences_end_at_their_length_or_at_their_delimiter() {
        let stated = [sequence(8), item(0)].concat();
        assert_eq!(code(&stated), None);
        let open = [
            sequence(UNDEFINED),
            item(UNDEFINED),
            END_OF_ITEM.to_vec(),
            END_OF_SEQUENCE.to_vec(),
        ]
        .concat();
        assert_eq!(code(&open), None);
        assert_eq!(code(&open[..open.len() - 8]), Some(ErrorCode::Truncated));
        let wrong = [sequence(8), END_OF_ITEM.to_vec()].concat();
        assert_eq!(code(&wrong), Some(ErrorCode::BadHeader));
        assert_eq!(code(&END_OF_SEQUENCE), Some(ErrorCode::BadHeader));
    }

    #[test]
    fn a_value_longer_than_the_file_is_refused_before_memory_is_taken() {
        let mut bytes = vec![0x00, 0x54, 0x10, 0x10, b'O', b'W', 0, 0];
        bytes.extend(0xFFFF_FFF0_u32.to_le_bytes());
        assert_eq!(code(&bytes), Some(ErrorCode::Truncated));
        let implicit = [&[0x00, 0x54, 0x10, 0x10][..], &[0xF0, 0xFF, 0xFF, 0xFF]].concat();
        let error = check(&implicit, IMPLICIT).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Truncated);
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let nested: Vec<u8> =
            std::iter::repeat_n([sequence(UNDEFINED), item(UNDEFINED)].concat(), 100_000)
                .flatten()
                .collect();
        assert_eq!(code(&nested), Some(ErrorCode::TooLarge));
    }

    #[test]
    fn elements_without_end_are_refused() {
        let many = [0x08, 0x00, 0x70, 0x00, b'L', b'O', 0, 0].repeat(MAX_ELEMENTS + 1);
        assert_eq!(code(&many), Some(ErrorCode::TooLarge));
    }

    #[test]
    fn an_item_may_not_reach_beyond_its_sequence() {
        assert_eq!(
            code(&[sequence(8), item(8), vec![0; 8]].concat()),
            Some(ErrorCode::BadHeader)
        );
    }
}
