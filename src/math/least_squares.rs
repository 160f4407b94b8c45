//! Linear least squares with few unknowns, through the normal equations.

use super::lanes;

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

    /// The sum of squares that the unknowns explain, without solving for them; `None` when they cannot be told apart.
    pub fn explained(&self) -> Option<f64> {
        let factor = self.factor()?;
        let mut x = factor.scaled(&self.right);
        factor.forward(&mut x);
        Some(x.iter().map(|x| x * x).sum())
    }

    /// The Cholesky factor of the matrix; `None` when the unknowns cannot be told apart.
    fn factor(&self) -> Option<Factor> {
        let n = self.size;
        // Unit diagonal scaling, so that the test for singularity does not depend on the units of the columns.
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
        Some(Factor { scale, lower })
    }

    /// Solves for the unknowns; `None` when they cannot be told apart.
    pub fn solve(&self) -> Option<Solution> {
        let n = self.size;
        let factor = self.factor()?;
        let scale = &factor.scale;
        let solve = |mut x: Vec<f64>| {
            factor.forward(&mut x);
            factor.backward(&mut x);
            x
        };
        let unknowns = factor.scaled(&solve(factor.scaled(&self.right)));
        let mut inverse = vec![0.0; n * n];
        for i in 0..n {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            for (j, value) in solve(unit).into_iter().enumerate() {
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

/// A Cholesky factor L of a matrix whose rows and columns were divided by `scale`.
struct Factor {
    scale: Vec<f64>,
    lower: Vec<f64>,
}

impl Factor {
    fn scaled(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.scale).map(|(x, s)| x / s).collect()
    }

    /// L⁻¹ x in place.
    fn forward(&self, x: &mut [f64]) {
        let n = x.len();
        for i in 0..n {
            for k in 0..i {
                x[i] -= self.lower[i * n + k] * x[k];
            }
            x[i] /= self.lower[i * n + i];
        }
    }

    /// (Lᵀ)⁻¹ x in place.
    fn backward(&self, x: &mut [f64]) {
        let n = x.len();
        for i in (0..n).rev() {
            for k in i + 1..n {
                x[i] -= self.lower[k * n + i] * x[k];
            }
            x[i] /= self.lower[i * n + i];
        }
    }
}

/// A pivot below this (of 1) means that a column is a combination of others within the precision of the sums. Heuristic: far above the
/// rounding of a sum over a million observations (1e-16 × 1e6 at worst), far below any useful column.
const SINGULAR: f64 = 1e-9;

/// A straight line through equally spaced values by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its value at the middle.
    pub level: f64,
    /// Per step.
    pub slope: f64,
    /// The sum of squares that it leaves.
    pub residual: f64,
}

/// The line through equally spaced values, in one pass; `None` for fewer than two.
pub fn line(values: &[f64]) -> Option<Line> {
    let (&first, n) = (values.first()?, values.len());
    if n < 2 {
        return None;
    }
    let count = n as f64;
    let middle = (count - 1.0) / 2.0;
    // Taken from the first value, so that a level far from 0 does not cost the sums their precision.
    let [sum, product, square] = lanes::sums(values, |i, value| {
        let value = value - first;
        [value, (i - middle) * value, value * value]
    });
    // Σ (i − middle)² of n consecutive numbers.
    let spread = count * (count * count - 1.0) / 12.0;
    let residual = square - sum * sum / count - product * product / spread;
    Some(Line {
        level: first + sum / count,
        slope: product / spread,
        residual: residual.max(0.0),
    })
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
        assert!((normal.explained().unwrap() / fit.explained - 1.0).abs() < 1e-12);
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
        let expected = Line {
            level: 3.0,
            slope: 2.0,
            residual: 0.0,
        };
        assert_eq!(line(&[1.0, 3.0, 5.0]), Some(expected));
        assert_eq!(line(&[1.0]), None);
    }

    #[test]
    fn a_line_leaves_what_the_normal_equations_leave() {
        let values: Vec<f64> = (0..37)
            .map(|i| 1000.0 + 0.25 * f64::from(i) + 0.01 * f64::from((i * 7919) % 13))
            .collect();
        let mut normal = Normal::new(2);
        for (i, value) in values.iter().enumerate() {
            normal.add(&[1.0, i as f64 - 18.0], value - 1000.0);
        }
        let (fit, line) = (normal.solve().unwrap(), line(&values).unwrap());
        assert!((line.level - 1000.0 - fit.unknowns[0]).abs() < 1e-10);
        assert!((line.slope - fit.unknowns[1]).abs() < 1e-12);
        assert!((line.residual / fit.residual - 1.0).abs() < 1e-9);
    }
}
