//! Sums in eight lanes: a processor adds several numbers at once, but only in an order that is written down. The order is fixed, so the
//! result does not depend on the machine.

const LANES: usize = 8;

/// Σ `terms(i, values[i])`, several sums in one pass.
pub fn sums<const N: usize>(values: &[f64], terms: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let mut lanes = [[0.0; LANES]; N];
    let chunks = values.chunks_exact(LANES);
    let (rest, mut start) = (chunks.remainder(), 0.0);
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            let terms = terms(start + lane as f64, *value);
            for (slots, term) in lanes.iter_mut().zip(terms) {
                slots[lane] += term;
            }
        }
        start += LANES as f64;
    }
    let mut sums = lanes.map(|lanes| lanes.iter().sum());
    for (lane, value) in rest.iter().enumerate() {
        for (sum, term) in sums.iter_mut().zip(terms(start + lane as f64, *value)) {
            *sum += term;
        }
    }
    sums
}

/// The sum of products.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks.clone()) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f64>() + rest.map(|(a, b)| a * b).sum::<f64>()
}

/// Σ `weights[i]` × (`after[i]` − `before[i]`), as far as all three go.
pub fn dot_of_differences(weights: &[f64], after: &[f64], before: &[f64]) -> f64 {
    let count = weights.len().min(after.len()).min(before.len());
    let (weights, weights_rest) = weights[..count].as_chunks::<LANES>();
    let (after, after_rest) = after[..count].as_chunks::<LANES>();
    let (before, before_rest) = before[..count].as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for ((weights, after), before) in weights.iter().zip(after).zip(before) {
        for lane in 0..LANES {
            lanes[lane] += weights[lane] * (after[lane] - before[lane]);
        }
    }
    let rest = weights_rest.iter().zip(after_rest.iter().zip(before_rest));
    let rest = rest.map(|(weight, (after, before))| weight * (after - before));
    lanes.iter().sum::<f64>() + rest.sum::<f64>()
}

/// Sine and cosine of whole and part turns (1 is 360°), to 1e-15 for up to a million turns. The library's own are as good, but one by one.
pub fn sin_cos_of_turns<const N: usize>(turns: [f64; N]) -> ([f64; N], [f64; N]) {
    /// Coefficients of the Taylor series of sine (`first` 1) and cosine (0) in squares. The last ones add less than 1e-16 to a quarter turn.
    const fn series<const COUNT: usize>(first: usize) -> [f64; COUNT] {
        let mut coefficients = [1.0; COUNT];
        let mut i = 1;
        while i < COUNT {
            let n = first + 2 * i;
            coefficients[i] = -coefficients[i - 1] / ((n - 1) * n) as f64;
            i += 1;
        }
        coefficients
    }
    const SINE: [f64; 10] = series(1);
    const COSINE: [f64; 11] = series(0);
    /// A number is rounded to a whole one when this is added, because nothing smaller than 1 has a place beside it.
    const WHOLE: f64 = 1.5 * (1u64 << 52) as f64;
    // The part of a turn from −1/2 to 1/2, and that folded into a quarter.
    let parts = turns.map(|turns| turns - ((turns + WHOLE) - WHOLE));
    let is_far = parts.map(|part| part.abs() > 0.25);
    let folded: [f64; N] = std::array::from_fn(|lane| {
        let part = parts[lane].abs();
        std::f64::consts::TAU * if is_far[lane] { 0.5 - part } else { part }
    });
    let squares = folded.map(|angle| angle * angle);
    let mut sin = [0.0; N];
    for coefficient in SINE.iter().rev() {
        for (sum, square) in sin.iter_mut().zip(&squares) {
            *sum = *sum * square + coefficient;
        }
    }
    let mut cos = [0.0; N];
    for coefficient in COSINE.iter().rev() {
        for (sum, square) in cos.iter_mut().zip(&squares) {
            *sum = *sum * square + coefficient;
        }
    }
    for lane in 0..N {
        sin[lane] *= folded[lane].copysign(parts[lane]);
        cos[lane] = if is_far[lane] { -cos[lane] } else { cos[lane] };
    }
    (sin, cos)
}

/// The largest number; −∞ for none. What is not a number is passed over.
pub fn largest(values: &[f64]) -> f64 {
    extreme(values, f64::NEG_INFINITY, |value, most| value > most)
}

/// The smallest number; ∞ for none. What is not a number is passed over.
pub fn smallest(values: &[f64]) -> f64 {
    extreme(values, f64::INFINITY, |value, least| value < least)
}

fn extreme(values: &[f64], none: f64, beats: impl Fn(f64, f64) -> bool) -> f64 {
    // Not f64::max: what it promises about numbers that are none keeps a processor from comparing several at once.
    let better = |value: f64, best: f64| if beats(value, best) { value } else { best };
    let mut lanes = [none; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (slot, value) in lanes.iter_mut().zip(chunk) {
            *slot = better(*value, *slot);
        }
    }
    let all = rest.iter().chain(&lanes);
    all.fold(none, |best, value| better(*value, best))
}

/// So many are looked at together before one by one.
const BLOCK: usize = 8 * LANES;

/// Where the last value stands that equals a number.
pub fn last_equal(values: &[f64], number: f64) -> Option<usize> {
    let mut end = values.len();
    for block in values.rchunks(BLOCK) {
        let start = end - block.len();
        // Without a way out of the loop a processor compares several at once.
        if block
            .iter()
            .fold(false, |any, value| any | (*value == number))
        {
            let inside = block.iter().rposition(|value| *value == number)?;
            return Some(start + inside);
        }
        end = start;
    }
    None
}

/// Where the first value above a level stands.
pub fn first_above(values: &[f64], level: f64) -> Option<usize> {
    let block = values
        .chunks(BLOCK)
        .position(|block| largest(block) > level)?;
    let start = block * BLOCK;
    let inside = values[start..].iter().position(|value| *value > level)?;
    Some(start + inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_summed_once_whatever_their_count() {
        for count in 0..40_usize {
            let numbers: Vec<f64> = (0..count).map(|i| i as f64).collect();
            let squares = ((count.max(1) - 1) * count * (2 * count.max(1) - 1)) as f64 / 6.0;
            assert_eq!(
                sums(&numbers, |i, value| [i * value, i]),
                [squares, numbers.iter().sum()]
            );
            assert_eq!(dot(&numbers, &numbers), squares);
        }
    }

    #[test]
    fn sines_and_cosines_are_those_of_the_library() {
        for i in -400..400 {
            let turns = [
                f64::from(i) / 16.0,
                f64::from(i) * 0.0123,
                f64::from(i) * 997.3,
            ];
            let (sin, cos) = sin_cos_of_turns(turns);
            for lane in 0..3 {
                let part = turns[lane] - turns[lane].round();
                let (expected_sin, expected_cos) = (std::f64::consts::TAU * part).sin_cos();
                assert!((sin[lane] - expected_sin).abs() < 1e-15, "{}", turns[lane]);
                assert!((cos[lane] - expected_cos).abs() < 1e-15, "{}", turns[lane]);
            }
        }
    }

    #[test]
    fn differences_are_weighted_once_each() {
        for count in 0..20_usize {
            let numbers: Vec<f64> = (0..count + 3).map(|i| (i * i) as f64).collect();
            // (i + 3)² − i² = 6 i + 9
            let expected: f64 = (0..count).map(|i| (i * (6 * i + 9)) as f64).sum();
            let weights: Vec<f64> = (0..count).map(|i| i as f64).collect();
            assert_eq!(
                dot_of_differences(&weights, &numbers[3..], &numbers),
                expected
            );
        }
    }

    #[test]
    fn extremes_are_found_wherever_they_stand() {
        assert_eq!(largest(&[]), f64::NEG_INFINITY);
        for count in [1, 7, 8, 9, 200_usize] {
            for place in 0..count {
                let mut numbers = vec![0.5; count];
                numbers[place] = 2.0;
                assert_eq!(largest(&numbers), 2.0);
                assert_eq!(first_above(&numbers, 1.0), Some(place));
                assert_eq!(last_equal(&numbers, 2.0), Some(place));
                assert_eq!(last_equal(&numbers, 0.0), None);
                numbers[place] = -2.0;
                assert_eq!(smallest(&numbers), -2.0);
                assert_eq!(first_above(&numbers, 1.0), None);
                numbers[place] = f64::NAN;
                assert!(largest(&numbers) <= 0.5 && smallest(&numbers) >= 0.5);
            }
        }
    }
}
