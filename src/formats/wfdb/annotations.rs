//! Annotation files in the MIT format (WFDB annot(5)); those in the AHA format are in [`super::aha`].

use super::aha;
use std::collections::BTreeMap;

/// One annotation.
#[derive(Debug, PartialEq)]
pub(super) struct Annotation {
    /// In sample intervals of the annotation clock after the start of the record.
    pub(super) time: i64,
    pub(super) text: String,
    /// The signal that it concerns, as the file has it; 0 is also the value of those that concern all.
    pub(super) signal: u16,
    pub(super) subtype: i8,
    pub(super) num: i8,
}

/// What an annotation file holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Annotations {
    pub(super) all: Vec<Annotation>,
    /// Intervals per second, where the file states them itself.
    pub(super) per_second: Option<f64>,
}

/// Codes above this one are special (ACMAX in ecgcodes.h).
const LAST_CODE: u16 = 49;
const SKIP: u16 = 59;
const NUM: u16 = 60;
const SUB: u16 = 61;
const CHN: u16 = 62;
const AUX: u16 = 63;
/// The code of a comment.
const NOTE: u16 = 22;
/// Bits of the interval below the code.
const INTERVAL_BITS: u32 = 10;
/// The letters of codes 0 to 41 (ecgcodes.h, annstr); a space where there is none.
const SYMBOLS: &str = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r";

const RESOLUTION: &str = "## time resolution:";
const DEFINITIONS: &str = "## annotation type definitions";
const END_OF_DEFINITIONS: &str = "## end of definitions";

/// An annotation as a file has it.
pub(super) struct Raw {
    pub(super) time: i64,
    pub(super) code: u16,
    pub(super) signal: u16,
    pub(super) text: String,
    pub(super) subtype: i8,
    pub(super) num: i8,
}

/// Reads the bytes, or says why they are no annotations.
pub(super) fn read(bytes: &[u8]) -> Result<Annotations, String> {
    let raw = match read_mit(bytes) {
        Err(cause) => aha::read(bytes).ok_or(cause).flatten(),
        read => read,
    };
    raw.map(interpret)
}

fn read_mit(bytes: &[u8]) -> Result<Vec<Raw>, String> {
    let mut raw: Vec<Raw> = Vec::new();
    let mut at = 0;
    let mut time: i64 = 0;
    // The signal and the number stay until they are changed; the subtype does not.
    let (mut signal, mut num) = (0, 0);
    loop {
        let word = word(bytes, at).ok_or("the file ends without its end mark")?;
        let (code, value) = (word >> INTERVAL_BITS, word & ((1 << INTERVAL_BITS) - 1));
        let place = at;
        at += 2;
        match code {
            0 if value == 0 => {
                if bytes
                    .get(at..)
                    .unwrap_or_default()
                    .iter()
                    .any(|&byte| byte != 0)
                {
                    return Err(format!("byte {at}: data after the end mark"));
                }
                break;
            }
            SKIP => {
                let halves = (self::word(bytes, at), self::word(bytes, at + 2));
                let (Some(high), Some(low)) = halves else {
                    return Err(format!("byte {place}: an interval is cut off"));
                };
                let interval =
                    i32::from_ne_bytes((u32::from(high) << 16 | u32::from(low)).to_ne_bytes());
                time = time.saturating_add(interval.into());
                at += 4;
            }
            NUM | SUB | CHN | AUX => {
                let current = raw
                    .last_mut()
                    .ok_or_else(|| format!("byte {place}: a field before the first annotation"))?;
                if code == CHN {
                    signal = value;
                    current.signal = value;
                }
                // Both are one byte with a sign.
                let byte = i8::from_ne_bytes([value.to_le_bytes()[0]]);
                if code == NUM {
                    num = byte;
                    current.num = byte;
                }
                if code == SUB {
                    current.subtype = byte;
                }
                if code == AUX {
                    let length = usize::from(value);
                    let text = bytes
                        .get(at..at + length)
                        .ok_or_else(|| format!("byte {place}: a text is cut off"))?;
                    current.text = super::text(text).0.trim_matches(['\0', ' ']).to_owned();
                    at += length + length % 2;
                }
            }
            0..=LAST_CODE => {
                time = time.saturating_add(value.into());
                raw.push(Raw {
                    time,
                    code,
                    signal,
                    text: String::new(),
                    subtype: 0,
                    num,
                });
            }
            _ => return Err(format!("byte {place}: the code {code} is not known")),
        }
    }
    Ok(raw)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// Takes out what the file says about itself: notes at the start whose text begins with `## `.
fn interpret(raw: Vec<Raw>) -> Annotations {
    let mut found = Annotations::default();
    let mut own_names = BTreeMap::new();
    let mut defining = false;
    for annotation in raw {
        let text = annotation.text.as_str();
        if annotation.code == NOTE && annotation.time == 0 {
            if defining && text != END_OF_DEFINITIONS {
                // Number, letter, description: the letter alone says nothing to a reader.
                let mut words = text.split_whitespace();
                let code = words.next().and_then(|code| code.parse::<u16>().ok());
                if let (Some(code), Some(symbol)) = (code, words.next()) {
                    let description = words.collect::<Vec<_>>().join(" ");
                    let name = if description.is_empty() {
                        symbol.to_owned()
                    } else {
                        description
                    };
                    own_names.insert(code, name);
                }
                continue;
            }
            if text == DEFINITIONS || text == END_OF_DEFINITIONS {
                defining = text == DEFINITIONS;
                continue;
            }
            if let Some(rate) = text.strip_prefix(RESOLUTION) {
                found.per_second = rate
                    .trim()
                    .parse()
                    .ok()
                    .filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
                continue;
            }
        }
        // Code 0 only moves the clock.
        if annotation.code == 0 {
            continue;
        }
        let symbol = own_names
            .get(&annotation.code)
            .cloned()
            .unwrap_or_else(|| symbol(annotation.code));
        found.all.push(Annotation {
            time: annotation.time,
            signal: annotation.signal,
            subtype: annotation.subtype,
            num: annotation.num,
            text: match (text, annotation.code) {
                ("", _) => symbol,
                (_, NOTE) => annotation.text,
                _ => format!("{symbol} {text}"),
            },
        });
    }
    found
}

impl Annotation {
    /// Subtype and number, if they say anything. They are kept beside the text, not in it: a mark means what its whole text says.
    pub(super) fn details(&self) -> Option<String> {
        let details: Vec<_> = [("subtype", self.subtype), ("num", self.num)]
            .into_iter()
            .filter(|(_, value)| *value != 0)
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        (!details.is_empty()).then(|| format!("of \"{}\": {}", self.text, details.join(", ")))
    }
}

fn symbol(code: u16) -> String {
    match SYMBOLS.chars().nth(code.into()) {
        Some(symbol) if symbol != ' ' => symbol.to_string(),
        _ => format!("annotation {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(code: u16, value: u16) -> [u8; 2] {
        (code << 10 | value).to_le_bytes()
    }

    #[test]
    fn skip_num_sub_chn_and_aux_are_understood() {
        let mut bytes = Vec::new();
        bytes.extend(pair(1, 100));
        bytes.extend(pair(SUB, 255));
        bytes.extend(pair(CHN, 1));
        bytes.extend(pair(NUM, 2));
        bytes.extend(pair(SKIP, 0));
        // 65536 + 1: the high half first
        bytes.extend([1, 0, 1, 0]);
        bytes.extend(pair(NOTE, 5));
        bytes.extend(pair(AUX, 3));
        bytes.extend(b"hi!\0");
        bytes.extend(pair(28, 0));
        bytes.extend(pair(AUX, 2));
        bytes.extend(b"(N");
        bytes.extend(pair(SKIP, 0));
        bytes.extend([0xFF, 0xFF, 0xFE, 0xFF]);
        bytes.extend(pair(42, 0));
        bytes.extend(pair(CHN, 0));
        bytes.extend(pair(NUM, 0));
        bytes.extend([0, 0]);
        let found = read(&bytes).unwrap();
        let seen: Vec<_> = found
            .all
            .iter()
            .map(|a| (a.time, a.text.as_str(), a.signal, a.details()))
            .collect();
        let details = |text: &str| Some(text.to_owned());
        assert_eq!(
            seen,
            [
                (100, "N", 1, details("of \"N\": subtype -1, num 2")),
                (65_642, "hi!", 1, details("of \"hi!\": num 2")),
                (65_642, "+ (N", 1, details("of \"+ (N\": num 2")),
                (65_640, "annotation 42", 0, None)
            ]
        );
    }

    #[test]
    fn a_file_may_state_its_clock_and_its_own_codes() {
        let mut bytes = Vec::new();
        for text in [
            "## time resolution: 1000 ",
            DEFINITIONS,
            "42 $ stimulus right",
            END_OF_DEFINITIONS,
        ] {
            bytes.extend(pair(NOTE, 0));
            bytes.extend(pair(AUX, text.len() as u16));
            bytes.extend(text.bytes());
            bytes.extend(vec![0; text.len() % 2]);
        }
        bytes.extend(pair(42, 7));
        bytes.extend([0, 0]);
        let found = read(&bytes).unwrap();
        assert_eq!(found.per_second, Some(1000.0));
        assert_eq!(
            found.all,
            [Annotation {
                time: 7,
                text: "stimulus right".into(),
                signal: 0,
                subtype: 0,
                num: 0
            }]
        );
    }

    #[test]
    fn other_bytes_are_no_annotations() {
        for bytes in [
            &b""[..],
            b"\x01",
            b"some text",
            &pair(AUX, 1),
            &pair(55, 1),
            &[1, 4],
            &[0, 0, 1],
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(read(&[0, 0]), Ok(Annotations::default()));
    }
}
