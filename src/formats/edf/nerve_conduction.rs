//! Nerve conduction studies: one data record per stimulus (EDF+ 2.1.2, 3.4 and 3.7), side and muscle in the label, notes in XML.

use crate::recording::{Role, Side};
use crate::units::Celsius;

/// What a label says (standard texts 2.1: kind of signal, space, sensor).
#[derive(Debug, Default, PartialEq)]
pub(in crate::formats) struct Label {
    /// `None`: the label does not say what the channel is for.
    pub(in crate::formats) role: Option<Role>,
    pub(in crate::formats) side: Option<Side>,
    pub(in crate::formats) muscle: Option<String>,
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
pub(in crate::formats) fn label(text: &str) -> Label {
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
fn sided(sensor: &str) -> (Option<Side>, &str) {
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

/// The label that the standard texts ask for: `NC L_APB` for a study of sweeps, `EMG L_APB` for a continuous one.
pub(super) fn spell_label(sweeps: bool, side: Option<Side>, muscle: &str) -> String {
    let kind = if sweeps { "NC" } else { "EMG" };
    let side = match side {
        Some(Side::Left) => "L_",
        Some(Side::Right) => "R_",
        None => "",
    };
    format!("{kind} {side}{muscle}")
}

/// Side and nerve from what follows the equipment in the recording field: `MNC R Median Nerve.`, `MNC_L_Median_Nerve`.
pub(super) fn nerve(additional: &str) -> Option<(Option<Side>, String)> {
    let words = additional.replace('_', " ");
    let words = words.trim_end_matches(['.', ' ']);
    let rest = words.strip_prefix("MNC ")?.strip_suffix(" Nerve")?;
    let (side, nerve) = sided(rest);
    (!nerve.is_empty()).then(|| (side, nerve.to_owned()))
}

/// The same, written.
pub(super) fn spell_nerve(side: Option<Side>, nerve: &str) -> String {
    let side = match side {
        Some(Side::Left) => "L_",
        Some(Side::Right) => "R_",
        None => "",
    };
    format!("MNC_{side}{}_Nerve", nerve.replace(' ', "_"))
}

/// The limits within which a number is taken for a skin temperature in °C (heuristic: a living limb).
const SKIN_CELSIUS: std::ops::RangeInclusive<f64> = 10.0..=45.0;

/// The skin temperature of an XML note, if there is one in degrees Celsius: `<temperature unit="degree C">33.2</temperature>`.
pub(super) fn temperature(text: &str) -> Option<Celsius> {
    if !text.trim_start().starts_with("<EDF_XMLnote") {
        return None;
    }
    let document = roxmltree::Document::parse(text.trim()).ok()?;
    let node = document.descendants().find(|node| {
        let unit: String = node
            .attribute("unit")
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_alphabetic() || *c == '°')
            .collect::<String>()
            .to_lowercase();
        node.has_tag_name("temperature")
            && matches!(
                unit.as_str(),
                "c" | "°c"
                    | "degc"
                    | "degreec"
                    | "degreesc"
                    | "celsius"
                    | "degreecelsius"
                    | "degreescelsius"
            )
    })?;
    let value: f64 = node.text()?.trim().parse().ok()?;
    SKIN_CELSIUS.contains(&value).then_some(Celsius(value))
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

    #[test]
    fn edf_plus_3_7_the_recording_field_names_the_nerve() {
        assert_eq!(
            nerve("MNC R Median Nerve."),
            Some((Some(Side::Right), "Median".to_owned()))
        );
        assert_eq!(
            nerve(&spell_nerve(Some(Side::Left), "Median")),
            Some((Some(Side::Left), "Median".to_owned()))
        );
        assert_eq!(nerve("cabinet 3"), None);
    }

    #[test]
    fn only_a_clear_temperature_is_taken() {
        let note = |unit: &str, value: &str| {
            format!(
                "<EDF_XMLnote>\n<!--coded-->\n<temperature unit=\"{unit}\" position=\"left hand\">{value}</temperature></EDF_XMLnote>"
            )
        };
        assert_eq!(temperature(&note("degree C", "33.2")), Some(Celsius(33.2)));
        assert_eq!(temperature(&note("degree F", "91.7")), None);
        assert_eq!(temperature(&note("degree C", "3.2")), None);
        assert_eq!(temperature("<EDF_XMLnote><temperature unit=\"C\">"), None);
        assert_eq!(temperature("skin 33.2"), None);
    }
}
