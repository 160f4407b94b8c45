//! What each signal is: role, calibration and rails, unit, muscle, side (EDF 1992; EDF+ 2.1.3.5; standard texts 2.1 and 2.2).

use super::header::{
    DIGITAL_MAX, DIGITAL_MIN, DIMENSION, Field, Header, PHYSICAL_MAX, PHYSICAL_MIN, Signal,
};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::labels;
use crate::formats::mapping::{ChannelMapping, Mapping, NO_VOLTAGE, millivolts_per, tell_replaced};
use crate::formats::prefilter::changes_responses;
use crate::formats::stated::concerns;
use crate::recording::{Calibration, Channel, Role, Side};
use crate::units::Hertz;

/// A channel without samples, and why it may not be used as a response.
pub(super) struct Draft {
    pub(super) channel: Channel,
    /// The calibration could not be read; a mapping may still state it.
    calibration: Option<Error>,
    /// The unit says neither voltage nor anything else.
    unit_unknown: bool,
    /// Finding to be added if the channel stays unmeasured.
    ignored: bool,
}

/// `physical = gain * stored + offset` through both ends, in the unit of the file.
fn calibrate(header: &Header, signal: &Signal) -> Result<(f64, f64, (f64, f64))> {
    let number = |text: &str, field: Field, what: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|value| value.is_finite())
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::BadHeader,
                    format!("{what} \"{text}\"; a number with a decimal point is expected (EDF+ 2.1.3.6)"),
                )
                .at(header.place(signal, field))
            })
    };
    let physical_min = number(&signal.physical_min, PHYSICAL_MIN, "physical minimum")?;
    let physical_max = number(&signal.physical_max, PHYSICAL_MAX, "physical maximum")?;
    let digital_min = number(&signal.digital_min, DIGITAL_MIN, "digital minimum")?;
    let digital_max = number(&signal.digital_max, DIGITAL_MAX, "digital maximum")?;
    let bad = |field: Field, message: String| {
        Error::new(ErrorCode::BadCalibration, message)
            .at(header.place(signal, field))
            .advice("state gain, offset and unit of the channel in a mapping")
    };
    if digital_min >= digital_max {
        return Err(bad(
            DIGITAL_MAX,
            format!(
                "digital maximum ({digital_max}) is not above digital minimum ({digital_min}) (EDF+ 2.1.3.5); no millivolts can be computed"
            ),
        ));
    }
    if physical_min == physical_max {
        return Err(bad(
            PHYSICAL_MAX,
            format!(
                "physical maximum ({physical_max}) equals physical minimum ({physical_min}) (EDF+ 2.1.3.5); no millivolts can be computed"
            ),
        ));
    }
    let steps = digital_max - digital_min;
    let gain = (physical_max - physical_min) / steps;
    // Not `physical_min - gain * digital_min`: this form hits both ends to the last bits.
    let offset = (physical_min * digital_max - physical_max * digital_min) / steps;
    if !gain.is_finite() || gain == 0.0 || !offset.is_finite() {
        return Err(bad(
            PHYSICAL_MAX,
            "the range is too large or too small for a gain".to_owned(),
        ));
    }
    Ok((gain, offset, (digital_min, digital_max)))
}

impl Draft {
    /// What the header alone says.
    pub(super) fn new(header: &Header, signal: &Signal) -> Self {
        let label = labels::label(&signal.label);
        let millivolts = millivolts_per(&signal.dimension);
        let no_voltage = NO_VOLTAGE.contains(&signal.dimension.as_str());
        let role = match label.role {
            Some(Role::Trigger) => Role::Trigger,
            Some(Role::Other) => Role::Other,
            _ if no_voltage => Role::Other,
            _ => Role::Response,
        };
        let mut findings = Vec::new();
        let (limit_low, limit_high) = header.width.limits();
        let (gain, offset, rails, calibration) = match calibrate(header, signal) {
            Ok((gain, offset, (low, high))) => {
                let inside = (low.max(limit_low), high.min(limit_high));
                if inside != (low, high) {
                    findings.push(Finding::new(
                        FindingCode::HeaderCorrected,
                        format!(
                            "{}: the digital range {low}…{high} is wider than the stored numbers; the rails are {}…{}",
                            header.place(signal, DIGITAL_MIN), inside.0, inside.1
                        ),
                    ));
                }
                (gain, offset, Some(inside), None)
            }
            Err(error) => (1.0, 0.0, None, Some(error)),
        };
        if changes_responses(&signal.prefilter) && role == Role::Response {
            findings.push(Finding::new(
                FindingCode::FilterInHeader,
                signal.prefilter.clone(),
            ));
        }
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let scale = millivolts.unwrap_or(1.0);
        Self {
            channel: Channel {
                label: signal.label.clone(),
                role,
                rate: Hertz(header.duration.divide(signal.samples)),
                segments: Vec::new(),
                calibration: Calibration {
                    gain: gain * scale,
                    offset: offset * scale,
                    rails,
                    unit: signal.dimension.clone(),
                    millivolts_per_unit: millivolts,
                },
                muscle: label.muscle.filter(|_| role == Role::Response),
                nerve: None,
                side: label.side.filter(|_| role == Role::Response),
                prefilter: text(&signal.prefilter),
                transducer: text(&signal.transducer),
                findings,
            },
            calibration,
            unit_unknown: millivolts.is_none() && !no_voltage,
            ignored: role == Role::Other,
        }
    }

    /// The nerve in the recording field (EDF+ 3.7) belongs to all responses.
    pub(super) fn set_nerve(&mut self, side: Option<Side>, nerve: &str) {
        if self.channel.role == Role::Response {
            self.channel.nerve = Some(nerve.to_owned());
            self.channel.side = self.channel.side.or(side);
        }
    }

    fn set_unit(&mut self, unit: &str) {
        let calibration = &mut self.channel.calibration;
        let was = calibration.millivolts_per_unit.unwrap_or(1.0);
        calibration.millivolts_per_unit = millivolts_per(unit);
        let scale = calibration.millivolts_per_unit.unwrap_or(1.0) / was;
        calibration.gain *= scale;
        calibration.offset *= scale;
        calibration.unit = unit.to_owned();
        self.unit_unknown =
            calibration.millivolts_per_unit.is_none() && !NO_VOLTAGE.contains(&unit);
    }

    /// What the laboratory states goes before the header.
    pub(super) fn apply(&mut self, mapping: &Mapping, number: usize) -> Result<()> {
        if let Some(unit) = mapping.unit.as_deref().filter(|_| self.unit_unknown) {
            self.set_unit(unit);
        }
        if self.channel.role == Role::Response {
            let channel = &mut self.channel;
            fill(&mut channel.muscle, &mapping.muscle);
            fill(&mut channel.nerve, &mapping.nerve);
            fill(&mut channel.side, &mapping.side);
        }
        let stated: Vec<_> = mapping
            .channels
            .iter()
            .filter(|stated| concerns(stated, &self.channel.label, number))
            .collect();
        for stated in stated {
            self.apply_channel(stated)?;
        }
        Ok(())
    }

    fn apply_channel(&mut self, stated: &ChannelMapping) -> Result<()> {
        let rate = self.channel.rate.0;
        if stated.rate_hz.is_some_and(|stated| stated != rate) || stated.start_s.is_some() {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!(
                    "rate_hz and start_s are stated for \"{}\", but the file says them itself ({rate} Hz)",
                    self.channel.label
                ),
            ));
        }
        if let Some(unit) = &stated.unit {
            self.set_unit(unit);
        }
        let calibration = &mut self.channel.calibration;
        let scale = calibration.millivolts_per_unit.unwrap_or(1.0);
        if let Some(gain) = stated.gain {
            if !gain.is_finite() || gain == 0.0 {
                return Err(Error::new(
                    ErrorCode::BadMapping,
                    format!(
                        "gain {gain} of \"{}\"; a number other than 0 is expected",
                        self.channel.label
                    ),
                ));
            }
            calibration.gain = gain * scale;
            if self.calibration.take().is_some() {
                self.channel.findings.push(Finding::new(
                    FindingCode::RailsUnknown,
                    "the header's calibration is impossible, the mapping's was used",
                ));
            }
        }
        if let Some(offset) = stated.offset {
            calibration.offset = offset * scale;
        }
        if let Some(rails) = stated.rails {
            calibration.rails = Some(rails);
        }
        let channel = &mut self.channel;
        if let Some(role) = stated.role {
            channel.role = role;
            self.ignored = false;
        }
        tell_replaced(channel, stated);
        replace(&mut channel.muscle, &stated.muscle);
        replace(&mut channel.nerve, &stated.nerve);
        replace(&mut channel.side, &stated.side);
        Ok(())
    }

    /// The channel, if it can be what it is meant for.
    pub(super) fn finish(mut self, header: &Header, signal: &Signal) -> Result<Channel> {
        if let Some(error) = self.calibration {
            return Err(error);
        }
        let channel = &mut self.channel;
        let unit = &channel.calibration.unit;
        if channel.role == Role::Response && channel.calibration.millivolts_per_unit.is_none() {
            let found = if unit.is_empty() {
                "no physical dimension: the signal is not calibrated (EDF+ 2.1.3.5)".to_owned()
            } else {
                format!("physical dimension \"{unit}\" is no voltage")
            };
            return Err(Error::new(
                ErrorCode::UnknownUnit,
                format!("{found}; uV, mV or V is expected of a response"),
            )
            .at(header.place(signal, DIMENSION))
            .advice("state the unit of the channel in a mapping, or role = \"other\" if it is no response"));
        }
        if self.ignored && channel.role == Role::Other {
            channel.findings.push(Finding::new(
                FindingCode::ChannelIgnored,
                format!("\"{}\" in \"{unit}\"", channel.label),
            ));
        }
        Ok(self.channel)
    }
}

fn fill<T: Clone>(value: &mut Option<T>, from: &Option<T>) {
    if value.is_none() {
        value.clone_from(from);
    }
}

fn replace<T: Clone>(value: &mut Option<T>, from: &Option<T>) {
    if from.is_some() {
        value.clone_from(from);
    }
}
