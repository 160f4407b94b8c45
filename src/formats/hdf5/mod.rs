//! HDF5: endplate's own layout, and any other file through a mapping.
//!
//! The layout is documented in `docs/formats/hdf5.md`, so that a person with h5py can write it; the mapping in
//! `docs/formats/mapping.md`. A root attribute `endplate_layout` tells the two apart.

mod catalog;
mod chunks;
mod guard;
mod heap;
mod layout;
mod layout_channels;
mod mapped;
mod mapped_rate;
mod matlab73;
mod superblock;
mod unfolding;
mod values;
mod write;

pub(super) use catalog::members;
pub(super) use guard::{Node, Opened, library};
pub(super) use matlab73::variables as matlab_variables;
pub(super) use values::{Attributes, Kind, count, integers, kind_of, numbers, samples, texts};

use super::{Format, Input, Mapping, plausible};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::Recording;
use crate::source::Source;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The card.
pub static HDF5: Format = Format {
    id: "hdf5",
    name: "HDF5",
    extensions: &["h5", "hdf5", "hdf"],
    specification: Source {
        citation: "The HDF Group: HDF5 File Format Specification Version 3.0",
        link: "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html",
        place: "II.A, Format Signature and Superblock",
    },
    refines: &[],
    claims,
    read,
    write: Some(write),
    parts: None,
};

pub(super) fn claims(input: &Input) -> bool {
    superblock::is_in(input)
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    guarded(|| {
        let opened = Opened::open(input)?;
        if layout::is_own(&opened)? {
            layout::read(&opened, mapping)
        } else {
            mapped::read(&opened, mapping)
        }
    })
}

fn write(recording: &Recording, path: &Path) -> Result<()> {
    plausible::check(recording)?;
    guarded(|| write::write(recording, path))
}

/// The bindings check many things with assertions; none may end the program.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(
            ErrorCode::Internal,
            "the HDF5 bindings stopped at something they did not expect",
        )
        .advice("the file is probably damaged; try `h5dump` or `h5py` on it"))
    })
}
