//! Nerve conduction studies: side and muscle in the label, nerve in the header, notes in XML (EDF+ 3.7, standard texts 2.1).

use crate::formats::labels::sided;
use crate::recording::Side;
use crate::units::Celsius;

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
