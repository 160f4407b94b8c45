//! DICOM waveforms against pydicom's values (fixtures/make/dicom.py) and against the standard.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

mod hostile;
mod reading;
mod sweeps;

use endplate::Result;
use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{self, Mapping};
use endplate::recording::{Channel, Clock, Recording, Role, Side};
use endplate::sidecar::{self, Reading};
use endplate::study;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn oracle() -> Value {
    let text = std::fs::read_to_string(fixtures().join("oracle/dicom.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn open_with(name: &str, mapping: &str) -> Result<Recording> {
    let mapping = Mapping::from_toml(mapping).unwrap();
    formats::open(&fixtures().join("dicom").join(name), &mapping)
}

fn open(name: &str) -> Recording {
    open_with(name, "").unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("dicom").join(name)).unwrap()
}

fn open_bytes(bytes: &[u8]) -> Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dat");
    std::fs::write(&path, bytes).unwrap();
    formats::open(&path, &Mapping::default())
}

fn codes(recording: &Recording) -> Vec<FindingCode> {
    let own = recording.findings.iter();
    own.chain(recording.channels.iter().flat_map(|c| &c.findings))
        .map(|finding| finding.code)
        .collect()
}

/// Stored and physical numbers of a channel, one after the other, the physical ones in the unit of the file.
fn numbers(channel: &Channel) -> (Vec<f64>, Vec<f64>) {
    let scale = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
    let mut both = (Vec::new(), Vec::new());
    for segment in &channel.segments {
        let all = 0..segment.samples.len();
        both.0.extend(segment.samples.widen(all.clone()).unwrap());
        both.1.extend(
            channel
                .physical(segment, all)
                .unwrap()
                .iter()
                .map(|v| v / scale),
        );
    }
    both
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()))
}
