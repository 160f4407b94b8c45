//! Stated marks and stimuli beside those that the file has itself.

use super::bad;
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::recording::{Clock, Mark, Meaning, Recording, Role, STIMULUS, Vocabulary};
use crate::units::Seconds;

/// Times that differ by less are the same time (s): rounding of sums.
const SAME_S: f64 = 1e-9;

/// Adds the stated marks that the reader of the format did not take.
pub(super) fn add(recording: &mut Recording, mapping: &Mapping) -> Result<()> {
    for stated in &mapping.marks {
        let text = stated.text.as_deref().unwrap_or(STIMULUS);
        for &time in &stated.times_s {
            let known = recording
                .marks
                .iter()
                .any(|mark| (mark.time.0 - time).abs() <= SAME_S && mark.text == text);
            if known {
                continue;
            }
            if recording.origin.clock == Clock::OrderOnly {
                return Err(
                    bad("times_s is stated, but the sweeps of the file have no times")
                        .at("marks")
                        .advice("use stimulus_ms for a stimulus in every sweep"),
                );
            }
            recording.marks.push(Mark {
                time: Seconds(time),
                duration: stated.duration_s.map(Seconds),
                text: text.to_owned(),
                channel: None,
            });
        }
    }
    Ok(())
}

/// Where a sweep has a marked stimulus of its own, the stated one is taken away again: there would be two.
pub(super) fn keep_own_stimuli(recording: &mut Recording, mapping: &Mapping) {
    let Some(delay) = mapping.stimulus_ms.map(|delay| delay / 1000.0) else {
        return;
    };
    let vocabulary = Vocabulary::default();
    let is_stimulus =
        |mark: &Mark| matches!(vocabulary.meaning(&mark.text), Meaning::Stimulus { .. });
    let mut double = vec![false; recording.marks.len()];
    for (index, channel) in recording.channels.iter().enumerate() {
        if channel.role != Role::Response {
            continue;
        }
        for segment in &channel.segments {
            let (start, end) = (segment.start.0, segment.end(channel.rate).0);
            let inside: Vec<usize> = recording
                .marks
                .iter()
                .enumerate()
                .filter(|(_, mark)| mark.channel.is_none_or(|only| only == index))
                .filter(|(_, mark)| (start..end).contains(&mark.time.0) && is_stimulus(mark))
                .map(|(place, _)| place)
                .collect();
            let stated = inside.iter().copied().find(|&place| {
                let mark = &recording.marks[place];
                mark.text == STIMULUS && (mark.time.0 - start - delay).abs() <= SAME_S
            });
            if let Some(stated) = stated.filter(|_| inside.len() > 1) {
                double[stated] = true;
            }
        }
    }
    let count = double.iter().filter(|&&double| double).count();
    if count == 0 {
        return;
    }
    let mut place = 0;
    recording.marks.retain(|_| {
        place += 1;
        !double[place - 1]
    });
    recording.findings.push(Finding::new(
        FindingCode::SidecarNotFollowed,
        format!("stimulus_ms: {count} sweeps have marked stimuli of their own"),
    ));
}
