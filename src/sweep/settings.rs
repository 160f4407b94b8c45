//! How sweeps are cut: every setting with its unit, its default and its reason.

use crate::error::Result;
use crate::setting_range::{MOST_COUNTED, Step};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How sweeps are cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether mains interference is looked for and subtracted.
    pub mains_subtract: bool,
    /// Mains interference is taken as steady over about this time (s). Heuristic: the frequency of a grid wanders by some mHz within it.
    pub mains_block_s: f64,
    /// A harmonic of the mains counts from so many times the power of the noise beside it on (heuristic: chance reaches 12 in one of
    /// 100,000).
    pub mains_noise_ratio: f64,
    /// Harmonics of the mains are looked for up to this frequency (Hz, heuristic).
    pub mains_highest_hz: f64,
    /// Weaker interference (µV RMS) is subtracted but not mentioned (heuristic).
    pub mains_report_uv: f64,
    /// A sweep begins so long before its stimulus (ms). Heuristic: room for the baseline and a look at the quiet signal.
    pub before_ms: f64,
    /// A sweep ends so long after its stimulus (ms). Heuristic: distal latency, duration and slow return of the longest CMAPs.
    pub after_ms: f64,
    /// Signal so far before and after the stimuli (ms) serves to measure mains and noise. Heuristic: 50 periods of mains.
    pub context_ms: f64,
    /// The signal is quiet until so long before a stimulus (ms): its mark may be late by a sample or two (heuristic).
    pub guard_ms: f64,
    /// A response, F wave included, is over so long after its stimulus (ms). Heuristic: F waves of the leg end at about 60 ms.
    pub response_end_ms: f64,
    /// The largest deflection of a response comes no later than this (ms). Heuristic: proximal stimulation of a slowed nerve.
    pub response_peak_latest_ms: f64,
    /// The baseline window begins here (ms relative to the stimulus). Heuristic: half a period of mains.
    pub baseline_start_ms: f64,
    /// The baseline window ends here (ms relative to the stimulus): a mark may be late by a sample or two (heuristic).
    pub baseline_end_ms: f64,
    /// Below this interval to the previous stimulus (ms) the baseline window is short: the previous response lasts until about 50 ms.
    /// 1/15 s; docs/methods/baseline.md gives the error of either choice.
    pub baseline_short_below_ms: f64,
    /// The length of the short baseline window (ms).
    pub baseline_short_length_ms: f64,
    /// Below this interval (ms) the level before the train is the baseline: the previous response is not over. 1/35 s;
    /// docs/methods/baseline.md gives the error of either choice.
    pub baseline_train_below_ms: f64,
    /// A slope of the baseline counts as drift from so many of its standard deviations on (heuristic).
    pub drift_noise_ratio: f64,
    /// A smaller drift (µV/s) is not mentioned. Heuristic: it moves the level by 5 µV within 10 ms.
    pub drift_from_uv_per_s: f64,
    /// The semivariogram reaches to this lag (ms): from the beginning of the baseline to the end of a response (heuristic).
    pub noise_longest_lag_ms: f64,
    /// Fewer quiet samples than this do not tell the noise. Heuristic: its standard deviation would be wrong by more than 7 %.
    pub noise_fewest_samples: usize,
    /// Quiet signal whose RMS is so many times the median is not typical noise and is left out of it (heuristic).
    pub noise_outlier_ratio: f64,
    /// Noise around a sweep that is so many times the typical noise counts for this sweep instead (heuristic).
    pub noise_local_ratio: f64,
    /// The signal around a sweep reaches so far before the stimulus and after the end of the response (ms, heuristic).
    pub noise_local_ms: f64,
    /// A bend or a response stands out of the noise from so many of its standard deviations on (heuristic).
    pub artefact_noise_ratio: f64,
    /// The steep part of the artefact ends here (ms after the stimulus) when no artefact is seen (heuristic: a pulse of 0.2 ms and the
    /// settling of the amplifier).
    pub artefact_end_ms: f64,
    /// The steep part of the artefact is over here (ms after the stimulus), whatever is seen. Heuristic: before the earliest responses.
    pub artefact_longest_ms: f64,
    /// Whether the tail of the artefact is fitted and subtracted.
    pub artefact_subtract: bool,
    /// The shortest time constant of a tail (ms, heuristic): shorter ones are over before a response begins.
    pub artefact_tau_shortest_ms: f64,
    /// The longest time constant of a tail (ms, heuristic): longer ones cannot be told from a step of the level.
    pub artefact_tau_longest_ms: f64,
    /// A tail counts from so many standard deviations of what noise would explain on (heuristic).
    pub artefact_tail_ratio: f64,
    /// Responses without a longer pause (s) share one time constant (heuristic: the electrodes do not change within a train).
    pub artefact_group_gap_s: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mains_subtract: true,
            mains_block_s: 3.0,
            mains_noise_ratio: 12.0,
            mains_highest_hz: 1000.0,
            mains_report_uv: 2.0,
            before_ms: 20.0,
            after_ms: 80.0,
            context_ms: 1000.0,
            guard_ms: 0.5,
            response_end_ms: 60.0,
            response_peak_latest_ms: 30.0,
            baseline_start_ms: -10.0,
            baseline_end_ms: -0.5,
            baseline_short_below_ms: 1000.0 / 15.0,
            baseline_short_length_ms: 2.0,
            baseline_train_below_ms: 1000.0 / 35.0,
            drift_noise_ratio: 5.0,
            drift_from_uv_per_s: 500.0,
            noise_longest_lag_ms: 50.0,
            noise_fewest_samples: 100,
            noise_outlier_ratio: 3.0,
            noise_local_ratio: 2.0,
            noise_local_ms: 100.0,
            artefact_noise_ratio: 8.0,
            artefact_end_ms: 0.5,
            artefact_longest_ms: 1.5,
            artefact_subtract: true,
            artefact_tau_shortest_ms: 0.3,
            artefact_tau_longest_ms: 5.0,
            artefact_tail_ratio: 6.0,
            artefact_group_gap_s: 5.0,
        }
    }
}

/// Mains is taken as steady over no less (s): five periods of 50 Hz; of shorter blocks there are too many to hold (heuristic).
const SHORTEST_BLOCK_S: f64 = 0.1;

/// Harmonics of the mains are looked for up to a frequency between these (Hz): from the lowest grid to its hundredth harmonic. The work
/// grows with the square of their number, and nothing of a CMAP lies higher (heuristic).
const MAINS_HZ: RangeInclusive<f64> = 50.0..=5000.0;

/// A sweep and what is looked at in it reach no farther from the stimulus (ms): no response lasts as long, and each sample stands in every
/// sweep that it lies in (heuristic).
const FARTHEST_MS: f64 = 2000.0;

/// The context reaches no farther (ms): 10 min hold every train of a study, and all of it is in memory (heuristic).
const LONGEST_CONTEXT_MS: f64 = 600_000.0;

/// The semivariogram reaches no farther (ms): noise is measured in pieces of 1 s, and each lag takes memory (heuristic).
const LONGEST_LAG_MS: f64 = 1000.0;

/// A tail is no shorter (ms): no converter in use shows it (heuristic).
const SHORTEST_TAU_MS: f64 = 0.01;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> Result<()> {
        let Self {
            mains_subtract: _,
            mains_block_s,
            mains_noise_ratio,
            mains_highest_hz,
            mains_report_uv,
            before_ms,
            after_ms,
            context_ms,
            guard_ms,
            response_end_ms,
            response_peak_latest_ms,
            baseline_start_ms,
            baseline_end_ms,
            baseline_short_below_ms,
            baseline_short_length_ms,
            baseline_train_below_ms,
            drift_noise_ratio,
            drift_from_uv_per_s,
            noise_longest_lag_ms,
            noise_fewest_samples,
            noise_outlier_ratio,
            noise_local_ratio,
            noise_local_ms,
            artefact_noise_ratio,
            artefact_end_ms,
            artefact_longest_ms,
            artefact_subtract: _,
            artefact_tau_shortest_ms,
            artefact_tau_longest_ms,
            artefact_tail_ratio,
            artefact_group_gap_s,
        } = self;
        let step = Step("sweep");
        step.at_least("mains_block_s", *mains_block_s, SHORTEST_BLOCK_S)?;
        step.not_negative("mains_noise_ratio", *mains_noise_ratio)?;
        step.within("mains_highest_hz", *mains_highest_hz, MAINS_HZ)?;
        step.not_negative("mains_report_uv", *mains_report_uv)?;
        step.not_negative("before_ms", *before_ms)?;
        step.at_most("before_ms", *before_ms, FARTHEST_MS)?;
        step.positive("after_ms", *after_ms)?;
        step.at_most("after_ms", *after_ms, FARTHEST_MS)?;
        step.not_negative("context_ms", *context_ms)?;
        step.at_most("context_ms", *context_ms, LONGEST_CONTEXT_MS)?;
        step.not_negative("guard_ms", *guard_ms)?;
        step.not_negative("response_end_ms", *response_end_ms)?;
        step.positive("response_peak_latest_ms", *response_peak_latest_ms)?;
        step.within(
            "baseline_start_ms",
            *baseline_start_ms,
            -FARTHEST_MS..=FARTHEST_MS,
        )?;
        step.within(
            "baseline_end_ms",
            *baseline_end_ms,
            -FARTHEST_MS..=FARTHEST_MS,
        )?;
        step.less(
            ("baseline_start_ms", *baseline_start_ms),
            ("baseline_end_ms", *baseline_end_ms),
        )?;
        step.not_negative("baseline_short_below_ms", *baseline_short_below_ms)?;
        step.positive("baseline_short_length_ms", *baseline_short_length_ms)?;
        step.at_most(
            "baseline_short_length_ms",
            *baseline_short_length_ms,
            FARTHEST_MS,
        )?;
        step.not_negative("baseline_train_below_ms", *baseline_train_below_ms)?;
        step.not_negative("drift_noise_ratio", *drift_noise_ratio)?;
        step.not_negative("drift_from_uv_per_s", *drift_from_uv_per_s)?;
        step.positive("noise_longest_lag_ms", *noise_longest_lag_ms)?;
        step.at_most(
            "noise_longest_lag_ms",
            *noise_longest_lag_ms,
            LONGEST_LAG_MS,
        )?;
        step.count(
            "noise_fewest_samples",
            *noise_fewest_samples,
            1..=MOST_COUNTED,
        )?;
        step.positive("noise_outlier_ratio", *noise_outlier_ratio)?;
        step.not_negative("noise_local_ratio", *noise_local_ratio)?;
        step.not_negative("noise_local_ms", *noise_local_ms)?;
        step.not_negative("artefact_noise_ratio", *artefact_noise_ratio)?;
        step.not_negative("artefact_end_ms", *artefact_end_ms)?;
        step.at_most("artefact_end_ms", *artefact_end_ms, FARTHEST_MS)?;
        step.not_negative("artefact_longest_ms", *artefact_longest_ms)?;
        step.at_most("artefact_longest_ms", *artefact_longest_ms, FARTHEST_MS)?;
        step.at_least(
            "artefact_tau_shortest_ms",
            *artefact_tau_shortest_ms,
            SHORTEST_TAU_MS,
        )?;
        step.at_most(
            "artefact_tau_longest_ms",
            *artefact_tau_longest_ms,
            FARTHEST_MS,
        )?;
        step.less(
            ("artefact_tau_shortest_ms", *artefact_tau_shortest_ms),
            ("artefact_tau_longest_ms", *artefact_tau_longest_ms),
        )?;
        step.not_negative("artefact_tail_ratio", *artefact_tail_ratio)?;
        step.not_negative("artefact_group_gap_s", *artefact_group_gap_s)
    }
}
