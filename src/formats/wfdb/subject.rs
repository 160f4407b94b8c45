//! Age, sex and who the person is from the comments of a header, as PhysioNet writes them: `# <age>: 44 <sex>: M <diagnoses> …`.

use crate::finding::{Finding, FindingCode};
use crate::recording::{Identity, Subject};

/// Words in a comment that stand before what tells who the person is.
const NAMES: [&str; 1] = ["name"];
const BIRTHS: [&str; 6] = [
    "birth date",
    "birthdate",
    "date of birth",
    "birth",
    "born",
    "dob",
];
const NUMBERS: [&str; 4] = ["mrn", "patient id", "subject id", "record number"];
/// The oldest age that is believed, in years (heuristic: nobody was older).
const OLDEST_YEARS: f64 = 125.0;

/// Nothing else of the comments is kept. The finding says that they name the person.
pub(super) fn read(comments: &[String]) -> (Subject, Option<Finding>) {
    let value = |key: &str| comments.iter().find_map(|comment| after(comment, key));
    let subject = Subject {
        age_years: value("age")
            .and_then(|age| age.parse().ok())
            .filter(|age| (0.0..=OLDEST_YEARS).contains(age)),
        sex: value("sex").and_then(|sex| match sex.to_ascii_lowercase().as_str() {
            "m" | "male" => Some("male".to_owned()),
            "f" | "female" => Some("female".to_owned()),
            _ => None,
        }),
        identity: Identity {
            name: phrase(comments, &NAMES),
            birth_date: phrase(comments, &BIRTHS),
            record_number: phrase(comments, &NUMBERS),
        }
        .known(),
        ..Subject::default()
    };
    let named = subject.identity.is_some();
    (
        subject,
        named.then(|| {
            Finding::new(
                FindingCode::SubjectWithheld,
                "in the comments of the header",
            )
        }),
    )
}

/// The text after one of the keys, up to the next key in angle brackets.
fn phrase(comments: &[String], keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| {
        comments.iter().find_map(|comment| {
            let text = behind(comment, key)?.split('<').next()?.trim();
            (!text.is_empty() && text != "?").then(|| text.to_owned())
        })
    })
}

/// The word after `<key>:`, `key:` or `Key=`.
fn after(comment: &str, key: &str) -> Option<String> {
    behind(comment, key)?
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<'))
        .find(|word| !word.is_empty())
        .map(str::to_owned)
}

/// What stands behind the key and its colon.
fn behind<'a>(comment: &'a str, key: &str) -> Option<&'a str> {
    // Changes no length, so that places are the same in both.
    let lower = comment.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(key) {
        let start = from + at;
        let end = start + key.len();
        let alone = !lower.get(..start)?.ends_with(char::is_alphanumeric);
        let rest = comment.get(end..)?.trim_start_matches('>').trim_start();
        if let Some(value) = rest.strip_prefix([':', '=']).filter(|_| alone) {
            return Some(value);
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(comment: &str) -> Subject {
        read(&[comment.to_owned()]).0
    }

    #[test]
    fn age_and_sex_are_taken_as_physionet_writes_them() {
        let found = subject("<age>: 44 <sex>: M <diagnoses> no history");
        assert_eq!(
            (found.age_years, found.sex.as_deref()),
            (Some(44.0), Some("male"))
        );
        let found = subject("Age: 25, Sex: female");
        assert_eq!(
            (found.age_years, found.sex.as_deref()),
            (Some(25.0), Some("female"))
        );
        let found = subject("the average: 3; dosage: 4; <age>: ?  <sex>: ?");
        assert_eq!((found.age_years, found.sex), (None, None));
    }

    #[test]
    fn a_name_stands_apart_and_it_is_said() {
        let (found, finding) = read(&["<Name>: Doe, Jane <birth date>: 1951".to_owned()]);
        let identity = found.identity.unwrap();
        assert_eq!(identity.name.as_deref(), Some("Doe, Jane"));
        assert_eq!(identity.birth_date.as_deref(), Some("1951"));
        assert_eq!(finding.unwrap().code, FindingCode::SubjectWithheld);
        assert!(read(&["renamed: no".to_owned()]).1.is_none());
    }
}
