//! What was noticed: on page one what matters for the result, later everything.

use super::super::form::{Block, Item, Row, RowKind, Style, Table};
use super::super::scene::{Scene, one_line};
use super::{headed, heading, items, paragraph, text};
use crate::finding::{Finding, FindingCode};
use crate::study::ChannelStudy;
use crate::train::Trust;
use std::collections::{BTreeMap, BTreeSet};

/// Findings that change nothing a signer has to weigh: they stand with the others on the later pages.
pub const ASIDE: &[FindingCode] = &[
    FindingCode::HeaderCorrected,
    FindingCode::RailsUnknown,
    FindingCode::GapInRecording,
    FindingCode::ProcessedNotMeasured,
    FindingCode::StatedBeside,
    FindingCode::MarksAdded,
    FindingCode::DuplicateLabel,
    FindingCode::ChannelIgnored,
    FindingCode::TextNotUnicode,
    FindingCode::SubjectWithheld,
    FindingCode::StimulusFromArtefact,
    FindingCode::MainsHum,
    FindingCode::ArtefactRemoved,
    FindingCode::BaselineBeforeTrain,
    FindingCode::BaselineShort,
    FindingCode::BaselineDrift,
    FindingCode::PolarityInverted,
    // It has a section of its own on page one.
    FindingCode::CorrectedByHand,
];

/// So many stand on page one; the rest are counted.
const ON_PAGE_ONE: usize = 6;

/// What a finding means, in the language.
pub fn meaning(scene: &Scene<'_>, code: FindingCode) -> String {
    let key = format!("{}.meaning", code.as_str());
    scene.template.words.of("finding", &key, code.meaning())
}

/// What to do about it, in the language.
fn advice(scene: &Scene<'_>, code: FindingCode) -> String {
    let key = format!("{}.advice", code.as_str());
    scene.template.words.of("finding", &key, code.advice())
}

/// Where a finding was made, and what exactly was seen.
struct Noticed<'a> {
    channel: Option<usize>,
    train: Option<usize>,
    finding: &'a Finding,
    refuses: bool,
}

/// Everything that was noticed, each once: study, channels, series, trains, responses.
fn noticed<'a>(scene: &Scene<'a>) -> Vec<Noticed<'a>> {
    let mut all = Vec::new();
    let study = scene.study;
    let add = |channel, train, finding: &'a Finding, refuses| Noticed {
        channel,
        train,
        finding,
        refuses,
    };
    all.extend(
        study
            .findings
            .iter()
            .map(|finding| add(None, None, finding, false)),
    );
    for (index, channel) in study.channels.iter().enumerate() {
        let of_series = channel.series.iter().flat_map(|series| &series.findings);
        for finding in channel.findings.iter().chain(of_series) {
            all.push(add(Some(index), None, finding, false));
        }
        for (number, train) in channel.trains.iter().enumerate() {
            // That a reader excluded it stands in the section of the corrections.
            let refused = match train.trust {
                Trust::Excluded => &[],
                _ => train.trust.refused_by(),
            };
            for finding in &train.findings {
                let refuses = refused.contains(&finding.code);
                all.push(add(Some(index), Some(number), finding, refuses));
            }
            // Of the responses only what the train does not say itself.
            let mut told: BTreeSet<FindingCode> = train.findings.iter().map(|f| f.code).collect();
            for response in &train.responses {
                let sweep = channel
                    .sweeps
                    .get(response.index)
                    .map(|sweep| &sweep.findings);
                let cmap = channel.cmaps.get(response.index).map(|cmap| &cmap.findings);
                for finding in sweep
                    .into_iter()
                    .flatten()
                    .chain(cmap.into_iter().flatten())
                {
                    if told.insert(finding.code) {
                        all.push(add(Some(index), Some(number), finding, false));
                    }
                }
            }
        }
    }
    all
}

/// Those that matter, those that refuse a train first; one line per finding with all its places.
pub fn important(scene: &Scene<'_>) -> Vec<Block> {
    let mut by_code: BTreeMap<(bool, FindingCode), Vec<Noticed<'_>>> = BTreeMap::new();
    let mut aside = BTreeSet::new();
    let all = noticed(scene);
    let refusing: BTreeSet<FindingCode> = all
        .iter()
        .filter(|one| one.refuses)
        .map(|one| one.finding.code)
        .collect();
    for one in all {
        let code = one.finding.code;
        if ASIDE.contains(&code) && !refusing.contains(&code) {
            aside.insert(code);
        } else {
            by_code
                .entry((!refusing.contains(&code), code))
                .or_default()
                .push(one);
        }
    }
    let mut lines: Vec<Item> = Vec::new();
    for ((_, code), places) in &by_code {
        if lines.len() == ON_PAGE_ONE {
            break;
        }
        lines.push(Item {
            lead: format!("{}.", meaning(scene, *code)),
            text: format!(
                "{} {}",
                advice(scene, *code),
                bracketed(&where_of(scene, places))
            ),
        });
    }
    let more = by_code.len().saturating_sub(ON_PAGE_ONE) + aside.len();
    let mut blocks = vec![heading(scene.word("section.findings"))];
    if lines.is_empty() {
        blocks.push(paragraph(scene.word("form.no_findings"), Style::Normal));
    } else {
        blocks.push(items(lines));
    }
    if more > 0
        && scene
            .template
            .file
            .sections
            .iter()
            .any(|id| id == "all_findings")
    {
        let more = scene.fill("form.more_findings", &[("count", &more.to_string())]);
        blocks.push(paragraph(more, Style::Small));
    }
    blocks
}

fn bracketed(places: &str) -> String {
    if places.is_empty() {
        String::new()
    } else {
        format!("({places})")
    }
}

/// The channels and trains of a finding: `ADM, right: trains 3, 4`.
fn where_of(scene: &Scene<'_>, places: &[Noticed<'_>]) -> String {
    let mut channels: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for place in places {
        if let Some(channel) = place.channel {
            channels.entry(channel).or_default().extend(place.train);
        }
    }
    let told: Vec<String> = channels
        .iter()
        .filter_map(|(channel, trains)| {
            let trains: Vec<usize> = trains.iter().copied().collect();
            Some(scene.place(scene.study.channels.get(*channel)?, &trains))
        })
        .collect();
    told.join("; ")
}

/// Every finding with its place and what exactly was seen.
pub fn all(scene: &Scene<'_>) -> Vec<Block> {
    let label = |key: &str| scene.word(&format!("column.{key}"));
    let mut grouped: Vec<(Option<usize>, FindingCode, Vec<Noticed<'_>>)> = Vec::new();
    for one in noticed(scene) {
        let same = |(channel, code, _): &&mut (Option<usize>, FindingCode, Vec<_>)| {
            *channel == one.channel && *code == one.finding.code
        };
        match grouped.iter_mut().find(same) {
            Some((_, _, places)) => places.push(one),
            None => grouped.push((one.channel, one.finding.code, vec![one])),
        }
    }
    let rows: Vec<Row> = grouped
        .iter()
        .map(|(channel, code, places)| grouped_row(scene, *channel, *code, places))
        .collect();
    headed(
        scene.word("section.all_findings"),
        Table {
            summary: scene.word("section.all_findings"),
            columns: vec![
                text(label("place")),
                text(label("meaning")),
                text(label("detail")),
                text(label("advice")),
            ],
            rows,
            notes: Vec::new(),
        },
    )
}

/// One finding of a channel with all its trains, and what was seen in each.
fn grouped_row(
    scene: &Scene<'_>,
    channel: Option<usize>,
    code: FindingCode,
    places: &[Noticed<'_>],
) -> Row {
    let channel = channel.and_then(|index| scene.study.channels.get(index));
    let trains: BTreeSet<usize> = places.iter().filter_map(|one| one.train).collect();
    let trains: Vec<usize> = trains.into_iter().collect();
    let place = |channel: &ChannelStudy| scene.place(channel, &trains);
    let mut seen: Vec<String> = Vec::new();
    for one in places {
        let detail = one_line(&one.finding.detail);
        let line = match one.train {
            Some(train) if trains.len() > 1 && !detail.is_empty() => {
                format!("{}: {detail}", train + 1)
            }
            _ => detail,
        };
        if !line.is_empty() && !seen.contains(&line) {
            seen.push(line);
        }
    }
    let refuses = places.iter().any(|one| one.refuses);
    Row {
        cells: vec![
            channel.map_or_else(|| scene.word("form.study"), place),
            meaning(scene, code),
            seen.join("; "),
            advice(scene, code),
        ],
        kind: if refuses {
            RowKind::Strong
        } else {
            RowKind::Plain
        },
    }
}
