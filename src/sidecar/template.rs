//! A file of statements to be filled in, made from what a recording holds. Every statement in it is commented out: as it is, it states
//! nothing.

use crate::error::{Error, ErrorCode};
use crate::recording::{Channel, Clock, Meaning, Recording, Role, Vocabulary};
use std::fmt::Write as _;

const HEAD: &str = "\
# What the recording does not say about itself, for endplate. Remove the # before a line and put in your value; leave the rest.
# docs/formats/sidecar.md explains every field with examples. Lines without a = or [ are remarks.
";

const SUBJECT: &str = "
# Who was examined: a code that does not name the person. What stands here goes before the file.
#[subject]
#code = \"P07\"
#age_years = 44
#sex = \"female\"
#skin_temperature_c = 33.5
";

/// For a recording that opens.
pub fn for_recording(recording: &Recording) -> String {
    let mut text = HEAD.to_owned();
    let name = recording.origin.path.file_name().unwrap_or_default();
    let _ = writeln!(
        text,
        "\n# Made from {:?} ({}).",
        name, recording.origin.format
    );
    match &recording.origin.started {
        Some(started) => {
            let _ = writeln!(text, "# Recorded {started}.");
        }
        None => text.push_str("#recorded = \"2026-03-01T09:30:00\"\n"),
    }
    let sweeps = sweeps(recording);
    let has_stimuli = recording.marks.iter().any(|mark| {
        matches!(
            Vocabulary::default().meaning(&mark.text),
            Meaning::Stimulus { .. }
        )
    });
    if sweeps > 1 && !has_stimuli {
        text.push_str("\n# Where the stimulus is in each sweep, in ms after its first sample.\n#stimulus_ms = 10\n");
    }
    text.push_str(SUBJECT);
    text.push_str("\n# The channels of the file.\n");
    for channel in &recording.channels {
        text.push_str(&channel_text(channel));
    }
    text.push_str(&trains(recording, sweeps));
    text
}

/// What a reader may correct in a recording, to be added to what [`for_recording`] says: a correction concerns one recording, so it does not
/// belong in the file of a folder.
pub fn for_corrections(recording: &Recording) -> String {
    let mut channels = recording.channels.iter();
    let channel = channels.find(|channel| channel.role == Role::Response);
    let label = quoted(channel.map_or("APB", |channel| channel.label.as_str()));
    let who = "#[[corrections]]
#by = \"AB\"                    # initials or role of the reader
#date = 2026-11-20
";
    format!(
        "
# What you correct by hand after you have seen the results. Numbers of trains and responses are those of responses.csv. Every output tells it.
# docs/corrections.md shows it from start to end.
{who}#reason = \"artefact mistaken for the onset\"
#channel = {label}
#train = 1
#response = 1
#onset_ms = 3.2               # also negative_peak_ms, return_ms, positive_peak_ms, end_ms
#
{who}#reason = \"the electrode came off\"
#channel = {label}
#train = 2                    # with response = 4 only that one
#exclude = true
#
{who}#reason = \"the exercise was not marked\"
#channel = {label}
#train = 3
#exercise_s = 10
#after_exercise_s = 2         # or at_rest = true; of a channel: muscle, nerve, side
"
    )
}

/// For a recording that does not open because something must be stated; `None` if statements would not help.
pub fn for_error(error: &Error) -> Option<String> {
    let what = match (error.mapping_template(), error.code()) {
        (Some(template), _) => template
            .lines()
            .map(|line| {
                if line.is_empty() {
                    "\n".to_owned()
                } else {
                    format!("#{line}\n")
                }
            })
            .collect(),
        (None, ErrorCode::UnknownRate) => "#rate_hz = 20000\n".to_owned(),
        (None, ErrorCode::UnknownUnit) => "#unit = \"mV\"\n".to_owned(),
        (None, ErrorCode::AmbiguousFormat) => "#format = \"csv\"\n".to_owned(),
        (None, ErrorCode::BadMapping) => String::new(),
        _ => return None,
    };
    let reason: String = error
        .reason()
        .lines()
        .map(|line| format!("# {line}\n"))
        .collect();
    Some(format!("{HEAD}\n{reason}{what}{SUBJECT}"))
}

fn channel_text(channel: &Channel) -> String {
    let mut text = format!("#[[channels]]\n#label = {}\n", quoted(&channel.label));
    let role = channel.role.as_str();
    let _ = writeln!(
        text,
        "#role = \"{role}\"          # response, trigger or other"
    );
    if channel.role == Role::Response {
        let known = |value: &Option<String>, example: &str| match value {
            Some(value) => quoted(value),
            None => format!(
                "{}          # an example; the file does not say",
                quoted(example)
            ),
        };
        let side = match channel.side {
            Some(side) => side.as_str(),
            None => "right\"          # an example; \"left\" or \"right",
        };
        let _ = writeln!(
            text,
            "#muscle = {}",
            known(&channel.muscle, "abductor pollicis brevis")
        );
        let _ = writeln!(text, "#nerve = {}", known(&channel.nerve, "median"));
        let _ = writeln!(text, "#side = \"{side}\"");
    }
    text
}

/// As TOML writes a text.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The largest number of sweeps of a channel with responses.
fn sweeps(recording: &Recording) -> usize {
    recording
        .channels
        .iter()
        .filter(|channel| channel.role == Role::Response)
        .map(|channel| channel.segments.len())
        .max()
        .unwrap_or_default()
}

fn trains(recording: &Recording, sweeps: usize) -> String {
    let first = sweeps.clamp(1, 10);
    match recording.origin.clock {
        Clock::OrderOnly => format!(
            "
# The file holds {sweeps} sweeps in their order, without times. Which of them are a train, at which rate, and what went before it?
# The trains stand in the order of time. sweep_ms takes only so much of each sweep, where sweeps are longer than the interval.
#[[trains]]
#label = \"3 Hz at rest\"
#sweeps = \"1-{first}\"
#rate_hz = 3
#at_rest = true
#
#[[trains]]
#label = \"3 Hz after exercise\"
#sweeps = \"{}-{}\"
#rate_hz = 3
#exercise_s = 10              # a new exercise of this length
#after_exercise_s = 2         # between its end and the train
",
            first + 1,
            first * 2
        ),
        Clock::True | Clock::Stated => "
# The file has times. Trains are found by their rhythm; here they may get a name, and what went before them.
#[[trains]]
#label = \"3 Hz at rest\"
#start_s = 0.0                # shortly before its first stimulus
#at_rest = true
#
#[[exercises]]
#start_s = 30.0
#length_s = 10.0
"
        .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Mapping;
    use crate::stimulus::tests::{channel, recording};

    /// The statements without their #.
    fn filled_in(text: &str) -> String {
        text.lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| !line.starts_with(' '))
            .map(|line| format!("{line}\n"))
            .collect()
    }

    #[test]
    fn as_it_is_it_states_nothing_and_filled_in_it_is_a_mapping() {
        let segments = (0..20).map(|k| (f64::from(k), vec![0.0; 50])).collect();
        for clock in Clock::ALL {
            let mut recording = recording(
                vec![
                    channel(Role::Response, 1000.0, Clone::clone(&segments)),
                    channel(Role::Trigger, 1000.0, vec![]),
                ],
                &[],
            );
            recording.origin.clock = clock;
            let text = for_recording(&recording) + &for_corrections(&recording);
            assert_eq!(
                Mapping::from_toml(&text).unwrap(),
                Mapping::default(),
                "{text}"
            );
            let mapping = Mapping::from_toml(&filled_in(&text)).unwrap();
            assert_eq!(
                (mapping.channels.len(), mapping.stimulus_ms),
                (2, Some(10.0))
            );
            assert_eq!(mapping.subject.code.as_deref(), Some("P07"));
            assert_eq!(mapping.corrections.len(), 3);
            assert_eq!(mapping.corrections[0].date.as_deref(), Some("2026-11-20"));
        }
    }

    #[test]
    fn an_error_that_a_statement_settles_gives_that_statement() {
        let error = Error::new(
            ErrorCode::BadMapping,
            "nothing states what the datasets are",
        )
        .template("[[channels]]\ndataset = \"/emg\"\nrate_hz = 20000\n");
        let text = for_error(&error).unwrap();
        assert_eq!(Mapping::from_toml(&text).unwrap(), Mapping::default());
        let mapping = Mapping::from_toml(&filled_in(&text)).unwrap();
        assert_eq!(mapping.channels[0].dataset.as_deref(), Some("/emg"));
        assert!(text.contains("# nothing states what the datasets are"));
        assert_eq!(for_error(&Error::new(ErrorCode::Truncated, "")), None);
    }
}
