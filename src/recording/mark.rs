//! Marks: texts at times, and what they mean.
//!
//! A file keeps its marks as it wrote them ([`Mark`]); what a text means ([`Meaning`]) is decided by a [`Vocabulary`], whose accepted
//! spellings are documented in `docs/reference/marks.md` and extended by the laboratory's settings.

use crate::units::{Celsius, Milliamperes, Milliseconds, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// When, on the recording's clock.
    pub time: Seconds,
    /// How long, where the file says so.
    pub duration: Option<Seconds>,
    /// The text as the file has it.
    pub text: String,
    /// The index of the only channel that the mark concerns; `None` for all.
    pub channel: Option<usize>,
}

/// What a mark means.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "meaning", rename_all = "snake_case")]
pub enum Meaning {
    /// The nerve was stimulated.
    Stimulus {
        /// Strength, where the text says so.
        current: Option<Milliamperes>,
        /// Pulse width, where the text says so.
        width: Option<Milliseconds>,
    },
    /// The muscle was exercised; the mark's time is the start.
    Exercise {
        /// How long, from the text; the mark's own duration goes first.
        length: Option<Seconds>,
    },
    /// An exercise ended here.
    ExerciseEnd,
    /// What follows was recorded at rest.
    Rest,
    /// What follows was recorded this long after the end of the exercise.
    After {
        /// Time after the end of the exercise.
        delay: Seconds,
    },
    /// A train begins; the text is its label.
    Train,
    /// The skin temperature.
    Temperature {
        /// The reading.
        skin: Celsius,
    },
    /// A response as the recording machine measured it; kept, never used.
    DeviceResponse,
    /// Anything else: kept and listed.
    Note,
}

/// The text of a stimulus that a file, a mapping or a simulation places without a word for it.
pub const STIMULUS: &str = "stimulus";

/// Additional spellings of a laboratory, by meaning. Each is compared without regard to case and outer spaces; one that ends in `*`
/// stands for all texts that begin so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Vocabulary {
    /// Texts that mean a stimulus.
    pub stimulus: Vec<String>,
    /// Texts that mean an exercise.
    pub exercise: Vec<String>,
    /// Texts that mean the end of an exercise.
    pub exercise_end: Vec<String>,
    /// Texts that mean rest.
    pub rest: Vec<String>,
    /// Texts that begin a train.
    pub train: Vec<String>,
}

/// The built-in spellings. The reference page is made from this list.
pub static SPELLINGS: &[Spelling] = &[
    Spelling {
        meaning: "stimulus",
        texts: &[
            "stim",
            "stimulus",
            "stimulation",
            "shock",
            "trigger",
            "trig",
            "pulse",
            "electric stimulation",
        ],
        patterns: "`Stim` with a letter or number (`StimA`, `Stim 3`); `Stimulus` with anything after it (`Stimulus right wrist 0.2ms x 8.2mA`): \
                   the first number with ms is the pulse width, the first with mA the current",
    },
    Spelling {
        meaning: "exercise",
        texts: &[
            "exercise",
            "exercise start",
            "contraction",
            "maximal contraction",
            "voluntary contraction",
            "mvc",
        ],
        patterns: "each with a length after it (`exercise 10 s`, `MVC 1 min`)",
    },
    Spelling {
        meaning: "exercise end",
        texts: &[
            "exercise end",
            "end of exercise",
            "end exercise",
            "stop exercise",
            "exercise stop",
            "contraction end",
        ],
        patterns: "",
    },
    Spelling {
        meaning: "rest",
        texts: &[
            "rest",
            "at rest",
            "resting",
            "before exercise",
            "pre exercise",
        ],
        patterns: "",
    },
    Spelling {
        meaning: "time after exercise",
        texts: &[
            "after exercise",
            "post exercise",
            "postexercise",
            "immediately after exercise",
            "immediately post exercise",
        ],
        patterns: "each with a time before or after it (`2 min post exercise`, `after exercise 30 s`), `PE30s`, `PE2m`; without a time: 0 s",
    },
    Spelling {
        meaning: "train",
        texts: &["train"],
        patterns: "`train` with anything after it is its label (`train 3Hz rest`)",
    },
    Spelling {
        meaning: "skin temperature",
        texts: &["temperature", "skin temperature", "temp"],
        patterns: "each with a number and °C or C after it (`temperature 32.5 C`)",
    },
    Spelling {
        meaning: "response of the machine",
        texts: &["response"],
        patterns: "`Response` with numbers after it (`Response 7.2mV at 3.8ms`); kept, never used",
    },
];

/// One line of the list of accepted spellings.
pub struct Spelling {
    /// What they mean.
    pub meaning: &'static str,
    /// Whole texts, in lower case; hyphens and underscores count as spaces.
    pub texts: &'static [&'static str],
    /// What else is understood, for the reader.
    pub patterns: &'static str,
}

impl Vocabulary {
    /// What a text means. The laboratory's own spellings go before the built-in ones; what nobody knows is a [`Meaning::Note`].
    pub fn meaning(&self, text: &str) -> Meaning {
        let own = |list: &[String]| list.iter().any(|spelling| matches_spelling(spelling, text));
        if own(&self.stimulus) {
            return stimulus_with_details(text);
        }
        if own(&self.exercise_end) {
            return Meaning::ExerciseEnd;
        }
        if own(&self.exercise) {
            return Meaning::Exercise {
                length: duration_in(text),
            };
        }
        if own(&self.rest) {
            return Meaning::Rest;
        }
        if own(&self.train) {
            return Meaning::Train;
        }
        built_in(text)
    }
}

fn matches_spelling(spelling: &str, text: &str) -> bool {
    let (spelling, text) = (plain(spelling), plain(text));
    match spelling.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == spelling,
    }
}

/// Lower case, single spaces, hyphens and underscores as spaces.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if matches!(c, '-' | '_') { ' ' } else { c })
        .collect();
    spaced
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn texts_of(meaning: &str) -> &'static [&'static str] {
    SPELLINGS
        .iter()
        .find(|spelling| spelling.meaning == meaning)
        .map_or(&[], |spelling| spelling.texts)
}

fn built_in(text: &str) -> Meaning {
    let plain = plain(text);
    if texts_of("exercise end").contains(&plain.as_str()) {
        return Meaning::ExerciseEnd;
    }
    if texts_of("rest").contains(&plain.as_str()) {
        return Meaning::Rest;
    }
    if let Some(delay) = delay_after_exercise(&plain) {
        return Meaning::After { delay };
    }
    if is_stimulus(&plain) {
        return stimulus_with_details(text);
    }
    if texts_of("exercise").contains(&plain.as_str()) {
        return Meaning::Exercise { length: None };
    }
    if let Some(rest) = strip_any(&plain, texts_of("exercise"))
        && let Some(length) = only_duration(rest)
    {
        return Meaning::Exercise {
            length: Some(length),
        };
    }
    if let Some(rest) = strip_any(&plain, texts_of("skin temperature"))
        && let Some((value, unit)) = quantities(rest).into_iter().next()
        && matches!(unit.as_str(), "°c" | "c" | "degc")
    {
        return Meaning::Temperature {
            skin: Celsius(value),
        };
    }
    if plain == "train" || plain.starts_with("train ") {
        return Meaning::Train;
    }
    if plain.starts_with("response ") && !quantities(&plain).is_empty() {
        return Meaning::DeviceResponse;
    }
    Meaning::Note
}

fn is_stimulus(plain: &str) -> bool {
    if texts_of("stimulus").contains(&plain) || plain.starts_with("stimulus ") {
        return true;
    }
    plain.strip_prefix("stim").is_some_and(|rest| {
        let rest = rest.trim_start();
        let mut characters = rest.chars();
        let single_letter =
            characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none();
        single_letter || (!rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    })
}

fn stimulus_with_details(text: &str) -> Meaning {
    let quantities = quantities(&text.to_lowercase());
    let first = |unit: &str| {
        quantities
            .iter()
            .find(|(_, found)| found == unit)
            .map(|&(value, _)| value)
    };
    Meaning::Stimulus {
        current: first("ma").map(Milliamperes),
        width: first("ms").map(Milliseconds),
    }
}

fn delay_after_exercise(plain: &str) -> Option<Seconds> {
    let texts = texts_of("time after exercise");
    if texts.contains(&plain) {
        return Some(Seconds(0.0));
    }
    if let Some(rest) = plain.strip_prefix("pe")
        && let Some(delay) = only_duration(rest)
    {
        return Some(delay);
    }
    texts.iter().find_map(|known| {
        let rest = plain
            .strip_prefix(known)
            .or_else(|| plain.strip_suffix(known))?;
        only_duration(rest)
    })
}

fn strip_any<'a>(plain: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    // The longest first: "exercise start 10 s" begins with "exercise" too.
    let mut beginnings = beginnings.to_vec();
    beginnings.sort_by_key(|beginning| std::cmp::Reverse(beginning.len()));
    beginnings
        .iter()
        .find_map(|beginning| plain.strip_prefix(beginning))
}

/// The duration in a text that holds nothing else.
fn only_duration(text: &str) -> Option<Seconds> {
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '(' | ')' | '+'));
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let unit = text.get(digits..)?.trim();
    let value: f64 = text.get(..digits)?.parse().ok()?;
    seconds_per(unit).map(|scale| Seconds(value * scale))
}

/// The first duration anywhere in a text.
fn duration_in(text: &str) -> Option<Seconds> {
    quantities(&text.to_lowercase())
        .into_iter()
        .find_map(|(value, unit)| Some(Seconds(value * seconds_per(&unit)?)))
}

fn seconds_per(unit: &str) -> Option<f64> {
    match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1.0),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60.0),
        _ => None,
    }
}

/// Numbers with the letters that follow them, in the order of a lower-case text: `0.2ms x 8.2 ma` gives (0.2, ms) and (8.2, ma).
fn quantities(text: &str) -> Vec<(f64, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let number = rest.get(start..).unwrap_or_default();
        let end = number
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(number.len());
        let (digits, after) = number.split_at(end);
        let unit: String = after
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphabetic() || matches!(c, '°' | '%'))
            .collect();
        if let Ok(value) = digits.parse() {
            found.push((value, unit));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Meaning {
        Vocabulary::default().meaning(text)
    }

    #[test]
    fn the_stimulus_texts_of_the_edf_specification_are_understood() {
        assert_eq!(
            meaning("StimA"),
            Meaning::Stimulus {
                current: None,
                width: None
            }
        );
        assert_eq!(
            meaning("Stimulus right wrist 0.2ms x 8.2mA at 6.5cm from recording site"),
            Meaning::Stimulus {
                current: Some(Milliamperes(8.2)),
                width: Some(Milliseconds(0.2))
            }
        );
        assert_eq!(meaning("Response 7.2mV at 3.8ms"), Meaning::DeviceResponse);
    }

    #[test]
    fn a_word_that_only_begins_like_stimulus_is_a_note() {
        for text in [
            "stimulator off",
            "stimuli were painful",
            "Stimulation site changed",
            "restless",
            "training",
        ] {
            assert_eq!(meaning(text), Meaning::Note, "{text}");
        }
    }

    #[test]
    fn exercise_and_the_time_after_it_carry_their_lengths_in_seconds() {
        assert_eq!(
            meaning("Exercise 10 s"),
            Meaning::Exercise {
                length: Some(Seconds(10.0))
            }
        );
        assert_eq!(
            meaning("MVC 1 min"),
            Meaning::Exercise {
                length: Some(Seconds(60.0))
            }
        );
        assert_eq!(meaning("exercise end"), Meaning::ExerciseEnd);
        assert_eq!(
            meaning("PE30s"),
            Meaning::After {
                delay: Seconds(30.0)
            }
        );
        assert_eq!(
            meaning("2 min post-exercise"),
            Meaning::After {
                delay: Seconds(120.0)
            }
        );
        assert_eq!(
            meaning("Immediately after exercise"),
            Meaning::After {
                delay: Seconds(0.0)
            }
        );
        assert_eq!(meaning("peg"), Meaning::Note);
    }

    #[test]
    fn a_temperature_needs_its_unit() {
        assert_eq!(
            meaning("Skin temperature 32.5 °C"),
            Meaning::Temperature {
                skin: Celsius(32.5)
            }
        );
        assert_eq!(meaning("temperature 32"), Meaning::Note);
    }

    #[test]
    fn a_laboratory_adds_its_own_spellings() {
        let vocabulary = Vocabulary {
            stimulus: vec!["Reiz*".into()],
            rest: vec!["Ruhe".into()],
            exercise: vec!["Belastung*".into()],
            ..Vocabulary::default()
        };
        assert_eq!(
            vocabulary.meaning("REIZ 12 mA"),
            Meaning::Stimulus {
                current: Some(Milliamperes(12.0)),
                width: None
            }
        );
        assert_eq!(vocabulary.meaning("ruhe "), Meaning::Rest);
        assert_eq!(
            vocabulary.meaning("Belastung 30 s"),
            Meaning::Exercise {
                length: Some(Seconds(30.0))
            }
        );
        assert_eq!(vocabulary.meaning("Unruhe"), Meaning::Note);
    }
}
