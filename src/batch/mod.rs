//! Whole folders: every file to an outcome, in parallel, in stable order.

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

pub use kept::Brief;
pub use ordered::ordered;
pub use reports::{Medium, Reports, write_reports};
pub use run::{Options, Outcome, Summary, run};
pub use walk::{Job, Walk, walk};
pub use written::refuse_to_replace;
