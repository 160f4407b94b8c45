//! The sections of a report: their cards.

use super::compose::{corrections, criteria, figures, findings, head, pattern, settings, trains};
use super::form::Block;
use super::scene::Scene;

/// The card of a section.
pub struct Section {
    /// Short and stable; how a template names it.
    pub id: &'static str,
    /// What it shows.
    pub meaning: &'static str,
    /// Whether it belongs on page one or follows it.
    pub page_one: bool,
    /// Its blocks; none if there is nothing to say.
    pub compose: fn(&Scene<'_>) -> Vec<Block>,
}

/// Every section, in the order of the form.
pub static SECTIONS: &[&Section] = &[
    &RECORDING,
    &PROTOCOL,
    &PATTERN,
    &TRAINS,
    &CORRECTIONS,
    &FINDINGS,
    &CRITERIA,
    &COMMENT,
    &SIGNATURE,
    &FIGURES,
    &REASONS,
    &VERDICTS,
    &ALL_FINDINGS,
    &SETTINGS,
    &PROVENANCE,
];

static RECORDING: Section = Section {
    id: "recording",
    meaning: "The subject (a name only where it was asked for) and the recording",
    page_one: true,
    compose: head::recording,
};

static PROTOCOL: Section = Section {
    id: "protocol",
    meaning: "What was done: muscles, nerves, rates, exercise, temperature, times",
    page_one: true,
    compose: head::protocol,
};

static PATTERN: Section = Section {
    id: "pattern",
    meaning: "The pattern of the muscles with its rule and what it leaves open; never a diagnosis",
    page_one: true,
    compose: pattern::summary,
};

/// The table of trains.
pub static TRAINS: Section = Section {
    id: "trains",
    meaning: "A row per train: when, rate, first amplitude, decrement 1→4 with intervals, facilitation or increment, whether it can be believed",
    page_one: true,
    compose: trains::table,
};

/// What a reader changed by hand. It appears whatever a template says.
pub static CORRECTIONS: Section = Section {
    id: "corrections",
    meaning: "What a reader changed by hand, with who, when and why; a template cannot leave it out",
    page_one: true,
    compose: corrections::list,
};

static FINDINGS: Section = Section {
    id: "findings",
    meaning: "The technical findings that matter for the result, each with its advice",
    page_one: true,
    compose: findings::important,
};

static CRITERIA: Section = Section {
    id: "criteria",
    meaning: "The criteria by which the pattern was read, or those of the template: met, not met, undecided, cannot be judged",
    page_one: true,
    compose: criteria::chosen,
};

static COMMENT: Section = Section {
    id: "comment",
    meaning: "Room for a comment",
    page_one: true,
    compose: head::comment,
};

static SIGNATURE: Section = Section {
    id: "signature",
    meaning: "Lines for date and signature",
    page_one: true,
    compose: head::signature,
};

static FIGURES: Section = Section {
    id: "figures",
    meaning: "The figures of every train and series",
    page_one: false,
    compose: figures::all,
};

static REASONS: Section = Section {
    id: "reasons",
    meaning: "How the pattern follows, line by line",
    page_one: false,
    compose: pattern::reasons,
};

static VERDICTS: Section = Section {
    id: "verdicts",
    meaning: "What every criterion set says, with the value that decided and the sources",
    page_one: false,
    compose: criteria::all,
};

static ALL_FINDINGS: Section = Section {
    id: "all_findings",
    meaning: "Every finding with what exactly was seen",
    page_one: false,
    compose: findings::all,
};

static SETTINGS: Section = Section {
    id: "settings",
    meaning: "The settings that differ from the defaults",
    page_one: false,
    compose: settings::changed,
};

static PROVENANCE: Section = Section {
    id: "provenance",
    meaning: "Version, file, hash",
    page_one: false,
    compose: settings::provenance,
};
