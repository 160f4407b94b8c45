//! Amplitude and area against the number of the response, with their intervals.

use super::axis::{Panel, Ticks, short, widen};
use super::limits::{self, Limit};
use super::sheet::{self, Key, Sheet, Sign};
use super::style::{BLACK, BLUE, Canvas, Color, GRAY, MEDIUM, Marker, TEXT, THIN, TICK, VERMILION};
use super::{FigureCard, Subject, change_text, reason};
use crate::cmap::{Cmap, Estimate, MEASURES};
use crate::study::{ChannelStudy, Study};
use crate::train::{CHANGING_MEASURES, CONVENTIONS, Direction, Train, TrainKind};
use crate::words::Words;

/// The card.
pub static TRAIN: FigureCard = FigureCard {
    id: "train",
    name: "Amplitude and area against response number",
    meaning: "Each value in percent of the first of the train, with the 95 % interval of the response itself. Dashed lines are the limits of criterion sets, named below with what they say of the train. A ring marks the lowest response, of a fast train the highest.",
    subject: Subject::Train(draw),
};

/// From this many responses on, the signs are small (heuristic).
const CROWD: f64 = 20.0;
/// Height of the plot without its axis.
const HEIGHT: i32 = 1500;

/// One measure along the train.
struct Curve {
    name: String,
    marker: Marker,
    color: Color,
    /// To the side, so that two bars never lie on each other; in response numbers.
    shift: f64,
    /// Response number, value, low, high; in percent of the first, or in mV.
    points: Vec<(usize, f64, f64, f64)>,
}

fn draw(study: &Study, channel: &ChannelStudy, index: usize, words: &Words) -> String {
    let Some(train) = channel.trains.get(index) else {
        return String::new();
    };
    let (curves, unit, mut notes) = curves(channel, train, words);
    notes.extend(results(train, words));
    notes.extend(limits::refusal(&train.trust, words));
    let last = last_number(train);
    let none = absent(channel, train);
    let by_hand = by_hand(study, channel, train);
    let percent = unit == "%";
    let limits = if percent {
        limits::of_train(study, channel, index, words)
    } else {
        Vec::new()
    };
    notes.extend(limits.iter().map(|limit| limit.text.clone()));
    let lines: Vec<f64> = percent
        .then_some(100.0)
        .into_iter()
        .chain(limits.iter().map(height))
        .collect();
    let y = scale(&curves, &lines);
    let mark = extreme(&curves, train.kind);
    let mut keys: Vec<Key> = curves
        .iter()
        .filter(|curve| !curve.points.is_empty())
        .map(|curve| Key::marker(curve.marker, curve.color, curve.name.clone()))
        .collect();
    if mark.is_some() {
        let text = if train.kind == TrainKind::High {
            "drawing.highest"
        } else {
            "drawing.lowest"
        };
        keys.push(Key::marker(Marker::Circle, VERMILION, words.get(text)));
    }
    keys.extend(keys_of_absent(&none, &by_hand, words));
    if !limits.is_empty() {
        keys.push(Key::new(
            Sign::Dashed(MEDIUM),
            BLACK,
            limits_key(&limits, words),
        ));
    }
    let title = if unit == "%" {
        words.get("drawing.percent_axis")
    } else {
        "mV"
    };
    let sheet = Sheet {
        words,
        title: sheet::title(study, channel, words),
        subtitle: sheet::describe(channel, index + 1, train, words),
        notes,
        keys,
        plot_height: HEIGHT + TICK + 2 * TEXT + 60,
        version: study.provenance.version,
    };
    sheet.draw(|canvas, place| {
        let panel = Panel {
            left: place.left + 420,
            right: place.right - 30,
            top: place.top,
            bottom: place.top + HEIGHT,
            x: (0.4, last as f64 + 0.6),
            y,
        };
        let across = |value: f64| {
            [
                (panel.left, panel.y_at(value)),
                (panel.right, panel.y_at(value)),
            ]
        };
        if percent {
            canvas.line(&across(100.0), GRAY, THIN);
        }
        for limit in &limits {
            let [from, to] = across(height(limit));
            canvas.dashed(from, to, BLACK, MEDIUM);
        }
        plot(canvas, &panel, &curves, mark);
        mark_absent(canvas, &panel, &none, &by_hand);
        panel.y_axis(canvas, &Ticks::new(y.0, y.1, 6), title);
    })
}

/// The vertical scale: all values with their intervals, and the lines among them.
fn scale(curves: &[Curve], lines: &[f64]) -> (f64, f64) {
    let values = curves
        .iter()
        .flat_map(|curve| &curve.points)
        .flat_map(|p| [p.1, p.2, p.3]);
    let values = values
        .chain(lines.iter().copied())
        .filter(|v| v.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if low <= high {
        widen(low, high, 0.12)
    } else {
        (0.0, 1.0)
    }
}

/// What the signs of responses without a value, and of those that a reader changed, mean.
fn keys_of_absent(none: &[usize], by_hand: &[(usize, bool)], words: &Words) -> Vec<Key> {
    let mut keys = Vec::new();
    if none
        .iter()
        .any(|number| !by_hand.contains(&(*number, true)))
    {
        let text = words.get("drawing.no_value");
        keys.push(Key::marker(Marker::Cross, GRAY, text));
    }
    for (excluded, marker, text) in [
        (true, Marker::Barred, "drawing.excluded"),
        (false, Marker::Plus, "drawing.landmark_by_hand"),
    ] {
        if by_hand.iter().any(|one| one.1 == excluded) {
            keys.push(Key::marker(marker, BLACK, words.get(text)));
        }
    }
    keys
}

/// The signs of responses without a value, and of those that a reader changed.
fn mark_absent(canvas: &mut Canvas<'_>, panel: &Panel, none: &[usize], by_hand: &[(usize, bool)]) {
    for &number in none {
        let at = (panel.x_at(number as f64), panel.bottom - 60);
        let marker = if by_hand.contains(&(number, true)) {
            (Marker::Barred, BLACK)
        } else {
            (Marker::Cross, GRAY)
        };
        canvas.marker(marker.0, at, 32, marker.1);
    }
    for &(number, _) in by_hand.iter().filter(|(_, excluded)| !excluded) {
        let at = (panel.x_at(number as f64), panel.bottom - 60);
        canvas.marker(Marker::Plus, at, 36, BLACK);
    }
}

/// Where a limit of change lies, in percent of the first response.
fn height(limit: &Limit) -> f64 {
    if limit.upward {
        100.0 + limit.at
    } else {
        100.0 - limit.at
    }
}

/// `limit 10 % below` or `limits 60, 100 % above`.
fn limits_key(limits: &[Limit], words: &Words) -> String {
    let upward = limits.iter().any(|limit| limit.upward);
    let key = match (limits.len(), upward) {
        (1, false) => "drawing.limit_below",
        (1, true) => "drawing.limit_above",
        (_, false) => "drawing.limits_below",
        (_, true) => "drawing.limits_above",
    };
    let values = words.numbers(limits.iter().map(|limit| limit.at));
    words.fill(key, &[("limits", &values)])
}

fn plot(canvas: &mut Canvas<'_>, panel: &Panel, curves: &[Curve], mark: Option<(usize, f64)>) {
    let radius = if panel.x.1 > CROWD { 16 } else { 27 };
    // the amplitude is drawn last, over the others
    for curve in curves.iter().rev() {
        let at = |p: &(usize, f64, f64, f64)| panel.x_at(p.0 as f64 + curve.shift);
        let line: Vec<_> = curve
            .points
            .iter()
            .map(|p| (at(p), panel.y_at(p.1)))
            .collect();
        let mut part: Vec<(i32, i32)> = Vec::new();
        let mut before = None;
        for (point, place) in curve.points.iter().zip(&line) {
            // a line never bridges a missing response
            if before.is_some_and(|number: usize| number + 1 != point.0) {
                canvas.line(&part, curve.color, THIN);
                part.clear();
            }
            part.push(*place);
            before = Some(point.0);
        }
        canvas.line(&part, curve.color, THIN);
        for point in &curve.points {
            let x = at(point);
            if point.2.is_finite() && point.3.is_finite() {
                let (low, high) = (panel.y_at(point.2), panel.y_at(point.3));
                canvas.line(&[(x, low), (x, high)], curve.color, MEDIUM);
                for y in [low, high] {
                    canvas.line(&[(x - radius, y), (x + radius, y)], curve.color, MEDIUM);
                }
            }
            if let (Marker::Disc, Some((number, value))) = (curve.marker, mark)
                && number == point.0
            {
                canvas.marker(
                    Marker::Circle,
                    (x, panel.y_at(value)),
                    radius + 24,
                    VERMILION,
                );
            }
            canvas.marker(curve.marker, (x, panel.y_at(point.1)), radius, curve.color);
        }
    }
    let ticks = Ticks::fitting(0.6, panel.x.1, panel.right - panel.left);
    let ticks = if ticks.decimals > 0 {
        Ticks {
            values: (1..=panel.x.1 as usize).map(|n| n as f64).collect(),
            decimals: 0,
        }
    } else {
        ticks
    };
    panel.x_axis(canvas, &ticks, canvas.words.get("drawing.response"));
}

/// The highest number that the train reaches, missing ones included.
fn last_number(train: &Train) -> usize {
    let given = train
        .responses
        .iter()
        .filter_map(|response| response.ordinal);
    given
        .chain(train.missing.iter().copied())
        .max()
        .unwrap_or(1)
}

/// The numbers of the train that have no amplitude.
fn absent(channel: &ChannelStudy, train: &Train) -> Vec<usize> {
    let mut none: Vec<usize> = train.missing.clone();
    for (number, cmap) in numbered(channel, train) {
        if estimate(cmap, "amplitude").is_none() {
            none.push(number);
        }
    }
    none.sort_unstable();
    none
}

/// The responses that a reader changed: their numbers, and whether they were excluded.
fn by_hand(study: &Study, channel: &ChannelStudy, train: &Train) -> Vec<(usize, bool)> {
    let place = study
        .channels
        .iter()
        .position(|other| other.index == channel.index);
    let corrected = |index: usize| {
        place.is_some_and(|place| study.corrections_of_response(place, index).next().is_some())
    };
    train
        .responses
        .iter()
        .filter(|response| corrected(response.index))
        .filter_map(|response| {
            let cmap = channel.cmaps.get(response.index)?;
            Some((response.ordinal?, cmap.is_excluded()))
        })
        .collect()
}

fn numbered<'a>(
    channel: &'a ChannelStudy,
    train: &'a Train,
) -> impl Iterator<Item = (usize, &'a Cmap)> {
    train
        .responses
        .iter()
        .filter_map(|response| Some((response.ordinal?, channel.cmaps.get(response.index)?)))
}

fn estimate(cmap: &Cmap, id: &str) -> Option<Estimate> {
    let estimate = *cmap.get(id)?.as_ref().ok()?;
    estimate.value.is_finite().then_some(estimate)
}

/// The curves, their unit, and a note on what 100 % is or why it is not known.
fn curves(
    channel: &ChannelStudy,
    train: &Train,
    words: &Words,
) -> (Vec<Curve>, &'static str, Vec<String>) {
    let looks = [(Marker::Disc, BLACK, -0.11), (Marker::Square, BLUE, 0.11)];
    let mut curves = Vec::new();
    let mut hundred = Vec::new();
    for (&id, (marker, color, shift)) in CHANGING_MEASURES.iter().zip(looks) {
        let Some(measure) = MEASURES.iter().find(|measure| measure.id == id) else {
            continue;
        };
        let first = numbered(channel, train)
            .find(|(number, _)| *number == 1)
            .and_then(|(_, cmap)| estimate(cmap, id))
            .filter(|first| first.value > 0.0);
        let Some(first) = first else { continue };
        let percent = 100.0 / first.value;
        let points = numbered(channel, train)
            .filter_map(|(number, cmap)| {
                let e = estimate(cmap, id)?;
                Some((number, e.value * percent, e.low * percent, e.high * percent))
            })
            .collect();
        hundred.push(format!(
            "{} {}",
            short(words, first.value),
            measure.unit.symbol()
        ));
        curves.push(Curve {
            name: short_name(id, measure.name, words),
            marker,
            color,
            shift,
            points,
        });
    }
    if !curves.is_empty() {
        return (
            curves,
            "%",
            vec![words.fill("drawing.hundred", &[("values", &hundred.join(", "))])],
        );
    }
    let points: Vec<_> = numbered(channel, train)
        .filter_map(|(number, cmap)| {
            let e = estimate(cmap, "amplitude")?;
            Some((number, e.value, e.low, e.high))
        })
        .collect();
    let why = numbered(channel, train).find_map(|(_, cmap)| {
        let why = cmap.get("amplitude")?.as_ref().err()?;
        Some(reason(words, why))
    });
    let why = why.unwrap_or_else(|| words.get("drawing.there_is_none").to_owned());
    let note = if points.is_empty() {
        words.fill("drawing.no_response", &[("reason", &why)])
    } else {
        words.fill("drawing.first_not_measured", &[("reason", &why)])
    };
    let curve = Curve {
        name: words.get("measure.amplitude").to_owned(),
        marker: Marker::Disc,
        color: BLACK,
        shift: 0.0,
        points,
    };
    (vec![curve], "mV", vec![note])
}

/// `amplitude` for a reader of a figure, not `Negative-peak amplitude`.
fn short_name(id: &str, name: &str, words: &Words) -> String {
    words.of("measure", id, &name.to_lowercase())
}

/// The response that the ring marks: number and value of the first curve.
fn extreme(curves: &[Curve], kind: TrainKind) -> Option<(usize, f64)> {
    let sign = if kind == TrainKind::High { 1.0 } else { -1.0 };
    let points = &curves.first()?.points;
    points
        .iter()
        .filter(|point| point.0 > 1)
        .map(|point| (point.0, point.1))
        .reduce(|best, next| {
            if sign * next.1 > sign * best.1 {
                next
            } else {
                best
            }
        })
}

/// The change by the first convention that fits the kind of train, for each measure.
fn results(train: &Train, words: &Words) -> Vec<String> {
    let (direction, word) = match train.kind {
        TrainKind::Low => (Direction::Decrement, "supports.decrement"),
        TrainKind::High => (Direction::Increment, "supports.increment"),
        TrainKind::Single | TrainKind::Other => return Vec::new(),
    };
    let Some(convention) = CONVENTIONS.iter().find(|card| card.direction == direction) else {
        return Vec::new();
    };
    CHANGING_MEASURES
        .iter()
        .filter_map(|&measure| {
            let change = train
                .changes
                .iter()
                .find(|change| change.measure == measure && change.convention == convention.id)?;
            let to = change
                .to
                .map_or_else(String::new, |to| format!(" {}→{to}", change.from));
            Some(words.fill(
                "drawing.result",
                &[
                    ("change", &format!("{}{to}", words.get(word))),
                    ("measure", &words.of("measure", measure, measure)),
                    ("value", &change_text(words, &change.value)),
                ],
            ))
        })
        .collect()
}
