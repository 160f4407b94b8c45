//! Our numerics against scipy: expected values in `fixtures/oracle`, made by `fixtures/make/filter.py`.

use endplate::math::filter::LowPass;
use endplate::math::integrate::trapezoid;
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

fn oracle() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/filter.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn zero_phase_low_passes_equal_those_of_scipy() {
    let oracle = oracle();
    let values = numbers(&oracle["values"]);
    let cases = oracle["low_passes"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let number = |key: &str| case[key].as_f64().unwrap();
        let filter =
            LowPass::butterworth(number("order") as usize, number("cutoff"), number("rate"))
                .unwrap();
        let expected = numbers(&case["filtered"]);
        let mut filtered = values.clone();
        filter.zero_phase(&mut filtered);
        for (found, expected) in filtered.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < TOLERANCE,
                "order {}: {found} instead of {expected}",
                case["order"]
            );
        }
    }
}

#[test]
fn areas_with_partial_cells_equal_those_of_scipy() {
    let oracle = oracle();
    let number = |key: &str| oracle["area"][key].as_f64().unwrap();
    let values = numbers(&oracle["values"]);
    let found = trapezoid(
        &values,
        number("first"),
        number("step"),
        number("from"),
        number("to"),
    );
    assert!((found - number("value")).abs() < TOLERANCE, "{found}");
}
