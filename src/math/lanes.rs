//! Sums in eight lanes: a processor adds several numbers at once, but only in an order that is written down. The order is fixed, so the
//! result does not depend on the machine.

const LANES: usize = 8;

/// Σ `term(i, values[i])`.
pub fn sum(values: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let (rest, mut start) = (chunks.remainder(), 0.0);
    for chunk in chunks {
        for (lane, (slot, value)) in lanes.iter_mut().zip(chunk).enumerate() {
            *slot += term(start + lane as f64, *value);
        }
        start += LANES as f64;
    }
    let mut sum = lanes.iter().sum();
    for (lane, value) in rest.iter().enumerate() {
        sum += term(start + lane as f64, *value);
    }
    sum
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_summed_once_whatever_their_count() {
        for count in 0..40_usize {
            let numbers: Vec<f64> = (0..count).map(|i| i as f64).collect();
            let squares = ((count.max(1) - 1) * count * (2 * count.max(1) - 1)) as f64 / 6.0;
            assert_eq!(sum(&numbers, |i, value| i * value), squares);
            assert_eq!(dot(&numbers, &numbers), squares);
        }
    }
}
