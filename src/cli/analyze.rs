//! `endplate analyze`: recordings to tables, JSON and figures.

use super::Ended;
use super::analysis::{self, Told, nothing_to, progressed, started};
use super::log::{Counts, End, Event};
use super::terminal::{Place, Progress, Tally};
use crate::batch::{self, Force, Shard, Walk};
use crate::error::Result;
use std::io::Write;
use std::path::PathBuf;

/// Analyze recordings: tables, JSON and figures.
#[derive(clap::Args)]
pub struct Args {
    /// Recordings, or folders of them
    #[arg(required = true, value_name = "FILE|FOLDER")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    analysis: analysis::Args,
    /// Analyze also what an earlier run into the folder has done and what did not change since
    #[arg(long)]
    force: bool,
    /// Only share K of N, the other shares being analyzed elsewhere; `endplate merge` puts their results together
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let (analysis, running) = (&args.analysis, &args.analysis.running);
    let walk = batch::walk(&args.inputs, &analysis.output)?;
    let mut log = running.log(&analysis.output)?;
    let walk = Walk {
        jobs: log.leave_out(walk.jobs),
        ..walk
    };
    let force = if args.force { Force::All } else { Force::None };
    let mut options = analysis.options(&walk.jobs, force)?;
    if walk.jobs.is_empty() {
        return Err(nothing_to("analyze", &walk.left_out));
    }
    batch::refuse_to_replace(&walk.jobs, &analysis.output)?;
    // What was asked above concerns all files together.
    let Walk {
        jobs,
        errors,
        left_out,
    } = match args.shard {
        Some(shard) => {
            let (own, share) = shard.split(walk);
            options.share = Some(share);
            own
        }
        None => walk,
    };
    let pool = running.pool()?;
    let stop = running.stop_on_signal(&mut options);
    let place = (&args.inputs[..], analysis.output.as_path());
    log.say(started(
        "analyze",
        &options.settings,
        &pool,
        place,
        Some(jobs.len()),
    ));
    let mut tally = Tally::default();
    tally.leave_out(&left_out);
    log.left_out(&left_out);
    for error in &errors {
        tally.not_listed(error.code().as_str(), &error.to_string());
        log.input_failed(error);
    }
    let likely = batch::done_before(&jobs, &options);
    let mut progress = Progress::over(likely, running.is_silent(), &stop);
    let run = pool.install(|| {
        batch::run(&jobs, &options, |job, outcome, took| {
            tally.hear(&job.name, outcome);
            log.file(job, outcome, took);
            if let Some((worked, failed)) = progressed(outcome) {
                progress.done(worked, failed);
            }
        })
    });
    let took = progress.finish();
    let counts = Counts::from(&tally);
    let stopped = tally.not_reached > 0;
    if let Err(error) = run {
        log.say(Event::RunEnded {
            end: End::failed(counts, took, &error),
        });
        if running.says_failures() {
            // Told also when the run as a whole could not go on.
            tally.tell_failures(&Place::None);
        }
        return running.could_not(error);
    }
    log.say(Event::RunEnded {
        end: End::well(counts, took, stopped),
    });
    let told = Told {
        tally: &tally,
        studies: Tally::print_studies,
        took: Some(took),
    };
    let ended = analysis.tell(&told, out)?;
    Ok(running.and_log(if stopped { Ended::Stopped } else { ended }, &log))
}
