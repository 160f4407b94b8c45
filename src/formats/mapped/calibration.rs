//! Rate and calibration of a channel, as a mapping states them.

use super::bad;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, millivolts_per};
use crate::recording::{Calibration, Role};
use crate::units::Hertz;

/// The rate, if it can be one; `field` is what the mapping states.
pub(in crate::formats) fn checked_rate(value: f64, field: &str) -> Result<Hertz> {
    if value.is_finite() && value > 0.0 {
        Ok(Hertz(value))
    } else {
        Err(Error::new(
            ErrorCode::UnknownRate,
            format!("`{field}` gives {value} Hz; expected a number above 0"),
        ))
    }
}

/// Unit, gain, offset and rails; a response must be a voltage.
pub(super) fn calibration(
    mapping: &Mapping,
    entry: &ChannelMapping,
    rate: Hertz,
) -> Result<(Calibration, Vec<Finding>)> {
    let role = entry.role.unwrap_or(Role::Response);
    let unit = entry.unit.as_ref().or(mapping.unit.as_ref());
    let millivolts = unit.and_then(|unit| millivolts_per(unit));
    if role == Role::Response && millivolts.is_none() {
        let known = "V, mV, uV, nV";
        return Err(Error::new(
            ErrorCode::UnknownUnit,
            match unit {
                Some(unit) => format!("`unit` is \"{unit}\"; expected one of {known}"),
                None => format!("no unit: `unit` is not stated; expected one of {known}"),
            },
        )
        .advice("state unit = \"mV\", or role = \"other\" if it is no voltage"));
    }
    let gain = entry.gain.unwrap_or(1.0);
    let offset = entry.offset.unwrap_or(0.0);
    if !gain.is_finite() || gain == 0.0 {
        return Err(bad(format!(
            "`gain` is {gain}; expected the {} per stored step, a number other than 0",
            unit.map_or("physical units", String::as_str)
        )));
    }
    if !offset.is_finite() {
        return Err(bad(format!("`offset` is {offset}; expected a number")));
    }
    if let Some((low, high)) = entry.rails
        && !(low.is_finite() && high.is_finite() && low < high)
    {
        return Err(bad(format!(
            "`rails` are [{low}, {high}]; expected the lowest and the highest stored number"
        )));
    }
    let findings = if entry.rails.is_none() && role == Role::Response {
        vec![Finding::new(
            FindingCode::RailsUnknown,
            format!("the mapping states no rails ({rate})"),
        )]
    } else {
        Vec::new()
    };
    let scale = millivolts.unwrap_or(1.0);
    Ok((
        Calibration {
            gain: gain * scale,
            offset: offset * scale,
            rails: entry.rails,
            unit: unit.map(|unit| unit.trim().to_owned()).unwrap_or_default(),
            millivolts_per_unit: millivolts,
        },
        findings,
    ))
}
