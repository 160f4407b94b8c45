//! Where one rhythm ends and the next begins, and which stimuli belong to neither.
//!
//! Every way to read the times as trains has a cost: a new train, a stimulus that is missing, a stimulus that does not fit, an interval
//! that deviates from the period. The cheapest reading is found exactly, in one pass over the stimuli (Viterbi's algorithm over the
//! periods that occur). So a stimulus that is missing or spurious neither splits a train nor shifts its numbers, and a change from 3 Hz
//! to 30 Hz does split it. The costs are heuristic; they are in units of a deviation by [`TOLERANCE`] of a period.

use super::Settings;
use std::ops::Range;

/// The deviation of an interval from the rhythm, in periods, that costs 1. Heuristic: a steady hand stays within.
const TOLERANCE: f64 = 0.2;
/// A train of its own. Dearer than two missing stimuli, cheaper than two extra ones in a row or four intervals of another rate.
const NEW_TRAIN: f64 = 5.3;
/// A stimulus that the rhythm expects and that was not given. A little cheaper than an extra one: 1, 3, 4, 5 lacks the second.
const MISSING: f64 = 1.9;
/// A stimulus that does not fit.
const EXTRA: f64 = 2.0;
/// Each further one in a row: several stimuli that fit nothing are more likely a train.
const EXTRA_IN_A_ROW: f64 = 3.5;
/// How many extra stimuli in a row are considered.
const EXTRA_MOST: usize = 3;
/// What it costs to set the earlier of two close stimuli apart instead of the later: a double pulse comes after the true one.
const EARLIER_IS_EXTRA: f64 = 0.02;
/// Per second inside a train: among equal readings the border between two trains falls into the longest interval.
const TIME_INSIDE: f64 = 1e-3;
/// Intervals within this ratio are candidates for one period. Half of it is far below [`TOLERANCE`].
const SAME_PERIOD: f64 = 1.04;
/// How many periods are tried; the most frequent ones.
const PERIODS_MOST: usize = 64;

/// Consecutive stimuli that are one train.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    /// All of its stimuli.
    pub stimuli: Range<usize>,
    /// Those that fit the rhythm, in order; never empty.
    pub kept: Vec<usize>,
    /// The period, roughly, in seconds.
    pub period: f64,
}

#[derive(Clone, Copy)]
enum From {
    /// The train begins here, with so many extra stimuli before it.
    Start { extra: usize },
    /// The previous stimulus that fits.
    Stimulus(usize),
}

#[derive(Clone, Copy)]
struct Ending {
    cost: f64,
    last: usize,
    period: usize,
}

/// Splits times (seconds, ascending, no interval above `longest_interval_s`) into trains.
pub(super) fn segments(times: &[f64], settings: &Settings) -> Vec<Segment> {
    let periods = candidates(times, settings);
    let width = periods.len();
    let mut cost = vec![f64::INFINITY; times.len() * width];
    let mut from = vec![From::Start { extra: 0 }; times.len() * width];
    let mut endings: Vec<Ending> = Vec::with_capacity(times.len());
    for stimulus in 0..times.len() {
        for (index, &period) in periods.iter().enumerate() {
            let (best, origin) = arrive(times, stimulus, period, settings, &endings, |earlier| {
                cost[earlier * width + index]
            });
            cost[stimulus * width + index] = best;
            from[stimulus * width + index] = origin;
        }
        endings.push(end(times, stimulus, &periods, |last, index| {
            cost[last * width + index]
        }));
    }
    trace_back(&endings, &periods, |stimulus, index| {
        from[stimulus * width + index]
    })
}

/// The cheapest way to a stimulus that fits a rhythm of `period`.
fn arrive(
    times: &[f64],
    stimulus: usize,
    period: f64,
    settings: &Settings,
    endings: &[Ending],
    cost: impl Fn(usize) -> f64,
) -> (f64, From) {
    let mut best = (f64::INFINITY, From::Start { extra: 0 });
    let mut offer = |cost: f64, from: From| {
        if cost < best.0 {
            best = (cost, from);
        }
    };
    for extra in 0..=EXTRA_MOST.min(stimulus) {
        let first = stimulus - extra;
        if extra > 0 && times[stimulus] - times[first] >= period {
            break;
        }
        let before = if first == 0 {
            0.0
        } else {
            endings[first - 1].cost
        };
        let earlier = EARLIER_IS_EXTRA * extra as f64;
        offer(
            before + NEW_TRAIN + set_apart(extra) + earlier,
            From::Start { extra },
        );
    }
    for extra in 0..=EXTRA_MOST {
        let Some(previous) = stimulus.checked_sub(extra + 1) else {
            break;
        };
        let interval = (times[stimulus] - times[previous]).max(0.0);
        let steps = (interval / period).round().max(1.0);
        if steps > settings.missing_in_a_row_max as f64 + 1.0 {
            break;
        }
        let deviation = ((interval - steps * period) / period / TOLERANCE).powi(2);
        let earlier = times[previous + 1..stimulus]
            .iter()
            .filter(|&&time| times[stimulus] - time < time - times[previous])
            .count() as f64;
        let price = deviation
            + (steps - 1.0) * MISSING
            + TIME_INSIDE * interval
            + set_apart(extra)
            + EARLIER_IS_EXTRA * earlier;
        offer(cost(previous) + price, From::Stimulus(previous));
    }
    best
}

/// The cheapest way in which a train ends with `stimulus`, which may be extra.
fn end(
    times: &[f64],
    stimulus: usize,
    periods: &[f64],
    cost: impl Fn(usize, usize) -> f64,
) -> Ending {
    let mut best = Ending {
        cost: f64::INFINITY,
        last: stimulus,
        period: 0,
    };
    for extra in 0..=EXTRA_MOST.min(stimulus) {
        let last = stimulus - extra;
        for (index, &period) in periods.iter().enumerate() {
            if extra > 0 && times[stimulus] - times[last] >= period {
                continue;
            }
            let total = cost(last, index) + set_apart(extra);
            if total < best.cost {
                best = Ending {
                    cost: total,
                    last,
                    period: index,
                };
            }
        }
    }
    best
}

fn set_apart(extra: usize) -> f64 {
    if extra == 0 {
        0.0
    } else {
        EXTRA + EXTRA_IN_A_ROW * (extra - 1) as f64
    }
}

fn trace_back(
    endings: &[Ending],
    periods: &[f64],
    from: impl Fn(usize, usize) -> From,
) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut after = endings.len();
    while after > 0 {
        let ending = endings[after - 1];
        let mut kept = vec![ending.last];
        let mut stimulus = ending.last;
        let first = loop {
            match from(stimulus, ending.period) {
                From::Stimulus(previous) => {
                    kept.push(previous);
                    stimulus = previous;
                }
                From::Start { extra } => break stimulus - extra,
            }
        };
        kept.reverse();
        segments.push(Segment {
            stimuli: first..after,
            kept,
            period: periods[ending.period],
        });
        after = first;
    }
    segments.reverse();
    segments
}

/// The periods that occur: intervals between neighbors, and over one stimulus in case that one is extra.
fn candidates(times: &[f64], settings: &Settings) -> Vec<f64> {
    // A period of 0, or of what is no number, is no rhythm, whatever the settings of a program say.
    let shortest = (settings.shortest_interval_ms / 1000.0).max(f64::MIN_POSITIVE);
    let mut intervals: Vec<f64> = [1, 2]
        .into_iter()
        .flat_map(|lag| {
            times
                .iter()
                .zip(times.iter().skip(lag))
                .map(|(earlier, later)| later - earlier)
        })
        .filter(|interval| (shortest..=settings.longest_interval_s).contains(interval))
        .collect();
    intervals.sort_by(f64::total_cmp);
    let mut clusters: Vec<&[f64]> = intervals
        .chunk_by(|shorter, longer| longer / shorter < 1.0 + (SAME_PERIOD - 1.0) / 8.0)
        .collect();
    // A chain of close intervals can be long; it is cut where it leaves the ratio.
    clusters = clusters.into_iter().flat_map(cut_to_ratio).collect();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.len()));
    let mut periods: Vec<f64> = clusters
        .iter()
        .take(PERIODS_MOST)
        .map(|cluster| cluster[cluster.len() / 2])
        .collect();
    periods.sort_by(f64::total_cmp);
    // So that a double pulse on its own is one stimulus and an extra one.
    periods.push(shortest);
    periods
}

fn cut_to_ratio(mut chain: &[f64]) -> Vec<&[f64]> {
    let mut parts = Vec::new();
    while let Some(&first) = chain.first() {
        let length = chain
            .partition_point(|&interval| interval < first * SAME_PERIOD)
            .max(1);
        let (part, rest) = chain.split_at(length);
        parts.push(part);
        chain = rest;
    }
    parts
}
