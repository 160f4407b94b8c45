//! What a reader changes by hand: refused where it does not fit, applied along the one path, told in every output, and the numbers before kept.

mod landmarks;
mod outputs;
mod refused;
mod trains;

use endplate::formats;
use endplate::recording::Recording;
use endplate::report::to_json;
use endplate::sidecar::{self, Reading};
use endplate::study::{self, Settings, Study};
use endplate::synth::{Plan, Profile, simulate};
use serde_json::Value;

/// Who, when and why.
pub const WHO: &str =
    "[[corrections]]\nby = 'AB'\ndate = 2026-11-20\nreason = 'seen on the screen'\n";

/// A myasthenic muscle: rest, exercise, rest, in two channels.
pub fn recording() -> Recording {
    let plan = Plan {
        profile: Profile::Mg,
        protocol: "3Hz*10,wait:60s,3Hz*10,exercise:30s,after:2s,3Hz*10,after:60s,3Hz*10"
            .parse()
            .unwrap(),
        muscles: vec!["ADM".to_owned(), "nasalis".to_owned()],
        ..Plan::default()
    };
    simulate(&plan).recording
}

/// The recording as a file with statements beside it, opened as every command opens it.
pub fn opened(recording: &Recording, toml: &str) -> endplate::Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p07.h5");
    formats::write(recording, &path, "hdf5").unwrap();
    std::fs::write(folder.path().join("p07.endplate.toml"), toml).unwrap();
    let mut opened = sidecar::open(&path, &Reading::default())?;
    // Not where the file lies today, nor what it says today.
    opened.origin = recording.origin.clone();
    Ok(opened)
}

pub fn analyzed(recording: &Recording, toml: &str, settings: &Settings) -> endplate::Result<Study> {
    study::analyze(&opened(recording, toml)?, settings)
}

pub fn corrected(toml: &str) -> Study {
    analyzed(&recording(), toml, &Settings::default()).unwrap()
}

pub fn json(study: &Study) -> Value {
    serde_json::from_slice(&to_json(study, "p07.h5").unwrap()).unwrap()
}

/// The value of a change of a train, or the code of its reason.
pub fn change(study: &Study, train: usize, convention: &str) -> Result<f64, String> {
    let train = &study.channels[0].trains[train - 1];
    let change = train.change("amplitude", convention).unwrap();
    match &change.value {
        Ok(estimate) => Ok(estimate.value.0),
        Err(why) => Err(why.told()),
    }
}
