//! The samples of a record of one segment: signal files, frames, skew, and the checks that the header allows.

use super::header::{Header, NULL};
use super::samples::{Coding, FLAC};
use super::signal_line::Signal;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Input;
use std::collections::BTreeSet;

/// The checksum counts modulo this (header(5): 16 bits).
const CHECKSUM_MODULUS: i64 = 1 << 16;

/// The signal files of a record, each read at most once: that bounds the memory by the length of the files.
pub(super) struct Files<'a> {
    input: &'a Input,
    read: BTreeSet<String>,
}

impl<'a> Files<'a> {
    pub(super) fn new(input: &'a Input) -> Self {
        Self {
            input,
            read: BTreeSet::new(),
        }
    }

    /// The bytes of a file that the header names at `place`.
    pub(super) fn take(&mut self, name: &str, place: &str) -> Result<Vec<u8>> {
        if !self.read.insert(name.to_owned()) {
            return Err(Error::new(
                ErrorCode::Unsupported,
                format!("the file \"{name}\" is named in two places"),
            )
            .at(place)
            .advice("signals in one file must follow each other in one header"));
        }
        self.input.beside(name)
    }

    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.read
    }
}

/// The samples of one signal.
pub(super) struct Values {
    /// From the first sample of frame 0 on; samples that the skew puts before it are left out.
    pub(super) stored: Vec<i32>,
    pub(super) coding: Coding,
    pub(super) findings: Vec<Finding>,
}

/// All signals of a record; `None` for one without samples.
pub(super) struct Frames {
    /// Length of the record.
    pub(super) count: u64,
    pub(super) signals: Vec<Option<Values>>,
}

/// Signals that share a file.
struct Group<'a> {
    coding: Coding,
    bytes: Vec<u8>,
    signals: &'a [Signal],
    /// Samples of all signals in a frame.
    width: usize,
    /// Frames in the file.
    available: usize,
}

impl Group<'_> {
    fn body(&self) -> &[u8] {
        let offset = self.signals.first().map_or(0, |signal| signal.byte_offset);
        usize::try_from(offset)
            .ok()
            .and_then(|offset| self.bytes.get(offset..))
            .unwrap_or_default()
    }
}

/// Reads the samples of a header without segments.
pub(super) fn read(header: &Header, files: &mut Files<'_>) -> Result<Frames> {
    let mut groups = Vec::new();
    for signals in header.signals.chunk_by(|a, b| a.file == b.file) {
        groups.push(match signals.first() {
            Some(first) if first.file != NULL => Some(group(first, signals, files)?),
            _ => None,
        });
    }
    let shortest = groups.iter().flatten().min_by_key(|group| group.available);
    let held = shortest.map_or(0, |group| group.available as u64);
    let count = header.frames.unwrap_or(held);
    if let Some(group) = shortest.filter(|_| count > held) {
        let first = group
            .signals
            .first()
            .map_or("", |signal| signal.file.as_str());
        return Err(Error::new(
            ErrorCode::Truncated,
            format!("the header says {count} frames, the file \"{first}\" holds {held} whole ones"),
        )
        .at(format!("WFDB header {}, record line", header.file))
        .advice("copy the signal file again"));
    }
    // Without any file only gaps are left, whose length costs no memory.
    let frames = usize::try_from(count).unwrap_or(usize::MAX);
    let mut signals = Vec::with_capacity(header.signals.len());
    for (group, lines) in groups
        .iter()
        .zip(header.signals.chunk_by(|a, b| a.file == b.file))
    {
        let mut before = 0;
        for line in lines {
            signals.push(match group {
                Some(group) => Some(values(group, line, before, frames)?),
                None => None,
            });
            before += line.per_frame;
        }
    }
    Ok(Frames { count, signals })
}

fn group<'a>(first: &Signal, signals: &'a [Signal], files: &mut Files<'_>) -> Result<Group<'a>> {
    let bad = |message: String| Error::new(ErrorCode::BadHeader, message).at(first.place.as_str());
    let Some(coding) = Coding::of(first.format) else {
        let flac = if FLAC.contains(&first.format) {
            " (FLAC)"
        } else {
            ""
        };
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!(
                "format {}{flac}; 8, 16, 24, 32, 61, 80, 160, 212, 310 and 311 are read",
                first.format
            ),
        )
        .at(first.place.as_str())
        .advice("convert the record to format 16, 24 or 32 with xform of the WFDB software"));
    };
    if let Some(other) = signals
        .iter()
        .find(|signal| signal.format != first.format || signal.byte_offset != first.byte_offset)
    {
        return Err(bad(format!(
            "format {}+{} and {}+{} in one file; all signals of a file have one format and one offset",
            first.format, first.byte_offset, other.format, other.byte_offset
        )));
    }
    let width = signals
        .iter()
        .try_fold(0_usize, |sum, signal| sum.checked_add(signal.per_frame))
        .ok_or_else(|| bad("too many samples in a frame".to_owned()))?;
    let bytes = files.take(&first.file, &first.place)?;
    if first.byte_offset > bytes.len() as u64 {
        return Err(Error::new(
            ErrorCode::Truncated,
            format!(
                "the samples begin at byte {}, the file \"{}\" has {} bytes",
                first.byte_offset,
                first.file,
                bytes.len()
            ),
        )
        .at(first.place.as_str()));
    }
    let mut group = Group {
        coding,
        bytes,
        signals,
        width,
        available: 0,
    };
    group.available = coding.available(group.body().len()) / width.max(1);
    Ok(group)
}

/// The samples of the signal whose first one in each frame has `before` samples before it.
fn values(group: &Group<'_>, signal: &Signal, before: usize, frames: usize) -> Result<Values> {
    let body = group.body();
    // Frames behind the stated number are no part of the record, so a skewed signal ends early.
    let taken = group.available.min(frames);
    let missing = || {
        Error::new(
            ErrorCode::Truncated,
            format!("the file \"{}\" is too short", signal.file),
        )
        .at(signal.place.as_str())
    };
    let mut stored = Vec::with_capacity(taken.saturating_mul(signal.per_frame).min(body.len()));
    let mut level = signal.initial.unwrap_or(signal.zero);
    for frame in 0..taken {
        for index in 0..signal.per_frame {
            let sample = group
                .coding
                .stored(body, frame * group.width + before + index)
                .ok_or_else(missing)?;
            stored.push(if group.coding == Coding::Difference8 {
                level += i64::from(sample);
                i32::try_from(level).map_err(|_| {
                    Error::new(
                        ErrorCode::BadHeader,
                        format!("the differences add up to {level}, beyond 32 bits"),
                    )
                    .at(signal.place.as_str())
                })?
            } else {
                sample
            });
        }
    }
    let findings = verify(group.coding, signal, &stored);
    stored.drain(
        ..signal
            .skew
            .saturating_mul(signal.per_frame)
            .min(stored.len()),
    );
    Ok(Values {
        stored,
        coding: group.coding,
        findings,
    })
}

/// Initial value and checksum, both of the samples in the order of the file, before any skew.
fn verify(coding: Coding, signal: &Signal, stored: &[i32]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |detail: String| {
        findings.push(Finding::new(
            FindingCode::ChecksumWrong,
            format!("{}: {detail}", signal.place),
        ));
    };
    // The initial value of format 8 is where the differences begin; nothing is left to compare.
    if let (Some(initial), Some(&first)) = (signal.initial, stored.first())
        && coding != Coding::Difference8
        && i64::from(first) != initial
    {
        wrong(format!(
            "the initial value is {initial}, the first sample is {first}"
        ));
    }
    if let Some(checksum) = signal.checksum {
        let stated = checksum.rem_euclid(CHECKSUM_MODULUS);
        let sum = stored.iter().fold(0_i64, |sum, &value| {
            (sum + i64::from(value)).rem_euclid(CHECKSUM_MODULUS)
        });
        if sum != stated {
            wrong(format!(
                "the checksum is {stated}, that of the samples is {sum}"
            ));
        }
    }
    findings
}
