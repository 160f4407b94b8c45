//! Electrodiagnosis of neuromuscular transmission: from raw recordings to measured CMAPs, decrements and increments.
//!
//! The path of one recording reads in the order of the modules: [`formats`] opens it as a [`recording`], [`sidecar`] adds what
//! stands beside it, [`stimulus`] says when the
//! nerve was stimulated, [`sweep`] cuts the signal around each stimulus, [`cmap`] measures each response, [`train`] and [`series`]
//! compare them, [`quality`] says which trains can be believed, [`criteria`] what publications make of them, [`pattern`] what the muscles
//! show together, [`study`] holds it all together, [`clinical_report`] is what a person signs, [`exchange`] what a system files, [`report`] writes it, [`batch`] does so for whole folders,
//! [`summary`] says what a run shows together, [`cli`] is the command.
//!
//! Beside the path: [`synth`] simulates recordings with known truth, [`words`] holds the languages and [`plot`] the figures of what a person
//! reads, [`jitter`] the formulas of single-fiber EMG for whoever has intervals (no recording is read for them yet), and [`math`], [`units`],
//! [`source`], [`error`] and [`finding`] are the ground.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::todo,
    clippy::unimplemented
)]

pub mod batch;
pub mod cli;
pub mod clinical_report;
pub mod cmap;
pub mod criteria;
pub mod error;
pub mod exchange;
pub mod finding;
pub mod formats;
pub mod jitter;
pub mod math;
pub mod pattern;
pub mod plot;
pub mod quality;
pub mod recording;
pub mod report;
pub mod series;
pub mod setting_range;
pub mod sidecar;
pub mod source;
pub mod stimulus;
pub mod study;
pub mod summary;
pub mod sweep;
pub mod synth;
pub mod train;
pub mod units;
pub mod whole;
pub mod words;

pub use error::{Error, Result};
