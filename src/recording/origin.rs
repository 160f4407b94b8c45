//! Where a recording came from, so that a number can be traced to its bytes.

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// The file behind a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Origin {
    /// The path as it was given.
    pub path: PathBuf,
    /// The id of the format that read it: `edf`.
    pub format: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    /// The length of the file in bytes.
    pub bytes: u64,
    /// When the recording began, in the local time of the laboratory: `2026-03-01T09:30:00`.
    pub started: Option<String>,
    /// The program or machine that wrote it, where the file says so.
    pub device: Option<String>,
    /// What the times of the segments mean.
    pub clock: Clock,
    /// What was read beside the file, in the order in which it was taken.
    pub beside: Vec<Beside>,
}

/// A file beside a recording that said something about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Beside {
    /// Its name; for a file in another folder the way there from the recording's folder, with `/` between the parts: `../participants.tsv`.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Beside {
    /// A file of that name with those bytes.
    pub fn new(path: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            path: path.into(),
            sha256: sha256(bytes),
        }
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// What the times of a recording mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// True times in seconds after the start of the recording.
    #[default]
    True,
    /// Only the order of the sweeps is known. Their start times are spaced for order's sake and say nothing; no rate of
    /// stimulation and no time after exercise may be computed from them.
    OrderOnly,
    /// The times within trains and after exercise are those that a person stated. Times between trains say only the order, and no
    /// irregularity of the stimulation can be seen.
    Stated,
}

impl Clock {
    /// Every clock.
    pub const ALL: [Self; 3] = [Self::True, Self::OrderOnly, Self::Stated];

    /// The stable name, as endplate's own files have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::OrderOnly => "order_only",
            Self::Stated => "stated",
        }
    }

    /// The clock of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clock| clock.as_str() == name)
    }

    /// Whether rates and times after exercise may be computed: recorded ones or stated ones.
    pub fn has_rates(self) -> bool {
        self != Self::OrderOnly
    }
}
