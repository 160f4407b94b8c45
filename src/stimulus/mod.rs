//! When the nerve was stimulated: from marks, else from a trigger channel, else from the stimulus artefact.
//!
//! The first of the three that gives any stimulus is used alone. Nothing is moved: a mark stays where the file has it, even when an
//! artefact stands elsewhere. A stimulus that is missing or one too many is not repaired here; numbers in a train come from time.

mod artefact;
mod marks;
mod trigger;

use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Recording, Role, Vocabulary};
use crate::setting_range::Step;
use crate::units::{Milliamperes, Milliseconds, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One stimulus.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Stimulus {
    /// When the pulse began, on the recording's clock.
    pub time: Seconds,
    /// How far the true time may lie from `time` on either side.
    pub uncertainty: Seconds,
    /// From what it was found.
    pub origin: StimulusOrigin,
    /// The index of the only channel that it concerns; `None` for all.
    pub channel: Option<usize>,
    /// Strength, where known.
    pub current: Option<Milliamperes>,
    /// Pulse width, where known.
    pub width: Option<Milliseconds>,
}

impl Stimulus {
    /// Whether it concerns the channel with that index.
    pub fn concerns(&self, channel: usize) -> bool {
        self.channel.is_none_or(|only| only == channel)
    }
}

/// From what a stimulus was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StimulusOrigin {
    /// A mark of the file.
    Mark,
    /// An edge in a trigger channel.
    Trigger,
    /// The artefact in the responses.
    Artefact,
}

/// All stimuli of a recording in order of time, and what was noticed while finding them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stimuli {
    /// In order of time.
    pub stimuli: Vec<Stimulus>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// How stimuli are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Marks, edges or artefacts closer than this (ms) to the one before are the same stimulus. Heuristic: far above the longest pulse
    /// (1 ms), far below the shortest interval of paired shocks (about 5 ms).
    pub refractory_ms: f64,
    /// A trigger channel must step by at least this many times its own noise (standard deviations). Heuristic.
    pub trigger_noise_ratio: f64,
    /// Whether stimuli are looked for by their artefact when there is neither a mark nor a trigger.
    pub search_artefact: bool,
    /// An artefact must bend this many times more sharply than the noise (standard deviations). Heuristic.
    pub artefact_noise_ratio: f64,
    /// An artefact is over within this time (ms): the longest pulse in use with nerves is 0.5 ms, the rest is the amplifier's
    /// (heuristic).
    pub artefact_longest_ms: f64,
    /// Before an artefact the signal is as calm as elsewhere for this time (ms). Heuristic: longer than the rise of a motor unit's
    /// potential, shorter than what a sweep stores before the stimulus.
    pub artefact_isolation_ms: f64,
    /// After an artefact nothing is taken for another one for this time (ms): the response follows. Heuristic.
    pub artefact_response_ms: f64,
    /// Artefacts of one channel differ in size by no more than this factor from their median. Heuristic: recruitment curves go from
    /// threshold to a few times threshold.
    pub artefact_size_ratio: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refractory_ms: 2.0,
            trigger_noise_ratio: 10.0,
            search_artefact: true,
            artefact_noise_ratio: 12.0,
            artefact_longest_ms: 1.0,
            artefact_isolation_ms: 5.0,
            artefact_response_ms: 15.0,
            artefact_size_ratio: 4.0,
        }
    }
}

/// An artefact and the calm before it last no longer (ms): what is longer is no artefact, and all of it is looked at for each (heuristic).
const LONGEST_ARTEFACT_MS: f64 = 1000.0;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> Result<()> {
        let Self {
            refractory_ms,
            trigger_noise_ratio,
            search_artefact: _,
            artefact_noise_ratio,
            artefact_longest_ms,
            artefact_isolation_ms,
            artefact_response_ms,
            artefact_size_ratio,
        } = self;
        let step = Step("stimulus");
        step.not_negative("refractory_ms", *refractory_ms)?;
        step.not_negative("trigger_noise_ratio", *trigger_noise_ratio)?;
        step.not_negative("artefact_noise_ratio", *artefact_noise_ratio)?;
        step.positive("artefact_longest_ms", *artefact_longest_ms)?;
        step.at_most(
            "artefact_longest_ms",
            *artefact_longest_ms,
            LONGEST_ARTEFACT_MS,
        )?;
        step.not_negative("artefact_isolation_ms", *artefact_isolation_ms)?;
        step.at_most(
            "artefact_isolation_ms",
            *artefact_isolation_ms,
            LONGEST_ARTEFACT_MS,
        )?;
        step.not_negative("artefact_response_ms", *artefact_response_ms)?;
        step.at_least("artefact_size_ratio", *artefact_size_ratio, 1.0)
    }
}

/// Finds the stimuli of a recording. `vocabulary` says which marks are stimuli.
///
/// # Errors
///
/// If a setting is out of its range, and if a trigger channel or the responses are looked at and cannot be read from their file any more.
pub fn find(
    recording: &Recording,
    vocabulary: &Vocabulary,
    settings: &Settings,
) -> Result<Stimuli> {
    settings.check()?;
    let mut findings = Vec::new();
    let mut stimuli = marks::find(recording, vocabulary);
    if stimuli.is_empty() {
        stimuli = trigger::find(recording, settings)?;
    }
    if stimuli.is_empty() && settings.search_artefact {
        stimuli = artefact::find(recording, settings)?;
        if !stimuli.is_empty() {
            findings.push(Finding::new(
                FindingCode::StimulusFromArtefact,
                format!("{} stimuli", stimuli.len()),
            ));
        }
    }
    let stimuli = merge(stimuli, settings.refractory_ms / 1000.0);
    if stimuli.is_empty() {
        findings.push(Finding::new(FindingCode::NoStimulus, ""));
    }
    let outside: Vec<&Stimulus> = stimuli
        .iter()
        .filter(|stimulus| !lies_in_signal(recording, stimulus))
        .collect();
    if let Some(first) = outside.first() {
        findings.push(Finding::new(
            FindingCode::StimulusOutsideSignal,
            format!(
                "{} of {} stimuli, the first at {:.4}",
                outside.len(),
                stimuli.len(),
                first.time
            ),
        ));
    }
    Ok(Stimuli { stimuli, findings })
}

fn lies_in_signal(recording: &Recording, stimulus: &Stimulus) -> bool {
    recording
        .channels
        .iter()
        .enumerate()
        .any(|(index, channel)| {
            channel.role == Role::Response
                && stimulus.concerns(index)
                && channel.segment_at(stimulus.time).is_some()
        })
}

/// Puts stimuli in order of time and makes one of those that are closer than `refractory` (s) and concern the same channel.
fn merge(mut stimuli: Vec<Stimulus>, refractory: f64) -> Vec<Stimulus> {
    stimuli.retain(|stimulus| stimulus.time.0.is_finite());
    stimuli.sort_by(|a, b| {
        a.time
            .0
            .total_cmp(&b.time.0)
            .then(a.channel.cmp(&b.channel))
    });
    let mut merged: Vec<Stimulus> = Vec::with_capacity(stimuli.len());
    for stimulus in stimuli {
        let same = merged
            .iter_mut()
            .rev()
            .take_while(|earlier| stimulus.time.0 - earlier.time.0 < refractory)
            .find(|earlier| {
                earlier.channel.is_none()
                    || stimulus.channel.is_none()
                    || earlier.channel == stimulus.channel
            });
        match same {
            Some(earlier) => {
                earlier.current = earlier.current.or(stimulus.current);
                earlier.width = earlier.width.or(stimulus.width);
                if stimulus.channel.is_none() {
                    earlier.channel = None;
                }
            }
            None => merged.push(stimulus),
        }
    }
    merged
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::recording::{
        Calibration, Channel, Mark, Origin, Recording, Role, Samples, Segment, Subject,
    };
    use crate::units::Hertz;

    pub(crate) fn channel(role: Role, rate: f64, segments: Vec<(f64, Vec<f64>)>) -> Channel {
        Channel {
            label: "ADM".into(),
            role,
            rate: Hertz(rate),
            segments: segments
                .into_iter()
                .map(|(start, samples)| Segment {
                    start: Seconds(start),
                    samples: Samples::F64(samples),
                })
                .collect(),
            calibration: Calibration {
                gain: 1.0,
                offset: 0.0,
                rails: None,
                unit: "mV".into(),
                millivolts_per_unit: Some(1.0),
            },
            muscle: None,
            nerve: None,
            side: None,
            prefilter: None,
            transducer: None,
            findings: Vec::new(),
        }
    }

    pub(crate) fn recording(channels: Vec<Channel>, marks: &[(f64, &str)]) -> Recording {
        Recording {
            channels,
            marks: marks
                .iter()
                .map(|&(time, text)| Mark {
                    time: Seconds(time),
                    duration: None,
                    text: text.into(),
                    channel: None,
                })
                .collect(),
            origin: Origin::default(),
            subject: Subject::default(),
            corrections: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn at(time: f64, channel: Option<usize>) -> Stimulus {
        Stimulus {
            time: Seconds(time),
            uncertainty: Seconds(0.0),
            origin: StimulusOrigin::Mark,
            channel,
            current: None,
            width: None,
        }
    }

    #[test]
    fn two_marks_of_one_pulse_are_one_stimulus_and_keep_what_either_knows() {
        let mut second = at(1.0, None);
        second.current = Some(Milliamperes(8.2));
        let merged = merge(vec![at(1.0, None), second, at(1.3, None)], 0.002);
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].current, Some(Milliamperes(8.2)));
    }

    #[test]
    fn pulses_to_different_channels_at_one_time_stay_two() {
        assert_eq!(
            merge(vec![at(1.0, Some(0)), at(1.0, Some(1))], 0.002).len(),
            2
        );
    }

    #[test]
    fn a_mark_where_no_channel_has_samples_is_kept_and_noticed() {
        let recording = recording(
            vec![channel(Role::Response, 1000.0, vec![(0.0, vec![0.0; 100])])],
            &[(0.05, "Stim"), (7.0, "Stim")],
        );
        let found = find(&recording, &Vocabulary::default(), &Settings::default()).unwrap();
        assert_eq!(found.stimuli.len(), 2);
        assert_eq!(found.findings[0].code, FindingCode::StimulusOutsideSignal);
        assert_eq!(
            found.findings[0].detail,
            "1 of 2 stimuli, the first at 7.0000 s"
        );
    }

    #[test]
    fn a_recording_without_any_sign_of_a_stimulus_says_so() {
        let recording = recording(
            vec![channel(Role::Response, 1000.0, vec![(0.0, vec![0.0; 100])])],
            &[],
        );
        let found = find(&recording, &Vocabulary::default(), &Settings::default()).unwrap();
        assert_eq!(found.findings[0].code, FindingCode::NoStimulus);
    }
}
