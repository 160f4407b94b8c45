//! How responses are measured.

use crate::error::Result;
use crate::setting_range::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How responses are measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// In which direction the negative phase points in the stored numbers.
    pub polarity: Polarity,
    /// Zero-phase Butterworth low pass (second order, forwards and backwards) before landmarks are placed, in Hz; 0 for none. It is left
    /// out where it would lie above 0.45 of the sampling rate. 3000 Hz lowers a peak of 5 ms by less than 0.005 %, and the sharper one of a small animal by 0.6 %;
    /// 2000 Hz gives smaller intervals for responses below 1 mV.
    pub lowpass_hz: f64,
    /// A response peaks not earlier than this after the stimulus, in ms. Heuristic: below the shortest motor latency.
    pub window_start_ms: f64,
    /// A response has its negative peak before this, in ms. Heuristic: beyond distal latencies, before F waves and reflexes.
    pub window_end_ms: f64,
    /// The negative peak exceeds the RMS of the noise by this factor. Heuristic.
    pub peak_to_noise: f64,
    /// The negative peak is at least so high, in mV. Heuristic.
    pub minimum_amplitude_mv: f64,
    /// The negative peak exceeds the largest excursion of the quiet signal around the sweep by this factor. Heuristic.
    pub peak_to_quiet: f64,
    /// From this excursion of the quiet signal on, what hides a response is called voluntary activity, in mV. Heuristic.
    pub voluntary_mv: f64,
    /// The negative peaks of a channel lie within this of their median, in ms; a farther one is no response to the stimulus. Heuristic.
    pub latency_spread_ms: f64,
    /// How the top of a peak is found.
    pub peak_interpolation: PeakInterpolation,
    /// Between which points the peak-to-peak amplitude is taken.
    pub peak_to_peak_extent: PeakToPeakExtent,
    /// How the onset is defined.
    pub onset: OnsetDefinition,
    /// For `percent_of_peak`: where the signal last passes this part of the negative peak, in %.
    pub onset_percent_pct: f64,
    /// For `fixed`: where the signal last passes this value, in mV.
    pub onset_threshold_mv: f64,
    /// The end is where the positive phase has come back to this part of its peak, in %. Heuristic.
    pub end_percent_pct: f64,
    /// A landmark that a reader placed may be off by this on either side, in ms. Heuristic: what a hand does on a screen with 1 ms to a division.
    pub placed_bound_ms: f64,
    /// How a repetitive response is told from the end of the main one.
    pub repetitive: super::repetitive::Settings,
}

/// In which direction the negative phase points in the stored numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// As the first large phase of the channel's responses points; a channel that is turned says so.
    Auto,
    /// Negative potentials are stored as positive numbers, as EMG machines display them.
    NegativeUp,
    /// Negative potentials are stored as negative numbers; the channel is turned.
    NegativeDown,
}

/// How the top of a peak is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeakInterpolation {
    /// The vertex of the parabola through the highest sample and its neighbors.
    Parabola,
    /// The highest sample itself.
    None,
}

/// Between which points the peak-to-peak amplitude is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeakToPeakExtent {
    /// From the negative peak to the lowest point of the positive phase that follows it.
    Phases,
    /// From the highest to the lowest peak within `window_start_ms` and `window_end_ms`, whichever comes first, as motor evoked potentials
    /// of several phases are measured.
    Window,
}

/// How the onset is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnsetDefinition {
    /// Where the signal last passes a percentage of the negative peak before it.
    PercentOfPeak,
    /// Where the tangent at the steepest point of the rise meets the baseline.
    Tangent,
    /// Where the signal last passes a fixed value before the negative peak.
    Fixed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            polarity: Polarity::Auto,
            lowpass_hz: 3000.0,
            window_start_ms: 1.0,
            window_end_ms: 30.0,
            peak_to_noise: 6.0,
            minimum_amplitude_mv: 0.03,
            peak_to_quiet: 1.5,
            voluntary_mv: 0.05,
            latency_spread_ms: 4.0,
            peak_interpolation: PeakInterpolation::Parabola,
            peak_to_peak_extent: PeakToPeakExtent::Phases,
            onset: OnsetDefinition::PercentOfPeak,
            onset_percent_pct: 5.0,
            onset_threshold_mv: 0.02,
            end_percent_pct: 5.0,
            placed_bound_ms: 0.1,
            repetitive: super::repetitive::Settings::default(),
        }
    }
}

/// A low pass is no lower (Hz): nothing of a CMAP would be left, and its coefficients would be lost in rounding (heuristic).
const LOWEST_LOWPASS_HZ: f64 = 10.0;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> Result<()> {
        let Self {
            polarity: _,
            lowpass_hz,
            window_start_ms,
            window_end_ms,
            peak_to_noise,
            minimum_amplitude_mv,
            peak_to_quiet,
            voluntary_mv,
            latency_spread_ms,
            peak_interpolation: _,
            peak_to_peak_extent: _,
            onset: _,
            onset_percent_pct,
            onset_threshold_mv,
            end_percent_pct,
            placed_bound_ms,
            repetitive,
        } = self;
        let step = Step("cmap");
        // 0 switches it off.
        if *lowpass_hz != 0.0 {
            step.at_least("lowpass_hz", *lowpass_hz, LOWEST_LOWPASS_HZ)?;
        }
        step.not_negative("window_start_ms", *window_start_ms)?;
        step.positive("window_end_ms", *window_end_ms)?;
        step.less(
            ("window_start_ms", *window_start_ms),
            ("window_end_ms", *window_end_ms),
        )?;
        step.not_negative("peak_to_noise", *peak_to_noise)?;
        step.not_negative("minimum_amplitude_mv", *minimum_amplitude_mv)?;
        step.not_negative("peak_to_quiet", *peak_to_quiet)?;
        step.not_negative("voluntary_mv", *voluntary_mv)?;
        step.not_negative("latency_spread_ms", *latency_spread_ms)?;
        step.part_pct("onset_percent_pct", *onset_percent_pct)?;
        step.not_negative("onset_threshold_mv", *onset_threshold_mv)?;
        step.part_pct("end_percent_pct", *end_percent_pct)?;
        step.not_negative("placed_bound_ms", *placed_bound_ms)?;
        repetitive.check()
    }
}
