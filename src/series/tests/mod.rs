//! The protocols of the laboratory, with amplitudes that can be checked by hand.

mod places;

use super::*;
use crate::cmap::{Estimate, Landmarks, MEASURES, Value};
use crate::recording::Mark;
use crate::stimulus::{Stimulus, StimulusOrigin};
use crate::train;

/// One channel in the making: stimuli with their amplitudes, and marks.
#[derive(Default)]
struct Laboratory {
    stimuli: Vec<Stimulus>,
    cmaps: Vec<Cmap>,
    marks: Vec<Mark>,
}

impl Laboratory {
    fn shock(&mut self, time: f64, amplitude: Option<f64>) {
        self.stimuli.push(Stimulus {
            time: Seconds(time),
            uncertainty: Seconds(0.0),
            origin: StimulusOrigin::Mark,
            channel: None,
            current: None,
            width: None,
        });
        let value = |scale: f64| -> Value {
            let value = amplitude.ok_or(NotMeasured::NoResponse)? * scale;
            Ok(Estimate {
                value,
                low: 0.98 * value,
                high: 1.02 * value,
                sd: 0.01 * value,
                bound: 0.0,
            })
        };
        let values = MEASURES
            .iter()
            .map(|measure| match measure.id {
                "amplitude" => value(1.0),
                "area" => value(3.0),
                _ => Err(NotMeasured::NoResponse),
            })
            .collect();
        self.cmaps.push(Cmap {
            landmarks: Landmarks::default(),
            values,
            repetitive: None,
            findings: Vec::new(),
        });
    }

    /// Ten stimuli at 3 Hz that fall by `decrement` percent at the fourth and stay there.
    fn slow(&mut self, time: f64, first: f64, decrement: f64) {
        let lowest = first * (1.0 - decrement / 100.0);
        for k in 0..10_u32 {
            let share = f64::from(k.min(3)) / 3.0;
            self.shock(
                time + f64::from(k) / 3.0,
                Some(first + share * (lowest - first)),
            );
        }
    }

    fn fast(&mut self, time: f64) {
        for k in 0..30_u32 {
            self.shock(time + f64::from(k) / 30.0, Some(1.0 + 0.1 * f64::from(k)));
        }
    }

    fn mark(&mut self, time: f64, text: &str) {
        self.marks.push(Mark {
            time: Seconds(time),
            duration: None,
            text: text.to_owned(),
            channel: None,
        });
    }

    fn lasting(&mut self, time: f64, text: &str, seconds: f64) {
        self.mark(time, text);
        self.marks.last_mut().unwrap().duration = Some(Seconds(seconds));
    }

    fn trains(&self, clock: Clock) -> Vec<Train> {
        train::group(
            train::Material {
                channel: 0,
                stimuli: &self.stimuli,
                cmaps: &self.cmaps,
                marks: &self.marks,
                vocabulary: &Vocabulary::default(),
                clock,
            },
            &train::Settings::default(),
        )
    }

    fn series(&self) -> (Vec<Train>, Vec<Series>) {
        self.arranged(Clock::True, &Settings::default())
    }

    fn arranged(&self, clock: Clock, settings: &Settings) -> (Vec<Train>, Vec<Series>) {
        let trains = self.trains(clock);
        let series = arrange(
            Material {
                channel: 0,
                trains: &trains,
                cmaps: &self.cmaps,
                marks: &self.marks,
                vocabulary: &Vocabulary::default(),
                clock,
                enlargement: &train::enlargement::Settings::default(),
                by_hand: &std::collections::BTreeMap::new(),
            },
            settings,
        );
        (trains, series)
    }

    /// Rest 3 Hz × 10, single, 10 s exercise, single, 60 s exercise, 3 Hz at 0 to 4 min, 30 Hz × 1 s.
    fn standard() -> Self {
        let mut laboratory = Self::default();
        laboratory.slow(0.0, 2.0, 20.0);
        laboratory.shock(40.0, Some(2.0));
        laboratory.lasting(45.0, "exercise", 10.0);
        laboratory.shock(57.0, Some(5.0));
        laboratory.mark(120.0, "exercise 60 s");
        laboratory.mark(420.0, "after exercise 245 s");
        for (delay, decrement) in [
            (2.0, 5.0),
            (60.0, 15.0),
            (120.0, 30.0),
            (180.0, 35.0),
            (240.0, 25.0),
        ] {
            laboratory.slow(180.0 + delay, 2.2, decrement);
        }
        laboratory.fast(600.0);
        laboratory
    }
}

fn comparison<'a>(series: &'a Series, id: &str, measure: &str) -> &'a Comparison {
    series
        .comparisons
        .iter()
        .find(|comparison| comparison.comparison == id && comparison.measure == measure)
        .unwrap_or_else(|| panic!("no {id}"))
}

fn value(series: &Series, id: &str) -> f64 {
    comparison(series, id, "amplitude")
        .value
        .as_ref()
        .unwrap()
        .value
        .0
}

fn kinds(series: &[Series], trains: &[Train]) -> Vec<Vec<(TrainKind, When)>> {
    series
        .iter()
        .map(|series| {
            series
                .entries
                .iter()
                .map(|entry| (trains[entry.train].kind, entry.when))
                .collect()
        })
        .collect()
}

fn after(exercise: f64, delay: f64) -> When {
    When::After {
        exercise: Some(Seconds(exercise)),
        delay: Seconds(delay),
    }
}

#[test]
fn the_standard_protocol_gives_facilitation_decrement_over_time_repair_and_exhaustion() {
    let (trains, series) = Laboratory::standard().series();
    let low = TrainKind::Low;
    assert_eq!(
        kinds(&series, &trains),
        vec![
            vec![
                (TrainKind::Single, When::Rest),
                (TrainKind::Single, after(10.0, 2.0))
            ],
            vec![
                (low, When::Rest),
                (TrainKind::Single, When::Rest),
                (low, after(60.0, 2.0)),
                (low, after(60.0, 60.0)),
                (low, after(60.0, 120.0)),
                (low, after(60.0, 180.0)),
                (low, after(60.0, 240.0)),
            ],
            vec![(TrainKind::High, after(60.0, 420.0))],
        ]
    );
    assert!((value(&series[0], "facilitation") - 150.0).abs() < 1e-9);
    assert!((value(&series[1], "facilitation") - 10.0).abs() < 1e-9);
    assert!((value(&series[1], "repair") - 15.0).abs() < 1e-9);
    assert!((value(&series[1], "exhaustion") - 15.0).abs() < 1e-9);
    let exhaustion = comparison(&series[1], "exhaustion", "area");
    assert_eq!(
        (exhaustion.from_train, exhaustion.to_train),
        (Some(0), Some(6)),
        "the train at 3 min"
    );
    assert!(series.iter().all(|series| series.findings.is_empty()));
}

#[test]
fn facilitation_compares_first_responses_whatever_the_trains() {
    let mut laboratory = Laboratory::default();
    laboratory.slow(0.0, 1.0, 10.0);
    laboratory.lasting(30.0, "exercise", 10.0);
    laboratory.slow(42.0, 3.0, 5.0);
    let (_, series) = laboratory.series();
    assert!((value(&series[0], "facilitation") - 200.0).abs() < 1e-9);
    assert!((value(&series[0], "repair") - 5.0).abs() < 1e-9);
    let exhaustion = comparison(&series[0], "exhaustion", "amplitude");
    assert_eq!(
        exhaustion.value,
        Err(NotMeasured::ReferenceMissing(
            "no low-rate train minutes after the exercise".to_owned()
        ))
    );
}

#[test]
fn a_response_a_minute_after_exercise_is_no_facilitation() {
    let mut laboratory = Laboratory::default();
    laboratory.shock(0.0, Some(1.0));
    laboratory.lasting(5.0, "exercise", 10.0);
    laboratory.shock(75.0, Some(1.0));
    let (_, series) = laboratory.series();
    assert_eq!(
        comparison(&series[0], "facilitation", "amplitude").value,
        Err(NotMeasured::ReferenceMissing(
            "no response within 15 s of the exercise".to_owned()
        ))
    );
}

#[test]
fn without_a_train_at_rest_nothing_is_compared() {
    let mut laboratory = Laboratory::default();
    laboratory.lasting(0.0, "exercise", 10.0);
    laboratory.slow(12.0, 3.0, 5.0);
    let (_, series) = laboratory.series();
    assert_eq!(series.len(), 1);
    assert_eq!(
        series[0].comparisons.len(),
        3 * crate::train::CHANGING_MEASURES.len()
    );
    assert!(
        series[0]
            .comparisons
            .iter()
            .all(|comparison| comparison.value.is_err())
    );
}

#[test]
fn a_complete_block_after_exercise_is_no_exhaustion_of_0() {
    let mut laboratory = Laboratory::default();
    laboratory.slow(0.0, 1.0, 10.0);
    laboratory.lasting(30.0, "exercise", 60.0);
    for (index, time) in [150.0, 150.0 + 1.0 / 3.0, 150.0 + 2.0 / 3.0, 151.0]
        .into_iter()
        .enumerate()
    {
        laboratory.shock(time, (index < 3).then_some(1.0));
    }
    let (_, series) = laboratory.series();
    assert_eq!(
        comparison(&series[0], "exhaustion", "amplitude").value,
        Err(NotMeasured::ReferenceMissing(
            "train at 150.0 s: response 4: no_response".to_owned()
        ))
    );
}

#[test]
fn every_train_stands_in_a_series() {
    let (trains, series) = Laboratory::standard().series();
    for train in 0..trains.len() {
        assert!(
            series
                .iter()
                .any(|series| series.entries.iter().any(|entry| entry.train == train)),
            "{train}"
        );
    }
    assert!(Laboratory::default().series().1.is_empty());
}

#[test]
fn every_setting_changes_something() {
    let base = Laboratory::standard().series().1;
    let changed = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        Laboratory::standard().arranged(Clock::True, &settings).1 != base
    };
    assert!(changed(|s| s.washout_s = 100.0));
    assert!(changed(|s| s.stated_delay_tolerance_s = 1.0));
    assert!(changed(|s| s.facilitation_within_s = 1.0));
    assert!(changed(|s| s.repair_within_s = 1.0));
    assert!(changed(|s| s.exhaustion_from_s = 200.0));
    assert!(changed(|s| s.exhaustion_until_s = 100.0));
    assert!(changed(|s| s.facilitation_limits_pct.clear()));
    assert!(changed(|s| s.difference_limits_points.clear()));
    assert!(changed(|s| s.decrement = "decrement_none".to_owned()));
}

#[test]
fn a_decrement_that_does_not_exist_is_refused_with_the_list_of_those_that_do() {
    let error = toml::from_str::<Settings>("decrement = \"decrement_1_6\"")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("decrement_1_6") && error.contains("decrement_lowest_5"),
        "{error}"
    );
    assert_eq!(
        toml::from_str::<Settings>("decrement = \"decrement_last\"")
            .unwrap()
            .decrement,
        "decrement_last"
    );
}

#[test]
fn the_interval_of_a_difference_joins_those_of_both_decrements() {
    let (trains, series) = Laboratory::standard().series();
    let half = |train: usize| {
        let change = trains[train]
            .change("amplitude", "decrement_1_4")
            .unwrap()
            .value
            .clone()
            .unwrap();
        (
            change.value.0 - change.low.0,
            change.high.0 - change.value.0,
            change.sd.0,
        )
    };
    let (rest, post) = (half(0), half(3));
    let repair = comparison(&series[1], "repair", "amplitude")
        .value
        .clone()
        .unwrap();
    assert!((repair.value.0 - repair.low.0 - rest.0.hypot(post.1)).abs() < 1e-9);
    assert!((repair.high.0 - repair.value.0 - rest.1.hypot(post.0)).abs() < 1e-9);
    assert!((repair.sd.0 - rest.2.hypot(post.2)).abs() < 1e-9);
}
