//! Where the results of one file stand, written elsewhere first and then put in their place as a whole.

use super::manifest::{Entry, Manifest};
use crate::error::{Error, ErrorCode, Result};
use crate::report::UNFINISHED;
use std::path::{Path, PathBuf};

/// What the outputs of a study are named; a folder that holds anything else is not ours to replace.
const EXTENSIONS: &[&str] = &["json", "svg", "png", "html", "pdf", "dcm"];

/// The folder of the studies in a results folder.
pub(super) const STUDIES: &str = "studies";

/// What systems put into folders that were only looked at.
const LITTER: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];

/// A folder under construction. Dropped without `finish`, it takes away what it made.
pub struct Place {
    part: PathBuf,
    place: PathBuf,
    /// Where an older one goes before it is removed.
    replaced: PathBuf,
    finished: bool,
}

impl Place {
    /// Begins the folder `results/studies/NAME`, an older one staying as it is until the new one is whole.
    pub fn begin(results: &Path, name: &str) -> Result<Self> {
        let place = folder_of(results, name);
        let part = folder_of(&results.join(UNFINISHED), name);
        // Before anything is written: what is not ours is in the way.
        check(&place)?;
        if part.exists() {
            std::fs::remove_dir_all(&part).map_err(|cause| Error::unwritten(&part, &cause))?;
        }
        std::fs::create_dir_all(&part).map_err(|cause| Error::unwritten(&part, &cause))?;
        Ok(Self {
            part,
            place,
            replaced: replaced(results, name),
            finished: false,
        })
    }

    /// Where to write.
    pub fn folder(&self) -> &Path {
        &self.part
    }

    /// Puts the folder in its place; an older one of the same study goes.
    fn finish(mut self) -> Result<()> {
        move_away(&self.place, &self.replaced)?;
        let above = self.place.parent().unwrap_or(&self.place);
        std::fs::create_dir_all(above).map_err(|cause| Error::unwritten(above, &cause))?;
        std::fs::rename(&self.part, &self.place)
            .map_err(|cause| Error::unwritten(&self.place, &cause))?;
        self.finished = true;
        // What stays of the older one is cleared with everything unfinished.
        let _ = std::fs::remove_dir_all(&self.replaced);
        Ok(())
    }

    /// The same, with a word in the manifest before, if older results are replaced, and after.
    pub fn finish_and_tell(self, manifest: &Manifest, entry: &Entry) -> Result<()> {
        if self.place.exists() {
            manifest.begin(&entry.file)?;
        }
        self.finish()?;
        manifest.done(entry)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed the next run clears; there is nobody to tell from here.
            let _ = std::fs::remove_dir_all(&self.part);
        }
    }
}

/// Takes away what an earlier run made of a file that fails now: old numbers must not stand beside a new failure.
fn clear(results: &Path, name: &str) -> Result<()> {
    let replaced = replaced(results, name);
    move_away(&folder_of(results, name), &replaced)?;
    match std::fs::remove_dir_all(&replaced) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::unwritten(&replaced, &cause))
        }
        _ => Ok(()),
    }
}

/// The same, with a word in the manifest before it.
pub fn clear_and_tell(results: &Path, manifest: &Manifest, name: &str) -> Result<()> {
    if folder_of(results, name).exists() {
        manifest.begin(name)?;
    }
    clear(results, name)
}

fn replaced(results: &Path, name: &str) -> PathBuf {
    folder_of(&results.join(UNFINISHED).join("replaced"), name)
}

/// Takes a folder of ours out of the results as a whole, so that no half of it is ever seen there.
fn move_away(place: &Path, to: &Path) -> Result<()> {
    if !place.exists() {
        return Ok(());
    }
    check(place)?;
    let above = to.parent().unwrap_or(to);
    std::fs::create_dir_all(above).map_err(|cause| Error::unwritten(above, &cause))?;
    std::fs::rename(place, to).map_err(|cause| Error::unwritten(place, &cause))
}

/// The folder `studies/NAME` of a results folder.
pub fn folder_of(results: &Path, name: &str) -> PathBuf {
    let mut folder = results.join(STUDIES);
    folder.extend(name.split('/'));
    folder
}

/// Whether everything in the place is ours.
fn check(place: &Path) -> Result<()> {
    let io = |cause| Error::unwritten(place, &cause);
    if !place.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(place).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().unwrap_or_default();
        let known = path
            .extension()
            .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known));
        let litter = LITTER.iter().any(|litter| name == *litter);
        if !(known || litter) || !path.is_file() {
            let what = name.to_string_lossy().into_owned();
            return Err(Error::new(ErrorCode::Output, format!("stands in the way and holds \"{what}\", which is not of a study, so it is not replaced"))
                .advice("choose another results folder")
                .in_file(place));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_folder_appears_whole_and_replaces_the_older_one() {
        let results = tempfile::tempdir().unwrap();
        for round in ["old", "new"] {
            let place = Place::begin(results.path(), "a/b.edf").unwrap();
            std::fs::write(place.folder().join("study.json"), round).unwrap();
            std::fs::write(place.folder().join(round).with_extension("svg"), "").unwrap();
            place.finish().unwrap();
        }
        let folder = results.path().join("studies/a/b.edf");
        assert!(folder.join("new.svg").exists() && !folder.join("old.svg").exists());
    }

    #[test]
    fn what_every_output_writes_is_ours() {
        for output in crate::report::OUTPUTS {
            if matches!(output.scope, crate::report::Scope::Study(_)) {
                let name = output.files.trim_matches('`');
                let extension = name.rsplit('.').next().unwrap();
                assert!(EXTENSIONS.contains(&extension), "{name}");
            }
        }
    }

    #[test]
    fn what_was_begun_and_not_finished_leaves_nothing() {
        let results = tempfile::tempdir().unwrap();
        drop(Place::begin(results.path(), "b.edf").unwrap());
        assert_eq!(
            std::fs::read_dir(results.path().join(UNFINISHED).join("studies"))
                .unwrap()
                .count(),
            0
        );
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_replaced() {
        let results = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(results.path().join("studies/b.edf/mine")).unwrap();
        let error = clear(results.path(), "b.edf").unwrap_err();
        assert!(error.to_string().contains("not replaced"), "{error}");
    }
}
