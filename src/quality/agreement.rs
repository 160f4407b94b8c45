//! Whether two measures of the same decrement agree: amplitude and area, this train and another.

use super::{Check, Find, Scene};
use crate::finding::{Finding, FindingCode};
use crate::series::When;
use crate::source::Source;
use crate::train::{ChangeEstimate, Train, TrainKind};

/// The decrements that are compared.
const CONVENTIONS: [&str; 2] = ["decrement_1_4", "decrement_1_5"];

/// Amplitude and area disagree.
pub static AREA: Check = Check {
    finding: FindingCode::AmplitudeAreaDisagree,
    looks_at: "a low-rate train",
    formula: "the decrements 1→4 or 1→5 of amplitude and area differ by more than amplitude_area_points beyond their intervals",
    refuses: false,
    source: Source {
        citation: "both should agree: laboratory instruction, thebrainclinic.in; the limit is a heuristic",
        link: "http://www.thebrainclinic.in/services/repetitive-nerve-stimulation-rns/",
        place: "",
    },
    find: Find::Train(area),
};

/// Another train at rest disagrees.
pub static REPRODUCED: Check = Check {
    finding: FindingCode::DecrementNotReproduced,
    looks_at: "low-rate trains at rest whose rates differ by no more than rate_tolerance_pct, those left out that another check refuses",
    formula: "the decrements 1→4 differ by more than reproduction_points beyond their intervals, from more of the other trains than agree",
    refuses: true,
    source: Source {
        citation: "reproducibility: KNF-NO method guideline; 5 points: heuristic",
        link: "https://www.legeforeningen.no",
        place: "Funn ved Myastenia gravis",
    },
    find: Find::Reproduction(reproduced),
};

fn value<'a>(train: &'a Train, measure: &str, convention: &str) -> Option<&'a ChangeEstimate> {
    train.change(measure, convention)?.value.as_ref().ok()
}

/// By how much two changes differ beyond what their intervals allow, with the difference; `None` where an interval is not known.
fn beyond(a: &ChangeEstimate, b: &ChangeEstimate) -> Option<(f64, f64)> {
    let difference = (a.value.0 - b.value.0).abs();
    let half = |change: &ChangeEstimate| 0.5 * (change.high.0 - change.low.0);
    let allowed = half(a).hypot(half(b));
    allowed
        .is_finite()
        .then_some((difference - allowed, difference))
}

fn area(scene: &Scene<'_>) -> Option<Finding> {
    let train = scene.train();
    if train.kind != TrainKind::Low {
        return None;
    }
    let limit = scene.settings.amplitude_area_points;
    CONVENTIONS.iter().find_map(|convention| {
        let amplitude = value(train, "amplitude", convention)?;
        let area = value(train, "area", convention)?;
        let (excess, _) = beyond(amplitude, area)?;
        (excess > limit).then(|| {
            Finding::new(
                FindingCode::AmplitudeAreaDisagree,
                format!(
                    "{convention}: amplitude {:.1} %, area {:.1} %",
                    amplitude.value.0, area.value.0
                ),
            )
        })
    })
}

fn reproduced(scene: &Scene<'_>, refused: &[bool]) -> Option<Finding> {
    let own = scene.train();
    let comparable = |index: usize| {
        let train = &scene.trains[index];
        train.kind == TrainKind::Low
            && !matches!(scene.when(index), Some(When::After { .. }))
            && !refused.get(index).copied().unwrap_or(false)
    };
    if !comparable(scene.index) {
        return None;
    }
    let here = value(own, "amplitude", CONVENTIONS[0])?;
    let rate = own.rate.as_ref().ok()?.0;
    let limit = scene.settings.reproduction_points;
    let mut agreeing = 0;
    let mut disagreeing = Vec::new();
    for other in (0..scene.trains.len()).filter(|&other| other != scene.index && comparable(other))
    {
        let train = &scene.trains[other];
        let Ok(other_rate) = &train.rate else {
            continue;
        };
        let off_pct = 100.0 * (other_rate.0 / rate - 1.0).abs();
        let there = value(train, "amplitude", CONVENTIONS[0]);
        let Some((there, (excess, difference))) =
            there.and_then(|there| Some((there, beyond(here, there)?)))
        else {
            continue;
        };
        if off_pct > scene.settings.rate_tolerance_pct {
            continue;
        }
        if excess > limit {
            disagreeing.push(format!(
                "{:.1} % here, {:.1} % in train {}: {difference:.1} points",
                here.value.0,
                there.value.0,
                other + 1
            ));
        } else {
            agreeing += 1;
        }
    }
    // Of three or more trains those stand that agree with more of the others than they disagree with.
    (disagreeing.len() > agreeing)
        .then(|| Finding::new(FindingCode::DecrementNotReproduced, disagreeing.join("; ")))
}
