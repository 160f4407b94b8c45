//! A results folder in the hands of one run.

use crate::error::{Error, ErrorCode, Result};
use crate::report::UNFINISHED;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Locked by the run that writes into the folder; the system unlocks it however that ends.
const LOCK: &str = ".lock";

/// The right to write into a results folder, and the place in it for what is not whole yet. Dropped, it takes that place away.
pub struct Claim {
    unfinished: PathBuf,
    /// Held open, because that holds the lock.
    _lock: File,
}

impl Claim {
    /// Takes the folder, which is made if there is none. What a killed run left unfinished goes.
    pub fn take(results: &Path) -> Result<Self> {
        std::fs::create_dir_all(results).map_err(|cause| failed(results, &cause))?;
        let path = results.join(LOCK);
        let lock = File::create(&path).map_err(|cause| failed(&path, &cause))?;
        match lock.try_lock() {
            // A disk that knows no locks cannot tell of another run.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorCode::Output,
                    "another run of endplate writes into this folder",
                )
                .in_file(results)
                .advice("wait for its end, or name another folder"));
            }
        }
        let claim = Self {
            unfinished: results.join(UNFINISHED),
            _lock: lock,
        };
        claim.clear()?;
        std::fs::create_dir(&claim.unfinished)
            .map_err(|cause| failed(&claim.unfinished, &cause))?;
        Ok(claim)
    }

    fn clear(&self) -> Result<()> {
        match std::fs::remove_dir_all(&self.unfinished) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                Err(failed(&self.unfinished, &cause))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // What stays is cleared by the next run; there is nobody to tell from here.
        let _ = self.clear();
    }
}

fn failed(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(ErrorCode::Output, cause.to_string())
        .in_file(path)
        .advice("check that the results folder can be written and the disk is not full")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_one_run_at_a_time_and_keeps_nothing_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("results");
        std::fs::create_dir_all(results.join(UNFINISHED).join("studies/half")).unwrap();
        let claim = Claim::take(&results).unwrap();
        assert!(!results.join(UNFINISHED).join("studies").exists());
        let error = Claim::take(&results).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("another run"), "{error}");
        drop(claim);
        assert!(!results.join(UNFINISHED).exists());
        Claim::take(&results).unwrap();
    }
}
