//! What the label of a channel says (side, muscle, trigger), in whatever format, and labels that several channels bear.

use crate::finding::{Finding, FindingCode};
use crate::recording::{Channel, Role, Side};
use std::collections::BTreeSet;

/// What a label says (standard texts of EDF+, 2.1: kind of signal, space, sensor).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Label {
    /// `None`: the label does not say what the channel is for.
    pub(super) role: Option<Role>,
    pub(super) side: Option<Side>,
    pub(super) muscle: Option<String>,
}

/// Kinds of signals of the standard texts that are no muscle. A voltage of such a kind is kept and not measured.
const NO_MUSCLE: [&str; 22] = [
    "EEG",
    "ECG",
    "EOG",
    "ERG",
    "MEG",
    "MCG",
    "EP",
    "EKG",
    "Temp",
    "Resp",
    "SaO2",
    "SpO2",
    "Light",
    "Sound",
    "Event",
    "Status",
    "Pos",
    "Force",
    "Torque",
    "Acc",
    "Angle",
    "Temperature",
];
/// Words for the channel of a stimulator's pulse, compared without regard to case and a number behind them.
const TRIGGERS: [&str; 10] = [
    "trig",
    "trigger",
    "sti",
    "stim",
    "stimulus",
    "stimulator",
    "ttl",
    "sync",
    "stimtrigger",
    "trigin",
];

/// Reads `NC L_APB`, `EMG ADM`, `R APB`, `TRIG`, `Temp`.
pub(super) fn label(text: &str) -> Label {
    let bare: String = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .collect::<String>()
        .to_ascii_lowercase();
    if TRIGGERS.contains(&bare.as_str()) {
        return Label {
            role: Some(Role::Trigger),
            ..Label::default()
        };
    }
    let (kind, sensor) = text.split_once(' ').unwrap_or((text, ""));
    let word = kind.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':');
    if NO_MUSCLE
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        || bare == "bodytemp"
    {
        return Label {
            role: Some(Role::Other),
            ..Label::default()
        };
    }
    if kind == "NC" || kind == "EMG" {
        let (side, muscle) = sided(sensor.trim());
        let is_name = muscle.chars().any(char::is_alphabetic) && !is_channel_number(muscle);
        return Label {
            role: Some(Role::Response),
            side,
            muscle: is_name.then(|| muscle.to_owned()),
        };
    }
    match sided(text) {
        (Some(side), muscle) => Label {
            role: Some(Role::Response),
            side: Some(side),
            muscle: Some(muscle.to_owned()),
        },
        (None, _) => Label::default(),
    }
}

/// `Ch 1`, `chan2`, `channel 3`: no muscle.
fn is_channel_number(text: &str) -> bool {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '_');
    ["ch", "chan", "channel"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// The side before an underscore or a space, and what follows it.
pub(super) fn sided(sensor: &str) -> (Option<Side>, &str) {
    let Some((first, rest)) = sensor.split_once(['_', ' ']) else {
        return (None, sensor);
    };
    let side = match first {
        "L" | "Left" | "left" | "LEFT" => Side::Left,
        "R" | "Right" | "right" | "RIGHT" => Side::Right,
        _ => return (None, sensor),
    };
    if rest.chars().any(char::is_alphabetic) {
        (Some(side), rest)
    } else {
        (None, sensor)
    }
}

/// One finding for each label that stands more than once, in the order of the file.
pub(super) fn repeated(channels: &[Channel]) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut told = BTreeSet::new();
    channels
        .iter()
        .filter(|channel| !seen.insert(&channel.label) && told.insert(&channel.label))
        .map(|channel| {
            Finding::new(
                FindingCode::DuplicateLabel,
                format!("\"{}\"", channel.label),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_texts_2_1_a_label_names_side_and_muscle() {
        let apb = label("NC L_APB");
        assert_eq!(apb.role, Some(Role::Response));
        assert_eq!(apb.side, Some(Side::Left));
        assert_eq!(apb.muscle.as_deref(), Some("APB"));
        assert_eq!(label("R APB").side, Some(Side::Right));
        assert_eq!(label("EMG ADM").muscle.as_deref(), Some("ADM"));
        assert_eq!(label("EMG ADM").side, None);
        assert_eq!(label("EMG 1").muscle, None);
        assert_eq!(label("EMG Ch2").muscle, None);
        assert_eq!(label("ADM"), Label::default());
    }

    #[test]
    fn labels_that_users_have_are_understood() {
        for text in ["TRIG", "Trigger", "STI", "STIM 1", "Stim Trigger", "TTL2"] {
            assert_eq!(label(text).role, Some(Role::Trigger), "{text}");
        }
        for text in [
            "Temp",
            "Status",
            "EEG F1-Ref",
            "ECG",
            "Body temp",
            "Force 1",
        ] {
            assert_eq!(label(text).role, Some(Role::Other), "{text}");
        }
    }
}
