//! Sinusoids in a signal with holes, which no Fourier transform can tell from its holes.

use super::lanes::dot;
use super::least_squares::{Line, Normal, Solution, line};
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

/// Values at equal steps with a time of their own, freed of their straight line: a piece of a signal with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    start: f64,
    values: Vec<f64>,
    /// The sum of the squares of the values.
    square: f64,
    folded: Folded,
}

impl Piece {
    /// From values whose first lies at `start` (s).
    pub fn new(start: f64, mut values: Vec<f64>) -> Self {
        detrend(&mut values);
        Self {
            start,
            square: dot(&values, &values),
            folded: Folded::new(&values),
            values,
        }
    }

    /// The time of the first value (s).
    pub fn start(&self) -> f64 {
        self.start
    }

    /// The values without their straight line.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
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
    Some(Sinusoids {
        hertz: hertz.to_vec(),
        solution: Basis::new(hertz, step).sums(pieces).solve()?,
    })
}

/// The sum of squares that sinusoids explain together in several signals, in each with amplitudes and phases of its own and each piece
/// about its own straight line; nothing where they cannot be told apart.
pub fn explained_together<'a>(
    signals: impl IntoIterator<Item = &'a [Piece]>,
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
pub fn explained(pieces: &[Piece], hertz: f64, step: f64) -> f64 {
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

/// Values folded about their middle, from there outward: what is even about it and what is odd. A product with a cosine needs only the
/// one and a product with a sine only the other, at half as many places.
#[derive(Clone, Debug, PartialEq)]
struct Folded {
    even: Vec<f64>,
    odd: Vec<f64>,
}

impl Folded {
    fn new(values: &[f64]) -> Self {
        let half = values.len() / 2;
        let (before, rest) = values.split_at(half);
        // Where their number is odd, the middle value is even by itself.
        let (middle, after) = rest.split_at(rest.len() - half);
        let pairs = || after.iter().zip(before.iter().rev());
        let sums = pairs().map(|(after, before)| after + before);
        let differences = pairs().map(|(after, before)| after - before);
        Self {
            even: middle.iter().copied().chain(sums).collect(),
            odd: middle.iter().map(|_| 0.0).chain(differences).collect(),
        }
    }
}

/// Cosines and sines about the middle of a piece, from there outward, freed of their straight lines. What a fit sees of any piece of that
/// length is these, turned by the phase at its middle; so their products are summed once for a length, not once for a piece. Cosines are
/// even and sines odd about the middle: both are told by one half, and no cosine has a product with a sine.
struct Centered {
    cosines: Vec<Vec<f64>>,
    sines: Vec<Vec<f64>>,
    /// Of each frequency with those up to it, row by row: of the cosines and of the sines, over both halves.
    products: Vec<(f64, f64)>,
}

impl Centered {
    fn new(hertz: &[f64], step: f64, length: usize) -> Self {
        let half = length.div_ceil(2);
        // In steps from the middle. Where their number is odd, the first is the middle itself and has no partner.
        let first = if length.is_multiple_of(2) { 0.5 } else { 0.0 };
        let alone = |value: f64| if first == 0.0 { value } else { 0.0 };
        let offset = |i: usize| first + i as f64;
        let squares: f64 = (0..half).map(|i| offset(i) * offset(i)).sum();
        let mut centered = Self {
            cosines: Vec::with_capacity(hertz.len()),
            sines: Vec::with_capacity(hertz.len()),
            products: Vec::new(),
        };
        for &hertz in hertz {
            let (mut cosines, mut sines): (Vec<f64>, Vec<f64>) =
                rotation(hertz, step * first, step).take(half).unzip();
            // The straight line of what is even is its mean, that of what is odd is its slope.
            let at_middle = cosines.first().copied().unwrap_or(0.0);
            let mean = (2.0 * cosines.iter().sum::<f64>() - alone(at_middle)) / length as f64;
            cosines.iter_mut().for_each(|value| *value -= mean);
            let moment: f64 = sines.iter().enumerate().map(|(i, s)| offset(i) * s).sum();
            let slope = if squares > 0.0 { moment / squares } else { 0.0 };
            for (i, value) in sines.iter_mut().enumerate() {
                *value -= slope * offset(i);
            }
            centered.cosines.push(cosines);
            centered.sines.push(sines);
        }
        for i in 0..hertz.len() {
            for j in 0..=i {
                let (a, b) = (&centered.cosines[i], &centered.cosines[j]);
                let at_middle = a.first().zip(b.first()).map_or(0.0, |(a, b)| a * b);
                let even = 2.0 * dot(a, b) - alone(at_middle);
                let odd = 2.0 * dot(&centered.sines[i], &centered.sines[j]);
                centered.products.push((even, odd));
            }
        }
        centered
    }
}

/// Sinusoids as a fit needs them, made once for each length of a piece.
struct Basis<'a> {
    hertz: &'a [f64],
    step: f64,
    /// Which multiple of the first frequency each is, if all are.
    multiples: Option<Vec<u32>>,
    /// By length. Pieces of a signal have few lengths, and mostly that of the one before.
    centered: Vec<(usize, Centered)>,
}

impl<'a> Basis<'a> {
    fn new(hertz: &'a [f64], step: f64) -> Self {
        let first = hertz.first().copied().unwrap_or(1.0);
        let multiple = |hertz: &f64| {
            let ratio = hertz / first;
            let whole = ratio.round();
            // What rounding leaves of a product of the first frequency.
            let is_whole = (ratio - whole).abs() <= 4.0 * f64::EPSILON * whole;
            is_whole.then_some(whole as u32)
        };
        Self {
            hertz,
            step,
            multiples: hertz.iter().map(multiple).collect(),
            centered: Vec::new(),
        }
    }

    /// Sine and cosine of each frequency at a time (s). Those of harmonics are powers of those of the first.
    fn phases(&self, time: f64, phases: &mut Vec<(f64, f64)>) {
        phases.clear();
        let at = |hertz: &f64| (TAU * hertz * time).sin_cos();
        let (Some(multiples), Some(first)) = (&self.multiples, self.hertz.first()) else {
            return phases.extend(self.hertz.iter().map(at));
        };
        let (sin, cos) = at(first);
        let (mut power, mut turned) = (1, (sin, cos));
        for &multiple in multiples {
            if multiple < power {
                (power, turned) = (1, (sin, cos));
            }
            while power < multiple {
                turned = (
                    turned.0 * cos + turned.1 * sin,
                    turned.1 * cos - turned.0 * sin,
                );
                power += 1;
            }
            phases.push(turned);
        }
    }

    /// The place in `centered` of what belongs to a length; `near` is where it was for the piece before.
    fn of_length(&mut self, length: usize, near: usize) -> usize {
        let is = |(of, _): &(usize, Centered)| *of == length;
        if self.centered.get(near).is_some_and(is) {
            return near;
        }
        let known = self.centered.iter().position(is);
        known.unwrap_or_else(|| {
            let centered = Centered::new(self.hertz, self.step, length);
            self.centered.push((length, centered));
            self.centered.len() - 1
        })
    }

    /// The sums of a least-squares fit: cosine and sine of each frequency in turn.
    fn sums(&mut self, pieces: &[Piece]) -> Normal {
        let (step, count) = (self.step, self.hertz.len());
        let size = 2 * count;
        let mut right = vec![0.0; size];
        let (mut square, mut samples) = (0.0, 0);
        let mut phases = Vec::with_capacity(count);
        // By length and pair of frequencies: Σ cos cos, Σ sin sin, Σ sin cos, Σ cos sin of the phases of the pieces.
        let mut turns: Vec<Vec<[f64; 4]>> = Vec::new();
        let mut place = 0;
        for piece in pieces.iter().filter(|piece| !piece.values.is_empty()) {
            let length = piece.values.len();
            place = self.of_length(length, place);
            if turns.len() <= place {
                turns.resize(place + 1, vec![[0.0; 4]; count * (count + 1) / 2]);
            }
            self.phases(piece.start + step * middle(length), &mut phases);
            let centered = &self.centered[place].1;
            let mut turned = turns[place].iter_mut();
            for (i, &(sin, cos)) in phases.iter().enumerate() {
                let even = dot(&centered.cosines[i], &piece.folded.even);
                let odd = dot(&centered.sines[i], &piece.folded.odd);
                right[2 * i] += cos * even - sin * odd;
                right[2 * i + 1] += sin * even + cos * odd;
                for (&(sin_j, cos_j), sums) in phases[..=i].iter().zip(&mut turned) {
                    let products = [cos * cos_j, sin * sin_j, sin * cos_j, cos * sin_j];
                    for (sum, product) in sums.iter_mut().zip(products) {
                        *sum += product;
                    }
                }
            }
            square += piece.square;
            samples += length;
        }
        let mut matrix = vec![0.0; size * size];
        for (turns, (_, centered)) in turns.iter().zip(&self.centered) {
            let mut pairs = turns.iter().zip(&centered.products);
            for i in 0..count {
                for (j, (&[cc, ss, sc, cs], &(even, odd))) in (0..=i).zip(&mut pairs) {
                    let row = 2 * i * size + 2 * j;
                    matrix[row] += cc * even + ss * odd;
                    matrix[row + 1] += cs * even - sc * odd;
                    matrix[row + size] += sc * even - cs * odd;
                    matrix[row + size + 1] += ss * even + cc * odd;
                }
            }
        }
        Normal::from_sums(matrix, right, square, samples)
    }
}

/// The middle of so many values, in steps from the first.
fn middle(length: usize) -> f64 {
    (length as f64 - 1.0) / 2.0
}

/// Takes the straight line out of values.
fn detrend(values: &mut [f64]) {
    let Some(Line { level, slope, .. }) = line(values) else {
        values.fill(0.0);
        return;
    };
    let middle = (values.len() - 1) as f64 / 2.0;
    for (i, value) in values.iter_mut().enumerate() {
        *value -= level + slope * (i as f64 - middle);
    }
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
        let pieces = [sine(0.0, 37, 100.0, -7.0), sine(0.1, 23, -20.0, 300.0)];
        let total: f64 = pieces
            .iter()
            .flat_map(|piece| piece.values())
            .map(|v| v * v)
            .sum();
        for hertz in [30.0, 50.0, 77.7] {
            let left = fit(&pieces, &[hertz], 1e-3).unwrap().solution.residual;
            let got = explained(&pieces, hertz, 1e-3);
            assert!((total - left - got).abs() < 1e-8 * total, "{hertz}: {got}");
            let together = explained_together([pieces.as_slice()], &[hertz], 1e-3);
            assert!((together / got - 1.0).abs() < 1e-9, "{hertz}: {together}");
        }
    }

    #[test]
    fn sums_by_length_are_the_sums_over_all_samples() {
        let pieces = [
            sine(0.0, 15, 100.0, -7.0),
            sine(0.1, 15, -20.0, 300.0),
            sine(0.2, 40, 1.0, 0.0),
            sine(0.3, 1, 1.0, 0.0),
        ];
        let hertz = [50.0, 100.3, 171.0];
        let mut expected = Normal::new(6);
        for piece in &pieces {
            let columns: Vec<Vec<f64>> = hertz
                .iter()
                .flat_map(|&hertz| {
                    let (mut cos, mut sin): (Vec<f64>, Vec<f64>) =
                        rotation(hertz, piece.start, 1e-3)
                            .take(piece.values.len())
                            .unzip();
                    detrend(&mut cos);
                    detrend(&mut sin);
                    [cos, sin]
                })
                .collect();
            for (i, &value) in piece.values.iter().enumerate() {
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
    fn harmonics_turn_as_often_as_they_should() {
        let mut phases = Vec::new();
        for hertz in [vec![50.1, 100.2, 50.1 * 7.0, 50.1 * 20.0], vec![50.0, 77.0]] {
            Basis::new(&hertz, 1e-3).phases(-3.217, &mut phases);
            for (got, hertz) in phases.iter().zip(&hertz) {
                let (sin, cos) = (TAU * hertz * -3.217).sin_cos();
                assert!(
                    (got.0 - sin).abs() < 1e-11 && (got.1 - cos).abs() < 1e-11,
                    "{hertz}"
                );
            }
        }
    }

    #[test]
    fn the_variance_of_a_long_fit_is_2_over_n() {
        let piece = Piece::new(0.0, (0..1000).map(f64::from).collect());
        let fit = fit(&[piece], &[50.0], 1e-3).unwrap();
        assert!((fit.variance_at(0.123) - 0.002).abs() < 1e-4);
    }
}
