//! The reference pages of criterion sets, patterns and muscles.

use super::reference::{cell, cite, row, table, title};
use crate::criteria::{self, Accuracy, Rule};
use crate::pattern::{Family, PATTERNS};
use crate::recording::muscle::MUSCLES;
use std::fmt::Write;

/// The criterion sets.
pub(super) fn criteria() -> String {
    let mut page = title("Criterion sets");
    page.push_str(
        "What publications say, as endplate judges by it. How a verdict comes about, and how a laboratory writes its own sets, stands in \
         `docs/methods/criteria.md`. Sets that are not verified were not read in their source; they are off unless `criteria.sets` names them. \
         Shares are those of the patients of the publication, with exact 95 % intervals (Clopper and Pearson), and hold for no one else.\n",
    );
    for set in criteria::built_in() {
        let state = if set.verified {
            ""
        } else {
            " (not verified, off)"
        };
        let _ = write!(
            page,
            "\n## `{}`{state}\n\n{}. {}",
            set.id,
            set.name,
            cell(&set.source.citation)
        );
        for part in [&set.source.place, &set.source.link] {
            if !part.is_empty() {
                let _ = write!(page, ", {part}");
            }
        }
        page.push_str(".\n\n");
        for note in &set.notes {
            let _ = writeln!(page, "- {}", cell(note));
        }
        if !set.notes.is_empty() {
            page.push('\n');
        }
        table(
            &mut page,
            &[
                "rule",
                "test",
                "met if",
                "only if",
                "speaks for",
                "note",
                "reported",
            ],
        );
        for rule in &set.rules {
            row(
                &mut page,
                &[
                    &format!("`{}`", rule.id),
                    &test(rule),
                    &rule.limit_text(),
                    &conditions(rule),
                    rule.supports.as_str(),
                    &notes(rule),
                    &rule
                        .accuracy
                        .iter()
                        .map(reported)
                        .collect::<Vec<_>>()
                        .join("; "),
                ],
            );
        }
    }
    page
}

fn test(rule: &Rule) -> String {
    let mut text = rule.test.words().to_owned();
    if !rule.conventions.is_empty() {
        let ids: Vec<_> = rule
            .conventions
            .iter()
            .map(|id| format!("`{id}`"))
            .collect();
        let _ = write!(text, ", {}", ids.join(" or "));
    }
    if rule.test != criteria::Test::LateOverEarly {
        let _ = write!(text, ", {}", rule.measure);
    }
    text
}

fn conditions(rule: &Rule) -> String {
    let mut parts = Vec::new();
    if !rule.muscles.is_empty() {
        parts.push(rule.muscles.join(", "));
    }
    if let Some([low, high]) = rule.rate_hz {
        parts.push(format!("{low}–{high} Hz"));
    }
    if let Some([low, high]) = rule.exercise_s {
        parts.push(format!("{low}–{high} s of exercise"));
    }
    if rule.reproducible {
        parts.push("in two trains".to_owned());
    }
    parts.join("; ")
}

fn notes(rule: &Rule) -> String {
    let mut parts = Vec::new();
    if !rule.studied_in.is_empty() {
        parts.push(format!("studied in {}", rule.studied_in.join(", ")));
    }
    if let Some(gray) = &rule.gray {
        parts.push(format!(
            "{} {} {}: {}",
            gray.comparator,
            gray.limit,
            rule.test.unit(),
            gray.says
        ));
    }
    parts.extend(rule.note.clone());
    parts.extend(rule.hpo.clone());
    parts.join("; ")
}

fn reported(accuracy: &Accuracy) -> String {
    let interval = accuracy
        .interval_pct()
        .map(|(low, high)| format!(" ({low:.1}–{high:.1})"));
    format!(
        "{} {}: {}/{} = {:.1} %{}",
        accuracy.what,
        accuracy.group,
        accuracy.count,
        accuracy.of,
        accuracy.percent(),
        interval.unwrap_or_default()
    )
}

/// The patterns of a study.
pub(super) fn patterns() -> String {
    let mut page = title("Patterns");
    page.push_str(
        "What the muscles of a study can show together, in the order in which they are sought; how, stands in `docs/methods/pattern.md`. None is a \
         diagnosis, and none excludes a disease.\n\n",
    );
    table(
        &mut page,
        &[
            "id",
            "family",
            "title",
            "rule",
            "what it leaves open",
            "source",
        ],
    );
    for card in PATTERNS {
        let family: Family = card.family;
        row(
            &mut page,
            &[
                &format!("`{}`", card.id),
                &format!("`{}`", family.as_str()),
                card.title,
                card.rule,
                card.caution,
                &cite(&card.source),
            ],
        );
    }
    page
}

/// The muscles that limits are published for.
pub(super) fn muscles() -> String {
    let mut page = title("Muscles");
    page.push_str(
        "The names of muscles that criterion sets know. Case, spaces, hyphens, periods and underscores make no difference. Any other name is kept as it is \
         and has no limits.\n\n",
    );
    table(&mut page, &["id", "name", "also written"]);
    for muscle in MUSCLES {
        let spellings: Vec<_> = muscle
            .spellings
            .iter()
            .map(|text| format!("`{text}`"))
            .collect();
        row(
            &mut page,
            &[
                &format!("`{}`", muscle.id),
                muscle.name,
                &spellings.join(", "),
            ],
        );
    }
    page
}
