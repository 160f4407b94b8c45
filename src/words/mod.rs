//! The words of a language for everything that a person reads: one TOML file each, with the same keys.

use crate::error::{Error, ErrorCode, Result};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language: its tag and its file.
static FILES: &[(&str, &str)] = &[
    (ENGLISH, include_str!("languages/en.toml")),
    ("de", include_str!("languages/de.toml")),
    ("es", include_str!("languages/es.toml")),
    ("fr", include_str!("languages/fr.toml")),
    ("nb", include_str!("languages/nb.toml")),
];

/// The language that words are taken from where another has none.
const ENGLISH: &str = "en";

static TABLES: LazyLock<BTreeMap<&'static str, BTreeMap<String, String>>> = LazyLock::new(|| {
    // A file that cannot be read fails a test, not a report.
    FILES
        .iter()
        .filter_map(|(tag, text)| Some((*tag, flat(&text.parse().ok()?).ok()?)))
        .collect()
});

/// The words of one report or figure.
#[derive(Clone, Debug)]
pub struct Words {
    /// The tag of the language.
    pub language: String,
    /// What the laboratory says in its own words.
    own: BTreeMap<String, String>,
}

/// The tags of the languages that are built in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(tag, _)| *tag)
}

/// The keys of a built-in language.
#[cfg(test)]
pub fn keys(language: &str) -> Vec<&'static String> {
    let table = TABLES.get(language);
    table.map_or_else(Vec::new, |table| table.keys().collect())
}

impl Words {
    /// The words of a language. One that is not built in is English with the words that are given.
    pub fn new(language: &str, own: &toml::Table) -> Result<Self> {
        let own = flat(own)?;
        if own.is_empty() && !TABLES.contains_key(language) {
            let known: Vec<_> = languages().collect();
            return Err(
                wrong(format!("the language \"{language}\" is not known")).advice(format!(
                    "one of {}, or give its words in [words]",
                    known.join(", ")
                )),
            );
        }
        let english = TABLES.get(ENGLISH);
        let stray = own
            .keys()
            .find(|key| !english.is_some_and(|table| table.contains_key(*key)) && !grows(key));
        if let Some(key) = stray {
            return Err(wrong(format!("no word has the key \"{key}\""))
                .advice("docs/report.md says where the keys are"));
        }
        Ok(Self {
            language: language.to_owned(),
            own,
        })
    }

    /// English.
    pub fn english() -> Self {
        Self {
            language: ENGLISH.to_owned(),
            own: BTreeMap::new(),
        }
    }

    /// The word of a key, in the laboratory's own words first; `None` if no language has it.
    pub fn find(&self, key: &str) -> Option<&str> {
        let built_in = |language: &str| TABLES.get(language)?.get(key);
        let found = self.own.get(key);
        found
            .or_else(|| built_in(&self.language))
            .or_else(|| built_in(ENGLISH))
            .map(String::as_str)
    }

    /// The word of a key, or the end of the key itself.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        let last = || key.rsplit('.').next().unwrap_or(key);
        self.find(key).unwrap_or_else(last)
    }

    /// The word of a group and an id, or `other` if there is none.
    pub fn of(&self, group: &str, id: &str, other: &str) -> String {
        self.find(&format!("{group}.{id}"))
            .unwrap_or(other)
            .to_owned()
    }

    /// Whether these are English words, or a laboratory's own.
    pub fn is_english(&self) -> bool {
        self.language == ENGLISH
    }

    /// A number that is already rounded, in the spelling of the language.
    pub fn spell(&self, digits: &str) -> String {
        digits.replace('.', self.get("form.decimal_sign"))
    }

    /// A number with so many decimals in the spelling of the language, with a true minus sign and no negative zero.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        let text = match text.strip_prefix('-') {
            Some(digits) if digits.bytes().all(|b| matches!(b, b'0' | b'.')) => digits.to_owned(),
            Some(digits) => format!("−{digits}"),
            None => text,
        };
        self.spell(&text)
    }

    /// Numbers beside each other; where a comma is the decimal sign, it does not part them.
    pub fn numbers(&self, values: impl Iterator<Item = f64>) -> String {
        let between = if self.get("form.decimal_sign") == "," {
            "; "
        } else {
            ", "
        };
        let values: Vec<_> = values.map(|value| self.spell(&value.to_string())).collect();
        values.join(between)
    }

    /// A word with its places filled: `{length} s exercise`.
    pub fn fill(&self, key: &str, places: &[(&str, &str)]) -> String {
        let mut text = self.get(key).to_owned();
        for (name, value) in places {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// Groups whose keys come from lists that grow, so that a laboratory may name what English takes from the code.
fn grows(key: &str) -> bool {
    ["finding.", "pattern.", "muscle.", "muscle_name.", "nerve."]
        .iter()
        .any(|group| key.starts_with(group))
}

/// Nested tables as keys with points: `label.date`.
fn flat(table: &toml::Table) -> Result<BTreeMap<String, String>> {
    let mut words = BTreeMap::new();
    let mut open: Vec<(String, &toml::Table)> = vec![(String::new(), table)];
    while let Some((before, table)) = open.pop() {
        for (key, value) in table {
            let key = format!("{before}{key}");
            match value {
                toml::Value::String(text) => {
                    words.insert(key, text.clone());
                }
                toml::Value::Table(inner) => open.push((format!("{key}."), inner)),
                _ => return Err(wrong(format!("the word \"{key}\" is no text"))),
            }
        }
    }
    Ok(words)
}

fn wrong(what: String) -> Error {
    Error::new(ErrorCode::BadSettings, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FindingCode;
    use crate::pattern::PATTERNS;
    use std::collections::BTreeSet;

    #[test]
    fn every_language_has_the_words_of_english_and_no_others() {
        let english: BTreeSet<_> = keys(ENGLISH).into_iter().collect();
        assert!(english.len() > 100);
        for language in languages() {
            let here: BTreeSet<_> = keys(language)
                .into_iter()
                .filter(|key| !grows(key))
                .collect();
            let missing: Vec<_> = english.difference(&here).collect();
            let stray: Vec<_> = here.difference(&english).collect();
            assert!(
                missing.is_empty() && stray.is_empty(),
                "{language}: missing {missing:?}, stray {stray:?}"
            );
        }
    }

    #[test]
    fn every_language_says_every_finding_and_pattern() {
        for language in languages().filter(|language| *language != ENGLISH) {
            let here: BTreeSet<String> = keys(language).into_iter().cloned().collect();
            let findings = FindingCode::ALL.iter().flat_map(|code| {
                ["meaning", "advice"].map(|part| format!("finding.{}.{part}", code.as_str()))
            });
            let patterns = PATTERNS.iter().flat_map(|card| {
                ["title", "rule", "caution"].map(|part| format!("pattern.{}.{part}", card.id))
            });
            let missing: Vec<_> = findings
                .chain(patterns)
                .filter(|key| !here.contains(key))
                .collect();
            assert!(missing.is_empty(), "{language}: {missing:?}");
        }
    }

    #[test]
    fn places_of_a_word_are_the_same_in_every_language() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{')
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
                .collect()
        };
        for language in languages() {
            let words = Words::new(language, &toml::Table::new()).unwrap();
            for key in keys(ENGLISH) {
                let english = &TABLES[ENGLISH][key.as_str()];
                assert_eq!(places(words.get(key)), places(english), "{language}: {key}");
            }
        }
    }

    #[test]
    fn a_laboratory_may_say_it_in_its_own_words_and_a_slip_is_told() {
        let own: toml::Table = "[section]\ncomment = \"Befund\"".parse().unwrap();
        let words = Words::new("de", &own).unwrap();
        assert_eq!(words.get("section.comment"), "Befund");
        let slip: toml::Table = "[section]\ncoment = \"x\"".parse().unwrap();
        assert!(
            Words::new("de", &slip)
                .unwrap_err()
                .to_string()
                .contains("section.coment")
        );
        assert!(Words::new("tlh", &toml::Table::new()).is_err());
    }

    #[test]
    fn a_number_is_spelled_with_a_true_minus_sign_and_zero_has_none() {
        let english = Words::english();
        assert_eq!(english.number(-1.25, 1), "−1.2");
        assert_eq!(english.number(-0.001, 1), "0.0");
        assert_eq!(english.numbers([10.0, 12.5].into_iter()), "10, 12.5");
        let german = Words::new("de", &toml::Table::new()).unwrap();
        assert_eq!(german.number(-1.25, 1), "−1,2");
        assert_eq!(german.numbers([10.0, 12.5].into_iter()), "10; 12,5");
    }
}
