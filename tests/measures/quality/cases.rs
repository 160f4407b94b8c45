//! The faults that must be found, each at sizes that change the decrement.

use endplate::finding::FindingCode::{self, *};
use endplate::recording::Recording;
use endplate::synth::{Plan, Profile};

/// One fault.
pub struct Case {
    pub name: &'static str,
    /// What is done.
    pub protocol: &'static str,
    /// Makes it go wrong; the number is between 0 and 1, evenly spread, and chooses the size.
    pub spoil: fn(&mut Plan, f64),
    /// What is changed in the file afterwards.
    pub edit: fn(&mut Recording),
    /// Any of these counts as found.
    pub family: &'static [FindingCode],
    /// Studies of these profiles must be found.
    pub profiles: &'static [Profile],
    /// Studies of these are counted too, but nothing is asked of them: see docs/methods/quality.md.
    pub hard: &'static [Profile],
    /// Whether only studies count whose decrement changes by 5 points or more.
    pub decrement: bool,
}

const ALL: &[Profile] = Profile::ALL;
/// Responses of 3 mV and more.
const LARGE: &[Profile] = &[
    Profile::Normal,
    Profile::MgMild,
    Profile::Mg,
    Profile::MgSevere,
    Profile::LemsMild,
    Profile::Pseudofacilitation,
];
/// Responses whose quantal scatter hides changes of 5 %.
const SMALL: &[Profile] = &[Profile::Lems, Profile::Botulism];
const NO_DECREMENT: &[Profile] = &[Profile::Normal, Profile::Pseudofacilitation];
const DECREMENT: &[Profile] = &[
    Profile::MgMild,
    Profile::Mg,
    Profile::MgSevere,
    Profile::LemsMild,
    Profile::Lems,
    Profile::Botulism,
];
const TRAIN: &str = "3Hz*10";
/// What an abrupt or creeping change of the signal raises.
const CHANGED: &[FindingCode] = &[
    EnvelopeStep,
    EnvelopeIrregular,
    EnvelopeLinear,
    FirstResponseOutlier,
    Submaximal,
    Movement,
    CreepingMovement,
];

fn fault(plan: &mut Plan, text: &str) {
    plan.faults.push(text.parse().unwrap());
}

/// From `low` to `high` as the number goes from 0 to 1.
fn size(part: f64, low: f64, high: f64) -> f64 {
    low + (high - low) * part
}

/// Response 2 to 5, another one for each size.
fn early(part: f64) -> usize {
    2 + (part * 1000.0) as usize % 4
}

fn untouched(_: &mut Recording) {}

const CASE: Case = Case {
    name: "",
    protocol: TRAIN,
    spoil: |_, _| {},
    edit: untouched,
    family: CHANGED,
    profiles: ALL,
    hard: &[],
    decrement: true,
};

pub static CASES: &[Case] = &[
    Case {
        name: "movement at response 2–5",
        spoil: |plan, part| {
            let text = format!("movement:1:{}:{}", early(part), size(part, 0.18, 1.0));
            fault(plan, &text);
        },
        profiles: LARGE,
        hard: SMALL,
        ..CASE
    },
    Case {
        name: "creeping movement",
        spoil: |plan, part| {
            fault(
                plan,
                &format!("creeping-movement:::{}", size(part, 0.4, 1.2)),
            )
        },
        ..CASE
    },
    Case {
        name: "first response (muscle length)",
        spoil: |plan, part| fault(plan, &format!("first-response:::{}", size(part, 0.35, 1.0))),
        profiles: LARGE,
        hard: SMALL,
        ..CASE
    },
    Case {
        name: "submaximal, irregular",
        spoil: |plan, part| fault(plan, &format!("submaximal:::{}", size(part, 0.2, 1.0))),
        profiles: LARGE,
        hard: SMALL,
        ..CASE
    },
    Case {
        name: "submaximal, rising",
        spoil: |plan, part| {
            fault(
                plan,
                &format!("rising-recruitment:::{}", size(part, 0.35, 1.0)),
            )
        },
        profiles: &[
            Profile::Normal,
            Profile::MgMild,
            Profile::Mg,
            Profile::Pseudofacilitation,
        ],
        hard: &[
            Profile::MgSevere,
            Profile::LemsMild,
            Profile::Lems,
            Profile::Botulism,
        ],
        ..CASE
    },
    Case {
        name: "submaximal, falling",
        spoil: |plan, part| {
            fault(
                plan,
                &format!("falling-recruitment:::{}", size(part, 0.35, 1.0)),
            )
        },
        profiles: NO_DECREMENT,
        hard: DECREMENT,
        ..CASE
    },
    Case {
        name: "decrement in one of two trains",
        protocol: "3Hz*10,wait:60s,3Hz*10",
        spoil: |plan, part| {
            fault(
                plan,
                &format!("passing-decrement:1::{}", size(part, 0.45, 1.2)),
            )
        },
        family: &[DecrementNotReproduced],
        profiles: LARGE,
        hard: SMALL,
        ..CASE
    },
    Case {
        name: "gain change at response 2–5",
        spoil: |plan, part| {
            // From response 2 on it cannot be told from a decrement that falls at once.
            let text = format!(
                "gain-change:1:{}:{}",
                early(part).max(3),
                size(part, 0.12, 1.0)
            );
            fault(plan, &text);
        },
        profiles: LARGE,
        hard: SMALL,
        ..CASE
    },
    Case {
        name: "electrode off from response 2–5 on",
        spoil: |plan, part| fault(plan, &format!("electrode-off:1:{}", early(part))),
        family: &[ResponsesNotMeasured],
        ..CASE
    },
    Case {
        name: "twitch on response 1–5",
        spoil: |plan, part| {
            let text = format!("twitch:1:{}:{}", early(part) - 1, size(part, 0.2, 2.0));
            fault(plan, &text);
        },
        ..CASE
    },
    Case {
        name: "stimulus 2–5 missing",
        spoil: |plan, part| fault(plan, &format!("missing-stimulus:1:{}", early(part))),
        family: &[MissingStimulus],
        ..CASE
    },
    Case {
        name: "mark 2–5 missing",
        spoil: |plan, part| fault(plan, &format!("missing-mark:1:{}", early(part))),
        family: &[MissingStimulus],
        ..CASE
    },
    Case {
        name: "additional stimulus after 1–4",
        spoil: |plan, part| fault(plan, &format!("double-stimulus:1:{}", early(part) - 1)),
        family: &[ExtraStimulus],
        ..CASE
    },
    Case {
        name: "saturation",
        spoil: |plan, part| fault(plan, &format!("saturation:::{}", size(part, 0.2, 2.0))),
        family: &[Saturated, ResponsesNotMeasured],
        ..CASE
    },
    Case {
        name: "irregular rate",
        spoil: |plan, part| fault(plan, &format!("irregular-rate:::{}", size(part, 0.5, 1.2))),
        family: &[IrregularRate, MissingStimulus, ExtraStimulus],
        decrement: false,
        ..CASE
    },
    Case {
        name: "noise 100–1000 µV",
        spoil: |plan, part| plan.noise_uv = 100.0 * 10.0_f64.powf(part),
        family: &[
            NoiseHigh,
            IntervalWide,
            ResponsesNotMeasured,
            EnvelopeIrregular,
            EnvelopeStep,
        ],
        ..CASE
    },
    Case {
        name: "mains 1–10 mV, short sweeps",
        spoil: |plan, part| {
            plan.mains_uv = 1000.0 * 10.0_f64.powf(part);
            plan.sweep_before_ms = 5.0;
            plan.sweep_after_ms = 30.0;
        },
        family: &[MainsHum, MainsLeft, NoiseHigh, ResponsesNotMeasured],
        ..CASE
    },
    Case {
        name: "drift 50–500 mV",
        spoil: |plan, part| {
            plan.drift_uv = 50_000.0 * 10.0_f64.powf(part);
            plan.bits = 24;
        },
        family: &[BaselineDrift, NoiseHigh, ResponsesNotMeasured],
        ..CASE
    },
    Case {
        name: "artefact tail 2–20 mV, alternating",
        spoil: |plan, part| {
            plan.artefact_tail_mv = 2.0 * 10.0_f64.powf(part);
            plan.artefact_tail_ms = 3.0;
            plan.artefact_alternates = true;
        },
        family: &[
            ArtefactLeft,
            EnvelopeIrregular,
            ResponsesNotMeasured,
            Movement,
            CreepingMovement,
        ],
        ..CASE
    },
    Case {
        name: "rate contradicts the label",
        edit: |recording| {
            for mark in &mut recording.marks {
                mark.text = mark.text.replace("3Hz", "2Hz");
            }
        },
        family: &[RateContradicted],
        decrement: false,
        ..CASE
    },
    Case {
        name: "10 Hz",
        protocol: "10Hz*10",
        family: &[RateUnusual],
        decrement: false,
        ..CASE
    },
    Case {
        name: "four stimuli",
        protocol: "3Hz*4",
        family: &[TrainShort],
        decrement: false,
        ..CASE
    },
    Case {
        name: "exercise of 20 s",
        protocol: "single,exercise:20s,after:2s,single",
        family: &[ExerciseLengthUnusual],
        decrement: false,
        ..CASE
    },
    Case {
        name: "12 s after exercise",
        protocol: "single,exercise:10s,after:12s,single",
        family: &[ExerciseDelayLong],
        decrement: false,
        ..CASE
    },
    Case {
        name: "temperature not written down",
        spoil: |plan, _| plan.skin_temperature_c = None,
        family: &[TemperatureUnknown],
        decrement: false,
        ..CASE
    },
    Case {
        name: "skin at 30 °C",
        spoil: |plan, _| plan.skin_temperature_c = Some(30.0),
        family: &[TemperatureLow],
        decrement: false,
        ..CASE
    },
];
