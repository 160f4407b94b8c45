//! Axon Binary Format 1 and 2, as the pCLAMP programs write it.
//!
//! Sweeps and continuous recordings, tags, and digital outputs as stimuli. `docs/formats/abf.md` says what is read and what the layout leaves open.

mod channels;
mod digital;
mod fields;
mod version1;
mod version2;

use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::{labels, stated};
use crate::recording::{Clock, Mark, Origin, Recording, Subject};
use crate::source::Source;
use crate::units::Seconds;
use fields::{Fields, Header, bad};
use jiff::SignedDuration;
use jiff::civil::{Date, Time};

/// The card.
pub static ABF: Format = Format {
    id: "abf",
    name: "Axon Binary Format 1 and 2 (pCLAMP)",
    extensions: &["abf"],
    specification: Source {
        citation: "Axon Instruments. Axon Binary File Format (ABF) header; layout of version 2 as in pyABF (Harden SW)",
        link: "https://swharden.com/pyabf/abf2-file-format/",
        place: "",
    },
    refines: &[],
    claims,
    read,
    write: None,
    parts: None,
};

/// nOperationMode: the recording runs on without a gap.
const GAP_FREE: i16 = 3;
/// Ticks are whole numbers, so that a sweep may seem to begin this part of a sample interval before the last one ended.
const OVERLAP_SAMPLES: f64 = 0.5;
/// Where only the order of sweeps is known, they stand this much apart, in s: the clock says that it means nothing.
const ORDER_SPACING_S: f64 = 1.0;
const MILLISECONDS_A_DAY: i64 = 24 * 60 * 60 * 1000;

fn claims(input: &Input) -> bool {
    let bytes = input.head();
    // A text may begin with "ABF ", but then no version number follows.
    let first = bytes.starts_with(b"ABF ")
        && Fields(bytes)
            .f32(4)
            .is_some_and(|version| (1.0..2.0).contains(&version));
    first || bytes.starts_with(b"ABF2")
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    read_bytes(input.bytes()?, mapping).map_err(|error| error.in_file(input.path()))
}

/// A sweep, or a piece of a recording without a gap.
struct Stretch {
    /// In s after the start of the file.
    start: f64,
    /// Its first sample, counted per channel.
    first: usize,
    /// Samples of each channel.
    length: usize,
}

fn read_bytes(bytes: &[u8], mapping: &Mapping) -> Result<Recording> {
    let header = if bytes.starts_with(b"ABF2") {
        version2::read(bytes)?
    } else {
        version1::read(bytes)?
    };
    if !(header.tick_s.is_finite() && header.tick_s >= 0.0) {
        return Err(bad(
            "ABF header",
            format!("fSynchTimeUnit makes ticks of {} s", header.tick_s),
        ));
    }
    let width = if header.is_float { 4 } else { 2 };
    let data = header
        .data_count
        .checked_mul(width)
        .and_then(|length| header.data_start.checked_add(length))
        .and_then(|end| bytes.get(header.data_start..end));
    let Some(data) = data else {
        return Err(Error::new(
            ErrorCode::Truncated,
            format!(
                "{} samples of {width} bytes begin at byte {}, but the file has {} bytes",
                header.data_count,
                header.data_start,
                bytes.len()
            ),
        )
        .at("ABF data section")
        .advice("copy the file again; it is not whole"));
    };
    let mut findings = Vec::new();
    let (stretches, clock) = stretches(&header, mapping, &mut findings)?;
    let mut recorded = Vec::with_capacity(header.inputs.len());
    for index in 0..header.inputs.len() {
        recorded.push(channels::channel(
            &header, data, &stretches, index, mapping,
        )?);
    }
    stated::check_mapping(mapping, &recorded)?;
    findings.extend(labels::repeated(&recorded));
    let mut marks = outputs(&header, &stretches, mapping, &mut findings)?;
    // Without a clock the time of a tag means nothing beside the sweeps.
    if clock == Clock::True {
        marks.extend(header.tags.iter().map(|(time, text)| Mark {
            time: Seconds(f64::from(*time) * header.tick_s),
            duration: None,
            text: if text.is_empty() {
                "external tag".to_owned()
            } else {
                text.clone()
            },
            channel: None,
        }));
    } else if let Some((_, first)) = header.tags.first() {
        findings.push(Finding::new(
            FindingCode::ClockUnknown,
            format!(
                "{} tags, the first one \"{first}\", have times that cannot be placed among the sweeps and were left out",
                header.tags.len()
            ),
        ));
    }
    if clock != Clock::True && !mapping.marks.is_empty() {
        return Err(Error::new(
            ErrorCode::BadMapping,
            "marks are stated, but only the order of the sweeps is known",
        )
        .at("marks")
        .advice("state sweep_rate_hz, or stimulus_ms instead of marks"));
    }
    marks.extend(stated::marks(mapping, &recorded));
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels: recorded,
        marks,
        origin: Origin {
            started: started(header.started),
            device: Some(header.device).filter(|device| !device.is_empty()),
            clock,
            ..Origin::default()
        },
        subject: Subject::default(),
        corrections: Vec::new(),
        findings,
    })
}

/// Local time from YYYYMMDD and milliseconds after midnight.
fn started((date, milliseconds): (i64, i64)) -> Option<String> {
    let part = |value: i64| i8::try_from(value % 100).ok();
    let day = Date::new(
        i16::try_from(date / 10_000).ok()?,
        part(date / 100)?,
        part(date)?,
    )
    .ok()?;
    let day = (day.year() > 0).then_some(day)?;
    // Anything else is no time of day.
    let milliseconds = (0..MILLISECONDS_A_DAY)
        .contains(&milliseconds)
        .then_some(milliseconds)?;
    let moment = day
        .to_datetime(Time::midnight())
        .checked_add(SignedDuration::from_millis(milliseconds));
    Some(moment.ok()?.to_string())
}

/// Where each sweep lies in the data and on the clock.
fn stretches(
    header: &Header,
    mapping: &Mapping,
    findings: &mut Vec<Finding>,
) -> Result<(Vec<Stretch>, Clock)> {
    const PLACE: &str = "ABF synch array";
    let channels = header.inputs.len();
    let frames = header.data_count / channels.max(1);
    if frames == 0 || !header.data_count.is_multiple_of(channels.max(1)) {
        return Err(bad(
            "ABF data section",
            format!(
                "{} samples cannot be divided among {channels} channels",
                header.data_count
            ),
        ));
    }
    if header.mode == GAP_FREE {
        let start = header
            .stretches
            .first()
            .map_or(0.0, |(start, _)| f64::from(*start) * header.tick_s);
        let all = Stretch {
            start,
            first: 0,
            length: frames,
        };
        return Ok((vec![all], Clock::True));
    }
    if !header.stretches.is_empty() {
        let mut all: Vec<Stretch> = Vec::new();
        let mut first = 0_usize;
        for (index, &(start, length)) in header.stretches.iter().enumerate() {
            let wrong = |message: String| bad(&format!("{PLACE}, entry {}", index + 1), message);
            let length = usize::try_from(length).unwrap_or(0);
            if length == 0 || length % channels != 0 {
                return Err(wrong(format!(
                    "a length of {length} samples for {channels} channels"
                )));
            }
            let length = length / channels;
            let start = f64::from(start) * header.tick_s;
            let earliest = all.last().map_or(f64::NEG_INFINITY, |last| {
                last.start + (last.length as f64 - OVERLAP_SAMPLES) / header.rate
            });
            if start < earliest {
                return Err(wrong(format!(
                    "the sweep begins at {start} s, before the last one is over"
                )));
            }
            if first.saturating_add(length) > frames {
                return Err(wrong(format!(
                    "the sweeps need more than the {frames} samples that each channel has"
                )));
            }
            all.push(Stretch {
                start,
                first,
                length,
            });
            first += length;
        }
        if first < frames {
            findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!(
                    "{PLACE}: {} samples of each channel belong to no sweep and were not read",
                    frames - first
                ),
            ));
        }
        return Ok((all, Clock::True));
    }
    let sweeps = header.sweeps.max(1);
    if !frames.is_multiple_of(sweeps) || frames < sweeps {
        return Err(bad(
            "ABF header",
            format!("{frames} samples of each channel cannot be divided into {sweeps} sweeps"),
        ));
    }
    let length = frames / sweeps;
    let duration = length as f64 / header.rate;
    let stated = mapping.sweep_rate_hz.map(|rate| 1.0 / rate);
    let own = Some(header.sweep_interval_s).filter(|interval| *interval > 0.0);
    let interval = own.or(stated).filter(|interval| interval.is_finite());
    let fits = |interval: f64| interval >= duration - OVERLAP_SAMPLES / header.rate;
    let (interval, clock) = match interval {
        Some(interval) if fits(interval) => (interval, Clock::True),
        Some(interval) => {
            return Err(bad(
                "ABF header",
                format!("sweeps of {duration} s cannot follow each other every {interval} s"),
            ));
        }
        None if sweeps == 1 => (duration, Clock::True),
        None => {
            findings.push(Finding::new(
                FindingCode::ClockUnknown,
                "neither a synch array nor fEpisodeStartToStart",
            ));
            (duration + ORDER_SPACING_S, Clock::OrderOnly)
        }
    };
    let all = (0..sweeps).map(|sweep| Stretch {
        start: sweep as f64 * interval,
        first: sweep * length,
        length,
    });
    Ok((all.collect(), clock))
}

/// Marks at the pulses of the output that triggers the stimulator, unless the mapping says where the stimuli are.
fn outputs(
    header: &Header,
    stretches: &[Stretch],
    mapping: &Mapping,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let Some(table) = header
        .digital
        .as_ref()
        .filter(|_| header.mode != GAP_FREE && mapping.stimulus_ms.is_none())
    else {
        return match mapping.digital_output {
            None => Ok(Vec::new()),
            Some(_) => Err(Error::new(
                ErrorCode::BadMapping,
                "digital_output is stated, but the file has no sweeps with digital outputs, or stimulus_ms is stated too",
            )
            .at("digital_output")),
        };
    };
    let (output, doubt) = digital::output(table, mapping.digital_output)?;
    findings.extend(doubt);
    let Some(output) = output else {
        return Ok(Vec::new());
    };
    let marks = stretches.iter().enumerate().flat_map(|(sweep, stretch)| {
        digital::pulses(table, output, sweep, stretch.length)
            .into_iter()
            .map(move |sample| Mark {
                time: Seconds(stretch.start + sample as f64 / header.rate),
                duration: None,
                text: format!("stimulus digital output {output}"),
                channel: None,
            })
    });
    Ok(marks.collect())
}
