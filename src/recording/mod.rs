//! What was recorded: channels of stored numbers, marks, and where they came from.
//!
//! A [`Recording`] keeps what the file holds, as it holds it: stored integers with their calibration and rails, true times, the
//! texts of the marks. EMG machines store sweeps and researchers store continuous signals; both are a [`Channel`] whose
//! [`Segment`]s start at known times on one clock, so both take the same path.

mod channel;
mod content;
mod correction;
mod deidentify;
pub mod mark;
pub mod muscle;
mod origin;
mod samples;
mod stored;
mod subject;

pub use channel::{Calibration, Channel, Role, Segment, Side};
pub(crate) use content::Content;
pub use correction::{Change, Correction, Point, Target};
pub use deidentify::{Removed, deidentify};
pub use mark::{Mark, Meaning, STIMULUS, Vocabulary};
pub use origin::{Beside, Clock, Hash, Origin, sha256, sha256_bytes};
pub use samples::Samples;
pub use stored::Stored;
pub(crate) use stored::{Places, Width};
pub use subject::{Identity, Subject};

use crate::finding::Finding;

/// Everything that one file, or one study of several files, holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The channels, in the order of the file.
    pub channels: Vec<Channel>,
    /// The marks, in the order of their times.
    pub marks: Vec<Mark>,
    /// Where the recording came from.
    pub origin: Origin,
    /// What is known about the subject.
    pub subject: Subject,
    /// What a reader corrected by hand, in the order in which it is stated.
    pub corrections: Vec<Correction>,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
}
