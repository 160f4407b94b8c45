//! The report of a standard study (ten trains) as HTML and as PDF, and its rows in the tables of a run.
//!
//! `cargo bench --bench report`

use divan::Bencher;
use endplate::clinical_report::{self, Template};
use endplate::report::{Columns, OUTPUTS, StudyRows, Tables};
use endplate::study::{self, Settings, Study};
use endplate::synth::{Plan, Profile, simulate};

fn main() {
    divan::main();
}

/// Ten trains of one muscle: rest, after 10 s and around 60 s of exercise.
const PROTOCOL: &str = "3Hz*10,wait:30s,3Hz*10,exercise:10s,after:3s,3Hz*10,after:60s,3Hz*10,wait:60s,exercise:60s,after:3s,3Hz*10,\
                        after:60s,3Hz*10,after:120s,3Hz*10,after:180s,3Hz*10,after:240s,3Hz*10,after:300s,3Hz*10";

fn study() -> Study {
    let plan = Plan {
        profile: Profile::Lems,
        protocol: PROTOCOL.parse().unwrap(),
        ..Plan::default()
    };
    study::analyze(&simulate(&plan).recording, &Settings::default()).unwrap()
}

#[divan::bench]
fn figures(bencher: Bencher) {
    let study = study();
    bencher.bench(|| endplate::plot::figures(&study, &endplate::words::Words::english()));
}

#[divan::bench]
fn form(bencher: Bencher) {
    let (study, template) = (study(), Template::standard());
    bencher.bench(|| clinical_report::compose(&study, "study.h5", &template));
}

#[divan::bench]
fn html(bencher: Bencher) {
    let (study, template) = (study(), Template::standard());
    bencher.bench(|| clinical_report::html(&study, "study.h5", &template).unwrap());
}

#[cfg(feature = "pdf")]
#[divan::bench]
fn pdf(bencher: Bencher) {
    let (study, template) = (study(), Template::standard());
    bencher.bench(|| clinical_report::pdf(&study, "study.h5", &template).unwrap());
}

/// Its cells and its lines of CSV: what each study costs on its own thread.
#[divan::bench]
fn rows_of_tables(bencher: Bencher) {
    let (study, columns) = (study(), Columns::of(&Settings::default()));
    bencher.bench(|| StudyRows::of(&study, "study.h5", &columns));
}

/// A hundred such studies appended to the tables of a run, in no form but CSV and in others beside it: what a run does on one thread.
#[divan::bench(args = ["csv", "parquet", "arrow"])]
fn append_100_to_tables(bencher: Bencher, form: &str) {
    let columns = Columns::of(&Settings::default());
    let rows = StudyRows::of(&study(), "study.h5", &columns);
    let outputs: Vec<_> = OUTPUTS
        .iter()
        .filter(|output| output.id == form)
        .copied()
        .collect();
    let folder = std::env::temp_dir().join("endplate-bench-tables");
    std::fs::create_dir_all(&folder).unwrap();
    bencher.bench(|| {
        let mut tables = Tables::create(&folder, &columns, &outputs).unwrap();
        for _ in 0..100 {
            tables.append(&rows).unwrap();
        }
        tables.finish().unwrap()
    });
}
