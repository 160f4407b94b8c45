#![doc = include_str!("../../docs/methods/response.md")]

use super::settings::{PeakInterpolation, Settings};
use super::{Landmark, Landmarks, NotMeasured, Placed};
use crate::math::filter::LowPass;
use crate::math::interpolate::vertex;
use crate::math::lanes;
use crate::math::weights::Kernel;
use crate::sweep::Sweep;
use crate::units::{Milliseconds, Millivolts};
use std::ops::Range;

/// The order of the low pass; it runs forwards and backwards.
const ORDER: usize = 2;
/// A low pass above this part of the sampling rate would be at its limit of half the rate.
const HIGHEST_CUTOFF: f64 = 0.45;
/// The steep part of the artefact begins so long before the stimulus, in ms: a time of stimulus may be late by a sample or two.
const ARTEFACT_LEAD_MS: f64 = 0.5;

/// The low pass of a channel, and the weights that it gives to the samples around one.
#[derive(Clone, Debug)]
pub struct Smoothing {
    filter: Option<LowPass>,
    /// Symmetric; a single 1 without a filter.
    pub kernel: Kernel,
}

impl Smoothing {
    /// For a channel of that rate.
    pub fn new(rate: f64, settings: &Settings) -> Self {
        let wanted = settings.lowpass_hz > 0.0 && settings.lowpass_hz <= HIGHEST_CUTOFF * rate;
        let filter = wanted
            .then(|| LowPass::butterworth(ORDER, settings.lowpass_hz, rate))
            .flatten();
        let weights = filter.as_ref().map_or_else(|| vec![1.0], LowPass::kernel);
        Self {
            filter,
            kernel: Kernel::new(weights),
        }
    }
}

/// A sweep with its smoothed values, on which landmarks are placed and measures are taken.
#[derive(Clone, Debug)]
pub struct Response<'a> {
    /// The sweep.
    pub sweep: &'a Sweep,
    /// Its values after the low pass, the artefact bridged; mV.
    pub smooth: Vec<f64>,
    /// The weights of the low pass.
    pub smoothing: &'a Smoothing,
    /// Its points.
    pub landmarks: Landmarks,
    /// Which of them a reader put where they are.
    pub placed: Placed,
    /// How it is measured.
    pub settings: &'a Settings,
}

impl<'a> Response<'a> {
    /// Smooths sweeps; landmarks are still to be placed.
    pub fn all(sweeps: &'a [Sweep], smoothing: &'a Smoothing, settings: &'a Settings) -> Vec<Self> {
        let mut responses: Vec<Self> = sweeps
            .iter()
            .map(|sweep| Self::smoothed(sweep, Vec::new(), smoothing, settings))
            .collect();
        let mut smooth: Vec<Vec<f64>> = responses.iter().map(Self::bridged).collect();
        if let Some(filter) = &smoothing.filter {
            filter.zero_phase_all(&mut smooth);
        }
        for (response, smooth) in responses.iter_mut().zip(smooth) {
            response.smooth = smooth;
        }
        responses
    }

    /// A sweep with values that were smoothed before; landmarks are still to be placed.
    pub fn smoothed(
        sweep: &'a Sweep,
        smooth: Vec<f64>,
        smoothing: &'a Smoothing,
        settings: &'a Settings,
    ) -> Self {
        Self {
            sweep,
            smooth,
            smoothing,
            landmarks: Landmarks::default(),
            placed: Placed::default(),
            settings,
        }
    }

    /// The values with a straight line in place of the steep artefact, so that the filter does not spread it.
    fn bridged(&self) -> Vec<f64> {
        let mut values = self.sweep.values.clone();
        let range = self.indices(-ARTEFACT_LEAD_MS, self.sweep.artefact_end.0);
        let (Some(before), Some(&after)) = (range.start.checked_sub(1), values.get(range.end))
        else {
            // The sweep begins inside the artefact: its level is carried back to the start.
            if let Some(&after) = values.get(range.end) {
                values[range].fill(after);
            }
            return values;
        };
        let from = values[before];
        let steps = (range.end - before) as f64;
        for index in range {
            values[index] = from + (after - from) * (index - before) as f64 / steps;
        }
        values
    }

    /// The step between samples in ms.
    pub fn step(&self) -> f64 {
        1000.0 / self.sweep.rate.0
    }

    /// The time of a sample in ms after the stimulus.
    pub fn time(&self, position: f64) -> f64 {
        self.sweep.first.0 + position * self.step()
    }

    /// The samples whose times lie in [from, to), cut to those that exist.
    pub fn indices(&self, from: f64, to: f64) -> Range<usize> {
        let position =
            |time: f64| ((time - self.sweep.first.0) / self.step()).ceil().max(0.0) as usize;
        let end = position(to).min(self.sweep.values.len());
        position(from).min(end)..end
    }

    /// Where a negative peak is looked for.
    pub fn window(&self) -> Range<usize> {
        let from = self.settings.window_start_ms.max(self.sweep.artefact_end.0);
        self.indices(from, self.settings.window_end_ms.min(self.sweep.until.0))
    }

    /// The highest sample of the window that is higher than its neighbors; `sign` −1 looks for the lowest.
    pub fn highest(&self, window: Range<usize>, sign: f64) -> Option<usize> {
        let first = window.start.max(1);
        let end = window.end.min(self.smooth.len().saturating_sub(1));
        let inside = self.smooth.get(first - 1..end + 1)?;
        let inner = inside.get(1..inside.len().checked_sub(1)?)?;
        let extreme = if sign < 0.0 {
            lanes::smallest(inner)
        } else {
            lanes::largest(inner)
        };
        let turns = |around: &[f64]| match around {
            &[before, value, after] => sign * value > sign * before && sign * value >= sign * after,
            _ => false,
        };
        // The extreme of the window turns, unless it lies at its edge; then the lower ones count.
        let mut end = inner.len();
        while let Some(index) = lanes::last_equal(&inner[..end], extreme) {
            if turns(&inside[index..index + 3]) {
                return Some(first + index);
            }
            end = index;
        }
        let turning = inside.windows(3).enumerate().filter(|(_, w)| turns(w));
        let highest = turning.max_by(|(_, a), (_, b)| (sign * a[1]).total_cmp(&(sign * b[1])));
        highest.map(|(index, _)| first + index)
    }

    /// The top of the peak at a sample, below one sample if the settings say so.
    pub fn top(&self, index: usize) -> Landmark {
        let value = self.smooth[index];
        let parabola = match self.settings.peak_interpolation {
            PeakInterpolation::Parabola if index > 0 => self
                .smooth
                .get(index + 1)
                .and_then(|&after| vertex(self.smooth[index - 1], value, after)),
            _ => None,
        };
        let (offset, value) = parabola.unwrap_or((0.0, value));
        Landmark {
            time: Milliseconds(self.time(index as f64 + offset)),
            value: Millivolts(value),
        }
    }

    /// Whether the level is known from which heights are measured, or why nothing is measured.
    pub fn has_level(&self) -> Result<(), NotMeasured> {
        match self.sweep.baseline.level {
            Some(_) => Ok(()),
            None => Err(NotMeasured::LandmarkMissing(
                "baseline: no sample before the stimulus or between artefact and response".into(),
            )),
        }
    }

    /// Whether a peak of that height stands out, or why not.
    pub fn stands_out(&self, height: f64) -> Result<(), NotMeasured> {
        self.has_level()?;
        let settings = self.settings;
        let noise = self.sweep.noise.as_ref().map_or(0.0, |noise| noise.rms.0);
        let quiet = self.sweep.quiet_peak.map_or(0.0, |peak| peak.0);
        if height
            >= settings
                .minimum_amplitude_mv
                .max(settings.peak_to_noise * noise)
            && height >= settings.peak_to_quiet * quiet
        {
            Ok(())
        } else if quiet >= settings.voluntary_mv {
            Err(NotMeasured::VoluntaryActivity)
        } else {
            Err(NotMeasured::NoResponse)
        }
    }
}
