//! What a file does not say about itself, stated by the laboratory in TOML: beside the file ([`crate::sidecar`]), or with `--map`.
//!
//! Documented with examples in `docs/formats/mapping.md` and `docs/formats/sidecar.md`.

pub use super::protocol::{
    ChannelName, CorrectionMapping, ExerciseMapping, SubjectMapping, TrainMapping,
};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Channel, Role, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The whole mapping. What is not stated is taken from the file; what neither states is an error where it is needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The id of the format (`endplate list formats`), where more than one claims the file.
    pub format: Option<String>,
    /// Sampling rate in Hz, for all channels that do not state their own.
    pub rate_hz: Option<f64>,
    /// Unit of the values (`mV`, `uV`, `V` …), for all channels that do not state their own.
    pub unit: Option<String>,
    /// Muscle, for all channels that do not state their own.
    pub muscle: Option<String>,
    /// Nerve, for all channels that do not state their own.
    pub nerve: Option<String>,
    /// Side, for all channels that do not state their own.
    pub side: Option<Side>,
    /// For files of sweeps: where in each sweep the stimulus is, in ms after its first sample. Not needed where the file has a time
    /// axis whose zero is the stimulus.
    pub stimulus_ms: Option<f64>,
    /// For files of sweeps: how many sweeps follow each other in a second; without it only their order is known.
    pub sweep_rate_hz: Option<f64>,
    /// ABF: the number (from 0) of the digital output that triggers the stimulator, where several change.
    pub digital_output: Option<u32>,
    /// For text files: how they are laid out.
    pub text: TextMapping,
    /// Channels by column or dataset. Empty: as the file has them.
    pub channels: Vec<ChannelMapping>,
    /// Marks from datasets or columns.
    pub marks: Vec<MarkMapping>,
    /// When the recording began, in the local time of the laboratory: `2026-03-01T09:30:00`.
    pub recorded: Option<String>,
    /// Who was examined.
    pub subject: SubjectMapping,
    /// Which sweep belongs to which train, and what went before it.
    pub trains: Vec<TrainMapping>,
    /// Exercises at known times.
    pub exercises: Vec<ExerciseMapping>,
    /// What a reader corrected by hand.
    pub corrections: Vec<CorrectionMapping>,
}

/// How a text file is laid out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TextMapping {
    /// Which of the three layouts.
    pub layout: Option<TextLayout>,
    /// The separator: `,`, `;`, tab or `|`. Found from the file if not stated.
    pub delimiter: Option<char>,
    /// Whether numbers are written with a decimal comma.
    pub decimal_comma: bool,
    /// Name (or number from 1) of the column with the time.
    pub time_column: Option<String>,
    /// Unit of the time column or of the row of times: `s`, `ms`, `us` or `sample`.
    pub time_unit: Option<String>,
    /// Long form: name of the column with the values.
    pub value_column: Option<String>,
    /// Long form: name of the column that numbers the sweeps.
    pub sweep_column: Option<String>,
    /// Long form: name of the column that names the channel.
    pub channel_column: Option<String>,
    /// Long form: name of the column with the strength of the stimulus.
    pub stimulus_column: Option<String>,
    /// Sweeps: whether the first row holds a value per sweep (a stimulus strength, say) and not samples.
    pub first_row_is_per_sweep: bool,
    /// Unit of the value per sweep or of the column with the strength of the stimulus: `mA`, `V`.
    pub per_sweep_unit: Option<String>,
}

/// The layouts of text files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextLayout {
    /// One column per channel, one row per sample: a continuous recording.
    Channels,
    /// One column per sweep, one row per sample.
    Sweeps,
    /// One row per sample with columns for sweep, channel, time and value.
    Long,
}

/// One channel of a file that does not describe itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelMapping {
    /// HDF5: path of the dataset.
    pub dataset: Option<String>,
    /// MATLAB: the variable with the samples, as MATLAB writes it: `emg`, `emg.values`, `S(2).values`, `C{3}`.
    pub variable: Option<String>,
    /// Text: name (or number from 1) of the column.
    pub column: Option<String>,
    /// HDF5 and MATLAB, two or three dimensions: which axis counts samples (from 0). HDF5 has at most two.
    pub sample_axis: Option<usize>,
    /// HDF5 and MATLAB: the index (from 0) on another axis that this channel is; if absent, the other axis counts sweeps.
    pub index: Option<usize>,
    /// MATLAB, three dimensions: the axis (from 0) on which `index` counts; the remaining one counts sweeps.
    pub index_axis: Option<usize>,
    /// Label of the channel; default: the dataset's or column's name.
    pub label: Option<String>,
    /// What it is for; default: a response.
    pub role: Option<Role>,
    /// Sampling rate in Hz.
    pub rate_hz: Option<f64>,
    /// HDF5: the attribute (`@name` on the dataset, or `/path@name`) or scalar dataset (`/path`) that holds the sampling rate in Hz.
    /// MATLAB: the variable with that one number.
    pub rate_from: Option<String>,
    /// Unit of the physical values.
    pub unit: Option<String>,
    /// Physical units per stored step; default 1.
    pub gain: Option<f64>,
    /// Physical value of stored 0; default 0.
    pub offset: Option<f64>,
    /// Lowest and highest stored number of the converter.
    pub rails: Option<(f64, f64)>,
    /// Time of the first sample in s; default 0.
    pub start_s: Option<f64>,
    /// HDF5, MATLAB: dataset or variable with the start time of each sweep, in s.
    pub sweep_starts: Option<String>,
    /// Muscle.
    pub muscle: Option<String>,
    /// Nerve.
    pub nerve: Option<String>,
    /// Side.
    pub side: Option<Side>,
}

/// Marks of a file that does not describe itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MarkMapping {
    /// HDF5, MATLAB: dataset or variable with the times.
    pub times: Option<String>,
    /// Times in s, stated here instead of in a dataset.
    pub times_s: Vec<f64>,
    /// Unit of the times in the dataset: `s`, `ms`, `us`, `sample` (counted from 0; `rate_hz` of the mapping counts) or `sample_from_1` (as MATLAB counts).
    pub time_unit: Option<String>,
    /// HDF5, MATLAB: dataset or variable with the texts, one per time.
    pub texts: Option<String>,
    /// One text for all of them: `stimulus`.
    pub text: Option<String>,
    /// HDF5, MATLAB: dataset or variable with the durations in the unit of the times.
    pub durations: Option<String>,
    /// One duration for all of them, in s.
    pub duration_s: Option<f64>,
}

impl Mapping {
    /// Reads a mapping from TOML.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|cause| {
            Error::new(
                ErrorCode::BadMapping,
                cause.to_string().trim_end().to_owned(),
            )
            .advice("the fields are documented in docs/formats/mapping.md")
        })
    }

    /// Reads a mapping from a file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|cause| Error::io(path, cause))?;
        Self::from_toml(&text).map_err(|error| error.in_file(path))
    }

    /// Puts what the mapping says about anatomy and role on a channel that a self-describing file made. The channel's own entry
    /// ([`channel_for`] its label) goes before the file; the mapping's general fields come after it. Rate, unit and calibration are
    /// not touched: the reader of the format decides about those.
    pub fn describe(&self, channel: &mut Channel) {
        let entry = channel_for(self, &channel.label);
        fn first<T: Clone>(
            entry: Option<&Option<T>>,
            file: &Option<T>,
            general: &Option<T>,
        ) -> Option<T> {
            entry
                .and_then(Option::as_ref)
                .or(file.as_ref())
                .or(general.as_ref())
                .cloned()
        }
        if let Some(entry) = entry {
            tell_replaced(channel, entry);
        }
        if let Some(role) = entry.and_then(|entry| entry.role) {
            channel.role = role;
        }
        // A trigger lies over no muscle: only its own entry says otherwise.
        let measured = channel.role == Role::Response;
        let muscle = self.muscle.clone().filter(|_| measured);
        let nerve = self.nerve.clone().filter(|_| measured);
        let side = self.side.filter(|_| measured);
        channel.muscle = first(entry.map(|e| &e.muscle), &channel.muscle, &muscle);
        channel.nerve = first(entry.map(|e| &e.nerve), &channel.nerve, &nerve);
        channel.side = first(entry.map(|e| &e.side), &channel.side, &side);
    }
}

/// Refuses an entry that states the times of a channel whose file says them itself; the same rate may be stated again.
pub(in crate::formats) fn refuse_times(
    stated: Option<&ChannelMapping>,
    label: &str,
    rate: f64,
) -> Result<()> {
    let wrong = stated.is_some_and(|stated| {
        stated.start_s.is_some() || stated.rate_hz.is_some_and(|stated| stated != rate)
    });
    if wrong {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!(
                "rate_hz and start_s are stated for \"{label}\", but the file says them itself ({rate} Hz)"
            ),
        ));
    }
    Ok(())
}

/// A finding where the entry says otherwise than the file; the entry is followed.
pub(in crate::formats) fn tell_replaced(channel: &mut Channel, entry: &ChannelMapping) {
    let side = |side: Option<Side>| side.map(|side| side.as_str().to_owned());
    let pairs = [
        ("muscle", channel.muscle.clone(), entry.muscle.clone()),
        ("nerve", channel.nerve.clone(), entry.nerve.clone()),
        ("side", side(channel.side), side(entry.side)),
    ];
    let replaced: Vec<String> = pairs
        .into_iter()
        .filter_map(|(name, file, stated)| {
            let (file, stated) = (file?, stated?);
            (file != stated).then(|| format!("{name} {file} in the file, {stated} stated"))
        })
        .collect();
    if !replaced.is_empty() {
        channel
            .findings
            .push(Finding::new(FindingCode::StatedByHand, replaced.join("; ")));
    }
}

/// Refuses an entry for `label` that states anew what a text states itself.
pub(super) fn refuse_restated(
    mapping: &Mapping,
    label: &str,
    rate_stated: bool,
    unit_stated: bool,
) -> Result<()> {
    let Some(entry) = channel_for(mapping, label) else {
        return Ok(());
    };
    let stated = [
        ("rate_hz", rate_stated && entry.rate_hz.is_some()),
        ("unit", unit_stated && entry.unit.is_some()),
        ("gain", entry.gain.is_some()),
        ("offset", entry.offset.is_some()),
        ("rails", entry.rails.is_some()),
        ("start_s", entry.start_s.is_some()),
    ];
    match stated.iter().find(|(_, stated)| *stated) {
        None => Ok(()),
        Some((field, _)) => Err(Error::new(
            ErrorCode::BadMapping,
            format!("{field} is stated for \"{label}\", but the file settles it itself"),
        )
        .at("channels")
        .advice("remove it from the mapping, or correct the file")),
    }
}

/// The entry for the channel of that name: the first whose `label`, `column`, `variable` or `dataset` is `label`, without regard to outer spaces.
/// A dataset's leading `/` may be left out.
pub fn channel_for<'a>(mapping: &'a Mapping, label: &str) -> Option<&'a ChannelMapping> {
    let wanted = label.trim();
    let is = |name: &Option<String>| name.as_deref().is_some_and(|name| name.trim() == wanted);
    mapping.channels.iter().find(|entry| {
        is(&entry.label)
            || is(&entry.column)
            || is(&entry.variable)
            || entry.dataset.as_deref().is_some_and(|dataset| {
                dataset.trim().trim_start_matches('/') == wanted.trim_start_matches('/')
            })
    })
}

/// How many millivolts one `unit` is, or `None` for a unit that is no voltage. Spelling follows the files that exist: `uV`, `µV`, `microvolt`.
pub fn millivolts_per(unit: &str) -> Option<f64> {
    let unit = unit.trim();
    Some(match unit {
        "V" | "v" | "volt" | "volts" | "Volt" | "Volts" => 1000.0,
        "mV" | "mv" | "millivolt" | "millivolts" | "Millivolts" => 1.0,
        "uV" | "uv" | "µV" | "μV" | "microV" | "microvolt" | "microvolts" | "Microvolts" => 1e-3,
        "nV" | "nv" | "nanovolt" | "nanovolts" => 1e-6,
        _ => return None,
    })
}

/// Units that are known to be no voltage. Anything else that is no voltage either might be a misspelled one.
pub(super) const NO_VOLTAGE: [&str; 50] = [
    "degC", "degreeC", "degree C", "deg C", "°C", "C", "degF", "K", "A", "mA", "uA", "µA", "nA",
    "Hz", "kHz", "s", "ms", "N", "mN", "kN", "Nm", "mNm", "kg", "g", "m", "cm", "mm", "m/s",
    "m/s^2", "mg", "Boolean", "boolean", "mmHg", "kPa", "Pa", "bar", "bpm", "BPM", "Ohm", "kOhm",
    "MOhm", "%", "deg", "rad", "deg/s", "rad/s", "rpm", "l/min", "l/s", "W",
];

/// Whether two units are one, however they are spelled.
pub fn same_unit(one: &str, other: &str) -> bool {
    match (millivolts_per(one), millivolts_per(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.trim() == other.trim(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_of_a_mapping_is_an_error_that_names_it() {
        let error = Mapping::from_toml("rate = 3").unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadMapping);
        assert!(error.to_string().contains("`rate`"), "{error}");
    }

    #[test]
    fn an_entry_is_found_by_label_column_or_dataset() {
        let mapping = Mapping::from_toml(
            "[[channels]]\nlabel = 'ADM'\n[[channels]]\ncolumn = '2'\n[[channels]]\ndataset = '/emg/apb'",
        )
        .unwrap();
        let found = |label: &str| {
            let entry = channel_for(&mapping, label)?;
            mapping
                .channels
                .iter()
                .position(|known| std::ptr::eq(known, entry))
        };
        assert_eq!(found(" ADM "), Some(0));
        assert_eq!(found("2"), Some(1));
        assert_eq!(found("emg/apb"), Some(2));
        assert_eq!(found("APB"), None);
    }

    #[test]
    fn both_micro_signs_are_microvolts() {
        assert_eq!(millivolts_per("\u{b5}V"), Some(1e-3));
        assert_eq!(millivolts_per("\u{3bc}V"), Some(1e-3));
        assert_eq!(millivolts_per("degC"), None);
    }
}
