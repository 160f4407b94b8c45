//! The whole study of each recording in `fixtures/recordings`, in brief and rounded: what a change of the numbers must show.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test measures golden`, and say in the changelog what changed and by how much.

use endplate::sidecar::{Reading, open};
use endplate::study::{ChannelStudy, Settings, Study, analyze};
use endplate::train::{ChangeEstimate, Train, Trust};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Four significant digits: more than a change of 0.1 % of an amplitude, less than the rounding of other processors.
fn brief(value: f64) -> Value {
    let text = format!("{value:.3e}");
    json!(text.parse::<f64>().unwrap())
}

fn change<E>(value: &Result<ChangeEstimate, E>) -> Value {
    match value {
        Ok(change) => json!([
            brief(change.value.0),
            brief(change.low.0),
            brief(change.high.0)
        ]),
        Err(_) => Value::Null,
    }
}

fn train(channel: &ChannelStudy, train: &Train) -> Value {
    let first = train
        .first()
        .and_then(|first| channel.cmaps[first.index].get("amplitude")?.clone().ok());
    let of = |convention| {
        train
            .change("amplitude", convention)
            .map_or(Value::Null, |found| change(&found.value))
    };
    let codes: Vec<_> = train
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    json!({
        "kind": train.kind,
        "rate_hz": train.rate.as_ref().map_or(Value::Null, |rate| brief(rate.0)),
        "stimuli": train.responses.len(),
        "first_mv": first.map_or(Value::Null, |e| json!([brief(e.value), brief(e.low), brief(e.high)])),
        "decrement_1_4": of("decrement_1_4"),
        "increment_highest": of("increment_highest"),
        "shape": train.shape.as_ref().map_or(Value::Null, |shape| json!(shape.as_str())),
        "believed": train.trust == Trust::Believed,
        "findings": codes.join(" "),
    })
}

fn story(study: &Study) -> Value {
    let channels: Vec<Value> = study
        .channels
        .iter()
        .map(|channel| {
            let comparisons: Vec<Value> = channel
                .series
                .iter()
                .flat_map(|series| &series.comparisons)
                .filter(|comparison| comparison.measure == "amplitude")
                .map(|comparison| json!([comparison.comparison, change(&comparison.value)]))
                .collect();
            let verdicts: Vec<String> = channel
                .verdicts
                .iter()
                .map(|verdict| format!("{} {}: {}", verdict.set, verdict.rule, verdict.outcome.as_str()))
                .collect();
            json!({
                "label": channel.label,
                "trains": channel.trains.iter().map(|found| train(channel, found)).collect::<Vec<_>>(),
                "comparisons": comparisons,
                "verdicts": verdicts,
            })
        })
        .collect();
    json!({ "pattern": study.pattern.id, "stimuli": study.stimuli.len(), "channels": channels })
}

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            path.extension()
                .is_some_and(|e| ["edf", "h5", "csv"].contains(&e.to_str().unwrap()))
        })
        .collect()
}

#[test]
fn every_recording_gives_the_study_that_it_gave() {
    let all = recordings();
    assert!(all.len() >= 9, "{all:?}");
    for path in all {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let recording = open(&path, &Reading::default()).unwrap();
        let study = analyze(&recording, &Settings::default()).unwrap();
        let text = serde_json::to_string_pretty(&story(&study)).unwrap();
        insta::assert_snapshot!(name, text);
    }
}
