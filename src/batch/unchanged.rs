//! Whether what an earlier run made of a file may be taken over.

use super::Job;
use super::kept::Brief;
use super::manifest::{self, Done};
use super::marks;
use super::place;
use super::run::Run;
use super::state::State;
use crate::error::Result;
use crate::formats;
use crate::recording::{Content, Hash};
use std::path::Path;
use std::sync::atomic::Ordering;

/// What an earlier run made of a file that has not changed since.
pub(super) struct Unchanged {
    pub brief: Brief,
    pub done: Done,
    /// As it is now; see [`marks`].
    pub mark: Option<String>,
}

impl Run<'_> {
    /// What an earlier run made of the file, if nothing changed since. Files that failed are tried again: what was in the way may be gone.
    pub(super) fn unchanged(&self, job: &Job) -> Option<Unchanged> {
        let done = self.manifest.earlier(&job.name)?;
        let Done::Analyzed {
            sha256,
            state,
            beside_sha256,
            path,
            run,
            ..
        } = done
        else {
            return None;
        };
        let same = *run == self.key && *path == manifest::told(&job.path) && job.part_of.is_none();
        if self.options.force.concerns(job) || !same {
            return None;
        }
        let now = state.again(job, &self.neighbors)?;
        let folder = place::folder_of(&self.options.results, &job.name);
        let brief = Brief::kept(&folder, run, sha256, self.columns)?;
        let mark = marks::mark(&now, sha256);
        if mark.is_some() && mark.as_deref() != self.marks.earlier(&job.name) {
            // A person who ends the run does not want all files read before.
            if self.options.stop.load(Ordering::Relaxed)
                || !has_the_bytes(&now, &job.path, sha256, beside_sha256.as_deref())
            {
                return None;
            }
            self.marks.note(&job.name, mark.as_deref());
        }
        Some(Unchanged {
            brief,
            done: done.clone(),
            mark,
        })
    }
}

/// Whether the recording, and what stands beside it, still hold the bytes that were analyzed. What cannot be read is to be analyzed, and then told.
fn has_the_bytes(now: &State, path: &Path, sha256: &str, beside: Option<&str>) -> bool {
    // The hash of a recording of several files is over all of them, in the order in which they were read; the other one holds them all.
    let own = || Content::open(path).and_then(|content| content.sha256());
    let same = formats::may_have_parts(path) || own().is_ok_and(|own| own == sha256);
    same && beside_sha256(now, path).is_ok_and(|now| now.as_deref() == beside)
}

/// SHA-256 over the names and hashes of the files beside a recording, and over one that itself may consist of several; `None` where nothing stands
/// beside it, because the hash of the recording says all.
pub(super) fn beside_sha256(state: &State, path: &Path) -> Result<Option<String>> {
    let parts = formats::may_have_parts(path);
    if state.beside.is_empty() && !parts {
        return Ok(None);
    }
    let mut all = Hash::of(&[]);
    let own = parts.then(|| (String::new(), path.to_path_buf()));
    for (name, path) in own.into_iter().chain(state.places_beside(path)) {
        let content = Content::open(&path)?;
        all.add(format!("{} {name}\n", content.sha256()?).as_bytes());
        content.check_unchanged()?;
    }
    Ok(Some(all.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::state::Neighbors;
    use crate::recording::sha256;

    fn look(path: &Path) -> State {
        let job = Job {
            path: path.to_path_buf(),
            name: "name".to_owned(),
            named: true,
            part_of: None,
        };
        State::of(&job, &Neighbors::of(std::slice::from_ref(&job))).unwrap()
    }

    #[test]
    fn the_bytes_of_a_recording_and_of_what_stands_beside_it_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.edf");
        std::fs::write(&path, "1").unwrap();
        let (state, own) = (look(&path), sha256("1"));
        assert_eq!(beside_sha256(&state, &path).unwrap(), None);
        assert!(has_the_bytes(&state, &path, &own, None));
        assert!(!has_the_bytes(&state, &path, &sha256("2"), None));
        // What an earlier run did not hash is in doubt.
        std::fs::write(folder.path().join("a.edf.endplate.toml"), "3").unwrap();
        let state = look(&path);
        assert!(!has_the_bytes(&state, &path, &own, None));
        let beside = beside_sha256(&state, &path).unwrap();
        assert!(has_the_bytes(&state, &path, &own, beside.as_deref()));
        std::fs::write(folder.path().join("a.edf.endplate.toml"), "4").unwrap();
        assert!(!has_the_bytes(&state, &path, &own, beside.as_deref()));
    }

    #[test]
    fn of_a_recording_of_several_files_each_counts() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("a.hea", "a 1 1000 1\na.dat 16 1000/mV"), ("a.dat", "12")];
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let path = folder.path().join("a.hea");
        let state = look(&path);
        let all = beside_sha256(&state, &path).unwrap();
        // The hash of the study is over all of them in an order that only the reader knows.
        let same = || has_the_bytes(&state, &path, "of all", all.as_deref());
        assert!(same());
        for (name, text) in files {
            std::fs::write(folder.path().join(name), format!("{text} ")).unwrap();
            assert!(!same(), "{name}");
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        assert!(same());
    }
}
