//! What is written: tables, JSON and figures of studies made by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod clinical;
mod figures;
#[cfg(feature = "pdf")]
mod folder;
mod json;
pub mod made;
mod tables;
#[cfg(feature = "tables")]
mod typed_tables;
