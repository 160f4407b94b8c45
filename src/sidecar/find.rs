//! Which files beside a recording state something about it, and what they state together.

use crate::error::{Error, ErrorCode, Result};
use crate::formats::Mapping;
use crate::recording::Beside;
use std::path::{Component, Path, PathBuf};
use toml::Table;

/// The end of the name of a file that states something about a recording or a folder.
pub const ENDING: &str = ".endplate.toml";
/// Larger files are not statements of a person (heuristic).
const MAX_BYTES: u64 = 1 << 20;

/// The files that hold for a recording, the most specific first: of the recording itself (`p07.edf.endplate.toml` or `p07.endplate.toml`),
/// then of the folder in which it stands (`monday.endplate.toml` beside the folder `monday`).
///
/// # Errors
///
/// Where both names of the recording's own file exist.
pub fn files(recording: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let with_ending = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(ENDING);
        PathBuf::from(name)
    };
    let full = with_ending(recording);
    let short = with_ending(&recording.with_extension(""));
    refuse_former_name(recording)?;
    match (full.is_file(), full != short && short.is_file()) {
        (true, true) => {
            return Err(Error::new(
                ErrorCode::BadMapping,
                format!(
                    "both {} and {} stand beside the recording",
                    full.display(),
                    short.display()
                ),
            )
            .in_file(recording)
            .advice("keep one of them"));
        }
        (true, false) => found.push(full),
        (false, true) => found.push(short),
        (false, false) => {}
    }
    // The name of the folder is not in the path of a file that was named without it, or by way of `..`.
    let named = match recording.parent() {
        Some(folder) if folder.components().any(|part| part == Component::ParentDir) => {
            folder.canonicalize().ok()
        }
        _ => std::path::absolute(recording)
            .ok()
            .and_then(|path| path.parent().map(Path::to_path_buf)),
    };
    let folder = named.filter(|folder| folder.file_name().is_some());
    found.extend(
        folder
            .map(|folder| with_ending(&folder))
            .filter(|file| file.is_file()),
    );
    Ok(found)
}

/// The file was once called `FILE.map.toml`. It must not be passed over in silence.
fn refuse_former_name(recording: &Path) -> Result<()> {
    let mut former = recording.as_os_str().to_owned();
    former.push(".map.toml");
    if !Path::new(&former).is_file() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::BadMapping,
        "files with the ending .map.toml are not read any more",
    )
    .in_file(Path::new(&former))
    .advice(format!("give it the ending {ENDING}; its content may stay")))
}

/// A file that states something, and its bytes.
pub(super) struct Statement {
    pub(super) path: PathBuf,
    bytes: Vec<u8>,
    table: Table,
}

impl Statement {
    /// Whether it states the field at the top, or anything if that is not known.
    pub(super) fn states(&self, field: Option<&str>) -> bool {
        match field {
            Some("top") | None => true,
            Some(field) => self.table.contains_key(field),
        }
    }

    /// Whether it is the recording's own, not that of its folder: that was found by the folder's whole path.
    pub(super) fn is_beside(&self, recording: &Path) -> bool {
        self.path.parent() == recording.parent()
    }

    /// As the origin of the recording lists it.
    pub(super) fn beside(&self, recording: &Path) -> Beside {
        let name = self
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Beside::new(
            if self.is_beside(recording) {
                name
            } else {
                format!("../{name}")
            },
            &self.bytes,
        )
    }
}

/// Reads the files; each must be a mapping by itself, so that an error names the file and the line.
pub(super) fn read(paths: Vec<PathBuf>) -> Result<Vec<Statement>> {
    paths.into_iter().map(read_one).collect()
}

fn read_one(path: PathBuf) -> Result<Statement> {
    let io = |cause| Error::io(&path, cause);
    let length = std::fs::metadata(&path).map_err(io)?.len();
    if length > MAX_BYTES {
        return Err(Error::new(
            ErrorCode::TooLarge,
            format!("{length} bytes; at most {MAX_BYTES} are read"),
        )
        .in_file(&path));
    }
    let bytes = std::fs::read(&path).map_err(io)?;
    let bad = |message: String| {
        Error::new(ErrorCode::BadMapping, message)
            .in_file(&path)
            .advice("the fields are documented in docs/formats/sidecar.md")
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|cause| bad(format!("not UTF-8 at byte {}", cause.valid_up_to())))?;
    Mapping::from_toml(text).map_err(|error| error.in_file(&path))?;
    let table = text
        .parse()
        .map_err(|cause: toml::de::Error| bad(cause.to_string().trim_end().to_owned()))?;
    Ok(Statement { path, bytes, table })
}

/// What the statements say together: field by field the first that states it. A list of tables is one field.
pub(super) fn together(statements: &[Statement], general: &Mapping) -> Result<Mapping> {
    if statements.is_empty() {
        return Ok(general.clone());
    }
    let internal = |cause: String| Error::new(ErrorCode::Internal, cause);
    let general = Table::try_from(general).map_err(|cause| internal(cause.to_string()))?;
    let mut all = Table::new();
    for table in statements.iter().map(|statement| &statement.table) {
        fill(&mut all, table);
    }
    fill(&mut all, &stated(general));
    all.try_into()
        .map_err(|cause: toml::de::Error| internal(cause.to_string()))
}

/// Adds what `upper` does not state.
fn fill(upper: &mut Table, lower: &Table) {
    for (key, value) in lower {
        match (upper.get_mut(key), value) {
            (Some(toml::Value::Table(above)), toml::Value::Table(below)) => fill(above, below),
            (Some(_), _) => {}
            (None, value) => {
                upper.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Without lists that hold nothing and switches that are off: those are defaults and no statements.
fn stated(table: Table) -> Table {
    table
        .into_iter()
        .filter_map(|(key, value)| match value {
            toml::Value::Array(items) if items.is_empty() => None,
            toml::Value::Boolean(false) => None,
            toml::Value::Table(inner) => Some((key, toml::Value::Table(stated(inner)))),
            value => Some((key, value)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_recording_goes_before_its_folder_and_both_before_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let recording = written(folder.path(), "monday/p07.h5", "");
        written(
            folder.path(),
            "monday/p07.endplate.toml",
            "muscle = 'ADM'\n[subject]\ncode = 'P07'\n",
        );
        written(
            folder.path(),
            "monday.endplate.toml",
            "muscle = 'APB'\nnerve = 'ulnar'\n[subject]\ncode = 'P00'\nsex = 'female'\n",
        );
        let general =
            Mapping::from_toml("nerve = 'median'\nrate_hz = 20000\n[text]\ndecimal_comma = true")
                .unwrap();
        let statements = read(files(&recording).unwrap()).unwrap();
        let mapping = together(&statements, &general).unwrap();
        assert_eq!(mapping.muscle.as_deref(), Some("ADM"));
        assert_eq!(mapping.nerve.as_deref(), Some("ulnar"));
        assert_eq!(mapping.rate_hz, Some(20000.0));
        assert_eq!(mapping.subject.code.as_deref(), Some("P07"));
        assert_eq!(mapping.subject.sex.as_deref(), Some("female"));
        assert!(mapping.text.decimal_comma);
    }

    #[test]
    fn two_names_for_one_recording_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let recording = written(folder.path(), "p07.h5", "");
        written(folder.path(), "p07.endplate.toml", "");
        written(folder.path(), "p07.h5.endplate.toml", "");
        assert_eq!(files(&recording).unwrap_err().code(), ErrorCode::BadMapping);
    }

    #[test]
    fn an_error_names_the_file_that_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let recording = written(folder.path(), "p07.h5", "");
        let beside = written(folder.path(), "p07.endplate.toml", "rate = 3");
        let error = read(files(&recording).unwrap()).map(|_| ()).unwrap_err();
        assert_eq!(error.path(), Some(beside.as_path()));
        assert!(error.to_string().contains("`rate`"), "{error}");
    }
}
