//! Numerics against numpy and scipy.

use endplate::math::weights::{Kernel, Weights};
use endplate::math::{spectrum, variogram};
use std::ops::Range;

/// Numbers of a file that `fixtures/make/*.py` wrote.
fn oracle(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(format!("fixtures/oracle/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn the_semivariogram_is_that_of_numpy() {
    let oracle = oracle("variogram");
    let present: Vec<Range<usize>> = numbers(&oracle["present"])
        .iter()
        .enumerate()
        .filter(|(_, present)| **present > 0.5)
        .map(|(index, _)| index..index + 1)
        .collect();
    let mut variogram = variogram::Variogram::new(80);
    variogram.add(&numbers(&oracle["values"]), &present);
    let expected = numbers(&oracle["semivariogram"]);
    let got = variogram.semivariogram(1);
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(&expected) {
        assert!(
            (got - expected).abs() <= 1e-9 * expected.max(1e-3),
            "{got} {expected}"
        );
    }
    let kernel = Kernel::new(numbers(&oracle["weights"]));
    let mut weights = Weights::with(&kernel);
    weights.add_kernel(0, 1.0);
    let variance = weights.variance(&expected.into());
    assert!((variance - oracle["variance"].as_f64().unwrap()).abs() < 1e-9);
}

#[test]
fn sinusoids_are_fitted_as_scipy_does() {
    let oracle = oracle("mains");
    let step = oracle["step_s"].as_f64().unwrap();
    let pieces: spectrum::Pieces = oracle["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| {
            let start = piece["start_s"].as_f64().unwrap();
            spectrum::Piece::new(start, numbers(&piece["values"]))
        })
        .collect();
    let fit = spectrum::fit(&pieces, &numbers(&oracle["hertz"]), step).unwrap();
    for (got, expected) in fit
        .solution
        .unknowns
        .iter()
        .zip(numbers(&oracle["amplitudes"]))
    {
        assert!((got - expected).abs() < 1e-9, "{got} {expected}");
    }
    let expected = oracle["residual"].as_f64().unwrap();
    assert!((fit.solution.residual - expected).abs() < 1e-9 * expected);
    let expected = oracle["variance_at_0_02_s"].as_f64().unwrap();
    assert!((fit.variance_at(0.02) - expected).abs() < 1e-9);
}
