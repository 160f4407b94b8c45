//! DICOM waveform objects: electromyogram, ECG, EEG and whatever else has a Waveform Sequence.
//!
//! dicom-rs reads the elements after their structure was checked ([`guard`]); what they mean is read here. `docs/formats/dicom.md` says what is
//! read and what the standard leaves open.

mod annotations;
mod channels;
mod dataset;
mod group;
mod guard;
mod joined;
mod person;

use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::{labels, stated};
use crate::recording::{Channel, Clock, Origin, Recording};
use crate::source::Source;
use annotations::Place;
use dataset::{PREAMBLE_BYTES, PREFIX};
use dicom_dictionary_std::tags;
use group::Group;
use joined::Joined;

/// The card.
pub static DICOM: Format = Format {
    id: "dicom",
    name: "DICOM waveform",
    extensions: &["dcm"],
    specification: Source {
        citation: "National Electrical Manufacturers Association. Digital Imaging and Communications in Medicine (DICOM). NEMA PS3 / ISO 12052",
        link: "https://www.dicomstandard.org/current",
        place: "PS3.3 C.10.8 to C.10.10; PS3.5 7 and 8.3; PS3.10 7.1",
    },
    refines: &[],
    claims,
    read,
    write: None,
    parts: None,
};

fn claims(input: &Input) -> bool {
    input
        .head()
        .get(PREAMBLE_BYTES..)
        .is_some_and(|rest| rest.starts_with(PREFIX))
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    read_object(input.bytes()?, mapping).map_err(|error| error.in_file(input.path()))
}

/// The data set of any DICOM file, its structure checked.
pub(crate) fn attributes(bytes: &[u8]) -> Result<dicom_object::InMemDicomObject> {
    if !bytes
        .get(PREAMBLE_BYTES..)
        .is_some_and(|rest| rest.starts_with(PREFIX))
    {
        return Err(Error::new(
            ErrorCode::UnknownFormat,
            "no DICOM file: the letters DICM do not stand at byte 128",
        )
        .advice("name a DICOM file"));
    }
    dataset::read(bytes).map(|set| set.root)
}

fn read_object(bytes: &[u8], mapping: &Mapping) -> Result<Recording> {
    let set = dataset::read(bytes)?;
    let items = dataset::items(&set.root, tags::WAVEFORM_SEQUENCE);
    if items.is_empty() {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!(
                "a DICOM object of SOP class {} without a Waveform Sequence (5400,0100)",
                dataset::text(&set.root, tags::SOP_CLASS_UID)
                    .unwrap_or_else(|| "unknown".to_owned())
            ),
        )
        .advice("images and reports hold no samples: export the waveform object (EMG: SOP class 1.2.840.10008.5.1.4.1.1.9.7.2)"));
    }
    let mut findings = Vec::new();
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let group = Group::read(&set, item, index + 1, mapping)?;
        if group.excess > 0 {
            findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!(
                    "{}: {} bytes after the last sample were not read",
                    group.place, group.excess
                ),
            ));
        }
        read.push(group);
    }
    let clock = clock(&read, &mut findings);
    let mut joined: Vec<Joined> = Vec::new();
    let mut groups = Vec::with_capacity(read.len());
    let mut number = 0;
    let mut next = 0.0;
    for mut group in read {
        if clock == Clock::OrderOnly {
            group.start = next;
        }
        // Channels of one group never continue one another.
        let before = joined.len();
        let mut places = Vec::with_capacity(group.definitions.len());
        let mut end = group.end();
        for index in 0..group.definitions.len() {
            number += 1;
            let Some(track) = channels::track(&group, index, number, mapping)? else {
                continue;
            };
            end = end.max(group.end() + track.delay);
            let earlier = joined.get_mut(..before).unwrap_or_default();
            let continued = earlier
                .iter_mut()
                .enumerate()
                .find(|(_, known)| known.continues(&track.channel));
            let channel = match continued {
                Some((index, known)) => {
                    known.add(track.channel);
                    index
                }
                None => {
                    joined.push(Joined::new(track.channel));
                    joined.len() - 1
                }
            };
            places.push(Place {
                channel,
                delay: track.delay,
            });
        }
        next = end.floor() + ORDER_SPACING_S;
        groups.push((group, places));
    }
    let channels: Vec<Channel> = joined
        .into_iter()
        .map(Joined::finish)
        .collect::<Result<_>>()?;
    stated::check_mapping(mapping, &channels)?;
    findings.extend(labels::repeated(&channels));
    let started = person::started(&set.root);
    let scene = annotations::Scene {
        groups: &groups,
        channels: channels.len(),
        clock,
        began: person::began(&set.root),
    };
    let (subject, withheld) = person::subject(&set.root, started);
    findings.extend(withheld);
    let mut marks = annotations::read(&set.root, &scene, &mut findings)?;
    marks.extend(annotations::triggers(&scene)?);
    marks.extend(stated::marks(mapping, &channels));
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels,
        marks,
        origin: Origin {
            started: started.map(|started| started.to_string()),
            device: person::device(&set.root),
            clock,
            ..Origin::default()
        },
        subject,
        corrections: Vec::new(),
        findings,
    })
}

/// Without times, groups follow one another with a gap of this at most. It says nothing (see [`Clock::OrderOnly`]).
const ORDER_SPACING_S: f64 = 1.0;

/// Several groups have common times only if each states its own: they may be one acquisition or one after the other.
fn clock(groups: &[Group], findings: &mut Vec<Finding>) -> Clock {
    let missing = groups.iter().filter(|group| !group.is_placed).count();
    if groups.len() < 2 || missing == 0 {
        return Clock::True;
    }
    findings.push(Finding::new(
        FindingCode::ClockUnknown,
        format!(
            "{missing} of {} multiplex groups have no Multiplex Group Time Offset (0018,1068)",
            groups.len()
        ),
    ));
    Clock::OrderOnly
}
