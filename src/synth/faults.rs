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

/// What goes wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The electrode or the hand moves: from one response on the signal is smaller, later and longer, after a jolt of the baseline.
    Movement,
    /// The current is too low for all motor units and their number changes from stimulus to stimulus of the train.
    Submaximal,
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
    /// The amplifier's range is too small: the peaks lie on the rails.
    Saturation,
    /// From one response on the amplifier has half its gain and the file does not say so.
    GainChange,
    /// From one response on the electrode is off: only noise is recorded until the end of the train.
    ElectrodeOff,
    /// An involuntary twitch of the muscle falls on one response; the truth is of the response without it.
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

/// A fault and where it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The train, from 1; the first with three stimuli or more if it is not given, else the first.
    pub train: Option<usize>,
    /// The response in the train, from 1; the middle one if it is not given.
    pub response: Option<usize>,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self {
            kind,
            train: None,
            response: None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.id())?;
        match (self.train, self.response) {
            (None, None) => Ok(()),
            (Some(train), None) => write!(f, ":{train}"),
            (train, Some(response)) => write!(f, ":{}:{response}", train.unwrap_or(1)),
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    /// `movement`, `movement:2` (in the second train) or `movement:2:5` (from its fifth response).
    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.trim().split(':');
        let kind = parts.next().unwrap_or_default();
        let unknown = || {
            let known: Vec<_> = FaultKind::value_variants()
                .iter()
                .map(|kind| kind.id())
                .collect();
            Error::new(ErrorCode::Usage, format!("\"{text}\" is not a fault"))
                .at("fault")
                .advice(format!(
                    "KIND, KIND:TRAIN or KIND:TRAIN:RESPONSE with numbers from 1; KIND is one of {}",
                    known.join(", ")
                ))
        };
        let kind = FaultKind::from_str(kind.trim(), true).map_err(|_| unknown())?;
        let mut number = || -> Result<Option<usize>> {
            parts
                .next()
                .map(|part| match part.trim().parse() {
                    Ok(number) if number > 0 => Ok(number),
                    _ => Err(unknown()),
                })
                .transpose()
        };
        let fault = Self {
            kind,
            train: number()?,
            response: number()?,
        };
        if parts.next().is_some() {
            return Err(unknown());
        }
        Ok(fault)
    }
}

/// A fault with its train and response, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlacedFault {
    pub kind: FaultKind,
    pub train: usize,
    pub response: usize,
}

/// Where the faults happen, given the number of stimuli of each train; `None` for a fault whose train or response does not exist.
pub(super) fn place(fault: &Fault, stimuli: &[usize]) -> Option<PlacedFault> {
    let train = match fault.train {
        Some(number) => number - 1,
        None => stimuli.iter().position(|&count| count >= 3).unwrap_or(0),
    };
    let &count = stimuli.get(train)?;
    let response = match fault.response {
        Some(number) => number - 1,
        None => count / 2,
    };
    (response < count).then_some(PlacedFault {
        kind: fault.kind,
        train,
        response,
    })
}

/// What a movement leaves of the signal, how much later it comes and how much longer it lasts.
const MOVED: Reach = Reach {
    recruited: 1.0,
    gain: 0.72,
    delay_ms: 0.25,
    stretch: 1.08,
};

/// A submaximal stimulus excites this part of the motor units at least and at most.
const SUBMAXIMAL: (f64, f64) = (0.55, 0.95);

/// How a stimulus reaches the muscle under the faults.
pub(super) fn reach(faults: &[PlacedFault], seed: u64, train: usize, response: usize) -> Reach {
    let mut reach = Reach::FULL;
    for fault in faults.iter().filter(|fault| fault.train == train) {
        match fault.kind {
            FaultKind::Movement if response >= fault.response => {
                reach = Reach {
                    recruited: reach.recruited,
                    ..MOVED
                };
            }
            FaultKind::Submaximal => {
                let mut rng = stream(seed, Purpose::Fault, train * 10_007 + response);
                reach.recruited = rng.random_range(SUBMAXIMAL.0..SUBMAXIMAL.1);
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
        for text in ["movement", "missing-stimulus:2", "double-stimulus:1:5"] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_fault_that_does_not_exist_lists_those_that_do() {
        for text in ["", "dance", "movement:0", "movement:x", "movement:1:2:3"] {
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
}
