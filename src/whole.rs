//! Files that appear whole or not at all.

use crate::error::{Error, Result};
use std::path::Path;

/// Writes a file of these bytes, whole or not at all.
///
/// # Errors
///
/// As [`write_with`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |part| {
        std::fs::write(part, bytes).map_err(|cause| Error::unwritten(part, &cause))
    })
}

/// Lets `write` make a file beside its final name and renames it then, so that no reader ever sees half of it.
///
/// # Errors
///
/// Of `write`, and if the file cannot be renamed. Nothing of it stays then, and what stood under the final name stands there still.
pub fn write_with(path: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = write(&part).and_then(|()| {
        std::fs::rename(&part, path).map_err(|cause| Error::unwritten(path, &cause))
    });
    if written.is_err() {
        // It may not exist; the error that matters is that of the writer.
        let _ = std::fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn what_cannot_be_written_whole_leaves_what_stood_there_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        write(&path, b"old").unwrap();
        let error = write_with(&path, |part| {
            std::fs::write(part, b"half").unwrap();
            Err(Error::new(ErrorCode::Output, "the disk is full"))
        });
        assert!(error.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert!(write(&folder.path().join("none/a.csv"), b"").is_err());
    }
}
