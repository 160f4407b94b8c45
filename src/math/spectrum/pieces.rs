//! A signal with holes: its pieces, and the same side by side as fits need them.

use crate::math::lanes::dot;
use crate::math::least_squares::{Line, line};

/// So many pieces of one length are fitted side by side (heuristic: the registers of a processor hold their sums).
pub(super) const LANES: usize = 4;

/// Values at equal steps with a time of their own, freed of their straight line: a piece of a signal with holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    start: f64,
    values: Vec<f64>,
    /// The sum of the squares of the values.
    square: f64,
}

impl Piece {
    /// From values whose first lies at `start` (s).
    pub fn new(start: f64, mut values: Vec<f64>) -> Self {
        detrend(&mut values);
        Self {
            start,
            square: dot(&values, &values),
            values,
        }
    }

    /// The time of the first value (s).
    pub fn start(&self) -> f64 {
        self.start
    }

    /// The values without their straight line.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The pieces of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Pieces {
    pieces: Vec<Piece>,
    pub(super) lots: Vec<Lot>,
    /// The sum of the squares of all values, and their number.
    pub(super) square: f64,
    pub(super) count: usize,
}

impl Pieces {
    /// The pieces in order of time.
    pub fn iter(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter()
    }
}

impl FromIterator<Piece> for Pieces {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let pieces: Vec<Piece> = pieces.into_iter().collect();
        let mut lots: Vec<Lot> = Vec::new();
        for piece in pieces.iter().filter(|piece| !piece.values.is_empty()) {
            let length = piece.values.len();
            // Pieces of a signal have few lengths.
            match lots.iter_mut().find(|lot| lot.length == length) {
                Some(lot) => lot.add(piece),
                None => {
                    let mut lot = Lot {
                        length,
                        count: 0,
                        groups: Vec::new(),
                    };
                    lot.add(piece);
                    lots.push(lot);
                }
            }
        }
        Self {
            square: pieces.iter().map(|piece| piece.square).sum(),
            count: pieces.iter().map(|piece| piece.values.len()).sum(),
            pieces,
            lots,
        }
    }
}

/// Pieces of one length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lot {
    pub length: usize,
    count: usize,
    pub groups: Vec<Group>,
}

/// Some pieces of one length, side by side and folded about their middle, from there outward: what is even about it and what is odd. A
/// product with a cosine needs only the one and a product with a sine only the other, at half as many places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// The time of the first value of each (s).
    pub starts: [f64; LANES],
    /// 1 for a piece, 0 where there is none.
    pub there: [f64; LANES],
    pub even: Vec<[f64; LANES]>,
    pub odd: Vec<[f64; LANES]>,
}

impl Lot {
    fn add(&mut self, piece: &Piece) {
        let lane = self.count % LANES;
        self.count += 1;
        let places = self.length.div_ceil(2);
        if lane == 0 {
            self.groups.push(Group {
                starts: [0.0; LANES],
                there: [0.0; LANES],
                even: vec![[0.0; LANES]; places],
                odd: vec![[0.0; LANES]; places],
            });
        }
        let Some(group) = self.groups.last_mut() else {
            return;
        };
        group.starts[lane] = piece.start;
        group.there[lane] = 1.0;
        let half = self.length / 2;
        let (before, rest) = piece.values.split_at(half);
        let (middle, after) = rest.split_at(rest.len() - half);
        // Where their number is odd, the middle value is even by itself.
        if let (Some(slot), Some(value)) = (group.even.first_mut(), middle.first()) {
            slot[lane] = *value;
        }
        let slots = group.even.iter_mut().zip(&mut group.odd).skip(middle.len());
        for ((even, odd), (after, before)) in slots.zip(after.iter().zip(before.iter().rev())) {
            even[lane] = after + before;
            odd[lane] = after - before;
        }
    }
}

/// Takes the straight line out of values.
pub(super) fn detrend(values: &mut [f64]) {
    let Some(Line { level, slope, .. }) = line(values) else {
        values.fill(0.0);
        return;
    };
    let middle = (values.len() - 1) as f64 / 2.0;
    for (i, value) in values.iter_mut().enumerate() {
        *value -= level + slope * (i as f64 - middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_folded_about_its_middle() {
        // Both without a straight line: 3 −3 −3 3 and 1 −2 0 2 −1 are their own rests.
        let four = Piece::new(0.0, vec![3.0, -3.0, -3.0, 3.0]);
        let five = Piece::new(1.0, vec![1.0, -2.0, 0.0, 2.0, -1.0]);
        let pieces: Pieces = [four.clone(), five, four].into_iter().collect();
        assert_eq!(pieces.count, 13);
        let [lot, odd] = pieces.lots.as_slice() else {
            panic!("{:?}", pieces.lots)
        };
        assert_eq!((lot.length, lot.groups.len()), (4, 1));
        assert_eq!(lot.groups[0].there, [1.0, 1.0, 0.0, 0.0]);
        let lane = |of: &[[f64; LANES]]| of.iter().map(|lanes| lanes[1]).collect::<Vec<_>>();
        assert_eq!(lane(&lot.groups[0].even), [-6.0, 6.0]);
        assert_eq!(lane(&lot.groups[0].odd), [0.0, 0.0]);
        let first = |of: &[[f64; LANES]]| of.iter().map(|lanes| lanes[0]).collect::<Vec<_>>();
        assert_eq!(first(&odd.groups[0].even), [0.0, 0.0, 0.0]);
        assert_eq!(first(&odd.groups[0].odd), [0.0, 4.0, -2.0]);
    }
}
