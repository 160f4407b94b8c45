//! WFDB: the records of PhysioNet, a header (`.hea`) with signal files and annotation files beside it.
//!
//! The header is the file that is opened; all others are found through it, in its folder only. `docs/formats/wfdb.md` says what is
//! read and what the specification leaves open.

mod aha;
mod annotations;
mod calibrations;
mod channels;
mod flac;
mod header;
mod parts;
mod record;
mod samples;
mod signal_line;
mod subject;
mod track;

use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::{labels, stated};
use crate::recording::{Mark, Origin, Recording};
use crate::source::Source;
use crate::units::Seconds;
use header::Header;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The card.
pub static WFDB: Format = Format {
    id: "wfdb",
    name: "WFDB (header with signal and annotation files)",
    extensions: &["hea"],
    specification: Source {
        citation: "Moody GB. WFDB Applications Guide: header(5), signal(5), annot(5). PhysioNet",
        link: "https://physionet.org/physiotools/wag/wag.htm",
        place: "header(5), signal(5), annot(5)",
    },
    refines: &["csv"],
    claims,
    read,
    write: None,
    parts: Some(parts::parts),
};

/// How much of the beginning is looked at to recognize a header, in bytes. Heuristic: comments before the record line are short.
const PROBE_BYTES: usize = 64 << 10;
/// The extension that is reserved for reference annotations.
const REFERENCE: &str = ".atr";

fn claims(input: &Input) -> bool {
    let bytes = input.head();
    let probe = bytes
        .get(..PROBE_BYTES.min(bytes.len()))
        .unwrap_or_default();
    !is_binary(probe) && header::looks_like_header(&text(probe).0)
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// UTF-8; else Latin-1, which is said in a finding.
fn text(bytes: &[u8]) -> (Cow<'_, str>, Option<Finding>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(cause) => (
            bytes
                .iter()
                .map(|&byte| char::from(byte))
                .collect::<String>()
                .into(),
            Some(Finding::new(
                FindingCode::TextNotUnicode,
                format!("byte {} is not UTF-8", cause.valid_up_to()),
            )),
        ),
    }
}

/// What to try with a file that no format claims, if it belongs to a record.
pub(super) fn advice_for_signal_file(input: &Input) -> Option<String> {
    let path = input.path();
    let header = path.with_extension("hea");
    if header.is_file() {
        return Some(format!(
            "this may be a signal file of a WFDB record; open its header {}",
            header.display()
        ));
    }
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("dat"))
        .then(|| "if this is a signal file of a WFDB record, open its header (.hea), with both in one folder".to_owned())
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    read_record(input, mapping).map_err(|error| error.in_file(input.path()))
}

fn file_name(input: &Input) -> String {
    let name = input.path().file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn read_record(input: &Input, mapping: &Mapping) -> Result<Recording> {
    let file = file_name(input);
    let (text, not_unicode) = text(input.bytes()?);
    let header = Header::parse(&text, &file)?;
    let record = track::read(input, &header)?;
    let frame_rate = record.frame_rate.or(mapping.rate_hz).ok_or_else(|| {
        Error::new(
            ErrorCode::UnknownRate,
            "the sampling frequency is not stated",
        )
        .at(format!("WFDB header {file}, record line"))
        .advice("state rate_hz in a mapping; the WFDB software would take 250 Hz")
    })?;
    if !frame_rate.is_finite() || frame_rate <= 0.0 {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!("rate_hz {frame_rate}; a number above 0 is expected"),
        ));
    }
    let mut findings: Vec<_> = not_unicode.into_iter().chain(record.findings).collect();
    let mut channels = Vec::with_capacity(record.tracks.len());
    for (index, track) in record.tracks.into_iter().enumerate() {
        channels.push(channels::channel(track, frame_rate, index + 1, mapping)?);
    }
    stated::check_mapping(mapping, &channels)?;
    findings.extend(labels::repeated(&channels));
    let (subject, withheld) = subject::read(&header.comments);
    findings.extend(withheld);
    let mut marks = marks(
        input,
        &record.files,
        frame_rate,
        channels.len(),
        &mut findings,
    )?;
    marks.extend(stated::marks(mapping, &channels));
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels,
        marks,
        origin: Origin {
            started: header.started,
            ..Origin::default()
        },
        subject,
        corrections: Vec::new(),
        findings,
    })
}

/// The annotations in all files beside the header that bear its name.
fn marks(
    input: &Input,
    signal_files: &BTreeSet<String>,
    frame_rate: f64,
    channels: usize,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let Some(stem) = input.path().file_stem().and_then(|stem| stem.to_str()) else {
        return Ok(Vec::new());
    };
    let mut names = input.names_beside(&format!("{stem}."));
    names.retain(|name| *name != file_name(input));
    let mut marks = Vec::new();
    for name in parts::annotation_files(stem, &names, signal_files) {
        let bytes = input.beside(name)?;
        match annotations::read(&bytes) {
            Ok(found) => marks.extend(found.all.into_iter().flat_map(|annotation| {
                // Signal 0 is also what a program writes that means no signal in particular.
                let signal = usize::from(annotation.signal);
                let details = annotation.details();
                let mark = Mark {
                    time: Seconds(annotation.time as f64 / found.per_second.unwrap_or(frame_rate)),
                    duration: None,
                    text: annotation.text,
                    channel: (1..channels).contains(&signal).then_some(signal),
                };
                let beside = details.map(|text| Mark {
                    text,
                    ..mark.clone()
                });
                std::iter::once(mark).chain(beside)
            })),
            // Texts of any kind may stand beside a record.
            Err(_) if !name.ends_with(REFERENCE) && !is_binary(&bytes) => {}
            Err(cause) => findings.push(Finding::new(
                FindingCode::AnnotationsUnread,
                format!("{name}, {cause}"),
            )),
        }
    }
    Ok(marks)
}
