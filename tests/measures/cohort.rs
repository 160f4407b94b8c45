//! A simulated cohort over all profiles, with and without faults, with seeds that no limit was tuned on: which pattern each study gets.
//!
//! The table stands in `docs/cohort.md`. `ENDPLATE_WRITE=1 cargo test --test measures cohort` writes it anew.

use endplate::pattern::Family;
use endplate::study::{Settings, Study, analyze};
use endplate::synth::{FaultKind, Plan, Profile, Simulated, simulate};
use endplate::train::Trust;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Limits were tuned on seeds below 10,000.
const FIRST_SEED: u64 = 700_000;
const STUDIES_PER_PROFILE: u64 = 40;

/// What goes wrong in every second study, in turn.
const FAULTS: &[FaultKind] = &[
    FaultKind::Movement,
    FaultKind::Submaximal,
    FaultKind::MissingStimulus,
    FaultKind::DoubleStimulus,
    FaultKind::GainChange,
    FaultKind::Twitch,
    FaultKind::Saturation,
    FaultKind::ElectrodeOff,
];

struct Case {
    profile: Profile,
    faulty: bool,
    simulated: Simulated,
    study: Study,
}

fn plan(profile: Profile, number: u64) -> Plan {
    let faulty = number % 2 == 1;
    let muscles: &[&str] = if number % 4 < 2 {
        &["ADM"]
    } else {
        &["ADM", "nasalis"]
    };
    Plan {
        profile,
        protocol: "standard".parse().unwrap(),
        muscles: muscles.iter().map(|&name| name.to_owned()).collect(),
        rate_hz: 10_000.0,
        seed: FIRST_SEED + 1000 * profile as u64 + number,
        mains_uv: if number.is_multiple_of(5) { 20.0 } else { 0.0 },
        faults: if faulty {
            let fault = FAULTS[(number / 2) as usize % FAULTS.len()];
            vec![fault.into()]
        } else {
            Vec::new()
        },
        ..Plan::default()
    }
}

fn cohort() -> Vec<Case> {
    let all: Vec<(Profile, u64)> = Profile::ALL
        .iter()
        .flat_map(|&profile| (0..STUDIES_PER_PROFILE).map(move |number| (profile, number)))
        .collect();
    all.par_iter()
        .map(|&(profile, number)| {
            let plan = plan(profile, number);
            let simulated = simulate(&plan);
            let mut study = analyze(&simulated.recording, &Settings::default()).unwrap();
            // The samples are not needed any more.
            for channel in &mut study.channels {
                channel.sweeps.clear();
            }
            let truth = simulated.truth;
            let simulated = Simulated {
                recording: endplate::recording::Recording {
                    channels: Vec::new(),
                    ..simulated.recording
                },
                truth,
            };
            Case {
                profile,
                faulty: !plan.faults.is_empty(),
                simulated,
                study,
            }
        })
        .collect()
}

/// The largest true increment of any muscle: at high rate or right after brief exercise.
fn true_increment(case: &Case) -> f64 {
    let channels = &case.simulated.truth.channels;
    let exercises = &case.simulated.truth.exercises;
    let facilitations = channels
        .iter()
        .flat_map(|channel| &channel.facilitations)
        .filter_map(|facilitation| {
            let brief = exercises.get(facilitation.exercise)?.length_s <= 20.0;
            brief.then_some(facilitation.amplitude_pct)
        });
    let trains = channels.iter().flat_map(|channel| &channel.trains);
    let fast = trains
        .filter(|train| train.kind == "high")
        .filter_map(|train| train.amplitude?.increment_high_pct);
    facilitations.chain(fast).fold(f64::NEG_INFINITY, f64::max)
}

/// The largest true decrement at rest of any muscle whose train at rest is believed.
fn true_decrement(case: &Case) -> f64 {
    let pairs = case
        .simulated
        .truth
        .channels
        .iter()
        .zip(&case.study.channels);
    let believed = pairs.filter(|(_, channel)| believed(channel, 0));
    believed
        .filter_map(|(truth, _)| truth.trains.first()?.amplitude?.decrement_1_4_pct)
        .fold(f64::NEG_INFINITY, f64::max)
}

fn believed(channel: &endplate::study::ChannelStudy, train: usize) -> bool {
    channel
        .trains
        .get(train)
        .is_some_and(|train| train.trust == Trust::Believed)
}

fn all_believed(case: &Case) -> bool {
    let mut trains = case
        .study
        .channels
        .iter()
        .flat_map(|channel| &channel.trains);
    trains.all(|train| train.trust == Trust::Believed)
}

fn describe(case: &Case) -> String {
    let mut text = format!("{} {}\n", case.profile.id(), case.simulated.truth.seed);
    for reason in &case.study.pattern.reasons {
        let _ = writeln!(text, "    {}", reason.text);
    }
    text
}

fn share_of(cases: &[&Case], wanted: Family) -> (usize, String) {
    let missed: Vec<_> = cases
        .iter()
        .filter(|case| case.study.pattern.family != wanted)
        .collect();
    let told = missed.iter().map(|case| describe(case)).collect();
    (cases.len() - missed.len(), told)
}

#[test]
fn patterns_of_a_simulated_cohort() {
    let cases = cohort();
    let table = table(&cases);
    println!("{table}");

    for case in &cases {
        if matches!(case.profile, Profile::Normal | Profile::Pseudofacilitation) {
            assert_ne!(
                case.study.pattern.family,
                Family::Presynaptic,
                "{}",
                describe(case)
            );
        }
    }
    let lems: Vec<&Case> = cases
        .iter()
        .filter(|case| matches!(case.profile, Profile::Lems | Profile::LemsMild))
        .filter(|case| true_increment(case) >= 80.0 && all_believed(case))
        .collect();
    let (right, missed) = share_of(&lems, Family::Presynaptic);
    assert!(
        lems.len() >= 20 && right * 100 >= 95 * lems.len(),
        "{right} of {}\n{missed}",
        lems.len()
    );
    let mg: Vec<&Case> = cases
        .iter()
        .filter(|case| {
            matches!(
                case.profile,
                Profile::MgMild | Profile::Mg | Profile::MgSevere
            )
        })
        .filter(|case| true_decrement(case) >= 15.0)
        .collect();
    let (right, missed) = share_of(&mg, Family::Postsynaptic);
    assert!(
        mg.len() >= 30 && right * 100 >= 95 * mg.len(),
        "{right} of {}\n{missed}",
        mg.len()
    );

    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cohort.md");
    if std::env::var_os("ENDPLATE_WRITE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == table,
        "docs/cohort.md is out of date: ENDPLATE_WRITE=1 cargo test --test measures cohort\n{table}"
    );
}

fn table(cases: &[Case]) -> String {
    let mut text = format!(
        "# Patterns of a simulated cohort\n\n\
        <!-- Made by `ENDPLATE_WRITE=1 cargo test --test measures cohort`. -->\n\n\
        {} simulated studies, {STUDIES_PER_PROFILE} of each profile, standard protocol (`endplate simulate --protocol standard`) in ADM, every second pair with nasalis, \
        at 10 kHz; every second study has a fault ({}), every fifth 20 µV of mains. Seeds from {FIRST_SEED}; no limit was tuned on them. The simulation is no patient: \
        the table shows that the rules do what they say, not how often they are right in a clinic.\n\n\
        Profiles are rows, families of patterns (`endplate list patterns`) are columns.\n",
        cases.len(),
        FAULTS
            .iter()
            .map(|kind| kind.id())
            .collect::<Vec<_>>()
            .join(", "),
    );
    for (title, faulty) in [("Without faults", false), ("With a fault", true)] {
        let _ = write!(text, "\n## {title}\n\n");
        let families = [
            Family::Presynaptic,
            Family::Postsynaptic,
            Family::BothPossible,
            Family::RepetitiveCmap,
            Family::LowCmapAlone,
            Family::Equivocal,
            Family::NothingAbnormal,
            Family::NotTested,
            Family::TechnicallyInadequate,
        ];
        let names: Vec<_> = families
            .iter()
            .map(|family| family.as_str().replace('_', " "))
            .collect();
        let _ = writeln!(text, "| profile | {} |", names.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(families.len() + 1));
        for profile in Profile::ALL {
            let mut counts: BTreeMap<Family, usize> = BTreeMap::new();
            for case in cases
                .iter()
                .filter(|case| case.profile == *profile && case.faulty == faulty)
            {
                *counts.entry(case.study.pattern.family).or_default() += 1;
            }
            let cells: Vec<_> = families
                .iter()
                .map(|family| {
                    counts
                        .get(family)
                        .map_or(String::new(), ToString::to_string)
                })
                .collect();
            let _ = writeln!(text, "| {} | {} |", profile.id(), cells.join(" | "));
        }
    }
    text
}
