//! `endplate convert`: the same recording in another format, without loss.

use super::terminal::harmless;
use super::{Ended, output_failed};
use crate::error::{Error, ErrorCode, Result};
use crate::formats;
use crate::recording::{Recording, Removed, deidentify};
use crate::sidecar;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a recording in another format, without loss
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  endplate convert study.csv study.h5\n  endplate convert study.h5 study.bdf --force\n  endplate convert study.edf shared.edf --deidentify --code P07\n\nA loss is an error: nothing is written then."
)]
pub struct Args {
    /// The recording
    input: PathBuf,
    /// The file to write
    output: PathBuf,
    /// Take out who the person is: name, date of birth, record number, code, date of the recording, and their words in texts
    #[arg(long, conflicts_with = "identified")]
    deidentify: bool,
    /// With --deidentify: the code that the subject gets instead
    #[arg(long, requires = "deidentify")]
    code: Option<String>,
    #[command(flatten)]
    reading: super::reading::Args,
    /// The format to write; without it the extension of OUTPUT decides
    #[arg(long, value_name = "FORMAT")]
    to: Option<String>,
    /// Replace OUTPUT if it exists
    #[arg(long)]
    force: bool,
}

/// Converts one file and says in one line what was written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let format = formats::writable(args.to.as_deref(), &args.output, "--to")?;
    // Two names of one file would destroy the only copy, so it is refused even with --force.
    let same = |path: &Path| path.canonicalize().ok();
    if same(&args.output).is_some_and(|output| same(&args.input) == Some(output)) {
        return Err(Error::new(ErrorCode::Usage, "this is the recording itself")
            .in_file(&args.output)
            .advice("give another name"));
    }
    if args.output.exists() && !args.force {
        return Err(Error::new(ErrorCode::Output, "the file exists already")
            .in_file(&args.output)
            .advice("use --force to replace it"));
    }
    let mut reading = args.reading.reading()?;
    // What is to be taken out of the texts must be known first.
    reading.identified |= args.deidentify;
    let mut recording = sidecar::open(&args.input, &reading)?;
    let removed = args.deidentify.then(|| deidentify(&mut recording));
    if args.deidentify {
        recording.subject.code.clone_from(&args.code);
    }
    if recording.subject.identity.is_some() && !formats::holds_identity(format) {
        return Err(Error::new(
            ErrorCode::WouldLose,
            format!("{} has no place for who the person is", format.name),
        )
        .in_file(&args.output)
        .advice("leave out --identified, or write EDF+ or BDF+"));
    }
    formats::write(&recording, &args.output, format.id)?;
    let samples: usize = recording
        .channels
        .iter()
        .map(crate::recording::Channel::sample_count)
        .sum();
    writeln!(
        out,
        "{}: {}, {} channels, {samples} samples, {} marks",
        args.output.display(),
        format.name,
        recording.channels.len(),
        recording.marks.len()
    )
    .map_err(output_failed)?;
    if !recording.corrections.is_empty() {
        writeln!(
            out,
            "{} corrections by a reader stay beside the input: they are no part of the recording",
            recording.corrections.len()
        )
        .map_err(output_failed)?;
    }
    if let Some(removed) = removed {
        say_removed(&removed, &recording, out).map_err(output_failed)?;
    }
    Ok(Ended::Well)
}

/// What was taken out, and the free texts that are left: a name in one of them cannot be recognized.
fn say_removed(
    removed: &Removed,
    recording: &Recording,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let fields = if removed.fields.is_empty() {
        "nothing in fields".to_owned()
    } else {
        removed.fields.join(", ")
    };
    writeln!(out, "taken out: {fields}; words in {} texts", removed.texts)?;
    if removed.kept > 0 {
        writeln!(
            out,
            "words of the name or of a number stay in {} marks, which would lose their meaning without them",
            removed.kept
        )?;
    }
    let channels = recording.channels.iter().flat_map(|channel| {
        let optional = [
            &channel.muscle,
            &channel.nerve,
            &channel.prefilter,
            &channel.transducer,
        ];
        let optional = optional.map(|text| text.as_deref());
        std::iter::once(channel.label.as_str()).chain(optional.into_iter().flatten())
    });
    let left: BTreeSet<&str> = recording
        .marks
        .iter()
        .map(|mark| mark.text.as_str())
        .chain(channels)
        .chain(recording.origin.device.as_deref())
        .collect();
    if !left.is_empty() {
        writeln!(out, "read these texts before you pass the file on:")?;
    }
    left.into_iter()
        .try_for_each(|text| writeln!(out, "  {}", harmless(text).replace('\n', " ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(from: &Path, to: &Path, format: Option<&str>, force: bool) -> Result<String> {
        let mut out = Vec::new();
        let args = Args {
            input: from.to_owned(),
            output: to.to_owned(),
            deidentify: false,
            code: None,
            reading: crate::cli::reading::Args::default(),
            to: format.map(str::to_owned),
            force,
        };
        run(&args, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_recording_is_converted_and_nothing_is_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a.csv");
        std::fs::write(&from, "time_s,APB_mV,mark\n0,1,stimulus\n0.5,2,\n").unwrap();
        let to = folder.path().join("b.h5");
        let said = converted(&from, &to, None, false).unwrap();
        assert!(
            said.ends_with("b.h5: HDF5, 1 channels, 2 samples, 1 marks\n"),
            "{said}"
        );
        let error = converted(&from, &to, None, false).unwrap_err();
        assert!(error.to_string().contains("use --force"), "{error}");
        let back = folder.path().join("back.txt");
        converted(&to, &back, Some("csv"), false).unwrap();
        converted(&to, &back, Some("CSV"), true).unwrap();
        let mapping = crate::formats::Mapping::default();
        assert_eq!(
            formats::open(&back, &mapping).unwrap().channels,
            formats::open(&from, &mapping).unwrap().channels
        );
    }

    #[test]
    fn a_recording_never_replaces_itself() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a.csv");
        std::fs::write(&from, "time_s,APB_mV\n0,1\n0.5,2\n").unwrap();
        let error =
            converted(&from, &folder.path().join(".").join("a.csv"), None, true).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Usage);
        assert_eq!(
            std::fs::read_to_string(&from).unwrap(),
            "time_s,APB_mV\n0,1\n0.5,2\n"
        );
    }

    #[test]
    fn an_unknown_extension_lists_what_can_be_written() {
        let error = converted(Path::new("a.csv"), Path::new("b.xyz"), None, false).unwrap_err();
        assert!(error.to_string().contains("csv (csv, tsv, txt)"), "{error}");
    }
}
