//! What the digital outputs did: the table of epochs runs through every sweep, and an output triggers the stimulator.

use super::fields::Digital;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};

/// pCLAMP holds for the first 1/64 of a sweep before the first epoch begins.
const HOLD_FRACTION: i64 = 64;

/// The output that triggers the stimulator, and a finding if nobody can tell.
pub(super) fn output(
    digital: &Digital,
    stated: Option<u32>,
) -> Result<(Option<u32>, Option<Finding>)> {
    if digital.alternates {
        let why = "they alternate from sweep to sweep (nAlternateDigitalOutputState), which is not read; state stimulus_ms in a mapping";
        return Ok((None, Some(Finding::new(FindingCode::OutputsAmbiguous, why))));
    }
    let used = digital.epochs.iter().fold(0, |used, epoch| {
        used | (epoch.output ^ digital.holding) | epoch.train
    });
    let used: Vec<u32> = (0..u16::BITS).filter(|bit| used >> bit & 1 == 1).collect();
    if let Some(stated) = stated {
        if used.contains(&stated) {
            return Ok((Some(stated), None));
        }
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!("digital_output {stated} never changes; those that do are {used:?}"),
        )
        .at("digital_output")
        .advice("state one that changes, or none"));
    }
    Ok(match used.as_slice() {
        [] => (None, None),
        [only] => (Some(*only), None),
        several => (
            None,
            Some(Finding::new(
                FindingCode::OutputsAmbiguous,
                format!(
                    "outputs {}; digital_output = {} in a mapping takes the first",
                    several
                        .iter()
                        .map(u32::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                    several.first().copied().unwrap_or(0)
                ),
            )),
        ),
    })
}

/// The samples, counted from the beginning of the sweep, at which the output leaves its holding level. `sweep` counts from 0.
pub(super) fn pulses(digital: &Digital, output: u32, sweep: usize, samples: usize) -> Vec<usize> {
    let bit = |pattern: u16| pattern.checked_shr(output).unwrap_or(0) & 1 == 1;
    let rest = bit(digital.holding);
    let samples = i64::try_from(samples).unwrap_or(i64::MAX);
    let sweep = i64::try_from(sweep).unwrap_or(i64::MAX);
    let mut at = samples / HOLD_FRACTION;
    let mut is_active = false;
    let mut found = Vec::new();
    for epoch in &digital.epochs {
        let duration = epoch
            .duration
            .saturating_add(epoch.increment.saturating_mul(sweep));
        let end = at.saturating_add(duration.max(0)).min(samples);
        let was_active = is_active;
        if bit(epoch.train) && epoch.period > 0 {
            let mut pulse = at;
            while pulse < end {
                found.push(pulse);
                pulse = pulse.saturating_add(epoch.period);
            }
            is_active = false;
        } else {
            is_active = bit(epoch.output) != rest;
            if is_active && !was_active && at < end {
                found.push(at);
            }
            // An epoch of no length changes nothing.
            is_active = if at < end { is_active } else { was_active };
        }
        at = end;
    }
    found
        .into_iter()
        .filter_map(|sample| usize::try_from(sample).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fields::Epoch;
    use super::*;

    fn epoch(duration: i64, output: u16) -> Epoch {
        Epoch {
            duration,
            output,
            ..Epoch::default()
        }
    }

    #[test]
    fn a_pulse_begins_where_the_output_leaves_its_holding_level() {
        let digital = Digital {
            holding: 0,
            epochs: vec![
                epoch(100, 0),
                epoch(10, 16),
                epoch(10, 16),
                epoch(50, 0),
                epoch(5, 16),
            ],
            ..Digital::default()
        };
        // 6400 / 64 = 100 samples of holding go before.
        assert_eq!(pulses(&digital, 4, 0, 6400), [200, 270]);
        assert_eq!(pulses(&digital, 3, 0, 6400), Vec::<usize>::new());
        assert_eq!(output(&digital, None).unwrap().0, Some(4));
        let inverted = Digital {
            holding: 16,
            epochs: vec![epoch(100, 16), epoch(10, 0)],
            ..Digital::default()
        };
        assert_eq!(pulses(&inverted, 4, 0, 6400), [200]);
    }

    #[test]
    fn epochs_that_grow_shift_the_pulses_of_later_sweeps() {
        let mut digital = Digital {
            holding: 0,
            epochs: vec![epoch(100, 0), epoch(10, 1)],
            ..Digital::default()
        };
        digital.epochs[0].increment = 20;
        assert_eq!(pulses(&digital, 0, 3, 640), [170]);
        digital.epochs[0].increment = -1000;
        assert_eq!(pulses(&digital, 0, 3, 640), [10]);
        digital.epochs[0].duration = i64::MAX;
        assert_eq!(pulses(&digital, 0, 0, 640), Vec::<usize>::new());
    }

    #[test]
    fn an_epoch_of_a_train_gives_a_pulse_each_period() {
        let train = Epoch {
            duration: 100,
            train: 2,
            period: 30,
            ..Epoch::default()
        };
        let digital = Digital {
            holding: 0,
            epochs: vec![train],
            ..Digital::default()
        };
        assert_eq!(pulses(&digital, 1, 0, 640), [10, 40, 70, 100]);
    }

    #[test]
    fn several_outputs_are_told_and_a_mapping_settles_it() {
        let mut digital = Digital {
            holding: 0,
            epochs: vec![epoch(10, 1), epoch(10, 4)],
            ..Digital::default()
        };
        let (chosen, finding) = output(&digital, None).unwrap();
        assert_eq!(chosen, None);
        assert!(finding.unwrap().detail.contains("outputs 0, 2"));
        assert_eq!(output(&digital, Some(2)).unwrap().0, Some(2));
        assert_eq!(
            output(&digital, Some(1)).unwrap_err().code(),
            ErrorCode::BadMapping
        );
        digital.alternates = true;
        assert_eq!(output(&digital, Some(2)).unwrap().0, None);
    }
}
