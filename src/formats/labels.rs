//! Labels that several channels of a file bear.

use crate::finding::{Finding, FindingCode};
use crate::recording::Channel;
use std::collections::BTreeSet;

/// One finding for each label that stands more than once, in the order of the file.
pub(super) fn repeated(channels: &[Channel]) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut told = BTreeSet::new();
    channels
        .iter()
        .filter(|channel| !seen.insert(&channel.label) && told.insert(&channel.label))
        .map(|channel| {
            Finding::new(
                FindingCode::DuplicateLabel,
                format!("\"{}\"", channel.label),
            )
        })
        .collect()
}
