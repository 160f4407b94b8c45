//! What each channel of a multiplex group is: calibration, rails, times, filters, anatomy (PS3.3 C.10.9.1.4).

use super::dataset::{self, Code};
use super::group::Group;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, NO_VOLTAGE, millivolts_per, refuse_times};
use crate::formats::prefilter::changes_responses;
use crate::formats::{labels, stated};
use crate::recording::{Calibration, Channel, Role, Segment, Side, muscle};
use crate::units::{Hertz, Seconds};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// The scheme of units in which every code has one meaning (PS3.3 C.10.9.1.4.2, CID 82).
const UCUM: &str = "UCUM";

/// A channel of one group and how much later than the group it begins, in s.
pub(super) struct Track {
    pub(super) channel: Channel,
    pub(super) delay: f64,
}

/// The unit that a code means, as this crate and its readers write it.
pub(super) fn unit_text(code: &Code) -> String {
    match code.value.as_str() {
        "Cel" => "degC".to_owned(),
        "" => code.meaning.clone(),
        other => other.to_owned(),
    }
}

/// Whether a code is certainly no voltage: a UCUM code that is not `V` with some prefix.
fn is_no_voltage(unit: &str, code: Option<&Code>) -> bool {
    NO_VOLTAGE.contains(&unit)
        || code.is_some_and(|code| {
            code.scheme == UCUM && !code.value.is_empty() && !code.value.ends_with('V')
        })
}

fn label_of(definition: &InMemDicomObject, source: Option<&Code>, number: usize) -> String {
    dataset::text(definition, tags::CHANNEL_LABEL)
        .or_else(|| {
            source
                .map(|source| source.meaning.clone())
                .filter(|meaning| !meaning.is_empty())
        })
        .unwrap_or_else(|| format!("channel {number}"))
}

/// `HP:2Hz LP:10000Hz N:50Hz`
fn prefilter(definition: &InMemDicomObject, place: &str) -> Result<Option<String>> {
    let mut parts = Vec::new();
    for (name, tag) in [
        ("HP", tags::FILTER_LOW_FREQUENCY),
        ("LP", tags::FILTER_HIGH_FREQUENCY),
        ("N", tags::NOTCH_FILTER_FREQUENCY),
    ] {
        // 0 says that there is no such filter.
        let corner = dataset::number(definition, tag, place)?.filter(|&corner| corner > 0.0);
        parts.extend(corner.map(|corner| format!("{name}:{corner}Hz")));
    }
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// How much later than its group a channel begins, in s (PS3.3 C.10.9.1.4.3).
fn delay(definition: &InMemDicomObject, rate: f64, place: &str) -> Result<f64> {
    let number = |tag| dataset::number(definition, tag, place);
    let skew = match number(tags::CHANNEL_TIME_SKEW)? {
        Some(seconds) => seconds,
        None => number(tags::CHANNEL_SAMPLE_SKEW)?.map_or(0.0, |samples| samples / rate),
    };
    Ok(skew + number(tags::CHANNEL_OFFSET)?.unwrap_or(0.0))
}

/// The side that a modifier of the source names.
fn side_of(definition: &InMemDicomObject) -> Option<Side> {
    let modifiers = dataset::items(definition, tags::CHANNEL_SOURCE_MODIFIERS_SEQUENCE);
    modifiers
        .iter()
        .find_map(|modifier| Side::from_name(&dataset::code_of(modifier).meaning.to_lowercase()))
}

/// What the header says about the size of a step, in its unit.
struct Sensitivity {
    gain: Option<f64>,
    offset: f64,
    code: Option<Code>,
}

fn sensitivity(definition: &InMemDicomObject, place: &str) -> Result<Sensitivity> {
    let number = |tag| dataset::number(definition, tag, place);
    let correction = number(tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR)?.unwrap_or(1.0);
    Ok(Sensitivity {
        gain: number(tags::CHANNEL_SENSITIVITY)?.map(|sensitivity| sensitivity * correction),
        offset: number(tags::CHANNEL_BASELINE)?.unwrap_or(0.0),
        code: dataset::code(definition, tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE),
    })
}

/// What a step of the samples is worth, by the mapping and by the header.
struct Scale {
    /// In units; `None` where the samples are in arbitrary units, because there is no sensitivity (PS3.3 C.10.9, Channel Sensitivity).
    step: Option<f64>,
    /// The value of a stored 0, in units.
    offset: f64,
    unit: String,
    /// How many mV the unit is, if it is a voltage.
    millivolts_per_unit: Option<f64>,
    /// Whether the samples are certainly no voltage.
    is_no_voltage: bool,
}

impl Scale {
    fn of(header: &Sensitivity, stated: Option<&ChannelMapping>, mapping: &Mapping) -> Self {
        let unit = unit(header, stated, mapping);
        let millivolts_per_unit = millivolts_per(&unit);
        let step = stated.and_then(|stated| stated.gain).or(header.gain);
        Self {
            is_no_voltage: step.is_none()
                || (millivolts_per_unit.is_none() && is_no_voltage(&unit, header.code.as_ref())),
            step,
            offset: stated
                .and_then(|stated| stated.offset)
                .unwrap_or(header.offset),
            unit,
            millivolts_per_unit,
        }
    }

    /// How many mV the unit is; `None` for arbitrary units, too.
    fn millivolts(&self) -> Option<f64> {
        self.millivolts_per_unit.filter(|_| self.step.is_some())
    }

    /// A response needs millivolts.
    fn refuse_no_voltage(&self, place: &str) -> Result<()> {
        if self.step.is_none() {
            return Err(Error::new(
                ErrorCode::BadCalibration,
                "no channel sensitivity (003A,0210): the samples are in arbitrary units; no millivolts can be computed",
            )
            .at(place)
            .advice("state gain (units per step) and unit of the channel in a mapping"));
        }
        if self.millivolts_per_unit.is_none() {
            return Err(Error::new(
                ErrorCode::UnknownUnit,
                format!(
                    "the unit \"{}\" is no voltage; uV, mV or V is expected of a response",
                    self.unit
                ),
            )
            .at(place)
            .advice(
                "state the unit of the channel in a mapping, or role = \"other\" if it is no response",
            ));
        }
        Ok(())
    }

    /// Of the channel, in mV where the unit is a voltage.
    fn gain_and_offset(&self, place: &str) -> Result<(f64, f64)> {
        let scale = self.millivolts().unwrap_or(1.0);
        let gain = self.step.unwrap_or(1.0) * scale;
        let offset = self.offset * scale;
        if !gain.is_finite() || gain == 0.0 || !offset.is_finite() {
            return Err(Error::new(
                ErrorCode::BadCalibration,
                format!(
                    "a sensitivity of {gain} and a baseline of {offset}; no millivolts can be computed"
                ),
            )
            .at(place)
            .advice("state gain and unit of the channel in a mapping"));
        }
        Ok((gain, offset))
    }
}

/// Channel `index` (from 0) of a group; `number` counts all channels of the file from 1.
pub(super) fn track(
    group: &Group,
    index: usize,
    number: usize,
    mapping: &Mapping,
) -> Result<Option<Track>> {
    let Some(definition) = group.definitions.get(index) else {
        return Ok(None);
    };
    let source = dataset::code(definition, tags::CHANNEL_SOURCE_SEQUENCE);
    let label = label_of(definition, source.as_ref(), number);
    let place = format!("{}, channel {} \"{label}\"", group.place, index + 1);
    let stated = mapping
        .channels
        .iter()
        .find(|stated| stated::concerns(stated, &label, number));
    refuse_times(stated, &label, group.rate)?;
    let scale = Scale::of(&sensitivity(definition, &place)?, stated, mapping);
    let named = labels::label(&label);
    let own_role = stated.and_then(|stated| stated.role);
    let role = own_role.or(named.role).unwrap_or(if scale.is_no_voltage {
        Role::Other
    } else {
        Role::Response
    });
    if role == Role::Response {
        scale.refuse_no_voltage(&place)?;
    }
    let (gain, offset) = scale.gain_and_offset(&place)?;
    let mut findings = Vec::new();
    let prefilter = prefilter(definition, &place)?;
    let filtered = prefilter.as_deref().filter(|text| changes_responses(text));
    if let Some(text) = filtered.filter(|_| role == Role::Response) {
        findings.push(Finding::new(FindingCode::FilterInHeader, text));
    }
    if own_role.is_none() && role == Role::Other {
        let what = match scale.step {
            Some(_) => &scale.unit,
            None => "arbitrary units",
        };
        findings.push(Finding::new(
            FindingCode::ChannelIgnored,
            format!("\"{label}\" in {what}"),
        ));
    }
    let delay = delay(definition, group.rate, &place)?;
    let runs = group.runs(index);
    let recorded: usize = runs.iter().map(|(_, run)| run.len()).sum();
    if recorded < group.length {
        findings.push(Finding::new(
            FindingCode::GapInRecording,
            format!(
                "{place}: {} stretches, {} samples of padding",
                runs.len(),
                group.length - recorded
            ),
        ));
    }
    let rails = match stated.and_then(|stated| stated.rails) {
        Some(rails) => Some(rails),
        None => rails(group, definition, &runs, &place, &mut findings)?,
    };
    let segments = runs
        .into_iter()
        .map(|(first, run)| Segment {
            start: Seconds(group.start + delay + first as f64 / group.rate),
            samples: group.coding.samples(&run),
        })
        .collect();
    let mut channel = Channel {
        label,
        role,
        rate: Hertz(group.rate),
        segments,
        calibration: Calibration {
            gain,
            offset,
            rails,
            millivolts_per_unit: scale.millivolts(),
            unit: scale.unit,
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter,
        transducer: source
            .as_ref()
            .map(|source| source.meaning.clone())
            .filter(|meaning| !meaning.is_empty()),
        findings,
    };
    if role == Role::Response {
        let from_source = source.filter(|source| muscle::muscle(&source.meaning).is_some());
        channel.muscle = from_source.map(|source| source.meaning).or(named.muscle);
        channel.side = side_of(definition).or(named.side);
    }
    mapping.describe(&mut channel);
    Ok(Some(Track { channel, delay }))
}

/// The mapping's unit of the channel goes before the header's, the general one only where the header's is not known.
fn unit(header: &Sensitivity, stated: Option<&ChannelMapping>, mapping: &Mapping) -> String {
    let own = header.code.as_ref().map(unit_text).unwrap_or_default();
    let known = millivolts_per(&own).is_some() || is_no_voltage(&own, header.code.as_ref());
    stated
        .and_then(|stated| stated.unit.clone())
        .or_else(|| mapping.unit.clone().filter(|_| !known))
        .unwrap_or(own)
}

/// The limits that the definition states, else the range of the significant bits. Samples beyond them prove that the header is wrong.
fn rails(
    group: &Group,
    definition: &InMemDicomObject,
    runs: &[(usize, Vec<i64>)],
    place: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<(f64, f64)>> {
    let mut unknown = |detail: String| {
        findings.push(Finding::new(FindingCode::RailsUnknown, detail));
        None
    };
    let bits = dataset::number(definition, tags::WAVEFORM_BITS_STORED, place)?
        .filter(|bits| (1.0..=f64::from(u32::BITS)).contains(bits) && bits.fract() == 0.0);
    let limits = group
        .stated_limits(definition)
        .or_else(|| bits.map(|bits| group.coding.range(bits as u32)));
    let Some((low, high)) = limits else {
        return Ok(unknown(format!(
            "{place}: neither its limits nor its significant bits are stated"
        )));
    };
    let all = || {
        runs.iter()
            .flat_map(|(_, run)| run)
            .map(|&value| value as f64)
    };
    let least = all().fold(high, f64::min);
    let greatest = all().fold(low, f64::max);
    if least < low || greatest > high || low >= high {
        return Ok(unknown(format!(
            "{place}: samples from {least} to {greatest} do not fit limits of {low} to {high}"
        )));
    }
    Ok(Some((low, high)))
}
