//! ABF 2: a table of sections, each with its place, the size of an entry and their number. The names are those of the layout.

use super::fields::{Adc, Digital, Epoch, Fields, Header, Scaling, bad, cut, latin1, rate};
use super::version1::{self, STRETCH_BYTES, TAG_BYTES, entries, stretch, tag, tick_s};
use crate::error::Result;

/// Where the header names each section: uBlockIndex, uBytes, llNumEntries.
const PROTOCOL: usize = 76;
const ADC: usize = 92;
const EPOCH: usize = 124;
const EPOCH_PER_DAC: usize = 156;
const STRINGS: usize = 220;
const DATA: usize = 236;
const TAG: usize = 252;
const SYNCH_ARRAY: usize = 316;
/// More inputs than any digitizer has; a heuristic against damage.
const MAX_INPUTS: usize = 256;
/// The head of the list of strings: `SSCH`, version, number, longest, bytes, six unused numbers.
const STRINGS_HEAD_BYTES: usize = 44;

struct Section<'a> {
    start: usize,
    size: usize,
    count: usize,
    fields: Fields<'a>,
}

/// A section that is named at `at`; empty if it has no entries.
fn section<'a>(bytes: &'a [u8], at: usize, name: &str) -> Result<Section<'a>> {
    let head = Fields(bytes);
    let place = format!("ABF 2 {name}, named at byte {at}");
    let number = |at| head.u32(at).and_then(|value| usize::try_from(value).ok());
    let found = || {
        let block = number(at)?;
        let size = number(at + 4)?;
        let count = usize::try_from(head.i64(at + 8)?).ok()?;
        let fields = if count == 0 {
            Fields(&[])
        } else {
            version1::section(bytes, block, count, size)?
        };
        Some(Section {
            start: block.checked_mul(version1::BLOCK_BYTES)?,
            size,
            count,
            fields,
        })
    };
    found().ok_or_else(|| cut(&place))
}

/// Reads the header and the sections.
pub(super) fn read(bytes: &[u8]) -> Result<Header> {
    const PLACE: &str = "ABF 2 header";
    let head = Fields(bytes);
    let missing = || cut(PLACE);
    let format = head.i16(30).ok_or_else(missing)?; // nDataFormat
    let protocol = section(bytes, PROTOCOL, "protocol section")?.fields;
    let adc = section(bytes, ADC, "ADC section")?;
    let data = section(bytes, DATA, "data section")?;
    let width = if format == 1 { 4 } else { 2 };
    if !matches!(format, 0 | 1) || data.size != width {
        return Err(bad(
            PLACE,
            format!(
                "nDataFormat {format} with samples of {} bytes; 0 with 2 or 1 with 4 is expected",
                data.size
            ),
        ));
    }
    if !(1..=MAX_INPUTS).contains(&adc.count) {
        return Err(bad(
            PLACE,
            format!("{} inputs; 1 to {MAX_INPUTS} are expected", adc.count),
        ));
    }
    let strings = strings(bytes)?;
    let interval_us = protocol.f32(2).ok_or_else(missing)?; // fADCSequenceInterval, between samples of one channel
    let synch_unit_us = protocol.f32(14).ok_or_else(missing)?; // fSynchTimeUnit
    let inputs = entries(adc.fields, adc.size, |entry| {
        input(entry, protocol, &strings)
    });
    if inputs.len() != adc.count {
        return Err(cut("ABF 2 ADC section"));
    }
    let synch = section(bytes, SYNCH_ARRAY, "synch array")?;
    let tags = section(bytes, TAG, "tag section")?;
    let wrong_size = |section: &Section, size| section.count > 0 && section.size != size;
    if wrong_size(&synch, STRETCH_BYTES) || wrong_size(&tags, TAG_BYTES) {
        return Err(bad(
            PLACE,
            format!(
                "entries of the synch array of {} bytes and of tags of {}; {STRETCH_BYTES} and {TAG_BYTES} are expected",
                synch.size, tags.size
            ),
        ));
    }
    let creator = head.u32(60).and_then(|index| usize::try_from(index).ok()); // uCreatorNameIndex
    Ok(Header {
        mode: protocol.i16(0).ok_or_else(missing)?, // nOperationMode
        rate: rate(interval_us, PLACE)?,
        tick_s: tick_s(synch_unit_us, interval_us / adc.count as f64),
        is_float: format == 1,
        data_start: data.start,
        data_count: data.count,
        sweeps: head.count(12).ok_or_else(missing)?, // lActualEpisodes
        sweep_interval_s: protocol.f32(62).unwrap_or(0.0), // fEpisodeStartToStart
        resolution: f64::from(protocol.i32(118).ok_or_else(missing)?), // lADCResolution
        inputs,
        stretches: entries(synch.fields, STRETCH_BYTES, stretch),
        tags: entries(tags.fields, TAG_BYTES, tag),
        digital: digital(bytes, protocol)?,
        // uFileStartDate, uFileStartTimeMS
        started: (
            i64::from(head.u32(16).unwrap_or(0)),
            i64::from(head.u32(20).unwrap_or(0)),
        ),
        device: creator
            .and_then(|index| named(&strings, index))
            .unwrap_or_default(),
    })
}

/// The texts of the file, counted from 1.
fn strings(bytes: &[u8]) -> Result<Vec<String>> {
    let section = section(bytes, STRINGS, "strings section")?;
    // Of several entries only the first holds names.
    let first = section.fields.0.get(..section.size).unwrap_or_default();
    let listed = first.get(STRINGS_HEAD_BYTES..).unwrap_or_default();
    if !first.starts_with(b"SSCH") {
        return Ok(Vec::new());
    }
    Ok(listed.split(|&byte| byte == 0).map(latin1).collect())
}

fn named(strings: &[String], index: usize) -> Option<String> {
    strings.get(index.checked_sub(1)?).cloned()
}

fn input(entry: Fields<'_>, protocol: Fields<'_>, strings: &[String]) -> Option<Adc> {
    let telegraphed = entry.i16(2)? == 1; // nTelegraphEnable
    let scaling = Scaling {
        range: protocol.f32(110)?,                                // fADCRange
        resolution: f64::from(protocol.i32(118)?),                // lADCResolution
        instrument: entry.f32(40)?,                               // fInstrumentScaleFactor
        signal: entry.f32(48)?,                                   // fSignalGain
        programmable: entry.f32(28)?,                             // fADCProgrammableGain
        telegraph: if telegraphed { entry.f32(6)? } else { 1.0 }, // fTelegraphAdditGain
    };
    let text = |at| Some(named(strings, entry.count(at)?).unwrap_or_default());
    Some(Adc {
        name: text(74)?, // lADCChannelNameIndex
        unit: text(78)?, // lADCUnitsIndex
        gain: scaling.gain(),
        offset: entry.f32(44)? - entry.f32(52)?, // fInstrumentOffset, fSignalOffset
        high_pass: entry.f32(60)?,               // fSignalHighpassFilter
        low_pass: entry.f32(56)?,                // fSignalLowpassFilter
    })
}

fn digital(bytes: &[u8], protocol: Fields<'_>) -> Result<Option<Digital>> {
    // nDigitalEnable, nActiveDACChannel, nDigitalHolding
    let (Some(enabled), Some(active), Some(holding)) =
        (protocol.i16(140), protocol.i16(142), protocol.i16(144))
    else {
        return Ok(None);
    };
    if enabled == 0 {
        return Ok(None);
    }
    let outputs = section(bytes, EPOCH, "epoch section")?;
    // nEpochNum, nEpochDigitalOutput, nDigitalTrainValue
    let outputs = entries(outputs.fields, outputs.size, |entry| {
        Some((entry.i16(0)?, entry.i16(2)?, entry.i16(4).unwrap_or(0)))
    });
    let rows = section(bytes, EPOCH_PER_DAC, "epoch table")?;
    let rows = entries(rows.fields, rows.size, |entry| {
        let number = entry.i16(0)?; // nEpochNum
        let (dac, kind) = (entry.i16(2)?, entry.i16(4)?); // nDACNum, nEpochType
        let (_, output, train) = outputs
            .iter()
            .find(|(known, ..)| *known == number)
            .copied()?;
        (dac == active && kind != 0).then_some(())?;
        let long = |at| entry.i32(at).map(i64::from);
        Some((
            number,
            Epoch {
                duration: long(14)?,  // lEpochInitDuration
                increment: long(18)?, // lEpochDurationInc
                output: output.cast_unsigned(),
                train: train.cast_unsigned(),
                period: long(22).unwrap_or(0), // lEpochPulsePeriod
            },
        ))
    });
    let mut rows = rows;
    rows.sort_by_key(|(number, _)| *number);
    Ok(Some(Digital {
        holding: holding.cast_unsigned(),
        epochs: rows.into_iter().map(|(_, epoch)| epoch).collect(),
        alternates: protocol.i16(184).is_some_and(|state| state != 0), // nAlternateDigitalOutputState
    }))
}
