//! A setting that a step cannot work with is refused by its name; with every other one a study can be made.

use endplate::error::{Error, ErrorCode};
use endplate::recording::Recording;
use endplate::stimulus::Stimulus;
use endplate::study::{self, Settings};
use endplate::sweep::Sweep;
use endplate::synth::{Layout, Plan, Profile, StimulusRecord, simulate};
use endplate::{cmap, criteria, pattern, quality, series, stimulus, sweep, train};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use toml::{Table, Value};

/// What nobody means, with whether it is refused wherever it stands.
type Odd = (Value, bool);

static ODD_NUMBERS: &[Odd] = &[
    (Value::Float(f64::NAN), true),
    (Value::Float(f64::INFINITY), true),
    (Value::Float(f64::NEG_INFINITY), true),
    (Value::Float(-1e300), true),
    (Value::Float(-1.0), false),
    (Value::Float(0.0), false),
    (Value::Float(1e-300), false),
    (Value::Float(1e300), false),
];

static ODD_COUNTS: &[Odd] = &[
    (Value::Float(f64::NAN), true),
    (Value::Integer(-1), true),
    (Value::Integer(i64::MAX), true),
    (Value::Integer(0), false),
    (Value::Integer(1), false),
    (Value::Integer(1_000_000), false),
];

/// Keys and indices that lead to a number, and what to put there.
type Place = Vec<String>;
type Found = (Place, &'static [Odd]);

fn numbers(value: &Value, place: &mut Place, found: &mut Vec<Found>) {
    match value {
        Value::Table(inner) => {
            for (key, value) in inner {
                place.push(key.clone());
                numbers(value, place, found);
                place.pop();
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                place.push(index.to_string());
                numbers(value, place, found);
                place.pop();
            }
        }
        Value::Float(_) => found.push((place.clone(), ODD_NUMBERS)),
        Value::Integer(_) => found.push((place.clone(), ODD_COUNTS)),
        _ => {}
    }
}

fn replaced(defaults: &Value, place: &Place, odd: &Value) -> String {
    let mut changed = defaults.clone();
    if place[0] != "sweep" {
        // What comes later does not depend on it, and it takes the most time.
        changed["sweep"]["mains_subtract"] = Value::Boolean(false);
    }
    let slot = place
        .iter()
        .fold(&mut changed, |node, key| match key.parse::<usize>() {
            Ok(index) => &mut node[index],
            Err(_) => &mut node[key.as_str()],
        });
    *slot = odd.clone();
    toml::to_string(&changed).unwrap()
}

/// The setting that a place belongs to, without the index into a list.
fn key(place: &Place) -> &str {
    place
        .iter()
        .rfind(|key| key.parse::<usize>().is_err())
        .unwrap()
}

/// Small recordings that take every step: sweeps around an exercise, and continuous signal with mains whose stimuli must be looked for.
fn recordings() -> [Recording; 2] {
    let plan = Plan {
        profile: Profile::Mg,
        rate_hz: 5000.0,
        ..Plan::default()
    };
    let sweeps = Plan {
        protocol: "3Hz*8,exercise:10s,after:2s,3Hz*4,30Hz*5".parse().unwrap(),
        ..plan.clone()
    };
    let continuous = Plan {
        protocol: "3Hz*4,wait:1s,30Hz*4".parse().unwrap(),
        layout: Layout::Continuous,
        stimuli: StimulusRecord::Artefact,
        mains_uv: 60.0,
        artefact_tail_mv: 0.6,
        ..plan
    };
    [sweeps, continuous].map(|plan| simulate(&plan).recording)
}

#[test]
fn every_odd_number_is_refused_by_name_or_gives_a_study() {
    let defaults = Value::Table(Settings::default().to_toml().parse::<Table>().unwrap());
    let mut places = Vec::new();
    numbers(&defaults, &mut Vec::new(), &mut places);
    assert!(places.len() > 100, "only {} numbers", places.len());
    let recordings = recordings();
    for recording in &recordings {
        study::analyze(recording, &Settings::default()).unwrap();
    }
    let wrong: Vec<String> = places
        .par_iter()
        .flat_map(|(place, odd)| odd.par_iter().map(move |odd| (place, odd)))
        .filter_map(|(place, (odd, always_refused))| {
            let told = |what: String| Some(format!("{} = {odd}: {what}", place.join(".")));
            match Settings::from_toml(&replaced(&defaults, place, odd)) {
                Err(error) => {
                    let named = error.to_string().contains(key(place));
                    let known = error.code() == ErrorCode::BadSettings;
                    (!named || !known).then(|| told(error.to_string()))?
                }
                Ok(_) if *always_refused => told("is let through".to_owned()),
                Ok(settings) => recordings.iter().find_map(|recording| {
                    let analyzed = || study::analyze(recording, &settings);
                    match catch_unwind(AssertUnwindSafe(analyzed)) {
                        Ok(Ok(_)) => None,
                        Ok(Err(error)) => told(error.to_string()),
                        Err(_) => told("panics".to_owned()),
                    }
                }),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_program_cannot_go_around_the_check() {
    let [recording, _] = recordings();
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        let error = study::analyze(&recording, &settings).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadSettings, "{error}");
        error.place().unwrap().to_owned()
    };
    assert_eq!(
        refused(|settings| settings.sweep.mains_block_s = 0.0),
        "sweep.mains_block_s"
    );
    assert_eq!(
        refused(|settings| settings.sweep.before_ms = -50.0),
        "sweep.before_ms"
    );
    assert_eq!(
        refused(|settings| settings.sweep.before_ms = f64::NAN),
        "sweep.before_ms"
    );
    assert_eq!(
        refused(|settings| settings.train.shape.bottom_from = usize::MAX),
        "train.shape.bottom_from"
    );
    assert_eq!(
        refused(|settings| settings.series.decrement = "decrement_none".to_owned()),
        "series.decrement"
    );
    assert_eq!(
        refused(|settings| settings.criteria.sets = vec!["none".to_owned()]),
        "criteria.sets"
    );
}

/// The steps one by one, as a program calls them that goes without `study`. Those that can refuse their settings do; the others
/// take what they get.
fn step_by_step(recording: &Recording, settings: &Settings, known: &Known) -> Result<(), Error> {
    let asked = [
        stimulus::find(recording, &settings.marks, &settings.stimulus).map(|_| ()),
        sweep::fits(recording, &known.stimuli, &settings.sweep),
        sweep::cut(recording, 0, &known.stimuli, &settings.sweep).map(|_| ()),
    ];
    let clock = recording.origin.clock;
    let (cmaps, found) = cmap::measure(&mut known.sweeps.clone(), &settings.cmap);
    let mut trains = train::group(
        train::Material {
            channel: 0,
            stimuli: &known.stimuli,
            cmaps: &cmaps,
            marks: &recording.marks,
            vocabulary: &settings.marks,
            clock,
        },
        &settings.train,
    );
    for train in &trains {
        let _ = train::shape::shape_of(&cmaps, train, &settings.train.shape);
        let _ = train::enlargement::of_train(&cmaps, train, &settings.train.enlargement);
    }
    let series = series::arrange(
        series::Material {
            channel: 0,
            trains: &trains,
            cmaps: &cmaps,
            marks: &recording.marks,
            vocabulary: &settings.marks,
            clock,
            enlargement: &settings.train.enlargement,
            by_hand: &BTreeMap::new(),
        },
        &settings.series,
    );
    quality::assess(
        &mut trains,
        &quality::Material {
            sweeps: &known.sweeps,
            cmaps: &cmaps,
            series: &series,
            channel_findings: &found,
        },
        &settings.quality,
    );
    quality::of_study(&recording.subject, &settings.quality);
    let material = criteria::Material {
        muscle: Some("ADM"),
        trains: &trains,
        series: &series,
        cmaps: &cmaps,
    };
    let verdicts = criteria::judge(&material, &settings.criteria, &settings.pattern.sets());
    let muscle = pattern::Muscle {
        channel: 0,
        name: "ADM".to_owned(),
        material,
        verdicts: &verdicts,
    };
    pattern::read(&[muscle], &[], &settings.pattern);
    asked.into_iter().collect()
}

/// What the defaults make of the first channel of a recording.
struct Known {
    stimuli: Vec<Stimulus>,
    sweeps: Vec<Sweep>,
}

impl Known {
    fn of(recording: &Recording) -> Self {
        let settings = Settings::default();
        let found = stimulus::find(recording, &settings.marks, &settings.stimulus).unwrap();
        let cut = sweep::cut(recording, 0, &found.stimuli, &settings.sweep).unwrap();
        let of_sweep = |sweep: &Sweep| sweep.stimulus.clone();
        Self {
            stimuli: cut.sweeps.iter().map(of_sweep).collect(),
            sweeps: cut.sweeps,
        }
    }
}

#[test]
fn a_single_step_with_settings_that_nobody_checked_refuses_them_or_comes_to_an_end() {
    let defaults = Value::Table(Settings::default().to_toml().parse::<Table>().unwrap());
    let mut places = Vec::new();
    numbers(&defaults, &mut Vec::new(), &mut places);
    let recordings = recordings();
    let known = recordings.each_ref().map(Known::of);
    let wrong: Vec<String> = places
        .par_iter()
        .flat_map(|(place, odd)| odd.par_iter().map(move |(odd, _)| (place, odd)))
        .filter_map(|(place, odd)| {
            // What is no number of the setting at all, no program can give.
            let settings: Settings = toml::from_str(&replaced(&defaults, place, odd)).ok()?;
            let refused = settings.check().is_err();
            let told = |what: &str| Some(format!("{} = {odd}: {what}", place.join(".")));
            recordings
                .iter()
                .zip(&known)
                .find_map(|(recording, known)| {
                    let steps = || step_by_step(recording, &settings, known);
                    match catch_unwind(AssertUnwindSafe(steps)) {
                        Ok(Ok(()))
                            if refused && ["stimulus", "sweep"].contains(&place[0].as_str()) =>
                        {
                            told("is let through")
                        }
                        Ok(Err(error)) if !refused => told(&error.to_string()),
                        Ok(_) => None,
                        Err(_) => told("panics"),
                    }
                })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_study_is_not_interpreted_by_settings_that_are_out_of_range() {
    let [recording, _] = recordings();
    let study = study::analyze(&recording, &Settings::default()).unwrap();
    let mut channels = study.channels.clone();
    let mut settings = Settings::default();
    let pattern = study::interpret(&mut channels, &study.findings, &settings).unwrap();
    assert_eq!(
        (pattern, &channels),
        (study.pattern.clone(), &study.channels)
    );
    settings.criteria.sets = vec!["none".to_owned()];
    let error = study::interpret(&mut channels, &study.findings, &settings).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadSettings);
    assert_eq!(error.place(), Some("criteria.sets"));
    assert_eq!(channels, study.channels, "nothing is replaced");
}

#[test]
fn what_ends_before_it_begins_is_refused_by_both_names() {
    for (text, low, high) in [
        (
            "[sweep]\nbaseline_end_ms = -20",
            "sweep.baseline_start_ms",
            "sweep.baseline_end_ms",
        ),
        (
            "[sweep]\nartefact_tau_shortest_ms = 7",
            "sweep.artefact_tau_shortest_ms",
            "sweep.artefact_tau_longest_ms",
        ),
        (
            "[cmap]\nwindow_end_ms = 0.5",
            "cmap.window_start_ms",
            "cmap.window_end_ms",
        ),
        (
            "[cmap.repetitive]\nbegins_until_ms = 2",
            "cmap.repetitive.begins_from_ms",
            "cmap.repetitive.begins_until_ms",
        ),
        (
            "[train]\nlongest_interval_s = 0.01",
            "train.shortest_interval_ms",
            "train.longest_interval_s",
        ),
        (
            "[train]\nlow_min_hz = 6",
            "train.low_min_hz",
            "train.low_max_hz",
        ),
        (
            "[train]\nhigh_min_hz = 5",
            "train.low_max_hz",
            "train.high_min_hz",
        ),
        (
            "[train]\nhigh_max_hz = 10",
            "train.high_min_hz",
            "train.high_max_hz",
        ),
        (
            "[series]\nexhaustion_from_s = 400",
            "series.exhaustion_from_s",
            "series.exhaustion_until_s",
        ),
        (
            "[quality]\nexercise_brief_shortest_s = 16",
            "quality.exercise_brief_shortest_s",
            "quality.exercise_brief_longest_s",
        ),
        (
            "[quality]\nexercise_long_longest_s = 20",
            "quality.exercise_long_shortest_s",
            "quality.exercise_long_longest_s",
        ),
    ] {
        let error = Settings::from_toml(text).unwrap_err();
        assert_eq!(error.place(), Some(low));
        assert!(error.reason().contains(high), "{error}");
    }
}

#[test]
fn the_settings_that_the_docs_and_benches_give_are_in_range() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    Settings::load(&root.join("benches/peers/unfiltered.toml")).unwrap();
    let page = std::fs::read_to_string(root.join("docs/methods/peak_to_peak.md")).unwrap();
    let (_, after) = page.split_once("```toml\n").unwrap();
    let (text, _) = after.split_once("```").unwrap();
    Settings::from_toml(text).unwrap();
}
