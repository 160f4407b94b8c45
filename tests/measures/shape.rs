//! How often shape, enlargement and repetitive responses are told right on simulated studies.

use endplate::finding::FindingCode;
use endplate::study::{self, ChannelStudy, Settings};
use endplate::synth::{ChannelTruth, Plan, Profile, Protocol, simulate};
use endplate::train::{Enlargement, Shape};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The channel of each seed with its truth.
fn studies(
    profile: Profile,
    protocol: &str,
    seeds: std::ops::Range<u64>,
) -> Vec<(ChannelStudy, ChannelTruth)> {
    let protocol: Protocol = protocol.parse().unwrap();
    seeds
        .into_par_iter()
        .map(|seed| {
            let simulated = simulate(&Plan {
                profile,
                seed,
                protocol: protocol.clone(),
                ..Plan::default()
            });
            let mut study = study::analyze(&simulated.recording, &Settings::default()).unwrap();
            (
                study.channels.remove(0),
                simulated.truth.channels.into_iter().next().unwrap(),
            )
        })
        .collect()
}

fn counted<K: Ord>(items: impl IntoIterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

/// Seeds that no number was tuned on; with `ENDPLATE_SEEDS=200` the tables of the method pages follow.
fn seeds(default: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("ENDPLATE_SEEDS").ok();
    let count = asked.and_then(|count| count.parse().ok());
    3000..3000 + count.unwrap_or(default)
}

#[test]
fn shapes_of_simulated_trains_at_3_hz() {
    let of = |profile: Profile| {
        let shapes = studies(profile, "3Hz*10", seeds(40))
            .into_iter()
            .map(|(channel, _)| channel.trains[0].shape.clone().unwrap());
        let counts = counted(shapes);
        println!("{:20} {counts:?}", profile.id());
        counts
    };
    let share = |counts: &BTreeMap<Shape, usize>, shapes: &[Shape]| -> f64 {
        let all: usize = counts.values().sum();
        let some: usize = shapes.iter().filter_map(|shape| counts.get(shape)).sum();
        100.0 * some as f64 / all as f64
    };
    let bent = [Shape::UShape, Shape::Plateau];
    let technical = [
        Shape::Step,
        Shape::Irregular,
        Shape::Linear,
        Shape::LateOnly,
        Shape::Rising,
    ];
    let normal = of(Profile::Normal);
    assert!(share(&normal, &[Shape::Even]) >= 97.0);
    for profile in [Profile::MgMild, Profile::Mg, Profile::MgSevere] {
        let counts = of(profile);
        assert_eq!(share(&counts, &[Shape::Progressive]), 0.0);
        assert_eq!(share(&counts, &technical), 0.0);
        if profile != Profile::MgMild {
            assert!(share(&counts, &bent) >= 90.0, "{profile:?}");
        }
    }
    for profile in [Profile::Lems, Profile::LemsMild, Profile::Botulism] {
        let counts = of(profile);
        assert!(share(&counts, &bent) <= 5.0, "{profile:?}");
        assert!(share(&counts, &technical) <= 1.0, "{profile:?}");
    }
}

#[test]
fn true_increment_and_pseudofacilitation_are_told_apart_at_20_to_50_hz() {
    let protocol = "20Hz*40,wait:60s,30Hz*30,wait:60s,50Hz*50";
    let kinds = |profile: Profile, least_pct: f64, count: u64| {
        let mut kinds = Vec::new();
        for (channel, truth) in studies(profile, protocol, seeds(count)) {
            for (train, expected) in channel.trains.iter().zip(&truth.trains) {
                let increment = expected.amplitude.and_then(|c| c.increment_high_pct);
                if increment.is_some_and(|increment| increment >= least_pct) {
                    let kind = train.enlargement.as_ref().map(|read| read.kind);
                    kinds.push(kind.map_err(|why| why.code()));
                }
            }
        }
        let counts = counted(kinds);
        println!(
            "{:20} true increment ≥ {least_pct} %: {counts:?}",
            profile.id()
        );
        counts
    };
    let true_increment = Ok(Enlargement::TrueIncrement);
    for (profile, count) in [(Profile::Pseudofacilitation, 200), (Profile::Normal, 40)] {
        let counts = kinds(profile, f64::NEG_INFINITY, count);
        assert_eq!(counts.get(&true_increment), None, "{profile:?}");
    }
    let lems = kinds(Profile::Lems, 80.0, 40);
    let all: usize = lems.values().sum();
    let right = lems.get(&true_increment).copied().unwrap_or(0);
    assert!(all >= 80, "only {all} trains");
    assert!(100 * right >= 97 * all, "{right} of {all}");
    for profile in [Profile::LemsMild, Profile::Botulism] {
        kinds(profile, 25.0, 10);
    }
}

#[test]
fn facilitation_after_exercise_is_a_true_increment_in_low_release_only() {
    let kinds = |profile: Profile| {
        let kinds = studies(
            profile,
            "single,wait:30s,exercise:10s,after:2s,single",
            seeds(40),
        )
        .into_iter()
        .map(|(channel, _)| {
            let comparison = channel.series[0]
                .comparisons
                .iter()
                .find(|c| c.comparison == "facilitation" && c.measure == "amplitude");
            let read = comparison.unwrap().enlargement.as_ref();
            read.map(|read| read.kind).map_err(|why| why.code())
        });
        let counts = counted(kinds);
        println!("{:20} after 10 s exercise: {counts:?}", profile.id());
        counts
    };
    let true_increment = Ok(Enlargement::TrueIncrement);
    for profile in [Profile::Pseudofacilitation, Profile::Normal] {
        assert_eq!(kinds(profile).get(&true_increment), None, "{profile:?}");
    }
    let lems = kinds(Profile::Lems);
    let right = lems.get(&true_increment).copied().unwrap_or(0);
    let all: usize = lems.values().sum();
    assert!(100 * right >= 97 * all, "{right} of {all}");
}

#[test]
fn repetitive_responses_are_found_in_their_profile_and_in_no_other() {
    for &profile in Profile::ALL {
        let (mut found, mut single, mut all) = (0, 0, 0);
        for (channel, truth) in studies(profile, "single,wait:30s,3Hz*5", seeds(40)) {
            let said = |train: usize| {
                let mut findings = channel.trains[train].findings.iter();
                findings.any(|finding| finding.code == FindingCode::RepetitiveCmap)
            };
            assert_eq!(
                truth.responses[0].repetitive_mv.is_some(),
                profile == Profile::SlowChannel
            );
            single += usize::from(said(0));
            found += usize::from(said(1));
            all += 1;
        }
        println!(
            "{:20} single shock {single}, train {found} of {all}",
            profile.id()
        );
        if profile == Profile::SlowChannel {
            assert!(100 * found >= 95 * all, "{found} of {all}");
            assert!(100 * single >= 95 * all, "{single} of {all}");
        } else {
            assert_eq!((single, found), (0, 0), "{profile:?}");
        }
    }
}
