//! How far a response is off the middle of its neighbors: transmission changes smoothly, faults do not.

/// A response and its number in the train.
pub(super) type Point = (usize, f64);

/// How far a response is off the middle of its neighbors, positive when it lies below: half the second difference.
pub(super) fn bends(points: &[Point]) -> Vec<Point> {
    points
        .windows(3)
        .filter(|three| three[0].0 + 1 == three[1].0 && three[1].0 + 1 == three[2].0)
        .map(|three| {
            let middle = 0.5 * (three[0].1 + three[2].1);
            (three[1].0, middle - three[1].1)
        })
        .collect()
}

/// By which part of its limit each response bends the course of a train as transmission does not: above the middle of its neighbors, or
/// below it and more so than the response before (a decrement falls less and less). Entries of 1 and more are kinks.
pub(super) fn kinks(points: &[Point], above: f64, below: f64) -> Vec<Point> {
    let bends = bends(points);
    let mut before: Option<Point> = None;
    bends
        .iter()
        .map(|&(ordinal, bend)| {
            let lower = before
                .filter(|before| before.0 + 1 == ordinal)
                .map_or(0.0, |before| (bend - before.1.max(0.0)) / below);
            before = Some((ordinal, bend));
            (ordinal, lower.max(-bend / above))
        })
        .collect()
}

/// The points without the jump from the response `ordinal` to the next: the difference between them becomes that beside it.
pub(super) fn without_jump(points: &[Point], ordinal: usize) -> Option<Vec<Point>> {
    let place = points.iter().position(|point| point.0 == ordinal)?;
    let difference = |place: usize| Some(points.get(place + 1)?.1 - points.get(place)?.1);
    let jump = difference(place)?;
    let beside: Vec<f64> = [
        place.checked_sub(1).and_then(difference),
        difference(place + 1),
    ]
    .into_iter()
    .flatten()
    .collect();
    let expected = beside.iter().sum::<f64>() / beside.len().max(1) as f64;
    let moved = |index: usize, value: f64| {
        if index > place {
            value - jump + expected
        } else {
            value
        }
    };
    Some(
        points
            .iter()
            .enumerate()
            .map(|(index, &(ordinal, value))| (ordinal, moved(index, value)))
            .collect(),
    )
}

/// A straight line through points: its slope and how much of the variance it explains. `None` below three points.
pub(super) fn line(points: &[Point]) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let x = points.iter().map(|point| point.0 as f64).sum::<f64>() / count;
    let y = points.iter().map(|point| point.1).sum::<f64>() / count;
    let mut sums = [0.0; 3];
    for point in points {
        let (dx, dy) = (point.0 as f64 - x, point.1 - y);
        sums[0] += dx * dx;
        sums[1] += dx * dy;
        sums[2] += dy * dy;
    }
    let explained = if sums[2] > 0.0 {
        sums[1] * sums[1] / (sums[0] * sums[2])
    } else {
        0.0
    };
    Some((sums[1] / sums[0], explained))
}

/// The correlation of two courses, response by response; `None` below four or without variance.
pub(super) fn correlation(a: &[Point], b: &[Point]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = a
        .iter()
        .filter_map(|&(ordinal, value)| {
            let other = b.iter().find(|point| point.0 == ordinal)?;
            Some((value, other.1))
        })
        .collect();
    if pairs.len() < 4 {
        return None;
    }
    let count = pairs.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).sum::<f64>() / count;
    let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let mut sums = [0.0; 3];
    for pair in &pairs {
        let (dx, dy) = (pair.0 - x, pair.1 - y);
        sums[0] += dx * dx;
        sums[1] += dx * dy;
        sums[2] += dy * dy;
    }
    let scale = (sums[0] * sums[2]).sqrt();
    (scale > 0.0).then(|| sums[1] / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Vec<Point> {
        (1..).zip(values.iter().copied()).collect()
    }

    fn largest(values: &[f64]) -> f64 {
        let kinks = kinks(&points(values), 1.0, 1.0);
        kinks.iter().map(|kink| kink.1).fold(0.0, f64::max)
    }

    #[test]
    fn a_decrement_that_falls_less_and_less_has_no_kink() {
        // S1 and S2 of the golden cases, in percent of the first.
        assert!(largest(&[100.0, 88.0, 82.0, 80.0, 80.0, 81.0, 82.0, 83.0, 84.0, 84.0]) <= 0.51);
        assert!(largest(&[100.0, 90.0, 85.0, 80.0, 77.5, 75.0, 73.3, 71.7, 70.8, 70.0]) <= 1.3);
    }

    #[test]
    fn a_step_of_twenty_percent_has_a_kink_of_ten_on_each_side() {
        let values = [100.0, 100.0, 100.0, 80.0, 80.0, 80.0];
        let kinks = kinks(&points(&values), 1.0, 1.0);
        assert_eq!(kinks, [(2, 0.0), (3, 10.0), (4, 10.0), (5, 0.0)]);
        let smooth = without_jump(&points(&values), 3).unwrap();
        assert_eq!(smooth, points(&[100.0; 6]));
    }

    #[test]
    fn a_missing_response_bends_nothing() {
        assert_eq!(bends(&[(1, 10.0), (3, 5.0), (4, 5.0)]), []);
    }

    #[test]
    fn a_line_explains_itself() {
        let (slope, explained) = line(&points(&[4.0, 2.0, 0.0, -2.0])).unwrap();
        assert!((slope + 2.0).abs() < 1e-12 && (explained - 1.0).abs() < 1e-12);
        let opposite = points(&[1.0, 2.0, 0.0, 4.0]);
        let mirrored: Vec<Point> = opposite.iter().map(|p| (p.0, -p.1)).collect();
        assert!((correlation(&opposite, &mirrored).unwrap() + 1.0).abs() < 1e-12);
    }
}
