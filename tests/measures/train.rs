//! Grouping of stimuli into trains and numbering by time, and the arrangement of trains around exercises.

use endplate::cmap::NotMeasured;
use endplate::finding::FindingCode;
use endplate::recording::{Clock, Mark, Vocabulary};
use endplate::stimulus::{Stimulus, StimulusOrigin};
use endplate::train::{Material, Settings, Train, TrainKind, group};
use endplate::units::Seconds;
use rand::{Rng, SeedableRng};

fn stimuli(times: &[f64]) -> Vec<Stimulus> {
    times
        .iter()
        .map(|&time| Stimulus {
            time: Seconds(time),
            uncertainty: Seconds(0.0),
            origin: StimulusOrigin::Mark,
            channel: None,
            current: None,
            width: None,
        })
        .collect()
}

fn mark(time: f64, text: &str) -> Mark {
    Mark {
        time: Seconds(time),
        duration: None,
        text: text.to_owned(),
        channel: None,
    }
}

fn grouped(times: &[f64], marks: &[Mark], clock: Clock) -> Vec<Train> {
    let vocabulary = Vocabulary::default();
    let material = Material {
        channel: 0,
        stimuli: &stimuli(times),
        cmaps: &[],
        marks,
        vocabulary: &vocabulary,
        clock,
    };
    group(material, &Settings::default())
}

fn trains(times: &[f64]) -> Vec<Train> {
    grouped(times, &[], Clock::True)
}

fn only(times: &[f64]) -> Train {
    let mut trains = trains(times);
    assert_eq!(trains.len(), 1, "{times:?} became {}", describe(&trains));
    trains.remove(0)
}

fn describe(trains: &[Train]) -> String {
    trains
        .iter()
        .map(|train| {
            format!(
                "[{:?} from {} {:?}]",
                train.kind,
                train.start,
                ordinals(train)
            )
        })
        .collect()
}

fn ordinals(train: &Train) -> Vec<Option<usize>> {
    train
        .responses
        .iter()
        .map(|response| response.ordinal)
        .collect()
}

fn numbers(ordinals: impl IntoIterator<Item = usize>) -> Vec<Option<usize>> {
    ordinals.into_iter().map(Some).collect()
}

fn regular(start: f64, rate: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| start + k as f64 / rate).collect()
}

fn without(mut times: Vec<f64>, ordinals: &[usize]) -> Vec<f64> {
    let mut number = 0;
    times.retain(|_| {
        number += 1;
        !ordinals.contains(&number)
    });
    times
}

fn with(mut times: Vec<f64>, extra: &[f64]) -> Vec<f64> {
    times.extend(extra);
    times.sort_by(f64::total_cmp);
    times
}

fn jittered(times: &[f64], most: f64, seed: u64) -> Vec<f64> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    times
        .iter()
        .map(|time| time + random.random_range(-most..=most))
        .collect()
}

fn has(train: &Train, code: FindingCode) -> bool {
    train.findings.iter().any(|finding| finding.code == code)
}

#[test]
fn ten_stimuli_at_3_hz_are_one_low_rate_train() {
    let train = only(&regular(5.0, 3.0, 10));
    assert_eq!(train.kind, TrainKind::Low);
    assert!((train.rate.clone().unwrap().0 - 3.0).abs() < 1e-9);
    assert_eq!(ordinals(&train), numbers(1..=10));
    assert!(train.missing.is_empty() && train.irregularity.unwrap().0 < 1e-6);
    assert!(!has(&train, FindingCode::IrregularRate));
}

#[test]
fn rates_have_their_kinds_with_a_tolerance() {
    for (rate, kind) in [
        (1.0, TrainKind::Other),
        (1.95, TrainKind::Low),
        (2.0, TrainKind::Low),
        (5.0, TrainKind::Low),
        (5.2, TrainKind::Low),
        (10.0, TrainKind::Other),
        (20.0, TrainKind::High),
        (30.0, TrainKind::High),
        (50.0, TrainKind::High),
    ] {
        assert_eq!(only(&regular(0.0, rate, 20)).kind, kind, "{rate} Hz");
    }
}

#[test]
fn one_stimulus_is_a_single_without_a_rate() {
    let train = only(&[7.0]);
    assert_eq!(
        (train.kind, train.rate.clone()),
        (TrainKind::Single, Err(NotMeasured::TooFewStimuli))
    );
    assert!(
        train
            .changes
            .iter()
            .all(|change| change.value == Err(NotMeasured::TooFewStimuli))
    );
}

#[test]
fn no_stimulus_is_no_train() {
    assert!(trains(&[]).is_empty());
}

#[test]
fn shocks_ten_seconds_apart_are_singles() {
    assert!(
        trains(&[0.0, 10.0, 20.0])
            .iter()
            .all(|train| train.kind == TrainKind::Single)
    );
}

#[test]
fn a_pause_separates_trains_of_the_same_rate() {
    let trains = trains(&with(regular(0.0, 3.0, 10), &regular(60.0, 3.0, 10)));
    assert_eq!(trains.len(), 2);
    assert!(
        trains
            .iter()
            .all(|train| ordinals(train) == numbers(1..=10))
    );
}

#[test]
fn a_missing_stimulus_leaves_a_hole_and_shifts_nothing() {
    for rate in [1.0, 2.0, 3.0, 5.0, 20.0, 50.0] {
        for hole in 2..10 {
            let train = only(&without(regular(0.0, rate, 10), &[hole]));
            assert_eq!(
                ordinals(&train),
                numbers((1..=10).filter(|&k| k != hole)),
                "{rate} Hz, {hole}"
            );
            assert_eq!(train.missing, [hole]);
            assert!(has(&train, FindingCode::MissingStimulus));
            assert!((train.rate.clone().unwrap().0 - rate).abs() < 1e-6);
            assert!(!has(&train, FindingCode::IrregularRate));
        }
    }
}

#[test]
fn several_missing_stimuli_leave_their_holes() {
    for holes in [
        vec![2, 3],
        vec![2, 5],
        vec![3, 4, 8],
        vec![2, 4],
        vec![5, 6, 9],
        vec![2, 9],
    ] {
        let train = only(&without(regular(0.0, 3.0, 10), &holes));
        assert_eq!(
            ordinals(&train),
            numbers((1..=10).filter(|k| !holes.contains(k))),
            "{holes:?}"
        );
        assert_eq!(train.missing, holes);
    }
}

#[test]
fn a_train_of_five_with_a_missing_second_stimulus_is_still_3_hz() {
    let train = only(&without(regular(0.0, 3.0, 5), &[2]));
    assert_eq!(ordinals(&train), numbers([1, 3, 4, 5]));
}

#[test]
fn a_spurious_stimulus_has_no_number_and_shifts_nothing() {
    let period = 1.0 / 3.0;
    for share in [0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97] {
        for after in 1..10 {
            let extra = (after as f64 - 1.0 + share) * period;
            let times = with(regular(0.0, 3.0, 10), &[extra]);
            let train = only(&times);
            let mut expected = numbers(1..=10);
            expected.insert(after, None);
            assert_eq!(
                ordinals(&train),
                expected,
                "{share} of a period after {after}"
            );
            assert!(has(&train, FindingCode::ExtraStimulus) && train.missing.is_empty());
            assert!(!has(&train, FindingCode::IrregularRate));
        }
    }
}

#[test]
fn a_double_stimulus_after_the_last_one_is_extra() {
    for late in [0.002, 0.005, 0.05, 0.15] {
        let train = only(&with(regular(0.0, 3.0, 10), &[3.0 + late]));
        let mut expected = numbers(1..=10);
        expected.push(None);
        assert_eq!(ordinals(&train), expected, "{late} s");
    }
}

#[test]
fn a_spurious_stimulus_before_the_first_is_extra() {
    for early in [0.01, 0.05, 0.1, 0.2] {
        let train = only(&with(regular(1.0, 3.0, 10), &[1.0 - early]));
        let mut expected = numbers(1..=10);
        expected.insert(0, None);
        assert_eq!(ordinals(&train), expected, "{early} s");
        assert_eq!(train.start, Seconds(1.0));
    }
}

#[test]
fn two_spurious_stimuli_shift_nothing() {
    for extras in [[0.1, 0.15], [0.5, 1.2], [1.01, 1.34], [2.9, 3.05]] {
        let times = with(regular(0.0, 3.0, 10), &extras);
        let train = only(&times);
        let expected: Vec<Option<usize>> = times
            .iter()
            .map(|time| {
                if extras.contains(time) {
                    None
                } else {
                    Some((time * 3.0).round() as usize + 1)
                }
            })
            .collect();
        assert_eq!(ordinals(&train), expected, "{extras:?}");
    }
}

#[test]
fn a_missing_and_a_spurious_stimulus_together_shift_nothing() {
    let times = with(without(regular(0.0, 3.0, 10), &[4]), &[1.9]);
    let train = only(&times);
    assert_eq!(train.missing, [4]);
    assert_eq!(
        ordinals(&train),
        [1, 2, 3, 5, 6, 0, 7, 8, 9, 10].map(|k| (k > 0).then_some(k))
    );
}

#[test]
fn jitter_of_two_milliseconds_changes_no_number() {
    for seed in 0..200 {
        for rate in [2.0, 3.0, 5.0, 20.0, 30.0] {
            let perfect = without(regular(0.0, rate, 12), &[4, 9]);
            let train = only(&jittered(&perfect, 0.002, seed));
            assert_eq!(train.missing, [4, 9], "{rate} Hz, seed {seed}");
        }
        let doubled = with(jittered(&regular(0.0, 3.0, 10), 0.002, seed), &[1.007]);
        let train = only(&doubled);
        assert_eq!(train.responses[4].ordinal, None, "seed {seed}");
        assert_eq!(train.responses.last().unwrap().ordinal, Some(10));
    }
}

#[test]
fn a_clock_that_drifts_slowly_changes_no_number() {
    // Each interval is 0.2 % longer than the one before: half a period is lost over the train.
    let mut times = vec![0.0];
    for k in 0..60 {
        let interval = 0.02 * 1.002_f64.powi(k);
        times.push(times.last().unwrap() + interval);
    }
    assert_eq!(ordinals(&only(&times)), numbers(1..=61));
}

#[test]
fn a_fast_train_right_after_a_slow_one_is_a_train_of_its_own() {
    let times = with(regular(0.0, 3.0, 10), &regular(10.0 / 3.0, 30.0, 30));
    let trains = trains(&times);
    assert_eq!(trains.len(), 2, "{}", describe(&trains));
    assert_eq!(
        (trains[0].kind, trains[1].kind),
        (TrainKind::Low, TrainKind::High)
    );
    assert_eq!(
        (trains[0].responses.len(), trains[1].responses.len()),
        (10, 30)
    );
}

#[test]
fn a_slow_train_right_after_a_fast_one_is_a_train_of_its_own() {
    let trains = trains(&with(regular(0.0, 30.0, 30), &regular(1.3, 3.0, 10)));
    assert_eq!(
        trains.iter().map(|train| train.kind).collect::<Vec<_>>(),
        [TrainKind::High, TrainKind::Low]
    );
    assert_eq!(trains[1].start, Seconds(1.3));
}

#[test]
fn a_single_shock_two_seconds_before_a_train_is_not_its_first() {
    let trains = trains(&with(vec![0.0], &regular(2.0, 3.0, 10)));
    assert_eq!(trains.len(), 2, "{}", describe(&trains));
    assert_eq!(
        (trains[0].kind, trains[1].start),
        (TrainKind::Single, Seconds(2.0))
    );
}

#[test]
fn an_unsteady_hand_is_called_irregular_and_loses_no_stimulus() {
    let intervals = [0.33, 0.25, 0.41, 0.30, 0.38, 0.27, 0.36, 0.33, 0.40];
    let mut times = vec![0.0];
    for interval in intervals {
        times.push(times.last().unwrap() + interval);
    }
    let train = only(&times);
    assert_eq!(ordinals(&train), numbers(1..=10));
    assert!(has(&train, FindingCode::IrregularRate));
}

#[test]
fn a_mark_that_names_a_train_begins_one_in_the_middle_of_a_rhythm() {
    let marks = [
        mark(0.0, "train rest 1"),
        mark(5.004, "train rest 2"),
        mark(6.0, "cough"),
    ];
    let trains = grouped(&regular(0.0, 1.0, 10), &marks, Clock::True);
    assert_eq!(trains.len(), 2);
    assert_eq!(trains[0].label.as_deref(), Some("train rest 1"));
    assert_eq!(
        (trains[1].label.as_deref(), trains[1].start),
        (Some("train rest 2"), Seconds(5.0))
    );
}

#[test]
fn an_exercise_separates_trains() {
    let marks = [mark(3.2, "exercise")];
    let trains = grouped(
        &with(regular(0.0, 3.0, 10), &regular(4.0, 3.0, 10)),
        &marks,
        Clock::True,
    );
    assert_eq!(trains.len(), 2);
}

#[test]
fn a_mark_of_another_channel_separates_nothing() {
    let mut elsewhere = mark(1.5, "train");
    elsewhere.channel = Some(1);
    assert_eq!(
        grouped(&regular(0.0, 3.0, 10), &[elsewhere], Clock::True).len(),
        1
    );
}

#[test]
fn sweeps_without_a_clock_are_one_train_in_their_order_without_a_rate() {
    let trains = grouped(&[0.0, 1.0, 2.0, 60.0], &[], Clock::OrderOnly);
    assert_eq!(trains.len(), 1);
    assert_eq!(trains[0].kind, TrainKind::Other);
    assert_eq!(trains[0].rate, Err(NotMeasured::ClockUnknown));
    assert_eq!(ordinals(&trains[0]), numbers(1..=4));
}

#[test]
fn identical_times_and_random_ones_do_no_harm() {
    assert_eq!(
        trains(&[1.0; 40])
            .iter()
            .map(|train| train.responses.len())
            .sum::<usize>(),
        40
    );
    trains(&[0.0, 0.0]);
    trains(&[0.0, 0.003]);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for count in [2, 3, 7, 30, 400] {
        let mut times: Vec<f64> = (0..count)
            .map(|_| random.random_range(0.0..0.3 * count as f64))
            .collect();
        times.sort_by(f64::total_cmp);
        let trains = trains(&times);
        let indices: Vec<usize> = trains
            .iter()
            .flat_map(|train| train.responses.iter().map(|response| response.index))
            .collect();
        assert_eq!(
            indices,
            (0..count).collect::<Vec<_>>(),
            "every stimulus once, in order"
        );
        for train in &trains {
            let numbered: Vec<usize> = ordinals(train).into_iter().flatten().collect();
            assert_eq!(numbered.first(), Some(&1));
            assert!(numbered.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}

#[test]
fn a_double_pulse_on_its_own_is_a_single_with_an_extra_stimulus() {
    let train = only(&[0.0, 0.003]);
    assert_eq!(
        (train.kind, ordinals(&train)),
        (TrainKind::Single, vec![Some(1), None])
    );
}
