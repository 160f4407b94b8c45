//! Recordings of others through the whole path.

use endplate::cmap::{Cmap, PeakInterpolation};
use endplate::recording::Mark;
use endplate::sidecar::{Reading, open};
use endplate::study::{self, Settings, Study};
use endplate::units::Seconds;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn analyze(name: &str, settings: &Settings) -> Study {
    let recording = open(&fixture(name), &Reading::default()).unwrap();
    study::analyze(&recording, settings).unwrap()
}

/// The highest and lowest sample, as the programs that made the oracles took them.
fn raw() -> Settings {
    let mut settings = Settings::default();
    settings.cmap.lowpass_hz = 0.0;
    settings.cmap.peak_interpolation = PeakInterpolation::None;
    settings
}

fn peak_to_peak(cmap: &Cmap) -> Option<f64> {
    Some(cmap.get("peak_to_peak")?.as_ref().ok()?.value)
}

/// Mean and coefficient of variation (%) of the plateau: the last 17 sweeps.
fn rodent_plateau(settings: &Settings) -> (f64, f64) {
    let study = analyze("recordings/real/m-wave-rodent.csv", settings);
    let cmaps = &study.channels[0].cmaps;
    assert_eq!(cmaps.len(), 80);
    let values: Vec<f64> = cmaps[80 - 17..]
        .iter()
        .map(|cmap| peak_to_peak(cmap).unwrap())
        .collect();
    let mean = values.iter().sum::<f64>() / 17.0;
    let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, 100.0 * (square / 16.0).sqrt() / mean)
}

#[test]
fn the_rodent_plateau_has_12_65_mv_peak_to_peak_and_varies_by_half_a_percent() {
    let (mean, variation) = rodent_plateau(&raw());
    assert!((mean - 12.65).abs() < 0.005, "{mean} mV");
    assert!((variation - 0.50).abs() < 0.01, "{variation} %");
}

#[test]
fn smoothing_and_interpolation_change_the_rodent_plateau_by_less_than_one_percent() {
    let (mean, variation) = rodent_plateau(&Settings::default());
    assert!((mean / 12.65 - 1.0).abs() < 0.01, "{mean} mV");
    assert!((variation - 0.50).abs() < 0.05, "{variation} %");
}

#[test]
fn the_human_m_waves_have_the_peak_to_peak_values_of_the_program_that_measured_them() {
    let mut settings = raw();
    settings.cmap.window_start_ms = 8.1;
    settings.cmap.window_end_ms = 15.9;
    let study = analyze("recordings/real/m-wave-human.csv", &settings);
    let oracle = std::fs::read_to_string(fixture("oracle/m_wave_human.csv")).unwrap();
    let expected: Vec<f64> = oracle
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap().parse().unwrap())
        .collect();
    let cmaps = &study.channels[0].cmaps;
    assert_eq!(cmaps.len(), expected.len());
    // Below, the lowest point of the oracle's window is that of no M wave.
    const M_WAVE_MV: f64 = 2.5;
    let mut compared = 0;
    for (cmap, expected) in cmaps
        .iter()
        .zip(expected)
        .filter(|(_, expected)| *expected >= M_WAVE_MV)
    {
        let found = peak_to_peak(cmap).unwrap();
        assert!(
            (found - expected).abs() < 1e-6,
            "{found} instead of {expected} mV"
        );
        compared += 1;
    }
    assert_eq!(compared, 13);
}

#[test]
fn voluntary_needle_emg_yields_no_cmap() {
    let mut recording = open(
        &fixture("recordings/real/needle-emg.edf"),
        &Reading::default(),
    )
    .unwrap();
    let settings = Settings::default();
    let unmarked = study::analyze(&recording, &settings).unwrap();
    assert!(
        unmarked.channels[0]
            .cmaps
            .iter()
            .all(|cmap| peak_to_peak(cmap).is_none())
    );
    // Nor does it with stimuli that were never given.
    recording.marks.extend((1..120).map(|index| Mark {
        time: Seconds(0.1 * f64::from(index)),
        duration: None,
        text: "stimulus".into(),
        channel: None,
    }));
    recording
        .marks
        .sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    let marked = study::analyze(&recording, &settings).unwrap();
    let cmaps = &marked.channels[0].cmaps;
    let found = cmaps
        .iter()
        .filter(|cmap| cmap.get("amplitude").unwrap().is_ok())
        .count();
    assert!(
        cmaps.len() > 100 && 100 * found <= cmaps.len(),
        "{found} of {}",
        cmaps.len()
    );
}
