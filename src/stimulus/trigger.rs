//! Stimuli from a trigger channel: the leading edges of its pulses, of either polarity and any length.

use super::{Settings, Stimulus, StimulusOrigin};
use crate::math::robust;
use crate::recording::{Channel, Recording, Role};
use crate::units::Seconds;

/// A pulse is over when it has fallen below this part of its height, so that a ringing edge counts once (heuristic).
const REARM: f64 = 0.25;

/// No more values than this are sorted to find the resting level (heuristic: its standard error is then below a hundredth of the noise).
const LEVEL_SAMPLES: usize = 20_000;

/// The pulses of all trigger channels.
pub(super) fn find(recording: &Recording, settings: &Settings) -> Vec<Stimulus> {
    recording
        .channels
        .iter()
        .filter(|channel| channel.role == Role::Trigger)
        .flat_map(|channel| edges(channel, settings))
        .collect()
}

fn edges(channel: &Channel, settings: &Settings) -> Vec<Stimulus> {
    let period = 1.0 / channel.rate.0;
    let Some((rest, pulse)) = levels(channel, settings) else {
        return Vec::new();
    };
    // Excursion of a sample as a part of the pulse: 0 at rest, 1 in the pulse, whichever way the pulse points.
    let part = |stored: f64| (stored - rest) / (pulse - rest);
    let mut found: Vec<Stimulus> = Vec::new();
    for segment in &channel.segments {
        let mut active = false;
        for (index, value) in stored(segment, 1) {
            let part = part(value);
            if !active && part >= 0.5 {
                active = true;
                // The edge came after the sample before: on average half a sample ago, and not before the segment began.
                let time = segment.start.0 + (index as f64 - 0.5).max(0.0) * period;
                let again = found
                    .last()
                    .is_some_and(|last| time - last.time.0 < settings.refractory_ms / 1000.0);
                if !again {
                    found.push(Stimulus {
                        time: Seconds(time),
                        uncertainty: Seconds(0.5 * period),
                        origin: StimulusOrigin::Trigger,
                        channel: None,
                        current: None,
                        width: None,
                    });
                }
            } else if active && part < REARM {
                active = false;
            }
        }
    }
    found
}

fn stored(
    segment: &crate::recording::Segment,
    stride: usize,
) -> impl Iterator<Item = (usize, f64)> + '_ {
    (0..segment.samples.len())
        .step_by(stride)
        .filter_map(|index| Some((index, segment.samples.stored(index)?)))
}

/// The level at rest, which holds most of the time, and the level of the pulses; `None` when no pulse stands out of the noise.
fn levels(channel: &Channel, settings: &Settings) -> Option<(f64, f64)> {
    let stride = (channel.sample_count() / LEVEL_SAMPLES).max(1);
    let some: Vec<f64> = channel
        .segments
        .iter()
        .flat_map(|segment| stored(segment, stride).map(|(_, value)| value))
        .filter(|value| value.is_finite())
        .collect();
    let rest = robust::median(&some)?;
    let noise = robust::mad_sd(&some)?;
    let (mut low, mut high) = (rest, rest);
    for segment in &channel.segments {
        for (_, value) in stored(segment, 1).filter(|(_, value)| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
    }
    let extreme = if high - rest >= rest - low { high } else { low };
    // The highest sample may be a glitch: the pulse is as high as most of the excursions beyond half of it.
    let pulse = typical_peak(channel, rest, extreme)?;
    let step = (pulse - rest).abs();
    (step > 0.0 && step >= settings.trigger_noise_ratio * noise).then_some((rest, pulse))
}

fn typical_peak(channel: &Channel, rest: f64, extreme: f64) -> Option<f64> {
    let direction = (extreme - rest).signum();
    let half = (extreme - rest).abs() / 2.0;
    let mut peaks = Vec::new();
    for segment in &channel.segments {
        let mut peak: Option<f64> = None;
        for (_, value) in stored(segment, 1) {
            let excursion = (value - rest) * direction;
            if excursion >= half && half > 0.0 {
                peak = Some(peak.map_or(excursion, |so_far| so_far.max(excursion)));
            } else if let Some(over) = peak.take() {
                peaks.push(over);
            }
        }
        peaks.extend(peak);
    }
    Some(rest + direction * robust::median(&peaks)?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{channel, recording};
    use super::*;

    fn times(values: Vec<f64>) -> Vec<f64> {
        let recording = recording(
            vec![channel(Role::Trigger, 1000.0, vec![(10.0, values)])],
            &[],
        );
        find(&recording, &Settings::default())
            .iter()
            .map(|stimulus| ((stimulus.time.0 - 10.0) * 1e6).round() / 1e3)
            .collect()
    }

    fn pulses(rest: f64, level: f64, starts: &[usize], length: usize) -> Vec<f64> {
        let mut values = vec![rest; 200];
        for &start in starts {
            values[start..start + length].fill(level);
        }
        values
    }

    #[test]
    fn the_edge_lies_half_a_sample_before_the_first_sample_of_the_pulse() {
        assert_eq!(times(pulses(0.0, 5.0, &[20, 120], 1)), vec![19.5, 119.5]);
    }

    #[test]
    fn either_polarity_and_any_length_count_once_by_the_leading_edge() {
        assert_eq!(times(pulses(5.0, 0.0, &[20, 120], 30)), vec![19.5, 119.5]);
    }

    #[test]
    fn an_edge_that_rings_within_the_refractory_time_counts_once() {
        let mut values = pulses(0.0, 5.0, &[20, 120], 1);
        values[21] = 5.0;
        values[20] = 5.0;
        values[121] = 0.0;
        assert_eq!(times(values), vec![19.5, 119.5]);
    }

    #[test]
    fn a_single_glitch_does_not_hide_the_pulses() {
        let mut values = pulses(0.0, 5.0, &[20, 70, 120], 3);
        values[150] = 9.0;
        assert_eq!(times(values), vec![19.5, 69.5, 119.5, 149.5]);
    }

    #[test]
    fn noise_alone_is_no_trigger() {
        let values = (0..200).map(|i| f64::from((i * 7919) % 13)).collect();
        assert_eq!(times(values), Vec::<f64>::new());
    }

    #[test]
    fn a_constant_channel_is_no_trigger() {
        assert_eq!(times(vec![3.0; 200]), Vec::<f64>::new());
    }
}
