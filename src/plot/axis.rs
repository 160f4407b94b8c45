//! Scales and axes: from values to places on the sheet, with ticks at round numbers.

use super::style::{Align, BLACK, Canvas, MEDIUM, TEXT, TICK, width_of};
use crate::words::Words;

/// A rectangle of the sheet with a linear scale in both directions.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// Left edge.
    pub left: i32,
    /// Right edge.
    pub right: i32,
    /// Upper edge.
    pub top: i32,
    /// Lower edge.
    pub bottom: i32,
    /// The values at the left and right edges.
    pub x: (f64, f64),
    /// The values at the lower and upper edges.
    pub y: (f64, f64),
}

impl Panel {
    /// The place of a value on the horizontal scale, not rounded.
    pub fn x_exact(&self, value: f64) -> f64 {
        let share = (value - self.x.0) / (self.x.1 - self.x.0);
        f64::from(self.left) + share * f64::from(self.right - self.left)
    }

    /// The place of a value on the vertical scale, not rounded.
    pub fn y_exact(&self, value: f64) -> f64 {
        let share = (value - self.y.0) / (self.y.1 - self.y.0);
        f64::from(self.bottom) - share * f64::from(self.bottom - self.top)
    }

    /// The place of a value on the horizontal scale.
    pub fn x_at(&self, value: f64) -> i32 {
        self.x_exact(value).round() as i32
    }

    /// The place of a value on the vertical scale, kept inside the panel.
    pub fn y_at(&self, value: f64) -> i32 {
        (self.y_exact(value).round() as i32).clamp(self.top, self.bottom)
    }

    /// The horizontal axis with its ticks and title.
    pub fn x_axis(&self, canvas: &mut Canvas<'_>, ticks: &Ticks, title: &str) {
        let y = self.bottom;
        canvas.line(&[(self.left, y), (self.right, y)], BLACK, MEDIUM);
        for &value in &ticks.values {
            let x = self.x_at(value);
            canvas.line(&[(x, y), (x, y + TICK)], BLACK, MEDIUM);
            let at = (x, y + TICK + TEXT);
            let label = canvas.words.number(value, ticks.decimals);
            canvas.text(&label, at, Align::Middle, TEXT, BLACK);
        }
        let middle = (self.left + self.right) / 2;
        canvas.text(
            title,
            (middle, y + TICK + 2 * TEXT + 30),
            Align::Middle,
            TEXT,
            BLACK,
        );
    }

    /// The vertical axis with its ticks and title.
    pub fn y_axis(&self, canvas: &mut Canvas<'_>, ticks: &Ticks, title: &str) {
        let x = self.left;
        canvas.line(&[(x, self.top), (x, self.bottom)], BLACK, MEDIUM);
        for &value in &ticks.values {
            let y = self.y_at(value);
            canvas.line(&[(x - TICK, y), (x, y)], BLACK, MEDIUM);
            let at = (x - TICK - 20, y + TEXT * 3 / 8);
            let label = canvas.words.number(value, ticks.decimals);
            canvas.text(&label, at, Align::End, TEXT, BLACK);
        }
        let widest = ticks.width();
        let at = (x - TICK - 20 - widest - 50, (self.top + self.bottom) / 2);
        canvas.upward(title, at, BLACK);
    }
}

/// Round values along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// The values, ascending.
    pub values: Vec<f64>,
    /// Decimals of their labels.
    pub decimals: usize,
}

impl Ticks {
    /// At most `most` round values between `low` and `high`: multiples of 1, 2 or 5 times a power of ten.
    pub fn new(low: f64, high: f64, most: usize) -> Self {
        let step = round_step((high - low) / most.max(1) as f64);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        // a hair of tolerance keeps an end that is itself a multiple
        let count = (last - first + 1.0 + 1e-9).max(0.0) as usize;
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        Self {
            values: (0..count).map(|i| (first + i as f64) * step).collect(),
            decimals,
        }
    }

    /// The values whose labels fit side by side into `width`.
    pub fn fitting(low: f64, high: f64, width: i32) -> Self {
        /// Free space between two labels.
        const GAP: i32 = 110;
        let mut most = 9;
        loop {
            let ticks = Self::new(low, high, most);
            let widest = ticks.width();
            let room = match ticks.values.as_slice() {
                [a, b, ..] => ((b - a) / (high - low) * f64::from(width)) as i32,
                _ => width,
            };
            if widest + GAP <= room || most <= 2 {
                return ticks;
            }
            most -= 1;
        }
    }

    /// The width of the widest label, in units of the sheet.
    pub fn width(&self) -> i32 {
        // a comma is as wide as a point
        let english = Words::english();
        let widths = self
            .values
            .iter()
            .map(|&value| width_of(&english.number(value, self.decimals), TEXT));
        widths.max().unwrap_or(0)
    }
}

/// A number with about three digits, for a note in a figure.
pub fn short(words: &Words, value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    words.number(value, decimals)
}

/// The smallest of 1, 2 or 5 times a power of ten that is not below `least`.
pub fn round_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9));
    step.unwrap_or(10.0 * power)
}

/// `low..high` widened by a share of its length, or by one if it has none.
pub fn widen(low: f64, high: f64, share: f64) -> (f64, f64) {
    let length = high - low;
    if !(length.is_finite() && length > 0.0) {
        return (low - 1.0, high + 1.0);
    }
    (low - share * length, high + share * length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(
            Ticks::new(-0.2, 10.3, 6).values,
            [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        );
        let fine = Ticks::new(0.0, 0.31, 5);
        assert_eq!(
            Words::english().number(fine.values[1], fine.decimals),
            "0.1"
        );
    }

    #[test]
    fn a_step_is_not_smaller_than_asked() {
        assert_eq!(round_step(0.21), 0.5);
        assert_eq!(round_step(2.0), 2.0);
        assert_eq!(round_step(7.0), 10.0);
        assert_eq!(round_step(f64::NAN), 1.0);
    }
}
