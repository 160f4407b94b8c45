//! `events.tsv` (BIDS, "Task events"): what happened, and when after the first sample.

use super::table::{Row, Table};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark, Meaning, Recording, Role, Vocabulary};
use crate::units::Seconds;

/// Between the channels of one event, as the example of the specification has it.
const DELIMITER: char = '|';

/// Adds the events as marks. One that the recording has already is left out.
pub(super) fn add(recording: &mut Recording, table: &Table) -> Result<()> {
    table.require("onset")?;
    if recording.origin.clock == Clock::OrderOnly {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!(
                "{}: the recording states the order of its sweeps and not their times, so that no event has a place in it",
                table.name
            ),
        ));
        return Ok(());
    }
    let first = first_sample(recording);
    let own = std::mem::take(&mut recording.marks);
    let tolerance = half_a_sample(recording);
    let mut added = Vec::new();
    let mut strangers = Vec::new();
    let mut known = 0usize;
    let mut silent = 0usize;
    for row in table.rows() {
        let onset = row.number("onset")?.ok_or_else(|| no_onset(&row))?;
        let duration = row.number("duration")?.filter(|duration| *duration != 0.0);
        if duration.is_some_and(|duration| duration < 0.0) {
            return Err(row
                .fault("duration", "a duration below 0".to_owned())
                .advice("write a length in seconds, or n/a"));
        }
        let time = first + onset;
        let texts = texts(row.text("trial_type"), row.text("value"));
        if texts.is_empty() {
            silent += 1;
            continue;
        }
        let both = [row.text("trial_type"), row.text("value")];
        let from = own.partition_point(|mark| mark.time.0 < time - tolerance);
        let is_known = own
            .iter()
            .skip(from)
            .take_while(|mark| mark.time.0 <= time + tolerance)
            .any(|mark| {
                let text = mark.text.trim();
                both.contains(&Some(text)) || texts.iter().any(|own| own == text)
            });
        if is_known {
            known += 1;
            continue;
        }
        let channels = channels(recording, &row, &mut strangers);
        for text in texts {
            for &channel in &channels {
                added.push(Mark {
                    time: Seconds(time),
                    duration: duration.map(Seconds),
                    text: text.clone(),
                    channel,
                });
            }
        }
    }
    if !own.is_empty() && !added.is_empty() {
        recording.findings.push(Finding::new(
            FindingCode::MarksAdded,
            format!(
                "{} from {} beside {} of the recording itself; {known} stand in both",
                added.len(),
                table.name,
                own.len()
            ),
        ));
    }
    if silent > 0 {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!(
                "{}: neither trial_type nor value, left out: {silent}",
                table.name
            ),
        ));
    }
    if let Some(first) = strangers.first() {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!(
                "{}: events of channels that the recording does not have stand for all channels: {}, the first \"{first}\"",
                table.name,
                strangers.len()
            ),
        ));
    }
    recording.marks = own;
    recording.marks.extend(added);
    recording
        .marks
        .sort_by(|one, other| one.time.0.total_cmp(&other.time.0));
    Ok(())
}

fn no_onset(row: &Row) -> crate::error::Error {
    row.fault("onset", "no time; BIDS wants one of every event".to_owned())
        .advice("write the time in seconds after the first sample, or remove the row")
}

/// When the first sample of the recording was taken, in s on its clock.
fn first_sample(recording: &Recording) -> f64 {
    let starts = recording
        .channels
        .iter()
        .flat_map(|channel| channel.segments.first())
        .map(|segment| segment.start.0);
    let first = starts.fold(f64::INFINITY, f64::min);
    if first.is_finite() { first } else { 0.0 }
}

/// Half a sample of the fastest response, in s: marks that are closer are one. Times are written in decimals, so the last bits of a
/// double do not separate them.
fn half_a_sample(recording: &Recording) -> f64 {
    let fastest = recording
        .channels
        .iter()
        .filter(|channel| channel.role == Role::Response)
        .map(|channel| channel.rate.0)
        .fold(0.0, f64::max);
    if fastest > 0.0 {
        (0.5 + 1e-6) / fastest
    } else {
        0.0
    }
}

/// The texts of an event. What `value` says is joined to `trial_type` where the meaning stays, or is there only then: `stimulus` and
/// `32 mA`. Otherwise it is a mark of its own. A bare number beside a `trial_type` is the marker code of the recording program and
/// left out.
fn texts(kind: Option<&str>, value: Option<&str>) -> Vec<String> {
    let owned = |text: &str| text.to_owned();
    match (kind, value) {
        (None, None) => Vec::new(),
        (Some(only), None) | (None, Some(only)) => vec![owned(only)],
        (Some(kind), Some(value)) if kind == value || value.parse::<f64>().is_ok() => {
            vec![owned(kind)]
        }
        (Some(kind), Some(value)) => {
            let vocabulary = Vocabulary::default();
            let both = format!("{kind} {value}");
            let (alone, joined) = (vocabulary.meaning(kind), vocabulary.meaning(&both));
            let same = std::mem::discriminant(&alone) == std::mem::discriminant(&joined);
            if joined != Meaning::Note && (same || alone == Meaning::Note) {
                vec![both]
            } else {
                vec![owned(kind), owned(value)]
            }
        }
    }
}

/// The channels that an event concerns; `None` is all of them.
fn channels(recording: &Recording, row: &Row, strangers: &mut Vec<String>) -> Vec<Option<usize>> {
    let Some(named) = row.text("channel") else {
        return vec![None];
    };
    let find = |name: &str| {
        recording
            .channels
            .iter()
            .position(|channel| channel.label.trim() == name.trim())
    };
    let found: Option<Vec<_>> = match find(named) {
        Some(only) => Some(vec![Some(only)]),
        None => named
            .split(DELIMITER)
            .map(|name| find(name).map(Some))
            .collect(),
    };
    found.unwrap_or_else(|| {
        strangers.push(named.to_owned());
        vec![None]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trial_type_and_value_are_both_kept_and_keep_their_meaning() {
        let texts = |kind, value| texts(Some(kind), Some(value));
        assert_eq!(texts("stimulus", "32 mA"), ["stimulus 32 mA"]);
        assert_eq!(texts("temperature", "32.5 C"), ["temperature 32.5 C"]);
        assert_eq!(texts("exercise", "10 s"), ["exercise 10 s"]);
        assert_eq!(texts("rest", "quiet"), ["rest", "quiet"]);
        assert_eq!(texts("block 1", "stimulus"), ["block 1", "stimulus"]);
        assert_eq!(texts("stimulus", "stimulus"), ["stimulus"]);
    }

    #[test]
    fn the_marker_code_beside_a_trial_type_is_no_text() {
        assert_eq!(texts(Some("exercise"), Some("5")), ["exercise"]);
        assert_eq!(texts(None, Some("5")), ["5"]);
    }
}
