//! Whether the amplitudes of a train follow each other smoothly, as transmission makes them.

use super::smooth::{Point, bends, correlation, kinks, line, without_jump};
use super::{Check, Find, HEURISTIC, Scene};
use crate::finding::{Finding, FindingCode};
use crate::source::Source;
use crate::train::TrainKind;

/// One abrupt change that stays.
pub static STEP: Check = Check {
    finding: FindingCode::EnvelopeStep,
    looks_at: "the amplitudes of a low- or high-rate train",
    formula: "a kink (see envelope_irregular) that one jump between two responses explains",
    refuses: true,
    source: Source {
        citation: "irregular variation means artefact: KNF-NO method guideline; the limits are a heuristic, tested on simulated studies",
        link: "https://www.legeforeningen.no",
        place: "Lavfrekvent repetitiv stimulering",
    },
    find: Find::Train(step),
};

/// Changes from response to response.
pub static IRREGULAR: Check = Check {
    finding: FindingCode::EnvelopeIrregular,
    looks_at: "the amplitudes of a low- or high-rate train",
    formula: "a response lies above the middle of its neighbors by more than envelope_above_pct/√(A₁ in mV), or below it by \
              envelope_below_pct/√(A₁ in mV) more than the response before does, or by envelope_noise_sds of the noise",
    refuses: true,
    source: Source {
        citation: "irregular variation means artefact: KNF-NO method guideline; the limits are a heuristic, tested on simulated studies",
        link: "https://www.legeforeningen.no",
        place: "Lavfrekvent repetitiv stimulering",
    },
    find: Find::Train(irregular),
};

/// A straight fall.
pub static LINEAR: Check = Check {
    finding: FindingCode::EnvelopeLinear,
    looks_at: "the amplitudes of a low-rate train at rest or settled_s after exercise",
    formula: "they fall by linear_fall_pct, a straight line explains linear_explained_pct of their variance, and the second half is as steep as linear_second_half_pct + \
              linear_second_half_small_pct/√(A₁ in mV) of the first",
    refuses: true,
    source: HEURISTIC,
    find: Find::Train(linear),
};

/// Size and latency change together, or the response grows at a low rate.
pub static SUBMAXIMAL: Check = Check {
    finding: FindingCode::Submaximal,
    looks_at: "amplitude, area and latency of a low-rate train",
    formula: "the amplitudes are irregular and their bends correlate with those of the latency by submaximal_correlation or less; or (at \
              rest or settled_s after exercise) the area rises from its lowest to the last response by rising_pct and by \
              rising_of_fall_pct of its fall",
    refuses: true,
    source: Source {
        citation: "submaximal pairs show facilitation up to 17 % and depression up to 42 %: PMID 8389002; the limits are a heuristic",
        link: "https://pubmed.ncbi.nlm.nih.gov/8389002/",
        place: "abstract",
    },
    find: Find::Train(submaximal),
};

/// The amplitudes of a train and what counts as a kink.
pub(super) struct Envelope {
    /// Percent of the first response; in a high-rate train the logarithm times 100, because the responses may grow many times over.
    pub points: Vec<Point>,
    above: f64,
    below: f64,
}

/// Neighbors' noise in half a second difference: √(1 + ¼ + ¼); in the difference of two of them: √5.
const BEND_NOISE: f64 = 1.224_744_871_391_589;
const GROWTH_NOISE: f64 = 2.236_067_977_499_79;

impl Envelope {
    /// `None` below five measured responses, or if the rate is neither low nor high.
    pub fn new(scene: &Scene<'_>) -> Option<Self> {
        let train = scene.train();
        let fast = match train.kind {
            TrainKind::Low => false,
            TrainKind::High => true,
            TrainKind::Single | TrainKind::Other => return None,
        };
        let first = scene.value(1, "amplitude")?.value;
        let measured: Vec<(usize, f64, f64)> = train
            .responses
            .iter()
            .filter_map(|response| {
                let ordinal = response.ordinal?;
                let estimate = scene.value(ordinal, "amplitude")?;
                (estimate.value > 0.0).then_some((ordinal, estimate.value, estimate.sd))
            })
            .collect();
        if measured.len() < super::DECIDING || first <= 0.0 {
            return None;
        }
        let points = measured
            .iter()
            .map(|&(ordinal, value, _)| {
                let part = value / first;
                (ordinal, 100.0 * if fast { part.ln() } else { part })
            })
            .collect();
        let sds: Vec<f64> = measured.iter().map(|response| response.2).collect();
        let noise_pct = crate::math::robust::median(&sds)
            .filter(|sd| sd.is_finite())
            .map_or(0.0, |sd| 100.0 * sd / first);
        let settings = scene.settings;
        let small = 1.0 / first.sqrt();
        let wider = if fast {
            settings.envelope_fast_ratio
        } else {
            1.0
        };
        let noise = settings.envelope_noise_sds * noise_pct;
        Some(Self {
            points,
            above: (wider * settings.envelope_above_pct * small).hypot(BEND_NOISE * noise),
            below: (wider * settings.envelope_below_pct * small).hypot(GROWTH_NOISE * noise),
        })
    }

    /// The responses that are kinks, and how large: parts of the limit.
    pub fn kinks(&self) -> Vec<Point> {
        let mut kinks = kinks(&self.points, self.above, self.below);
        kinks.retain(|kink| kink.1 > 1.0);
        kinks
    }

    /// The response after which one jump explains all kinks: without it the train is smooth, and smoother than without any other.
    pub fn jump(&self) -> Option<usize> {
        let found = self.kinks();
        let first = found.first()?.0;
        let last = found.last()?.0;
        let rough = |ordinal: usize| -> Option<(usize, f64)> {
            let smooth = without_jump(&self.points, ordinal)?;
            let left = kinks(&smooth, self.above, self.below);
            Some((ordinal, left.iter().map(|kink| kink.1).fold(0.0, f64::max)))
        };
        (first - 1..=last)
            .filter_map(rough)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|best| best.1 <= 1.0)
            .map(|best| best.0)
    }

    fn at(&self, ordinal: usize) -> Option<f64> {
        let mut points = self.points.iter();
        Some(points.find(|point| point.0 == ordinal)?.1)
    }
}

fn step(scene: &Scene<'_>) -> Option<Finding> {
    let envelope = scene.envelope()?;
    let after = envelope.jump().filter(|&ordinal| ordinal > 1)?;
    let jump = envelope.at(after + 1)? - envelope.at(after)?;
    Some(Finding::new(
        FindingCode::EnvelopeStep,
        format!(
            "{jump:+.1} % of the first from response {after} to {}",
            after + 1
        ),
    ))
}

fn irregular(scene: &Scene<'_>) -> Option<Finding> {
    let envelope = scene.envelope()?;
    if envelope.jump().is_some() {
        return None;
    }
    let kinks = envelope.kinks();
    let worst = kinks.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let which: Vec<String> = kinks.iter().map(|kink| kink.0.to_string()).collect();
    Some(Finding::new(
        FindingCode::EnvelopeIrregular,
        format!(
            "at response {}; {:.1} × the limit at response {}",
            which.join(", "),
            worst.1,
            worst.0
        ),
    ))
}

fn linear(scene: &Scene<'_>) -> Option<Finding> {
    let settings = scene.settings;
    if scene.train().kind != TrainKind::Low || !scene.settled() {
        return None;
    }
    let points = &scene.envelope()?.points;
    let fall = points.first()?.1 - points.last()?.1;
    let (_, explained) = line(points)?;
    let small = 1.0 / scene.value(1, "amplitude")?.value.sqrt();
    let middle = points.len() / 2;
    let (early, _) = line(&points[..=middle])?;
    let (late, _) = line(&points[middle..])?;
    let straight = 100.0 * explained >= settings.linear_explained_pct
        && early < 0.0
        && 100.0 * late / early
            >= settings.linear_second_half_pct + settings.linear_second_half_small_pct * small;
    (fall >= settings.linear_fall_pct && straight).then(|| {
        Finding::new(
            FindingCode::EnvelopeLinear,
            format!(
                "{fall:.1} % in all; a straight line explains {:.1} % of the variance",
                100.0 * explained
            ),
        )
    })
}

fn submaximal(scene: &Scene<'_>) -> Option<Finding> {
    if scene.train().kind != TrainKind::Low {
        return None;
    }
    together(scene).or_else(|| rising(scene))
}

fn together(scene: &Scene<'_>) -> Option<Finding> {
    let envelope = scene.envelope()?;
    if envelope.kinks().is_empty() || envelope.jump().is_some() {
        return None;
    }
    let latency: Vec<Point> = scene
        .shapes
        .iter()
        .map(|shape| (shape.ordinal, shape.delay_ms))
        .collect();
    let correlation = correlation(&bends(&envelope.points), &bends(&latency))?;
    (correlation <= scene.settings.submaximal_correlation).then(|| {
        Finding::new(
            FindingCode::Submaximal,
            format!("correlation of amplitude and latency {correlation:.2}"),
        )
    })
}

fn rising(scene: &Scene<'_>) -> Option<Finding> {
    let settings = scene.settings;
    if !scene.settled() {
        return None;
    }
    let areas: Vec<Point> = scene
        .shapes
        .iter()
        .map(|shape| {
            (
                shape.ordinal,
                shape.gain * (1.0 + shape.stretch_pct / 100.0),
            )
        })
        .collect();
    if areas.len() < super::DECIDING {
        return None;
    }
    let first = areas.first().filter(|first| first.0 == 1)?.1;
    let lowest = areas
        .iter()
        .map(|area| area.1)
        .fold(f64::INFINITY, f64::min);
    let last = areas.last()?.1;
    let rise = 100.0 * (last / lowest - 1.0);
    let fall = 100.0 * (1.0 - lowest / first);
    (rise >= settings.rising_pct && rise >= settings.rising_of_fall_pct / 100.0 * fall).then(|| {
        Finding::new(
            FindingCode::Submaximal,
            format!("the area rises by {rise:.1} % after a fall of {fall:.1} %"),
        )
    })
}
