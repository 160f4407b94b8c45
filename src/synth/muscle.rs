//! A muscle under its electrodes: fibre potentials, motor units, and their dispersed sum.
//!
//! Each class of fibres contributes `w · (1/c) · f((t − d)/(b·c))` with `f(z) = (3 z² − ρ z³) e^(−z)`, the first derivative of Rosenfalck's
//! intracellular potential `z³ e^(−z)` when ρ = 1. With a common `b·c` the sum over all classes that have begun is `e^(−z)` times a cubic
//! polynomial whose coefficients are running sums, so the signal can be had exactly at any time.

use super::endplate_model::{Impulse, State, firing_delay_ms, firing_probability};
use super::profile::{Endplates, Profile};
use super::{Purpose, stream};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, StandardNormal};
use statrs::distribution::{ContinuousCDF, Normal as NormalCdf};

/// Motor units in a simulated muscle.
const UNITS: usize = 90;
/// Classes of fibres in each motor unit.
const CLASSES_PER_UNIT: usize = 4;
/// How many fibres of the muscle the electrode sees: sets how much responses fluctuate because release is quantal.
const FIBRES_SEEN: f64 = 20_000.0;
/// Relative lengths of the fibre potentials of the classes of a unit.
const LENGTHS: [f64; CLASSES_PER_UNIT] = [0.9, 0.97, 1.03, 1.1];
/// No motor unit is this many standard deviations away from the mean latency.
const LATENCY_LIMIT: f64 = 2.2;

/// So long after its first action potential a fibre fires again, if its end-plate potential lasts, in ms. Chosen: the main negative phase is over.
const AGAIN_MS: f64 = 7.0;

/// What is typical of a muscle in healthy adults.
#[derive(Clone, Copy, Debug)]
struct Anatomy {
    name: &'static str,
    nerve: &'static str,
    /// Median negative-peak amplitude, mV.
    amplitude_mv: f64,
    /// Standard deviation over subjects of its logarithm.
    amplitude_spread: f64,
    /// Mean and standard deviation over subjects of the latency, ms.
    latency_ms: (f64, f64),
    /// Unit of time of a fibre potential, ms.
    length_ms: f64,
    /// Standard deviation over motor units of their latency, ms.
    dispersion_ms: f64,
}

const ANATOMIES: &[Anatomy] = &[
    Anatomy {
        name: "ADM",
        nerve: "ulnar",
        amplitude_mv: 9.2,
        amplitude_spread: 0.2,
        latency_ms: (2.0, 0.25),
        length_ms: 1.5,
        dispersion_ms: 0.7,
    },
    Anatomy {
        name: "APB",
        nerve: "median",
        amplitude_mv: 9.0,
        amplitude_spread: 0.25,
        latency_ms: (3.2, 0.3),
        length_ms: 1.55,
        dispersion_ms: 0.6,
    },
    Anatomy {
        name: "nasalis",
        nerve: "facial",
        amplitude_mv: 2.5,
        amplitude_spread: 0.25,
        latency_ms: (2.9, 0.3),
        length_ms: 1.25,
        dispersion_ms: 0.7,
    },
    Anatomy {
        name: "trapezius",
        nerve: "accessory",
        amplitude_mv: 8.5,
        amplitude_spread: 0.25,
        latency_ms: (2.0, 0.25),
        length_ms: 2.0,
        dispersion_ms: 0.9,
    },
    Anatomy {
        name: "anconeus",
        nerve: "radial",
        amplitude_mv: 6.0,
        amplitude_spread: 0.25,
        latency_ms: (2.6, 0.3),
        length_ms: 1.5,
        dispersion_ms: 0.6,
    },
    Anatomy {
        name: "EDB",
        nerve: "peroneal",
        amplitude_mv: 6.0,
        amplitude_spread: 0.3,
        latency_ms: (3.8, 0.4),
        length_ms: 1.4,
        dispersion_ms: 0.7,
    },
    Anatomy {
        name: "TA",
        nerve: "peroneal",
        amplitude_mv: 6.0,
        amplitude_spread: 0.25,
        latency_ms: (2.8, 0.4),
        length_ms: 2.2,
        dispersion_ms: 1.0,
    },
];

/// A response lasts no longer than this, in ms: the tail of the longest fibre potential (trapezius, tibialis anterior) is below 1 nV then.
pub(super) const RESPONSE_MS: f64 = 90.0;

#[derive(Clone, Copy, Debug)]
struct Class {
    weight_mv: f64,
    offset_ms: f64,
    safety: f64,
    length: usize,
    unit: usize,
}

/// A muscle of one subject under one channel.
#[derive(Clone, Debug)]
pub(super) struct Muscle {
    pub name: String,
    pub nerve: String,
    pub healthy_amplitude_mv: f64,
    pub safety: f64,
    pub latency_ms: f64,
    endplates: Endplates,
    length_ms: f64,
    asymmetry: f64,
    mean_safety: f64,
    classes: Vec<Class>,
    state: State,
}

/// Which motor units a stimulus reaches, and what happens to the signal on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    /// Part of the motor units that the stimulus excites, 0 to 1.
    pub recruited: f64,
    /// Factor by which the electrode sees less or more.
    pub gain: f64,
    /// Additional latency, ms.
    pub delay_ms: f64,
    /// Factor of the duration of the fibre potentials.
    pub stretch: f64,
}

impl Reach {
    pub const FULL: Self = Self {
        recruited: 1.0,
        gain: 1.0,
        delay_ms: 0.0,
        stretch: 1.0,
    };
}

impl Muscle {
    /// The muscle `name` of the subject with this seed; an unknown name gets the anatomy of the ADM.
    pub fn new(name: &str, profile: Profile, seed: u64, channel: usize) -> Self {
        let mut subject = stream(seed, Purpose::Subject, 0);
        let mut rng = stream(seed, Purpose::Muscle, channel);
        let anatomy = ANATOMIES
            .iter()
            .find(|anatomy| anatomy.name.eq_ignore_ascii_case(name))
            .unwrap_or(&ANATOMIES[0]);
        let mut endplates = profile.endplates();
        // What belongs to the subject is drawn from the subject's stream, so that all its muscles share it.
        endplates.safety *= (endplates.subject_spread * normal(&mut subject)).exp();
        endplates.speedup *= (endplates.speedup_spread * limited(&mut subject)).exp();
        let vary =
            |value: f64, spread: f64, rng: &mut ChaCha8Rng| value * (spread * limited(rng)).exp();
        let release = &mut endplates.release;
        release.probability = vary(release.probability, 0.06, &mut subject);
        release.augmentation = vary(release.augmentation, 0.3, &mut subject);
        release.mobilization = vary(release.mobilization, 0.2, &mut subject);
        release.exhaustion = vary(release.exhaustion, 0.3, &mut subject);
        endplates.safety_spread = vary(endplates.safety_spread, 0.06, &mut subject);
        endplates.safety *= (0.04 * normal(&mut rng)).exp();

        let healthy_amplitude_mv =
            anatomy.amplitude_mv * (anatomy.amplitude_spread * limited(&mut rng)).exp();
        let latency_ms = (anatomy.latency_ms.0 + anatomy.latency_ms.1 * limited(&mut rng)).max(1.0);
        let length_ms = anatomy.length_ms * (0.05 * limited(&mut rng)).exp();
        let dispersion_ms = anatomy.dispersion_ms * (0.15 * limited(&mut rng)).exp();
        let asymmetry = 0.92 + 0.03 * limited(&mut rng);
        let classes = classes(&endplates, dispersion_ms, &mut rng);
        let mean_safety =
            classes.iter().map(|class| class.safety).sum::<f64>() / classes.len() as f64;
        let mut muscle = Self {
            name: name.to_owned(),
            nerve: anatomy.nerve.to_owned(),
            healthy_amplitude_mv,
            safety: endplates.safety,
            latency_ms,
            state: State::rested(endplates.release),
            endplates,
            length_ms,
            asymmetry,
            mean_safety,
            classes,
        };
        muscle.scale_to(healthy_amplitude_mv);
        muscle
    }

    /// Scales the weights so that the response with every fibre firing at its best has the negative peak `amplitude_mv`.
    fn scale_to(&mut self, amplitude_mv: f64) {
        let fired: Vec<(Class, f64)> = self.classes.iter().map(|&class| (class, 1.0)).collect();
        let response = self.sum(&fired, 1.0, &Reach::FULL, f64::INFINITY);
        let peak = (0..4000)
            .map(|step| response.value(f64::from(step) * 0.01))
            .fold(0.0, f64::max);
        for class in &mut self.classes {
            class.weight_mv *= amplitude_mv / peak;
        }
    }

    /// A voluntary impulse: the end plates are used, nothing is recorded.
    pub fn use_at(&mut self, time_s: f64) {
        self.state.impulse(time_s);
    }

    /// The response to a stimulus at `time_s`.
    pub fn stimulate(&mut self, time_s: f64, reach: &Reach, rng: &mut ChaCha8Rng) -> Response {
        let Impulse { release, activity } = self.state.impulse(time_s);
        let per_class = FIBRES_SEEN / self.classes.len() as f64;
        let fired: Vec<(Class, f64)> = self
            .classes
            .iter()
            .map(|&class| {
                let chance: f64 = StandardNormal.sample(rng);
                let quanta = self.endplates.quanta * release * class.safety / self.mean_safety;
                let probability = firing_probability(class.safety * release, quanta);
                let sd = (probability * (1.0 - probability) / per_class).sqrt();
                let reached = (class.unit as f64 + 0.5) / UNITS as f64 <= reach.recruited;
                let part = if reached {
                    (probability + sd * chance).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                (class, part)
            })
            .collect();
        let slowness = 1.0 / (1.0 + self.endplates.speedup * activity);
        let mut response = self.sum(&fired, slowness, reach, release);
        let persistence = self.endplates.persistence;
        if persistence > 0.0 {
            response.again = self.again(&fired, release * persistence, slowness, reach, rng);
        }
        response
    }

    /// The second discharge of the fibres whose end-plate potential, by now `release` of a rested one, still exceeds their threshold.
    fn again(
        &self,
        fired: &[(Class, f64)],
        release: f64,
        slowness: f64,
        reach: &Reach,
        rng: &mut ChaCha8Rng,
    ) -> Vec<Group> {
        let per_class = FIBRES_SEEN / self.classes.len() as f64;
        let again: Vec<(Class, f64)> = fired
            .iter()
            .map(|&(class, part)| {
                let chance: f64 = StandardNormal.sample(rng);
                let quanta = self.endplates.quanta * release * class.safety / self.mean_safety;
                let probability = firing_probability(class.safety * release, quanta);
                let sd = (probability * (1.0 - probability) / per_class).sqrt();
                (class, part * (probability + sd * chance).clamp(0.0, 1.0))
            })
            .collect();
        let later = Reach {
            delay_ms: reach.delay_ms + AGAIN_MS,
            ..*reach
        };
        self.sum(&again, slowness, &later, release).groups
    }

    fn sum(&self, fired: &[(Class, f64)], slowness: f64, reach: &Reach, release: f64) -> Response {
        let latency_ms = self.latency_ms + reach.delay_ms;
        let groups = (0..CLASSES_PER_UNIT)
            .map(|length| {
                let scale_ms = self.length_ms * LENGTHS[length] * slowness * reach.stretch;
                let mut begun: Vec<(f64, f64)> = fired
                    .iter()
                    .filter(|(class, part)| class.length == length && *part > 0.0)
                    .map(|(class, part)| {
                        let delay =
                            class.offset_ms * slowness + firing_delay_ms(class.safety * release);
                        // A potential that is shorter by a factor is higher by it: its area stays.
                        (
                            (latency_ms + delay) / scale_ms,
                            class.weight_mv * part * reach.gain / slowness,
                        )
                    })
                    .collect();
                begun.sort_by(|a, b| a.0.total_cmp(&b.0));
                Group::new(scale_ms, self.asymmetry, &begun)
            })
            .collect();
        Response {
            groups,
            again: Vec::new(),
        }
    }
}

fn classes(endplates: &Endplates, dispersion_ms: f64, rng: &mut ChaCha8Rng) -> Vec<Class> {
    let count = UNITS * CLASSES_PER_UNIT;
    let mut ranks: Vec<usize> = (0..count).collect();
    ranks.shuffle(rng);
    let standard = NormalCdf::standard();
    let mut classes = Vec::with_capacity(count);
    for unit in 0..UNITS {
        let latency = LATENCY_LIMIT * dispersion_ms
            + dispersion_ms
                * standard
                    .inverse_cdf(((unit * 37 % UNITS) as f64 + 0.5) / UNITS as f64)
                    .clamp(-LATENCY_LIMIT, LATENCY_LIMIT);
        let size = (0.4 * limited(rng)).exp();
        for length in 0..CLASSES_PER_UNIT {
            let rank = ranks[unit * CLASSES_PER_UNIT + length];
            let quantile = standard.inverse_cdf((rank as f64 + 0.5) / count as f64);
            classes.push(Class {
                weight_mv: size * (0.3 * limited(rng)).exp(),
                offset_ms: latency + 0.25 * rng.random::<f64>(),
                safety: endplates.safety * (endplates.safety_spread * quantile).exp(),
                length,
                unit,
            });
        }
    }
    classes
}

/// A standard normal number.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A standard normal number that is kept within ±2, so that no subject is absurd.
fn limited(rng: &mut ChaCha8Rng) -> f64 {
    normal(rng).clamp(-2.0, 2.0)
}

/// The potential of a muscle after one stimulus; 0 before it begins.
#[derive(Clone, Debug)]
pub(super) struct Response {
    groups: Vec<Group>,
    /// Those that fire a second time.
    again: Vec<Group>,
}

impl Response {
    /// The potential in mV at `time_ms` after the stimulus, negative up.
    pub fn value(&self, time_ms: f64) -> f64 {
        let groups = self.groups.iter().chain(&self.again);
        groups.map(|group| group.value(time_ms)).sum()
    }

    /// The negative peak of the second discharge alone, in mV; `None` if there is none.
    pub fn repetitive_mv(&self) -> Option<f64> {
        /// The scan for the peak: step and number of steps.
        const SCAN: (f64, u32) = (0.02, 3000);
        let alone = |time_ms: f64| -> f64 { self.again.iter().map(|g| g.value(time_ms)).sum() };
        let peak = (0..SCAN.1)
            .map(|step| alone(f64::from(step) * SCAN.0))
            .fold(0.0, f64::max);
        (peak > 0.0).then_some(peak)
    }
}

/// The classes with one length of fibre potential, with running sums over those that have begun.
#[derive(Clone, Debug)]
struct Group {
    scale_ms: f64,
    asymmetry: f64,
    /// When the first class begins, in units of `scale_ms`.
    origin: f64,
    /// When each class begins after the first, in the same units.
    starts: Vec<f64>,
    /// Sums of `w e^y y^k` for k = 0..3 over the classes up to this one, `y` being their starts.
    sums: Vec<[f64; 4]>,
}

impl Group {
    fn new(scale_ms: f64, asymmetry: f64, begun: &[(f64, f64)]) -> Self {
        let origin = begun.first().map_or(0.0, |first| first.0);
        let mut total = [0.0; 4];
        let mut sums = Vec::with_capacity(begun.len());
        let mut starts = Vec::with_capacity(begun.len());
        for &(start, weight) in begun {
            let y = start - origin;
            let mut term = weight * y.exp();
            for sum in &mut total {
                *sum += term;
                term *= y;
            }
            starts.push(y);
            sums.push(total);
        }
        Self {
            scale_ms,
            asymmetry,
            origin,
            starts,
            sums,
        }
    }

    fn value(&self, time_ms: f64) -> f64 {
        let z = time_ms / self.scale_ms - self.origin;
        let begun = match self.starts.last() {
            // All have begun for most of the response: no search is needed.
            Some(&last) if last < z => self.starts.len(),
            _ if z <= 0.0 => return 0.0,
            _ => self.starts.partition_point(|&start| start < z),
        };
        let Some([s0, s1, s2, s3]) = begun.checked_sub(1).and_then(|last| self.sums.get(last))
        else {
            return 0.0;
        };
        let square = (s0 * z - 2.0 * s1) * z + s2;
        let cube = ((s0 * z - 3.0 * s1) * z + 3.0 * s2) * z - s3;
        (3.0 * square - self.asymmetry * cube) * (-z).exp()
    }
}

/// A normal distribution with mean 0; a deviation that is not finite or negative counts as 0.
pub(super) fn gaussian(sd: f64) -> Option<Normal<f64>> {
    (sd > 0.0).then(|| Normal::new(0.0, sd).ok()).flatten()
}
