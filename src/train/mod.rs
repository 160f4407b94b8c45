//! Responses to a series of stimuli: their rate, their numbering by time, and how they change.
//!
#![doc = include_str!("../../docs/methods/train.md")]

mod change;
mod conventions;
pub mod enlargement;
mod grouping;
mod holds;
mod notice;
mod rhythm;
mod segmentation;
pub mod shape;

pub use change::{between, value_of};
pub(crate) use change::{exceedances, largest};
pub use conventions::{CONVENTIONS, Convention, Direction, Target};
pub use enlargement::{Enlargement, EnlargementReading};
pub use shape::{SHAPES, Shape, ShapeCard};

use crate::cmap::{Cmap, NotMeasured, Value};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark, Vocabulary};
use crate::setting_range::Step;
use crate::stimulus::Stimulus;
use crate::units::{Hertz, Percent, Seconds};
use change::Numbered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A train of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Train {
    /// The text of the mark that began it, if any.
    pub label: Option<String>,
    /// When its first stimulus came.
    pub start: Seconds,
    /// Low, high, single or other.
    pub kind: TrainKind,
    /// Stimuli per second, or why there is none.
    pub rate: Result<Hertz, NotMeasured>,
    /// Coefficient of variation of the intervals after missing stimuli are accounted for; `None` below three stimuli.
    pub irregularity: Option<Percent>,
    /// Its responses in order of time.
    pub responses: Vec<Response>,
    /// The ordinals (from 1) at which the rhythm expects a stimulus and none was given.
    pub missing: Vec<usize>,
    /// One entry per measure in [`CHANGING_MEASURES`] and convention in [`CONVENTIONS`].
    pub changes: Vec<Change>,
    /// The shape of its amplitudes, for a low-rate train.
    pub shape: Result<Shape, NotMeasured>,
    /// Its late decrement of the amplitude (last response) in percent of its early one (response 4), for a low-rate train.
    pub late_over_early: Result<ChangeEstimate, NotMeasured>,
    /// What makes its highest response larger than the first, for a high-rate train.
    pub enlargement: Result<EnlargementReading, NotMeasured>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Whether it can be believed; decided by `quality::assess`, unless a reader excluded it.
    pub trust: Trust,
}

/// Whether a train can be believed. One that cannot gives no verdict, but keeps its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "trust", content = "refused_by", rename_all = "snake_case")]
pub enum Trust {
    /// Nothing speaks against it.
    Believed,
    /// These findings do.
    Refused(Vec<FindingCode>),
    /// A reader excluded it.
    Excluded,
}

impl Trust {
    /// Whether the train can be believed.
    pub fn is_believed(&self) -> bool {
        *self == Self::Believed
    }

    /// What speaks against it.
    pub fn refused_by(&self) -> &[FindingCode] {
        match self {
            Self::Believed => &[],
            Self::Refused(codes) => codes,
            Self::Excluded => &[FindingCode::CorrectedByHand],
        }
    }
}

/// The place of a response in its train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// Index into the channel's sweeps and CMAPs.
    pub index: usize,
    /// Its number in the train, from 1, by time; `None` for a stimulus that does not fit the rhythm.
    pub ordinal: Option<usize>,
}

/// What a train is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainKind {
    /// One stimulus.
    Single,
    /// 2–5 Hz: decrement.
    Low,
    /// 20–50 Hz: increment.
    High,
    /// Any other rate, or none known.
    Other,
}

/// The measures whose change over a train is reported.
pub static CHANGING_MEASURES: &[&str] = &["amplitude", "area"];

/// The change between two responses, in percent of the first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// The id of the measure.
    pub measure: &'static str,
    /// The id of the convention.
    pub convention: &'static str,
    /// The ordinal of the response that the change is taken from.
    pub from: usize,
    /// The ordinal of the response that it is taken to; `None` when there is no value.
    pub to: Option<usize>,
    /// The change with its interval, or why there is none.
    pub value: Result<ChangeEstimate, NotMeasured>,
    /// How probable it is that the change exceeds each limit of the settings; empty without a value or without a known noise.
    pub above: Vec<Exceedance>,
}

/// How probable it is that a true change exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Exceedance {
    /// The limit, in the unit of the change.
    pub limit: Percent,
    /// From 0 to 1, by [`ChangeEstimate::probability_above`].
    pub probability: f64,
}

/// A change with its doubt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ChangeEstimate {
    /// In percent, sign by the convention.
    pub value: Percent,
    /// Lower end of the 95 % interval.
    pub low: Percent,
    /// Upper end of the 95 % interval.
    pub high: Percent,
    /// The standard deviation that follows from the noise of both responses; infinite, with both ends, where that is not known.
    pub sd: Percent,
    /// A bound on systematic error, added to both sides.
    pub bound: Percent,
}

/// How stimuli become trains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A longer interval between two stimuli separates trains, in s. Heuristic: above one missing stimulus at 1 Hz (2 s).
    pub longest_interval_s: f64,
    /// Two stimuli closer than this are never a rhythm, in ms. Heuristic: below the 20 ms of 50 Hz, the fastest rate in use.
    pub shortest_interval_ms: f64,
    /// So many stimuli in a row may be missing inside a train; a longer pause separates trains. Heuristic.
    pub missing_in_a_row_max: usize,
    /// A mark that begins a train may come this much after its first stimulus, in ms. Heuristic.
    pub mark_tolerance_ms: f64,
    /// Above this coefficient of variation of its intervals, in percent, a train is called irregular. Heuristic.
    pub irregularity_max_pct: f64,
    /// The lowest rate of a low-rate train, in Hz: 2 Hz with a tolerance of 5 % (heuristic).
    pub low_min_hz: f64,
    /// The highest rate of a low-rate train, in Hz: 5 Hz with a tolerance of 5 % (heuristic).
    pub low_max_hz: f64,
    /// The lowest rate of a high-rate train, in Hz: 20 Hz with a tolerance of 5 % (heuristic).
    pub high_min_hz: f64,
    /// The highest rate of a high-rate train, in Hz: 50 Hz with a tolerance of 5 % (heuristic).
    pub high_max_hz: f64,
    /// Limits in percent; the probability that each decrement exceeds each of them is written. 10 %: AAEM 2001, PMID 11494281.
    pub decrement_limits_pct: Vec<f64>,
    /// Limits in percent; the probability that each increment exceeds each of them is written. 60 % and 100 %: Oh 2005, PMID 16003742.
    pub increment_limits_pct: Vec<f64>,
    /// From where on a train has which shape.
    pub shape: shape::Settings,
    /// How a true increment is told from pseudofacilitation.
    pub enlargement: enlargement::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            longest_interval_s: 2.5,
            shortest_interval_ms: 12.0,
            missing_in_a_row_max: 2,
            mark_tolerance_ms: 10.0,
            irregularity_max_pct: 10.0,
            low_min_hz: 1.9,
            low_max_hz: 5.25,
            high_min_hz: 19.0,
            high_max_hz: 52.5,
            decrement_limits_pct: vec![10.0],
            increment_limits_pct: vec![60.0, 100.0],
            shape: shape::Settings::default(),
            enlargement: enlargement::Settings::default(),
        }
    }
}

/// No more stimuli may be missing in a row: each of them has a number (heuristic).
const MOST_MISSING: usize = 1000;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> crate::error::Result<()> {
        let Self {
            longest_interval_s,
            shortest_interval_ms,
            missing_in_a_row_max,
            mark_tolerance_ms,
            irregularity_max_pct,
            low_min_hz,
            low_max_hz,
            high_min_hz,
            high_max_hz,
            decrement_limits_pct,
            increment_limits_pct,
            shape,
            enlargement,
        } = self;
        let step = Step("train");
        step.positive("longest_interval_s", *longest_interval_s)?;
        step.positive("shortest_interval_ms", *shortest_interval_ms)?;
        step.not_more(
            ("shortest_interval_ms", *shortest_interval_ms),
            ("longest_interval_s in ms", 1000.0 * longest_interval_s),
        )?;
        step.count(
            "missing_in_a_row_max",
            *missing_in_a_row_max,
            0..=MOST_MISSING,
        )?;
        step.not_negative("mark_tolerance_ms", *mark_tolerance_ms)?;
        step.not_negative("irregularity_max_pct", *irregularity_max_pct)?;
        step.not_negative("low_min_hz", *low_min_hz)?;
        step.positive("low_max_hz", *low_max_hz)?;
        step.not_more(("low_min_hz", *low_min_hz), ("low_max_hz", *low_max_hz))?;
        step.positive("high_min_hz", *high_min_hz)?;
        step.not_more(("low_max_hz", *low_max_hz), ("high_min_hz", *high_min_hz))?;
        step.positive("high_max_hz", *high_max_hz)?;
        step.not_more(("high_min_hz", *high_min_hz), ("high_max_hz", *high_max_hz))?;
        step.limits("decrement_limits_pct", decrement_limits_pct)?;
        step.limits("increment_limits_pct", increment_limits_pct)?;
        shape.check()?;
        enlargement.check()
    }
}

/// What [`group`] needs of one channel: stimuli, CMAPs (both of the same length and order), and the recording's marks and clock.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The index of the channel, by which marks that concern another channel are left out.
    pub channel: usize,
    /// The stimuli of the channel's sweeps.
    pub stimuli: &'a [Stimulus],
    /// The measured responses to them.
    pub cmaps: &'a [Cmap],
    /// The marks of the recording.
    pub marks: &'a [Mark],
    /// What the marks mean.
    pub vocabulary: &'a Vocabulary,
    /// Whether times are true.
    pub clock: Clock,
}

/// Groups the responses of one channel into trains, numbers them by time and computes their changes.
///
/// When the recording knows only the order of its sweeps, all of them form one train without a rate.
pub fn group(material: Material<'_>, settings: &Settings) -> Vec<Train> {
    if material.stimuli.is_empty() {
        return Vec::new();
    }
    match material.clock {
        Clock::OrderOnly => vec![ordered(&material, settings)],
        Clock::True | Clock::Stated => grouping::groups(&material, settings)
            .into_iter()
            .map(|group| timed(&material, settings, group))
            .collect(),
    }
}

/// One train of all sweeps, numbered in their order.
fn ordered(material: &Material<'_>, settings: &Settings) -> Train {
    let responses: Vec<Response> = (0..material.stimuli.len())
        .map(|index| Response {
            index,
            ordinal: Some(index + 1),
        })
        .collect();
    let mut train = Train {
        label: None,
        start: start(material, &responses),
        kind: TrainKind::Other,
        rate: Err(NotMeasured::ClockUnknown),
        irregularity: None,
        changes: changes_of(material, settings, &responses),
        responses,
        shape: Err(NotMeasured::TooFewStimuli),
        late_over_early: Err(NotMeasured::TooFewStimuli),
        enlargement: Err(NotMeasured::TooFewStimuli),
        missing: Vec::new(),
        findings: Vec::new(),
        trust: Trust::Believed,
    };
    describe(&mut train, material, settings, None);
    train
}

fn timed(material: &Material<'_>, settings: &Settings, group: grouping::Group) -> Train {
    let responses: Vec<Response> = group
        .stimuli
        .clone()
        .zip(group.rhythm.ordinals)
        .map(|(index, ordinal)| Response { index, ordinal })
        .collect();
    let rate = group.rhythm.period.map(|period| Hertz(1.0 / period));
    let mut train = Train {
        label: group.label,
        start: start(material, &responses),
        kind: kind(rate, settings),
        rate: rate.ok_or(NotMeasured::TooFewStimuli),
        irregularity: group.rhythm.irregularity_pct.map(Percent),
        changes: changes_of(material, settings, &responses),
        responses,
        shape: Err(NotMeasured::TooFewStimuli),
        late_over_early: Err(NotMeasured::TooFewStimuli),
        enlargement: Err(NotMeasured::TooFewStimuli),
        missing: group.rhythm.missing,
        findings: Vec::new(),
        trust: Trust::Believed,
    };
    describe(&mut train, material, settings, Some(settings));
    train
}

/// What follows from the responses and changes of a train.
fn describe(
    train: &mut Train,
    material: &Material<'_>,
    settings: &Settings,
    rhythm: Option<&Settings>,
) {
    let cmaps = material.cmaps;
    train.shape = shape::shape_of(cmaps, train, &settings.shape);
    train.late_over_early = shape::late_over_early(cmaps, train, "amplitude", &settings.shape);
    train.enlargement = enlargement::of_train(cmaps, train, &settings.enlargement);
    train.findings = notice::findings(train, material, rhythm);
}

/// The time of the first stimulus that belongs to the rhythm.
fn start(material: &Material<'_>, responses: &[Response]) -> Seconds {
    responses
        .iter()
        .find(|response| response.ordinal.is_some())
        .and_then(|response| material.stimuli.get(response.index))
        .map_or(Seconds(0.0), |stimulus| stimulus.time)
}

fn kind(rate: Option<Hertz>, settings: &Settings) -> TrainKind {
    match rate {
        None => TrainKind::Single,
        Some(Hertz(rate)) if (settings.low_min_hz..=settings.low_max_hz).contains(&rate) => {
            TrainKind::Low
        }
        Some(Hertz(rate)) if (settings.high_min_hz..=settings.high_max_hz).contains(&rate) => {
            TrainKind::High
        }
        Some(_) => TrainKind::Other,
    }
}

fn changes_of(material: &Material<'_>, settings: &Settings, responses: &[Response]) -> Vec<Change> {
    change::changes(settings, |measure| {
        responses
            .iter()
            .filter_map(|response| {
                let value = response_value(material.cmaps, *response, measure);
                Some(Numbered {
                    ordinal: response.ordinal?,
                    value,
                })
            })
            .collect()
    })
}

/// The value of one measure of a response of a train.
pub fn response_value(cmaps: &[Cmap], response: Response, measure: &str) -> Value {
    cmaps
        .get(response.index)
        .map_or(Err(NotMeasured::NoSignal), |cmap| value_of(cmap, measure))
}

impl Train {
    /// The first response of its rhythm.
    pub fn first(&self) -> Option<Response> {
        self.responses
            .iter()
            .copied()
            .find(|response| response.ordinal == Some(1))
    }

    /// The change of a measure by a convention.
    pub fn change(&self, measure: &str, convention: &str) -> Option<&Change> {
        self.changes
            .iter()
            .find(|change| change.measure == measure && change.convention == convention)
    }
}
