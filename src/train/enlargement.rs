#![doc = include_str!("../../docs/methods/enlargement.md")]

use super::holds::Holds;
use super::{ChangeEstimate, Direction, Response, Train, TrainKind, between, response_value};
use crate::cmap::{Cmap, NotMeasured};
use crate::setting_range::Step;
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

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> crate::error::Result<()> {
        let Self {
            pseudo_amplitude_max_pct,
            pseudo_area_max_pct,
            pseudo_shortening_min_pct,
            true_amplitude_min_pct,
            true_area_of_amplitude_min_pct,
        } = self;
        let step = Step("train.enlargement");
        step.not_negative("pseudo_amplitude_max_pct", *pseudo_amplitude_max_pct)?;
        step.not_negative("pseudo_area_max_pct", *pseudo_area_max_pct)?;
        step.not_negative("pseudo_shortening_min_pct", *pseudo_shortening_min_pct)?;
        step.not_negative("true_amplitude_min_pct", *true_amplitude_min_pct)?;
        step.not_negative(
            "true_area_of_amplitude_min_pct",
            *true_area_of_amplitude_min_pct,
        )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmap::Estimate;

    const AMPLITUDES: [f64; 10] = [9.0, 9.3, 9.7, 10.2, 10.7, 11.1, 11.5, 11.8, 12.0, 12.15];
    const DURATIONS: [f64; 10] = [6.0, 5.8, 5.55, 5.3, 5.05, 4.88, 4.7, 4.58, 4.5, 4.44];

    fn change(from: f64, to: f64, relative_sd: f64) -> ChangeEstimate {
        let estimate = |value: f64| Estimate {
            value,
            low: value * (1.0 - 1.96 * relative_sd),
            high: value * (1.0 + 1.96 * relative_sd),
            sd: value * relative_sd,
            bound: 0.0,
        };
        between(&estimate(from), &estimate(to), Direction::Increment).unwrap()
    }

    /// By the ratios of amplitude, area and duration.
    fn kind_of(amplitude: f64, area: f64, duration: f64, relative_sd: f64) -> Enlargement {
        kind(
            &change(1.0, amplitude, relative_sd),
            &change(1.0, area, relative_sd),
            &change(1.0, duration, relative_sd),
            &Settings::default(),
        )
    }

    #[test]
    fn case_s8_grows_by_35_percent_with_the_same_area_and_is_pseudofacilitation() {
        let area =
            |index: usize| AMPLITUDES[index] * DURATIONS[index] * std::f64::consts::FRAC_2_PI;
        let amplitude = change(AMPLITUDES[0], AMPLITUDES[9], 0.002);
        let duration = change(DURATIONS[0], DURATIONS[9], 0.002);
        let area = change(area(0), area(9), 0.002);
        assert!((amplitude.value.0 - 35.0).abs() < 1e-9, "{amplitude:?}");
        assert!((duration.value.0 + 26.0).abs() < 1e-9, "{duration:?}");
        assert!((area.value.0 + 0.1).abs() < 1e-9, "{area:?}");
        let found = kind(&amplitude, &area, &duration, &Settings::default());
        assert_eq!(found, Enlargement::Pseudofacilitation);
    }

    #[test]
    fn an_area_that_grows_with_the_amplitude_is_a_true_increment() {
        assert_eq!(kind_of(2.84, 2.7, 0.97, 0.005), Enlargement::TrueIncrement);
    }

    #[test]
    fn a_small_rise_without_a_shorter_duration_is_neither() {
        assert_eq!(kind_of(1.05, 1.01, 0.97, 0.002), Enlargement::Indeterminate);
    }

    #[test]
    fn an_interval_that_spans_the_limit_of_area_or_duration_decides_nothing() {
        assert_eq!(
            kind_of(1.35, 1.0, 0.74, 0.002),
            Enlargement::Pseudofacilitation
        );
        assert_eq!(kind_of(1.35, 1.14, 0.74, 0.02), Enlargement::Indeterminate);
        assert_eq!(kind_of(1.35, 1.0, 0.94, 0.02), Enlargement::Indeterminate);
        assert_eq!(kind_of(1.60, 1.31, 0.8, 0.02), Enlargement::Indeterminate);
    }

    #[test]
    fn noise_that_is_not_known_decides_nothing() {
        assert_eq!(
            kind_of(2.84, 2.7, 0.97, f64::INFINITY),
            Enlargement::Indeterminate
        );
    }

    #[test]
    fn the_words_are_those_of_the_json() {
        for kind in Enlargement::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
