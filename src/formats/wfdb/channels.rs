//! What each signal is: role, calibration and rails, unit, muscle, side.

use super::calibrations::{self, Physical};
use super::track::Track;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, NO_VOLTAGE, millivolts_per, refuse_times};
use crate::formats::{labels, stated};
use crate::recording::{Calibration, Channel, Role, Samples, Segment};
use crate::units::{Hertz, Seconds};

/// The unit where a header states none (header(5)).
const DEFAULT_UNIT: &str = "mV";

/// The channel of a track; `number` counts from 1.
pub(super) fn channel(
    mut track: Track,
    frame_rate: f64,
    number: usize,
    mapping: &Mapping,
) -> Result<Channel> {
    let stated = mapping
        .channels
        .iter()
        .find(|stated| stated::concerns(stated, &track.signal.description, number));
    let physical = calibrations::unify(&mut track, stated, mapping)?;
    let signal = track.signal.clone();
    let rate = frame_rate * signal.per_frame as f64;
    refuse_times(stated, &signal.description, rate)?;
    let label = labels::label(&signal.description);
    let unit = unit(&signal.unit, stated, mapping);
    let millivolts = millivolts_per(&unit);
    let no_voltage = millivolts.is_none() && NO_VOLTAGE.contains(&unit.as_str());
    let role = stated
        .and_then(|stated| stated.role)
        .or(label.role)
        .unwrap_or(if no_voltage {
            Role::Other
        } else {
            Role::Response
        });
    let own_role = stated.is_none_or(|stated| stated.role.is_none());
    if role == Role::Response && millivolts.is_none() {
        return Err(Error::new(
            ErrorCode::UnknownUnit,
            format!("the unit \"{unit}\" is no voltage; uV, mV or V is expected of a response"),
        )
        .at(signal.place)
        .advice(
            "state the unit of the channel in a mapping, or role = \"other\" if it is no response",
        ));
    }
    let known = match physical {
        Some(_) => Some((1.0, 0.0)),
        None => calibration(&track, stated).map(|(gain, offset)| {
            let scale = millivolts.unwrap_or(1.0);
            (gain * scale, offset * scale)
        }),
    };
    let (gain, offset, unit, millivolts) = match known {
        Some((gain, offset)) => (gain, offset, unit, millivolts),
        // Steps of an unknown size are still steps, if nothing is measured in them.
        None if role != Role::Response => (1.0, 0.0, String::new(), None),
        None => {
            return Err(Error::new(
                ErrorCode::BadCalibration,
                "no gain or a gain of 0: the signal is not calibrated (header(5)); no millivolts can be computed",
            )
            .at(signal.place)
            .advice(format!(
                "state the calibration in a mapping: [[channels]] with label = \"{}\", gain = (units per step) and unit",
                signal.description
            )));
        }
    };
    if !gain.is_finite() || gain == 0.0 || !offset.is_finite() {
        return Err(Error::new(
            ErrorCode::BadCalibration,
            format!("a gain of {gain} and an offset of {offset}; no millivolts can be computed"),
        )
        .at(signal.place)
        .advice("state gain and unit of the channel in a mapping"));
    }
    let rails = match stated.and_then(|stated| stated.rails) {
        Some(rails) => Some(rails),
        None => rails(&mut track),
    };
    let mut findings = std::mem::take(&mut track.findings);
    findings.extend(gaps(&track));
    if own_role && role == Role::Other {
        findings.push(Finding::new(
            FindingCode::ChannelIgnored,
            format!("\"{}\" in \"{unit}\"", signal.description),
        ));
    }
    let mut channel = Channel {
        label: signal.description,
        role,
        rate: Hertz(rate),
        segments: match physical {
            Some(physical) => physical_segments(physical, rate),
            None => segments(track, rate),
        },
        calibration: Calibration {
            gain,
            offset,
            rails,
            unit,
            millivolts_per_unit: millivolts,
        },
        muscle: label.muscle.filter(|_| role == Role::Response),
        nerve: None,
        side: label.side.filter(|_| role == Role::Response),
        prefilter: None,
        transducer: None,
        findings,
    };
    mapping.describe(&mut channel);
    Ok(channel)
}

/// The mapping's unit of the channel goes before the header's, the general one only where the header's is not known.
pub(super) fn unit(header: &str, stated: Option<&ChannelMapping>, mapping: &Mapping) -> String {
    let own = if header.is_empty() {
        DEFAULT_UNIT
    } else {
        header
    };
    let known = millivolts_per(own).is_some() || NO_VOLTAGE.contains(&own);
    stated
        .and_then(|stated| stated.unit.as_deref())
        .or_else(|| mapping.unit.as_deref().filter(|_| !known))
        .unwrap_or(own)
        .to_owned()
}

/// Units per step and the value of stored 0, in the unit of the file; `None` if nobody says.
fn calibration(track: &Track, stated: Option<&ChannelMapping>) -> Option<(f64, f64)> {
    let baseline = track.signal.baseline as f64;
    let own = stated.and_then(|stated| stated.gain);
    let (gain, offset) = match (own, track.signal.gain) {
        (Some(gain), _) => (gain, -baseline * gain),
        // Divided and not multiplied by the reciprocal: that is exact to the last bit where it can be.
        (None, Some(gain)) => (1.0 / gain, -baseline / gain),
        (None, None) => return None,
    };
    Some((
        gain,
        stated.and_then(|stated| stated.offset).unwrap_or(offset),
    ))
}

/// The ends of the converter's range, cut to what the format can store. Samples beyond them prove that the header is wrong.
fn rails(track: &mut Track) -> Option<(f64, f64)> {
    let place = &track.signal.place;
    let mut unknown = |detail: String| {
        track
            .findings
            .push(Finding::new(FindingCode::RailsUnknown, detail));
        None
    };
    if track.converters_differ {
        return unknown(format!("{place}: the segments have different converters"));
    }
    let Some(bits) = track.signal.bits else {
        return unknown(format!(
            "{place}: the resolution of the converter is not stated"
        ));
    };
    let half = 2_f64.powi(bits as i32 - 1);
    let zero = track.signal.zero as f64;
    let (mut low, mut high) = (zero - half, zero + half - 1.0);
    for coding in &track.codings {
        let limits = coding.limits();
        low = low.max(limits.0);
        high = high.min(limits.1);
    }
    let (least, greatest) = track
        .runs
        .iter()
        .flat_map(|run| &run.values)
        .fold((high, low), |(least, greatest), &value| {
            (least.min(value.into()), greatest.max(value.into()))
        });
    if least < low || greatest > high || low >= high {
        return unknown(format!(
            "{place}: samples from {least} to {greatest} do not fit a converter of {bits} bits around {zero}"
        ));
    }
    Some((low, high))
}

fn gaps(track: &Track) -> Option<Finding> {
    if track.runs.len() < 2 && track.invalid == 0 && track.absent == 0 {
        return None;
    }
    Some(Finding::new(
        FindingCode::GapInRecording,
        format!(
            "\"{}\": {} stretches, {} samples marked invalid, missing in {} segments of the record",
            track.signal.description,
            track.runs.len(),
            track.invalid,
            track.absent
        ),
    ))
}

fn segments(track: Track, rate: f64) -> Vec<Segment> {
    let wide = track.codings.iter().any(|coding| coding.is_wide())
        || track
            .runs
            .iter()
            .flat_map(|run| &run.values)
            .any(|&value| i16::try_from(value).is_err());
    track
        .runs
        .into_iter()
        .map(|run| Segment {
            start: Seconds(run.start as f64 / rate),
            samples: if wide {
                Samples::I32(run.values)
            } else {
                Samples::I16(
                    run.values
                        .iter()
                        .filter_map(|&value| i16::try_from(value).ok())
                        .collect(),
                )
            },
        })
        .collect()
}

fn physical_segments(physical: Physical, rate: f64) -> Vec<Segment> {
    physical
        .into_iter()
        .map(|(start, values)| Segment {
            start: Seconds(start as f64 / rate),
            samples: Samples::F64(values),
        })
        .collect()
}
