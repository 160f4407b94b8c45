//! The search for the frequency of the mains.

use crate::math::golden;

/// Shorter signal (s) does not tell the frequency better than the nominal one does (heuristic: 0.1 Hz turn the phase by 18° in 0.5 s).
pub(super) const RESOLVED_S: f64 = 0.5;

/// Steps of the golden section: the interval shrinks to 1e-4 of itself.
const GOLDEN_STEPS: usize = 20;

/// Where a frequency is looked for.
pub(super) struct Search {
    /// It lies within `reach` of this (Hz).
    pub center: f64,
    pub reach: f64,
    /// The length of the signal (s).
    pub span: f64,
    /// The harmonics that tell it.
    pub telling: Vec<usize>,
}

impl Search {
    /// The frequency at which `power` is largest.
    pub fn find(&self, power: impl Fn(f64) -> f64) -> f64 {
        self.closely(self.roughly(&power), power)
    }

    /// From one point of the grid to the next. The highest harmonic has the narrowest peak: half of its resolution is met by at least one
    /// point.
    fn grid(&self) -> (usize, f64) {
        let highest = self.telling.iter().copied().max().unwrap_or(1) as f64;
        let points = (2.0 * self.reach * 2.0 * self.span * highest)
            .ceil()
            .max(2.0);
        (points as usize, 2.0 * self.reach / points)
    }

    /// The point of the grid at which `power` is largest; the center where the signal is too short to tell.
    pub fn roughly(&self, power: impl Fn(f64) -> f64) -> f64 {
        if self.span < RESOLVED_S {
            return self.center;
        }
        let (points, step) = self.grid();
        (0..=points)
            .map(|i| self.center - self.reach + i as f64 * step)
            .map(|hertz| (power(hertz), hertz))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(self.center, |(_, hertz)| hertz)
    }

    /// The top between the neighbors of the best point of the grid.
    pub fn closely(&self, best: f64, power: impl Fn(f64) -> f64) -> f64 {
        if self.span < RESOLVED_S {
            return self.center;
        }
        let (_, step) = self.grid();
        golden::maximum(best - step, best + step, GOLDEN_STEPS, power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(span: f64) -> Search {
        Search {
            center: 50.0,
            reach: 0.5,
            span,
            telling: vec![1, 3],
        }
    }

    /// The spectrum of a line at 50.137 Hz in signal of that length, at its third harmonic.
    fn line(hertz: f64, span: f64) -> f64 {
        let x = 3.0 * (hertz - 50.137) * span * std::f64::consts::PI;
        if x == 0.0 { 1.0 } else { (x.sin() / x).powi(2) }
    }

    #[test]
    fn the_grid_meets_the_peak_and_the_rest_finds_its_top() {
        for span in [0.6, 3.0, 20.0] {
            let search = search(span);
            let rough = search.roughly(|hertz| line(hertz, span));
            assert!(line(rough, span) > 0.8, "{span}: {rough}");
            let found = search.find(|hertz| line(hertz, span));
            assert!((found - 50.137).abs() < 1e-4, "{span}: {found}");
        }
    }

    #[test]
    fn short_signal_has_the_frequency_that_was_expected() {
        assert_eq!(search(0.4).find(|hertz| line(hertz, 0.4)), 50.0);
    }
}
