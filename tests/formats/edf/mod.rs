//! EDF and BDF against edfio's and pyEDFlib's values (fixtures/make/edf.py), against the specification, and against themselves.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

mod hostile;
pub mod large;
mod reading;
mod writing;

use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{self, FORMATS, Input, Mapping};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use endplate::{Error, Result};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn oracle() -> Value {
    let text = std::fs::read_to_string(fixtures().join("oracle/edf.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    fixtures().join(name)
}

fn open(name: &str) -> Recording {
    formats::open(&fixture(name), &Mapping::default()).unwrap()
}

/// Reads bytes as the format that claims them.
fn read_with(bytes: Vec<u8>, mapping: &Mapping) -> Result<Recording> {
    let input = Input::from_bytes(Path::new("in memory"), bytes);
    let format = FORMATS
        .iter()
        .find(|format| (format.claims)(&input))
        .ok_or_else(|| Error::new(ErrorCode::UnknownFormat, "unclaimed"))?;
    (format.read)(&input, mapping)
}

fn read(bytes: Vec<u8>) -> Result<Recording> {
    read_with(bytes, &Mapping::default())
}

fn write(recording: &Recording, id: &str) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written");
    formats::write(recording, &path, id)?;
    Ok(std::fs::read(path).unwrap())
}

fn has(recording: &Recording, code: FindingCode) -> bool {
    recording
        .findings
        .iter()
        .any(|finding| finding.code == code)
}

fn little_endian(channel: &Channel) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in &channel.segments {
        match segment.samples.decoded().unwrap().as_ref() {
            Samples::I16(values) => values.iter().for_each(|v| bytes.extend(v.to_le_bytes())),
            Samples::I32(values) => values.iter().for_each(|v| bytes.extend(v.to_le_bytes())),
            other => panic!("{}", other.kind()),
        }
    }
    bytes
}

/// All samples of a channel, in mV for a voltage.
fn physical(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .flat_map(|segment| channel.physical(segment, 0..segment.samples.len()).unwrap())
        .collect()
}
