//! From which limits on a train is doubted or refused.

use crate::error::Result;
use crate::setting_range::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// From which limits on a train is doubted or refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The first response is at least so many times the RMS of the noise. Heuristic.
    pub amplitude_to_noise: f64,
    /// The first response is at least so high, in mV. Heuristic.
    pub amplitude_lowest_mv: f64,
    /// The intervals of the decrements 1→4 and 1→5 reach no farther than this from their values, in percentage points. Heuristic.
    pub interval_widest_points: f64,
    /// Rates that differ by no more than this, in percent, are the same. Heuristic.
    pub rate_tolerance_pct: f64,
    /// A response may lie above the middle of its neighbors by this, in percent of the first, if that is 1 mV; for others it is divided by
    /// √(mV), because quantal scatter is. Heuristic.
    pub envelope_above_pct: f64,
    /// A response may lie below the middle of its neighbors by so much more than the response before it, in percent of the first, in the
    /// same way. Heuristic: a decrement falls less and less.
    pub envelope_below_pct: f64,
    /// Both limits are widened by so many standard deviations of the noise (added in squares). Heuristic.
    pub envelope_noise_sds: f64,
    /// In high-rate trains both limits are wider by this factor. Heuristic.
    pub envelope_fast_ratio: f64,
    /// A fall is straight only if it is at least so large from the first to the last response, in percent. Heuristic.
    pub linear_fall_pct: f64,
    /// A fall is straight if a straight line explains so much of the variance of the amplitudes, in percent. Heuristic.
    pub linear_explained_pct: f64,
    /// A fall is straight if its second half is at least so steep, in percent of its first half, plus the next setting. Heuristic.
    pub linear_second_half_pct: f64,
    /// To the limit before this is added if the first response is 1 mV, in percent; for others it is divided by √(mV). Heuristic.
    pub linear_second_half_small_pct: f64,
    /// The bends of amplitude and latency correlate by this or less under a submaximal stimulus. Heuristic.
    pub submaximal_correlation: f64,
    /// At a low rate the area does not rise by so much from its lowest to the last response, in percent. Heuristic.
    pub rising_pct: f64,
    /// At a low rate the area does not rise by so much of its fall, in percent of that. Heuristic: a decrement recovers in part.
    pub rising_of_fall_pct: f64,
    /// A response may be earlier or later than the middle of its neighbors by this, in ms, if the first is 1 mV; for others it is divided
    /// by √(mV). Heuristic.
    pub delay_bend_ms: f64,
    /// A response may be longer or shorter than the middle of its neighbors by this, in percent, in the same way. Heuristic.
    pub stretch_bend_pct: f64,
    /// So much of a response, RMS in percent, may be left beyond the noise when size, shift and stretch of the mean are fitted to it;
    /// times 1 + 1/√(mV). Heuristic.
    pub rest_pct: f64,
    /// The responses of a train may get later by this from the first to the last, in ms, times 1 + 1/√(mV). Heuristic.
    pub later_ms: f64,
    /// The responses of a train may get longer by this from the first to the last, in percent, times 1 + 1/√(mV). Heuristic.
    pub longer_pct: f64,
    /// The first response at rest may be smaller by this than one at rest before it, in percent. Heuristic.
    pub resting_fall_pct: f64,
    /// So long after an exercise its activity is over, and nothing drifts because of it, in s. Heuristic.
    pub settled_s: f64,
    /// The decrements of amplitude and area may differ by this beyond their intervals, in percentage points. Heuristic.
    pub amplitude_area_points: f64,
    /// The decrements of two trains at rest may differ by this beyond their intervals, in percentage points. Heuristic.
    pub reproduction_points: f64,
    /// The shortest exercise for facilitation, in s: 10 s with a tolerance (heuristic).
    pub exercise_brief_shortest_s: f64,
    /// The longest exercise for facilitation, in s: 10 s with a tolerance (heuristic).
    pub exercise_brief_longest_s: f64,
    /// The shortest exercise for exhaustion, in s: 30 s with a tolerance (heuristic).
    pub exercise_long_shortest_s: f64,
    /// The longest exercise for exhaustion, in s: 60 s with a tolerance (heuristic).
    pub exercise_long_longest_s: f64,
    /// The first stimulus comes no later than this after the end of the exercise, in s. Heuristic: facilitation fades within seconds.
    pub exercise_delay_longest_s: f64,
    /// Below this skin temperature (°C) the limb is too cold: KNF-NO (legeforeningen.no) asks for 32 °C.
    pub temperature_lowest_c: f64,
    /// Below this skin temperature (°C) a note says that the limb is cool. Heuristic: warming to 34 °C is widely advised.
    pub temperature_preferred_c: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            amplitude_to_noise: 10.0,
            amplitude_lowest_mv: 0.1,
            interval_widest_points: 5.0,
            rate_tolerance_pct: 10.0,
            envelope_above_pct: 6.0,
            envelope_below_pct: 8.0,
            envelope_noise_sds: 4.0,
            envelope_fast_ratio: 2.2,
            linear_fall_pct: 5.0,
            linear_explained_pct: 90.0,
            linear_second_half_pct: 35.0,
            linear_second_half_small_pct: 75.0,
            submaximal_correlation: -0.7,
            rising_pct: 5.0,
            rising_of_fall_pct: 60.0,
            delay_bend_ms: 0.075,
            stretch_bend_pct: 1.3,
            rest_pct: 1.0,
            later_ms: 0.045,
            longer_pct: 0.3,
            resting_fall_pct: 25.0,
            settled_s: 30.0,
            amplitude_area_points: 10.0,
            reproduction_points: 5.0,
            exercise_brief_shortest_s: 8.0,
            exercise_brief_longest_s: 15.0,
            exercise_long_shortest_s: 25.0,
            exercise_long_longest_s: 70.0,
            exercise_delay_longest_s: 5.0,
            temperature_lowest_c: 32.0,
            temperature_preferred_c: 34.0,
        }
    }
}

/// Limits of the skin temperature lie between these (°C); higher ones are in another unit (heuristic). The preferred one may lie below the
/// lowest: then nothing is called cool.
const SKIN_C: RangeInclusive<f64> = 0.0..=50.0;

impl Settings {
    /// Whether each setting is in its range, or which is not.
    pub fn check(&self) -> Result<()> {
        let Self {
            amplitude_to_noise,
            amplitude_lowest_mv,
            interval_widest_points,
            rate_tolerance_pct,
            envelope_above_pct,
            envelope_below_pct,
            envelope_noise_sds,
            envelope_fast_ratio,
            linear_fall_pct,
            linear_explained_pct,
            linear_second_half_pct,
            linear_second_half_small_pct,
            submaximal_correlation,
            rising_pct,
            rising_of_fall_pct,
            delay_bend_ms,
            stretch_bend_pct,
            rest_pct,
            later_ms,
            longer_pct,
            resting_fall_pct,
            settled_s,
            amplitude_area_points,
            reproduction_points,
            exercise_brief_shortest_s,
            exercise_brief_longest_s,
            exercise_long_shortest_s,
            exercise_long_longest_s,
            exercise_delay_longest_s,
            temperature_lowest_c,
            temperature_preferred_c,
        } = self;
        let step = Step("quality");
        step.not_negative("amplitude_to_noise", *amplitude_to_noise)?;
        step.not_negative("amplitude_lowest_mv", *amplitude_lowest_mv)?;
        step.not_negative("interval_widest_points", *interval_widest_points)?;
        step.not_negative("rate_tolerance_pct", *rate_tolerance_pct)?;
        step.not_negative("envelope_above_pct", *envelope_above_pct)?;
        step.not_negative("envelope_below_pct", *envelope_below_pct)?;
        step.not_negative("envelope_noise_sds", *envelope_noise_sds)?;
        step.positive("envelope_fast_ratio", *envelope_fast_ratio)?;
        step.not_negative("linear_fall_pct", *linear_fall_pct)?;
        step.part_pct("linear_explained_pct", *linear_explained_pct)?;
        step.not_negative("linear_second_half_pct", *linear_second_half_pct)?;
        step.not_negative(
            "linear_second_half_small_pct",
            *linear_second_half_small_pct,
        )?;
        step.within(
            "submaximal_correlation",
            *submaximal_correlation,
            -1.0..=1.0,
        )?;
        step.not_negative("rising_pct", *rising_pct)?;
        step.not_negative("rising_of_fall_pct", *rising_of_fall_pct)?;
        step.not_negative("delay_bend_ms", *delay_bend_ms)?;
        step.not_negative("stretch_bend_pct", *stretch_bend_pct)?;
        step.not_negative("rest_pct", *rest_pct)?;
        step.not_negative("later_ms", *later_ms)?;
        step.not_negative("longer_pct", *longer_pct)?;
        step.part_pct("resting_fall_pct", *resting_fall_pct)?;
        step.not_negative("settled_s", *settled_s)?;
        step.not_negative("amplitude_area_points", *amplitude_area_points)?;
        step.not_negative("reproduction_points", *reproduction_points)?;
        step.not_negative("exercise_brief_shortest_s", *exercise_brief_shortest_s)?;
        step.not_negative("exercise_brief_longest_s", *exercise_brief_longest_s)?;
        step.not_more(
            ("exercise_brief_shortest_s", *exercise_brief_shortest_s),
            ("exercise_brief_longest_s", *exercise_brief_longest_s),
        )?;
        step.not_negative("exercise_long_shortest_s", *exercise_long_shortest_s)?;
        step.not_negative("exercise_long_longest_s", *exercise_long_longest_s)?;
        step.not_more(
            ("exercise_long_shortest_s", *exercise_long_shortest_s),
            ("exercise_long_longest_s", *exercise_long_longest_s),
        )?;
        step.not_negative("exercise_delay_longest_s", *exercise_delay_longest_s)?;
        step.within("temperature_lowest_c", *temperature_lowest_c, SKIN_C)?;
        step.within("temperature_preferred_c", *temperature_preferred_c, SKIN_C)
    }
}
