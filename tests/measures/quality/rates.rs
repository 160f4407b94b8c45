//! How often a fault is found, and how often something is raised where there is none.

use super::cases::{CASES, Case};
use endplate::finding::FindingCode;
use endplate::quality::CHECKS;
use endplate::study::{self, Settings, Study};
use endplate::synth::{Layout, Plan, Profile, StimulusRecord, simulate};
use endplate::train::Trust;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Limits were chosen on seeds below 10,000.
const SEEDS_FROM: u64 = 20_000;
/// A fault that changes the decrement by so many points must be found.
const POINTS: f64 = 5.0;
const FOUND_AT_LEAST: f64 = 0.95;
const RAISED_BELOW: f64 = 0.02;

fn analyzed(recording: &endplate::recording::Recording) -> Study {
    study::analyze(recording, &Settings::default()).unwrap()
}

/// The largest difference between the measured decrements of the first train and those of a clean study; infinite if one is not measured.
fn changed(study: &Study, clean: &endplate::synth::Truth) -> f64 {
    let Some(truth) = clean.channels[0].trains[0].amplitude else {
        return 0.0;
    };
    let Some(train) = study.channels[0].trains.first() else {
        return f64::INFINITY;
    };
    [
        ("decrement_1_4", truth.decrement_1_4_pct),
        ("decrement_1_5", truth.decrement_1_5_pct),
    ]
    .into_iter()
    .filter_map(|(convention, truth)| {
        let measured = train.change("amplitude", convention)?.value.as_ref();
        Some(measured.map_or(f64::INFINITY, |value| {
            (value.value.0 - truth.unwrap_or(0.0)).abs()
        }))
    })
    .fold(0.0, f64::max)
}

fn codes(study: &Study) -> Vec<FindingCode> {
    let trains = study.channels[0].trains.iter();
    trains
        .flat_map(|train| &train.findings)
        .chain(&study.findings)
        .map(|finding| finding.code)
        .collect()
}

/// Whether a study is found; `None` if the fault changed too little.
fn found(case: &Case, profile: Profile, seed: u64, part: f64) -> Option<bool> {
    let clean = Plan {
        profile,
        seed,
        protocol: case.protocol.parse().unwrap(),
        ..Plan::default()
    };
    let mut plan = clean.clone();
    (case.spoil)(&mut plan, part);
    let mut recording = simulate(&plan).recording;
    (case.edit)(&mut recording);
    let study = analyzed(&recording);
    if case.decrement && changed(&study, &simulate(&clean).truth) < POINTS {
        return None;
    }
    let codes = codes(&study);
    Some(case.family.iter().any(|code| codes.contains(code)))
}

/// Found, of how many, for some profiles.
fn rate(case: &Case, profiles: &[Profile], studies: u64) -> (usize, usize) {
    let jobs: Vec<(Profile, u64)> = profiles
        .iter()
        .flat_map(|&profile| (0..studies).map(move |number| (profile, number)))
        .collect();
    let results: Vec<bool> = jobs
        .par_iter()
        .filter_map(|&(profile, number)| {
            // The golden ratio spreads the sizes evenly, whatever the number of studies.
            let part = (0.618_033_988_75 * number as f64 + 0.11 * profile as u8 as f64).fract();
            found(case, profile, SEEDS_FROM + number, part)
        })
        .collect();
    (
        results.iter().filter(|found| **found).count(),
        results.len(),
    )
}

fn percent(found: usize, of: usize) -> String {
    match of {
        0 => "–".to_owned(),
        _ => format!("{:.0} % of {of}", 100.0 * found as f64 / of as f64),
    }
}

fn detection(studies: u64) -> Vec<String> {
    let mut table = String::from("| fault | found | hard profiles |\n|---|---|---|\n");
    let mut missed = Vec::new();
    for case in CASES {
        let (found, of) = rate(case, case.profiles, studies);
        let (hard, of_hard) = rate(case, case.hard, studies);
        let line = format!(
            "| {} | {} | {} |",
            case.name,
            percent(found, of),
            percent(hard, of_hard)
        );
        writeln!(table, "{line}").unwrap();
        if of == 0 || (found as f64) < FOUND_AT_LEAST * of as f64 {
            missed.push(line);
        }
    }
    println!("{table}");
    missed
}

/// What a clean study raises: codes of checks, and `None` for a refused train.
fn raised(plan: &Plan) -> Vec<Option<FindingCode>> {
    let study = analyzed(&simulate(plan).recording);
    let mut raised: Vec<Option<FindingCode>> = codes(&study)
        .into_iter()
        .filter(|code| CHECKS.iter().any(|check| check.finding == *code))
        .map(Some)
        .collect();
    let mut trains = study.channels[0].trains.iter();
    if trains.any(|train| train.trust != Trust::Believed) {
        raised.push(None);
    }
    raised.sort_unstable();
    raised.dedup();
    raised
}

fn false_alarms(studies: u64) -> Vec<String> {
    let plans: Vec<Plan> = Profile::ALL
        .iter()
        .flat_map(|&profile| ["low", "high", "standard"].map(|protocol| (profile, protocol)))
        .flat_map(|(profile, protocol)| {
            (0..studies).map(move |number| Plan {
                profile,
                seed: SEEDS_FROM + number,
                protocol: protocol.parse().unwrap(),
                ..Plan::default()
            })
        })
        .collect();
    let results: Vec<_> = plans.par_iter().map(raised).collect();
    let mut counts: BTreeMap<Option<FindingCode>, usize> = BTreeMap::new();
    for (plan, raised) in plans.iter().zip(&results) {
        for code in raised {
            *counts.entry(*code).or_default() += 1;
            println!(
                "raised: {} {} {} {}",
                code.map_or("refused", FindingCode::as_str),
                plan.profile.id(),
                plan.seed,
                plan.protocol
            );
        }
    }
    let of = plans.len();
    println!("| raised in clean studies | of {of} |\n|---|---|");
    let mut wrong = Vec::new();
    for (code, count) in counts {
        let name = code.map_or("a refused train", FindingCode::as_str);
        println!("| {name} | {:.1} % |", 100.0 * count as f64 / of as f64);
        if count as f64 >= RAISED_BELOW * of as f64 {
            wrong.push(format!("{name}: {count} of {of}"));
        }
    }
    wrong
}

#[test]
fn faults_that_change_the_decrement_by_5_points_are_found() {
    let missed = detection(3);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn clean_studies_raise_nothing() {
    let wrong = false_alarms(3);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn coarse_times_of_stimuli_and_long_pulses_refuse_no_train() {
    type Record = fn(&mut Plan);
    let recorded: [(&str, Record); 3] = [
        ("trigger", |plan| plan.stimuli = StimulusRecord::Trigger),
        ("artefact", |plan| plan.stimuli = StimulusRecord::Artefact),
        ("pulse of 1 ms", |plan| {
            plan.pulse_ms = 1.0;
            plan.artefact_mv = 8.0;
        }),
    ];
    let mut plans = Vec::new();
    for (name, record) in recorded {
        for profile in [Profile::Normal, Profile::Mg] {
            for seed in 101..105 {
                let mut plan = Plan {
                    profile,
                    seed,
                    rate_hz: 10_000.0,
                    layout: Layout::Continuous,
                    protocol: "low".parse().unwrap(),
                    ..Plan::default()
                };
                record(&mut plan);
                plans.push((name, plan));
            }
        }
    }
    let wrong: Vec<String> = plans
        .par_iter()
        .filter_map(|(name, plan)| {
            let raised = raised(plan);
            let study = analyzed(&simulate(plan).recording);
            let peak = study.channels[0].cmaps[0].get("peak_latency");
            // The second edge of the pulse comes a millisecond after the stimulus, the peak of a response three at the earliest.
            let peak = peak.and_then(|peak| peak.as_ref().ok());
            let early = peak.is_none_or(|peak| peak.value < 3.0);
            let is_wrong = early || raised.contains(&None);
            is_wrong.then(|| format!("{name} {} {}: {raised:?}", plan.profile.id(), plan.seed))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_shock_at_rest_that_is_not_supramaximal_makes_no_increment_after_exercise() {
    for profile in [Profile::Normal, Profile::Mg] {
        for seed in 401..404 {
            let mut plan = Plan {
                profile,
                seed,
                protocol: "standard".parse().unwrap(),
                ..Plan::default()
            };
            plan.faults.push("rising-recruitment:2:1".parse().unwrap());
            let raised = raised(&plan);
            let smaller = Some(FindingCode::RestingResponseSmaller);
            assert!(
                raised.contains(&smaller),
                "{} {seed}: {raised:?}",
                profile.id()
            );
        }
    }
}

/// The rates of docs/methods/quality.md: `QUALITY_STUDIES=40 cargo test --release --test measures quality::rates -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes; prints the tables of docs/methods/quality.md"]
fn rates() {
    let studies = std::env::var("QUALITY_STUDIES").map_or(40, |text| text.parse().unwrap());
    let missed = detection(studies);
    let wrong = false_alarms(studies);
    assert!(
        missed.is_empty() && wrong.is_empty(),
        "{missed:?} {wrong:?}"
    );
}
