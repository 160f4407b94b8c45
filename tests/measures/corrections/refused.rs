//! A correction is followed or refused, never passed over.

use super::{WHO, analyzed, recording};
use endplate::error::ErrorCode;
use endplate::sidecar::{self, Reading};
use endplate::study::Settings;

#[track_caller]
fn refused(toml: &str, parts: &[&str]) {
    let error = analyzed(&recording(), toml, &Settings::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadMapping, "{error}");
    let text = error.to_string();
    assert!(text.contains("p07.endplate.toml"), "{text}");
    for part in parts {
        assert!(text.contains(part), "\"{part}\" is missing in: {text}");
    }
}

fn one(lines: &str) -> String {
    format!("{WHO}channel = 'ADM'\n{lines}\n")
}

#[test]
fn who_when_and_why_must_be_stated() {
    let exclude = "channel = 'ADM'\ntrain = 1\nexclude = true\n";
    let without = |line: &str| format!("{}{exclude}", WHO.replace(line, ""));
    refused(
        &without("by = 'AB'\n"),
        &["corrections, number 1", "by is not stated"],
    );
    refused(
        &without("date = 2026-11-20\n"),
        &["date is not stated", "2026-11-20"],
    );
    refused(
        &without("reason = 'seen on the screen'\n"),
        &["reason is not stated"],
    );
    let empty = WHO.replace("seen on the screen", " ");
    refused(&format!("{empty}{exclude}"), &["reason is empty"]);
    let date = WHO.replace("2026-11-20", "'yesterday'");
    refused(&format!("{date}{exclude}"), &["\"yesterday\"", "no date"]);
}

#[test]
fn what_does_not_exist_is_told_with_what_does() {
    refused(
        &format!("{WHO}channel = 'APB'\ntrain = 1\nexclude = true"),
        &["\"APB\"", "1 \"ADM\", 2 \"nasalis\""],
    );
    refused(
        &format!("{WHO}channel = 3\ntrain = 1\nexclude = true"),
        &["no channel 3", "\"nasalis\""],
    );
    refused(
        &format!("{WHO}train = 1\nexclude = true"),
        &["channel is not stated"],
    );
    refused(
        &one("train = 5\nexclude = true"),
        &["train 5 does not exist", "has 4", "trains.csv"],
    );
    refused(
        &one("train = 1\nresponse = 11\nexclude = true"),
        &["no response 11", "its last is 10"],
    );
    refused(&one("train = 0\nexclude = true"), &["counted from 1"]);
    refused(
        &one("stimulus_s = 0.5\nexclude = true"),
        &["no stimulus at 0.5 s", "the nearest is at"],
    );
}

#[test]
fn a_landmark_lies_in_the_sweep_and_in_its_order() {
    let at = |lines: &str| one(&format!("train = 1\nresponse = 1\n{lines}"));
    refused(
        &at("onset_ms = 900"),
        &[
            "corrections, number 1",
            "onset_ms is 900",
            "sweep of this response ends at",
        ],
    );
    refused(&at("onset_ms = -1"), &["onset_ms is -1"]);
    refused(
        &at("return_ms = 3\nend_ms = 2.5"),
        &["end_ms (2.5) does not come after return_ms (3)"],
    );
    // Against what the program placed.
    refused(
        &at("onset_ms = 15"),
        &["negative_peak at", "would not come after onset at 15"],
    );
    refused(&at("negative_peak_ms = 14"), &["negative peak"]);
}

#[test]
fn a_landmark_does_not_lie_in_the_artefact() {
    let study = analyzed(&recording(), "", &Settings::default()).unwrap();
    let end = study.channels[0].sweeps[0].artefact_end.0;
    assert!(end > 0.0, "{end}");
    let inside = end / 2.0;
    refused(
        &one(&format!("train = 1\nresponse = 1\nonset_ms = {inside:.4}")),
        &[
            "corrections, number 1",
            "onset_ms is ",
            &format!("the artefact of this response ends at {end:.3} ms"),
        ],
    );
}

#[test]
fn a_correction_says_one_thing_about_the_right_thing() {
    refused(&one("train = 1\nresponse = 1"), &["nothing is corrected"]);
    refused(
        &one("train = 1\nresponse = 1\nonset_ms = 3\nexclude = true"),
        &["several things"],
    );
    refused(&one("train = 1\nonset_ms = 3"), &["not in which response"]);
    refused(&one("exclude = true"), &["not of which train", "role"]);
    refused(&one("train = 1\nmuscle = 'APB'"), &["whole channel"]);
    refused(&one("at_rest = true"), &["belong to a train"]);
    refused(
        &one("train = 1\nexercise_s = 10"),
        &["without after_exercise_s"],
    );
    refused(&one("train = 1\nexclude = false"), &["exclude = false"]);
    refused(&one("response = 1\nexclude = true"), &["without train"]);
    refused(
        &one("train = 1\nresponse = 1\nstimulus_s = 1.0\nexclude = true"),
        &["both stated"],
    );
    refused(&one("muscle = ' '"), &["muscle is empty"]);
}

#[test]
fn two_corrections_of_one_thing_contradict() {
    let place = "train = 1\nresponse = 1\nonset_ms = 3.0\n";
    let two = |a: &str, b: &str| format!("{}{}", one(a), one(b));
    refused(
        &two(place, place),
        &[
            "corrections, number 2",
            "onset of response 1",
            "correction 1",
            "keep one",
        ],
    );
    let exclude = "train = 1\nresponse = 1\nexclude = true\n";
    refused(
        &two(place, exclude),
        &["number 2", "response 1 is excluded", "correction 1"],
    );
    refused(&two(exclude, place), &["number 2", "excluded"]);
    let train = "train = 1\nexclude = true\n";
    refused(&two(train, train), &["train 1 is excluded"]);
    refused(
        &two(train, "train = 1\nat_rest = true\n"),
        &["when of train 1", "train 1 is excluded"],
    );
    refused(
        &two("muscle = 'APB'\n", "muscle = 'FDI'\n"),
        &["muscle of the channel"],
    );
    // The same response by its number and by its time.
    let study = analyzed(&recording(), "", &Settings::default()).unwrap();
    let time = study.channels[0].sweeps[0].stimulus.time.0;
    refused(
        &two(place, &format!("stimulus_s = {time:.4}\nexclude = true\n")),
        &["response 1 is excluded"],
    );
    // Different landmarks of one response go together.
    let both = two(place, "train = 1\nresponse = 1\nend_ms = 20\n");
    assert_eq!(
        analyzed(&recording(), &both, &Settings::default())
            .unwrap()
            .corrections
            .len(),
        2
    );
}

#[test]
fn corrections_belong_to_one_recording() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("monday");
    std::fs::create_dir(&place).unwrap();
    let path = place.join("p07.h5");
    endplate::formats::write(&recording(), &path, "hdf5").unwrap();
    let toml = one("train = 1\nexclude = true");
    let beside = folder.path().join("monday.endplate.toml");
    std::fs::write(&beside, &toml).unwrap();
    let error = sidecar::open(&path, &Reading::default()).unwrap_err();
    assert_eq!(error.path(), Some(beside.as_path()));
    assert!(
        error.to_string().contains("p07.h5.endplate.toml"),
        "{error}"
    );
    std::fs::remove_file(&beside).unwrap();
    let reading = Reading {
        mapping: endplate::formats::Mapping::from_toml(&toml).unwrap(),
        identified: false,
    };
    let error = sidecar::open(&path, &reading).unwrap_err();
    assert!(error.to_string().contains("several recordings"), "{error}");
}

#[test]
fn an_unknown_field_of_a_correction_is_an_error_that_names_it() {
    refused(
        &one("train = 1\nresponse = 1\npeak_ms = 3"),
        &["`peak_ms`", "negative_peak_ms"],
    );
}
