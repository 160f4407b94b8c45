//! Whole folders: every file to an outcome, in parallel, in stable order.

mod arrivals;
mod claim;
mod failures;
mod kept;
mod lines;
pub mod manifest;
mod marks;
mod merge;
mod options;
mod ordered;
mod parts;
pub mod place;
mod record;
mod reports;
mod results;
mod run;
mod seen;
mod shard;
mod shares;
mod state;
mod unchanged;
pub mod walk;
mod written;

pub use arrivals::{Arrivals, Look};
pub use claim::Claim;
pub use kept::Brief;
pub use merge::{Merge, Merged, MergedAs, NotAStudy};
pub use options::{Force, Options};
pub use ordered::ordered;
pub use reports::{Medium, Reported, Reports, write_reports};
pub use run::{Outcome, Summary, done_before, run, run_in};
pub use shard::{Shard, Share};
pub use walk::{Job, Walk, walk};
pub use written::refuse_to_replace;
