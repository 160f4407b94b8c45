//! `emg.json` (BIDS, "Sidecar JSON"): the device, its filters, the rate. Other keys are normal and left alone.

use super::place::Sidecar;
use super::table::{is_missing, text};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Recording, Role};
use serde_json::{Map, Value};

/// A high pass from here on changes what is measured (see the advice of [`FindingCode::FilterInHeader`]), in Hz.
pub(super) const HIGH_PASS_HZ: f64 = 10.0;
/// Rates that differ by less than this part are one rate; programs round them. Heuristic.
pub(super) const RATE_TOLERANCE: f64 = 1e-4;

/// What the files about one recording say together; each key from the nearest file that has it.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    values: Map<String, Value>,
    /// Which file said it, by key.
    from: std::collections::BTreeMap<String, String>,
}

impl Metadata {
    /// Joins the files, the nearest first.
    pub(super) fn parse(files: &[Sidecar]) -> Result<Self> {
        let mut joined = Self::default();
        for file in files {
            let fault = |message: String| {
                Error::new(ErrorCode::BadMapping, message)
                    .at(file.name.clone())
                    .advice("correct the file, or remove it")
            };
            let value: Value = serde_json::from_str(text(file)?)
                .map_err(|cause| fault(format!("no valid JSON: {cause}")))?;
            let Value::Object(values) = value else {
                return Err(fault(
                    "this JSON is no object with keys and values".to_owned(),
                ));
            };
            for (key, value) in values {
                if !joined.values.contains_key(&key) {
                    joined.from.insert(key.clone(), file.name.clone());
                    joined.values.insert(key, value);
                }
            }
        }
        Ok(joined)
    }

    /// The text under a key.
    fn text(&self, key: &str) -> Option<&str> {
        let text = self.values.get(key)?.as_str()?.trim();
        (!is_missing(text)).then_some(text)
    }

    /// The file that says it.
    pub(super) fn source(&self, key: &str) -> &str {
        self.from.get(key).map_or("", String::as_str)
    }

    /// The sampling frequency in Hz.
    pub(super) fn rate(&self) -> Result<Option<f64>> {
        let key = "SamplingFrequency";
        let Some(value) = self.values.get(key) else {
            return Ok(None);
        };
        if value.as_str().is_some_and(is_missing) || value.is_null() {
            return Ok(None);
        }
        match value.as_f64() {
            Some(rate) if rate.is_finite() && rate > 0.0 => Ok(Some(rate)),
            _ => Err(Error::new(
                ErrorCode::BadMapping,
                format!("{value} is no sampling frequency"),
            )
            .at(format!("{}, key \"{key}\"", self.source(key)))
            .advice("write a number of hertz above 0")),
        }
    }

    /// Puts the device and the filters where the recording states none, and tells of a rate that is another one. `stated` are the channels
    /// whose rate a table states by itself.
    pub(super) fn apply(&self, recording: &mut Recording, stated: &[bool]) -> Result<()> {
        let device: Vec<&str> = ["Manufacturer", "ManufacturersModelName"]
            .iter()
            .filter_map(|key| self.text(key))
            .collect();
        if recording.origin.device.is_none() && !device.is_empty() {
            recording.origin.device = Some(device.join(" "));
        }
        if let Some(rate) = self.rate()? {
            let other = recording
                .channels
                .iter()
                .enumerate()
                .find(|(index, channel)| {
                    channel.role == Role::Response
                        && !stated.get(*index).copied().unwrap_or(false)
                        && !same_rate(channel.rate.0, rate)
                });
            if let Some((_, channel)) = other {
                recording.findings.push(Finding::new(
                    FindingCode::SidecarNotFollowed,
                    format!(
                        "{}: SamplingFrequency {rate} Hz, but \"{}\" has {}; the recording's was used",
                        self.source("SamplingFrequency"),
                        channel.label,
                        channel.rate
                    ),
                ));
            }
        }
        let filters: Vec<&Value> = ["HardwareFilters", "SoftwareFilters"]
            .iter()
            .filter_map(|key| self.values.get(*key))
            .filter(|value| !(value.is_null() || value.as_str().is_some_and(is_missing)))
            .collect();
        let described: Vec<String> = filters.iter().map(|value| words(value)).collect();
        let described = described.join("; ");
        if described.is_empty() {
            return Ok(());
        }
        let changes = filters.iter().any(|value| changes_responses(value));
        for channel in &mut recording.channels {
            if channel.role == Role::Response && channel.prefilter.is_none() {
                channel.prefilter = Some(described.clone());
                if changes {
                    channel
                        .findings
                        .push(Finding::new(FindingCode::FilterInHeader, described.clone()));
                }
            }
        }
        Ok(())
    }
}

/// Whether two rates are one.
pub(super) fn same_rate(one: f64, other: f64) -> bool {
    (one - other).abs() <= RATE_TOLERANCE * one.abs().max(other.abs())
}

/// A description of filters in one line: `High pass (CutoffFrequency (Hz) 2), Low pass (CutoffFrequency (Hz) 2000)`.
fn words(value: &Value) -> String {
    match value {
        Value::Object(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(key, value)| match value {
                    Value::Object(_) | Value::Array(_) => format!("{key} ({})", words(value)),
                    plain => format!("{key} {}", words(plain)),
                })
                .collect();
            parts.join(", ")
        }
        Value::Array(parts) => parts.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

/// Whether a described filter is a notch, or a high pass that changes what is measured.
fn changes_responses(value: &Value) -> bool {
    let Value::Object(filters) = value else {
        return false;
    };
    filters.iter().any(|(name, parameters)| {
        let plain: String = name
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        let high = plain.contains("highpass")
            && numbers(parameters)
                .iter()
                .any(|(key, number)| is_frequency(key) && *number >= HIGH_PASS_HZ);
        high || plain.contains("notch")
    })
}

fn is_frequency(key: &str) -> bool {
    let key = key.to_lowercase();
    ["cutoff", "freq", "hz", "corner"]
        .iter()
        .any(|word| key.contains(word))
}

fn numbers(value: &Value) -> Vec<(String, f64)> {
    match value {
        Value::Object(parts) => parts
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_f64()?)))
            .collect(),
        // Of a bare number nothing else can be meant.
        other => other
            .as_f64()
            .map(|number| ("cutoff".to_owned(), number))
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(files: &[&str]) -> Result<Metadata> {
        let files: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(level, text)| {
                Sidecar::named(
                    &format!("{}a_emg.json", "../".repeat(level)),
                    text.as_bytes(),
                )
            })
            .collect();
        Metadata::parse(&files)
    }

    #[test]
    fn the_nearest_file_goes_first_key_by_key() {
        let joined = metadata(&[
            "{\"SamplingFrequency\": 5000}",
            "{\"SamplingFrequency\": 2000, \"Manufacturer\": \"A\"}",
        ])
        .unwrap();
        assert_eq!(joined.rate().unwrap(), Some(5000.0));
        assert_eq!(joined.text("Manufacturer"), Some("A"));
        assert_eq!(joined.source("Manufacturer"), "../a_emg.json");
    }

    #[test]
    fn what_is_no_json_or_no_rate_names_its_file() {
        let error = metadata(&["{\"a\": 1,}"]).unwrap_err().to_string();
        assert!(
            error.starts_with("a_emg.json: no valid JSON") && error.contains("line 1"),
            "{error}"
        );
        assert!(
            metadata(&["[1]"])
                .unwrap_err()
                .to_string()
                .contains("no object")
        );
        let error = metadata(&["{\"SamplingFrequency\": -1}"])
            .unwrap()
            .rate()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("key \"SamplingFrequency\": -1 is no"),
            "{error}"
        );
        assert_eq!(
            metadata(&["{\"SamplingFrequency\": \"n/a\"}"])
                .unwrap()
                .rate()
                .unwrap(),
            None
        );
    }

    #[test]
    fn a_high_pass_of_10_hz_changes_responses_and_one_of_2_hz_does_not() {
        let filter = |text| changes_responses(&serde_json::from_str(text).unwrap());
        assert!(filter(
            "{\"High-pass RC\": {\"Half amplitude cutoff (Hz)\": 20, \"Order\": 2}}"
        ));
        assert!(!filter("{\"Highpass\": {\"CutoffHz\": 2, \"Order\": 12}}"));
        assert!(filter("{\"Notch filter\": {\"Frequency\": 50}}"));
    }

    #[test]
    fn deep_json_is_an_error_and_no_crash() {
        assert!(metadata(&[&"[".repeat(100_000)]).is_err());
    }
}
