//! What the profiles look like over subjects.

use super::{EXERCISE, amplitude, change, truth};
use endplate::synth::{Profile, Truth};

const SUBJECTS: u64 = 60;

/// 3rd, 50th and 97th percentile over subjects of a number taken from each truth.
fn percentiles(truths: &[Truth], value: impl Fn(&Truth) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = truths.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let at = |part: f64| values[(part * (values.len() - 1) as f64).round() as usize];
    (at(0.03), at(0.5), at(0.97))
}

fn subjects(profile: Profile, protocol: &str) -> Vec<Truth> {
    (1..=SUBJECTS)
        .map(|seed| truth(profile, protocol, seed))
        .collect()
}

/// Asserts that the 3rd percentile is at least `low`, the 97th at most `high`, and the median within `middle`.
#[track_caller]
fn assert_spread(
    (low, median, high): (f64, f64, f64),
    (least, middle, most): (f64, std::ops::RangeInclusive<f64>, f64),
) {
    assert!(
        low >= least && middle.contains(&median) && high <= most,
        "3rd {low:.2} (at least {least}), median {median:.2} (in {middle:?}), 97th {high:.2} (at most {most})"
    );
}

const REST: &str = "3Hz*10";

fn first(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| amplitude(truth, 0, 1))
}

fn decrement_1_4(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).decrement_1_4_pct.unwrap())
}

fn nadir(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).lowest.unwrap() as f64)
}

fn last(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| change(truth, 0).increment_last_pct.unwrap())
}

fn facilitation(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| {
        truth.channels[0].facilitations[0].amplitude_pct
    })
}

/// The single shock one minute after exercise against the one before it, in percent.
fn a_minute_later(truths: &[Truth]) -> (f64, f64, f64) {
    percentiles(truths, |truth| {
        100.0 * (amplitude(truth, 2, 1) / amplitude(truth, 0, 1) - 1.0)
    })
}

#[test]
fn normal_responses_are_6_to_14_mv_and_hardly_change() {
    let rest = subjects(Profile::Normal, REST);
    assert_spread(first(&rest), (6.0, 8.0..=10.0, 14.0));
    assert_spread(decrement_1_4(&rest), (-1.0, -0.7..=0.0, 1.0));
    let landmarks = |truth: &Truth| truth.channels[0].responses[0].landmarks.unwrap();
    let duration = percentiles(&rest, |truth| landmarks(truth).duration_ms.unwrap());
    assert_spread(duration, (5.0, 5.2..=6.2, 7.0));
    let rise = percentiles(&rest, |truth| landmarks(truth).rise_ms);
    assert_spread(rise, (2.0, 2.2..=3.0, 3.5));
    let onset = percentiles(&rest, |truth| landmarks(truth).onset_ms);
    assert_spread(onset, (2.4, 2.8..=3.6, 4.2));
}

#[test]
fn normal_responses_grow_a_little_at_30_hz_with_the_same_area() {
    let fast = subjects(Profile::Normal, "30Hz*30");
    assert_spread(last(&fast), (1.5, 3.0..=5.0, 8.0));
    let area = percentiles(&fast, |truth| {
        truth.channels[0].trains[0]
            .area
            .unwrap()
            .increment_last_pct
            .unwrap()
    });
    assert_spread(area, (-1.0, -0.5..=0.5, 1.0));
}

#[test]
fn myasthenia_falls_to_a_nadir_and_recovers_in_part() {
    for (profile, least, middle, most) in [
        (Profile::MgMild, 4.0, 8.0..=11.0, 17.0),
        (Profile::Mg, 10.0, 14.0..=20.0, 30.0),
        (Profile::MgSevere, 15.0, 23.0..=31.0, 50.0),
    ] {
        let rest = subjects(profile, REST);
        assert_spread(decrement_1_4(&rest), (least, middle, most));
        assert_spread(nadir(&rest), (4.0, 4.0..=5.0, 6.0));
        let recovery = percentiles(&rest, |truth| {
            let change = change(truth, 0);
            change.decrement_1_low_pct.unwrap() - change.decrement_1_last_pct.unwrap()
        });
        assert!(recovery.0 > 0.3, "{recovery:?}");
    }
}

#[test]
fn myasthenia_is_repaired_by_exercise_and_exhausted_minutes_later() {
    let protocol = "3Hz*5,wait:30s,exercise:60s,after:2s,3Hz*5,after:3min,3Hz*5";
    let studies = subjects(Profile::Mg, protocol);
    let of = |truth: &Truth, train| change(truth, train).decrement_1_4_pct.unwrap();
    let repaired = percentiles(&studies, |truth| of(truth, 1));
    assert_spread(repaired, (4.0, 9.0..=15.0, 25.0));
    let exhausted = percentiles(&studies, |truth| of(truth, 2) / of(truth, 0));
    assert_spread(exhausted, (1.1, 1.3..=1.7, 2.0));
    let larger = percentiles(&studies, |truth| {
        100.0 * (amplitude(truth, 1, 1) / amplitude(truth, 0, 1) - 1.0)
    });
    assert_spread(larger, (5.0, 10.0..=20.0, 42.0));
}

#[test]
fn lambert_eaton_is_small_and_falls_to_the_end_at_3_hz() {
    let rest = subjects(Profile::Lems, REST);
    assert_spread(first(&rest), (0.3, 0.8..=1.3, 3.0));
    assert_spread(decrement_1_4(&rest), (5.0, 11.0..=18.0, 40.0));
    assert_spread(nadir(&rest), (7.0, 8.0..=10.0, 10.0));
    let mild = subjects(Profile::LemsMild, REST);
    assert_spread(first(&mild), (3.0, 4.5..=5.5, 8.5));
    assert_spread(decrement_1_4(&mild), (9.0, 10.0..=15.0, 18.0));
}

#[test]
fn lambert_eaton_climbs_after_10_s_exercise_for_less_than_a_minute() {
    let lems = subjects(Profile::Lems, EXERCISE);
    assert_spread(facilitation(&lems), (85.0, 180.0..=280.0, 1000.0));
    assert_spread(a_minute_later(&lems), (-8.0, -4.0..=6.0, 12.0));
    let mild = subjects(Profile::LemsMild, EXERCISE);
    assert_spread(facilitation(&mild), (30.0, 40.0..=55.0, 75.0));
}

#[test]
fn lambert_eaton_dips_and_then_climbs_at_30_hz() {
    let fast = subjects(Profile::Lems, "30Hz*30");
    assert_spread(last(&fast), (60.0, 100.0..=150.0, 1000.0));
    let dip = percentiles(&fast, |truth| {
        -change(truth, 0).decrement_1_low_pct.unwrap()
    });
    assert_spread(dip, (-20.0, -10.0..=-2.0, -0.5));
}

#[test]
fn botulism_climbs_less_and_for_minutes() {
    let rest = subjects(Profile::Botulism, REST);
    assert_spread(first(&rest), (0.9, 1.5..=2.5, 4.6));
    assert_spread(decrement_1_4(&rest), (4.0, 7.0..=11.0, 14.0));
    let exercised = subjects(Profile::Botulism, EXERCISE);
    assert_spread(facilitation(&exercised), (35.0, 55.0..=80.0, 105.0));
    assert_spread(a_minute_later(&exercised), (8.0, 15.0..=30.0, 45.0));
    let longer = subjects(Profile::Botulism, "single,exercise:60s,after:4min,single");
    assert_spread(facilitation(&longer), (8.0, 15.0..=30.0, 40.0));
}

#[test]
fn pseudofacilitation_is_higher_and_shorter_with_the_same_area() {
    let fast = subjects(Profile::Pseudofacilitation, "30Hz*30");
    assert_spread(last(&fast), (15.0, 20.0..=27.0, 40.0));
    let area = percentiles(&fast, |truth| {
        truth.channels[0].trains[0]
            .area
            .unwrap()
            .increment_last_pct
            .unwrap()
    });
    assert_spread(area, (-1.0, -0.5..=0.5, 1.0));
    let duration = percentiles(&fast, |truth| {
        let of = |index: usize| {
            truth.channels[0].responses[index]
                .landmarks
                .unwrap()
                .duration_ms
                .unwrap()
        };
        100.0 * (of(29) / of(0) - 1.0)
    });
    assert_spread(duration, (-25.0, -22.0..=-16.0, -13.0));
}
