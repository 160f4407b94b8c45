//! From a recording to what is said of it: numbers against truth that is known otherwise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod accuracy;
mod cohort;
mod corrections;
mod criteria;
mod golden;
mod oracle;
mod properties;
mod quality;
mod real;
mod scenarios;
mod setting_range;
mod settings;
mod shape;
mod simulate;
mod sweep;
mod train;
