//! `endplate merge`: the shares of a run put together.

use super::analysis::{Running, started};
use super::log::{Counts, End, Event};
use super::terminal::{Place, Progress, Tally, Waiting, files as all};
use super::{Ended, output_failed, stop};
use crate::batch::{Merge, MergedAs};
use crate::error::{ErrorCode, Result};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Put the shares of a run together (`analyze --shard K/N`): what one run over everything would have written, byte for byte.
#[derive(clap::Args)]
pub struct Args {
    /// The results folders of all shares, in any order
    #[arg(required = true, value_name = "FOLDER")]
    shares: Vec<PathBuf>,
    /// The folder for the results
    #[arg(short, long, value_name = "FOLDER", default_value = "results")]
    output: PathBuf,
    #[command(flatten)]
    running: Running,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let running = &args.running;
    let pool = running.pool()?;
    let stop = stop::on_signal();
    let merge = pool.install(|| Merge::of(&args.shares, &args.output))?;
    let mut log = running.log(&args.output)?;
    let mut likely = merge.likely_done();
    let place = (&args.shares[..], args.output.as_path());
    let files = Some(likely.len());
    log.say(started("merge", merge.settings(), &pool, place, files));
    let mut tally = Tally::default();
    for told in merge.unlisted() {
        tally.not_listed(ErrorCode::Io.as_str(), told);
        log.not_listed(ErrorCode::Io.as_str(), told);
    }
    let begun = Instant::now();
    let looking = Waiting::begin(running.is_silent());
    looking.say(format!(
        "looking through {} of the shares",
        all(likely.len())
    ));
    // From the first file on: before, nothing is put anywhere.
    let mut progress = None;
    let run = pool.install(|| {
        let checked = || looking.end();
        merge.run(&stop, checked, |merged, took| {
            tally.hear_merged(merged);
            log.merged(merged, took);
            let likely = std::mem::take(&mut likely);
            let progress =
                progress.get_or_insert_with(|| Progress::over(likely, running.is_silent(), &stop));
            if !matches!(merged.outcome, MergedAs::NotReached) {
                // What failed did so in its share, and costs nothing here.
                progress.done(matches!(merged.outcome, MergedAs::Copied(_)), false);
            }
        })
    });
    progress.map(Progress::finish);
    let took = begun.elapsed();
    let counts = Counts::from(&tally);
    if let Err(error) = run {
        log.say(Event::RunEnded {
            end: End::failed(counts, took, &error),
        });
        return running.could_not(error);
    }
    let stopped = tally.not_reached > 0;
    log.say(Event::RunEnded {
        end: End::well(counts, took, stopped),
    });
    if running.says_failures() {
        tally.tell_failures(&if stopped {
            Place::None
        } else {
            Place::Tables(&args.output)
        });
    }
    if !running.quiet {
        tally.print_studies(out).map_err(output_failed)?;
        tally
            .print_merged(args.shares.len(), took, &args.output, out)
            .map_err(output_failed)?;
    }
    let ended = if stopped {
        Ended::Stopped
    } else if tally.failures() > 0 {
        Ended::SomeFailed
    } else {
        Ended::Well
    };
    Ok(running.and_log(ended, &log))
}
