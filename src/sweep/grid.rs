//! Which grid hums in a channel: its frequency, its harmonics, and the noise that is left without them.

use super::Settings;
use super::blocks::{Block, DECIDING_BLOCKS, pieces};
use super::frequency::{RESOLVED_S, Search};
use super::region::Region;
use crate::math::spectrum::{self, Piece, Pieces, Sinusoids};

/// What the grids of the world should be (IEC 60038).
const NOMINAL: [f64; 2] = [50.0, 60.0];

/// The grid is looked for this far from its nominal frequency (Hz): EN 50160 allows ±1 % for 99.5 % of the year.
const SEARCH_HZ: f64 = 0.5;

/// Within a recording the frequency of a grid wanders by about this (Hz, standard deviation), and not by more than five times as much
/// (heuristic: frequency deviations of the European grid within some minutes).
pub(super) const WANDERING_SD_HZ: f64 = 0.01;
pub(super) const WANDERING_HZ: f64 = 0.05;

/// So many harmonics tell the frequency of the grid; the third is often the strongest.
const TELLING: usize = 3;

/// What the grid of frequencies shows is at least this part of what the whole search will find: between its points a harmonic loses up to a
/// fifth, and by wandering from block to block up to a half where only the third is there (sinc² of a quarter and of 0.45 resolutions).
const SEEN_PART: f64 = 0.5;

/// Signal is averaged down to about this rate (Hz) where only the first harmonics are looked at.
pub(super) const COARSE_RATE: f64 = 1000.0;

/// Signal is averaged down to about this many samples per period of the highest harmonic where all are looked at (heuristic).
const FINE_SAMPLES: f64 = 4.0;

/// The spectrum near a harmonic shows the noise there: at these distances (Hz, or multiples of 1 / (3 × length) in short signal).
const NEIGHBORS: [f64; 3] = [4.3, 6.1, 7.7];

/// In a short signal the first neighbor is this many resolutions (1 / length) away (heuristic).
const NEIGHBOR_RESOLUTIONS: f64 = 1.5;

/// Harmonics are looked for up to this part of the sampling rate (heuristic: half of it is all that there is, and a filter may end below).
const HIGHEST_PART_OF_RATE: f64 = 0.45;

/// Harmonics tell the frequency up to this part of half the averaged rate (heuristic: what lies above has folded back near to it).
const TELLING_PART_OF_NYQUIST: f64 = 0.9;

/// What holds for the whole channel.
pub(super) struct Decision {
    /// The frequency of the grid (Hz).
    pub hertz: f64,
    /// The harmonics that stand out of the noise, in order.
    pub harmonics: Vec<usize>,
    /// The variance of one sample that the fits see.
    pub noise: f64,
}

impl Decision {
    /// The frequencies of the harmonics of a grid at `hertz`.
    pub fn frequencies(&self, hertz: f64) -> Vec<f64> {
        let harmonics = self.harmonics.iter();
        harmonics.map(|&harmonic| harmonic as f64 * hertz).collect()
    }
}

/// Whether a grid hums in these blocks, and how; `None` when none is to be seen.
pub(super) fn decide(
    regions: &[Region],
    blocks: &[&Block],
    rate: f64,
    settings: &Settings,
) -> Option<Decision> {
    let coarse = Averaged::new(regions, blocks, rate, COARSE_RATE);
    let grid = grid(&coarse, settings)?;
    let fewer = &blocks[..blocks.len().min(DECIDING_BLOCKS)];
    let fine = Averaged::new(
        regions,
        fewer,
        rate,
        FINE_SAMPLES * settings.mains_highest_hz,
    );
    let harmonics = harmonics(&fine, &grid, rate, settings);
    let noise = residual(&fine, &grid, &harmonics);
    Some(Decision {
        hertz: grid.hertz,
        harmonics,
        noise,
    })
}

/// The signal of some blocks, averaged down.
struct Averaged<'a> {
    blocks: &'a [&'a Block],
    pieces: Vec<Pieces>,
    /// So many samples are one.
    factor: usize,
    /// From one to the next (s).
    step: f64,
}

impl<'a> Averaged<'a> {
    /// Down to about `hertz`.
    fn new(regions: &[Region], blocks: &'a [&'a Block], rate: f64, hertz: f64) -> Self {
        let factor = ((rate / hertz) as usize).max(1);
        Self {
            blocks,
            pieces: blocks
                .iter()
                .map(|block| pieces(regions, block, rate, factor))
                .collect(),
            factor,
            step: factor as f64 / rate,
        }
    }

    /// The harmonics that tell the frequency of a grid.
    fn telling(&self, nominal: f64) -> Vec<usize> {
        telling(nominal, 0.5 / self.step)
    }

    /// See [`test`].
    fn test(&self, frequencies: &[f64], harmonics: &[usize]) -> Vec<(usize, f64)> {
        test(&self.pieces, self.blocks, frequencies, harmonics, self.step)
    }
}

/// The frequency of the grid.
struct Grid {
    /// What it should be (Hz).
    nominal: f64,
    /// What it is over all blocks (Hz).
    hertz: f64,
    /// What it is in each block (Hz).
    found: Vec<f64>,
    /// The harmonics that tell it, each with its ratio to the noise.
    tested: Vec<(usize, f64)>,
}

/// Looks for the grid; `None` when there is none to be seen.
fn grid(coarse: &Averaged<'_>, settings: &Settings) -> Option<Grid> {
    let Averaged {
        blocks,
        ref pieces,
        step,
        ..
    } = *coarse;
    let span = blocks.iter().map(|block| block.span).fold(0.0, f64::max);
    let searches = NOMINAL.map(|nominal| Search {
        center: nominal,
        reach: SEARCH_HZ,
        span,
        telling: coarse.telling(nominal),
    });
    let power_near = |search: &Search, hertz: f64| -> f64 {
        harmonics_power(resolved(blocks, pieces), hertz, &search.telling, step)
    };
    let roughly = searches
        .each_ref()
        .map(|search| search.roughly(|hertz| power_near(search, hertz)));
    // Most channels have no mains, and show it without the rest of the search.
    let seen = searches.iter().zip(roughly).any(|(search, hertz)| {
        let everywhere = vec![hertz; blocks.len()];
        let tested = coarse.test(&everywhere, &search.telling);
        total(&tested) >= SEEN_PART * settings.mains_noise_ratio
    });
    if !seen {
        return None;
    }
    let candidates = [0, 1].map(|index| {
        let search = &searches[index];
        let hertz = search.closely(roughly[index], |hertz| power_near(search, hertz));
        let power = harmonics_power(pieces, hertz, &search.telling, step);
        (power, search.center, hertz)
    });
    let [fifty, sixty] = candidates;
    let (_, nominal, hertz) = if fifty.0 >= sixty.0 { fifty } else { sixty };
    let found: Vec<f64> = blocks
        .iter()
        .zip(pieces)
        .map(|(block, pieces)| {
            let search = Search {
                center: hertz,
                reach: WANDERING_HZ,
                span: block.span,
                telling: coarse.telling(nominal),
            };
            search.find(|hertz| harmonics_power([pieces], hertz, &search.telling, step))
        })
        .collect();
    let tested = coarse.test(&found, &coarse.telling(nominal));
    (total(&tested) >= settings.mains_noise_ratio).then_some(Grid {
        nominal,
        hertz,
        found,
        tested,
    })
}

/// The harmonics that stand out of the noise, in order; at least the one that tells the frequency best.
fn harmonics(fine: &Averaged<'_>, grid: &Grid, rate: f64, settings: &Settings) -> Vec<usize> {
    let highest = settings.mains_highest_hz.min(HIGHEST_PART_OF_RATE * rate) / grid.nominal;
    let all: Vec<usize> = (1..=(highest as usize).max(1)).collect();
    let harmonics: Vec<usize> = fine
        .test(&grid.found, &all)
        .into_iter()
        .filter(|(_, ratio)| *ratio >= settings.mains_noise_ratio)
        .map(|(harmonic, _)| harmonic)
        .collect();
    if !harmonics.is_empty() {
        return harmonics;
    }
    grid.tested
        .iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(harmonic, _)| *harmonic)
        .into_iter()
        .collect()
}

/// The variance of one sample that is left when the harmonics are taken away.
fn residual(fine: &Averaged<'_>, grid: &Grid, harmonics: &[usize]) -> f64 {
    let (mut residual, mut count) = (0.0, 0usize);
    for (pieces, &hertz) in fine.pieces.iter().zip(&grid.found) {
        let frequencies: Vec<f64> = harmonics.iter().map(|&h| h as f64 * hertz).collect();
        if let Some(fit) = spectrum::fit(pieces, &frequencies, fine.step) {
            residual += fit.solution.residual * fine.factor as f64;
            count += fit.solution.count;
        }
    }
    residual / count.max(1) as f64
}

/// The harmonics that tell the frequency of a grid, of signal with that Nyquist frequency.
pub(super) fn telling(nominal: f64, nyquist: f64) -> Vec<usize> {
    (1..=TELLING)
        .filter(|&harmonic| {
            harmonic == 1
                || harmonic as f64 * (nominal + SEARCH_HZ) < TELLING_PART_OF_NYQUIST * nyquist
        })
        .collect()
}

/// The signal of the blocks that are long enough to tell a frequency.
fn resolved<'a>(blocks: &'a [&Block], data: &'a [Pieces]) -> impl Iterator<Item = &'a Pieces> {
    blocks
        .iter()
        .zip(data)
        .filter(|(block, _)| block.span >= RESOLVED_S)
        .map(|(_, pieces)| pieces)
}

/// What the harmonics of a frequency explain together: in short stretches they are not independent.
pub(super) fn harmonics_power<'a>(
    signals: impl IntoIterator<Item = &'a Pieces>,
    hertz: f64,
    harmonics: &[usize],
    step: f64,
) -> f64 {
    let frequencies: Vec<f64> = harmonics.iter().map(|&h| hertz * h as f64).collect();
    spectrum::explained_together(signals, &frequencies, step)
}

/// The ratios of all harmonics together.
fn total(tested: &[(usize, f64)]) -> f64 {
    tested.iter().map(|(_, ratio)| ratio).sum()
}

/// How many times more each harmonic explains than noise does beside it, pooled over blocks.
fn test(
    data: &[Pieces],
    blocks: &[&Block],
    frequencies: &[f64],
    harmonics: &[usize],
    step: f64,
) -> Vec<(usize, f64)> {
    let mut sums: Vec<(f64, f64, f64)> = vec![(0.0, 0.0, 0.0); harmonics.len()];
    for ((pieces, block), &hertz) in data.iter().zip(blocks).zip(frequencies) {
        // What is strong leaks through the holes to where the others are; it is taken away before they are looked at.
        let all: Vec<f64> = harmonics.iter().map(|&h| h as f64 * hertz).collect();
        let fitted = spectrum::fit(pieces, &all, step);
        let residual: Pieces = pieces
            .iter()
            .map(|piece| {
                let mut values = piece.values().to_vec();
                if let Some(fitted) = &fitted {
                    let model = fitted.values(piece.start(), step, values.len());
                    for (value, model) in values.iter_mut().zip(model) {
                        *value -= model;
                    }
                }
                Piece::new(piece.start(), values)
            })
            .collect();
        let unit = (NEIGHBOR_RESOLUTIONS / (block.span * NEIGHBORS[0])).max(1.0);
        for (sum, (i, &harmonic)) in sums.iter_mut().zip(harmonics.iter().enumerate()) {
            let center = harmonic as f64 * hertz;
            for offset in NEIGHBORS.iter().flat_map(|&n| [-n * unit, n * unit]) {
                if center + offset > 2.0 / block.span {
                    sum.1 += spectrum::explained(&residual, center + offset, step);
                    sum.2 += 1.0;
                }
            }
            sum.0 += match &fitted {
                // What the harmonic explains once the others are known: aᵀ (inverse block)⁻¹ a.
                Some(fitted) => alone(fitted, i),
                None => 0.0,
            };
        }
    }
    harmonics
        .iter()
        .zip(sums)
        .map(|(&harmonic, (explained, noise, count))| {
            let expected = noise / count.max(1.0) * data.len() as f64;
            let ratio = if expected > 0.0 {
                explained / expected
            } else {
                0.0
            };
            (harmonic, ratio)
        })
        .collect()
}

fn alone(fitted: &Sinusoids, i: usize) -> f64 {
    let n = fitted.solution.unknowns.len();
    let at =
        |row: usize, column: usize| fitted.solution.inverse[(2 * i + row) * n + 2 * i + column];
    let (a, b) = (
        fitted.solution.unknowns[2 * i],
        fitted.solution.unknowns[2 * i + 1],
    );
    let determinant = at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
    (a * a * at(1, 1) - 2.0 * a * b * at(0, 1) + b * b * at(0, 0)) / determinant
}
