//! What criteria and the pattern of the muscles say of what was measured.

use super::{ChannelStudy, Settings};
use crate::criteria;
use crate::error::Result;
use crate::finding::Finding;
use crate::pattern::{self, Pattern};
use crate::recording::muscle::muscle;

/// Judges every channel by the criterion sets and reads the pattern of all, with what was noticed about the study as a whole. The
/// verdicts that the channels held are replaced.
///
/// # Errors
///
/// Where a setting is out of its range ([`Settings::check`]); then nothing is replaced.
pub fn interpret(
    channels: &mut [ChannelStudy],
    findings: &[Finding],
    settings: &Settings,
) -> Result<Pattern> {
    settings.check()?;
    Ok(interpreted(channels, findings, settings))
}

/// The same by settings that were checked.
pub(super) fn interpreted(
    channels: &mut [ChannelStudy],
    findings: &[Finding],
    settings: &Settings,
) -> Pattern {
    for channel in channels.iter_mut() {
        channel.verdicts = criteria::judge(
            &material(channel),
            &settings.criteria,
            &settings.pattern.sets(),
        );
    }
    let muscles: Vec<pattern::Muscle<'_>> = channels
        .iter()
        .enumerate()
        .map(|(index, channel)| pattern::Muscle {
            channel: index,
            name: name(channel),
            material: material(channel),
            verdicts: &channel.verdicts,
        })
        .collect();
    pattern::read(&muscles, findings, &settings.pattern)
}

fn material(channel: &ChannelStudy) -> criteria::Material<'_> {
    criteria::Material {
        muscle: muscle_of(channel),
        trains: &channel.trains,
        series: &channel.series,
        cmaps: &channel.cmaps,
    }
}

/// The name of the muscle: what the file says, else the label if it is the name of a muscle.
fn muscle_of(channel: &ChannelStudy) -> Option<&str> {
    let label = || muscle(&channel.label).map(|_| channel.label.as_str());
    channel.muscle.as_deref().or_else(label)
}

/// Side and muscle, or the label.
fn name(channel: &ChannelStudy) -> String {
    let side = channel
        .side
        .map_or_else(String::new, |side| format!("{} ", side.as_str()));
    format!("{side}{}", muscle_of(channel).unwrap_or(&channel.label))
}
