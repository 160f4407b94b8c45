//! What must not change a result, and what must change it in a known way.

use endplate::recording::{Recording, Samples};
use endplate::study::{Keep, Settings, Study, analyze, analyze_keeping};
use endplate::synth::{Plan, Profile, simulate};
use endplate::units::Seconds;

fn recording(profile: Profile, seed: u64) -> Recording {
    let plan = Plan {
        profile,
        seed,
        protocol: "3Hz*10,wait:5s,exercise:10s,after:2s,single"
            .parse()
            .unwrap(),
        bits: 24,
        step_uv: 0.01,
        ..Plan::default()
    };
    simulate(&plan).recording
}

fn studied(recording: &Recording) -> Study {
    analyze(recording, &Settings::default()).unwrap()
}

/// Amplitudes, and the changes of amplitude and area, of all trains.
fn numbers(study: &Study) -> (Vec<f64>, Vec<f64>) {
    let channel = &study.channels[0];
    let amplitudes = channel
        .cmaps
        .iter()
        .map(|cmap| cmap.get("amplitude").unwrap().as_ref().unwrap().value);
    let changes = channel
        .trains
        .iter()
        .flat_map(|train| &train.changes)
        .filter_map(|change| change.value.as_ref().ok());
    (
        amplitudes.collect(),
        changes.map(|change| change.value.0).collect(),
    )
}

fn verdicts(study: &Study) -> Vec<(String, &'static str)> {
    let all = study.channels.iter().flat_map(|channel| &channel.verdicts);
    all.map(|verdict| {
        (
            format!("{} {}", verdict.set, verdict.rule),
            verdict.outcome.as_str(),
        )
    })
    .collect()
}

fn close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    assert!(!a.is_empty());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= tolerance * (1.0 + a.abs()), "{a} {b}");
    }
}

/// Every stored number of the channels.
fn each(recording: &mut Recording, change: impl Fn(f64) -> f64) {
    for segment in recording
        .channels
        .iter_mut()
        .flat_map(|channel| &mut channel.segments)
    {
        let mut values = segment.samples.widen(0..usize::MAX).unwrap();
        values.iter_mut().for_each(|value| *value = change(*value));
        segment.samples = Samples::F64(values);
    }
    for channel in &mut recording.channels {
        channel.calibration.rails = None;
    }
}

#[test]
fn a_study_that_keeps_no_signal_keeps_every_number() {
    let recording = recording(Profile::Lems, 3);
    let mut whole = studied(&recording);
    let lean = analyze_keeping(&recording, &Settings::default(), Keep::Measures).unwrap();
    let values = |study: &Study| -> usize {
        let sweeps = study.channels.iter().flat_map(|channel| &channel.sweeps);
        sweeps.map(|sweep| sweep.values.len()).sum()
    };
    assert!(values(&whole) > 10_000);
    assert_eq!(values(&lean), 0);
    for channel in &mut whole.channels {
        for sweep in &mut channel.sweeps {
            sweep.values.clear();
        }
    }
    assert!(whole == lean);
}

#[test]
fn a_gain_scales_amplitudes_and_leaves_changes_alone() {
    for (profile, seed) in [(Profile::Mg, 3), (Profile::Lems, 4), (Profile::Normal, 5)] {
        let mut plain = recording(profile, seed);
        each(&mut plain, |value| value);
        let before = numbers(&studied(&plain));
        for gain in [0.7, 1.3, 2.0] {
            let mut scaled = plain.clone();
            each(&mut scaled, |value| gain * value);
            let after = numbers(&studied(&scaled));
            let expected: Vec<f64> = before.0.iter().map(|value| gain * value).collect();
            close(&expected, &after.0, 1e-9);
            close(&before.1, &after.1, 1e-7);
        }
    }
}

#[test]
fn an_offset_and_a_later_clock_change_nothing() {
    let mut plain = recording(Profile::Mg, 7);
    each(&mut plain, |value| value);
    let before = studied(&plain);
    let mut moved = plain.clone();
    each(&mut moved, |value| value + 12_345.0);
    for channel in &mut moved.channels {
        for segment in &mut channel.segments {
            segment.start = Seconds(segment.start.0 + 4096.0);
        }
    }
    for mark in &mut moved.marks {
        mark.time = Seconds(mark.time.0 + 4096.0);
    }
    let after = studied(&moved);
    close(&numbers(&before).0, &numbers(&after).0, 1e-6);
    close(&numbers(&before).1, &numbers(&after).1, 1e-4);
    assert_eq!(verdicts(&before), verdicts(&after));
    assert_eq!(before.pattern.id, after.pattern.id);
}

#[test]
fn exchanged_electrodes_are_noticed_and_change_no_number() {
    let mut plain = recording(Profile::Mg, 8);
    each(&mut plain, |value| value);
    let before = studied(&plain);
    let mut turned = plain.clone();
    each(&mut turned, |value| -value);
    let after = studied(&turned);
    close(&numbers(&before).0, &numbers(&after).0, 1e-9);
    assert!(
        after.channels[0]
            .findings
            .iter()
            .any(|finding| finding.code.as_str() == "polarity_inverted")
    );
}

#[test]
fn the_order_of_channels_changes_nothing_but_their_order() {
    let plan = Plan {
        muscles: vec!["ADM".to_owned(), "nasalis".to_owned()],
        profile: Profile::Lems,
        protocol: "3Hz*10,wait:5s,exercise:10s,after:2s,single"
            .parse()
            .unwrap(),
        ..Plan::default()
    };
    let plain = simulate(&plan).recording;
    let mut swapped = plain.clone();
    swapped.channels.reverse();
    let (before, after) = (studied(&plain), studied(&swapped));
    assert_eq!(before.channels[0].cmaps, after.channels[1].cmaps);
    assert_eq!(before.channels[1].verdicts, after.channels[0].verdicts);
    assert_eq!(before.pattern.id, after.pattern.id);
}
