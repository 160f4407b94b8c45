//! What criteria say: on page one those that count, later all of them with their sources.

use super::super::form::{Block, Item, Row, RowKind, Style, Table};
use super::super::scene::{MISSING, Scene, long_line};
use super::{headed, heading, items, number, paragraph, text};
use crate::criteria::{CriterionSet, Outcome, Subject, Supports, Verdict, built_in};
use crate::error::{Error, ErrorCode, Result};
use crate::study::{ChannelStudy, Settings};

/// The measure of a rule that names no other.
const AMPLITUDE: &str = "amplitude";

/// The sets that can have been judged, those of the laboratory first.
struct Known {
    own: Vec<CriterionSet>,
}

impl Known {
    fn of(scene: &Scene<'_>) -> Self {
        let settings = Settings::from_toml(&scene.study.provenance.settings);
        Self {
            own: settings
                .map(|settings| settings.criteria.own)
                .unwrap_or_default(),
        }
    }

    fn set(&self, id: &str) -> Option<&CriterionSet> {
        self.own.iter().chain(built_in()).find(|set| set.id == id)
    }

    fn name(&self, id: &str) -> String {
        long_line(self.set(id).map_or(id, |set| set.name.as_str()))
    }
}

/// The answer of a verdict.
fn answer(scene: &Scene<'_>, verdict: &Verdict) -> String {
    let answer = scene.word(&format!("answer.{}", verdict.outcome.as_str()));
    if verdict.gray {
        format!("{answer} ({})", scene.word("answer.gray"))
    } else {
        answer
    }
}

/// The value that decided, with the place where it was seen.
fn value(scene: &Scene<'_>, channel: &ChannelStudy, verdict: &Verdict) -> String {
    let Some(evidence) = verdict.deciding() else {
        return MISSING.to_owned();
    };
    match &evidence.value {
        Ok(interval) => {
            let shown = scene.of_verdict(interval, verdict);
            match evidence.subject.train() {
                Some(train) if channel.trains.len() > 1 => format!("{shown}\u{A0}#{}", train + 1),
                _ => shown,
            }
        }
        Err(why) => scene.reason(why),
    }
}

/// What was compared for the value that decided, as responses of a train: `1→5`. The table of trains may show another comparison.
fn compared(verdict: &Verdict) -> String {
    match verdict.deciding().map(|evidence| &evidence.subject) {
        Some(Subject::Change { to: Some(to), .. }) => format!(" 1→{to}"),
        _ => String::new(),
    }
}

/// The measure of a rule, where it is not that of nearly all rules.
fn measure(scene: &Scene<'_>, known: &Known, verdict: &Verdict) -> String {
    let set = known.set(&verdict.set);
    let rule = set.and_then(|set| set.rules.iter().find(|rule| rule.id == verdict.rule));
    match rule {
        Some(rule) if rule.measure != AMPLITUDE => {
            format!(" ({})", scene.template.measure(&rule.measure))
        }
        _ => String::new(),
    }
}

/// `decrement 1→5 ≥ 10 %`.
fn limit(scene: &Scene<'_>, known: &Known, verdict: &Verdict) -> String {
    let (sign, unit) = (verdict.comparator.symbol(), scene.unit(verdict.test.unit()));
    let supports = verdict.supports.as_str();
    let what = scene.template.words.of("supports", supports, supports);
    let places = if verdict.limit.fract() == 0.0 { 0 } else { 2 };
    let (compared, measure) = (compared(verdict), measure(scene, known, verdict));
    format!(
        "{what}{measure}{compared} {sign}\u{A0}{}\u{A0}{unit}",
        scene.plain(verdict.limit, places)
    )
}

/// Whether a verdict says something about this muscle, or at least why it cannot where its set is asked for every muscle.
fn concerns(verdict: &Verdict) -> bool {
    !matches!(verdict.outcome, Outcome::NotApplicable(_)) || !verdict.evidence.is_empty()
}

/// The sets of page one.
fn asked(scene: &Scene<'_>) -> Vec<String> {
    let named = &scene.template.file.criteria;
    if !named.is_empty() {
        return named.clone();
    }
    let sets = &scene.study.pattern.sets;
    let mut ids = vec![sets.decrement.clone()];
    ids.extend(sets.decrement_second.iter().cloned());
    ids.push(sets.increment.clone());
    ids.extend(sets.resting.iter().cloned());
    ids
}

/// Whether every set that the template names exists, built in or in the settings of the study.
pub fn check(scene: &Scene<'_>) -> Result<()> {
    let known = Known::of(scene);
    let named = &scene.template.file.criteria;
    let Some(id) = named.iter().find(|id| known.set(id).is_none()) else {
        return Ok(());
    };
    let mut ids: Vec<&str> = Vec::new();
    for set in known.own.iter().chain(built_in()) {
        if !ids.contains(&set.id.as_str()) {
            ids.push(&set.id);
        }
    }
    Err(Error::new(
        ErrorCode::BadSettings,
        format!("criteria of the template: \"{id}\" is not known"),
    )
    .advice(format!("any of {}", ids.join(", "))))
}

/// The criteria of page one.
pub fn chosen(scene: &Scene<'_>) -> Vec<Block> {
    let known = Known::of(scene);
    let ids = asked(scene);
    let explicit = !scene.template.file.criteria.is_empty();
    // Those by which the pattern was read are always shown for decrement and increment, so that a missing test is seen.
    let sets = &scene.study.pattern.sets;
    let always = |verdict: &Verdict| verdict.set == sets.decrement || verdict.set == sets.increment;
    let several = scene.study.channels.len() > 1;
    let mut rows = Vec::new();
    let mut others = [0_usize; 4];
    for channel in &scene.study.channels {
        let (mut shown, mut missing) = (Vec::new(), Vec::new());
        for verdict in &channel.verdicts {
            let wanted = ids.contains(&verdict.set) && (explicit || asked_for(scene, verdict));
            if wanted && (concerns(verdict) || explicit || always(verdict)) {
                if concerns(verdict) {
                    shown.push(verdict);
                } else {
                    missing.push(verdict);
                }
            } else {
                others[place(&verdict.outcome)] += 1;
            }
        }
        if several && !(shown.is_empty() && missing.is_empty()) {
            rows.push(Row {
                cells: vec![scene.muscle(channel)],
                kind: RowKind::Group,
            });
        }
        for verdict in shown.into_iter().chain(missing) {
            rows.push(Row {
                cells: vec![
                    known.name(&verdict.set),
                    limit(scene, &known, verdict),
                    value(scene, channel, verdict),
                    answer(scene, verdict),
                ],
                kind: if verdict.outcome == Outcome::Met {
                    RowKind::Strong
                } else {
                    RowKind::Plain
                },
            });
        }
    }
    let mut blocks = vec![heading(scene.word("section.criteria"))];
    if rows.is_empty() {
        blocks.push(paragraph(scene.word("form.no_criteria"), Style::Normal));
    } else {
        blocks.push(Block::Table(Table {
            summary: scene.word("section.criteria"),
            columns: columns(scene),
            rows,
            notes: Vec::new(),
        }));
    }
    let counted = others.map(|count| count.to_string());
    let [met, not_met, undecided, not_applicable] = &counted;
    let places = [
        ("met", met.as_str()),
        ("not_met", not_met),
        ("undecided", undecided),
        ("not_applicable", not_applicable),
    ];
    blocks.push(paragraph(
        scene.fill("form.other_rules", &places),
        Style::Small,
    ));
    blocks
}

/// Whether the pattern asks this of the set: a decrement of one, an increment of another, a limit of the resting response of others.
fn asked_for(scene: &Scene<'_>, verdict: &Verdict) -> bool {
    let sets = &scene.study.pattern.sets;
    match verdict.supports {
        Supports::Decrement => {
            verdict.set == sets.decrement || sets.decrement_second.contains(&verdict.set)
        }
        Supports::Increment => verdict.set == sets.increment,
        Supports::LowAmplitude => sets.resting.contains(&verdict.set),
        _ => false,
    }
}

fn place(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Met => 0,
        Outcome::NotMet => 1,
        Outcome::Undecided(_) => 2,
        Outcome::NotApplicable(_) => 3,
    }
}

fn columns(scene: &Scene<'_>) -> Vec<super::super::form::Column> {
    let label = |key: &str| scene.word(&format!("column.{key}"));
    vec![
        text(label("criterion")),
        text(label("limit")),
        number(label("value")),
        text(label("answer")),
    ]
}

/// The sets none of whose rules says anything: one rule that speaks is enough for a set not to be silent.
fn silent_sets(verdicts: &[Verdict]) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for verdict in verdicts {
        let speaks = |other: &Verdict| other.set == verdict.set && concerns(other);
        if !ids.contains(&verdict.set.as_str()) && !verdicts.iter().any(speaks) {
            ids.push(&verdict.set);
        }
    }
    ids
}

/// Every verdict that says something, muscle by muscle; then the sets that say nothing, and the sources.
pub fn all(scene: &Scene<'_>) -> Vec<Block> {
    let known = Known::of(scene);
    let mut used: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    let mut silent: Vec<Item> = Vec::new();
    for channel in &scene.study.channels {
        let speaking: Vec<&Verdict> = channel
            .verdicts
            .iter()
            .filter(|verdict| concerns(verdict))
            .collect();
        if !speaking.is_empty() {
            rows.push(Row {
                cells: vec![scene.muscle(channel)],
                kind: RowKind::Group,
            });
        }
        for &verdict in &speaking {
            if !used.contains(&verdict.set.as_str()) {
                used.push(&verdict.set);
            }
            let mut why: Vec<String> = vec![long_line(verdict.outcome.reason())];
            why.extend(verdict.notes.iter().map(|note| long_line(note)));
            why.retain(|text| !text.is_empty());
            rows.push(Row {
                cells: vec![
                    format!("{} ({})", known.name(&verdict.set), verdict.set),
                    limit(scene, &known, verdict),
                    value(scene, channel, verdict),
                    answer(scene, verdict),
                    why.join("; "),
                ],
                kind: if verdict.outcome == Outcome::Met {
                    RowKind::Strong
                } else {
                    RowKind::Plain
                },
            });
        }
        let ids = silent_sets(&channel.verdicts);
        if !ids.is_empty() {
            silent.push(Item {
                lead: scene.lead(&scene.muscle(channel)),
                text: ids.join(", "),
            });
        }
    }
    let mut columns = columns(scene);
    columns.push(text(scene.word("column.remark")));
    let mut blocks = headed(
        scene.word("section.verdicts"),
        Table {
            summary: scene.word("section.verdicts"),
            columns,
            rows,
            notes: Vec::new(),
        },
    );
    if !silent.is_empty() {
        blocks.push(paragraph(scene.word("form.silent_sets"), Style::Small));
        blocks.push(items(silent));
    }
    let sources: Vec<Item> = used
        .into_iter()
        .filter_map(|id| known.set(id))
        .map(|set| Item {
            lead: set.id.clone(),
            text: long_line(&format!(
                "{}. {}",
                set.source.citation.trim_end_matches('.'),
                set.source.link
            )),
        })
        .collect();
    if !sources.is_empty() {
        blocks.push(heading(scene.word("section.sources")));
        blocks.push(items(sources));
    }
    blocks
}
