//! Takes out of a recording what tells who the person is.

use super::{Identity, Recording, Vocabulary};

/// Shorter words of a name are too common to be looked for in texts (heuristic).
const SHORTEST_WORD: usize = 3;
/// What stands in a text in place of a word that was taken out.
const REMOVED: &str = "[removed]";

/// What was taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The fields that held something: `name`, `date of recording`.
    pub fields: Vec<&'static str>,
    /// In how many texts (marks, labels, remarks) words of the name or the record number stood.
    pub texts: usize,
    /// In how many marks such words stay, because the mark would lose its meaning without them.
    pub kept: usize,
}

/// Takes out name, birth date, record number, the code of the subject and the date of the recording, and in every text the words of
/// the name, the record number and the code. A name that stands only in a text and in no field cannot be recognized.
pub fn deidentify(recording: &mut Recording) -> Removed {
    let mut removed = Removed::default();
    let identity = recording.subject.identity.take().unwrap_or_default();
    let code = recording.subject.code.take();
    let mut note = |name, was_there: bool| {
        if was_there {
            removed.fields.push(name);
        }
    };
    note("name", identity.name.is_some());
    note("date of birth", identity.birth_date.is_some());
    note("record number", identity.record_number.is_some());
    note("code of the subject", code.is_some());
    note(
        "date of the recording",
        recording.origin.started.take().is_some(),
    );
    let secrets = secrets(&identity, code.as_deref());
    let vocabulary = Vocabulary::default();
    for mark in &mut recording.marks {
        let Some(without) = without(&mark.text, &secrets) else {
            continue;
        };
        // A name field that holds words of the protocol must not take the protocol away.
        let (old, new) = (vocabulary.meaning(&mark.text), vocabulary.meaning(&without));
        if std::mem::discriminant(&old) == std::mem::discriminant(&new) {
            mark.text = without;
            removed.texts += 1;
        } else {
            removed.kept += 1;
        }
    }
    let mut clean = |text: &mut String| {
        if let Some(without) = without(text, &secrets) {
            *text = without;
            removed.texts += 1;
        }
    };
    for channel in &mut recording.channels {
        clean(&mut channel.label);
        let optional = [
            &mut channel.muscle,
            &mut channel.nerve,
            &mut channel.prefilter,
            &mut channel.transducer,
        ];
        optional.into_iter().flatten().for_each(&mut clean);
        for finding in &mut channel.findings {
            clean(&mut finding.detail);
        }
    }
    recording.origin.device.iter_mut().for_each(&mut clean);
    for finding in &mut recording.findings {
        clean(&mut finding.detail);
    }
    for correction in &mut recording.corrections {
        clean(&mut correction.reason);
    }
    removed
}

/// The words to be looked for, in lower case.
fn secrets(identity: &Identity, code: Option<&str>) -> Vec<String> {
    let mut secrets: Vec<String> = identity
        .name
        .iter()
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .map(str::to_lowercase)
        .collect();
    let born = identity.birth_date.iter().flat_map(|born| spellings(born));
    let whole = [identity.record_number.as_deref(), code];
    secrets.extend(
        whole
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .chain(born)
            .map(|text| text.trim().to_lowercase())
            .filter(|text| text.chars().count() >= SHORTEST_WORD),
    );
    // A word of the name may stand within the record number, and would leave the rest of it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// A date as people write it; only as it is, if it is no date.
fn spellings(date: &str) -> Vec<String> {
    let mut all = vec![date.to_owned()];
    if let Ok(date) = date.parse::<jiff::civil::Date>() {
        let forms = [
            "%d.%m.%Y",
            "%-d.%-m.%Y",
            "%d.%m.%y",
            "%d-%b-%Y",
            "%d %b %Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%Y%m%d",
            "%Y/%m/%d",
            "%d-%m-%Y",
        ];
        all.extend(forms.map(|form| date.strftime(form).to_string()));
    }
    all
}

/// The text with every secret replaced; `None` if it holds none. Letters around a secret make it another word.
fn without(text: &str, secrets: &[String]) -> Option<String> {
    let mut result = text.to_owned();
    for secret in secrets {
        result = replaced(&result, secret);
    }
    (result != text).then_some(result)
}

fn replaced(text: &str, secret: &str) -> String {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut result = String::new();
    let mut at = 0;
    while at < letters.len() {
        match matched(&letters, at, secret) {
            Some(end)
                if !alphanumeric(&letters, at.checked_sub(1))
                    && !alphanumeric(&letters, Some(end)) =>
            {
                result.push_str(REMOVED);
                at = end;
            }
            _ => {
                result.extend(letters.get(at).map(|(_, letter)| letter));
                at += 1;
            }
        }
    }
    result
}

/// The index after the secret, if it begins at `from` without regard to case.
fn matched(letters: &[(usize, char)], from: usize, secret: &str) -> Option<usize> {
    let mut wanted = secret.chars().peekable();
    let mut at = from;
    while wanted.peek().is_some() {
        for lower in letters.get(at)?.1.to_lowercase() {
            if wanted.next()? != lower {
                return None;
            }
        }
        at += 1;
    }
    Some(at)
}

fn alphanumeric(letters: &[(usize, char)], index: Option<usize>) -> bool {
    index
        .and_then(|index| letters.get(index))
        .is_some_and(|(_, letter)| letter.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_name_are_taken_out_of_texts_and_parts_of_other_words_are_not() {
        let identity = Identity {
            name: Some("Mustermann^Änne".into()),
            birth_date: None,
            record_number: Some("00-123".into()),
        };
        let secrets = secrets(&identity, Some("P07"));
        let out = |text: &str| without(text, &secrets);
        assert_eq!(out("ÄNNE moved").as_deref(), Some("[removed] moved"));
        assert_eq!(
            out("mustermann, no. 00-123/p07").as_deref(),
            Some("[removed], no. [removed]/[removed]")
        );
        assert_eq!(out("train Mustermanns 3 Hz"), None);
        assert_eq!(out("stimulus 1"), None);
    }

    #[test]
    fn a_record_number_that_holds_the_name_goes_as_a_whole() {
        let identity = Identity {
            name: Some("Mustermann_Max".into()),
            birth_date: None,
            record_number: Some("Mustermann-4711".into()),
        };
        let secrets = secrets(&identity, None);
        let out = without("see Mustermann-4711", &secrets);
        assert_eq!(out.as_deref(), Some("see [removed]"));
    }
}
