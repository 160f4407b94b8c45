//! Age and sex from the comments of a header, as PhysioNet writes them: `# <age>: 44 <sex>: M <diagnoses> …`.

use crate::finding::{Finding, FindingCode};
use crate::recording::Subject;

/// Words in a comment that stand before what must not be copied.
const IDENTIFYING: [&str; 6] = ["name", "birth", "dob", "mrn", "patient id", "subject id"];
/// The oldest age that is believed, in years (heuristic: nobody was older).
const OLDEST_YEARS: f64 = 125.0;

/// Nothing else of the comments is kept. The finding says that they may name the person.
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
        ..Subject::default()
    };
    let named = comments.iter().any(|comment| {
        let comment = comment.to_lowercase();
        IDENTIFYING.iter().any(|word| {
            comment.split_once(word).is_some_and(|(before, rest)| {
                !before.ends_with(char::is_alphanumeric)
                    && rest.trim_start_matches(['>', ' ']).starts_with([':', '='])
            })
        })
    });
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

/// The word after `<key>:`, `key:` or `Key=`.
fn after(comment: &str, key: &str) -> Option<String> {
    let lower = comment.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(key) {
        let start = from + at;
        let end = start + key.len();
        let alone = !lower.get(..start)?.ends_with(char::is_alphanumeric);
        let rest = lower.get(end..)?.trim_start_matches('>').trim_start();
        if let Some(value) = rest.strip_prefix([':', '=']).filter(|_| alone) {
            return value
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<'))
                .find(|word| !word.is_empty())
                .map(str::to_owned);
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
    fn a_name_is_not_kept_and_said_so() {
        let (found, finding) = read(&["Name: Doe".to_owned()]);
        assert_eq!(found, Subject::default());
        assert_eq!(finding.unwrap().code, FindingCode::SubjectWithheld);
        assert!(read(&["renamed: no".to_owned()]).1.is_none());
    }
}
