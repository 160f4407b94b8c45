//! The noise of a channel, from its quiet signal.
#![doc = include_str!("../../docs/methods/noise.md")]

use super::baseline::range;
use super::region::{Place, Region};
use super::{Noise, Settings};
use crate::math::{lanes, least_squares, robust, spectrum, variogram, variogram::Variogram};
use crate::units::{Hertz, Millivolts};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

/// Noise is judged in chunks of this length (ms): long enough for a stable RMS, short enough that drift is a straight line (heuristic).
const CHUNK_MS: f64 = 20.0;

/// Pieces of at most this length (ms) go through one Fourier transform.
const PIECE_MS: f64 = 1000.0;

/// A chunk of fewer samples has no RMS worth comparing (heuristic).
const FEWEST_IN_CHUNK: usize = 8;

/// No more samples than this are used: the RMS is then known to better than half a percent (1 / √(2 n)).
const MOST: usize = 100_000;

/// γ at a lag rests on at least so many pairs: its relative error is then about a sixth (√(2/n), heuristic).
const FEWEST_PAIRS: usize = 80;

/// Quantization to steps of width q adds q²/12 to the variance (Bennett, Spectra of quantized signals, Bell Syst. Tech. J. 1948;27:446).
const QUANTIZATION: f64 = 12.0;

/// What a noise estimate needs to know of the channel.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub regions: &'a [Region],
    /// Samples per second.
    pub rate: f64,
    /// mV per stored step.
    pub step: f64,
    pub judged: &'a Judged,
}

/// The quiet chunks of whole regions, each with the variance about its own straight line: most are asked for twice, for the noise of the
/// channel and for that around a stimulus.
pub(super) struct Judged(Vec<OnceCell<Vec<Chunk>>>);

/// A quiet chunk and the variance about its own straight line.
type Chunk = (Range<usize>, f64);

impl Judged {
    /// For so many regions.
    pub fn new(regions: usize) -> Self {
        Self((0..regions).map(|_| OnceCell::new()).collect())
    }
}

/// The noise that is typical of the channel; `None` when there is too little quiet signal.
pub(super) fn typical(source: Source<'_>, settings: &Settings) -> Option<Noise> {
    let longest = ((PIECE_MS * source.rate / 1000.0) as usize).max(1);
    let mut pieces: Vec<(usize, Range<usize>)> = Vec::new();
    for (index, region) in source.regions.iter().enumerate() {
        for start in (0..region.values.len()).step_by(longest) {
            pieces.push((index, start..(start + longest).min(region.values.len())));
        }
    }
    let total: usize = source
        .regions
        .iter()
        .flat_map(|region| region.quiet.iter().map(Range::len))
        .sum();
    let stride = total.div_ceil(MOST).max(1);
    let pieces: Vec<_> = pieces.into_iter().step_by(stride).collect();
    estimate(source, &pieces, settings.noise_outlier_ratio, settings)
}

/// The noise around one stimulus, when it is much stronger than the typical one.
pub(super) fn local(
    source: Source<'_>,
    place: &Place,
    typical: &Noise,
    settings: &Settings,
) -> Option<Noise> {
    let around = around(source, place, settings.noise_local_ms, settings);
    let squares: Vec<f64> = judged(source, place.region, &around)
        .iter()
        .map(|(_, variance)| *variance)
        .collect();
    let rms = robust::mean(&squares)?.sqrt();
    if rms < settings.noise_local_ratio * typical.rms.0 {
        return None;
    }
    // Here the strong stretches are the noise, so none is an outlier.
    estimate(source, &[(place.region, around)], f64::INFINITY, settings)
}

/// The noise where so much of the mains is left (variance, mV²): sinusoids of unknown phase, `tones` of them as (Hz, part). They
/// repeat for ever, so beyond the longest lag their mean counts.
pub(super) fn with_mains(noise: &Noise, tones: &[(f64, f64)], variance: f64) -> Noise {
    let mut values = noise.semivariogram.values().to_vec();
    let last = values.len().saturating_sub(1);
    let all: f64 = tones.iter().map(|(_, part)| part).sum();
    for &(hertz, part) in tones.iter().filter(|_| all > 0.0) {
        let size = variance * part / all;
        let turned = spectrum::rotation(hertz, 0.0, 1.0 / noise.rate.0);
        for (gamma, (cosine, _)) in values[..last].iter_mut().zip(turned) {
            *gamma += size * (1.0 - cosine);
        }
    }
    if let Some(sill) = values.last_mut() {
        *sill += variance;
    }
    Noise {
        semivariogram: values.into(),
        ..noise.clone()
    }
}

/// The largest excursion from the local level in the quiet signal around one stimulus.
pub(super) fn quiet_peak(source: Source<'_>, place: &Place, settings: &Settings) -> Option<f64> {
    let around = around(source, place, settings.noise_local_ms, settings);
    let region = &source.regions[place.region];
    chunks(source, place.region, &around)
        .into_iter()
        .filter_map(|chunk| {
            let values = &region.values[chunk];
            let level = robust::median(values)?;
            Some((lanes::largest(values) - level).max(level - lanes::smallest(values)))
        })
        .reduce(f64::max)
}

/// The samples from `reach` ms before the stimulus to `reach` ms after the end of the response to it, but not beyond the neighboring
/// stimuli.
fn around(source: Source<'_>, place: &Place, reach: f64, settings: &Settings) -> Range<usize> {
    let before = place.previous.unwrap_or(reach).min(reach);
    let after = (settings.response_end_ms + reach).min(place.next.unwrap_or(f64::INFINITY));
    let length = source.regions[place.region].values.len();
    range(place, length, source.rate, -before, after)
}

/// The quiet chunks within a stretch of a region, each with the variance about its own straight line.
fn judged<'a>(source: Source<'a>, region: usize, within: &Range<usize>) -> Cow<'a, [Chunk]> {
    let values = &source.regions[region].values;
    let judge = || -> Vec<Chunk> {
        chunks(source, region, within)
            .into_iter()
            .map(|chunk| (chunk.clone(), variance_about_line(&values[chunk])))
            .collect()
    };
    match source.judged.0.get(region) {
        Some(whole) if *within == (0..values.len()) => Cow::Borrowed(whole.get_or_init(judge)),
        _ => Cow::Owned(judge()),
    }
}

/// The quiet chunks within a stretch of a region.
fn chunks(source: Source<'_>, region: usize, within: &Range<usize>) -> Vec<Range<usize>> {
    let region = &source.regions[region];
    let longest = ((CHUNK_MS * source.rate / 1000.0) as usize).max(FEWEST_IN_CHUNK);
    let mut found = Vec::new();
    let first = region
        .quiet
        .partition_point(|quiet| quiet.end <= within.start);
    for quiet in region.quiet[first..]
        .iter()
        .take_while(|quiet| quiet.start < within.end)
    {
        let (start, end) = (quiet.start.max(within.start), quiet.end.min(within.end));
        for begin in (start..end).step_by(longest) {
            let chunk = begin..(begin + longest).min(end);
            if chunk.len() >= FEWEST_IN_CHUNK {
                found.push(chunk);
            }
        }
    }
    found
}

fn variance_about_line(values: &[f64]) -> f64 {
    // Two unknowns are fitted.
    least_squares::line(values).map_or(0.0, |line| line.residual / (values.len() as f64 - 2.0))
}

fn estimate(
    source: Source<'_>,
    pieces: &[(usize, Range<usize>)],
    outlier_ratio: f64,
    settings: &Settings,
) -> Option<Noise> {
    let quantization = source.step * source.step / QUANTIZATION;
    let judged: Vec<Cow<'_, [Chunk]>> = pieces
        .iter()
        .map(|(region, piece)| self::judged(source, *region, piece))
        .collect();
    let variances: Vec<f64> = judged
        .iter()
        .flat_map(|chunks| chunks.iter())
        .map(|(_, v)| *v)
        .collect();
    let limit = robust::median(&variances)?.max(quantization) * outlier_ratio * outlier_ratio;
    let mut variogram =
        Variogram::new((settings.noise_longest_lag_ms * source.rate / 1000.0).ceil() as usize);
    let (mut sum, mut count) = (0.0, 0.0);
    for ((region, piece), chunks) in pieces.iter().zip(&judged) {
        let mut present: Vec<Range<usize>> = Vec::new();
        for (chunk, variance) in chunks.iter().filter(|(_, variance)| *variance <= limit) {
            let (start, end) = (chunk.start - piece.start, chunk.end - piece.start);
            match present.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => present.push(start..end),
            }
            sum += variance * chunk.len() as f64;
            count += chunk.len() as f64;
        }
        variogram.add(&source.regions[*region].values[piece.clone()], &present);
    }
    if variogram.samples() < settings.noise_fewest_samples {
        return None;
    }
    let measured = variogram.semivariogram(FEWEST_PAIRS);
    let mut semivariogram = variogram::smoothed(&measured, variogram.samples());
    for gamma in semivariogram.iter_mut().skip(1) {
        *gamma = gamma.max(quantization);
    }
    Some(Noise {
        rate: Hertz(source.rate),
        rms: Millivolts((sum / count).max(quantization).sqrt()),
        semivariogram: semivariogram.into(),
        samples: variogram.samples(),
    })
}
