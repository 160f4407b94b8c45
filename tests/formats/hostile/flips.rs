//! Files with bits flipped and bytes overwritten.

use super::patient::{Patient, records};
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Copies of one recording that are damaged.
const COPIES: u64 = 80;
/// Most damage is done in the first bytes, where headers are.
const HEADER: usize = 2048;

#[test]
fn every_fixture_may_have_flipped_bits() {
    for (number, record) in records().iter().enumerate() {
        let patient = Patient::new(record);
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        for copy in 0..COPIES {
            let index = random.random_range(0..patient.files.len());
            let mut damaged = patient.files[index].1.clone();
            if damaged.is_empty() {
                continue;
            }
            for _ in 0..random.random_range(1..6) {
                let end = if random.random_bool(0.7) {
                    damaged.len().min(HEADER)
                } else {
                    damaged.len()
                };
                let at = random.random_range(0..end);
                damaged[at] = match (copy % 2, random.random_range(0..4)) {
                    (1, 0) => 0xff,
                    (1, 1) => 0,
                    (1, 2) => 0x7f,
                    _ => damaged[at] ^ (1 << random.random_range(0..8)),
                };
            }
            patient.survive(index, &damaged);
        }
    }
}

#[test]
fn every_fixture_may_have_a_hole_or_a_piece_twice() {
    for (number, record) in records().iter().enumerate() {
        let patient = Patient::new(record);
        let mut random = ChaCha8Rng::seed_from_u64(5000 + number as u64);
        for copy in 0..COPIES / 4 {
            let index = random.random_range(0..patient.files.len());
            let bytes = &patient.files[index].1;
            if bytes.len() < 2 {
                continue;
            }
            let from = random.random_range(0..bytes.len() - 1);
            let to = random.random_range(from + 1..=bytes.len().min(from + 600));
            let mut damaged = bytes.clone();
            match copy % 3 {
                0 => drop(damaged.drain(from..to)),
                1 => damaged[from..to].fill(0),
                _ => damaged
                    .splice(to..to, bytes[from..to].iter().copied())
                    .for_each(drop),
            }
            patient.survive(index, &damaged);
        }
    }
}
