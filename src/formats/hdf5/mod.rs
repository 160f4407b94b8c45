//! HDF5: endplate's own layout, and any other file through a mapping.
//!
//! The layout is documented in `docs/formats/hdf5.md`, so that a person with h5py can write it; the mapping in
//! `docs/formats/mapping.md`. A root attribute `endplate_layout` tells the two apart.

mod catalog;
mod check;
mod chunks;
mod guard;
mod heap;
mod layout;
mod layout_channels;
mod mapped;
mod mapped_calibration;
mod mapped_marks;
mod mapped_sweeps;
mod matlab;
mod unfolding;
mod values;
mod write;

pub(super) use catalog::members;
pub(super) use check::check;
pub(super) use guard::{Node, Opened, library};
pub(super) use mapped_calibration::calibration;
pub(super) use mapped_marks::{Arrays, STIMULUS, read as mapped_marks};
pub(super) use mapped_sweeps::{Draft, Times, place_sweeps, stimulus_marks, times};
pub(super) use matlab::variables as matlab_variables;
pub(super) use values::{Attributes, Kind, count, integers, kind_of, numbers, samples, texts};

use super::{Format, Input, Mapping};
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

/// The eight bytes at the start of every superblock.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The first offset after 0 at which a superblock may lie; each further one is twice the one before.
const FIRST_USER_BLOCK: usize = 512;

pub(super) fn claims(input: &Input) -> bool {
    let bytes = input.bytes();
    let mut offset = 0usize;
    while let Some(rest) = bytes.get(offset..) {
        if rest.starts_with(SIGNATURE) {
            return true;
        }
        if rest.len() < SIGNATURE.len() {
            return false;
        }
        offset = match offset {
            0 => FIRST_USER_BLOCK,
            _ => match offset.checked_mul(2) {
                Some(next) => next,
                None => return false,
            },
        };
    }
    false
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    guarded(|| {
        let opened = Opened::open(input)?;
        let recording = if layout::is_own(&opened)? {
            layout::read(&opened, mapping)?
        } else {
            mapped::read(&opened, mapping)?
        };
        check(&recording)?;
        Ok(recording)
    })
}

fn write(recording: &Recording, path: &Path) -> Result<()> {
    check(recording)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(bytes: Vec<u8>) -> bool {
        claims(&Input::from_bytes(Path::new("x"), bytes))
    }

    #[test]
    fn the_signature_counts_at_0_512_1024_and_nowhere_else() {
        for (offset, expected) in [
            (0, true),
            (512, true),
            (1024, true),
            (2048, true),
            (1536, false),
            (8, false),
        ] {
            let mut bytes = vec![0; offset];
            bytes.extend_from_slice(SIGNATURE);
            assert_eq!(claimed(bytes), expected, "{offset}");
        }
    }

    #[test]
    fn short_files_are_not_claimed() {
        for length in 0..SIGNATURE.len() {
            assert!(!claimed(SIGNATURE[..length].to_vec()));
        }
        assert!(!claimed(vec![0; 5000]));
    }
}
