//! Which sidecars belong to a recording (BIDS, common principles, "The Inheritance Principle").
//!
//! A recording with a BIDS name in a BIDS tree takes those of its own folder and of the folders above it, up to the one with
//! `dataset_description.json`; any other recording takes those beside it that bear its name.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::Beside;
use std::path::{Path, PathBuf};

/// The file that makes a folder the root of a BIDS tree.
pub const BIDS_ROOT: &str = "dataset_description.json";
/// So many folders of a BIDS tree above that of a recording may say something about it: `sub-<label>/ses-<label>/<data type>` (BIDS, "Filesystem structure").
pub const BIDS_FOLDERS_ABOVE: usize = 3;
/// Kinds of recordings that may hold EMG, as the last part of their names. Before BIDS 1.11 EMG stood beside an EEG.
const SUFFIXES: &[&str] = &["emg", "eeg", "ieeg"];
/// Larger sidecars are refused. Heuristic: half a million events.
const MAX_BYTES: u64 = 16 << 20;

/// A file beside a recording.
#[derive(Debug)]
pub(super) struct Sidecar {
    /// Its name, with the way from the recording's folder.
    pub(super) name: String,
    /// All of it.
    pub(super) bytes: Vec<u8>,
}

impl Sidecar {
    /// For the list of what a recording was read with.
    pub(super) fn beside(&self) -> Beside {
        Beside::new(self.name.clone(), &self.bytes)
    }

    #[cfg(test)]
    pub(super) fn named(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        }
    }
}

/// Where the sidecars of one recording may be.
pub(super) struct Place {
    /// The recording's folder first, then those above it as far as they count.
    folders: Vec<PathBuf>,
    /// Whether the last of the folders is the root of a BIDS tree.
    in_tree: bool,
    /// The name without its extension and, for a BIDS name, without its suffix.
    stem: String,
    /// `None`: no BIDS name.
    suffix: Option<&'static str>,
}

impl Place {
    /// Where the sidecars of the recording at `path` may be.
    pub(super) fn of(path: &Path) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let Some((stem, suffix)) = bids_name(&stem) else {
            return Self {
                folders: vec![folder.to_path_buf()],
                in_tree: false,
                stem: stem.into_owned(),
                suffix: None,
            };
        };
        // The folders above a relative path are those of the whole path.
        let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        let above: Vec<_> = whole.ancestors().take(BIDS_FOLDERS_ABOVE + 1).collect();
        let root = above
            .iter()
            .position(|folder| folder.join(BIDS_ROOT).is_file());
        Self {
            folders: above
                .into_iter()
                .take(root.map_or(1, |root| root + 1))
                .map(Path::to_path_buf)
                .collect(),
            in_tree: root.is_some(),
            stem: stem.to_owned(),
            suffix: Some(suffix),
        }
    }

    /// The person as the name calls them, `sub-01`, if the recording is part of a tree.
    pub(super) fn participant(&self) -> Option<&str> {
        self.stem
            .split('_')
            .next()
            .filter(|_| self.in_tree && self.suffix.is_some())
    }

    /// The table of that kind (`events`, `channels`) that counts: the nearest (rule 5a).
    pub(super) fn table(&self, kind: &str) -> Result<Option<Sidecar>> {
        for level in 0..self.folders.len() {
            let found = self.at(level, &format!("{kind}.tsv"))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The JSON files about the recording itself, the nearest first (rule 5b).
    pub(super) fn metadata(&self) -> Result<Vec<Sidecar>> {
        let ending = format!("{}.json", self.suffix.unwrap_or("emg"));
        let mut found = Vec::new();
        for level in 0..self.folders.len() {
            found.extend(self.at(level, &ending)?);
        }
        Ok(found)
    }

    /// The table of the participants at the root of the tree.
    pub(super) fn participants(&self) -> Result<Option<Sidecar>> {
        let name = "participants.tsv";
        match self.folders.len().checked_sub(1) {
            Some(root) if self.in_tree && exists(&self.folder(root).join(name)) => {
                self.read(root, name).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn folder(&self, level: usize) -> &Path {
        self.folders
            .get(level)
            .map_or(Path::new("."), PathBuf::as_path)
    }

    /// The only file at a level that applies to the recording and ends so (rules 2 and 4).
    fn at(&self, level: usize, ending: &str) -> Result<Option<Sidecar>> {
        if self.suffix.is_none() {
            let name = format!("{}_{ending}", self.stem);
            return if exists(&self.folder(level).join(&name)) {
                self.read(level, &name).map(Some)
            } else {
                Ok(None)
            };
        }
        let listed = std::fs::read_dir(self.folder(level)).map_err(|cause| {
            Error::new(ErrorCode::Io, cause.to_string())
                .at(format!("the folder {}", self.folder(level).display()))
                .advice("make the folder readable: it may hold what describes the recording")
        })?;
        let mut names: Vec<String> = listed
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| self.applies(name, ending))
            .collect();
        names.sort();
        match names.as_slice() {
            [] => Ok(None),
            [only] => self.read(level, only).map(Some),
            [first, second, ..] => Err(Error::new(
                ErrorCode::BadMapping,
                "two files of one folder apply to this recording; BIDS allows one (inheritance principle, rule 4)",
            )
            .at(format!(
                "{} and {}",
                self.way(level, first),
                self.way(level, second)
            ))
            .advice("join them, or move the more general one into a folder above")),
        }
    }

    /// Whether the file says nothing about another recording: each of its entities is one of the recording's (rule 2c).
    fn applies(&self, name: &str, ending: &str) -> bool {
        let Some(before) = name.strip_suffix(ending) else {
            return false;
        };
        let Some(entities) = before.strip_suffix('_') else {
            return before.is_empty();
        };
        entities
            .split('_')
            .all(|entity| self.stem.split('_').any(|own| own == entity))
    }

    fn way(&self, level: usize, name: &str) -> String {
        format!("{}{name}", "../".repeat(level))
    }

    fn read(&self, level: usize, name: &str) -> Result<Sidecar> {
        let path = self.folder(level).join(name);
        let name = self.way(level, name);
        let io = |cause: std::io::Error| {
            Error::new(ErrorCode::Io, cause.to_string())
                .at(name.clone())
                .advice("make the file readable, or move it away")
        };
        let metadata = std::fs::metadata(&path).map_err(io)?;
        if !metadata.is_file() {
            return Err(Error::new(
                ErrorCode::BadMapping,
                "this is no ordinary file, but it bears the name of one that describes the recording",
            )
            .at(name)
            .advice("rename it"));
        }
        if metadata.len() > MAX_BYTES {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("{} bytes; at most {MAX_BYTES} are read", metadata.len()),
            )
            .at(name)
            .advice("split the recording, or move the file away"));
        }
        let bytes = std::fs::read(&path).map_err(io)?;
        Ok(Sidecar { name, bytes })
    }
}

/// Whether there is anything of that name, a broken link too: what cannot be read must be told.
fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// Splits `sub-01_task-rns_run-1_emg` into its entities and its suffix; `None` for a name that is not of BIDS.
fn bids_name(stem: &str) -> Option<(&str, &'static str)> {
    let (entities, last) = stem.rsplit_once('_')?;
    let suffix = SUFFIXES.iter().find(|suffix| **suffix == last)?;
    let is_entity = |part: &str| {
        part.split_once('-').is_some_and(|(key, label)| {
            let plain = |text: &str| {
                !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')
            };
            plain(key) && plain(label)
        })
    };
    let bids = entities.starts_with("sub-") && entities.split('_').all(is_entity);
    bids.then_some((entities, *suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bids_name_begins_with_the_person_and_ends_with_the_kind() {
        assert_eq!(
            bids_name("sub-01_task-rns_run-1_emg"),
            Some(("sub-01_task-rns_run-1", "emg"))
        );
        for other in [
            "rns_emg",
            "sub-01_task-rns",
            "sub-01_x_emg",
            "sub-_emg",
            "sub-01_task-rns_physio",
        ] {
            assert_eq!(bids_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_file_with_an_entity_of_another_recording_does_not_apply() {
        let place = Place::of(Path::new("sub-01_task-rns_run-1_emg.edf"));
        for name in [
            "channels.tsv",
            "task-rns_channels.tsv",
            "sub-01_run-1_channels.tsv",
        ] {
            assert!(place.applies(name, "channels.tsv"), "{name}");
        }
        for name in [
            "task-rest_channels.tsv",
            "sub-01_task-rns_run-1_acq-x_channels.tsv",
            "mychannels.tsv",
            "sub-01_task-rns_run-1_events.tsv",
        ] {
            assert!(!place.applies(name, "channels.tsv"), "{name}");
        }
    }
}
