//! The text export of LabChart (ADInstruments): blocks of rows, each below a header. Documented in `docs/formats/labchart.md`.

mod blocks;
mod decimal;
mod header;

use super::mapping::{channel_for, millivolts_per, refuse_restated};
use super::{Format, Input, Mapping, stated, windows_text};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::labels;
use crate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Subject,
};
use crate::source::Source;
use crate::units::{Hertz, Seconds};
use blocks::Block;
use decimal::Decimal;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// The card.
pub static LABCHART: Format = Format {
    id: "labchart",
    name: "LabChart text",
    extensions: &["txt"],
    specification: Source {
        citation: "No specification is published; the layout as exports in public repositories show it, such as the documentation of phys2bids",
        link: "https://phys2bids.readthedocs.io",
        place: "docs/formats/labchart.md",
    },
    refines: &["csv"],
    claims,
    read,
    write: None,
    parts: None,
};

/// Titles of a channel with trigger pulses, in lower case.
const TRIGGERS: &[&str] = &["trigger", "trig", "ttl", "stim", "sti", "sync"];
/// Day 0 of Excel's dates, which begin to be right in March 1900. Source: Microsoft, "Date systems in Excel".
const EXCEL_EPOCH: DateTime = DateTime::constant(1899, 12, 30, 0, 0, 0, 0);
/// Seconds in a day.
const DAY_S: f64 = 86_400.0;
/// Below this part of a sample two blocks may overlap: times are printed rounded. Heuristic: no value is then taken twice.
const OVERLAP_TOLERANCE: f64 = 0.5;
/// A rate this near to a whole number of Hz (relative) is that number. Heuristic: above the rounding of `1 / Interval`.
const WHOLE_RATE: f64 = 1e-9;

/// Whether the text begins with `Interval=` and has titles of channels in its header.
fn claims(input: &Input) -> bool {
    let Some(text) = windows_text::beginning(input) else {
        return false;
    };
    let mut header = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(header::KEYS.len());
    header
        .next()
        .is_some_and(|line| line.trim_start().starts_with("Interval="))
        && header.any(|line| line.starts_with("ChannelTitle="))
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    let text = windows_text::decode(input.bytes()?)?;
    let mut decimal = if mapping.text.decimal_comma {
        Decimal::Comma
    } else {
        Decimal::Unknown
    };
    let mut blocks = blocks::read(&text, &mut decimal)?;
    blocks.retain(|block| block.rows > 0);
    let Some(first) = blocks.first() else {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "a header but no samples")
                .at("the whole file")
                .advice("check the export"),
        );
    };
    let started = first.header.serial.and_then(date);
    let mut findings = Vec::new();
    let (starts, clock) = starts(&blocks, &mut findings)?;
    let mut made = Made::default();
    let mut marks = Vec::new();
    for (block, &start) in blocks.into_iter().zip(&starts) {
        let channels = made.take(&block, mapping)?;
        for comment in &block.comments {
            let channel = comment
                .channel
                .and_then(|number| channels.get(number.checked_sub(1)?).copied());
            marks.push(Mark {
                time: Seconds(start + comment.time),
                duration: None,
                text: comment.text.clone(),
                channel,
            });
        }
        for (stretches, &index) in block.stretches.into_iter().zip(&channels) {
            for stretch in stretches {
                made.push(index, start + stretch.start, stretch.values)?;
            }
        }
    }
    let mut channels = made.channels;
    channels
        .iter_mut()
        .for_each(|channel| finish(channel, mapping));
    notice(&channels, clock, &mut findings);
    for stated in &mapping.marks {
        marks.extend(stated::text_marks(stated)?);
    }
    marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    Ok(Recording {
        channels,
        marks,
        origin: Origin {
            format: LABCHART.id.to_owned(),
            started,
            device: Some("LabChart".to_owned()),
            clock,
            ..Origin::default()
        },
        subject: Subject::default(),
        corrections: Vec::new(),
        findings,
    })
}

/// The date of a serial number of Excel, to the millisecond.
fn date(serial: f64) -> Option<String> {
    let milliseconds = (serial * DAY_S * 1000.0).round();
    // A serial number is below 3 million days, so this is far from the end of i64.
    let length = SignedDuration::from_millis(milliseconds as i64);
    EXCEL_EPOCH
        .checked_add(length)
        .ok()
        .map(|date| date.to_string())
}

/// When time 0 of each block was, in s on the clock of the recording.
fn starts(blocks: &[Block], findings: &mut Vec<Finding>) -> Result<(Vec<f64>, Clock)> {
    if let [_] = blocks {
        return Ok((Vec::from([0.0]), Clock::True));
    }
    if let Some(block) = blocks
        .iter()
        .find(|block| !block.header.counts_from_block_start())
    {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!(
                "several blocks whose times count as \"{}\"",
                block.header.time_format.as_deref().unwrap_or_default()
            ),
        )
        .at(format!("line {}, TimeFormat=", block.header.line))
        .advice("set the time display of LabChart to the start of block (`StartOfBlock`) and export again"));
    }
    let serials: Option<Vec<f64>> = blocks.iter().map(|block| block.header.serial).collect();
    if let Some(serials) = serials {
        let first = serials.first().copied().unwrap_or_default();
        return Ok((
            serials
                .iter()
                .map(|serial| (serial - first) * DAY_S)
                .collect(),
            Clock::True,
        ));
    }
    findings.push(Finding::new(
        FindingCode::ClockUnknown,
        "several blocks, not all with ExcelDateTime",
    ));
    let mut next = 0.0;
    let starts = blocks
        .iter()
        .map(|block| {
            let start = next;
            next += block.end.max(0.0).floor() + 1.0;
            start
        })
        .collect();
    Ok((starts, Clock::OrderOnly))
}

/// The channels that the blocks share.
#[derive(Default)]
struct Made {
    channels: Vec<Channel>,
    /// By title, column, unit and rate (as bits: equal or not): a block with another unit or rate makes another channel.
    known: BTreeMap<(String, usize, String, u64), usize>,
}

impl Made {
    /// The channels of a block, by column.
    fn take(&mut self, block: &Block, mapping: &Mapping) -> Result<Vec<usize>> {
        let header = &block.header;
        let at = |column: usize| {
            format!(
                "header in line {}, channel {} \"{}\"",
                header.line,
                column + 1,
                header.title(column)
            )
        };
        let interval = header.interval.ok_or_else(|| {
            Error::new(ErrorCode::UnknownRate, "no `Interval=`").at(format!("line {}", header.line))
        })?;
        let rate = whole(1.0 / interval);
        if !(rate.is_finite() && rate > 0.0) {
            return Err(Error::new(
                ErrorCode::UnknownRate,
                format!("an interval of {interval} s gives no rate"),
            )
            .at(format!("line {}", header.line)));
        }
        (0..header.columns())
            .map(|column| {
                let title = header.title(column);
                let stated = header.unit(column);
                refuse_restated(mapping, &title, true, stated.is_some())?;
                let entry = channel_for(mapping, &title).and_then(|entry| entry.unit.as_deref());
                let unit = stated.or(entry).or(mapping.unit.as_deref()).ok_or_else(|| {
                    Error::new(ErrorCode::UnknownUnit, "neither `UnitName=` nor `Range=` states a unit")
                        .at(at(column))
                        .advice("state it in a mapping: unit = \"mV\", or an entry of channels with label and unit")
                })?;
                let key = (title.clone(), column, unit.to_owned(), rate.to_bits());
                if let Some(&index) = self.known.get(&key) {
                    if let Some(channel) = self.channels.get_mut(index)
                        && channel.calibration.rails != header.rails(column)
                    {
                        // The range was changed between the blocks: no limits hold for all of them.
                        channel.calibration.rails = None;
                    }
                    return Ok(index);
                }
                self.known.insert(key, self.channels.len());
                self.channels
                    .push(channel(title, unit, rate, header.rails(column)));
                Ok(self.channels.len() - 1)
            })
            .collect()
    }

    /// Adds samples, which must follow those before.
    fn push(&mut self, index: usize, start: f64, values: Vec<f64>) -> Result<()> {
        let Some(channel) = self.channels.get_mut(index) else {
            return Ok(());
        };
        let mut start = start;
        if let Some(last) = channel.segments.last() {
            let end = last.end(channel.rate).0;
            if start < end {
                if (end - start) * channel.rate.0 > OVERLAP_TOLERANCE {
                    return Err(Error::new(
                        ErrorCode::BadHeader,
                        format!(
                            "a block begins at {start} s, before the one before it ends ({end} s)"
                        ),
                    )
                    .at(format!("\"{}\", ExcelDateTime=", channel.label))
                    .advice("export whole blocks, not a selection that begins within one"));
                }
                start = end;
            }
        }
        channel.segments.push(Segment {
            start: Seconds(start),
            samples: Samples::F64(values),
        });
        Ok(())
    }
}

fn whole(rate: f64) -> f64 {
    if (rate - rate.round()).abs() <= WHOLE_RATE * rate {
        rate.round()
    } else {
        rate
    }
}

fn channel(title: String, unit: &str, rate: f64, rails: Option<(f64, f64)>) -> Channel {
    let millivolts = millivolts_per(unit);
    let is_trigger = TRIGGERS.contains(&title.to_lowercase().as_str());
    Channel {
        role: match millivolts {
            _ if is_trigger => Role::Trigger,
            Some(_) => Role::Response,
            None => Role::Other,
        },
        label: title,
        rate: Hertz(rate),
        segments: Vec::new(),
        calibration: Calibration {
            gain: millivolts.unwrap_or(1.0),
            offset: 0.0,
            rails,
            unit: unit.to_owned(),
            millivolts_per_unit: millivolts,
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings: Vec::new(),
    }
}

/// What can be said when all samples are there.
fn finish(channel: &mut Channel, mapping: &Mapping) {
    mapping.describe(channel);
    if let Some((bottom, top)) = channel.calibration.rails {
        let is_beyond = channel
            .segments
            .iter()
            .any(|segment| match &segment.samples {
                Samples::F64(values) => values.iter().any(|value| !(bottom..=top).contains(value)),
                _ => false,
            });
        if is_beyond {
            channel.calibration.rails = None;
            channel.findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!("samples beyond BottomValue and TopValue ({bottom} to {top}), which are then no limits"),
            ));
        }
    }
    if channel.role == Role::Other && channel.calibration.millivolts_per_unit.is_none() {
        channel.findings.push(Finding::new(
            FindingCode::ChannelIgnored,
            format!("unit {}", channel.calibration.unit),
        ));
    }
}

fn notice(channels: &[Channel], clock: Clock, findings: &mut Vec<Finding>) {
    let mut voltages = channels.iter().filter(|channel| channel.is_voltage());
    if voltages.any(|channel| channel.calibration.rails.is_none()) {
        findings.push(Finding::new(
            FindingCode::RailsUnknown,
            "no usable BottomValue and TopValue",
        ));
    }
    let most = channels
        .iter()
        .map(|channel| channel.segments.len())
        .max()
        .unwrap_or(0);
    if most > 1 && clock == Clock::True {
        findings.push(Finding::new(
            FindingCode::GapInRecording,
            format!("{most} stretches"),
        ));
    }
    findings.extend(labels::repeated(channels));
}
