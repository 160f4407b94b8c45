//! Where a recording came from, so that a number can be traced to its bytes.

use ring::digest::{Context, SHA256, digest};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write;
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
    hexadecimal(&sha256_bytes(bytes.as_ref()))
}

/// SHA-256 as bytes.
pub fn sha256_bytes(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// SHA-256 of bytes that come one part after the other.
#[derive(Clone)]
pub struct Hash(Context);

impl Hash {
    /// That of the first part.
    pub fn of(first: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(first);
        Self(context)
    }

    /// Adds a part.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// In hexadecimal.
    pub fn finish(self) -> String {
        hexadecimal(self.0.finish().as_ref())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // writing into memory cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::Digest;

    #[test]
    fn the_hash_is_that_of_another_implementation_in_one_part_and_in_several() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| ((i * i) >> 3) as u8).collect();
        for length in [0, 1, 55, 56, 63, 64, 65, 119, 1000] {
            let (first, rest) = bytes[..length].split_at(length / 3);
            let expected = format!("{:x}", sha2::Sha256::digest(&bytes[..length]));
            assert_eq!(sha256(&bytes[..length]), expected);
            let mut hash = Hash::of(first);
            hash.add(rest);
            assert_eq!(hash.finish(), expected);
        }
    }
}
