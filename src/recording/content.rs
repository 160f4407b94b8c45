//! The bytes of a file: those of a small one are held, those of a large one are read where they are asked for.

use super::Hash;
use crate::error::{Error, ErrorCode, Result};
use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Longer files are not held. Heuristic: a study of sweeps is shorter, and is read at once sooner than in parts.
const LONGEST_HELD_BYTES: u64 = 4 << 20;

/// What is read at once of a large file (heuristic: it stays in the cache of a core, and asking for it costs little beside copying it).
const AT_ONCE_BYTES: usize = 64 << 10;

/// What is not needed is read along with what stands before and after it up to this length (heuristic: a page; to ask once more costs as much).
const READ_OVER_BYTES: u64 = 4 << 10;

/// The bytes of a file.
#[derive(Clone)]
pub(crate) enum Content {
    /// In memory.
    Held(Arc<Vec<u8>>),
    /// In the file, which is open.
    InFile(Arc<Opened>),
}

/// A file that is open, and what it looked like when it was opened.
pub(crate) struct Opened {
    file: File,
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    /// Where the system has no reading at a place, one reader moves at a time.
    #[cfg(any(not(unix), test))]
    moving: std::sync::Mutex<()>,
}

impl Content {
    /// The content of the file, which is held if it is short.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no file: a pipe would be waited for, and a device may have no end.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::open_holding(path, LONGEST_HELD_BYTES)
    }

    fn open_holding(path: &Path, longest: u64) -> Result<Self> {
        let io = |cause| Error::io(path, cause);
        // Before it is opened, which already waits for whoever writes into a pipe.
        refuse_no_file(path, &std::fs::metadata(path).map_err(io)?)?;
        let mut file = File::open(path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if metadata.is_file() && metadata.len() > longest {
            return Ok(Self::InFile(Arc::new(Opened {
                file,
                path: path.to_path_buf(),
                length: metadata.len(),
                modified: metadata.modified().ok(),
                #[cfg(any(not(unix), test))]
                moving: std::sync::Mutex::new(()),
            })));
        }
        let mut bytes =
            Vec::with_capacity(usize::try_from(metadata.len().min(longest)).unwrap_or(0));
        file.read_to_end(&mut bytes).map_err(io)?;
        Ok(Self::Held(Arc::new(bytes)))
    }

    /// The same file as one that is too large to be held.
    #[cfg(test)]
    pub(crate) fn in_file(path: &Path) -> Self {
        Self::open_holding(path, 0).unwrap()
    }

    /// How many bytes there are, or were when the file was opened.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::InFile(opened) => opened.length,
        }
    }

    /// The first bytes, as many as there are up to `most`.
    pub(crate) fn head(&self, most: usize) -> Result<Cow<'_, [u8]>> {
        let length = usize::try_from(self.length()).unwrap_or(usize::MAX);
        match self {
            Self::Held(bytes) => Ok(Cow::Borrowed(
                bytes.get(..most.min(length)).unwrap_or(bytes),
            )),
            Self::InFile(opened) => {
                let mut bytes = vec![0; most.min(length)];
                opened.read(0, &mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// SHA-256 in hexadecimal of all bytes.
    pub(crate) fn sha256(&self) -> Result<String> {
        let mut hash = Hash::of(&[]);
        let mut parts = self.parts(0, self.length());
        let mut from = 0;
        while from < self.length() {
            let length = (self.length() - from).min(AT_ONCE_BYTES as u64);
            hash.add(parts.part(from, length as usize)?);
            from += length;
        }
        Ok(hash.finish())
    }

    /// A reader of parts that follow each other, the last of which ends before `until`. Between two parts lie about `gap` bytes that nobody asks
    /// for.
    pub(crate) fn parts(&self, gap: u64, until: u64) -> Parts<'_> {
        Parts {
            content: self,
            ahead: if gap <= READ_OVER_BYTES {
                AT_ONCE_BYTES
            } else {
                0
            },
            until: until.min(self.length()),
            from: 0,
            buffer: Vec::new(),
        }
    }

    /// An error if the file is no more what it was when it was opened. Size and time of modification tell it, as they do for a run.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        match self {
            Self::Held(_) => Ok(()),
            Self::InFile(opened) => opened.check_unchanged(),
        }
    }
}

/// An error that names what stands there, if it is neither a file nor a folder, which the system refuses by itself.
fn refuse_no_file(path: &Path, metadata: &std::fs::Metadata) -> Result<()> {
    if metadata.is_file() || metadata.is_dir() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Unsupported,
        format!("it is {}, not a file", kind(metadata.file_type())),
    )
    .in_file(path)
    .advice("write the recording to a file first, and name that"))
}

#[cfg(unix)]
fn kind(of: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if of.is_fifo() {
        "a pipe"
    } else if of.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(_: std::fs::FileType) -> &'static str {
    "a pipe or a device"
}

/// What is read is told by its length: nobody wants the bytes of a file in a message.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::InFile(opened) => write!(f, "{} bytes in a file", opened.length),
        }
    }
}

impl Opened {
    /// Fills `buffer` with the bytes from `from` on.
    pub(crate) fn read(&self, from: u64, buffer: &mut [u8]) -> Result<()> {
        self.read_at(from, buffer).map_err(|cause| {
            let place = format!(
                "bytes {from}–{}",
                (from + buffer.len() as u64).saturating_sub(1)
            );
            match self.check_unchanged() {
                Err(changed) => changed.at(place),
                Ok(()) => Error::io(&self.path, cause)
                    .at(place)
                    .advice("copy the file to another disk and analyze it there"),
            }
        })
    }

    #[cfg(unix)]
    fn read_at(&self, from: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, from)
    }

    #[cfg(not(unix))]
    fn read_at(&self, from: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.move_and_read(from, buffer)
    }

    #[cfg(any(not(unix), test))]
    fn move_and_read(&self, from: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        use std::io::{Seek, SeekFrom};
        // A reader that panicked left the place anywhere; it is set anew.
        let _moving = self
            .moving
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(buffer)
    }

    fn check_unchanged(&self) -> Result<()> {
        let changed = |message: String| {
            Error::new(ErrorCode::Io, message)
                .advice("analyze it again when it is complete")
                .in_file(&self.path)
        };
        let now = self
            .file
            .metadata()
            .map_err(|cause| Error::io(&self.path, cause))?;
        if now.len() != self.length {
            return Err(changed(format!(
                "the file has {} bytes, but had {} a moment ago: it changed while it was read",
                now.len(),
                self.length
            )));
        }
        if now.modified().ok() != self.modified {
            return Err(changed("the file changed while it was read".to_owned()));
        }
        Ok(())
    }
}

/// Reads parts that follow each other, with one buffer for all.
pub(crate) struct Parts<'a> {
    content: &'a Content,
    ahead: usize,
    until: u64,
    /// Where the bytes of the buffer stand in the file.
    from: u64,
    buffer: Vec<u8>,
}

impl Parts<'_> {
    /// The `length` bytes from `from` on.
    pub(crate) fn part(&mut self, from: u64, length: usize) -> Result<&[u8]> {
        let beyond = || {
            Error::new(ErrorCode::Truncated, "the file ends before")
                .at(format!("{length} bytes from byte {from} on"))
                .advice("copy the file again from the recording machine")
        };
        let inside = |start: u64, held: &[u8]| {
            let begin = usize::try_from(from.checked_sub(start)?).ok()?;
            let end = begin.checked_add(length)?;
            (end <= held.len()).then_some(begin..end)
        };
        let opened = match self.content {
            Content::Held(bytes) => {
                let range = inside(0, bytes).ok_or_else(beyond)?;
                return bytes.get(range).ok_or_else(beyond);
            }
            Content::InFile(opened) => opened,
        };
        if inside(self.from, &self.buffer).is_none() {
            let end = from.checked_add(length as u64).ok_or_else(beyond)?;
            // Before memory is taken for it.
            if end > opened.length {
                return Err(beyond());
            }
            let ahead = from.saturating_add(self.ahead as u64).min(self.until);
            let needed = usize::try_from(ahead.max(end) - from).map_err(|_| beyond())?;
            self.buffer.resize(needed, 0);
            self.from = from;
            if let Err(error) = opened.read(from, &mut self.buffer) {
                self.buffer.clear();
                return Err(error);
            }
        }
        let range = inside(self.from, &self.buffer).ok_or_else(beyond)?;
        self.buffer.get(range).ok_or_else(beyond)
    }

    /// The most bytes to ask for at once where more are to be read.
    pub(crate) fn at_once(&self) -> usize {
        match self.content {
            Content::Held(_) => usize::MAX,
            Content::InFile(_) => AT_ONCE_BYTES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::sha256;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_large_file_gives_the_same_bytes_as_a_small_one_in_parts_of_any_length() {
        let bytes: Vec<u8> = (0..300_000u32)
            .map(|i| (i.wrapping_mul(i) >> 5) as u8)
            .collect();
        let file = file(&bytes);
        let small = Content::Held(Arc::new(bytes.clone()));
        let large = Content::in_file(file.path());
        assert_eq!(large.length(), small.length());
        assert_eq!(large.sha256().unwrap(), sha256(&bytes));
        assert_eq!(small.sha256().unwrap(), sha256(&bytes));
        assert_eq!(large.head(100).unwrap(), small.head(100).unwrap());
        assert_eq!(large.head(usize::MAX).unwrap(), bytes);
        for gap in [0, 1 << 20] {
            let (mut of_large, mut of_small) = (large.parts(gap, 250_000), small.parts(gap, 9));
            for (from, length) in [(0, 1), (5, 70_000), (65_000, 2), (200_000, 99_999), (3, 0)] {
                let part = of_large.part(from, length).unwrap();
                assert_eq!(part, of_small.part(from, length).unwrap());
                assert_eq!(part, &bytes[from as usize..from as usize + length]);
            }
            for beyond in [(299_999, 2), (u64::MAX, 1), (0, usize::MAX)] {
                for parts in [&mut of_large, &mut of_small] {
                    let error = parts.part(beyond.0, beyond.1).unwrap_err();
                    assert_eq!(error.code(), ErrorCode::Truncated);
                }
            }
        }
    }

    #[test]
    fn a_system_without_reading_at_a_place_reads_the_same() {
        let bytes: Vec<u8> = (0..5000u32).map(|i| (i * 7) as u8).collect();
        let file = file(&bytes);
        let Content::InFile(opened) = Content::in_file(file.path()) else {
            panic!("it is in its file");
        };
        for from in [4000, 0, 17] {
            let (mut one, mut other) = ([0; 100], [0; 100]);
            opened.read_at(from, &mut one).unwrap();
            opened.move_and_read(from, &mut other).unwrap();
            assert_eq!(one, other);
        }
        assert!(opened.move_and_read(4950, &mut [0; 100]).is_err());
    }

    #[test]
    fn a_file_that_is_cut_short_or_written_anew_is_told() {
        let file = file(&[1; 5000]);
        let content = Content::in_file(file.path());
        content.check_unchanged().unwrap();
        let other = std::fs::File::options()
            .write(true)
            .open(file.path())
            .unwrap();
        other.set_len(3000).unwrap();
        for error in [
            content.check_unchanged().unwrap_err(),
            content
                .parts(0, 5000)
                .part(2990, 100)
                .map(<[u8]>::len)
                .unwrap_err(),
            content.sha256().unwrap_err(),
        ] {
            assert_eq!(error.code(), ErrorCode::Io);
            let text = error.to_string();
            assert!(text.contains("has 3000 bytes, but had 5000"), "{text}");
            assert!(text.contains("analyze it again"), "{text}");
            assert!(text.contains(&file.path().display().to_string()), "{text}");
        }
        other.set_len(5000).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(9);
        other.set_modified(later).unwrap();
        let error = content.check_unchanged().unwrap_err();
        assert!(
            error.to_string().contains("changed while it was read"),
            "{error}"
        );
    }
}
