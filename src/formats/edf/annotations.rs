//! Time-stamped annotation lists, the TALs (EDF+ 2.2.2 and 2.2.3).

use super::decimal::Decimal;
use super::header::decode;

/// Ends an annotation, and the time stamp.
const END: u8 = 20;
/// Stands between onset and duration.
const DURATION: u8 = 21;

/// One list: a time, perhaps a duration, and texts.
#[derive(Debug, PartialEq)]
pub(super) struct Tal {
    /// Seconds after the start of the file, the fraction of the first record's start included.
    pub(super) onset: Decimal,
    pub(super) duration: Option<Decimal>,
    /// Each text, and whether it had to be read as Latin-1.
    pub(super) texts: Vec<(String, bool)>,
}

impl Tal {
    /// Whether it keeps the time of its record: its first annotation is empty (EDF+ 2.2.4).
    pub(super) fn keeps_time(&self) -> bool {
        self.texts.first().is_some_and(|(text, _)| text.is_empty())
    }
}

/// The TALs of one record of an annotations signal; what is none comes as its offset and length in bytes.
pub(super) fn tals(bytes: &[u8]) -> impl Iterator<Item = std::result::Result<Tal, (usize, usize)>> {
    let mut from = 0;
    bytes.split(|&byte| byte == 0).filter_map(move |list| {
        let start = from;
        from += list.len() + 1;
        (!list.is_empty()).then(|| tal(list).ok_or((start, list.len())))
    })
}

fn tal(list: &[u8]) -> Option<Tal> {
    let (&last, list) = list.split_last()?;
    if last != END {
        return None;
    }
    let mut parts = list.split(|&byte| byte == END);
    let stamp = std::str::from_utf8(parts.next()?).ok()?;
    let (onset, duration) = match stamp.split_once(char::from(DURATION)) {
        Some((onset, duration)) => (onset, Some(duration)),
        None => (stamp, None),
    };
    let duration = match duration {
        Some(text) => Some(Decimal::parse(text).filter(|duration| !duration.is_negative())?),
        None => None,
    };
    Some(Tal {
        onset: Decimal::parse(onset)?,
        duration,
        texts: parts.map(decode).collect(),
    })
}

/// Writes a time stamp; the texts follow with [`spell_text`], then one 0 byte.
pub(super) fn spell_stamp(onset: Decimal, duration: Option<Decimal>, to: &mut Vec<u8>) {
    if !onset.is_negative() {
        to.push(b'+');
    }
    to.extend_from_slice(onset.to_string().as_bytes());
    if let Some(duration) = duration {
        to.push(DURATION);
        to.extend_from_slice(duration.to_string().as_bytes());
    }
    to.push(END);
}

/// Writes one text of a list.
pub(super) fn spell_text(text: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(text.as_bytes());
    to.push(END);
}

/// Whether EDF+ can hold the text: not empty, and of the control characters only TAB, LF and CR (EDF+ 2.2.3).
pub(super) fn can_hold(text: &str) -> bool {
    !text.is_empty()
        && !text
            .chars()
            .any(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<std::result::Result<Tal, (usize, usize)>> {
        tals(bytes).collect()
    }

    #[test]
    fn edf_plus_2_2_2_the_examples_of_the_specification() {
        let lists =
            read(b"+180\x14Lights off\x14Close door\x14\0+1800.2\x1525.5\x14Apnea\x14\0\0\0");
        assert_eq!(lists.len(), 2);
        let lights = lists[0].as_ref().unwrap();
        assert_eq!(lights.onset.to_f64(), 180.0);
        assert_eq!(lights.duration, None);
        assert_eq!(lights.texts[1].0, "Close door");
        let apnea = lists[1].as_ref().unwrap();
        assert_eq!(apnea.onset.to_f64(), 1800.2);
        assert_eq!(apnea.duration.unwrap().to_f64(), 25.5);
    }

    #[test]
    fn edf_plus_2_2_4_an_empty_first_annotation_keeps_the_time() {
        assert!(read(b"+567\x14\x14\0")[0].as_ref().unwrap().keeps_time());
        assert!(!read(b"+567\x14a\x14\0")[0].as_ref().unwrap().keeps_time());
        assert!(!read(b"+567\x14\0")[0].as_ref().unwrap().keeps_time());
    }

    #[test]
    fn what_is_no_list_is_named_by_its_bytes_and_the_next_one_is_read() {
        let lists = read(b"rubbish\0+1\x14a\x14\0+2\x14b");
        assert_eq!(lists[0], Err((0, 7)));
        assert!(lists[1].is_ok());
        assert_eq!(lists[2], Err((14, 4)));
    }

    #[test]
    fn a_text_in_latin_1_is_read_and_said() {
        let lists = read(b"+0\x14\xb5V\x14\0");
        assert_eq!(lists[0].as_ref().unwrap().texts[0], ("µV".to_owned(), true));
    }
}
