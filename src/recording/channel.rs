//! One signal: stored numbers, the calibration that makes millivolts of them, and the segments in which they were recorded.

use super::Samples;
use crate::error::Result;
use crate::finding::Finding;
use crate::units::{Hertz, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One signal of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The label in the file, unchanged but for outer spaces.
    pub label: String,
    /// What the channel is for.
    pub role: Role,
    /// Samples per second; finite and above 0.
    pub rate: Hertz,
    /// The stored numbers, in order of time; no two segments overlap.
    pub segments: Vec<Segment>,
    /// How stored numbers become physical ones.
    pub calibration: Calibration,
    /// The muscle under the active electrode, where it is known.
    pub muscle: Option<String>,
    /// The nerve that was stimulated.
    pub nerve: Option<String>,
    /// The side of the body.
    pub side: Option<Side>,
    /// What the header says about filters, unchanged: `HP:2Hz LP:10kHz`.
    pub prefilter: Option<String>,
    /// The electrode or transducer, unchanged.
    pub transducer: Option<String>,
    /// What was noticed about this channel while reading.
    pub findings: Vec<Finding>,
}

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A voltage over a muscle, in which responses are measured.
    Response,
    /// A trigger pulse of the stimulator.
    Trigger,
    /// Anything else: kept, listed, not measured.
    Other,
}

/// The side of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// left
    Left,
    /// right
    Right,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Response, Self::Trigger, Self::Other];

    /// The stable name, as mappings and endplate's own files have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Trigger => "trigger",
            Self::Other => "other",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl Side {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::Left, Self::Right];

    /// The stable name, as tables, mappings and endplate's own files have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The side of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.as_str() == name)
    }
}

/// A stretch of samples without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The time of the first sample on the recording's clock.
    pub start: Seconds,
    /// The numbers as they were stored.
    pub samples: Samples,
}

/// How a stored number becomes a physical one: `physical = gain * stored + offset`.
///
/// For a channel of a voltage `gain` and `offset` are in millivolts and `unit` remembers how the file wrote the unit. For any other
/// quantity they are in that unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Physical units (mV for a voltage) per stored step; finite and not 0.
    pub gain: f64,
    /// The physical value (mV for a voltage) of stored 0; finite.
    pub offset: f64,
    /// The lowest and highest stored number that the converter can give; a sample on or beyond one is saturated.
    pub rails: Option<(f64, f64)>,
    /// The unit as the file writes it: `uV`, `mV`, `degC`; empty for a bare number.
    pub unit: String,
    /// How many mV one unit of the file is; `None` when the channel is not a voltage.
    pub millivolts_per_unit: Option<f64>,
}

impl Calibration {
    /// The physical value (mV for a voltage) of a stored number.
    pub fn physical(&self, stored: f64) -> f64 {
        self.gain * stored + self.offset
    }
}

impl Segment {
    /// The time after its last sample, `rate` being the channel's.
    pub fn end(&self, rate: Hertz) -> Seconds {
        Seconds(self.start.0 + self.samples.len() as f64 / rate.0)
    }
}

impl Channel {
    /// How many samples all segments hold.
    pub fn sample_count(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.samples.len())
            .sum()
    }

    /// Whether the channel holds a voltage, so that its physical values are millivolts.
    pub fn is_voltage(&self) -> bool {
        self.calibration.millivolts_per_unit.is_some()
    }

    /// The physical values of `range` of one segment (mV for a voltage).
    ///
    /// # Errors
    ///
    /// As [`Samples::widen`].
    pub fn physical(&self, segment: &Segment, range: std::ops::Range<usize>) -> Result<Vec<f64>> {
        let mut values = segment.samples.widen(range)?;
        for value in &mut values {
            *value = self.calibration.physical(*value);
        }
        Ok(values)
    }

    /// The segment in which the time lies (first sample included, the time after the last one excluded).
    pub fn segment_at(&self, time: Seconds) -> Option<&Segment> {
        let after = self
            .segments
            .partition_point(|segment| segment.start.0 <= time.0);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        (time.0 < segment.end(self.rate).0).then_some(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> Channel {
        let segment = |start, samples| Segment {
            start: Seconds(start),
            samples,
        };
        Channel {
            label: "APB".into(),
            role: Role::Response,
            rate: Hertz(1000.0),
            segments: vec![
                segment(0.0, Samples::I16(vec![0, 1, 2, 3])),
                segment(10.0, Samples::I16(vec![-32768, 32767])),
            ],
            calibration: Calibration {
                gain: 0.001,
                offset: 0.5,
                rails: Some((-32768.0, 32767.0)),
                unit: "uV".into(),
                millivolts_per_unit: Some(0.001),
            },
            muscle: None,
            nerve: None,
            side: None,
            prefilter: None,
            transducer: None,
            findings: Vec::new(),
        }
    }

    #[test]
    fn physical_values_are_gain_times_stored_plus_offset() {
        let channel = channel();
        assert_eq!(
            channel.physical(&channel.segments[1], 0..9).unwrap(),
            vec![-32.268, 33.267]
        );
    }

    #[test]
    fn a_role_and_a_side_have_the_name_that_a_mapping_has() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        for side in Side::ALL {
            assert_eq!(serde_json::to_value(side).unwrap(), side.as_str());
            assert_eq!(Side::from_name(side.as_str()), Some(side));
        }
        assert_eq!(Side::from_name("Left"), None);
    }

    #[test]
    fn a_time_in_a_gap_lies_in_no_segment() {
        let channel = channel();
        assert_eq!(
            channel
                .segment_at(Seconds(0.0035))
                .map(|segment| segment.start.0),
            Some(0.0)
        );
        assert_eq!(channel.segment_at(Seconds(0.004)), None);
        assert_eq!(
            channel
                .segment_at(Seconds(10.0))
                .map(|segment| segment.start.0),
            Some(10.0)
        );
        assert_eq!(channel.segment_at(Seconds(-1.0)), None);
    }
}
