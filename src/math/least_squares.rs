//! Linear least squares with few unknowns, through the normal equations.

/// Sums that a fit needs, so that observations can stream by without being kept.
#[derive(Clone, Debug)]
pub struct Normal {
    size: usize,
    matrix: Vec<f64>,
    right: Vec<f64>,
    square: f64,
    count: usize,
}

/// A solved fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The unknowns.
    pub unknowns: Vec<f64>,
    /// The inverse of the normal matrix, row by row: times the variance of an observation it is the covariance of the unknowns.
    pub inverse: Vec<f64>,
    /// The sum of squares that is explained.
    pub explained: f64,
    /// The sum of squares that is left.
    pub residual: f64,
    /// How many observations were given.
    pub count: usize,
}

impl Normal {
    /// Sums for `size` unknowns, still empty.
    pub fn new(size: usize) -> Self {
        Self {
            size,
            matrix: vec![0.0; size * size],
            right: vec![0.0; size],
            square: 0.0,
            count: 0,
        }
    }

    /// From sums that were made elsewhere: the products of the columns with one another (row by row; what stands right of the diagonal
    /// is not looked at) and with the values, the squares of the values, and their number.
    pub fn from_sums(matrix: Vec<f64>, right: Vec<f64>, square: f64, count: usize) -> Self {
        Self {
            size: right.len(),
            matrix,
            right,
            square,
            count,
        }
    }

    /// The products of the columns with one another, row by row; only what stands left of and on the diagonal counts.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// The products of the columns with the values.
    pub fn right(&self) -> &[f64] {
        &self.right
    }

    /// Adds one observation: `value` = Σ `row[i]` × unknown i + error. Entries beyond the number of unknowns are ignored.
    pub fn add(&mut self, row: &[f64], value: f64) {
        let row = row.get(..self.size).unwrap_or(row);
        for (i, &a) in row.iter().enumerate() {
            for (sum, &b) in self.matrix[i * self.size..].iter_mut().zip(&row[..=i]) {
                *sum += a * b;
            }
            self.right[i] += a * value;
        }
        self.square += value * value;
        self.count += 1;
    }

    /// Solves for the unknowns; `None` when they cannot be told apart.
    pub fn solve(&self) -> Option<Solution> {
        let n = self.size;
        // Cholesky with unit diagonal scaling, so that the test for singularity does not depend on the units of the columns.
        let scale: Vec<f64> = (0..n).map(|i| self.matrix[i * n + i].sqrt()).collect();
        if scale.iter().any(|&s| !(s.is_finite() && s > 0.0)) {
            return None;
        }
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let mut sum = self.matrix[i * n + j] / (scale[i] * scale[j]);
                for k in 0..j {
                    sum -= lower[i * n + k] * lower[j * n + k];
                }
                if i == j {
                    if sum.is_nan() || sum < SINGULAR {
                        return None;
                    }
                    lower[i * n + i] = sum.sqrt();
                } else {
                    lower[i * n + j] = sum / lower[j * n + j];
                }
            }
        }
        let solve = |right: &[f64]| {
            let mut x = right.to_vec();
            for i in 0..n {
                for k in 0..i {
                    x[i] -= lower[i * n + k] * x[k];
                }
                x[i] /= lower[i * n + i];
            }
            for i in (0..n).rev() {
                for k in i + 1..n {
                    x[i] -= lower[k * n + i] * x[k];
                }
                x[i] /= lower[i * n + i];
            }
            x
        };
        let scaled: Vec<f64> = self.right.iter().zip(&scale).map(|(r, s)| r / s).collect();
        let unknowns: Vec<f64> = solve(&scaled)
            .iter()
            .zip(&scale)
            .map(|(x, s)| x / s)
            .collect();
        let mut inverse = vec![0.0; n * n];
        for i in 0..n {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            for (j, value) in solve(&unit).into_iter().enumerate() {
                inverse[j * n + i] = value / (scale[i] * scale[j]);
            }
        }
        let explained: f64 = unknowns.iter().zip(&self.right).map(|(x, r)| x * r).sum();
        Some(Solution {
            unknowns,
            inverse,
            explained,
            residual: (self.square - explained).max(0.0),
            count: self.count,
        })
    }
}

/// A pivot below this (of 1) means that a column is a combination of others within the precision of the sums. Heuristic: far above the
/// rounding of a sum over a million observations (1e-16 × 1e6 at worst), far below any useful column.
const SINGULAR: f64 = 1e-9;

/// A straight line through equally spaced values, `(level at the middle, slope per step)`; `None` for fewer than two values.
pub fn line(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let middle = (n - 1) as f64 / 2.0;
    let mean = values.iter().sum::<f64>() / n as f64;
    let mut product = 0.0;
    let mut square = 0.0;
    for (i, &value) in values.iter().enumerate() {
        let x = i as f64 - middle;
        product += x * (value - mean);
        square += x * x;
    }
    Some((mean, product / square))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_points_on_a_parabola_are_met_exactly() {
        let mut normal = Normal::new(3);
        for x in [0.0, 1.0, 2.0, 3.0f64] {
            normal.add(&[1.0, x, x * x], 2.0 - 3.0 * x + 0.5 * x * x);
        }
        let fit = normal.solve().unwrap();
        for (got, expected) in fit.unknowns.iter().zip([2.0, -3.0, 0.5]) {
            assert!((got - expected).abs() < 1e-10, "{got} {expected}");
        }
        assert!(fit.residual < 1e-10);
    }

    #[test]
    fn the_inverse_gives_the_variance_of_a_mean() {
        let mut normal = Normal::new(1);
        for value in [1.0, 2.0, 3.0, 6.0] {
            normal.add(&[1.0], value);
        }
        let fit = normal.solve().unwrap();
        assert_eq!((fit.unknowns[0], fit.inverse[0]), (3.0, 0.25));
        assert!((fit.residual - 14.0).abs() < 1e-12);
    }

    #[test]
    fn columns_that_are_combinations_of_others_are_refused() {
        let mut normal = Normal::new(2);
        for x in [1.0, 2.0, 3.0] {
            normal.add(&[x, 2.0 * x], x);
        }
        assert_eq!(normal.solve(), None);
    }

    #[test]
    fn a_line_has_its_level_in_the_middle() {
        assert_eq!(line(&[1.0, 3.0, 5.0]), Some((3.0, 2.0)));
        assert_eq!(line(&[1.0]), None);
    }
}
