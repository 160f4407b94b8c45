//! What a simulated recording holds, with and without faults.

use super::{EXERCISE, amplitude, change, truth};
use endplate::recording::{Recording, Role};
use endplate::synth::{Fault, Layout, Plan, Profile, Protocol, StimulusRecord, Truth, simulate};

/// The physical values of the first channel at sample times, in mV.
fn samples(recording: &Recording, channel: usize) -> Vec<(f64, f64)> {
    let channel = &recording.channels[channel];
    let mut all = Vec::new();
    for segment in &channel.segments {
        let values = channel.physical(segment, 0..usize::MAX).unwrap();
        for (index, value) in values.iter().enumerate() {
            all.push((segment.start.0 + index as f64 / channel.rate.0, *value));
        }
    }
    all
}

fn clean() -> Plan {
    Plan {
        noise_uv: 0.0,
        artefact_mv: 0.0,
        artefact_tail_mv: 0.0,
        step_uv: 0.01,
        bits: 24,
        ..Plan::default()
    }
}

#[test]
fn the_truth_is_what_a_fast_clean_recording_shows() {
    // 200 kHz, no noise: the highest sample and the trapezoidal area must agree with the truth.
    let plan = Plan {
        rate_hz: 200_000.0,
        protocol: "single,wait:5s,50Hz*5".parse().unwrap(),
        profile: Profile::Mg,
        ..clean()
    };
    let made = simulate(&plan);
    let all = samples(&made.recording, 0);
    assert_eq!(made.truth.channels[0].responses.len(), 6);
    for response in &made.truth.channels[0].responses {
        let landmarks = response.landmarks.unwrap();
        let after = |ms: f64| response.stimulus_s + ms / 1000.0;
        let within = |from: f64, to: f64| {
            all.iter()
                .filter(move |(time, _)| *time >= after(from) && *time <= after(to))
        };
        let highest = within(0.0, 15.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap();
        assert!((highest.1 / response.amplitude_mv - 1.0).abs() < 2e-5);
        assert!((highest.0 - after(landmarks.peak_ms)).abs() < 6e-6);
        let end = landmarks.return_ms.unwrap();
        let area = within(landmarks.onset_ms, end)
            .map(|(_, value)| value)
            .sum::<f64>()
            * 1000.0
            / plan.rate_hz;
        assert!((area / landmarks.area_mv_ms.unwrap() - 1.0).abs() < 1e-3);
        assert!((landmarks.duration_ms.unwrap() - (end - landmarks.onset_ms)).abs() < 1e-12);
        let crossed = within(0.0, landmarks.peak_ms)
            .rfind(|(_, value)| *value < 0.05 * response.amplitude_mv)
            .unwrap();
        assert!((crossed.0 - after(landmarks.onset_ms)).abs() < 6e-6);
    }
}

#[test]
fn the_same_plan_gives_the_same_study_and_another_seed_another_subject() {
    let plan = Plan::default();
    assert_eq!(simulate(&plan), simulate(&plan));
    let other = simulate(&Plan {
        seed: 2,
        ..plan.clone()
    });
    assert_ne!(simulate(&plan).truth, other.truth);
}

#[test]
fn noise_artefact_and_converter_do_not_change_the_truth() {
    let plain = simulate(&clean()).truth;
    let disturbed = Plan {
        noise_uv: 50.0,
        mains_uv: 100.0,
        drift_uv: 200.0,
        coloured_noise_uv: 10.0,
        artefact_mv: 9.0,
        artefact_tail_mv: 1.0,
        step_uv: 10.0,
        bits: 12,
        ..Plan::default()
    };
    assert_eq!(simulate(&disturbed).truth, plain);
}

#[test]
fn every_muscle_responds_to_the_same_stimuli_in_its_own_way() {
    let plan = Plan {
        muscles: vec!["ADM".into(), "APB".into(), "nasalis".into()],
        ..Plan::default()
    };
    let truth = simulate(&plan).truth;
    let [adm, apb, nasalis] = truth.channels.as_slice() else {
        panic!("three muscles were asked for");
    };
    assert_eq!(adm.responses[3].stimulus_s, nasalis.responses[3].stimulus_s);
    assert_ne!(adm.responses[3].amplitude_mv, apb.responses[3].amplitude_mv);
    assert!(nasalis.responses[0].amplitude_mv < 5.0);
}

#[test]
fn sweeps_and_continuous_signals_hold_the_same_responses() {
    let protocol: Protocol = "3Hz*5,wait:30s,50Hz*10".parse().unwrap();
    let sweeps = Plan {
        protocol,
        ..clean()
    };
    let continuous = Plan {
        layout: Layout::Continuous,
        ..sweeps.clone()
    };
    let (sweeps, continuous) = (simulate(&sweeps), simulate(&continuous));
    assert_eq!(sweeps.truth, continuous.truth);
    // Five sweeps, and one segment for the train whose windows overlap; one segment on each side of the pause.
    assert_eq!(sweeps.recording.channels[0].segments.len(), 6);
    assert_eq!(continuous.recording.channels[0].segments.len(), 2);
    let all = samples(&continuous.recording, 0);
    for (time, value) in samples(&sweeps.recording, 0) {
        let index = all.partition_point(|(other, _)| *other < time - 1e-7);
        assert!((all[index].0 - time).abs() < 1e-7 && (all[index].1 - value).abs() < 1e-9);
    }
}

#[test]
fn segments_never_overlap_and_hold_every_stimulus() {
    for layout in [Layout::Sweeps, Layout::Continuous] {
        let plan = Plan {
            protocol: "standard".parse().unwrap(),
            layout,
            rate_hz: 4800.0,
            ..Plan::default()
        };
        let made = simulate(&plan);
        let channel = &made.recording.channels[0];
        for pair in channel.segments.windows(2) {
            assert!(pair[0].end(channel.rate).0 <= pair[1].start.0 + 1e-9);
        }
        for response in &made.truth.channels[0].responses {
            let time = endplate::units::Seconds(response.stimulus_s);
            assert!(channel.segment_at(time).is_some(), "{time:?}");
        }
    }
}

#[test]
fn a_trigger_pulse_begins_at_the_first_sample_after_its_stimulus() {
    let plan = Plan {
        stimuli: StimulusRecord::Trigger,
        trigger_ms: 0.0,
        ..Plan::default()
    };
    let made = simulate(&plan);
    assert_eq!(made.recording.channels[1].role, Role::Trigger);
    assert!(
        made.recording
            .marks
            .iter()
            .all(|mark| mark.text != "stimulus")
    );
    let high: Vec<f64> = samples(&made.recording, 1)
        .into_iter()
        .filter(|(_, value)| *value > 1000.0)
        .map(|(time, _)| time)
        .collect();
    let stimuli: Vec<f64> = made.truth.channels[0]
        .responses
        .iter()
        .map(|r| r.stimulus_s)
        .collect();
    assert_eq!(high.len(), stimuli.len());
    for (pulse, stimulus) in high.iter().zip(&stimuli) {
        let late = pulse - stimulus;
        assert!((-1e-9..1.0 / plan.rate_hz + 1e-9).contains(&late), "{late}");
    }
}

fn with_fault(fault: &str, plan: Plan) -> (Recording, Truth) {
    let fault: Fault = fault.parse().unwrap();
    let made = simulate(&Plan {
        faults: vec![fault],
        ..plan
    });
    assert_eq!(made.truth.faults.len(), 1);
    assert_eq!(made.truth.faults[0].asked, fault);
    assert_eq!(made.truth.faults[0].train, Some(0));
    (made.recording, made.truth)
}

#[test]
fn a_missing_stimulus_leaves_the_ordinals_of_the_others_alone() {
    let (recording, truth) = with_fault("missing-stimulus:1:3", clean());
    let ordinals: Vec<_> = truth.channels[0]
        .responses
        .iter()
        .map(|r| r.ordinal.unwrap())
        .collect();
    assert_eq!(ordinals, vec![1, 2, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(
        recording
            .marks
            .iter()
            .filter(|mark| mark.text == "stimulus")
            .count(),
        9
    );
    assert!(change(&truth, 0).decrement_1_4_pct.is_some());
}

#[test]
fn a_missing_mark_leaves_the_response() {
    let (recording, truth) = with_fault("missing-mark:1:3", clean());
    assert_eq!(truth.channels[0].responses.len(), 10);
    assert_eq!(
        recording
            .marks
            .iter()
            .filter(|mark| mark.text == "stimulus")
            .count(),
        9
    );
}

#[test]
fn an_additional_stimulus_has_no_ordinal_and_a_spurious_mark_no_response() {
    let (recording, truth) = with_fault("double-stimulus:1:3", clean());
    let responses = &truth.channels[0].responses;
    assert_eq!(responses.len(), 11);
    assert_eq!(responses[3].ordinal, None);
    assert!((responses[3].stimulus_s - responses[2].stimulus_s - 0.1).abs() < 1e-5);
    assert_eq!(
        recording
            .marks
            .iter()
            .filter(|mark| mark.text == "stimulus")
            .count(),
        11
    );
    let (recording, truth) = with_fault("spurious-mark:1:3", clean());
    assert_eq!(truth.channels[0].responses.len(), 10);
    assert_eq!(
        recording
            .marks
            .iter()
            .filter(|mark| mark.text == "stimulus")
            .count(),
        11
    );
}

#[test]
fn exchanged_electrodes_store_the_opposite_sign() {
    let normal = simulate(&clean());
    let (inverted, truth) = with_fault("inverted", clean());
    assert_eq!(truth.channels, normal.truth.channels);
    for (plus, minus) in samples(&normal.recording, 0)
        .iter()
        .zip(samples(&inverted, 0))
    {
        assert!((plus.1 + minus.1).abs() < 1e-9);
    }
}

#[test]
fn a_saturated_response_lies_on_the_rails() {
    let (recording, _) = with_fault("saturation", Plan::default());
    let channel = &recording.channels[0];
    let rail = channel.calibration.rails.unwrap().1;
    let first = channel.segments[0].samples.widen(0..usize::MAX).unwrap();
    assert!(first.iter().filter(|&&value| value >= rail).count() > 10);
}

#[test]
fn a_movement_and_a_weak_stimulus_change_what_the_electrode_sees() {
    let (_, moved) = with_fault("movement:1:6", clean());
    let of = |truth: &Truth, ordinal| amplitude(truth, 0, ordinal);
    assert!(of(&moved, 6) < 0.8 * of(&moved, 5));
    let (_, weak) = with_fault("submaximal", clean());
    let full = simulate(&clean()).truth;
    for ordinal in 1..=10 {
        let part = of(&weak, ordinal) / of(&full, ordinal);
        assert!((0.45..1.0).contains(&part), "{part}");
    }
    let (_, off) = with_fault("electrode-off:1:6", clean());
    assert_eq!(of(&off, 6), 0.0);
    assert!(of(&off, 5) > 5.0);
}

#[test]
fn a_changed_gain_is_not_in_the_truth() {
    let (recording, truth) = with_fault("gain-change:1:6", clean());
    let highest = |ordinal: usize| {
        let segment = &recording.channels[0].segments[ordinal - 1];
        recording.channels[0]
            .physical(segment, 0..usize::MAX)
            .unwrap()
            .into_iter()
            .fold(0.0, f64::max)
    };
    assert!((highest(6) / amplitude(&truth, 0, 6) - 0.5).abs() < 0.01);
    assert!((highest(5) / amplitude(&truth, 0, 5) - 1.0).abs() < 0.01);
}

#[test]
fn the_truth_survives_its_json() {
    let truth = truth(Profile::Lems, EXERCISE, 3);
    let text = serde_json::to_string(&truth).unwrap();
    let read: Truth = serde_json::from_str(&text).unwrap();
    assert_eq!((read.profile, read.seed), (truth.profile, truth.seed));
    assert_eq!(
        read.channels[0].trains.len(),
        truth.channels[0].trains.len()
    );
    // serde_json writes numbers exactly but may read them back one unit in the last place off.
    for (read, made) in read.channels[0]
        .responses
        .iter()
        .zip(&truth.channels[0].responses)
    {
        assert_eq!(read.ordinal, made.ordinal);
        assert!((read.amplitude_mv / made.amplitude_mv - 1.0).abs() < 1e-14);
    }
}

#[test]
fn a_plan_that_cannot_be_carried_out_says_what_is_wrong() {
    let plan = Plan {
        rate_hz: f64::NAN,
        ..Plan::default()
    };
    assert!(plan.check().unwrap_err().to_string().starts_with("rate:"));
    // Never a panic, whatever the numbers.
    let absurd = Plan {
        rate_hz: 1e-3,
        step_uv: 0.0,
        bits: 99,
        muscles: Vec::new(),
        ..Plan::default()
    };
    simulate(&absurd);
}
