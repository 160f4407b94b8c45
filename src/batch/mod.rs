//! Whole folders: every file to an outcome, in parallel, in stable order.

mod ordered;
mod parts;
pub mod place;
mod reports;
mod run;
pub mod walk;

pub use ordered::ordered;
pub use reports::{Medium, Reports, write_reports};
pub use run::{Brief, Options, Outcome, Summary, run};
pub use walk::{Job, Walk, walk};
