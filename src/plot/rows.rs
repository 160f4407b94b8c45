//! The rows of a raster: the sweeps of a train in order of time, and the scales that hold them all.

use super::axis::widen;
use crate::cmap::Cmap;
use crate::recording::Point;
use crate::study::{Changed, ChannelStudy, Correction, Study};
use crate::sweep::Sweep;
use crate::train::{Train, TrainKind};

/// Where the plot ends when no response was measured, in ms after the stimulus (heuristic: most CMAPs are over).
const WINDOW_WITHOUT_RESPONSE: f64 = 25.0;
/// What is shown before the stimulus, in ms (heuristic: enough to see the baseline).
const BEFORE: f64 = 2.0;
/// What is shown after the last landmark, as a share of its time.
const AFTER: f64 = 0.12;
/// The least height of the scale, in mV: smaller noise is drawn as the quiet line that it is (heuristic).
const LEAST_SPAN: f64 = 0.2;

/// One row of the raster.
pub(super) struct Row<'a> {
    /// The number of the response; `None` for a stimulus beside the rhythm.
    pub(super) number: Option<usize>,
    /// The sweep and its response; `None` when the stimulus is missing.
    pub(super) content: Option<(&'a Sweep, &'a Cmap)>,
    /// The landmarks that a reader placed.
    pub(super) placed: Vec<Point>,
}

impl Row<'_> {
    /// Whether a reader excluded the response.
    pub(super) fn excluded(&self) -> bool {
        self.content.is_some_and(|(_, cmap)| cmap.is_excluded())
    }

    /// The amplitude in mV, where it was measured.
    pub(super) fn amplitude(&self) -> Option<f64> {
        let (_, cmap) = self.content?;
        let value = cmap.get("amplitude")?.as_ref().ok()?.value;
        value.is_finite().then_some(value)
    }
}

/// The rows in order of time, with an empty one for each missing stimulus.
pub(super) fn rows<'a>(study: &Study, channel: &'a ChannelStudy, train: &Train) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut missing = train.missing.iter().copied().peekable();
    for response in &train.responses {
        if let Some(number) = response.ordinal {
            while let Some(absent) = missing.next_if(|absent| *absent < number) {
                rows.push(Row {
                    number: Some(absent),
                    content: None,
                    placed: Vec::new(),
                });
            }
        }
        let content = channel
            .sweeps
            .get(response.index)
            .zip(channel.cmaps.get(response.index));
        rows.push(Row {
            number: response.ordinal,
            content,
            placed: placed(study, channel, response.index),
        });
    }
    rows.extend(missing.map(|number| Row {
        number: Some(number),
        content: None,
        placed: Vec::new(),
    }));
    rows
}

/// The landmarks of a response that a reader placed.
fn placed(study: &Study, channel: &ChannelStudy, response: usize) -> Vec<Point> {
    let own = |correction: &&Correction| {
        let other = study.channels.get(correction.channel);
        correction.response == Some(response)
            && other.is_some_and(|other| other.index == channel.index)
    };
    let changes = study.corrections.iter().filter(own);
    changes
        .flat_map(|correction| &correction.changes)
        .filter_map(|changed| match changed {
            Changed::Landmark { point, .. } => Some(*point),
            _ => None,
        })
        .collect()
}

/// The row beside the first that the reader is pointed to: the highest of a fast train, the lowest of any other.
pub(super) fn marked(rows: &[Row<'_>], kind: TrainKind) -> Option<usize> {
    let sign = if kind == TrainKind::High { 1.0 } else { -1.0 };
    rows.iter()
        .enumerate()
        .filter(|(_, row)| row.number.is_some_and(|number| number > 1))
        .filter_map(|(index, row)| Some((index, sign * row.amplitude()?)))
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(index, _)| index)
}

/// From before the stimulus to the end of the responses, in ms.
pub(super) fn window(rows: &[Row<'_>]) -> (f64, f64) {
    let contents = || rows.iter().filter_map(|row| row.content);
    let first = contents()
        .map(|(sweep, _)| sweep.first.0)
        .fold(0.0, f64::min);
    let last = contents()
        .map(|(sweep, _)| end_of(sweep))
        .fold(0.0, f64::max);
    let until = contents()
        .filter_map(|(_, cmap)| {
            let marks = &cmap.landmarks;
            [
                marks.end,
                marks.positive_peak,
                marks.baseline_return,
                marks.negative_peak,
            ]
            .into_iter()
            .flatten()
            .map(|landmark| landmark.time.0)
            .reduce(f64::max)
        })
        .reduce(f64::max)
        .map_or(WINDOW_WITHOUT_RESPONSE, |end| end * (1.0 + AFTER));
    let end = if last > 0.0 { until.min(last) } else { until };
    (first.max(-BEFORE), end.max(1.0))
}

/// The last time of a sweep that belongs to its response.
pub(super) fn end_of(sweep: &Sweep) -> f64 {
    let last = sweep.first.0 + sweep.values.len().saturating_sub(1) as f64 * 1000.0 / sweep.rate.0;
    last.min(sweep.until.0)
}

/// The lowest and highest value after the artefacts, with 0 among them.
pub(super) fn range(rows: &[Row<'_>], end: f64) -> (f64, f64) {
    let mut range = (0.0f64, 0.0f64);
    let measured = rows.iter().any(|row| row.amplitude().is_some());
    for (sweep, _) in rows
        .iter()
        .filter(|row| !measured || row.amplitude().is_some())
        .filter_map(|row| row.content)
    {
        let step = 1000.0 / sweep.rate.0;
        let (from, to) = (sweep.artefact_end.0.max(0.0), end.min(sweep.until.0));
        for (index, &value) in sweep.values.iter().enumerate() {
            let time = sweep.first.0 + index as f64 * step;
            if time > to {
                break;
            }
            if time > from && value.is_finite() {
                range = (range.0.min(value), range.1.max(value));
            }
        }
    }
    let lack = if measured {
        0.0
    } else {
        (LEAST_SPAN - (range.1 - range.0)).max(0.0)
    };
    widen(range.0 - lack / 2.0, range.1 + lack / 2.0, 0.04)
}

/// The key of whether the marked row is the lowest or the highest.
pub(super) fn extreme(rows: &[Row<'_>], marked: Option<usize>) -> &'static str {
    let amplitudes = rows.iter().filter_map(Row::amplitude);
    let highest = amplitudes.fold(f64::NEG_INFINITY, f64::max);
    match marked.and_then(|index| rows.get(index)?.amplitude()) {
        Some(value) if value >= highest => "drawing.highest",
        _ => "drawing.lowest",
    }
}

/// The row of the first response, if its stimulus was given.
pub(super) fn first_row(rows: &[Row<'_>]) -> Option<usize> {
    rows.iter()
        .position(|row| row.number == Some(1) && row.content.is_some())
}
