//! What goes wrong in a recording, on request.

use super::muscle::Reach;
use super::{Purpose, stream};
use crate::error::{Error, ErrorCode, Result};
use clap::ValueEnum;
use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What goes wrong. The numbers are those of size 1; a fault of size 0.5 is half of it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The electrode or the hand moves: from one response on the signal is 28 % smaller, later and longer, after a jolt of the baseline.
    Movement,
    /// The hand gives way slowly: the signal gets smaller by 28 % over the train, later and longer, in a straight line.
    CreepingMovement,
    /// The muscle is longer after the first twitch: the first response alone is 15 % higher and 6 % shorter.
    FirstResponse,
    /// The current is too low for all motor units and their number changes from stimulus to stimulus of the train, down to 55 %.
    Submaximal,
    /// The current is too low and reaches more and more motor units: 60 % at the first response, all at the last.
    RisingRecruitment,
    /// The current reaches fewer and fewer motor units: all at the first response, 60 % at the last.
    FallingRecruitment,
    /// In this train alone the responses fall by 20 % like those of a transmission defect.
    PassingDecrement,
    /// The intervals between the stimuli vary by up to 35 % of an interval.
    IrregularRate,
    /// The stimulator leaves one stimulus out: neither artefact, response nor mark.
    MissingStimulus,
    /// One stimulus is given but not marked.
    MissingMark,
    /// One stimulus is followed by another that does not belong to the train, halfway to the next one or 100 ms later at most.
    DoubleStimulus,
    /// A mark stands where no stimulus was given.
    SpuriousMark,
    /// The electrodes are exchanged, so that the negative phase is stored with negative numbers.
    Inverted,
    /// The amplifier's range is too small: the rails are at 80 % of the largest response.
    Saturation,
    /// From one response on the amplifier has half its gain and the file does not say so.
    GainChange,
    /// From one response on the electrode is off: only noise is recorded until the end of the train.
    ElectrodeOff,
    /// An involuntary twitch of the muscle, 1.5 mV, falls on one response; the truth is of the response without it.
    Twitch,
}

impl FaultKind {
    /// The name on the command line: `missing-stimulus`.
    pub fn id(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

/// A fault, where it happens and how large it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The train, from 1; the first with three stimuli or more if it is not given, else the first.
    pub train: Option<usize>,
    /// The response in the train, from 1; the middle one if it is not given.
    pub response: Option<usize>,
    /// How large it is, 1 if it is not given; a fault that happens or does not has no size.
    #[serde(default)]
    pub size: Option<f64>,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self {
            kind,
            train: None,
            response: None,
            size: None,
        }
    }
}

/// The largest size of a fault: beyond it nothing sensible is left of a response.
const LARGEST: f64 = 10.0;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.id())?;
        let number = |number: Option<usize>| number.map_or(String::new(), |n| n.to_string());
        let mut parts = vec![
            number(self.train),
            number(self.response),
            self.size.map_or(String::new(), |size| size.to_string()),
        ];
        while parts.pop_if(|part| part.is_empty()).is_some() {}
        parts.iter().try_for_each(|part| write!(f, ":{part}"))
    }
}

impl FromStr for Fault {
    type Err = Error;

    /// `movement`, `movement:2` (in the second train), `movement:2:5` (from its fifth response), `movement:2:5:0.2` (a fifth as large). A
    /// field may be empty: `movement:::0.2`.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            let known: Vec<_> = FaultKind::value_variants()
                .iter()
                .map(|kind| kind.id())
                .collect();
            Error::new(ErrorCode::Usage, format!("\"{text}\" is not a fault"))
                .at("fault")
                .advice(format!(
                    "KIND, KIND:TRAIN, KIND:TRAIN:RESPONSE or KIND:TRAIN:RESPONSE:SIZE with numbers from 1 and a size from 0 to {LARGEST}; KIND is one of {}",
                    known.join(", ")
                ))
        };
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let given = |index: usize| parts.get(index).filter(|part| !part.is_empty());
        let number = |index: usize| -> Result<Option<usize>> {
            given(index)
                .map(|part| match part.parse() {
                    Ok(number) if number > 0 => Ok(number),
                    _ => Err(unknown()),
                })
                .transpose()
        };
        let kind = given(0)
            .and_then(|kind| FaultKind::from_str(kind, true).ok())
            .ok_or_else(unknown)?;
        let size = given(3)
            .map(|part| match part.parse::<f64>() {
                Ok(size) if (0.0..=LARGEST).contains(&size) => Ok(size),
                _ => Err(unknown()),
            })
            .transpose()?;
        if parts.len() > 4 {
            return Err(unknown());
        }
        Ok(Self {
            kind,
            train: number(1)?,
            response: number(2)?,
            size,
        })
    }
}

/// A fault with its train and response, both from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlacedFault {
    pub kind: FaultKind,
    pub train: usize,
    pub response: usize,
    pub size: f64,
    /// How many stimuli the train has.
    pub stimuli: usize,
}

/// Where the faults happen, given the number of stimuli of each train; `None` for a fault whose train or response does not exist.
pub(super) fn place(fault: &Fault, stimuli: &[usize]) -> Option<PlacedFault> {
    let train = match fault.train {
        Some(number) => number.checked_sub(1)?,
        None => stimuli.iter().position(|&count| count >= 3).unwrap_or(0),
    };
    let &count = stimuli.get(train)?;
    let response = match (fault.kind, fault.response) {
        (FaultKind::FirstResponse, _) => 0,
        (_, Some(number)) => number.checked_sub(1)?,
        (_, None) => count / 2,
    };
    (response < count).then_some(PlacedFault {
        kind: fault.kind,
        train,
        response,
        size: fault.size.unwrap_or(1.0),
        stimuli: count,
    })
}

/// What a movement takes from the signal, how much later (ms) it comes and how much longer it lasts.
const MOVED: (f64, f64, f64) = (0.28, 0.25, 0.08);
/// How much higher and how much shorter the response of the shorter muscle is.
const SHORTER_MUSCLE: (f64, f64) = (0.15, 0.06);
/// A submaximal stimulus leaves out this part of the motor units at least and at most.
const LEFT_OUT: (f64, f64) = (0.05, 0.45);
/// Recruitment that rises or falls over a train ends or begins with this part of the motor units left out.
const LEFT_OUT_AT_THE_END: f64 = 0.4;
/// A stimulus that leaves out all motor units but one is this much later, in ms: near its threshold an axon fires later, and the current
/// reaches the nerve less far along.
const SUBMAXIMAL_DELAY_MS: f64 = 0.25;
/// How far a passing decrement falls, and over how many responses it does 63 % of that.
const PASSING: (f64, f64) = (0.2, 1.5);

impl PlacedFault {
    /// How much of a change that goes on in a straight line over the train has happened at a response.
    fn progress(&self, response: usize) -> f64 {
        response as f64 / self.stimuli.saturating_sub(1).max(1) as f64
    }

    fn moved(&self, part: f64, reach: &mut Reach) {
        let (loss, delay_ms, stretch) = MOVED;
        let part = part * self.size;
        reach.gain *= (1.0 - loss * part).max(0.0);
        reach.delay_ms += delay_ms * part;
        reach.stretch *= 1.0 + stretch * part;
    }

    fn left_out(&self, part: f64, reach: &mut Reach) {
        let part = (part * self.size).min(1.0);
        reach.recruited = reach.recruited.min(1.0 - part);
        reach.delay_ms += SUBMAXIMAL_DELAY_MS * part;
    }
}

/// How a stimulus reaches the muscle under the faults.
pub(super) fn reach(faults: &[PlacedFault], seed: u64, train: usize, response: usize) -> Reach {
    let mut reach = Reach::FULL;
    for fault in faults.iter().filter(|fault| fault.train == train) {
        match fault.kind {
            FaultKind::Movement if response >= fault.response => fault.moved(1.0, &mut reach),
            FaultKind::CreepingMovement => fault.moved(fault.progress(response), &mut reach),
            FaultKind::FirstResponse if response == 0 => {
                reach.gain *= 1.0 + SHORTER_MUSCLE.0 * fault.size;
                reach.stretch *= (1.0 - SHORTER_MUSCLE.1 * fault.size).max(0.1);
            }
            FaultKind::Submaximal => {
                let mut rng = stream(seed, Purpose::Fault, train * 10_007 + response);
                fault.left_out(rng.random_range(LEFT_OUT.0..LEFT_OUT.1), &mut reach);
            }
            FaultKind::RisingRecruitment => {
                let left = 1.0 - fault.progress(response);
                fault.left_out(LEFT_OUT_AT_THE_END * left, &mut reach);
            }
            FaultKind::FallingRecruitment => {
                fault.left_out(LEFT_OUT_AT_THE_END * fault.progress(response), &mut reach);
            }
            FaultKind::PassingDecrement => {
                let fallen = 1.0 - (-(response as f64) / PASSING.1).exp();
                reach.gain *= (1.0 - PASSING.0 * fault.size * fallen).max(0.0);
            }
            FaultKind::ElectrodeOff if response >= fault.response => reach.gain = 0.0,
            _ => {}
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for text in [
            "movement",
            "missing-stimulus:2",
            "double-stimulus:1:5",
            "movement:1:5:0.2",
            "movement:::0.2",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_fault_that_does_not_exist_lists_those_that_do() {
        for text in [
            "",
            "dance",
            "movement:0",
            "movement:x",
            "movement:1:2:-1",
            "movement:1:2:nan",
            "movement:1:2:3:4",
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("missing-stimulus"), "{error}");
        }
    }

    #[test]
    fn a_fault_without_a_place_takes_the_middle_of_the_first_train() {
        let fault = Fault::from(FaultKind::Movement);
        let placed = place(&fault, &[1, 10]).unwrap();
        assert_eq!((placed.train, placed.response), (1, 5));
        let far = Fault {
            train: Some(3),
            ..fault
        };
        assert_eq!(place(&far, &[1, 10]), None);
    }

    #[test]
    fn a_fault_of_half_the_size_takes_half_as_much() {
        let stimuli = [10];
        let of = |text: &str, response: usize| {
            let placed = place(&text.parse().unwrap(), &stimuli).unwrap();
            reach(&[placed], 1, 0, response)
        };
        assert!((of("movement:1:5", 4).gain - 0.72).abs() < 1e-12);
        assert!((of("movement:1:5:0.5", 4).gain - 0.86).abs() < 1e-12);
        assert_eq!(of("movement:1:5:0.5", 3), Reach::FULL);
        assert_eq!(of("movement:1:5:0", 9), Reach::FULL);
        assert!((of("creeping-movement", 9).gain - 0.72).abs() < 1e-12);
        assert!((of("falling-recruitment:::0.5", 9).recruited - 0.8).abs() < 1e-12);
        assert!((of("rising-recruitment:::0.5", 0).recruited - 0.8).abs() < 1e-12);
        assert!((of("first-response:1:7:2", 0).gain - 1.3).abs() < 1e-12);
        assert_eq!(of("first-response", 1), Reach::FULL);
    }
}
