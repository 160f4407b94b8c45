//! CSV and TSV: the three layouts, what is refused and how it is said, round trips, hostile bytes, and the recordings of others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod layouts;
mod recordings;
mod refusals;
mod round_trips;

use endplate::error::ErrorCode;
use endplate::finding::{Finding, FindingCode};
use endplate::formats::{self, FORMATS, Input, Mapping};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use endplate::{Error, Result};
use std::path::{Path, PathBuf};

fn card() -> &'static formats::Format {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.id == "csv")
        .unwrap()
}

fn input(bytes: impl AsRef<[u8]>) -> Input {
    Input::from_bytes(Path::new("test.csv"), bytes.as_ref().to_vec())
}

fn read_with(text: impl AsRef<[u8]>, mapping: &str) -> Result<Recording> {
    (card().read)(&input(text), &Mapping::from_toml(mapping).unwrap())
}

fn read(text: impl AsRef<[u8]>) -> Recording {
    read_with(text, "").unwrap()
}

fn refused(text: impl AsRef<[u8]>, mapping: &str) -> Error {
    read_with(text, mapping).unwrap_err()
}

fn values(channel: &Channel) -> Vec<Vec<f64>> {
    channel
        .segments
        .iter()
        .map(|segment| channel.physical(segment, 0..usize::MAX).unwrap())
        .collect()
}

fn starts(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .map(|segment| segment.start.0)
        .collect()
}

fn marks(recording: &Recording) -> Vec<(f64, &str)> {
    recording
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.as_str()))
        .collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn through_a_file(recording: &Recording) -> Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.csv");
    formats::write(recording, &path, "csv")?;
    formats::open(&path, &Mapping::default())
}

fn without_path(recording: &Recording) -> Recording {
    let mut recording = recording.clone();
    recording.origin = Origin {
        started: recording.origin.started,
        device: recording.origin.device,
        clock: recording.origin.clock,
        ..Origin::default()
    };
    recording
}
