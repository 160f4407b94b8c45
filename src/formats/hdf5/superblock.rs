//! The first bytes of an HDF5 file, looked at before the library opens it.
//!
//! Source: HDF5 File Format Specification Version 3.0, sections II.A and II.B.

use crate::formats::Input;

/// The eight bytes at the start of every superblock.
pub(super) const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The first offset after 0 at which a superblock may lie; each further one is twice the one before.
const FIRST_USER_BLOCK: u64 = 512;

/// Where a superblock may lie in a file of that length.
fn places(length: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(0), |&offset| match offset {
        0 => Some(FIRST_USER_BLOCK),
        _ => u64::checked_mul(offset, 2),
    })
    .take_while(move |&offset| offset < length)
}

/// Whether the file has one. A large file is not read for it.
pub(super) fn is_in(input: &Input) -> bool {
    places(input.length()).any(|offset| input.has(offset, SIGNATURE))
}

/// Where the superblock lies.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    places(bytes.len() as u64)
        .filter_map(|offset| usize::try_from(offset).ok())
        .find(|&offset| {
            bytes
                .get(offset..)
                .is_some_and(|rest| rest.starts_with(SIGNATURE))
        })
}

/// Whether an old superblock names a driver information block. Only files that are spread over several have one; the library takes as much memory
/// as the block claims to be long, up to 4 GiB, before it looks at the file.
pub(super) fn names_a_driver(bytes: &[u8]) -> bool {
    /// Where the sizes of the address stands, and where the addresses begin in versions 0 and 1.
    const VERSION: usize = 8;
    const ADDRESS_SIZE: usize = 13;
    const ADDRESSES: [usize; 2] = [24, 28];
    /// After the base, the free space and the end of the file.
    const DRIVER: usize = 3;
    let Some(superblock) = find(bytes).and_then(|at| bytes.get(at..)) else {
        return false;
    };
    let size = superblock.get(ADDRESS_SIZE).map(|&size| usize::from(size));
    let first = superblock
        .get(VERSION)
        .and_then(|&version| ADDRESSES.get(usize::from(version)));
    let (Some(size), Some(&first)) = (size, first) else {
        return false;
    };
    let from = first.saturating_add(size.saturating_mul(DRIVER));
    superblock
        .get(from..from.saturating_add(size))
        .is_some_and(|address| address.iter().any(|&byte| byte != 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(find(&bytes), expected.then_some(offset), "{offset}");
            let input = Input::from_bytes(std::path::Path::new("a"), bytes);
            assert_eq!(is_in(&input), expected, "{offset}");
        }
    }

    #[test]
    fn short_files_have_none() {
        for length in 0..SIGNATURE.len() {
            assert_eq!(find(&SIGNATURE[..length]), None);
        }
        assert_eq!(find(&vec![0; 5000]), None);
    }

    #[test]
    fn a_driver_is_named_where_its_address_is_defined() {
        for (version, at) in [(0, 48), (1, 52)] {
            let mut bytes = vec![0; 100];
            bytes[..8].copy_from_slice(SIGNATURE);
            (bytes[8], bytes[13]) = (version, 8);
            bytes[at..at + 8].fill(0xff);
            assert!(!names_a_driver(&bytes));
            bytes[at] = 0;
            assert!(names_a_driver(&bytes));
            for length in 0..100 {
                let _ = names_a_driver(&bytes[..length]);
            }
        }
        let mut newer = vec![0; 100];
        newer[..9].copy_from_slice(b"\x89HDF\r\n\x1a\n\x02");
        assert!(!names_a_driver(&newer));
    }
}
