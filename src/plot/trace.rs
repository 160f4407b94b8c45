//! One sweep as a line: cut to the panel, and no more points than the eye can tell apart.

use super::axis::Panel;
use crate::sweep::Sweep;

/// How far the drawn line may leave the samples, in units of the sheet: 0.05 mm on paper, a dot of a printer of 500 dots per inch.
const TOLERANCE: f64 = 2.0;

/// The parts of a sweep from `from` to `to` (ms after the stimulus) that lie between the heights `clip` of the sheet, as lines.
pub fn lines(
    panel: &Panel,
    sweep: &Sweep,
    (from, to): (f64, f64),
    clip: (i32, i32),
) -> Vec<Vec<(i32, i32)>> {
    let step = 1000.0 / sweep.rate.0;
    // One sample more at either end: which ones are meant is said below, by their times.
    let index_of = |time: f64| ((time - sweep.first.0) / step).max(0.0) as usize;
    let (skipped, end) = (
        index_of(from).saturating_sub(1),
        index_of(to).saturating_add(2),
    );
    let within = sweep.values.get(skipped..).unwrap_or_default();
    let within = &within[..end.saturating_sub(skipped).min(within.len())];
    let mut lines = Vec::new();
    let mut part: Vec<(f64, f64)> = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    let limits = (f64::from(clip.0), f64::from(clip.1));
    for (index, &value) in within.iter().enumerate() {
        let time = sweep.first.0 + (skipped + index) as f64 * step;
        if time < from || time > to || !value.is_finite() {
            continue;
        }
        let point = (panel.x_exact(time), panel.y_exact(value));
        let inside = (limits.0..=limits.1).contains(&point.1);
        if let Some(last) = before {
            let last_inside = (limits.0..=limits.1).contains(&last.1);
            if inside != last_inside {
                part.push(crossing(last, point, limits));
            }
        }
        if inside {
            part.push(point);
        } else if !part.is_empty() {
            lines.push(simplify(&part));
            part.clear();
        }
        before = Some(point);
    }
    if !part.is_empty() {
        lines.push(simplify(&part));
    }
    lines
}

/// Where the line between a point inside and one outside meets the edge.
fn crossing(a: (f64, f64), b: (f64, f64), limits: (f64, f64)) -> (f64, f64) {
    let outer = if (limits.0..=limits.1).contains(&a.1) {
        b.1
    } else {
        a.1
    };
    let edge = if outer < limits.0 { limits.0 } else { limits.1 };
    let share = (edge - a.1) / (b.1 - a.1);
    (a.0 + share * (b.0 - a.0), edge)
}

/// Leaves out the points that lie within [`TOLERANCE`] of a straight line (the swinging-door algorithm); x must ascend.
fn simplify(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    let round = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
    let mut kept = Vec::new();
    let Some((&first, rest)) = points.split_first() else {
        return kept;
    };
    kept.push(round(first));
    let (mut anchor, mut last) = (first, first);
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for &point in rest {
        let mut across = point.0 - anchor.0;
        let slope = (point.1 - anchor.1) / across;
        if !(low..=high).contains(&slope) && last != anchor {
            kept.push(round(last));
            anchor = last;
            across = point.0 - anchor.0;
            (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        }
        low = low.max((point.1 - TOLERANCE - anchor.1) / across);
        high = high.min((point.1 + TOLERANCE - anchor.1) / across);
        last = point;
    }
    if last != first {
        kept.push(round(last));
    }
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_keeps_its_two_ends_and_a_corner_stays() {
        let straight: Vec<_> = (0..100)
            .map(|i| (f64::from(i), 2.0 * f64::from(i)))
            .collect();
        assert_eq!(simplify(&straight), [(0, 0), (99, 198)]);
        let mut corner = straight.clone();
        corner.extend((100..200).map(|i| (f64::from(i), 2.0 * f64::from(198 - i))));
        let drawn = simplify(&corner);
        assert_eq!(drawn.first(), Some(&(0, 0)));
        assert!(drawn.contains(&(99, 198)) && drawn.len() <= 4, "{drawn:?}");
    }

    #[test]
    fn no_sample_lies_far_from_the_drawn_line() {
        let wave: Vec<_> = (0..1000)
            .map(|i| (f64::from(i) * 1.3, 400.0 * (f64::from(i) / 60.0).sin()))
            .collect();
        let drawn = simplify(&wave);
        assert!(drawn.len() < 300, "{}", drawn.len());
        for (x, y) in wave {
            let after = drawn
                .partition_point(|p| f64::from(p.0) < x)
                .clamp(1, drawn.len() - 1);
            let (a, b) = (drawn[after - 1], drawn[after]);
            let share = (x - f64::from(a.0)) / f64::from((b.0 - a.0).max(1));
            let line = f64::from(a.1) + share * f64::from(b.1 - a.1);
            // the tolerance, the rounding of both ends, and its effect along the slope
            assert!((line - y).abs() < TOLERANCE + 1.0 + 7.0, "{x} {y} {line}");
        }
    }
}
