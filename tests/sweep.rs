//! Stimuli and sweeps on signals whose every part is known.

use endplate::finding::FindingCode;
use endplate::math::{spectrum, variogram};
use endplate::recording::{
    Calibration, Channel, Clock, Mark, Origin, Recording, Role, Samples, Segment, Subject,
    Vocabulary,
};
use endplate::stimulus::{self, Stimulus};
use endplate::sweep::{self, BaselineKind, Cut, Settings, Sweep};
use endplate::synth::{Layout, Plan, Profile, StimulusRecord, simulate};
use endplate::units::{Hertz, Seconds};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use std::f64::consts::TAU;

/// A recording of one channel, part by part; mV and s.
struct Scene {
    rate: f64,
    length: f64,
    stimuli: Vec<f64>,
    cmap: f64,
    noise: f64,
    /// RMS, Hz, and the parts of the third and fifth harmonic.
    mains: (f64, f64, f64, f64),
    /// Height of the pulse of 0.2 ms, height of its tail at 0.2 ms, time constant (ms).
    artefact: (f64, f64, f64),
    alternating: bool,
    drift: f64,
    step: f64,
    seed: u64,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            rate: 10_000.0,
            length: 8.0,
            stimuli: train(2.0, 3.0, 10),
            cmap: 8.0,
            noise: 0.005,
            mains: (0.0, 50.0, 0.0, 0.0),
            artefact: (3.0, 0.0, 1.0),
            alternating: false,
            drift: 0.0,
            step: 0.0,
            seed: 1,
        }
    }
}

fn train(start: f64, rate: f64, count: usize) -> Vec<f64> {
    // Not a whole number of samples.
    (0..count)
        .map(|i| start + 0.000_037 + i as f64 / rate)
        .collect()
}

/// A biphasic response that begins 3 ms after the stimulus: unit height, about 12 ms long.
fn response(ms: f64) -> f64 {
    let x = ms - 3.0;
    if x <= 0.0 {
        return 0.0;
    }
    // Smooth at the onset; the peaks come at 2 and 7 ms.
    let negative = (x / 2.0).powi(2) * (2.0 - x).exp();
    let positive = 0.25 * (x / 7.0).powi(8) * (8.0 * (1.0 - x / 7.0)).exp();
    negative - positive
}

impl Scene {
    fn mains_at(&self, t: f64) -> f64 {
        let (rms, hertz, third, fifth) = self.mains;
        let a = rms * 2f64.sqrt();
        a * ((TAU * hertz * t + 0.4).sin()
            + third * (3.0 * TAU * hertz * t + 1.0).sin()
            + fifth * (5.0 * TAU * hertz * t + 2.0).sin())
    }

    fn signal(&self) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let normal = Normal::new(0.0, self.noise.max(1e-300)).unwrap();
        let n = (self.length * self.rate) as usize;
        let mut values: Vec<f64> = (0..n)
            .map(|i| {
                let t = i as f64 / self.rate;
                normal.sample(&mut rng) + self.mains_at(t) + self.drift * t
            })
            .collect();
        for (number, &time) in self.stimuli.iter().enumerate() {
            let sign = if self.alternating && number % 2 == 1 {
                -1.0
            } else {
                1.0
            };
            let (pulse, tail, tau) = self.artefact;
            let first = (time * self.rate).ceil() as usize;
            for (i, value) in values
                .iter_mut()
                .enumerate()
                .skip(first)
                .take((0.1 * self.rate) as usize)
            {
                let ms = (i as f64 / self.rate - time) * 1000.0;
                *value += self.cmap * response(ms);
                *value += sign
                    * if ms < 0.2 {
                        pulse
                    } else {
                        tail * (-(ms - 0.2) / tau).exp()
                    };
            }
        }
        if self.step > 0.0 {
            for value in &mut values {
                *value = (*value / self.step).round() * self.step;
            }
        }
        values
    }

    fn recording(&self, marked: bool) -> Recording {
        recording(
            vec![channel(self.rate, vec![(0.0, self.signal())])],
            if marked { &self.stimuli } else { &[] },
        )
    }

    fn cut(&self) -> Cut {
        let recording = self.recording(true);
        let found = stimuli(&recording);
        sweep::cut(&recording, 0, &found, &Settings::default()).unwrap()
    }
}

fn channel(rate: f64, segments: Vec<(f64, Vec<f64>)>) -> Channel {
    Channel {
        label: "ADM".into(),
        role: Role::Response,
        rate: Hertz(rate),
        segments: segments
            .into_iter()
            .map(|(start, samples)| Segment {
                start: Seconds(start),
                samples: Samples::F64(samples),
            })
            .collect(),
        calibration: Calibration {
            gain: 1.0,
            offset: 0.0,
            rails: None,
            unit: "mV".into(),
            millivolts_per_unit: Some(1.0),
        },
        muscle: None,
        nerve: None,
        side: None,
        prefilter: None,
        transducer: None,
        findings: Vec::new(),
    }
}

fn recording(channels: Vec<Channel>, marks: &[f64]) -> Recording {
    Recording {
        channels,
        marks: marks
            .iter()
            .map(|&time| Mark {
                time: Seconds(time),
                duration: None,
                text: "Stimulus".into(),
                channel: None,
            })
            .collect(),
        origin: Origin::default(),
        subject: Subject::default(),
        findings: Vec::new(),
    }
}

fn stimuli(recording: &Recording) -> Vec<Stimulus> {
    stimulus::find(
        recording,
        &Vocabulary::default(),
        &stimulus::Settings::default(),
    )
    .stimuli
}

fn has(findings: &[endplate::finding::Finding], code: FindingCode) -> bool {
    findings.iter().any(|finding| finding.code == code)
}

fn time(sweep: &Sweep, index: usize) -> f64 {
    sweep.first.0 + index as f64 * 1000.0 / sweep.rate.0
}

/// The difference from the pure response from `from` to `to` ms.
fn error(sweep: &Sweep, height: f64, from: f64, to: f64) -> Vec<f64> {
    (0..sweep.values.len())
        .filter(|&i| (from..=to).contains(&time(sweep, i)))
        .map(|i| sweep.values[i] - height * response(time(sweep, i)))
        .collect()
}

fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

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
    for gamma in &noise.semivariogram[1..] {
        assert!((gamma / 2.5e-5 - 1.0).abs() < 0.05, "{gamma}");
    }
    assert!(noise.semivariogram.len() > 400);
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
        assert!(sweep.baseline.level.0.abs() < 0.001);
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
    );
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
            for drift_uv in [100.0] {
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

/// Numbers of a file that `fixtures/make/*.py` wrote.
fn oracle(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(format!("fixtures/oracle/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn the_semivariogram_is_that_of_numpy() {
    let oracle = oracle("variogram");
    let present: Vec<bool> = numbers(&oracle["present"])
        .iter()
        .map(|&p| p > 0.5)
        .collect();
    let mut variogram = variogram::Variogram::new(80);
    variogram.add(&numbers(&oracle["values"]), &present);
    let expected = numbers(&oracle["semivariogram"]);
    let got = variogram.semivariogram(1);
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(&expected) {
        assert!(
            (got - expected).abs() <= 1e-9 * expected.max(1e-3),
            "{got} {expected}"
        );
    }
    let variance = variogram::variance(&numbers(&oracle["weights"]), &expected);
    assert!((variance - oracle["variance"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn sinusoids_are_fitted_as_scipy_does() {
    let oracle = oracle("mains");
    let step = oracle["step_s"].as_f64().unwrap();
    let pieces: Vec<spectrum::Piece> = oracle["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| spectrum::Piece {
            start: piece["start_s"].as_f64().unwrap(),
            values: numbers(&piece["values"]),
        })
        .collect();
    let fit = spectrum::fit(&pieces, &numbers(&oracle["hertz"]), step).unwrap();
    for (got, expected) in fit
        .solution
        .unknowns
        .iter()
        .zip(numbers(&oracle["amplitudes"]))
    {
        assert!((got - expected).abs() < 1e-9, "{got} {expected}");
    }
    let expected = oracle["residual"].as_f64().unwrap();
    assert!((fit.solution.residual - expected).abs() < 1e-9 * expected);
    let expected = oracle["variance_at_0_02_s"].as_f64().unwrap();
    assert!((fit.variance_at(0.02) - expected).abs() < 1e-9);
}
