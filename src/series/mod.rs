//! Trains before and after exercise: facilitation, repair, exhaustion.
//!
#![doc = include_str!("../../docs/methods/series.md")]

mod comparisons;
mod exercise;

pub use comparisons::{COMPARISONS, ComparisonCard, POINTS};

use crate::cmap::{Cmap, NotMeasured};
use crate::error::{self, ErrorCode};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark, Vocabulary};
use crate::setting_range::Step;
use crate::train::enlargement;
use crate::train::{
    CONVENTIONS, ChangeEstimate, Direction, EnlargementReading, Exceedance, Train, TrainKind, Trust,
};
use crate::units::Seconds;
use exercise::Place;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// When a train was recorded, as to exercise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum When {
    /// At rest.
    Rest,
    /// After an exercise.
    After {
        /// How long the muscle was exercised; `None` if the file does not say.
        exercise: Option<Seconds>,
        /// From the end of the exercise to the first stimulus.
        delay: Seconds,
    },
    /// Nothing says so.
    Unknown,
}

/// The trains of one channel and one rate around one exercise.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which trains, in order of time, and so of their index.
    pub entries: Vec<Entry>,
    /// One entry per measure in [`crate::train::CHANGING_MEASURES`], comparison in [`COMPARISONS`] and entry that it applies to.
    pub comparisons: Vec<Comparison>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One train of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Index into the channel's trains.
    pub train: usize,
    /// When it was recorded.
    pub when: When,
}

/// A comparison of a train with the one at rest.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the comparison.
    pub comparison: &'static str,
    /// The train at rest: index into the channel's trains.
    pub from_train: Option<usize>,
    /// The train that is compared; `None` when there is no value.
    pub to_train: Option<usize>,
    /// In percent or percentage points, by the card, or why there is none.
    pub value: Result<ChangeEstimate, NotMeasured>,
    /// How probable it is that the value exceeds each limit of the settings; empty without a value or without a known noise.
    pub above: Vec<Exceedance>,
    /// What makes the response after exercise larger, for the facilitation of the amplitude.
    pub enlargement: Result<EnlargementReading, NotMeasured>,
}

/// How trains become series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A mark may come this much after the first stimulus of the train that it concerns, in ms. Heuristic.
    pub mark_tolerance_ms: f64,
    /// So long after the end of an exercise a train counts as rest again, in s. Heuristic: exhaustion is sought until 6 min.
    pub washout_s: f64,
    /// A stated time after exercise is replaced by the true one if they differ by no more than this, in s. Heuristic: trains "at 1 min"
    /// are given some seconds off. A larger difference means that the recording was paused, and then the stated time holds.
    pub stated_delay_tolerance_s: f64,
    /// The first response after exercise counts for facilitation up to this delay, in s. Heuristic: facilitation fades within a minute,
    /// and in some reports within 15 s.
    pub facilitation_within_s: f64,
    /// The first low-rate train up to this delay counts for repair, in s. Heuristic: a train "right after" exercise.
    pub repair_within_s: f64,
    /// Exhaustion is sought from this delay on, in s: 1 min (heuristic: 10 s early is tolerated).
    pub exhaustion_from_s: f64,
    /// Exhaustion is sought up to this delay, in s: 5 min (heuristic: 30 s late is tolerated).
    pub exhaustion_until_s: f64,
    /// The id of the convention of the decrements that repair and exhaustion compare.
    #[serde(deserialize_with = "decrement_id")]
    #[schemars(schema_with = "decrement_ids")]
    pub decrement: String,
    /// Limits in percent; the probability that each facilitation exceeds each of them is written. 60 % and 100 %: Oh 2005, PMID 16003742.
    pub facilitation_limits_pct: Vec<f64>,
    /// Limits in percentage points; the probability that repair and exhaustion exceed each of them is written. Heuristic.
    pub difference_limits_points: Vec<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mark_tolerance_ms: 10.0,
            washout_s: 900.0,
            stated_delay_tolerance_s: 20.0,
            facilitation_within_s: 15.0,
            repair_within_s: 30.0,
            exhaustion_from_s: 50.0,
            exhaustion_until_s: 330.0,
            decrement: "decrement_1_4".to_owned(),
            facilitation_limits_pct: vec![60.0, 100.0],
            difference_limits_points: vec![5.0],
        }
    }
}

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> error::Result<()> {
        let Self {
            mark_tolerance_ms,
            washout_s,
            stated_delay_tolerance_s,
            facilitation_within_s,
            repair_within_s,
            exhaustion_from_s,
            exhaustion_until_s,
            decrement,
            facilitation_limits_pct,
            difference_limits_points,
        } = self;
        let step = Step("series");
        step.not_negative("mark_tolerance_ms", *mark_tolerance_ms)?;
        step.not_negative("washout_s", *washout_s)?;
        step.not_negative("stated_delay_tolerance_s", *stated_delay_tolerance_s)?;
        step.not_negative("facilitation_within_s", *facilitation_within_s)?;
        step.not_negative("repair_within_s", *repair_within_s)?;
        step.not_negative("exhaustion_from_s", *exhaustion_from_s)?;
        step.not_negative("exhaustion_until_s", *exhaustion_until_s)?;
        step.not_more(
            ("exhaustion_from_s", *exhaustion_from_s),
            ("exhaustion_until_s", *exhaustion_until_s),
        )?;
        known_decrement(decrement).map_err(|what| {
            error::Error::new(ErrorCode::BadSettings, what).at("series.decrement")
        })?;
        step.limits("facilitation_limits_pct", facilitation_limits_pct)?;
        step.limits("difference_limits_points", difference_limits_points)
    }
}

/// The ids of the conventions of a decrement.
fn decrements() -> impl Iterator<Item = &'static str> {
    CONVENTIONS
        .iter()
        .filter(|convention| convention.direction == Direction::Decrement)
        .map(|convention| convention.id)
}

fn decrement_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    known_decrement(&id).map_err(D::Error::custom)?;
    Ok(id)
}

/// Whether there is a decrement of that id, or what there is.
fn known_decrement(id: &str) -> Result<(), String> {
    if decrements().any(|known| known == id) {
        return Ok(());
    }
    let known: Vec<_> = decrements().collect();
    let expected = known.join(", ");
    Err(format!(
        "\"{id}\" is no convention of a decrement: expected one of {expected}"
    ))
}

fn decrement_ids(_: &mut SchemaGenerator) -> Schema {
    let ids: Vec<_> = decrements().collect();
    json_schema!({ "type": "string", "enum": ids })
}

impl Series {
    /// The entry of a train.
    pub fn entry(&self, train: usize) -> Option<&Entry> {
        let place = self
            .entries
            .binary_search_by_key(&train, |entry| entry.train);
        self.entries.get(place.ok()?)
    }
}

/// When a train was recorded, as to exercise: the entry of the first series of its channel that holds it.
pub fn entry_of(series: &[Series], train: usize) -> Option<&Entry> {
    series.iter().find_map(|series| series.entry(train))
}

/// What [`arrange`] needs of one channel.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The index of the channel, by which marks that concern another channel are left out.
    pub channel: usize,
    /// The channel's trains.
    pub trains: &'a [Train],
    /// The channel's responses.
    pub cmaps: &'a [Cmap],
    /// The marks of the recording.
    pub marks: &'a [Mark],
    /// What the marks mean.
    pub vocabulary: &'a Vocabulary,
    /// Whether times are true.
    pub clock: Clock,
    /// How a true increment is told from pseudofacilitation: the same as in trains.
    pub enlargement: &'a enlargement::Settings,
    /// When trains were recorded by what a reader says, by their index.
    pub by_hand: &'a BTreeMap<usize, When>,
}

/// The kinds of trains, in the order of their series.
const KINDS: [TrainKind; 4] = [
    TrainKind::Low,
    TrainKind::High,
    TrainKind::Single,
    TrainKind::Other,
];

/// Arranges the trains of one channel around the exercises.
///
/// For each exercise and each kind of train that follows it there is one series: the trains of that kind at rest before it, and those
/// after it until the next exercise. Trains that belong to no such series follow in series without comparisons, by kind, so that each
/// train stands in at least one series, but those that a reader excluded. Facilitation stands in the series of the train whose first response it uses.
pub fn arrange(material: Material<'_>, settings: &Settings) -> Vec<Series> {
    let placed = exercise::place(&material, settings);
    let mut series = Vec::new();
    // A train that a reader excluded stands in no series.
    let mut used: Vec<bool> = material.trains.iter().map(is_excluded).collect();
    let mut exercises: Vec<usize> = placed.iter().filter_map(|place| place.exercise).collect();
    exercises.dedup();
    let states = States::of(&placed);
    for exercise in exercises {
        let around = Around::new(&material, &placed, &states, exercise);
        let facilitated = comparisons::facilitated(&around, settings);
        for kind in KINDS {
            let after: Vec<usize> = around.after(kind).collect();
            let Some(&first) = after.first() else {
                continue;
            };
            let mut members: Vec<usize> = around.rest(kind).chain(after.iter().copied()).collect();
            let mut comparisons = Vec::new();
            if kind == TrainKind::Low {
                comparisons.extend(comparisons::repair(&around, settings));
                comparisons.extend(comparisons::exhaustion(&around, settings));
            }
            // Facilitation has one place: with its train, or with the first series if there is none.
            let here = facilitated.map_or(around.earliest_after() == Some(first), |train| {
                after.contains(&train)
            });
            if here {
                comparisons.splice(
                    0..0,
                    comparisons::facilitation(&around, facilitated, settings),
                );
                members.extend(around.last_rest());
            }
            members.sort_unstable();
            members.dedup();
            for &member in &members {
                used[member] = true;
            }
            series.push(Series {
                entries: members
                    .iter()
                    .map(|&train| Entry {
                        train,
                        when: placed[train].when,
                    })
                    .collect(),
                comparisons,
                findings: members
                    .iter()
                    .filter_map(|&train| placed[train].finding.clone())
                    .collect(),
            });
        }
    }
    series.extend(unrelated(&material, &placed, &used));
    series
}

/// Whether a reader excluded the train.
fn is_excluded(train: &Train) -> bool {
    train.trust == Trust::Excluded
}

/// Series without comparisons for the trains that belong to no exercise.
fn unrelated(material: &Material<'_>, placed: &[Place], used: &[bool]) -> Vec<Series> {
    let mut series = Vec::new();
    for kind in KINDS {
        let entries: Vec<Entry> = material
            .trains
            .iter()
            .zip(placed)
            .enumerate()
            .filter(|(index, (train, _))| train.kind == kind && !used[*index])
            .map(|(train, (_, place))| Entry {
                train,
                when: place.when,
            })
            .collect();
        if entries.is_empty() {
            continue;
        }
        let mut findings: Vec<Finding> = entries
            .iter()
            .filter_map(|entry| placed[entry.train].finding.clone())
            .collect();
        let unknown = entries
            .iter()
            .filter(|entry| entry.when == When::Unknown)
            .count();
        if unknown > 1 && findings.is_empty() {
            let detail = format!("{unknown} trains without a mark of rest or exercise");
            findings.push(Finding::new(FindingCode::ExerciseUnknown, detail));
        }
        series.push(Series {
            entries,
            comparisons: Vec::new(),
            findings,
        });
    }
    series
}

/// Which trains were recorded at rest, and which after which exercise, each in order.
struct States {
    rest: Vec<usize>,
    after: BTreeMap<usize, Vec<usize>>,
}

impl States {
    fn of(placed: &[Place]) -> Self {
        let mut states = Self {
            rest: Vec::new(),
            after: BTreeMap::new(),
        };
        for (train, place) in placed.iter().enumerate() {
            if place.when == When::Rest {
                states.rest.push(train);
            }
            if let Some(exercise) = place.exercise {
                states.after.entry(exercise).or_default().push(train);
            }
        }
        states
    }
}

/// The trains around one exercise.
struct Around<'a> {
    material: &'a Material<'a>,
    placed: &'a [Place],
    /// All trains after it.
    after: &'a [usize],
    /// All trains at rest before the first of those.
    rest: &'a [usize],
}

impl<'a> Around<'a> {
    fn new(
        material: &'a Material<'a>,
        placed: &'a [Place],
        states: &'a States,
        exercise: usize,
    ) -> Self {
        let after = states.after.get(&exercise).map_or(&[][..], Vec::as_slice);
        let first = after.first().copied().unwrap_or(0);
        let before = states.rest.partition_point(|&train| train < first);
        Self {
            material,
            placed,
            after,
            rest: &states.rest[..before],
        }
    }

    fn is(&self, train: usize, kind: TrainKind) -> bool {
        self.material
            .trains
            .get(train)
            .is_some_and(|train| train.kind == kind)
    }

    fn all_after(&self) -> impl Iterator<Item = usize> + '_ {
        self.after.iter().copied()
    }

    fn after(&self, kind: TrainKind) -> impl Iterator<Item = usize> + '_ {
        self.all_after().filter(move |&train| self.is(train, kind))
    }

    fn earliest_after(&self) -> Option<usize> {
        self.all_after().next()
    }

    fn all_rest(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.rest.iter().copied()
    }

    fn rest(&self, kind: TrainKind) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.all_rest().filter(move |&train| self.is(train, kind))
    }

    /// The last train at rest before the exercise, of any kind.
    fn last_rest(&self) -> Option<usize> {
        self.all_rest().next_back()
    }

    /// From the end of the exercise to the first stimulus of a train.
    fn delay(&self, train: usize) -> Option<f64> {
        match self.placed.get(train)?.when {
            When::After { delay, .. } => Some(delay.0),
            When::Rest | When::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests;
