//! Sinusoids as fits of them need them: summed over pieces side by side.

use super::pieces::{Group, LANES, Pieces};
use super::rotation;
use crate::math::lanes::{dot, sin_cos_of_turns};
use crate::math::least_squares::Normal;

/// One number for each piece of a group.
type Lanes = [f64; LANES];

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
pub(super) struct Basis<'a> {
    hertz: &'a [f64],
    step: f64,
    /// Which multiple of the first frequency each is, if all are.
    multiples: Option<Vec<u32>>,
    /// By length.
    centered: Vec<(usize, Centered)>,
}

impl<'a> Basis<'a> {
    pub fn new(hertz: &'a [f64], step: f64) -> Self {
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

    /// Sine and cosine of each frequency at some times (s). Those of harmonics are powers of those of the first.
    fn phases(&self, times: Lanes, phases: &mut Vec<(Lanes, Lanes)>) {
        phases.clear();
        let at = |hertz: &f64| sin_cos_of_turns(times.map(|time| hertz * time));
        let (Some(multiples), Some(first)) = (&self.multiples, self.hertz.first()) else {
            return phases.extend(self.hertz.iter().map(at));
        };
        let first = at(first);
        let (mut power, mut turned) = (1, first);
        for &multiple in multiples {
            if multiple < power {
                (power, turned) = (1, first);
            }
            while power < multiple {
                turned = times_turned(turned, first);
                power += 1;
            }
            phases.push(turned);
        }
    }

    /// The place in `centered` of what belongs to a length.
    fn of_length(&mut self, length: usize) -> usize {
        let known = self.centered.iter().position(|(of, _)| *of == length);
        known.unwrap_or_else(|| {
            let centered = Centered::new(self.hertz, self.step, length);
            self.centered.push((length, centered));
            self.centered.len() - 1
        })
    }

    /// The sums of a least-squares fit: cosine and sine of each frequency in turn.
    pub fn sums(&mut self, pieces: &Pieces) -> Normal {
        let count = self.hertz.len();
        let size = 2 * count;
        let mut right = vec![[0.0; LANES]; size];
        let mut matrix = vec![0.0; size * size];
        // For each pair of frequencies: Σ cos cos, Σ sin sin, Σ sin cos, Σ cos sin of the phases of the pieces.
        let mut turns = vec![[[0.0; LANES]; 4]; count * (count + 1) / 2];
        let mut phases = Vec::with_capacity(count);
        for lot in &pieces.lots {
            let place = self.of_length(lot.length);
            let to_middle = self.step * (lot.length as f64 - 1.0) / 2.0;
            let centered = &self.centered[place].1;
            turns.fill([[0.0; LANES]; 4]);
            for group in &lot.groups {
                self.phases(group.starts.map(|start| start + to_middle), &mut phases);
                add_group(group, centered, &phases, &mut right, &mut turns);
            }
            let mut pairs = turns.iter().zip(&centered.products);
            for i in 0..count {
                for (j, (turns, &(even, odd))) in (0..=i).zip(&mut pairs) {
                    let [cc, ss, sc, cs] = turns.map(|lanes| lanes.iter().sum::<f64>());
                    let row = 2 * i * size + 2 * j;
                    matrix[row] += cc * even + ss * odd;
                    matrix[row + 1] += cs * even - sc * odd;
                    matrix[row + size] += sc * even - cs * odd;
                    matrix[row + size + 1] += ss * even + cc * odd;
                }
            }
        }
        let right = right.iter().map(|lanes| lanes.iter().sum()).collect();
        Normal::from_sums(matrix, right, pieces.square, pieces.count)
    }
}

/// Adds what the pieces of a group have in common with the sinusoids, and the products of their phases.
fn add_group(
    group: &Group,
    centered: &Centered,
    phases: &[(Lanes, Lanes)],
    right: &mut [Lanes],
    turns: &mut [[Lanes; 4]],
) {
    let mut turns = turns.iter_mut();
    let (rights, _) = right.as_chunks_mut::<2>();
    let waves = centered.cosines.iter().zip(&centered.sines);
    for (i, ((cosines, sines), [of_cosine, of_sine])) in waves.zip(rights).enumerate() {
        let (mut sin, mut cos) = phases[i];
        let even = projected(cosines, &group.even);
        let odd = projected(sines, &group.odd);
        for lane in 0..LANES {
            of_cosine[lane] += cos[lane] * even[lane] - sin[lane] * odd[lane];
            of_sine[lane] += sin[lane] * even[lane] + cos[lane] * odd[lane];
            // Where there is no piece, nothing is counted.
            sin[lane] *= group.there[lane];
            cos[lane] *= group.there[lane];
        }
        for ((sin_j, cos_j), [cc, ss, sc, cs]) in phases[..=i].iter().zip(&mut turns) {
            for lane in 0..LANES {
                cc[lane] += cos[lane] * cos_j[lane];
                ss[lane] += sin[lane] * sin_j[lane];
                sc[lane] += sin[lane] * cos_j[lane];
                cs[lane] += cos[lane] * sin_j[lane];
            }
        }
    }
}

/// Σ `weights[i]` × `values[i]` for each piece.
fn projected(weights: &[f64], values: &[Lanes]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (weight, values) in weights.iter().zip(values) {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += weight * value;
        }
    }
    sums
}

/// Sine and cosine of the sum of two angles.
fn times_turned((sin, cos): (Lanes, Lanes), (by_sin, by_cos): (Lanes, Lanes)) -> (Lanes, Lanes) {
    let turned = |lane: usize| {
        (
            sin[lane] * by_cos[lane] + cos[lane] * by_sin[lane],
            cos[lane] * by_cos[lane] - sin[lane] * by_sin[lane],
        )
    };
    let both: [(f64, f64); LANES] = std::array::from_fn(turned);
    (both.map(|(sin, _)| sin), both.map(|(_, cos)| cos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn harmonics_turn_as_often_as_they_should() {
        let mut phases = Vec::new();
        let times = [-3.217, 0.0, 0.01, 17.3];
        for hertz in [vec![50.1, 100.2, 50.1 * 7.0, 50.1 * 20.0], vec![50.0, 77.0]] {
            Basis::new(&hertz, 1e-3).phases(times, &mut phases);
            for ((sin, cos), hertz) in phases.iter().zip(&hertz) {
                for (lane, time) in times.iter().enumerate() {
                    let expected = (TAU * hertz * time).sin_cos();
                    assert!(
                        (sin[lane] - expected.0).abs() < 1e-10
                            && (cos[lane] - expected.1).abs() < 1e-10,
                        "{hertz} {time}"
                    );
                }
            }
        }
    }
}
