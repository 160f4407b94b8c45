//! What each input of the converter is: calibration, rails, filters, role.

use super::Stretch;
use super::fields::{Adc, Header};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{Mapping, NO_VOLTAGE, millivolts_per, refuse_times};
use crate::formats::prefilter::changes_responses;
use crate::formats::{labels, stated};
use crate::recording::{Calibration, Channel, Role, Samples, Segment};
use crate::units::{Hertz, Seconds};

/// Units of patch-clamp amplifiers beside those that physiological signals have anyway.
const CLAMP_UNITS: [&str; 6] = ["pA", "fA", "pF", "nS", "pS", "MOhm"];
/// fSignalLowpassFilter of an input without a low pass, in Hz.
const NO_LOW_PASS_HZ: f64 = 100_000.0;

/// `HP:2Hz LP:10000Hz`
fn prefilter(input: &Adc) -> Option<String> {
    let mut parts = Vec::new();
    if input.high_pass > 0.0 {
        parts.push(format!("HP:{}Hz", input.high_pass));
    }
    if input.low_pass > 0.0 && input.low_pass < NO_LOW_PASS_HZ {
        parts.push(format!("LP:{}Hz", input.low_pass));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The samples of one channel in one stretch; channels alternate.
fn samples(data: &[u8], header: &Header, stretch: &Stretch, index: usize) -> Samples {
    let width = if header.is_float { 4 } else { 2 };
    let frame = width * header.inputs.len().max(1);
    let own = data
        .chunks_exact(frame)
        .skip(stretch.first)
        .take(stretch.length)
        .filter_map(|frame| frame.get(index * width..));
    if header.is_float {
        Samples::F32(
            own.filter_map(|bytes| bytes.first_chunk().copied().map(f32::from_le_bytes))
                .collect(),
        )
    } else {
        Samples::I16(
            own.filter_map(|bytes| bytes.first_chunk().copied().map(i16::from_le_bytes))
                .collect(),
        )
    }
}

/// Channel `index` (from 0).
pub(super) fn channel(
    header: &Header,
    data: &[u8],
    stretches: &[Stretch],
    index: usize,
    mapping: &Mapping,
) -> Result<Channel> {
    let Some(input) = header.inputs.get(index) else {
        return Err(Error::new(
            ErrorCode::Internal,
            "an input that does not exist",
        ));
    };
    let label = if input.name.is_empty() {
        format!("channel {}", index + 1)
    } else {
        input.name.clone()
    };
    let place = format!("ABF channel {} \"{label}\"", index + 1);
    let stated = mapping
        .channels
        .iter()
        .find(|stated| stated::concerns(stated, &label, index + 1));
    refuse_times(stated, &label, header.rate)?;
    let known = millivolts_per(&input.unit).is_some() || is_no_voltage(&input.unit);
    let unit = stated
        .and_then(|stated| stated.unit.clone())
        .or_else(|| mapping.unit.clone().filter(|_| !known))
        .unwrap_or_else(|| input.unit.clone());
    let millivolts = millivolts_per(&unit);
    let named = labels::label(&label);
    let own_role = stated.and_then(|stated| stated.role);
    let role = own_role
        .or(named.role)
        .unwrap_or(if millivolts.is_none() && is_no_voltage(&unit) {
            Role::Other
        } else {
            Role::Response
        });
    if role == Role::Response && millivolts.is_none() {
        return Err(Error::new(
            ErrorCode::UnknownUnit,
            format!("the unit \"{unit}\" is no voltage; uV, mV or V is expected of a response"),
        )
        .at(place)
        .advice(
            "state the unit of the channel in a mapping, or role = \"other\" if it is no response",
        ));
    }
    let scale = millivolts.unwrap_or(1.0);
    // Floats are stored in units.
    let (gain, offset) = if header.is_float {
        (1.0, 0.0)
    } else {
        (input.gain, input.offset)
    };
    let gain = stated.and_then(|stated| stated.gain).unwrap_or(gain) * scale;
    let offset = stated.and_then(|stated| stated.offset).unwrap_or(offset) * scale;
    if !gain.is_finite() || gain == 0.0 || !offset.is_finite() {
        return Err(Error::new(
            ErrorCode::BadCalibration,
            format!("a gain of {gain} and an offset of {offset} from fADCRange, lADCResolution, fInstrumentScaleFactor, fSignalGain and fADCProgrammableGain; no millivolts can be computed"),
        )
        .at(place)
        .advice("state gain and unit of the channel in a mapping"));
    }
    let segments: Vec<Segment> = stretches
        .iter()
        .map(|stretch| Segment {
            start: Seconds(stretch.start),
            samples: samples(data, header, stretch, index),
        })
        .collect();
    let mut findings = Vec::new();
    let rails = match stated.and_then(|stated| stated.rails) {
        Some(rails) => Some(rails),
        None => rails(header, &segments, &place, &mut findings),
    };
    let prefilter = prefilter(input);
    let filtered = prefilter
        .as_deref()
        .filter(|text| role == Role::Response && changes_responses(text));
    findings.extend(filtered.map(|text| Finding::new(FindingCode::FilterInHeader, text)));
    if own_role.is_none() && role == Role::Other {
        findings.push(Finding::new(
            FindingCode::ChannelIgnored,
            format!("\"{label}\" in \"{unit}\""),
        ));
    }
    let mut channel = Channel {
        label,
        role,
        rate: Hertz(header.rate),
        segments,
        calibration: Calibration {
            gain,
            offset,
            rails,
            unit,
            millivolts_per_unit: millivolts,
        },
        muscle: named.muscle.filter(|_| role == Role::Response),
        nerve: None,
        side: named.side.filter(|_| role == Role::Response),
        prefilter,
        transducer: None,
        findings,
    };
    mapping.describe(&mut channel);
    Ok(channel)
}

fn is_no_voltage(unit: &str) -> bool {
    NO_VOLTAGE.contains(&unit) || CLAMP_UNITS.contains(&unit)
}

/// The ends of the converter's range, −lADCResolution to lADCResolution − 1. Samples beyond them prove that the header is wrong.
fn rails(
    header: &Header,
    segments: &[Segment],
    place: &str,
    findings: &mut Vec<Finding>,
) -> Option<(f64, f64)> {
    let mut unknown = |why: &str| {
        findings.push(Finding::new(
            FindingCode::RailsUnknown,
            format!("{place}: {why}"),
        ));
        None
    };
    if header.is_float {
        return unknown("the samples are floats");
    }
    let low = (-header.resolution).max(f64::from(i16::MIN));
    let high = (header.resolution - 1.0).min(f64::from(i16::MAX));
    let outside = segments.iter().any(|segment| match &segment.samples {
        Samples::I16(values) => values
            .iter()
            .any(|&value| f64::from(value) < low || f64::from(value) > high),
        _ => true,
    });
    if outside || low >= high {
        return unknown("the samples do not fit lADCResolution");
    }
    Some((low, high))
}
