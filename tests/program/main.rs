//! What a person and a program get: tables, reports, the command line, the docs; and the order of the house.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod browser;
mod cards;
mod cli;
mod docs;
mod exchange;
mod folders;
mod front_page;
mod hostile;
mod log;
mod report;
mod resume;
mod shards;
mod stopped;
mod summary;
mod swapped;
mod tidy;
mod watch;
