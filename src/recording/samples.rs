//! Stored numbers of any type.

use super::Stored;
use crate::error::Result;
use std::borrow::Cow;
use std::ops::Range;

/// Numbers as they were stored: nothing is lost, and rails can be seen.
///
/// Two of them are equal if type and numbers are, wherever they lie. What cannot be read equals nothing.
#[derive(Clone, Debug)]
pub enum Samples {
    /// 16-bit integers (most machines).
    I16(Vec<i16>),
    /// 24-bit and 32-bit integers.
    I32(Vec<i32>),
    /// single precision
    F32(Vec<f32>),
    /// double precision, also for decimal text
    F64(Vec<f64>),
    /// 16-bit (EDF) and 24-bit integers (BDF) that are read from their file where they are asked for.
    Stored(Stored),
}

/// So many numbers are compared at once (heuristic).
const COMPARED: usize = 1 << 16;

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::I16(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Stored(stored) => stored.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether they are whole numbers as a converter gives them.
    pub fn are_integers(&self) -> bool {
        matches!(self, Self::I16(_) | Self::I32(_) | Self::Stored(_))
    }

    /// The stored number at `index`, if there is one. Of many, [`Self::each`] and [`Self::widen`] are faster.
    ///
    /// # Errors
    ///
    /// If they lie in a file that cannot be read any more, or has changed since it was opened.
    pub fn stored(&self, index: usize) -> Result<Option<f64>> {
        Ok(match self {
            Self::I16(values) => values.get(index).map(|&value| f64::from(value)),
            Self::I32(values) => values.get(index).map(|&value| f64::from(value)),
            Self::F32(values) => values.get(index).map(|&value| f64::from(value)),
            Self::F64(values) => values.get(index).copied(),
            Self::Stored(stored) => {
                let range = index..index.saturating_add(1);
                stored.widen(range)?.first().copied()
            }
        })
    }

    /// The stored numbers of `range`, widened without loss; the range is cut to what exists.
    ///
    /// # Errors
    ///
    /// As [`Self::stored`].
    pub fn widen(&self, range: Range<usize>) -> Result<Vec<f64>> {
        fn part<T>(values: &[T], range: Range<usize>) -> &[T] {
            let end = range.end.min(values.len());
            values.get(range.start.min(end)..end).unwrap_or_default()
        }
        Ok(match self {
            Self::I16(values) => part(values, range)
                .iter()
                .map(|&value| f64::from(value))
                .collect(),
            Self::I32(values) => part(values, range)
                .iter()
                .map(|&value| f64::from(value))
                .collect(),
            Self::F32(values) => part(values, range)
                .iter()
                .map(|&value| f64::from(value))
                .collect(),
            Self::F64(values) => part(values, range).to_vec(),
            Self::Stored(stored) => stored.widen(range)?,
        })
    }

    /// Calls `take` on each stored number with its index, in order. It costs no memory, however many there are.
    ///
    /// # Errors
    ///
    /// As [`Self::stored`]; `take` has seen some of the numbers then.
    pub fn each(&self, mut take: impl FnMut(usize, f64)) -> Result<()> {
        let mut index = 0;
        let mut next = |value: f64| {
            take(index, value);
            index += 1;
        };
        match self {
            Self::I16(values) => values.iter().for_each(|&value| next(value.into())),
            Self::I32(values) => values.iter().for_each(|&value| next(value.into())),
            Self::F32(values) => values.iter().for_each(|&value| next(value.into())),
            Self::F64(values) => values.iter().for_each(|&value| next(value)),
            Self::Stored(stored) => stored.each(0..stored.len(), |value| next(value.into()))?,
        }
        Ok(())
    }

    /// The same numbers in memory: never [`Self::Stored`].
    ///
    /// # Errors
    ///
    /// As [`Self::stored`].
    pub fn decoded(&self) -> Result<Cow<'_, Self>> {
        Ok(match self {
            Self::Stored(stored) => Cow::Owned(stored.load()?),
            held => Cow::Borrowed(held),
        })
    }

    /// `length` of them from `from` on, `stride` apart, as many as there are.
    pub(crate) fn every(&self, from: usize, stride: usize, length: usize) -> Result<Self> {
        fn take<T: Copy>(values: &[T], from: usize, stride: usize, length: usize) -> Vec<T> {
            let part = values.get(from..).unwrap_or_default();
            if stride == 1 {
                return part[..length.min(part.len())].to_vec();
            }
            part.iter()
                .step_by(stride.max(1))
                .take(length)
                .copied()
                .collect()
        }
        Ok(match self {
            Self::I16(values) => Self::I16(take(values, from, stride, length)),
            Self::I32(values) => Self::I32(take(values, from, stride, length)),
            Self::F32(values) => Self::F32(take(values, from, stride, length)),
            Self::F64(values) => Self::F64(take(values, from, stride, length)),
            Self::Stored(stored) => stored.load()?.every(from, stride, length)?,
        })
    }

    /// Leaves the first `length`.
    pub(crate) fn truncate(&mut self, length: usize) {
        match self {
            Self::I16(values) => values.truncate(length),
            Self::I32(values) => values.truncate(length),
            Self::F32(values) => values.truncate(length),
            Self::F64(values) => values.truncate(length),
            Self::Stored(stored) => stored.truncate(length),
        }
    }

    /// The name of the stored type: `i16`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::I16(_) => "i16",
            Self::I32(_) => "i32",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::Stored(stored) => stored.kind(),
        }
    }
}

impl PartialEq for Samples {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::I16(values), Self::I16(others)) => values == others,
            (Self::I32(values), Self::I32(others)) => values == others,
            (Self::F32(values), Self::F32(others)) => values == others,
            (Self::F64(values), Self::F64(others)) => values == others,
            (Self::Stored(_), _) | (_, Self::Stored(_)) => {
                let alike = |from: usize| {
                    let range = from..from.saturating_add(COMPARED);
                    let both = (self.widen(range.clone()), other.widen(range));
                    matches!(both, (Ok(values), Ok(others)) if values == others)
                };
                self.kind() == other.kind()
                    && self.len() == other.len()
                    && (0..self.len()).step_by(COMPARED).all(alike)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_beyond_the_end_gives_what_exists() {
        let samples = Samples::I16(vec![1, 2]);
        assert_eq!(samples.widen(1..9).unwrap(), vec![2.0]);
        assert_eq!(samples.widen(7..9).unwrap(), Vec::<f64>::new());
        assert_eq!(samples.stored(1).unwrap(), Some(2.0));
        assert_eq!(samples.stored(2).unwrap(), None);
    }

    #[test]
    fn each_number_comes_with_its_index() {
        let mut seen = Vec::new();
        let samples = Samples::F32(vec![0.5, -1.0]);
        samples
            .each(|index, value| seen.push((index, value)))
            .unwrap();
        assert_eq!(seen, [(0, 0.5), (1, -1.0)]);
    }

    #[test]
    fn numbers_of_another_type_are_not_the_same() {
        assert_ne!(Samples::I16(vec![1]), Samples::I32(vec![1]));
        assert_ne!(Samples::F64(vec![f64::NAN]), Samples::F64(vec![f64::NAN]));
        assert_eq!(Samples::I16(vec![1]), Samples::I16(vec![1]));
    }

    #[test]
    fn every_third_of_some_ends_with_what_exists() {
        let samples = Samples::I16((0..12).collect());
        assert_eq!(samples.every(1, 3, 2).unwrap(), Samples::I16(vec![1, 4]));
        assert_eq!(samples.every(10, 3, 9).unwrap(), Samples::I16(vec![10]));
        assert_eq!(samples.every(99, 3, 9).unwrap(), Samples::I16(vec![]));
    }
}
