//! Search for the top of a function with one peak.

/// Golden section: (√5 − 1) / 2.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Where a function with one peak between `low` and `high` has its maximum. Each step asks for one more value and shrinks the interval to
/// 0.618 of itself.
pub fn maximum(mut low: f64, mut high: f64, steps: usize, of: impl Fn(f64) -> f64) -> f64 {
    let mut a = high - GOLDEN * (high - low);
    let mut b = low + GOLDEN * (high - low);
    let (mut at_a, mut at_b) = (of(a), of(b));
    for _ in 0..steps {
        if at_a >= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = of(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = of(b);
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_parabola_is_found_as_closely_as_the_steps_allow() {
        let top = maximum(-1.0, 4.0, 30, |x| -(x - 1.25) * (x - 1.25));
        assert!((top - 1.25).abs() < 5.0 * 0.62_f64.powi(30), "{top}");
    }

    #[test]
    fn a_function_that_only_rises_has_its_top_at_the_end() {
        assert!((maximum(0.0, 1.0, 40, |x| x) - 1.0).abs() < 1e-7);
    }
}
