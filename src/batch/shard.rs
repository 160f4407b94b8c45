//! A share of a run, so that several machines do one run together.
//!
//! Which share a file is in follows from its name alone: the first eight bytes of the SHA-256 of the name, read as one number with the highest
//! byte first, modulo the number of shares. A recording that comes or goes moves no other to another share.

use super::{Job, Walk};
use crate::recording::sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// More shares than any scheduler starts at once for one run (heuristic): what is above is a slip of the keyboard.
const MOST: u64 = 100_000;

/// Which share of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number, from 1.
    #[serde(rename = "shard")]
    number: u64,
    of: u64,
}

impl Shard {
    /// Its number, from 1.
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many there are.
    pub fn of(self) -> u64 {
        self.of
    }

    /// Whether there can be such a share: not of everything that a file may say.
    pub(super) fn is_possible(self) -> bool {
        (1..=self.of).contains(&self.number) && self.of <= MOST
    }

    /// Whether a name belongs to it.
    fn has(self, name: &str) -> bool {
        /// Eight bytes in hexadecimal.
        const DIGITS: usize = 16;
        let hash = sha256(name);
        let first = hash
            .get(..DIGITS)
            .and_then(|digits| u64::from_str_radix(digits, 16).ok());
        first.unwrap_or_default() % self.of + 1 == self.number
    }

    /// What of a walk belongs to it, in the same order and under the same names. A part of a recording of several files goes with the whole.
    pub fn split(self, walk: Walk) -> (Walk, Share) {
        let whole = Whole::of(&walk.jobs);
        let mut names: BTreeMap<&Path, &str> = BTreeMap::new();
        for job in &walk.jobs {
            names.entry(&job.path).or_insert(&job.name);
        }
        let is_own = |job: &Job| {
            let of_whole = job
                .part_of
                .as_ref()
                .and_then(|file| names.get(job.path.with_file_name(file).as_path()));
            self.has(of_whole.unwrap_or(&job.name.as_str()))
        };
        let positions: Vec<usize> = walk
            .jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| is_own(job))
            .map(|(position, _)| position)
            .collect();
        let mut own = positions.iter().copied().peekable();
        let jobs = walk.jobs.into_iter().enumerate();
        let jobs = jobs.filter(|(position, _)| own.next_if_eq(position).is_some());
        let jobs = jobs.map(|(_, job)| job).collect();
        // A folder that cannot be listed has no name in the run.
        let mut errors = walk.errors;
        errors.retain(|error| {
            let path = error.path().map(Path::to_string_lossy);
            self.has(&path.unwrap_or_default())
        });
        let share = Share {
            shard: self,
            whole,
            positions,
            unlisted: errors.iter().map(ToString::to_string).collect(),
        };
        let left_out = walk.left_out;
        (
            Walk {
                jobs,
                errors,
                left_out,
            },
            share,
        )
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // What is beyond all numbers is beyond the most.
        let number = |text: &str| -> Option<u64> {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let parts = text.split_once('/');
        let Some((number, of)) = parts.and_then(|(k, n)| Some((number(k)?, number(n)?))) else {
            return Err("expected two numbers, K/N: which share of how many, such as 1/4".into());
        };
        if of > MOST {
            return Err(format!("at most {MOST} shares are possible"));
        }
        if number == 0 || number > of {
            let most = if of == 0 { "N".into() } else { of.to_string() };
            return Err(format!(
                "shares are counted from 1 to {most}; an array that counts from 0 has to add 1"
            ));
        }
        Ok(Self { number, of })
    }
}

/// What a share must know of the whole run, so that it can be put together with the others.
#[derive(Clone, Debug)]
pub struct Share {
    pub(super) shard: Shard,
    pub(super) whole: Whole,
    /// Where its files stand among those of the whole run, in order.
    pub(super) positions: Vec<usize>,
    /// What could not be listed, as it was told.
    pub(super) unlisted: Vec<String>,
}

/// The files of all shares together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Whole {
    /// How many.
    pub files: usize,
    /// See [`hash`].
    pub names_sha256: String,
    /// The same of their paths, and of whether they were named or found.
    pub paths_sha256: String,
}

impl Whole {
    fn of(jobs: &[Job]) -> Self {
        let path = |job: &Job| format!("{}\0{}", job.path.to_string_lossy(), job.named);
        Self {
            files: jobs.len(),
            names_sha256: hash(jobs.iter().map(|job| job.name.clone())),
            paths_sha256: hash(jobs.iter().map(path)),
        }
    }
}

/// The hash of texts in their order. None of them holds a zero: no name of a file can.
pub(super) fn hash(texts: impl Iterator<Item = String>) -> String {
    let mut all = String::new();
    for text in texts {
        all.push_str(&text);
        all.push('\0');
    }
    sha256(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorCode};
    use std::path::PathBuf;

    fn shard(text: &str) -> Shard {
        text.parse().unwrap()
    }

    fn job(name: &str) -> Job {
        Job {
            path: Path::new("in").join(name),
            name: name.to_owned(),
            named: false,
            part_of: None,
        }
    }

    /// The number of the share of each name.
    fn shares(jobs: &[Job], of: u64) -> BTreeMap<String, u64> {
        let mut found = BTreeMap::new();
        for number in 1..=of {
            let walk = Walk {
                jobs: jobs.to_vec(),
                ..Walk::default()
            };
            let (walk, share) = Shard { number, of }.split(walk);
            assert_eq!(walk.jobs.len(), share.positions.len());
            for (job, position) in walk.jobs.iter().zip(&share.positions) {
                assert_eq!(jobs[*position], *job);
                assert_eq!(found.insert(job.name.clone(), number), None, "twice");
            }
        }
        assert_eq!(found.len(), jobs.len());
        found
    }

    #[test]
    fn what_is_no_share_is_told_with_what_was_expected() {
        for (text, said) in [
            ("0/3", "counted from 1"),
            ("4/3", "counted from 1 to 3"),
            ("1/0", "counted from 1"),
            ("a/b", "K/N"),
            ("1", "K/N"),
            ("-1/3", "K/N"),
            ("1/3/3", "K/N"),
            ("/", "K/N"),
            ("1/18446744073709551616", "at most 100000"),
            ("1/100001", "at most 100000"),
        ] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(shard("3/3").to_string(), "3/3");
    }

    #[test]
    fn the_share_follows_from_the_hash_of_the_name() {
        // python3 -c "import hashlib; print(int(hashlib.sha256(b'p07/adm.edf').hexdigest()[:16], 16) % 5 + 1)"
        assert!(shard("5/5").has("p07/adm.edf"));
    }

    #[test]
    fn each_file_is_in_one_share_and_one_that_comes_moves_no_other() {
        let mut jobs: Vec<_> = (0..200).map(|n| job(&format!("p{n:03}.edf"))).collect();
        let before = shares(&jobs, 3);
        for number in 1..=3 {
            let count = before.values().filter(|share| **share == number).count();
            assert!((40..=95).contains(&count), "share {number} has {count}");
        }
        jobs.insert(0, job("a.edf"));
        jobs.remove(100);
        let after = shares(&jobs, 3);
        assert!(
            before
                .iter()
                .all(|(name, share)| after.get(name).is_none_or(|now| now == share))
        );
    }

    #[test]
    fn parts_of_a_recording_go_with_the_whole() {
        let mut jobs = Vec::new();
        for number in 0..20 {
            let whole = format!("r/{number}.hea");
            for part in ["atr", "dat"] {
                let mut job = job(&format!("r/{number}.{part}"));
                job.part_of = Some(format!("{number}.hea"));
                jobs.push(job);
            }
            jobs.push(job(&whole));
        }
        let shares = shares(&jobs, 4);
        for number in 0..20 {
            let of = |end: &str| shares[&format!("r/{number}.{end}")];
            assert!(of("dat") == of("hea") && of("atr") == of("hea"));
        }
    }

    #[test]
    fn what_cannot_be_listed_is_told_by_one_share() {
        let mut told = Vec::new();
        for number in 1..=3 {
            let walk = Walk {
                errors: ["in/a", "in/b"]
                    .map(|path| Error::new(ErrorCode::Io, "locked").in_file(&PathBuf::from(path)))
                    .into(),
                ..Walk::default()
            };
            let (walk, share) = Shard { number, of: 3 }.split(walk);
            assert_eq!(walk.errors.len(), share.unlisted.len());
            told.extend(share.unlisted);
        }
        told.sort();
        assert_eq!(told, ["in/a: locked", "in/b: locked"]);
    }
}
