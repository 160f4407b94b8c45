//! Identifiers that need no register and no clock: the same study gets the same ones on every run.

use sha1::{Digest as _, Sha1};
use std::fmt;

/// The identifier under which endplate makes its own, drawn once at random: 19846397-291b-4ae7-a9ad-3f3a6c81d780.
const NAMESPACE: [u8; 16] = 0x1984_6397_291b_4ae7_a9ad_3f3a_6c81_d780_u128.to_be_bytes();

/// The same as an object identifier (ITU-T X.667: any UUID stands as a number under 2.25).
macro_rules! root {
    ($arc:literal) => {
        concat!("2.25.33918103014674675367197003695106676608", $arc)
    };
}

/// The object identifier of endplate itself.
#[cfg(any(feature = "pdf", test))]
pub(super) const ROOT: &str = root!("");
/// The code system of endplate: ids of measures, conventions, comparisons, verdicts, patterns, findings.
pub(super) const CODES: &str = concat!("urn:oid:", root!(".1"));
/// Identifies a file by its SHA-256 in hexadecimal.
pub(super) const FILE_HASHES: &str = concat!("urn:oid:", root!(".2"));
/// Identifies settings by the SHA-256 of their TOML.
pub(super) const SETTINGS_HASHES: &str = concat!("urn:oid:", root!(".3"));

/// A UUID of version 5 (RFC 9562, 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(u128);

impl Id {
    /// Of the parts of a name, in order.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut name = NAMESPACE.to_vec();
        for part in parts {
            // The length goes before, so that no two lists of parts are the same bytes.
            name.extend((part.len() as u64).to_be_bytes());
            name.extend(*part);
        }
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(Sha1::digest(&name)) {
            *to = from;
        }
        let random = u128::from_be_bytes(bytes);
        const VERSION: u128 = 0xF << 76;
        const VARIANT: u128 = 0b11 << 62;
        Self(random & !VERSION & !VARIANT | 5 << 76 | 0b10 << 62)
    }

    /// As DICOM writes it (PS3.5 B.2): `2.25.` and the number.
    #[cfg(any(feature = "pdf", test))]
    pub(super) fn uid(self) -> String {
        format!("2.25.{}", self.0)
    }

    /// As a reference within a bundle.
    pub(super) fn urn(self) -> String {
        format!("urn:uuid:{self}")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        for (place, digit) in digits.chars().enumerate() {
            if matches!(place, 8 | 12 | 16 | 20) {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_namespace_as_a_number() {
        assert_eq!(ROOT, Id(u128::from_be_bytes(NAMESPACE)).uid());
        assert_eq!(
            Id(u128::from_be_bytes(NAMESPACE)).to_string(),
            "19846397-291b-4ae7-a9ad-3f3a6c81d780"
        );
    }

    #[test]
    fn an_identifier_is_of_version_5_and_depends_on_every_part() {
        let id = Id::of(&[b"a", b"bc"]);
        let text = id.to_string();
        assert_eq!(text.as_bytes()[14], b'5');
        assert!(b"89ab".contains(&text.as_bytes()[19]));
        assert_eq!(id, Id::of(&[b"a", b"bc"]));
        assert_ne!(id, Id::of(&[b"ab", b"c"]));
        // uuid.uuid5(namespace, name) of Python 3.11, with the lengths of the parts before them
        assert_eq!(text, "8c9b700d-0da0-5c32-b92f-834b4c9a7722");
        assert!(id.uid().len() <= 64);
    }
}
