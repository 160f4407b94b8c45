//! When the sweeps of a file that does not describe itself began, and where in them the stimulus is.

use super::{Arrays, bad};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping};
use crate::recording::{Channel, Clock, Mark, STIMULUS, Samples, Segment};
use crate::units::Seconds;

/// Where sweeps have no times they are set apart by whole numbers of this, and never closer than this after the end of one.
const ORDER_SPACING_S: f64 = 1.0;

/// What a channel of sweeps says about their times, before they are placed.
pub(in crate::formats) enum Times {
    /// One stretch of signal that starts then.
    Continuous(f64),
    /// Sweeps that start then.
    Starts(Vec<f64>),
    /// Only the order is known.
    Unknown,
}

/// A channel whose sweeps have no times yet.
pub(in crate::formats) struct Draft {
    pub(in crate::formats) channel: Channel,
    pub(in crate::formats) pieces: Vec<Samples>,
    pub(in crate::formats) times: Times,
}

/// What the mapping says about the times of one channel.
pub(in crate::formats) fn times(
    arrays: &dyn Arrays,
    mapping: &Mapping,
    entry: &ChannelMapping,
    count: usize,
    sweeps: bool,
) -> Result<Times> {
    if let Some(start) = entry.start_s
        && !start.is_finite()
    {
        return Err(bad(format!("`start_s` is {start}; expected seconds")));
    }
    let start = entry.start_s.unwrap_or(0.0);
    let Some(path) = &entry.sweep_starts else {
        if !sweeps {
            return Ok(Times::Continuous(start));
        }
        return match mapping.sweep_rate_hz {
            Some(rate) if rate.is_finite() && rate > 0.0 => Ok(Times::Starts(
                (0..count)
                    .map(|sweep| start + sweep as f64 / rate)
                    .collect(),
            )),
            Some(rate) => Err(bad(format!(
                "`sweep_rate_hz` is {rate}; expected a number above 0"
            ))
            .at("mapping")),
            None => Ok(Times::Unknown),
        };
    };
    if !sweeps {
        return Err(bad(
            "`sweep_starts` is stated, but the dataset holds one signal and no sweeps",
        )
        .advice("remove `sweep_starts`, or `index` if the other axis counts sweeps"));
    }
    if entry.start_s.is_some() {
        return Err(bad("both `start_s` and `sweep_starts` are stated").advice("state one of them"));
    }
    let starts = arrays.numbers(path, "sweep_starts")?;
    if starts.len() != count {
        return Err(bad(format!(
            "`sweep_starts`: \"{path}\" holds {} times, but there are {count} sweeps",
            starts.len()
        )));
    }
    match starts.iter().position(|start| !start.is_finite()) {
        Some(sweep) => Err(bad(format!(
            "`sweep_starts`: \"{path}\" holds {} for sweep {sweep}; expected seconds",
            starts.get(sweep).copied().unwrap_or(f64::NAN)
        ))),
        None => Ok(Times::Starts(starts)),
    }
}

/// Gives sweeps without times a place, all channels the same.
pub(in crate::formats) fn place_sweeps(drafts: &mut [Draft], findings: &mut Vec<Finding>) -> Clock {
    let unknown = |draft: &&Draft| matches!(draft.times, Times::Unknown);
    let longest = drafts
        .iter()
        .filter(unknown)
        .map(|draft| draft.longest_s())
        .fold(0.0, f64::max);
    let count = drafts
        .iter()
        .filter(unknown)
        .map(|draft| draft.pieces.len())
        .max();
    let Some(count) = count else {
        return Clock::True;
    };
    let spacing = (longest / ORDER_SPACING_S).ceil() * ORDER_SPACING_S + ORDER_SPACING_S;
    for draft in drafts {
        if matches!(draft.times, Times::Unknown) {
            let sweeps = draft.pieces.len();
            draft.times = Times::Starts((0..sweeps).map(|sweep| sweep as f64 * spacing).collect());
        }
    }
    findings.push(Finding::new(
        FindingCode::ClockUnknown,
        format!("{count} sweeps; neither `sweep_starts` nor `sweep_rate_hz` is stated"),
    ));
    Clock::OrderOnly
}

/// A mark in every sweep where the mapping says that the stimulus is.
pub(in crate::formats) fn stimulus_marks(mapping: &Mapping, drafts: &[Draft]) -> Result<Vec<Mark>> {
    let Some(delay_ms) = mapping.stimulus_ms else {
        return Ok(Vec::new());
    };
    let error = |message: String| Err(bad(message).at("mapping, `stimulus_ms`"));
    if !(delay_ms.is_finite() && delay_ms >= 0.0) {
        return error(format!(
            "it is {delay_ms}; expected ms after the first sample of the sweep"
        ));
    }
    let delay = delay_ms / 1000.0;
    let mut all: Vec<(usize, &[f64])> = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        if let Times::Starts(starts) = &draft.times {
            let length = draft.longest_s();
            if delay >= length {
                return error(format!(
                    "it is {delay_ms} ms, but the sweeps of \"{}\" last {} ms",
                    draft.channel.label,
                    length * 1000.0
                ));
            }
            all.push((index, starts));
        }
    }
    if all.is_empty() {
        return error("no dataset of the mapping holds sweeps".to_owned());
    }
    Ok(stimuli_after(&all, delay))
}

/// A mark so long (s) after the start (s) of each sweep of each channel; of all channels together where they begin together.
pub(in crate::formats) fn stimuli_after(sweeps: &[(usize, &[f64])], delay: f64) -> Vec<Mark> {
    let mark = |start: &f64, channel| Mark {
        time: Seconds(start + delay),
        duration: None,
        text: STIMULUS.to_owned(),
        channel,
    };
    match sweeps {
        [(_, first), others @ ..] if others.iter().all(|(_, starts)| starts == first) => {
            first.iter().map(|start| mark(start, None)).collect()
        }
        sweeps => sweeps
            .iter()
            .flat_map(|&(index, starts)| starts.iter().map(move |start| mark(start, Some(index))))
            .collect(),
    }
}

impl Draft {
    fn longest_s(&self) -> f64 {
        let samples = self.pieces.iter().map(Samples::len).max().unwrap_or(0);
        samples as f64 / self.channel.rate.0
    }

    /// The channel with its segments.
    pub(in crate::formats) fn finish(self) -> Channel {
        let mut channel = self.channel;
        let starts = match self.times {
            Times::Continuous(start) => vec![start],
            Times::Starts(starts) => starts,
            Times::Unknown => Vec::new(),
        };
        channel.segments = starts
            .into_iter()
            .zip(self.pieces)
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples,
            })
            .collect();
        channel
    }
}
