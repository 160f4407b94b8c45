//! Each step of the path on one simulated study: the standard protocol, two channels, 20 kHz.
//!
//! `cargo bench --bench steps`

use divan::Bencher;
use endplate::formats::{self, Mapping};
use endplate::recording::Recording;
use endplate::study::{self, Settings};
use endplate::synth::{Plan, Profile, simulate};
use endplate::{cmap, stimulus, sweep};
use std::path::PathBuf;

fn main() {
    divan::main();
}

fn plan() -> Plan {
    Plan {
        profile: Profile::Lems,
        protocol: "standard".parse().unwrap(),
        muscles: vec!["ADM".to_owned(), "APB".to_owned()],
        ..Plan::default()
    }
}

fn recording() -> Recording {
    simulate(&plan()).recording
}

fn written(format: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("endplate-bench.{format}"));
    formats::write(&recording(), &path, format).unwrap();
    path
}

#[divan::bench]
fn simulate_a_study(bencher: Bencher) {
    bencher.bench(|| simulate(&plan()));
}

#[divan::bench(args = ["edf", "hdf5", "csv"])]
fn open(bencher: Bencher, format: &str) {
    let path = written(format);
    bencher.bench(|| formats::open(&path, &Mapping::default()).unwrap());
}

#[divan::bench]
fn find_stimuli(bencher: Bencher) {
    let (recording, settings) = (recording(), Settings::default());
    bencher.bench(|| stimulus::find(&recording, &settings.marks, &settings.stimulus).unwrap());
}

#[divan::bench]
fn cut_sweeps(bencher: Bencher) {
    let (recording, settings) = (recording(), Settings::default());
    let found = stimulus::find(&recording, &settings.marks, &settings.stimulus).unwrap();
    bencher.bench(|| sweep::cut(&recording, 0, &found.stimuli, &settings.sweep).unwrap());
}

#[divan::bench]
fn measure_responses(bencher: Bencher) {
    let (recording, settings) = (recording(), Settings::default());
    let found = stimulus::find(&recording, &settings.marks, &settings.stimulus).unwrap();
    let sweeps = || {
        sweep::cut(&recording, 0, &found.stimuli, &settings.sweep)
            .unwrap()
            .sweeps
    };
    bencher
        .with_inputs(sweeps)
        .bench_values(|mut sweeps| cmap::measure(&mut sweeps, &settings.cmap));
}

#[divan::bench]
fn analyze_a_study(bencher: Bencher) {
    let (recording, settings) = (recording(), Settings::default());
    bencher.bench(|| study::analyze(&recording, &settings).unwrap());
}
