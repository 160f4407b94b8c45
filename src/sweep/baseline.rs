//! The level that stands for "no response".
#![doc = include_str!("../../docs/methods/baseline.md")]

use super::region::{Place, Region};
use super::{Baseline, BaselineKind, Noise, Settings};
use crate::finding::{Finding, FindingCode};
use crate::math::semivariogram::Semivariogram;
use crate::math::{least_squares, robust};
use crate::units::{Milliseconds, Millivolts};
use std::ops::Range;

/// A level needs at least so many samples (heuristic: fewer cannot even show that they agree).
const FEWEST: usize = 3;

/// The window of a sweep's baseline: samples of its region.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub samples: Range<usize>,
    pub kind: BaselineKind,
    pub short: bool,
}

/// The windows of all sweeps. `calm` is the stretch between artefact and response, ms after the stimulus.
pub(super) fn windows(
    regions: &[Region],
    places: &[Place],
    rate: f64,
    calm: (f64, f64),
    settings: &Settings,
) -> Vec<Window> {
    places
        .iter()
        .zip(first_of_runs(places, settings.baseline_train_below_ms))
        .map(|(place, first)| {
            let first = first.map(|first| &places[first]);
            window(regions, place, first, rate, calm, settings)
        })
        .collect()
}

/// Chooses the window for the sweep of one place. `first` is the first of its run of short intervals.
fn window(
    regions: &[Region],
    place: &Place,
    first: Option<&Place>,
    rate: f64,
    calm: (f64, f64),
    settings: &Settings,
) -> Window {
    let region = &regions[place.region];
    let stretch = |of: &Place, from: f64, to: f64| range(of, region.values.len(), rate, from, to);
    let normal = (settings.baseline_start_ms, settings.baseline_end_ms);
    let interval = place.previous.unwrap_or(f64::INFINITY);
    let (samples, asked, kind) = if interval >= settings.baseline_short_below_ms {
        (
            stretch(place, normal.0, normal.1),
            normal,
            BaselineKind::BeforeStimulus,
        )
    } else {
        let short = (normal.1 - settings.baseline_short_length_ms, normal.1);
        match first {
            Some(first) if first.region == place.region => {
                // The run may itself follow a slower stimulus closely; then its short window is the level before the train.
                let near = first
                    .previous
                    .is_some_and(|ms| ms < settings.baseline_short_below_ms);
                let asked = if near { short } else { normal };
                (
                    stretch(first, asked.0, asked.1),
                    asked,
                    BaselineKind::BeforeTrain,
                )
            }
            _ => (
                stretch(place, short.0, short.1),
                short,
                BaselineKind::ShortBeforeStimulus,
            ),
        }
    };
    let wanted = (asked.1 - asked.0) * rate / 1000.0;
    if samples.len() >= FEWEST {
        // Half of what was asked for raises the standard deviation of the level by less than 1.5; less than that is worth saying.
        let short = (samples.len() as f64) < wanted / 2.0;
        return Window {
            samples,
            kind,
            short,
        };
    }
    let calm = stretch(place, calm.0, calm.1);
    Window {
        samples: calm,
        kind: BaselineKind::BeforeResponse,
        short: true,
    }
}

/// For each place the first stimulus of the run of intervals below `below` (ms) that it belongs to; `None` when its own interval is longer.
fn first_of_runs(places: &[Place], below: f64) -> Vec<Option<usize>> {
    let mut first = None;
    places
        .iter()
        .enumerate()
        .map(|(index, place)| {
            if place.previous.is_some_and(|ms| ms < below) {
                return first;
            }
            first = Some(index);
            None
        })
        .collect()
}

/// The samples of a region from `from` to `to` ms after the stimulus, both ends included.
pub(super) fn range(place: &Place, length: usize, rate: f64, from: f64, to: f64) -> Range<usize> {
    let begin = (place.position + from * rate / 1000.0).ceil().max(0.0) as usize;
    let end = (place.position + to * rate / 1000.0).floor() + 1.0;
    let end = (end.max(0.0) as usize).min(length);
    begin.min(end)..end
}

/// The level over a window; unknown over none, and then its standard deviation has no end.
pub(super) fn level(
    region: &Region,
    window: &Window,
    place: &Place,
    noise: Option<&Noise>,
    rate: f64,
) -> Baseline {
    let values = &region.values[window.samples.clone()];
    let n = values.len();
    let sd = match n {
        0 => f64::INFINITY,
        _ => noise.map_or(0.0, |noise| sd_of_mean(n, &noise.semivariogram)),
    };
    Baseline {
        level: robust::mean(values).map(Millivolts),
        kind: window.kind,
        sd: Millivolts(sd),
        samples: n,
        start: Milliseconds((window.samples.start as f64 - place.position) * 1000.0 / rate),
    }
}

/// The standard deviation of a mean of `n` neighboring samples, at least one: the sill of the semivariogram stands for the variance of one.
fn sd_of_mean(n: usize, gamma: &Semivariogram) -> f64 {
    let between = gamma.sum_of_sums(0, n, n) / (n * n) as f64;
    (gamma.sill() - between).max(0.0).sqrt()
}

/// The drift over a baseline window in µV/s, when it stands out of the noise and moves the level during a response.
pub(super) fn drift(
    region: &Region,
    window: &Window,
    noise: &Noise,
    settings: &Settings,
) -> Option<Finding> {
    let values = &region.values[window.samples.clone()];
    let n = values.len() as f64;
    let slope = least_squares::line(values)?.slope;
    // Σ (i − mean)² of n consecutive numbers.
    let spread = n * (n * n - 1.0) / 12.0;
    let sd = correlated_rms(noise) / spread.sqrt();
    let microvolts_per_second = slope * noise.rate.0 * 1000.0;
    let significant = slope.abs() > settings.drift_noise_ratio * sd;
    (significant && microvolts_per_second.abs() >= settings.drift_from_uv_per_s).then(|| {
        Finding::new(
            FindingCode::BaselineDrift,
            format!("{microvolts_per_second:.0} µV/s before the stimulus"),
        )
    })
}

/// The noise that a slope over a window sees: white noise of this RMS would be as strong. Neighboring samples of band-limited noise
/// agree, so the RMS counts more than it would alone.
fn correlated_rms(noise: &Noise) -> f64 {
    let sill = noise.rms.0 * noise.rms.0;
    if sill <= 0.0 {
        return 0.0;
    }
    // Σ of the autocorrelation until the noise forgets itself: 1 + 2 Σ (1 − γ(k)/σ²) while that is positive.
    let mut sum = 1.0;
    for gamma in noise.semivariogram.values().iter().skip(1) {
        let correlation = 1.0 - gamma / sill;
        if correlation <= 0.0 {
            break;
        }
        sum += 2.0 * correlation;
    }
    (sill * sum).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Hertz;

    fn place(position: f64, previous: Option<f64>) -> Place {
        Place {
            stimulus: 0,
            region: 0,
            position,
            previous,
            next: None,
        }
    }

    fn region(length: usize) -> Region {
        Region {
            start: 0.0,
            values: (0..length).map(|i| i as f64).collect(),
            quiet: Vec::new(),
            saturated: Vec::new(),
        }
    }

    fn choose(places: &[Place], index: usize) -> Window {
        let regions = [region(1000)];
        let settings = Settings::default();
        windows(&regions, places, 1000.0, (1.0, 3.0), &settings).swap_remove(index)
    }

    #[test]
    fn at_3_hz_the_window_ends_half_a_millisecond_before_the_stimulus() {
        let window = choose(&[place(500.0, Some(333.0))], 0);
        assert_eq!(
            (window.samples, window.kind),
            (490..500, BaselineKind::BeforeStimulus)
        );
    }

    #[test]
    fn at_30_hz_the_window_is_short() {
        let places = [place(5000.0, None), place(5330.0, Some(33.0))];
        let settings = Settings::default();
        let window =
            windows(&[region(10_000)], &places, 10_000.0, (1.0, 3.0), &settings).swap_remove(1);
        assert_eq!(
            (window.samples, window.kind),
            (5305..5326, BaselineKind::ShortBeforeStimulus)
        );
    }

    #[test]
    fn at_50_hz_the_level_before_the_train_counts() {
        let places = [
            place(500.0, Some(4000.0)),
            place(520.0, Some(20.0)),
            place(540.0, Some(20.0)),
        ];
        for index in 1..3 {
            let window = choose(&places, index);
            assert_eq!(
                (window.samples, window.kind),
                (490..500, BaselineKind::BeforeTrain)
            );
        }
    }

    #[test]
    fn a_sweep_that_begins_at_the_stimulus_uses_the_stretch_before_the_response() {
        let window = choose(&[place(0.0, None)], 0);
        assert_eq!(
            (window.samples, window.kind, window.short),
            (1..4, BaselineKind::BeforeResponse, true)
        );
    }

    #[test]
    fn every_stimulus_of_a_run_knows_its_first_and_a_run_without_one_has_none() {
        let intervals = [
            Some(20.0),
            None,
            Some(20.0),
            Some(20.0),
            Some(40.0),
            Some(20.0),
        ];
        let places = intervals.map(|previous| place(0.0, previous));
        assert_eq!(
            first_of_runs(&places, 30.0),
            [None, None, Some(1), Some(1), None, Some(4)]
        );
    }

    #[test]
    fn without_a_sample_the_level_is_unknown_rather_than_0_mv() {
        // The artefact lasts until where the response may begin, and nothing lies before the stimulus.
        let at = place(0.0, None);
        let settings = Settings::default();
        let regions = [region(1000)];
        let window = windows(
            &regions,
            std::slice::from_ref(&at),
            1000.0,
            (1.5, 1.4),
            &settings,
        )
        .swap_remove(0);
        let level = level(&regions[0], &window, &at, None, 1000.0);
        assert_eq!((level.level, level.samples), (None, 0));
        assert!(level.sd.0.is_infinite());
    }

    #[test]
    fn the_mean_of_n_white_samples_has_the_noise_over_root_n() {
        let gamma = vec![0.0, 4.0, 4.0].into();
        // The sill is 4, but a sample agrees with itself: 4 − (1 − 1/n)·4.
        assert!((sd_of_mean(16, &gamma) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_ramp_of_2_mv_per_s_is_a_drift_and_noise_is_not() {
        let noise = Noise {
            rate: Hertz(10_000.0),
            rms: Millivolts(0.005),
            semivariogram: vec![0.0, 2.5e-5].into(),
            samples: 1000,
        };
        let window = Window {
            samples: 0..95,
            kind: BaselineKind::BeforeStimulus,
            short: false,
        };
        let mut ramp = region(95);
        for (i, value) in ramp.values.iter_mut().enumerate() {
            *value = i as f64 * 2e-4;
        }
        let found = drift(&ramp, &window, &noise, &Settings::default()).unwrap();
        assert_eq!(found.detail, "2000 µV/s before the stimulus");
        for (i, value) in ramp.values.iter_mut().enumerate() {
            *value = 0.005 * f64::from(((i * 7919) % 13) as u8) / 6.5;
        }
        assert_eq!(drift(&ramp, &window, &noise, &Settings::default()), None);
    }
}
