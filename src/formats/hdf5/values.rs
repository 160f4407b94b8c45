//! Numbers and texts out of datasets and attributes, each checked for its type and size before it is read.

use super::chunks::{self, Stored};
use super::guard::{Opened, library};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::Samples;
use ::hdf5::types::{
    FixedAscii, FixedUnicode, FloatSize, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode,
};
use ::hdf5::{Container, Dataset, H5Type, Location};
use ndarray::s;

/// The types that matter here.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::formats) enum Kind {
    Signed(usize),
    Unsigned(usize),
    Float(usize),
    /// Text, and how it is stored.
    Text(TypeDescriptor),
    /// Anything else, by its name.
    Other(String),
}

impl Kind {
    /// As a person who knows h5py names it: `int16`.
    pub(in crate::formats) fn name(&self) -> String {
        match self {
            Self::Signed(size) => format!("int{}", size * 8),
            Self::Unsigned(size) => format!("uint{}", size * 8),
            Self::Float(size) => format!("float{}", size * 8),
            Self::Text(_) => "text".to_owned(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// Above this size a type is no number.
const LARGEST_NUMBER: usize = 8;

/// The type of a dataset or attribute.
pub(in crate::formats) fn kind_of(container: &Container, place: &str) -> Result<Kind> {
    let dtype = container.dtype().map_err(|cause| library(cause, place))?;
    let size = dtype.size();
    // The bindings describe an enumeration through a buffer of 8 bytes, whatever its size is, so larger types are not described.
    if size > LARGEST_NUMBER {
        let text = [
            (
                dtype.conv_to::<FixedUnicode<1>>().is_some(),
                TypeDescriptor::FixedUnicode(size),
            ),
            (
                dtype.conv_to::<FixedAscii<1>>().is_some(),
                TypeDescriptor::FixedAscii(size),
            ),
        ];
        return Ok(text
            .into_iter()
            .find_map(|(is, kind)| is.then_some(Kind::Text(kind)))
            .unwrap_or_else(|| Kind::Other(format!("compound or other type of {size} bytes"))));
    }
    let described = match dtype.to_descriptor() {
        Ok(described) => described,
        Err(cause) => return Ok(Kind::Other(format!("{cause}"))),
    };
    Ok(match described {
        TypeDescriptor::Integer(size) => Kind::Signed(bytes_of(size)),
        TypeDescriptor::Unsigned(size) => Kind::Unsigned(bytes_of(size)),
        TypeDescriptor::Float(FloatSize::U4) => Kind::Float(4),
        TypeDescriptor::Float(FloatSize::U8) => Kind::Float(8),
        text @ (TypeDescriptor::FixedAscii(_)
        | TypeDescriptor::FixedUnicode(_)
        | TypeDescriptor::VarLenAscii
        | TypeDescriptor::VarLenUnicode) => Kind::Text(text),
        other => Kind::Other(other.to_string()),
    })
}

fn bytes_of(size: IntSize) -> usize {
    match size {
        IntSize::U1 => 1,
        IntSize::U2 => 2,
        IntSize::U4 => 4,
        IntSize::U8 => 8,
    }
}

/// How many values there are; none for an empty dataspace.
pub(in crate::formats) fn count(container: &Container, place: &str) -> Result<usize> {
    let space = container.space().map_err(|cause| library(cause, place))?;
    if space.is_null() {
        return Ok(0);
    }
    space
        .shape()
        .iter()
        .try_fold(1usize, |product, &side| product.checked_mul(side))
        .ok_or_else(|| {
            Error::new(
                ErrorCode::TooLarge,
                format!("a shape of {:?}", space.shape()),
            )
            .at(place)
        })
}

fn raw<T: H5Type + Copy + Default>(
    opened: &Opened,
    container: &Container,
    place: &str,
) -> Result<Vec<T>> {
    let count = count(container, place)?;
    opened.charge(count, size_of::<T>(), place)?;
    by_library(opened, container, count, place)
}

/// The samples of a dataset that stores this type or one that fits into it.
fn signal<T: Stored>(opened: &Opened, dataset: &Dataset, place: &str) -> Result<Vec<T>> {
    let count = count(dataset, place)?;
    opened.charge(count, size_of::<T>(), place)?;
    match chunks::unpack(dataset, count) {
        Some(values) => Ok(values),
        None => by_library(opened, dataset, count, place),
    }
}

fn by_library<T: H5Type + Copy + Default>(
    opened: &Opened,
    container: &Container,
    count: usize,
    place: &str,
) -> Result<Vec<T>> {
    opened.check_stored(container, count, size(container, place)?, place)?;
    // Filled before it is read into: the library leaves what was never written untouched.
    let mut values = vec![T::default(); count];
    if count > 0 {
        container
            .read_into_raw(&mut values)
            .map_err(|cause| library(cause, place))?;
    }
    Ok(values)
}

/// The size of one value as the type says it.
fn size(container: &Container, place: &str) -> Result<usize> {
    let dtype = container.dtype().map_err(|cause| library(cause, place))?;
    Ok(dtype.size())
}

fn wrong_kind(kind: &Kind, expected: &str, place: &str) -> Error {
    Error::new(
        ErrorCode::Unsupported,
        format!("the type is {}; expected {expected}", kind.name()),
    )
    .at(place)
}

/// The samples of a dataset, in memory order, in the smallest of our types that holds them without loss.
pub(in crate::formats) fn samples(
    opened: &Opened,
    dataset: &Dataset,
    place: &str,
) -> Result<Samples> {
    Ok(match kind_of(dataset, place)? {
        Kind::Signed(1 | 2) | Kind::Unsigned(1) => Samples::I16(signal(opened, dataset, place)?),
        Kind::Signed(4) | Kind::Unsigned(2) => Samples::I32(signal(opened, dataset, place)?),
        Kind::Float(4) => Samples::F32(signal(opened, dataset, place)?),
        Kind::Float(8) => Samples::F64(signal(opened, dataset, place)?),
        Kind::Unsigned(4) => wide(raw::<i64>(opened, dataset, place)?, place)?,
        // 64 bits are what NumPy makes of integers if nothing else is asked for; the numbers themselves are mostly small.
        Kind::Signed(8) => wide(raw::<i64>(opened, dataset, place)?, place)?,
        Kind::Unsigned(8) => {
            let values = raw::<u64>(opened, dataset, place)?;
            let signed: Option<Vec<i64>> = values
                .iter()
                .map(|&value| i64::try_from(value).ok())
                .collect();
            wide(signed.ok_or_else(|| too_wide(place))?, place)?
        }
        kind => {
            return Err(wrong_kind(
                &kind,
                "integers or floats of 32 or 64 bits",
                place,
            ));
        }
    })
}

fn wide(values: Vec<i64>, place: &str) -> Result<Samples> {
    let narrow: Option<Vec<i32>> = values
        .iter()
        .map(|&value| i32::try_from(value).ok())
        .collect();
    if let Some(narrow) = narrow {
        return Ok(Samples::I32(narrow));
    }
    if values
        .iter()
        .all(|value| value.unsigned_abs() <= EXACT_IN_F64)
    {
        return Ok(Samples::F64(
            values.into_iter().map(|value| value as f64).collect(),
        ));
    }
    Err(too_wide(place))
}

/// Up to here every integer is a double.
const EXACT_IN_F64: u64 = 1 << 53;

fn too_wide(place: &str) -> Error {
    Error::new(
        ErrorCode::Unsupported,
        "integers beyond 2^53, which no double holds exactly",
    )
    .at(place)
}

/// Any numbers, as doubles.
pub(in crate::formats) fn numbers(
    opened: &Opened,
    container: &Container,
    place: &str,
) -> Result<Vec<f64>> {
    match kind_of(container, place)? {
        Kind::Signed(_) | Kind::Unsigned(_) | Kind::Float(_) => raw(opened, container, place),
        kind => Err(wrong_kind(&kind, "numbers", place)),
    }
}

/// Integers, such as lengths and indices.
pub(in crate::formats) fn integers(
    opened: &Opened,
    container: &Container,
    place: &str,
) -> Result<Vec<i64>> {
    match kind_of(container, place)? {
        Kind::Signed(_) | Kind::Unsigned(_) => raw(opened, container, place),
        kind => Err(wrong_kind(&kind, "integers", place)),
    }
}

/// A text, and whether it was UTF-8 (else it was read as Latin-1).
pub(in crate::formats) type Text = (String, bool);

fn text_of(bytes: &[u8]) -> Text {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (bytes.iter().map(|&byte| char::from(byte)).collect(), false),
    }
}

/// Fixed texts are read through buffers of these lengths; longer ones are refused.
const SHORT: usize = 64;
const MIDDLE: usize = 1024;
const LONG: usize = 1 << 16;

/// The texts of a dataset with one dimension, or of an attribute.
pub(in crate::formats) fn texts(
    opened: &Opened,
    container: &Container,
    place: &str,
) -> Result<Vec<Text>> {
    let kind = kind_of(container, place)?;
    let Kind::Text(stored) = &kind else {
        return Err(wrong_kind(&kind, "text", place));
    };
    let many = count(container, place)?;
    // A text of variable length may be as long as the file, and many may point to the same one.
    let file = usize::try_from(opened.bytes()).unwrap_or(usize::MAX);
    if matches!(
        stored,
        TypeDescriptor::VarLenUnicode | TypeDescriptor::VarLenAscii
    ) {
        opened.check_stored(container, many, opened.record_size()?, place)?;
        opened.check_texts(place)?;
        if let Ok(dataset) = container.as_dataset() {
            opened.check_records(&dataset, many, place)?;
        }
    } else {
        opened.check_stored(container, many, size(container, place)?, place)?;
    }
    match *stored {
        TypeDescriptor::VarLenUnicode => pieces::<VarLenUnicode>(opened, container, file, place),
        TypeDescriptor::VarLenAscii => pieces::<VarLenAscii>(opened, container, file, place),
        TypeDescriptor::FixedAscii(size) if size <= SHORT => {
            pieces::<FixedAscii<SHORT>>(opened, container, SHORT, place)
        }
        TypeDescriptor::FixedAscii(size) if size <= MIDDLE => {
            pieces::<FixedAscii<MIDDLE>>(opened, container, MIDDLE, place)
        }
        TypeDescriptor::FixedAscii(size) if size <= LONG => {
            pieces::<FixedAscii<LONG>>(opened, container, LONG, place)
        }
        TypeDescriptor::FixedUnicode(size) if size <= SHORT => {
            pieces::<FixedUnicode<SHORT>>(opened, container, SHORT, place)
        }
        TypeDescriptor::FixedUnicode(size) if size <= MIDDLE => {
            pieces::<FixedUnicode<MIDDLE>>(opened, container, MIDDLE, place)
        }
        TypeDescriptor::FixedUnicode(size) if size <= LONG => {
            pieces::<FixedUnicode<LONG>>(opened, container, LONG, place)
        }
        _ => Err(Error::new(
            ErrorCode::Unsupported,
            format!("texts of more than {LONG} bytes"),
        )
        .at(place)),
    }
}

/// So much is held while texts are read, beyond one text.
const TEXT_BUFFER: usize = 4 << 20;

fn pieces<T: H5Type + AsRef<[u8]>>(
    opened: &Opened,
    container: &Container,
    longest: usize,
    place: &str,
) -> Result<Vec<Text>> {
    let count = count(container, place)?;
    opened.charge(count, size_of::<Text>(), place)?;
    let keep = |read: &[T], out: &mut Vec<Text>| -> Result<()> {
        for text in read {
            opened.charge(text.as_ref().len(), 1, place)?;
            out.push(text_of(text.as_ref()));
        }
        Ok(())
    };
    let mut out = Vec::with_capacity(count);
    if count == 0 {
        return Ok(out);
    }
    let shape = container.shape();
    if count == 1 {
        let read = container
            .read_raw::<T>()
            .map_err(|cause| library(cause, place))?;
        keep(&read, &mut out)?;
    } else if shape.len() == 1 {
        let step = (TEXT_BUFFER / longest.max(1)).clamp(1, 4096);
        let mut from = 0;
        while from < count {
            let to = from.saturating_add(step).min(count);
            let read = container
                .read_slice_1d::<T, _>(s![from..to])
                .map_err(|cause| library(cause, place))?;
            keep(read.as_slice().unwrap_or_default(), &mut out)?;
            from = to;
        }
    } else {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!("texts in a shape of {shape:?}; expected one dimension"),
        )
        .at(place));
    }
    Ok(out)
}

/// The attributes of one object, with the place for messages.
pub(in crate::formats) struct Attributes<'a> {
    opened: &'a Opened<'a>,
    object: &'a Location,
    names: Vec<String>,
    place: String,
}

impl<'a> Attributes<'a> {
    pub(in crate::formats) fn of(
        opened: &'a Opened<'a>,
        object: &'a Location,
        place: &str,
    ) -> Result<Self> {
        let names = object.attr_names().map_err(|cause| library(cause, place))?;
        Ok(Self {
            opened,
            object,
            names,
            place: place.to_owned(),
        })
    }

    pub(in crate::formats) fn names(&self) -> &[String] {
        &self.names
    }

    fn open(&self, name: &str) -> Result<Option<(::hdf5::Attribute, String)>> {
        if !self.names.iter().any(|known| known == name) {
            return Ok(None);
        }
        let place = format!("{}, attribute \"{name}\"", self.place);
        let attribute = self
            .object
            .attr(name)
            .map_err(|cause| library(cause, &place))?;
        Ok(Some((attribute, place)))
    }

    /// Exactly `N` numbers, or `None` if there is no such attribute.
    pub(super) fn numbers<const N: usize>(&self, name: &str) -> Result<Option<[f64; N]>> {
        let Some((attribute, place)) = self.open(name)? else {
            return Ok(None);
        };
        let values = numbers(self.opened, &attribute, &place)?;
        let found = values.len();
        <[f64; N]>::try_from(values)
            .map(Some)
            .map_err(|_| wrong_count(found, N, &place))
    }

    /// One number.
    pub(in crate::formats) fn number(&self, name: &str) -> Result<Option<f64>> {
        Ok(self.numbers::<1>(name)?.map(|[value]| value))
    }

    /// One text in UTF-8.
    pub(in crate::formats) fn text(&self, name: &str) -> Result<Option<String>> {
        let Some((attribute, place)) = self.open(name)? else {
            return Ok(None);
        };
        if count(&attribute, &place)? != 1 {
            return Err(wrong_count(count(&attribute, &place)?, 1, &place));
        }
        match texts(self.opened, &attribute, &place)?.pop() {
            Some((text, true)) => Ok(Some(text)),
            Some((text, false)) => Err(Error::new(
                ErrorCode::BadHeader,
                format!("the text is not UTF-8; as Latin-1 it reads {text:?}"),
            )
            .at(place)
            .advice("write it again as UTF-8 (a str in h5py)")),
            None => Err(wrong_count(0, 1, &place)),
        }
    }
}

fn wrong_count(found: usize, expected: usize, place: &str) -> Error {
    Error::new(
        ErrorCode::BadHeader,
        format!("{found} values; expected {expected}"),
    )
    .at(place)
}
