//! Amplitude of the first response and decrement over the time after exercise.

use super::axis::{Panel, Ticks, widen};
use super::limits;
use super::sheet::{self, Key, Place, Sheet, Sign};
use super::style::{Align, BLACK, Canvas, GRAY, LINE, MEDIUM, Marker, TEXT, THIN, TICK, width_of};
use super::{FigureCard, Subject, reason};
use crate::series::{Series, When};
use crate::study::{ChannelStudy, Study};
use crate::train::{CONVENTIONS, Direction, Train, Trust};
use crate::words::Words;

/// The card.
pub static SERIES: FigureCard = FigureCard {
    id: "exercise",
    name: "Amplitude and decrement after exercise",
    meaning: "Above: the amplitude of the first response of each train. Below, where there is one: its decrement by the first convention. Rest stands at the left, then the time after the end of the exercise; where the file does not say when a train was recorded, the numbers of the trains stand below. Bars are 95 % intervals.",
    subject: Subject::Series(draw),
};

/// Height of each of the two plots.
const HEIGHT: i32 = 1000;
/// Between the two plots.
const BETWEEN: i32 = 130;
/// The room for rest left of time 0, as a share of the time axis.
const REST_SHARE: f64 = 0.16;
/// A round time is labeled up to so many times that of the last train: who records after 4 minutes does so after 3 min 59 s, too. The axis
/// reaches further than that.
const BESIDE_END: f64 = 1.01;
/// From this time on, in seconds, the axis counts minutes.
const MINUTES_FROM: f64 = 120.0;

/// A value of one train.
struct Point {
    x: f64,
    value: f64,
    low: f64,
    high: f64,
}

/// One measure over the trains.
#[derive(Default)]
struct Course {
    points: Vec<Point>,
    /// Where trains without a value stand.
    absent: Vec<f64>,
    /// Why the first of them has none.
    why: Option<String>,
}

impl Course {
    /// Adds the value of a train with its interval, or why there is none.
    fn add(&mut self, x: f64, value: Result<(f64, f64, f64), String>) {
        match value {
            Ok((value, low, high)) => self.points.push(Point {
                x,
                value,
                low,
                high,
            }),
            Err(text) => {
                self.absent.push(x);
                self.why.get_or_insert(text);
            }
        }
    }

    /// A note where no train has a value.
    fn why_empty(&self, note: &str, words: &Words) -> Option<String> {
        let why = self.why.as_ref().filter(|_| self.points.is_empty())?;
        Some(words.fill(note, &[("reason", why)]))
    }
}

/// Where the trains stand along the axis.
enum Axis {
    /// Seconds after exercise, divided by the second number; rest is left of 0.
    Time { end: f64, unit: f64, rests: usize },
    /// By the number of the train, because nothing tells the time.
    Numbers,
}

fn draw(study: &Study, channel: &ChannelStudy, index: usize, words: &Words) -> String {
    let Some(series) = channel.series.get(index) else {
        return String::new();
    };
    let axis = Axis::of(series);
    let places = axis.places(series);
    let train = |entry: usize| channel.trains.get(series.entries.get(entry)?.train);
    let (mut amplitudes, mut decrements) = (Course::default(), Course::default());
    for (entry, &x) in places.iter().enumerate() {
        let Some(train) = train(entry) else { continue };
        amplitudes.add(x, amplitude(channel, train, words));
        decrements.add(x, decrement(train, words));
    }
    // Single shocks have no decrement, and an empty plot would say nothing.
    let falls = !decrements.points.is_empty();
    let members: Vec<usize> = series.entries.iter().map(|entry| entry.train).collect();
    let mut lines: Vec<f64> = members
        .iter()
        .flat_map(|&train| limits::of_train(study, channel, train, words))
        .filter(|limit| !limit.upward)
        .map(|limit| limit.at)
        .collect();
    lines.sort_by(f64::total_cmp);
    lines.dedup();
    let absent = !amplitudes.absent.is_empty() || (falls && !decrements.absent.is_empty());
    let keys = keys(absent, &lines, words);
    let mut notes: Vec<String> = [
        amplitudes.why_empty("drawing.no_amplitude", words),
        decrements.why_empty("drawing.no_decrement", words),
    ]
    .into_iter()
    .flatten()
    .collect();
    notes.extend(said(study, channel, &members, words));
    let plots = if falls { 2 * HEIGHT + BETWEEN } else { HEIGHT };
    let sheet = Sheet {
        words,
        title: sheet::title(study, channel, words),
        subtitle: subtitle(channel, series, words),
        notes,
        keys,
        plot_height: plots + TICK + 2 * TEXT + 60,
        version: study.provenance.version,
    };
    sheet.draw(|canvas, place| {
        let make = |top: i32, y: (f64, f64)| panel(place, top, &axis, places.len(), y);
        let timed = matches!(axis, Axis::Time { .. });
        let fill = |canvas: &mut Canvas<'_>, panel: &Panel, course: &Course| {
            axis.exercise(canvas, panel);
            values(canvas, panel, &course.points, timed);
            for &x in &course.absent {
                canvas.marker(Marker::Cross, (panel.x_at(x), panel.bottom - 55), 28, GRAY);
            }
        };
        let upper = make(place.top, scale(&amplitudes.points, 0.0));
        fill(canvas, &upper, &amplitudes);
        let ticks = Ticks::new(upper.y.0, upper.y.1, 5);
        let title = format!("{}, mV", words.get("measure.amplitude"));
        upper.y_axis(canvas, &ticks, &title);
        if !falls {
            return axis.draw(canvas, &upper, &places, series);
        }
        let across = |panel: &Panel, y: i32| [(panel.left, y), (panel.right, y)];
        canvas.line(&across(&upper, upper.bottom), GRAY, THIN);
        let highest_line = lines.last().copied().unwrap_or(0.0);
        let lower = make(
            place.top + HEIGHT + BETWEEN,
            scale(&decrements.points, highest_line),
        );
        if lower.y.0 < 0.0 {
            canvas.line(&across(&lower, lower.y_at(0.0)), GRAY, THIN);
        }
        for &line in &lines {
            let [from, to] = across(&lower, lower.y_at(line));
            canvas.dashed(from, to, BLACK, MEDIUM);
        }
        fill(canvas, &lower, &decrements);
        let ticks = Ticks::new(lower.y.0, lower.y.1, 5);
        let title = format!("{}, %", words.get("supports.decrement"));
        lower.y_axis(canvas, &ticks, &title);
        axis.draw(canvas, &lower, &places, series);
    })
}

/// What the signs mean.
fn keys(absent: bool, lines: &[f64], words: &Words) -> Vec<Key> {
    let mut keys = vec![Key::marker(Marker::Disc, BLACK, words.get("drawing.value"))];
    if absent {
        let text = words.get("drawing.no_value");
        keys.push(Key::marker(Marker::Cross, GRAY, text));
    }
    if !lines.is_empty() {
        let values = words.numbers(lines.iter().copied());
        let text = words.fill("drawing.limit_of_decrement", &[("limits", &values)]);
        keys.push(Key::new(Sign::Dashed(MEDIUM), BLACK, text));
    }
    keys
}

/// What criterion sets say of the facilitation, which trains cannot be believed, and what a reader changed.
fn said(study: &Study, channel: &ChannelStudy, members: &[usize], words: &Words) -> Vec<String> {
    let mut notes: Vec<String> = limits::of_facilitation(study, channel, members, words)
        .iter()
        .map(|limit| words.fill("drawing.facilitation", &[("limit", &limit.text)]))
        .collect();
    for &member in members {
        if let Some(why) = channel
            .trains
            .get(member)
            .and_then(|train| limits::refusal(&train.trust, words))
        {
            let number = (member + 1).to_string();
            notes.push(words.fill("drawing.train_said", &[("number", &number), ("what", &why)]));
        }
    }
    notes.extend(by_hand(study, channel, members, words));
    notes
}

/// What a reader changed by hand in the trains of the figure.
fn by_hand(
    study: &Study,
    channel: &ChannelStudy,
    members: &[usize],
    words: &Words,
) -> Option<String> {
    let place = study
        .channels
        .iter()
        .position(|other| other.index == channel.index)?;
    let corrected = |train: &usize| study.corrections_of_train(place, *train).next().is_some();
    let number = |train: usize| (train + 1).to_string();
    let changed: Vec<_> = members
        .iter()
        .copied()
        .filter(corrected)
        .map(number)
        .collect();
    let excluded = channel.trains.iter().enumerate();
    let excluded: Vec<_> = excluded
        .filter(|(_, train)| train.trust == Trust::Excluded)
        .map(|(train, _)| number(train))
        .collect();
    let parts = [
        ("drawing.changed_trains", changed),
        ("drawing.excluded_trains", excluded),
    ];
    let told = parts.into_iter().filter(|(_, trains)| !trains.is_empty());
    let told: Vec<_> = told
        .map(|(what, trains)| words.fill(what, &[("trains", &trains.join(", "))]))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn subtitle(channel: &ChannelStudy, series: &Series, words: &Words) -> String {
    let mut parts = Vec::new();
    let rate = series
        .entries
        .iter()
        .filter_map(|entry| channel.trains.get(entry.train)?.rate.as_ref().ok())
        .next();
    if let Some(rate) = rate {
        let decimals = usize::from((rate.0 - rate.0.round()).abs() >= 0.05);
        parts.push(format!("{} Hz", words.number(rate.0, decimals)));
    }
    let count = series.entries.len().to_string();
    parts.push(words.fill("drawing.trains", &[("count", &count)]));
    let exercise = series.entries.iter().find_map(|entry| match entry.when {
        When::After { exercise, .. } => exercise,
        When::Rest | When::Unknown => None,
    });
    parts.extend(exercise.map(|length| sheet::exercise_of(length, words)));
    parts.join(" · ")
}

fn amplitude(
    channel: &ChannelStudy,
    train: &Train,
    words: &Words,
) -> Result<(f64, f64, f64), String> {
    let first = train
        .responses
        .iter()
        .find(|response| response.ordinal == Some(1));
    let value = first.and_then(|response| channel.cmaps.get(response.index)?.get("amplitude"));
    match value {
        Some(Ok(e)) if e.value.is_finite() => Ok((e.value, e.low, e.high)),
        Some(Err(why)) => Err(reason(words, why)),
        _ => Err(words.get("drawing.no_first").to_owned()),
    }
}

fn decrement(train: &Train, words: &Words) -> Result<(f64, f64, f64), String> {
    let convention = CONVENTIONS
        .iter()
        .find(|card| card.direction == Direction::Decrement);
    let change = convention.and_then(|card| {
        train
            .changes
            .iter()
            .find(|change| change.measure == "amplitude" && change.convention == card.id)
    });
    match change.map(|change| &change.value) {
        Some(Ok(e)) if e.value.0.is_finite() => Ok((e.value.0, e.low.0, e.high.0)),
        Some(Err(why)) => Err(reason(words, why)),
        _ => Err(words.get("drawing.not_computed").to_owned()),
    }
}

/// The vertical scale: all values with their intervals, and 0 (and the line, if there is one) among them.
fn scale(points: &[Point], line: f64) -> (f64, f64) {
    let values = points
        .iter()
        .flat_map(|p| [p.value, p.low, p.high])
        .filter(|value| value.is_finite());
    let (low, high) = values.fold((0.0f64, line), |(low, high), v| (low.min(v), high.max(v)));
    let (_, top) = widen(low, high, 0.12);
    let bottom = if low < 0.0 {
        widen(low, high, 0.12).0
    } else {
        0.0
    };
    (bottom, top)
}

fn panel(place: Place, top: i32, axis: &Axis, count: usize, y: (f64, f64)) -> Panel {
    let x = match axis {
        Axis::Time { end, rests, .. } if *rests > 0 => (-REST_SHARE * end, end * 1.04),
        Axis::Time { end, .. } => (-0.03 * end, end * 1.04),
        Axis::Numbers => (0.5, count as f64 + 0.5),
    };
    Panel {
        left: place.left + 420,
        right: place.right - 30,
        top,
        bottom: top + HEIGHT,
        x,
        y,
    }
}

fn values(canvas: &mut Canvas<'_>, panel: &Panel, points: &[Point], timed: bool) {
    // rest is not joined with what follows: the exercise lies between
    let line: Vec<_> = points
        .iter()
        .filter(|p| !timed || p.x >= 0.0)
        .map(|p| (panel.x_at(p.x), panel.y_at(p.value)))
        .collect();
    canvas.line(&line, BLACK, THIN);
    for point in points {
        let (x, y) = (panel.x_at(point.x), panel.y_at(point.value));
        if point.low.is_finite() && point.high.is_finite() {
            let (low, high) = (panel.y_at(point.low), panel.y_at(point.high));
            canvas.line(&[(x, low), (x, high)], BLACK, MEDIUM);
            for y in [low, high] {
                canvas.line(&[(x - 27, y), (x + 27, y)], BLACK, MEDIUM);
            }
        }
        canvas.marker(Marker::Disc, (x, y), 24, BLACK);
    }
}

/// The times that are labeled, up to the last train.
fn times(end: f64, width: i32) -> Ticks {
    let mut ticks = Ticks::fitting(0.0, end, width);
    if let [.., before, last] = *ticks.values.as_slice() {
        let next = last + (last - before);
        ticks
            .values
            .extend((next <= end * BESIDE_END).then_some(next));
    }
    ticks
}

impl Axis {
    fn of(series: &Series) -> Self {
        let mut end = 0.0f64;
        let mut rests = 0;
        for entry in &series.entries {
            match entry.when {
                When::Unknown => return Self::Numbers,
                When::Rest => rests += 1,
                When::After { delay, .. } => end = end.max(delay.0),
            }
        }
        if end <= 0.0 {
            return Self::Numbers;
        }
        let unit = if end >= MINUTES_FROM { 60.0 } else { 1.0 };
        Self::Time {
            end: end / unit,
            unit,
            rests,
        }
    }

    /// Where each entry stands.
    fn places(&self, series: &Series) -> Vec<f64> {
        let mut seen = 0;
        series
            .entries
            .iter()
            .enumerate()
            .map(|(index, entry)| match (self, entry.when) {
                (Self::Time { unit, .. }, When::After { delay, .. }) => delay.0 / unit,
                (Self::Time { end, rests, .. }, _) => {
                    seen += 1;
                    // several trains at rest share the room
                    let share = seen as f64 / (*rests as f64 + 1.0);
                    -REST_SHARE * end * (0.86 - 0.52 * share)
                }
                (Self::Numbers, _) => (index + 1) as f64,
            })
            .collect()
    }

    /// A gray band at time 0, where the exercise ended.
    fn exercise(&self, canvas: &mut Canvas<'_>, panel: &Panel) {
        if let Self::Time { .. } = self {
            let x = panel.x_at(0.0);
            canvas.dashed((x, panel.top), (x, panel.bottom), GRAY, THIN);
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, panel: &Panel, places: &[f64], series: &Series) {
        let words = canvas.words;
        match self {
            Self::Time { end, unit, rests } => {
                let zero = panel.x_at(0.0);
                let width = panel.right - zero;
                let ticks = times(*end, width);
                let word = if *unit > 1.0 { "min" } else { "s" };
                let exercise = words.get("when.exercise");
                let title = words.fill("when.after", &[("delay", word), ("exercise", exercise)]);
                panel.x_axis(canvas, &ticks, &title);
                if *rests > 0 {
                    let middle = places.iter().filter(|x| **x < 0.0).sum::<f64>() / *rests as f64;
                    // The word ends before the label of time 0, however long it is.
                    let word = words.get("when.rest");
                    let label = words.number(0.0, ticks.decimals);
                    let free = zero - width_of(&label, TEXT) / 2 - TEXT / 2;
                    let x = panel.x_at(middle).min(free - width_of(word, TEXT) / 2);
                    let at = (x, panel.bottom + TICK + TEXT);
                    canvas.text(word, at, Align::Middle, TEXT, BLACK);
                }
            }
            Self::Numbers => {
                let numbers: Vec<f64> = places.to_vec();
                // labels side by side need this much room, in units
                let every =
                    (LINE * numbers.len() as i32 * 2 / (panel.right - panel.left)).max(0) + 1;
                let values = numbers.into_iter().step_by(every.unsigned_abs() as usize);
                let ticks = Ticks {
                    values: values.collect(),
                    decimals: 0,
                };
                let first = series.entries.first().map_or(1, |entry| entry.train + 1);
                let title = words.fill("drawing.train_axis", &[("first", &first.to_string())]);
                panel.x_axis(canvas, &ticks, &title);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_train_just_before_a_round_time_has_the_label_of_that_time() {
        let labeled = |end: f64| times(end, 3000).values;
        assert_eq!(labeled(4.0).last(), Some(&4.0));
        assert_eq!(labeled(3.99).last(), Some(&4.0));
        assert_eq!(labeled(59.98), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        // The axis does not reach that far.
        assert!(labeled(3.8).last() < Some(&4.0));
    }
}
