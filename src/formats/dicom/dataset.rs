//! The data set of a file, and how its elements are asked for.

use super::guard::{self, EXPLICIT_LITTLE, Encoding};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::matlab::Budget;
use dicom_core::value::PrimitiveValue;
use dicom_core::{Tag, VR};
use dicom_object::InMemDicomObject;
use dicom_object::file::{OpenFileOptions, ReadPreamble};
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Where the letters `DICM` stand (PS3.10 7.1).
pub(super) const PREAMBLE_BYTES: usize = 128;
/// Those letters.
pub(super) const PREFIX: &[u8] = b"DICM";
/// (0002,0000), how long the file meta information is: its head and its value take 12 bytes.
const META_LENGTH: Tag = Tag(0x0002, 0x0000);
/// (0002,0010)
const TRANSFER_SYNTAX: Tag = Tag(0x0002, 0x0010);
/// How much is unfolded at once.
const PIECE_BYTES: usize = 1 << 16;

/// The transfer syntaxes that are no compressed images (PS3.5 A.1 to A.3 and A.5).
const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
const EXPLICIT_LITTLE_UID: &str = "1.2.840.10008.1.2.1";
const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// A data set in memory.
pub(super) struct DataSet {
    pub(super) root: InMemDicomObject,
    pub(super) big_endian: bool,
}

/// What the file meta information says.
struct Meta {
    /// Where the data set begins.
    end: usize,
    syntax: String,
    /// Where the transfer syntax stands.
    syntax_at: std::ops::Range<usize>,
}

fn meta(bytes: &[u8]) -> Result<Meta> {
    let start = PREAMBLE_BYTES + PREFIX.len();
    let bad = |message: &str| {
        Error::new(ErrorCode::BadHeader, message)
            .at("DICOM file meta information, from byte 132")
            .advice("the file is damaged or no DICOM file (PS3.10 7.1); export it again")
    };
    let first = guard::head(bytes, start, EXPLICIT_LITTLE)?;
    let length: Option<[u8; 4]> = (first.tag == META_LENGTH)
        .then(|| bytes.get(first.value..first.end()?)?.try_into().ok())
        .flatten();
    let Some(length) = length.map(u32::from_le_bytes) else {
        return Err(bad("it does not begin with its length (0002,0000)"));
    };
    let end = usize::try_from(length)
        .ok()
        .and_then(|length| first.end()?.checked_add(length));
    let Some((end, all)) = end.and_then(|end| Some((end, bytes.get(start..end)?))) else {
        return Err(Error::new(
            ErrorCode::Truncated,
            format!("it is {length} bytes long, and the file ends before"),
        )
        .at("DICOM file meta information, from byte 132")
        .advice("copy the file again; it is not whole"));
    };
    guard::check(all, EXPLICIT_LITTLE)?;
    let mut at = start;
    while at < end {
        let head = guard::head(bytes, at, EXPLICIT_LITTLE)?;
        let Some(value_end) = head.end() else { break };
        if head.tag == TRANSFER_SYNTAX {
            let syntax_at = head.value..value_end;
            let text = bytes.get(syntax_at.clone()).unwrap_or_default();
            return Ok(Meta {
                end,
                syntax: trimmed(&String::from_utf8_lossy(text)).to_owned(),
                syntax_at,
            });
        }
        at = value_end;
    }
    Err(bad("it does not state the transfer syntax (0002,0010)"))
}

/// Reads the whole data set.
pub(super) fn read(bytes: &[u8]) -> Result<DataSet> {
    let meta = meta(bytes)?;
    let stored = bytes.get(meta.end..).unwrap_or_default();
    let (explicit, big_endian) = match meta.syntax.as_str() {
        IMPLICIT_LITTLE => (false, false),
        EXPLICIT_LITTLE_UID | DEFLATED => (true, false),
        EXPLICIT_BIG => (true, true),
        other => {
            return Err(Error::new(
                ErrorCode::Unsupported,
                format!("the transfer syntax {other} is none of those for waveforms: 1.2.840.10008.1.2, .1, .2 and .1.99"),
            )
            .at("DICOM element (0002,0010)")
            .advice("convert the object to Explicit VR Little Endian, for example with dcmconv +te (DCMTK)"));
        }
    };
    let mut head = bytes.get(..meta.end).unwrap_or_default().to_vec();
    let data = if meta.syntax == DEFLATED {
        // From here on it is what it unfolds into; an identifier may be padded by zeros (PS3.5 9.1).
        let place = head.get_mut(meta.syntax_at).unwrap_or_default();
        place.fill(0);
        for (to, from) in place.iter_mut().zip(EXPLICIT_LITTLE_UID.bytes()) {
            *to = from;
        }
        Cow::Owned(unfold(stored)?)
    } else {
        Cow::Borrowed(stored)
    };
    guard::check(
        &data,
        Encoding {
            explicit,
            big_endian,
        },
    )?;
    let object = OpenFileOptions::new()
        .read_preamble(ReadPreamble::Always)
        .from_reader(head.as_slice().chain(data.as_ref()))
        // Only the outermost message: those inside may repeat what stands in an element.
        .map_err(|cause| {
            Error::new(ErrorCode::BadHeader, cause.to_string())
                .at("DICOM data set")
                .advice("the file is damaged; export it again")
        })?;
    Ok(DataSet {
        root: object.into_inner(),
        big_endian,
    })
}

/// Deflated Explicit VR Little Endian (PS3.5 A.5), as far as a file of its length may reasonably unfold.
fn unfold(stored: &[u8]) -> Result<Vec<u8>> {
    let budget = Budget::of(stored.len());
    let mut decoder = DeflateDecoder::new(stored);
    let mut all = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let got = decoder.read(&mut piece).map_err(|cause| {
            Error::new(
                ErrorCode::Truncated,
                format!("the deflated data set cannot be unfolded: {cause}"),
            )
            .at("DICOM data set")
            .advice("copy the file again; it is damaged or not whole")
        })?;
        if got == 0 {
            return Ok(all);
        }
        budget.charge(got, 1)?;
        all.extend_from_slice(piece.get(..got).unwrap_or_default());
    }
}

/// Spaces and zeros pad texts to an even length (PS3.5 6.2).
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// A text that is not empty.
pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let element = object.get(tag)?;
    let text = element.value().primitive()?.to_str();
    let text = trimmed(&text);
    (!text.is_empty()).then(|| text.to_owned())
}

/// All numbers of an element, whatever their representation; empty if it is absent or empty.
pub(super) fn numbers(object: &InMemDicomObject, tag: Tag, place: &str) -> Result<Vec<f64>> {
    let Some(value) = object
        .get(tag)
        .and_then(|element| element.value().primitive())
    else {
        return Ok(Vec::new());
    };
    let texts = value.to_multi_str();
    if let [only] = texts.as_ref()
        && trimmed(only).is_empty()
    {
        return Ok(Vec::new());
    }
    texts
        .iter()
        .map(|text| {
            trimmed(text)
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .ok_or_else(|| {
                    Error::new(
                        ErrorCode::BadHeader,
                        format!("\"{}\" is no number", trimmed(text)),
                    )
                    .at(format!("{place}, {tag}"))
                    .advice("the object is not valid; export it again")
                })
        })
        .collect()
}

/// The first number of an element.
pub(super) fn number(object: &InMemDicomObject, tag: Tag, place: &str) -> Result<Option<f64>> {
    Ok(numbers(object, tag, place)?.first().copied())
}

/// A count that must be there and above 0.
pub(super) fn count(object: &InMemDicomObject, tag: Tag, place: &str) -> Result<usize> {
    let found = number(object, tag, place)?;
    match found {
        // Counts are 16 or 32 bits wide, so that a double holds them.
        Some(count) if count >= 1.0 && count.fract() == 0.0 && count <= f64::from(u32::MAX) => {
            Ok(count as usize)
        }
        _ => Err(Error::new(
            ErrorCode::BadHeader,
            match found {
                Some(found) => format!("{found}; a count above 0 is expected"),
                None => "it is absent; a count above 0 is expected".to_owned(),
            },
        )
        .at(format!("{place}, {tag}"))
        .advice("the object is not valid; export it again")),
    }
}

/// The items of a sequence; none if it is absent.
pub(super) fn items(object: &InMemDicomObject, tag: Tag) -> &[InMemDicomObject] {
    object
        .get(tag)
        .and_then(|element| element.value().items())
        .unwrap_or_default()
}

/// A code (PS3.3 8.8).
pub(super) struct Code {
    pub(super) value: String,
    pub(super) scheme: String,
    pub(super) meaning: String,
}

/// The code in the first item of a sequence.
pub(super) fn code(object: &InMemDicomObject, tag: Tag) -> Option<Code> {
    items(object, tag).first().map(code_of)
}

/// The code that an item is.
pub(super) fn code_of(item: &InMemDicomObject) -> Code {
    use dicom_dictionary_std::tags;
    let of = |tag| text(item, tag).unwrap_or_default();
    Code {
        value: of(tags::CODE_VALUE),
        scheme: of(tags::CODING_SCHEME_DESIGNATOR),
        meaning: of(tags::CODE_MEANING),
    }
}

/// The bytes of a value of OB or OW, the least significant first.
pub(super) fn bytes(object: &InMemDicomObject, tag: Tag) -> Option<Cow<'_, [u8]>> {
    let element = object.get(tag)?;
    if !matches!(element.vr(), VR::OB | VR::OW | VR::UN) {
        return None;
    }
    match element.value().primitive()? {
        PrimitiveValue::U8(values) => Some(Cow::Borrowed(values)),
        PrimitiveValue::U16(values) => Some(Cow::Owned(
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        )),
        _ => None,
    }
}
