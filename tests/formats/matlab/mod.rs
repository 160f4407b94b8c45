//! MAT-files: versions 4, 5 and 7.3 against scipy and h5py, exports of laboratory programs, and files that mean harm.

// A test fails by a panic, also where it does so in a function beside it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod exports;
mod harm;
mod mapped;
mod real;
mod values;

use endplate::error::ErrorCode;
use endplate::formats::{Mapping, open};
use endplate::recording::Recording;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/matlab")
        .join(name)
}

fn oracle() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/matlab.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Numbers of the oracle; what JSON cannot write stands there as text.
fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| match number {
            Value::String(text) => text.parse().unwrap(),
            number => number.as_f64().unwrap(),
        })
        .collect()
}

fn mapping(toml: &str) -> Mapping {
    Mapping::from_toml(toml).unwrap()
}

fn read(name: &str, toml: &str) -> Recording {
    open(&fixture(name), &mapping(toml)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(name: &str, toml: &str) -> (ErrorCode, String) {
    let error = open(&fixture(name), &mapping(toml)).unwrap_err();
    (error.code(), error.message())
}

/// Equal bits, but any two NaN are equal.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The samples of a channel, one after the other.
fn stored(recording: &Recording, channel: usize) -> Vec<f64> {
    recording.channels[channel]
        .segments
        .iter()
        .flat_map(|segment| segment.samples.widen(0..segment.samples.len()).unwrap())
        .collect()
}
