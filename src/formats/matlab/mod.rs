//! MAT-files of MATLAB: version 4, version 5 (also called 6 and 7) and version 7.3, which is HDF5.
//!
//! Exports of Spike2, Signal, LabChart and AcqKnowledge are known by their structure; any other file needs a mapping that says which variable is
//! what. Documented in `docs/formats/matlab.md`.

mod biopac;
mod budget;
mod export;
mod labchart;
mod level4;
mod level5;
mod mapped;
mod matrix;
mod numbers;
mod signal;
mod spike2;
mod value;
mod variables;

pub(super) use budget::Budget;
pub(super) use numbers::text_rows;
pub(super) use value::Value;

use super::{Format, Input, Mapping};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::Recording;
use crate::source::Source;
use variables::Variables;

/// The card.
pub static MATLAB: Format = Format {
    id: "matlab",
    name: "MATLAB MAT-file",
    extensions: &["mat"],
    specification: Source {
        citation: "The MathWorks: MAT-File Format (for level 4 and 5); HDF5 with a user block of 512 bytes for version 7.3",
        link: "https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf",
        place: "Level 5 MAT-File Format; Level 4 MAT-File Format",
    },
    refines: &["hdf5"],
    claims,
    read,
    write: None,
    parts: None,
};

/// The three kinds of MAT-files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Level4(Order),
    Level5(Order),
    Hdf5,
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// What every superblock of HDF5 begins with.
const HDF5_SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The length of the user block that MATLAB puts before it.
const USER_BLOCK: usize = 512;

fn kind(bytes: &[u8]) -> Option<Kind> {
    let hdf5 = bytes
        .get(USER_BLOCK..)
        .is_some_and(|rest| rest.starts_with(HDF5_SIGNATURE));
    // Level 5 MAT-File Header Format: version (0x0100; 0x0200 for HDF5) and the characters `MI`, both in the writer's order.
    match bytes.get(124..128) {
        Some([0, 2, b'I', b'M'] | [2, 0, b'M', b'I']) if hdf5 => return Some(Kind::Hdf5),
        _ if hdf5 && bytes.starts_with(b"MATLAB 7.3 MAT-file") => return Some(Kind::Hdf5),
        Some([0, 1, b'I', b'M']) => return Some(Kind::Level5(Order::Little)),
        Some([1, 0, b'M', b'I']) => return Some(Kind::Level5(Order::Big)),
        _ => {}
    }
    level4::order(bytes).map(Kind::Level4)
}

fn claims(input: &Input) -> bool {
    kind(input.head()).is_some()
}

fn read(input: &Input, mapping: &Mapping) -> Result<Recording> {
    let bytes = input.bytes()?;
    let budget = Budget::of(bytes.len());
    let variables = match kind(bytes) {
        Some(Kind::Level4(order)) => level4::read(bytes, order, &budget)?,
        Some(Kind::Level5(order)) => level5::read(bytes, order, &budget)?,
        Some(Kind::Hdf5) => super::hdf5::matlab_variables(input, &budget)?,
        None => {
            return Err(Error::new(
                ErrorCode::UnknownFormat,
                "this is no MAT-file of version 4, 5, 6, 7 or 7.3",
            ));
        }
    };
    let variables = Variables::new(variables);
    let mut recording = if mapping.channels.iter().any(mapped::names_data) {
        mapped::read(&variables, mapping)?
    } else {
        export::read(&variables, mapping)?
    };
    export::name_duplicates(&mut recording);
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: [u8; 4]) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
        bytes.resize(124, b' ');
        bytes.extend(version);
        bytes
    }

    #[test]
    fn version_and_order_stand_in_the_last_four_bytes_of_the_header() {
        assert_eq!(
            kind(&header(*b"\0\x01IM")),
            Some(Kind::Level5(Order::Little))
        );
        assert_eq!(kind(&header(*b"\x01\0MI")), Some(Kind::Level5(Order::Big)));
        assert_eq!(kind(&header(*b"\x01\0IM")), None);
        assert_eq!(kind(&header(*b"\0\x02IM")), None);
    }

    #[test]
    fn version_7_3_is_hdf5_behind_a_user_block() {
        let mut bytes = header(*b"\0\x02IM");
        bytes.resize(USER_BLOCK, 0);
        assert_eq!(kind(&bytes), None);
        bytes.extend(HDF5_SIGNATURE);
        assert_eq!(kind(&bytes), Some(Kind::Hdf5));
    }

    #[test]
    fn texts_of_other_formats_are_not_claimed() {
        for bytes in [
            b"".to_vec(),
            b"0       X X X X                    ".to_vec(),
            b"\xffBIOSEMI                           ".to_vec(),
            b"time_s,APB\n0,1\n".repeat(40),
            vec![0; 4096],
            vec![0xff; 4096],
            HDF5_SIGNATURE.repeat(90),
        ] {
            assert_eq!(kind(&bytes), None);
        }
    }
}
