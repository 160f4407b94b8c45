//! `endplate inspect`: what a file holds.

mod text;

use super::terminal::harmless;
use super::{Ended, output_failed};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::formats::FORMATS;
use crate::recording::{
    Channel, Clock, Meaning, Origin, Recording, Role, Segment, Side, Subject, Vocabulary,
};
use crate::sidecar;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// How many marks are shown of each file.
const MARKS_SHOWN: usize = 10;
/// How many gaps are shown of each channel.
const GAPS_SHOWN: usize = 5;
/// A pause above this part of a sample step is a gap; below it is rounding of times. Heuristic.
const GAP_STEPS: f64 = 0.5;

/// Print what recordings hold: channels, rates, units, rails, marks, gaps, findings
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  endplate inspect study.edf\n  endplate inspect *.csv --map laboratory.toml --json"
)]
pub struct Args {
    /// The recordings
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: super::reading::Args,
    /// Print JSON: one array with an entry for each file
    #[arg(long)]
    json: bool,
}

/// Everything about one file, as `--json` prints it.
#[derive(Serialize)]
struct Report {
    format: String,
    origin: Origin,
    subject: Subject,
    channels: Vec<ChannelReport>,
    marks: Vec<MarkReport>,
    mark_counts: Vec<MarkCount>,
    /// How many corrections by a reader stand beside the recording.
    corrections: usize,
    findings: Vec<FindingReport>,
}

#[derive(Serialize)]
struct ChannelReport {
    number: usize,
    label: String,
    role: Role,
    muscle: Option<String>,
    nerve: Option<String>,
    side: Option<Side>,
    rate_hz: f64,
    unit: String,
    voltage: bool,
    stored: Option<&'static str>,
    /// In mV for a voltage, else in the unit.
    step: f64,
    offset: f64,
    rails: Option<(f64, f64)>,
    samples: usize,
    duration_s: f64,
    segments: usize,
    first_start_s: Option<f64>,
    last_start_s: Option<f64>,
    /// In mV for a voltage, else in the unit.
    lowest: Option<f64>,
    highest: Option<f64>,
    on_rails: Option<usize>,
    prefilter: Option<String>,
    transducer: Option<String>,
    gap_count: usize,
    gaps: Vec<Gap>,
    findings: Vec<FindingReport>,
}

#[derive(Serialize)]
struct Gap {
    from_s: f64,
    to_s: f64,
}

#[derive(Serialize)]
struct MarkReport {
    time_s: f64,
    duration_s: Option<f64>,
    text: String,
    /// From 1.
    channel: Option<usize>,
    meaning: Meaning,
}

#[derive(Serialize)]
struct MarkCount {
    text: String,
    meaning: &'static str,
    count: usize,
    first_s: f64,
}

#[derive(Serialize)]
struct FindingReport {
    code: &'static str,
    message: String,
    advice: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum Entry {
    Ok {
        path: PathBuf,
        holds: Box<Report>,
    },
    Failed {
        path: PathBuf,
        code: &'static str,
        message: String,
    },
}

/// Prints each file; one that cannot be read is said in its place, and the rest goes on.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let reading = args.reading.reading()?;
    let mut ended = Ended::Well;
    for (index, path) in args.files.iter().enumerate() {
        let opened = sidecar::open(path, &reading).and_then(|recording| report(&recording));
        if opened.is_err() {
            ended = Ended::SomeFailed;
        }
        let text = if args.json {
            let entry = match opened {
                Ok(report) => Entry::Ok {
                    path: path.clone(),
                    holds: Box::new(report),
                },
                Err(error) => Entry::Failed {
                    path: path.clone(),
                    code: error.code().as_str(),
                    message: error.message(),
                },
            };
            let entry = serde_json::to_string_pretty(&entry).map_err(|cause| {
                Error::new(crate::error::ErrorCode::Internal, cause.to_string()).in_file(path)
            })?;
            let (before, after) = (
                if index == 0 { "[\n" } else { ",\n" },
                if index + 1 == args.files.len() {
                    "\n]\n"
                } else {
                    ""
                },
            );
            format!("{before}{entry}{after}")
        } else {
            let separator = if index == 0 { "" } else { "\n" };
            match &opened {
                Ok(report) => format!("{separator}{}", harmless(&text::page(report))),
                Err(error) => format!("{separator}{}\n", harmless(&error.to_string())),
            }
        };
        out.write_all(text.as_bytes()).map_err(output_failed)?;
    }
    Ok(ended)
}

fn report(recording: &Recording) -> Result<Report> {
    let vocabulary = Vocabulary::default();
    let name = FORMATS
        .iter()
        .find(|format| format.id == recording.origin.format)
        .map_or("", |format| format.name);
    let marks: Vec<MarkReport> = recording
        .marks
        .iter()
        .map(|mark| MarkReport {
            time_s: mark.time.0,
            duration_s: mark.duration.map(|length| length.0),
            text: mark.text.clone(),
            channel: mark.channel.map(|index| index + 1),
            meaning: vocabulary.meaning(&mark.text),
        })
        .collect();
    Ok(Report {
        format: name.to_owned(),
        origin: recording.origin.clone(),
        subject: recording.subject.clone(),
        channels: recording
            .channels
            .iter()
            .enumerate()
            .map(|(index, channel)| channel_report(index + 1, channel, recording.origin.clock))
            .collect::<Result<_>>()?,
        mark_counts: counts(&marks),
        marks,
        corrections: recording.corrections.len(),
        findings: recording.findings.iter().map(finding).collect(),
    })
}

fn finding(finding: &Finding) -> FindingReport {
    FindingReport {
        code: finding.code.as_str(),
        message: finding.message(),
        advice: finding.code.advice(),
    }
}

fn channel_report(number: usize, channel: &Channel, clock: Clock) -> Result<ChannelReport> {
    let calibration = &channel.calibration;
    let mut extremes: Option<(f64, f64)> = None;
    let mut on_rails = 0usize;
    for segment in &channel.segments {
        segment.samples.each(|_, stored| {
            if !stored.is_finite() {
                return;
            }
            let physical = calibration.physical(stored);
            extremes = Some(extremes.map_or((physical, physical), |(low, high)| {
                (low.min(physical), high.max(physical))
            }));
            on_rails += usize::from(
                calibration
                    .rails
                    .is_some_and(|(low, high)| stored <= low || stored >= high),
            );
        })?;
    }
    let gaps = gaps(channel, clock);
    let samples = channel.sample_count();
    Ok(ChannelReport {
        number,
        label: channel.label.clone(),
        role: channel.role,
        muscle: channel.muscle.clone(),
        nerve: channel.nerve.clone(),
        side: channel.side,
        rate_hz: channel.rate.0,
        unit: calibration.unit.clone(),
        voltage: channel.is_voltage(),
        stored: channel
            .segments
            .first()
            .map(|segment| segment.samples.kind()),
        step: calibration.gain,
        offset: calibration.offset,
        rails: calibration.rails,
        samples,
        duration_s: samples as f64 / channel.rate.0,
        segments: channel.segments.len(),
        first_start_s: channel.segments.first().map(|segment| segment.start.0),
        last_start_s: channel.segments.last().map(|segment| segment.start.0),
        lowest: extremes.map(|(low, _)| low),
        highest: extremes.map(|(_, high)| high),
        on_rails: calibration.rails.map(|_| on_rails),
        prefilter: channel.prefilter.clone(),
        transducer: channel.transducer.clone(),
        gap_count: gaps.len(),
        gaps: gaps.into_iter().take(GAPS_SHOWN).collect(),
        findings: channel.findings.iter().map(finding).collect(),
    })
}

/// The pauses between segments; without a true clock there are none to speak of.
fn gaps(channel: &Channel, clock: Clock) -> Vec<Gap> {
    if clock != Clock::True {
        return Vec::new();
    }
    let gap = |pair: &[Segment]| match pair {
        [before, after] => {
            let (from_s, to_s) = (before.end(channel.rate).0, after.start.0);
            ((to_s - from_s) * channel.rate.0 > GAP_STEPS).then_some(Gap { from_s, to_s })
        }
        _ => None,
    };
    channel.segments.windows(2).filter_map(gap).collect()
}

/// How often each text occurs, in the order of the first time.
fn counts(marks: &[MarkReport]) -> Vec<MarkCount> {
    let mut counts: Vec<MarkCount> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for mark in marks {
        let place = *places.entry(mark.text.as_str()).or_insert(counts.len());
        match counts.get_mut(place) {
            Some(known) => known.count += 1,
            None => counts.push(MarkCount {
                text: mark.text.clone(),
                meaning: meaning(&mark.meaning),
                count: 1,
                first_s: mark.time_s,
            }),
        }
    }
    counts
}

fn meaning(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Stimulus { .. } => "stimulus",
        Meaning::Exercise { .. } => "exercise",
        Meaning::ExerciseEnd => "end of exercise",
        Meaning::Rest => "rest",
        Meaning::After { .. } => "time after exercise",
        Meaning::Train => "train",
        Meaning::Temperature { .. } => "skin temperature",
        Meaning::DeviceResponse => "response of the machine",
        Meaning::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(name: &str, text: &str, json: bool) -> (Ended, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut out = Vec::new();
        let args = Args {
            files: vec![path, folder.path().join("missing.csv")],
            reading: crate::cli::reading::Args::default(),
            json,
        };
        let ended = run(&args, &mut out).unwrap();
        (ended, String::from_utf8(out).unwrap())
    }

    const RECORDING: &str = "# channel.1.rails = [-2, 2]\n# channel.1.muscle = APB\n# channel.1.prefilter = HP:2Hz\n\
                             time_s,APB_mV,mark\n0,1,stimulus\n0.5,2,\n1,-2,stimulus\n7,1,rest\n7.5,0.25,\n";

    #[test]
    fn the_page_names_rails_gaps_marks_and_the_file_that_failed() {
        let (ended, page) = inspected("a.csv", RECORDING, false);
        assert_eq!(ended, Ended::SomeFailed);
        for part in [
            "channel 1 \"APB\": response, APB\n",
            "rate       2 Hz\n",
            "samples    5 (2.5 s) in 2 segments, first at 0 s, last at 7 s\n",
            "rails      -2 to 2, 2 samples on them\n",
            "values     -2 to 2 mV\n",
            "prefilter  HP:2Hz\n",
            "gaps       1: 1.5–7 s\n",
            "2 × \"stimulus\" (stimulus), first at 0 s\n",
            "1 × \"rest\" (rest), first at 7 s\n",
            "in time: 0 s stimulus; 1 s stimulus; 7 s rest\n",
            "gap_in_recording",
            "missing.csv: No such file",
        ] {
            assert!(page.contains(part), "{part:?} is missing in\n{page}");
        }
    }

    #[test]
    fn the_json_says_the_same() {
        let (_, text) = inspected("a.csv", RECORDING, true);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let channel = &json[0]["holds"]["channels"][0];
        assert_eq!(channel["on_rails"], 2);
        assert_eq!(channel["gaps"][0]["from_s"], 1.5);
        assert_eq!(json[0]["holds"]["marks"][2]["meaning"]["meaning"], "rest");
        assert_eq!(
            (&json[1]["status"], &json[1]["code"]),
            (&"failed".into(), &"io".into())
        );
    }
}
