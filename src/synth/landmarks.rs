//! Where a response begins, peaks and ends, found on the analytic signal: a scan brackets each landmark, golden-section search and
//! bisection place it. Nothing here shares code with the measuring of endplate.

use super::truth::{ChangeTruth, LandmarkTruth};

/// Step of the scan that brackets landmarks, in ms: a twentieth of the shortest rise; each is then refined on the analytic signal.
const SCAN_MS: f64 = 0.1;
/// Step of the scan that brackets peaks, in ms; peaks are flat for longer than this.
const PEAK_SCAN_MS: f64 = 0.25;
/// No negative peak comes later than this, in ms.
const PEAK_LIMIT_MS: f64 = 40.0;
/// No positive peak is looked for later than this, in ms.
const END_MS: f64 = 80.0;
/// The onset is where the signal passes this part of the negative peak.
const ONSET_PART: f64 = 0.05;
/// Step of the integration, in ms.
const AREA_STEP_MS: f64 = 0.02;
/// Halvings of a bracket of one scan step: 0.1 ms becomes 1e-13 ms.
const CROSSING_HALVINGS: usize = 40;
/// Below this amplitude (mV) nothing was evoked.
const NOTHING_MV: f64 = 1e-4;

/// The negative-peak amplitude and the landmarks of the response in `signal` (mV at ms after the stimulus), which ends at `limit_ms`.
pub(super) fn landmarks(
    signal: impl Fn(f64) -> f64,
    limit_ms: f64,
) -> (f64, Option<LandmarkTruth>) {
    let end_ms = limit_ms.min(END_MS);
    let peak_ms = extremum(&signal, 0.0, end_ms.min(PEAK_LIMIT_MS));
    let amplitude = signal(peak_ms);
    if amplitude < NOTHING_MV {
        return (0.0, None);
    }
    let level = ONSET_PART * amplitude;
    let mut before = peak_ms;
    while before > 0.0 && signal(before) > level {
        before -= SCAN_MS;
    }
    let onset_ms = crossing(|t| signal(t) - level, before.max(0.0), before + SCAN_MS);
    let mut after = peak_ms;
    while after < end_ms && signal(after) > 0.0 {
        after += SCAN_MS;
    }
    let return_ms = (after < end_ms).then(|| crossing(|t| -signal(t), after - SCAN_MS, after));
    let positive = return_ms.map(|from| {
        let time = extremum(|t| -signal(t), from, end_ms);
        (time, signal(time))
    });
    let landmarks = LandmarkTruth {
        peak_ms,
        onset_ms,
        return_ms,
        duration_ms: return_ms.map(|end| end - onset_ms),
        rise_ms: peak_ms - onset_ms,
        area_mv_ms: return_ms.map(|end| integral(&signal, onset_ms, end)),
        positive_peak_mv: positive.map(|(_, value)| value),
        positive_peak_ms: positive.map(|(time, _)| time),
        peak_to_peak_mv: positive.map(|(_, value)| amplitude - value),
    };
    (amplitude, Some(landmarks))
}

/// Where `signal` is largest in `from..to`.
fn extremum(signal: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let steps = ((to - from) / PEAK_SCAN_MS).ceil().max(1.0) as usize;
    let mut best = (from, signal(from));
    for step in 1..=steps {
        let time = (from + step as f64 * PEAK_SCAN_MS).min(to);
        let value = signal(time);
        if value > best.1 {
            best = (time, value);
        }
    }
    // Golden-section search needs no derivative and cannot leave the bracket.
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (
        (best.0 - PEAK_SCAN_MS).max(from),
        (best.0 + PEAK_SCAN_MS).min(to),
    );
    while high - low > 1e-9 {
        let left = high - ratio * (high - low);
        let right = low + ratio * (high - low);
        if signal(left) > signal(right) {
            high = right;
        } else {
            low = left;
        }
    }
    (low + high) / 2.0
}

/// Where `signal` passes from at most 0 at `low` to above 0 at `high`.
fn crossing(signal: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..CROSSING_HALVINGS {
        let middle = (low + high) / 2.0;
        if signal(middle) > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low + high) / 2.0
}

/// Simpson's rule.
fn integral(signal: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let pairs = ((to - from) / (2.0 * AREA_STEP_MS)).ceil().max(1.0) as usize;
    let step = (to - from) / (2 * pairs) as f64;
    let mut sum = signal(from) + signal(to);
    for index in 1..2 * pairs {
        let weight = if index % 2 == 1 { 4.0 } else { 2.0 };
        sum += weight * signal(from + index as f64 * step);
    }
    sum * step / 3.0
}

/// The changes of a measure over a train; `values` by ordinal from 1.
pub(super) fn changes(values: &[Option<f64>]) -> Option<ChangeTruth> {
    if values.len() < 2 {
        return None;
    }
    let first = values[0].filter(|&first| first > 0.0);
    let of = |value: Option<f64>| Some(100.0 * (value? / first? - 1.0));
    let at = |ordinal: usize| of(*values.get(ordinal - 1)?);
    let lowest = |last: usize| {
        values
            .iter()
            .enumerate()
            .take(last)
            .skip(1)
            .filter_map(|(index, value)| Some((index + 1, (*value)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    };
    let highest = values
        .iter()
        .enumerate()
        .skip(1)
        .filter_map(|(index, value)| Some((index + 1, (*value)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let down = |change: Option<f64>| change.map(|change| 0.0 - change);
    let all = lowest(values.len());
    Some(ChangeTruth {
        decrement_1_4_pct: down(at(4)),
        decrement_1_5_pct: down(at(5)),
        decrement_1_low5_pct: down(of(lowest(5).map(|(_, value)| value)))
            .filter(|_| values.len() >= 5),
        decrement_1_low_pct: down(of(all.map(|(_, value)| value))),
        lowest: all.map(|(ordinal, _)| ordinal),
        decrement_1_last_pct: down(at(values.len())),
        increment_high_pct: of(highest.map(|(_, value)| value)),
        highest: highest.map(|(ordinal, _)| ordinal),
        increment_last_pct: at(values.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_landmarks_of_a_damped_sine_are_those_of_calculus() {
        // sin(t) e^(−t/5) from 2 ms on: peak where tan = 5, return after π, lowest π after the peak.
        let signal = |t: f64| {
            let t = t - 2.0;
            if t > 0.0 {
                t.sin() * (-t / 5.0).exp()
            } else {
                0.0
            }
        };
        let (amplitude, landmarks) = landmarks(signal, 1000.0);
        let landmarks = landmarks.unwrap();
        let peak = 5.0_f64.atan();
        let height = peak.sin() * (-peak / 5.0).exp();
        assert!((amplitude - height).abs() < 1e-12);
        assert!((landmarks.peak_ms - 2.0 - peak).abs() < 1e-6);
        assert!((landmarks.return_ms.unwrap() - 2.0 - std::f64::consts::PI).abs() < 1e-8);
        let lowest = -height * (-std::f64::consts::PI / 5.0).exp();
        assert!((landmarks.positive_peak_mv.unwrap() - lowest).abs() < 1e-12);
        assert!((signal(landmarks.onset_ms) - 0.05 * height).abs() < 1e-9);
        let integral = |t: f64| {
            let t = t - 2.0;
            -(-t / 5.0).exp() * (t.cos() + t.sin() / 5.0) / (1.0 + 0.04)
        };
        let area = integral(landmarks.return_ms.unwrap()) - integral(landmarks.onset_ms);
        assert!((landmarks.area_mv_ms.unwrap() - area).abs() < 1e-8);
    }

    #[test]
    fn silence_has_no_landmarks() {
        assert_eq!(landmarks(|_| 0.0, 100.0), (0.0, None));
    }

    #[test]
    fn decrement_is_positive_when_the_response_gets_smaller() {
        let values = [10.0, 9.0, 8.0, 7.5, 7.0, 7.2].map(Some);
        let changes = changes(&values).unwrap();
        assert_eq!(changes.decrement_1_4_pct, Some(25.0));
        assert!((changes.decrement_1_low5_pct.unwrap() - 30.0).abs() < 1e-9);
        assert_eq!(changes.lowest, Some(5));
        assert!((changes.increment_last_pct.unwrap() + 28.0).abs() < 1e-9);
        assert_eq!(changes.highest, Some(2));
    }

    #[test]
    fn a_missing_response_moves_no_other_one() {
        let values = [Some(10.0), Some(9.0), None, Some(7.5), Some(7.0)];
        let changes = changes(&values).unwrap();
        assert_eq!(changes.decrement_1_4_pct, Some(25.0));
        assert_eq!(changes.lowest, Some(5));
    }
}
