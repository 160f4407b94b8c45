//! The amplitudes of a train with their doubt, and questions whose answer may be "cannot be told".
//!
//! Every rule asks whether a weighted sum of the amplitudes is at least 0. The doubt of such a sum is exact, and it contains that all
//! percentages rest on the same first response.

use crate::cmap::NotMeasured;
use crate::math::intervals::{LEVEL, two_sided, two_sided_together};
use crate::math::robust::mean;
use crate::train::change::{Numbered, measured};
use crate::train::holds::Holds;

/// One response in percent of the first.
#[derive(Clone, Copy, Debug)]
struct Point {
    value: f64,
    /// Its standard deviation by the noise of the recording.
    noise: f64,
    /// Its bound on systematic error.
    bound: f64,
}

/// The amplitudes of a train in percent of the first. Responses are named by their number, from 1.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    points: Vec<Point>,
    /// The number of the lowest response after the first.
    lowest: usize,
    /// The standard deviation from response to response that is left when what is smooth is taken away.
    scatter: f64,
}

/// A term of a weighted sum: the number of a response and its weight.
pub(super) type Term = (usize, f64);

impl Envelope {
    /// The envelope of numbered responses in order, if each number from 1 to the last has a value.
    pub fn new(responses: &[Numbered], responses_min: usize) -> Result<Self, NotMeasured> {
        let last = responses.last().map_or(0, |response| response.ordinal);
        if last < responses_min.max(1) {
            return Err(NotMeasured::TooFewStimuli);
        }
        let first = measured(responses, 1)?;
        let hidden = first.sd.is_finite() && first.value <= two_sided(LEVEL) * first.sd;
        if first.value.is_nan() || first.value <= 0.0 || hidden {
            return Err(NotMeasured::ReferenceMissing(
                "response 1: within its noise".to_owned(),
            ));
        }
        let percent = 100.0 / first.value;
        let points: Vec<Point> = (1..=last)
            .map(|ordinal| {
                let estimate = measured(responses, ordinal)?;
                Ok(Point {
                    value: percent * estimate.value,
                    noise: percent * estimate.sd,
                    bound: percent * estimate.bound,
                })
            })
            .collect::<Result<_, NotMeasured>>()?;
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let lowest = (1..values.len())
            .min_by(|&a, &b| values[a].total_cmp(&values[b]))
            .unwrap_or(0);
        Ok(Self {
            lowest: lowest + 1,
            scatter: scatter(&values),
            points,
        })
    }

    /// The number of the last response.
    pub fn last(&self) -> usize {
        self.points.len()
    }

    /// A response in percent of the first.
    pub fn value(&self, number: usize) -> f64 {
        self.point(number).value
    }

    fn point(&self, number: usize) -> Point {
        const NOTHING: Point = Point {
            value: 0.0,
            noise: f64::INFINITY,
            bound: 0.0,
        };
        number
            .checked_sub(1)
            .and_then(|index| self.points.get(index))
            .copied()
            .unwrap_or(NOTHING)
    }

    /// The number of the lowest response after the first.
    pub fn lowest(&self) -> usize {
        self.lowest
    }

    /// Whether a sum of responses, in percent of the first, is at least `limit`. Noise alone is counted, at 95 % for all of `tries` questions together.
    pub fn reaches(&self, terms: &[Term], limit: f64, tries: usize) -> Holds {
        self.asked(terms, limit, tries, 0.0)
    }

    /// The same for a rule about a smooth curve: what scatters about it counts as noise, too.
    pub fn reaches_smoothly(&self, terms: &[Term], limit: f64, tries: usize) -> Holds {
        self.asked(terms, limit, tries, self.scatter)
    }

    fn asked(&self, terms: &[Term], limit: f64, tries: usize, scatter: f64) -> Holds {
        // One response may stand in several terms; the limit is in percent of the first. A train asks as many questions as it has
        // responses, and most are about two or three of them: the others are not looked at.
        let mut terms = terms.to_vec();
        terms.push((1, -limit / 100.0));
        terms.retain(|(number, _)| (1..=self.last()).contains(number));
        terms.sort_by_key(|&(number, _)| number);
        let (mut sum, mut variance, mut bound) = (0.0, 0.0, 0.0);
        for of_one in terms.chunk_by(|a, b| a.0 == b.0) {
            let weight = of_one.iter().fold(0.0, |sum, &(_, weight)| sum + weight);
            let point = of_one.first().map(|&(number, _)| self.point(number));
            if let Some(point) = point.filter(|_| weight != 0.0) {
                sum += weight * point.value;
                variance += (weight * point.noise.max(scatter)).powi(2);
                bound += (weight * point.bound).powi(2);
            }
        }
        let half = two_sided_together(tries) * variance.sqrt() + bound.sqrt();
        Holds::at_least(sum - half, sum + half, 0.0)
    }

    /// Whether two responses differ by at least `least`, and by more than noise makes them differ.
    pub fn differ(&self, a: usize, b: usize, least: f64) -> bool {
        let (first, second) = (self.point(a), self.point(b));
        let difference = (first.value - second.value).abs();
        let half = two_sided_together(self.last()) * first.noise.hypot(second.noise)
            + first.bound.hypot(second.bound);
        difference >= least && difference > half
    }

    /// The standard deviation that noise does not explain, of the responses from the first to each.
    pub fn spreads_to(&self) -> Vec<f64> {
        spreads(self.points.iter())
    }

    /// The standard deviation that noise does not explain, of the responses from each to the last.
    pub fn spreads_from(&self) -> Vec<f64> {
        let mut spreads = spreads(self.points.iter().rev());
        spreads.reverse();
        spreads
    }

    /// Which part of the variance that noise does not explain a straight line over the whole train explains, from 0 to 1.
    pub fn straightness(&self) -> f64 {
        let weights = slope_weights(1, self.last());
        let slope: f64 = weights.iter().map(|&(n, w)| w * self.value(n)).sum();
        let values: Vec<f64> = self.points.iter().map(|point| point.value).collect();
        let noises: Vec<f64> = self.points.iter().map(|p| p.noise.powi(2)).collect();
        let (Some(center), Some(noise)) = (mean(&values), mean(&noises)) else {
            return 0.0;
        };
        let count = values.len() as f64;
        let middle = (count + 1.0) / 2.0;
        let (mut all, mut left) = (0.0, 0.0);
        for (index, value) in values.iter().enumerate() {
            let x = (index + 1) as f64 - middle;
            all += (value - center).powi(2);
            left += (value - center - slope * x).powi(2);
        }
        let all = all - (count - 1.0) * noise;
        if all <= 0.0 {
            return 0.0;
        }
        1.0 - (left - (count - 2.0) * noise).max(0.0) / all
    }
}

/// The standard deviation that noise does not explain, of the points up to each, in one pass: mean and squares are carried on by
/// Welford's recurrence, which loses no digits where the values are far larger than their differences.
fn spreads<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<f64> {
    let (mut count, mut center, mut squares, mut noise) = (0.0, 0.0, 0.0, 0.0);
    points
        .map(|point| {
            count += 1.0;
            let off = point.value - center;
            center += off / count;
            squares += off * (point.value - center);
            noise += point.noise.powi(2);
            let variance = squares / f64::max(count - 1.0, 1.0);
            (variance - noise / count).max(0.0).sqrt()
        })
        .collect()
}

/// The weights of the slope of a straight line through the responses with numbers in `from..=to`, per response.
pub(super) fn slope_weights(from: usize, to: usize) -> Vec<Term> {
    let middle = (from + to) as f64 / 2.0;
    let squares: f64 = (from..=to).map(|n| (n as f64 - middle).powi(2)).sum();
    (from..=to)
        .map(|number| (number, (number as f64 - middle) / squares.max(f64::EPSILON)))
        .collect()
}

/// The variance of a third difference of independent values of variance 1: 1 + 9 + 9 + 1.
const THIRD_DIFFERENCE_VARIANCE: f64 = 20.0;

/// The standard deviation from response to response, from third differences: a parabola has none. The first response is left out,
/// since the fall that follows it is the steepest.
fn scatter(values: &[f64]) -> f64 {
    let squares: Vec<f64> = values
        .get(1..)
        .unwrap_or_default()
        .windows(4)
        .map(|w| (w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0]).powi(2))
        .collect();
    mean(&squares).map_or(0.0, |mean| (mean / THIRD_DIFFERENCE_VARIANCE).sqrt())
}
