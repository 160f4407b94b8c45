//! The samples of a record of one segment: signal files, frames, skew, and the checks that the header allows.

use super::flac::{self, Refusal};
use super::header::{Header, NULL};
use super::samples::Coding;
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
    body: Body,
    signals: &'a [Signal],
    /// Samples of all signals in a frame.
    width: usize,
    /// Frames in the file.
    available: usize,
}

/// What a signal file holds behind its offset.
enum Body {
    /// The bytes of all samples, frame by frame.
    Bytes(Vec<u8>),
    /// The numbers of each signal.
    Numbers(Vec<Vec<i32>>),
}

impl Body {
    /// Whole frames of `width` samples, `per_frame` of each signal where they are apart.
    fn frames(&self, coding: Coding, width: usize, per_frame: usize) -> usize {
        match self {
            Self::Bytes(bytes) => coding.available(bytes.len()) / width.max(1),
            Self::Numbers(signals) => signals.first().map_or(0, Vec::len) / per_frame.max(1),
        }
    }

    /// A bound of the number of samples of one signal.
    fn most(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Numbers(signals) => signals.first().map_or(0, Vec::len),
        }
    }
}

impl Group<'_> {
    /// A sample of a signal: `place` is that of the signal in the file, `before` the samples before its own in a frame.
    fn stored(
        &self,
        frame: usize,
        index: usize,
        place: usize,
        before: usize,
        per_frame: usize,
    ) -> Option<i32> {
        match &self.body {
            Body::Bytes(bytes) => self
                .coding
                .stored(bytes, frame * self.width + before + index),
            Body::Numbers(signals) => signals.get(place)?.get(frame * per_frame + index).copied(),
        }
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
        for (place, line) in lines.iter().enumerate() {
            signals.push(match group {
                Some(group) => Some(values(group, line, place, before, frames)?),
                None => None,
            });
            before += line.per_frame;
        }
    }
    Ok(Frames { count, signals })
}

fn group<'a>(first: &Signal, signals: &'a [Signal], files: &mut Files<'_>) -> Result<Group<'a>> {
    let bad = |message: String| Error::new(ErrorCode::BadHeader, message).at(first.place.as_str());
    let compressed = Coding::compressed(first.format);
    let Some(coding) = compressed.or(Coding::of(first.format)) else {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!(
                "format {}; 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516 and 524 are read",
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
    let body = match compressed {
        Some(_) => Body::Numbers(numbers(&bytes, coding, first, signals)?),
        None => Body::Bytes(behind(bytes, first)?),
    };
    let available = body.frames(coding, width, first.per_frame);
    Ok(Group {
        coding,
        body,
        signals,
        width,
        available,
    })
}

/// What stands behind the offset of the header, which counts elements.
fn behind<T>(mut elements: Vec<T>, first: &Signal) -> Result<Vec<T>> {
    match usize::try_from(first.byte_offset) {
        Ok(offset) if offset <= elements.len() => {
            elements.drain(..offset);
            Ok(elements)
        }
        _ => Err(Error::new(
            ErrorCode::Truncated,
            format!(
                "the samples begin at {}, the file \"{}\" ends at {}",
                first.byte_offset,
                first.file,
                elements.len()
            ),
        )
        .at(first.place.as_str())),
    }
}

/// The numbers of a FLAC file. There the offset counts samples, as in the WFDB software.
fn numbers(
    bytes: &[u8],
    coding: Coding,
    first: &Signal,
    signals: &[Signal],
) -> Result<Vec<Vec<i32>>> {
    if let Some(other) = signals
        .iter()
        .find(|signal| signal.per_frame != first.per_frame)
    {
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!(
                "{} and {} samples per frame in one FLAC file; all its signals have as many",
                first.per_frame, other.per_frame
            ),
        )
        .at(first.place.as_str()));
    }
    let unpacked = flac::unpack(bytes, signals.len(), coding.bits()).map_err(|refusal| {
        match refusal {
            Refusal::Damaged(what) => {
                Error::new(ErrorCode::BadHeader, format!("\"{}\": {what}", first.file))
                    .advice("copy the signal file again")
            }
            Refusal::TooLarge(bound) => Error::new(
                ErrorCode::TooLarge,
                format!("\"{}\" holds more than {bound} bytes", first.file),
            )
            .advice("convert the record to format 16 or 24 with xform of the WFDB software"),
        }
        .at(first.place.as_str())
    })?;
    unpacked
        .into_iter()
        .map(|values| behind(values, first))
        .collect()
}

/// The samples of the signal at `place` in its file whose first one in each frame has `before` samples before it.
fn values(
    group: &Group<'_>,
    signal: &Signal,
    place: usize,
    before: usize,
    frames: usize,
) -> Result<Values> {
    // Frames behind the stated number are no part of the record, so a skewed signal ends early.
    let taken = group.available.min(frames);
    let missing = || {
        Error::new(
            ErrorCode::Truncated,
            format!("the file \"{}\" is too short", signal.file),
        )
        .at(signal.place.as_str())
    };
    let mut stored = Vec::with_capacity(
        taken
            .saturating_mul(signal.per_frame)
            .min(group.body.most()),
    );
    let mut level = signal.initial.unwrap_or(signal.zero);
    for frame in 0..taken {
        for index in 0..signal.per_frame {
            let sample = group
                .stored(frame, index, place, before, signal.per_frame)
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
