//! The texts of a header: labels, units, the start, the nerve (EDF+ 2.1.3, 3.7; standard texts 2.1).

use super::decimal::Decimal;
use super::header::ANNOTATION_LABELS;
use super::nerve_conduction;
use crate::formats::labels;
use crate::formats::mapping::millivolts_per;
use crate::recording::{Channel, Role, Side};
use jiff::civil::DateTime;

/// Printable US-ASCII of at most `width` characters (EDF+ 2.1.3.1).
pub(super) fn plain(text: &str, width: usize) -> String {
    text.chars()
        .take(width)
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect()
}

/// The whole second in which the first sample lies, and the fraction after it.
pub(super) fn begin(started: Option<&str>, clock_start: Decimal) -> Option<(DateTime, Decimal)> {
    let started: DateTime = started?.parse().ok()?;
    let nanoseconds = Decimal::parse(&format!("0.{:09}", started.subsec_nanosecond()))?;
    let after = nanoseconds.plus(clock_start)?;
    let fraction = after.fraction();
    let whole = after.minus(fraction)?.to_f64() as i64;
    let second = started
        .with()
        .subsec_nanosecond(0)
        .build()
        .ok()?
        .checked_add(jiff::SignedDuration::from_secs(whole))
        .ok()?;
    Some((second, fraction))
}

/// Nerve and side where EDF+ 3.7 puts them, if they are the same for all responses.
pub(super) fn additional(channels: &[Channel]) -> String {
    let mut responses = channels
        .iter()
        .filter(|channel| channel.role == Role::Response);
    let Some(first) = responses.next() else {
        return String::new();
    };
    let (side, nerve): (Option<Side>, _) = (first.side, &first.nerve);
    match nerve {
        Some(nerve)
            if nerve.is_ascii()
                && responses.all(|other| other.nerve == first.nerve && other.side == side) =>
        {
            nerve_conduction::spell_nerve(side, &plain(nerve, 40))
        }
        _ => String::new(),
    }
}

/// The labels of the header: the channel's own if it says side and muscle, else the standard text that does.
pub(super) fn labels(channels: &[Channel], sweeps: bool) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for (index, channel) in channels.iter().enumerate() {
        let own = plain(&channel.label, 16).trim().to_owned();
        let says = labels::label(&channel.label);
        let muscle = channel
            .muscle
            .as_deref()
            .filter(|_| channel.role == Role::Response && says.muscle != channel.muscle);
        let standard = muscle
            .map(|muscle| nerve_conduction::spell_label(sweeps, channel.side, muscle))
            .filter(|label| plain(label, 16) == *label && !labels.contains(label));
        labels.push(match standard {
            Some(label) => label,
            None if ANNOTATION_LABELS.contains(&own.as_str()) => format!("Signal {}", index + 1),
            None => own,
        });
    }
    labels
}

/// Units for the header and their millivolts: as it was, else any voltage. The note remembers the unit as it was.
pub(super) fn dimensions(unit: &str, millivolts: Option<f64>) -> Vec<(String, f64)> {
    let fits = unit.len() <= 8 && plain(unit, 8) == unit && unit.trim() == unit;
    let own = (fits && millivolts_per(unit) == millivolts).then_some(unit);
    if millivolts.is_none() {
        return vec![(own.unwrap_or_default().to_owned(), 1.0)];
    }
    let voltages = ["mV", "uV", "V", "nV"];
    own.into_iter()
        .chain(voltages)
        .filter_map(|unit| Some((unit.to_owned(), millivolts_per(unit)?)))
        .collect()
}
