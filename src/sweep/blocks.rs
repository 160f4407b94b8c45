//! Quiet signal in blocks over which mains interference is taken as steady.

use super::Settings;
use super::region::Region;
use crate::math::spectrum::{Piece, Pieces};
use crate::recording::Clock;
use std::ops::Range;

/// Not more blocks than this decide on frequency and harmonics of a channel (heuristic).
pub(super) const DECIDING_BLOCKS: usize = 6;

/// A stretch shorter than this (ms) shows too little of a period to help (heuristic).
const SHORTEST_MS: f64 = 4.0;

/// Quiet signal on one clock that is fitted with one frequency, amplitude and phase.
pub(super) struct Block {
    /// Quiet stretches: region and samples.
    pub stretches: Vec<(usize, Range<usize>)>,
    /// The middle on the clock of the recording (s).
    pub middle: f64,
    /// From the first to the last quiet sample (s).
    pub span: f64,
}

/// Regions that share a clock and lie close together.
pub(super) fn groups(regions: &[Region], rate: f64, clock: Clock) -> Vec<Range<usize>> {
    /// Farther apart (s) the phase of the grid is no longer known (heuristic: 10 mHz of wandering turn the phase by 4° a second).
    const APART: f64 = 1.0;
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (index, region) in regions.iter().enumerate() {
        let near = index.checked_sub(1).is_some_and(|before| {
            let end = regions[before].start + regions[before].values.len() as f64 / rate;
            clock == Clock::True && region.start - end < APART
        });
        match groups.last_mut() {
            Some(group) if near => group.end = index + 1,
            _ => groups.push(index..index + 1),
        }
    }
    groups
}

/// Cuts the quiet signal of a group into blocks of about the same length.
pub(super) fn blocks(
    regions: &[Region],
    group: &Range<usize>,
    rate: f64,
    settings: &Settings,
) -> Vec<Block> {
    let shortest = (SHORTEST_MS * rate / 1000.0).ceil() as usize;
    let start = regions[group.start].start;
    let last = &regions[group.end - 1];
    let length = last.start + last.values.len() as f64 / rate - start;
    let count = (length / settings.mains_block_s).round().max(1.0);
    let block_length = length / count;
    let mut found: Vec<Block> = (0..count as usize)
        .map(|index| Block {
            stretches: Vec::new(),
            middle: start + (index as f64 + 0.5) * block_length,
            span: 0.0,
        })
        .collect();
    for index in group.clone() {
        let region = &regions[index];
        for quiet in &region.quiet {
            let mut from = quiet.start;
            while from < quiet.end {
                let time = region.start + from as f64 / rate;
                let block = (((time - start) / block_length) as usize).min(found.len() - 1);
                let end_time = start + (block + 1) as f64 * block_length;
                let end = ((end_time - region.start) * rate).ceil().max(0.0) as usize;
                let to = if block + 1 == found.len() {
                    quiet.end
                } else {
                    end.clamp(from + 1, quiet.end)
                };
                if to - from >= shortest {
                    found[block].stretches.push((index, from..to));
                }
                from = to;
            }
        }
    }
    for block in &mut found {
        let time = |index: usize, sample: usize| regions[index].start + sample as f64 / rate;
        if let (Some((a, first)), Some((b, last))) =
            (block.stretches.first(), block.stretches.last())
        {
            block.span = time(*b, last.end) - time(*a, first.start);
        }
    }
    found.retain(|block| !block.stretches.is_empty());
    found
}

pub(super) fn some_of(blocks: &[Vec<Block>]) -> Vec<&Block> {
    let all: Vec<&Block> = blocks.iter().flatten().collect();
    // A channel of short sweeps needs many of them to decide, a continuous one few.
    let enough = if all.iter().all(|block| block.span < 1.0) {
        DECIDING_BLOCKS * DECIDING_BLOCKS
    } else {
        DECIDING_BLOCKS
    };
    let stride = all.len().div_ceil(enough).max(1);
    all.into_iter().step_by(stride).collect()
}

/// The quiet signal of a block, averaged by `factor` and freed of its straight lines, on a clock whose 0 is the middle of the block.
pub(super) fn pieces(regions: &[Region], block: &Block, rate: f64, factor: usize) -> Pieces {
    let piece = |(index, range): &(usize, Range<usize>)| {
        let values = &regions[*index].values[range.clone()];
        averaged(regions, block, rate, factor, (*index, range), values)
    };
    block.stretches.iter().map(piece).collect()
}

/// The same less a signal, of which `signal` makes so many values from a time (s) on that clock.
pub(super) fn pieces_less(
    regions: &[Region],
    block: &Block,
    rate: f64,
    factor: usize,
    signal: impl Fn(f64, usize) -> Vec<f64>,
) -> Pieces {
    let piece = |(index, range): &(usize, Range<usize>)| {
        let region = &regions[*index];
        let start = region.start + range.start as f64 / rate - block.middle;
        let mut values = region.values[range.clone()].to_vec();
        for (value, signal) in values.iter_mut().zip(signal(start, range.len())) {
            *value -= signal;
        }
        averaged(regions, block, rate, factor, (*index, range), &values)
    };
    block.stretches.iter().map(piece).collect()
}

/// One stretch, averaged by `factor`.
fn averaged(
    regions: &[Region],
    block: &Block,
    rate: f64,
    factor: usize,
    (index, range): (usize, &Range<usize>),
    values: &[f64],
) -> Piece {
    let chunks = values.chunks_exact(factor);
    let values = chunks.map(|chunk| chunk.iter().sum::<f64>() / factor as f64);
    let middle_of_first = range.start as f64 + (factor - 1) as f64 / 2.0;
    let start = regions[index].start + middle_of_first / rate - block.middle;
    Piece::new(start, values.collect())
}
