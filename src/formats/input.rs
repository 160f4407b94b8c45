//! The bytes of a file, read once.

use crate::error::{Error, ErrorCode, Result};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Files above this size are refused: the whole file is held in memory while it is read.
const MAX_BYTES: u64 = 8 << 30;

/// A file's bytes and where they came from.
pub struct Input {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Input {
    /// Reads the file.
    pub fn open(path: &Path) -> Result<Self> {
        let io = |cause| Error::io(path, cause);
        let length = std::fs::metadata(path).map_err(io)?.len();
        if length > MAX_BYTES {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("{length} bytes; at most {MAX_BYTES} are read"),
            )
            .advice("split the recording")
            .in_file(path));
        }
        Ok(Self {
            path: path.to_path_buf(),
            bytes: std::fs::read(path).map_err(io)?,
        })
    }

    /// Bytes that are not in a file, as tests need them.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Self {
        Self {
            path: path.to_path_buf(),
            bytes,
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes in hexadecimal.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
