//! Published and hand-computable changes, and the coverage of their intervals.

use super::*;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

fn estimate(value: f64, sd: f64, bound: f64) -> Estimate {
    let reach = two_sided(LEVEL) * sd + bound;
    Estimate {
        value,
        low: value - reach,
        high: value + reach,
        sd,
        bound,
    }
}

fn exact(values: &[f64]) -> Vec<Numbered> {
    noisy(values, 0.0)
}

fn noisy(values: &[f64], sd: f64) -> Vec<Numbered> {
    values
        .iter()
        .enumerate()
        .map(|(index, &value)| Numbered {
            ordinal: index + 1,
            value: Ok(estimate(value, sd, 0.0)),
        })
        .collect()
}

fn result(
    responses: &[Numbered],
    convention: &str,
) -> Result<(usize, ChangeEstimate), NotMeasured> {
    let card = CONVENTIONS
        .iter()
        .find(|card| card.id == convention)
        .unwrap();
    change(responses, card)
}

fn percent(responses: &[Numbered], convention: &str) -> f64 {
    result(responses, convention).unwrap().1.value.0
}

fn assert_percent(amplitudes: &[f64], expected: &[(&str, f64, usize)]) {
    for &(convention, value, to) in expected {
        let (found, estimate) = result(&exact(amplitudes), convention).unwrap();
        assert!(
            (estimate.value.0 - value).abs() < 1e-9,
            "{convention}: {} instead of {value}",
            estimate.value
        );
        assert_eq!(found, to, "{convention}");
    }
}

const S1: [f64; 10] = [8.00, 7.04, 6.56, 6.40, 6.40, 6.48, 6.56, 6.64, 6.72, 6.72];
const S2: [f64; 10] = [1.20, 1.08, 1.02, 0.96, 0.93, 0.90, 0.88, 0.86, 0.85, 0.84];
const S7: [f64; 20] = [
    1.00, 0.86, 0.80, 0.84, 0.95, 1.10, 1.30, 1.52, 1.75, 1.98, 2.18, 2.35, 2.48, 2.58, 2.66, 2.72,
    2.76, 2.80, 2.82, 2.84,
];

#[test]
fn case_s1_of_a_u_shape() {
    assert_percent(
        &S1,
        &[
            ("decrement_1_4", 20.0, 4),
            ("decrement_1_5", 20.0, 5),
            ("decrement_lowest_5", 20.0, 4),
            ("decrement_lowest", 20.0, 4),
            ("decrement_last", 16.0, 10),
        ],
    );
}

#[test]
fn case_s2_of_a_progressive_decrement() {
    assert_percent(
        &S2,
        &[
            ("decrement_1_4", 20.0, 4),
            ("decrement_1_5", 22.5, 5),
            ("decrement_lowest_5", 22.5, 5),
            ("decrement_lowest", 30.0, 10),
            ("decrement_last", 30.0, 10),
        ],
    );
}

#[test]
fn case_s3_of_a_normal_train() {
    let train = exact(&[9.80, 9.76, 9.74, 9.72, 9.73, 9.75, 9.76, 9.77, 9.77, 9.78]);
    for (convention, value) in [
        ("decrement_1_4", 100.0 * 0.08 / 9.8),
        ("decrement_1_5", 100.0 * 0.07 / 9.8),
        ("decrement_last", 100.0 * 0.02 / 9.8),
    ] {
        assert!(
            (percent(&train, convention) - value).abs() < 1e-9,
            "{convention}"
        );
    }
}

#[test]
fn cases_s4_s5_and_s6_of_a_step_a_borderline_and_an_edge() {
    assert_percent(
        &[9.00, 9.02, 8.98, 7.20, 7.22, 7.18, 7.21, 7.19, 7.20, 7.22],
        &[("decrement_1_4", 20.0, 4)],
    );
    assert_percent(
        &[6.00, 5.76, 5.58, 5.52, 5.49, 5.50, 5.52, 5.55, 5.58, 5.60],
        &[("decrement_1_4", 8.0, 4), ("decrement_lowest_5", 8.5, 5)],
    );
    let edge = exact(&[5.00, 4.75, 4.60, 4.50, 4.55, 4.60, 4.65, 4.70, 4.70, 4.70]);
    assert_eq!(
        percent(&edge, "decrement_1_4"),
        10.0,
        "unrounded and exact, so that >= and > differ here only"
    );
    assert_eq!(
        result(&edge, "decrement_1_4")
            .unwrap()
            .1
            .probability_above(10.0),
        0.5
    );
}

#[test]
fn case_s7_of_an_increment_at_50_hz() {
    assert_percent(
        &S7,
        &[
            ("increment_highest", 184.0, 20),
            ("increment_last", 184.0, 20),
            ("decrement_lowest", 20.0, 3),
        ],
    );
}

/// Amplitude +35 %, area −0.1 %: pseudofacilitation. The area is that of a half sine of the printed duration.
#[test]
fn case_s8_of_pseudofacilitation_grows_in_amplitude_and_not_in_area() {
    let amplitudes = [9.0, 9.3, 9.7, 10.2, 10.7, 11.1, 11.5, 11.8, 12.0, 12.15];
    let durations = [6.0, 5.8, 5.55, 5.3, 5.05, 4.88, 4.7, 4.58, 4.5, 4.44];
    let areas: Vec<f64> = amplitudes
        .iter()
        .zip(durations)
        .map(|(amplitude, duration)| amplitude * duration * std::f64::consts::FRAC_2_PI)
        .collect();
    assert_percent(&amplitudes, &[("increment_last", 35.0, 10)]);
    assert!((percent(&exact(&areas), "increment_last") + 0.1).abs() < 0.01);
}

#[test]
fn case_s9_of_facilitation_after_exercise() {
    for (before, after, percent) in [
        (0.8, 4.0, 400.0),
        (1.0, 1.6, 60.0),
        (1.0, 2.0, 100.0),
        (2.5, 3.9, 56.0),
        (5.0, 6.9, 38.0),
        (9.0, 10.8, 20.0),
    ] {
        let change = between(
            &estimate(before, 0.0, 0.0),
            &estimate(after, 0.0, 0.0),
            Direction::Increment,
        )
        .unwrap();
        assert!((change.value.0 - percent).abs() < 1e-9);
    }
}

#[test]
fn a_response_that_is_not_there_is_a_missing_value_and_not_0_mv() {
    let mut train = exact(&S1);
    train[3].value = Err(NotMeasured::NoResponse);
    let missing = NotMeasured::ReferenceMissing("response 4: no_response".to_owned());
    for convention in ["decrement_1_4", "decrement_lowest_5", "decrement_lowest"] {
        assert_eq!(
            result(&train, convention),
            Err(missing.clone()),
            "{convention}"
        );
    }
    assert!((percent(&train, "decrement_1_5") - 20.0).abs() < 1e-9);
    assert!(
        result(&train, "increment_highest").is_ok(),
        "a blocked response is not the highest"
    );
}

#[test]
fn a_saturated_response_may_be_the_highest_and_is_not_the_lowest() {
    let mut train = exact(&S7);
    train[18].value = Err(NotMeasured::Saturated);
    assert_eq!(
        result(&train, "increment_highest"),
        Err(NotMeasured::ReferenceMissing(
            "response 19: saturated".to_owned()
        ))
    );
    assert!((percent(&train, "decrement_lowest") - 20.0).abs() < 1e-9);
}

#[test]
fn without_the_first_response_there_is_no_change_at_all() {
    let mut train = exact(&S1);
    train[0].value = Err(NotMeasured::NoResponse);
    for change in changes(&Settings::default(), |_| train.clone()) {
        let why = NotMeasured::ReferenceMissing("response 1: no_response".to_owned());
        assert_eq!(
            (change.to, change.value),
            (None, Err(why)),
            "{}",
            change.convention
        );
    }
}

#[test]
fn a_stimulus_that_was_not_given_has_no_response() {
    let mut train = exact(&S1);
    train.remove(3);
    assert_eq!(
        result(&train, "decrement_1_4"),
        Err(NotMeasured::ReferenceMissing(
            "response 4: no stimulus".to_owned()
        ))
    );
    assert!((percent(&train, "decrement_1_5") - 20.0).abs() < 1e-9);
}

#[test]
fn a_short_train_has_the_changes_that_it_allows() {
    let train = exact(&S1[..3]);
    assert_eq!(
        result(&train, "decrement_1_4"),
        Err(NotMeasured::TooFewStimuli)
    );
    assert_eq!(result(&train, "decrement_last").unwrap().0, 3);
    for count in [0, 1] {
        assert!(
            changes(&Settings::default(), |_| exact(&S1[..count]))
                .iter()
                .all(|change| change.value == Err(NotMeasured::TooFewStimuli))
        );
    }
}

#[test]
fn every_measure_and_convention_has_its_entry() {
    let changes = changes(&Settings::default(), |_| exact(&S1));
    assert_eq!(changes.len(), CHANGING_MEASURES.len() * CONVENTIONS.len());
    let above = |convention: &str| {
        let change = changes
            .iter()
            .find(|change| change.convention == convention)
            .unwrap();
        change
            .above
            .iter()
            .map(|above| (above.limit.0, above.probability))
            .collect::<Vec<_>>()
    };
    assert_eq!(above("decrement_1_4"), [(10.0, 1.0)]);
    assert_eq!(above("increment_highest"), [(60.0, 0.0), (100.0, 0.0)]);
}

/// 8 mV and 6.4 mV with 0.08 mV of noise each: sd = 100 · √(0.01² + (0.8 · 0.01)²) = 1.2806 points.
#[test]
fn the_standard_deviation_follows_from_both_responses() {
    let change = between(
        &estimate(8.0, 0.08, 0.0),
        &estimate(6.4, 0.08, 0.0),
        Direction::Decrement,
    )
    .unwrap();
    assert!((change.sd.0 - 1.280_624_847_486_57).abs() < 1e-9);
    assert!((change.high.0 - change.low.0 - 2.0 * 1.96 * 1.2806).abs() < 0.01);
}

#[test]
fn a_bound_widens_the_interval_on_both_sides() {
    let narrow = between(
        &estimate(8.0, 0.08, 0.0),
        &estimate(6.4, 0.08, 0.0),
        Direction::Decrement,
    )
    .unwrap();
    let wide = between(
        &estimate(8.0, 0.08, 0.08),
        &estimate(6.4, 0.08, 0.08),
        Direction::Decrement,
    )
    .unwrap();
    assert!((wide.bound.0 - 1.2806).abs() < 1e-4);
    assert!((narrow.low.0 - wide.low.0 - wide.bound.0).abs() < 1e-12);
    assert!((wide.high.0 - narrow.high.0 - wide.bound.0).abs() < 1e-12);
    assert_eq!(wide.value, narrow.value);
}

#[test]
fn a_first_response_within_its_noise_is_no_reference() {
    let why = Err(NotMeasured::ReferenceMissing(
        "response 1: within its noise".to_owned(),
    ));
    for first in [
        estimate(0.1, 0.08, 0.0),
        estimate(0.0, 0.0, 0.0),
        estimate(-1.0, 0.01, 0.0),
    ] {
        assert_eq!(
            between(&first, &estimate(1.0, 0.08, 0.0), Direction::Decrement),
            why
        );
    }
}

#[test]
fn the_probability_is_one_half_at_the_limit_falls_with_it_and_agrees_with_the_interval() {
    for bound in [0.0, 0.0005, 0.02, 0.2] {
        for sd in [0.0, 0.001, 0.08] {
            let change = between(
                &estimate(8.0, sd, bound),
                &estimate(7.2, sd, bound),
                Direction::Decrement,
            )
            .unwrap();
            assert_eq!(change.probability_above(change.value.0), 0.5);
            let curve: Vec<f64> = (0..=400)
                .map(|step| change.probability_above(f64::from(step) * 0.05))
                .collect();
            assert!(
                curve.windows(2).all(|pair| pair[0] >= pair[1] - 1e-12),
                "sd {sd}, bound {bound}"
            );
            assert!(
                curve[0] > 0.97 && curve[400] < 0.03,
                "sd {sd}, bound {bound}: {} {}",
                curve[0],
                curve[400]
            );
            if bound == 0.0 && sd > 0.0 {
                assert!((change.probability_above(change.low.0) - 0.975).abs() < 1e-9);
                assert!((change.probability_above(change.high.0) - 0.025).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn without_a_known_noise_there_is_a_change_without_an_interval_and_without_probabilities() {
    for sds in [
        [f64::INFINITY, 0.1],
        [0.1, f64::INFINITY],
        [f64::INFINITY; 2],
    ] {
        let mut train = exact(&S1);
        train[0].value = Ok(estimate(8.0, sds[0], 0.08));
        for response in &mut train[1..] {
            let value = response.value.as_ref().unwrap().value;
            response.value = Ok(estimate(value, sds[1], 0.0));
        }
        for change in changes(&Settings::default(), |_| train.clone()) {
            let found = change.value.unwrap();
            assert!(
                found.value.0.is_finite() && found.bound.0.is_finite(),
                "{}",
                change.convention
            );
            assert_eq!(
                (found.low.0, found.high.0, found.sd.0),
                (f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY)
            );
            assert!(change.above.is_empty());
        }
    }
}

/// Coverage in percent of the intervals over `count` trains with these true amplitudes and this noise.
fn coverage(truth: &[f64], sd: f64, convention: &str, count: usize) -> f64 {
    let target = percent(&exact(truth), convention);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_261_122);
    let mut covered = 0;
    for _ in 0..count {
        let values: Vec<f64> = truth
            .iter()
            .map(|value| {
                let deviation: f64 = StandardNormal.sample(&mut random);
                value + sd * deviation
            })
            .collect();
        let (_, change) = result(&noisy(&values, sd), convention).unwrap();
        assert!(change.low <= change.value && change.value <= change.high);
        covered += usize::from(change.low.0 <= target && target <= change.high.0);
    }
    100.0 * covered as f64 / count as f64
}

const TRAINS: usize = 4000;
/// With 4000 trains the share itself has a standard deviation of 0.34 points; 1 point is three of them.
const LUCK: f64 = 1.0;

#[test]
fn the_interval_of_a_fixed_convention_holds_the_truth_at_its_level() {
    for truth in [&S1[..], &S2[..], &S7[..]] {
        for relative in [0.002, 0.02, 0.1] {
            for convention in [
                "decrement_1_4",
                "decrement_1_5",
                "decrement_last",
                "increment_last",
            ] {
                let share = coverage(truth, relative * truth[0], convention, TRAINS);
                println!(
                    "{convention}, {} responses, noise {relative}: {share:.2} %",
                    truth.len()
                );
                assert!(
                    (share - 95.0).abs() < LUCK,
                    "{convention}, noise {relative}: {share} %"
                );
            }
        }
    }
}

#[test]
fn the_interval_of_a_pick_among_noisy_responses_holds_the_truth_at_least_at_its_level() {
    let flat = [5.0; 10];
    for truth in [&S1[..], &S2[..], &S7[..], &flat[..]] {
        for relative in [0.002, 0.02, 0.1] {
            for convention in [
                "decrement_lowest_5",
                "decrement_lowest",
                "increment_highest",
            ] {
                let share = coverage(truth, relative * truth[0], convention, TRAINS);
                println!(
                    "{convention}, {} responses, noise {relative}: {share:.2} %",
                    truth.len()
                );
                assert!(
                    share > 95.0 - LUCK,
                    "{convention}, noise {relative}: {share} %"
                );
            }
        }
    }
}
