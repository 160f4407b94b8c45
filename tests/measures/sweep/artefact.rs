//! Stimuli found by their artefact.

use super::scene::*;
use endplate::recording::{Samples, Segment};
use endplate::units::Seconds;

fn found_by_artefact(scene: &Scene) -> Vec<f64> {
    stimuli(&scene.recording(false))
        .iter()
        .map(|stimulus| stimulus.time.0)
        .collect()
}

#[test]
fn stimuli_are_found_by_their_artefact_to_half_a_sample() {
    for rate in [4_800.0, 10_000.0, 20_000.0, 48_000.0] {
        for (stimulation, count) in [(3.0, 10), (30.0, 30), (50.0, 50)] {
            for alternating in [false, true] {
                let scene = Scene {
                    rate,
                    stimuli: train(2.0, stimulation, count),
                    artefact: (1.0, 0.2, 1.0),
                    alternating,
                    mains: (0.02, 50.0, 0.2, 0.0),
                    ..Scene::default()
                };
                let times = found_by_artefact(&scene);
                assert_eq!(times.len(), count, "{rate} {stimulation} {alternating}");
                for (got, expected) in times.iter().zip(&scene.stimuli) {
                    assert!((got - expected).abs() <= 0.5001 / rate, "{got} {expected}");
                }
            }
        }
    }
}

#[test]
fn noise_mains_and_coarse_steps_alone_have_no_artefact() {
    let quiet = Scene {
        stimuli: Vec::new(),
        ..Scene::default()
    };
    for seed in 0..10 {
        for (noise, step, mains) in [
            (0.005, 0.0, 0.0),
            (0.0005, 0.01, 0.0),
            (0.003, 0.01, 0.3),
            (0.001, 0.0, 0.3),
            (0.0, 0.01, 0.0),
        ] {
            let scene = Scene {
                seed,
                noise,
                step,
                mains: (mains, 50.0, 0.3, 0.1),
                stimuli: Vec::new(),
                ..Scene::default()
            };
            assert_eq!(
                found_by_artefact(&scene),
                Vec::<f64>::new(),
                "{noise} {step} {mains}"
            );
        }
    }
    assert_eq!(found_by_artefact(&quiet), Vec::<f64>::new());
}

#[test]
fn a_response_without_an_artefact_is_not_taken_for_one() {
    for noise in [0.0, 0.001, 0.005, 0.02] {
        let scene = Scene {
            noise,
            artefact: (0.0, 0.0, 1.0),
            ..Scene::default()
        };
        assert_eq!(found_by_artefact(&scene), Vec::<f64>::new(), "{noise}");
    }
}

/// PhysioNet emgdb 1.0.0 (ODC-BY), written as EDF: concentric needle, voluntary contraction, 4 kHz.
#[test]
fn voluntary_needle_emg_has_no_stimulus() {
    let bytes = std::fs::read("fixtures/recordings/real/needle-emg.edf").unwrap();
    let header: usize = std::str::from_utf8(&bytes[184..192])
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let samples: Vec<i16> = bytes[header..]
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    assert!(samples.len() > 50_000);
    let mut channel = channel(4000.0, Vec::new());
    channel.calibration.gain = 1e-4;
    channel.segments.push(Segment {
        start: Seconds(0.0),
        samples: Samples::I16(samples),
    });
    assert_eq!(stimuli(&recording(vec![channel], &[])), Vec::new());
}
