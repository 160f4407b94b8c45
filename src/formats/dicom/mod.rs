//! DICOM waveform objects: electromyogram, ECG, EEG and whatever else has a Waveform Sequence.
//!
//! dicom-rs reads the elements after their structure was checked ([`guard`]); what they mean is read here. `docs/formats/dicom.md` says what is
//! read and what the standard leaves open.

mod annotations;
mod channels;
mod dataset;
mod group;
mod guard;
mod person;

use super::{Format, Input, Mapping, edf};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Channel, Origin, Recording};
use crate::source::Source;
use annotations::Place;
use dataset::{PREAMBLE_BYTES, PREFIX};
use dicom_dictionary_std::tags;
use group::Group;

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
        .bytes()
        .get(PREAMBLE_BYTES..)
        .is_some_and(|rest| rest.starts_with(PREFIX))
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    read_object(input.bytes(), mapping).map_err(|error| error.in_file(input.path()))
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
    let mut channels: Vec<Channel> = Vec::new();
    let mut groups = Vec::new();
    let mut number = 0;
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
        // Channels of one group never continue one another.
        let before = channels.len();
        let mut places = Vec::with_capacity(group.definitions.len());
        for index in 0..group.definitions.len() {
            number += 1;
            let Some(track) = channels::track(&group, index, number, mapping)? else {
                continue;
            };
            let earlier = channels.get_mut(..before).unwrap_or_default();
            let continued = earlier
                .iter_mut()
                .enumerate()
                .find(|(_, known)| continues(known, &track.channel));
            let channel = match continued {
                Some((index, known)) => {
                    known.segments.extend(track.channel.segments);
                    known.findings.extend(
                        track
                            .channel
                            .findings
                            .into_iter()
                            .filter(|finding| finding.code == FindingCode::GapInRecording),
                    );
                    index
                }
                None => {
                    channels.push(track.channel);
                    channels.len() - 1
                }
            };
            places.push(Place {
                channel,
                delay: track.delay,
            });
        }
        groups.push((group, places));
    }
    edf::check_mapping(mapping, &channels)?;
    findings.extend(edf::repeated_labels(&channels));
    let started = person::started(&set.root);
    let (subject, withheld) = person::subject(&set.root, started);
    findings.extend(withheld);
    let mut marks = annotations::read(&set.root, &groups, started, &mut findings)?;
    marks.extend(annotations::triggers(&groups)?);
    marks.extend(edf::mapped_marks(mapping, &channels));
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels,
        marks,
        origin: Origin {
            started: started.map(|started| started.to_string()),
            device: person::device(&set.root),
            ..Origin::default()
        },
        subject,
        findings,
    })
}

/// Two samples this part of an interval too close to each other still follow one another: start times are decimal milliseconds.
const OVERLAP_SAMPLES: f64 = 0.5;

/// Whether the channel of a later group is the next stretch of a known one, as sweeps stored group by group are.
fn continues(known: &Channel, next: &Channel) -> bool {
    let same = known.label == next.label
        && known.role == next.role
        && known.rate == next.rate
        && known.calibration == next.calibration
        && known.prefilter == next.prefilter
        && known.transducer == next.transducer;
    let end = known.segments.last().map(|last| last.end(known.rate).0);
    let start = next.segments.first().map(|first| first.start.0);
    same && match (end, start) {
        (Some(end), Some(start)) => start >= end - OVERLAP_SAMPLES / known.rate.0,
        _ => false,
    }
}
