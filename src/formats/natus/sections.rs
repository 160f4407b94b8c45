//! Sections, keys and values with their lines: `[1.2 - Store Data]`, `Subsampled(kHz)=19,2`.

use crate::error::{Error, ErrorCode, Result};
use std::collections::BTreeMap;

/// A longer number of a section is none. Heuristic: sixteen levels.
const MAX_PATH: usize = 64;
/// A longer value is no name, side or number: it is not looked at. Heuristic.
const MAX_VALUE: usize = 256;
/// Ends a line of values that goes on in the next one.
pub(super) const CONTINUED: char = '/';

/// A key that is looked for around the samples, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    Subsampled,
    SamplingFrequency,
    SweepDuration,
    Channel,
    Anatomy,
    Nerve,
    Side,
    LowCut,
    HighCut,
}

/// How the keys are written, in lower case and with single spaces.
const WANTED: &[(&str, Wanted)] = &[
    ("subsampled(khz)", Wanted::Subsampled),
    ("sampling frequency(khz)", Wanted::SamplingFrequency),
    ("sweep duration(ms)", Wanted::SweepDuration),
    ("channel number", Wanted::Channel),
    ("master anatomy", Wanted::Anatomy),
    ("nerve", Wanted::Nerve),
    ("side", Wanted::Side),
    ("low(hz)", Wanted::LowCut),
    ("high(khz)", Wanted::HighCut),
];

/// One `key=value`.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    /// Without outer spaces; [`CONTINUED`] stands where a line of values goes on.
    pub value: String,
    /// From 1.
    pub line: u64,
}

/// Everything below one `[number - name]`; the part before the first has neither.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub path: String,
    pub name: String,
    pub entries: Vec<Entry>,
}

/// What is stated, if all that state it agree.
#[derive(Clone, Debug, PartialEq)]
enum Stated {
    Once(String),
    Differently,
}

/// The whole file.
#[derive(Debug, Default)]
pub(super) struct Sections {
    pub comments: Vec<String>,
    pub sections: Vec<Section>,
    /// By place of the section.
    own: Vec<BTreeMap<Wanted, Stated>>,
    /// By number of the section.
    around: BTreeMap<(String, Wanted), Stated>,
    anywhere: BTreeMap<Wanted, Stated>,
}

/// What a key of samples says: `Sweep  Data(mV)<1920>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataKey {
    pub kind: Kind,
    pub unit: Option<String>,
    pub count: Option<usize>,
}

/// What the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Sweep,
    LongTrace,
    Averaged,
}

/// Lower case, single spaces.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// Whether a key holds samples; an error if it seems to, but cannot be understood.
pub(super) fn data_key(key: &str, line: u64) -> Result<Option<DataKey>> {
    let spaced = key.split_whitespace().collect::<Vec<_>>().join(" ");
    let kinds = [
        ("sweep data", Kind::Sweep),
        ("longtrace data", Kind::LongTrace),
        ("averaged data", Kind::Averaged),
    ];
    let Some((kind, mut rest)) = kinds.into_iter().find_map(|(name, kind)| {
        let (head, rest) = spaced.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name)
            .then_some((kind, rest.trim()))
    }) else {
        return Ok(None);
    };
    let mut unit = None;
    if let Some((inner, after)) = rest
        .strip_prefix('(')
        .and_then(|inner| inner.split_once(')'))
    {
        unit = Some(inner.trim().to_owned()).filter(|unit| !unit.is_empty());
        rest = after.trim();
    }
    let mut count = None;
    if let Some(inner) = rest
        .strip_prefix('<')
        .and_then(|inner| inner.strip_suffix('>'))
    {
        count = inner.trim().parse().ok();
        rest = if count.is_some() { "" } else { inner };
    }
    if rest.is_empty() {
        Ok(Some(DataKey { kind, unit, count }))
    } else {
        Err(
            Error::new(ErrorCode::BadHeader, format!("\"{rest}\" after the name of samples"))
                .at(format!("line {line}"))
                .advice("expected `Sweep  Data(mV)<1920>=`: the unit in round, the number of values in pointed brackets"),
        )
    }
}

/// The number and the name of `[1.2 - Store Data]`, and what stands after it in its line.
pub(super) fn heading(line: &str) -> Option<(&str, &str, &str)> {
    let (inner, rest) = line.strip_prefix('[')?.split_once(']')?;
    let (path, name) = inner.split_once('-')?;
    let path = path.trim();
    let is_number = !path.is_empty()
        && path.len() <= MAX_PATH
        && path
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    is_number.then_some((path, name.trim(), rest.trim()))
}

/// Reads the whole text.
pub(super) fn parse(text: &str) -> Result<Sections> {
    let mut found = Sections::default();
    let mut section = Section::default();
    let mut lines = (1u64..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let mut line = line.trim();
        if let Some(comment) = line.strip_prefix(';') {
            found.comments.push(comment.trim().to_owned());
            continue;
        }
        if let Some((path, name, rest)) = heading(line) {
            let next = Section {
                path: path.to_owned(),
                name: name.to_owned(),
                entries: Vec::new(),
            };
            found.sections.push(std::mem::replace(&mut section, next));
            line = rest;
        }
        let Some((key, value)) = line.split_once('=') else {
            if looks_like_values(line) {
                return Err(Error::new(ErrorCode::BadHeader, "numbers that no key owns")
                    .at(format!("line {number}"))
                    .advice(
                        "the line before must end with / if it goes on; export the file again",
                    ));
            }
            continue;
        };
        let key = key.trim();
        let mut value = value.trim().to_owned();
        if data_key(key, number)?.is_some() {
            while value.ends_with(CONTINUED) {
                let Some((_, more)) = lines.next() else {
                    return Err(Error::new(
                        ErrorCode::Truncated,
                        "the file ends where a line of values goes on",
                    )
                    .at(format!("line {number}"))
                    .advice("copy the file again"));
                };
                value.push_str(more.trim());
            }
        }
        section.entries.push(Entry {
            key: key.to_owned(),
            value,
            line: number,
        });
    }
    found.sections.push(section);
    found.index();
    Ok(found)
}

fn looks_like_values(line: &str) -> bool {
    line.bytes().any(|byte| byte.is_ascii_digit())
        && line
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.,;/eE \t".contains(&byte))
}

fn wanted(key: &str) -> Option<Wanted> {
    let key = plain(key);
    WANTED
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, wanted)| *wanted)
}

fn note<K: Ord>(known: &mut BTreeMap<K, Stated>, key: K, value: &str) {
    known
        .entry(key)
        .and_modify(|stated| {
            if !matches!(stated, Stated::Once(known) if known == value) {
                *stated = Stated::Differently;
            }
        })
        .or_insert_with(|| Stated::Once(value.to_owned()));
}

impl Sections {
    fn index(&mut self) {
        for section in &self.sections {
            let mut own = BTreeMap::new();
            for entry in &section.entries {
                if !(1..=MAX_VALUE).contains(&entry.value.len()) {
                    continue;
                }
                if let Some(wanted) = wanted(&entry.key) {
                    let around = (section.path.clone(), wanted);
                    note(&mut own, wanted, &entry.value);
                    note(&mut self.around, around, &entry.value);
                    note(&mut self.anywhere, wanted, &entry.value);
                }
            }
            self.own.push(own);
        }
    }

    /// What is stated for a section: in itself, in one of the same number, in those above it, or everywhere the same. `None` if it is
    /// not stated or in several ways.
    pub fn stated(&self, place: usize, sought: Wanted) -> Option<String> {
        let mut stated = self.own.get(place).and_then(|own| own.get(&sought));
        let mut path = self
            .sections
            .get(place)
            .map(|section| section.path.as_str());
        while let (None, Some(number)) = (stated, path) {
            stated = self.around.get(&(number.to_owned(), sought));
            path = match number.rsplit_once('.') {
                Some((above, _)) => Some(above),
                None if number.is_empty() => None,
                None => Some(""),
            };
        }
        match stated.or_else(|| self.anywhere.get(&sought))? {
            Stated::Once(value) => Some(value.clone()),
            Stated::Differently => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_samples_says_what_they_are() {
        assert_eq!(
            data_key("Sweep  Data(mV)<1920>", 1).unwrap(),
            Some(DataKey {
                kind: Kind::Sweep,
                unit: Some("mV".to_owned()),
                count: Some(1920)
            })
        );
        let bare = data_key("averaged data", 1).unwrap().unwrap();
        assert_eq!((bare.unit, bare.count), (None, None));
        assert!(data_key("Sweep Duration(ms)", 1).unwrap().is_none());
        assert!(data_key("Sweep  Data(mV)<many>", 1).is_err());
    }

    #[test]
    fn what_is_stated_nearest_counts() {
        let text = "Nerve=Ulnar\n[1 - Test]\nSide=R\nNerve=Median\n[1.1 - Store Data]\nSide=L\n[2 - Test]\n[2.1 - Store Data]\n[3 - A]\nSide=R\n[3 - B]\nSide=L\n[3.1 - Store Data]\n";
        let found = parse(text).unwrap();
        let at = |path: &str, wanted| {
            let place = found.sections.iter().position(|s| s.path == path);
            found.stated(place.unwrap(), wanted)
        };
        assert_eq!(at("1.1", Wanted::Side).as_deref(), Some("L"));
        assert_eq!(at("1.1", Wanted::Nerve).as_deref(), Some("Median"));
        assert_eq!(at("2.1", Wanted::Nerve).as_deref(), Some("Ulnar"));
        assert_eq!(at("3.1", Wanted::Side), None);
    }

    #[test]
    fn values_that_no_key_owns_are_refused() {
        let error = parse("[1 - Store Data]\nSweep  Data(mV)<2>=1,2\n3,4\n").unwrap_err();
        assert_eq!(error.place(), Some("line 3"));
    }
}
