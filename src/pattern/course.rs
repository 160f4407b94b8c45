//! What changes with time: whether facilitation persists, whether a decrement grows after exercise, whether a response falls at high rate.

use super::Step;
use super::facts::{Known, Look};
use super::words;
use crate::cmap::NotMeasured;
use crate::series::When;
use crate::train::{ChangeEstimate, Direction, TrainKind, Trust, between, response_value};

impl Look<'_> {
    /// Right after exercise a response may be facilitated already, and then falls in a presynaptic disorder too.
    fn facilitated(&self, train: usize) -> bool {
        match self.muscle.material.when(train) {
            When::After { delay, .. } => delay.0 < self.settings.persists_from_s,
            When::Rest | When::Unknown => false,
        }
    }

    pub fn falls_at_high_rate(&mut self) -> bool {
        let mut trains = self.muscle.material.trains.iter().enumerate();
        let falls = trains.position(|(index, train)| {
            train.kind == TrainKind::High
                && train.trust.is_believed()
                && !self.facilitated(index)
                && train.responses.len() >= self.settings.high_rate_stimuli_min
                && train
                    .change("amplitude", "increment_highest")
                    .and_then(|change| change.value.as_ref().ok())
                    .is_some_and(|change| change.high.0 < 0.0)
        });
        if let Some(train) = falls {
            let text = format!(
                ", train {}: no response at high rate exceeds the first",
                train + 1
            );
            self.say(Step::Increment, text);
        }
        falls.is_some()
    }

    /// Whether a facilitation is still there minutes after exercise, and whether a decrement grows after it.
    pub fn course(&mut self) -> (Known, Known) {
        let persists = self.persists();
        let mut exhausts = Known::Unknown;
        let trains = self.muscle.material.trains;
        let believed = |train: Option<usize>| {
            train
                .and_then(|train| trains.get(train))
                .is_some_and(|train| train.trust.is_believed())
        };
        let series = self.muscle.material.series.iter();
        let values: Vec<ChangeEstimate> = series
            .flat_map(|series| &series.comparisons)
            .filter(|c| c.comparison == "exhaustion" && c.measure == "amplitude")
            .filter(|c| believed(c.from_train) && believed(c.to_train))
            .filter_map(|c| c.value.as_ref().ok().copied())
            .collect();
        for change in values {
            let limit = self.settings.exhaustion_min_points;
            let (known, word) = if change.low.0 > limit {
                (Known::Yes, "exhaustion")
            } else if change.high.0 <= limit {
                (Known::No, "no exhaustion")
            } else {
                (Known::Unknown, "exhaustion undecided")
            };
            exhausts = match (exhausts, known) {
                (Known::Yes, _) | (_, Known::Yes) => Known::Yes,
                (Known::No, _) | (_, Known::No) => Known::No,
                _ => Known::Unknown,
            };
            let text = format!(
                ": the decrement grows by {} after exercise: {word}",
                words::interval(&(&change).into(), "+", " points"),
            );
            self.say(Step::Course, text);
        }
        (persists, exhausts)
    }

    fn persists(&mut self) -> Known {
        let material = self.muscle.material;
        let first = |train: usize| -> Result<_, NotMeasured> {
            let train = material.trains.get(train).ok_or(NotMeasured::NoSignal)?;
            let response = train.first().ok_or(NotMeasured::NoSignal)?;
            response_value(material.cmaps, response, "amplitude")
        };
        let believed = |train: usize| {
            material.trains.get(train).is_some_and(|train| {
                train.trust == Trust::Believed && train.kind != TrainKind::Other
            })
        };
        let all = 0..material.trains.len();
        let rest = all
            .clone()
            .filter(|&train| believed(train) && material.when(train) == When::Rest)
            .find_map(|train| first(train).ok());
        let Some(rest) = rest else {
            return Known::Unknown;
        };
        let mut found = Known::Unknown;
        let mut lines = Vec::new();
        for train in all.filter(|&train| believed(train)) {
            let When::After { delay, .. } = material.when(train) else {
                continue;
            };
            if delay.0 < self.settings.persists_from_s {
                continue;
            }
            let change =
                first(train).and_then(|after| between(&rest, &after, Direction::Increment));
            let Ok(change) = change else { continue };
            let there = change.low.0 >= self.settings.moderate_increment_pct;
            lines.push(format!(
                ", {}: first response {} against rest{}",
                words::when(material.when(train)),
                words::interval(&(&change).into(), "+", " %"),
                if there { ": facilitation persists" } else { "" }
            ));
            if there {
                found = Known::Yes;
            } else if found == Known::Unknown {
                found = Known::No;
            }
        }
        for line in lines {
            self.say(Step::Course, line);
        }
        found
    }
}
