//! Writes EDF+ and BDF+ without loss, or says what would be lost.
//!
//! What the fields of the specification hold stands there; the rest goes into [`super::note`]. To know what the rest is, the header is
//! written without the note, read as any reader would, and compared.

use super::annotations::{can_hold, spell_stamp, spell_text};
use super::calibration::{Extremes, Line};
use super::decimal::Decimal;
use super::header::{BLOCK, Header};
use super::identification::{self, Spelled};
use super::layout::{Layout, cut};
use super::records::Timeline;
use super::spelling::{additional, begin, dimensions, labels, plain};
use super::stretches::{Joined, join};
use super::{Said, nerve_conduction, note, said, unlink, would_lose};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Recording, Width};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A mark belongs to the record that begins at most this long after it: rounding of the time, in seconds (heuristic).
const SAME_TIME_SECONDS: f64 = 1e-9;

/// The fields of one signal, still without padding.
struct Fields {
    label: String,
    transducer: String,
    dimension: String,
    extremes: Extremes,
    prefilter: String,
    samples: usize,
}

/// The file but for the samples.
struct Plan<'a> {
    recording: &'a Recording,
    width: Width,
    joined: Joined,
    layout: Layout,
    fields: Vec<Fields>,
    spelled: Spelled,
    /// Added to times on the recording's clock to get those of the file.
    shift: Decimal,
    /// When each record begins, on the clock of the file.
    starts: Vec<Decimal>,
}

/// Writes the file.
pub(super) fn write(recording: &Recording, width: Width, path: &Path) -> Result<()> {
    let plan = Plan::new(recording, width)?;
    let note = plan.note()?;
    let lists = plan.lists(note.as_deref())?;
    let io = |cause| Error::unwritten(path, &cause);
    let mut file = BufWriter::new(File::create(path).map_err(io)?);
    let most = lists.iter().map(Vec::len).max().unwrap_or(0);
    let room = most.div_ceil(width.bytes());
    file.write_all(&plan.header(room)).map_err(io)?;
    let mut record = Vec::new();
    let mut number = 0;
    for (stretch, &records) in plan.layout.records.iter().enumerate() {
        for within in 0..records {
            record.clear();
            for (channel, &samples) in plan.joined.channels.iter().zip(&plan.layout.samples) {
                let values = channel.get(stretch).map_or(&[][..], Vec::as_slice);
                let range = within * samples..(within + 1) * samples;
                for value in values.get(range).unwrap_or_default() {
                    let bytes = value.to_le_bytes();
                    record.extend_from_slice(bytes.get(..width.bytes()).unwrap_or_default());
                }
            }
            let list = lists.get(number).map_or(&[][..], Vec::as_slice);
            record.extend_from_slice(list);
            record.resize(record.len() + room * width.bytes() - list.len(), 0);
            file.write_all(&record).map_err(io)?;
            number += 1;
        }
    }
    file.flush().map_err(io)
}

impl<'a> Plan<'a> {
    fn new(recording: &'a Recording, width: Width) -> Result<Self> {
        if recording.channels.is_empty() {
            return Err(Error::new(
                ErrorCode::NothingToAnalyze,
                "the recording has no channel to write",
            ));
        }
        let joined = join(&recording.channels, width)?;
        let lengths: Vec<Vec<usize>> = joined
            .channels
            .iter()
            .map(|channel| channel.iter().map(Vec::len).collect())
            .collect();
        let rates: Vec<f64> = recording
            .channels
            .iter()
            .map(|channel| channel.rate.0)
            .collect();
        let layout = cut(&lengths, &rates, width.bytes()).ok_or_else(|| {
            would_lose(format!(
                "no duration of a data record, written in 8 characters, gives exactly {rates:?} Hz for channels of {:?} samples that last equally long",
                lengths.iter().map(|own| own.iter().sum::<usize>()).collect::<Vec<_>>()
            ))
        })?;
        let clock_start = joined.starts.first().copied().unwrap_or(Decimal::ZERO);
        let begin = begin(recording.origin.started.as_deref(), clock_start);
        let fraction = begin.map_or(Decimal::ZERO, |(_, fraction)| fraction);
        let shift = fraction
            .minus(clock_start)
            .ok_or_else(|| would_lose("the start time is too large for EDF+"))?;
        let mut starts = Vec::new();
        for (&start, &records) in joined.starts.iter().zip(&layout.records) {
            for within in 0..records {
                let start = layout
                    .duration
                    .times(within)
                    .and_then(|after| start.plus(after)?.plus(shift));
                starts.push(start.ok_or_else(|| would_lose("a time is too large for EDF+"))?);
            }
        }
        let mut plan = Self {
            recording,
            width,
            spelled: identification::spell(
                &recording.subject,
                begin.map(|(second, _)| second),
                recording.origin.device.as_deref(),
                &additional(&recording.channels),
            ),
            fields: Vec::new(),
            joined,
            layout,
            shift,
            starts,
        };
        plan.fields = plan.fields()?;
        Ok(plan)
    }

    fn fields(&self) -> Result<Vec<Fields>> {
        let labels = labels(&self.recording.channels, self.layout.sweeps);
        let (limit_low, limit_high) = self.width.limits();
        let mut fields = Vec::new();
        for (index, channel) in self.recording.channels.iter().enumerate() {
            let calibration = &channel.calibration;
            let (low, high) = calibration.rails.unwrap_or((limit_low, limit_high));
            let rails = (
                low.max(limit_low).ceil() as i64,
                high.min(limit_high).floor() as i64,
            );
            let rails = if rails.0 < rails.1 {
                rails
            } else {
                (limit_low as i64, limit_high as i64)
            };
            let used = self.joined.used.get(index).copied().unwrap_or((0, 0));
            let possible: Vec<(String, Extremes)> =
                dimensions(&calibration.unit, calibration.millivolts_per_unit)
                    .into_iter()
                    .filter_map(|(dimension, millivolts)| {
                        let line = Line {
                            gain: calibration.gain / millivolts,
                            offset: calibration.offset / millivolts,
                        };
                        Some((dimension, line.extremes(rails, used)?))
                    })
                    .collect();
            let best = possible
                .iter()
                .find(|(_, extremes)| extremes.exact)
                .or_else(|| possible.first());
            let (dimension, extremes) = best.cloned().ok_or_else(|| {
                would_lose(format!(
                    "channel \"{}\": no 8 characters spell a physical range for a gain of {} and an offset of {}",
                    channel.label, calibration.gain, calibration.offset
                ))
            })?;
            fields.push(Fields {
                label: labels.get(index).cloned().unwrap_or_default(),
                transducer: plain(channel.transducer.as_deref().unwrap_or_default(), 80),
                dimension,
                extremes,
                prefilter: plain(channel.prefilter.as_deref().unwrap_or_default(), 80),
                samples: self.layout.samples.get(index).copied().unwrap_or(0),
            });
        }
        Ok(fields)
    }

    /// The header record; `room` is the length of the annotations signal in samples.
    fn header(&self, room: usize) -> Vec<u8> {
        let name = self.width.name();
        let count = self.fields.len() + 1;
        let gaps = self.layout.records.len() > 1;
        let mut bytes = Vec::with_capacity(BLOCK * (count + 1));
        match self.width {
            Width::Sixteen => pad(&mut bytes, "0", 8),
            Width::TwentyFour => bytes.extend_from_slice(b"\xFFBIOSEMI"),
        }
        pad(&mut bytes, &self.spelled.patient, 80);
        pad(&mut bytes, &self.spelled.recording, 80);
        pad(&mut bytes, &self.spelled.date, 8);
        pad(&mut bytes, &self.spelled.time, 8);
        pad(&mut bytes, &(BLOCK * (count + 1)).to_string(), 8);
        pad(
            &mut bytes,
            &format!("{name}+{}", if gaps { "D" } else { "C" }),
            44,
        );
        pad(&mut bytes, &self.starts.len().to_string(), 8);
        pad(&mut bytes, &self.layout.duration.to_string(), 8);
        pad(&mut bytes, &count.to_string(), 4);
        // EDF+ 2.2.1: the extremes of the annotations signal are fixed, its other fields empty.
        let (low, high) = self.width.limits();
        let annotations = Fields {
            label: format!("{name} Annotations"),
            transducer: String::new(),
            dimension: String::new(),
            extremes: Extremes {
                physical: ("-1".to_owned(), "1".to_owned()),
                digital: (low as i64, high as i64),
                exact: true,
            },
            prefilter: String::new(),
            samples: room,
        };
        let all: Vec<&Fields> = self.fields.iter().chain([&annotations]).collect();
        let mut each = |width: usize, text: &dyn Fn(&Fields) -> String| {
            for fields in &all {
                pad(&mut bytes, &text(fields), width);
            }
        };
        each(16, &|fields| fields.label.clone());
        each(80, &|fields| fields.transducer.clone());
        each(8, &|fields| fields.dimension.clone());
        each(8, &|fields| fields.extremes.physical.0.clone());
        each(8, &|fields| fields.extremes.physical.1.clone());
        each(8, &|fields| fields.extremes.digital.0.to_string());
        each(8, &|fields| fields.extremes.digital.1.to_string());
        each(80, &|fields| fields.prefilter.clone());
        each(8, &|fields| fields.samples.to_string());
        each(32, &|_| String::new());
        bytes
    }

    /// What the header and the marks alone do not say.
    fn note(&self) -> Result<Option<String>> {
        let mut bytes = self.header(1);
        // There are no records behind it yet: their number, bytes 236–243, is 0.
        for (byte, zero) in bytes.iter_mut().skip(236).zip(*b"0       ") {
            *byte = zero;
        }
        let header = Header::parse(&bytes, bytes.len() as u64)?;
        let fraction = self.starts.first().copied().unwrap_or(Decimal::ZERO);
        let mut said: Said = said(
            &header,
            &Timeline {
                offset: fraction,
                stretches: Vec::new(),
                notes: Vec::new(),
                findings: Vec::new(),
            },
        );
        said.identification.subject.skin_temperature = self
            .recording
            .marks
            .iter()
            .find_map(|mark| nerve_conduction::temperature(&mark.text));
        let clock_start = self.joined.starts.first().copied().unwrap_or(Decimal::ZERO);
        let mut elements = note::about_recording(
            &said.identification,
            &self.recording.origin,
            &self.recording.subject,
            clock_start,
        )?;
        for (index, (channel, fields)) in
            self.recording.channels.iter().zip(&self.fields).enumerate()
        {
            if let Some(draft) = said.drafts.get(index) {
                let exact = fields.extremes.exact;
                let about = note::about_channel(index + 1, &draft.channel, channel, exact)?;
                elements.push_str(&about.unwrap_or_default());
            }
        }
        Ok(note::enclose(&elements))
    }

    /// The annotations of each record: the time-keeping list with what happens at the start of the record, then the others.
    fn lists(&self, note: Option<&str>) -> Result<Vec<Vec<u8>>> {
        let mut by_record: Vec<Vec<(Decimal, Option<Decimal>, String)>> =
            vec![Vec::new(); self.starts.len()];
        let starts: Vec<f64> = self.starts.iter().map(|start| start.to_f64()).collect();
        let labels: Vec<&str> = self
            .fields
            .iter()
            .map(|fields| fields.label.as_str())
            .collect();
        for mark in &self.recording.marks {
            let refuse =
                |what: &str| would_lose(format!("mark \"{}\" at {}: {what}", mark.text, mark.time));
            let onset = Decimal::from_f64(mark.time.0)
                .and_then(|time| time.plus(self.shift))
                .ok_or_else(|| refuse("its time cannot be written"))?;
            let duration = match mark.duration {
                Some(duration) => Some(
                    Decimal::from_f64(duration.0)
                        .filter(|duration| !duration.is_negative())
                        .ok_or_else(|| refuse("its duration cannot be written"))?,
                ),
                None => None,
            };
            let mut text = mark.text.clone();
            if let Some(label) = mark.channel.and_then(|channel| labels.get(channel)) {
                text.push_str("@@");
                text.push_str(label);
            }
            if !can_hold(&text) || text.starts_with(note::START) {
                return Err(refuse("EDF+ cannot hold the text (2.2.3)"));
            }
            if unlink(&text, &labels) != (mark.text.as_str(), mark.channel) {
                return Err(refuse("EDF+ cannot link it to its channel by the label"));
            }
            let seconds = onset.to_f64() + SAME_TIME_SECONDS;
            let record = starts
                .partition_point(|&start| start <= seconds)
                .saturating_sub(1);
            if let Some(own) = by_record.get_mut(record) {
                own.push((onset, duration, text));
            }
        }
        let mut lists = Vec::with_capacity(by_record.len());
        for (index, (own, &start)) in by_record.into_iter().zip(&self.starts).enumerate() {
            let mut bytes = Vec::new();
            spell_stamp(start, None, &mut bytes);
            spell_text("", &mut bytes);
            let mut open = (start, None);
            for (onset, duration, text) in own {
                if (onset, duration) != open {
                    bytes.push(0);
                    spell_stamp(onset, duration, &mut bytes);
                    open = (onset, duration);
                }
                spell_text(&text, &mut bytes);
            }
            if let Some(note) = note.filter(|_| index == 0) {
                bytes.push(0);
                spell_stamp(start, None, &mut bytes);
                spell_text(note, &mut bytes);
            }
            bytes.push(0);
            lists.push(bytes);
        }
        Ok(lists)
    }
}

fn pad(bytes: &mut Vec<u8>, text: &str, width: usize) {
    let end = bytes.len() + width;
    bytes.extend(text.bytes().take(width));
    bytes.resize(end, b' ');
}
