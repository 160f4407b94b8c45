//! Simulated studies look like the textbook, and their truth is the truth.

use endplate::recording::{Recording, Role};
use endplate::synth::{
    ChangeTruth, Fault, Layout, Plan, Profile, Protocol, StimulusRecord, Truth, simulate,
};

const SUBJECTS: u64 = 60;

fn truth(profile: Profile, protocol: &str, seed: u64) -> Truth {
    let protocol: Protocol = protocol.parse().unwrap();
    simulate(&Plan {
        profile,
        protocol,
        seed,
        sweep_before_ms: 1.0,
        sweep_after_ms: 5.0,
        ..Plan::default()
    })
    .truth
}

/// 3rd, 50th and 97th percentile over subjects of a number taken from each truth.
fn percentiles(truths: &[Truth], value: impl Fn(&Truth) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = truths.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let at = |part: f64| values[(part * (values.len() - 1) as f64).round() as usize];
    (at(0.03), at(0.5), at(0.97))
}

fn amplitude(truth: &Truth, train: usize, ordinal: usize) -> f64 {
    truth.channels[0]
        .responses
        .iter()
        .find(|r| r.train == train && r.ordinal == Some(ordinal))
        .unwrap()
        .amplitude_mv
}

fn change(truth: &Truth, train: usize) -> ChangeTruth {
    truth.channels[0].trains[train].amplitude.unwrap()
}

fn subjects(profile: Profile, protocol: &str) -> Vec<Truth> {
    (1..=SUBJECTS)
        .map(|seed| truth(profile, protocol, seed))
        .collect()
}

/// Asserts that the 3rd percentile is at least `low`, the 97th at most `high`, and the median within `middle`.
#[track_caller]
fn assert_spread(
    (low, median, high): (f64, f64, f64),
    (least, middle, most): (f64, std::ops::RangeInclusive<f64>, f64),
) {
    assert!(
        low >= least && middle.contains(&median) && high <= most,
        "3rd {low:.2} (at least {least}), median {median:.2} (in {middle:?}), 97th {high:.2} (at most {most})"
    );
}

const REST: &str = "3Hz*10";
const EXERCISE: &str = "single,wait:3s,exercise:10s,after:2s,single,after:60s,single";

fn first(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| amplitude(truth, 0, 1))
}

fn decrement_1_4(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).decrement_1_4_pct.unwrap())
}

fn nadir(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).lowest.unwrap() as f64)
}

fn last(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).increment_last_pct.unwrap())
}

fn facilitation(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| {
        truth.channels[0].facilitations[0].amplitude_pct
    })
}

/// The single shock one minute after exercise against the one before it, in percent.
fn a_minute_later(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| {
        100.0 * (amplitude(truth, 2, 1) / amplitude(truth, 0, 1) - 1.0)
    })
}

#[test]
fn normal_responses_are_6_to_14_mv_and_hardly_change() {
    let rest = subjects(Profile::Normal, REST);
    assert_spread(first(&rest), (6.0, 8.0..=10.0, 14.0));
    assert_spread(decrement_1_4(&rest), (-1.0, -0.7..=0.0, 1.0));
    let landmarks = |truth: &Truth| truth.channels[0].responses[0].landmarks.unwrap();
    let duration = percentiles(&rest, |truth| landmarks(truth).duration_ms.unwrap());
    assert_spread(duration, (5.0, 5.2..=6.2, 7.0));
    let rise = percentiles(&rest, |truth| landmarks(truth).rise_ms);
    assert_spread(rise, (2.0, 2.2..=3.0, 3.5));
    let onset = percentiles(&rest, |truth| landmarks(truth).onset_ms);
    assert_spread(onset, (2.4, 2.8..=3.6, 4.2));
}

#[test]
fn normal_responses_grow_a_little_at_30_hz_with_the_same_area() {
    let fast = subjects(Profile::Normal, "30Hz*30");
    assert_spread(last(&fast), (1.5, 3.0..=5.0, 8.0));
    let area = percentiles(&fast, |truth| {
        truth.channels[0].trains[0]
            .area
            .unwrap()
            .increment_last_pct
            .unwrap()
    });
    assert_spread(area, (-1.0, -0.5..=0.5, 1.0));
}

#[test]
fn myasthenia_falls_to_a_nadir_and_recovers_in_part() {
    for (profile, least, middle, most) in [
        (Profile::MgMild, 4.0, 8.0..=11.0, 17.0),
        (Profile::Mg, 10.0, 14.0..=20.0, 30.0),
        (Profile::MgSevere, 15.0, 23.0..=31.0, 50.0),
    ] {
        let rest = subjects(profile, REST);
        assert_spread(decrement_1_4(&rest), (least, middle, most));
        assert_spread(nadir(&rest), (4.0, 4.0..=6.0, 7.0));
        let recovery = percentiles(&rest, |truth| {
            let change = change(truth, 0);
            change.decrement_1_low_pct.unwrap() - change.decrement_1_last_pct.unwrap()
        });
        assert!(recovery.0 > 0.3, "{recovery:?}");
    }
}

#[test]
fn myasthenia_is_repaired_by_exercise_and_exhausted_minutes_later() {
    let protocol = "3Hz*5,wait:30s,exercise:60s,after:2s,3Hz*5,after:3min,3Hz*5";
    let studies = subjects(Profile::Mg, protocol);
    let of = |truth: &Truth, train| change(truth, train).decrement_1_4_pct.unwrap();
    let repaired = percentiles(&studies, |truth| of(truth, 1));
    assert_spread(repaired, (4.0, 9.0..=15.0, 25.0));
    let exhausted = percentiles(&studies, |truth| of(truth, 2) / of(truth, 0));
    assert_spread(exhausted, (1.1, 1.3..=1.7, 2.0));
    let larger = percentiles(&studies, |truth| {
        100.0 * (amplitude(truth, 1, 1) / amplitude(truth, 0, 1) - 1.0)
    });
    assert_spread(larger, (5.0, 10.0..=20.0, 42.0));
}

#[test]
fn lambert_eaton_is_small_and_falls_to_the_end_at_3_hz() {
    let rest = subjects(Profile::Lems, REST);
    assert_spread(first(&rest), (0.3, 0.8..=1.3, 3.0));
    assert_spread(decrement_1_4(&rest), (5.0, 11.0..=18.0, 40.0));
    assert_spread(nadir(&rest), (7.0, 8.0..=10.0, 10.0));
    let mild = subjects(Profile::LemsMild, REST);
    assert_spread(first(&mild), (3.0, 4.5..=5.5, 8.5));
    assert_spread(decrement_1_4(&mild), (9.0, 10.0..=15.0, 18.0));
}

#[test]
fn lambert_eaton_climbs_after_10_s_exercise_for_less_than_a_minute() {
    let lems = subjects(Profile::Lems, EXERCISE);
    assert_spread(facilitation(&lems), (85.0, 180.0..=280.0, 1000.0));
    assert_spread(a_minute_later(&lems), (-8.0, -4.0..=6.0, 12.0));
    let mild = subjects(Profile::LemsMild, EXERCISE);
    assert_spread(facilitation(&mild), (30.0, 40.0..=55.0, 75.0));
}

#[test]
fn lambert_eaton_dips_and_then_climbs_at_30_hz() {
    let fast = subjects(Profile::Lems, "30Hz*30");
    assert_spread(last(&fast), (60.0, 100.0..=150.0, 1000.0));
    let dip = percentiles(&fast, |truth| {
        -change(truth, 0).decrement_1_low_pct.unwrap()
    });
    assert_spread(dip, (-20.0, -10.0..=-2.0, -0.5));
}

#[test]
fn botulism_climbs_less_and_for_minutes() {
    let rest = subjects(Profile::Botulism, REST);
    assert_spread(first(&rest), (0.9, 1.5..=2.5, 4.6));
    assert_spread(decrement_1_4(&rest), (4.0, 7.0..=11.0, 14.0));
    let exercised = subjects(Profile::Botulism, EXERCISE);
    assert_spread(facilitation(&exercised), (35.0, 55.0..=80.0, 105.0));
    assert_spread(a_minute_later(&exercised), (8.0, 15.0..=30.0, 45.0));
    let longer = subjects(Profile::Botulism, "single,exercise:60s,after:4min,single");
    assert_spread(facilitation(&longer), (8.0, 15.0..=30.0, 40.0));
}

#[test]
fn pseudofacilitation_is_higher_and_shorter_with_the_same_area() {
    let fast = subjects(Profile::Pseudofacilitation, "30Hz*30");
    assert_spread(last(&fast), (15.0, 20.0..=27.0, 40.0));
    let area = percentiles(&fast, |truth| {
        truth.channels[0].trains[0]
            .area
            .unwrap()
            .increment_last_pct
            .unwrap()
    });
    assert_spread(area, (-1.0, -0.5..=0.5, 1.0));
    let duration = percentiles(&fast, |truth| {
        let of = |index: usize| {
            truth.channels[0].responses[index]
                .landmarks
                .unwrap()
                .duration_ms
                .unwrap()
        };
        100.0 * (of(29) / of(0) - 1.0)
    });
    assert_spread(duration, (-25.0, -22.0..=-16.0, -13.0));
}

/// The physical values of the first channel at sample times, in mV.
fn samples(recording: &Recording, channel: usize) -> Vec<(f64, f64)> {
    let channel = &recording.channels[channel];
    let mut all = Vec::new();
    for segment in &channel.segments {
        let values = channel.physical(segment, 0..usize::MAX);
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
    let first = channel.segments[0].samples.widen(0..usize::MAX);
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
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
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

#[test]
#[ignore = "prints what the profiles look like"]
fn print_profiles() {
    for &profile in Profile::ALL {
        println!("== {}", profile.id());
        let studies: Vec<Truth> = (1..=SUBJECTS)
            .map(|seed| truth(profile, "standard", seed))
            .collect();
        let show = |name: &str, value: &dyn Fn(&Truth) -> f64| {
            let (low, mid, high) = percentiles(&studies, value);
            println!("{name:>28}: {low:8.2} {mid:8.2} {high:8.2}");
        };
        let train = |t: &Truth, n: usize| t.channels[0].trains[n].amplitude.unwrap();
        show("first mV", &|t| amplitude(t, 0, 1));
        show("latency ms", &|t| {
            t.channels[0].responses[0].landmarks.unwrap().onset_ms
        });
        show("rise ms", &|t| {
            t.channels[0].responses[0].landmarks.unwrap().rise_ms
        });
        show("duration ms", &|t| {
            t.channels[0].responses[0]
                .landmarks
                .unwrap()
                .duration_ms
                .unwrap()
        });
        show("positive/negative", &|t| {
            -t.channels[0].responses[0]
                .landmarks
                .unwrap()
                .positive_peak_mv
                .unwrap()
                / amplitude(t, 0, 1)
        });
        show("decrement 1-4", &|t| train(t, 0).decrement_1_4_pct.unwrap());
        show("decrement 1-low", &|t| {
            train(t, 0).decrement_1_low_pct.unwrap()
        });
        show("nadir", &|t| train(t, 0).lowest.unwrap() as f64);
        show("decrement 1-10", &|t| {
            train(t, 0).decrement_1_last_pct.unwrap()
        });
        show("10 s exercise %", &|t| {
            t.channels[0].facilitations[0].amplitude_pct
        });
        show("60 s later %", &|t| {
            100.0 * (amplitude(t, 3, 1) / amplitude(t, 1, 1) - 1.0)
        });
        for (n, name) in ["0", "1", "2", "3", "4"].iter().enumerate() {
            show(&format!("{name} min: first %"), &|t| {
                100.0 * (amplitude(t, 4 + n, 1) / amplitude(t, 0, 1) - 1.0)
            });
            show(&format!("{name} min: decrement 1-4"), &|t| {
                train(t, 4 + n).decrement_1_4_pct.unwrap()
            });
        }
        for protocol in ["30Hz*30", "50Hz*50"] {
            let studies: Vec<Truth> = (1..=SUBJECTS)
                .map(|seed| truth(profile, protocol, seed))
                .collect();
            let show = |name: &str, value: &dyn Fn(&Truth) -> f64| {
                let (low, mid, high) = percentiles(&studies, value);
                println!("{protocol} {name:>20}: {low:8.2} {mid:8.2} {high:8.2}");
            };
            show("lowest %", &|t| -train(t, 0).decrement_1_low_pct.unwrap());
            show("last %", &|t| train(t, 0).increment_last_pct.unwrap());
            show("area last %", &|t| {
                t.channels[0].trains[0]
                    .area
                    .and_then(|a| a.increment_last_pct)
                    .unwrap_or(f64::NAN)
            });
            show("duration last %", &|t| {
                let all = &t.channels[0].responses;
                let of = |i: usize| all[i].landmarks.unwrap().duration_ms.unwrap_or(f64::NAN);
                100.0 * (of(all.len() - 1) / of(0) - 1.0)
            });
        }
    }
}
