//! Responses and trains that a reader excludes, and what a reader says about trains and channels.

use super::{WHO, change, corrected, json, opened, recording};
use endplate::recording::Side;
use endplate::series::When;
use endplate::study::{self, Settings, Study};
use endplate::train::Trust;

fn excluded(response: usize) -> Study {
    corrected(&format!(
        "{WHO}channel = 'ADM'\ntrain = 1\nresponse = {response}\nexclude = true\n"
    ))
}

#[test]
fn without_response_4_there_is_no_decrement_to_it_and_no_number_is_shifted() {
    let (before, after) = (corrected(""), excluded(4));
    assert_eq!(
        change(&after, 1, "decrement_1_4"),
        Err("excluded_by_reader: response 4".to_owned())
    );
    assert_eq!(
        change(&after, 1, "decrement_1_5"),
        change(&before, 1, "decrement_1_5")
    );
    assert_eq!(
        change(&after, 1, "decrement_last"),
        change(&before, 1, "decrement_last")
    );
    let train = &after.channels[0].trains[0];
    let numbers: Vec<_> = train.responses.iter().map(|r| r.ordinal).collect();
    assert_eq!(numbers, (1..=10).map(Some).collect::<Vec<_>>());
    assert!(train.shape.is_err());
    // A reader took it out on purpose: that is no reason to refuse the train.
    assert_eq!(train.trust, before.channels[0].trains[0].trust);
}

#[test]
fn without_response_1_nothing_is_compared() {
    let after = excluded(1);
    for convention in endplate::train::CONVENTIONS {
        assert_eq!(
            change(&after, 1, convention.id),
            Err("excluded_by_reader: response 1".to_owned()),
            "{}",
            convention.id
        );
    }
}

#[test]
fn without_the_last_response_another_one_is_not_the_last() {
    let (before, after) = (corrected(""), excluded(10));
    assert_eq!(
        change(&after, 1, "decrement_last"),
        Err("excluded_by_reader: response 10".to_owned())
    );
    assert_eq!(
        change(&after, 1, "decrement_1_4"),
        change(&before, 1, "decrement_1_4")
    );
}

#[test]
fn the_lowest_is_looked_for_among_the_others() {
    let before = corrected("");
    let train = &before.channels[0].trains[0];
    let lowest = train
        .change("amplitude", "decrement_lowest")
        .unwrap()
        .to
        .unwrap();
    let after = excluded(lowest);
    let now = after.channels[0].trains[0]
        .change("amplitude", "decrement_lowest")
        .unwrap();
    assert_ne!(now.to, Some(lowest));
    assert!(
        change(&after, 1, "decrement_lowest").unwrap()
            < change(&before, 1, "decrement_lowest").unwrap()
    );
}

#[test]
fn an_excluded_train_stands_in_no_series_and_no_verdict_but_keeps_its_numbers() {
    let before = corrected("");
    let toml = format!("{WHO}channel = 'ADM'\ntrain = 3\nexclude = true\n");
    let after = corrected(&toml);
    let channel = &after.channels[0];
    assert_eq!(channel.trains.len(), 4);
    assert_eq!(channel.trains[2].trust, Trust::Excluded);
    assert_eq!(
        channel.trains[2].changes,
        before.channels[0].trains[2].changes
    );
    let entries = |study: &Study, train: usize| {
        let series = study.channels[0].series.iter();
        series
            .flat_map(|series| &series.entries)
            .filter(|entry| entry.train == train)
            .count()
    };
    assert!(entries(&before, 2) > 0);
    assert_eq!(entries(&after, 2), 0);
    assert!(entries(&after, 3) > 0);
    // Repair compares the train right after exercise, which is gone.
    let repair = |study: &Study| {
        let mut all = study.channels[0]
            .series
            .iter()
            .flat_map(|series| &series.comparisons);
        all.find(|comparison| comparison.comparison == "repair")
            .unwrap()
            .value
            .clone()
    };
    assert!(repair(&before).is_ok());
    assert!(repair(&after).is_err());
    let evidence = channel
        .verdicts
        .iter()
        .flat_map(|verdict| &verdict.evidence);
    assert!(evidence.clone().count() > 0);
    assert!(
        evidence
            .clone()
            .all(|evidence| evidence.subject.train() != Some(2))
    );
    let said = after
        .pattern
        .reasons
        .iter()
        .any(|r| r.text.contains("train 3 (excluded by a reader)"));
    assert!(said, "{:?}", after.pattern.reasons);
    // When it was recorded is still told.
    assert_eq!(after.when(0, 2), before.when(0, 2));
    assert_eq!(after.channels[1], before.channels[1]);
}

#[test]
fn without_its_trains_a_muscle_is_not_tested_and_the_pattern_changes() {
    let before = corrected("");
    let toml: String = (1..=4)
        .flat_map(|train| {
            ["ADM", "nasalis"].map(|channel| {
                format!("{WHO}channel = '{channel}'\ntrain = {train}\nexclude = true\n")
            })
        })
        .collect();
    let after = corrected(&toml);
    assert_ne!(after.pattern.id, before.pattern.id);
    assert_eq!(after.original.as_ref().unwrap().pattern, before.pattern);
    let json = json(&after);
    assert_eq!(
        json["corrected"]["original_pattern"]["id"],
        before.pattern.id
    );
}

#[test]
fn a_muscle_that_a_reader_names_is_as_if_the_recording_named_it() {
    let toml =
        format!("{WHO}channel = 'nasalis'\nmuscle = 'ADM'\nnerve = 'ulnar'\nside = 'left'\n");
    let after = corrected(&toml);
    let mut stated = recording();
    stated.channels[1].muscle = Some("ADM".to_owned());
    stated.channels[1].nerve = Some("ulnar".to_owned());
    stated.channels[1].side = Some(Side::Left);
    let expected = study::analyze(&opened(&stated, "").unwrap(), &Settings::default()).unwrap();
    assert_eq!(after.channels[1].verdicts, expected.channels[1].verdicts);
    assert_eq!(after.channels[1].trains, expected.channels[1].trains);
    assert_eq!(after.pattern, expected.pattern);
    // Both channels are one muscle now, judged by the same limits.
    let names: Vec<_> = after
        .pattern
        .muscles
        .iter()
        .map(|muscle| muscle.name.as_str())
        .collect();
    assert!(names.iter().all(|name| name.contains("ADM")), "{names:?}");
    let before = corrected("");
    assert_ne!(after.channels[1].verdicts, before.channels[1].verdicts);
    let original = &json(&after)["channels"][1]["corrected"]["original"];
    assert_eq!(original["muscle"], json(&before)["channels"][1]["muscle"]);
}

#[test]
fn a_train_that_a_reader_puts_after_exercise_joins_the_exercise_before_it() {
    let before = corrected("");
    assert_eq!(before.when(0, 1), When::Rest);
    let toml = format!("{WHO}channel = 'ADM'\ntrain = 2\nafter_exercise_s = 2\nexercise_s = 10\n");
    let after = corrected(&toml);
    let When::After { exercise, delay } = after.when(0, 1) else {
        panic!("{:?}", after.when(0, 1));
    };
    assert_eq!((exercise.unwrap().0, delay.0), (10.0, 2.0));
    assert_eq!(after.when(0, 0), When::Rest);
    assert_eq!(after.when(0, 2), before.when(0, 2));
    let train = &json(&after)["channels"][0]["trains"][1]["corrected"];
    assert_eq!(train["original_when"]["when"], "rest");
    assert_eq!(train["corrections"][0]["changes"][0]["to"]["when"], "after");
}

#[test]
fn a_train_that_a_reader_puts_at_rest_is_compared_with_no_exercise() {
    let toml = format!("{WHO}channel = 'ADM'\ntrain = 4\nat_rest = true\n");
    let after = corrected(&toml);
    assert_eq!(after.when(0, 3), When::Rest);
    let mut all = after.channels[0]
        .series
        .iter()
        .flat_map(|series| &series.comparisons);
    let exhaustion = all
        .find(|comparison| comparison.comparison == "exhaustion")
        .unwrap();
    assert!(exhaustion.value.is_err());
}

#[test]
fn a_length_of_exercise_that_is_not_stated_again_stays() {
    let toml = format!("{WHO}channel = 'ADM'\ntrain = 3\nafter_exercise_s = 12\n");
    let after = corrected(&toml);
    let When::After { exercise, delay } = after.when(0, 2) else {
        panic!("{:?}", after.when(0, 2));
    };
    assert_eq!((exercise.unwrap().0, delay.0), (30.0, 12.0));
}
