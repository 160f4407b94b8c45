//! The shape of the envelope of a low-rate train, and how its late decrement compares with its early one.
//!
#![doc = include_str!("../../../docs/methods/shape.md")]

mod cards;
mod envelope;
mod late;
mod rules;
#[cfg(test)]
mod tests;

pub use cards::{SHAPES, ShapeCard};

use super::change::Numbered;
use super::{ChangeEstimate, Response, Train, TrainKind, response_value};
use crate::cmap::{Cmap, NotMeasured};
use crate::setting_range::{MOST_COUNTED, Step};
use envelope::Envelope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shape of the amplitudes of a train at 2–5 Hz; the rule of each stands on its card in [`SHAPES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Neither falls nor rises by the smallest change that counts.
    Even,
    /// Falls to its lowest at response 3 to 6 and recovers in part.
    UShape,
    /// Falls until response 3 to 6 and stays there.
    Plateau,
    /// Keeps falling, and the late decrement exceeds the early one.
    Progressive,
    /// Hardly falls up to response 4 and then does.
    LateOnly,
    /// Falls along a straight line.
    Linear,
    /// Changes at once between two flat stretches.
    Step,
    /// Goes up and down from response to response.
    Irregular,
    /// Rises.
    Rising,
    /// Two shapes cannot be told apart within the intervals, or none fits.
    Unclear,
}

impl Shape {
    /// The stable name, as it stands in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::UShape => "u_shape",
            Self::Plateau => "plateau",
            Self::Progressive => "progressive",
            Self::LateOnly => "late_only",
            Self::Linear => "linear",
            Self::Step => "step",
            Self::Irregular => "irregular",
            Self::Rising => "rising",
            Self::Unclear => "unclear",
        }
    }
}

/// From where on a train has which shape. All of it is heuristic, the 102 % excepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A train with fewer responses has no shape. Heuristic.
    pub responses_min: usize,
    /// The last response stands for "late" only from this number on. Heuristic: the abstract of PMID 24332471 does not define late.
    pub late_response_min: usize,
    /// A fall of less, in percent of the first response, is none. 5 % is used where artefact is excluded; as the limit of a shape, heuristic.
    pub decrement_min_pct: f64,
    /// A rise of less, in percent of the first response, is none. Heuristic.
    pub rise_min_pct: f64,
    /// A step is a change between neighbors of at least this, in percent of the first response. Heuristic.
    pub step_min_pct: f64,
    /// On each side of a step the responses vary by no more than this standard deviation, in percent of the first response. Heuristic.
    pub step_flat_sd_pct: f64,
    /// An irregular train goes up or down by at least this, in percent of the first response. Heuristic.
    pub swing_min_pct: f64,
    /// An irregular train changes its direction at least so often by such a swing. Heuristic.
    pub swings_min: usize,
    /// A train that falls late has an early decrement (response 4) below this, in percent. Heuristic.
    pub late_only_early_max_pct: f64,
    /// A train that falls late or along a line has a late decrement (last response) of at least this, in percent. Heuristic.
    pub late_min_pct: f64,
    /// A straight line explains at least this part of the variance that noise does not explain, from 0 to 1. Heuristic.
    pub linear_r_squared_min: f64,
    /// Along a straight line the second half falls at least this steep, in percent of the slope of the first half. Heuristic.
    pub linear_second_half_min_pct: f64,
    /// The last response of a U-shape has regained at least this, in percent of the largest fall. Heuristic.
    pub recovery_min_pct: f64,
    /// From the response on that has fallen to within this of the lowest, in percent of the largest fall, a plateau is reached. Heuristic.
    pub plateau_within_pct: f64,
    /// A U-shape and a plateau reach the bottom at this response or later. Heuristic.
    pub bottom_from: usize,
    /// A U-shape and a plateau reach the bottom at this response or earlier. Heuristic.
    pub bottom_until: usize,
    /// In a progressive train the late decrement exceeds this, in percent of the early one: 102 %, PMID 24332471.
    pub late_over_early_min_pct: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            responses_min: 8,
            late_response_min: 9,
            decrement_min_pct: 5.0,
            rise_min_pct: 5.0,
            step_min_pct: 8.0,
            step_flat_sd_pct: 1.5,
            swing_min_pct: 3.0,
            swings_min: 4,
            late_only_early_max_pct: 3.0,
            late_min_pct: 8.0,
            linear_r_squared_min: 0.97,
            linear_second_half_min_pct: 80.0,
            recovery_min_pct: 15.0,
            plateau_within_pct: 10.0,
            bottom_from: 3,
            bottom_until: 6,
            late_over_early_min_pct: 102.0,
        }
    }
}

/// The bottom is looked for from no later response on: every response before it is asked (heuristic).
const LATEST_BOTTOM: usize = 1000;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> crate::error::Result<()> {
        let Self {
            responses_min,
            late_response_min,
            decrement_min_pct,
            rise_min_pct,
            step_min_pct,
            step_flat_sd_pct,
            swing_min_pct,
            swings_min,
            late_only_early_max_pct,
            late_min_pct,
            linear_r_squared_min,
            linear_second_half_min_pct,
            recovery_min_pct,
            plateau_within_pct,
            bottom_from,
            bottom_until,
            late_over_early_min_pct,
        } = self;
        let step = Step("train.shape");
        // A shorter train has no early decrement.
        step.count("responses_min", *responses_min, rules::EARLY..=MOST_COUNTED)?;
        step.count("late_response_min", *late_response_min, 1..=MOST_COUNTED)?;
        step.not_negative("decrement_min_pct", *decrement_min_pct)?;
        step.not_negative("rise_min_pct", *rise_min_pct)?;
        step.not_negative("step_min_pct", *step_min_pct)?;
        step.not_negative("step_flat_sd_pct", *step_flat_sd_pct)?;
        step.not_negative("swing_min_pct", *swing_min_pct)?;
        step.count("swings_min", *swings_min, 1..=MOST_COUNTED)?;
        step.not_negative("late_only_early_max_pct", *late_only_early_max_pct)?;
        step.not_negative("late_min_pct", *late_min_pct)?;
        step.within("linear_r_squared_min", *linear_r_squared_min, 0.0..=1.0)?;
        step.not_negative("linear_second_half_min_pct", *linear_second_half_min_pct)?;
        step.part_pct("recovery_min_pct", *recovery_min_pct)?;
        step.part_pct("plateau_within_pct", *plateau_within_pct)?;
        step.count("bottom_from", *bottom_from, 2..=LATEST_BOTTOM)?;
        step.count("bottom_until", *bottom_until, *bottom_from..=MOST_COUNTED)?;
        step.not_negative("late_over_early_min_pct", *late_over_early_min_pct)
    }
}

/// The shape of the amplitudes of a low-rate train; each number up to the last needs a value.
pub fn shape_of(cmaps: &[Cmap], train: &Train, settings: &Settings) -> Result<Shape, NotMeasured> {
    let responses = numbered(cmaps, train, "amplitude")?;
    let envelope = Envelope::new(&responses, settings.responses_min)?;
    Ok(rules::shape(&envelope, settings))
}

/// The decrement of a measure at the last response of a low-rate train, in percent of that at response 4.
///
/// There is a value only where the early decrement is clearly above 0, and where the train is long enough for a late one. The interval
/// (Fieller) contains that both decrements share the first response.
pub fn late_over_early(
    cmaps: &[Cmap],
    train: &Train,
    measure: &str,
    settings: &Settings,
) -> Result<ChangeEstimate, NotMeasured> {
    late::late_over_early(&numbered(cmaps, train, measure)?, settings)
}

/// The numbered responses of a low-rate train, in order.
fn numbered(cmaps: &[Cmap], train: &Train, measure: &str) -> Result<Vec<Numbered>, NotMeasured> {
    if let Err(why) = &train.rate {
        return Err(why.clone());
    }
    if train.kind != TrainKind::Low {
        let why = "a shape belongs to a train at 2–5 Hz";
        return Err(NotMeasured::NotApplicable(why.to_owned()));
    }
    let value = |response: &Response| {
        Some(Numbered {
            ordinal: response.ordinal?,
            value: response_value(cmaps, *response, measure),
        })
    };
    Ok(train.responses.iter().filter_map(value).collect())
}
