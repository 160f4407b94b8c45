//! What has arrived in folders that are watched.
//!
//! A file counts as there when neither it nor anything beside it that concerns it has changed for a while, from one look to another: size and
//! time of modification are compared with those of the look before, never with the clock, because the clock of a file server is another one.

use super::Job;
use super::manifest::{self, Done};
use super::state::{Neighbors, State};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Until what could not be read or written is tried again though no file changed: a disk that was full or away shows in no file. Heuristic.
const TRY_AGAIN: Duration = Duration::from_secs(60);

/// The files of watched folders as they looked when they were looked at last.
pub struct Arrivals {
    settle: Duration,
    files: BTreeMap<PathBuf, Known>,
    neighbors: Neighbors,
    /// When what the disk refused is tried again.
    again: Option<Instant>,
    /// Whether it refused the last run as a whole, so that none is begun before that.
    refused: bool,
}

struct Known {
    name: String,
    look: State,
    /// The look at which it first looked so.
    since: Instant,
    /// The first look at which it was not there.
    gone: Option<Instant>,
    /// As the last run took it.
    taken: Option<(Job, State)>,
}

/// What one look saw.
#[derive(Debug, Default)]
pub struct Look {
    /// The files that are there, in the order of the walk: those of the next run.
    pub settled: Vec<Job>,
    /// The names of those that are still growing, or did not stand still for long enough.
    pub arriving: Vec<String>,
    /// The names of those that the last run took and that are not there now.
    pub gone: Vec<String>,
    /// Whether anything looks different from the look before.
    pub changed: bool,
    /// Whether a run over the files that are there would find anything that the last one did not.
    pub due: bool,
}

impl Arrivals {
    /// Nothing yet. `settle`: for how long a file must not change before it counts as there.
    pub fn new(settle: Duration) -> Self {
        Self {
            settle,
            files: BTreeMap::new(),
            neighbors: Neighbors::default(),
            again: None,
            refused: false,
        }
    }

    /// Looks at all files of a walk.
    pub fn look(&mut self, jobs: Vec<Job>, now: Instant) -> Look {
        self.neighbors = Neighbors::of(&jobs);
        let try_again = self.again.is_some_and(|again| now >= again);
        let mut look = Look {
            due: try_again,
            ..Look::default()
        };
        let settle = self.settle;
        let mut there = BTreeSet::new();
        let mut changes_again = false;
        for job in jobs {
            // One that has just gone is none of the walk.
            let Ok(state) = State::of(&job, &self.neighbors) else {
                continue;
            };
            there.insert(job.path.clone());
            let (known, changed) = self.see(&job, state, now);
            look.changed |= changed;
            if now.duration_since(known.since) < settle {
                // A run that leaves it out takes its old numbers out of the tables.
                changes_again |= known.taken.is_some();
                look.arriving.push(job.name);
                continue;
            }
            let as_taken = known.taken.as_ref().is_some_and(|(taken, state)| {
                // A file that now is a part of another one, or has another name, gives other rows.
                *taken == job && *state == known.look
            });
            look.due |= !as_taken;
            look.settled.push(job);
        }
        self.miss(&there, &mut look, now);
        // Folders without a single file are more likely not there themselves.
        look.due = (changes_again || (look.due && !look.settled.is_empty()))
            && (try_again || !self.refused);
        look
    }

    /// One file that is there.
    fn see(&mut self, job: &Job, state: State, now: Instant) -> (&Known, bool) {
        let known = match self.files.entry(job.path.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let known = place.insert(Known {
                    name: job.name.clone(),
                    look: state,
                    since: now,
                    gone: None,
                    taken: None,
                });
                return (known, true);
            }
        };
        let state = match &known.taken {
            Some((_, taken)) => state.and_seen_in(taken, &job.path),
            None => state,
        };
        let changed = known.look != state;
        if changed {
            known.look = state;
            known.since = now;
        }
        known.gone = None;
        known.name.clone_from(&job.name);
        (known, changed)
    }

    /// Those that are not there any more.
    fn miss(&mut self, there: &BTreeSet<PathBuf>, look: &mut Look, now: Instant) {
        let settle = self.settle;
        self.files.retain(|path, known| {
            if there.contains(path) {
                return true;
            }
            look.changed |= known.gone.is_none();
            let since = *known.gone.get_or_insert(now);
            if known.taken.is_some() {
                // A program may take a file away to write it anew.
                look.due |= now.duration_since(since) >= settle;
                look.gone.push(known.name.clone());
            }
            known.taken.is_some()
        });
    }

    /// Whether the last run took the file as it looks now.
    pub fn is_as_taken(&self, job: &Job) -> bool {
        self.files.get(&job.path).is_some_and(|known| {
            let taken = known.taken.as_ref();
            taken.is_some_and(|(taken, state)| taken == job && *state == known.look)
        })
    }

    /// Whether the file, or something beside it, changed since the last look.
    pub fn is_changing(&self, job: &Job) -> bool {
        self.files
            .get(&job.path)
            .is_none_or(|known| !known.look.still_holds(job, &self.neighbors))
    }

    /// A run over the files that were there has ended, and wrote its manifest into `results`. `refused`: whether the disk refused to read or
    /// write anything of it.
    pub fn took(&mut self, jobs: &[Job], results: &Path, refused: bool, now: Instant) {
        let mut said = manifest::said(results);
        let taken: BTreeSet<&Path> = jobs.iter().map(|job| job.path.as_path()).collect();
        self.files
            .retain(|path, known| known.gone.is_none() || taken.contains(path.as_path()));
        for known in self.files.values_mut() {
            known.taken = None;
        }
        for job in jobs {
            let Some(known) = self.files.get_mut(&job.path) else {
                continue;
            };
            if let Some(Done::Analyzed { state, .. }) = said.remove(&job.name) {
                // In what state it was read, and which files beside it were, the run knows better than the look before it.
                known.look = state;
            }
            known.taken = Some((job.clone(), known.look.clone()));
        }
        self.again = refused.then(|| now + TRY_AGAIN);
        self.refused = false;
    }

    /// A run could not go on. None is begun for a while; what the next one is to take is what this one was.
    pub fn could_not(&mut self, now: Instant) {
        self.again = Some(now + TRY_AGAIN);
        self.refused = true;
    }
}

#[cfg(test)]
mod tests {
    use super::super::walk;
    use super::*;

    const SETTLE: Duration = Duration::from_secs(10);

    struct Watched {
        folder: tempfile::TempDir,
        results: tempfile::TempDir,
        arrivals: Arrivals,
        begun: Instant,
    }

    impl Watched {
        fn new() -> Self {
            Self {
                folder: tempfile::tempdir().unwrap(),
                results: tempfile::tempdir().unwrap(),
                arrivals: Arrivals::new(SETTLE),
                begun: Instant::now(),
            }
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.folder.path().join(name), text).unwrap();
        }

        fn look(&mut self, second: u64) -> Look {
            let walk = walk(&[self.folder.path().to_path_buf()], self.results.path()).unwrap();
            let now = self.begun + Duration::from_secs(second);
            self.arrivals.look(walk.jobs, now)
        }

        fn take(&mut self, look: &Look, second: u64) {
            let now = self.begun + Duration::from_secs(second);
            let results = self.results.path();
            self.arrivals.took(&look.settled, results, false, now);
        }
    }

    #[test]
    fn a_file_is_there_when_it_has_not_changed_for_the_time_given() {
        let mut watched = Watched::new();
        watched.write("a.edf", "1");
        let look = watched.look(0);
        assert_eq!(look.arriving, ["a.edf"]);
        assert!(!look.due && look.changed);
        watched.write("a.edf", "12");
        assert!(watched.look(9).settled.is_empty());
        // It stands still since the look at 9 s.
        assert!(!watched.look(18).due);
        let look = watched.look(19);
        assert!(look.due && look.arriving.is_empty() && look.settled.len() == 1);
        watched.take(&look, 19);
        let look = watched.look(60);
        assert!(!look.due && !look.changed, "nothing changed");
        assert!(watched.arrivals.is_as_taken(&look.settled[0]));
    }

    #[test]
    fn what_comes_beside_a_file_makes_it_arrive_again() {
        let mut watched = Watched::new();
        watched.write("a.edf", "1");
        watched.write("b.edf", "1");
        watched.look(0);
        let look = watched.look(10);
        watched.take(&look, 10);
        watched.write("a.edf.endplate.toml", "");
        let look = watched.look(20);
        assert_eq!(look.arriving, ["a.edf"]);
        assert!(look.due, "old numbers must not stand for what changes");
        assert_eq!(look.settled.len(), 1);
        watched.take(&look, 20);
        assert!(!watched.look(25).due, "they stand there no more");
        let look = watched.look(30);
        assert!(look.due);
        assert!(!watched.arrivals.is_as_taken(&look.settled[0]));
        assert!(watched.arrivals.is_as_taken(&look.settled[1]));
        watched.write("a.edf", "123");
        assert!(watched.arrivals.is_changing(&look.settled[0]));
        assert!(!watched.arrivals.is_changing(&look.settled[1]));
    }

    #[test]
    fn the_only_file_leaves_the_tables_while_it_is_written_anew() {
        let mut watched = Watched::new();
        watched.write("a.edf", "1");
        watched.look(0);
        let look = watched.look(10);
        watched.take(&look, 10);
        watched.write("a.edf", "12");
        let look = watched.look(11);
        assert!(look.due && look.settled.is_empty());
        watched.take(&look, 11);
        watched.write("a.edf", "123");
        assert!(!watched.look(12).due);
        assert!(watched.look(22).due);
    }

    #[test]
    fn a_file_that_stays_away_makes_a_run_due_but_an_empty_folder_does_not() {
        let mut watched = Watched::new();
        watched.write("a.edf", "1");
        watched.write("b.edf", "1");
        watched.look(0);
        let look = watched.look(10);
        watched.take(&look, 10);
        std::fs::remove_file(watched.folder.path().join("a.edf")).unwrap();
        assert!(!watched.look(20).due);
        let look = watched.look(30);
        assert!(look.due);
        assert_eq!(look.gone, ["a.edf"]);
        watched.take(&look, 30);
        assert!(!watched.look(40).due);
        std::fs::remove_file(watched.folder.path().join("b.edf")).unwrap();
        watched.look(50);
        let look = watched.look(60);
        assert!(!look.due, "the disk is more likely away");
        assert_eq!(look.gone, ["b.edf"]);
    }

    #[test]
    fn what_the_disk_refused_is_tried_again_after_a_while_and_not_at_once() {
        let mut watched = Watched::new();
        watched.write("a.edf", "1");
        watched.look(0);
        let look = watched.look(10);
        let (begun, results) = (watched.begun, watched.results.path().to_path_buf());
        let at = |second| begun + Duration::from_secs(second);
        watched.arrivals.took(&look.settled, &results, true, at(10));
        assert!(!watched.look(69).due);
        assert!(watched.look(70).due);
        watched.arrivals.could_not(at(70));
        assert!(!watched.look(71).due);
        watched.write("a.edf", "12");
        watched.look(80);
        assert!(!watched.look(100).due);
        assert!(watched.look(130).due);
    }
}
