//! The sweeps of a train: as a raster, newest below, and superimposed with the landmarks of each response.

use super::axis::{Panel, Ticks, round_step};
use super::rows::{Row, end_of, extreme, first_row, marked, range, rows, window};
use super::sheet::{self, Key, Place, Sheet, Sign};
use super::style::{
    Align, BLACK, BLUE, Canvas, Color, GRAY, MARGIN, MEDIUM, Marker, TEXT, THICK, THIN, TICK,
    VERMILION, width_of,
};
use super::{FigureCard, Subject, limits, reason, trace};
use crate::cmap::Landmark;
use crate::recording::Point;
use crate::study::{ChannelStudy, Study};
use crate::sweep::Sweep;
use crate::train::Trust;
use crate::words::Words;

/// The card.
pub static RASTER: FigureCard = FigureCard {
    id: "raster",
    name: "Sweeps of a train",
    meaning: "Left: one sweep under the other, the newest below, the number of the response at the left. Right: the same sweeps superimposed, with onset, negative peak and return to baseline of each response. Negative is up.",
    subject: Subject::Train(draw),
};

/// From this many responses on, lines are thin and the signs of the many small (heuristic).
const CROWD: usize = 15;

fn draw(study: &Study, channel: &ChannelStudy, index: usize, words: &Words) -> String {
    let Some(train) = channel.trains.get(index) else {
        return String::new();
    };
    let rows = rows(study, channel, train);
    let marked = marked(&rows, train.kind);
    let x = window(&rows);
    let y = range(&rows, x.1);
    let height = (rows.len() as i32 * 170).clamp(1500, 3000);
    let bar = Bar::new(&rows, y, height);
    let sheet = Sheet {
        words,
        title: sheet::title(study, channel, words),
        subtitle: sheet::describe(channel, index + 1, train, words),
        notes: notes(&rows, words)
            .into_iter()
            .chain(limits::refusal(&train.trust, words).filter(|_| train.trust == Trust::Excluded))
            .collect(),
        keys: keys(&rows, marked, &bar, words),
        plot_height: height + TICK + 2 * TEXT + 60,
        version: study.provenance.version,
    };
    sheet.draw(|canvas, place| {
        stacked(canvas, place, &rows, marked, x, &bar);
        superimposed(canvas, place, &rows, marked, x, y, height);
    })
}

/// The vertical scale of the raster.
struct Bar {
    /// Units of the sheet per mV.
    gain: f64,
    /// From the top of the panel to the zero line of the first row.
    first: f64,
    /// From one row to the next.
    spacing: f64,
    /// The height of the raster.
    height: i32,
    /// What the scale bar stands for, in mV.
    value: f64,
}

impl Bar {
    fn new(rows: &[Row<'_>], y: (f64, f64), height: i32) -> Self {
        /// The height of a scale bar, in units, is at least half of this.
        const LONGEST: f64 = 300.0;
        // neighbors may overlap, and in long trains they must (heuristic: legible from 1 to 50 rows)
        let overlap = (1.0 + rows.len().saturating_sub(1) as f64 * 0.09).min(5.0);
        let spacing = f64::from(height) / (overlap + rows.len().saturating_sub(1) as f64);
        let gain = overlap * spacing / (y.1 - y.0);
        let step = round_step(LONGEST / gain);
        // the step is rounded up; the next lower round number fits
        let value = if step * gain > LONGEST {
            round_step(step / 2.6)
        } else {
            step
        };
        Self {
            gain,
            first: y.1 * gain,
            spacing,
            height,
            value,
        }
    }
}

fn notes(rows: &[Row<'_>], words: &Words) -> Vec<String> {
    if rows.iter().any(|row| row.amplitude().is_some()) {
        return Vec::new();
    }
    let why = rows
        .iter()
        .filter_map(|row| row.content?.1.get("amplitude")?.as_ref().err())
        .next();
    let why = why.map_or_else(
        || words.get("drawing.no_sweep").to_owned(),
        |why| reason(words, why),
    );
    vec![words.fill("drawing.no_response", &[("reason", &why)])]
}

fn keys(rows: &[Row<'_>], marked: Option<usize>, bar: &Bar, words: &Words) -> Vec<Key> {
    let decimals = (-bar.value.log10().floor()).max(0.0) as usize;
    let value = words.number(bar.value, decimals);
    let text = words.fill("drawing.bar", &[("value", &value)]);
    let height = (bar.value * bar.gain).round() as i32;
    let mut keys = vec![Key::new(Sign::Bar(height), BLACK, text)];
    if rows.iter().any(|row| row.amplitude().is_some()) {
        keys.push(Key::marker(
            Marker::Triangle,
            BLACK,
            words.get("changed.onset"),
        ));
        keys.push(Key::marker(
            Marker::Circle,
            BLACK,
            words.get("changed.negative_peak"),
        ));
        keys.push(Key::marker(
            Marker::Square,
            BLACK,
            words.get("drawing.return"),
        ));
    }
    if first_row(rows).is_some_and(|first| rows[first].amplitude().is_some()) && rows.len() > 1 {
        keys.push(Key::new(
            Sign::Line(THICK),
            BLACK,
            words.get("drawing.first"),
        ));
    }
    if let Some(number) = marked.and_then(|index| rows.get(index)?.number) {
        let response = words.fill("form.response", &[("number", &number.to_string())]);
        keys.push(Key::new(
            Sign::Line(THICK),
            VERMILION,
            format!("{response}, {}", words.get(extreme(rows, marked))),
        ));
    }
    if rows
        .iter()
        .any(|row| row.content.is_some() && row.amplitude().is_none() && !row.excluded())
    {
        keys.push(Key::new(
            Sign::Line(MEDIUM),
            BLUE,
            words.get("drawing.not_measured"),
        ));
    }
    if rows.iter().any(Row::excluded) {
        keys.push(Key::new(
            Sign::Dotted(MEDIUM),
            GRAY,
            words.get("drawing.excluded"),
        ));
    }
    if rows.iter().any(|row| !row.placed.is_empty()) {
        keys.push(Key::marker(
            Marker::Plus,
            BLACK,
            words.get("drawing.placed"),
        ));
    }
    if rows.iter().any(|row| row.content.is_none()) {
        keys.push(Key::new(
            Sign::Dashed(MEDIUM),
            GRAY,
            words.get("drawing.no_stimulus"),
        ));
    }
    if rows.iter().any(|row| row.number.is_none()) {
        keys.push(Key::marker(
            Marker::Cross,
            GRAY,
            words.get("drawing.beside_rhythm"),
        ));
    }
    keys
}

fn stacked(
    canvas: &mut Canvas<'_>,
    place: Place,
    rows: &[Row<'_>],
    marked: Option<usize>,
    x: (f64, f64),
    bar: &Bar,
) {
    let mut panel = Panel {
        left: place.left + 330,
        right: place.left + 1570,
        top: place.top,
        bottom: place.top + bar.height,
        x,
        y: (0.0, 1.0),
    };
    let axis = panel;
    // labels need this much room, in units
    let room = f64::from(TEXT) * 1.25;
    let every = round_step((room / bar.spacing).max(1.0)) as usize;
    for (index, row) in rows.iter().enumerate() {
        let zero = f64::from(place.top) + bar.first + index as f64 * bar.spacing;
        // a scale whose zero is the row's own line
        let span = f64::from(bar.height) / bar.gain;
        let low = -(f64::from(panel.bottom) - zero) / bar.gain;
        panel.y = (low, low + span);
        let y = zero.round() as i32;
        let label = (panel.left - 30, y + TEXT * 3 / 8);
        // 1 is always shown, and the numbers that follow it keep their distance
        let show = row
            .number
            .is_some_and(|n| n == 1 || (n % every == 0 && (n - 1) as f64 * bar.spacing >= room));
        if let (Some(number), true) = (row.number, show) {
            canvas.text(&number.to_string(), label, Align::End, TEXT, BLACK);
        }
        if row.number.is_none() {
            canvas.marker(Marker::Cross, (panel.left - 60, y), 26, GRAY);
        }
        match row.content {
            None => canvas.dashed((panel.left, y), (panel.right, y), GRAY, MEDIUM),
            Some((sweep, _)) if row.excluded() => {
                excluded(canvas, &panel, sweep);
            }
            Some((sweep, _)) => {
                let color = match (row.amplitude(), marked == Some(index)) {
                    (None, _) => BLUE,
                    (Some(_), true) => VERMILION,
                    (Some(_), false) => BLACK,
                };
                let reach = (bar.spacing * 0.3) as i32;
                let clip = ((y - reach).max(panel.top), (y + reach).min(panel.bottom));
                let width = if rows.len() > CROWD { THIN } else { MEDIUM };
                strokes(canvas, &panel, sweep, clip, color, width);
            }
        }
    }
    let ticks = Ticks::fitting(x.0, x.1, axis.right - axis.left);
    axis.x_axis(canvas, &ticks, canvas.words.get("drawing.time_axis"));
    let middle = (axis.top + axis.bottom) / 2;
    canvas.upward(
        canvas.words.get("drawing.response"),
        (MARGIN + TEXT, middle),
        BLACK,
    );
}

/// A stimulus may be late by a sample or two, so that its artefact begins a little before 0, in ms.
const LEAD_MS: f64 = 0.25;

/// Draws a sweep; its artefact is thin, gray and kept between the heights `clip`, because it is never measured.
fn strokes(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    sweep: &Sweep,
    clip: (i32, i32),
    color: Color,
    width: u32,
) {
    let artefact = sweep.artefact_end.0.max(0.0);
    let whole = (panel.top, panel.bottom);
    let parts = [
        ((-LEAD_MS, artefact), clip, GRAY, THIN),
        ((panel.x.0, -LEAD_MS), whole, color, width),
        (
            (artefact, end_of(sweep).min(panel.x.1)),
            whole,
            color,
            width,
        ),
    ];
    for (span, clip, color, width) in parts {
        for line in trace::lines(panel, sweep, span, clip) {
            canvas.line(&line, color, width);
        }
    }
}

/// The arms of the cross behind a landmark that a reader placed reach beyond its sign.
const PLACED_RADIUS: i32 = 62;

/// A response that a reader excluded: dotted and gray, so that nobody takes it for one that counts.
fn excluded(canvas: &mut Canvas<'_>, panel: &Panel, sweep: &Sweep) {
    let from = sweep.artefact_end.0.max(0.0).max(panel.x.0);
    let span = (from, end_of(sweep).min(panel.x.1));
    for line in trace::lines(panel, sweep, span, (panel.top, panel.bottom)) {
        canvas.dotted(&line, GRAY, MEDIUM);
    }
}

fn superimposed(
    canvas: &mut Canvas<'_>,
    place: Place,
    rows: &[Row<'_>],
    marked: Option<usize>,
    x: (f64, f64),
    y: (f64, f64),
    height: i32,
) {
    let ticks = Ticks::new(y.0, y.1, 7);
    let more = ticks.width() - width_of("−0.2", TEXT);
    let panel = Panel {
        left: place.right - 1190 + more.max(0),
        right: place.right - 30,
        top: place.top,
        bottom: place.top + height,
        x,
        y,
    };
    let zero = panel.y_at(0.0);
    canvas.line(&[(panel.left, zero), (panel.right, zero)], GRAY, THIN);
    let first = first_row(rows);
    let order = (0..rows.len())
        .filter(|index| Some(*index) != first && Some(*index) != marked)
        .chain(first)
        .chain(marked);
    let order: Vec<usize> = order.collect();
    let look = |index: usize| {
        if Some(index) == first {
            (BLACK, THICK)
        } else if Some(index) == marked {
            (VERMILION, THICK)
        } else {
            (GRAY, THIN)
        }
    };
    for &index in &order {
        let Some(row) = rows.get(index) else { continue };
        if let Some((sweep, _)) = row.content {
            if row.excluded() {
                excluded(canvas, &panel, sweep);
                continue;
            }
            let (color, width) = look(index);
            let (color, width) = if row.amplitude().is_none() {
                (BLUE, THIN)
            } else {
                (color, width)
            };
            strokes(
                canvas,
                &panel,
                sweep,
                (panel.top, panel.bottom),
                color,
                width,
            );
        }
    }
    for &index in &order {
        let Some(row) = rows.get(index) else { continue };
        let Some((_, cmap)) = row.content else {
            continue;
        };
        let (color, width) = look(index);
        let radius = if width == THIN && rows.len() > CROWD {
            11
        } else {
            26
        };
        let marks = &cmap.landmarks;
        let mut sign = |landmark: Option<Landmark>, marker, point| {
            let Some(landmark) = landmark else { return };
            if landmark.time.0 <= panel.x.1 && landmark.value.0.is_finite() {
                let at = (panel.x_at(landmark.time.0), panel.y_at(landmark.value.0));
                if row.placed.contains(&point) {
                    canvas.marker(Marker::Plus, at, PLACED_RADIUS, BLACK);
                }
                canvas.marker(marker, at, radius, color);
            }
        };
        sign(marks.onset, Marker::Triangle, Point::Onset);
        sign(marks.negative_peak, Marker::Circle, Point::NegativePeak);
        sign(marks.baseline_return, Marker::Square, Point::Return);
    }
    let times = Ticks::fitting(x.0, x.1, panel.right - panel.left);
    panel.x_axis(canvas, &times, canvas.words.get("drawing.time_axis"));
    panel.y_axis(canvas, &ticks, canvas.words.get("drawing.voltage_axis"));
}
