//! Which files belong to a header: signal files, headers of segments, annotation files.

use super::annotations;
use super::header::{Header, NULL};
use crate::formats::Input;
use std::collections::BTreeSet;

/// Extensions of files that are no annotations, so that they are not read to find that out.
const NO_ANNOTATIONS: [&str; 22] = [
    "hea", "dat", "edf", "bdf", "mat", "h5", "hdf5", "nwb", "csv", "tsv", "txt", "toml", "json",
    "md", "png", "svg", "pdf", "zip", "gz", "xws", "html", "part",
];
/// Longer files are not read to find out whether they hold annotations (heuristic: some 300,000 annotations).
const LONGEST_ANNOTATIONS_BYTES: u64 = 1 << 20;

/// Those of the files in the folder, in order of their names, that belong to the header. What a segment names belongs to the segment.
pub(super) fn parts(input: &Input, names: &[String]) -> Vec<String> {
    let file = super::file_name(input);
    let Ok(bytes) = input.bytes() else {
        return Vec::new();
    };
    let Ok(header) = Header::parse(&super::text(bytes).0, &file) else {
        return Vec::new();
    };
    let segments = header.parts.iter().filter(|part| part.name != NULL);
    let signals = header.signals.iter().map(|signal| signal.file.clone());
    let mut parts: BTreeSet<String> = segments
        .map(|part| format!("{}.hea", part.name))
        .chain(signals.filter(|file| file != NULL))
        .collect();
    let stem = file.strip_suffix(".hea").unwrap_or(&file);
    let annotations: Vec<String> = annotation_files(stem, names, &parts)
        .filter(|name| holds_annotations(input, name))
        .map(str::to_owned)
        .collect();
    parts.extend(annotations);
    parts.remove(&file);
    parts.into_iter().collect()
}

/// The files that bear the name of the record and may hold annotations, though they need not. `names` are in order.
pub(super) fn annotation_files<'a>(
    stem: &'a str,
    names: &'a [String],
    signal_files: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a str> {
    let first = names.partition_point(|name| name.as_str() < stem);
    names
        .get(first..)
        .unwrap_or_default()
        .iter()
        .take_while(move |name| name.starts_with(stem))
        .filter(move |name| {
            let extension = name
                .strip_prefix(stem)
                .and_then(|rest| rest.strip_prefix('.'));
            extension.is_some_and(|extension| {
                !signal_files.contains(*name)
                    && !NO_ANNOTATIONS
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(extension))
                    && extension
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        })
        .map(String::as_str)
}

fn holds_annotations(input: &Input, name: &str) -> bool {
    let path = input.path().with_file_name(name);
    std::fs::metadata(&path).is_ok_and(|file| file.len() <= LONGEST_ANNOTATIONS_BYTES)
        && std::fs::read(&path).is_ok_and(|bytes| annotations::read(&bytes).is_ok())
}
