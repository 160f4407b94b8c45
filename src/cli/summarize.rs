//! `endplate summarize`: statistics over the results of a run.

use super::{Ended, output_failed};
use crate::error::Result;
use crate::summary;
use crate::whole;
use clap::ValueEnum;
use std::io::Write;
use std::path::PathBuf;

/// Statistics over the results of a run: counts, distributions by muscle and rate, how often each criterion is met
#[derive(clap::Args)]
pub struct Args {
    /// The results folder of `endplate analyze`
    results: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Form::Text)]
    to: Form,
    /// A file instead of the terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How statistics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Aligned columns for a person
    Text,
    /// One long table, a row per number
    Csv,
    /// Everything
    Json,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let summary = summary::read(&args.results)?;
    let text = match args.to {
        Form::Text => summary::text(&summary),
        Form::Csv => summary::csv(&summary),
        Form::Json => summary::json(&summary)?,
    };
    match &args.output {
        Some(path) => whole::write(path, text.as_bytes())?,
        None => out.write_all(text.as_bytes()).map_err(output_failed)?,
    }
    Ok(Ended::Well)
}
