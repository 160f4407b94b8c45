//! `endplate init`: a commented file of statements beside a recording or a folder.

use super::{Ended, output_failed};
use crate::error::{Error, ErrorCode, Result};
use crate::whole;
use crate::{batch, sidecar};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write a commented file beside a recording or a folder, for what the recordings do not say
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  endplate init study.mat          writes study.mat.endplate.toml\n  endplate init monday/            writes monday.endplate.toml beside the folder, for all recordings in it\n\nAs it is written it states nothing: remove the # before a line and put in your value."
)]
pub struct Args {
    /// A recording, or a folder of them
    #[arg(value_name = "FILE|FOLDER")]
    input: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    reading: super::reading::Args,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let metadata = std::fs::metadata(&args.input).map_err(|cause| Error::io(&args.input, cause))?;
    let target = beside(&args.input)?;
    if target.exists() && !args.force {
        return Err(Error::new(ErrorCode::Output, "the file exists already")
            .in_file(&target)
            .advice("use --force to replace it"));
    }
    if !metadata.is_dir()
        && let Some(other) = sidecar::files(&args.input)?
            .into_iter()
            .find(|file| file.parent() == args.input.parent() && *file != target)
    {
        return Err(Error::new(
            ErrorCode::Output,
            "the recording has a file beside it already",
        )
        .in_file(&other)
        .advice("add to that one; two would contradict each other"));
    }
    let recording = if metadata.is_dir() {
        first_recording(&args.input, args)?
    } else {
        args.input.clone()
    };
    let text = match sidecar::open(&recording, &args.reading.reading()?) {
        Ok(opened) => {
            let mut text = sidecar::template::for_recording(&opened);
            if !metadata.is_dir() {
                text.push_str(&sidecar::template::for_corrections(&opened));
            }
            text
        }
        Err(error) => match sidecar::template::for_error(&error) {
            Some(text) => text,
            None => return Err(error),
        },
    };
    whole::write(&target, text.as_bytes())?;
    writeln!(out, "{}", target.display()).map_err(output_failed)?;
    Ok(Ended::Well)
}

/// The file that states something about `input`.
fn beside(input: &Path) -> Result<PathBuf> {
    // `.` and `folder/..` have no name of their own.
    let named = std::path::absolute(input).map_err(|cause| Error::io(input, cause))?;
    let named = if input.file_name().is_some() {
        input.components().collect::<PathBuf>()
    } else {
        named
            .canonicalize()
            .map_err(|cause| Error::io(input, cause))?
    };
    let mut name = named.into_os_string();
    name.push(sidecar::ENDING);
    Ok(PathBuf::from(name))
}

/// The first file of a folder that is a recording, or would be if something were stated.
fn first_recording(folder: &Path, args: &Args) -> Result<PathBuf> {
    let reading = args.reading.reading()?;
    let walk = batch::walk(&[folder.to_path_buf()], Path::new("results"))?;
    walk.jobs
        .into_iter()
        .map(|job| job.path)
        .find(|path| match sidecar::open(path, &reading) {
            Ok(_) => true,
            Err(error) => sidecar::template::for_error(&error).is_some(),
        })
        .ok_or_else(|| {
            Error::new(
                ErrorCode::NothingToAnalyze,
                "there is no recording in the folder",
            )
            .in_file(folder)
        })
}
