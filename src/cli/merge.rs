//! `endplate merge`: the shares of a run put together.

use super::terminal::{Place, Tally};
use super::{Ended, output_failed};
use crate::batch::{self, Merged};
use crate::error::{Error, ErrorCode, Result};
use std::io::Write;
use std::path::PathBuf;

/// Put the shares of a run together (`analyze --shard K/N`): what one run over everything would have written, byte for byte.
#[derive(clap::Args)]
pub struct Args {
    /// The results folders of all shares, in any order
    #[arg(required = true, value_name = "FOLDER")]
    shares: Vec<PathBuf>,
    /// The folder for the results
    #[arg(short, long, value_name = "FOLDER", default_value = "results")]
    output: PathBuf,
    /// Number of threads; 0: one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Say nothing but failures
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    let merged = pool.install(|| batch::merge(&args.shares, &args.output))?;
    let mut tally = Tally::default();
    for told in &merged.unlisted {
        tally.not_listed(ErrorCode::Io.as_str(), told);
    }
    for (code, told) in &merged.failures {
        tally.fail(code, told);
    }
    tally.tell_failures(&Place::Tables(&args.output));
    if !args.quiet {
        say(&merged, args, out).map_err(output_failed)?;
    }
    Ok(if tally.failures() == 0 {
        Ended::Well
    } else {
        Ended::SomeFailed
    })
}

fn say(merged: &Merged, args: &Args, out: &mut dyn Write) -> std::io::Result<()> {
    let summary = &merged.summary;
    let plural = |count: usize, one: &'static str, many| if count == 1 { one } else { many };
    let studies = summary.analyzed + summary.unchanged;
    write!(
        out,
        "{} {} merged: {studies} {}",
        args.shares.len(),
        plural(args.shares.len(), "share", "shares"),
        plural(studies, "study", "studies"),
    )?;
    if summary.unchanged > 0 {
        write!(out, ", {} of them there already", summary.unchanged)?;
    }
    if summary.with_findings > 0 {
        write!(out, " ({} with findings)", summary.with_findings)?;
    }
    if summary.failed > 0 {
        write!(out, ", {} failed", summary.failed)?;
    }
    if !merged.unlisted.is_empty() {
        write!(out, ", {} could not be listed", merged.unlisted.len())?;
    }
    if summary.skipped > 0 {
        write!(
            out,
            ", {} skipped as no recordings of their own",
            summary.skipped
        )?;
    }
    writeln!(out, "; see {}", args.output.join("files.csv").display())
}
