//! `endplate report`: recordings to reports that a person signs.

use super::analysis::{Running, nothing_to, started};
use super::log::{Counts, End, Event};
use super::terminal::{Place, Progress, Tally, files};
use super::{Ended, output_failed, stop};
use crate::batch::{self, Medium, Reported, Reports};
use crate::clinical_report::{self, Template};
use crate::error::Result;
use crate::exchange;
use crate::study::Settings;
use std::io::Write;
use std::path::PathBuf;

/// Analyze recordings and write only their reports.
#[derive(clap::Args)]
pub struct Args {
    /// Recordings, or folders of them
    #[arg(required = true, value_name = "FILE|FOLDER")]
    inputs: Vec<PathBuf>,
    /// The folder for the reports
    #[arg(short, long, value_name = "FOLDER", default_value = "reports")]
    output: PathBuf,
    /// Settings that differ from the defaults (`endplate list settings`)
    #[arg(long, value_name = "FILE.toml")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    reading: super::reading::Args,
    #[command(flatten)]
    template: TemplateArgs,
    #[command(flatten)]
    attachment: super::attachment::Args,
    /// pdf, html, fhir, dicom; any of them
    #[arg(long, value_name = "MEDIUM", value_delimiter = ',', value_parser = medium, default_values = STANDARD)]
    to: Vec<&'static str>,
    #[command(flatten)]
    running: Running,
}

/// How reports are written.
#[derive(clap::Args)]
pub(super) struct TemplateArgs {
    /// Laboratory, language, paper and what appears in reports (docs/report.md)
    #[arg(long, value_name = "LAB.toml")]
    template: Option<PathBuf>,
}

impl TemplateArgs {
    pub(super) fn template(&self) -> Result<Template> {
        let loaded = self.template.as_deref().map(Template::load).transpose()?;
        Ok(loaded.unwrap_or_else(Template::standard))
    }
}

/// The media in which reports are written.
static MEDIA: &[&Medium] = &[
    #[cfg(feature = "pdf")]
    &Medium {
        id: "pdf",
        extension: "pdf",
        mark: "/Creator(endplate ",
        make: |c| clinical_report::pdf(c.study, c.file, c.template),
    },
    &Medium {
        id: "html",
        extension: "html",
        mark: "<meta name=\"generator\" content=\"endplate\">",
        make: |c| clinical_report::html(c.study, c.file, c.template),
    },
    &Medium {
        id: "fhir",
        extension: "fhir.json",
        mark: "\"name\": \"endplate\"",
        make: |c| exchange::fhir(&c.to_exchange()),
    },
    #[cfg(feature = "pdf")]
    &Medium {
        id: "dicom",
        extension: "dcm",
        mark: "/Creator(endplate ",
        make: |c| exchange::dicom(&c.to_exchange()),
    },
];

#[cfg(feature = "pdf")]
const STANDARD: [&str; 2] = ["pdf", "html"];
#[cfg(not(feature = "pdf"))]
const STANDARD: [&str; 1] = ["html"];

fn medium(name: &str) -> std::result::Result<&'static str, String> {
    let known: Vec<&'static str> = MEDIA.iter().map(|medium| medium.id).collect();
    let found = known.iter().copied().find(|id| *id == name);
    found.ok_or_else(|| format!("one of {}", known.join(", ")))
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    let running = &args.running;
    let settings = args.settings.as_deref().map(Settings::load).transpose()?;
    let wanted = MEDIA.iter().filter(|medium| args.to.contains(&medium.id));
    let walk = batch::walk(&args.inputs, &args.output)?;
    let mut log = running.log(&args.output)?;
    let jobs = log.leave_out(walk.jobs);
    let options = Reports {
        results: args.output.clone(),
        reading: args.reading.reading()?,
        settings: settings.unwrap_or_default(),
        template: args.template.template()?,
        attachment: args.attachment.attachment(&jobs, &args.to)?,
        media: wanted.copied().collect(),
        stop: stop::on_signal(),
    };
    if jobs.is_empty() {
        return Err(nothing_to("report", &walk.left_out));
    }
    let pool = running.pool()?;
    let place = (&args.inputs[..], args.output.as_path());
    log.say(started(
        "report",
        &options.settings,
        &pool,
        place,
        Some(jobs.len()),
    ));
    let mut tally = Tally::default();
    tally.leave_out(&walk.left_out);
    log.left_out(&walk.left_out);
    for error in &walk.errors {
        tally.not_listed(error.code().as_str(), &error.to_string());
        log.input_failed(error);
    }
    let mut written = Vec::new();
    let likely = vec![false; jobs.len()];
    let mut progress = Progress::over(likely, running.is_silent(), &options.stop);
    pool.install(|| {
        batch::write_reports(&jobs, &options, |job, reported, took| {
            log.report(job, &reported, took);
            if !matches!(reported, Reported::NotReached) {
                progress.done(true, matches!(reported, Reported::Failed(_)));
            }
            match reported {
                Reported::Written(files) => {
                    tally.analyzed += 1;
                    written.extend(files);
                }
                Reported::Skipped(_) => tally.skipped += 1,
                Reported::Failed(error) => tally.fail(error.code().as_str(), &error.to_string()),
                Reported::NotReached => tally.not_reached += 1,
            }
        });
    });
    let took = progress.finish();
    let stopped = tally.not_reached > 0;
    log.say(Event::RunEnded {
        end: End::well(Counts::from(&tally), took, stopped),
    });
    if running.says_failures() {
        tally.tell_failures(&Place::Log);
        if !running.quiet {
            // The standard output lists the reports. A terminal that is gone cannot be told so.
            let _ = tally.print_left_out(&mut std::io::stderr());
        }
        if stopped && !running.quiet {
            let (reached, all) = (jobs.len() - tally.not_reached, files(jobs.len()));
            let told = format!("stopped: {reached} of {all} reached; their reports are whole");
            let _ = writeln!(std::io::stderr(), "endplate: {told}");
        }
    }
    if !running.quiet {
        for path in &written {
            writeln!(out, "{}", path.display()).map_err(output_failed)?;
        }
    }
    let ended = if stopped {
        Ended::Stopped
    } else if tally.failures() == 0 {
        Ended::Well
    } else {
        Ended::SomeFailed
    };
    Ok(running.and_log(ended, &log))
}
