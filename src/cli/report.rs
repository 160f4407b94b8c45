//! `endplate report`: recordings to reports that a person signs.

use super::{Ended, output_failed};
use crate::batch::{self, Medium, Reports};
use crate::clinical_report::{self, Template};
use crate::error::{Error, ErrorCode, Result};
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
    /// Number of threads; 0: one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Say nothing but failures
    #[arg(short, long)]
    quiet: bool,
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
        make: |c| clinical_report::pdf(c.study, c.file, c.template),
    },
    &Medium {
        id: "html",
        extension: "html",
        make: |c| clinical_report::html(c.study, c.file, c.template),
    },
    &Medium {
        id: "fhir",
        extension: "fhir.json",
        make: |c| exchange::fhir(&c.to_exchange()),
    },
    #[cfg(feature = "pdf")]
    &Medium {
        id: "dicom",
        extension: "dcm",
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
    let settings = args.settings.as_deref().map(Settings::load).transpose()?;
    let wanted = MEDIA.iter().filter(|medium| args.to.contains(&medium.id));
    let walk = batch::walk(&args.inputs, &args.output)?;
    let options = Reports {
        results: args.output.clone(),
        reading: args.reading.reading()?,
        settings: settings.unwrap_or_default(),
        template: args.template.template()?,
        attachment: args.attachment.attachment(&walk.jobs, &args.to)?,
        media: wanted.copied().collect(),
    };
    if walk.jobs.is_empty() {
        return Err(
            Error::new(ErrorCode::NothingToAnalyze, "there is no file to report")
                .advice("name a recording or a folder that holds some"),
        );
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .build()
        .map_err(|cause| Error::new(ErrorCode::Internal, cause.to_string()))?;
    let mut written = Vec::new();
    let mut failures: Vec<String> = walk.errors.iter().map(ToString::to_string).collect();
    pool.install(|| {
        batch::write_reports(&walk.jobs, &options, |_, outcome| match outcome {
            Ok(files) => written.extend(files.into_iter().flatten()),
            Err(error) => failures.push(error.to_string()),
        });
    });
    super::analyze::report_failures(&failures);
    if !args.quiet {
        for path in &written {
            writeln!(out, "{}", path.display()).map_err(output_failed)?;
        }
    }
    Ok(if failures.is_empty() {
        Ended::Well
    } else {
        Ended::SomeFailed
    })
}
