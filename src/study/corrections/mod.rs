//! What a reader changed by hand: found in the study, applied, and told with what it replaced.
//!
//! The study is analyzed twice, without the corrections and with them, along the one path. The numbers of trains and responses are those of the
//! first time; corrections never change them.

mod check;
mod plan;

pub(super) use check::{check, tell};
pub(super) use plan::{ChannelPlan, Plan, plan};

use super::{ChannelStudy, Study};
use crate::cmap::Cmap;
use crate::criteria::Verdict;
use crate::pattern::Pattern;
use crate::recording::{Point, Side};
use crate::series::{self, Series, When};
use crate::train::Train;
use crate::units::Milliseconds;

/// A correction as it was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Its place among the corrections of its file, from 1.
    pub number: usize,
    /// Who: initials or role of the reader.
    pub by: String,
    /// When.
    pub date: String,
    /// Why.
    pub reason: String,
    /// The place of the channel in the study.
    pub channel: usize,
    /// The index of the train, where it concerns one or a response of one.
    pub train: Option<usize>,
    /// The index of the response among the channel's responses, where it concerns one.
    pub response: Option<usize>,
    /// The number of that response in its train.
    pub ordinal: Option<usize>,
    /// What was changed.
    pub changes: Vec<Changed>,
}

/// One thing that was changed by hand: what, from what, to what.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// A landmark was placed, in ms after the stimulus.
    Landmark {
        /// Which.
        point: Point,
        /// Where the program has it; `None` where it has none.
        from: Option<Milliseconds>,
        /// Where the reader put it.
        to: Milliseconds,
    },
    /// A response or a train was excluded.
    Excluded,
    /// The muscle.
    Muscle(Option<String>, String),
    /// The nerve.
    Nerve(Option<String>, String),
    /// The side.
    Side(Option<Side>, Side),
    /// When the train was recorded, as to exercise.
    When(When, When),
}

impl Changed {
    /// The stable name of what was changed, as it stands in tables: `onset`, `excluded`, `muscle` …
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Landmark { point, .. } => point.as_str(),
            Self::Excluded => "excluded",
            Self::Muscle(..) => "muscle",
            Self::Nerve(..) => "nerve",
            Self::Side(..) => "side",
            Self::When(..) => "when",
        }
    }
}

impl Correction {
    /// In one line, for a channel of that label.
    fn told(&self, label: &str) -> String {
        let mut place = format!("\"{label}\"");
        if let Some(train) = self.train {
            place += &format!(", train {}", train + 1);
        }
        match (self.response, self.ordinal) {
            (Some(_), Some(ordinal)) => place += &format!(", response {ordinal}"),
            (Some(_), None) => place += ", a response without a number",
            (None, _) => {}
        }
        let changes: Vec<_> = self.changes.iter().map(Changed::told).collect();
        let line = format!(
            "{place}: {} ({}, {}: {})",
            changes.join("; "),
            self.by,
            self.date,
            self.reason
        );
        // Texts of a person may hold line feeds.
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Changed {
    /// In words: `onset 3.21 → 3.40 ms`.
    fn told(&self) -> String {
        let what = self.what().replace('_', " ");
        let unknown = || "not stated".to_owned();
        let text = |text: &Option<String>| text.clone().unwrap_or_else(unknown);
        let side = |side: Side| side.as_str().to_owned();
        let (from, to) = match self {
            Self::Excluded => return what,
            Self::Landmark { from, to, .. } => (
                from.map_or("none".to_owned(), |time| format!("{:.2}", time.0)),
                format!("{:.2} ms", to.0),
            ),
            Self::Muscle(from, to) | Self::Nerve(from, to) => (text(from), to.clone()),
            Self::Side(from, to) => (from.map_or_else(unknown, side), side(*to)),
            Self::When(from, to) => (when_told(*from), when_told(*to)),
        };
        format!("{what} {from} → {to}")
    }
}

fn when_told(when: When) -> String {
    match when {
        When::Rest => "rest".to_owned(),
        When::Unknown => "unknown".to_owned(),
        When::After { exercise, delay } => {
            let exercise = exercise.map(|length| format!("{:.0} s ", length.0));
            format!(
                "{:.0} s after {}exercise",
                delay.0,
                exercise.unwrap_or_default()
            )
        }
    }
}

/// What the program measured before a reader corrected it.
#[derive(Clone, Debug, PartialEq)]
pub struct Original {
    /// The channels, in the order of the study.
    pub channels: Vec<OriginalChannel>,
    /// The pattern of the muscles.
    pub pattern: Pattern,
}

/// What the program measured of one channel before a reader corrected it.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginalChannel {
    /// The muscle, where known.
    pub muscle: Option<String>,
    /// The nerve, where known.
    pub nerve: Option<String>,
    /// The side, where known.
    pub side: Option<Side>,
    /// The responses.
    pub cmaps: Vec<Cmap>,
    /// The trains.
    pub trains: Vec<Train>,
    /// The series around exercises.
    pub series: Vec<Series>,
    /// What criterion sets say.
    pub verdicts: Vec<Verdict>,
}

impl Original {
    /// What a study without corrections holds.
    pub(super) fn of(study: Study) -> Self {
        let channel = |channel: ChannelStudy| OriginalChannel {
            muscle: channel.muscle,
            nerve: channel.nerve,
            side: channel.side,
            cmaps: channel.cmaps,
            trains: channel.trains,
            series: channel.series,
            verdicts: channel.verdicts,
        };
        Self {
            channels: study.channels.into_iter().map(channel).collect(),
            pattern: study.pattern,
        }
    }
}

impl OriginalChannel {
    /// When a train was recorded.
    pub fn when(&self, train: usize) -> When {
        when_of(&self.series, train)
    }
}

/// When a train was recorded: the entry of the first series that holds it.
fn when_of(series: &[Series], train: usize) -> When {
    series::entry_of(series, train).map_or(When::Unknown, |entry| entry.when)
}

impl Study {
    /// The corrections that concern a channel as a whole.
    pub fn corrections_of_channel(&self, channel: usize) -> impl Iterator<Item = &Correction> {
        self.corrections.iter().filter(move |correction| {
            correction.channel == channel
                && correction.train.is_none()
                && correction.response.is_none()
        })
    }

    /// The corrections that concern a train: itself, then its responses.
    pub fn corrections_of_train(
        &self,
        channel: usize,
        train: usize,
    ) -> impl Iterator<Item = &Correction> {
        self.corrections.iter().filter(move |correction| {
            correction.channel == channel && correction.train == Some(train)
        })
    }

    /// The corrections of one response, by its index.
    pub fn corrections_of_response(
        &self,
        channel: usize,
        response: usize,
    ) -> impl Iterator<Item = &Correction> {
        self.corrections.iter().filter(move |correction| {
            correction.channel == channel && correction.response == Some(response)
        })
    }

    /// What the program measured of a channel, where anything in the study was corrected.
    pub fn original_channel(&self, channel: usize) -> Option<&OriginalChannel> {
        self.original.as_ref()?.channels.get(channel)
    }

    /// The corrections in words, a line each: `channel "APB right", train 2, response 1: onset 3.21 → 3.40 ms (AB, 2026-11-20: …)`.
    pub fn told_corrections(&self) -> Vec<String> {
        self.corrections
            .iter()
            .map(|correction| {
                let label = self
                    .channels
                    .get(correction.channel)
                    .map_or("", |channel| channel.label.as_str());
                correction.told(label)
            })
            .collect()
    }

    /// When a train was recorded; of a train that a reader excluded what the program says.
    pub fn when(&self, channel: usize, train: usize) -> When {
        let content = self.channels.get(channel);
        match content.map(|content| when_of(&content.series, train)) {
            Some(When::Unknown) | None => self
                .original_channel(channel)
                .map_or(When::Unknown, |original| original.when(train)),
            Some(when) => when,
        }
    }
}
