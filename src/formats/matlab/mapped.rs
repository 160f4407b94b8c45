//! Reads any MAT-file, by what a mapping says about its variables (`docs/formats/mapping.md`).

use super::value::{Value, size};
use super::variables::Variables;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapped::{self, Draft, bad, checked_rate, times};
use crate::formats::mapping::{ChannelMapping, Mapping};
use crate::recording::{Recording, Samples};
use crate::units::Hertz;

/// Whether the entry says where samples are, and not only what a known channel is.
pub(super) fn names_data(entry: &ChannelMapping) -> bool {
    entry.variable.is_some() || entry.dataset.is_some()
}

/// Reads what the mapping names.
pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let mut drafts = Vec::with_capacity(mapping.channels.len());
    for (index, entry) in mapping.channels.iter().enumerate() {
        let place = format!(
            "mapping, channels[{index}] (variable \"{}\")",
            entry.variable.as_deref().unwrap_or("?")
        );
        drafts.push(draft(variables, mapping, entry).map_err(|error| error.at(place))?);
    }
    mapped::recording(drafts, variables, mapping)
}

fn draft(variables: &Variables, mapping: &Mapping, entry: &ChannelMapping) -> Result<Draft> {
    let path = entry.variable.as_deref().ok_or_else(|| {
        bad(format!(
            "the field `variable` is missing (`dataset` is for HDF5). The file holds {}",
            variables.listed()
        ))
        .advice("state the variable as MATLAB writes it, such as variable = \"emg.values\"")
    })?;
    let rate = rate(variables, mapping, entry)?;
    let channel = mapped::channel(mapping, entry, path.trim(), rate)?;
    let value = variables.find(path, "variable")?;
    let (pieces, sweeps) = pieces(value, entry)?;
    let times = times(variables, mapping, entry, pieces.len(), sweeps)?;
    Ok(Draft {
        channel,
        pieces,
        times,
    })
}

/// The rate of the channel: its own, else the mapping's.
fn rate(variables: &Variables, mapping: &Mapping, entry: &ChannelMapping) -> Result<Hertz> {
    let (value, field) = match (entry.rate_hz, &entry.rate_from) {
        (Some(_), Some(_)) => {
            return Err(
                bad("both `rate_hz` and `rate_from` are stated").advice("state one of them")
            );
        }
        (Some(rate), None) => (rate, "rate_hz".to_owned()),
        (None, Some(from)) => {
            let found = variables.find(from, "rate_from")?;
            let rate = found.number().ok_or_else(|| {
                bad(format!(
                    "`rate_from`: \"{from}\" is {}; expected one number, in Hz",
                    found.describe()
                ))
            })?;
            (rate, format!("rate_from = \"{from}\""))
        }
        (None, None) => match mapping.rate_hz {
            Some(rate) => (rate, "rate_hz".to_owned()),
            None => {
                return Err(Error::new(
                    ErrorCode::UnknownRate,
                    format!(
                        "no sampling rate: neither `rate_hz` nor `rate_from` is stated. The file holds {}",
                        variables.listed()
                    ),
                )
                .advice("state rate_hz = 20000, or rate_from = \"fs\" if the variable fs holds it in Hz"));
            }
        },
    };
    checked_rate(value, &field)
}

/// The samples in one piece or in sweeps, and whether they are sweeps.
fn pieces(value: &Value, entry: &ChannelMapping) -> Result<(Vec<Samples>, bool)> {
    let Value::Numbers { dims, samples } = value else {
        return Err(bad(format!(
            "the variable is {}; expected real numbers",
            value.describe()
        ))
        .advice("name a variable, field or cell that holds the samples"));
    };
    let shape = size(dims);
    let is_vector = dims.iter().filter(|&&length| length != 1).count() <= 1;
    if is_vector && entry.sample_axis.is_none() {
        if let Some(index) = entry.index {
            return Err(bad(format!(
                "`index` is {index}, but the size is {shape}: there is no other axis"
            )));
        }
        return Ok((vec![samples.clone()], false));
    }
    let axis = |field: &str, stated: Option<usize>| -> Result<usize> {
        match stated {
            Some(axis) if axis < dims.len() => Ok(axis),
            Some(axis) => Err(bad(format!(
                "`{field}` is {axis}, but the size is {shape}: the axes are 0 to {}",
                dims.len().saturating_sub(1)
            ))),
            None => Err(bad(format!("`{field}` is missing; the size is {shape}"))
                .advice(format!("state which axis counts, from 0: {field} = 0"))),
        }
    };
    if dims.len() > 3 {
        return Err(
            bad(format!("the size is {shape}; expected two or three axes"))
                .advice("save each channel as a variable of its own"),
        );
    }
    let along = axis("sample_axis", entry.sample_axis)?;
    let indexed = match (dims.len(), entry.index) {
        (3, Some(_)) => Some(axis("index_axis", entry.index_axis)?),
        (3, None) => {
            return Err(bad(format!(
                "`index` is missing; the size is {shape}: one axis counts samples, one channels (`index_axis`), one sweeps"
            ))
            .advice("state index_axis and index, both from 0"));
        }
        (_, Some(_)) => {
            let other = 1usize.saturating_sub(along);
            if entry.index_axis.is_some_and(|stated| stated != other) {
                return Err(bad(format!(
                    "`index_axis` is not {other}, the only axis that does not count samples"
                )));
            }
            Some(other)
        }
        (_, None) => None,
    };
    if indexed == Some(along) {
        return Err(bad(format!(
            "`index_axis` and `sample_axis` are both {along}"
        )));
    }
    let length = |axis: usize| dims.get(axis).copied().unwrap_or(1);
    let stride = |axis: usize| dims.iter().take(axis).product::<usize>();
    let from = match (indexed, entry.index) {
        (Some(axis), Some(index)) if index >= length(axis) => {
            return Err(bad(format!(
                "`index` is {index}, but the size is {shape}: axis {axis} has {}, counted from 0",
                length(axis)
            )));
        }
        (Some(axis), Some(index)) => index * stride(axis),
        _ => 0,
    };
    let sweep_axis = (0..dims.len()).find(|&axis| axis != along && Some(axis) != indexed);
    let cut = |from| samples.every(from, stride(along), length(along));
    Ok(match sweep_axis {
        None => (vec![cut(from)?], false),
        Some(axis) => (
            (0..length(axis))
                .map(|sweep| cut(from + sweep * stride(axis)))
                .collect::<Result<_>>()?,
            true,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 samples × 3 channels × 2 sweeps, each number telling its place.
    fn cube() -> Value {
        let mut values = Vec::new();
        for sweep in 0..2i16 {
            for channel in 0..3i16 {
                for sample in 0..2i16 {
                    values.push(100 * sweep + 10 * channel + sample);
                }
            }
        }
        Value::Numbers {
            dims: vec![2, 3, 2],
            samples: Samples::I16(values),
        }
    }

    fn entry(sample_axis: usize, index_axis: usize, index: usize) -> ChannelMapping {
        ChannelMapping {
            sample_axis: Some(sample_axis),
            index_axis: Some(index_axis),
            index: Some(index),
            ..ChannelMapping::default()
        }
    }

    #[test]
    fn three_axes_are_cut_column_major() {
        let (pieces, sweeps) = super::pieces(&cube(), &entry(0, 1, 2)).unwrap();
        assert!(sweeps);
        assert_eq!(
            pieces,
            [Samples::I16(vec![20, 21]), Samples::I16(vec![120, 121])]
        );
        let (pieces, _) = super::pieces(&cube(), &entry(1, 0, 1)).unwrap();
        assert_eq!(
            pieces,
            [
                Samples::I16(vec![1, 11, 21]),
                Samples::I16(vec![101, 111, 121])
            ]
        );
    }

    #[test]
    fn a_vector_needs_no_axis_and_a_matrix_does() {
        let vector = |dims: Vec<usize>| Value::Numbers {
            dims,
            samples: Samples::I16(vec![1, 2]),
        };
        let none = ChannelMapping::default();
        for dims in [vec![1, 2], vec![2, 1]] {
            let (pieces, sweeps) = super::pieces(&vector(dims), &none).unwrap();
            assert_eq!((pieces.len(), sweeps), (1, false));
        }
        let error = super::pieces(&cube(), &none).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`sample_axis` is missing; the size is 2×3×2")
        );
        assert!(super::pieces(&cube(), &entry(0, 0, 0)).is_err());
        assert!(super::pieces(&cube(), &entry(3, 0, 0)).is_err());
        assert!(super::pieces(&cube(), &entry(0, 1, 3)).is_err());
    }
}
