//! `endplate list`: the reference pages, made from the lists in the code.

use super::reference::PAGES;
use super::{Ended, output_failed};
use crate::error::{Error, ErrorCode, Result};
use crate::whole;
use std::io::Write;
use std::path::PathBuf;

/// List what endplate knows.
#[derive(clap::Args)]
pub struct Args {
    /// What to list; without it: what can be listed.
    topic: Option<String>,
    /// Write every page into this folder instead (the project's docs/reference).
    #[arg(long, value_name = "FOLDER", conflicts_with = "topic")]
    write: Option<PathBuf>,
}

/// Prints a page, or writes all of them.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Ended> {
    if let Some(folder) = &args.write {
        std::fs::create_dir_all(folder).map_err(|cause| Error::unwritten(folder, &cause))?;
        for page in PAGES {
            let path = folder.join(page.file);
            whole::write(&path, (page.text)().as_bytes())?;
        }
        writeln!(out, "{} pages written to {}", PAGES.len(), folder.display())
            .map_err(output_failed)?;
        return Ok(Ended::Well);
    }
    let Some(topic) = &args.topic else {
        for page in PAGES {
            writeln!(out, "{:<12} {}", page.topic, page.about).map_err(output_failed)?;
        }
        return Ok(Ended::Well);
    };
    let page = PAGES
        .iter()
        .find(|page| page.topic == topic)
        .ok_or_else(|| {
            let known: Vec<_> = PAGES.iter().map(|page| page.topic).collect();
            Error::new(ErrorCode::Usage, format!("nothing is known of \"{topic}\""))
                .advice(format!("one of {}", known.join(", ")))
        })?;
    out.write_all((page.text)().as_bytes())
        .map_err(output_failed)?;
    Ok(Ended::Well)
}
