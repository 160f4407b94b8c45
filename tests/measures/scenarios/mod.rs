//! Simulated recordings on which each setting shows.

use endplate::recording::{Change, Correction, Mark, Point, Recording, Role, Samples, Target};
use endplate::synth::{Fault, FaultKind, Layout, Plan, Profile, StimulusRecord, simulate};
use endplate::units::{Milliseconds, Seconds};

fn made(change: impl FnOnce(&mut Plan)) -> Recording {
    let mut plan = Plan::default();
    change(&mut plan);
    simulate(&plan).recording
}

/// Recordings that differ in what a setting may act on.
pub fn all() -> Vec<Recording> {
    let mut noted =
        made(|plan| plan.protocol = "3Hz*3,exercise:10s,after:2s,3Hz*3".parse().unwrap());
    for mark in &mut noted.marks {
        // Only a laboratory's own spelling makes anything of these.
        mark.text = format!("note {}", mark.text);
    }
    noted.marks.push(Mark {
        time: Seconds(0.2),
        duration: None,
        text: "note at the start".into(),
        channel: None,
    });
    let mut stated =
        made(|plan| plan.protocol = "3Hz*5,exercise:10s,after:40s,3Hz*5".parse().unwrap());
    let last = stated
        .marks
        .iter()
        .rev()
        .nth(4)
        .map_or(0.0, |mark| mark.time.0);
    // Written a little after the first stimulus of the last train, and not the truth to the second.
    stated.marks.push(Mark {
        time: Seconds(last + 0.005),
        duration: None,
        text: "after exercise 65 s".into(),
        channel: None,
    });
    stated.marks.sort_by(|a, b| a.time.0.total_cmp(&b.time.0));
    vec![
        faulty(
            "3Hz*10,wait:60s,3Hz*10,wait:60s,3Hz*10,wait:60s,3Hz*10,wait:60s,3Hz*10,wait:60s,3Hz*10,wait:60s,30Hz*20",
            "movement:1:4:0.3 creeping-movement:2::0.5 first-response:3::0.4 submaximal:4::0.4 falling-recruitment:5::0.6 \
             rising-recruitment:6::0.5 gain-change:7:9:0.2",
            8.0,
        ),
        faulty(
            "3Hz*10,wait:60s,3Hz*10,exercise:20s,after:8s,3Hz*10",
            "passing-decrement:2::0.8 creeping-movement:3::0.6",
            30.0,
        ),
        faulty(
            "single,wait:5s,single,exercise:10s,after:2s,single",
            "rising-recruitment:2:1",
            5.0,
        ),
        stated,
        made(|_| {}),
        made(|plan| {
            plan.profile = Profile::Lems;
            plan.protocol = "standard".parse().unwrap();
            plan.noise_uv = 20.0;
        }),
        made(|plan| {
            plan.profile = Profile::MgSevere;
            plan.protocol =
                "3Hz*10,wait:10s,50Hz*20,wait:10s,30Hz*20,wait:10s,1.7Hz*4,wait:5s,10Hz*8"
                    .parse()
                    .unwrap();
            plan.layout = Layout::Continuous;
            plan.mains_uv = 60.0;
            plan.drift_uv = 200.0;
            plan.artefact_tail_mv = 0.6;
            plan.artefact_tail_ms = 1.5;
        }),
        made(|plan| {
            plan.layout = Layout::Continuous;
            plan.stimuli = StimulusRecord::Trigger;
            plan.faults = vec![FaultKind::Inverted.into(), FaultKind::DoubleStimulus.into()];
        }),
        made(|plan| {
            plan.layout = Layout::Continuous;
            plan.stimuli = StimulusRecord::Artefact;
            plan.jitter_us = 900.0;
            plan.faults = vec![Fault {
                kind: FaultKind::MissingStimulus,
                train: None,
                response: Some(5),
                size: None,
            }];
        }),
        made(|plan| {
            plan.rate_hz = 4800.0;
            plan.noise_uv = 60.0;
            plan.profile = Profile::Lems;
            plan.mains_uv = 30.0;
            plan.sweep_before_ms = 4.0;
            plan.sweep_after_ms = 30.0;
            plan.faults = vec![FaultKind::Saturation.into()];
        }),
        made(|plan| {
            plan.sweep_before_ms = 0.0;
            plan.jitter_us = 0.0;
            plan.artefact_tail_mv = 0.4;
            plan.artefact_tail_ms = 1.2;
        }),
        noted,
        made(|plan| {
            // Slow noise hides the small responses; drift moves the baseline.
            plan.profile = Profile::Lems;
            plan.coloured_noise_uv = 300.0;
            plan.drift_uv = 20_000.0;
        }),
        made(|plan| {
            plan.layout = Layout::Continuous;
            plan.stimuli = StimulusRecord::Artefact;
            plan.protocol = "single,wait:3s,exercise:10s,after:1s,30Hz*20,wait:2s,50Hz*20"
                .parse()
                .unwrap();
            plan.artefact_mv = 0.6;
            plan.noise_uv = 30.0;
        }),
        noisy_trigger(),
        made(|plan| {
            // A decrement with a small increment, a rate just outside a published range, an exercise that is too long to facilitate.
            plan.profile = Profile::LemsMild;
            plan.seed = 71;
            plan.protocol = "5.1Hz*10,wait:30s,single,wait:5s,exercise:10s,after:2s,single,wait:5min,3Hz*10,exercise:60s,after:2s,3Hz*10,\
                             after:150s,3Hz*10"
                .parse()
                .unwrap();
        }),
        made(|plan| {
            // A decrement at low and at high rate.
            plan.profile = Profile::MgSevere;
            plan.protocol = "3Hz*10,wait:60s,30Hz*30".parse().unwrap();
        }),
        made(|plan| {
            // A step in one train, swings in the next.
            plan.protocol = "3Hz*10,wait:5s,3Hz*10".parse().unwrap();
            plan.faults = vec![
                Fault {
                    kind: FaultKind::Movement,
                    train: Some(1),
                    response: Some(5),
                    size: None,
                },
                Fault {
                    kind: FaultKind::Submaximal,
                    train: Some(2),
                    response: None,
                    size: None,
                },
            ];
        }),
        made(|plan| {
            plan.profile = Profile::LemsMild;
            plan.protocol = "3Hz*10".parse().unwrap();
        }),
        made(|plan| {
            plan.profile = Profile::Pseudofacilitation;
            plan.protocol = "30Hz*30".parse().unwrap();
            // So much that the interval of the area reaches beyond 0.
            plan.noise_uv = 60.0;
        }),
        made(|plan| {
            plan.profile = Profile::SlowChannel;
            plan.muscles = vec!["nasalis".to_owned()];
            plan.protocol = "single,wait:3s,3Hz*2".parse().unwrap();
        }),
        fading(),
        by_hand(),
    ]
}

/// Faults of a size at which the checks of quality decide.
fn faulty(protocol: &str, faults: &str, noise_uv: f64) -> Recording {
    made(|plan| {
        plan.profile = Profile::Mg;
        plan.protocol = protocol.parse().unwrap();
        plan.noise_uv = noise_uv;
        plan.skin_temperature_c = Some(33.0);
        plan.faults = faults
            .split_whitespace()
            .map(|fault| fault.parse().unwrap())
            .collect();
    })
}

/// Ten responses that fall along a straight line.
fn fading() -> Recording {
    /// By so much of the first from each response to the next.
    const FALL: f64 = 0.016;
    let mut recording = made(|plan| plan.protocol = "3Hz*10".parse().unwrap());
    for channel in &mut recording.channels {
        for (number, segment) in channel.segments.iter_mut().enumerate() {
            let mut values = segment.samples.widen(0..usize::MAX).unwrap();
            let factor = 1.0 - FALL * number as f64;
            values.iter_mut().for_each(|value| *value *= factor);
            segment.samples = Samples::F64(values);
        }
    }
    recording
}

/// A response whose onset a reader placed.
fn by_hand() -> Recording {
    let mut recording = made(|plan| plan.protocol = "3Hz*5".parse().unwrap());
    recording.corrections.push(Correction {
        number: 1,
        file: "p07.endplate.toml".into(),
        by: "AB".into(),
        date: "2026-11-20".into(),
        reason: "seen on the screen".into(),
        channel: 0,
        target: Target::Response {
            train: 1,
            response: 1,
        },
        change: Change::Place(vec![(Point::Onset, Milliseconds(2.0))]),
    });
    recording
}

/// A trigger channel that picks up a disturbance of a tenth of its pulses.
fn noisy_trigger() -> Recording {
    let mut recording = made(|plan| {
        plan.layout = Layout::Continuous;
        plan.stimuli = StimulusRecord::Trigger;
    });
    for channel in &mut recording.channels {
        if channel.role != Role::Trigger {
            continue;
        }
        for segment in &mut channel.segments {
            let mut values = segment.samples.widen(0..usize::MAX).unwrap();
            let height = values
                .iter()
                .fold(0.0, |height: f64, value| height.max(value.abs()));
            for (index, value) in values.iter_mut().enumerate() {
                *value +=
                    0.1 * height * f64::from(u32::try_from(index * 7919 % 11).unwrap()) / 11.0;
            }
            segment.samples = Samples::F64(values);
        }
    }
    recording
}
