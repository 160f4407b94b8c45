//! Landmarks that a reader placed, and what that does to the doubt of the measures.
//!
#![doc = include_str!("../../docs/corrections.md")]

use super::Landmark;
use super::response::Response;
use super::settings::OnsetDefinition;
use crate::recording::Point;
use crate::units::{Milliseconds, Millivolts};

/// What a reader decided about one response.
#[derive(Clone, Debug, PartialEq)]
pub enum ByHand {
    /// It is not used.
    Excluded,
    /// These landmarks are placed, in ms after the stimulus.
    Placed(Vec<(Point, Milliseconds)>),
}

impl ByHand {
    /// Where a point was placed.
    pub(super) fn time(&self, point: Point) -> Option<f64> {
        match self {
            Self::Excluded => None,
            Self::Placed(points) => points
                .iter()
                .find(|(placed, _)| *placed == point)
                .map(|(_, time)| time.0),
        }
    }
}

/// A landmark that is placed within this of where the program has it, in ms, confirms it: the last digit that the tables show.
const SAME_PLACE_MS: f64 = 1e-5;

/// Whether a reader confirms what the program placed.
pub(super) fn confirms(placed: f64, automatic: Option<Landmark>) -> bool {
    automatic.is_some_and(|automatic| (automatic.time.0 - placed).abs() <= SAME_PLACE_MS)
}

/// Which landmarks stand where a reader, and not the program, put them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed([bool; Point::ALL.len()]);

impl Placed {
    /// Notes that a reader put the point.
    pub(super) fn note(&mut self, point: Point) {
        self.0[point as usize] = true;
    }

    /// Whether a reader put the point.
    pub fn has(self, point: Point) -> bool {
        self.0[point as usize]
    }
}

impl Response<'_> {
    /// The smoothed value at a time, on the straight line between two samples; `None` outside the sweep.
    pub(super) fn value_at(&self, time: f64) -> Option<f64> {
        let position = (time - self.sweep.first.0) / self.step();
        let last = self.smooth.len().checked_sub(1)?;
        if !(0.0..=last as f64).contains(&position) {
            return None;
        }
        let index = (position.floor() as usize).min(last.saturating_sub(1));
        let before = *self.smooth.get(index)?;
        let after = self.smooth.get(index + 1).copied().unwrap_or(before);
        Some(before + (after - before) * (position - index as f64))
    }

    /// The landmark where a reader put it.
    pub(super) fn put(&self, time: f64) -> Option<Landmark> {
        Some(Landmark {
            time: Milliseconds(time),
            value: Millivolts(self.value_at(time)?),
        })
    }

    /// How far the reader's hand may be off on either side, in ms; 0 for a point that the program placed.
    pub(super) fn hand_ms(&self, point: Point) -> f64 {
        if self.placed.has(point) {
            self.settings.placed_bound_ms.max(0.0)
        } else {
            0.0
        }
    }

    /// What that may change of the value at the landmark, in mV: the largest change of the smoothed signal within that time.
    pub(super) fn hand_mv(&self, point: Point, landmark: Landmark) -> f64 {
        let reach = self.hand_ms(point);
        if reach == 0.0 {
            return 0.0;
        }
        let (from, to) = (landmark.time.0 - reach, landmark.time.0 + reach);
        let inside = self.indices(from, to).map(|index| self.smooth[index]);
        let ends = [from, to]
            .into_iter()
            .filter_map(|time| self.value_at(time));
        inside
            .chain(ends)
            .map(|value| (value - landmark.value.0).abs())
            .fold(0.0, f64::max)
    }

    /// What the hand may change of the level at which the program finds the onset, in mV: that level is a part of the negative peak. 0 where the
    /// onset does not follow from a peak that a reader placed.
    fn hand_level_mv(&self) -> f64 {
        let follows =
            self.settings.onset == OnsetDefinition::PercentOfPeak && !self.placed.has(Point::Onset);
        match self.landmarks.negative_peak {
            Some(peak) if follows => {
                self.settings.onset_percent_pct / 100.0 * self.hand_mv(Point::NegativePeak, peak)
            }
            _ => 0.0,
        }
    }

    /// How far the hand may move the onset on either side, in ms: where a reader placed it, or where it follows from a peak that a reader
    /// placed. The change of the level over the slope; without a slope the onset has no interval anyway.
    pub(super) fn hand_onset_ms(&self, onset: Landmark) -> f64 {
        let level = self.hand_level_mv();
        let slope = self.slope(onset.time.0).abs();
        if level > 0.0 && slope > 0.0 {
            level / slope
        } else {
            self.hand_ms(Point::Onset)
        }
    }

    /// What that may change of an area that begins at the onset, in mV·ms.
    pub(super) fn hand_onset_area(&self, onset: Landmark) -> f64 {
        let height = onset.value.0.abs() + self.hand_mv(Point::Onset, onset) + self.hand_level_mv();
        self.hand_onset_ms(onset) * height
    }

    /// What the hand may change of an area that ends at the landmark, in mV·ms: a strip as wide as the hand is off.
    pub(super) fn hand_area(&self, point: Point, landmark: Landmark) -> f64 {
        self.hand_ms(point) * (landmark.value.0.abs() + self.hand_mv(point, landmark))
    }
}
