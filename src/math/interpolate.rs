//! Between samples.

/// The vertex of the parabola through three equally spaced values: its offset from the middle one in steps and its value. `None` if the
/// middle is no extremum of the three.
pub fn vertex(before: f64, middle: f64, after: f64) -> Option<(f64, f64)> {
    let curvature = before - 2.0 * middle + after;
    let extremum = (middle - before) * (middle - after) >= 0.0;
    if !extremum || curvature == 0.0 || !curvature.is_finite() {
        return None;
    }
    let offset = 0.5 * (before - after) / curvature;
    Some((offset, middle - 0.25 * (before - after) * offset))
}

/// Where the straight line from `before` to `after` passes `level`: a part of the step, 0 to 1.
pub fn crossing(before: f64, after: f64, level: f64) -> f64 {
    if before == after {
        0.0
    } else {
        ((level - before) / (after - before)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vertex_of_a_parabola_is_exact() {
        // v = 5 − 3 (t − 0.2)²
        let v = |t: f64| 5.0 - 3.0 * (t - 0.2) * (t - 0.2);
        let (offset, value) = vertex(v(-1.0), v(0.0), v(1.0)).unwrap();
        assert!((offset - 0.2).abs() < 1e-12 && (value - 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_slope_and_a_plateau_have_no_vertex() {
        assert_eq!(vertex(1.0, 2.0, 3.0), None);
        assert_eq!(vertex(1.0, 1.0, 1.0), None);
    }

    #[test]
    fn a_crossing_lies_between_the_samples() {
        assert!((crossing(-1.0, 3.0, 0.0) - 0.25).abs() < 1e-15);
        assert_eq!(crossing(2.0, 2.0, 0.0), 0.0);
    }
}
