//! Whether the responses keep time and length: both change a little and smoothly with transmission, and abruptly with movement.

use super::shape::Shape;
use super::smooth::{Point, bends, line};
use super::{Check, Find, HEURISTIC, Scene};
use crate::finding::{Finding, FindingCode};
use crate::train::TrainKind;

/// The first response alone.
pub static FIRST: Check = Check {
    finding: FindingCode::FirstResponseOutlier,
    looks_at: "amplitude, latency, length and shape of a low-rate train",
    formula: "the only abrupt change (see movement, envelope_step) is that from the first response to the second",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(first),
};

/// The electrode or the muscle moved.
pub static MOVEMENT: Check = Check {
    finding: FindingCode::Movement,
    looks_at: "latency, length and shape of a low-rate train, each response fitted by the mean of them, its shift and its stretch",
    formula: "a response is off the middle of its neighbors by more than delay_bend_ms/√(A₁ in mV), as far as the times of the stimuli are known, or \
              stretch_bend_pct/√(A₁ in mV); what \
              is left of it exceeds the noise by rest_pct·(1 + 1/√(A₁ in mV))",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(movement),
};

/// The electrode or the muscle moves slowly. It only doubts: how much real latencies drift without movement is not known.
pub static CREEPING: Check = Check {
    finding: FindingCode::CreepingMovement,
    looks_at: "latency and length of a low-rate train at rest or settled_s after exercise",
    formula: "over the train the responses get later by later_ms, as far as the times of the stimuli are known, or longer by longer_pct, each times (1 + 1/√(A₁ in mV))",
    refuses: false,
    source: HEURISTIC,
    find: Find::Train(drifting),
};

/// What changes abruptly: the response and the words for it.
fn abrupt(scene: &Scene<'_>) -> Vec<(usize, String)> {
    let settings = scene.settings;
    let Some(small) = small(scene) else {
        return Vec::new();
    };
    let course = |pick: fn(&Shape) -> f64| -> Vec<Point> {
        let shapes = scene.shapes.iter();
        shapes.map(|shape| (shape.ordinal, pick(shape))).collect()
    };
    let sd = |place: usize| {
        let sds: Vec<f64> = scene.shapes.iter().map(|shape| shape.sd[place]).collect();
        settings.envelope_noise_sds * crate::math::robust::median(&sds).unwrap_or(0.0)
    };
    // Responses are as early or late as the times of their stimuli are wrong, and so are those beside them.
    let uncertain = scene.stimulus_uncertainties();
    let of = |ordinal: usize| uncertain.get(&ordinal).copied().unwrap_or_default();
    let times = |ordinal: usize| of(ordinal) + 0.5 * (of(ordinal - 1) + of(ordinal + 1));
    let in_noise = (settings.delay_bend_ms * small).hypot(sd(1));
    let delay_limit = |ordinal: usize| in_noise.hypot(times(ordinal));
    let stretch_limit = (settings.stretch_bend_pct * small).hypot(sd(2));
    let rest_limit = settings.rest_pct * (1.0 + small);
    let mut found = Vec::new();
    for (ordinal, bend) in bends(&course(|shape| shape.delay_ms)) {
        if bend.abs() > delay_limit(ordinal) {
            found.push((ordinal, format!("{:+.3} ms", -bend)));
        }
    }
    for (ordinal, bend) in bends(&course(|shape| shape.stretch_pct)) {
        if bend.abs() > stretch_limit {
            found.push((ordinal, format!("length {:+.1} %", -bend)));
        }
    }
    for shape in &scene.shapes {
        let rest = (shape.rest_pct.powi(2) - (NOISE_MARGIN * shape.noise_pct).powi(2))
            .max(0.0)
            .sqrt();
        if rest > rest_limit {
            found.push((shape.ordinal, format!("shape {rest:.1} %")));
        }
    }
    found.sort_by_key(|found| found.0);
    found
}

/// What is left of a response exceeds the noise by chance up to this factor, because the noise is measured elsewhere. Heuristic.
const NOISE_MARGIN: f64 = 1.25;

/// 1/√(amplitude of the first response in mV), for low-rate trains with enough responses.
fn small(scene: &Scene<'_>) -> Option<f64> {
    let enough = scene.train().kind == TrainKind::Low && scene.shapes.len() >= super::DECIDING;
    let first = scene.value(1, "amplitude")?.value;
    (enough && first > 0.0).then(|| 1.0 / first.sqrt())
}

fn first(scene: &Scene<'_>) -> Option<Finding> {
    small(scene)?;
    let shape = abrupt(scene);
    let envelope = scene.envelope()?;
    let jump = envelope.jump();
    let elsewhere = shape.iter().any(|found| found.0 > 2)
        || jump.is_some_and(|ordinal| ordinal > 1)
        || (jump.is_none() && !envelope.kinks().is_empty());
    if elsewhere || (shape.is_empty() && jump.is_none()) {
        return None;
    }
    let words: Vec<_> = shape.into_iter().map(|found| found.1).collect();
    Some(Finding::new(
        FindingCode::FirstResponseOutlier,
        words.join(", "),
    ))
}

fn movement(scene: &Scene<'_>) -> Option<Finding> {
    let found = abrupt(scene);
    if found.iter().any(|found| found.0 > 2) {
        let words: Vec<_> = found
            .iter()
            .map(|(ordinal, what)| format!("response {ordinal}: {what}"))
            .collect();
        return Some(Finding::new(FindingCode::Movement, words.join(", ")));
    }
    None
}

fn drifting(scene: &Scene<'_>) -> Option<Finding> {
    let settings = scene.settings;
    let wide = 1.0 + small(scene)?;
    if !scene.settled() {
        return None;
    }
    let over_train = |pick: fn(&Shape) -> f64| -> Option<f64> {
        let course: Vec<Point> = scene
            .shapes
            .iter()
            .map(|shape| (shape.ordinal, pick(shape)))
            .collect();
        let (slope, _) = line(&course)?;
        Some(slope * (course.last()?.0 - course.first()?.0) as f64)
    };
    let uncertain = scene.stimulus_uncertainties();
    let most = uncertain.values().copied().fold(0.0, f64::max);
    let later_limit = (settings.later_ms * wide).hypot(2.0 * most);
    let later = over_train(|shape| shape.delay_ms)?;
    let longer = over_train(|shape| shape.stretch_pct)?;
    (later > later_limit || longer > settings.longer_pct * wide).then(|| {
        Finding::new(
            FindingCode::CreepingMovement,
            format!("over the train {later:+.3} ms and length {longer:+.1} %"),
        )
    })
}
