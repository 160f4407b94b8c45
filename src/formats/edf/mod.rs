//! EDF, EDF+ and their 24-bit sisters BDF and BDF+.
//!
//! Continuous and discontinuous files, per-channel rates, annotations, and nerve conduction studies with one data record per
//! stimulus. `docs/formats/edf.md` says what is read, what is written and what the specification leaves open.

mod annotations;
mod calibration;
mod channels;
mod decimal;
mod header;
mod identification;
mod layout;
mod nerve_conduction;
mod note;
mod records;
mod spelling;
mod stretches;
mod write;

use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::{labels, stated};
use crate::recording::{Clock, Content, Mark, Origin, Recording, Samples, Segment, Stored, Width};
use crate::source::Source;
use crate::units::Seconds;
use channels::Draft;
use header::{Header, Kind, Signal};
use identification::Identification;
use records::Timeline;
use std::path::Path;
use std::sync::Arc;

/// The card of the 16-bit format.
pub static EDF: Format = Format {
    id: "edf",
    name: "EDF and EDF+",
    extensions: &["edf"],
    specification: Source {
        citation: "Kemp B, Olivan J. European data format 'plus' (EDF+). Clin Neurophysiol 2003;114:1755–1761",
        link: "https://www.edfplus.info/specs/edfplus.html",
        place: "2 and 3.7; standard texts 2.1",
    },
    refines: &[],
    claims: claims_edf,
    read,
    write: Some(write_edf),
    parts: None,
};

/// The card of the 24-bit format.
pub static BDF: Format = Format {
    id: "bdf",
    name: "BDF and BDF+",
    extensions: &["bdf"],
    specification: Source {
        citation: "BioSemi. Which file format does BioSemi use? (BDF); van Beelen T. BDF+",
        link: "https://www.teuniz.net/edfbrowser/bdfplus%20format%20description.html",
        place: "",
    },
    refines: &[],
    claims: claims_bdf,
    read,
    write: Some(write_bdf),
    parts: None,
};

fn claims_edf(input: &Input) -> bool {
    let head = input.head();
    let head = head.get(..header::BLOCK).unwrap_or(head);
    // A text file might begin with a 0 and spaces, but its first line would end before byte 256.
    head.starts_with(b"0       ")
        && !head
            .iter()
            .any(|byte| matches!(byte, b'\n' | b'\r' | b'\t'))
}

fn claims_bdf(input: &Input) -> bool {
    input.head().starts_with(b"\xFFBIOSEMI")
}

fn write_edf(recording: &Recording, path: &Path) -> Result<()> {
    write::write(recording, Width::Sixteen, path)
}

fn write_bdf(recording: &Recording, path: &Path) -> Result<()> {
    write::write(recording, Width::TwentyFour, path)
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    read_content(input.content(), mapping).map_err(|error| error.in_file(input.path()))
}

fn read_content(content: &Content, mapping: &Mapping) -> Result<Recording> {
    let header = Header::read(content)?;
    let timeline = Timeline::read(content, &header)?;
    let mut said = said(&header, &timeline);
    let recorded: Vec<&Signal> = header
        .signals
        .iter()
        .filter(|signal| !signal.is_annotations)
        .collect();
    let own = note::take(&mut said.marks, &header, &mut said.drafts);
    let shift = own
        .as_ref()
        .map_or(decimal::Decimal::ZERO, |own| own.clock_start);
    let time = |at: decimal::Decimal| Seconds(at.plus(shift).unwrap_or(at).to_f64());

    let mut channels = Vec::with_capacity(recorded.len());
    for (index, (mut draft, signal)) in said.drafts.into_iter().zip(&recorded).enumerate() {
        draft.apply(mapping, index + 1)?;
        let mut channel = draft.finish(&header, signal)?;
        let places = Arc::new(records::places(content, &header, signal));
        for stretch in &timeline.stretches {
            // The records exist in the file, so these samples do.
            let (from, count) = (
                stretch.first * signal.samples,
                stretch.count * signal.samples,
            );
            channel.segments.push(Segment {
                start: time(stretch.start),
                samples: Samples::Stored(Stored::new(&places, from, count)),
            });
        }
        channels.push(channel);
    }
    stated::check_mapping(mapping, &channels)?;

    let mut findings = header.findings.clone();
    findings.extend(timeline.findings.iter().cloned());
    findings.extend(said.identification.findings.iter().cloned());
    findings.extend(labels::repeated(&channels));
    findings.extend(gaps(&header, &timeline));
    let mut marks: Vec<Mark> = said
        .marks
        .into_iter()
        .map(|mark| Mark {
            time: time(mark.time),
            duration: mark.duration.map(|duration| Seconds(duration.to_f64())),
            text: mark.text,
            channel: mark.channel,
        })
        .collect();
    marks.extend(stated::marks(mapping, &channels));
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));

    let mut origin = Origin {
        started: said
            .identification
            .started
            .map(|started| started.to_string()),
        device: said.identification.device,
        ..Origin::default()
    };
    let mut subject = said.identification.subject;
    if let Some(own) = own {
        own.complete(&mut origin, &mut subject);
        if origin.clock == Clock::OrderOnly {
            findings.push(Finding::new(FindingCode::ClockUnknown, ""));
        }
    }
    Ok(Recording {
        channels,
        marks,
        origin,
        subject,
        corrections: Vec::new(),
        findings,
    })
}

/// An annotation with the channel that its text links it to.
struct Linked {
    time: decimal::Decimal,
    duration: Option<decimal::Decimal>,
    text: String,
    channel: Option<usize>,
}

/// What header and annotations say by the specification alone.
struct Said {
    drafts: Vec<Draft>,
    marks: Vec<Linked>,
    identification: Identification,
}

fn said(header: &Header, timeline: &Timeline) -> Said {
    let mut identification = Identification::read(header, timeline.offset);
    let recorded: Vec<_> = header
        .signals
        .iter()
        .filter(|signal| !signal.is_annotations)
        .collect();
    let mut drafts: Vec<_> = recorded
        .iter()
        .map(|signal| Draft::new(header, signal))
        .collect();
    if let Some((side, nerve)) = nerve_conduction::nerve(&identification.additional) {
        for draft in &mut drafts {
            draft.set_nerve(side, &nerve);
        }
    }
    let labels: Vec<_> = recorded
        .iter()
        .map(|signal| signal.label.as_str())
        .collect();
    let marks: Vec<_> = timeline
        .notes
        .iter()
        .map(|note| {
            let (text, channel) = unlink(&note.text, &labels);
            Linked {
                time: note.time,
                duration: note.duration,
                text: text.to_owned(),
                channel,
            }
        })
        .collect();
    identification.subject.skin_temperature = marks
        .iter()
        .find_map(|mark| nerve_conduction::temperature(&mark.text));
    Said {
        drafts,
        marks,
        identification,
    }
}

/// Separates `Stimulus@@NC L_APB` into text and channel (standard texts 3.3). What names no channel, or two, stays as it is.
fn unlink<'a>(text: &'a str, labels: &[&str]) -> (&'a str, Option<usize>) {
    if let Some((before, label)) = text.rsplit_once("@@") {
        let mut named = (0..labels.len()).filter(|&index| labels.get(index) == Some(&label));
        if let (Some(index), None, false) = (named.next(), named.next(), before.is_empty()) {
            return (before, Some(index));
        }
    }
    (text, None)
}

/// Sweeps are meant to have gaps between them; other recordings are not.
fn gaps(header: &Header, timeline: &Timeline) -> Option<Finding> {
    let stretches = &timeline.stretches;
    let sweeps = header.kind == Kind::Discontinuous
        && layout::is_sweep(header.duration)
        && stretches.iter().all(|stretch| stretch.count == 1);
    if stretches.len() < 2 || sweeps {
        return None;
    }
    let (first, last) = (stretches.first()?, stretches.last()?);
    let span = last.start.minus(first.start)?.to_f64();
    Some(Finding::new(
        FindingCode::GapInRecording,
        format!(
            "{} stretches; the last one begins {span:.3} s after the first one",
            stretches.len()
        ),
    ))
}

fn would_lose(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::WouldLose, message).advice("write HDF5, which holds all")
}
