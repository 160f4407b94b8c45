//! The pieces that resources are made of: codes, quantities with their intervals, and why a value is missing.

use super::super::ids::CODES;
use crate::cmap::{Estimate, NotMeasured};
use crate::criteria::Interval;
use crate::finding::{Finding, FindingCode};
use crate::math::intervals::LEVEL;
use crate::math::rounding::rounded;
use crate::train::ChangeEstimate;
use crate::units::Unit;
use serde_json::{Value as Json, json};

/// The Unified Code for Units of Measure.
const UCUM: &str = "http://unitsofmeasure.org";
/// Why a value is missing (R4, data types, value set data-absent-reason).
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// HL7's extension for the interval of a quantity, from its extension registry: `confidence` in percent and `interval`.
const INTERVAL: &str = "http://hl7.org/fhir/StructureDefinition/quantity-confidenceInterval";

/// A code of endplate's own with its words.
pub(super) fn own(code: &str, text: &str) -> Json {
    json!({ "coding": [{ "system": CODES, "code": code }], "text": text })
}

/// The UCUM code of a unit.
const fn ucum(unit: Unit) -> &'static str {
    match unit {
        Unit::Millivolts => "mV",
        Unit::Milliseconds => "ms",
        Unit::Seconds => "s",
        Unit::Hertz => "Hz",
        Unit::MillivoltMilliseconds => "mV.ms",
        Unit::Percent => "%",
        Unit::Celsius => "Cel",
        Unit::Milliamperes => "mA",
        Unit::One => "1",
    }
}

/// A value with its interval, or why there is none.
pub(super) type Measured = Result<Interval, NotMeasured>;

/// A value of a response.
pub(super) fn of_estimate(estimate: &Estimate) -> Interval {
    Interval {
        value: estimate.value,
        low: estimate.low,
        high: estimate.high,
    }
}

/// A change.
pub(super) fn of_change(change: &Result<ChangeEstimate, NotMeasured>) -> Measured {
    change.as_ref().map(Interval::from).map_err(Clone::clone)
}

/// A value that is exact.
pub(super) const fn exact(value: f64) -> Interval {
    Interval {
        value,
        low: f64::NAN,
        high: f64::NAN,
    }
}

/// A quantity, with its interval where that is known. `words` are the unit as a person reads it; `None` for what is no number.
pub(super) fn quantity(interval: &Interval, unit: Unit, words: &str) -> Option<Json> {
    let of = |value: f64| {
        rounded(value).map(
            |value| json!({ "value": value, "unit": words, "system": UCUM, "code": ucum(unit) }),
        )
    };
    let mut quantity = of(interval.value)?;
    if let (Some(low), Some(high)) = (of(interval.low), of(interval.high)) {
        quantity["extension"] = json!([{
            "url": INTERVAL,
            "extension": [
                { "url": "confidence", "valueDecimal": 100.0 * LEVEL },
                { "url": "interval", "valueRange": { "low": low, "high": high } },
            ],
        }]);
    }
    Some(quantity)
}

/// Why a value is missing: HL7's code, endplate's own, and the words.
pub(super) fn absent(why: &NotMeasured) -> Json {
    let code = match why {
        // There is no response to be measured, or nothing to be asked.
        NotMeasured::NoResponse | NotMeasured::NotApplicable(_) => "not-applicable",
        NotMeasured::TooFewStimuli => "not-performed",
        // A true value exists; it could not be known, or a reader does not accept what was measured.
        // HL7 has no code for that.
        NotMeasured::VoluntaryActivity
        | NotMeasured::Saturated
        | NotMeasured::SweepEnds
        | NotMeasured::LandmarkMissing(_)
        | NotMeasured::NoSignal
        | NotMeasured::ReferenceMissing(_)
        | NotMeasured::ExcludedByReader(_)
        | NotMeasured::ClockUnknown => "unknown",
    };
    json!({
        "coding": [
            { "system": ABSENT, "code": code },
            { "system": CODES, "code": format!("reason.{}", why.code()) },
        ],
        "text": why.told(),
    })
}

/// A reason in words for a value that must not be used.
pub(super) fn withheld(code: &str, text: &str) -> Json {
    json!({ "coding": [{ "system": ABSENT, "code": code }], "text": text })
}

/// Puts a value, or why there is none, into an observation or a component.
pub(super) fn put(into: &mut Json, measured: &Measured, unit: Unit, words: &str) {
    let value = match measured {
        Ok(interval) => quantity(interval, unit, words)
            .ok_or_else(|| withheld("not-a-number", "the value is no number")),
        Err(why) => Err(absent(why)),
    };
    match value {
        Ok(value) => into["valueQuantity"] = value,
        Err(why) => into["dataAbsentReason"] = why,
    }
}

/// A component with a value, or why there is none.
pub(super) fn component(code: Json, measured: &Measured, unit: Unit) -> Json {
    let mut component = json!({ "code": code });
    put(&mut component, measured, unit, unit.symbol());
    component
}

/// Whether something can be believed.
pub(super) fn believed(believed: bool) -> Json {
    json!({
        "code": own("believed", "Nothing speaks against it; what cannot be believed gives no verdict"),
        "valueBoolean": believed,
    })
}

/// A note.
pub(super) fn note(text: impl Into<String>) -> Json {
    json!({ "text": text.into() })
}

/// What was noticed, each code once with its first words; what a reader changed by hand in full.
pub(super) fn notes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Json> {
    let mut told = Vec::new();
    let mut notes = Vec::new();
    for finding in findings {
        let code = finding.code;
        let by_hand = code == FindingCode::CorrectedByHand;
        let detail = by_hand.then_some(finding.detail.as_str());
        if !told.contains(&(code, detail)) {
            told.push((code, detail));
            notes.push(note(format!(
                "{}: {} — {}",
                code.as_str(),
                finding.message(),
                code.advice()
            )));
        }
    }
    notes
}

/// Puts a list where it is not empty: FHIR allows no empty one.
pub(super) fn put_list(into: &mut Json, name: &str, list: Vec<Json>) {
    if !list.is_empty() {
        into[name] = Json::Array(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_interval_is_left_out_rather_than_made_infinite() {
        let interval = |low, high| Interval {
            value: 7.25,
            low,
            high,
        };
        let known = quantity(&interval(7.0, 7.5), Unit::Millivolts, "mV").unwrap();
        assert_eq!(known["code"], "mV");
        let parts = &known["extension"][0]["extension"];
        assert_eq!(parts[0]["valueDecimal"], 95.0);
        assert_eq!(parts[1]["valueRange"]["high"]["value"], 7.5);
        let unknown = quantity(
            &interval(f64::NEG_INFINITY, f64::INFINITY),
            Unit::Millivolts,
            "mV",
        );
        assert!(unknown.unwrap().get("extension").is_none());
    }

    #[test]
    fn a_missing_value_has_its_reason_and_no_number() {
        let mut into = json!({});
        put(&mut into, &Err(NotMeasured::Saturated), Unit::Percent, "%");
        assert!(into.get("valueQuantity").is_none());
        assert_eq!(into["dataAbsentReason"]["coding"][0]["code"], "unknown");
        assert_eq!(
            into["dataAbsentReason"]["coding"][1]["code"],
            "reason.saturated"
        );
    }
}
