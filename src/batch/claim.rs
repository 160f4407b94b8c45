//! A results folder in the hands of one run.

use super::written::refuse_foreign;
use crate::error::{Error, ErrorCode, Result};
use crate::report::UNFINISHED;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Locked by the run that writes into the folder; the system unlocks it however that ends.
const LOCK: &str = ".lock";

/// The right to write into a results folder, and the place in it for what is not whole yet. Dropped, it takes that place away.
#[derive(Debug)]
pub struct Claim {
    results: PathBuf,
    unfinished: PathBuf,
    /// Held open, because that holds the lock.
    lock: File,
}

impl Claim {
    /// Takes the folder, which is made if there is none; an error if it holds what is not of endplate. What a killed run left unfinished goes.
    pub fn take(results: &Path) -> Result<Self> {
        refuse_foreign(results)?;
        std::fs::create_dir_all(results).map_err(|cause| Error::unwritten(results, &cause))?;
        let path = results.join(LOCK);
        let lock = File::create(&path).map_err(|cause| Error::unwritten(&path, &cause))?;
        let locked = match lock.try_lock() {
            Ok(()) => true,
            // The disk knows no locks.
            Err(TryLockError::Error(_)) => false,
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(
                    ErrorCode::Output,
                    "another run of endplate writes into this folder",
                )
                .in_file(results)
                .advice("wait for its end, or name another folder"));
            }
        };
        Self::begin(results, lock, locked)
    }

    /// Empties the place for what is not whole yet, where one who holds the folder makes several runs.
    pub(super) fn empty(&self) -> Result<()> {
        let failed = |cause: std::io::Error| Error::unwritten(&self.unfinished, &cause);
        // The folder itself stays where it is: without locks it is the claim.
        std::fs::create_dir_all(&self.unfinished).map_err(failed)?;
        for entry in std::fs::read_dir(&self.unfinished).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let path = entry.path();
            let removed = if is_folder {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            removed.map_err(failed)?;
        }
        Ok(())
    }

    /// An error if the folder was taken away, or another one stands in its place: nothing keeps other runs out of that, and what would be written
    /// there is not what somebody threw away.
    pub fn still_held(&self) -> Result<()> {
        match is_same(&self.lock, &self.results.join(LOCK)) {
            // What a disk refuses to tell may be otherwise in a while.
            Ok(true) | Err(_) => return Ok(()),
            Ok(false) => {}
        }
        let what = if self.results.exists() {
            format!(
                "its {LOCK} is gone or another one: the folder was taken away while endplate wrote into it"
            )
        } else {
            "the results folder was taken away while endplate wrote into it".to_owned()
        };
        Err(Error::new(ErrorCode::Output, what)
            .in_file(&self.results)
            .advice("begin again: the same command makes it anew"))
    }

    /// Makes the place for what is not whole yet. Only a lock tells what a killed run left from what another run is writing; without one the
    /// folder itself claims, because it can be made only once, and nothing in it is touched.
    fn begin(results: &Path, lock: File, locked: bool) -> Result<Self> {
        let unfinished = results.join(UNFINISHED);
        if locked {
            clear(&unfinished)?;
        }
        match std::fs::create_dir(&unfinished) {
            Ok(()) => Ok(Self {
                results: results.to_path_buf(),
                unfinished,
                lock,
            }),
            Err(cause) if !locked && cause.kind() == ErrorKind::AlreadyExists => Err(Error::new(
                ErrorCode::Output,
                "another run of endplate writes into this folder, or one was killed; on this disk, which knows no locks, nothing tells which",
            )
            .in_file(results)
            .advice(format!(
                "wait for its end, or name another folder; if no run is going on, take away {UNFINISHED} in it"
            ))),
            Err(cause) => Err(Error::unwritten(&unfinished, &cause)),
        }
    }
}

/// Whether the open file is the one that stands under this name.
fn is_same(open: &File, path: &Path) -> std::io::Result<bool> {
    let there = match std::fs::metadata(path) {
        Ok(there) => there,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(cause),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let held = open.metadata()?;
        let inode = |file: &std::fs::Metadata| (file.dev(), file.ino());
        // Some network disks number a file anew while it is open. Nothing changes it while it is held, so its last change tells it too.
        let changed = |file: &std::fs::Metadata| (file.ctime(), file.ctime_nsec());
        Ok(inode(&held) == inode(&there) || changed(&held) == changed(&there))
    }
    #[cfg(not(unix))]
    {
        // The system lets nobody take away a file that is open.
        let _ = open;
        Ok(there.is_file())
    }
}

/// A results folder that is read: no run begins in it before this is dropped.
pub struct Reading {
    /// `None` on a disk that knows no locks, and where none was ever made.
    _lock: Option<File>,
}

impl Reading {
    /// An error if a run writes into the folder, or was killed in it. Nothing is written, so that results can be read that cannot be changed.
    pub fn begin(results: &Path) -> Result<Self> {
        let busy = |what: &str| {
            Err(Error::new(ErrorCode::Output, what)
                .in_file(results)
                .advice("wait for its end, or run it again"))
        };
        let lock = File::open(results.join(LOCK)).ok();
        if let Some(lock) = &lock
            && let Err(TryLockError::WouldBlock) = lock.try_lock_shared()
        {
            return busy("a run of endplate writes into this folder");
        }
        if results.join(UNFINISHED).exists() {
            return busy("a run of endplate writes into this folder, or one was killed");
        }
        Ok(Self { _lock: lock })
    }
}

fn clear(unfinished: &Path) -> Result<()> {
    match std::fs::remove_dir_all(unfinished) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(Error::unwritten(unfinished, &cause))
        }
        _ => Ok(()),
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Where the folder was taken away another run may have made its own.
        if is_same(&self.lock, &self.results.join(LOCK)).is_ok_and(|same| same) {
            // What stays is cleared by the next run; there is nobody to tell from here.
            let _ = clear(&self.unfinished);
        }
    }
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

    #[cfg(unix)]
    #[test]
    fn a_folder_that_was_taken_away_is_not_held_any_more_even_if_another_one_has_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("results");
        let claim = Claim::take(&results).unwrap();
        claim.still_held().unwrap();
        // So that a file that is made now is one of another time, whatever the clock of the disk.
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::fs::rename(&results, folder.path().join("away")).unwrap();
        let error = claim.still_held().unwrap_err().to_string();
        assert!(
            error.contains("results: the results folder was taken away"),
            "{error}"
        );
        let other = Claim::take(&results).unwrap();
        let error = claim.still_held().unwrap_err().to_string();
        assert!(error.contains(".lock is gone or another one"), "{error}");
        other.still_held().unwrap();
    }

    #[test]
    fn a_run_after_a_run_finds_nothing_unfinished_though_the_folder_was_never_free() {
        let folder = tempfile::tempdir().unwrap();
        let claim = Claim::take(folder.path()).unwrap();
        let unfinished = folder.path().join(UNFINISHED);
        std::fs::create_dir_all(unfinished.join("studies/half")).unwrap();
        std::fs::write(unfinished.join("trains.csv"), "half").unwrap();
        claim.empty().unwrap();
        assert_eq!(std::fs::read_dir(&unfinished).unwrap().count(), 0);
        assert!(Claim::take(folder.path()).is_err());
    }

    #[test]
    fn a_folder_that_is_read_is_not_written_and_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        drop(Claim::take(folder.path()).unwrap());
        let readers = [0, 1].map(|_| Reading::begin(folder.path()).unwrap());
        assert!(Claim::take(folder.path()).is_err());
        drop(readers);
        let claim = Claim::take(folder.path()).unwrap();
        assert!(Reading::begin(folder.path()).is_err());
        drop(claim);
        // What a killed run left.
        std::fs::create_dir(folder.path().join(UNFINISHED)).unwrap();
        assert!(Reading::begin(folder.path()).is_err());
    }

    #[test]
    fn without_locks_nothing_is_taken_away_from_a_run_that_may_be_going_on() {
        let folder = tempfile::tempdir().unwrap();
        let without_lock = || {
            let lock = File::create(folder.path().join(LOCK)).unwrap();
            Claim::begin(folder.path(), lock, false)
        };
        let first = without_lock().unwrap();
        let half = folder.path().join(UNFINISHED).join("half");
        std::fs::write(&half, "").unwrap();
        let error = without_lock().map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("take away"), "{error}");
        assert!(half.exists());
        drop(first);
        without_lock().unwrap();
    }
}
