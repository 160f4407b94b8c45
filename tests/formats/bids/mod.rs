//! BIDS trees, and the same sidecars beside any other recording (fixtures/make/bids.py; `docs/formats/bids.md`).

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // a test fails by panicking

mod refused;
mod said;

use endplate::finding::FindingCode;
use endplate::recording::{Recording, Role, Side};
use endplate::sidecar::{self, Reading};
use endplate::study::{self, Settings, Study};
use endplate::{Error, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bids")
}

const FIRST: &str = "tree/sub-01/emg/sub-01_task-rns_run-1_emg.edf";
const SECOND: &str = "tree/sub-02/emg/sub-02_task-rns_emg.bdf";

fn fixture(name: &str) -> Recording {
    sidecar::open(&fixtures().join(name), &Reading::default()).unwrap()
}

fn analyzed(name: &str) -> Study {
    study::analyze(&fixture(name), &Settings::default()).unwrap()
}

/// A folder of its own with copies of fixtures and texts.
struct Folder(tempfile::TempDir);

impl Folder {
    /// The annotated recording, or the bare one, under a name.
    fn with(recording: &str, name: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put(name, &std::fs::read(fixtures().join(recording)).unwrap());
        folder
    }

    fn put(&self, name: &str, bytes: &[u8]) -> &Self {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    fn open(&self, name: &str) -> Result<Recording> {
        sidecar::open(&self.0.path().join(name), &Reading::default())
    }

    fn error(&self, name: &str) -> Error {
        self.open(name).unwrap_err()
    }
}

fn details(recording: &Recording, code: FindingCode) -> Vec<&str> {
    recording
        .findings
        .iter()
        .filter(|finding| finding.code == code)
        .map(|finding| finding.detail.as_str())
        .collect()
}

fn beside(recording: &Recording) -> Vec<&str> {
    recording
        .origin
        .beside
        .iter()
        .map(|beside| beside.path.as_str())
        .collect()
}

/// The decrement of each train of the first channel, to the last bit.
fn decrements(study: &Study) -> Vec<(f64, f64, f64)> {
    let trains = &study.channels[0].trains;
    let found: Vec<_> = trains
        .iter()
        .filter_map(|train| {
            let change = train.change("amplitude", "decrement_1_4")?;
            let change = change.value.as_ref().ok()?;
            Some((change.value.0, change.low.0, change.high.0))
        })
        .collect();
    assert_eq!(found.len(), 1, "one train of four responses");
    found
}

#[test]
fn a_tree_gives_the_decrement_of_the_annotated_original() {
    let original = analyzed("annotated.edf");
    let expected = decrements(&original);
    assert!(expected[0].0 > 5.0, "{expected:?}");
    for name in [FIRST, SECOND, "mne/sub-07/emg/sub-07_task-rns_emg.edf"] {
        let study = analyzed(name);
        assert_eq!(study.stimuli.len(), 4, "{name}");
        let found = decrements(&study);
        assert!(
            (found[0].0 - expected[0].0).abs() < 1e-6,
            "{name}: {found:?}"
        );
    }
    let study = analyzed(FIRST);
    assert_eq!(decrements(&study), expected);
    assert_eq!(study.stimuli, original.stimuli);
}

#[test]
fn a_text_file_with_sidecars_gives_the_decrement_of_the_annotated_original() {
    let study = analyzed("beside/rns.csv");
    let (found, expected) = (decrements(&study), decrements(&analyzed("annotated.edf")));
    assert!(
        (found[0].0 - expected[0].0).abs() < 1e-6,
        "{found:?} {expected:?}"
    );
    assert_eq!(study.channels[0].muscle.as_deref(), Some("ADM"));
    let recording = fixture("beside/rns.csv");
    assert_eq!(
        beside(&recording),
        ["rns_events.tsv", "rns_channels.tsv", "rns_emg.json"]
    );
    assert_eq!(
        details(&recording, FindingCode::StatedBeside),
        ["the rate, 5000 Hz, from rns_emg.json; the unit of \"emg1\", uV from rns_channels.tsv"]
    );
}

#[test]
fn the_recordings_are_as_mne_bids_reads_them() {
    let text = std::fs::read_to_string(fixtures().join("../oracle/bids.json")).unwrap();
    let oracle: Value = serde_json::from_str(&text).unwrap();
    let recordings = oracle["recordings"].as_object().unwrap();
    assert_eq!(recordings.len(), 3);
    for (name, expected) in recordings {
        let found = fixture(name);
        let texts =
            |key: &str| -> Vec<String> { serde_json::from_value(expected[key].clone()).unwrap() };
        let labels: Vec<_> = found
            .channels
            .iter()
            .map(|channel| &channel.label)
            .collect();
        assert_eq!(labels, texts("channels").iter().collect::<Vec<_>>());
        let bad = texts("bad");
        for channel in &found.channels {
            let measured = channel.role == Role::Response;
            assert_eq!(
                measured,
                !bad.contains(&channel.label),
                "{name} {}",
                channel.label
            );
            assert_eq!(Some(channel.rate.0), expected["rate_hz"].as_f64());
        }
        let marks = expected["marks"].as_array().unwrap();
        assert_eq!(found.marks.len(), marks.len(), "{name}");
        for (mark, expected) in found.marks.iter().zip(marks) {
            let time = expected[0].as_f64().unwrap();
            // mne puts annotations of EDF on samples: half of one, 0.1 ms.
            assert!(
                (mark.time.0 - time).abs() <= 0.0001 + 1e-9,
                "{name} {mark:?} {time}"
            );
            assert_eq!(mark.text, expected[1].as_str().unwrap());
        }
    }
}

#[test]
fn what_stands_higher_in_the_tree_applies_and_the_nearest_goes_first() {
    let first = fixture(FIRST);
    assert_eq!(
        beside(&first),
        [
            "sub-01_task-rns_run-1_events.tsv",
            "../../task-rns_channels.tsv",
            "../../participants.tsv",
            "../../task-rns_emg.json",
        ]
    );
    let channel = &first.channels[0];
    assert_eq!(channel.muscle.as_deref(), Some("ADM"));
    assert_eq!(channel.side, Some(Side::Left));
    assert_eq!(first.origin.device.as_deref(), Some("endplate simulate"));
    assert_eq!(
        channel.prefilter.as_deref(),
        Some("High pass (CutoffFrequency (Hz) 2), Low pass (CutoffFrequency (Hz) 2000)")
    );
    assert_eq!(first.subject.code.as_deref(), Some("sub-01"));
    assert_eq!(first.subject.age_years, Some(54.0));
    assert_eq!(first.subject.sex.as_deref(), Some("female"));
    let second = fixture(SECOND);
    assert_eq!(second.channels[0].side, Some(Side::Right));
    assert_eq!(
        second.origin.device.as_deref(),
        Some("endplate simulate, 24 bits")
    );
    assert_eq!(second.subject.age_years, None);
    assert_eq!(
        beside(&second),
        [
            "sub-02_task-rns_events.tsv",
            "sub-02_task-rns_channels.tsv",
            "../../participants.tsv",
            "sub-02_task-rns_emg.json",
            "../../task-rns_emg.json",
        ]
    );
}

#[test]
fn the_hash_of_a_sidecar_is_that_of_its_bytes() {
    use sha2::{Digest, Sha256};
    let recording = fixture("beside/rns.csv");
    let bytes = std::fs::read(fixtures().join("beside/rns_events.tsv")).unwrap();
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(recording.origin.beside[0].sha256, digest);
}

#[test]
fn without_a_dataset_description_only_what_stands_beside_the_recording_counts() {
    let folder = Folder::with(FIRST, "sub-01/emg/sub-01_task-rns_emg.edf");
    folder
        .put("task-rns_channels.tsv", b"name\ttarget_muscle\nemg1\tAPB\n")
        .put("participants.tsv", b"participant_id\tage\nsub-01\t40\n")
        .put(
            "sub-01/emg/task-rns_events.tsv",
            b"onset\tduration\ttrial_type\n0.1\t0\tstimulus\n",
        );
    let name = "sub-01/emg/sub-01_task-rns_emg.edf";
    let alone = folder.open(name).unwrap();
    assert_eq!(beside(&alone), ["task-rns_events.tsv"]);
    assert_eq!(alone.subject.age_years, None);
    folder.put("dataset_description.json", b"{}");
    let in_tree = folder.open(name).unwrap();
    assert_eq!(in_tree.channels[0].muscle.as_deref(), Some("APB"));
    assert_eq!(in_tree.subject.age_years, Some(40.0));
}

#[test]
fn no_sidecar_changes_nothing() {
    let folder = Folder::with("annotated.edf", "a.edf");
    let found = folder.open("a.edf").unwrap();
    assert!(found.origin.beside.is_empty());
    let path = folder.0.path().join("a.edf");
    let alone = endplate::formats::open(&path, &endplate::formats::Mapping::default()).unwrap();
    assert_eq!(found, alone);
}

#[test]
fn a_folder_run_takes_the_recordings_of_a_tree_and_nothing_else() {
    let walk = endplate::batch::walk(&[fixtures()], Path::new("nowhere")).unwrap();
    let names: Vec<_> = walk.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "annotated.edf",
            "beside/rns.csv",
            "mne/sub-07/emg/sub-07_task-rns_emg.edf",
            FIRST,
            SECOND,
        ]
    );
}
