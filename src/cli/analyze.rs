//! `endplate analyze`
use super::Ended;
use crate::error::Result;
use std::io::Write;
/// Analyze
#[derive(clap::Args)]
pub struct Args {}
pub(super) fn run(_args: &Args, _out: &mut dyn Write) -> Result<Ended> {
    Ok(Ended::Well)
}
