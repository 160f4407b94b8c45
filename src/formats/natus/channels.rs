//! From sections to channels: rate, unit, muscle and sweeps of each.

use super::sections::{Kind, Sections, Wanted, data_key};
use super::values::{agree, kilohertz, read, single};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::formats::mapping::millivolts_per;
use crate::recording::{Calibration, Channel, Role, Samples, Segment, Side};
use crate::units::{Hertz, Seconds};
use std::collections::BTreeMap;

/// How far the stated duration may lie from the number of values, in samples: a duration is printed rounded. Heuristic.
const DURATION_TOLERANCE: f64 = 1.5;
/// The gain from which on a high pass changes what is measured (see the advice of `FilterInHeader`), in Hz.
const HIGH_PASS_HZ: f64 = 10.0;

/// The values of one key.
#[derive(Debug)]
pub(super) struct Sweep {
    pub section: usize,
    pub values: Vec<f64>,
    key: ChannelKey,
    line: u64,
}

/// What makes sweeps one channel. Rates are compared as bits: they are equal or they are not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ChannelKey {
    is_average: bool,
    number: Option<String>,
    anatomy: Option<String>,
    rate: u64,
    unit: String,
}

/// A channel, and the sweeps that it will hold.
#[derive(Debug)]
pub(super) struct Described {
    pub channel: Channel,
    pub sweeps: Vec<Sweep>,
}

impl Described {
    /// Adds a sweep that begins at `start`; one without values is left out.
    pub fn push(&mut self, start: Seconds, values: Vec<f64>) {
        if !values.is_empty() {
            self.channel.segments.push(Segment {
                start,
                samples: Samples::F64(values),
            });
        }
    }
}

/// All sweeps in the order of the file.
pub(super) fn sweeps(sections: &Sections, mapping: &Mapping) -> Result<(Vec<Sweep>, Vec<Finding>)> {
    let mut sweeps = Vec::new();
    let mut findings = Vec::new();
    let mut readings = None;
    for (index, section) in sections.sections.iter().enumerate() {
        for entry in &section.entries {
            let Some(key) = data_key(&entry.key, entry.line)? else {
                continue;
            };
            let found = read(&entry.value, key.count, &mapping.text, entry.line)?;
            agree(&mut readings, &found.readings, entry.line)?;
            let unit = key.unit.or_else(|| mapping.unit.clone()).ok_or_else(|| {
                Error::new(
                    ErrorCode::UnknownUnit,
                    "the key of the values states no unit",
                )
                .at(format!("line {}", entry.line))
                .advice("expected `Sweep  Data(mV)<1920>=`; state unit in a mapping")
            })?;
            let stated = |wanted| sections.stated(index, wanted);
            let rate = rate(
                sections,
                index,
                found.values.len(),
                mapping,
                entry.line,
                &mut findings,
            )?;
            sweeps.push(Sweep {
                section: index,
                values: found.values,
                key: ChannelKey {
                    is_average: key.kind == Kind::Averaged,
                    number: stated(Wanted::Channel),
                    anatomy: stated(Wanted::Anatomy),
                    rate: rate.to_bits(),
                    unit,
                },
                line: entry.line,
            });
        }
    }
    if sweeps.iter().all(|sweep| sweep.values.is_empty()) {
        return Err(Error::new(
            ErrorCode::NothingToAnalyze,
            "no key with values: `Sweep  Data`, `LongTrace Data` or `Averaged Data`",
        )
        .at(format!("{} sections", sections.sections.len()))
        .advice("export the traces, not only the report"));
    }
    Ok((sweeps, findings))
}

/// The rate of the stored values in Hz: `Subsampled(kHz)`; the rate of the converter only where the duration agrees with it.
fn rate(
    sections: &Sections,
    index: usize,
    count: usize,
    mapping: &Mapping,
    line: u64,
    findings: &mut Vec<Finding>,
) -> Result<f64> {
    let place = || {
        let heading = match sections.sections.get(index) {
            Some(section) if !section.path.is_empty() => {
                format!("section [{} - {}], ", section.path, section.name)
            }
            _ => String::new(),
        };
        format!("{heading}line {line}")
    };
    let number = |wanted, name: &str| match sections.stated(index, wanted) {
        None => Ok(None),
        Some(text) => kilohertz(&text).map(Some).ok_or_else(|| {
            Error::new(ErrorCode::UnknownRate, format!("{name} is \"{text}\""))
                .at(place())
                .advice("expected a number above 0, such as 19.2 or 19,2")
        }),
    };
    let seconds = sections
        .stated(index, Wanted::SweepDuration)
        .and_then(|text| single(&text))
        .map(|duration| duration / 1000.0);
    let off = |rate: f64| seconds.map(|seconds| (count as f64 - seconds * rate).abs());
    let agrees = |rate: f64| off(rate).is_some_and(|off| off <= DURATION_TOLERANCE);
    let converter = number(Wanted::SamplingFrequency, "Sampling Frequency(kHz)")?;
    if let Some(rate) = number(Wanted::Subsampled, "Subsampled(kHz)")? {
        let known = findings
            .iter()
            .any(|finding| finding.code == FindingCode::HeaderCorrected);
        if let (Some(seconds), false, false) = (seconds, agrees(rate), known) {
            findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!(
                    "{}: {count} values at Subsampled(kHz) last {} ms, Sweep Duration(ms) says {}",
                    place(),
                    count as f64 / rate * 1000.0,
                    seconds * 1000.0
                ),
            ));
        }
        return Ok(rate);
    }
    if let Some(rate) = converter
        && agrees(rate)
    {
        return Ok(rate);
    }
    match mapping.rate_hz {
        Some(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        Some(rate) => Err(
            Error::new(ErrorCode::BadMapping, format!("a rate of {rate} Hz is impossible"))
                .at("rate_hz")
                .advice("state a number above 0"),
        ),
        None => Err(Error::new(
            ErrorCode::UnknownRate,
            "no Subsampled(kHz) tells the rate of the stored values; Sampling Frequency(kHz) is that of the converter",
        )
        .at(place())
        .advice("state rate_hz in a mapping: the number of values divided by the duration of the sweep")),
    }
}

/// The channels, each with its sweeps, in the order in which they first stand in the file.
pub(super) fn describe(sections: &Sections, sweeps: Vec<Sweep>) -> Result<Vec<Described>> {
    let has_sweeps = sweeps.iter().any(|sweep| !sweep.key.is_average);
    let mut places: BTreeMap<ChannelKey, usize> = BTreeMap::new();
    let mut described: Vec<Described> = Vec::new();
    for sweep in sweeps {
        let place = match places.get(&sweep.key) {
            Some(place) => *place,
            None => {
                let mut channel = channel(sections, &sweep)?;
                if sweep.key.is_average && has_sweeps {
                    // Its sweeps stand in the file themselves; they would count twice.
                    channel.role = Role::Other;
                }
                places.insert(sweep.key.clone(), described.len());
                described.push(Described {
                    channel,
                    sweeps: Vec::new(),
                });
                described.len() - 1
            }
        };
        if let Some(described) = described.get_mut(place) {
            described.sweeps.push(sweep);
        }
    }
    set_apart(&mut described);
    Ok(described)
}

/// Labels that would be equal are told apart by the number of the channel and by what the values are.
fn set_apart(described: &mut [Described]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for label in described
        .iter()
        .map(|described| described.channel.label.clone())
    {
        *count.entry(label).or_default() += 1;
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for described in described {
        let label = &mut described.channel.label;
        if count.get(label.as_str()).is_some_and(|&count| count > 1) {
            if let Some(number) = described
                .sweeps
                .first()
                .and_then(|s| s.key.number.as_deref())
            {
                label.push_str(&format!(", channel {number}"));
            }
            if described.sweeps.first().is_some_and(|s| s.key.is_average) {
                label.push_str(", averaged");
            }
        }
        let times = taken.entry(label.clone()).or_default();
        *times += 1;
        if *times > 1 {
            label.push_str(&format!(", {times}"));
        }
    }
}

fn channel(sections: &Sections, sweep: &Sweep) -> Result<Channel> {
    let stated = |wanted| sections.stated(sweep.section, wanted);
    let millivolts = millivolts_per(&sweep.key.unit).ok_or_else(|| {
        Error::new(
            ErrorCode::UnknownUnit,
            format!("\"{}\" is no known unit of a voltage", sweep.key.unit),
        )
        .at(format!("line {}", sweep.line))
        .advice("use mV, uV or V in the key of the values or as unit in a mapping")
    })?;
    let anatomy = sweep.key.anatomy.as_deref();
    let (side, muscle) = anatomy.map_or((None, None), side_and_muscle);
    let label = match (anatomy, &sweep.key.number) {
        (Some(anatomy), _) => anatomy.to_owned(),
        (None, Some(number)) => format!("channel {number}"),
        (None, None) => "sweeps".to_owned(),
    };
    let low = stated(Wanted::LowCut);
    let high = stated(Wanted::HighCut);
    let prefilter = (low.is_some() || high.is_some()).then(|| {
        let low = low.as_ref().map(|low| format!("HP:{low}Hz"));
        let high = high.as_ref().map(|high| format!("LP:{high}kHz"));
        [low, high]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut findings = Vec::new();
    if low
        .as_deref()
        .and_then(single)
        .is_some_and(|low| low >= HIGH_PASS_HZ)
    {
        findings.push(Finding::new(
            FindingCode::FilterInHeader,
            prefilter.clone().unwrap_or_default(),
        ));
    }
    Ok(Channel {
        label,
        role: Role::Response,
        rate: Hertz(f64::from_bits(sweep.key.rate)),
        segments: Vec::new(),
        calibration: Calibration {
            gain: millivolts,
            offset: 0.0,
            rails: None,
            unit: sweep.key.unit.clone(),
            millivolts_per_unit: Some(millivolts),
        },
        muscle,
        nerve: stated(Wanted::Nerve),
        side: stated(Wanted::Side).as_deref().and_then(one_side).or(side),
        prefilter,
        transducer: None,
        findings,
    })
}

fn one_side(word: &str) -> Option<Side> {
    match word.to_lowercase().as_str() {
        "l" | "left" => Some(Side::Left),
        "r" | "right" => Some(Side::Right),
        _ => None,
    }
}

/// `R ADM`: a side may stand first.
fn side_and_muscle(anatomy: &str) -> (Option<Side>, Option<String>) {
    let anatomy = anatomy.trim();
    if let Some((first, rest)) = anatomy.split_once(char::is_whitespace)
        && let Some(side) = one_side(first)
    {
        return (Some(side), Some(rest.trim().to_owned()));
    }
    (None, (!anatomy.is_empty()).then(|| anatomy.to_owned()))
}
