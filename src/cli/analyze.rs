//! `endplate analyze`: recordings to tables, JSON and figures.

use super::{Ended, output_failed};
use crate::batch::{self, Brief, Options, Outcome, Summary};
use crate::error::{Error, ErrorCode, Result};
use crate::pattern::Family;
use crate::report::{OUTPUTS, Output};
use crate::study::Settings;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Analyze recordings: tables, JSON and figures.
#[derive(clap::Args)]
pub struct Args {
    /// Recordings, or folders of them
    #[arg(required = true, value_name = "FILE|FOLDER")]
    inputs: Vec<PathBuf>,
    /// The folder for the results
    #[arg(short, long, value_name = "FOLDER", default_value = "results")]
    output: PathBuf,
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
    /// Number of threads; 0: one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Analyze also what an earlier run into the folder has done and what did not change since
    #[arg(long)]
    force: bool,
    /// Exit with 1 also when something was noticed about a study
    #[arg(long)]
    strict: bool,
    /// Say nothing but failures
    #[arg(short, long)]
    quiet: bool,
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

/// Failures named at the end; more are counted and stand in `files.csv`.
const FAILURES_SHOWN: usize = 20;

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let walk = batch::walk(&args.inputs, &args.output)?;
    let options = Options {
        results: args.output.clone(),
        reading: args.reading.reading()?,
        settings: args
            .settings
            .as_deref()
            .map(Settings::load)
            .transpose()?
            .unwrap_or_default(),
        outputs: args.to.clone(),
        template: args.template.template()?,
        attachment: {
            let to: Vec<&str> = args.to.iter().map(|output| output.id).collect();
            args.attachment.attachment(&walk.jobs, &to)?
        },
        force: args.force,
    };
    if walk.jobs.is_empty() {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "there is no file to analyze")
                .advice("name a recording or a folder that holds some"),
        );
    }
    batch::refuse_to_replace(&walk.jobs, &args.output)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    let bar = progress_bar(walk.jobs.len(), args.quiet);
    let mut told = Told::default();
    let mut failures: Vec<String> = walk.errors.iter().map(ToString::to_string).collect();
    let unread = failures.len();
    let summary = pool.install(|| {
        batch::run(&walk.jobs, &options, |job, outcome| {
            match outcome {
                Outcome::Failed(error) => {
                    failures.push(error.to_string());
                    bar.set_message(format!("{} failed", failures.len()));
                }
                Outcome::Analyzed(brief) | Outcome::Unchanged(brief) => told.add(&job.name, brief),
                Outcome::Skipped(_) => {}
            }
            bar.inc(1);
        })
    });
    bar.finish_and_clear();
    // Told also when the run as a whole could not go on.
    report_failures(&failures);
    let summary = summary?;
    if !args.quiet {
        told.print(out).map_err(output_failed)?;
        say(&summary, unread, args, out).map_err(output_failed)?;
    }
    let noticed = args.strict && summary.with_findings > 0;
    Ok(if failures.is_empty() && !noticed {
        Ended::Well
    } else {
        Ended::SomeFailed
    })
}

/// What the terminal tells of the studies: the reasons of one, a line each of a few, counts of many.
#[derive(Default)]
struct Told {
    studies: usize,
    lines: Vec<String>,
    reasons: Vec<String>,
    families: BTreeMap<Family, usize>,
    corrected: usize,
}

/// More studies than these are counted only; each stands in `files.csv`.
const STUDIES_SHOWN: usize = 20;

impl Told {
    fn add(&mut self, name: &str, brief: &Brief) {
        let corrections = &brief.corrections;
        let (title, family) = brief.told();
        self.corrected += usize::from(!corrections.is_empty());
        self.studies += 1;
        if let Some(family) = family {
            *self.families.entry(family).or_default() += 1;
        }
        if self.studies == 1 {
            self.reasons.clone_from(&brief.reasons);
            let by_hand = corrections.iter();
            self.reasons
                .extend(by_hand.map(|line| format!("changed by hand: {line}")));
        }
        if self.studies <= STUDIES_SHOWN {
            let by_hand = match corrections.len() {
                0 => String::new(),
                1 => "; 1 correction by hand".to_owned(),
                count => format!("; {count} corrections by hand"),
            };
            self.lines.push(format!("{name}: {title}{by_hand}"));
        }
    }

    fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        match self.studies {
            0 => Ok(()),
            1 => {
                for reason in &self.reasons {
                    writeln!(out, "  {reason}")?;
                }
                Ok(())
            }
            2..=STUDIES_SHOWN => {
                for line in &self.lines {
                    writeln!(out, "{line}")?;
                }
                Ok(())
            }
            _ => {
                for (family, count) in &self.families {
                    writeln!(out, "{count:>7}  {}", family.as_str().replace('_', " "))?;
                }
                if self.corrected > 0 {
                    writeln!(out, "{:>7}  corrected by hand", self.corrected)?;
                }
                Ok(())
            }
        }
    }
}

fn progress_bar(files: usize, quiet: bool) -> ProgressBar {
    if quiet || files < 2 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{pos}/{len} files {wide_bar} {per_sec} · {eta} left {msg}");
    ProgressBar::new(files as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

pub(super) fn report_failures(failures: &[String]) {
    let mut terminal = std::io::stderr().lock();
    for failure in failures.iter().take(FAILURES_SHOWN) {
        // A terminal that is gone cannot be told so.
        let _ = writeln!(terminal, "endplate: {failure}");
    }
    if failures.len() > FAILURES_SHOWN {
        let _ = writeln!(
            terminal,
            "endplate: … and {} more",
            failures.len() - FAILURES_SHOWN
        );
    }
}

fn say(summary: &Summary, unread: usize, args: &Args, out: &mut dyn Write) -> std::io::Result<()> {
    let plural = |count: usize| if count == 1 { "file" } else { "files" };
    write!(
        out,
        "{} {} analyzed",
        summary.analyzed,
        plural(summary.analyzed)
    )?;
    if summary.unchanged > 0 {
        write!(out, ", {} unchanged", summary.unchanged)?;
    }
    if summary.with_findings > 0 {
        write!(out, " ({} with findings)", summary.with_findings)?;
    }
    if summary.failed > 0 {
        write!(out, ", {} failed", summary.failed)?;
    }
    if unread > 0 {
        write!(out, ", {unread} could not be listed")?;
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
