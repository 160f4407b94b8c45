//! Sweeps and stimuli of simulated studies.

use super::scene::*;
use endplate::recording::Vocabulary;
use endplate::stimulus;
use endplate::sweep::{self, Cut, Settings};
use endplate::synth::{Layout, Plan, Profile, StimulusRecord, simulate};

fn plan(protocol: &str, layout: Layout) -> Plan {
    Plan {
        protocol: protocol.parse().unwrap(),
        layout,
        ..Plan::default()
    }
}

fn sweeps(plan: &Plan) -> Cut {
    let recording = simulate(plan).recording;
    let found = stimulus::find(
        &recording,
        &Vocabulary::default(),
        &stimulus::Settings::default(),
    )
    .unwrap();
    sweep::cut(&recording, 0, &found.stimuli, &Settings::default()).unwrap()
}

/// RMS of the difference of two studies of the same responses between two times (ms), over all sweeps.
fn difference(a: &Cut, b: &Cut, from: f64, to: f64) -> f64 {
    assert_eq!(a.sweeps.len(), b.sweeps.len());
    let all: Vec<f64> = a
        .sweeps
        .iter()
        .zip(&b.sweeps)
        .flat_map(|(a, b)| {
            (0..a.values.len())
                .filter(|&i| (from..=to.min(a.until.0)).contains(&time(a, i)))
                .map(|i| a.values[i] - b.values[i])
                .collect::<Vec<f64>>()
        })
        .collect();
    rms(&all)
}

#[test]
fn simulated_mains_leaves_less_than_4_microvolts_in_the_responses() {
    for (layout, protocol, rate_hz) in [
        (
            Layout::Continuous,
            "3Hz*10,wait:10s,5Hz*10,wait:10s,30Hz*30,wait:10s,50Hz*50",
            20_000.0,
        ),
        (Layout::Continuous, "2Hz*10", 4_800.0),
        (
            Layout::Sweeps,
            "3Hz*10,wait:10s,5Hz*10,wait:10s,2Hz*10",
            20_000.0,
        ),
        (Layout::Sweeps, "3Hz*10,wait:10s,30Hz*30", 10_000.0),
    ] {
        for (mains_hz, mains_uv) in [(50.0, 300.0), (60.0, 300.0), (50.0, 20.0)] {
            let drift_uv = 100.0;
            let with = Plan {
                mains_hz,
                mains_uv,
                drift_uv,
                rate_hz,
                ..plan(protocol, layout)
            };
            let without = Plan {
                mains_uv: 0.0,
                ..with.clone()
            };
            let with = sweeps(&with);
            let left = 1000.0 * difference(&with, &sweeps(&without), 2.0, 20.0);
            assert!(
                left < 4.0,
                "{layout:?} {protocol} {mains_uv} µV {mains_hz} Hz drift {drift_uv}: {left:.2} µV {:?}",
                with.findings
            );
        }
    }
}

#[test]
fn simulated_tails_leave_nothing_that_changes_an_area() {
    for profile in [Profile::Normal, Profile::Lems, Profile::Mg] {
        for (tail_mv, tail_ms) in [(0.05, 0.6), (0.3, 1.0), (1.0, 3.0)] {
            for alternates in [false, true] {
                let with = Plan {
                    profile,
                    artefact_tail_mv: tail_mv,
                    artefact_tail_ms: tail_ms,
                    artefact_alternates: alternates,
                    ..plan("3Hz*10,wait:10s,30Hz*20", Layout::Continuous)
                };
                let without = Plan {
                    artefact_tail_mv: 0.0,
                    ..with.clone()
                };
                let with = sweeps(&with);
                let left = 1000.0 * difference(&with, &sweeps(&without), 2.0, 12.0);
                let bound = with
                    .sweeps
                    .iter()
                    .map(|s| s.artefact_left.bound.0 * 1000.0)
                    .fold(0.0, f64::max);
                assert!(
                    left < 2.0 && left < bound,
                    "{profile:?} {tail_mv} mV {tail_ms} ms {alternates}: {left:.2} µV, bound {bound:.2}"
                );
            }
        }
    }
}

#[test]
fn simulated_stimuli_are_found_whatever_tells_them() {
    for layout in [Layout::Continuous, Layout::Sweeps] {
        for profile in [Profile::Normal, Profile::Lems] {
            for rate_hz in [4_800.0, 10_000.0, 48_000.0] {
                for record in [StimulusRecord::Trigger, StimulusRecord::Artefact] {
                    let plan = Plan {
                        profile,
                        rate_hz,
                        stimuli: record,
                        ..plan(
                            "1*1,3Hz*10,wait:5s,exercise:10s,1*1,wait:5s,30Hz*30,wait:5s,50Hz*50",
                            layout,
                        )
                    };
                    let simulated = simulate(&plan);
                    let found = stimuli(&simulated.recording);
                    let truth = &simulated.truth.channels[0].responses;
                    let lost = truth
                        .iter()
                        .filter(|response| {
                            !found.iter().any(|stimulus| {
                                let apart = (stimulus.time.0 - response.stimulus_s).abs();
                                apart <= stimulus.uncertainty.0 + 1e-9
                            })
                        })
                        .count();
                    let few = if record == StimulusRecord::Trigger {
                        0
                    } else {
                        2
                    };
                    assert!(
                        lost <= few && found.len() <= truth.len(),
                        "{layout:?} {profile:?} {rate_hz} {record:?}: {lost} lost, {} of {} found",
                        found.len(),
                        truth.len()
                    );
                }
            }
        }
    }
}
