//! How recordings are read and written, and what stands beside them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod abf;
mod bids;
mod contract;
mod csv;
mod dicom;
mod edf;
mod hdf5;
mod hostile;
mod matlab;
mod nwb;
mod sidecar;
mod texts;
mod wfdb;
