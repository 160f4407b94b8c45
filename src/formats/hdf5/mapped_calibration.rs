//! The sampling rate and the calibration of a channel, as a mapping states them.

use super::guard::{Node, Opened};
use super::mapped::{bad, find_dataset, listed};
use super::values::{Attributes, numbers};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::mapping::{ChannelMapping, Mapping, millivolts_per};
use crate::recording::{Calibration, Role};
use crate::units::Hertz;
use ::hdf5::{Dataset, Location};

/// The rate of the channel: its own, else the mapping's.
pub(super) fn rate(
    opened: &Opened,
    mapping: &Mapping,
    entry: &ChannelMapping,
    dataset: &Dataset,
) -> Result<Hertz> {
    let (value, field) = match (entry.rate_hz, &entry.rate_from) {
        (Some(_), Some(_)) => {
            return Err(
                bad("both `rate_hz` and `rate_from` are stated").advice("state one of them")
            );
        }
        (Some(rate), None) => (rate, "rate_hz".to_owned()),
        (None, Some(from)) => (
            rate_from(opened, from, dataset)?,
            format!("rate_from = \"{from}\""),
        ),
        (None, None) => match mapping.rate_hz {
            Some(rate) => (rate, "rate_hz".to_owned()),
            None => {
                let attributes = Attributes::of(opened, dataset, "dataset")?;
                return Err(Error::new(
                    ErrorCode::UnknownRate,
                    format!(
                        "no sampling rate: neither `rate_hz` nor `rate_from` is stated; the dataset's attributes are {}",
                        names(attributes.names())
                    ),
                )
                .advice("state rate_hz = 20000, or rate_from = \"@fs\" if the attribute fs holds it in Hz"));
            }
        },
    };
    if value.is_finite() && value > 0.0 {
        Ok(Hertz(value))
    } else {
        Err(Error::new(
            ErrorCode::UnknownRate,
            format!("`{field}` gives {value} Hz; expected a number above 0"),
        ))
    }
}

/// `@name` on the dataset, `/path@name`, or the scalar dataset `/path`.
fn rate_from(opened: &Opened, from: &str, dataset: &Dataset) -> Result<f64> {
    let place = format!("mapping, rate_from = \"{from}\"");
    let attribute = |object: &Location, name: &str| {
        let attributes = Attributes::of(opened, object, &place)?;
        attributes.number(name)?.ok_or_else(|| {
            bad(format!(
                "`rate_from`: there is no attribute \"{name}\"; there are {}",
                names(attributes.names())
            ))
        })
    };
    match from.rsplit_once('@') {
        Some(("", name)) => attribute(dataset, name),
        Some((path, name)) => match opened.node(path.trim())? {
            Some(Node::Dataset(object)) => attribute(&object, name),
            Some(Node::Group(object)) => attribute(&object, name),
            None => Err(bad(format!(
                "`rate_from`: there is no object \"{path}\". The file holds {}",
                listed(&opened.catalog()?)
            ))),
        },
        None => {
            let scalar = find_dataset(opened, from, "rate_from")?;
            match numbers(opened, &scalar, &place)?.as_slice() {
                [value] => Ok(*value),
                values => Err(bad(format!(
                    "`rate_from`: \"{from}\" holds {} numbers; expected one",
                    values.len()
                ))),
            }
        }
    }
}

/// Unit, gain, offset and rails; a response must be a voltage.
pub(in crate::formats) fn calibration(
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

fn names(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
