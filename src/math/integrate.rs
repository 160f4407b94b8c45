//! Areas under sampled curves.

/// The integral of the straight lines through equally spaced samples between two times, by the trapezoid rule with exact partial cells.
///
/// `values[i]` stands at `first + i × step`. Times outside the samples are cut to them. The unit is that of the values times that of the step.
pub fn trapezoid(values: &[f64], first: f64, step: f64, from: f64, to: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    let position = |time: f64| ((time - first) / step).clamp(0.0, last as f64);
    let (from, to) = (position(from), position(to));
    if to <= from {
        return 0.0;
    }
    let at = |position: f64| {
        let index = (position as usize).min(last.saturating_sub(1));
        let next = values.get(index + 1).copied().unwrap_or(values[index]);
        values[index] + (next - values[index]) * (position - index as f64)
    };
    let (begin, end) = (from.ceil() as usize, to.floor() as usize);
    if begin > end {
        return 0.5 * (at(from) + at(to)) * (to - from) * step;
    }
    let whole: f64 = (begin..end)
        .map(|index| 0.5 * (values[index] + values[index + 1]))
        .sum();
    let head = 0.5 * (at(from) + values[begin]) * (begin as f64 - from);
    let tail = 0.5 * (values[end] + at(to)) * (to - end as f64);
    (head + whole + tail) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_integrated_exactly_between_any_times() {
        // v = 2 t on samples 0.5 apart: the integral from 0.3 to 2.2 is 2.2² − 0.3².
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        assert!((trapezoid(&values, 0.0, 0.5, 0.3, 2.2) - (2.2 * 2.2 - 0.3 * 0.3)).abs() < 1e-12);
    }

    #[test]
    fn an_interval_inside_one_cell_counts_only_itself() {
        assert!((trapezoid(&[1.0, 3.0], 0.0, 1.0, 0.25, 0.75) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_lies_outside_the_samples_counts_nothing() {
        assert_eq!(trapezoid(&[1.0, 1.0], 0.0, 1.0, 5.0, 9.0), 0.0);
        assert_eq!(trapezoid(&[], 0.0, 1.0, 0.0, 1.0), 0.0);
        assert_eq!(trapezoid(&[1.0, 1.0], 0.0, 1.0, 1.0, 0.0), 0.0);
    }
}
