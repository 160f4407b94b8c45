//! Whether the limb was warm enough.

use super::{Check, Find, KNF, Settings};
use crate::finding::{Finding, FindingCode};
use crate::recording::Subject;

/// No temperature was written down.
pub static UNKNOWN: Check = Check {
    finding: FindingCode::TemperatureUnknown,
    looks_at: "the subject and the marks",
    formula: "no skin temperature in header, mapping or marks",
    refuses: false,
    source: KNF,
    find: Find::Study(unknown),
};

/// The limb is too cold.
pub static LOW: Check = Check {
    finding: FindingCode::TemperatureLow,
    looks_at: "the skin temperature",
    formula: "below temperature_lowest_c",
    refuses: false,
    source: KNF,
    find: Find::Study(low),
};

/// The limb is cooler than advised.
pub static COOL: Check = Check {
    finding: FindingCode::TemperatureCool,
    looks_at: "the skin temperature",
    formula: "from temperature_lowest_c to temperature_preferred_c",
    refuses: false,
    source: super::HEURISTIC,
    find: Find::Study(cool),
};

fn unknown(subject: &Subject, _: &Settings) -> Option<Finding> {
    subject
        .skin_temperature
        .is_none()
        .then(|| Finding::new(FindingCode::TemperatureUnknown, ""))
}

fn low(subject: &Subject, settings: &Settings) -> Option<Finding> {
    let skin = subject.skin_temperature?.0;
    let lowest = settings.temperature_lowest_c;
    (skin < lowest).then(|| {
        Finding::new(
            FindingCode::TemperatureLow,
            format!("{skin} °C, below {lowest} °C"),
        )
    })
}

fn cool(subject: &Subject, settings: &Settings) -> Option<Finding> {
    let skin = subject.skin_temperature?.0;
    let preferred = settings.temperature_preferred_c;
    (skin >= settings.temperature_lowest_c && skin < preferred).then(|| {
        Finding::new(
            FindingCode::TemperatureCool,
            format!("{skin} °C, below {preferred} °C"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Celsius;

    fn codes(skin: Option<f64>) -> Vec<FindingCode> {
        let subject = Subject {
            skin_temperature: skin.map(Celsius),
            ..Subject::default()
        };
        super::super::of_study(&subject, &Settings::default())
            .into_iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn a_cold_limb_a_cool_one_a_warm_one_and_an_unknown_one_are_told_apart() {
        assert_eq!(codes(Some(31.9)), [FindingCode::TemperatureLow]);
        assert_eq!(codes(Some(32.0)), [FindingCode::TemperatureCool]);
        assert_eq!(codes(Some(34.0)), []);
        assert_eq!(codes(None), [FindingCode::TemperatureUnknown]);
    }
}
