//! Files of others: what their programs measured must be in the samples.

use super::*;

fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/matlab_real.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Peak to peak as the authors take it: on a cubic spline at ten times as many points, evenly from the first to the last sample,
/// behind the stimulus artefact (50 ms after the first sample, at 3 kHz).
fn amplitude_on_a_spline(values: &[f64]) -> f64 {
    let last = values.len() - 1;
    // Second derivatives of the natural spline (they vanish at both ends), by elimination of the three diagonals.
    let (mut upper, mut right) = (vec![0.0; last + 1], vec![0.0; last + 1]);
    for i in 1..last {
        let pivot = 4.0 - upper[i - 1];
        upper[i] = 1.0 / pivot;
        let bend = 6.0 * (values[i + 1] - 2.0 * values[i] + values[i - 1]);
        right[i] = (bend - right[i - 1]) / pivot;
    }
    let mut second = vec![0.0; last + 1];
    for i in (1..last).rev() {
        second[i] = right[i] - upper[i] * second[i + 1];
    }
    let count = 10 * values.len();
    let (mut high, mut low) = (f64::MIN, f64::MAX);
    for point in 0..count {
        let at = (last * point) as f64 / (count - 1) as f64;
        let after_stimulus_ms = at / 3.0 - 50.0;
        if !(15.0..100.0).contains(&after_stimulus_ms) {
            continue;
        }
        let i = (at as usize).min(last - 1);
        let (right, left) = (at - i as f64, (i + 1) as f64 - at);
        let value = second[i] * (left.powi(3) - left) / 6.0
            + second[i + 1] * (right.powi(3) - right) / 6.0
            + values[i] * left
            + values[i + 1] * right;
        high = high.max(value);
        low = low.min(value);
    }
    high - low
}

#[test]
fn the_sweeps_of_real_trains_have_the_amplitudes_that_their_authors_published() {
    let recording = read(
        "mep-trains.mat",
        "rate_hz = 3000\nunit = 'uV'\nstimulus_ms = 50\n[[channels]]\nvariable = 'meps'\nsample_axis = 0",
    );
    let expected = expected();
    let published = numbers(&expected["amplitudes_uv"]);
    let sampled = numbers(&expected["peak_to_peak_uv"]);
    let channel = &recording.channels[0];
    assert_eq!((channel.segments.len(), recording.marks.len()), (8, 8));
    for (sweep, segment) in channel.segments.iter().enumerate() {
        let stored = segment.samples.widen(0..usize::MAX).unwrap();
        assert_eq!(stored.len(), 601);
        let peak_to_peak = stored.iter().copied().fold(f64::MIN, f64::max)
            - stored.iter().copied().fold(f64::MAX, f64::min);
        assert_eq!(peak_to_peak, sampled[sweep]);
        let amplitude = amplitude_on_a_spline(&stored);
        assert!(
            (amplitude / published[sweep] - 1.0).abs() < 1e-9,
            "sweep {sweep}: {amplitude} {}",
            published[sweep]
        );
        let mark = recording.marks[sweep].time.0;
        assert!((mark - segment.start.0 - 0.05).abs() < 1e-9);
    }
}

#[test]
fn a_file_that_matlab_wrote_holds_what_scipy_read() {
    let expected = expected();
    for (index, expected) in expected["uneven"].as_array().unwrap().iter().enumerate() {
        let recording = read(
            "test_uneven_samp.mat",
            &format!(
                "rate_hz = 1000\nunit = 'uV'\n[[channels]]\nvariable = 'data'\nsample_axis = 1\nindex = {index}"
            ),
        );
        let values = stored(&recording, 0);
        let number = |name: &str| expected[name].as_f64().unwrap();
        assert_eq!(values.len() as f64, number("count"));
        assert_eq!(
            values.iter().copied().fold(f64::MAX, f64::min),
            number("min")
        );
        assert_eq!(
            values.iter().copied().fold(f64::MIN, f64::max),
            number("max")
        );
        let sum: f64 = values.iter().sum();
        assert!((sum - number("sum")).abs() <= 1e-9 * number("sum").abs().max(1.0));
    }
}
