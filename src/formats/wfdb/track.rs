//! One signal through all segments of a record, with its gaps.

use super::header::{Header, NULL, Part};
use super::record::{self, Files, Values};
use super::samples::Coding;
use super::signal_line::Signal;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Input;
use std::collections::BTreeSet;

/// One signal of the record.
pub(super) struct Track {
    /// The line that says what the numbers mean.
    pub(super) signal: Signal,
    /// Lines of segments that give the numbers another meaning.
    pub(super) others: Vec<Signal>,
    /// Stretches of valid samples.
    pub(super) runs: Vec<Run>,
    /// The formats in which the samples are stored.
    pub(super) codings: Vec<Coding>,
    /// Samples that are marked invalid.
    pub(super) invalid: u64,
    /// Segments in which the signal is missing.
    pub(super) absent: usize,
    /// Whether the segments have different converters.
    pub(super) converters_differ: bool,
    pub(super) findings: Vec<Finding>,
}

/// Samples that follow each other.
pub(super) struct Run {
    /// Index of the first one on the clock of the signal.
    pub(super) start: u64,
    pub(super) values: Vec<i32>,
    /// Which line says what they mean: 0 is that of the track, the next ones are `others`.
    pub(super) line: usize,
}

/// What all headers together hold.
pub(super) struct Record {
    pub(super) frame_rate: Option<f64>,
    pub(super) tracks: Vec<Track>,
    /// The signal files and headers that were read.
    pub(super) files: BTreeSet<String>,
    pub(super) findings: Vec<Finding>,
}

impl Track {
    fn new(signal: Signal) -> Self {
        Self {
            signal,
            others: Vec::new(),
            runs: Vec::new(),
            codings: Vec::new(),
            invalid: 0,
            absent: 0,
            converters_differ: false,
            findings: Vec::new(),
        }
    }

    /// Adds the samples of a segment that begins at `frame`, or the gap where there are none. `line` says what they mean.
    fn add(&mut self, frame: u64, frames: u64, line: usize, values: Option<Values>) -> Result<()> {
        let Some(values) = values else {
            self.absent += usize::from(frames > 0);
            return Ok(());
        };
        let too_long = || {
            Error::new(
                ErrorCode::BadHeader,
                "the record is longer than 64 bits can count",
            )
            .at(self.signal.place.as_str())
        };
        let per_frame = self.signal.per_frame as u64;
        let mut at = frame.checked_mul(per_frame).ok_or_else(too_long)?;
        let length = frames.checked_mul(per_frame).ok_or_else(too_long)?;
        at.checked_add(length).ok_or_else(too_long)?;
        let invalid = values.coding.invalid();
        let inside = values
            .stored
            .len()
            .min(usize::try_from(length).unwrap_or(usize::MAX));
        for run in values
            .stored
            .get(..inside)
            .unwrap_or_default()
            .chunk_by(|a, b| (Some(*a) == invalid) == (Some(*b) == invalid))
        {
            if run.first().copied() == invalid {
                self.invalid += run.len() as u64;
            } else {
                match self.runs.last_mut() {
                    Some(last)
                        if last.line == line && last.start + last.values.len() as u64 == at =>
                    {
                        last.values.extend_from_slice(run)
                    }
                    _ => self.runs.push(Run {
                        start: at,
                        values: run.to_vec(),
                        line,
                    }),
                }
            }
            at += run.len() as u64;
        }
        if !self.codings.contains(&values.coding) {
            self.codings.push(values.coding);
        }
        self.findings.extend(values.findings);
        Ok(())
    }

    /// Takes the line of a segment and says which one it is; it may give the numbers another meaning.
    fn line(&mut self, other: &Signal) -> Result<usize> {
        let own = &self.signal;
        if own.per_frame != other.per_frame {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!(
                    "{} samples per frame, {} in {}",
                    other.per_frame, own.per_frame, own.place
                ),
            )
            .at(other.place.as_str()));
        }
        self.converters_differ |= own.bits != other.bits || own.zero != other.zero;
        let same = |line: &Signal| {
            (line.gain, line.baseline, &line.unit) == (other.gain, other.baseline, &other.unit)
        };
        if let Some(known) = std::iter::once(own).chain(&self.others).position(same) {
            return Ok(known);
        }
        self.others.push(other.clone());
        Ok(self.others.len())
    }

    /// Takes the line of the first segment in which the signal is: a layout has no samples whose meaning it could state.
    fn begin(&mut self, first: &Signal) {
        let layout = std::mem::replace(&mut self.signal, first.clone());
        let differs = (layout.gain, layout.baseline, &layout.unit)
            != (first.gain, first.baseline, &first.unit);
        if layout.gain.is_some() && differs {
            self.findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!(
                    "{}: gain, baseline or unit are not those of the segments, which were used",
                    layout.place
                ),
            ));
        }
    }
}

/// Reads all that the header of the input leads to.
pub(super) fn read(input: &Input, header: &Header) -> Result<Record> {
    let mut files = Files::new(input);
    if header.parts.is_empty() {
        let frames = record::read(header, &mut files)?;
        let mut tracks = Vec::with_capacity(header.signals.len());
        for (signal, values) in header.signals.iter().zip(frames.signals) {
            let mut track = Track::new(signal.clone());
            track.add(0, frames.count, 0, values)?;
            tracks.push(track);
        }
        return Ok(Record {
            frame_rate: header.frame_rate,
            tracks,
            files: files.names().clone(),
            findings: Vec::new(),
        });
    }
    segments(header, files)
}

fn segments(header: &Header, mut files: Files<'_>) -> Result<Record> {
    let place = format!("WFDB header {}", header.file);
    // A first segment of length 0 is the layout: it names all signals and has no samples.
    let layout = match header.parts.split_first() {
        Some((first, rest)) if first.frames == 0 && first.name != NULL => {
            Some((part_header(first, &mut files, &place)?, rest))
        }
        _ => None,
    };
    let (mut tracks, parts) = match &layout {
        Some((layout, rest)) => (
            layout.signals.iter().cloned().map(Track::new).collect(),
            *rest,
        ),
        None => (Vec::new(), header.parts.as_slice()),
    };
    let mut frame_rate = header.frame_rate;
    let mut at: u64 = 0;
    let mut gap_before = 0;
    for part in parts {
        let end = at.checked_add(part.frames).ok_or_else(|| {
            Error::new(
                ErrorCode::BadHeader,
                "the record is longer than 64 bits can count",
            )
            .at(place.as_str())
        })?;
        if part.name == NULL {
            tracks.iter_mut().for_each(|track| track.absent += 1);
            gap_before += usize::from(tracks.is_empty());
            at = end;
            continue;
        }
        let own = part_header(part, &mut files, &place)?;
        if let (Some(all), Some(one)) = (frame_rate, own.frame_rate)
            && all != one
        {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{one} frames per second; the record has {all}"),
            )
            .at(format!("WFDB header {}", own.file)));
        }
        frame_rate = frame_rate.or(own.frame_rate);
        let mut frames = record::read(&own, &mut files)?;
        if frames.count != part.frames {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{} frames, {} in {place}", frames.count, part.frames),
            )
            .at(format!("WFDB header {}", own.file)));
        }
        if tracks.is_empty() {
            tracks = own.signals.iter().cloned().map(Track::new).collect();
            tracks
                .iter_mut()
                .for_each(|track| track.absent = gap_before);
        }
        let places = match_signals(&tracks, &own, layout.is_some())?;
        for (index, track) in tracks.iter_mut().enumerate() {
            let found = places.iter().position(|&place| place == index);
            let mut line = 0;
            if let Some(own) = found.and_then(|found| own.signals.get(found)) {
                if layout.is_some() && track.codings.is_empty() {
                    track.begin(own);
                }
                line = track.line(own)?;
            }
            let values = found.and_then(|found| frames.signals.get_mut(found)?.take());
            track.add(at, part.frames, line, values)?;
        }
        at = end;
    }
    if tracks.is_empty() {
        return Err(Error::new(ErrorCode::NothingToAnalyze, "no segment has samples").at(place));
    }
    let mut findings = Vec::new();
    if let Some(stated) = header.frames.filter(|&stated| stated != at) {
        findings.push(Finding::new(
            FindingCode::HeaderCorrected,
            format!("{place}: {stated} frames are stated, the segments have {at}"),
        ));
    }
    Ok(Record {
        frame_rate,
        tracks,
        files: files.names().clone(),
        findings,
    })
}

/// The header of a segment, which must have samples of its own.
fn part_header(part: &Part, files: &mut Files<'_>, place: &str) -> Result<Header> {
    let file = format!("{}.hea", part.name);
    let bytes = files.take(&file, place)?;
    let text = super::text(&bytes).0;
    let header = Header::parse(&text, &file)?;
    if !header.parts.is_empty() {
        return Err(
            Error::new(ErrorCode::BadHeader, "a segment with segments of its own")
                .at(format!("WFDB header {file}")),
        );
    }
    Ok(header)
}

/// To which track each signal of a segment belongs: by its description in a record with a layout, else by its place.
fn match_signals(tracks: &[Track], own: &Header, by_description: bool) -> Result<Vec<usize>> {
    let bad = |message: String| {
        Error::new(ErrorCode::BadHeader, message).at(format!("WFDB header {}", own.file))
    };
    if !by_description {
        if own.signals.len() != tracks.len() {
            return Err(bad(format!(
                "{} signals, {} in the other segments",
                own.signals.len(),
                tracks.len()
            )));
        }
        return Ok((0..tracks.len()).collect());
    }
    let mut places = Vec::with_capacity(own.signals.len());
    for signal in &own.signals {
        let place = tracks
            .iter()
            .enumerate()
            .position(|(index, track)| {
                track.signal.description == signal.description && !places.contains(&index)
            })
            .ok_or_else(|| {
                bad(format!(
                    "the signal \"{}\" is not in the layout",
                    signal.description
                ))
            })?;
        places.push(place);
    }
    Ok(places)
}
