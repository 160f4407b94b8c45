//! Sinusoids of a known frequency and spectra of equally spaced values.

use realfft::RealFftPlanner;
use std::f64::consts::TAU;

/// After so many steps the rotation that makes sines is set right again, so that rounding cannot grow (heuristic: 1e-16 × 512 is
/// still far below any voltage).
const STEPS_PER_START: usize = 512;

/// The cosine and sine of 2π · `hertz` · (`start` + i · `step`) for i = 0, 1, 2 …, `start` and `step` in seconds.
pub fn rotation(hertz: f64, start: f64, step: f64) -> impl Iterator<Item = (f64, f64)> {
    let (turn_sin, turn_cos) = (TAU * hertz * step).sin_cos();
    let mut state = (1.0, 0.0);
    (0..).map(move |i: usize| {
        if i.is_multiple_of(STEPS_PER_START) {
            let (sin, cos) = (TAU * hertz * (start + i as f64 * step)).sin_cos();
            state = (cos, sin);
        }
        let now = state;
        state = (
            now.0 * turn_cos - now.1 * turn_sin,
            now.0 * turn_sin + now.1 * turn_cos,
        );
        now
    })
}

/// The one-sided power spectrum through a Hann window, the mean taken away first: bin i is the mean square (in the square of the unit
/// of the values) of a sinusoid at i · rate / n Hz. Empty for fewer than two values.
pub fn power(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    if n < 2 {
        return Vec::new();
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(n);
    let mut buffer: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(i, value)| (value - mean) * 0.5 * (1.0 - (TAU * i as f64 / n as f64).cos()))
        .collect();
    let mut spectrum = plan.make_output_vec();
    let _ = plan.process(&mut buffer, &mut spectrum);
    // A sinusoid of amplitude a on a bin gives a·n/4 through the window; its mean square is a²/2.
    let scale = 4.0 / n as f64;
    spectrum
        .iter()
        .map(|value| (value.norm() * scale).powi(2) / 2.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_stays_on_its_sine_for_a_million_steps() {
        let (cos, sin) = rotation(50.013, 3.5, 1e-4).nth(1_000_000).unwrap();
        let (expected_sin, expected_cos) = (TAU * 50.013 * (3.5 + 100.0)).sin_cos();
        assert!((cos - expected_cos).abs() < 1e-9 && (sin - expected_sin).abs() < 1e-9);
    }

    #[test]
    fn a_sine_of_3_units_has_a_mean_square_of_4_5_in_its_bin() {
        let values: Vec<f64> = (0..1000)
            .map(|i| 7.0 + 3.0 * (TAU * 50.0 * f64::from(i) / 1000.0).sin())
            .collect();
        let power = power(&values);
        assert!((power[50] - 4.5).abs() < 1e-9, "{}", power[50]);
        assert!(power[55] < 1e-12);
    }
}
