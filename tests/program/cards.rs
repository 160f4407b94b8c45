//! Every card has an id of its own, a name, and a source; every measure, convention and comparison has a method page.

use endplate::cmap::MEASURES;
use endplate::finding::FindingCode;
use endplate::formats::FORMATS;
use endplate::quality::CHECKS;
use endplate::series::COMPARISONS;
use endplate::source::Source;
use endplate::train::{CHANGING_MEASURES, CONVENTIONS, SHAPES};
use std::collections::BTreeSet;

fn cards() -> Vec<(&'static str, &'static str, &'static str, Source)> {
    let formats = FORMATS
        .iter()
        .map(|card| ("format", card.id, card.name, card.specification));
    let measures = MEASURES
        .iter()
        .map(|card| ("measure", card.id, card.name, card.source));
    let conventions = CONVENTIONS
        .iter()
        .map(|card| ("convention", card.id, card.name, card.source));
    let comparisons = COMPARISONS
        .iter()
        .map(|card| ("comparison", card.id, card.name, card.source));
    let checks = CHECKS.iter().map(|card| {
        let name = card.finding.as_str();
        ("check", name, card.formula, card.source)
    });
    let shapes = SHAPES
        .iter()
        .map(|card| ("shape", card.id, card.name, card.source));
    formats
        .chain(checks)
        .chain(measures)
        .chain(conventions)
        .chain(comparisons)
        .chain(shapes)
        .collect()
}

#[test]
fn ids_are_unique_and_fit_for_columns() {
    let mut seen = BTreeSet::new();
    for (kind, id, _, _) in cards() {
        assert!(seen.insert((kind, id)), "{kind} {id} twice");
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "{kind} {id}"
        );
    }
}

#[test]
fn every_card_has_a_name_and_a_source() {
    for (kind, id, name, source) in cards() {
        assert!(!name.is_empty(), "{kind} {id}");
        assert!(!source.citation.is_empty(), "{kind} {id} has no source");
    }
    assert!(cards().len() > 15, "the lists are empty");
}

#[test]
fn every_measure_has_a_method_page_that_the_code_shows() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for measure in MEASURES {
        let page = root.join("docs/methods").join(format!(
            "{}.md",
            measure.name.to_lowercase().replace([' ', '-'], "_")
        ));
        let by_id = root.join("docs/methods").join(format!("{}.md", measure.id));
        let latency = root
            .join("docs/methods")
            .join(format!("{}_latency.md", measure.id));
        assert!(
            page.exists() || by_id.exists() || latency.exists(),
            "no method page for {}",
            measure.id
        );
    }
}

#[test]
fn what_changes_over_a_train_is_a_measure() {
    for id in CHANGING_MEASURES {
        assert!(MEASURES.iter().any(|measure| measure.id == *id), "{id}");
    }
}

/// The codes that code raises: in a finding that is made, or in the card of a check. A comparison raises nothing.
fn raised(code: &str) -> BTreeSet<&str> {
    let mut raised = BTreeSet::new();
    for maker in ["Finding::new(", "finding: "] {
        for after in code.split(maker).skip(1) {
            if let Some(code) = after.trim_start().strip_prefix("FindingCode::") {
                let end = code.find(|letter: char| !letter.is_alphanumeric());
                raised.insert(&code[..end.unwrap_or(code.len())]);
            }
        }
    }
    raised
}

#[test]
fn every_finding_is_raised_somewhere() {
    let code = crate::tidy::library_code();
    let raised = raised(&code);
    for finding in FindingCode::ALL {
        let name = format!("{finding:?}");
        assert!(raised.contains(name.as_str()), "{name} is never raised");
    }
}

#[test]
fn a_code_that_is_only_compared_or_listed_is_not_raised() {
    let code = "Finding::new(\n    FindingCode::MainsHum, text)
        finding: FindingCode::Saturated,
        if code == FindingCode::MainsLeft { &[FindingCode::NoiseHigh] }";
    assert_eq!(
        raised(code).into_iter().collect::<Vec<_>>(),
        ["MainsHum", "Saturated"]
    );
}

#[test]
fn a_term_of_the_human_phenotype_ontology_looks_like_one() {
    let terms = CONVENTIONS
        .iter()
        .filter_map(|card| card.hpo)
        .chain(COMPARISONS.iter().filter_map(|card| card.hpo))
        .chain(SHAPES.iter().filter_map(|card| card.hpo));
    let mut found = 0;
    for term in terms {
        let digits = term.strip_prefix("HP:").unwrap();
        assert!(
            digits.len() == 7 && digits.chars().all(|c| c.is_ascii_digit()),
            "{term}"
        );
        found += 1;
    }
    assert!(found > 0);
}
