//! Release of transmitter at a motor nerve terminal, and whether the fibre fires.
//!
//! Equations, parameters and their sources: `docs/methods/simulation.md`.

use statrs::function::erf::erfc;

/// How the release of an end plate follows its activity. Times in seconds; increments per impulse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Release {
    /// Probability of release of an available quantum by one impulse after rest.
    pub probability: f64,
    /// Which part of the released quanta is missing from the store at the next impulse.
    pub depletion: f64,
    /// Time constant of refill at rest.
    pub refill_s: f64,
    /// Refill by residual calcium: additional rate per second at the square of residual calcium.
    pub refill_by_calcium: f64,
    /// By how much each impulse speeds up the refill (mobilization), relative to rest.
    pub mobilization: f64,
    /// The limit of mobilization.
    pub mobilization_max: f64,
    /// Time constant with which mobilization decays.
    pub mobilization_decay_s: f64,
    /// Time constant with which residual calcium, and so facilitation, decays.
    pub facilitation_decay_s: f64,
    /// Relative gain of release per unit of residual calcium.
    pub facilitation: f64,
    /// Relative gain of release by augmentation per impulse.
    pub augmentation: f64,
    /// The limit of augmentation.
    pub augmentation_max: f64,
    /// Time constant with which augmentation decays.
    pub augmentation_decay_s: f64,
    /// Relative gain of release by potentiation per impulse.
    pub potentiation: f64,
    /// The limit of potentiation.
    pub potentiation_max: f64,
    /// Time constant with which potentiation decays.
    pub potentiation_decay_s: f64,
    /// Residual calcium at which augmentation and potentiation grow at half their speed.
    pub calcium_half: f64,
    /// Exhaustion per impulse, as a logarithm of release.
    pub exhaustion: f64,
    /// Time constant with which exhaustion appears.
    pub exhaustion_rise_s: f64,
    /// Time constant with which exhaustion goes.
    pub exhaustion_decay_s: f64,
}

impl Release {
    /// A healthy end plate.
    pub const NORMAL: Self = Self {
        probability: 0.19,
        depletion: 1.0,
        refill_s: 5.0,
        refill_by_calcium: 0.6,
        mobilization: 1.8,
        mobilization_max: 6.0,
        mobilization_decay_s: 8.0,
        facilitation_decay_s: 0.15,
        facilitation: 0.1,
        augmentation: 0.006,
        augmentation_max: 0.6,
        augmentation_decay_s: 8.0,
        potentiation: 0.0012,
        potentiation_max: 0.4,
        potentiation_decay_s: 30.0,
        calcium_half: 1.5,
        exhaustion: 0.0003,
        exhaustion_rise_s: 90.0,
        exhaustion_decay_s: 300.0,
    };
}

/// How much of the residual calcium of the impulses before an impulse adds to: it saturates at ten impulses' worth.
const CALCIUM_SATURATION: f64 = 0.1;

/// Part of full activity that one impulse adds to the speed-up of muscle-fibre conduction.
const SPEEDUP_PER_IMPULSE: f64 = 0.03;

/// Time constant with which the speed-up of conduction goes, in seconds.
const SPEEDUP_DECAY_S: f64 = 8.0;

/// The state of the end plates of a muscle, from impulse to impulse.
#[derive(Clone, Debug)]
pub(super) struct State {
    release: Release,
    time: Option<f64>,
    store: f64,
    calcium: f64,
    augmentation: f64,
    potentiation: f64,
    mobilization: f64,
    exhaustion_source: f64,
    exhaustion: f64,
    activity: f64,
}

/// What one impulse does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Impulse {
    /// Quantal content relative to the rested end plate.
    pub release: f64,
    /// Activity of the muscle fibres, 0 at rest, 1 at most.
    pub activity: f64,
}

impl State {
    /// A rested end plate.
    pub fn rested(release: Release) -> Self {
        Self {
            release,
            time: None,
            store: 1.0,
            calcium: 0.0,
            augmentation: 0.0,
            potentiation: 0.0,
            mobilization: 0.0,
            exhaustion_source: 0.0,
            exhaustion: 0.0,
            activity: 0.0,
        }
    }

    /// An impulse at `time` (s), not before the last one.
    pub fn impulse(&mut self, time: f64) -> Impulse {
        self.wait_until(time);
        let model = self.release;
        let gain = (1.0 + model.facilitation * self.calcium)
            * (1.0 + self.augmentation)
            * (1.0 + self.potentiation);
        // Each of `gain` trials releases a quantum with the rested probability, so that probability never passes 1.
        let probability = 1.0 - (1.0 - model.probability).powf(gain);
        let impulse = Impulse {
            release: self.store * probability / model.probability * (-self.exhaustion).exp(),
            activity: self.activity,
        };
        self.store -= model.depletion * self.store * probability;
        let drive = self.calcium / (self.calcium + model.calcium_half);
        let grow = |state: f64, step: f64, limit: f64| {
            if limit > 0.0 {
                state + step * (1.0 - state / limit)
            } else {
                state
            }
        };
        self.augmentation = grow(
            self.augmentation,
            model.augmentation * drive,
            model.augmentation_max,
        );
        self.potentiation = grow(
            self.potentiation,
            model.potentiation * drive,
            model.potentiation_max,
        );
        self.mobilization = grow(
            self.mobilization,
            model.mobilization,
            model.mobilization_max,
        );
        self.exhaustion_source += model.exhaustion * drive;
        self.calcium += 1.0 - CALCIUM_SATURATION * self.calcium;
        self.activity += SPEEDUP_PER_IMPULSE * (1.0 - self.activity);
        impulse
    }

    fn wait_until(&mut self, time: f64) {
        let model = self.release;
        let wait = self.time.map_or(0.0, |before| (time - before).max(0.0));
        self.time = Some(time);
        if wait == 0.0 {
            return;
        }
        let left = |constant_s: f64| (-wait / constant_s).exp();
        let calcium_left = left(model.facilitation_decay_s);
        // The integral over the wait of the refill rate, whose calcium part decays with the square of calcium.
        let refill = (1.0 + self.mobilization) * wait / model.refill_s
            + model.refill_by_calcium
                * self.calcium.powi(2)
                * (model.facilitation_decay_s / 2.0)
                * (1.0 - calcium_left.powi(2));
        self.store = 1.0 - (1.0 - self.store) * (-refill).exp();
        self.calcium *= calcium_left;
        self.augmentation *= left(model.augmentation_decay_s);
        self.potentiation *= left(model.potentiation_decay_s);
        self.mobilization *= left(model.mobilization_decay_s);
        let appeared = self.exhaustion_source * (1.0 - left(model.exhaustion_rise_s));
        self.exhaustion_source -= appeared;
        self.exhaustion = self.exhaustion * left(model.exhaustion_decay_s) + appeared;
        self.activity *= left(SPEEDUP_DECAY_S);
    }
}

/// Variance of the size of a quantum relative to the square of its mean, added to the 1 of Poisson release.
const QUANTAL_VARIANCE: f64 = 1.1;

/// The probability that a fibre fires whose mean end-plate potential is `safety` thresholds and consists of `quanta` quanta.
pub(super) fn firing_probability(safety: f64, quanta: f64) -> f64 {
    let sd = safety * (QUANTAL_VARIANCE / quanta.max(f64::MIN_POSITIVE)).sqrt();
    if sd <= 0.0 {
        return 0.0;
    }
    0.5 * erfc((1.0 - safety) / (sd * std::f64::consts::SQRT_2))
}

/// Rise of the end-plate potential, in ms: sets how much later a fibre fires near its threshold.
const RISE_MS: f64 = 0.4;

/// An end-plate potential that fires at all is taken to pass the threshold by this factor at least.
const LEAST_EXCESS: f64 = 1.08;

/// From the arrival of the impulse to the action potential, in ms, for an end-plate potential that rises as `1 − exp(−(t/τ)²)`.
pub(super) fn firing_delay_ms(safety: f64) -> f64 {
    let excess = safety.max(LEAST_EXCESS);
    RISE_MS * (-(1.0 - 1.0 / excess).ln()).sqrt()
}
