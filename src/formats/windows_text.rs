//! Text as programs on Windows write it: UTF-16 with a byte order mark, UTF-8, or the ANSI code page of western Europe.

use super::Input;
use super::text;
use crate::error::Result;
use std::borrow::Cow;

/// The characters of Windows-1252 from 0x80 to 0x9F, where it differs from Latin-1; the five bytes without a character keep their
/// number. Source: Microsoft, Code Page 1252, as registered at IANA.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// The first of them.
const FIRST_1252: u32 = 0x80;

/// The text of the bytes. What is no UTF-8 is the ANSI code page, which these programs use by default.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let (text, not_unicode) = text::decode(bytes)?;
    if not_unicode.is_none() {
        return Ok(text);
    }
    let ansi = |character: char| {
        let place = u32::from(character)
            .checked_sub(FIRST_1252)
            .and_then(|place| usize::try_from(place).ok());
        place
            .and_then(|place| WINDOWS_1252.get(place).copied())
            .unwrap_or(character)
    };
    Ok(Cow::Owned(text.chars().map(ansi).collect()))
}

/// The beginning of the text, if it is one.
pub(super) fn beginning(input: &Input) -> Option<String> {
    let bytes = input.head();
    let probe = bytes
        .get(..bytes.len().min(text::PROBE_BYTES))
        .unwrap_or_default();
    // UTF-16 may be cut inside a character of one or two units.
    (0..=3)
        .filter_map(|fewer| probe.get(..probe.len().checked_sub(fewer)?))
        .find_map(|probe| decode(probe).ok().map(Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ansi_code_page_is_read_where_the_bytes_are_no_utf_8() {
        assert_eq!(decode(b"\xb5V \x80 \x96").unwrap(), "µV € –");
        assert_eq!(decode("µV €".as_bytes()).unwrap(), "µV €");
        assert_eq!(decode(b"\xff\xfe\xb5\0V\0").unwrap(), "µV");
    }
}
