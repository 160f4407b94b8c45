//! A multiplex group: channels that were digitized together (PS3.3 C.10.9).

use super::dataset::{self, DataSet};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::Mapping;
use crate::recording::Samples;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::borrow::Cow;

/// How a sample is written (PS3.3 C.10.9.1.5, PS3.5 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// SB
    I8,
    /// UB
    U8,
    /// SS
    I16,
    /// US
    U16,
    /// SL
    I32,
    /// UL
    U32,
}

impl Coding {
    fn of(bits: usize, interpretation: &str) -> Option<Self> {
        Some(match (bits, interpretation) {
            (8, "SB") => Self::I8,
            (8, "UB") => Self::U8,
            (16, "SS") => Self::I16,
            (16, "US") => Self::U16,
            (32, "SL") => Self::I32,
            (32, "UL") => Self::U32,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 => 4,
        }
    }

    /// The number in the first bytes, the least significant first.
    fn stored(self, bytes: &[u8]) -> Option<i64> {
        Some(match self {
            Self::I8 => i64::from(i8::from_le_bytes([*bytes.first()?])),
            Self::U8 => i64::from(*bytes.first()?),
            Self::I16 => i64::from(i16::from_le_bytes(bytes.first_chunk().copied()?)),
            Self::U16 => i64::from(u16::from_le_bytes(bytes.first_chunk().copied()?)),
            Self::I32 => i64::from(i32::from_le_bytes(bytes.first_chunk().copied()?)),
            Self::U32 => i64::from(u32::from_le_bytes(bytes.first_chunk().copied()?)),
        })
    }

    /// The range of a number of so many significant bits.
    pub(super) fn range(self, bits: u32) -> (f64, f64) {
        let whole = 2_f64.powi(bits.min(self.bytes() as u32 * 8) as i32);
        match self {
            Self::I8 | Self::I16 | Self::I32 => (-whole / 2.0, whole / 2.0 - 1.0),
            Self::U8 | Self::U16 | Self::U32 => (0.0, whole - 1.0),
        }
    }

    /// Stored numbers in the narrowest type that holds all of the coding.
    pub(super) fn samples(self, values: &[i64]) -> Samples {
        match self {
            Self::I8 | Self::U8 | Self::I16 => Samples::I16(
                values
                    .iter()
                    .filter_map(|&v| i16::try_from(v).ok())
                    .collect(),
            ),
            Self::U16 | Self::I32 => Samples::I32(
                values
                    .iter()
                    .filter_map(|&v| i32::try_from(v).ok())
                    .collect(),
            ),
            // 32 bits fit into a double exactly.
            Self::U32 => Samples::F64(values.iter().map(|&v| v as f64).collect()),
        }
    }
}

/// An item of the Waveform Sequence.
pub(super) struct Group<'a> {
    pub(super) place: String,
    pub(super) item: &'a InMemDicomObject,
    /// When its first sample was taken, in s on the clock of the recording.
    pub(super) start: f64,
    /// Whether the file says when.
    pub(super) is_placed: bool,
    /// Samples per second.
    pub(super) rate: f64,
    /// Samples of each channel.
    pub(super) length: usize,
    pub(super) coding: Coding,
    /// One item for each channel.
    pub(super) definitions: &'a [InMemDicomObject],
    /// What stands where nothing was recorded.
    padding: Option<i64>,
    data: Cow<'a, [u8]>,
    /// Bytes beyond what the header states.
    pub(super) excess: usize,
}

impl<'a> Group<'a> {
    pub(super) fn read(
        set: &DataSet,
        item: &'a InMemDicomObject,
        number: usize,
        mapping: &Mapping,
    ) -> Result<Self> {
        let place = format!("DICOM Waveform Sequence item {number}");
        let bad = |code, message: String, advice: &str| {
            Error::new(code, message).at(place.clone()).advice(advice)
        };
        let channels = dataset::count(item, tags::NUMBER_OF_WAVEFORM_CHANNELS, &place)?;
        let length = dataset::count(item, tags::NUMBER_OF_WAVEFORM_SAMPLES, &place)?;
        let bits = dataset::count(item, tags::WAVEFORM_BITS_ALLOCATED, &place)?;
        let interpretation =
            dataset::text(item, tags::WAVEFORM_SAMPLE_INTERPRETATION).unwrap_or_default();
        let Some(coding) = Coding::of(bits, &interpretation) else {
            return Err(bad(
                ErrorCode::Unsupported,
                format!(
                    "samples of {bits} bits, interpretation \"{interpretation}\"; 8 (SB, UB), 16 (SS, US) and 32 bits (SL, UL) are read"
                ),
                "companded audio (MB, AB) has no defined unit and 64 bits fit no converter: export the waveform as 16-bit or 32-bit integers",
            ));
        };
        if set.big_endian && coding.bytes() == 4 {
            return Err(bad(
                ErrorCode::Unsupported,
                "32-bit samples in the retired big-endian transfer syntax, whose order of words is not stated".to_owned(),
                "convert the object to Explicit VR Little Endian, for example with dcmconv +te (DCMTK)",
            ));
        }
        let definitions = dataset::items(item, tags::CHANNEL_DEFINITION_SEQUENCE);
        if definitions.len() != channels {
            return Err(bad(
                ErrorCode::BadHeader,
                format!(
                    "{} channels are defined in (003A,0200), but (003A,0005) says {channels}",
                    definitions.len()
                ),
                "the object is not valid; export it again",
            ));
        }
        let stated = dataset::number(item, tags::SAMPLING_FREQUENCY, &place)?;
        let rate = stated.filter(|&rate| rate > 0.0).or(mapping.rate_hz);
        let Some(rate) = rate.filter(|rate| rate.is_finite() && *rate > 0.0) else {
            return Err(bad(
                ErrorCode::UnknownRate,
                "no sampling frequency above 0 in (003A,001A)".to_owned(),
                "state rate_hz in a mapping",
            ));
        };
        let data = dataset::bytes(item, tags::WAVEFORM_DATA).unwrap_or_default();
        let needed = length
            .checked_mul(channels)
            .and_then(|samples| samples.checked_mul(coding.bytes()))
            .unwrap_or(usize::MAX);
        if data.len() < needed {
            return Err(bad(
                ErrorCode::Truncated,
                format!(
                    "the waveform data (5400,1010) are {} bytes, but {channels} channels of {length} samples of {bits} bits need {needed}",
                    data.len()
                ),
                "copy the file again; it is not whole",
            ));
        }
        // A value is padded to an even length (PS3.5 7.1.1).
        let excess = data.len().saturating_sub(needed.next_multiple_of(2));
        let offset = dataset::number(item, tags::MULTIPLEX_GROUP_TIME_OFFSET, &place)?;
        let padding = dataset::bytes(item, tags::WAVEFORM_PADDING_VALUE)
            .and_then(|bytes| coding.stored(&bytes));
        Ok(Self {
            place,
            item,
            start: offset.unwrap_or(0.0) / 1000.0,
            is_placed: offset.is_some(),
            rate,
            length,
            coding,
            definitions,
            padding,
            data,
            excess,
        })
    }

    /// When the group ends, in s.
    pub(super) fn end(&self) -> f64 {
        self.start + self.length as f64 / self.rate
    }

    /// The stretches of one channel that hold no padding, each with the number of its first sample.
    pub(super) fn runs(&self, channel: usize) -> Vec<(usize, Vec<i64>)> {
        let width = self.coding.bytes();
        let frame = width * self.definitions.len().max(1);
        let mut runs: Vec<(usize, Vec<i64>)> = Vec::new();
        let mut inside = false;
        // Channels alternate within a frame (PS3.3 C.10.9.1.7).
        for (index, frame) in self.data.chunks_exact(frame).take(self.length).enumerate() {
            let stored = frame
                .get(channel * width..)
                .and_then(|bytes| self.coding.stored(bytes));
            let Some(stored) = stored.filter(|&stored| Some(stored) != self.padding) else {
                inside = false;
                continue;
            };
            match runs.last_mut() {
                Some((_, run)) if inside => run.push(stored),
                _ => runs.push((index, vec![stored])),
            }
            inside = true;
        }
        runs
    }

    /// The lowest and highest valid number of a channel as its definition states them.
    pub(super) fn stated_limits(&self, definition: &InMemDicomObject) -> Option<(f64, f64)> {
        let limit = |tag| {
            let bytes = dataset::bytes(definition, tag)?;
            self.coding.stored(&bytes).map(|value| value as f64)
        };
        Some((
            limit(tags::CHANNEL_MINIMUM_VALUE)?,
            limit(tags::CHANNEL_MAXIMUM_VALUE)?,
        ))
    }
}
