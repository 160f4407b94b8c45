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

/// So many trains that disagree are named in a finding; the rest is counted.
const NAMED_MOST: usize = 50;

fn value<'a>(train: &'a Train, measure: &str, convention: &str) -> Option<&'a ChangeEstimate> {
    train.change(measure, convention)?.value.as_ref().ok()
}

/// Half the width of the interval of a change.
fn half(change: &ChangeEstimate) -> f64 {
    0.5 * (change.high.0 - change.low.0)
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
        // By how much they differ beyond what their intervals allow; nothing where an interval is not known.
        let allowed = half(amplitude).hypot(half(area));
        let excess = (amplitude.value.0 - area.value.0).abs() - allowed;
        (allowed.is_finite() && excess > limit).then(|| {
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

/// A train whose decrement is compared with that of others, looked up once for all of them.
struct Compared {
    /// Its index in the channel.
    train: usize,
    /// Its decrement, in percent.
    decrement: f64,
    /// Half the width of the interval of its decrement.
    half: f64,
    /// Stimuli per second.
    rate: f64,
}

impl Compared {
    /// A low-rate train at rest that is not refused, with a decrement whose interval is known.
    fn of(scene: &Scene<'_>, refused: &[bool]) -> Option<Self> {
        let train = scene.train();
        let comparable = train.kind == TrainKind::Low
            && !matches!(scene.when(scene.index), Some(When::After { .. }))
            && !refused.get(scene.index).copied().unwrap_or(false);
        let decrement = value(train, "amplitude", CONVENTIONS[0]).filter(|_| comparable)?;
        let compared = Self {
            train: scene.index,
            decrement: decrement.value.0,
            half: half(decrement).abs(),
            rate: train.rate.as_ref().ok()?.0,
        };
        compared.half.is_finite().then_some(compared)
    }

    /// Whether the rate of another train differs too much from its own.
    fn is_other_rate(&self, rate: f64, tolerance_pct: f64) -> bool {
        100.0 * (rate / self.rate - 1.0).abs() > tolerance_pct
    }

    /// How many of the decrements, which are in order, differ from its own by no more than the limit beyond its own interval alone: whatever
    /// the intervals of the others are, they agree.
    fn surely_agreeing(&self, ordered: &[f64], limit: f64) -> usize {
        let far = |other: f64| (self.decrement - other).abs() - self.half > limit;
        let below = ordered.partition_point(|&other| other < self.decrement && far(other));
        let within = ordered.partition_point(|&other| other < self.decrement || !far(other));
        within.saturating_sub(below)
    }
}

fn reproduced(scenes: &[Scene<'_>], refused: &[bool]) -> Vec<Option<Finding>> {
    let mut found = vec![None; scenes.len()];
    let Some(settings) = scenes.first().map(|scene| scene.settings) else {
        return found;
    };
    let trains: Vec<Compared> = scenes
        .iter()
        .filter_map(|scene| Compared::of(scene, refused))
        .collect();
    let (limit, tolerance_pct) = (settings.reproduction_points, settings.rate_tolerance_pct);
    for (train, finding) in disagreements(&trains, limit, tolerance_pct) {
        if let Some(place) = found.get_mut(train) {
            *place = Some(finding);
        }
    }
    found
}

/// What is said of the trains that more of the others disagree with than agree, by their indices.
fn disagreements(trains: &[Compared], limit: f64, tolerance_pct: f64) -> Vec<(usize, Finding)> {
    let mut ordered: Vec<f64> = trains.iter().map(|train| train.decrement).collect();
    ordered.sort_by(f64::total_cmp);
    let rates = || trains.iter().map(|train| train.rate);
    let slowest = rates().fold(f64::INFINITY, f64::min);
    let fastest = rates().fold(f64::NEG_INFINITY, f64::max);
    let settled = |here: &Compared| {
        let one_rate = ![slowest, fastest]
            .iter()
            .any(|&rate| here.is_other_rate(rate, tolerance_pct));
        // The train itself is among those that agree.
        one_rate && 2 * here.surely_agreeing(&ordered, limit) > trains.len()
    };
    trains
        .iter()
        // Where the majority surely agrees, not every other train is looked at: of thousands of trains that would be millions of pairs.
        .filter(|here| !settled(here))
        .filter_map(|here| {
            Some((
                here.train,
                disagreement(here, trains, limit, tolerance_pct)?,
            ))
        })
        .collect()
}

/// What is said of a train that more of the others disagree with than agree.
fn disagreement(
    here: &Compared,
    trains: &[Compared],
    limit: f64,
    tolerance_pct: f64,
) -> Option<Finding> {
    let mut agreeing = 0;
    let mut disagreeing = Vec::new();
    for other in trains.iter().filter(|other| other.train != here.train) {
        if here.is_other_rate(other.rate, tolerance_pct) {
            continue;
        }
        let difference = (here.decrement - other.decrement).abs();
        if difference - here.half.hypot(other.half) > limit {
            disagreeing.push((other, difference));
        } else {
            agreeing += 1;
        }
    }
    // Of three or more trains those stand that agree with more of the others than they disagree with.
    if disagreeing.len() <= agreeing {
        return None;
    }
    let mut told: Vec<String> = disagreeing
        .iter()
        .take(NAMED_MOST)
        .map(|(other, difference)| {
            format!(
                "{:.1} % here, {:.1} % in train {}: {difference:.1} points",
                here.decrement,
                other.decrement,
                other.train + 1
            )
        })
        .collect();
    let more = disagreeing.len() - told.len();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    Some(Finding::new(
        FindingCode::DecrementNotReproduced,
        told.join("; "),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    const LIMIT: f64 = 5.0;
    const TOLERANCE_PCT: f64 = 20.0;

    fn train(train: usize, decrement: f64, half: f64, rate: f64) -> Compared {
        Compared {
            train,
            decrement,
            half,
            rate,
        }
    }

    fn one_by_one(trains: &[Compared]) -> Vec<(usize, Finding)> {
        let finding = |here| disagreement(here, trains, LIMIT, TOLERANCE_PCT);
        trains
            .iter()
            .filter_map(|here| Some((here.train, finding(here)?)))
            .collect()
    }

    #[test]
    fn what_a_sure_majority_says_is_what_all_pairs_say() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let mut said = 0;
        for round in 0..300 {
            let spread = [2.0, 8.0, 30.0][round % 3];
            let rates = [3.0, if round % 2 == 0 { 3.0 } else { 5.0 }];
            let trains: Vec<Compared> = (0..random.random_range(1..30))
                .map(|index| {
                    // Whole points lie at the limit exactly, now and then.
                    let decrement = (random.random::<f64>() * spread).round();
                    let half = (2.0 * random.random::<f64>()).floor();
                    train(index, decrement, half, rates[index % 2])
                })
                .collect();
            let found = disagreements(&trains, LIMIT, TOLERANCE_PCT);
            assert_eq!(found, one_by_one(&trains), "round {round}");
            said += found.len();
        }
        assert!(said > 100, "{said}");
    }

    #[test]
    fn of_thousands_of_trains_that_agree_no_pair_is_looked_at() {
        let trains: Vec<Compared> = (0..5000)
            .map(|index| train(index, 10.0 + (index % 7) as f64, 0.5, 3.0))
            .collect();
        let mut ordered: Vec<f64> = trains.iter().map(|train| train.decrement).collect();
        ordered.sort_by(f64::total_cmp);
        for here in &trains {
            assert!(here.surely_agreeing(&ordered, LIMIT) > trains.len() / 2);
        }
        assert!(disagreements(&trains, LIMIT, TOLERANCE_PCT).is_empty());
    }

    #[test]
    fn of_many_trains_that_disagree_the_first_are_named_and_the_rest_is_counted() {
        let mut trains = vec![train(0, 30.0, 0.5, 3.0)];
        trains.extend((1..=53).map(|index| train(index, 10.0, 0.5, 3.0)));
        let found = disagreements(&trains, LIMIT, TOLERANCE_PCT);
        assert_eq!(found.len(), 1);
        let text = found[0].1.message();
        assert_eq!(text.matches("20.0 points").count(), NAMED_MOST, "{text}");
        assert!(
            text.contains("30.0 % here, 10.0 % in train 2: 20.0 points; 30.0 %"),
            "{text}"
        );
        assert!(text.contains("; and 3 more"), "{text}");
    }
}
