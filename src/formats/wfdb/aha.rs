//! Annotation files in the format of the American Heart Association (WFDB annot(5)).

use super::annotations::Raw;

/// Bytes of one annotation.
const RECORD_BYTES: usize = 16;
/// The codes of the beats and of the begin and end of flutter, noise and notes (ecgmap.h).
const CODES: &[u8] = b"NVFEPQORU[]";
/// The highest code that an annotation can have in the MIT format (ACMAX in ecgcodes.h).
const LAST_CODE: u8 = 49;

/// The annotations; `None` if the bytes are not of this format, an error if they are, but say too little.
///
/// Bytes 3 to 6 are the time in sample intervals, byte 9 is the subtype, byte 10 the code of the MIT format, the last six a text. The tapes of
/// the AHA have neither code nor text, and their times are milliseconds after a point that they do not state.
pub(super) fn read(bytes: &[u8]) -> Option<Result<Vec<Raw>, String>> {
    let records = bytes.chunks_exact(RECORD_BYTES);
    let is_aha = |record: &[u8]| record.get(1).is_some_and(|code| CODES.contains(code));
    if bytes.is_empty() || !records.remainder().is_empty() || !records.clone().all(is_aha) {
        return None;
    }
    let read = |record: &[u8]| {
        let byte = |at: usize| record.get(at).copied();
        // A long number of the PDP-11: the high half first, each with its low byte first.
        let time = i32::from_le_bytes([byte(4)?, byte(5)?, byte(2)?, byte(3)?]);
        let code = byte(9).filter(|code| (1..=LAST_CODE).contains(code))?;
        Some(Raw {
            time: time.into(),
            code: code.into(),
            signal: 0,
            text: super::text(record.get(10..)?)
                .0
                .trim_matches(['\0', ' '])
                .to_owned(),
            subtype: i8::from_ne_bytes([byte(8)?]),
            num: 0,
        })
    };
    Some(
        records
            .map(read)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                "annotations of an AHA tape, whose times begin at a point that is not stated"
                    .to_owned()
            }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(time: [u8; 4], subtype: u8, code: u8, text: &[u8; 6]) -> Vec<u8> {
        let mut bytes = vec![0, b'V'];
        bytes.extend(time);
        bytes.extend([1, 0, subtype, code]);
        bytes.extend(text);
        bytes
    }

    #[test]
    fn annotations_of_16_bytes_have_their_time_in_the_order_of_the_pdp_11() {
        let mut bytes = record([1, 0, 2, 0], 255, 5, b"\0\0\0\0\0\0");
        bytes.extend(record([0, 0, 0, 1], 0, 28, b"(AFIB\0"));
        let found = super::super::annotations::read(&bytes).unwrap();
        let seen: Vec<_> = found
            .all
            .iter()
            .map(|a| (a.time, a.text.as_str(), a.subtype))
            .collect();
        assert_eq!(seen, [(65_538, "V", -1), (256, "+ (AFIB", 0)]);
    }

    #[test]
    fn a_tape_says_too_little() {
        let bytes = record([0, 0, 1, 0], 0, 0, b"\0\0\0\0\0\0");
        assert!(
            super::super::annotations::read(&bytes)
                .unwrap_err()
                .contains("AHA")
        );
        assert!(read(&bytes[1..]).is_none());
        assert!(read(b"").is_none());
    }
}
