//! The rhythm of one train: its period, the numbers of its stimuli by time, what is missing and what is extra.

use super::segmentation::Segment;

/// The rhythm of a train.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rhythm {
    /// Seconds from one stimulus to the next: the median, missing stimuli accounted for. `None` for a single stimulus.
    pub period: Option<f64>,
    /// The number of each stimulus of the segment, from 1; `None` for one that does not fit.
    pub ordinals: Vec<Option<usize>>,
    /// The numbers at which no stimulus was given.
    pub missing: Vec<usize>,
    /// Coefficient of variation of the intervals in percent; `None` below three stimuli that fit.
    pub irregularity_pct: Option<f64>,
}

/// Numbers the stimuli of a segment by their times (seconds, of the whole piece that the segment indexes).
pub(super) fn rhythm(times: &[f64], segment: &Segment) -> Rhythm {
    let intervals: Vec<f64> = segment
        .kept
        .windows(2)
        .map(|pair| (times[pair[1]] - times[pair[0]]).max(0.0))
        .collect();
    // The period of the segmentation is rough; that of its own intervals is not.
    let period = median(&per_step(&intervals, segment.period))
        .map(|period| period.clamp(0.5 * segment.period, 2.0 * segment.period));
    let refined = period.unwrap_or(segment.period);
    let mut ordinals = vec![None; segment.stimuli.len()];
    let mut missing = Vec::new();
    let mut number = 1;
    for (place, &kept) in segment.kept.iter().enumerate() {
        if place > 0 {
            let next = number + steps(intervals[place - 1], refined) as usize;
            missing.extend(number + 1..next);
            number = next;
        }
        ordinals[kept - segment.stimuli.start] = Some(number);
    }
    Rhythm {
        period,
        ordinals,
        missing,
        irregularity_pct: variation_pct(&per_step(&intervals, refined)),
    }
}

fn steps(interval: f64, period: f64) -> f64 {
    (interval / period).round().max(1.0)
}

fn per_step(intervals: &[f64], period: f64) -> Vec<f64> {
    intervals
        .iter()
        .map(|interval| interval / steps(*interval, period))
        .collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    let median = 0.5 * (lower + upper);
    (median > 0.0).then_some(median)
}

/// Standard deviation (n − 1) in percent of the mean.
fn variation_pct(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (count - 1.0);
    (mean > 0.0).then(|| 100.0 * variance.sqrt() / mean)
}
