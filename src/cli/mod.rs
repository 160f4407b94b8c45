//! The command line: one file per subcommand. Only this module prints.

mod analysis;
mod analyze;
mod attachment;
mod convert;
mod init;
mod inspect;
mod list;
mod log;
mod merge;
mod reading;
mod reference;
mod reference_criteria;
mod report;
mod simulate;
mod stop;
mod summarize;
mod terminal;
mod watch;

pub use reference::{PAGES, Page};

use crate::error::{Error, ErrorCode};
use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

const AFTER_HELP: &str = "\
Examples:
  endplate analyze recordings/ -o results          every recording of a folder to tables, JSON and figures
  endplate watch recordings/ -o results            the same with whatever arrives there, until Ctrl-C
  endplate merge out/1 out/2 -o results            the shares of a run that several machines did
  endplate report study.edf --template lab.toml    one page to sign, with its details, as PDF and HTML
  endplate summarize results                       counts, distributions and criteria of a run
  endplate inspect study.edf                       what a file holds
  endplate init study.mat                          a file to state what a recording does not say
  endplate convert study.edf study.h5              the same recording in another format, without loss
  endplate simulate --profile lems -o lems.edf     a study with known truth
  endplate list settings                           every setting with its default and unit

endplate measures; it does not diagnose. Exit codes: 0 all done, 1 some file failed, 2 nothing could start, \
130 stopped by Ctrl-C.";

/// Measures CMAPs, decrement and increment in recordings of repetitive nerve stimulation.
#[derive(Parser)]
#[command(name = "endplate", version, after_help = AFTER_HELP, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyze recordings: tables, JSON and figures
    #[command(alias = "analyse")]
    Analyze(Box<analyze::Args>),
    /// Analyze what arrives in a folder, until Ctrl-C
    Watch(Box<watch::Args>),
    /// Write the report of each recording that a person signs: PDF and HTML
    Report(Box<report::Args>),
    /// Print what recordings hold: channels, rates, units, rails, marks, gaps, findings
    Inspect(inspect::Args),
    /// Write a commented file beside a recording or a folder, for what the recordings do not say
    Init(init::Args),
    /// Write a recording in another format, without loss
    Convert(convert::Args),
    /// Put the shares of a run together (`analyze --shard K/N`)
    Merge(merge::Args),
    /// Statistics over the results of a run
    #[command(alias = "summarise")]
    Summarize(summarize::Args),
    /// Make studies with known truth
    Simulate(Box<simulate::Args>),
    /// List what endplate knows: formats, measures, settings …
    List(list::Args),
    /// Print the completions of a shell
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Runs the command line and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version go to standard output and are no failure; clap knows which.
            let failed = answer.use_stderr();
            let _ = answer.print();
            return if failed {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    stop::outlive_size_limit();
    let mut out = std::io::stdout().lock();
    let ended = match &cli.command {
        Command::Analyze(args) => analyze::run(args, &mut out),
        Command::Watch(args) => watch::run(args, &mut out),
        Command::Report(args) => report::run(args, &mut out),
        Command::Inspect(args) => inspect::run(args, &mut out),
        Command::Init(args) => init::run(args, &mut out),
        Command::Convert(args) => convert::run(args, &mut out),
        Command::Merge(args) => merge::run(args, &mut out),
        Command::Summarize(args) => summarize::run(args, &mut out),
        Command::Simulate(args) => simulate::run(args, &mut out),
        Command::List(args) => list::run(args, &mut out),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "endplate", &mut out);
            Ok(Ended::Well)
        }
    };
    let ended = ended.and_then(|ended| out.flush().map(|()| ended).map_err(output_failed));
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::SomeFailed) => ExitCode::from(1),
        Ok(Ended::CouldNotGoOn) => ExitCode::from(2),
        Ok(Ended::Stopped) => ExitCode::from(stop::EXIT_CODE),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let told = terminal::harmless(&error.to_string());
            let _ = writeln!(std::io::stderr(), "endplate: {told}");
            ExitCode::from(2)
        }
    }
}

/// How a subcommand ended when it could start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Everything was done.
    Well,
    /// Some file failed; the rest was done.
    SomeFailed,
    /// It could not go on, and has said why.
    CouldNotGoOn,
    /// It was stopped by Ctrl-C before it came to every file.
    Stopped,
}

/// An error of writing to standard output.
fn output_failed(cause: std::io::Error) -> Error {
    let code = if cause.kind() == std::io::ErrorKind::BrokenPipe {
        ErrorCode::Output
    } else {
        ErrorCode::Io
    };
    Error::new(code, format!("standard output: {cause}"))
}

/// `endplate list settings | head` closes the pipe; that is no failure.
fn is_closed_pipe(error: &Error) -> bool {
    error.code() == ErrorCode::Output
        && error.path().is_none()
        && error.message().contains("roken pipe")
}
