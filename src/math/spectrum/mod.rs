//! Sinusoids in a signal with holes, which no Fourier transform can tell from its holes.

mod basis;
mod pieces;

pub use pieces::{Piece, Pieces};

use super::least_squares::Solution;
use basis::Basis;
use std::f64::consts::TAU;

/// After so many steps the rotation that makes sines is set right again, so that rounding cannot grow (heuristic: 1e-16 × 512 is
/// still far below any voltage).
const STEPS_PER_START: usize = 512;

/// The cosine and sine of 2π · `hertz` · (`start` + i · `step`) for i = 0, 1, 2 …, `start` and `step` in seconds.
pub fn rotation(hertz: f64, start: f64, step: f64) -> impl Iterator<Item = (f64, f64)> {
    let (turn_sin, turn_cos) = (TAU * hertz * step).sin_cos();
    let mut state = (1.0, 0.0);
    (0..).map(move |i: usize| {
        if i.is_multiple_of(STEPS_PER_START) {
            let (sin, cos) = (TAU * hertz * (start + i as f64 * step)).sin_cos();
            state = (cos, sin);
        }
        let now = state;
        state = (
            now.0 * turn_cos - now.1 * turn_sin,
            now.0 * turn_sin + now.1 * turn_cos,
        );
        now
    })
}

/// Sinusoids that were fitted to pieces of signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Sinusoids {
    /// The frequencies (Hz).
    pub hertz: Vec<f64>,
    /// Cosine and sine amplitudes of each frequency, cosine first.
    pub solution: Solution,
}

/// Fits sinusoids of the given frequencies to pieces of signal by least squares, each piece about a straight line of its own. `None` when
/// they cannot be told apart. `step` is the time between values (s).
pub fn fit(pieces: &Pieces, hertz: &[f64], step: f64) -> Option<Sinusoids> {
    Some(Sinusoids {
        hertz: hertz.to_vec(),
        solution: Basis::new(hertz, step).sums(pieces).solve()?,
    })
}

/// The sum of squares that sinusoids explain together in several signals, in each with amplitudes and phases of its own and each piece
/// about its own straight line; nothing where they cannot be told apart.
pub fn explained_together<'a>(
    signals: impl IntoIterator<Item = &'a Pieces>,
    hertz: &[f64],
    step: f64,
) -> f64 {
    let mut basis = Basis::new(hertz, step);
    signals
        .into_iter()
        .filter_map(|pieces| basis.sums(pieces).explained())
        .sum()
}

/// The sum of squares that one sinusoid explains, each piece about its own straight line.
pub fn explained(pieces: &Pieces, hertz: f64, step: f64) -> f64 {
    let sums = Basis::new(&[hertz], step).sums(pieces);
    let (&[cc, _, cs, ss], &[cy, sy]) = (sums.matrix(), sums.right()) else {
        return 0.0;
    };
    let determinant = cc * ss - cs * cs;
    if determinant <= f64::EPSILON * cc * ss {
        return 0.0;
    }
    (cy * cy * ss - 2.0 * cy * sy * cs + sy * sy * cc) / determinant
}

impl Sinusoids {
    /// The sum of the sinusoids at `length` equal steps from `start` (s) on.
    pub fn values(&self, start: f64, step: f64, length: usize) -> Vec<f64> {
        self.values_of(|_| true, start, step, length)
    }

    /// The sum of some of the sinusoids, told by their place in the list, at `length` equal steps from `start` (s) on.
    pub fn values_of(
        &self,
        wanted: impl Fn(usize) -> bool,
        start: f64,
        step: f64,
        length: usize,
    ) -> Vec<f64> {
        let mut sum = vec![0.0; length];
        let pairs = self.hertz.iter().zip(self.solution.unknowns.chunks(2));
        for (_, (&hertz, pair)) in pairs.enumerate().filter(|(index, _)| wanted(*index)) {
            let &[a, b] = pair else { continue };
            for (slot, (cos, sin)) in sum.iter_mut().zip(rotation(hertz, start, step)) {
                *slot += a * cos + b * sin;
            }
        }
        sum
    }

    /// The mean square of the sinusoids over many periods.
    pub fn mean_square(&self) -> f64 {
        self.solution.unknowns.iter().map(|a| a * a / 2.0).sum()
    }

    /// The mean square of each sinusoid over many periods.
    pub fn mean_squares(&self) -> impl Iterator<Item = f64> {
        let square = |pair: &[f64]| pair.iter().map(|a| a * a / 2.0).sum();
        self.solution.unknowns.chunks(2).map(square)
    }

    /// The variance of each sinusoid by itself over many periods, for an error of variance 1 in each value.
    pub fn variances(&self) -> impl Iterator<Item = f64> {
        let unknowns = self.solution.unknowns.len();
        let at = move |i: usize| self.solution.inverse[i * unknowns + i];
        (0..self.hertz.len()).map(move |i| (at(2 * i) + at(2 * i + 1)) / 2.0)
    }

    /// The variance of the sum of the sinusoids at a time (s), for an error of variance 1 in each value.
    pub fn variance_at(&self, time: f64) -> f64 {
        let u: Vec<f64> = self
            .hertz
            .iter()
            .flat_map(|hertz| {
                let (sin, cos) = (TAU * hertz * time).sin_cos();
                [cos, sin]
            })
            .collect();
        let n = u.len();
        (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .map(|(i, j)| u[i] * u[j] * self.solution.inverse[i * n + j])
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::pieces::detrend;
    use super::*;
    use crate::math::least_squares::Normal;

    fn sine(start: f64, length: usize, offset: f64, slope: f64) -> Piece {
        let values = (0..length)
            .map(|i| {
                let t = start + i as f64 * 1e-3;
                offset + slope * t + 3.0 * (TAU * 50.0 * t).cos() - 4.0 * (TAU * 50.0 * t).sin()
            })
            .collect();
        Piece::new(start, values)
    }

    #[test]
    fn a_rotation_stays_on_its_sine_for_a_million_steps() {
        let (cos, sin) = rotation(50.013, 3.5, 1e-4).nth(1_000_000).unwrap();
        let (expected_sin, expected_cos) = (TAU * 50.013 * (3.5 + 100.0)).sin_cos();
        assert!((cos - expected_cos).abs() < 1e-9 && (sin - expected_sin).abs() < 1e-9);
    }

    #[test]
    fn a_sine_under_two_lines_is_found_in_pieces_shorter_than_its_period() {
        let pieces: Pieces = [sine(0.0, 15, 100.0, -7.0), sine(0.1, 15, -20.0, 300.0)]
            .into_iter()
            .collect();
        let fit = fit(&pieces, &[50.0], 1e-3).unwrap();
        for (got, expected) in fit.solution.unknowns.iter().zip([3.0, -4.0]) {
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
        assert!((fit.mean_square() - 12.5).abs() < 1e-8);
        assert!((fit.mean_squares().sum::<f64>() - 12.5).abs() < 1e-8);
        assert_eq!(fit.values_of(|_| false, 0.02, 1e-3, 2), [0.0, 0.0]);
        let there = fit.values(0.02, 1e-3, 1)[0];
        assert!((there - 3.0).abs() < 1e-8);
    }

    #[test]
    fn what_a_sinusoid_explains_is_what_the_fit_leaves_less() {
        let pieces: Pieces = [sine(0.0, 37, 100.0, -7.0), sine(0.1, 23, -20.0, 300.0)]
            .into_iter()
            .collect();
        let total: f64 = pieces
            .iter()
            .flat_map(|piece| piece.values())
            .map(|v| v * v)
            .sum();
        for hertz in [30.0, 50.0, 77.7] {
            let left = fit(&pieces, &[hertz], 1e-3).unwrap().solution.residual;
            let got = explained(&pieces, hertz, 1e-3);
            assert!((total - left - got).abs() < 1e-8 * total, "{hertz}: {got}");
            let together = explained_together([&pieces], &[hertz], 1e-3);
            assert!((together / got - 1.0).abs() < 1e-9, "{hertz}: {together}");
        }
    }

    #[test]
    fn sums_by_length_are_the_sums_over_all_samples() {
        let pieces: Pieces = [
            sine(0.0, 15, 100.0, -7.0),
            sine(0.1, 15, -20.0, 300.0),
            sine(0.2, 40, 1.0, 0.0),
            sine(0.3, 1, 1.0, 0.0),
        ]
        .into_iter()
        .collect();
        let hertz = [50.0, 100.3, 171.0];
        let mut expected = Normal::new(6);
        for piece in pieces.iter() {
            let columns: Vec<Vec<f64>> = hertz
                .iter()
                .flat_map(|&hertz| {
                    let (mut cos, mut sin): (Vec<f64>, Vec<f64>) =
                        rotation(hertz, piece.start(), 1e-3)
                            .take(piece.values().len())
                            .unzip();
                    detrend(&mut cos);
                    detrend(&mut sin);
                    [cos, sin]
                })
                .collect();
            for (i, &value) in piece.values().iter().enumerate() {
                let row: Vec<f64> = columns.iter().map(|column| column[i]).collect();
                expected.add(&row, value);
            }
        }
        let (got, expected) = (
            fit(&pieces, &hertz, 1e-3).unwrap().solution,
            expected.solve().unwrap(),
        );
        for (got, expected) in [
            (&got.unknowns, &expected.unknowns),
            (&got.inverse, &expected.inverse),
        ] {
            for (got, expected) in got.iter().zip(expected) {
                assert!((got - expected).abs() < 1e-9, "{got} {expected}");
            }
        }
        assert_eq!(got.count, 71);
        assert!((got.residual - expected.residual).abs() < 1e-9);
    }

    #[test]
    fn the_variance_of_a_long_fit_is_2_over_n() {
        let piece = Piece::new(0.0, (0..1000).map(f64::from).collect());
        let fit = fit(&[piece].into_iter().collect(), &[50.0], 1e-3).unwrap();
        assert!((fit.variance_at(0.123) - 0.002).abs() < 1e-4);
        let [one] = fit.variances().collect::<Vec<_>>()[..] else {
            panic!()
        };
        assert!((one - 0.002).abs() < 1e-4);
    }
}
