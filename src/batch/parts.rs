//! Files in a folder that are parts of the recording of another file.

use super::Job;
use crate::formats;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Notes at each of the jobs, all found in one folder and its subfolders, to which file it belongs: to the one that is analyzed, not to
/// one that itself is a part.
pub(super) fn assign(jobs: &mut [Job]) {
    let mut folders: BTreeMap<PathBuf, BTreeMap<String, usize>> = BTreeMap::new();
    for (index, job) in jobs.iter().enumerate() {
        // A name that is not Unicode cannot be asked for by a header.
        if let Some(name) = job.path.file_name().and_then(|name| name.to_str()) {
            let folder = job.path.parent().unwrap_or(Path::new("")).to_path_buf();
            folders
                .entry(folder)
                .or_default()
                .insert(name.to_owned(), index);
        }
    }
    let mut owners: BTreeMap<usize, usize> = BTreeMap::new();
    for files in folders.values() {
        let names: Vec<String> = files.keys().cloned().collect();
        for &owner in files.values() {
            for part in formats::parts(&jobs[owner].path, &names) {
                if let Some(&part) = files.get(&part) {
                    owners.entry(part).or_insert(owner);
                }
            }
        }
    }
    for &part in owners.keys() {
        if let Some(root) = root(part, &owners) {
            let name = jobs[root].path.file_name().unwrap_or_default();
            jobs[part].part_of = Some(name.to_string_lossy().into_owned());
        }
    }
}

/// The file at the end of the chain of owners; `None` if files claim each other in a circle, so that none is a part.
fn root(part: usize, owners: &BTreeMap<usize, usize>) -> Option<usize> {
    let mut at = part;
    for _ in 0..=owners.len() {
        match owners.get(&at) {
            Some(&owner) => at = owner,
            None => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part_of(files: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let walk = crate::batch::walk(&[folder.path().to_path_buf()], Path::new("none")).unwrap();
        let jobs = walk.jobs.into_iter();
        jobs.map(|job| (job.name, job.part_of)).collect()
    }

    #[test]
    fn a_signal_file_and_annotations_belong_to_the_header_that_names_them() {
        let found = part_of(&[
            ("a.atr", "\0\0"),
            ("a.dat", "\x01\0"),
            ("a.hea", "a 1 1000 1\na.dat 16 1000/mV"),
            ("a.note", "words"),
            ("b.dat", "\x01\0"),
        ]);
        let own = Some("a.hea".to_owned());
        let expected = [own.clone(), own, None, None, None];
        let found: Vec<_> = found.into_iter().map(|(_, part_of)| part_of).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_part_of_a_part_belongs_to_the_whole() {
        let found = part_of(&[
            ("a.hea", "a/1 1 1000 1\nb 1"),
            ("b.dat", "\x01\0"),
            ("b.hea", "b 1 1000 1\nb.dat 16 1000/mV"),
        ]);
        let own = Some("a.hea".to_owned());
        assert_eq!(found[1].1, own);
        assert_eq!(found[2].1, own);
    }

    #[test]
    fn files_that_claim_each_other_are_no_parts_so_that_none_is_lost() {
        let found = part_of(&[
            ("a.hea", "a/1 1 1000 1\nb 1"),
            ("b.hea", "b/1 1 1000 1\nc 1"),
            ("c.hea", "c/1 1 1000 1\na 1"),
        ]);
        assert!(found.iter().all(|(_, part_of)| part_of.is_none()));
    }
}
