//! Simulated studies look like the textbook, and their truth is the truth.

mod profiles;
mod recordings;

use endplate::synth::{ChangeTruth, Plan, Profile, Protocol, Truth, simulate};

fn truth(profile: Profile, protocol: &str, seed: u64) -> Truth {
    let protocol: Protocol = protocol.parse().unwrap();
    simulate(&Plan {
        profile,
        protocol,
        seed,
        sweep_before_ms: 1.0,
        sweep_after_ms: 5.0,
        ..Plan::default()
    })
    .truth
}

fn amplitude(truth: &Truth, train: usize, ordinal: usize) -> f64 {
    truth.channels[0]
        .responses
        .iter()
        .find(|r| r.train == train && r.ordinal == Some(ordinal))
        .unwrap()
        .amplitude_mv
}

fn change(truth: &Truth, train: usize) -> ChangeTruth {
    truth.channels[0].trains[train].amplitude.unwrap()
}

const EXERCISE: &str = "single,wait:3s,exercise:10s,after:2s,single,after:60s,single";
