//! The data records: when each begins, which follow each other without a gap, and their samples (EDF+ 2.1.2 and 2.2.4).

use super::annotations::{Tal, tals};
use super::decimal::Decimal;
use super::header::{Header, Kind, Signal};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Content, Places, Width};

/// EDF+D: a record that begins within this fraction of a sample of the fastest signal of where the one before ends follows it
/// without a gap (heuristic: far below one sample, far above the rounding of any decimal). So it is read, and written.
pub(super) const GAP_TOLERANCE_SAMPLES: f64 = 0.01;
/// EDF+C says that there are no gaps; rounded time stamps are not held against it below this many samples (heuristic). An overlap
/// of less is rounding, too.
const ROUNDING_SAMPLES: f64 = 1.0;

/// Data records without a gap between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub(super) first: usize,
    pub(super) count: usize,
    /// Start on the recording's clock.
    pub(super) start: Decimal,
}

/// An annotation on the recording's clock.
#[derive(Debug, PartialEq)]
pub(super) struct Note {
    pub(super) time: Decimal,
    pub(super) duration: Option<Decimal>,
    pub(super) text: String,
}

/// Times and texts of all records.
pub(super) struct Timeline {
    /// How long after the whole second of the header record 0 begins.
    pub(super) offset: Decimal,
    pub(super) stretches: Vec<Stretch>,
    pub(super) notes: Vec<Note>,
    pub(super) findings: Vec<Finding>,
}

/// Where one signal begins in one record.
fn place(header: &Header, record: usize, signal: &Signal) -> u64 {
    let before = record as u64 * header.record_bytes as u64 + signal.offset as u64;
    header.data_start() as u64 + before
}

impl Timeline {
    /// Reads the annotations of all records.
    pub(super) fn read(content: &Content, header: &Header) -> Result<Self> {
        let mut timeline = Self {
            offset: Decimal::ZERO,
            stretches: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
        };
        let annotated: Vec<_> = header
            .signals
            .iter()
            .filter(|signal| signal.is_annotations)
            .collect();
        let fastest = header
            .signals
            .iter()
            .filter(|signal| !signal.is_annotations)
            .map(|signal| signal.samples)
            .max()
            .unwrap_or(1);
        let period = header.duration.to_f64() / fastest as f64;
        let length = |signal: &Signal| signal.samples * header.width.bytes();
        let own: usize = annotated.iter().map(|signal| length(signal)).sum();
        let gap = header.record_bytes.saturating_sub(own);
        let mut parts = content.parts(gap as u64, u64::MAX);
        let mut misfits = Misfits::default();
        for record in 0..header.records {
            let mut onset = None;
            for (number, signal) in annotated.iter().enumerate() {
                let start = place(header, record, signal);
                let lists = parts.part(start, length(signal))?;
                for (index, list) in tals(lists).enumerate() {
                    match list {
                        Ok(list) => {
                            if number == 0 && index == 0 && list.keeps_time() {
                                onset = Some(list.onset);
                                if record == 0 {
                                    timeline.set_offset(list.onset, header.width);
                                }
                            }
                            timeline.take(list, &mut misfits);
                        }
                        Err((from, length)) => misfits.no_list(record, start + from as u64, length),
                    }
                }
            }
            timeline.place(header, record, onset, period, &mut misfits)?;
        }
        misfits.tell(header.width, &mut timeline.findings);
        Ok(timeline)
    }

    /// The first record begins within the second that the header names (EDF+ 2.2.4).
    fn set_offset(&mut self, onset: Decimal, width: Width) {
        if !onset.is_negative() && onset == onset.fraction() {
            self.offset = onset;
        } else {
            self.findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!(
                    "{} data record 0 begins {onset} s after the start in the header, at most the fraction of a second is expected (EDF+ 2.2.4); times count from the start in the header",
                    width.name()
                ),
            ));
        }
    }

    fn take(&mut self, list: Tal, misfits: &mut Misfits) {
        // Both numbers have at most 18 digits on either side, so the difference exists.
        let time = list.onset.minus(self.offset).unwrap_or(list.onset);
        for (text, latin) in list.texts {
            misfits.latin += usize::from(latin);
            if !text.is_empty() {
                self.notes.push(Note {
                    time,
                    duration: list.duration,
                    text,
                });
            }
        }
    }

    /// Puts a record after the last stretch or begins a new one.
    fn place(
        &mut self,
        header: &Header,
        record: usize,
        onset: Option<Decimal>,
        period: f64,
        misfits: &mut Misfits,
    ) -> Result<()> {
        let at = || format!("{} data record {record}", header.width.name());
        let onset = onset.map(|onset| onset.minus(self.offset).unwrap_or(onset));
        let expected = match self.stretches.last() {
            Some(last) => header
                .duration
                .times(last.count)
                .and_then(|length| last.start.plus(length))
                .ok_or_else(|| {
                    Error::new(ErrorCode::BadHeader, "the time of the record is too large").at(at())
                })?,
            None => Decimal::ZERO,
        };
        let start = match (onset, header.kind) {
            (Some(onset), _) => onset,
            (None, Kind::Plain) => expected,
            (None, Kind::Continuous) => {
                misfits.untimed.get_or_insert(record);
                expected
            }
            (None, Kind::Discontinuous) => {
                return Err(Error::new(
                    ErrorCode::BadHeader,
                    "the first annotation does not say when the record begins (EDF+ 2.2.4)",
                )
                .at(at())
                .advice("export the recording again, or as a continuous file"));
            }
        };
        let Some(last) = self.stretches.last_mut() else {
            self.stretches.push(Stretch {
                first: record,
                count: 1,
                start,
            });
            return Ok(());
        };
        let off = start.minus(expected).map_or(f64::INFINITY, Decimal::to_f64);
        let samples = if off == 0.0 { 0.0 } else { off / period };
        let tolerance = match header.kind {
            Kind::Discontinuous => GAP_TOLERANCE_SAMPLES,
            _ => ROUNDING_SAMPLES,
        };
        if samples.abs() <= tolerance {
            last.count += 1;
        } else if (-ROUNDING_SAMPLES..0.0).contains(&samples) {
            misfits.overlap.get_or_insert((record, off));
            last.count += 1;
        } else if samples < 0.0 {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("it begins at {start} s, before the record before it ends ({expected} s); records must follow each other (EDF+ 2.1.2)"),
            )
            .at(at())
            .advice("export shorter sweeps that do not overlap"));
        } else {
            if header.kind != Kind::Discontinuous {
                misfits.gap.get_or_insert((record, off));
            }
            self.stretches.push(Stretch {
                first: record,
                count: 1,
                start,
            });
        }
        Ok(())
    }
}

/// What does not fit the specification, told once and not per record.
#[derive(Default)]
struct Misfits {
    no_lists: usize,
    first_no_list: Option<(usize, u64, usize)>,
    untimed: Option<usize>,
    overlap: Option<(usize, f64)>,
    gap: Option<(usize, f64)>,
    latin: usize,
}

impl Misfits {
    fn no_list(&mut self, record: usize, from: u64, length: usize) {
        self.no_lists += 1;
        self.first_no_list.get_or_insert((record, from, length));
    }

    fn tell(self, width: Width, findings: &mut Vec<Finding>) {
        let name = width.name();
        let mut tell = |code, detail| findings.push(Finding::new(code, detail));
        if let Some((record, from, length)) = self.first_no_list {
            tell(
                FindingCode::HeaderCorrected,
                format!(
                    "{name} annotations: {} are no lists as EDF+ 2.2.2 asks for and were not read, the first in data record {record}, bytes {from}–{}",
                    self.no_lists,
                    from + length as u64 - 1
                ),
            );
        }
        if let Some(record) = self.untimed {
            tell(
                FindingCode::HeaderCorrected,
                format!(
                    "{name} data record {record} does not say when it begins (EDF+ 2.2.4); it was taken to follow the one before"
                ),
            );
        }
        if let Some((record, off)) = self.overlap {
            tell(
                FindingCode::HeaderCorrected,
                format!(
                    "{name} data record {record} begins {:.6} s before the one before it ends, less than a sample; it was taken to follow it",
                    -off
                ),
            );
        }
        if let Some((record, off)) = self.gap {
            tell(
                FindingCode::HeaderCorrected,
                format!(
                    "{name} reserved field, bytes 192–235, says that there are no gaps, but data record {record} begins {off} s after the one before it ends; the times of the records were used"
                ),
            );
        }
        if self.latin > 0 {
            tell(
                FindingCode::TextNotUnicode,
                format!(
                    "{} of the {name} annotations; EDF+ 2.2.3 asks for UTF-8",
                    self.latin
                ),
            );
        }
    }
}

/// Where the samples of one signal lie.
pub(super) fn places(content: &Content, header: &Header, signal: &Signal) -> Places {
    Places {
        content: content.clone(),
        first: place(header, 0, signal),
        record_bytes: header.record_bytes as u64,
        per_record: signal.samples,
        width: header.width,
    }
}
