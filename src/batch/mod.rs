//! Whole folders: every file to an outcome, in parallel, in stable order.

mod arrivals;
mod claim;
mod kept;
pub mod manifest;
mod ordered;
mod parts;
pub mod place;
mod reports;
mod run;
mod state;
pub mod walk;
mod written;

pub use arrivals::{Arrivals, Look};
pub use claim::Claim;
pub use kept::Brief;
pub use ordered::ordered;
pub use reports::{Medium, Reported, Reports, write_reports};
pub use run::{Options, Outcome, Summary, done_before, run, run_in};
pub use walk::{Job, Walk, walk};
pub use written::refuse_to_replace;
