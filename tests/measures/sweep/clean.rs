//! Sweeps of hand-made recordings.

use super::scene::*;
use endplate::finding::FindingCode;
use endplate::recording::Clock;
use endplate::sweep::{self, BaselineKind, Settings};

#[test]
fn a_clean_sweep_is_the_response_and_carries_no_doubt() {
    let cut = Scene {
        noise: 0.0,
        ..Scene::default()
    }
    .cut();
    assert_eq!(cut.sweeps.len(), 10);
    for sweep in &cut.sweeps {
        assert!(rms(&error(sweep, 8.0, 1.0, 60.0)) < 1e-9);
        assert_eq!(sweep.artefact_left.bound.0, 0.0);
        assert!(
            (0.2..1.0).contains(&sweep.artefact_end.0),
            "{}",
            sweep.artefact_end
        );
        assert_eq!(sweep.findings, Vec::new());
    }
    assert_eq!(cut.findings, Vec::new());
}

#[test]
fn strong_mains_with_harmonics_and_drift_leaves_less_than_4_microvolts() {
    for (rms_mv, hertz, rate) in [
        (0.3, 50.03, 3.0),
        (0.1, 59.95, 5.0),
        (0.3, 49.97, 30.0),
        (0.3, 60.02, 50.0),
    ] {
        let count = if rate > 10.0 { rate as usize } else { 10 };
        let scene = Scene {
            mains: (rms_mv, hertz, 0.2, 0.05),
            noise: 0.0,
            drift: if rate > 35.0 { 0.0 } else { 0.05 },
            cmap: 0.0,
            artefact: (0.0, 0.0, 1.0),
            stimuli: train(2.0, rate, count),
            ..Scene::default()
        };
        let cut = scene.cut();
        assert!(
            has(&cut.findings, FindingCode::MainsHum),
            "{:?}",
            cut.findings
        );
        for sweep in &cut.sweeps {
            let left = rms(&error(sweep, 0.0, -10.0, 60.0));
            assert!(left < 0.004, "{rate} Hz {hertz}: {left} {:?}", cut.findings);
        }
    }
}

#[test]
fn mains_in_noise_is_subtracted_to_below_the_noise() {
    let clean = Scene::default().cut();
    let hum = Scene {
        mains: (0.1, 50.02, 0.3, 0.1),
        ..Scene::default()
    }
    .cut();
    assert!(
        !has(&clean.findings, FindingCode::MainsHum),
        "{:?}",
        clean.findings
    );
    assert!(has(&hum.findings, FindingCode::MainsHum));
    for (a, b) in clean.sweeps.iter().zip(&hum.sweeps) {
        let left: Vec<f64> = a.values.iter().zip(&b.values).map(|(x, y)| x - y).collect();
        assert!(rms(&left) < 0.001, "{}", rms(&left));
    }
}

#[test]
fn the_semivariogram_gives_the_spread_of_differences() {
    let cut = Scene {
        cmap: 0.0,
        artefact: (0.0, 0.0, 1.0),
        stimuli: train(1.0, 3.0, 60),
        length: 22.0,
        ..Scene::default()
    }
    .cut();
    let noise = cut.sweeps[0].noise.as_ref().unwrap();
    assert!((noise.rms.0 / 0.005 - 1.0).abs() < 0.02, "{}", noise.rms);
    for gamma in &noise.semivariogram.values()[1..] {
        assert!((gamma / 2.5e-5 - 1.0).abs() < 0.05, "{gamma}");
    }
    assert!(noise.semivariogram.values().len() > 400);
}

#[test]
fn fast_trains_rest_on_the_level_before_them() {
    let cut = Scene {
        stimuli: train(2.0, 50.0, 50),
        noise: 0.002,
        ..Scene::default()
    }
    .cut();
    assert_eq!(cut.sweeps[0].baseline.kind, BaselineKind::BeforeStimulus);
    assert!((cut.sweeps[0].until.0 - 20.0).abs() < 1e-6);
    assert_eq!(cut.sweeps[49].until.0, 80.0);
    for sweep in &cut.sweeps[1..] {
        assert_eq!(sweep.baseline.kind, BaselineKind::BeforeTrain);
        assert!(sweep.baseline.level.unwrap().0.abs() < 0.001);
        assert!(has(&sweep.findings, FindingCode::BaselineBeforeTrain));
    }
}

#[test]
fn values_are_never_taken_across_a_gap() {
    let one = Scene {
        length: 0.15,
        stimuli: vec![0.020_04],
        ..Scene::default()
    };
    let segments = (0..5).map(|i| (f64::from(i) * 0.3, one.signal())).collect();
    let mut recording = recording(
        vec![channel(10_000.0, segments)],
        &[0.020_04, 0.320_04, 0.620_04, 0.920_04, 1.220_04],
    );
    recording.origin.clock = Clock::OrderOnly;
    let cut = sweep::cut(&recording, 0, &stimuli(&recording), &Settings::default()).unwrap();
    assert_eq!(cut.sweeps.len(), 5);
    for sweep in &cut.sweeps {
        assert!((sweep.first.0 - -20.0).abs() < 0.1);
        assert_eq!(sweep.until.0, 80.0);
        assert!(rms(&error(sweep, 8.0, 1.0, 60.0)) < 0.007);
        assert!(mean(&error(sweep, 8.0, 1.0, 60.0)).abs() < 0.003);
    }
}

#[test]
fn coarse_steps_are_noise_and_not_silence() {
    let cut = Scene {
        noise: 0.0005,
        step: 0.01,
        ..Scene::default()
    }
    .cut();
    let noise = cut.sweeps[0].noise.as_ref();
    // F64 samples do not say their step; the semivariogram is what it is.
    assert!(noise.is_some());
}

#[test]
fn a_tail_of_300_microvolts_on_1_mv_is_removed_to_half_a_percent_of_the_area() {
    for (alternating, rate, tau) in [
        (false, 10_000.0, 1.0),
        (true, 20_000.0, 1.0),
        (false, 20_000.0, 3.0),
        (true, 48_000.0, 0.5),
    ] {
        let scene = Scene {
            cmap: 1.0,
            artefact: (3.0, 0.3, tau),
            alternating,
            rate,
            ..Scene::default()
        };
        let cut = scene.cut();
        let mut areas = Vec::new();
        for (number, sweep) in cut.sweeps.iter().enumerate() {
            assert!(
                has(&sweep.findings, FindingCode::ArtefactRemoved),
                "{:?}",
                sweep.findings
            );
            let sign = if alternating && number % 2 == 1 {
                -1.0
            } else {
                1.0
            };
            let area = sign * error(sweep, 1.0, 3.0, 8.0).iter().sum::<f64>() * 1000.0 / rate;
            areas.push(area);
            assert!(
                sweep.artefact_left.bound.0 < 0.02,
                "{}",
                sweep.artefact_left.bound
            );
        }
        // The area of the negative phase is about 4 mV·ms.
        assert!(
            mean(&areas).abs() < 0.005 * 4.0,
            "{alternating} {rate} {tau}: {}",
            mean(&areas)
        );
    }
}

#[test]
fn no_tail_is_removed_where_there_is_none() {
    let mut removed = 0;
    for seed in 0..40 {
        let cut = Scene {
            seed,
            cmap: 10.0,
            ..Scene::default()
        }
        .cut();
        removed += usize::from(has(&cut.sweeps[0].findings, FindingCode::ArtefactRemoved));
    }
    assert!(removed <= 1, "{removed} of 40");
}
