//! The made-up envelopes whose shape is plain, with a small noise, and what more noise does to them.

use super::envelope::Envelope;
use super::late::late_over_early;
use super::*;
use crate::cmap::Estimate;
use crate::math::intervals::{LEVEL, two_sided};
use crate::train::holds::Holds;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

const S1: [f64; 10] = [8.00, 7.04, 6.56, 6.40, 6.40, 6.48, 6.56, 6.64, 6.72, 6.72];
const S2: [f64; 10] = [1.20, 1.08, 1.02, 0.96, 0.93, 0.90, 0.88, 0.86, 0.85, 0.84];
const S3: [f64; 10] = [9.80, 9.76, 9.74, 9.72, 9.73, 9.75, 9.76, 9.77, 9.77, 9.78];
const S4: [f64; 10] = [9.00, 9.02, 8.98, 7.20, 7.22, 7.18, 7.21, 7.19, 7.20, 7.22];
const S5: [f64; 10] = [6.00, 5.76, 5.58, 5.52, 5.49, 5.50, 5.52, 5.55, 5.58, 5.60];
const S6: [f64; 10] = [5.00, 4.75, 4.60, 4.50, 4.55, 4.60, 4.65, 4.70, 4.70, 4.70];

/// Responses with a standard deviation of a part of the first.
fn responses(values: &[f64], relative_sd: f64) -> Vec<Numbered> {
    let sd = relative_sd * values[0];
    let half = two_sided(LEVEL) * sd;
    values
        .iter()
        .enumerate()
        .map(|(index, &value)| Numbered {
            ordinal: index + 1,
            value: Ok(Estimate {
                value,
                low: value - half,
                high: value + half,
                sd,
                bound: 0.0,
            }),
        })
        .collect()
}

/// The shape when each response has a noise of 0.1 % of the first.
fn shape(values: &[f64]) -> Shape {
    shape_with_noise(values, 0.001)
}

fn shape_with_noise(values: &[f64], relative_sd: f64) -> Shape {
    let settings = Settings::default();
    let envelope = Envelope::new(&responses(values, relative_sd), settings.responses_min).unwrap();
    rules::shape(&envelope, &settings)
}

fn late(values: &[f64]) -> Result<ChangeEstimate, NotMeasured> {
    late_over_early(&responses(values, 0.001), &Settings::default())
}

/// Decrement in percent at a response.
fn decrement(values: &[f64], number: usize) -> f64 {
    100.0 * (values[0] - values[number - 1]) / values[0]
}

#[track_caller]
fn assert_near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() < 1e-9,
        "{value} instead of {expected}"
    );
}

#[test]
fn case_s1_falls_by_20_percent_recovers_to_16_and_is_a_u_shape() {
    for (number, expected) in [(2, 12.0), (4, 20.0), (5, 20.0), (10, 16.0)] {
        assert_near(decrement(&S1, number), expected);
    }
    assert_eq!(shape(&S1), Shape::UShape);
    assert_near(late(&S1).unwrap().value.0, 80.0);
}

#[test]
fn case_s2_falls_to_the_end_late_150_percent_of_early_and_is_progressive() {
    for (number, expected) in [(2, 10.0), (4, 20.0), (5, 22.5), (10, 30.0)] {
        assert_near(decrement(&S2, number), expected);
    }
    assert_eq!(shape(&S2), Shape::Progressive);
    let late = late(&S2).unwrap();
    assert_near(late.value.0, 150.0);
    assert!(late.low.0 > 102.0 && late.low.0 < 150.0 && late.high.0 > 150.0);
}

#[test]
fn case_s3_changes_by_less_than_1_percent_and_is_even() {
    assert_near(decrement(&S3, 4), 100.0 * 0.08 / 9.8);
    assert_near(decrement(&S3, 5), 100.0 * 0.07 / 9.8);
    assert_near(decrement(&S3, 10), 100.0 * 0.02 / 9.8);
    assert_eq!(shape(&S3), Shape::Even);
}

#[test]
fn case_s4_falls_by_20_percent_between_two_flat_stretches_and_is_a_step() {
    assert_near(decrement(&S4, 4), 20.0);
    assert_eq!(shape(&S4), Shape::Step);
}

#[test]
fn case_s5_falls_by_8_and_a_half_percent_and_is_a_u_shape() {
    assert_near(decrement(&S5, 4), 8.0);
    assert_near(decrement(&S5, 5), 8.5);
    assert_eq!(shape(&S5), Shape::UShape);
}

#[test]
fn case_s6_falls_by_exactly_10_percent_and_is_a_u_shape() {
    assert_near(decrement(&S6, 4), 10.0);
    assert_eq!(shape(&S6), Shape::UShape);
}

#[test]
fn case_s7_rises_to_284_percent_after_a_dip_to_80() {
    let train = [
        1.00, 0.86, 0.80, 0.84, 0.95, 1.10, 1.30, 1.52, 1.75, 1.98, 2.18, 2.35, 2.48, 2.58, 2.66,
        2.72, 2.76, 2.80, 2.82, 2.84,
    ];
    let highest = train.iter().copied().fold(0.0, f64::max);
    assert_near(100.0 * (highest - train[0]) / train[0], 184.0);
    let lowest = train.iter().position(|value| *value == 0.80);
    assert_eq!(lowest, Some(2));
    assert_near(100.0 * (highest - 0.80) / 0.80, 255.0);
    // As a low-rate train it both falls and rises: no shape of the list.
    assert_eq!(shape(&train), Shape::Unclear);
}

#[test]
fn case_s9_of_facilitations_after_exercise() {
    for (rest, post, expected) in [
        (0.8, 4.0, 400.0),
        (1.0, 1.6, 60.0),
        (1.0, 2.0, 100.0),
        (2.5, 3.9, 56.0),
        (5.0, 6.9, 38.0),
        (9.0, 10.8, 20.0),
    ] {
        let pair = responses(&[rest, post], 0.001);
        let of = |index: usize| pair[index].value.clone().unwrap();
        let change = super::super::between(&of(0), &of(1), super::super::Direction::Increment);
        assert_near(change.unwrap().value.0, expected);
    }
}

#[test]
fn a_train_that_falls_and_stays_there_is_a_plateau() {
    let train = [8.0, 7.3, 6.9, 6.75, 6.7, 6.7, 6.69, 6.71, 6.70, 6.70];
    assert_eq!(shape(&train), Shape::Plateau);
}

#[test]
fn a_train_that_falls_only_after_the_fourth_response_is_late_only() {
    let train = [8.0, 7.98, 7.97, 7.95, 7.85, 7.7, 7.5, 7.3, 7.15, 7.0];
    assert_eq!(shape(&train), Shape::LateOnly);
}

#[test]
fn a_train_that_falls_along_a_line_is_linear() {
    let train: Vec<f64> = (0..10).map(|k| 8.0 - 0.16 * f64::from(k)).collect();
    assert_eq!(shape(&train), Shape::Linear);
}

#[test]
fn a_train_that_goes_up_and_down_is_irregular() {
    let train = [8.0, 7.4, 8.1, 7.3, 7.9, 7.2, 8.0, 7.5, 7.9, 7.3];
    assert_eq!(shape(&train), Shape::Irregular);
    // The same swings are no more than noise if the noise is as large.
    assert_ne!(shape_with_noise(&train, 0.05), Shape::Irregular);
}

#[test]
fn a_train_that_climbs_is_rising() {
    let train: Vec<f64> = (0..10).map(|k| 8.0 + 0.08 * f64::from(k)).collect();
    assert_eq!(shape(&train), Shape::Rising);
}

#[test]
fn a_first_response_that_stands_apart_from_an_even_rest_has_no_shape() {
    let high = [8.0, 7.2, 7.21, 7.19, 7.2, 7.2, 7.21, 7.19, 7.2, 7.2];
    assert_eq!(shape(&high), Shape::Unclear);
    let low = [7.2, 8.0, 7.99, 8.01, 8.0, 8.0, 8.01, 7.99, 8.0, 8.0];
    assert_eq!(shape(&low), Shape::Unclear);
}

#[test]
fn noise_as_large_as_the_decrement_leaves_the_shape_unclear_rather_than_even() {
    assert_eq!(shape_with_noise(&S1, 0.1), Shape::Unclear);
    assert_eq!(shape_with_noise(&S3, 0.1), Shape::Unclear);
    assert_eq!(shape_with_noise(&S1, f64::INFINITY), Shape::Unclear);
}

#[test]
fn a_plain_shape_is_rarely_called_another_whatever_the_noise() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(20);
    for (train, plain) in [
        (S1, vec![Shape::UShape, Shape::Plateau]),
        (S2, vec![Shape::Progressive]),
        (S3, vec![Shape::Even]),
    ] {
        for relative_sd in [0.002, 0.005, 0.01, 0.02, 0.04] {
            let (mut right, mut wrong) = (0, 0);
            let trials = 500;
            for _ in 0..trials {
                let noisy = train.map(|value| {
                    let noise: f64 = StandardNormal.sample(&mut rng);
                    value + noise * relative_sd * train[0]
                });
                let found = shape_with_noise(&noisy, relative_sd);
                right += usize::from(plain.contains(&found));
                wrong += usize::from(found != Shape::Unclear && !plain.contains(&found));
            }
            println!("{plain:?} noise {relative_sd}: right {right}, wrong {wrong} of {trials}");
            assert!(
                100 * wrong <= 5 * trials,
                "{plain:?} noise {relative_sd}: {wrong} of {trials} are called another"
            );
            if relative_sd <= 0.002 {
                assert!(100 * right >= 95 * trials, "{plain:?}: {right} of {trials}");
            }
        }
    }
}

#[test]
fn the_interval_of_late_over_early_holds_the_truth_at_its_level() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(21);
    let settings = Settings::default();
    for (train, truth) in [(S1, 80.0), (S2, 150.0)] {
        let (mut inside, trials) = (0_u32, 2000_u32);
        for _ in 0..trials {
            let noisy = train.map(|value| {
                let noise: f64 = StandardNormal.sample(&mut rng);
                value + noise * 0.02 * train[0]
            });
            let found = late_over_early(&responses(&noisy, 0.02), &settings);
            // The noise of the responses is a part of the true first one.
            if let Ok(found) = found {
                inside += u32::from(found.low.0 <= truth && truth <= found.high.0);
            }
        }
        let part = 100.0 * f64::from(inside) / f64::from(trials);
        assert!((93.5..=96.5).contains(&part), "{truth}: {part} %");
    }
}

#[test]
fn a_late_decrement_has_no_ratio_to_an_early_one_within_its_noise() {
    let flat = responses(&S3, 0.01);
    assert!(matches!(
        late_over_early(&flat, &Settings::default()),
        Err(NotMeasured::ReferenceMissing(_))
    ));
}

#[test]
fn a_train_of_five_has_no_shape_and_no_late_decrement() {
    let short = responses(&S1[..5], 0.001);
    let settings = Settings::default();
    assert_eq!(
        Envelope::new(&short, settings.responses_min).unwrap_err(),
        NotMeasured::TooFewStimuli
    );
    assert_eq!(
        late_over_early(&short, &settings),
        Err(NotMeasured::TooFewStimuli)
    );
}

#[test]
fn a_response_without_a_value_leaves_the_train_without_a_shape_and_is_named() {
    let mut holed = responses(&S1, 0.001);
    holed[6].value = Err(NotMeasured::Saturated);
    let why = Envelope::new(&holed, 8).unwrap_err();
    assert_eq!(
        why,
        NotMeasured::ReferenceMissing("response 7: saturated".to_owned())
    );
}

#[test]
fn every_shape_has_one_card_with_its_own_name() {
    for card in SHAPES {
        assert_eq!(card.id, card.shape.as_str());
        let json = serde_json::to_value(card.shape).unwrap();
        assert_eq!(json, card.id);
    }
    let shapes: std::collections::BTreeSet<_> = SHAPES.iter().map(|card| card.shape).collect();
    assert_eq!((shapes.len(), SHAPES.len()), (10, 10));
}

#[test]
fn the_spreads_up_to_and_from_each_response_are_those_of_their_values_beside_their_noise() {
    let values = [
        9.0, 9.02, 8.98, 7.2, 7.22, 7.18, 7.21, 7.19, 7.2, 7.22, 6.0, 9.5,
    ];
    let relative_sd = 0.001;
    let envelope = Envelope::new(&responses(&values, relative_sd), 4).unwrap();
    let spread = |values: &[f64]| {
        let percent: Vec<f64> = values.iter().map(|value| 100.0 * value / 9.0).collect();
        let count = percent.len() as f64;
        let center = percent.iter().sum::<f64>() / count;
        let squares: f64 = percent.iter().map(|value| (value - center).powi(2)).sum();
        let variance = squares / (count - 1.0).max(1.0);
        (variance - (100.0 * relative_sd).powi(2)).max(0.0).sqrt()
    };
    let (to, from) = (envelope.spreads_to(), envelope.spreads_from());
    assert_eq!((to.len(), from.len()), (values.len(), values.len()));
    for (index, (to, from)) in to.into_iter().zip(from).enumerate() {
        assert_near(to, spread(&values[..=index]));
        assert_near(from, spread(&values[index..]));
    }
}

#[test]
fn responses_that_are_asked_about_twice_count_once_with_both_weights() {
    let envelope = Envelope::new(&responses(&[10.0, 8.0, 9.0, 7.0], 0.0), 4).unwrap();
    // 100 + 2 · 80 − 90 − 80 = 90, and what is no response counts nothing.
    let terms = [(1, 1.0), (2, 2.0), (3, -1.0), (2, -1.0), (0, 5.0), (9, 5.0)];
    assert_eq!(envelope.reaches(&terms, 89.9, 1), Holds::Yes);
    assert_eq!(envelope.reaches(&terms, 90.1, 1), Holds::No);
    // The noise of a response that cancels out is not asked either.
    let noisy = Envelope::new(&responses(&[10.0, 8.0, 9.0, 7.0], 0.2), 4).unwrap();
    let nothing = [(2, 1.0), (2, -1.0)];
    assert_eq!(noisy.reaches(&nothing, 0.0, 1), Holds::Yes);
}

/// All pairs of so many would take minutes.
#[test]
fn a_train_of_a_hundred_thousand_responses_has_a_shape() {
    let flat = vec![9.0; 50_000];
    let mut values = flat.clone();
    values.extend(vec![7.2; 50_000]);
    assert_eq!(shape(&flat), Shape::Even);
    assert_eq!(shape(&values), Shape::Step);
}
