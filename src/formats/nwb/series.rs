//! One `TimeSeries`: its samples, its times and its calibration, one signal for each column.

use super::electrodes::{self, Electrode};
use super::find::{Found, Section};
use super::object::Member;
use super::stamps;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::FindingCode;
use crate::formats::hdf5::{self, Kind};
use crate::formats::labels;
use crate::formats::mapping::{ChannelMapping, Mapping, millivolts_per};
use crate::recording::{Channel, Role, Samples, Segment};
use crate::units::Seconds;
use std::ops::Range;

/// One column of a series.
pub(super) struct Signal {
    /// Of the series, from the root.
    pub(super) path: String,
    /// The last part of the path.
    pub(super) name: String,
    /// Which column, where there are several.
    pub(super) column: Option<usize>,
    pub(super) section: Section,
    pub(super) electrode: Electrode,
    pub(super) unit: String,
    /// In the unit of the file.
    pub(super) gain: f64,
    pub(super) offset: f64,
    pub(super) rate_hz: f64,
    pub(super) segments: Vec<Segment>,
    pub(super) prefilter: Option<String>,
}

impl Signal {
    pub(super) fn place(&self) -> String {
        match self.column {
            Some(column) => format!("dataset \"{}/data\", column {column}", self.path),
            None => format!("dataset \"{}/data\"", self.path),
        }
    }
}

/// Whether an entry of a mapping names this series as a dataset.
pub(super) fn names(entry: &ChannelMapping, path: &str) -> bool {
    entry.dataset.as_deref().is_some_and(|dataset| {
        let dataset = dataset.trim().trim_matches('/');
        let path = path.trim_matches('/');
        dataset == path || dataset.strip_suffix("/data") == Some(path)
    })
}

/// Heuristic: more columns than this are samples whose axes were swapped.
const MAX_COLUMNS: usize = 10_000;

/// The signals of one series; none where it is no signal, which is told.
pub(super) fn read(found: &Found, mapping: &Mapping) -> Result<Vec<Signal>> {
    let object = &found.object;
    let reading = object.reading;
    let ignored = |why: String| {
        reading.finding(
            FindingCode::ChannelIgnored,
            format!("{} ({}): {why}", object.path, found.named),
        );
        Ok(Vec::new())
    };
    let Some(data) = object.dataset("data")? else {
        return ignored("it has no dataset `data`".to_owned());
    };
    let kind = data.kind()?;
    if !matches!(kind, Kind::Signed(_) | Kind::Unsigned(_) | Kind::Float(_)) {
        return ignored(format!("its data are {}, not numbers", kind.name()));
    }
    let shape = data.dataset.shape();
    let (rows, columns) = match *shape.as_slice() {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        _ => return ignored(format!("its data have the shape {shape:?}")),
    };
    if rows == 0 || columns == 0 {
        return ignored("it has no samples".to_owned());
    }
    let attributes = data.attributes()?;
    let unit = attributes
        .text("unit")?
        .unwrap_or_default()
        .trim()
        .to_owned();
    let stated = mapping.channels.iter().any(|entry| {
        names(entry, &object.path) || entry.label.as_deref().map(str::trim) == Some(object.name())
    });
    let voltage = millivolts_per(&unit).is_some();
    let trigger = labels::label(object.name()).role == Some(Role::Trigger);
    if found.section != Section::Acquisition && !(voltage || trigger || stated) {
        return ignored(format!("not recorded, and in \"{unit}\""));
    }
    let (rate_hz, pieces) = match times(found, rows, &shape)? {
        Ok(times) => times,
        Err(why) if found.section == Section::Acquisition && voltage || stated => {
            return Err(Error::new(ErrorCode::UnknownRate, why)
                .at(object.place())
                .advice("state format = \"hdf5\" in a mapping, name the datasets there and state `rate_hz`"));
        }
        Err(why) => return ignored(why),
    };
    if columns > MAX_COLUMNS {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!(
                "the shape is {shape:?}: {columns} channels of {rows} samples; NWB wants time first"
            ),
        )
        .at(data.place.as_str())
        .advice("write it again with its axes exchanged"));
    }
    let segments = columns.saturating_mul(pieces.len());
    reading
        .opened
        .charge(segments, size_of::<Segment>(), &data.place)?;
    reading.opened.charge(
        columns,
        size_of::<Signal>() + size_of::<Channel>(),
        &data.place,
    )?;
    let conversion = attributes.number("conversion")?.unwrap_or(1.0);
    let offset = attributes.number("offset")?.unwrap_or(0.0);
    let gains = gains(found, conversion, columns)?;
    let electrodes = electrodes::of(object, columns)?;
    let prefilter = object
        .attribute("filtering")?
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let samples = hdf5::samples(reading.opened, &data.dataset, &data.place)?;
    Ok(cut(samples, columns, pieces)?
        .into_iter()
        .zip(gains)
        .zip(electrodes)
        .enumerate()
        .map(|(column, ((segments, gain), electrode))| Signal {
            path: object.path.clone(),
            name: object.name().to_owned(),
            column: (columns > 1).then_some(column),
            section: found.section,
            electrode,
            unit: unit.clone(),
            gain,
            offset,
            rate_hz,
            segments,
            prefilter: prefilter.clone(),
        })
        .collect())
}

/// Rate and stretches; else why there are none.
type Times = std::result::Result<(f64, Vec<(f64, Range<usize>)>), String>;

fn times(found: &Found, rows: usize, shape: &[usize]) -> Result<Times> {
    let object = &found.object;
    let stamps = object.dataset("timestamps")?;
    let start = object.dataset("starting_time")?;
    match (stamps, start) {
        (Some(_), Some(_)) => Err(Error::new(
            ErrorCode::BadHeader,
            "it has both `timestamps` and `starting_time`; expected one of them",
        )
        .at(object.place())
        .advice("state format = \"hdf5\" in a mapping and name the datasets there")),
        (None, None) => Ok(Err(
            "it has neither `timestamps` nor `starting_time`".to_owned()
        )),
        (Some(stamps), None) => of_stamps(&stamps, rows, shape),
        (None, Some(start)) => {
            let rate = start.attributes()?.number("rate")?.unwrap_or(f64::NAN);
            if !(rate.is_finite() && rate > 0.0) {
                return Ok(Err(format!(
                    "the attribute `rate` of `starting_time` gives {rate} Hz; expected a number above 0"
                )));
            }
            let first = start.number()?;
            if !first.is_finite() {
                return Err(Error::new(
                    ErrorCode::BadHeader,
                    format!("it is {first}; expected seconds"),
                )
                .at(start.place.as_str()));
            }
            Ok(Ok((rate, vec![(first, 0..rows)])))
        }
    }
}

fn of_stamps(stamps: &Member, rows: usize, shape: &[usize]) -> Result<Times> {
    let count = hdf5::count(&stamps.dataset, &stamps.place)?;
    if count != rows {
        let swapped = shape.get(1) == Some(&count);
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!("{count} time stamps, but the data have the shape {shape:?}: {rows} samples"),
        )
        .at(stamps.place.as_str())
        .advice(if swapped {
            "NWB wants time first: write it again with its axes exchanged"
        } else {
            "the file is incomplete; write it again"
        }));
    }
    let values = stamps.numbers()?;
    Ok(match stamps::stretches(&values, &stamps.place)? {
        Some(found) => Ok((found.rate_hz, found.pieces)),
        None => Err(format!("its {count} time stamps follow no sampling rate")),
    })
}

/// Units per stored step of each column: `conversion`, times `channel_conversion` where there is one.
fn gains(found: &Found, conversion: f64, columns: usize) -> Result<Vec<f64>> {
    let Some(member) = found.object.dataset("channel_conversion")? else {
        return Ok(vec![conversion; columns]);
    };
    let count = hdf5::count(&member.dataset, &member.place)?;
    if count != columns {
        return Err(Error::new(
            ErrorCode::BadCalibration,
            format!("{count} conversions for {columns} channels"),
        )
        .at(member.place.as_str())
        .advice("write the file again with one conversion for each channel"));
    }
    let own = member.numbers()?;
    Ok(own.into_iter().map(|own| conversion * own).collect())
}

/// The segments of each column; the columns of one row follow each other.
fn cut(
    samples: Samples,
    columns: usize,
    pieces: Vec<(f64, Range<usize>)>,
) -> Result<Vec<Vec<Segment>>> {
    if let ([(start, range)], 1) = (pieces.as_slice(), columns)
        && range.len() == samples.len()
    {
        return Ok(vec![vec![Segment {
            start: Seconds(*start),
            samples,
        }]]);
    }
    let piece = |column: usize, start: f64, range: &Range<usize>| {
        Ok(Segment {
            start: Seconds(start),
            samples: samples.every(range.start * columns + column, columns, range.len())?,
        })
    };
    (0..columns)
        .map(|column| {
            pieces
                .iter()
                .map(|(start, range)| piece(column, *start, range))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_is_cut_at_the_gaps() {
        let samples = Samples::I16((0..12).collect());
        let found = cut(samples, 3, vec![(0.0, 0..1), (5.0, 1..4)]).unwrap();
        let second: Vec<_> = found[1]
            .iter()
            .map(|segment| (segment.start.0, segment.samples.clone()))
            .collect();
        assert_eq!(
            second,
            [
                (0.0, Samples::I16(vec![1])),
                (5.0, Samples::I16(vec![4, 7, 10]))
            ]
        );
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_mapping_names_a_series_by_its_group_or_its_data() {
        let entry = |dataset: &str| ChannelMapping {
            dataset: Some(dataset.to_owned()),
            ..ChannelMapping::default()
        };
        for (dataset, is) in [
            ("/acquisition/emg", true),
            ("acquisition/emg/data", true),
            ("emg", false),
            ("/acquisition/emg/timestamps", false),
        ] {
            assert_eq!(names(&entry(dataset), "/acquisition/emg"), is, "{dataset}");
        }
    }
}
