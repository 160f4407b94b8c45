//! What is known about a channel, from the mapping, the comments and the header; in this order, the most exact statement counts.

use super::header::{ColumnName, Kind};
use super::notes::{ChannelNotes, Stored};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::Mapping;
use crate::formats::mapping::{ChannelMapping, millivolts_per};
use crate::recording::{Calibration, Channel, Role, Samples, Segment};
use crate::units::{Hertz, Seconds};

/// A channel before its samples are put in.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub channel: Channel,
    stored: Stored,
    /// How a message calls it.
    place: String,
}

/// What is stated about one channel.
pub(super) struct Statements<'a> {
    /// The mapping of the laboratory and the comments at the top.
    pub mapping: &'a Mapping,
    /// The entry of the mapping for this channel.
    pub stated: Option<&'a ChannelMapping>,
    /// The comments about this channel.
    pub notes: &'a ChannelNotes,
    /// The column's name.
    pub column: ColumnName,
    /// How a message calls it: `column 2 "APB"`.
    pub place: String,
}

impl Statements<'_> {
    /// The sampling rate, if it is stated.
    pub fn rate(&self) -> Result<Option<Hertz>> {
        let stated = self.stated.and_then(|channel| channel.rate_hz);
        match stated.or(self.notes.rate_hz).or(self.mapping.rate_hz) {
            Some(rate) if rate.is_finite() && rate > 0.0 => Ok(Some(Hertz(rate))),
            Some(rate) => Err(Error::new(
                ErrorCode::UnknownRate,
                format!("a sampling rate of {rate} Hz is impossible"),
            )
            .at(self.place.clone())
            .advice("state rate_hz as a number above 0")),
            None => Ok(None),
        }
    }

    /// The time of the first sample, if it is stated.
    pub fn start(&self) -> Result<Option<Seconds>> {
        let start = self
            .stated
            .and_then(|channel| channel.start_s)
            .or(self.notes.start_s);
        match start {
            Some(start) if !start.is_finite() => Err(Error::new(
                ErrorCode::BadMapping,
                format!("{start} s is no time"),
            )
            .at(self.place.clone())
            .advice("state start_s as a number")),
            start => Ok(start.map(Seconds)),
        }
    }

    /// The channel without samples.
    pub fn describe(self, rate: Hertz) -> Result<Described> {
        let (stated, notes, mapping) = (self.stated, self.notes, self.mapping);
        let trigger = self.column.kind() == Kind::Trigger;
        let stated_role = stated.and_then(|channel| channel.role).or(notes.role);
        let unit = stated
            .and_then(|channel| channel.unit.clone())
            .or_else(|| notes.unit.clone())
            .or_else(|| self.column.unit.clone())
            .or_else(|| if trigger { None } else { mapping.unit.clone() });
        let role = stated_role.unwrap_or(if trigger {
            Role::Trigger
        } else {
            Role::Response
        });
        let calibration = self.calibration(unit, role)?;
        let text = |own: Option<&String>, note: Option<&String>, all: Option<&String>| {
            own.or(note).or(all).cloned()
        };
        let name = if self.column.name.is_empty() {
            "channel".to_owned()
        } else {
            self.column.name.clone()
        };
        Ok(Described {
            channel: Channel {
                label: text(
                    stated.and_then(|channel| channel.label.as_ref()),
                    notes.label.as_ref(),
                    Some(&name),
                )
                .unwrap_or_default(),
                role,
                rate,
                segments: Vec::new(),
                calibration,
                muscle: text(
                    stated.and_then(|channel| channel.muscle.as_ref()),
                    notes.muscle.as_ref(),
                    mapping.muscle.as_ref(),
                ),
                nerve: text(
                    stated.and_then(|channel| channel.nerve.as_ref()),
                    notes.nerve.as_ref(),
                    mapping.nerve.as_ref(),
                ),
                side: stated
                    .and_then(|channel| channel.side)
                    .or(notes.side)
                    .or(mapping.side),
                prefilter: notes.prefilter.clone(),
                transducer: notes.transducer.clone(),
                findings: notes.findings.clone(),
            },
            stored: notes.stored.unwrap_or(Stored::F64),
            place: self.place,
        })
    }

    fn calibration(&self, unit: Option<String>, role: Role) -> Result<Calibration> {
        let fault = |code, what: String| Error::new(code, what).at(self.place.clone());
        let advice = "state the unit in the header (`APB [mV]`), as `# unit = mV` at the top, or as unit in a mapping";
        let unit = match unit {
            Some(unit) => unit,
            None if role == Role::Response => {
                return Err(fault(
                    ErrorCode::UnknownUnit,
                    "the unit of the values is not stated".to_owned(),
                )
                .advice(advice));
            }
            None => String::new(),
        };
        let millivolts_per_unit = match (self.notes.voltage, self.notes.millivolts_per_unit) {
            (Some(false), _) => None,
            (_, Some(stated)) => Some(stated),
            _ => millivolts_per(&unit),
        };
        if millivolts_per_unit.is_none()
            && role == Role::Response
            && self.notes.voltage != Some(false)
        {
            return Err(fault(ErrorCode::UnknownUnit, format!("\"{unit}\" is no known unit of a voltage (V, mV, uV, µV, nV)"))
                .advice("correct the unit; if the column holds no voltage, give it role = \"other\" in a mapping"));
        }
        let scale = millivolts_per_unit.unwrap_or(1.0);
        let stated = |of_mapping: Option<f64>,
                      exact: Option<f64>,
                      of_notes: Option<f64>,
                      default: f64| match (of_mapping, exact, of_notes) {
            (Some(value), _, _) => value * scale,
            (None, Some(exact), _) => exact,
            (None, None, value) => value.unwrap_or(default) * scale,
        };
        let channel = self.stated;
        let gain = stated(
            channel.and_then(|channel| channel.gain),
            self.notes.gain_mv,
            self.notes.gain,
            1.0,
        );
        let offset = stated(
            channel.and_then(|channel| channel.offset),
            self.notes.offset_mv,
            self.notes.offset,
            0.0,
        );
        if !(gain.is_finite() && gain != 0.0 && offset.is_finite()) {
            return Err(fault(
                ErrorCode::BadCalibration,
                format!("gain {gain} and offset {offset} give no millivolts"),
            )
            .advice("state a gain other than 0"));
        }
        let rails = channel
            .and_then(|channel| channel.rails)
            .or(self.notes.rails);
        if let Some((low, high)) = rails
            && (low.is_nan() || high.is_nan() || low >= high)
        {
            return Err(fault(
                ErrorCode::BadCalibration,
                format!("rails from {low} to {high}"),
            )
            .advice("state the lowest and then the highest stored number"));
        }
        Ok(Calibration {
            gain,
            offset,
            rails,
            unit,
            millivolts_per_unit,
        })
    }
}

impl Described {
    /// Appends a segment; each number must fit the type in which the channel was stored.
    pub fn push(&mut self, start: Seconds, values: Vec<f64>) -> Result<()> {
        let samples = match self.stored {
            Stored::F64 => Samples::F64(values),
            Stored::F32 => Samples::F32(self.each(&values, |value| {
                Some(value as f32).filter(|value| value.is_finite())
            })?),
            Stored::I16 => Samples::I16(self.each(&values, |value| {
                let whole = value.fract() == 0.0
                    && (f64::from(i16::MIN)..=f64::from(i16::MAX)).contains(&value);
                whole.then_some(value as i16)
            })?),
            Stored::I32 => Samples::I32(self.each(&values, |value| {
                let whole = value.fract() == 0.0
                    && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
                whole.then_some(value as i32)
            })?),
        };
        self.channel.segments.push(Segment { start, samples });
        Ok(())
    }

    fn each<T>(&self, values: &[f64], convert: impl Fn(f64) -> Option<T>) -> Result<Vec<T>> {
        values
            .iter()
            .map(|&value| {
                convert(value).ok_or_else(|| {
                    Error::new(
                        ErrorCode::BadHeader,
                        format!(
                            "the sample {value} does not fit the stored type {:?}",
                            self.stored
                        ),
                    )
                    .at(self.place.clone())
                    .advice("correct the comment `stored`, or leave it out")
                })
            })
            .collect()
    }
}

/// Cuts empty cells (NaN) off both ends: the range that holds samples, or the index of an empty cell between samples.
pub(super) fn without_empty_ends(
    values: &[f64],
) -> std::result::Result<std::ops::Range<usize>, usize> {
    let Some(first) = values.iter().position(|value| !value.is_nan()) else {
        return Ok(0..0);
    };
    let last = values
        .iter()
        .rposition(|value| !value.is_nan())
        .unwrap_or(first);
    match values
        .get(first..last)
        .unwrap_or_default()
        .iter()
        .position(|value| value.is_nan())
    {
        Some(hole) => Err(first + hole),
        None => Ok(first..last + 1),
    }
}
