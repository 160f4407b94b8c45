//! Stretches of a channel around its stimuli, in mV, with a note of where they are quiet.

use super::Settings;
use crate::error::Result;
use crate::recording::{Channel, Clock};
use crate::stimulus::Stimulus;
use std::ops::Range;

/// A stretch of one segment that holds the signal around one or more stimuli.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// The time of the first value on the clock of the recording (s).
    pub start: f64,
    /// mV.
    pub values: Vec<f64>,
    /// Where no response can be: indices into `values`, in order.
    pub quiet: Vec<Range<usize>>,
    /// Samples on the converter's rails: indices into `values`, in order.
    pub saturated: Vec<Range<usize>>,
}

impl Region {
    /// The saturated ranges that touch those samples.
    pub fn saturated_in(&self, samples: &Range<usize>) -> &[Range<usize>] {
        let first = self
            .saturated
            .partition_point(|range| range.end <= samples.start);
        let touching = self.saturated[first..].partition_point(|range| range.start < samples.end);
        &self.saturated[first..first + touching]
    }
}

/// A stimulus in its region.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Index into the list of stimuli.
    pub stimulus: usize,
    /// Index into the list of regions.
    pub region: usize,
    /// Samples after the first value of the region; not a whole number in general.
    pub position: f64,
    /// ms since the stimulus before it on this channel, where known.
    pub previous: Option<f64>,
    /// ms to the stimulus after it on this channel, where known.
    pub next: Option<f64>,
}

/// Cuts the regions around the stimuli of one channel, and says which stimuli lie in its signal. An error if the signal cannot be read any more.
pub(super) fn cut(
    channel: &Channel,
    index: usize,
    clock: Clock,
    stimuli: &[Stimulus],
    settings: &Settings,
) -> Result<(Vec<Region>, Vec<Place>)> {
    let rate = channel.rate.0;
    let samples = |ms: f64| ms * rate / 1000.0;
    let reach_before = samples(settings.context_ms.max(settings.before_ms));
    let reach_after = samples(settings.context_ms.max(settings.after_ms));

    let own: Vec<(usize, &Stimulus)> = stimuli
        .iter()
        .enumerate()
        .filter(|(_, stimulus)| stimulus.concerns(index))
        .collect();
    let mut regions: Vec<Region> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    let mut first = 0;
    for segment in &channel.segments {
        let (start, end) = (segment.start.0, segment.end(channel.rate).0);
        first += own[first..].partition_point(|(_, stimulus)| stimulus.time.0 < start);
        let count = own[first..].partition_point(|(_, stimulus)| stimulus.time.0 < end);
        let inside = first..first + count;
        let position = |i: usize| (own[i].1.time.0 - start) * rate;
        let mut next = inside.start;
        while next < inside.end {
            let from = next;
            next += 1;
            while next < inside.end
                && position(next) - reach_before <= position(next - 1) + reach_after
            {
                next += 1;
            }
            let begin = (position(from) - reach_before).max(0.0).floor() as usize;
            let stop = (position(next - 1) + reach_after).ceil().max(0.0) as usize;
            let stop = stop.saturating_add(1).min(segment.samples.len());
            // As stored, until the rails have been looked for.
            let mut values = segment.samples.widen(begin..stop)?;
            let saturated = super::saturation::ranges(&values, channel.calibration.rails);
            for value in &mut values {
                *value = channel.calibration.physical(*value);
            }
            let first_place = places.len();
            for (i, &(stimulus, own_stimulus)) in own.iter().enumerate().take(next).skip(from) {
                // Where only the order of the sweeps is known, only stimuli of one sweep have an interval.
                let known = |other: usize| clock.has_rates() || inside.contains(&other);
                let interval = |other: &(usize, &Stimulus)| {
                    (other.1.time.0 - own_stimulus.time.0).abs() * 1000.0
                };
                places.push(Place {
                    stimulus,
                    region: regions.len(),
                    position: position(i) - begin as f64,
                    previous: i
                        .checked_sub(1)
                        .filter(|&other| known(other))
                        .map(|other| interval(&own[other])),
                    next: own.get(i + 1).filter(|_| known(i + 1)).map(interval),
                });
            }
            let guarded: Vec<(f64, f64)> = places[first_place..]
                .iter()
                .map(|place| {
                    (
                        place.position - samples(settings.guard_ms),
                        place.position + samples(settings.response_end_ms),
                    )
                })
                .collect();
            let quiet = complement(&guarded, &saturated, values.len());
            regions.push(Region {
                start: start + begin as f64 / rate,
                values,
                quiet,
                saturated,
            });
        }
        first = inside.end;
    }
    Ok((regions, places))
}

/// What of 0..`length` lies in none of the closed intervals (in order of their starts) and touches no rail.
fn complement(
    guarded: &[(f64, f64)],
    saturated: &[Range<usize>],
    length: usize,
) -> Vec<Range<usize>> {
    let mut quiet = Vec::new();
    let mut from = 0usize;
    for &(begin, end) in guarded {
        let stop = (begin.ceil().max(0.0) as usize).min(length);
        if stop > from {
            quiet.push(from..stop);
        }
        from = from.max(end.floor().max(-1.0) as isize as usize + 1);
    }
    if from < length {
        quiet.push(from..length);
    }
    if saturated.is_empty() {
        return quiet;
    }
    let mut rails = saturated.iter().peekable();
    let mut result = Vec::new();
    for range in quiet {
        let mut from = range.start;
        while rails.next_if(|rail| rail.end <= from).is_some() {}
        while let Some(rail) = rails.peek().filter(|rail| rail.start < range.end) {
            if rail.start > from {
                result.push(from..rail.start);
            }
            from = rail.end;
            if rail.end > range.end {
                break;
            }
            rails.next();
        }
        if from < range.end {
            result.push(from..range.end);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_saturated_ranges_of_a_sweep_are_those_that_share_a_sample_with_it() {
        let region = Region {
            start: 0.0,
            values: vec![0.0; 50],
            quiet: Vec::new(),
            saturated: vec![2..4, 12..14, 25..26, 30..40],
        };
        assert_eq!(region.saturated_in(&(4..12)), &[] as &[Range<usize>]);
        assert_eq!(region.saturated_in(&(3..13)), &[2..4, 12..14]);
        assert_eq!(region.saturated_in(&(25..31)), &[25..26, 30..40]);
        assert_eq!(region.saturated_in(&(45..45)), &[] as &[Range<usize>]);
    }

    #[test]
    fn quiet_is_what_lies_outside_of_guards_and_rails() {
        assert_eq!(
            complement(&[(10.0, 20.0), (15.5, 30.2)], &[], 50),
            vec![0..10, 31..50]
        );
        assert_eq!(
            complement(&[(10.0, 20.0)], &[2..4, 12..14, 25..26], 40),
            vec![0..2, 4..10, 21..25, 26..40]
        );
        assert_eq!(
            complement(&[(-5.0, 60.0)], &[], 40),
            Vec::<std::ops::Range<usize>>::new()
        );
    }
}
