//! The card of a criterion set: what a publication or a laboratory says, with its comparator, its limit and its source.
//!
//! Built-in sets and those of a laboratory are the same TOML and pass the same checks.

use crate::error::{Error, ErrorCode, Result};
use crate::math::intervals::{LEVEL, clopper_pearson};
use crate::recording::muscle::muscle;
use crate::series::POINTS;
use crate::train::{CHANGING_MEASURES, CONVENTIONS, Direction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A criterion set: one publication, or what one laboratory uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionSet {
    /// Short and stable: `oh-2005`.
    pub id: String,
    /// As a reader knows it.
    pub name: String,
    /// Whether the numbers were read in the source. A set that is not verified is off unless it is asked for by its id.
    pub verified: bool,
    /// Where it stands.
    pub source: Citation,
    /// What a reader must know about it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Its rules; each gives a verdict of its own.
    pub rules: Vec<Rule>,
}

/// Where a criterion set stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// Authors, title, journal, year.
    pub citation: String,
    /// PMID, DOI or another address.
    pub link: String,
    /// What of it was read: `abstract`, a section, a table.
    #[serde(default)]
    pub place: String,
}

/// A rule of a set: what is compared with which limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Short, unique in its set: `increment`.
    pub id: String,
    /// Which test it is about.
    pub test: Test,
    /// The measure whose change counts: `amplitude` (default) or `area`.
    #[serde(default = "amplitude")]
    pub measure: String,
    /// Ids of conventions (`decrement_1_4`, `increment_highest` …); any of them suffices. Not for `exercise`, `exhaustion`, `resting`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conventions: Vec<String>,
    /// How the value is compared with the limit; at exactly the limit this decides.
    pub comparator: Comparator,
    /// The limit: percent of change; percentage points for `exhaustion`; mV for `resting`; percent of the early decrement for
    /// `late_over_early`.
    pub limit: f64,
    /// What a met rule speaks for.
    pub supports: Supports,
    /// Only in these muscles; empty: in any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub muscles: Vec<String>,
    /// The muscles in which the limit was studied; elsewhere the verdict says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub studied_in: Vec<String>,
    /// Only trains between these rates, in Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_hz: Option<[f64; 2]>,
    /// Only after exercise of a length between these, in s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercise_s: Option<[f64; 2]>,
    /// Whether the set asks that a second train meets it too.
    #[serde(default)]
    pub reproducible: bool,
    /// A second limit below or above which a value that does not meet the rule is not plainly normal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gray: Option<Gray>,
    /// The term of the Human Phenotype Ontology for a met rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hpo: Option<String>,
    /// What a reader must know about the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the publication reports of its own patients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accuracy: Vec<Accuracy>,
}

fn amplitude() -> String {
    "amplitude".to_owned()
}

/// Which test a rule is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The change over a train at low rate (2–5 Hz).
    LowRate,
    /// The change over a train at high rate (20–50 Hz).
    HighRate,
    /// The first response after exercise against rest.
    Exercise,
    /// High rate or exercise, whichever meets it.
    HighRateOrExercise,
    /// The decrement minutes after exercise against rest.
    Exhaustion,
    /// The late decrement of a low-rate train in percent of the early one.
    LateOverEarly,
    /// The amplitude of the first response at rest.
    Resting,
}

impl Test {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowRate => "low_rate",
            Self::HighRate => "high_rate",
            Self::Exercise => "exercise",
            Self::HighRateOrExercise => "high_rate_or_exercise",
            Self::Exhaustion => "exhaustion",
            Self::LateOverEarly => "late_over_early",
            Self::Resting => "resting",
        }
    }

    /// As a reader knows it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::LowRate => "train at 2–5 Hz",
            Self::HighRate => "train at 20–50 Hz",
            Self::Exercise => "exercise",
            Self::HighRateOrExercise => "train at 20–50 Hz or exercise",
            Self::Exhaustion => "trains minutes after exercise",
            Self::LateOverEarly => "late against early decrement",
            Self::Resting => "first response at rest",
        }
    }

    /// The unit of its limit.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Resting => "mV",
            Self::Exhaustion => POINTS,
            _ => "%",
        }
    }
}

/// How a value is compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Comparator {
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than.
    #[serde(rename = ">")]
    Above,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// Less than.
    #[serde(rename = "<")]
    Below,
}

impl Comparator {
    /// Whether a value, unrounded, meets the limit.
    pub fn met(self, value: f64, limit: f64) -> bool {
        match self {
            Self::AtLeast => value >= limit,
            Self::Above => value > limit,
            Self::AtMost => value <= limit,
            Self::Below => value < limit,
        }
    }

    /// Whether larger values meet it.
    pub const fn upward(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
    }

    /// `≥`, `>`, `≤` or `<`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::AtLeast => "≥",
            Self::Above => ">",
            Self::AtMost => "≤",
            Self::Below => "<",
        }
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// What a met rule speaks for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Supports {
    /// An abnormal decrement.
    Decrement,
    /// An abnormal increment.
    Increment,
    /// An increment as botulism has it, below that of Lambert-Eaton syndrome.
    ModerateIncrement,
    /// A decrement that grows through the train.
    Progressive,
    /// Exhaustion after exercise.
    Exhaustion,
    /// A low response at rest.
    LowAmplitude,
}

impl Supports {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decrement => "decrement",
            Self::Increment => "increment",
            Self::ModerateIncrement => "moderate_increment",
            Self::Progressive => "progressive",
            Self::Exhaustion => "exhaustion",
            Self::LowAmplitude => "low_amplitude",
        }
    }
}

/// A second limit, between which and the first a value is not plainly normal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gray {
    /// How the value is compared with it.
    pub comparator: Comparator,
    /// The limit, in the unit of the rule.
    pub limit: f64,
    /// What the source says of values between the two.
    pub says: String,
}

/// What a publication reports of its own patients, as a count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    /// `sensitivity`, `specificity`, `abnormal` or another share.
    pub what: String,
    /// Of whom: `LEMS`, `MG`, `controls`.
    pub group: String,
    /// How many of them.
    pub count: u64,
    /// How many there were.
    pub of: u64,
    /// The share in percent as it is printed in the source.
    pub printed_pct: f64,
    /// The interval in percent as it is printed, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub printed_interval_pct: Option<[f64; 2]>,
}

impl Accuracy {
    /// The share in percent.
    pub fn percent(&self) -> f64 {
        100.0 * self.count as f64 / self.of as f64
    }

    /// The exact 95 % interval of the share in percent (Clopper and Pearson).
    pub fn interval_pct(&self) -> Option<(f64, f64)> {
        clopper_pearson(self.count, self.of, LEVEL).map(|(low, high)| (100.0 * low, 100.0 * high))
    }
}

impl Rule {
    /// `≥ 60 %`.
    pub fn limit_text(&self) -> String {
        format!("{} {} {}", self.comparator, self.limit, self.test.unit())
    }
}

impl CriterionSet {
    /// Reads a set from TOML and checks it.
    pub fn from_toml(text: &str) -> Result<Self> {
        let set: Self =
            toml::from_str(text).map_err(|cause| wrong(cause.to_string().trim_end().to_owned()))?;
        set.check()?;
        Ok(set)
    }

    /// Whether the set can be judged by, or what is wrong with it.
    pub fn check(&self) -> Result<()> {
        let here = |what: String| Err(wrong(what).at(format!("criterion set \"{}\"", self.id)));
        let plain = |id: &str| {
            !id.is_empty()
                && id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        };
        if !plain(&self.id) {
            return here("an id has small letters, digits and hyphens only".to_owned());
        }
        if self.name.trim().is_empty() || self.source.citation.trim().is_empty() {
            return here("a set needs a name and the citation of its source".to_owned());
        }
        if self.rules.is_empty() {
            return here("it has no rule".to_owned());
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if !plain(&rule.id) {
                return here(format!(
                    "rule {}: an id has small letters, digits and hyphens only",
                    index + 1
                ));
            }
            if self.rules[..index].iter().any(|other| other.id == rule.id) {
                return here(format!("rule \"{}\" stands twice", rule.id));
            }
            if let Err(what) = rule.check() {
                return here(format!("rule \"{}\": {what}", rule.id));
            }
        }
        Ok(())
    }
}

impl Rule {
    fn check(&self) -> std::result::Result<(), String> {
        if !self.limit.is_finite() {
            return Err("the limit is no number".to_owned());
        }
        if !CHANGING_MEASURES.contains(&self.measure.as_str()) {
            let known = CHANGING_MEASURES.join(", ");
            return Err(format!(
                "\"{}\" is no measure that changes: expected one of {known}",
                self.measure
            ));
        }
        self.check_conventions()?;
        self.check_supports()?;
        let unused = |name: &str| {
            Err(format!(
                "{name} has no effect on the test {}",
                self.test.as_str()
            ))
        };
        let rated = matches!(
            self.test,
            Test::LowRate | Test::HighRate | Test::HighRateOrExercise | Test::LateOverEarly
        );
        if self.rate_hz.is_some() && !rated {
            return unused("rate_hz");
        }
        let exercised = matches!(
            self.test,
            Test::Exercise | Test::HighRateOrExercise | Test::Exhaustion
        );
        if self.exercise_s.is_some() && !exercised {
            return unused("exercise_s");
        }
        if self.reproducible && self.test == Test::Resting {
            return unused("reproducible");
        }
        if self.measure != amplitude() && matches!(self.test, Test::Resting | Test::LateOverEarly) {
            return unused("measure");
        }
        if self.test == Test::Resting && self.comparator.upward() {
            return Err(
                "a resting response is low when it is below a limit: use < or <=".to_owned(),
            );
        }
        if self.test != Test::Resting && !self.comparator.upward() {
            return Err("a change meets a limit from above: use > or >=".to_owned());
        }
        for (name, range) in [("rate_hz", self.rate_hz), ("exercise_s", self.exercise_s)] {
            if let Some([low, high]) = range
                && !(low >= 0.0 && low <= high && high.is_finite())
            {
                return Err(format!("{name}: expected [from, to]"));
            }
        }
        if let Some(name) = self
            .muscles
            .iter()
            .chain(&self.studied_in)
            .find(|name| muscle(name).is_none())
        {
            return Err(format!(
                "\"{name}\" is no muscle that endplate knows (`endplate list muscles`)"
            ));
        }
        if let Some(gray) = &self.gray
            && (gray.comparator.upward() != self.comparator.upward()
                || !gray.limit.is_finite()
                || (gray.limit > self.limit) == self.comparator.upward())
        {
            return Err("the gray zone lies on the normal side of the limit".to_owned());
        }
        for accuracy in &self.accuracy {
            if accuracy.of == 0 || accuracy.count > accuracy.of {
                return Err(format!("{} of {} is no share", accuracy.count, accuracy.of));
            }
        }
        Ok(())
    }

    /// What a rule speaks for must be what its test can show.
    fn check_supports(&self) -> std::result::Result<(), String> {
        let fits = match self.supports {
            Supports::Decrement => self.test == Test::LowRate,
            Supports::Increment | Supports::ModerateIncrement => matches!(
                self.test,
                Test::HighRate | Test::Exercise | Test::HighRateOrExercise
            ),
            Supports::Progressive => self.test == Test::LateOverEarly,
            Supports::Exhaustion => self.test == Test::Exhaustion,
            Supports::LowAmplitude => self.test == Test::Resting,
        };
        if fits {
            return Ok(());
        }
        let (test, supports) = (self.test.as_str(), self.supports.as_str());
        Err(format!("the test {test} cannot support {supports}"))
    }

    fn check_conventions(&self) -> std::result::Result<(), String> {
        let direction = match self.test {
            Test::LowRate => Some(Direction::Decrement),
            Test::HighRate | Test::HighRateOrExercise => Some(Direction::Increment),
            _ => None,
        };
        if direction.is_some() == self.conventions.is_empty() {
            return Err(if self.conventions.is_empty() {
                "it names no convention (`endplate list conventions`)".to_owned()
            } else {
                "its test knows no convention".to_owned()
            });
        }
        for id in &self.conventions {
            let known = CONVENTIONS.iter().find(|card| card.id == id);
            if known.map(|card| card.direction) != direction {
                return Err(format!(
                    "\"{id}\" is no convention of its test (`endplate list conventions`)"
                ));
            }
        }
        Ok(())
    }
}

fn wrong(what: String) -> Error {
    Error::new(ErrorCode::BadSettings, what).advice(
        "`endplate list criteria` shows the fields; docs/methods/criteria.md has an example",
    )
}
