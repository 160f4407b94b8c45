//! What every section is composed from, and how numbers, times and reasons are written.

use super::template::Template;
use crate::cmap::NotMeasured;
use crate::criteria::{Interval, Verdict};
use crate::plot::turns;
use crate::recording::{Beside, Side, muscle::muscle};
use crate::series::{POINTS, When};
use crate::sidecar::ENDING;
use crate::study::{ChannelStudy, Study};
use crate::train::{ChangeEstimate, Train};
use crate::units::{Percent, Seconds, Unit};

/// A study that is being reported.
pub struct Scene<'a> {
    /// The study.
    pub study: &'a Study,
    /// The name of its file in the run.
    pub file: &'a str,
    /// How it is reported.
    pub template: &'a Template,
}

/// Decimals of a voltage in mV: a hundredth is below the noise of every recording.
const MILLIVOLT_DECIMALS: usize = 2;
/// What stands for a value that is missing.
pub const MISSING: &str = "–";

impl<'a> Scene<'a> {
    /// The word of a key.
    pub fn word(&self, key: &str) -> String {
        self.template.words.get(key).to_owned()
    }

    /// A word with its places filled.
    pub fn fill(&self, key: &str, places: &[(&str, &str)]) -> String {
        self.template.words.fill(key, places)
    }

    /// A number with so many decimals, in the spelling of the language.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        self.template.words.number(value, decimals)
    }

    /// A number with as many decimals as it needs, up to `most`.
    pub fn plain(&self, value: f64, most: usize) -> String {
        let text = format!("{value:.most$}");
        let needed = text
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.trim_end_matches('0').len());
        self.number(value, needed)
    }

    /// A percentage: one decimal below 100, none above.
    pub fn percent(&self, value: f64) -> String {
        self.number(value, decimals(value, Unit::Percent))
    }

    /// A lead with its colon, before which French has a space.
    pub fn lead(&self, text: &str) -> String {
        format!("{text}{}", self.word("form.colon"))
    }

    /// A value in a unit, without the unit.
    pub fn value(&self, value: f64, unit: Unit) -> String {
        match unit {
            Unit::Percent => self.percent(value),
            Unit::One => self.plain(value, MILLIVOLT_DECIMALS),
            Unit::Hertz => self.plain(value, 1),
            _ => self.number(value, MILLIVOLT_DECIMALS),
        }
    }

    /// `24.3 [23.4; 25.2]`; without an interval where none is known.
    pub fn interval(&self, value: f64, low: f64, high: f64, unit: Unit) -> String {
        self.spelled(value, low, high, |value| self.value(value, unit))
    }

    fn spelled(&self, value: f64, low: f64, high: f64, spell: impl Fn(f64) -> String) -> String {
        let shown = spell(value);
        if low.is_finite() && high.is_finite() {
            let [low, high] = [low, high].map(spell);
            format!("{shown} [{low}; {high}]")
        } else {
            format!("{shown} [{}]", self.word("form.interval_unknown"))
        }
    }

    /// A change with its interval.
    pub fn change(&self, change: &ChangeEstimate) -> String {
        self.interval(change.value.0, change.low.0, change.high.0, Unit::Percent)
    }

    /// A value of a verdict with its interval and unit. Where rounding would carry one of them over the limit, all get as many decimals as
    /// it takes to show them on the side on which they are.
    pub fn of_verdict(&self, interval: &Interval, verdict: &Verdict) -> String {
        /// No measurement tells more.
        const MOST_DECIMALS: usize = 4;
        let Interval { value, low, high } = *interval;
        let unit = verdict.test.unit();
        let kind = if unit == Unit::Millivolts.symbol() {
            Unit::Millivolts
        } else {
            Unit::Percent
        };
        let (comparator, limit) = (verdict.comparator, verdict.limit);
        let true_to_limit = |decimals: usize| {
            let shown = |value: f64| format!("{value:.decimals$}").parse().unwrap_or(value);
            let same =
                |value: f64| comparator.met(shown(value), limit) == comparator.met(value, limit);
            [value, low, high].into_iter().all(same)
        };
        let usual = |value: f64| decimals(value, kind);
        let least = usual(value).min(usual(low)).min(usual(high));
        let rounds_true = [value, low, high].into_iter().all(|one| {
            let places = usual(one);
            let shown: f64 = format!("{one:.places$}").parse().unwrap_or(one);
            comparator.met(shown, limit) == comparator.met(one, limit)
        });
        let shown = if rounds_true {
            self.interval(value, low, high, kind)
        } else {
            let needed = (least + 1..MOST_DECIMALS).find(|count| true_to_limit(*count));
            let count = needed.unwrap_or(MOST_DECIMALS);
            self.spelled(value, low, high, |value| self.number(value, count))
        };
        format!("{shown}\u{A0}{}", self.unit(unit))
    }

    /// A unit in the language: percentage points have a word.
    pub fn unit(&self, unit: &str) -> String {
        if unit == POINTS {
            self.word("form.points")
        } else {
            unit.to_owned()
        }
    }

    /// Why a value is missing.
    pub fn reason(&self, why: &NotMeasured) -> String {
        let code = why.code();
        self.template
            .words
            .of("reason", code, &code.replace('_', " "))
    }

    /// The name of a channel: side and muscle, or its label.
    pub fn muscle(&self, channel: &ChannelStudy) -> String {
        let label = || muscle(&channel.label).map(|_| channel.label.as_str());
        let stated = channel
            .muscle
            .as_deref()
            .or_else(label)
            .unwrap_or(&channel.label);
        let name = one_line(
            self.template
                .words
                .find(&format!("muscle.{stated}"))
                .unwrap_or(stated),
        );
        match channel.side {
            Some(side) => format!("{name}, {}", self.side(side)),
            None => name,
        }
    }

    /// The name of a nerve; one that the language does not know as it is stated.
    pub fn nerve(&self, stated: &str) -> String {
        let key = format!("nerve.{}", stated.trim().to_lowercase());
        one_line(self.template.words.find(&key).unwrap_or(stated))
    }

    /// A side.
    pub fn side(&self, side: Side) -> String {
        self.word(match side {
            Side::Left => "side.left",
            Side::Right => "side.right",
        })
    }

    /// When a train was recorded, as to exercise: `1 min after 10 s exercise`.
    pub fn when(&self, when: When) -> String {
        match when {
            When::Rest => self.word("when.rest"),
            When::Unknown => self.word("when.unknown"),
            When::After { exercise, delay } => {
                let exercise = exercise.map_or_else(
                    || self.word("when.exercise"),
                    |length| self.fill("when.exercise_of", &[("length", &self.seconds(length))]),
                );
                let delay = self.delay(delay);
                self.fill("when.after", &[("delay", &delay), ("exercise", &exercise)])
            }
        }
    }

    /// A delay: seconds below a minute, then minutes.
    pub fn delay(&self, delay: Seconds) -> String {
        if delay.is_told_in_seconds() {
            format!("{} s", self.number(delay.0, 0))
        } else {
            format!("{} min", self.plain(delay.0 / 60.0, 1))
        }
    }

    /// A length in seconds.
    pub fn seconds(&self, length: Seconds) -> String {
        format!("{} s", self.plain(length.0, 1))
    }

    /// When a train was recorded: the entry of the first series that holds it, or what the program says of one that a reader excluded.
    pub fn when_of(&self, channel: &ChannelStudy, train: usize) -> When {
        self.study.when(self.place_of(channel), train)
    }

    /// The place of a channel in the study.
    pub fn place_of(&self, channel: &ChannelStudy) -> usize {
        let mut all = self.study.channels.iter();
        let found = all.position(|other| other.index == channel.index);
        found.unwrap_or(usize::MAX)
    }

    /// The file that states the corrections: the first beside the recording is its own.
    pub fn stated_in(&self) -> Option<&'a Beside> {
        let beside = &self.study.origin.beside;
        beside.iter().find(|file| file.path.ends_with(ENDING))
    }

    /// The rate of a train in Hz, or why there is none.
    pub fn rate(&self, train: &Train) -> Result<String, String> {
        match &train.rate {
            Ok(rate) => Ok(self.value(rate.0, Unit::Hertz)),
            Err(why) => Err(self.reason(why)),
        }
    }

    /// The trains of a channel by their numbers, in words: `ADM, right: 3, 4`.
    pub fn place(&self, channel: &ChannelStudy, trains: &[usize]) -> String {
        let name = self.muscle(channel);
        if trains.is_empty() {
            return name;
        }
        let numbers: Vec<_> = trains.iter().map(|train| (train + 1).to_string()).collect();
        let key = if trains.len() == 1 {
            "form.train"
        } else {
            "form.trains"
        };
        format!(
            "{} {}",
            self.lead(&name),
            self.fill(key, &[("numbers", &numbers.join(", "))])
        )
    }
}

/// The decimals with which a percentage or a voltage is usually shown.
fn decimals(value: f64, unit: Unit) -> usize {
    match unit {
        Unit::Percent => Percent(value).decimals(),
        _ => MILLIVOLT_DECIMALS,
    }
}

/// A label of a file in one line without control characters; a long one is cut, because nobody reads it on paper.
pub fn one_line(text: &str) -> String {
    const LONGEST: usize = 120;
    line_of(text, LONGEST)
}

/// A sentence in one line, which may hold labels of a file.
pub fn long_line(text: &str) -> String {
    const LONGEST: usize = 1200;
    line_of(text, LONGEST)
}

fn line_of(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == longest {
            line.push('…');
            break;
        }
        let blank = c.is_whitespace() || c.is_control();
        match c {
            _ if blank && line.ends_with(' ') => {}
            _ if blank => line.push(' '),
            c if turns(c) => {}
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinical_report::Template;
    use std::path::Path;

    fn with(language: &str, check: impl FnOnce(&Scene<'_>)) {
        let plan = crate::synth::Plan::default();
        let recording = crate::synth::simulate(&plan).recording;
        let study = crate::study::analyze(&recording, &crate::study::Settings::default()).unwrap();
        let text = format!("language = \"{language}\"");
        let template = Template::from_toml(&text, Path::new("")).unwrap();
        check(&Scene {
            study: &study,
            file: "a.edf",
            template: &template,
        });
    }

    #[test]
    fn a_number_is_spelled_as_the_language_spells_it() {
        with("de", |scene| {
            assert_eq!(
                scene.interval(24.34, 23.4, 25.24, Unit::Percent),
                "24,3 [23,4; 25,2]"
            );
            assert_eq!(scene.percent(-0.04), "0,0");
            assert_eq!(scene.percent(-12.25), "−12,2");
            assert_eq!(scene.percent(400.4), "400");
            assert_eq!(scene.plain(3.0, 1), "3");
            assert!(
                scene
                    .interval(1.0, f64::NEG_INFINITY, f64::INFINITY, Unit::Percent)
                    .contains('[')
            );
        });
    }

    #[test]
    fn a_value_near_a_limit_is_shown_on_its_side_of_it() {
        use crate::criteria::{Comparator, Test};
        with("en", |scene| {
            let mut verdict = scene.study.channels[0].verdicts[0].clone();
            verdict.test = Test::LowRate;
            let mut shown = |comparator, limit, [value, low, high]: [f64; 3]| {
                verdict.comparator = comparator;
                verdict.limit = limit;
                let interval = Interval { value, low, high };
                scene.of_verdict(&interval, &verdict).replace('\u{A0}', " ")
            };
            let at_least = Comparator::AtLeast;
            assert_eq!(
                shown(at_least, 10.0, [9.969, 9.959, 9.979]),
                "9.97 [9.96; 9.98] %"
            );
            assert_eq!(
                shown(at_least, 10.0, [9.9, 9.8, 9.9996]),
                "9.9000 [9.8000; 9.9996] %"
            );
            assert_eq!(
                shown(Comparator::Above, 10.0, [10.04, 10.01, 10.2]),
                "10.04 [10.01; 10.20] %"
            );
            assert_eq!(
                shown(at_least, 100.0, [99.97, 99.0, 101.2]),
                "99.97 [99.00; 101.20] %"
            );
            assert_eq!(
                shown(at_least, 10.0, [12.04, 11.0, 13.0]),
                "12.0 [11.0; 13.0] %"
            );
        });
    }

    #[test]
    fn a_label_is_one_line_without_signs_that_reorder_the_form() {
        assert_eq!(one_line(" a\n\tb\u{202e}c\u{0} "), "a bc");
        assert_eq!(one_line(&"x".repeat(10_000)).chars().count(), 121);
    }
}
