//! Writes endplate's own layout. The same recording gives the same bytes: no times of creation, a fixed version of the file format.

use super::guard::prepare;
use super::layout::{ALL_CHANNELS, MARKER, VERSION};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::Finding;
use crate::recording::{Channel, Mark, Recording, Samples, Side};
use ::hdf5::file::{FileCloseDegree, LibraryVersion};
use ::hdf5::types::VarLenUnicode;
use ::hdf5::{File, Group, H5Type, Location};
use std::path::Path;
use std::str::FromStr;

/// From so many values on a dataset is chunked and compressed; below, chunks cost more than they save. Heuristic.
const CHUNKED_FROM: usize = 16_384;

/// Values per chunk: 3 s at 20 kHz, well below the library's chunk cache of 1 MiB. Heuristic.
const CHUNK: usize = 65_536;

/// Level of gzip: beyond 4 the time grows faster than the file shrinks. Heuristic.
const GZIP_LEVEL: u8 = 4;

/// Writes the file.
pub(super) fn write(recording: &Recording, path: &Path) -> Result<()> {
    prepare();
    let file = File::with_options()
        .with_fapl(|access| {
            access
                .fclose_degree(FileCloseDegree::Strong)
                .file_locking(false)
                // The format of HDF5 1.8 is the oldest whose headers carry checksums; every h5py reads it.
                .libver_bounds(LibraryVersion::V18, LibraryVersion::V18)
        })
        .with_fcpl(|create| create.obj_track_times(false))
        .create(path)
        .map_err(failed)?;
    let root = file.group("/").map_err(failed)?;
    number(&root, MARKER, VERSION)?;
    text(&root, "clock", recording.origin.clock.as_str())?;
    optional_text(&root, "started", recording.origin.started.as_deref())?;
    optional_text(&root, "device", recording.origin.device.as_deref())?;
    let channels = group(&root, "channels")?;
    for (index, channel) in recording.channels.iter().enumerate() {
        let group = group(&channels, &index.to_string())?;
        write_channel(&group, channel)
            .map_err(|error| error.at(format!("channel {index} \"{}\"", channel.label)))?;
    }
    write_marks(&root, &recording.marks)?;
    let subject = &recording.subject;
    let known = group(&root, "subject")?;
    optional_text(&known, "code", subject.code.as_deref())?;
    optional_number(&known, "age_years", subject.age_years)?;
    optional_text(&known, "sex", subject.sex.as_deref())?;
    optional_number(
        &known,
        "skin_temperature_c",
        subject.skin_temperature.map(|temperature| temperature.0),
    )?;
    write_findings(&root, &recording.findings)?;
    file.close().map_err(failed)
}

fn write_channel(group: &Group, channel: &Channel) -> Result<()> {
    text(group, "label", &channel.label)?;
    number(group, "rate_hz", channel.rate.0)?;
    text(group, "role", channel.role.as_str())?;
    let calibration = &channel.calibration;
    match calibration.millivolts_per_unit {
        Some(millivolts) => {
            number(group, "gain_mv", calibration.gain)?;
            number(group, "offset_mv", calibration.offset)?;
            number(group, "millivolts_per_unit", millivolts)?;
        }
        None => {
            number(group, "gain", calibration.gain)?;
            number(group, "offset", calibration.offset)?;
        }
    }
    text(group, "unit", &calibration.unit)?;
    if let Some((low, high)) = calibration.rails {
        group
            .new_attr_builder()
            .with_data(&[low, high])
            .create("rails")
            .map_err(failed)?;
    }
    optional_text(group, "muscle", channel.muscle.as_deref())?;
    optional_text(group, "nerve", channel.nerve.as_deref())?;
    optional_text(group, "side", channel.side.map(Side::as_str))?;
    optional_text(group, "prefilter", channel.prefilter.as_deref())?;
    optional_text(group, "transducer", channel.transducer.as_deref())?;
    write_samples(group, channel)?;
    let starts: Vec<f64> = channel
        .segments
        .iter()
        .map(|segment| segment.start.0)
        .collect();
    let lengths: Vec<u64> = channel
        .segments
        .iter()
        .map(|segment| segment.samples.len() as u64)
        .collect();
    dataset(group, "segment_starts_s", &starts)?;
    dataset(group, "segment_lengths", &lengths)?;
    write_findings(group, &channel.findings)
}

/// All segments one after the other in one dataset, in the type in which they are stored.
fn write_samples(group: &Group, channel: &Channel) -> Result<()> {
    macro_rules! joined {
        ($kind:path, $number:ty) => {{
            let mut all: Vec<$number> = Vec::with_capacity(channel.sample_count());
            for (index, segment) in channel.segments.iter().enumerate() {
                match segment.samples.decoded()?.as_ref() {
                    $kind(values) => all.extend_from_slice(values),
                    other => {
                        return Err(Error::new(
                            ErrorCode::WouldLose,
                            format!(
                                "segment {index} is stored as {}, the first one as {}",
                                other.kind(),
                                stringify!($number)
                            ),
                        )
                        .advice("the layout keeps one type for a channel; split the channel"));
                    }
                }
            }
            dataset(group, "samples", &all)
        }};
    }
    let first = channel.segments.first().map(|segment| &segment.samples);
    match first.map_or("i16", Samples::kind) {
        "i16" => joined!(Samples::I16, i16),
        "i32" => joined!(Samples::I32, i32),
        "f32" => joined!(Samples::F32, f32),
        _ => joined!(Samples::F64, f64),
    }
}

fn write_marks(root: &Group, marks: &[Mark]) -> Result<()> {
    let group = group(root, "marks")?;
    let times: Vec<f64> = marks.iter().map(|mark| mark.time.0).collect();
    dataset(&group, "times_s", &times)?;
    text_dataset(&group, "texts", marks.iter().map(|mark| mark.text.as_str()))?;
    if marks.iter().any(|mark| mark.duration.is_some()) {
        let durations: Vec<f64> = marks
            .iter()
            .map(|mark| mark.duration.map_or(f64::NAN, |duration| duration.0))
            .collect();
        dataset(&group, "durations_s", &durations)?;
    }
    if marks.iter().any(|mark| mark.channel.is_some()) {
        let channels = marks
            .iter()
            .map(|mark| match mark.channel {
                None => Ok(ALL_CHANNELS),
                Some(channel) => i64::try_from(channel),
            })
            .collect::<std::result::Result<Vec<i64>, _>>()
            .map_err(|_| Error::new(ErrorCode::WouldLose, "a channel number beyond 2^63"))?;
        dataset(&group, "channels", &channels)?;
    }
    Ok(())
}

fn write_findings(parent: &Group, findings: &[Finding]) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let group = group(parent, "findings")?;
    text_dataset(
        &group,
        "codes",
        findings.iter().map(|finding| finding.code.as_str()),
    )?;
    text_dataset(
        &group,
        "details",
        findings.iter().map(|finding| finding.detail.as_str()),
    )
}

fn group(parent: &Group, name: &str) -> Result<Group> {
    parent
        .create_group_builder()
        .obj_track_times(false)
        .create(name)
        .map_err(failed)
}

fn dataset<T: H5Type>(group: &Group, name: &str, values: &[T]) -> Result<()> {
    let builder = group
        .new_dataset_builder()
        .with_data(values)
        .obj_track_times(false);
    let builder = if values.len() < CHUNKED_FROM {
        builder.no_chunk()
    } else {
        builder
            .chunk(CHUNK.min(values.len()))
            .shuffle()
            .deflate(GZIP_LEVEL)
    };
    builder.create(name).map(drop).map_err(failed)
}

fn text_dataset<'a>(group: &Group, name: &str, texts: impl Iterator<Item = &'a str>) -> Result<()> {
    let stored: Vec<VarLenUnicode> = texts.map(stored_text).collect::<Result<_>>()?;
    group
        .new_dataset_builder()
        .with_data(&stored)
        .obj_track_times(false)
        .no_chunk()
        .create(name)
        .map(drop)
        .map_err(failed)
}

fn number<T: H5Type>(object: &Location, name: &str, value: T) -> Result<()> {
    object
        .new_attr::<T>()
        .create(name)
        .and_then(|attribute| attribute.write_scalar(&value))
        .map_err(failed)
}

fn optional_number(object: &Location, name: &str, value: Option<f64>) -> Result<()> {
    value.map_or(Ok(()), |value| number(object, name, value))
}

fn text(object: &Location, name: &str, value: &str) -> Result<()> {
    number(object, name, stored_text(value)?)
}

fn optional_text(object: &Location, name: &str, value: Option<&str>) -> Result<()> {
    value.map_or(Ok(()), |value| text(object, name, value))
}

fn stored_text(text: &str) -> Result<VarLenUnicode> {
    VarLenUnicode::from_str(text).map_err(|_| {
        Error::new(
            ErrorCode::WouldLose,
            format!("the text {text:?} holds a character of number 0, at which HDF5 ends a text"),
        )
    })
}

fn failed(cause: ::hdf5::Error) -> Error {
    Error::new(
        ErrorCode::Output,
        format!("the HDF5 library could not write it: {cause}"),
    )
    .advice("check that the folder can be written and the disk is not full")
}
