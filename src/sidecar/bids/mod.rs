//! What BIDS keeps beside a recording: events, channels, metadata, participants (<https://bids-specification.readthedocs.io>, 1.11).
//!
//! A recording in a BIDS tree has the sidecars that the inheritance principle gives it; any other recording, in any format, those
//! that bear its name: `NAME_events.tsv`, `NAME_channels.tsv`, `NAME_emg.json`. What the file states itself stands; a sidecar says what it
//! does not, and a contradiction is a finding. Documented in `docs/formats/bids.md`.

mod channels;
mod events;
mod metadata;
mod participant;
mod place;
mod settle;
mod table;

pub use place::{BIDS_FOLDERS_ABOVE, BIDS_ROOT};

use crate::error::{ErrorCode, Result};
use crate::formats::{self, Mapping, Unhashed};
use crate::recording::{Beside, Recording};
use channels::Entry;
use metadata::Metadata;
use place::Place;
use std::path::Path;
use table::Table;

/// The sidecars of one recording, read.
struct Companions {
    events: Option<Table>,
    channels: Option<(Table, Vec<Entry>)>,
    metadata: Metadata,
    /// With the name of the participant.
    participants: Option<(Table, String)>,
    /// What was read, in this order.
    beside: Vec<Beside>,
}

impl Companions {
    fn of(path: &Path) -> Result<Self> {
        let place = Place::of(path);
        let mut beside = Vec::new();
        let mut table = |sidecar: Option<place::Sidecar>| -> Result<Option<Table>> {
            let Some(sidecar) = sidecar else {
                return Ok(None);
            };
            beside.push(sidecar.beside());
            Table::parse(&sidecar).map(Some)
        };
        let events = table(place.table("events")?)?;
        let channels = table(place.table("channels")?)?;
        let participants = match place.participant() {
            Some(participant) => {
                table(place.participants()?)?.map(|table| (table, participant.to_owned()))
            }
            None => None,
        };
        let files = place.metadata()?;
        beside.extend(files.iter().map(place::Sidecar::beside));
        let channels = match channels {
            Some(table) => {
                let entries = channels::entries(&table)?;
                Some((table, entries))
            }
            None => None,
        };
        Ok(Self {
            events,
            channels,
            metadata: Metadata::parse(&files)?,
            participants,
            beside,
        })
    }

    fn apply(self, recording: &mut Recording, mapping: &Mapping) -> Result<()> {
        let mut rates = Vec::new();
        if let Some((table, entries)) = &self.channels {
            rates = channels::apply(recording, table, entries, mapping);
        }
        self.metadata.apply(recording, &rates)?;
        if let Some(table) = &self.events {
            events::add(recording, table)?;
        }
        if let Some((table, participant)) = &self.participants {
            participant::apply(recording, table, participant)?;
        }
        recording.origin.beside.extend(self.beside);
        Ok(())
    }
}

/// Opens a recording with what BIDS keeps beside it.
pub(super) fn open(path: &Path, mapping: &Mapping) -> Result<(Recording, Option<Unhashed>)> {
    let alone = formats::open_unhashed(path, mapping);
    if alone.as_ref().is_err_and(|error| {
        !matches!(
            error.code(),
            ErrorCode::UnknownUnit | ErrorCode::UnknownRate
        )
    }) {
        return alone;
    }
    let with = || {
        let companions = Companions::of(path)?;
        let (mut recording, unhashed) = match alone {
            Ok(opened) => opened,
            Err(refused) => (settle::open(path, mapping, &companions, refused)?, None),
        };
        companions.apply(&mut recording, mapping)?;
        Ok((recording, unhashed))
    };
    with().map_err(|error: crate::error::Error| error.in_file(path))
}
