//! Reads any other HDF5 file, by what a mapping says about it (`docs/formats/mapping.md`).

use super::catalog::Catalog;
use super::guard::{Node, Opened};
use super::mapped_rate::rate;
use super::values::{numbers, samples, texts};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapped::{self, Arrays, Draft, bad, times};
use crate::formats::mapping::{ChannelMapping, Mapping};
use crate::recording::{Recording, Samples};
use ::hdf5::Dataset;
use ndarray::{Array2, Axis};

/// Reads what the mapping names.
pub(super) fn read(opened: &Opened, mapping: &Mapping) -> Result<Recording> {
    if mapping.channels.is_empty() {
        return Err(describe_yourself(&opened.catalog()?));
    }
    let mut drafts = Vec::with_capacity(mapping.channels.len());
    for (index, entry) in mapping.channels.iter().enumerate() {
        let place = format!(
            "mapping, channels[{index}] (dataset \"{}\")",
            entry.dataset.as_deref().unwrap_or("?")
        );
        drafts.push(draft(opened, mapping, entry, &place).map_err(|error| {
            if error.place().is_none() {
                error.at(place)
            } else {
                error
            }
        })?);
    }
    mapped::recording(drafts, opened, mapping)
}

impl Arrays for Opened<'_> {
    fn numbers(&self, path: &str, field: &str) -> Result<Vec<f64>> {
        let dataset = find_dataset(self, path, field)?;
        numbers(self, &dataset, &format!("dataset \"{path}\""))
    }

    fn texts(&self, path: &str, field: &str) -> Result<Vec<(String, bool)>> {
        let dataset = find_dataset(self, path, field)?;
        texts(self, &dataset, &format!("dataset \"{path}\""))
    }
}

fn draft(opened: &Opened, mapping: &Mapping, entry: &ChannelMapping, place: &str) -> Result<Draft> {
    let path = entry.dataset.as_deref().ok_or_else(|| {
        bad("the field `dataset` is missing")
            .advice("state the path of the dataset, such as dataset = \"/emg/apb\"")
    })?;
    let dataset = find_dataset(opened, path, "dataset")?;
    let rate = rate(opened, mapping, entry, &dataset)?;
    let name = path.trim().trim_matches('/');
    let channel = mapped::channel(mapping, entry, name, rate)?;
    let (pieces, sweeps) = pieces(opened, entry, &dataset, place)?;
    let times = times(opened, mapping, entry, pieces.len(), sweeps)?;
    Ok(Draft {
        channel,
        pieces,
        times,
    })
}

/// The dataset at `path`; else an error that says what there is.
pub(super) fn find_dataset(opened: &Opened, path: &str, field: &str) -> Result<Dataset> {
    match opened.node(path.trim())? {
        Some(Node::Dataset(dataset)) => Ok(dataset),
        found => {
            let what = match found {
                Some(_) => format!("`{field}`: \"{path}\" is a group; expected a dataset"),
                None => format!("`{field}`: there is no dataset \"{path}\""),
            };
            Err(bad(format!(
                "{what}. The file holds {}",
                listed(&opened.catalog()?)
            ))
            .advice(format!("correct `{field}`")))
        }
    }
}

/// The samples of the channel, in one piece or in sweeps, and whether they are sweeps.
fn pieces(
    opened: &Opened,
    entry: &ChannelMapping,
    dataset: &Dataset,
    place: &str,
) -> Result<(Vec<Samples>, bool)> {
    let shape = dataset.shape();
    let (rows, columns) = match *shape.as_slice() {
        [_] => {
            if entry.sample_axis.unwrap_or(0) != 0 {
                return Err(bad(format!(
                    "`sample_axis` is {}, but the shape is {shape:?}: there is axis 0 only",
                    entry.sample_axis.unwrap_or(0)
                )));
            }
            if let Some(index) = entry.index {
                return Err(bad(format!(
                    "`index` is {index}, but the shape is {shape:?}: there is no other axis"
                )));
            }
            return Ok((vec![samples(opened, dataset, place)?], false));
        }
        [rows, columns] => (rows, columns),
        _ => {
            return Err(bad(format!(
                "the dataset has the shape {shape:?}; expected one or two dimensions"
            ))
            .advice("store each channel in a dataset of its own"));
        }
    };
    let (length, others) = match entry.sample_axis {
        Some(0) => (rows, columns),
        Some(1) => (columns, rows),
        Some(axis) => {
            return Err(bad(format!(
                "`sample_axis` is {axis}, but the shape is {shape:?}: the axes are 0 and 1"
            )));
        }
        None => {
            return Err(bad(format!(
                "`sample_axis` is missing; the shape is {shape:?}: 0 means {rows} samples in each of {columns} columns, 1 means {columns} samples in each of {rows} rows"
            ))
            .advice("state sample_axis = 0 or sample_axis = 1"));
        }
    };
    if let Some(index) = entry.index
        && index >= others
    {
        return Err(bad(format!(
            "`index` is {index}, but the shape is {shape:?}: axis {} has {others}, counted from 0",
            1 - entry.sample_axis.unwrap_or(0)
        )));
    }
    let axis = Axis(1 - entry.sample_axis.unwrap_or(0));
    macro_rules! cut {
        ($kind:path, $values:expr) => {{
            let size = $values.first().map_or(0, |value| size_of_val(value));
            let table = Array2::from_shape_vec((rows, columns), $values)
                .map_err(|cause| bad(format!("the shape {shape:?} does not hold: {cause}")))?;
            match entry.index {
                Some(index) => {
                    opened.refund(length.saturating_mul(others.saturating_sub(1)), size);
                    vec![$kind(table.index_axis(axis, index).to_vec())]
                }
                None => table
                    .axis_iter(axis)
                    .map(|sweep| $kind(sweep.to_vec()))
                    .collect(),
            }
        }};
    }
    let pieces: Vec<Samples> = match samples(opened, dataset, place)? {
        Samples::I16(values) => cut!(Samples::I16, values),
        Samples::I32(values) => cut!(Samples::I32, values),
        Samples::F32(values) => cut!(Samples::F32, values),
        Samples::F64(values) => cut!(Samples::F64, values),
        stored @ Samples::Stored(_) => {
            return Err(bad(format!(
                "samples of {}, which were not read",
                stored.kind()
            )));
        }
    };
    Ok((pieces, entry.index.is_none()))
}

/// So many datasets are listed in a message.
const LISTED: usize = 20;

pub(super) fn listed(catalog: &Catalog) -> String {
    if catalog.datasets.is_empty() {
        return "no datasets".to_owned();
    }
    let mut text: Vec<String> = catalog
        .datasets
        .iter()
        .take(LISTED)
        .map(|entry| format!("\"{}\" {:?} {}", entry.path, entry.shape, entry.kind))
        .collect();
    if catalog.datasets.len() > LISTED || catalog.cut {
        text.push(format!("and more ({} were seen)", catalog.datasets.len()));
    }
    text.join("; ")
}

/// The error for a file without a mapping: what it holds, and a mapping to start from.
fn describe_yourself(catalog: &Catalog) -> Error {
    let largest = catalog
        .datasets
        .iter()
        .filter(|entry| matches!(entry.shape.len(), 1 | 2) && !entry.kind.starts_with("text"))
        .max_by_key(|entry| {
            entry
                .shape
                .iter()
                .fold(1usize, |product, &side| product.saturating_mul(side))
        });
    let message = format!(
        "this HDF5 file is not in endplate's layout, and nothing states what its datasets are. It holds {}",
        listed(catalog)
    );
    let Some(entry) = largest else {
        return Error::new(ErrorCode::NothingToAnalyze, message);
    };
    let axis = match *entry.shape.as_slice() {
        [rows, columns] => format!("sample_axis = {}\n", usize::from(columns > rows)),
        _ => String::new(),
    };
    Error::new(ErrorCode::BadMapping, message).advice("`endplate init` writes this beside the recording, into a file with its name and \".endplate.toml\"; put in your values:").template(format!(
        "[[channels]]\ndataset = {:?}\n{axis}rate_hz = 20000\nunit = \"mV\"\n",
        entry.path
    ))
}
