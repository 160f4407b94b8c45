//! Sweeps without times get the trains that were stated.

use super::*;
use endplate::finding::FindingCode;
use endplate::formats::{self, Mapping};
use endplate::recording::{Clock, Mark, Recording, Role, Samples, Segment};
use endplate::series::When;
use endplate::study::{self, Settings, Study};
use endplate::units::Seconds;

/// The trains of a simulated study with exercise, cut into the sweeps that a machine without a clock would have stored: 100 ms before
/// and 150 ms after each stimulus, in their order, one second apart.
pub fn sweeps_of(name: &str) -> (Recording, Recording) {
    let whole = formats::open(&fixture(name), &Mapping::default()).unwrap();
    let times: Vec<f64> = whole
        .marks
        .iter()
        .filter(|mark| mark.text.to_lowercase().starts_with("stim"))
        .map(|mark| mark.time.0)
        .collect();
    assert!(times.len() >= 20, "{}", times.len());
    let mut cut = whole.clone();
    cut.origin.clock = Clock::OrderOnly;
    let mut leads = Vec::new();
    for channel in &mut cut.channels {
        let rate = channel.rate.0;
        let mut segments = Vec::new();
        for (number, time) in times.iter().enumerate() {
            let segment = channel.segment_at(Seconds(*time)).unwrap().clone();
            let at = ((time - segment.start.0) * rate).round() as usize;
            let (before, after) = ((0.1 * rate) as usize, (0.15 * rate) as usize);
            let range = at.saturating_sub(before)..at + after;
            leads.push(time - segment.start.0 - range.start as f64 / rate);
            let samples = match segment.samples.decoded().unwrap().as_ref() {
                Samples::I16(values) => {
                    Samples::I16(values[range.start..range.end.min(values.len())].to_vec())
                }
                other => Samples::F64(other.widen(range).unwrap()),
            };
            segments.push(Segment {
                start: Seconds(number as f64),
                samples,
            });
        }
        channel.segments = segments;
    }
    cut.channels
        .retain(|channel| channel.role == Role::Response);
    cut.marks = (0..times.len())
        .map(|number| Mark {
            time: Seconds(number as f64 + leads[number]),
            duration: None,
            text: "stimulus".into(),
            channel: None,
        })
        .collect();
    (whole, cut)
}

pub fn analyzed(recording: &Recording) -> Study {
    study::analyze(recording, &Settings::default()).unwrap()
}

/// The trains of the whole study, in the words of a file of statements.
fn stated(study: &Study) -> String {
    let mut toml = String::new();
    let mut first = 1;
    let mut exercised = 0.0;
    for train in &study.channels[0].trains {
        let last = first + train.responses.len() - 1;
        let rate = train.rate.as_ref().unwrap().0;
        toml.push_str(&format!(
            "[[trains]]\nlabel = \"{rate:.0} Hz number {first}\"\nsweeps = \"{first}-{last}\"\nrate_hz = {rate}\n"
        ));
        let entry = study.channels[0]
            .series
            .iter()
            .flat_map(|series| &series.entries)
            .find(|entry| study.channels[0].trains[entry.train].start == train.start)
            .unwrap();
        match &entry.when {
            When::Rest => toml.push_str("at_rest = true\n"),
            When::After { exercise, delay } => {
                let length = exercise.unwrap().0;
                if length != exercised {
                    toml.push_str(&format!("exercise_s = {length}\n"));
                    exercised = length;
                }
                toml.push_str(&format!("after_exercise_s = {}\n", delay.0));
            }
            When::Unknown => {}
        }
        first = last + 1;
    }
    toml
}

#[test]
fn sweeps_without_times_give_the_study_of_the_whole_recording_once_their_trains_are_stated() {
    let (whole, cut) = sweeps_of("recordings/simulated/mg-exercise.edf");
    let truth = analyzed(&whole);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sweeps.h5");
    formats::write(&cut, &path, "hdf5").unwrap();

    let without = sidecar::open(&path, &Reading::default()).unwrap();
    assert_eq!(analyzed(&without).channels[0].trains.len(), 1);

    std::fs::write(folder.path().join("sweeps.endplate.toml"), stated(&truth)).unwrap();
    let with = sidecar::open(&path, &Reading::default()).unwrap();
    assert_eq!(with.origin.clock, Clock::Stated);
    assert!(
        with.findings
            .iter()
            .any(|finding| finding.code == FindingCode::ClockStated)
    );
    let study = analyzed(&with);
    for (channel, true_channel) in study.channels.iter().zip(&truth.channels) {
        assert_eq!(channel.trains.len(), true_channel.trains.len());
        let whens = |channel: &endplate::study::ChannelStudy| -> Vec<Vec<When>> {
            channel
                .series
                .iter()
                .map(|series| series.entries.iter().map(|entry| entry.when).collect())
                .collect()
        };
        for (series, true_series) in whens(channel).iter().zip(whens(true_channel)) {
            assert_eq!(series.len(), true_series.len());
            for (when, true_when) in series.iter().zip(&true_series) {
                match (when, true_when) {
                    (When::After { delay, .. }, When::After { delay: other, .. }) => {
                        assert!((delay.0 - other.0).abs() < 1e-4, "{delay:?} {other:?}");
                    }
                    (when, other) => assert_eq!(when, other),
                }
            }
        }
        for (train, true_train) in channel.trains.iter().zip(&true_channel.trains) {
            let rate = train.rate.as_ref().unwrap().0;
            let true_rate = true_train.rate.as_ref().unwrap().0;
            assert!((rate / true_rate - 1.0).abs() < 1e-4, "{rate} {true_rate}");
            for (change, other) in train.changes.iter().zip(&true_train.changes) {
                let value = |change: &endplate::train::Change| {
                    change.value.as_ref().ok().map(|estimate| estimate.value.0)
                };
                // Mains is fitted in each sweep alone, so values differ by noise.
                if let (Some(value), Some(other)) = (value(change), value(other)) {
                    assert!((value - other).abs() < 1.0, "{value} {other}");
                }
            }
        }
    }
}

const SWEEPS: &str =
    "[[channels]]\nvariable = 'emg.sweeps'\nsample_axis = 0\nrate_hz = 10000\nunit = 'mV'\n";

fn matrix() -> Place {
    Place::with_copy("matlab/sweeps.mat", "sweeps.mat")
}

#[test]
fn a_sweep_that_is_in_no_train_stands_apart_and_is_told() {
    let place = matrix();
    place.state(&format!(
        "{SWEEPS}[[trains]]\nsweeps = '3, 1'\nrate_hz = 2\nlabel = 'x'\n"
    ));
    let recording = place.open().unwrap();
    let segments = &recording.channels[0].segments;
    let plain = {
        let place = matrix();
        place.state(SWEEPS).open().unwrap()
    };
    let old = &plain.channels[0].segments;
    assert_eq!(segments[0].samples, old[2].samples);
    assert_eq!(segments[1].samples, old[0].samples);
    assert_eq!((segments[0].start.0, segments[1].start.0), (0.0, 0.5));
    assert!(segments[2].start.0 > 60.0);
    let alone = recording
        .findings
        .iter()
        .find(|finding| finding.code == FindingCode::SweepWithoutTrain)
        .unwrap();
    assert_eq!(alone.detail, format!("{} sweeps", old.len() - 2));
    assert!(
        recording
            .marks
            .iter()
            .any(|mark| mark.text == "train x" && mark.time.0 == 0.0)
    );
}

#[test]
fn what_does_not_fit_is_an_error_that_says_where() {
    let place = matrix();
    for (toml, said) in [
        (
            "[[trains]]\nsweeps = '1-99'\nrate_hz = 3",
            "sweep 6 does not exist; the file holds 5",
        ),
        ("[[trains]]\nsweeps = '1-2'", "rate_hz is not stated"),
        (
            "[[trains]]\nsweeps = 'all'\nrate_hz = 3",
            "no list of sweeps",
        ),
        (
            "[[trains]]\nsweeps = '1'\n[[trains]]\nlabel = 'b'\nsweeps = '1'",
            "belongs to train 1 already",
        ),
        ("[[trains]]\nsweeps = '1-2'\nrate_hz = 500", "overlap"),
        (
            "[[trains]]\nsweeps = '1'\nat_rest = true\nafter_exercise_s = 2",
            "at_rest",
        ),
        (
            "[[trains]]\nsweeps = '1'\nexercise_s = 10",
            "after_exercise_s",
        ),
        ("[[trains]]\nlabel = 'b'", "sweeps is not stated"),
        (
            "[[trains]]\nchannel = 'APB'\nsweeps = '1'",
            "no channel is called \"APB\"",
        ),
        ("[[exercises]]\nstart_s = 1\nlength_s = 0", "length_s"),
    ] {
        let (code, message) = place.refused(&format!("{SWEEPS}{toml}\n"));
        assert_eq!(code, ErrorCode::BadMapping, "{toml}");
        assert!(message.contains(said), "{toml}: {message}");
        assert!(message.contains("sweeps.mat.endplate.toml"), "{message}");
    }
}

#[test]
fn sweeps_longer_than_the_interval_are_taken_in_part_when_that_is_stated() {
    let place = matrix();
    place.state(&format!(
        "{SWEEPS}[[trains]]\nsweeps = '1-3'\nrate_hz = 1000\nsweep_ms = 0.2\n"
    ));
    let recording = place.open().unwrap();
    assert!(
        recording.channels[0]
            .segments
            .iter()
            .take(3)
            .all(|segment| segment.samples.len() == 2)
    );
}

#[test]
fn what_is_stated_of_the_subject_goes_before_the_file_and_is_told() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    let before = place.open().unwrap();
    place.state("muscle = 'trapezius'\n[subject]\ncode = 'S9'\nskin_temperature_c = 21\n[[channels]]\nlabel = \"LABEL\"\nnerve = 'facial'\n".replace("LABEL", &before.channels[0].label).as_str());
    let after = place.open().unwrap();
    assert_eq!(after.subject.code.as_deref(), Some("S9"));
    assert_eq!(
        after.subject.skin_temperature.map(|skin| skin.0),
        Some(21.0)
    );
    assert_eq!(after.channels[0].nerve.as_deref(), Some("facial"));
    let told = after
        .findings
        .iter()
        .any(|finding| finding.code == FindingCode::StatedByHand);
    assert_eq!(
        told,
        before.subject.code.is_some() || before.subject.skin_temperature.is_some()
    );
}

#[test]
fn a_train_of_a_recording_with_times_gets_its_name_and_its_exercise() {
    let place = Place::with_copy("recordings/simulated/normal-rest.edf", "a.edf");
    let plain = analyzed(&place.open().unwrap());
    let start = plain.channels[0].trains[0].start.0;
    place.state(&format!(
        "[[trains]]\nlabel = 'first'\nstart_s = {}\nexercise_s = 10\nafter_exercise_s = 3\n",
        start - 0.01
    ));
    let study = analyzed(&place.open().unwrap());
    assert_eq!(
        study.channels[0].trains[0].label.as_deref(),
        Some("train first")
    );
    let when = study.channels[0]
        .series
        .iter()
        .flat_map(|series| &series.entries)
        .find(|entry| entry.train == 0)
        .map(|entry| entry.when);
    match when {
        Some(When::After { exercise, delay }) => {
            assert_eq!(exercise.map(|length| length.0.round()), Some(10.0));
            assert!((delay.0 - 3.0).abs() < 0.02, "{delay:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_former_name_is_not_passed_over() {
    let place = matrix();
    std::fs::write(place.folder.path().join("sweeps.mat.map.toml"), SWEEPS).unwrap();
    let error = place.open().map(|_| ()).unwrap_err();
    assert!(error.to_string().contains(".endplate.toml"), "{error}");
}

/// Motor evoked potentials come later than CMAPs, have several phases, and vary; docs/methods/peak_to_peak.md.
const EVOKED: &str = "[sweep]\nafter_ms = 100\nresponse_end_ms = 95\nresponse_peak_latest_ms = 80\nmains_subtract = false\n[cmap]\nlowpass_hz = 0\nwindow_start_ms = 15\nwindow_end_ms = 80\nlatency_spread_ms = 30\npeak_to_peak_extent = 'window'\n";

#[test]
fn real_trains_of_motor_evoked_potentials_have_their_published_amplitudes_through_the_whole_path() {
    let place = Place::with_copy("matlab/mep-trains.mat", "meps.mat");
    let mut toml = "stimulus_ms = 50\n[[channels]]\nvariable = 'meps'\nsample_axis = 0\nrate_hz = 3000\nunit = 'uV'\n".to_owned();
    for first in [1, 5] {
        toml.push_str(&format!(
            "[[trains]]\nsweeps = '{first}-{}'\nrate_hz = 1\n",
            first + 3
        ));
    }
    let recording = place.state(&toml).open().unwrap();
    let study = study::analyze(&recording, &Settings::from_toml(EVOKED).unwrap()).unwrap();
    let oracle = std::fs::read_to_string(fixture("oracle/matlab_real.json")).unwrap();
    let oracle: serde_json::Value = serde_json::from_str(&oracle).unwrap();
    let published = oracle["amplitudes_uv"].as_array().unwrap();
    let channel = &study.channels[0];
    assert_eq!((channel.cmaps.len(), channel.trains.len()), (8, 2));
    let mut measured = 0;
    for (cmap, published) in channel.cmaps.iter().zip(published) {
        let published = published.as_f64().unwrap();
        if let Some(Ok(value)) = cmap.get("peak_to_peak") {
            let part = value.value * 1000.0 / published;
            assert!((part - 1.0).abs() < 3e-4, "{part}");
            measured += 1;
        }
    }
    assert!(measured == 8, "{measured} of 8 measured");
    for train in &channel.trains {
        assert!((train.rate.as_ref().unwrap().0 - 1.0).abs() < 1e-9);
    }
}
