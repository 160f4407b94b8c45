//! The frame of every figure: title, notes, a place to plot, a key, and a footer.

use super::style::{
    Align, BLACK, Canvas, Color, DARK_GRAY, LINE, MARGIN, Marker, TEXT, TITLE, WIDTH, draw, fit,
    lines, width_of,
};
use crate::recording::Side;
use crate::series::When;
use crate::study::{ChannelStudy, Study};
use crate::train::{Train, TrainKind};
use crate::units::Seconds;
use crate::words::Words;

/// What is written around the plot of a figure.
pub struct Sheet<'a> {
    /// The words of the figure.
    pub words: &'a Words,
    /// File, muscle, side.
    pub title: String,
    /// Train, rate, time after exercise.
    pub subtitle: String,
    /// Results in words.
    pub notes: Vec<String>,
    /// What the signs mean.
    pub keys: Vec<Key>,
    /// Height of the place to plot, axes included.
    pub plot_height: i32,
    /// What made it.
    pub version: &'static str,
}

/// One entry of the key.
pub struct Key {
    /// The sign.
    pub sign: Sign,
    /// Its color.
    pub color: Color,
    /// Its meaning.
    pub text: String,
}

/// The sign of a key.
#[derive(Clone, Copy)]
pub enum Sign {
    /// A small sign.
    Marker(Marker),
    /// A line of that width.
    Line(u32),
    /// A dashed line of that width.
    Dashed(u32),
    /// A dotted line of that width.
    Dotted(u32),
    /// An upright bar of that height.
    Bar(i32),
}

/// The place to plot, in units of the sheet.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Left edge.
    pub left: i32,
    /// Right edge.
    pub right: i32,
    /// Upper edge.
    pub top: i32,
}

/// Room for the sign of a key, with the gap to its text.
const SIGN_WIDTH: i32 = 190;
/// The gap between two keys.
const KEY_GAP: i32 = 110;
/// A longer note is cut (heuristic: the plot is what the figure is for).
const NOTE_LINES: usize = 3;
/// The gap between text and plot.
const GAP: i32 = 110;

impl Key {
    /// A key of a small sign.
    pub fn marker(marker: Marker, color: Color, text: impl Into<String>) -> Self {
        Self::new(Sign::Marker(marker), color, text)
    }

    /// A key of any sign.
    pub fn new(sign: Sign, color: Color, text: impl Into<String>) -> Self {
        Self {
            sign,
            color,
            text: text.into(),
        }
    }

    fn width(&self) -> i32 {
        SIGN_WIDTH + width_of(&self.text, TEXT)
    }

    fn height(&self) -> i32 {
        match self.sign {
            Sign::Bar(height) => (height + 40).max(LINE),
            _ => LINE,
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, left: i32, middle: i32) {
        let (from, to) = (left, left + SIGN_WIDTH - 50);
        let center = (from + to) / 2;
        match self.sign {
            Sign::Marker(marker) => canvas.marker(marker, (center, middle), 32, self.color),
            Sign::Line(width) => canvas.line(&[(from, middle), (to, middle)], self.color, width),
            Sign::Dashed(width) => {
                canvas.dashed((from, middle), (to, middle), self.color, width);
            }
            Sign::Dotted(width) => {
                canvas.dotted(&[(from, middle), (to, middle)], self.color, width);
            }
            Sign::Bar(height) => {
                let (top, bottom) = (middle - height / 2, middle - height / 2 + height);
                canvas.line(&[(center, top), (center, bottom)], self.color, MEDIUM_BAR);
                for y in [top, bottom] {
                    canvas.line(
                        &[(center - 20, y), (center + 20, y)],
                        self.color,
                        MEDIUM_BAR,
                    );
                }
            }
        }
        let at = (left + SIGN_WIDTH, middle + TEXT * 3 / 8);
        canvas.text(&self.text, at, Align::Start, TEXT, BLACK);
    }
}

/// Width of the line of a scale bar.
const MEDIUM_BAR: u32 = 12;

impl Sheet<'_> {
    /// Draws the frame, and into it what `plot` draws.
    pub fn draw(self, plot: impl FnOnce(&mut Canvas<'_>, Place)) -> String {
        let inner = WIDTH - 2 * MARGIN;
        let mut rows: Vec<Vec<&Key>> = Vec::new();
        let mut used = i32::MAX / 2;
        for key in &self.keys {
            if used + KEY_GAP + key.width() > inner {
                rows.push(Vec::new());
                used = -KEY_GAP;
            }
            used += KEY_GAP + key.width();
            if let Some(row) = rows.last_mut() {
                row.push(key);
            }
        }
        let row_height = |row: &Vec<&Key>| row.iter().map(|key| key.height()).max().unwrap_or(0);
        let notes: Vec<String> = self
            .notes
            .iter()
            .flat_map(|note| lines(note, TEXT, inner, NOTE_LINES))
            .collect();
        let top = MARGIN + TITLE + LINE + notes.len() as i32 * LINE + GAP;
        let bottom = top + self.plot_height;
        let keys: i32 = rows.iter().map(row_height).sum();
        let height = bottom + 40 + keys + LINE + MARGIN;
        draw(height, self.words, |canvas| {
            let mut y = MARGIN + TITLE;
            let title = fit(&self.title, TITLE, inner);
            canvas.text(&title, (MARGIN, y), Align::Start, TITLE, BLACK);
            y += LINE;
            let subtitle = fit(&self.subtitle, TEXT, inner);
            canvas.text(&subtitle, (MARGIN, y), Align::Start, TEXT, BLACK);
            for note in &notes {
                y += LINE;
                canvas.text(note, (MARGIN, y), Align::Start, TEXT, DARK_GRAY);
            }
            let place = Place {
                left: MARGIN,
                right: WIDTH - MARGIN,
                top,
            };
            plot(canvas, place);
            let mut y = bottom + 40;
            for row in &rows {
                let mut x = MARGIN;
                for key in row {
                    key.draw(canvas, x, y + row_height(row) / 2);
                    x += key.width() + KEY_GAP;
                }
                y += row_height(row);
            }
            let footer = format!("endplate {}", self.version);
            let at = (WIDTH - MARGIN, height - MARGIN);
            canvas.text(&footer, at, Align::End, TEXT, DARK_GRAY);
        })
    }
}

/// File, muscle (else the label) and side.
pub fn title(study: &Study, channel: &ChannelStudy, words: &Words) -> String {
    let file = study.origin.path.file_stem().unwrap_or_default();
    let mut parts = vec![file.to_string_lossy().into_owned()];
    let stated = channel.muscle.as_ref().unwrap_or(&channel.label);
    parts.push(words.of("muscle", stated, stated));
    match channel.side {
        Some(Side::Left) => parts.push(words.get("side.left").to_owned()),
        Some(Side::Right) => parts.push(words.get("side.right").to_owned()),
        None => {}
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.join(" · ")
}

/// The number of a train (from 1), its rate, and when it was recorded.
pub fn describe(channel: &ChannelStudy, number: usize, train: &Train, words: &Words) -> String {
    let mut parts = vec![words.fill("form.train", &[("numbers", &number.to_string())])];
    let count = train.responses.len().to_string();
    let stimuli = match train.missing.len() {
        0 => words.fill("drawing.stimuli", &[("count", &count)]),
        missing => words.fill(
            "drawing.stimuli_missing",
            &[("count", &count), ("missing", &missing.to_string())],
        ),
    };
    match (&train.rate, train.kind) {
        (_, TrainKind::Single) => parts.push(words.get("drawing.single_stimulus").to_owned()),
        (Ok(rate), _) => {
            let decimals = if (rate.0 - rate.0.round()).abs() < 0.05 {
                0
            } else {
                1
            };
            parts.push(format!("{} Hz", words.number(rate.0, decimals)));
            parts.push(stimuli);
        }
        (Err(reason), _) => {
            let reason = super::reason(words, reason);
            parts.push(words.fill("drawing.rate_unknown", &[("reason", &reason)]));
            parts.push(stimuli);
        }
    }
    let when = channel
        .series
        .iter()
        .flat_map(|series| &series.entries)
        .find(|entry| entry.train + 1 == number)
        .map(|entry| entry.when);
    match when.map(|when| when_text(when, words)) {
        Some(text) if !text.is_empty() => parts.push(text),
        _ => parts.extend(train.label.clone()),
    }
    parts.join(" · ")
}

/// When a train was recorded, in words.
fn when_text(when: When, words: &Words) -> String {
    match when {
        When::Rest => words.get("when.rest").to_owned(),
        When::After { exercise, delay } => {
            let exercise = exercise.map_or_else(
                || words.get("when.exercise").to_owned(),
                |length| exercise_of(length, words),
            );
            let delay = if delay.0 >= 90.0 {
                let minutes = format!("{:.1}", delay.0 / 60.0);
                format!("{} min", words.spell(minutes.trim_end_matches(".0")))
            } else {
                format!("{:.0} s", delay.0)
            };
            words.fill("when.after", &[("delay", &delay), ("exercise", &exercise)])
        }
        When::Unknown => String::new(),
    }
}

/// `10 s exercise`
pub fn exercise_of(length: Seconds, words: &Words) -> String {
    let length = format!("{:.0} s", length.0);
    words.fill("when.exercise_of", &[("length", &length)])
}
