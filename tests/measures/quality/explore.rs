//! What the checks see, as lines of JSON, from which limits are chosen.

use endplate::quality::shapes;
use endplate::study::{self, Settings};
use endplate::synth::{Fault, Plan, Profile, simulate};
use rayon::prelude::*;
use serde_json::json;

/// `QUALITY_FAULTS="none movement:1:4:0.3" QUALITY_PROTOCOLS="3Hz*10" QUALITY_SEEDS=1-40 QUALITY_OUT=x.jsonl cargo test --test measures quality
/// explore -- --ignored`
#[test]
#[ignore = "writes a file for the choice of limits"]
fn explore() {
    let read =
        |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let faults = read("QUALITY_FAULTS", "none");
    let protocols = read("QUALITY_PROTOCOLS", "3Hz*10");
    let profiles = read("QUALITY_PROFILES", "");
    let noise: f64 = read("QUALITY_NOISE", "5").parse().unwrap();
    let (from, to) = read("QUALITY_SEEDS", "1-20")
        .split_once('-')
        .map(|(from, to)| (from.parse::<u64>().unwrap(), to.parse::<u64>().unwrap()))
        .unwrap();
    let mut plans = Vec::new();
    for protocol in protocols.split_whitespace() {
        for fault in faults.split_whitespace() {
            for &profile in Profile::ALL {
                if !profiles.is_empty() && !profiles.split(',').any(|name| name == profile.id()) {
                    continue;
                }
                for seed in from..=to {
                    let faults: Vec<Fault> = (fault != "none")
                        .then(|| fault.parse().unwrap())
                        .into_iter()
                        .collect();
                    let plan = Plan {
                        profile,
                        seed,
                        protocol: protocol.parse().unwrap(),
                        faults,
                        noise_uv: noise,
                        ..Plan::default()
                    };
                    plans.push((plan, fault.to_owned(), protocol.to_owned()));
                }
            }
        }
    }
    let lines: Vec<String> = plans
        .par_iter()
        .map(|(plan, fault, protocol)| line(plan, fault, protocol))
        .collect();
    std::fs::write(read("QUALITY_OUT", "explore.jsonl"), lines.join("\n")).unwrap();
}

fn line(plan: &Plan, fault: &str, protocol: &str) -> String {
    let simulated = simulate(plan);
    let study = study::analyze(&simulated.recording, &Settings::default()).unwrap();
    let channel = &study.channels[0];
    let trains: Vec<_> = channel
        .trains
        .iter()
        .map(|train| {
            let of = |measure: &str| -> Vec<_> {
                train
                    .responses
                    .iter()
                    .filter(|response| response.ordinal.is_some())
                    .map(|response| {
                        let value = channel.cmaps[response.index].get(measure).unwrap();
                        value.as_ref().ok().map(|value| (value.value, value.sd))
                    })
                    .collect()
            };
            let shapes: Vec<_> = shapes(train, &channel.sweeps, &channel.cmaps)
                .iter()
                .map(|s| {
                    json!([s.ordinal, s.gain, s.delay_ms, s.stretch_pct, s.rest_pct, s.sd[0], s.sd[1], s.sd[2], s.noise_pct])
                })
                .collect();
            json!({
                "kind": train.kind,
                "rate": train.rate.as_ref().ok().map(|rate| rate.0),
                "label": train.label,
                "amplitude": of("amplitude"),
                "area": of("area"),
                "duration": of("duration"),
                "peak": of("peak_latency"),
                "shapes": shapes,
                "findings": train.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(),
                "believed": train.trust.is_believed(),
            })
        })
        .collect();
    let findings: Vec<_> = channel
        .sweeps
        .iter()
        .flat_map(|sweep| &sweep.findings)
        .chain(&channel.findings)
        .map(|finding| finding.code.as_str())
        .collect();
    json!({
        "profile": plan.profile.id(), "seed": plan.seed, "fault": fault, "protocol": protocol, "trains": trains, "findings": findings,
        "truth": simulated.truth.channels[0].trains,
    })
    .to_string()
}
