//! What a person at a terminal sees of a run: how far it is, what failed and why, and at its end a summary that fits a screen.

mod amount;
mod fit;
mod progress;
mod tally;

pub(super) use amount::files;
pub(super) use fit::{harmless, one_line};
pub(super) use progress::{Progress, Waiting};
pub(super) use tally::{Place, Tally};
