//! The options of every command that opens recordings.

use crate::error::Result;
use crate::formats::{self, Mapping};
use crate::sidecar::Reading;
use std::path::PathBuf;

/// How recordings are opened.
// Without a group: its name would be that of the arguments of the command.
#[derive(clap::Args, Default)]
#[group(skip)]
pub struct Args {
    /// What the recordings do not say about themselves (unit, rate, layout …); what stands beside a recording goes before it
    #[arg(long, value_name = "FILE.toml")]
    pub(super) map: Option<PathBuf>,
    /// The format of the recordings, where more than one claims them (`endplate list formats`)
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<String>,
    /// Let outputs say who the person is: name, date of birth, record number
    #[arg(long)]
    pub(super) identified: bool,
}

impl Args {
    pub(super) fn reading(&self) -> Result<Reading> {
        let mut mapping = self
            .map
            .as_deref()
            .map(Mapping::load)
            .transpose()?
            .unwrap_or_default();
        if let Some(id) = &self.format {
            mapping.format = Some(formats::with_id(id)?.id.to_owned());
        }
        Ok(Reading {
            mapping,
            identified: self.identified,
        })
    }
}
