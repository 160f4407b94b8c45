//! Marks, and what is said about the subject.

use super::*;
use endplate::recording::{Meaning, Vocabulary};
use endplate::sidecar;

#[test]
fn intervals_events_and_annotations_are_marks_at_their_times() {
    let recording = read("notes.nwb", "");
    let expected = oracle("notes.nwb");
    let mut expected: Vec<(f64, Option<f64>, String)> = expected["marks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| {
            (
                mark[0].as_f64().unwrap(),
                mark[1].as_f64(),
                mark[2].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let mut found: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| {
            let duration = mark.duration.map(|duration| duration.0);
            (mark.time.0, duration, mark.text.clone())
        })
        .collect();
    let order = |a: &(f64, Option<f64>, String), b: &(f64, Option<f64>, String)| {
        a.0.total_cmp(&b.0).then(a.2.cmp(&b.2))
    };
    expected.sort_by(order);
    found.sort_by(order);
    assert_eq!(found, expected);
    assert_eq!(found.len(), 11);
}

#[test]
fn only_what_the_file_calls_a_stimulus_is_one() {
    let stimuli = |toml: &str| -> Vec<f64> {
        let vocabulary = Vocabulary::default();
        read("notes.nwb", toml)
            .marks
            .iter()
            .filter(|mark| matches!(vocabulary.meaning(&mark.text), Meaning::Stimulus { .. }))
            .map(|mark| mark.time.0)
            .collect()
    };
    // The column `stimulus_time` of the trials is not taken unasked; a table named `stimulation` is.
    assert_eq!(stimuli(""), [0.25, 1.125, 2.0, 2.5, 3.25, 3.75]);
    let mapped = "[[marks]]\ntimes = '/intervals/trials/stimulus_time'\ntext = 'stimulus'";
    assert_eq!(
        stimuli(mapped),
        [0.25, 0.6, 1.125, 1.75, 2.0, 2.5, 3.0625, 3.25, 3.75]
    );
}

#[test]
fn the_subject_is_known_by_a_code_and_nothing_else_is_copied() {
    let recording = read("notes.nwb", "");
    let subject = &recording.subject;
    assert_eq!(subject.code.as_deref(), Some("S-044"));
    assert_eq!(subject.age_years, Some(44.5));
    assert_eq!(subject.sex.as_deref(), Some("female"));
    let identity = subject.identity.clone().unwrap();
    assert_eq!(identity.birth_date.as_deref(), Some("1981-08-05"));
    assert_eq!((identity.name, identity.record_number), (None, None));
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2026-03-01T09:30:00")
    );
    assert!(codes(&recording).contains(&FindingCode::SubjectWithheld));
    let all = format!("{recording:?}");
    assert!(!all.contains("SECRET") && all.contains("1981"));
    // The door of the commands takes away who it is.
    let recording = sidecar::open(&fixture("notes.nwb"), &sidecar::Reading::default()).unwrap();
    assert!(!format!("{recording:?}").contains("1981"));
    for name in ["electrical.nwb", "types.nwb"] {
        let recording = read(name, "");
        assert!(!format!("{recording:?}").contains("SECRET"));
        assert!(!codes(&recording).contains(&FindingCode::SubjectWithheld));
    }
}
