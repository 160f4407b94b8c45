//! Profiles: which end plates a simulated subject has, and how much subjects differ.
//!
//! The meaning, the source and the tuning of each number stand in `docs/methods/simulation.md`.

use super::endplate_model::Release;
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the subject of a simulated study has.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Healthy neuromuscular transmission.
    #[default]
    Normal,
    /// Mild myasthenia gravis: decrement of about 9 % at 3 Hz.
    MgMild,
    /// Myasthenia gravis: decrement of about 16 % at 3 Hz.
    Mg,
    /// Severe myasthenia gravis: decrement of about 30 % at 3 Hz.
    MgSevere,
    /// Lambert-Eaton syndrome: 0.3 to 3 mV, large increment.
    Lems,
    /// Mild Lambert-Eaton syndrome: 3 to 9 mV, small increment.
    LemsMild,
    /// Botulism: 1 to 5 mV, moderate increment that lasts for minutes.
    Botulism,
    /// Healthy transmission whose responses grow higher and shorter, with the same area, when the nerve is stimulated fast.
    Pseudofacilitation,
    /// A slow-channel syndrome or cholinesterase inhibition: a second, smaller response after a single shock, and a decrement.
    SlowChannel,
}

impl Profile {
    /// All profiles, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::Normal,
        Self::MgMild,
        Self::Mg,
        Self::MgSevere,
        Self::Lems,
        Self::LemsMild,
        Self::Botulism,
        Self::Pseudofacilitation,
        Self::SlowChannel,
    ];

    /// The name on the command line: `lems-mild`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::MgMild => "mg-mild",
            Self::Mg => "mg",
            Self::MgSevere => "mg-severe",
            Self::Lems => "lems",
            Self::LemsMild => "lems-mild",
            Self::Botulism => "botulism",
            Self::Pseudofacilitation => "pseudofacilitation",
            Self::SlowChannel => "slow-channel",
        }
    }

    /// The parameters of the profile.
    pub(super) fn endplates(self) -> Endplates {
        let normal = Endplates {
            release: Release::NORMAL,
            quanta: 60.0,
            safety: 5.0,
            safety_spread: 0.35,
            subject_spread: 0.08,
            speedup: 0.07,
            speedup_spread: 0.25,
            persistence: 0.0,
        };
        let lems = Release {
            probability: 0.045,
            depletion: 0.6,
            facilitation: 0.012,
            augmentation: 0.045,
            augmentation_max: 0.9,
            potentiation: 0.001,
            potentiation_max: 0.2,
            mobilization: 0.1,
            exhaustion: 0.0001,
            ..Release::NORMAL
        };
        match self {
            Self::Normal => normal,
            Self::MgMild => Endplates {
                quanta: 50.0,
                safety: 2.15,
                subject_spread: 0.12,
                safety_spread: 0.4,
                ..normal
            },
            Self::Mg => Endplates {
                quanta: 50.0,
                safety: 1.7,
                subject_spread: 0.11,
                safety_spread: 0.46,
                ..normal
            },
            Self::MgSevere => Endplates {
                quanta: 50.0,
                safety: 1.38,
                subject_spread: 0.15,
                safety_spread: 0.5,
                ..normal
            },
            Self::Lems => Endplates {
                release: lems,
                quanta: 8.0,
                safety: 0.5,
                safety_spread: 0.5,
                subject_spread: 0.15,
                ..normal
            },
            Self::LemsMild => Endplates {
                release: Release {
                    probability: 0.06,
                    augmentation: 0.024,
                    augmentation_max: 0.6,
                    depletion: 0.8,
                    ..lems
                },
                quanta: 14.0,
                safety: 1.08,
                safety_spread: 0.5,
                subject_spread: 0.06,
                ..normal
            },
            Self::Botulism => Endplates {
                release: Release {
                    probability: 0.04,
                    depletion: 0.5,
                    facilitation: 0.04,
                    augmentation: 0.006,
                    augmentation_max: 0.25,
                    potentiation: 0.0012,
                    potentiation_max: 0.22,
                    potentiation_decay_s: 300.0,
                    exhaustion: 0.0,
                    ..lems
                },
                quanta: 10.0,
                safety: 0.64,
                safety_spread: 0.5,
                subject_spread: 0.15,
                ..normal
            },
            Self::Pseudofacilitation => Endplates {
                speedup: 0.43,
                speedup_spread: 0.12,
                ..normal
            },
            Self::SlowChannel => Endplates {
                quanta: 50.0,
                safety: 2.0,
                safety_spread: 0.4,
                subject_spread: 0.08,
                persistence: 0.45,
                ..normal
            },
        }
    }
}

/// The end plates of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Endplates {
    /// How release follows activity.
    pub release: Release,
    /// Mean quantal content of a rested end plate.
    pub quanta: f64,
    /// Median over fibres of the rested end-plate potential, in units of the threshold.
    pub safety: f64,
    /// Standard deviation over fibres of the natural logarithm of the safety factor.
    pub safety_spread: f64,
    /// Standard deviation over subjects of the natural logarithm of the median safety factor.
    pub subject_spread: f64,
    /// By which fraction the conduction of muscle fibres is faster when activity is at its height.
    pub speedup: f64,
    /// Standard deviation over subjects of the natural logarithm of the speed-up.
    pub speedup_spread: f64,
    /// Which part of the end-plate potential is left when the fibre can fire again; 0 where it is over by then.
    pub persistence: f64,
}
