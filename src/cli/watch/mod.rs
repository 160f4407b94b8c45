//! `endplate watch`: a folder to tables, JSON and figures, again whenever something arrives in it.

mod news;

use super::analysis::{self, Told, progressed, started};
use super::log::{Counts, End, Event, Log};
use super::terminal::{Place, Progress, Tally, Waiting, files, one_line};
use super::{Ended, output_failed};
use crate::batch::{self, Arrivals, Claim, Force, Job, Look, Options, Outcome};
use crate::error::{Error, ErrorCode, Result};
use news::{News, Round, Stood};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Analyze what arrives in a folder, until Ctrl-C.
#[derive(clap::Args)]
pub struct Args {
    /// Folders in which recordings arrive
    #[arg(required = true, value_name = "FOLDER")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    analysis: analysis::Args,
    /// How often the folder is looked through
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    every: Duration,
    /// For how long a file, and what stands beside it, must not change before it is analyzed
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    settle: Duration,
    /// End by itself when nothing has arrived for so long
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    until_idle: Option<Duration>,
    /// Analyze each file once anew, also what an earlier run into the folder has done and what did not change since
    #[arg(long)]
    force: bool,
}

/// A number of seconds, which may be a fraction.
fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a number of seconds, such as 5 or 0.5".to_owned())
}

/// How soon Ctrl-C is seen while nothing is done.
const NAP: Duration = Duration::from_millis(50);

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let (analysis, running) = (&args.analysis, &args.analysis.running);
    for input in &args.inputs {
        let metadata = std::fs::metadata(input).map_err(|cause| Error::io(input, cause))?;
        if !metadata.is_dir() {
            return Err(Error::new(ErrorCode::Usage, "it is no folder")
                .in_file(input)
                .advice("name a folder to watch, or analyze the file"));
        }
    }
    let force = if args.force {
        Force::AllBut(BTreeSet::new())
    } else {
        Force::None
    };
    let mut options = analysis.options(&[], force)?;
    if options.attachment.names_one() {
        return Err(Error::new(
            ErrorCode::Usage,
            "one patient or study is named for whatever arrives in a folder",
        )
        .advice("use --attach-to self for DICOM recordings"));
    }
    let pool = running.pool()?;
    let claim = Claim::take(&analysis.output)?;
    let mut log = running.log(&analysis.output)?;
    let stop = running.stop_on_signal(&mut options);
    let place = (&args.inputs[..], analysis.output.as_path());
    log.say(started("watch", &options.settings, &pool, place, None));
    let begun = Instant::now();
    let mut watch = Watch {
        args,
        options,
        claim,
        pool,
        log,
        arrivals: Arrivals::new(args.settle),
        rounds: 0,
        stood: BTreeMap::new(),
        in_the_way: BTreeMap::new(),
        left_out: Vec::new(),
        broken: None,
        not_reached: 0,
    };
    watch.until_it_ends(&stop, out)?;
    let stopped = stop.load(Ordering::Relaxed);
    watch.end(begun.elapsed(), stopped, out)
}

/// A folder that is being watched.
struct Watch<'a> {
    args: &'a Args,
    options: Options,
    /// Held from the first round to the last, so that no other run comes in between.
    claim: Claim,
    pool: rayon::ThreadPool,
    log: Log,
    arrivals: Arrivals,
    rounds: usize,
    /// What became of each file in the last round, by its name.
    stood: BTreeMap<String, Stood>,
    /// What was in the way at the last look, and told.
    in_the_way: BTreeMap<String, ErrorCode>,
    /// Folders with results of other runs at the last look.
    left_out: Vec<PathBuf>,
    /// Why the last round could not go on.
    broken: Option<Error>,
    not_reached: usize,
}

impl Watch<'_> {
    /// Looks, and does what is due, until it is stopped or nothing has arrived for long enough.
    fn until_it_ends(&mut self, stop: &AtomicBool, out: &mut dyn Write) -> Result<()> {
        let mut last = Instant::now();
        while !stop.load(Ordering::Relaxed) && self.holds_the_results() {
            let waiting = match batch::walk(&self.args.inputs, &self.options.results) {
                Ok(walk) => {
                    self.tell_once(&walk.errors);
                    let new = walk.left_out.iter();
                    let new = new.filter(|folder| !self.left_out.contains(folder));
                    self.log.left_out(&new.cloned().collect::<Vec<_>>());
                    self.left_out = walk.left_out;
                    let jobs = self.log.leave_out(walk.jobs);
                    let look = self.arrivals.look(jobs, Instant::now());
                    let still = look.arriving.is_empty() && !look.changed && !look.due;
                    let waiting = self.waiting_for(&look);
                    if look.due {
                        self.round(&look, stop, out)?;
                    }
                    if !still {
                        last = Instant::now();
                    }
                    waiting
                }
                Err(error) => {
                    let waiting = one_line(&error.to_string());
                    self.tell_once(&[error]);
                    waiting
                }
            };
            let ends = self.args.until_idle.map(|idle| last + idle);
            if ends.is_some_and(|ends| Instant::now() >= ends) {
                return Ok(());
            }
            self.wait(waiting, stop);
        }
        Ok(())
    }

    /// Whether the results folder is still the one that it was when it began; otherwise there is nothing to be gone on with.
    fn holds_the_results(&mut self) -> bool {
        match self.claim.still_held() {
            Ok(()) => true,
            Err(error) => {
                self.broken = Some(error);
                false
            }
        }
    }

    /// Waits until the next look.
    fn wait(&self, waiting: String, stop: &AtomicBool) {
        let shown = Waiting::begin(self.args.analysis.running.is_silent());
        shown.say(waiting);
        let until = Instant::now() + self.args.every;
        while !stop.load(Ordering::Relaxed) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(NAP));
        }
        shown.end();
    }

    /// What a person sees meanwhile.
    fn waiting_for(&self, look: &Look) -> String {
        let mut text = match look.settled.len() {
            0 => "nothing here yet".to_owned(),
            count => format!("{} here", files(count)),
        };
        let failed = self.stood.values();
        let failed = failed.filter(|stood| matches!(stood, Stood::Failed(..)));
        let failed = failed.count();
        if failed > 0 {
            text.push_str(&format!(", {failed} failed"));
        }
        if let Some(first) = look.arriving.first() {
            let more = if look.arriving.len() > 1 { " …" } else { "" };
            let arriving = look.arriving.len();
            text.push_str(&format!(", {arriving} arriving: {}{more}", one_line(first)));
        }
        text + " · watching, Ctrl-C ends"
    }

    /// Tells what is in the way of looking, unless it was so at the last look.
    fn tell_once(&mut self, errors: &[Error]) {
        let mut seen = BTreeMap::new();
        let mut tally = Tally::default();
        for error in errors {
            let text = error.to_string();
            if !self.in_the_way.contains_key(&text) {
                tally.not_listed(error.code().as_str(), &text);
                self.log.input_failed(error);
            }
            seen.insert(text, error.code());
        }
        self.in_the_way = seen;
        if self.args.analysis.running.says_failures() {
            tally.tell_failures(&Place::Log);
        }
    }

    /// A run over all files that are there.
    fn round(&mut self, look: &Look, stop: &AtomicBool, out: &mut dyn Write) -> Result<()> {
        let running = &self.args.analysis.running;
        self.rounds += 1;
        self.log.say(Event::RoundStarted {
            round: self.rounds,
            files: look.settled.len(),
            arriving: look.arriving.len(),
        });
        for name in &look.gone {
            self.log.say(Event::FileGone { file: name.clone() });
            if !running.quiet {
                let gone = one_line(name);
                writeln!(
                    out,
                    "{gone}: gone; its results stay in studies, in no table"
                )
                .map_err(output_failed)?;
            }
        }
        let before = std::mem::take(&mut self.stood);
        let round = Round {
            arrivals: &self.arrivals,
            before: &before,
            first: self.rounds == 1,
        };
        let jobs = &look.settled;
        let likely = if round.first {
            batch::done_before(jobs, &self.options)
        } else {
            let as_taken = jobs.iter().map(|job| self.arrivals.is_as_taken(job));
            as_taken.collect()
        };
        let news = likely.iter().filter(|unchanged| !**unchanged).count();
        let silent = running.is_silent() || news < 2;
        let mut progress = Progress::over(likely, silent, &self.options.stop);
        // What is new in this round, and all of it.
        let (mut tally, mut counts) = (Tally::default(), Counts::default());
        let mut refused = false;
        let mut anew = Vec::new();
        let (stood, log, options) = (&mut self.stood, &mut self.log, &self.options);
        let hear = |job: &Job, outcome: &Outcome, took: Duration| {
            counts.count(outcome);
            if let Some((worked, failed)) = progressed(outcome) {
                progress.done(worked, failed);
            }
            match round.news(job, outcome) {
                News::Told => {
                    tally.hear(&job.name, outcome);
                    log.file(job, outcome, took);
                }
                News::Changing => log.changing(job, took),
                News::None => {}
            }
            refused |= round.is_refused(job, outcome);
            if matches!(outcome, Outcome::Analyzed(_)) {
                anew.push(job.path.clone());
            }
            if let Some(now) = Stood::of(outcome, before.get(&job.name)) {
                stood.insert(job.name.clone(), now);
            }
        };
        let claim = &self.claim;
        let run = batch::refuse_to_replace(jobs, &options.results).and_then(|()| {
            self.pool
                .install(|| batch::run_in(claim, jobs, options, hear))
        });
        let took = progress.finish();
        let now = Instant::now();
        let end = match &run {
            Ok(_) => {
                self.arrivals.took(jobs, &options.results, refused, now);
                End::well(counts, took, stop.load(Ordering::Relaxed))
            }
            Err(error) => {
                self.arrivals.could_not(now);
                End::failed(counts, took, error)
            }
        };
        self.not_reached = counts.not_reached;
        if let Force::AllBut(done) = &mut self.options.force {
            done.extend(anew);
        }
        self.log.say(Event::RoundEnded {
            round: self.rounds,
            end,
        });
        if running.says_failures() {
            tally.tell_failures(&match run {
                Ok(_) => Place::Tables(&self.options.results),
                Err(_) => Place::None,
            });
        }
        if !running.quiet {
            tally.print_lines_or_counts(out).map_err(output_failed)?;
            out.flush().map_err(output_failed)?;
        }
        // What was taken away is told at the end.
        if self.holds_the_results() {
            self.note(run.err());
        }
        Ok(())
    }

    /// Keeps why a round could not go on, and tells it unless the last one could not for the same reason.
    fn note(&mut self, broken: Option<Error>) {
        let said = self.broken.as_ref().map(ToString::to_string);
        if let Some(error) = &broken
            && said != Some(error.to_string())
            && self.args.analysis.running.says_failures()
        {
            let again = "it is tried again while the folder is watched";
            let _ = writeln!(std::io::stderr(), "endplate: {error}; {again}");
        }
        self.broken = broken;
    }

    /// The summary of all files as they stand.
    fn end(mut self, took: Duration, stopped: bool, out: &mut dyn Write) -> Result<Ended> {
        self.holds_the_results();
        let running = &self.args.analysis.running;
        let mut tally = Tally::default();
        tally.not_reached = self.not_reached;
        tally.leave_out(&self.left_out);
        for stood in self.stood.values() {
            match stood {
                Stood::Study {
                    now,
                    family,
                    corrected,
                    noticed,
                } => {
                    if *now {
                        tally.analyzed += 1;
                    } else {
                        tally.unchanged += 1;
                    }
                    tally.count_study(*family, *corrected, *noticed);
                }
                Stood::Skipped => tally.skipped += 1,
                Stood::Failed(code, text) => tally.fail(code.as_str(), text),
            }
        }
        for (text, code) in &self.in_the_way {
            tally.not_listed(code.as_str(), text);
        }
        let counts = Counts::from(&tally);
        if let Some(error) = self.broken {
            self.log.say(Event::RunEnded {
                end: End::failed(counts, took, &error),
            });
            return running.could_not(error);
        }
        self.log.say(Event::RunEnded {
            end: End::well(counts, took, stopped),
        });
        let told = Told {
            tally: &tally,
            studies: Tally::print_counts,
            took: None,
        };
        let ended = self.args.analysis.tell(&told, out)?;
        // A person who ends it has been told what failed; a script that lets it end by itself asks for the exit code.
        let ended = if stopped { Ended::Well } else { ended };
        Ok(running.and_log(ended, &self.log))
    }
}
