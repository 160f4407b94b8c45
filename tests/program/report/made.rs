//! Studies made by hand, with plausible shapes, for the tests of tables, JSON and figures.

use endplate::cmap::{Cmap, Estimate, Landmark, Landmarks, MEASURES, NotMeasured, Value};
use endplate::finding::{Finding, FindingCode};
use endplate::recording::{Origin, Side, Subject};
use endplate::series::{COMPARISONS, Comparison, Entry, Series, When};
use endplate::stimulus::{Stimulus, StimulusOrigin};
use endplate::study::{self, ChannelStudy, Provenance, Settings, Study};
use endplate::sweep::{ArtefactLeft, Baseline, BaselineKind, Noise, Sweep};
use endplate::synth::{self, Plan, Profile};
use endplate::train::{
    CHANGING_MEASURES, CONVENTIONS, Change, ChangeEstimate, Response, Train, TrainKind, Trust,
};
use endplate::units::{Hertz, Milliseconds, Millivolts, Percent, Seconds};
use std::f64::consts::PI;
use std::sync::Arc;

const RATE: f64 = 20_000.0;
const ONSET: f64 = 3.2;
const PHASE: f64 = 6.0;

/// mV at `t` ms after the stimulus: a negative phase of 6 ms, then a positive one of 9 ms and 0.4 of its size.
fn shape(t: f64, amplitude: f64) -> f64 {
    let t = t - ONSET;
    if (0.0..PHASE).contains(&t) {
        amplitude * (PI * t / PHASE).sin().powf(1.4)
    } else if (PHASE..PHASE + 9.0).contains(&t) {
        -0.4 * amplitude * (PI * (t - PHASE) / 9.0).sin()
    } else {
        0.0
    }
}

/// What a train is made of.
pub struct TrainPlan {
    pub rate: f64,
    /// The amplitudes in mV; `None` where the stimulus is missing, a negative number where the response cannot be measured.
    pub amplitudes: Vec<Option<f64>>,
    pub when: When,
    pub why: NotMeasured,
}

impl TrainPlan {
    /// A train at a rate, at rest.
    pub fn new(rate: f64, amplitudes: impl IntoIterator<Item = f64>) -> Self {
        Self {
            rate,
            amplitudes: amplitudes.into_iter().map(Some).collect(),
            when: When::Rest,
            why: NotMeasured::NoResponse,
        }
    }

    /// The same after exercise.
    pub fn after(mut self, exercise: Option<f64>, delay: f64) -> Self {
        self.when = When::After {
            exercise: exercise.map(Seconds),
            delay: Seconds(delay),
        };
        self
    }
}

/// A fall to 4 and a partial recovery, as in a decrement.
pub fn u_shaped(first: f64, fall: f64, count: usize) -> Vec<f64> {
    let share = |n: usize| match n {
        0 => 0.0,
        1 => 0.6,
        2 => 0.9,
        3 => 1.0,
        _ => 1.0 - 0.06 * (n - 3).min(8) as f64,
    };
    (0..count)
        .map(|n| first * (1.0 - fall * share(n)))
        .collect()
}

/// A dip and a climb, as in an increment.
pub fn climbing(first: f64, gain: f64, count: usize) -> Vec<f64> {
    (0..count)
        .map(|n| {
            first
                * (1.0 + gain * (n as f64 / count as f64).powi(2) - if n == 1 { 0.1 } else { 0.0 })
        })
        .collect()
}

/// Noise that is the same on every machine.
fn noise(seed: &mut u64) -> f64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    ((*seed >> 33) as f64 / f64::from(u32::MAX >> 1) - 0.5) * 0.02
}

fn estimate(id: &str, amplitude: f64) -> Estimate {
    let value = match id {
        "amplitude" => amplitude,
        "area" => amplitude * 3.4,
        _ => 6.0,
    };
    let half = 0.02 * amplitude.abs() + 0.01;
    Estimate {
        value,
        low: value - half,
        high: value + half,
        sd: half / 2.0,
        bound: 0.0,
    }
}

fn landmarks(amplitude: f64) -> Landmarks {
    let at = |time: f64| {
        Some(Landmark {
            time: Milliseconds(time),
            value: Millivolts(shape(time, amplitude)),
        })
    };
    Landmarks {
        onset: at(ONSET + 0.15),
        negative_peak: at(ONSET + PHASE / 2.0),
        baseline_return: at(ONSET + PHASE),
        positive_peak: at(ONSET + PHASE + 4.5),
        end: at(ONSET + PHASE + 9.0),
    }
}

fn sweep(time: f64, rate: f64, amplitude: f64, seed: &mut u64) -> Sweep {
    let until = if rate > 0.0 {
        (1000.0 / rate).min(60.0)
    } else {
        60.0
    };
    let first = -5.0;
    let count = ((until - first) * RATE / 1000.0) as usize;
    let values = (0..count).map(|i| {
        let t = first + i as f64 * 1000.0 / RATE;
        let artefact = if (0.0..0.8).contains(&t) {
            30.0 * (t * 12.0).sin()
        } else {
            0.0
        };
        shape(t, amplitude) + artefact + noise(seed)
    });
    Sweep {
        stimulus: Stimulus {
            time: Seconds(time),
            uncertainty: Seconds(0.00001),
            origin: StimulusOrigin::Mark,
            channel: None,
            current: None,
            width: None,
        },
        rate: Hertz(RATE),
        first: Milliseconds(first),
        values: values.collect(),
        baseline: Baseline {
            level: Some(Millivolts(0.01)),
            kind: BaselineKind::BeforeStimulus,
            sd: Millivolts(0.001),
            samples: 100,
            start: endplate::units::Milliseconds(-10.0),
        },
        noise: Some(Arc::new(Noise {
            rate: Hertz(RATE),
            rms: Millivolts(0.005),
            semivariogram: vec![0.0, 2.5e-5].into(),
            samples: 1000,
        })),
        until: Milliseconds(until),
        quiet_peak: Some(Millivolts(0.02)),
        saturated: Vec::new(),
        artefact_end: Milliseconds(0.9),
        artefact_left: ArtefactLeft::default(),
        findings: Vec::new(),
    }
}

fn cmap(amplitude: f64, why: &NotMeasured) -> Cmap {
    let measured = amplitude >= 0.0;
    let value = |id: &str| -> Value {
        if measured {
            Ok(estimate(id, amplitude))
        } else {
            Err(why.clone())
        }
    };
    Cmap {
        landmarks: if measured {
            landmarks(amplitude)
        } else {
            Landmarks::default()
        },
        values: MEASURES.iter().map(|measure| value(measure.id)).collect(),
        repetitive: None,
        findings: vec![Finding::new(FindingCode::WindowCut, "")],
    }
}

fn change(measure: &'static str, convention: &'static str, plan: &TrainPlan) -> Change {
    let first = plan
        .amplitudes
        .first()
        .copied()
        .flatten()
        .filter(|a| *a > 0.0);
    let other = plan
        .amplitudes
        .get(3)
        .copied()
        .flatten()
        .filter(|a| *a > 0.0);
    let sign = if convention.starts_with("increment") {
        1.0
    } else {
        -1.0
    };
    let value = match (first, other) {
        (Some(first), Some(other)) => {
            let percent = sign * 100.0 * (other / first - 1.0);
            Ok(ChangeEstimate {
                value: Percent(percent),
                low: Percent(percent - 1.3),
                high: Percent(percent + 1.3),
                sd: Percent(0.6),
                bound: Percent(0.1),
            })
        }
        _ => Err(NotMeasured::ReferenceMissing("response 4".to_owned())),
    };
    Change {
        measure,
        convention,
        from: 1,
        to: value.is_ok().then_some(4),
        above: Vec::new(),
        value,
    }
}

/// A channel with the trains of the plans, all in one series.
pub fn channel(label: &str, plans: &[TrainPlan]) -> ChannelStudy {
    let mut seed = 7;
    let mut made = ChannelStudy {
        index: 0,
        label: label.to_owned(),
        muscle: Some("abductor digiti minimi".to_owned()),
        nerve: Some("ulnar".to_owned()),
        side: Some(Side::Right),
        rate: Hertz(RATE),
        sweeps: Vec::new(),
        cmaps: Vec::new(),
        trains: Vec::new(),
        series: Vec::new(),
        verdicts: Vec::new(),
        findings: Vec::new(),
    };
    let mut entries = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        let start = 60.0 * number as f64;
        let mut train = Train {
            label: None,
            start: Seconds(start),
            kind: match (plan.amplitudes.len(), plan.rate) {
                (1, _) => TrainKind::Single,
                (_, 2.0..=5.0) => TrainKind::Low,
                (_, 20.0..=50.0) => TrainKind::High,
                _ => TrainKind::Other,
            },
            rate: if plan.rate > 0.0 {
                Ok(Hertz(plan.rate))
            } else {
                Err(NotMeasured::TooFewStimuli)
            },
            irregularity: None,
            responses: Vec::new(),
            missing: Vec::new(),
            changes: Vec::new(),
            shape: Err(NotMeasured::TooFewStimuli),
            late_over_early: Err(NotMeasured::TooFewStimuli),
            enlargement: Err(NotMeasured::TooFewStimuli),
            findings: Vec::new(),
            trust: Trust::Believed,
        };
        for (n, amplitude) in plan.amplitudes.iter().enumerate() {
            let Some(amplitude) = *amplitude else {
                train.missing.push(n + 1);
                continue;
            };
            train.responses.push(Response {
                index: made.sweeps.len(),
                ordinal: Some(n + 1),
            });
            let time = start + n as f64 / plan.rate.max(1.0);
            made.sweeps
                .push(sweep(time, plan.rate, amplitude.max(0.0), &mut seed));
            made.cmaps.push(cmap(amplitude, &plan.why));
        }
        for measure in CHANGING_MEASURES {
            for convention in CONVENTIONS {
                train.changes.push(change(measure, convention.id, plan));
            }
        }
        entries.push(Entry {
            train: number,
            when: plan.when,
        });
        made.trains.push(train);
    }
    let comparisons = COMPARISONS.iter().map(|card| Comparison {
        measure: "amplitude",
        comparison: card.id,
        from_train: Some(0),
        to_train: None,
        above: Vec::new(),
        enlargement: Err(NotMeasured::NotApplicable("made".to_owned())),
        value: Err(NotMeasured::ReferenceMissing(
            "train after exercise".to_owned(),
        )),
    });
    if plans.len() > 1 {
        made.series.push(Series {
            entries,
            comparisons: comparisons.collect(),
            findings: Vec::new(),
        });
    }
    made
}

/// A study of channels.
pub fn study(file: &str, mut channels: Vec<ChannelStudy>) -> Study {
    let pattern = study::interpret(&mut channels, &[], &Settings::default()).unwrap();
    Study {
        corrections: Vec::new(),
        original: None,
        origin: Origin {
            path: file.into(),
            format: "edf".to_owned(),
            sha256: "00".repeat(32),
            bytes: 12_345,
            ..Origin::default()
        },
        subject: Subject::default(),
        marks: Vec::new(),
        stimuli: channels
            .iter()
            .flat_map(|channel| channel.sweeps.iter().map(|sweep| sweep.stimulus.clone()))
            .collect(),
        channels,
        pattern,
        findings: vec![Finding::new(FindingCode::TemperatureUnknown, "")],
        provenance: Provenance {
            version: env!("CARGO_PKG_VERSION"),
            settings: Settings::default().to_toml(),
        },
    }
}

/// Studies that were simulated and took the whole path.
pub fn simulated() -> Vec<(&'static str, Study)> {
    [("mg", Profile::Mg), ("lems-simulated", Profile::Lems)]
        .into_iter()
        .map(|(name, profile)| {
            let plan = Plan {
                profile,
                ..Plan::default()
            };
            let mut recording = synth::simulate(&plan).recording;
            recording.origin.path = format!("{name}.h5").into();
            let study = study::analyze(&recording, &Settings::default()).unwrap();
            (name, study)
        })
        .collect()
}

/// Studies of very different kinds: name, study.
pub fn all() -> Vec<(&'static str, Study)> {
    let mg = || u_shaped(8.3, 0.27, 10);
    let mut gaps = TrainPlan::new(3.0, mg());
    gaps.amplitudes[4] = None;
    gaps.amplitudes[6] = Some(-1.0);
    let silent = |why: NotMeasured| TrainPlan {
        why,
        ..TrainPlan::new(3.0, vec![-1.0; 10])
    };
    let mut no_first = TrainPlan::new(3.0, mg());
    no_first.amplitudes[0] = Some(-1.0);
    no_first.why = NotMeasured::Saturated;
    let exercise = |scale: f64| {
        let mut plans = vec![TrainPlan::new(3.0, u_shaped(scale, 0.15, 10))];
        plans.push(TrainPlan::new(30.0, climbing(scale, 2.5, 30)).after(Some(10.0), 1.5));
        for minute in 0..5 {
            let fall = 0.06 + 0.07 * f64::from(minute);
            let delay = 60.0 * f64::from(minute) + 2.0;
            plans.push(
                TrainPlan::new(3.0, u_shaped(scale * 1.1, fall, 10)).after(Some(60.0), delay),
            );
        }
        plans
    };
    let mut unknown = exercise(6.0);
    unknown
        .iter_mut()
        .for_each(|plan| plan.when = When::Unknown);
    let many: Vec<TrainPlan> = (0..12)
        .map(|n| TrainPlan::new(3.0, u_shaped(0.4, 0.2, 5)).after(None, 5.0 * f64::from(n)))
        .collect();
    let long =
        "Ableitung über dem Musculus abductor digiti minimi der rechten Hand, Elektrode 3 <&>";
    let mut named = channel(long, &[TrainPlan::new(3.0, mg())]);
    named.muscle = None;
    vec![
        (
            "decrement",
            study(
                "p07/adm-3hz.edf",
                vec![channel("ADM", &[TrainPlan::new(3.0, mg())])],
            ),
        ),
        ("gaps", study("gaps.edf", vec![channel("APB", &[gaps])])),
        (
            "lems",
            study("lems.edf", vec![channel("ADM", &exercise(0.9))]),
        ),
        (
            "unknown",
            study("order-only.csv", vec![channel("NC L_APB", &unknown)]),
        ),
        ("many", study("many.h5", vec![channel("EDB", &many)])),
        (
            "single",
            study(
                "single.edf",
                vec![channel("ADM", &[TrainPlan::new(0.0, [19.4])])],
            ),
        ),
        (
            "tiny",
            study(
                "tiny.edf",
                vec![channel(
                    "ADM",
                    &[TrainPlan::new(50.0, climbing(0.11, 6.0, 50))],
                )],
            ),
        ),
        (
            "silent",
            study(
                "silent.edf",
                vec![channel("ADM", &[silent(NotMeasured::NoResponse)])],
            ),
        ),
        (
            "no-first",
            study(
                "no-first.edf",
                vec![channel(
                    "ADM",
                    &[
                        no_first,
                        silent(NotMeasured::LandmarkMissing(
                            "no return to the baseline before the sweep ends".to_owned(),
                        )),
                    ],
                )],
            ),
        ),
        (
            "long-names",
            study(
                "a-very-long-name-of-a-file-that-somebody-gave-to-a-recording-of-2026-03-01-in-the-morning.edf",
                vec![named],
            ),
        ),
        ("empty", study("empty.edf", vec![channel("../..", &[])])),
    ]
}
