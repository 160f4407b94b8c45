//! Which files of their disk the recordings of earlier runs were: `.seen.jsonl` in the results folder.
//!
//! Size and time of modification do not tell that two files swapped their names, or that one was written anew and given its old time. Its number on
//! the disk (inode) and the time of its last change of any kind do. They are no results: the same recording on another disk has others. So they do
//! not stand in the manifest, but in a file of their own, a line for each recording with a mark: the hash of these numbers, of the recording and
//! all files beside it, and of the bytes of the recording. A mark that is not there, or another one, only means that the bytes are looked at, so a
//! file that is lost, old or damaged costs time and tells nothing wrong.

use super::lines::Lines;
use super::state::State;
use crate::error::Result;
use crate::recording::Hash;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Its name in the results folder.
pub(super) const FILE: &str = ".seen.jsonl";

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    file: Cow<'a, str>,
    mark: Cow<'a, str>,
}

/// The mark of a recording with this hash in this state; `None` where the system does not tell one file from another.
pub(super) fn mark(state: &State, sha256: &str) -> Option<String> {
    let mut hash = Hash::of(sha256.as_bytes());
    let beside = state
        .beside
        .iter()
        .map(|(name, seen)| (name.as_str(), seen));
    for (name, seen) in std::iter::once(("", &state.file)).chain(beside) {
        let identity = seen.identity?;
        let (seconds, nanoseconds) = identity.changed;
        let told = format!("\n{} {seconds} {nanoseconds} {name}", identity.inode);
        hash.add(told.as_bytes());
    }
    Some(hash.finish())
}

/// The marks in a results folder, by the names of the recordings; nothing where none can be read.
pub(super) fn said(results: &Path) -> BTreeMap<String, String> {
    read(&std::fs::read(results.join(FILE)).unwrap_or_default())
}

fn read(text: &[u8]) -> BTreeMap<String, String> {
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Line<'_>>(line).ok())
        .map(|line| (line.file.into_owned(), line.mark.into_owned()))
        .collect()
}

/// The marks of a results folder while a run writes into it.
pub(super) struct Marks {
    earlier: BTreeMap<String, String>,
    appended: Option<File>,
}

impl Marks {
    /// Those of earlier runs, to which this one appends, so that the next one knows what it has done also if it is killed.
    pub fn open(results: &Path) -> Self {
        let path = results.join(FILE);
        let text = std::fs::read(&path).unwrap_or_default();
        let open = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            if text.last().is_some_and(|last| *last != b'\n') {
                // What follows must not continue a line that was cut off.
                file.write_all(b"\n")?;
            }
            std::io::Result::Ok(file)
        };
        Self {
            earlier: read(&text),
            appended: if cfg!(unix) { open().ok() } else { None },
        }
    }

    /// The mark that earlier runs knew.
    pub fn earlier(&self, file: &str) -> Option<&str> {
        self.earlier.get(file).map(String::as_str)
    }

    /// Appends a mark. One that cannot be written is one that the next run does not know.
    pub fn note(&self, file: &str, mark: Option<&str>) {
        if let (Some(mark), Some(mut to)) = (mark, self.appended.as_ref())
            && let Ok(line) = line(file, mark)
        {
            // One call for one line: lines of several threads do not mix, because the file is open for appending.
            let _ = to.write_all(line.as_bytes());
        }
    }
}

fn line(file: &str, mark: &str) -> serde_json::Result<String> {
    let mut line = serde_json::to_string(&Line {
        file: file.into(),
        mark: mark.into(),
    })?;
    line.push('\n');
    Ok(line)
}

/// The marks as they stand when the run is over.
pub(super) struct Whole {
    lines: Lines,
    /// How many were appended.
    count: usize,
}

impl Whole {
    /// Begins them where unfinished things stand.
    pub fn create(results: &Path) -> Result<Self> {
        let lines = Lines::create(results, FILE)?;
        Ok(Self { lines, count: 0 })
    }

    /// Appends the mark of the next recording in the order of the run, if it has one.
    pub fn append(&mut self, file: &str, mark: Option<&str>) -> Result<()> {
        let Some(Ok(line)) = mark.map(|mark| line(file, mark)) else {
            return Ok(());
        };
        self.count += 1;
        self.lines.append(&line)
    }

    /// Puts them in the place of those that were appended to. Where there are none no file is left.
    pub fn finish(self) -> Result<()> {
        if self.count > 0 {
            self.lines.finish()
        } else {
            self.lines.leave_none()
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::super::seen::Seen;
    use super::*;
    use crate::report::UNFINISHED;

    fn state(path: &Path) -> State {
        State {
            file: Seen::now(path).unwrap(),
            beside: Vec::new(),
        }
    }

    #[test]
    fn another_file_of_the_same_bytes_size_and_time_has_another_mark() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        let time = std::time::SystemTime::UNIX_EPOCH;
        for path in &paths {
            std::fs::write(path, "1").unwrap();
            let file = File::options().append(true).open(path).unwrap();
            file.set_modified(time).unwrap();
        }
        let [a, b] = paths.each_ref().map(|path| state(path));
        assert_eq!(a, b);
        assert_ne!(mark(&a, "1"), mark(&b, "1"));
        assert_eq!(mark(&a, "1"), mark(&state(&paths[0]), "1"));
        assert_ne!(mark(&a, "1"), mark(&a, "2"));
        let mut unknown = a;
        unknown.file.identity = None;
        assert_eq!(mark(&unknown, "1"), None);
    }

    #[test]
    fn marks_of_a_run_that_was_killed_are_known_and_half_a_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::open(folder.path());
        marks.note("a \"1\"", Some("x"));
        marks.note("b", None);
        marks.note("c", Some("y"));
        drop(marks);
        let path = folder.path().join(FILE);
        let mut text = std::fs::read(&path).unwrap();
        text.extend(b"{\"file\":\"c\",\"ma");
        std::fs::write(&path, text).unwrap();
        let marks = Marks::open(folder.path());
        assert_eq!(marks.earlier("a \"1\""), Some("x"));
        assert_eq!(marks.earlier("b"), None);
        assert_eq!(marks.earlier("c"), Some("y"));
        marks.note("c", Some("z"));
        assert_eq!(Marks::open(folder.path()).earlier("c"), Some("z"));
        // At the end those of the run take their place.
        std::fs::create_dir(folder.path().join(UNFINISHED)).unwrap();
        let mut whole = Whole::create(folder.path()).unwrap();
        whole.append("b", Some("w")).unwrap();
        whole.finish().unwrap();
        assert_eq!(said(folder.path()).len(), 1);
    }
}
