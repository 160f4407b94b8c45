//! How the responses of a train differ in size, time and length, by least squares over their whole waveform.
//!
//! Each response is `g·(m(t − d) stretched by s)`, `m` being the mean of the train: to first order `g·m − g·d·m′ − g·s·(t − t_p)·m′`, three
//! numbers that carry far less noise than landmarks do, and what is left over.

use crate::cmap::Cmap;
use crate::math::least_squares::Normal;
use crate::sweep::Sweep;
use crate::train::Train;

/// The responses are compared from this time after the stimulus on (ms): before it nothing is evoked. Heuristic, `cmap.window_start_ms`.
const FROM_MS: f64 = 1.0;
/// They are compared up to this time after their negative peak (ms): the positive phase is over. Heuristic.
const AFTER_PEAK_MS: f64 = 12.0;
/// A shorter stretch after the peak (ms) does not hold the negative phase. Heuristic.
const SHORTEST_AFTER_PEAK_MS: f64 = 2.0;

/// One response of a train beside the mean of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Its number in the train.
    pub ordinal: usize,
    /// How large it is, as a part of the mean.
    pub gain: f64,
    /// How much later than the mean it comes, in ms.
    pub delay_ms: f64,
    /// How much longer than the mean it lasts, in percent.
    pub stretch_pct: f64,
    /// What is left over, RMS in percent of its own RMS.
    pub rest_pct: f64,
    /// The standard deviations of gain (as a part of itself), delay (ms) and stretch (%) that follow from what is left over and from the noise.
    pub sd: [f64; 3],
    /// The noise, RMS in percent of its own RMS.
    pub noise_pct: f64,
}

/// The shapes of the measured responses of a train; empty where they cannot be compared: fewer than three, different rates, or a time
/// between stimuli that does not hold a response.
pub fn shapes(train: &Train, sweeps: &[Sweep], cmaps: &[Cmap]) -> Vec<Shape> {
    let members: Vec<(usize, &Sweep, f64)> = train
        .responses
        .iter()
        .filter_map(|response| {
            let peak = cmaps.get(response.index)?.landmarks.negative_peak?.time.0;
            Some((response.ordinal?, sweeps.get(response.index)?, peak))
        })
        .collect();
    let Some(&(_, first, _)) = members.first() else {
        return Vec::new();
    };
    let peak_ms = members.iter().map(|member| member.2).sum::<f64>() / members.len() as f64;
    let from_ms = members
        .iter()
        .map(|(_, sweep, _)| sweep.artefact_end.0)
        .fold(FROM_MS, f64::max);
    // A repetitive response shrinks abruptly without any fault: then only the negative phase before it is compared.
    let repetitive = train.responses.iter().any(|response| {
        let cmap = cmaps.get(response.index);
        cmap.is_some_and(|cmap| cmap.repetitive.is_some())
    });
    let returns = train
        .responses
        .iter()
        .filter(|_| repetitive)
        .filter_map(|response| cmaps.get(response.index)?.landmarks.baseline_return)
        .map(|point| point.time.0);
    let until_ms = members
        .iter()
        .map(|(_, sweep, _)| sweep.until.0.min(end_ms(sweep)))
        .chain(returns)
        .fold(peak_ms + AFTER_PEAK_MS, f64::min);
    let step_ms = 1000.0 / first.rate.0;
    if members.len() < 3
        || !step_ms.is_finite()
        || members.iter().any(|(_, sweep, _)| sweep.rate != first.rate)
        || until_ms < peak_ms + SHORTEST_AFTER_PEAK_MS
        || from_ms > peak_ms
    {
        return Vec::new();
    }
    let count = ((until_ms - from_ms) / step_ms).floor() as usize;
    let curves: Vec<Vec<f64>> = members
        .iter()
        .map(|(_, sweep, _)| {
            (0..count)
                .map(|index| value_at(sweep, from_ms + index as f64 * step_ms))
                .collect()
        })
        .collect();
    /// A slope needs a neighbor on either side.
    const FEWEST: usize = 3;
    if count < FEWEST {
        return Vec::new();
    }
    let mean: Vec<f64> = (0..count)
        .map(|index| curves.iter().map(|curve| curve[index]).sum::<f64>() / curves.len() as f64)
        .collect();
    let rows: Vec<[f64; 3]> = (1..count.saturating_sub(1))
        .map(|index| {
            let slope = (mean[index + 1] - mean[index - 1]) / (2.0 * step_ms);
            let time = from_ms + index as f64 * step_ms - peak_ms;
            [mean[index], -slope, -time * slope]
        })
        .collect();
    members
        .iter()
        .zip(&curves)
        .filter_map(|((ordinal, sweep, _), curve)| {
            shape(*ordinal, &rows, &curve[1..], sweep.noise.as_ref()?.rms.0)
        })
        .collect()
}

fn shape(ordinal: usize, rows: &[[f64; 3]], curve: &[f64], noise_mv: f64) -> Option<Shape> {
    let mut normal = Normal::new(3);
    for (row, &value) in rows.iter().zip(curve) {
        normal.add(row, value);
    }
    let solution = normal.solve()?;
    let &[gain, delay, stretch] = solution.unknowns.as_slice() else {
        return None;
    };
    let power: f64 = curve[..rows.len()].iter().map(|value| value * value).sum();
    let left: f64 = rows
        .iter()
        .zip(curve)
        .map(|(row, value)| {
            let fitted = gain * row[0] + delay * row[1] + stretch * row[2];
            (value - fitted).powi(2)
        })
        .sum();
    let count = rows.len() as f64;
    if gain <= 0.0 || power <= 0.0 {
        return None;
    }
    let scatter = (left / (count - 3.0).max(1.0)).sqrt().max(noise_mv);
    let sd = |place: usize| {
        scatter
            * solution
                .inverse
                .get(place * 4)
                .map_or(0.0, |v| v.max(0.0).sqrt())
            / gain
    };
    Some(Shape {
        ordinal,
        gain,
        delay_ms: delay / gain,
        stretch_pct: 100.0 * stretch / gain,
        rest_pct: 100.0 * (left / power).sqrt(),
        sd: [sd(0), sd(1), 100.0 * sd(2)],
        noise_pct: 100.0 * noise_mv * (count / power).sqrt(),
    })
}

/// The time of the last sample.
fn end_ms(sweep: &Sweep) -> f64 {
    sweep.first.0 + (sweep.values.len().saturating_sub(3)) as f64 * 1000.0 / sweep.rate.0
}

/// The value at a time by the cubic through four samples (Catmull-Rom); 0 outside the sweep.
fn value_at(sweep: &Sweep, time_ms: f64) -> f64 {
    let place = (time_ms - sweep.first.0) * sweep.rate.0 / 1000.0;
    if place < 1.0 {
        return 0.0;
    }
    let index = place.floor() as usize;
    let part = place - index as f64;
    let Some(&[a, b, c, d]) = sweep.values.get(index - 1..index + 3) else {
        return 0.0;
    };
    let cubic = [
        b,
        0.5 * (c - a),
        a - 2.5 * b + 2.0 * c - 0.5 * d,
        0.5 * (d - a) + 1.5 * (b - c),
    ];
    ((cubic[3] * part + cubic[2]) * part + cubic[1]) * part + cubic[0]
}
