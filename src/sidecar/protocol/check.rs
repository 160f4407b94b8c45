//! Whether a stated train fits the recording.

use super::{bad, channel_of, numbers};
use crate::error::Result;
use crate::formats::TrainMapping;
use crate::recording::{Channel, Clock, Meaning, Recording, Role, Vocabulary};

/// A stated train that was checked against the recording.
pub(super) struct Train<'a> {
    /// What was stated.
    pub(super) stated: &'a TrainMapping,
    /// Its place among the statements, from 1.
    pub(super) number: usize,
    /// The channels that it concerns.
    pub(super) channels: Vec<usize>,
    /// For its marks.
    pub(super) only: Option<usize>,
    /// Its sweeps, counted from 0.
    pub(super) sweeps: Vec<usize>,
    /// Seconds from one sweep to the next.
    pub(super) period: f64,
}

pub(super) fn place_of(train: &TrainMapping, number: usize) -> String {
    match &train.label {
        Some(label) => format!("trains, number {number} (\"{label}\")"),
        None => format!("trains, number {number}"),
    }
}

pub(super) fn check<'a>(
    recording: &Recording,
    stated: &'a TrainMapping,
    number: usize,
) -> Result<Train<'a>> {
    let order_only = recording.origin.clock == Clock::OrderOnly;
    if stated.at_rest && (stated.exercise_s.is_some() || stated.after_exercise_s.is_some()) {
        return Err(
            bad("at_rest and a time after exercise are both stated").advice("state one of them")
        );
    }
    if stated.exercise_s.is_some() && stated.after_exercise_s.is_none() {
        return Err(bad("exercise_s is stated without after_exercise_s")
            .advice("state how long after the end of the exercise the train began, in s"));
    }
    let only = channel_of(&recording.channels, stated.channel.as_deref())?;
    let Some(list) = &stated.sweeps else {
        if order_only {
            return Err(
                bad("the file holds sweeps without times, and sweeps is not stated")
                    .advice("state which sweeps the train is made of: sweeps = \"1-10\""),
            );
        }
        if stated.start_s.is_none() {
            return Err(bad("neither sweeps nor start_s is stated"));
        }
        if let Some((name, _)) = [("rate_hz", stated.rate_hz), ("sweep_ms", stated.sweep_ms)]
            .into_iter()
            .find(|(_, value)| value.is_some())
        {
            return Err(bad(format!(
                "{name} is stated, but the file has times of its own"
            ))
            .advice("remove it"));
        }
        return Ok(Train {
            stated,
            number,
            channels: Vec::new(),
            only,
            sweeps: Vec::new(),
            period: 0.0,
        });
    };
    if !order_only && stated.sweep_ms.is_some() {
        return Err(
            bad("sweep_ms is stated, but the file has times of its own").advice("remove it")
        );
    }
    let channels = swept_channels(&recording.channels, only)?;
    let count = channels
        .first()
        .map_or(0, |&index| recording.channels[index].segments.len());
    let numbers = numbers::list(list)?;
    if let Some(beyond) = numbers.iter().find(|&&sweep| sweep > count) {
        return Err(bad(format!(
            "sweep {beyond} does not exist; the file holds {count}"
        )));
    }
    let sweeps: Vec<usize> = numbers.iter().map(|number| number - 1).collect();
    if !order_only && sweeps.windows(2).any(|pair| pair[1] != pair[0] + 1) {
        return Err(bad(format!(
            "the file has times, so the sweeps of a train follow each other; \"{list}\" do not"
        )));
    }
    if let Some(length) = stated.sweep_ms {
        stimuli_within(recording, &channels, &sweeps, length)?;
    }
    let period = match stated.rate_hz {
        Some(rate) => 1.0 / rate,
        None if order_only && sweeps.len() > 1 => {
            return Err(
                bad("the file holds sweeps without times, and rate_hz is not stated")
                    .advice("state the rate of stimulation in Hz"),
            );
        }
        None => 0.0,
    };
    if order_only && sweeps.len() > 1 {
        let longest = channels
            .iter()
            .map(|&index| longest(&recording.channels[index], &sweeps, stated.sweep_ms))
            .fold(0.0, f64::max);
        if longest > period {
            return Err(bad(format!(
                "sweeps of {:.6} ms overlap at {} Hz",
                longest * 1000.0,
                1.0 / period
            ))
            .advice(format!(
                "state sweep_ms = {} to take only that much of each",
                (period * 1000.0).floor()
            )));
        }
    }
    Ok(Train {
        stated,
        number,
        channels,
        only,
        sweeps,
        period,
    })
}

/// The stimulus of each sweep must lie in the part that is taken.
fn stimuli_within(
    recording: &Recording,
    channels: &[usize],
    sweeps: &[usize],
    sweep_ms: f64,
) -> Result<()> {
    let vocabulary = Vocabulary::default();
    for &index in channels {
        let channel = &recording.channels[index];
        for &sweep in sweeps {
            let Some(segment) = channel.segments.get(sweep) else {
                continue;
            };
            if taken(segment.samples.len(), channel, Some(sweep_ms)) < 2 {
                return Err(bad(format!(
                    "sweep_ms = {sweep_ms} leaves no samples of sweep {}",
                    sweep + 1
                )));
            }
            let end = segment.start.0 + sweep_ms / 1000.0;
            let beyond = recording.marks.iter().find(|mark| {
                mark.channel.is_none_or(|only| only == index)
                    && mark.time.0 >= end
                    && mark.time.0 < segment.end(channel.rate).0
                    && matches!(vocabulary.meaning(&mark.text), Meaning::Stimulus { .. })
            });
            if let Some(mark) = beyond {
                return Err(bad(format!(
                    "sweep_ms is {sweep_ms}, but the stimulus of sweep {} comes {:.3} ms after its first sample",
                    sweep + 1,
                    (mark.time.0 - segment.start.0) * 1000.0
                )));
            }
        }
    }
    Ok(())
}

/// The channels whose segments are the sweeps that are counted.
fn swept_channels(channels: &[Channel], only: Option<usize>) -> Result<Vec<usize>> {
    if let Some(index) = only {
        return Ok(vec![index]);
    }
    let count = |index: &usize| channels[*index].segments.len();
    let mut counts: Vec<usize> = (0..channels.len())
        .filter(|&index| channels[index].role == Role::Response)
        .map(|index| count(&index))
        .collect();
    counts.sort_unstable();
    counts.dedup();
    match counts.as_slice() {
        [] => Err(bad("the file holds no channel with responses")),
        [wanted] => Ok((0..channels.len())
            .filter(|index| count(index) == *wanted)
            .collect()),
        _ => Err(bad(format!(
            "the channels hold different numbers of sweeps: {counts:?}"
        ))
        .advice("state for each train its channel")),
    }
}

/// The length in s of the longest of the sweeps, as far as it is taken.
pub(super) fn longest(channel: &Channel, sweeps: &[usize], sweep_ms: Option<f64>) -> f64 {
    let samples = sweeps
        .iter()
        .filter_map(|&sweep| channel.segments.get(sweep))
        .map(|segment| taken(segment.samples.len(), channel, sweep_ms))
        .max();
    samples.unwrap_or(0) as f64 / channel.rate.0
}

/// A length that is a whole number of samples stays one in spite of rounding.
const SAMPLE_ROUNDING: f64 = 1e-6;

/// How many samples of a sweep are taken.
pub(super) fn taken(samples: usize, channel: &Channel, sweep_ms: Option<f64>) -> usize {
    match sweep_ms {
        Some(length) => {
            samples.min((length / 1000.0 * channel.rate.0 + SAMPLE_ROUNDING).floor() as usize)
        }
        None => samples,
    }
}

pub(super) fn no_sweep_twice(trains: &[Train<'_>]) -> Result<()> {
    let mut taken = std::collections::BTreeMap::new();
    for train in trains {
        for &channel in &train.channels {
            for &sweep in &train.sweeps {
                if let Some(other) = taken.insert((channel, sweep), train.number) {
                    return Err(bad(format!(
                        "sweep {} belongs to train {other} already",
                        sweep + 1
                    ))
                    .at(place_of(train.stated, train.number)));
                }
            }
        }
    }
    Ok(())
}
