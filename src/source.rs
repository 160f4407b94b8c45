//! Where a number or a rule comes from.

use schemars::JsonSchema;
use serde::Serialize;

/// A citation. Whatever rests on a paper, a standard or a textbook carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Source {
    /// Authors, title, journal or publisher, year.
    pub citation: &'static str,
    /// DOI, PMID or another address; empty when there is none.
    pub link: &'static str,
    /// Section, page or clause; empty when the whole is meant.
    pub place: &'static str,
}
