//! Sinusoids in a signal with holes, which no Fourier transform can tell from its holes.

use super::least_squares::{Normal, Solution, line};
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

/// Values at equal steps with a time of their own: a piece of a signal with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The time of the first value (s).
    pub start: f64,
    /// The values.
    pub values: Vec<f64>,
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
pub fn fit(pieces: &[Piece], hertz: &[f64], step: f64) -> Option<Sinusoids> {
    let mut normal = Normal::new(2 * hertz.len());
    let mut row = vec![0.0; 2 * hertz.len()];
    for piece in pieces {
        let mut columns = columns(hertz, piece.start, step, piece.values.len());
        columns.iter_mut().for_each(|column| detrend(column));
        let mut values = piece.values.clone();
        detrend(&mut values);
        for (i, &value) in values.iter().enumerate() {
            for (slot, column) in row.iter_mut().zip(&columns) {
                *slot = column[i];
            }
            normal.add(&row, value);
        }
    }
    Some(Sinusoids {
        hertz: hertz.to_vec(),
        solution: normal.solve()?,
    })
}

/// The sum of squares that one sinusoid explains, each piece about its own straight line. For speed the pieces are taken as detrended
/// already.
pub fn explained(detrended: &[Piece], hertz: f64, step: f64) -> f64 {
    let (mut cc, mut cs, mut ss, mut cy, mut sy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for piece in detrended {
        let n = piece.values.len() as f64;
        let middle = (n - 1.0) / 2.0;
        let spread = n * (n * n - 1.0) / 12.0;
        if spread <= 0.0 {
            continue;
        }
        // Sums of the sinusoid with 1 and with time take the straight line out of it without a second pass.
        let (mut c1, mut s1, mut ct, mut st) = (0.0, 0.0, 0.0, 0.0);
        for (i, (&value, (cos, sin))) in piece
            .values
            .iter()
            .zip(rotation(hertz, piece.start, step))
            .enumerate()
        {
            let t = i as f64 - middle;
            cc += cos * cos;
            cs += cos * sin;
            ss += sin * sin;
            cy += cos * value;
            sy += sin * value;
            c1 += cos;
            s1 += sin;
            ct += cos * t;
            st += sin * t;
        }
        cc -= c1 * c1 / n + ct * ct / spread;
        cs -= c1 * s1 / n + ct * st / spread;
        ss -= s1 * s1 / n + st * st / spread;
    }
    let determinant = cc * ss - cs * cs;
    if determinant <= f64::EPSILON * cc * ss {
        return 0.0;
    }
    (cy * cy * ss - 2.0 * cy * sy * cs + sy * sy * cc) / determinant
}

/// Takes the straight line out of values.
pub fn detrend(values: &mut [f64]) {
    let Some((level, slope)) = line(values) else {
        values.fill(0.0);
        return;
    };
    let middle = (values.len() - 1) as f64 / 2.0;
    for (i, value) in values.iter_mut().enumerate() {
        *value -= level + slope * (i as f64 - middle);
    }
}

fn columns(hertz: &[f64], start: f64, step: f64, length: usize) -> Vec<Vec<f64>> {
    hertz
        .iter()
        .flat_map(|&hertz| {
            let (cos, sin) = rotation(hertz, start, step).take(length).unzip();
            [cos, sin]
        })
        .collect()
}

impl Sinusoids {
    /// The sum of the sinusoids at `length` equal steps from `start` (s) on.
    pub fn values(&self, start: f64, step: f64, length: usize) -> Vec<f64> {
        let mut sum = vec![0.0; length];
        for (&hertz, pair) in self.hertz.iter().zip(self.solution.unknowns.chunks(2)) {
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
    use super::*;

    fn sine(start: f64, length: usize, offset: f64, slope: f64) -> Piece {
        let values = (0..length)
            .map(|i| {
                let t = start + i as f64 * 1e-3;
                offset + slope * t + 3.0 * (TAU * 50.0 * t).cos() - 4.0 * (TAU * 50.0 * t).sin()
            })
            .collect();
        Piece { start, values }
    }

    #[test]
    fn a_rotation_stays_on_its_sine_for_a_million_steps() {
        let (cos, sin) = rotation(50.013, 3.5, 1e-4).nth(1_000_000).unwrap();
        let (expected_sin, expected_cos) = (TAU * 50.013 * (3.5 + 100.0)).sin_cos();
        assert!((cos - expected_cos).abs() < 1e-9 && (sin - expected_sin).abs() < 1e-9);
    }

    #[test]
    fn a_sine_under_two_lines_is_found_in_pieces_shorter_than_its_period() {
        let pieces = [sine(0.0, 15, 100.0, -7.0), sine(0.1, 15, -20.0, 300.0)];
        let fit = fit(&pieces, &[50.0], 1e-3).unwrap();
        for (got, expected) in fit.solution.unknowns.iter().zip([3.0, -4.0]) {
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
        assert!((fit.mean_square() - 12.5).abs() < 1e-8);
        let there = fit.values(0.02, 1e-3, 1)[0];
        assert!((there - 3.0).abs() < 1e-8);
    }

    #[test]
    fn what_a_sinusoid_explains_is_what_the_fit_leaves_less() {
        let mut pieces = [sine(0.0, 37, 100.0, -7.0), sine(0.1, 23, -20.0, 300.0)];
        let total: f64 = {
            pieces
                .iter_mut()
                .for_each(|piece| detrend(&mut piece.values));
            pieces
                .iter()
                .flat_map(|piece| &piece.values)
                .map(|v| v * v)
                .sum()
        };
        for hertz in [30.0, 50.0, 77.7] {
            let left = fit(&pieces, &[hertz], 1e-3).unwrap().solution.residual;
            let got = explained(&pieces, hertz, 1e-3);
            assert!((total - left - got).abs() < 1e-8 * total, "{hertz}: {got}");
        }
    }

    #[test]
    fn the_variance_of_a_long_fit_is_2_over_n() {
        let piece = Piece {
            start: 0.0,
            values: (0..1000).map(f64::from).collect(),
        };
        let fit = fit(&[piece], &[50.0], 1e-3).unwrap();
        assert!((fit.variance_at(0.123) - 0.002).abs() < 1e-4);
    }
}
