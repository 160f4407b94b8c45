//! Whole folders: every file to an outcome, in parallel, in stable order.

mod ordered;
pub mod place;
pub mod walk;

pub use ordered::ordered;
pub use walk::{Job, Walk, walk};
