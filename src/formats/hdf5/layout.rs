//! Reads endplate's own layout, version 1, as `docs/formats/hdf5.md` describes it.

use super::catalog::members;
use super::guard::{Node, Opened, library};
use super::layout_channels::read_channels;
use super::values::{Attributes, count, integers, numbers, texts};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, channel_for};
use crate::recording::{Channel, Clock, Mark, Origin, Recording, Subject};
use crate::units::{Celsius, Seconds};
use ::hdf5::{Dataset, Group};

/// The root attribute that says that a file is ours, and its value.
pub(super) const MARKER: &str = "endplate_layout";
pub(super) const VERSION: i64 = 1;

pub(super) const ROOT_ATTRIBUTES: &[&str] = &[MARKER, "clock", "started", "device"];
/// All attributes that hold a text.
pub(super) const TEXT_ATTRIBUTES: &[&str] = &[
    "MATLAB_class",
    "clock",
    "started",
    "device",
    "label",
    "role",
    "unit",
    "muscle",
    "nerve",
    "side",
    "prefilter",
    "transducer",
    "code",
    "sex",
    // NWB
    "nwb_version",
    "neurodata_type",
    "filtering",
    "manufacturer",
    "reference",
];
const ROOT_MEMBERS: &[&str] = &["channels", "marks", "subject", "findings", "extra"];
const MARK_MEMBERS: &[&str] = &["times_s", "texts", "durations_s", "channels"];
const SUBJECT_ATTRIBUTES: &[&str] = &["code", "age_years", "sex", "skin_temperature_c"];
const FINDING_MEMBERS: &[&str] = &["codes", "details"];

/// In `marks/channels`: the mark concerns all channels.
pub(super) const ALL_CHANNELS: i64 = -1;

/// Whether the file says that it is in our layout.
pub(super) fn is_own(opened: &Opened) -> Result<bool> {
    let root = root(opened)?;
    Ok(Attributes::of(opened, &root, "root group")?
        .names()
        .iter()
        .any(|name| name == MARKER))
}

/// Reads the whole recording.
pub(super) fn read(opened: &Opened, mapping: &Mapping) -> Result<Recording> {
    let root = root(opened)?;
    let attributes = Attributes::of(opened, &root, "root group")?;
    let version = attributes.number(MARKER)?;
    if version != Some(VERSION as f64) {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!(
                "{MARKER} is {}; this program reads {VERSION}",
                version.unwrap_or(f64::NAN)
            ),
        )
        .at("root group")
        .advice("use a newer endplate, or correct the attribute"));
    }
    only_known(
        attributes.names(),
        ROOT_ATTRIBUTES,
        "attribute",
        "root group",
    )?;
    known_members(&root, "", ROOT_MEMBERS)?;
    let clock = match attributes.text("clock")? {
        None => Clock::True,
        Some(name) => Clock::from_name(&name).ok_or_else(|| {
            let known = Clock::ALL.map(Clock::as_str).join(", ");
            not_one_of("clock", &name, &known, "root group")
        })?,
    };
    let origin = Origin {
        started: attributes.text("started")?,
        device: attributes.text("device")?,
        clock,
        ..Origin::default()
    };
    let mut findings = Vec::new();
    let mut channels = read_channels(opened, &mut findings)?;
    for channel in &mut channels {
        if let Some(entry) = channel_for(mapping, &channel.label) {
            refuse_contradiction(entry, channel)?;
            channel.calibration.rails = channel.calibration.rails.or(entry.rails);
        }
        mapping.describe(channel);
    }
    findings.extend(read_findings(opened, "/findings")?);
    Ok(Recording {
        channels,
        marks: read_marks(opened)?,
        origin,
        subject: read_subject(opened)?,
        corrections: Vec::new(),
        findings,
    })
}

fn root(opened: &Opened) -> Result<Group> {
    opened
        .file
        .group("/")
        .map_err(|cause| library(cause, "root group"))
}

fn read_marks(opened: &Opened) -> Result<Vec<Mark>> {
    let Some(group) = group(opened, "/marks")? else {
        return Ok(Vec::new());
    };
    known_members(&group, "/marks", MARK_MEMBERS)?;
    let times = column(opened, "/marks/times_s", numbers)?
        .ok_or_else(|| missing("dataset", "/marks/times_s"))?;
    let texts =
        text_column(opened, "/marks/texts")?.ok_or_else(|| missing("dataset", "/marks/texts"))?;
    let durations = column(opened, "/marks/durations_s", numbers)?;
    let channels = column(opened, "/marks/channels", integers)?;
    for (name, length) in [
        ("texts", Some(texts.len())),
        ("durations_s", durations.as_ref().map(Vec::len)),
        ("channels", channels.as_ref().map(Vec::len)),
    ] {
        if let Some(length) = length
            && length != times.len()
        {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{} times_s, but {length} {name}", times.len()),
            )
            .at("group \"/marks\""));
        }
    }
    let mut marks = Vec::with_capacity(times.len());
    for (index, (time, text)) in times.into_iter().zip(texts).enumerate() {
        let channel = match channels.as_ref().and_then(|all| all.get(index)) {
            None | Some(&ALL_CHANNELS) => None,
            Some(&channel) => Some(usize::try_from(channel).map_err(|_| {
                Error::new(
                    ErrorCode::BadHeader,
                    format!("mark {index} belongs to channel {channel}"),
                )
                .at("dataset \"/marks/channels\"")
                .advice("channels count from 0; -1 means all")
            })?),
        };
        marks.push(Mark {
            time: Seconds(time),
            duration: durations
                .as_ref()
                .and_then(|all| all.get(index))
                .filter(|duration| !duration.is_nan())
                .map(|&duration| Seconds(duration)),
            text,
            channel,
        });
    }
    Ok(marks)
}

fn read_subject(opened: &Opened) -> Result<Subject> {
    let Some(group) = group(opened, "/subject")? else {
        return Ok(Subject::default());
    };
    let place = "group \"/subject\"";
    let attributes = Attributes::of(opened, &group, place)?;
    only_known(attributes.names(), SUBJECT_ATTRIBUTES, "attribute", place)?;
    known_members(&group, "/subject", &[])?;
    Ok(Subject {
        code: attributes.text("code")?,
        age_years: attributes.number("age_years")?,
        sex: attributes.text("sex")?,
        skin_temperature: attributes.number("skin_temperature_c")?.map(Celsius),
        identity: None,
    })
}

pub(super) fn read_findings(opened: &Opened, path: &str) -> Result<Vec<Finding>> {
    let Some(group) = group(opened, path)? else {
        return Ok(Vec::new());
    };
    known_members(&group, path, FINDING_MEMBERS)?;
    let codes = text_column(opened, &format!("{path}/codes"))?.unwrap_or_default();
    let details = text_column(opened, &format!("{path}/details"))?.unwrap_or_default();
    if codes.len() != details.len() {
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!("{} codes, but {} details", codes.len(), details.len()),
        )
        .at(format!("group \"{path}\"")));
    }
    Ok(codes
        .into_iter()
        .zip(details)
        .map(
            |(code, detail)| match FindingCode::ALL.iter().find(|known| known.as_str() == code) {
                Some(&known) => Finding::new(known, detail),
                None => Finding::new(
                    FindingCode::HeaderCorrected,
                    format!("the finding \"{code}\" ({detail}) is not known to this version"),
                ),
            },
        )
        .collect())
}

/// What a sidecar may not say of a channel that says it itself.
fn refuse_contradiction(entry: &ChannelMapping, channel: &Channel) -> Result<()> {
    let label = &channel.label;
    let rails = channel.calibration.rails;
    let stated = [
        ("sample_axis", entry.sample_axis.is_some()),
        ("index", entry.index.is_some()),
        ("rate_hz", entry.rate_hz.is_some()),
        ("rate_from", entry.rate_from.is_some()),
        ("unit", entry.unit.is_some()),
        ("gain", entry.gain.is_some()),
        ("offset", entry.offset.is_some()),
        (
            "rails",
            rails.is_some() && entry.rails.is_some() && entry.rails != rails,
        ),
        ("start_s", entry.start_s.is_some()),
        ("sweep_starts", entry.sweep_starts.is_some()),
    ];
    match stated.into_iter().find(|(_, is)| *is) {
        None => Ok(()),
        Some((field, _)) => Err(Error::new(
            ErrorCode::BadMapping,
            format!("the mapping states `{field}` of \"{label}\", but this file is in endplate's layout and states it itself"),
        )
        .at(format!("mapping, channel \"{label}\""))
        .advice(format!("remove `{field}`, or correct the file"))),
    }
}

pub(super) fn group(opened: &Opened, path: &str) -> Result<Option<Group>> {
    match opened.node(path)? {
        Some(Node::Group(group)) => Ok(Some(group)),
        Some(Node::Dataset(_)) => Err(Error::new(
            ErrorCode::BadHeader,
            format!("\"{path}\" is a dataset; expected a group"),
        )),
        None => Ok(None),
    }
}

pub(super) fn dataset(opened: &Opened, path: &str) -> Result<Option<Dataset>> {
    match opened.node(path)? {
        Some(Node::Dataset(dataset)) => Ok(Some(dataset)),
        Some(Node::Group(_)) => Err(Error::new(
            ErrorCode::BadHeader,
            format!("\"{path}\" is a group; expected a dataset"),
        )),
        None => Ok(None),
    }
}

pub(super) type Reader<T> = fn(&Opened, &::hdf5::Container, &str) -> Result<Vec<T>>;

pub(super) fn column<T>(opened: &Opened, path: &str, read: Reader<T>) -> Result<Option<Vec<T>>> {
    let place = format!("dataset \"{path}\"");
    let Some(dataset) = dataset(opened, path)? else {
        return Ok(None);
    };
    one_dimension(&dataset, &place)?;
    read(opened, &dataset, &place).map(Some)
}

fn text_column(opened: &Opened, path: &str) -> Result<Option<Vec<String>>> {
    let Some(texts) = column(opened, path, texts)? else {
        return Ok(None);
    };
    texts
        .into_iter()
        .enumerate()
        .map(|(index, (text, unicode))| {
            unicode.then_some(text).ok_or_else(|| {
                Error::new(ErrorCode::BadHeader, format!("text {index} is not UTF-8"))
                    .at(format!("dataset \"{path}\""))
            })
        })
        .collect::<Result<_>>()
        .map(Some)
}

pub(super) fn one_dimension(dataset: &Dataset, place: &str) -> Result<()> {
    // An empty dataset of h5py may have no dimensions at all.
    if dataset.ndim() == 1 || count(dataset, place)? == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::BadHeader,
        format!("the shape is {:?}; expected one dimension", dataset.shape()),
    )
    .at(place))
}

pub(super) fn known_members(group: &Group, path: &str, known: &[&str]) -> Result<()> {
    let names: Vec<String> = members(group, path)?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    only_known(&names, known, "member", &format!("group \"{path}/\""))
}

pub(super) fn only_known(names: &[String], known: &[&str], what: &str, place: &str) -> Result<()> {
    match names
        .iter()
        .find(|name| !known.iter().any(|allowed| allowed == name))
    {
        None => Ok(()),
        Some(name) => Err(Error::new(
            ErrorCode::BadHeader,
            format!("unknown {what} {name:?}; known are {}", known.join(", ")),
        )
        .at(place)
        .advice("correct the spelling; what is your own belongs into a group \"/extra\"")),
    }
}

pub(super) fn missing(what: &str, path: &str) -> Error {
    Error::new(
        ErrorCode::BadHeader,
        format!("the {what} \"{path}\" is missing"),
    )
    .at(format!("{what} \"{path}\""))
    .advice("docs/formats/hdf5.md describes the layout")
}

pub(super) fn not_one_of(name: &str, found: &str, allowed: &str, place: &str) -> Error {
    Error::new(
        ErrorCode::BadHeader,
        format!("{name} is {found:?}; expected one of {allowed}"),
    )
    .at(place)
}
