//! What a file and everything beside it looked like, so that a later run can tell whether anything changed.
//!
//! Size and time of modification tell it, as for `make`: nobody wants ten thousand files read to learn that none changed. Where these are the same
//! but the file is another one ([`super::marks`]), its bytes are looked at. So that size and time do tell it, a file is not taken as read before its time of modification is older than the finest step of the clock of its disk.

use super::Job;
use super::seen::Seen;
use super::walk::{is_beside, not_there};
use crate::error::{Error, ErrorCode, Result};
use crate::formats;
use crate::recording::Beside;
use crate::sidecar::{self, BIDS_FOLDERS_ABOVE, BIDS_ROOT};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

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
        let file = Seen::now(&job.path).ok_or_else(|| gone(job))?;
        Ok(Self {
            file,
            beside: seen(neighbors.concern(job), &job.path),
        })
    }

    /// The same with the files that were in fact read beside the recording, which may be more.
    pub fn and_read(self, read: &[Beside], path: &Path) -> Self {
        self.and(read.iter().map(|beside| &beside.path), path)
    }

    /// The same with all files that another look saw.
    pub fn and_seen_in(self, other: &Self, path: &Path) -> Self {
        self.and(other.beside.iter().map(|(name, _)| name), path)
    }

    fn and<'a>(mut self, names: impl Iterator<Item = &'a String>, path: &Path) -> Self {
        let more: BTreeSet<String> = names.filter(|name| !self.knows(name)).cloned().collect();
        if more.is_empty() {
            return self;
        }
        self.beside.extend(seen(more, path));
        self.beside.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }

    /// The same files as they look now; `None` if the size or time of one of them changed, or something has come that may concern the recording.
    pub fn again(&self, job: &Job, neighbors: &Neighbors) -> Option<Self> {
        let same = |path: &Path, seen: &Seen| Seen::now(path).filter(|now| now == seen);
        let file = same(&job.path, &self.file)?;
        let folder = folder_of(&job.path);
        let beside = self.beside.iter().map(|(name, seen)| {
            let now = same(&place_of(&folder, name), seen)?;
            Some((name.clone(), now))
        });
        let beside = beside.collect::<Option<_>>()?;
        let known = |name: &String| self.knows(name);
        let all_known = neighbors.concern(job).iter().all(known);
        all_known.then_some(Self { file, beside })
    }

    /// Whether nothing changed since: what was seen is the same, and nothing has come that may concern the recording.
    pub fn still_holds(&self, job: &Job, neighbors: &Neighbors) -> bool {
        self.again(job, neighbors).is_some()
    }

    /// The names and places of the files beside the recording.
    pub fn places_beside(&self, recording: &Path) -> impl Iterator<Item = (String, PathBuf)> {
        let folder = folder_of(recording);
        let names = self.beside.iter().map(|(name, _)| name);
        names.map(move |name| (name.clone(), place_of(&folder, name)))
    }

    /// Whether a file beside was seen. What a damaged manifest has out of order may not be found, and then counts as changed.
    fn knows(&self, name: &str) -> bool {
        let place = self
            .beside
            .binary_search_by(|(other, _)| other.as_str().cmp(name));
        place.is_ok()
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

fn gone(job: &Job) -> Error {
    let missing = || std::io::Error::from(ErrorKind::NotFound);
    let cause = std::fs::metadata(&job.path).err().unwrap_or_else(missing);
    if cause.kind() == ErrorKind::NotFound && !job.named {
        let what = "it is gone: it was there when the folder was listed";
        return Error::new(ErrorCode::Io, what)
            .in_file(&job.path)
            .advice("run it again; if it should be there, check whether its disk is");
    }
    not_there(&job.path, cause)
}

/// What files, named by their way from the folder of a recording, look like now.
fn seen(names: BTreeSet<String>, recording: &Path) -> Vec<(String, Seen)> {
    let folder = folder_of(recording);
    let look = |name: String| Some((name.clone(), Seen::now(&place_of(&folder, &name))?));
    names.into_iter().filter_map(look).collect()
}

/// The whole path of the folder of a recording, as the readers of sidecars take it: a link stays a link unless the way leads back over it.
fn folder_of(recording: &Path) -> PathBuf {
    let folder = recording.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let back = folder.components().any(|part| part == Component::ParentDir);
    let whole = if back {
        folder.canonicalize()
    } else {
        std::path::absolute(folder)
    };
    whole.unwrap_or_else(|_| folder.to_path_buf())
}

/// Where a file is whose way from a folder is given: `../` leads to the folder above in the path, not to where a link leads.
fn place_of(folder: &Path, name: &str) -> PathBuf {
    let (mut folder, mut name) = (folder, name);
    while let Some(rest) = name.strip_prefix("../") {
        name = rest;
        folder = folder.parent().unwrap_or(folder);
    }
    folder.join(name)
}

/// What a person states about the recording, as ways from its folder.
fn statements(path: &Path) -> BTreeSet<String> {
    let way = |file: PathBuf| -> Option<String> {
        let name = file.file_name()?.to_string_lossy().into_owned();
        let beside = file.parent() == path.parent();
        Some(if beside { name } else { format!("../{name}") })
    };
    // Two files of which only one may be there are an error of the recording, which then is no study that could be taken over.
    let files = sidecar::files(path).unwrap_or_default();
    files.into_iter().filter_map(way).collect()
}

/// The files of the folders of a run that may say something about recordings, or are parts of them.
#[derive(Debug, Default)]
pub struct Neighbors {
    folders: BTreeMap<PathBuf, Said>,
    /// The files that belong to a recording, by its path.
    parts: BTreeMap<PathBuf, Vec<String>>,
}

impl Neighbors {
    /// Those of the folders of the jobs, and of the folders above them as far as BIDS looks.
    pub fn of(jobs: &[Job]) -> Self {
        let mut neighbors = Self::default();
        let mut listed: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        for job in jobs {
            let folder = folder_of(&job.path);
            for above in folder.ancestors().take(BIDS_FOLDERS_ABOVE + 1) {
                if !neighbors.folders.contains_key(above) {
                    let said = Said::of(above, list(above));
                    neighbors.folders.insert(above.to_path_buf(), said);
                }
            }
            if formats::may_have_parts(&job.path) {
                let names = listed
                    .entry(folder.clone())
                    .or_insert_with(|| list(&folder));
                let parts = all_parts(&job.path, names);
                neighbors.parts.insert(job.path.clone(), parts);
            }
        }
        neighbors
    }

    /// Ways, from the folder of the recording, to the files that may concern it.
    fn concern(&self, job: &Job) -> BTreeSet<String> {
        let mut found = statements(&job.path);
        found.extend(self.parts.get(&job.path).into_iter().flatten().cloned());
        let name = job.path.file_name().unwrap_or_default().to_string_lossy();
        let entities: BTreeSet<&str> = stem(&name).split('_').collect();
        // No further than for this recording alone: what is known of it must not depend on which others are in the run.
        let folders = folder_of(&job.path);
        for (depth, above) in folders.ancestors().take(BIDS_FOLDERS_ABOVE + 1).enumerate() {
            let Some(said) = self.folders.get(above) else {
                break;
            };
            let way = "../".repeat(depth);
            found.extend(said.about(&entities).map(|other| format!("{way}{other}")));
        }
        found
    }
}

/// The files that belong to a recording, and to those that belong to it.
fn all_parts(path: &Path, names: &[String]) -> Vec<String> {
    let mut parts = formats::parts(path, names);
    let mut known: BTreeSet<String> = parts.iter().cloned().collect();
    let mut next = 0;
    while let Some(part) = parts.get(next) {
        let more = formats::parts(&path.with_file_name(part), names);
        for part in more {
            if known.insert(part.clone()) {
                parts.push(part);
            }
        }
        next += 1;
    }
    parts
}

/// The names of the files of a folder, in order; none if it cannot be listed.
fn list(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The files of a folder that say something about recordings, but no statements of a person, which are looked for by their names.
#[derive(Debug, Default)]
struct Said {
    /// Those that bear the name of no recording.
    about_all: Vec<String>,
    /// The others, with the parts of their names but the last, under the part that the fewest of them share: else a folder of ten thousand
    /// recordings with a table each would be looked through for each of them.
    about_some: BTreeMap<String, Vec<(String, Vec<String>)>>,
}

impl Said {
    fn of(folder: &Path, names: Vec<String>) -> Self {
        let mut said = Self::default();
        let mut some: Vec<(String, Vec<String>)> = Vec::new();
        let mut shared: BTreeMap<String, usize> = BTreeMap::new();
        for name in names {
            let stated = name.ends_with(sidecar::ENDING) || name.ends_with(TRUTH);
            if stated || !is_beside(&folder.join(&name)) {
                continue;
            }
            match stem(&name).rsplit_once('_') {
                _ if name == BIDS_ROOT => said.about_all.push(name),
                None => said.about_all.push(name),
                Some((entities, _)) => {
                    let entities: Vec<String> = entities.split('_').map(str::to_owned).collect();
                    for entity in &entities {
                        *shared.entry(entity.clone()).or_default() += 1;
                    }
                    some.push((name, entities));
                }
            }
        }
        for (name, entities) in some {
            let rarest = entities.iter().min_by_key(|entity| shared.get(*entity));
            if let Some(rarest) = rarest.cloned() {
                let same = said.about_some.entry(rarest).or_default();
                same.push((name, entities));
            }
        }
        said
    }

    /// Those that may concern a recording whose name has these parts: each part of theirs but the last is one of them.
    fn about<'a>(&'a self, entities: &'a BTreeSet<&str>) -> impl Iterator<Item = &'a String> {
        let some = entities
            .iter()
            .filter_map(|entity| self.about_some.get(*entity))
            .flatten()
            .filter(|(_, all)| all.iter().all(|part| entities.contains(part.as_str())))
            .map(|(name, _)| name);
        self.about_all.iter().chain(some)
    }
}

/// The end of the name of what the simulator writes beside a recording: no part of what is analyzed.
const TRUTH: &str = ".truth.json";

/// A name without its extension.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
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
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "dataset_description.json",
            "participants.tsv",
            "p07_events.tsv",
            "p08_events.tsv",
            "sub-01_task-rns_run-1_events.tsv",
            "sub-02_task-rns_emg.json",
            "task-rns_emg.json",
            "p07.truth.json",
            "p07.endplate.toml",
        ];
        for name in names {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let said = Said::of(folder.path(), list(folder.path()));
        let about = |recording: &str| -> Vec<String> {
            let entities = stem(recording).split('_').collect();
            said.about(&entities).cloned().collect()
        };
        let all = ["dataset_description.json", "participants.tsv"];
        assert_eq!(about("p07.edf")[..2], all);
        assert_eq!(about("p07.edf")[2..], ["p07_events.tsv"]);
        let mut bids = about("sub-01_task-rns_run-1_emg.edf");
        bids.sort();
        let own = ["sub-01_task-rns_run-1_events.tsv", "task-rns_emg.json"];
        assert_eq!(bids[..2], all);
        assert_eq!(bids[2..], own);
    }

    #[test]
    fn a_file_that_is_gone_since_the_folder_was_listed_is_told_so_and_a_name_is_to_be_checked() {
        let path = Path::new("nowhere/a.edf");
        let told = |named| {
            let job = Job { named, ..job(path) };
            let error = State::of(&job, &Neighbors::default()).unwrap_err();
            error.to_string()
        };
        assert!(told(false).starts_with("nowhere/a.edf: it is gone"));
        assert!(told(true).contains("check its name"), "{}", told(true));
    }

    #[test]
    fn the_signal_file_of_a_header_that_is_named_counts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.hea"), "a 1 1000 1\na.dat 16 1000/mV").unwrap();
        std::fs::write(folder.path().join("a.dat"), "\x01\0").unwrap();
        let job = job(&folder.path().join("a.hea"));
        let jobs = [job.clone()];
        let state = State::of(&job, &Neighbors::of(&jobs)).unwrap();
        state.settle();
        assert!(state.still_holds(&job, &Neighbors::of(&jobs)));
        std::fs::write(folder.path().join("a.dat"), "\x02\0").unwrap();
        assert!(!state.still_holds(&job, &Neighbors::of(&jobs)));
        let state = State::of(&job, &Neighbors::of(&jobs)).unwrap();
        std::fs::write(folder.path().join("a.atr"), "\0\0").unwrap();
        assert!(
            !state.still_holds(&job, &Neighbors::of(&jobs)),
            "annotations came"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_way_back_over_a_link_is_that_of_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let (real, linked) = (folder.path().join("real"), folder.path().join("x"));
        std::fs::create_dir(&real).unwrap();
        std::fs::create_dir(&linked).unwrap();
        std::os::unix::fs::symlink(&real, linked.join("link")).unwrap();
        std::fs::write(real.join("p07.edf"), "1").unwrap();
        std::fs::write(linked.join("link.endplate.toml"), "").unwrap();
        let job = job(&linked.join("link/p07.edf"));
        let neighbors = Neighbors::of(std::slice::from_ref(&job));
        let state = State::of(&job, &neighbors).unwrap();
        assert_eq!(state.beside[0].0, "../link.endplate.toml");
        assert!(state.still_holds(&job, &neighbors));
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
