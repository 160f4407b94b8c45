//! Rest, or how long after an exercise: what marks and times say.

use super::*;

#[test]
fn the_end_of_an_exercise_comes_from_its_duration_then_from_its_end_mark_then_from_its_text() {
    let delay = |prepare: fn(&mut Laboratory)| {
        let mut laboratory = Laboratory::default();
        laboratory.shock(0.0, Some(1.0));
        prepare(&mut laboratory);
        laboratory.shock(40.0, Some(1.0));
        let (trains, series) = laboratory.series();
        kinds(&series, &trains)[0].last().unwrap().1
    };
    assert_eq!(
        delay(|l| l.lasting(10.0, "exercise 20 s", 12.0)),
        after(12.0, 18.0)
    );
    assert_eq!(
        delay(|l| {
            l.mark(10.0, "exercise 20 s");
            l.mark(31.0, "exercise end");
        }),
        after(20.0, 9.0)
    );
    assert_eq!(delay(|l| l.mark(10.0, "exercise 20 s")), after(20.0, 10.0));
    assert_eq!(
        delay(|l| {
            l.mark(10.0, "exercise");
            l.mark(32.0, "exercise end");
        }),
        after(22.0, 8.0)
    );
    assert_eq!(
        delay(|l| {
            l.lasting(10.0, "exercise", 12.0);
            l.mark(22.5, "exercise end");
        }),
        after(12.0, 18.0),
        "one exercise, not two"
    );
    assert_eq!(
        delay(|l| l.mark(33.0, "exercise end")),
        When::After {
            exercise: None,
            delay: Seconds(7.0)
        }
    );
}

#[test]
fn an_exercise_of_unknown_length_is_said_and_gives_no_delay() {
    let mut laboratory = Laboratory::default();
    laboratory.shock(0.0, Some(1.0));
    laboratory.mark(10.0, "exercise");
    laboratory.shock(40.0, Some(1.0));
    let (trains, series) = laboratory.series();
    assert_eq!(
        kinds(&series, &trains),
        vec![vec![
            (TrainKind::Single, When::Rest),
            (TrainKind::Single, When::Unknown)
        ]]
    );
    assert_eq!(series[0].findings[0].code, FindingCode::ExerciseUnknown);
}

#[test]
fn stated_times_serve_where_the_exercise_is_not_marked() {
    let mut laboratory = Laboratory::default();
    laboratory.mark(0.0, "rest");
    laboratory.slow(0.0, 2.0, 10.0);
    laboratory.mark(20.0, "immediately after exercise");
    laboratory.slow(20.0, 3.0, 4.0);
    laboratory.mark(40.0, "2 min post exercise");
    laboratory.slow(41.0, 2.0, 16.0);
    let (trains, series) = laboratory.series();
    let stated = |delay| {
        (
            TrainKind::Low,
            When::After {
                exercise: None,
                delay: Seconds(delay),
            },
        )
    };
    assert_eq!(
        kinds(&series, &trains),
        vec![vec![
            (TrainKind::Low, When::Rest),
            stated(0.0),
            stated(121.0)
        ]]
    );
    assert!((value(&series[0], "facilitation") - 50.0).abs() < 1e-9);
    assert!((value(&series[0], "repair") - 6.0).abs() < 1e-9);
    assert!((value(&series[0], "exhaustion") - 6.0).abs() < 1e-9);
}

#[test]
fn a_paused_recording_keeps_the_stated_time_and_says_so() {
    let mut laboratory = Laboratory::default();
    laboratory.slow(0.0, 2.0, 10.0);
    laboratory.lasting(10.0, "exercise", 60.0);
    laboratory.mark(72.0, "immediately after exercise");
    laboratory.slow(72.0, 2.0, 5.0);
    laboratory.mark(80.0, "2 min post exercise");
    laboratory.slow(80.0, 2.0, 20.0);
    let (trains, series) = laboratory.series();
    let entries = &kinds(&series, &trains)[0];
    assert_eq!(entries[1].1, after(60.0, 2.0), "the clock where both agree");
    assert_eq!(entries[2].1, after(60.0, 120.0));
    assert_eq!(series[0].findings[0].code, FindingCode::DelayContradicted);
}

#[test]
fn long_after_an_exercise_the_muscle_is_at_rest_again() {
    let mut laboratory = Laboratory::default();
    laboratory.lasting(0.0, "exercise", 60.0);
    laboratory.slow(61.0, 2.0, 10.0);
    laboratory.slow(2000.0, 2.0, 10.0);
    laboratory.lasting(2100.0, "exercise", 60.0);
    laboratory.slow(2162.0, 2.0, 4.0);
    let (_, series) = laboratory.series();
    assert_eq!(series.len(), 2);
    assert_eq!(
        series[1].entries[0],
        Entry {
            train: 1,
            when: When::Rest
        }
    );
    assert!((value(&series[1], "repair") - 6.0).abs() < 1e-9);
}

#[test]
fn trains_without_any_mark_are_shown_and_not_compared() {
    let mut laboratory = Laboratory::default();
    laboratory.slow(0.0, 2.0, 10.0);
    laboratory.slow(60.0, 2.0, 10.0);
    let (_, series) = laboratory.series();
    assert_eq!(series.len(), 1);
    assert!(series[0].comparisons.is_empty());
    assert_eq!(series[0].findings[0].code, FindingCode::ExerciseUnknown);
}

#[test]
fn without_a_clock_there_is_no_time_after_exercise() {
    let mut laboratory = Laboratory::standard();
    laboratory.mark(0.0, "rest");
    let (_, series) = laboratory.arranged(Clock::OrderOnly, &Settings::default());
    assert_eq!(series.len(), 1);
    assert_eq!(
        series[0].entries,
        [Entry {
            train: 0,
            when: When::Unknown
        }]
    );
    assert!(series[0].comparisons.is_empty());
}

#[test]
fn a_mark_of_another_channel_is_no_exercise() {
    let mut laboratory = Laboratory::standard();
    for mark in &mut laboratory.marks {
        mark.channel = Some(3);
    }
    let (_, series) = laboratory.series();
    assert!(series.iter().all(|series| series.comparisons.is_empty()));
}

#[test]
fn a_mark_may_come_a_little_after_the_first_stimulus() {
    let mut laboratory = Laboratory::default();
    laboratory.lasting(0.0, "exercise", 10.0);
    laboratory.mark(60.005, "rest");
    laboratory.slow(60.0, 2.0, 10.0);
    let when = |mark_tolerance_ms| {
        let settings = Settings {
            mark_tolerance_ms,
            ..Settings::default()
        };
        laboratory.arranged(Clock::True, &settings).1[0].entries[0].when
    };
    assert_eq!((when(10.0), when(1.0)), (When::Rest, after(10.0, 50.0)));
}
