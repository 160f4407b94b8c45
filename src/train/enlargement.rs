#![doc = include_str!("../../docs/methods/enlargement.md")]

use super::holds::Holds;
use super::{ChangeEstimate, Direction, Response, Train, TrainKind, between, response_value};
use crate::cmap::{Cmap, NotMeasured};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What makes a response larger, by amplitude, area and duration together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enlargement {
    /// The area grows with the amplitude: more muscle fibres fire.
    TrueIncrement,
    /// The amplitude grows while the duration shortens and the area stays: the fibres fire closer together.
    Pseudofacilitation,
    /// The two cannot be told apart.
    Indeterminate,
}

impl Enlargement {
    /// Every kind.
    pub const ALL: [Self; 3] = [
        Self::TrueIncrement,
        Self::Pseudofacilitation,
        Self::Indeterminate,
    ];

    /// The stable name, as it stands in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrueIncrement => "true_increment",
            Self::Pseudofacilitation => "pseudofacilitation",
            Self::Indeterminate => "indeterminate",
        }
    }
}

/// What makes a response larger than the first, and the three changes that say so; positive where the response grows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EnlargementReading {
    /// Which of the kinds.
    pub kind: Enlargement,
    /// The change of the amplitude.
    pub amplitude: ChangeEstimate,
    /// The change of the area of the negative phase.
    pub area: ChangeEstimate,
    /// The change of the duration of the negative phase.
    pub duration: ChangeEstimate,
}

/// How a true increment is told from pseudofacilitation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Pseudofacilitation enlarges the amplitude by no more than this, in percent. Heuristic: texts say 40 to 50 %.
    pub pseudo_amplitude_max_pct: f64,
    /// Pseudofacilitation enlarges the area by no more than this, in percent. Heuristic.
    pub pseudo_area_max_pct: f64,
    /// Pseudofacilitation shortens the duration by at least this, in percent. Heuristic.
    pub pseudo_shortening_min_pct: f64,
    /// A true increment enlarges the amplitude by at least this, in percent. 25 %: AAEM 2001, PMID 11494281, the lowest published limit.
    pub true_amplitude_min_pct: f64,
    /// A true increment enlarges the area by at least this, in percent of the increment of the amplitude. Heuristic.
    pub true_area_of_amplitude_min_pct: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pseudo_amplitude_max_pct: 50.0,
            pseudo_area_max_pct: 15.0,
            pseudo_shortening_min_pct: 5.0,
            true_amplitude_min_pct: 25.0,
            true_area_of_amplitude_min_pct: 50.0,
        }
    }
}

/// What makes the highest response of a high-rate train larger than the first; the highest by amplitude.
pub fn of_train(
    cmaps: &[Cmap],
    train: &Train,
    settings: &Settings,
) -> Result<EnlargementReading, NotMeasured> {
    if let Err(why) = &train.rate {
        return Err(why.clone());
    }
    if train.kind != TrainKind::High {
        let why = "enlargement is read in a train at 20–50 Hz and after exercise";
        return Err(NotMeasured::NotApplicable(why.to_owned()));
    }
    let missing = |what: &str| NotMeasured::ReferenceMissing(what.to_owned());
    let increment = train
        .change("amplitude", "increment_highest")
        .ok_or_else(|| missing("increment_highest"))?;
    let amplitude = increment.value.clone()?;
    let first = train.first().ok_or_else(|| missing("response 1"))?;
    let highest = train
        .responses
        .iter()
        .find(|response| response.ordinal.is_some() && response.ordinal == increment.to)
        .ok_or_else(|| missing("the highest response"))?;
    read(cmaps, first, *highest, amplitude, settings)
}

/// What makes one response larger than another, whose amplitudes differ by `amplitude`.
pub fn read(
    cmaps: &[Cmap],
    first: Response,
    other: Response,
    amplitude: ChangeEstimate,
    settings: &Settings,
) -> Result<EnlargementReading, NotMeasured> {
    if amplitude.low.0.is_nan() || amplitude.low.0 <= 0.0 {
        return Err(NotMeasured::NotApplicable(
            "the response is not clearly larger".to_owned(),
        ));
    }
    let change = |measure: &str| {
        let value = |response| response_value(cmaps, response, measure);
        between(&value(first)?, &value(other)?, Direction::Increment)
    };
    let (area, duration) = (change("area")?, change("duration")?);
    Ok(EnlargementReading {
        kind: kind(&amplitude, &area, &duration, settings),
        amplitude,
        area,
        duration,
    })
}

fn kind(
    amplitude: &ChangeEstimate,
    area: &ChangeEstimate,
    duration: &ChangeEstimate,
    settings: &Settings,
) -> Enlargement {
    let at_most =
        |change: &ChangeEstimate, limit| Holds::at_most(change.low.0, change.high.0, limit);
    let pseudofacilitation = at_most(amplitude, settings.pseudo_amplitude_max_pct)
        .and(at_most(area, settings.pseudo_area_max_pct))
        .and(at_most(duration, -settings.pseudo_shortening_min_pct));
    // What the area has more than its part of the amplitude. The noise of the two is alike in sign, so that taking it as independent
    // makes the interval too wide, not too narrow.
    let part = settings.true_area_of_amplitude_min_pct / 100.0;
    let surplus = area.value.0 - part * amplitude.value.0;
    let below = (area.value.0 - area.low.0).hypot(part * (amplitude.high.0 - amplitude.value.0));
    let beyond = (area.high.0 - area.value.0).hypot(part * (amplitude.value.0 - amplitude.low.0));
    let (low, high) = (amplitude.low.0, amplitude.high.0);
    let increment = Holds::at_least(low, high, settings.true_amplitude_min_pct)
        .and(Holds::at_least(surplus - below, surplus + beyond, 0.0));
    match (increment, pseudofacilitation) {
        (Holds::Yes, Holds::No) => Enlargement::TrueIncrement,
        (Holds::No, Holds::Yes) => Enlargement::Pseudofacilitation,
        _ => Enlargement::Indeterminate,
    }
}
