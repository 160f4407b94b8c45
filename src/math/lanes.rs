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
        if block.iter().fold(false, |any, value| any | (*value == number)) {
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
    fn differences_are_weighted_once_each() {
        for count in 0..20_usize {
            let numbers: Vec<f64> = (0..count + 3).map(|i| (i * i) as f64).collect();
            // (i + 3)² − i² = 6 i + 9
            let expected: f64 = (0..count).map(|i| (i * (6 * i + 9)) as f64).sum();
            let weights: Vec<f64> = (0..count).map(|i| i as f64).collect();
            assert_eq!(dot_of_differences(&weights, &numbers[3..], &numbers), expected);
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
