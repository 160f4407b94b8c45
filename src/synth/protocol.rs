//! What is done to the nerve and the muscle, and when.

use crate::error::{Error, ErrorCode, Result};
use std::fmt;
use std::str::FromStr;

/// Steps in order of time, written as a comma list: `3Hz*10,exercise:10s,after:2s,single`.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step of a protocol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Stimuli at a rate: `3Hz*10`; one alone is `single`.
    Train {
        /// Stimuli per second.
        rate_hz: f64,
        /// How many.
        stimuli: usize,
    },
    /// The muscle is contracted voluntarily: `exercise:10s`.
    Exercise {
        /// How long, in seconds.
        length_s: f64,
    },
    /// A pause: `wait:30s`.
    Wait {
        /// How long, in seconds.
        length_s: f64,
    },
    /// A pause until this long after the end of the last exercise: `after:1min`.
    After {
        /// Seconds after the end of the exercise.
        delay_s: f64,
    },
}

/// A protocol that has a name.
pub struct NamedProtocol {
    /// The name: `standard`.
    pub name: &'static str,
    /// Its steps.
    pub steps: &'static str,
    /// What it is for.
    pub purpose: &'static str,
}

/// The protocols that have a name.
pub static NAMED: &[NamedProtocol] = &[
    NamedProtocol {
        name: "standard",
        steps: "3Hz*10,wait:30s,single,wait:3s,exercise:10s,after:2s,single,after:60s,single,wait:60s,exercise:60s,after:2s,3Hz*10,\
                after:1min,3Hz*10,after:2min,3Hz*10,after:3min,3Hz*10,after:4min,3Hz*10,wait:5min,30Hz*30",
        purpose: "3 Hz at rest; single shocks before, after and 1 min after 10 s of exercise; 3 Hz 0 to 4 min after 60 s; 30 Hz for 1 s",
    },
    NamedProtocol {
        name: "rest",
        steps: "3Hz*10",
        purpose: "ten stimuli at 3 Hz",
    },
    NamedProtocol {
        name: "low",
        steps: "2Hz*10,wait:60s,3Hz*10,wait:60s,5Hz*10",
        purpose: "ten stimuli each at 2, 3 and 5 Hz",
    },
    NamedProtocol {
        name: "high",
        steps: "20Hz*20,wait:2min,30Hz*30,wait:2min,50Hz*50",
        purpose: "1 s each at 20, 30 and 50 Hz",
    },
    NamedProtocol {
        name: "exercise",
        steps: "single,wait:5s,exercise:10s,after:2s,single,after:60s,single",
        purpose: "single shocks before, after and 1 min after 10 s of exercise",
    },
    NamedProtocol {
        name: "single",
        steps: "single",
        purpose: "one shock",
    },
];

/// From the start of the recording to the first step, in seconds.
const LEAD_S: f64 = 1.0;
/// Between two steps that no pause separates, in seconds.
const PAUSE_S: f64 = 2.0;
/// The longest train or exercise that is simulated, so that a slip of the pen does not fill the memory.
const MAX_STIMULI: usize = 10_000;
const MAX_SECONDS: f64 = 3600.0;
const MAX_RATE_HZ: f64 = 100.0;

impl Default for Protocol {
    /// Ten stimuli at 3 Hz.
    fn default() -> Self {
        Self {
            steps: vec![Step::Train {
                rate_hz: 3.0,
                stimuli: 10,
            }],
        }
    }
}

impl FromStr for Protocol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let steps = NAMED
            .iter()
            .find(|named| named.name.eq_ignore_ascii_case(text))
            .map_or(text, |named| named.steps);
        let steps = steps.split(',').map(step).collect::<Result<Vec<_>>>()?;
        let mut exercised = false;
        for step in &steps {
            match step {
                Step::Exercise { .. } => exercised = true,
                Step::After { .. } if !exercised => {
                    return Err(wrong("\"after\" comes before any exercise".to_owned()));
                }
                _ => {}
            }
        }
        if !steps.iter().any(|step| matches!(step, Step::Train { .. })) {
            return Err(wrong("the protocol has no stimulus".to_owned()));
        }
        Ok(Self { steps })
    }
}

fn wrong(message: String) -> Error {
    let names: Vec<_> = NAMED.iter().map(|named| named.name).collect();
    Error::new(ErrorCode::Usage, message)
        .at("protocol")
        .advice(format!(
            "one of {} or a list such as 3Hz*10,wait:30s,single,exercise:10s,after:2s,single",
            names.join(", ")
        ))
}

fn step(text: &str) -> Result<Step> {
    let text = text.trim();
    let unknown = || wrong(format!("\"{text}\" is not a step"));
    if text.eq_ignore_ascii_case("single") {
        return Ok(Step::Train {
            rate_hz: 1.0,
            stimuli: 1,
        });
    }
    if let Some((word, length)) = text.split_once(':') {
        let length_s = seconds(length).ok_or_else(unknown)?;
        return match word.trim().to_ascii_lowercase().as_str() {
            "exercise" => Ok(Step::Exercise { length_s }),
            "wait" => Ok(Step::Wait { length_s }),
            "after" => Ok(Step::After { delay_s: length_s }),
            _ => Err(unknown()),
        };
    }
    let (rate, stimuli) = text.split_once('*').ok_or_else(unknown)?;
    let rate = rate.trim().to_ascii_lowercase();
    let rate_hz: f64 = rate
        .strip_suffix("hz")
        .unwrap_or(&rate)
        .trim()
        .parse()
        .map_err(|_| unknown())?;
    let stimuli: usize = stimuli.trim().parse().map_err(|_| unknown())?;
    if !(rate_hz > 0.0 && rate_hz <= MAX_RATE_HZ) || stimuli == 0 || stimuli > MAX_STIMULI {
        return Err(wrong(format!(
            "\"{text}\": expected 1 to {MAX_STIMULI} stimuli at a rate above 0 and up to {MAX_RATE_HZ} Hz"
        )));
    }
    Ok(Step::Train { rate_hz, stimuli })
}

fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (number, unit_s) = if let Some(number) = text.strip_suffix("min") {
        (number, 60.0)
    } else {
        (text.strip_suffix('s').unwrap_or(&text), 1.0)
    };
    let value = number.trim().parse::<f64>().ok()? * unit_s;
    (0.0..=MAX_SECONDS).contains(&value).then_some(value)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Train { stimuli: 1, .. } => f.write_str("single"),
            Self::Train { rate_hz, stimuli } => write!(f, "{rate_hz}Hz*{stimuli}"),
            Self::Exercise { length_s } => write!(f, "exercise:{length_s}s"),
            Self::Wait { length_s } => write!(f, "wait:{length_s}s"),
            Self::After { delay_s } => write!(f, "after:{delay_s}s"),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

/// The steps at their times.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    pub trains: Vec<ScheduledTrain>,
    pub exercises: Vec<ScheduledExercise>,
    pub end_s: f64,
}

/// A train at its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ScheduledTrain {
    pub start_s: f64,
    pub rate_hz: f64,
    pub stimuli: usize,
    /// The last exercise before it.
    pub exercise: Option<usize>,
}

/// A voluntary contraction at its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ScheduledExercise {
    pub start_s: f64,
    pub length_s: f64,
}

impl ScheduledExercise {
    pub fn end_s(&self) -> f64 {
        self.start_s + self.length_s
    }
}

impl Protocol {
    pub(super) fn schedule(&self) -> Schedule {
        let mut schedule = Schedule {
            trains: Vec::new(),
            exercises: Vec::new(),
            end_s: LEAD_S,
        };
        let mut now = LEAD_S;
        // Whether something was done since the last pause.
        let mut busy = false;
        for step in &self.steps {
            match *step {
                Step::Wait { length_s } => {
                    now += length_s;
                    busy = false;
                    continue;
                }
                Step::After { delay_s } => {
                    // The clock cannot go back: a time that has passed already means now.
                    if let Some(exercise) = schedule.exercises.last() {
                        now = now.max(exercise.end_s() + delay_s);
                    }
                    busy = false;
                    continue;
                }
                _ if busy => now += PAUSE_S,
                _ => {}
            }
            match *step {
                Step::Train { rate_hz, stimuli } => {
                    schedule.trains.push(ScheduledTrain {
                        start_s: now,
                        rate_hz,
                        stimuli,
                        exercise: schedule.exercises.len().checked_sub(1),
                    });
                    now += (stimuli - 1) as f64 / rate_hz;
                }
                Step::Exercise { length_s } => {
                    schedule.exercises.push(ScheduledExercise {
                        start_s: now,
                        length_s,
                    });
                    now += length_s;
                }
                Step::Wait { .. } | Step::After { .. } => {}
            }
            busy = true;
            schedule.end_s = now;
        }
        schedule
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_read_as_it_is_written() {
        let text = "3Hz*10,wait:30s,single,exercise:10s,after:60s,30Hz*30";
        let protocol: Protocol = text.parse().unwrap();
        assert_eq!(protocol.to_string(), text);
        assert_eq!(protocol.steps[4], Step::After { delay_s: 60.0 });
    }

    #[test]
    fn every_named_protocol_is_a_protocol() {
        for named in NAMED {
            let protocol: Protocol = named.name.parse().unwrap();
            assert!(!protocol.schedule().trains.is_empty(), "{}", named.name);
        }
    }

    #[test]
    fn after_counts_from_the_end_of_the_exercise() {
        let protocol: Protocol = "single,exercise:10s,after:2s,single,after:60s,single"
            .parse()
            .unwrap();
        let schedule = protocol.schedule();
        let end = schedule.exercises[0].end_s();
        assert_eq!(end, 13.0);
        let starts: Vec<_> = schedule.trains.iter().map(|train| train.start_s).collect();
        assert_eq!(starts, vec![1.0, 15.0, 73.0]);
        assert_eq!(schedule.trains[0].exercise, None);
        assert_eq!(schedule.trains[2].exercise, Some(0));
    }

    #[test]
    fn a_protocol_that_makes_no_sense_says_what_would() {
        for text in [
            "",
            "3Hz",
            "0Hz*10",
            "3Hz*0",
            "after:2s,single",
            "wait:3s",
            "dance:3s",
            "wait:-1s,single",
            "wait:nan,single",
        ] {
            let error = text.parse::<Protocol>().unwrap_err();
            assert_eq!(error.code(), ErrorCode::Usage, "{text}");
            assert!(error.to_string().contains("one of standard"), "{error}");
        }
    }
}
