//! The bytes of a file, all of them or where they are asked for, and of the files beside it that its header names.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Content, Hash};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Files above this size are refused: most readers hold the whole file in memory.
const MAX_BYTES: u64 = 8 << 30;

/// By the beginning of so many bytes every format knows its own: the longest that one looks at, two characters of UTF-16 beyond 64 KiB.
const HEAD_BYTES: usize = (64 << 10) + 4;

/// A file's bytes and where they came from.
pub struct Input {
    path: PathBuf,
    content: Content,
    head: Vec<u8>,
    /// All bytes of a large file once somebody has asked for them, or why they could not be read.
    whole: OnceLock<std::result::Result<Arc<Vec<u8>>, String>>,
    beside: Mutex<Option<Beside>>,
}

/// What was read beside the file.
struct Beside {
    hash: Hash,
    bytes: u64,
}

impl Input {
    /// Opens the file. A small one is read, of a large one only the beginning.
    pub fn open(path: &Path) -> Result<Self> {
        let content = Content::open(path)?;
        let length = content.length();
        if length > MAX_BYTES {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("{length} bytes; at most {MAX_BYTES} are read"),
            )
            .advice("split the recording")
            .in_file(path));
        }
        Self::of(path, content)
    }

    /// Bytes that are not in a file, as tests need them.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Self {
        let head = bytes.get(..HEAD_BYTES).unwrap_or(&bytes).to_vec();
        Self::with(path, Content::Held(Arc::new(bytes)), head)
    }

    fn of(path: &Path, content: Content) -> Result<Self> {
        let head = content.head(HEAD_BYTES)?.into_owned();
        Ok(Self::with(path, content, head))
    }

    fn with(path: &Path, content: Content, head: Vec<u8>) -> Self {
        Self {
            path: path.to_path_buf(),
            content,
            head,
            whole: OnceLock::new(),
            beside: Mutex::new(None),
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.content.length()
    }

    /// The first bytes, more than any format needs to know its own. They are there without reading.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether these bytes stand at this place.
    pub fn has(&self, from: u64, wanted: &[u8]) -> bool {
        self.content
            .parts(u64::MAX, u64::MAX)
            .part(from, wanted.len())
            .is_ok_and(|found| found == wanted)
    }

    /// All bytes. Those of a large file are read when they are asked for first, and held as long as this is there.
    ///
    /// # Errors
    ///
    /// If a large file cannot be read.
    pub fn bytes(&self) -> Result<&[u8]> {
        if let Content::Held(bytes) = &self.content {
            return Ok(bytes);
        }
        let read = || match self.content.head(usize::MAX) {
            Ok(bytes) => Ok(Arc::new(bytes.into_owned())),
            Err(error) => Err(error.message()),
        };
        // Whoever asks again hears the same, so that a file is not taken for something else after a failure of the disk.
        match self.whole.get_or_init(read) {
            Ok(bytes) => Ok(bytes),
            Err(reason) => Err(Error::new(ErrorCode::Io, reason.clone()).in_file(&self.path)),
        }
    }

    /// The bytes for whoever needs a few of them, or needs them later.
    pub(crate) fn content(&self) -> &Content {
        &self.content
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
        let own = self.bytes()?;
        let beside = beside.get_or_insert_with(|| Beside {
            hash: Hash::of(own),
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

    /// SHA-256 in hexadecimal of the bytes, followed by those of the files beside it in the order in which they were read; `None` where no
    /// other file was read.
    pub fn sha256_with_beside(&self) -> Option<String> {
        self.read_beside()
            .as_ref()
            .map(|beside| beside.hash.clone().finish())
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
        assert!(whole.sha256_with_beside().is_none());
        assert_eq!(
            input.sha256_with_beside().unwrap(),
            whole.content().sha256().unwrap()
        );
    }

    #[test]
    fn a_large_file_gives_its_beginning_without_being_read_and_all_of_it_when_it_is_asked_for() {
        let bytes: Vec<u8> = (0..200_000u32)
            .map(|i| (i.wrapping_mul(i) >> 7) as u8)
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, &bytes).unwrap();
        let small = Input::from_bytes(&path, bytes.clone());
        let large = Input::of(&path, Content::in_file(&path)).unwrap();
        assert_eq!(large.head(), small.head());
        assert_eq!(large.head(), &bytes[..HEAD_BYTES]);
        for from in [0, 100_000, 199_998] {
            let place = from as usize;
            assert!(
                large.has(from, &bytes[place..place + 2])
                    && small.has(from, &bytes[place..place + 2])
            );
        }
        assert!(!large.has(199_999, &bytes[..2]) && !small.has(u64::MAX, &bytes[..2]));
        assert!(large.whole.get().is_none());
        assert_eq!(
            large.content().sha256().unwrap(),
            small.content().sha256().unwrap()
        );
        assert!(large.whole.get().is_none());
        assert_eq!(large.bytes().unwrap(), bytes);
    }

    #[test]
    fn what_failed_once_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![0; 100_000]).unwrap();
        let input = Input::of(&path, Content::in_file(&path)).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(99_000).unwrap();
        let told = input.bytes().unwrap_err().to_string();
        assert!(told.contains("99000 bytes, but had 100000"), "{told}");
        file.set_len(100_000).unwrap();
        assert_eq!(input.bytes().unwrap_err().to_string(), told);
    }
}
