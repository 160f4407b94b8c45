//! NWB 2 against pynwb: every stored number, every time, every mark; what is withheld; files that mean harm.

// A test fails by a panic, also where it does so in a function beside it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod harm;
mod marks;
mod signals;

use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{Mapping, open};
use endplate::recording::{Channel, Recording};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn fixture(name: &str) -> PathBuf {
    root("nwb").join(name)
}

fn oracle(name: &str) -> Value {
    let text = std::fs::read_to_string(root("oracle/nwb.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    all["files"][name].clone()
}

/// Numbers of the oracle; those that are no integers stand there as text, which is read to the last bit.
fn numbers(value: &Value) -> Vec<f64> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_f64().unwrap(),
    };
    value.as_array().unwrap().iter().map(number).collect()
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

fn codes(recording: &Recording) -> Vec<FindingCode> {
    recording
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn labeled<'a>(recording: &'a Recording, label: &str) -> &'a Channel {
    let found = recording
        .channels
        .iter()
        .find(|channel| channel.label == label);
    found.unwrap_or_else(|| panic!("no channel {label}"))
}

fn stored(channel: &Channel) -> Vec<f64> {
    channel
        .segments
        .iter()
        .flat_map(|segment| segment.samples.widen(0..segment.samples.len()).unwrap())
        .collect()
}
