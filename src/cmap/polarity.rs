//! Which way the responses of a channel point.

use super::response::Response;
use super::settings::Polarity;
use crate::finding::{Finding, FindingCode};
use crate::math::robust;

/// The first phase that reaches this part of the largest counts as the first large one. Heuristic: above an initial positivity by
/// volume conduction, below the negative phase of a response whose positive phase is the larger one.
const LARGE_PHASE: f64 = 0.5;

/// Whether the channel must be turned, and what to say about it.
pub fn settle(responses: &[Response<'_>], polarity: Polarity) -> (bool, Option<Finding>) {
    match polarity {
        Polarity::NegativeUp => (false, None),
        Polarity::NegativeDown => (true, None),
        Polarity::Auto => {
            // Each response votes with its height, so that small doubtful ones do not decide.
            let votes: Vec<f64> = responses.iter().filter_map(first_large_phase).collect();
            let down = votes.iter().filter(|vote| **vote < 0.0).count();
            let turned = capped_sum(&votes) < 0.0;
            let finding = turned.then(|| {
                let detail = format!("{down} of {} responses begin downward", votes.len());
                Finding::new(FindingCode::PolarityInverted, detail)
            });
            (turned, finding)
        }
    }
}

/// A vote counts at most so many times the median one, so that a single deviating sweep does not turn a channel. Heuristic.
const LARGEST_VOTE: f64 = 3.0;

fn capped_sum(votes: &[f64]) -> f64 {
    let heights: Vec<f64> = votes.iter().map(|vote| vote.abs()).collect();
    let cap = LARGEST_VOTE * robust::median(&heights).unwrap_or(0.0);
    votes.iter().map(|vote| vote.clamp(-cap, cap)).sum()
}

/// The signed height of the first large phase, if the response stands out of the noise.
fn first_large_phase(response: &Response<'_>) -> Option<f64> {
    let window = response.window();
    let up = response.highest(window.clone(), 1.0);
    let down = response.highest(window.clone(), -1.0);
    let height = |index: Option<usize>| index.map_or(0.0, |index| response.smooth[index].abs());
    let largest = height(up).max(height(down));
    response.stands_out(largest).ok()?;
    let extrema = [(up, 1.0), (down, -1.0)];
    // The largest extremum of a direction may come after a smaller one of the same phase; the order of the two largest decides.
    extrema
        .into_iter()
        .filter(|(index, _)| height(*index) >= LARGE_PHASE * largest)
        .filter_map(|(index, sign)| Some((index?, sign)))
        .min_by_key(|(index, _)| *index)
        .map(|(_, sign)| sign * largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_deviating_sweep_does_not_turn_a_channel() {
        assert!(capped_sum(&[1.0, 1.0, 1.0, 1.0, -50.0]) > 0.0);
        assert!(capped_sum(&[-2.0, -2.0, 1.0]) < 0.0);
    }
}
