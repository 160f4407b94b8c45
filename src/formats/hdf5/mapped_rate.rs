//! The sampling rate of a channel, as a mapping states it.

use super::guard::{Node, Opened};
use super::mapped::{find_dataset, listed};
use super::values::{Attributes, numbers};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapped::{bad, checked_rate};
use crate::formats::mapping::{ChannelMapping, Mapping};
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
    checked_rate(value, &field)
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

fn names(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
