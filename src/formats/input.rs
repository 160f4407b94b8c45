//! The bytes of a file, read once, and of the files beside it that its header names.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Hash, sha256};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files above this size are refused: the whole file is held in memory while it is read.
const MAX_BYTES: u64 = 8 << 30;

/// A file's bytes and where they came from.
pub struct Input {
    path: PathBuf,
    bytes: Vec<u8>,
    beside: Mutex<Option<Beside>>,
}

/// What was read beside the file.
struct Beside {
    hash: Hash,
    bytes: u64,
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
            beside: Mutex::new(None),
        })
    }

    /// Bytes that are not in a file, as tests need them.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Self {
        Self {
            path: path.to_path_buf(),
            bytes,
            beside: Mutex::new(None),
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

    /// The bytes of another file in the same folder. `name` comes out of a file, so it must be a bare file name: nothing that leads
    /// elsewhere is opened. All files together are bounded as one file is.
    ///
    /// # Errors
    ///
    /// The error has `name` as its place and bears no path: the file that the person named is to blame.
    pub fn beside(&self, name: &str) -> Result<Vec<u8>> {
        let refuse = |code, message: String| Error::new(code, message).at(format!("file {name:?}"));
        if !is_bare(name) {
            return Err(refuse(
                ErrorCode::BadHeader,
                "the header names a file elsewhere; only files in the same folder are opened"
                    .to_owned(),
            )
            .advice("put all files of the record into one folder and name them without a folder"));
        }
        let path = self.path.with_file_name(name);
        let io = |cause: std::io::Error| {
            refuse(
                ErrorCode::Io,
                format!("{cause}; it should stand beside the header"),
            )
            .advice("put all files of the record into one folder")
        };
        let metadata = std::fs::metadata(&path).map_err(io)?;
        if !metadata.is_file() {
            return Err(refuse(
                ErrorCode::BadHeader,
                "this is no ordinary file".to_owned(),
            ));
        }
        let mut beside = self.read_beside();
        let known = beside.as_ref().map_or(0, |beside| beside.bytes);
        let bytes = known.saturating_add(metadata.len());
        if bytes > MAX_BYTES {
            return Err(refuse(
                ErrorCode::TooLarge,
                format!("{bytes} bytes with the other files; at most {MAX_BYTES} are read"),
            )
            .advice("split the recording"));
        }
        let content = std::fs::read(&path).map_err(io)?;
        let beside = beside.get_or_insert_with(|| Beside {
            hash: Hash::of(&self.bytes),
            bytes: 0,
        });
        beside.hash.add(&content);
        beside.bytes = bytes;
        Ok(content)
    }

    fn read_beside(&self) -> MutexGuard<'_, Option<Beside>> {
        // A reader that panicked has read no recording, so nobody asks for its hash.
        self.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of the ordinary files in the same folder that begin so, in order.
    pub fn names_beside(&self, beginning: &str) -> Vec<String> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
            .filter(|(name, path)| name.starts_with(beginning) && path.is_file())
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names
    }

    /// SHA-256 in hexadecimal of the bytes, followed by those of the files beside it in the order in which they were read. `own` is that of
    /// the bytes alone, where it is known.
    pub fn sha256(&self, own: Option<String>) -> String {
        match self.read_beside().as_ref() {
            Some(beside) => beside.hash.clone().finish(),
            None => own.unwrap_or_else(|| sha256(&self.bytes)),
        }
    }
}

/// Whether the name leads nowhere but into the same folder, on any operating system.
fn is_bare(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && !name.contains("..")
        && !name
            .chars()
            .any(|c| matches!(c, '/' | '\\' | ':') || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_elsewhere_is_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let input = Input::from_bytes(&folder.path().join("inner/a.hea"), Vec::new());
        let absolute = folder.path().join("secret").display().to_string();
        for name in [
            "../secret",
            "..",
            ".",
            "",
            "..\\secret",
            "C:secret",
            "a/b",
            &absolute,
        ] {
            let error = input.beside(name).unwrap_err();
            assert_eq!(error.code(), ErrorCode::BadHeader, "{name}");
        }
        assert_eq!(input.beside("absent").unwrap_err().code(), ErrorCode::Io);
    }

    #[test]
    fn the_hash_is_that_of_all_files_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b"), "bc").unwrap();
        let input = Input::from_bytes(&folder.path().join("a"), b"a".to_vec());
        assert_eq!(input.beside("b").unwrap(), b"bc");
        let whole = Input::from_bytes(Path::new("c"), b"abc".to_vec());
        assert_eq!(input.sha256(None), whole.sha256(None));
    }
}
