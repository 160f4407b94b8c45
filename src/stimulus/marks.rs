//! Stimuli from the marks of the file.

use super::{Stimulus, StimulusOrigin};
use crate::recording::{Meaning, Recording, Role, Vocabulary};
use crate::units::Seconds;

/// Every mark that means a stimulus, where the file has it.
pub(super) fn find(recording: &Recording, vocabulary: &Vocabulary) -> Vec<Stimulus> {
    recording
        .marks
        .iter()
        .filter_map(|mark| match vocabulary.meaning(&mark.text) {
            Meaning::Stimulus { current, width } => Some(Stimulus {
                time: mark.time,
                uncertainty: half_a_sample(recording, mark.channel),
                origin: StimulusOrigin::Mark,
                channel: mark.channel,
                current,
                width,
            }),
            _ => None,
        })
        .collect()
}

/// A mark is set by the clock of the converter, so it can be wrong by half a sample of the fastest channel that it concerns.
fn half_a_sample(recording: &Recording, channel: Option<usize>) -> Seconds {
    let fastest = recording
        .channels
        .iter()
        .enumerate()
        .filter(|(index, candidate)| {
            candidate.role == Role::Response && channel.is_none_or(|only| only == *index)
        })
        .map(|(_, candidate)| candidate.rate.0)
        .fold(0.0, f64::max);
    Seconds(if fastest > 0.0 { 0.5 / fastest } else { 0.0 })
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
}
