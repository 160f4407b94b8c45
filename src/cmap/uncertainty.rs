//! From the noise of the channel to the interval of a measure.

use super::response::Response;
use super::{Estimate, NotMeasured, Value};
use crate::math::intervals::{LEVEL, two_sided};
use crate::math::weights::Weights;
use crate::sweep::{BaselineKind, Sweep};

impl Response<'_> {
    /// No weights yet, of samples and smoothed values.
    pub fn weights(&self) -> Weights<'_> {
        Weights::with(&self.smoothing.kernel)
    }

    /// Adds the weights of the smoothed value at a time (ms).
    pub fn smoothed_at(&self, weights: &mut Weights<'_>, time: f64, factor: f64) {
        let sample = ((time - self.sweep.first.0) / self.step()).round() as i64;
        let half = (self.smoothing.kernel.values().len() / 2) as i64;
        weights.add_kernel(sample - half, factor);
    }

    /// Adds the weights of the slope of the smoothed signal at a time, in mV per ms.
    pub fn slope_at(&self, weights: &mut Weights<'_>, time: f64, factor: f64) {
        let step = self.step();
        self.smoothed_at(weights, time + step, factor / (2.0 * step));
        self.smoothed_at(weights, time - step, -factor / (2.0 * step));
    }

    /// Makes the weights sum to 0 by the mean of the baseline.
    pub fn against_baseline(&self, weights: &mut Weights<'_>) {
        against_baseline(self.sweep, weights);
    }

    /// The standard deviation of a weighted sum; `None` when the noise is not known.
    pub fn sd(&self, weights: &Weights<'_>) -> Option<f64> {
        let noise = self.sweep.noise.as_ref()?;
        Some(weights.variance(&noise.semivariogram).sqrt())
    }

    /// The slope of the smoothed signal at a time, in mV per ms.
    pub fn slope(&self, time: f64) -> f64 {
        let position = (time - self.sweep.first.0) / self.step();
        let index = (position.floor().max(0.0) as usize).min(self.smooth.len().saturating_sub(2));
        match (self.smooth.get(index), self.smooth.get(index + 1)) {
            (Some(before), Some(after)) => (after - before) / self.step(),
            _ => 0.0,
        }
    }

    /// The second derivative of the smoothed signal around a peak, in mV per ms²: that of the parabola by least squares over
    /// `CURVATURE_MS` on either side. Of three samples it would be that of the noise, which is sharpest where it made the peak.
    pub fn curvature(&self, time: f64) -> f64 {
        /// A CMAP is a parabola so far around its peak, and more than noise bends it (ms, heuristic).
        const CURVATURE_MS: f64 = 0.5;
        let index = ((time - self.sweep.first.0) / self.step()).round().max(0.0) as usize;
        let after = self.smooth.len().saturating_sub(index + 1);
        let half = (CURVATURE_MS / self.step()).round().max(1.0) as usize;
        let half = half.min(index).min(after);
        let Some(values) = self.smooth.get(index - half..=index + half) else {
            return 0.0;
        };
        let half = half as f64;
        let mean = half * (half + 1.0) / 3.0;
        let (mut sum, mut norm) = (0.0, 0.0);
        for (place, value) in values.iter().enumerate() {
            let weight = (place as f64 - half).powi(2) - mean;
            sum += weight * value;
            norm += weight * weight;
        }
        if norm > 0.0 {
            2.0 * sum / norm / self.step().powi(2)
        } else {
            0.0
        }
    }

    /// How much (mV) the noise adds on average to a peak at a time because the highest point was chosen (`sign` −1: the lowest): it moves a peak by
    /// the slope of the noise over the curvature of the signal, and gains half of slope times way. A signal that may be flat gains as
    /// much as the highest of a few values does. 0 where the noise is not known.
    pub fn gained_by_choice(&self, time: f64, sign: f64) -> f64 {
        /// The curvature is told by the signal so far before and after the peak (ms, heuristic): a positive phase is broad.
        const REACH_MS: f64 = 1.0;
        /// The mean of the highest of 10 independent values with a normal distribution, in standard deviations.
        const HIGHEST: f64 = 1.54;
        let steps = (REACH_MS / self.step()).round().max(1.0);
        let reach = steps * self.step();
        let (mut slope, mut bend, mut value) = (self.weights(), self.weights(), self.weights());
        self.slope_at(&mut slope, time, 1.0);
        for (at, factor) in [(time - reach, 1.0), (time, -2.0), (time + reach, 1.0)] {
            self.smoothed_at(&mut bend, at, factor / (reach * reach));
        }
        self.smoothed_at(&mut value, time, 1.0);
        self.against_baseline(&mut value);
        let noises = self.sd(&slope).zip(self.sd(&bend)).zip(self.sd(&value));
        let Some(((slope, noise_of_bend), value)) = noises else {
            return 0.0;
        };
        let index = ((time - self.sweep.first.0) / self.step()).round() as i64;
        let smooth = |offset: f64| {
            let index = usize::try_from(index + offset as i64).ok()?;
            self.smooth.get(index)
        };
        let around = smooth(-steps).zip(smooth(0.0)).zip(smooth(steps));
        let curvature = around.map_or(0.0, |((before, top), after)| {
            sign * (2.0 * top - before - after) / (reach * reach)
        });
        let most = HIGHEST * value;
        let least = curvature - noise_of_bend;
        if least > 0.0 {
            most.min(slope * slope / (2.0 * least))
        } else {
            most
        }
    }

    /// What may be left of the artefact at a time, in mV.
    pub fn artefact_at(&self, time: f64) -> f64 {
        let left = &self.sweep.artefact_left;
        if left.bound.0 == 0.0 || left.tau.0 <= 0.0 {
            return 0.0;
        }
        left.bound.0.abs() * (-(time - self.sweep.artefact_end.0).max(0.0) / left.tau.0).exp()
    }

    /// A bound on what sampling alone does: `at_4800` at 4800 Hz, shrinking with a power of the sampling interval.
    pub fn sampling_bound(&self, at_4800: f64, order: f64) -> f64 {
        const REFERENCE_HZ: f64 = 4800.0;
        at_4800 * (REFERENCE_HZ / self.sweep.rate.0).powf(order)
    }

    /// The top of the negative phase, or why a measure that needs it has no value.
    pub fn peak(&self) -> Result<super::Landmark, NotMeasured> {
        self.landmarks.negative_peak.ok_or(NotMeasured::NoResponse)
    }

    /// The onset, or why a measure that needs it has no value.
    pub fn onset(&self) -> Result<super::Landmark, NotMeasured> {
        self.peak()?;
        let why = || {
            NotMeasured::LandmarkMissing(
                "onset: the signal does not come down to it after the artefact".into(),
            )
        };
        self.landmarks.onset.ok_or_else(why)
    }

    /// The return to baseline, or why a measure that needs it has no value.
    pub fn baseline_return(&self) -> Result<super::Landmark, NotMeasured> {
        self.peak()?;
        self.landmarks.baseline_return.ok_or(NotMeasured::SweepEnds)
    }

    /// Whether a sample between two times touches the rails.
    pub fn saturated_between(&self, from: f64, to: f64) -> bool {
        let range = self.indices(from, to);
        self.sweep
            .saturated
            .iter()
            .any(|saturated| saturated.start < range.end && range.start < saturated.end)
    }

    /// Fails when the rails are touched between onset (or artefact) and a time.
    pub fn unsaturated_until(&self, to: f64) -> Result<(), NotMeasured> {
        let from = self
            .landmarks
            .onset
            .map_or(self.sweep.artefact_end.0, |onset| onset.time.0);
        if self.saturated_between(from, to) {
            Err(NotMeasured::Saturated)
        } else {
            Ok(())
        }
    }
}

/// Makes weights of the samples of a sweep sum to 0 by the mean of its baseline.
pub fn against_baseline(sweep: &Sweep, weights: &mut Weights<'_>) {
    let baseline = &sweep.baseline;
    let samples = baseline.samples.max(1);
    let factor = -weights.sum();
    if baseline.kind == BaselineKind::BeforeTrain {
        return weights.add_far_mean(samples, factor);
    }
    let step_ms = 1000.0 / sweep.rate.0;
    let sample = ((baseline.start.0 - sweep.first.0) / step_ms).round() as i64;
    weights.add_mean(sample, samples, factor);
}

/// A value with the interval that follows from its standard deviation and bound. Without a known noise the interval has no ends.
pub fn estimate(value: f64, sd: Option<f64>, bound: f64) -> Value {
    if !value.is_finite() {
        return Err(NotMeasured::LandmarkMissing(
            "the value is not finite".into(),
        ));
    }
    let sd = sd.filter(|sd| sd.is_finite()).unwrap_or(f64::INFINITY);
    let half = two_sided(LEVEL) * sd + bound;
    Ok(Estimate {
        value,
        low: value - half,
        high: value + half,
        sd,
        bound,
    })
}
