//! The table of responses: a row per stimulus that a channel recorded.

use super::column::{
    EXTRA_STIMULUS, NO_TRAIN, NOT_COMPUTED, Row, StudyColumn, Told, codes, column, count, estimate,
    number_from_1, place, told,
};
use super::{corrected, words};
use crate::cmap::{Cmap, Landmark, Landmarks, MEASURES, NotMeasured};
use crate::study::Study;
use crate::sweep::Sweep;
use crate::train::Response;
use crate::units::Unit;
use std::collections::BTreeMap;

/// The rows of a study: channel by channel, in order of time.
pub fn rows<'a>(study: &'a Study, file: &'a str) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        let mut places: BTreeMap<usize, (usize, Option<usize>)> = BTreeMap::new();
        for (train, content) in channel.trains.iter().enumerate() {
            for response in &content.responses {
                places.insert(response.index, (train, response.ordinal));
            }
        }
        for sweep in 0..channel.cmaps.len() {
            let place = places.get(&sweep);
            rows.push(Row {
                train: place.map(|place| place.0),
                response: Some(Response {
                    index: sweep,
                    ordinal: place.and_then(|place| place.1),
                }),
                ..Row::new(file, study, index)
            });
        }
    }
    rows
}

/// Its columns.
pub fn columns() -> Vec<StudyColumn> {
    let mut columns = place();
    columns.extend([
        column("train", Unit::One, "number of the train in the channel, from 1", |row| {
            row.train.and_then(number_from_1)
        }),
        column("response", Unit::One, "number of the response in its train, from 1, by time: a missing stimulus leaves its number out", |row| {
            ordinal(row).and_then(count)
        }),
        column("response_reason", Unit::One, "why there is no number: `extra_stimulus` (it does not fit the rhythm) or `no_train`", |row| {
            match (row.train, ordinal(row)) {
                (_, Some(_)) => None,
                (Some(_), None) => Some(EXTRA_STIMULUS),
                (None, None) => Some(NO_TRAIN),
            }
        }),
        column("stimulus_s", Unit::Seconds, "when the stimulus began, on the clock of the recording", |row| {
            sweep(row).map(|sweep| sweep.stimulus.time.0)
        }),
        column("stimulus_uncertainty_s", Unit::Seconds, "how far its true time may lie on either side", |row| {
            sweep(row).map(|sweep| sweep.stimulus.uncertainty.0)
        }),
        column("stimulus_origin", Unit::One, "from what it was found: `mark`, `trigger` or `artefact`", |row| {
            sweep(row).map(|sweep| words::stimulus_origin(sweep.stimulus.origin))
        }),
        column("current_ma", Unit::Milliamperes, "strength of the stimulus, where the file says so", |row| {
            sweep(row)?.stimulus.current.map(|current| current.0)
        }),
    ]);
    for (index, measure) in MEASURES.iter().enumerate() {
        let meaning = format!("{}: {}", measure.name, measure.formula);
        let columns_of = estimate(measure.id, measure.unit, &meaning, move |row| {
            cmap(row)?.values.get(index).map(told)
        });
        columns.extend(columns_of.map(|column| column.defined_in(measure.source)));
    }
    columns.extend([
        column("noise_mv", Unit::Millivolts, "RMS of the noise around the sweep, slow drift left out", |row| {
            sweep(row)?.noise.as_ref().map(|noise| noise.rms.0)
        }),
        column("noise_reason", Unit::One, "`noise_unknown` when there is too little quiet signal", |row| {
            sweep(row).map_or(Some(NOT_COMPUTED), |sweep| sweep.noise.is_none().then_some("noise_unknown"))
        }),
        column("baseline_mv", Unit::Millivolts, "the level that was subtracted", |row| {
            sweep(row)?.baseline.level.map(|level| level.0)
        }),
        column("baseline_kind", Unit::One, "from where the level was taken: `before_stimulus`, `short_before_stimulus`, `before_train` or `before_response`", |row| {
            sweep(row).map(|sweep| words::baseline_kind(sweep.baseline.kind))
        }),
    ]);
    for (id, name, pick) in LANDMARKS {
        columns.push(column(
            format!("landmark_{id}_ms"),
            Unit::Milliseconds,
            format!("{name}: time after the stimulus"),
            move |row| landmark(row, *pick).map(|landmark| landmark.time.0),
        ));
        columns.push(column(
            format!("landmark_{id}_mv"),
            Unit::Millivolts,
            format!("{name}: value there"),
            move |row| landmark(row, *pick).map(|landmark| landmark.value.0),
        ));
    }
    columns.extend(estimate(
        "repetitive",
        Unit::Millivolts,
        "height of a second, smaller response that follows this one (heuristic)",
        |row| Some(repetitive(cmap(row)?)),
    ));
    columns.push(column(
        "landmark_reason",
        Unit::One,
        "why a landmark is missing",
        |row| cmap(row).and_then(landmark_reason),
    ));
    columns.push(corrected::of_response());
    columns.push(column(
        "findings",
        Unit::One,
        "codes of what was noticed about sweep and response, joined by `;`",
        |row| {
            let sweep = sweep(row).into_iter().flat_map(|sweep| &sweep.findings);
            let cmap = cmap(row).into_iter().flat_map(|cmap| &cmap.findings);
            codes(sweep.chain(cmap))
        },
    ));
    columns
}

/// Picks one landmark.
type Pick = fn(&Landmarks) -> Option<Landmark>;

/// The landmarks, in order of time: id, name, and where it is kept.
pub const LANDMARKS: &[(&str, &str, Pick)] = &[
    ("onset", "onset", |marks| marks.onset),
    ("negative_peak", "negative peak", |marks| {
        marks.negative_peak
    }),
    ("return", "return to baseline", |marks| {
        marks.baseline_return
    }),
    ("positive_peak", "positive peak", |marks| {
        marks.positive_peak
    }),
    ("end", "end of the response", |marks| marks.end),
];

/// Why not all landmarks are placed: the reason of the first measure that has none.
pub fn landmark_reason(cmap: &Cmap) -> Option<&'static str> {
    if LANDMARKS
        .iter()
        .all(|(_, _, pick)| pick(&cmap.landmarks).is_some())
    {
        return None;
    }
    let reason = cmap.values.iter().find_map(|value| value.as_ref().err());
    Some(reason.map_or("landmark_missing", |reason| reason.code()))
}

/// The second response that follows one, or why there is none.
fn repetitive(cmap: &Cmap) -> Told {
    let found = cmap.repetitive.map(|found| found.amplitude);
    match (found, cmap.get("amplitude")) {
        (Some(amplitude), _) => Ok(amplitude),
        (None, Some(Err(why))) => Err(why.code()),
        (None, _) => Err(NotMeasured::NoResponse.code()),
    }
}

fn landmark(row: &Row<'_>, pick: Pick) -> Option<Landmark> {
    pick(&cmap(row)?.landmarks)
}

fn ordinal(row: &Row<'_>) -> Option<usize> {
    row.response?.ordinal
}

fn cmap<'a>(row: &Row<'a>) -> Option<&'a Cmap> {
    row.channel()?.cmaps.get(row.response?.index)
}

fn sweep<'a>(row: &Row<'a>) -> Option<&'a Sweep> {
    row.channel()?.sweeps.get(row.response?.index)
}
