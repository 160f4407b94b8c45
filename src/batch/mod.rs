//! Whole folders: every file to an outcome, in parallel, in stable order.

mod arrivals;
mod claim;
mod kept;
pub mod manifest;
mod merge;
mod ordered;
mod parts;
pub mod place;
mod record;
mod reports;
mod results;
mod run;
mod shard;
mod shares;
mod state;
pub mod walk;
mod written;

pub use arrivals::{Arrivals, Look};
pub use claim::Claim;
pub use kept::Brief;
pub use merge::{Merged, merge};
pub use ordered::ordered;
pub use reports::{Medium, Reported, Reports, write_reports};
pub use run::{Options, Outcome, Summary, done_before, run, run_in};
pub use shard::{Shard, Share};
pub use walk::{Job, Walk, walk};
pub use written::refuse_to_replace;
