//! The pattern of studies that can be followed by hand.

use super::laboratory::Laboratory;
use super::{GOOD, NORMAL, U_SHAPE};
use endplate::pattern::Family;

const PROGRESSIVE: [f64; 10] = [1.20, 1.08, 1.02, 0.96, 0.93, 0.90, 0.88, 0.86, 0.85, 0.84];

fn study(muscle: &'static str, train: &[f64], rest: f64, post: f64) -> Laboratory {
    let mut laboratory = Laboratory::new(muscle, GOOD);
    laboratory.rest(0.0);
    laboratory.train(0.0, 3.0, train);
    laboratory.single(40.0, rest);
    laboratory.exercise(45.0, 10.0);
    laboratory.single(57.0, post);
    laboratory
}

#[test]
fn low_response_decrement_and_increment_are_the_complete_presynaptic_pattern() {
    let judged = study("ADM", &PROGRESSIVE, 1.2, 4.116).judge();
    assert_eq!(
        judged.pattern.id,
        "presynaptic_complete",
        "{}",
        judged.reasons()
    );
    let line = "ADM, after 10 s exercise: +243 % (95 % ";
    assert!(judged.says(line), "{}", judged.reasons());
    assert!(
        judged.says("oh-2005 (≥ 60 %)") && judged.says("(> 100 %)"),
        "{}",
        judged.reasons()
    );
    assert!(
        judged.says("low by preston-shapiro (< 6 mV)"),
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_decrement_with_a_normal_response_and_no_increment_is_postsynaptic() {
    let judged = study("ADM", &U_SHAPE, 8.0, 8.2).judge();
    assert_eq!(judged.pattern.id, "postsynaptic", "{}", judged.reasons());
    assert_eq!(judged.pattern.family, Family::Postsynaptic);
}

#[test]
fn without_a_look_for_an_increment_both_are_possible() {
    let mut laboratory = Laboratory::new("ADM", GOOD);
    laboratory.train(0.0, 3.0, &U_SHAPE);
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "decrement_untested",
        "{}",
        judged.reasons()
    );
    assert_eq!(judged.pattern.family, Family::BothPossible);
}

#[test]
fn nothing_abnormal_excludes_nothing() {
    let judged = study("ADM", &NORMAL, 9.8, 10.0).judge();
    assert_eq!(
        judged.pattern.id,
        "nothing_abnormal",
        "{}",
        judged.reasons()
    );
    assert!(judged.says("not excluded"));
}

#[test]
fn an_increment_that_persists_without_decrement_or_exhaustion_favors_the_botulism_type() {
    let flat = [2.0; 10];
    let mut laboratory = study("ADM", &flat, 2.0, 4.0);
    laboratory.exercise(120.0, 60.0);
    for minute in 1..5 {
        laboratory.train(180.0 + 60.0 * f64::from(minute), 3.0, &[3.2; 10]);
    }
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "presynaptic_persisting",
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_decrement_that_comes_minutes_after_exercise_is_exhaustion() {
    let mut laboratory = study("ADM", &NORMAL, 9.8, 10.0);
    laboratory.exercise(120.0, 60.0);
    laboratory.train(180.0 + 2.0, 3.0, &NORMAL);
    laboratory.train(180.0 + 180.0, 3.0, &U_SHAPE);
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "postsynaptic_exhaustion",
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_low_response_with_a_moderate_increment_is_undetermined() {
    let judged = study("ADM", &[2.0; 10], 2.0, 2.8).judge();
    assert_eq!(
        judged.pattern.id,
        "moderate_increment",
        "{}",
        judged.reasons()
    );
    assert_eq!(judged.pattern.family, Family::BothPossible);
}

#[test]
fn a_low_response_alone_is_said_to_be_that() {
    let judged = study("ADM", &[2.0; 10], 2.0, 2.1).judge();
    assert_eq!(judged.pattern.id, "low_alone", "{}", judged.reasons());
}

#[test]
fn a_muscle_without_a_limit_says_so() {
    let judged = study("deltoid", &U_SHAPE, 8.0, 8.2).judge();
    assert!(judged.says("no limit for deltoid"), "{}", judged.reasons());
    assert_eq!(judged.pattern.id, "postsynaptic");
}

#[test]
fn a_decrement_of_9_percent_in_the_nasalis_is_equivocal_and_names_both_sets() {
    let train = [3.0, 2.85, 2.76, 2.73, 2.73, 2.74, 2.75, 2.76, 2.77, 2.78];
    let judged = study("nasalis", &train, 3.0, 3.1).judge();
    assert_eq!(judged.pattern.id, "equivocal", "{}", judged.reasons());
    assert!(
        judged.says("abraham-2017") && judged.says("aaem-2001"),
        "{}",
        judged.reasons()
    );
}

#[test]
fn no_line_names_a_disease_as_found_or_excluded() {
    for judged in [
        study("ADM", &PROGRESSIVE, 1.2, 4.1).judge(),
        study("ADM", &U_SHAPE, 8.0, 8.2).judge(),
        study("ADM", &NORMAL, 9.8, 10.0).judge(),
    ] {
        for reason in &judged.pattern.reasons {
            let text = reason.text.to_lowercase();
            for word in [
                "diagnos",
                "is excluded",
                "patient has",
                "lambert-eaton syndrome",
                "myasthenia gravis",
            ] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
}

#[test]
fn repair_of_a_decrement_with_a_fall_at_high_rate_is_no_increment() {
    let mut laboratory = Laboratory::new("ADM", GOOD);
    laboratory.rest(0.0);
    let low: Vec<f64> = U_SHAPE.iter().map(|amplitude| 0.5 * amplitude).collect();
    laboratory.train(0.0, 3.0, &low);
    laboratory.single(40.0, 4.0);
    laboratory.exercise(45.0, 10.0);
    laboratory.single(57.0, 5.3);
    let falling: Vec<f64> = (0..30)
        .map(|k| 4.0 * (1.0 - 0.02 * f64::from(k.min(15))))
        .collect();
    laboratory.train(300.0, 30.0, &falling);
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "postsynaptic_low",
        "{}",
        judged.reasons()
    );
    assert_eq!(judged.pattern.family, Family::Postsynaptic);
}

#[test]
fn a_single_shock_alone_shows_nothing_and_says_so() {
    let mut laboratory = Laboratory::new("ADM", GOOD);
    laboratory.single(0.0, 9.0);
    let judged = laboratory.judge();
    assert_eq!(judged.pattern.id, "not_tested", "{}", judged.reasons());
    assert!(judged.says("no train at 2–5 Hz"), "{}", judged.reasons());
}

#[test]
fn an_increment_above_that_of_healthy_subjects_is_not_told_as_normal() {
    let judged = study("ADM", &NORMAL, 9.8, 14.8).judge();
    assert_eq!(judged.pattern.id, "equivocal", "{}", judged.reasons());
}

#[test]
fn a_decrement_beside_an_undecided_increment_leaves_both_possible() {
    // 8.0 to 12.8 mV is 60 %: within the noise of the limit.
    let judged = study("ADM", &U_SHAPE, 8.0, 12.8).judge();
    assert_eq!(
        judged.pattern.id,
        "decrement_moderate",
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_decrement_right_after_exercise_is_no_exhaustion() {
    let mut laboratory = study("ADM", &NORMAL, 9.8, 10.0);
    laboratory.exercise(120.0, 60.0);
    laboratory.train(180.0 + 2.0, 3.0, &U_SHAPE);
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "nothing_abnormal",
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_missing_increment_after_an_exercise_of_unknown_length_says_nothing() {
    let mut laboratory = Laboratory::new("ADM", GOOD);
    laboratory.rest(0.0);
    laboratory.train(0.0, 3.0, &U_SHAPE);
    laboratory.mark(45.0, "after exercise 2 s", None);
    laboratory.single(45.0, 8.1);
    let judged = laboratory.judge();
    assert_eq!(
        judged.pattern.id,
        "decrement_untested",
        "{}",
        judged.reasons()
    );
}

#[test]
fn a_decrement_that_keeps_growing_without_a_low_response_leaves_both_possible() {
    let tall: Vec<f64> = PROGRESSIVE
        .iter()
        .map(|amplitude| 8.0 * amplitude)
        .collect();
    let judged = study("ADM", &tall, 9.6, 9.9).judge();
    assert_eq!(judged.pattern.id, "decrement_grows", "{}", judged.reasons());
}

#[test]
fn a_set_for_other_muscles_says_that_it_is_not_for_this_one() {
    let mut laboratory = Laboratory::new("ADM", GOOD);
    laboratory.train(0.0, 3.0, &U_SHAPE);
    let judged = laboratory.judge_with(&endplate::pattern::Settings {
        decrement: "abraham-2017".to_owned(),
        ..Default::default()
    });
    assert!(
        judged.says("the limit is for nasalis, not for ADM"),
        "{}",
        judged.reasons()
    );
    assert_eq!(judged.pattern.id, "not_tested", "{}", judged.reasons());
}
