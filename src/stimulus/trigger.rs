//! Stimuli from a trigger channel: the leading edges of its pulses, of either polarity and any length.

use super::{Settings, Stimulus, StimulusOrigin};
use crate::error::Result;
use crate::math::robust;
use crate::recording::{Channel, Recording, Role};
use crate::units::Seconds;

/// A pulse is over when it has fallen below this part of its height, so that a ringing edge counts once (heuristic).
const REARM: f64 = 0.25;

/// No more values than this are sorted to find the resting level (heuristic: its standard error is then below a hundredth of the noise).
const LEVEL_SAMPLES: usize = 20_000;

/// The pulses of all trigger channels.
pub(super) fn find(recording: &Recording, settings: &Settings) -> Result<Vec<Stimulus>> {
    let mut found = Vec::new();
    for channel in &recording.channels {
        if channel.role == Role::Trigger {
            found.extend(edges(channel, settings)?);
        }
    }
    Ok(found)
}

fn edges(channel: &Channel, settings: &Settings) -> Result<Vec<Stimulus>> {
    let period = 1.0 / channel.rate.0;
    let Some((rest, pulse)) = levels(channel, settings)? else {
        return Ok(Vec::new());
    };
    // Excursion of a sample as a part of the pulse: 0 at rest, 1 in the pulse, whichever way the pulse points.
    let part = |stored: f64| (stored - rest) / (pulse - rest);
    let mut found: Vec<Stimulus> = Vec::new();
    for segment in &channel.segments {
        let mut active = false;
        segment.samples.each(|index, value| {
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
        })?;
    }
    Ok(found)
}

/// The level at rest, which holds most of the time, and the level of the pulses; `None` when no pulse stands out of the noise.
fn levels(channel: &Channel, settings: &Settings) -> Result<Option<(f64, f64)>> {
    let stride = (channel.sample_count() / LEVEL_SAMPLES).max(1);
    let mut some = Vec::new();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for segment in &channel.segments {
        segment.samples.each(|index, value| {
            if value.is_finite() {
                low = low.min(value);
                high = high.max(value);
                if index % stride == 0 {
                    some.push(value);
                }
            }
        })?;
    }
    let (Some(rest), Some(noise)) = (robust::median(&some), robust::mad_sd(&some)) else {
        return Ok(None);
    };
    let extreme = if high - rest >= rest - low { high } else { low };
    // The highest sample may be a glitch: the pulse is as high as most of the excursions beyond half of it.
    let Some(pulse) = typical_peak(channel, rest, extreme)? else {
        return Ok(None);
    };
    let step = (pulse - rest).abs();
    let stands_out = step > 0.0 && step >= settings.trigger_noise_ratio * noise;
    Ok(stands_out.then_some((rest, pulse)))
}

fn typical_peak(channel: &Channel, rest: f64, extreme: f64) -> Result<Option<f64>> {
    let direction = (extreme - rest).signum();
    let half = (extreme - rest).abs() / 2.0;
    let mut peaks = Vec::new();
    for segment in &channel.segments {
        let mut peak: Option<f64> = None;
        segment.samples.each(|_, value| {
            let excursion = (value - rest) * direction;
            if excursion >= half && half > 0.0 {
                peak = Some(peak.map_or(excursion, |so_far| so_far.max(excursion)));
            } else if let Some(over) = peak.take() {
                peaks.push(over);
            }
        })?;
        peaks.extend(peak);
    }
    Ok(robust::median(&peaks).map(|typical| rest + direction * typical))
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
            .unwrap()
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
