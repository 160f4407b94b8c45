//! What a file and everything beside it looked like, so that a later run can tell whether anything changed.
//!
//! Size and time of modification tell it, as for `make`: nobody wants ten thousand files read to learn that none changed. So that they do tell
//! it, a file is not taken as read before its time of modification is older than the finest step of the clock of its disk.

use super::Job;
use super::walk::is_beside;
use crate::error::{Error, Result};
use crate::recording::Beside;
use crate::sidecar;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What one file looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its length.
    pub bytes: u64,
    /// When it was last modified; `None` where the system does not tell.
    pub modified: Option<Timestamp>,
}

impl Seen {
    /// What the file looks like now; `None` if there is none.
    pub fn now(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok();
        Some(Self {
            bytes: metadata.len(),
            modified: modified.and_then(|time| Timestamp::try_from(time).ok()),
        })
    }

    /// Whether another look would tell a later change, and if not, how long that takes.
    fn settles_in(&self) -> Duration {
        /// Steps of the clocks that disks are stamped with: of a kernel that counts a hundred times a second, and of FAT, whose times are whole
        /// even seconds.
        const FINE: Duration = Duration::from_millis(20);
        const COARSE: Duration = Duration::from_secs(2);
        let Some(modified) = self.modified else {
            return Duration::ZERO;
        };
        let step = if modified.subsec_nanosecond() == 0 {
            COARSE
        } else {
            FINE
        };
        match SystemTime::now().duration_since(modified.into()) {
            Ok(age) => step.saturating_sub(age),
            // A time in the future cannot be waited for.
            Err(_) => Duration::ZERO,
        }
    }
}

/// What a recording and the files beside it looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The recording.
    #[serde(flatten)]
    pub file: Seen,
    /// What may say something about it: its path from the folder of the recording, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<(String, Seen)>,
}

impl State {
    /// What the file of a job and what may concern it look like now.
    pub fn of(job: &Job, neighbors: &Neighbors) -> Result<Self> {
        let file = Seen::now(&job.path).ok_or_else(|| gone(&job.path))?;
        let mut names: BTreeSet<String> = neighbors.concern(job);
        names.extend(statements(&job.path));
        let state = Self {
            file,
            beside: Vec::new(),
        };
        Ok(state.with(names, &job.path))
    }

    /// The same with the files that were in fact read beside the recording.
    pub fn and_read(self, read: &[Beside], path: &Path) -> Self {
        let names = read.iter().map(|beside| beside.path.clone());
        let names: BTreeSet<String> = names
            .chain(self.beside.iter().map(|(name, _)| name.clone()))
            .collect();
        let before = self.beside;
        let state = Self {
            file: self.file,
            beside: Vec::new(),
        };
        let mut now = state.with(names, path);
        // What was looked at before the recording was read is what counts.
        for (name, seen) in &mut now.beside {
            if let Some((_, earlier)) = before.iter().find(|(other, _)| other == name) {
                *seen = earlier.clone();
            }
        }
        now
    }

    fn with(mut self, names: BTreeSet<String>, path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        self.beside = names
            .into_iter()
            .filter_map(|name| {
                let seen = Seen::now(&folder.join(&name))?;
                Some((name, seen))
            })
            .collect();
        self
    }

    /// Whether nothing changed since: what was seen is the same, and nothing has come that may concern the recording.
    pub fn still_holds(&self, job: &Job, neighbors: &Neighbors) -> bool {
        let folder = job.path.parent().unwrap_or(Path::new(""));
        let same = |name: &str, seen: &Seen| Seen::now(&folder.join(name)).as_ref() == Some(seen);
        let known = |name: &String| self.beside.iter().any(|(other, _)| other == name);
        Seen::now(&job.path).as_ref() == Some(&self.file)
            && self.beside.iter().all(|(name, seen)| same(name, seen))
            && neighbors.concern(job).iter().all(known)
            && statements(&job.path).iter().all(known)
    }

    /// Waits, a few milliseconds at most on most disks, until a later change would show in the time of modification.
    pub fn settle(&self) {
        let beside = self.beside.iter().map(|(_, seen)| seen);
        let longest = beside
            .chain([&self.file])
            .map(Seen::settles_in)
            .max()
            .unwrap_or_default();
        if !longest.is_zero() {
            std::thread::sleep(longest);
        }
    }
}

fn gone(path: &Path) -> Error {
    let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
    Error::io(path, missing).advice("it was there when the run began")
}

/// What a person states about the recording, as paths from its folder.
fn statements(path: &Path) -> BTreeSet<String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = |file: PathBuf| -> Option<String> {
        let name = file.file_name()?.to_string_lossy().into_owned();
        let beside = folder.join(&name).exists() && file.parent() == path.parent();
        Some(if beside { name } else { format!("../{name}") })
    };
    // Two files of which none may be there are an error of the recording, which is opened anew each time.
    let files = sidecar::files(path).unwrap_or_default();
    files.into_iter().filter_map(name).collect()
}

/// The files of the folders of a run that may say something about recordings, or are parts of them.
#[derive(Debug, Default)]
pub struct Neighbors {
    /// By folder.
    folders: std::collections::BTreeMap<PathBuf, Vec<String>>,
    /// Files that belong to another one: folder, the file that it belongs to, its name.
    parts: BTreeSet<(PathBuf, String, String)>,
}

impl Neighbors {
    /// Those of the folders of the jobs, and of the folders above them as far as BIDS looks.
    pub fn of(jobs: &[Job]) -> Self {
        /// `sub-<label>/ses-<label>/<data type>` (BIDS, "Filesystem structure").
        const ABOVE: usize = 3;
        let mut neighbors = Self::default();
        for job in jobs {
            let folder = job.path.parent().unwrap_or(Path::new(""));
            if let (Some(whole), Some(name)) = (&job.part_of, job.path.file_name()) {
                let name = name.to_string_lossy().into_owned();
                neighbors
                    .parts
                    .insert((folder.to_path_buf(), whole.clone(), name));
            }
            for above in folder.ancestors().take(ABOVE + 1) {
                if !neighbors.folders.contains_key(above) {
                    neighbors
                        .folders
                        .insert(above.to_path_buf(), said_in(above));
                }
            }
        }
        neighbors
    }

    /// Paths, from the folder of the recording, of the files that may concern it.
    fn concern(&self, job: &Job) -> BTreeSet<String> {
        let folder = job.path.parent().unwrap_or(Path::new(""));
        let name = job.path.file_name().unwrap_or_default().to_string_lossy();
        let mut found = BTreeSet::new();
        for (depth, above) in folder.ancestors().enumerate() {
            let Some(names) = self.folders.get(above) else {
                break;
            };
            let way = "../".repeat(depth);
            let concerning = names.iter().filter(|other| concerns(other, &name));
            found.extend(concerning.map(|other| format!("{way}{other}")));
        }
        let first = (folder.to_path_buf(), name.into_owned(), String::new());
        let parts = self.parts.range(first.clone()..);
        let own = parts.take_while(|part| part.0 == first.0 && part.1 == first.1);
        found.extend(own.map(|part| part.2.clone()));
        found
    }
}

/// The files of a folder that say something about recordings, but no statements of a person, which are looked for by their names.
fn said_in(folder: &Path) -> Vec<String> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_beside(path))
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .filter(|name| !name.ends_with(sidecar::ENDING))
        .collect();
    names.sort();
    names
}

/// Whether a file beside may concern a recording: each part of its name but the last is a part of the recording's name.
fn concerns(beside: &str, recording: &str) -> bool {
    let stem = |name: &str| -> String {
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        name.to_owned()
    };
    let (beside, recording) = (stem(beside), stem(recording));
    let Some((parts, _)) = beside.rsplit_once('_') else {
        return true;
    };
    recording.starts_with(parts)
        || parts
            .split('_')
            .all(|part| recording.split('_').any(|other| other == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(path: &Path) -> Job {
        Job {
            path: path.to_path_buf(),
            name: "name".to_owned(),
            named: false,
            part_of: None,
        }
    }

    #[test]
    fn a_file_beside_concerns_recordings_that_bear_its_entities() {
        let recording = "sub-01_task-rns_run-1_emg.edf";
        for beside in [
            "participants.tsv",
            "sub-01_task-rns_run-1_events.tsv",
            "task-rns_emg.json",
        ] {
            assert!(concerns(beside, recording), "{beside}");
        }
        assert!(!concerns("sub-02_task-rns_emg.json", recording));
        assert!(concerns("p07_events.tsv", "p07.edf"));
        assert!(!concerns("p08_events.tsv", "p07.edf"));
    }

    #[test]
    fn a_recording_is_unchanged_until_it_or_what_is_said_of_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p07.edf");
        std::fs::write(&path, "1").unwrap();
        let job = job(&path);
        let look = || State::of(&job, &Neighbors::of(std::slice::from_ref(&job))).unwrap();
        let holds =
            |state: &State| state.still_holds(&job, &Neighbors::of(std::slice::from_ref(&job)));
        let first = look();
        first.settle();
        assert!(holds(&first));
        std::fs::write(folder.path().join("p08.edf.endplate.toml"), "").unwrap();
        assert!(holds(&first), "what is said of another recording");
        std::fs::write(folder.path().join("p07.edf.endplate.toml"), "").unwrap();
        assert!(!holds(&first), "a statement that came");
        let second = look();
        second.settle();
        assert!(holds(&second));
        std::fs::write(folder.path().join("p07_events.tsv"), "").unwrap();
        assert!(!holds(&second), "a table that came");
        let third = look();
        third.settle();
        std::fs::write(&path, "2").unwrap();
        assert!(!holds(&third), "the same length at another time");
    }
}
