//! HDF5: endplate's own layout, other files through a mapping, and files that mean harm.

// A test fails by a panic, also where it does so in a function beside it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod documented;
mod harm;
mod mapped;
mod own;

use endplate::error::ErrorCode;
use endplate::finding::{Finding, FindingCode};
use endplate::formats::{Mapping, open, write};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Side, Subject,
};
use endplate::units::{Celsius, Hertz, Seconds};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hdf5")
        .join(name)
}

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn oracle() -> Value {
    serde_json::from_str(&document("fixtures/oracle/hdf5.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    }
}

fn maybe(value: &Value) -> Option<f64> {
    (!value.is_null()).then(|| number(value))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn mapping(toml: &str) -> Mapping {
    Mapping::from_toml(toml).unwrap()
}

fn refused(name: &str, toml: &str) -> (ErrorCode, String) {
    let error = open(&fixture(name), &mapping(toml)).unwrap_err();
    (error.code(), error.message())
}

fn channel(samples: Vec<(f64, Samples)>) -> Channel {
    Channel {
        label: "ADM".into(),
        role: Role::Response,
        rate: Hertz(1000.0),
        segments: samples
            .into_iter()
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples,
            })
            .collect(),
        calibration: Calibration {
            gain: 1e-3,
            offset: 0.0,
            rails: Some((-32768.0, 32767.0)),
            unit: "uV".into(),
            millivolts_per_unit: Some(1e-3),
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings: Vec::new(),
    }
}

fn recording(channels: Vec<Channel>) -> Recording {
    Recording {
        channels,
        marks: Vec::new(),
        origin: Origin::default(),
        subject: Subject::default(),
        corrections: Vec::new(),
        findings: Vec::new(),
    }
}

/// Writes, reads, and forgets what only the file on the disk knows.
fn round_trip(recording: &Recording) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    write(recording, &path, "hdf5").unwrap();
    let mut read = open(&path, &Mapping::default()).unwrap();
    assert_eq!(read.origin.format, "hdf5");
    read.origin = Origin {
        started: read.origin.started,
        device: read.origin.device,
        clock: read.origin.clock,
        ..Origin::default()
    };
    read
}
