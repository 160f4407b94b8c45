//! What the fuzz targets do with bytes: they are written into a folder in memory, opened and analyzed. Any panic is a defect, also one that the
//! reader would catch; so are a time out and memory beyond the limits that docs/fuzzing.md states.

mod mappings;

use endplate::error::ErrorCode;
use endplate::formats::{self, Mapping};
use endplate::recording::Recording;
use endplate::sidecar::{self, Reading};
use endplate::study::{self, Settings};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

/// Longer recordings are opened and not analyzed, so that the readers get the time.
const MOST_SAMPLES: usize = 1 << 15;
/// The same for their stimuli.
const MOST_MARKS: usize = 300;
/// Files of one folder; further ones are left out.
const MOST_FILES: usize = 12;
/// Folders in folders; BIDS has three.
const MOST_STEPS: usize = 4;

/// What a mapping may help against.
const LACKS_A_STATEMENT: &[ErrorCode] = &[
    ErrorCode::BadMapping,
    ErrorCode::UnknownUnit,
    ErrorCode::UnknownRate,
];

/// A folder of this process alone, in memory where the system has such a place.
fn scratch() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        };
        let folder = parent.join(format!("endplate-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the files");
        folder
    })
}

/// The format that is fuzzed; without one it is found from the bytes.
fn stated() -> Option<&'static str> {
    static FORMAT: OnceLock<Option<String>> = OnceLock::new();
    FORMAT
        .get_or_init(|| std::env::var("ENDPLATE_FUZZ_FORMAT").ok())
        .as_deref()
}

/// One file, under every mapping that is known for its format.
pub fn file(bytes: &[u8]) {
    let format = stated();
    let card = format.map(|id| formats::with_id(id).expect("a format of `endplate list formats`"));
    let extension = card.map_or("bin", |card| card.extensions[0]);
    let path = scratch().join(format!("x.{extension}"));
    std::fs::write(&path, bytes).expect("the file is written");
    let analyzed = is_analyzed(bytes);
    for mut mapping in mappings::of(format) {
        mapping.format = format.map(str::to_owned);
        let opened = formats::open(&path, &mapping);
        // Only files that lack a statement are tried with further ones.
        let more = opened
            .as_ref()
            .is_err_and(|error| LACKS_A_STATEMENT.contains(&error.code()));
        examine(opened, analyzed, &path);
        if !more {
            break;
        }
    }
}

/// A folder as `fuzz/corpus.py` packs it: a line `=== NAME` before the bytes of each file. The first one is opened.
pub fn folder(bytes: &[u8]) {
    let files = unpack(bytes);
    let Some((first, _)) = files.first() else {
        return;
    };
    let root = scratch().join("folder");
    for (name, content) in &files {
        let path = root.join(name);
        let parent = path.parent().expect("a file stands in a folder");
        // Two names may ask for a file and a folder of one name; the later one is left out.
        if std::fs::create_dir_all(parent).is_ok() {
            let _ = std::fs::write(&path, content);
        }
    }
    let path = root.join(first);
    let opened = sidecar::open(&path, &Reading::default());
    examine(opened, is_analyzed(bytes), &path);
    std::fs::remove_dir_all(&root).expect("the folder is emptied");
}

/// The analysis takes ten times as long as the reading, so an eighth of what opens is analyzed; which, the bytes decide.
fn is_analyzed(bytes: &[u8]) -> bool {
    let sum = bytes
        .iter()
        .fold(0u32, |sum, &byte| sum.rotate_left(5) ^ u32::from(byte));
    sum.wrapping_mul(0x9E37_79B1) >> 29 == 0
}

fn unpack(bytes: &[u8]) -> Vec<(PathBuf, &[u8])> {
    const MARK: &[u8] = b"\n=== ";
    let Some(mut rest) = bytes.strip_prefix(&MARK[1..]) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    while files.len() < MOST_FILES {
        let end = rest.windows(MARK.len()).position(|found| found == MARK);
        let entry = end.map_or(rest, |end| &rest[..end]);
        if let Some(line) = entry.iter().position(|&byte| byte == b'\n')
            && let Some(name) = name(&entry[..line])
        {
            files.push((name, &entry[line + 1..]));
        }
        match end {
            Some(end) => rest = &rest[end + MARK.len()..],
            None => break,
        }
    }
    files
}

/// A name that stays in the folder.
fn name(bytes: &[u8]) -> Option<PathBuf> {
    const LONGEST: usize = 120;
    let text = std::str::from_utf8(bytes).ok()?;
    let path = PathBuf::from(text);
    let stays = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    (stays
        && !text.contains('\0')
        && !text.is_empty()
        && text.len() <= LONGEST
        && path.components().count() <= MOST_STEPS)
        .then_some(path)
}

/// What must hold of whatever a reader gives.
fn examine(opened: endplate::Result<Recording>, analyzed: bool, path: &Path) {
    match opened {
        Ok(recording) => {
            let samples: usize = recording
                .channels
                .iter()
                .map(|channel| channel.sample_count())
                .sum();
            if analyzed && samples <= MOST_SAMPLES && recording.marks.len() <= MOST_MARKS {
                let _ = study::analyze(&recording, &Settings::default());
            }
        }
        Err(error) => {
            assert_ne!(error.code(), ErrorCode::Internal, "{error}");
            let place = error.path().expect("an error names its file");
            assert!(
                place.starts_with(scratch()),
                "{} for {}",
                place.display(),
                path.display()
            );
            assert!(!error.message().is_empty());
        }
    }
}

/// The mapping of a file that describes itself, then the ones for the fixtures that do not.
fn parsed(texts: &[&str]) -> Vec<Mapping> {
    std::iter::once(&"")
        .chain(texts)
        .map(|text| Mapping::from_toml(text).expect("a mapping"))
        .collect()
}
