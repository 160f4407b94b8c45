//! Where in the file the signals and the tables are, told by what they hold, so that types of extensions are found too.

use super::object::{Object, Reading};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::hdf5::library;

/// The groups of the file that are looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// What was recorded.
    Acquisition,
    /// What was made of it.
    Processing,
    /// What was given.
    Stimulus,
    /// Tables of intervals and of events.
    Tables,
}

const SECTIONS: [(&str, Section); 5] = [
    ("/acquisition", Section::Acquisition),
    ("/processing", Section::Processing),
    ("/stimulus/presentation", Section::Stimulus),
    ("/intervals", Section::Tables),
    ("/events", Section::Tables),
];

/// What can be made of an object.
pub(super) enum Kind {
    /// Samples at a rate, or with time stamps.
    Series,
    /// Texts with time stamps.
    Annotations,
    /// A table of starts and ends.
    Intervals,
    /// A table of times.
    Events,
    /// Nothing, and why.
    Ignored(&'static str),
}

pub(super) struct Found<'a> {
    pub(super) object: Object<'a>,
    pub(super) section: Section,
    pub(super) kind: Kind,
    /// The type that it says it is of, for messages.
    pub(super) named: String,
}

/// Heuristic: containers nest three deep (module, interface, series).
const MAX_DEPTH: usize = 8;

/// Heuristic: more groups than this are no recording.
const MAX_GROUPS: usize = 10_000;

/// All objects, in the order of the sections and of the names.
pub(super) fn all<'a>(reading: &'a Reading<'a>) -> Result<Vec<Found<'a>>> {
    let mut search = Search {
        found: Vec::new(),
        entered: std::collections::BTreeSet::new(),
    };
    for (path, section) in SECTIONS {
        if let Some(object) = Object::open(reading, path)? {
            search.container(&object, section, 0)?;
        }
    }
    Ok(search.found)
}

struct Search<'a> {
    found: Vec<Found<'a>>,
    /// Objects that were met: one that is linked from several places is one.
    entered: std::collections::BTreeSet<String>,
}

impl<'a> Search<'a> {
    fn container(&mut self, object: &Object<'a>, section: Section, depth: usize) -> Result<()> {
        let names: Vec<String> = object.names().map(str::to_owned).collect();
        for name in names {
            if let Some(inner) = object.object(&name)? {
                self.visit(inner, section, depth)?;
            }
        }
        Ok(())
    }

    fn visit(&mut self, object: Object<'a>, section: Section, depth: usize) -> Result<()> {
        let token = object
            .group
            .loc_info()
            .map_err(|cause| library(cause, object.place()))?
            .token;
        if !self.entered.insert(format!("{token:?}")) {
            return Ok(());
        }
        if self.entered.len() > MAX_GROUPS || depth > MAX_DEPTH {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("more than {MAX_GROUPS} groups, or more than {MAX_DEPTH} in each other"),
            )
            .at(object.place())
            .advice("state format = \"hdf5\" in a mapping and name the datasets"));
        }
        let named = object.neurodata_type()?;
        match kind(&object, &named)? {
            Some(kind) => self.found.push(Found {
                object,
                section,
                kind,
                named,
            }),
            None => self.container(&object, section, depth + 1)?,
        }
        Ok(())
    }
}

/// `None` for a container.
fn kind(object: &Object, named: &str) -> Result<Option<Kind>> {
    let has = |name| object.has(name);
    if has("start_time") && has("stop_time") {
        return Ok(Some(Kind::Intervals));
    }
    if has("timestamp") {
        return Ok(Some(Kind::Events));
    }
    if has("external_file") {
        return Ok(Some(Kind::Ignored("images in other files")));
    }
    match named {
        "IntervalSeries" | "LabeledEvents" | "SpikeEventSeries" => {
            return Ok(Some(Kind::Ignored(
                "numbers at single times, no signal; `marks` in a mapping can name its timestamps",
            )));
        }
        _ => {}
    }
    if has("data") && (has("timestamps") || has("starting_time") || named.ends_with("Series")) {
        let is_text = match object.dataset("data")? {
            Some(data) => data.is_text()?,
            None => false,
        };
        return Ok(Some(if is_text {
            Kind::Annotations
        } else {
            Kind::Series
        }));
    }
    // `Events` of older extensions: times without anything else.
    Ok(has("timestamps").then_some(Kind::Annotations))
}
