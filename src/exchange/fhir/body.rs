//! Muscles and sides as codes, only where they were verified; the words stand beside them in any case.

use crate::recording::Side;
use crate::recording::muscle::muscle;
use crate::study::ChannelStudy;
use serde_json::{Value as Json, json};

/// ISO/IEEE 11073-10101, as FHIR names it.
const MDC: &str = "urn:iso:std:iso:11073:10101";
/// The partition of sites on the body.
const PARTITION: u32 = 7;
/// A code without its partition: partition · 2¹⁶ + term.
const PARTITION_FACTOR: u32 = 1 << 16;

/// The terms of muscles by the ids of [`crate::recording::muscle::MUSCLES`], side not stated; left is one more, right two more. From
/// DICOM PS3.16, CID 3031, as pydicom 3.0.2 has it. Muscles for which it has no term of their own (first dorsal interosseous alone,
/// nasalis, two muscles under one electrode) have none here.
static TERMS: &[(&str, u32)] = &[
    ("ADM", 756),
    ("APB", 740),
    ("EDB", 956),
    ("TA", 892),
    ("AH", 960),
    ("EIP", 732),
    ("ECRL", 696),
    ("FCU", 672),
    ("anconeus", 656),
    ("biceps", 628),
    ("triceps", 644),
    ("deltoid", 604),
    ("trapezius", 436),
    ("middle trapezius", 436),
    ("orbicularis oculi", 292),
    ("frontalis", 288),
];

/// The muscle of a channel: code where there is one, and words.
pub(super) fn site(channel: &ChannelStudy) -> Json {
    let stated = channel.muscle.as_deref().unwrap_or(&channel.label);
    let known = muscle(stated);
    let mut site = json!({ "text": name(channel) });
    let term = known.and_then(|known| TERMS.iter().find(|(id, _)| *id == known.id));
    if let Some((_, term)) = term {
        let side = match channel.side {
            None => 0,
            Some(Side::Left) => 1,
            Some(Side::Right) => 2,
        };
        let code = PARTITION * PARTITION_FACTOR + term + side;
        site["coding"] = json!([{ "system": MDC, "code": code.to_string() }]);
    }
    site
}

/// Side and muscle, as a person reads them.
pub(super) fn name(channel: &ChannelStudy) -> String {
    let side = channel
        .side
        .map_or_else(String::new, |side| format!("{} ", side.as_str()));
    let stated = channel.muscle.as_deref().unwrap_or(&channel.label);
    // FHIR allows no text without a letter.
    let stated = match stated.trim() {
        "" => "muscle not stated",
        stated => stated,
    };
    match muscle(stated) {
        Some(known) if known.name != stated => format!("{side}{} ({stated})", known.name),
        _ => format!("{side}{stated}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::muscle::MUSCLES;

    #[test]
    fn every_coded_muscle_is_a_known_one() {
        for (id, _) in TERMS {
            assert!(MUSCLES.iter().any(|muscle| muscle.id == *id), "{id}");
        }
    }
}
