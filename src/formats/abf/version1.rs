//! ABF 1: a header of fixed places (2048 bytes, 6144 from version 1.6 on). The names are those of the layout.

use super::fields::{Adc, Digital, Epoch, Fields, Header, Scaling, bad, cut, rate};
use crate::error::Result;

/// Pointers count blocks of this many bytes.
pub(super) const BLOCK_BYTES: usize = 512;
/// Arrays about inputs have this many entries.
const INPUTS: usize = 16;
/// A table of epochs has this many rows.
const EPOCHS: usize = 10;
/// An entry of the tag section: lTagTime, sComment, nTagType, nVoiceTagNumber.
pub(super) const TAG_BYTES: usize = 64;
/// The bytes of sComment.
pub(super) const COMMENT_BYTES: usize = 56;
/// An entry of the synch array: lStart, lLength.
pub(super) const STRETCH_BYTES: usize = 8;
/// Years of two digits: older versions wrote YYMMDD.
const SIX_DIGITS: i64 = 1_000_000;

/// Entries of a section that lies in the file, `None` if it does not.
pub(super) fn section(bytes: &[u8], block: usize, count: usize, size: usize) -> Option<Fields<'_>> {
    let start = block.checked_mul(BLOCK_BYTES)?;
    let end = start.checked_add(count.checked_mul(size)?)?;
    bytes.get(start..end).map(Fields)
}

/// The entries of the synch array and of the tag section.
pub(super) fn entries<T>(
    section: Fields<'_>,
    size: usize,
    entry: impl Fn(Fields<'_>) -> Option<T>,
) -> Vec<T> {
    section
        .0
        .chunks_exact(size.max(1))
        .filter_map(|bytes| entry(Fields(bytes)))
        .collect()
}

pub(super) fn stretch(entry: Fields<'_>) -> Option<(i32, i32)> {
    Some((entry.i32(0)?, entry.i32(4)?))
}

pub(super) fn tag(entry: Fields<'_>) -> Option<(i32, String)> {
    Some((entry.i32(0)?, entry.text(4, COMMENT_BYTES)?))
}

/// Reads the header.
pub(super) fn read(bytes: &[u8]) -> Result<Header> {
    const PLACE: &str = "ABF 1 header";
    let all = Fields(bytes);
    let data_block = all.count(40).ok_or_else(|| cut(PLACE))?; // lDataSectionPtr
    let header_end = data_block.saturating_mul(BLOCK_BYTES);
    if header_end < 4 * BLOCK_BYTES {
        return Err(bad(
            PLACE,
            format!("lDataSectionPtr is {data_block}; the header alone has 4 blocks"),
        ));
    }
    // What lies behind the header are samples: a short header has no extended fields.
    let head = Fields(bytes.get(..header_end).ok_or_else(|| cut(PLACE))?);
    let missing = || cut(PLACE);
    let format = head.i16(100).ok_or_else(missing)?; // nDataFormat
    if !matches!(format, 0 | 1) || head.i16(38) != Some(0) {
        return Err(bad(
            PLACE,
            format!("nDataFormat {format} or nMSBinFormat is none of those that are known"),
        ));
    }
    let channels = usize::try_from(head.i16(120).ok_or_else(missing)?).unwrap_or(0); // nADCNumChannels
    if !(1..=INPUTS).contains(&channels) {
        return Err(bad(
            PLACE,
            format!("nADCNumChannels is {channels}; 1 to {INPUTS} are expected"),
        ));
    }
    let interval_us = head.f32(122).ok_or_else(missing)?; // fADCSampleInterval, between samples of all channels
    let synch_unit_us = head.f32(130).ok_or_else(missing)?; // fSynchTimeUnit
    let ignored = usize::try_from(head.i16(14).unwrap_or(0)).unwrap_or(0); // nNumPointsIgnored
    let resolution = f64::from(head.i32(252).ok_or_else(missing)?); // lADCResolution
    let inputs = (0..channels)
        .map(|channel| input(head, channel, resolution).ok_or_else(missing))
        .collect::<Result<Vec<_>>>()?;
    let stretches = match head.count(96).unwrap_or(0) {
        0 => Vec::new(),
        count => {
            let block = head.count(92).unwrap_or(0);
            let found = section(bytes, block, count, STRETCH_BYTES);
            entries(
                found.ok_or_else(|| cut("ABF synch array"))?,
                STRETCH_BYTES,
                stretch,
            )
        }
    };
    let tags = match head.count(48).unwrap_or(0) {
        0 => Vec::new(),
        count => {
            let found = section(bytes, head.count(44).unwrap_or(0), count, TAG_BYTES);
            entries(found.ok_or_else(|| cut("ABF tag section"))?, TAG_BYTES, tag)
        }
    };
    let date = i64::from(head.i32(20).unwrap_or(0)); // lFileStartDate
    let century = match date {
        0 | SIX_DIGITS.. => 0,
        800_000.. => 19_000_000,
        _ => 20_000_000,
    };
    Ok(Header {
        mode: head.i16(8).ok_or_else(missing)?, // nOperationMode
        rate: rate(interval_us * channels as f64, PLACE)?,
        tick_s: tick_s(synch_unit_us, interval_us),
        is_float: format == 1,
        data_start: header_end.saturating_add(ignored * if format == 1 { 4 } else { 2 }),
        data_count: head.count(10).ok_or_else(missing)?, // lActualAcqLength
        sweeps: head.count(16).unwrap_or(0),             // lActualEpisodes
        sweep_interval_s: head.f32(178).unwrap_or(0.0),  // fEpisodeStartToStart
        resolution,
        inputs,
        stretches,
        tags,
        digital: digital(head),
        started: (
            date + century,
            // lFileStartTime in s, nFileStartMillisecs
            i64::from(head.i32(24).unwrap_or(0)) * 1000 + i64::from(head.i16(366).unwrap_or(0)),
        ),
        device: head.text(294, 16).unwrap_or_default(), // sCreatorInfo
    })
}

/// fSynchTimeUnit in µs; 0 means the interval between samples of all channels.
pub(super) fn tick_s(synch_unit_us: f64, interval_us: f64) -> f64 {
    let unit = if synch_unit_us == 0.0 {
        interval_us
    } else {
        synch_unit_us
    };
    unit / 1e6
}

fn input(head: Fields<'_>, channel: usize, resolution: f64) -> Option<Adc> {
    let input = usize::try_from(head.i16(410 + 2 * channel)?) // nADCSamplingSeq
        .ok()
        .filter(|&input| input < INPUTS)?;
    let float = |start: usize| head.f32(start + 4 * input);
    let telegraphed = head.i16(4512 + 2 * input) == Some(1); // nTelegraphEnable
    let scaling = Scaling {
        range: head.f32(244)?, // fADCRange
        resolution,
        instrument: float(922)?,   // fInstrumentScaleFactor
        signal: float(1050)?,      // fSignalGain
        programmable: float(730)?, // fADCProgrammableGain
        telegraph: if telegraphed { float(4576)? } else { 1.0 }, // fTelegraphAdditGain
    };
    Some(Adc {
        name: head.text(442 + 10 * input, 10)?, // sADCChannelName
        unit: head.text(602 + 8 * input, 8)?,   // sADCUnits
        gain: scaling.gain(),
        offset: float(986)? - float(1114)?, // fInstrumentOffset, fSignalOffset
        high_pass: float(1242)?,            // fSignalHighpassFilter
        low_pass: float(1178)?,             // fSignalLowpassFilter
    })
}

/// The table of epochs that drives the outputs; only headers with the extended fields have it.
fn digital(head: Fields<'_>) -> Option<Digital> {
    (head.i16(1436)? != 0).then_some(())?; // nDigitalEnable
    let table = usize::try_from(head.i16(1440)?)
        .ok()
        .filter(|&dac| dac < 2)?; // nActiveDACChannel
    let rows = (0..EPOCHS).map(|row| {
        let index = table * EPOCHS + row;
        let is_used = head.i16(2308 + 2 * index)? != 0; // nEpochType
        Some(is_used.then_some(Epoch {
            duration: i64::from(head.i32(2508 + 4 * index)?), // lEpochInitDuration
            increment: i64::from(head.i32(2588 + 4 * index)?), // lEpochDurationInc
            output: head.i16(1588 + 2 * row)?.cast_unsigned(), // nDigitalValue
            ..Epoch::default()
        }))
    });
    let rows: Option<Vec<_>> = rows.collect();
    Some(Digital {
        holding: head.i16(1584)?.cast_unsigned(), // nDigitalHolding
        epochs: rows?.into_iter().flatten().collect(),
        ..Digital::default()
    })
}
