//! One line per train, whatever the number of trains.

use super::*;
use crate::cmap::NotMeasured;
use crate::criteria::{Comparator, Material, Outcome, Supports, Test};

fn evidence(train: usize, value: Option<f64>, to: usize, seen: Seen) -> Evidence {
    Evidence {
        subject: Subject::Change {
            train,
            convention: "decrement_1_4".to_owned(),
            to: Some(to),
        },
        when: When::Rest,
        value: value.ok_or(NotMeasured::NoSignal).map(|value| Interval {
            value,
            low: value - 1.0,
            high: value + 1.0,
        }),
        seen,
    }
}

fn verdict(set: &str, limit: f64, evidence: Vec<Evidence>) -> Verdict {
    Verdict {
        set: set.to_owned(),
        rule: "decrement".to_owned(),
        test: Test::LowRate,
        supports: Supports::Decrement,
        comparator: Comparator::Above,
        limit,
        outcome: Outcome::NotMet,
        gray: false,
        notes: Vec::new(),
        evidence,
        hpo: None,
    }
}

fn said(verdicts: &[Verdict]) -> Vec<String> {
    let muscle = Muscle {
        channel: 0,
        name: "ADM".to_owned(),
        material: Material {
            muscle: None,
            trains: &[],
            series: &[],
            cmaps: &[],
        },
        verdicts,
    };
    let evidence: Vec<&Evidence> = verdicts[0].evidence.iter().collect();
    lines(&Line {
        muscle: &muscle,
        evidence: &evidence,
        set: "first",
        sign: "",
    })
}

#[test]
fn each_train_has_a_line_in_the_order_in_which_it_comes_with_its_most_telling_value() {
    let first = verdict(
        "first",
        10.0,
        vec![
            evidence(3, None, 4, Seen::NotMeasured),
            evidence(1, Some(4.0), 4, Seen::NotMet),
            evidence(3, Some(20.0), 5, Seen::Met),
            evidence(1, Some(4.0), 6, Seen::NotMet),
            evidence(3, Some(12.0), 6, Seen::Met),
        ],
    );
    let second = verdict("second", 15.0, vec![evidence(3, Some(20.0), 5, Seen::Met)]);
    assert_eq!(
        said(&[first, second]),
        [
            ", at rest: 20.0 % (95 % 19.0 to 21.0), response 5: meets first (> 10 %) and second (> 15 %)",
            ", at rest: 4.0 % (95 % 3.0 to 5.0), response 6: does not meet first (> 10 %)",
        ]
    );
}

/// All pairs of so many would take minutes.
#[test]
fn tens_of_thousands_of_trains_have_a_line_each() {
    let all = (0..30_000).map(|train| evidence(train, Some(4.0), 4, Seen::NotMet));
    let lines = said(&[verdict("first", 10.0, all.collect())]);
    assert_eq!(lines.len(), 30_000);
}
