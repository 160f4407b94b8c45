//! The thumbnail of a study: the amplitudes of its responses, train by train, as paths of a few hundred bytes.

use crate::study::{ChannelStudy, Study};
use crate::train::{Train, TrainKind, response_value};
use serde::{Deserialize, Serialize};

/// The amplitudes of trains beside each other, each muscle from 0 to its largest: paths of an SVG of a fixed height and `width` units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Width of the drawing.
    pub width: usize,
    /// Trains that can be believed, but those at high rate.
    pub usual: String,
    /// Trains at 20–50 Hz that can be believed.
    pub high: String,
    /// Trains that cannot be believed.
    pub refused: String,
}

/// Height of the drawing in units; 0 mV lies at its bottom.
pub const HEIGHT: usize = 36;
/// Above the largest amplitude, in units.
const MARGIN: usize = 2;
/// Between two trains, and between two muscles, in units; responses are one unit apart.
const GAPS: [usize; 2] = [2, 6];
/// A study of few responses is not stretched beyond this width.
const WIDTH_MIN: usize = 60;
/// So many trains and responses at most: a row of the front page stays small. Of longer trains every second, third … response is drawn.
const TRAINS_MAX: usize = 24;
const RESPONSES_MAX: usize = 96;
/// Fewer responses of a train would not show its course.
const RESPONSES_MIN: usize = 3;

/// One muscle to draw: the amplitudes of its trains in mV.
struct Muscle<'a> {
    trains: Vec<(&'a Train, Vec<Option<f64>>)>,
    largest: f64,
}

/// Draws the first trains of a study; the whole of it where it has no more than 24.
pub fn of(study: &Study) -> Thumbnail {
    let mut left = TRAINS_MAX;
    let mut muscles = Vec::new();
    for channel in &study.channels {
        let muscle = muscle(channel, left);
        left -= muscle.trains.len();
        muscles.push(muscle);
    }
    let trains = TRAINS_MAX - left;
    let budget = (RESPONSES_MAX / trains.max(1)).max(RESPONSES_MIN);
    // What short trains leave is for the long ones.
    let short = |count: usize| count <= budget;
    let counts = || {
        muscles
            .iter()
            .flat_map(|m| m.trains.iter().map(|(_, v)| v.len()))
    };
    let used: usize = counts().filter(|&count| short(count)).sum();
    let long = counts().filter(|&count| !short(count)).count();
    let longest = (RESPONSES_MAX.saturating_sub(used) / long.max(1)).max(budget);
    let mut drawn = Thumbnail::default();
    let mut x = 1;
    for muscle in muscles.iter().filter(|muscle| muscle.largest > 0.0) {
        for (train, amplitudes) in &muscle.trains {
            let path = match (train.trust.is_believed(), train.kind) {
                (false, _) => &mut drawn.refused,
                (true, TrainKind::High) => &mut drawn.high,
                (true, _) => &mut drawn.usual,
            };
            let kept = thinned(amplitudes, longest);
            draw(path, x, &kept, muscle.largest);
            x += kept.len() + GAPS[0];
        }
        x += GAPS[1];
    }
    drawn.width = x.max(WIDTH_MIN);
    drawn
}

fn muscle(channel: &ChannelStudy, trains: usize) -> Muscle<'_> {
    let amplitudes = |train: &Train| -> Vec<Option<f64>> {
        let numbered = train.responses.iter().filter(|one| one.ordinal.is_some());
        numbered
            .map(|&response| {
                let value = response_value(&channel.cmaps, response, "amplitude")
                    .ok()?
                    .value;
                value.is_finite().then_some(value)
            })
            .collect()
    };
    let shown: Vec<_> = channel
        .trains
        .iter()
        .take(trains)
        .map(|train| (train, amplitudes(train)))
        .collect();
    let values = shown.iter().flat_map(|(_, values)| values.iter().flatten());
    Muscle {
        largest: values.copied().fold(0.0, f64::max),
        trains: shown,
    }
}

/// The first, the last, and evenly between them.
fn thinned(values: &[Option<f64>], most: usize) -> Vec<Option<f64>> {
    let count = values.len();
    if count <= most {
        return values.to_vec();
    }
    (0..most)
        .filter_map(|i| values.get(i * (count - 1) / (most - 1).max(1)).copied())
        .collect()
}

/// Appends a bar for each response of a train, one beside the other from 0 mV up; a response without a value leaves a gap.
fn draw(path: &mut String, x: usize, values: &[Option<f64>], largest: f64) {
    use std::fmt::Write as _;
    let height = |value: f64| {
        let share = (value / largest).clamp(0.0, 1.0);
        (share * (HEIGHT - MARGIN) as f64).round() as i64
    };
    let heights: Vec<Option<i64>> = values.iter().map(|value| value.map(height)).collect();
    let mut at = x;
    let mut last = None;
    // Bars of one height are one stroke.
    for bars in heights.chunk_by(|one, other| one == other) {
        let here = bars.first().copied().flatten();
        let width = bars.len();
        // Writing into memory cannot fail.
        let _ = match (last, here) {
            (None, Some(now)) => write!(path, "M{at} {HEIGHT}v-{now}h{width}"),
            (Some(before), Some(now)) => write!(path, "v{}h{width}", before - now),
            (Some(_), None) => write!(path, "V{HEIGHT}"),
            (None, None) => Ok(()),
        };
        at += width;
        last = here;
    }
    if last.is_some() {
        let _ = write!(path, "V{HEIGHT}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_train_starts_at_0_mv_and_a_missing_response_is_a_gap_rather_than_0() {
        let mut path = String::new();
        let values = [Some(10.0), Some(5.0), Some(5.0), None, Some(10.0)];
        draw(&mut path, 1, &values, 10.0);
        assert_eq!(path, "M1 36v-34h1v17h2V36M5 36v-34h1V36");
    }

    #[test]
    fn a_long_train_keeps_its_first_and_last_response() {
        let values: Vec<_> = (0..200).map(|i| Some(f64::from(i))).collect();
        let kept = thinned(&values, 10);
        assert_eq!((kept.len(), kept[0], kept[9]), (10, Some(0.0), Some(199.0)));
        assert_eq!(thinned(&values[..3], 10).len(), 3);
    }
}
