//! What the channels of a recording have in common: stretches without a gap, at the same times, of integers that fit.

use super::decimal::Decimal;
use super::records::GAP_TOLERANCE_SAMPLES;
use super::would_lose;
use crate::error::{Error, Result};
use crate::recording::{Channel, Segment, Width};

/// The samples of all channels.
pub(super) struct Joined {
    /// When each stretch begins, on the recording's clock.
    pub(super) starts: Vec<Decimal>,
    /// For each channel the samples of each stretch.
    pub(super) channels: Vec<Vec<Vec<i32>>>,
    /// For each channel the lowest and highest sample.
    pub(super) used: Vec<(i64, i64)>,
}

fn append(channel: &Channel, segment: &Segment, width: Width, to: &mut Vec<i32>) -> Result<()> {
    let (low, high) = width.limits();
    let refuse = |value: f64| -> Error {
        let advice = if value.fract() == 0.0 && value.abs() < 8_388_608.0 {
            "write BDF+ (24 bits) or HDF5"
        } else {
            "write HDF5"
        };
        would_lose(format!(
            "channel \"{}\" holds {value}; {} holds whole numbers from {low} to {high}",
            channel.label,
            width.name()
        ))
        .advice(advice)
    };
    let mut take = |value: f64| {
        if value >= low && value <= high && value.fract() == 0.0 {
            to.push(value as i32);
            Ok(())
        } else {
            Err(refuse(value))
        }
    };
    if width == Width::Sixteen && segment.samples.kind() == "i32" {
        return Err(would_lose(format!(
            "channel \"{}\" holds integers of more than 16 bits",
            channel.label
        ))
        .advice("write BDF+ (24 bits) or HDF5"));
    }
    let mut fits = Ok(());
    segment.samples.each(|_, value| {
        if fits.is_ok() {
            fits = take(value);
        }
    })?;
    fits
}

/// Joins segments that follow each other and checks that all channels have the same stretches.
pub(super) fn join(channels: &[Channel], width: Width) -> Result<Joined> {
    let fastest = channels
        .iter()
        .map(|channel| channel.rate.0)
        .fold(0.0, f64::max);
    let mut joined = Joined {
        starts: Vec::new(),
        channels: Vec::new(),
        used: Vec::new(),
    };
    for (index, channel) in channels.iter().enumerate() {
        let mut starts: Vec<f64> = Vec::new();
        let mut stretches: Vec<Vec<i32>> = Vec::new();
        for segment in channel
            .segments
            .iter()
            .filter(|segment| !segment.samples.is_empty())
        {
            let end = starts
                .last()
                .zip(stretches.last())
                .map(|(start, samples)| start + samples.len() as f64 / channel.rate.0);
            let off = end.map_or(f64::INFINITY, |end| (segment.start.0 - end) * fastest);
            if off < -GAP_TOLERANCE_SAMPLES {
                return Err(would_lose(format!(
                    "channel \"{}\": a segment begins at {} before the one before it ends; the records of EDF+ follow each other (2.1.2)",
                    channel.label, segment.start
                )));
            }
            if off > GAP_TOLERANCE_SAMPLES {
                starts.push(segment.start.0);
                stretches.push(Vec::with_capacity(segment.samples.len()));
            }
            if let Some(last) = stretches.last_mut() {
                append(channel, segment, width, last)?;
            }
        }
        let starts = starts
            .into_iter()
            .map(|start| {
                Decimal::from_f64(start).ok_or_else(|| {
                    would_lose(format!(
                        "channel \"{}\": the time {start} s cannot be written",
                        channel.label
                    ))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        if index == 0 {
            joined.starts = starts;
        } else if starts != joined.starts {
            return Err(would_lose(format!(
                "channel \"{}\" was not recorded at the same times as channel \"{}\"; each record of EDF+ holds all channels",
                channel.label,
                channels.first().map_or("", |first| first.label.as_str())
            ))
            .advice("write HDF5, or one EDF+ file for each channel"));
        }
        let values = stretches.iter().flatten().map(|&value| i64::from(value));
        joined
            .used
            .push((values.clone().min().unwrap_or(0), values.max().unwrap_or(0)));
        joined.channels.push(stretches);
    }
    if joined.starts.is_empty() {
        return Err(would_lose("no channel holds a sample"));
    }
    Ok(joined)
}
