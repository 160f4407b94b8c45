//! Stimuli from the marks of the file.

use super::{Stimulus, StimulusOrigin};
use crate::recording::{Channel, Meaning, Recording, Role, Vocabulary};
use crate::units::Seconds;

/// Every mark that means a stimulus, where the file has it.
pub(super) fn find(recording: &Recording, vocabulary: &Vocabulary) -> Vec<Stimulus> {
    let fastest = fastest_rate(recording);
    recording
        .marks
        .iter()
        .filter_map(|mark| match vocabulary.meaning(&mark.text) {
            Meaning::Stimulus { current, width } => Some(Stimulus {
                time: mark.time,
                uncertainty: half_a_sample(recording, mark.channel, fastest),
                origin: StimulusOrigin::Mark,
                channel: mark.channel,
                current,
                width,
            }),
            _ => None,
        })
        .collect()
}

/// The rate (Hz) of the fastest channel with responses; 0 without any.
fn fastest_rate(recording: &Recording) -> f64 {
    recording
        .channels
        .iter()
        .filter_map(response_rate)
        .fold(0.0, f64::max)
}

fn response_rate(channel: &Channel) -> Option<f64> {
    (channel.role == Role::Response).then_some(channel.rate.0)
}

/// A mark is set by the clock of the converter, so it can be wrong by half a sample of the fastest channel that it concerns.
fn half_a_sample(recording: &Recording, channel: Option<usize>, fastest: f64) -> Seconds {
    let rate = match channel {
        Some(only) => recording.channels.get(only).and_then(response_rate),
        None => Some(fastest),
    };
    let rate = rate.filter(|rate| *rate > 0.0);
    Seconds(rate.map_or(0.0, |rate| 0.5 / rate))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{channel, recording};
    use super::*;
    use crate::units::{Milliamperes, Milliseconds};

    #[test]
    fn the_text_of_a_mark_gives_current_and_width() {
        let recording = recording(
            vec![channel(Role::Response, 1000.0, vec![(0.0, vec![0.0; 100])])],
            &[
                (
                    0.01,
                    "Stimulus right wrist 0.2ms x 8.2mA at 6.5cm from recording site",
                ),
                (0.02, "Response 7.2mV at 3.8ms"),
            ],
        );
        let stimuli = find(&recording, &Vocabulary::default());
        assert_eq!(stimuli.len(), 1);
        assert_eq!(stimuli[0].current, Some(Milliamperes(8.2)));
        assert_eq!(stimuli[0].width, Some(Milliseconds(0.2)));
        assert_eq!(stimuli[0].uncertainty, Seconds(0.0005));
    }

    #[test]
    fn a_mark_is_as_exact_as_the_fastest_response_that_it_concerns() {
        let of = |role, rate| channel(role, rate, vec![(0.0, vec![0.0; 100])]);
        let channels = vec![
            of(Role::Response, 1000.0),
            of(Role::Response, 2000.0),
            of(Role::Trigger, 8000.0),
        ];
        let mut recording = recording(channels, &[(0.01, "Stim"); 5]);
        let concerned = [None, Some(0), Some(1), Some(2), Some(7)];
        for (mark, channel) in recording.marks.iter_mut().zip(concerned) {
            mark.channel = channel;
        }
        let found = find(&recording, &Vocabulary::default());
        let uncertainties: Vec<f64> = found.iter().map(|s| s.uncertainty.0).collect();
        assert_eq!(uncertainties, [0.000_25, 0.000_5, 0.000_25, 0.0, 0.0]);
    }
}
