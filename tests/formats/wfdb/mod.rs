//! WFDB against wfdb-python's values (fixtures/make/wfdb.py) and against the specification.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

mod folders;
mod hostile;
mod reading;

use endplate::error::ErrorCode;
use endplate::finding::FindingCode;
use endplate::formats::{self, Mapping};
use endplate::recording::{Channel, Recording, Role, Samples, Side};
use endplate::units::Hertz;
use endplate::{Error, Result};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// How the oracle writes a sample that is missing.
const MISSING: i32 = i32::MIN;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn oracle() -> Value {
    let text = std::fs::read_to_string(fixtures().join("oracle/wfdb.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn open(name: &str) -> Recording {
    formats::open(&fixtures().join("wfdb").join(name), &Mapping::default()).unwrap()
}

/// A folder with these files, of which the first is opened.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            folder.put(name, bytes);
        }
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn open_with(&self, name: &str, mapping: &str) -> Result<Recording> {
        let mapping = Mapping::from_toml(mapping).unwrap();
        formats::open(&self.0.path().join(name), &mapping)
    }

    fn open(&self, name: &str) -> Result<Recording> {
        self.open_with(name, "")
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("wfdb").join(name)).unwrap()
}

fn codes(recording: &Recording) -> Vec<FindingCode> {
    let own = recording.findings.iter();
    own.chain(recording.channels.iter().flat_map(|c| &c.findings))
        .map(|finding| finding.code)
        .collect()
}

/// The stored numbers on the clock of the channel, with [`MISSING`] where there are none.
fn on_the_clock(channel: &Channel, length: usize) -> Vec<i32> {
    let mut all = vec![MISSING; length];
    for segment in &channel.segments {
        let start = (segment.start.0 * channel.rate.0).round() as usize;
        let stored: Vec<i32> = match &segment.samples {
            Samples::I16(values) => values.iter().map(|&v| v.into()).collect(),
            Samples::I32(values) => values.clone(),
            other => panic!("{}", other.kind()),
        };
        all[start..start + stored.len()].copy_from_slice(&stored);
    }
    all
}
