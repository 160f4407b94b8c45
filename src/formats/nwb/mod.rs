//! NWB 2.x: signals, tables of intervals and events, and what is said about the subject, through the door of HDF5.
//!
//! What is read and what is not stands in `docs/formats/nwb.md`.

mod channels;
mod electrodes;
mod find;
mod marks;
mod object;
mod series;
mod stamps;
mod subject;

use super::hdf5::{self, Attributes, Opened, library};
use super::{Format, Input, Mapping, mapped, search};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Recording};
use crate::source::Source;
use find::Kind;
use object::{Object, Reading};

/// The card.
pub static NWB: Format = Format {
    id: "nwb",
    name: "NWB 2 (Neurodata Without Borders)",
    extensions: &["nwb"],
    specification: Source {
        citation: "Neurodata Without Borders: NWB Format Specification 2.11, with HDMF Common 1.10",
        link: "https://nwb-schema.readthedocs.io",
        place: "NWBFile, TimeSeries, ElectricalSeries, TimeIntervals, EventsTable, Subject",
    },
    refines: &["hdf5"],
    claims,
    read,
    write: None,
    parts: None,
};

/// The root attribute of version 2, and the root dataset of version 1.
const VERSION: &str = "nwb_version";

/// What a version must begin with.
const READ_VERSION: &str = "2.";

fn claims(input: &Input) -> bool {
    // The name alone may stand in any file, so the root is asked; files without it are spared the work.
    hdf5::claims(input)
        && input
            .bytes()
            .is_ok_and(|bytes| search::find(bytes, 0, VERSION.as_bytes()).is_some())
        && hdf5::guarded(|| Ok(version(&Opened::open(input)?)?.is_some())).unwrap_or(false)
}

/// What the root says; `Some(None)` for a file of version 1, which says it in a dataset.
fn version(opened: &Opened) -> Result<Option<Option<String>>> {
    let root = opened
        .file
        .group("/")
        .map_err(|cause| library(cause, "group \"/\""))?;
    let attributes = Attributes::of(opened, &root, "group \"/\"")?;
    if let Some(version) = attributes.text(VERSION)? {
        return Ok(Some(Some(version)));
    }
    let first = hdf5::members(&root, "")?
        .iter()
        .any(|(name, _)| name == VERSION);
    Ok(first.then_some(None))
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    hdf5::guarded(|| {
        let opened = Opened::open(input)?;
        check_version(version(&opened)?)?;
        let reading = Reading::new(&opened);
        let mut recording = assemble(&reading, mapping)?;
        recording.findings.extend(reading.findings.take());
        Ok(recording)
    })
}

fn check_version(version: Option<Option<String>>) -> Result<()> {
    let found = match version {
        Some(Some(version)) if version.starts_with(READ_VERSION) => return Ok(()),
        Some(Some(version)) => format!("the NWB version is \"{version}\""),
        Some(None) => "this is a file of NWB version 1".to_owned(),
        None => format!("the root has no attribute \"{VERSION}\""),
    };
    Err(
        Error::new(ErrorCode::Unsupported, format!("{found}; expected 2.x"))
            .at("group \"/\"")
            .advice(
                "write it again with pynwb or MatNWB, or state format = \"hdf5\" in a mapping and name the datasets",
            ),
    )
}

fn assemble(reading: &Reading, mapping: &Mapping) -> Result<Recording> {
    let mut channels = Vec::new();
    let mut marks = Vec::new();
    for found in find::all(reading)? {
        match found.kind {
            Kind::Series => channels.extend(series::read(&found, mapping)?),
            Kind::Annotations => marks.extend(marks::annotations(&found.object)?),
            Kind::Intervals => marks.extend(marks::intervals(&found.object)?),
            Kind::Events => marks.extend(marks::events(&found.object)?),
            Kind::Ignored(why) => reading.finding(
                FindingCode::ChannelIgnored,
                format!("{}: {why}", found.object.path),
            ),
        }
    }
    let channels = channels::finish(channels, mapping)?;
    marks.extend(channels::stimulus_marks(mapping, &channels)?);
    let mut findings: Vec<Finding> = Vec::new();
    marks.extend(mapped::marks(
        reading.opened,
        mapping,
        Clock::True,
        &mut findings,
    )?);
    findings.extend(channels::gaps(&channels));
    let general = Object::open(reading, "/general")?;
    Ok(Recording {
        origin: subject::origin(reading, general.as_ref())?,
        subject: subject::read(reading, general.as_ref())?,
        channels,
        marks,
        corrections: Vec::new(),
        findings,
    })
}
