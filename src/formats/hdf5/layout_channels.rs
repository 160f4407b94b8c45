//! The channels of endplate's own layout.

use super::catalog::members;
use super::guard::Opened;
use super::layout::{
    column, dataset, group, known_members, missing, not_one_of, one_dimension, only_known,
    read_findings,
};
use super::values::{Attributes, integers, numbers, samples};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::millivolts_per;
use crate::recording::{Calibration, Channel, Role, Samples, Segment, Side};
use crate::units::{Hertz, Seconds};

const CHANNEL_ATTRIBUTES: &[&str] = &[
    "label",
    "rate_hz",
    "role",
    "gain_mv",
    "offset_mv",
    "gain",
    "offset",
    "unit",
    "millivolts_per_unit",
    "rails",
    "muscle",
    "nerve",
    "side",
    "prefilter",
    "transducer",
];
const CHANNEL_MEMBERS: &[&str] = &["samples", "segment_starts_s", "segment_lengths", "findings"];
/// All channels, in the order of their numbers.
pub(super) fn read_channels(opened: &Opened, findings: &mut Vec<Finding>) -> Result<Vec<Channel>> {
    let Some(group) = group(opened, "/channels")? else {
        return Err(missing("group", "/channels"));
    };
    let names = members(&group, "/channels")?;
    let mut channels = Vec::with_capacity(names.len());
    for index in 0..names.len() {
        if !names.iter().any(|(name, _)| *name == index.to_string()) {
            let found: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!(
                    "there is no channel {index}; found {}",
                    shortened(&found.join(", "))
                ),
            )
            .at("group \"/channels\"")
            .advice("number the channels 0, 1, 2 … without a gap"));
        }
        channels.push(read_channel(opened, &format!("/channels/{index}"))?);
    }
    let mut labels: Vec<&str> = channels
        .iter()
        .map(|channel| channel.label.as_str())
        .collect();
    labels.sort_unstable();
    labels.dedup();
    // The writer keeps the finding of the file that it came from, so it is added for files that others wrote only.
    let noticed = read_findings(opened, "/findings")?
        .iter()
        .any(|finding| finding.code == FindingCode::DuplicateLabel);
    if labels.len() < channels.len() && !noticed {
        findings.push(Finding::new(
            FindingCode::DuplicateLabel,
            format!("{} channels bear {} labels", channels.len(), labels.len()),
        ));
    }
    Ok(channels)
}

fn read_channel(opened: &Opened, path: &str) -> Result<Channel> {
    let place = format!("group \"{path}\"");
    let Some(group) = group(opened, path)? else {
        return Err(missing("group", path));
    };
    let attributes = Attributes::of(opened, &group, &place)?;
    only_known(attributes.names(), CHANNEL_ATTRIBUTES, "attribute", &place)?;
    known_members(&group, path, CHANNEL_MEMBERS)?;
    let needed = |name: &str| {
        Error::new(
            ErrorCode::BadHeader,
            format!("the attribute \"{name}\" is missing"),
        )
        .at(&place)
        .advice("docs/formats/hdf5.md lists what a channel needs")
    };
    let rate = Hertz(
        attributes
            .number("rate_hz")?
            .ok_or_else(|| needed("rate_hz"))?,
    );
    let role = match attributes.text("role")? {
        None => Role::Response,
        Some(name) => Role::from_name(&name).ok_or_else(|| {
            let known = Role::ALL.map(Role::as_str).join(", ");
            not_one_of("role", &name, &known, &place)
        })?,
    };
    let side = match attributes.text("side")? {
        None => None,
        Some(name) => Some(Side::from_name(&name).ok_or_else(|| {
            let known = Side::ALL.map(Side::as_str).join(", ");
            not_one_of("side", &name, &known, &place)
        })?),
    };
    let mut channel = Channel {
        label: attributes.text("label")?.ok_or_else(|| needed("label"))?,
        role,
        rate,
        segments: Vec::new(),
        calibration: read_calibration(&attributes, &place)?,
        muscle: attributes.text("muscle")?,
        nerve: attributes.text("nerve")?,
        side,
        prefilter: attributes.text("prefilter")?,
        transducer: attributes.text("transducer")?,
        findings: read_findings(opened, &format!("{path}/findings"))?,
    };
    channel.segments = read_segments(opened, path)?;
    Ok(channel)
}

fn read_calibration(attributes: &Attributes<'_>, place: &str) -> Result<Calibration> {
    let bad = |message: &str, advice: &str| {
        Err(Error::new(ErrorCode::BadCalibration, message)
            .at(place)
            .advice(advice))
    };
    let unit = attributes.text("unit")?;
    let rails = attributes.numbers("rails")?.map(|[low, high]| (low, high));
    let per_unit = attributes.number("millivolts_per_unit")?;
    match (attributes.number("gain_mv")?, attributes.number("gain")?) {
        (Some(gain), None) => {
            if attributes.number("offset")?.is_some() {
                return bad(
                    "a voltage (gain_mv) with \"offset\"",
                    "write \"offset_mv\", in mV",
                );
            }
            let unit = unit.unwrap_or_else(|| "mV".to_owned());
            let Some(millivolts) = per_unit.or_else(|| millivolts_per(&unit)) else {
                return Err(Error::new(
                    ErrorCode::UnknownUnit,
                    format!("how many mV is one \"{unit}\"?"),
                )
                .at(place)
                .advice("state \"millivolts_per_unit\""));
            };
            Ok(Calibration {
                gain,
                offset: attributes.number("offset_mv")?.unwrap_or(0.0),
                rails,
                unit,
                millivolts_per_unit: Some(millivolts),
            })
        }
        (None, Some(gain)) => {
            if attributes.number("offset_mv")?.is_some() || per_unit.is_some() {
                return bad(
                    "a quantity that is no voltage (gain) with \"offset_mv\" or \"millivolts_per_unit\"",
                    "write \"gain_mv\" if the channel is a voltage",
                );
            }
            Ok(Calibration {
                gain,
                offset: attributes.number("offset")?.unwrap_or(0.0),
                rails,
                unit: unit.unwrap_or_default(),
                millivolts_per_unit: None,
            })
        }
        (Some(_), Some(_)) => bad(
            "both \"gain_mv\" and \"gain\"",
            "a voltage has gain_mv, any other quantity gain",
        ),
        (None, None) => bad(
            "neither \"gain_mv\" nor \"gain\"; no millivolts can be computed",
            "write gain_mv, the mV per stored step",
        ),
    }
}

fn read_segments(opened: &Opened, path: &str) -> Result<Vec<Segment>> {
    let name = format!("{path}/samples");
    let place = format!("dataset \"{name}\"");
    let Some(dataset) = dataset(opened, &name)? else {
        return Err(missing("dataset", &name));
    };
    one_dimension(&dataset, &place)?;
    let stored = samples(opened, &dataset, &place)?;
    let starts = column(opened, &format!("{path}/segment_starts_s"), numbers)?;
    let lengths = column(opened, &format!("{path}/segment_lengths"), integers)?;
    let place = format!("group \"{path}\"");
    let (starts, lengths) = match (starts, lengths) {
        (None, None) => {
            return Ok(vec![Segment {
                start: Seconds(0.0),
                samples: stored,
            }]);
        }
        (Some(starts), None) if starts.len() == 1 => (starts, vec![stored.len() as i64]),
        (Some(starts), Some(lengths)) if starts.len() == lengths.len() => (starts, lengths),
        (starts, lengths) => {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!(
                    "{} segment_starts_s and {} segment_lengths; expected as many of both",
                    starts.map_or(0, |starts| starts.len()),
                    lengths.map_or(0, |lengths| lengths.len())
                ),
            )
            .at(place));
        }
    };
    cut(stored, &starts, &lengths).map_err(|error| error.at(place))
}

/// Cuts the samples of all segments, which lie one after the other, into segments.
fn cut(stored: Samples, starts: &[f64], lengths: &[i64]) -> Result<Vec<Segment>> {
    let total = lengths
        .iter()
        .try_fold(0usize, |sum, &length| {
            sum.checked_add(usize::try_from(length).ok()?)
        })
        .filter(|&total| total == stored.len())
        .ok_or_else(|| {
            Error::new(
                ErrorCode::BadHeader,
                format!(
                    "the segment_lengths do not add up to the {} samples",
                    stored.len()
                ),
            )
        })?;
    if let ([start], [_]) = (starts, lengths) {
        return Ok(vec![Segment {
            start: Seconds(*start),
            samples: stored,
        }]);
    }
    let mut from = 0usize;
    let mut segments = Vec::with_capacity(starts.len());
    for (&start, &length) in starts.iter().zip(lengths) {
        let to = from
            .saturating_add(usize::try_from(length).unwrap_or(0))
            .min(total);
        segments.push(Segment {
            start: Seconds(start),
            samples: stored.every(from, 1, to - from)?,
        });
        from = to;
    }
    Ok(segments)
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain("…".chars()).collect()
}
