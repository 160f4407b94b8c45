//! What `analyze` and `watch` have in common: how recordings are analyzed, what is written, and what is told of it.

use super::log::{self, Event, Log, SCHEMA_ID};
use super::terminal::{Place, Tally, harmless};
use super::{Ended, output_failed, stop};
use crate::batch::{Force, Job, Options, Outcome};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::sha256;
use crate::report::{OUTPUTS, Output};
use crate::study::Settings;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How recordings are analyzed and what is written.
// Without a group: its name would be that of the arguments of the command.
#[derive(clap::Args)]
#[group(skip)]
pub struct Args {
    /// The folder for the results
    #[arg(short, long, value_name = "FOLDER", default_value = "results")]
    pub(super) output: PathBuf,
    /// Settings that differ from the defaults (`endplate list settings`)
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    reading: super::reading::Args,
    #[command(flatten)]
    template: super::report::TemplateArgs,
    #[command(flatten)]
    attachment: super::attachment::Args,
    /// What is written besides the tables of the run as CSV (`endplate list outputs`)
    #[arg(long, value_name = "OUTPUT", value_delimiter = ',', value_parser = output, default_values = ["json", "svg", "png"])]
    to: Vec<&'static Output>,
    #[command(flatten)]
    pub(super) running: Running,
    /// Exit with 1 also when something was noticed about a study
    #[arg(long)]
    pub(super) strict: bool,
}

/// How a command runs, and what it tells.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Running {
    /// Number of threads; 0: one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Append what happens, a line of JSON each, to a file; `-`: standard error, where nothing else is written then (docs/log.md)
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Say nothing but failures
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// The output of that name.
fn output(name: &str) -> std::result::Result<&'static Output, String> {
    OUTPUTS
        .iter()
        .copied()
        .find(|output| output.id == name)
        .ok_or_else(|| {
            let known: Vec<_> = OUTPUTS.iter().map(|output| output.id).collect();
            format!("one of {}", known.join(", "))
        })
}

impl Args {
    /// What is done with each file. The files are needed because one person must not be named for those of several.
    pub(super) fn options(&self, jobs: &[Job], force: Force) -> Result<Options> {
        Ok(Options {
            results: self.output.clone(),
            reading: self.reading.reading()?,
            settings: self
                .settings
                .as_deref()
                .map(Settings::load)
                .transpose()?
                .unwrap_or_default(),
            outputs: self.to.clone(),
            template: self.template.template()?,
            attachment: {
                let to: Vec<&str> = self.to.iter().map(|output| output.id).collect();
                self.attachment.attachment(jobs, &to)?
            },
            force,
            stop: Arc::new(AtomicBool::new(false)),
            share: None,
        })
    }

    /// Tells what became of the files, and how that is for the exit code.
    pub(super) fn tell(&self, told: &Told<'_>, out: &mut dyn Write) -> Result<Ended> {
        let tally = told.tally;
        if self.running.says_failures() {
            tally.tell_failures(&Place::Tables(&self.output));
        }
        if !self.running.quiet {
            (told.studies)(tally, out).map_err(output_failed)?;
            tally
                .print_numbers(told.took, &self.output, out)
                .map_err(output_failed)?;
        }
        let noticed = self.strict && tally.with_findings > 0;
        Ok(if tally.failures() == 0 && !noticed {
            Ended::Well
        } else {
            Ended::SomeFailed
        })
    }
}

/// What is told at the end of a command.
pub(super) struct Told<'a> {
    pub tally: &'a Tally,
    /// How it tells of the studies.
    pub studies: fn(&Tally, &mut dyn Write) -> std::io::Result<()>,
    pub took: Option<std::time::Duration>,
}

impl Running {
    /// The threads of the run.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))
    }

    /// The log, if one is asked for. It may stand in the results folder, which is made for it.
    pub(super) fn log(&self, results: &Path) -> Result<Log> {
        Log::open(self.log.as_deref(), results)
    }

    /// Whether nothing is shown while the work goes on.
    pub(super) fn is_silent(&self) -> bool {
        self.quiet || !self.says_failures()
    }

    /// Whether failures are told in words: not where the log stands in their place.
    pub(super) fn says_failures(&self) -> bool {
        !log::is_stderr(self.log.as_deref())
    }

    /// Raised by Ctrl-C from here on.
    pub(super) fn stop_on_signal(&self, options: &mut Options) -> Arc<AtomicBool> {
        options.stop = stop::on_signal();
        Arc::clone(&options.stop)
    }

    /// How the command ends that could not go on.
    pub(super) fn could_not(&self, error: Error) -> Result<Ended> {
        if self.says_failures() {
            Err(error)
        } else {
            // Its reason is the last line of the log.
            Ok(Ended::CouldNotGoOn)
        }
    }

    /// A log that lost lines: that is told in words, because what the log was to tell is not.
    pub(super) fn and_log(&self, ended: Ended, log: &Log) -> Ended {
        match (log.failure(), ended) {
            (None, ended) => ended,
            (Some(error), ended) => {
                let told = harmless(&error.to_string());
                let _ = writeln!(std::io::stderr(), "endplate: {told}");
                if ended == Ended::Well {
                    Ended::SomeFailed
                } else {
                    ended
                }
            }
        }
    }
}

/// The error of a command that found no file, but may have left results of other runs out.
pub(super) fn nothing_to(do_what: &str, left_out: &[PathBuf]) -> Error {
    let mut what = format!("there is no file to {do_what}");
    if let Some(folder) = left_out.first() {
        what += &format!("; {} holds results of another run", folder.display());
    }
    Error::new(ErrorCode::NothingToAnalyze, what)
        .advice("name a recording or a folder that holds some")
}

/// Whether there was something to do about a file that is done, and whether it failed. One to which the run did not come is not done, so that
/// the last thing that is seen of a run that was stopped is how far it came.
pub(super) fn progressed(outcome: &Outcome) -> Option<(bool, bool)> {
    match outcome {
        Outcome::Analyzed(_) | Outcome::Skipped(_) => Some((true, false)),
        Outcome::Unchanged(_) => Some((false, false)),
        Outcome::Failed(_) => Some((true, true)),
        Outcome::NotReached => None,
    }
}

/// The first line of the log.
pub(super) fn started(
    command: &'static str,
    settings: &Settings,
    pool: &rayon::ThreadPool,
    (inputs, results): (&[PathBuf], &Path),
    files: Option<usize>,
) -> Event<'static> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Event::RunStarted {
        schema: SCHEMA_ID,
        command,
        version: env!("CARGO_PKG_VERSION"),
        settings_sha256: sha256(settings.to_toml()),
        threads: pool.current_num_threads(),
        inputs: inputs.iter().map(|path| text(path)).collect(),
        results: text(results),
        files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_to_which_a_stopped_run_did_not_come_is_not_counted_as_done() {
        assert_eq!(progressed(&Outcome::NotReached), None);
        let failed = Outcome::Failed(Error::new(ErrorCode::Io, "gone"));
        assert_eq!(progressed(&failed), Some((true, true)));
    }
}
