//! The page around the rows, and a row as HTML. Every text is escaped by the templates; links and hashes are made of safe signs only.

use super::address;
use super::key::KeyNumber;
use super::row::{IndexOutcome, IndexRow, IndexStudy};
use super::thumbnail::{HEIGHT, Thumbnail};
use crate::clinical_report::{base64, long_line};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::FindingCode;
use crate::pattern::{self, PATTERNS};
use crate::recording::sha256_bytes;
use crate::report::TABLES;
use crate::units::Percent;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// Where the rows stand in the page. No text can hold it, because `<` is escaped in all of them.
const ROWS: &str = "<!--rows-->";

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // A template that cannot be read fails a test, and every run with the error below. The names end in `.html`, so texts are escaped.
    let _ = environment.add_template("page.html", include_str!("page.html"));
    let _ = environment.add_template("row.html", include_str!("row.html"));
    environment
});

/// How many rows of each kind there are.
#[derive(Debug, Default)]
pub struct Counts {
    ok: usize,
    failed: usize,
    skipped: usize,
    noticed: usize,
    refused: usize,
    patterns: BTreeMap<String, usize>,
    findings: BTreeMap<String, usize>,
}

impl Counts {
    /// Counts a row.
    pub fn add(&mut self, row: &IndexRow) {
        let study = match &row.outcome {
            IndexOutcome::Ok(study) => study,
            IndexOutcome::Failed { .. } => {
                self.failed += 1;
                return;
            }
            IndexOutcome::Skipped { .. } => {
                self.skipped += 1;
                return;
            }
        };
        self.ok += 1;
        self.refused += usize::from(study.refused > 0);
        self.noticed += usize::from(!(study.refusing.is_empty() && study.findings.is_empty()));
        *self.patterns.entry(study.pattern.clone()).or_default() += 1;
        let all = [&study.refusing, &study.findings, &study.aside];
        let codes: BTreeSet<&String> = all.into_iter().flatten().collect();
        for code in codes {
            *self.findings.entry(code.clone()).or_default() += 1;
        }
    }

    /// All files so far.
    pub fn files(&self) -> usize {
        self.ok + self.failed + self.skipped
    }
}

/// A choice of a filter.
#[derive(Serialize)]
struct Choice<'a> {
    id: &'a str,
    title: String,
    more: &'a str,
    count: usize,
}

/// The page before and after its rows.
pub fn around(counts: &Counts) -> Result<(String, String)> {
    let statuses = [
        ("ok", "✓ ok", counts.ok),
        ("failed", "✗ failed", counts.failed),
        ("skipped", "– skipped", counts.skipped),
    ];
    let statuses = statuses.map(|(id, title, count)| Choice {
        id,
        title: title.to_owned(),
        more: "",
        count,
    });
    let patterns = in_order(
        &counts.patterns,
        PATTERNS.iter().map(|card| card.id),
        |id| {
            pattern::card(id).map_or((spaced(id), ""), |card| {
                (card.title.to_owned(), card.caution)
            })
        },
    );
    let findings = in_order(
        &counts.findings,
        FindingCode::ALL.iter().map(|code| code.as_str()),
        |id| {
            let code = FindingCode::ALL.iter().find(|code| code.as_str() == id);
            code.map_or((String::new(), ""), |code| {
                (code.meaning().to_owned(), code.advice())
            })
        },
    );
    let page = render(
        "page.html",
        context! {
            policy => policy(),
            style => STYLE,
            script => SCRIPT,
            version => env!("CARGO_PKG_VERSION"),
            files => counts.files(),
            counts => context! { ok => counts.ok, failed => counts.failed, skipped => counts.skipped, noticed => counts.noticed, refused => counts.refused },
            statuses => Value::from(Serde(&statuses)),
            patterns => Value::from(Serde(&patterns)),
            findings => Value::from(Serde(&findings)),
            tables => TABLES.iter().map(|(name, _)| format!("{name}.csv")).collect::<Vec<_>>(),
        },
    )?;
    let (head, foot) = page.split_once(ROWS).ok_or_else(|| {
        Error::new(
            ErrorCode::Internal,
            "the template of the front page has no place for its rows",
        )
    })?;
    Ok((head.to_owned(), foot.to_owned()))
}

/// Those that occur: the known ones in their order, then the others.
fn in_order<'a>(
    counts: &'a BTreeMap<String, usize>,
    known: impl Iterator<Item = &'static str>,
    words: impl Fn(&str) -> (String, &'static str),
) -> Vec<Choice<'a>> {
    let known: Vec<_> = known.collect();
    let place = |id: &str| {
        known
            .iter()
            .position(|one| *one == id)
            .unwrap_or(known.len())
    };
    let mut choices: Vec<_> = counts
        .iter()
        .map(|(id, &count)| {
            let (title, more) = words(id);
            Choice {
                id,
                title,
                more,
                count,
            }
        })
        .collect();
    choices.sort_by_key(|choice| place(choice.id));
    choices
}

/// The policy of the page: nothing may be loaded or sent, and only this style and this script run, whatever a text may hold.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&sha256_bytes(text.as_bytes())));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// A row as HTML; `number` counts the files of the run from 1.
pub fn row(row: &IndexRow, number: usize) -> Result<String> {
    let folder = address::of_study(&row.file);
    let (status, context) = match &row.outcome {
        IndexOutcome::Ok(study) => ("ok", study_of(study, folder.as_deref())),
        IndexOutcome::Failed { code, message } => ("failed", context! { code, message }),
        IndexOutcome::Skipped { code, message } => ("skipped", context! { code, message }),
    };
    render(
        "row.html",
        context! { number, status, name => long_line(&row.file), ..context },
    )
}

fn render(template: &str, context: Value) -> Result<String> {
    let failed =
        |cause: minijinja::Error| Error::new(ErrorCode::Output, format!("front page: {cause:#}"));
    let template = ENVIRONMENT.get_template(template).map_err(failed)?;
    template.render(context).map_err(failed)
}

/// What a link is called. The address holds safe signs only.
#[derive(Serialize)]
struct Link {
    address: String,
    name: String,
}

fn study_of(study: &IndexStudy, folder: Option<&str>) -> Value {
    let links = folder
        .map(|folder| links(study, folder))
        .unwrap_or_default();
    let report = folder
        .zip(report_of(study))
        .map(|(folder, file)| address::of_file(folder, file));
    let figures = study.files.iter().find_map(|file| file.strip_prefix('*'));
    let number = |key: &std::result::Result<KeyNumber, String>, decimals: fn(f64) -> usize| {
        match key {
            Ok(key) => {
                let ends = key.interval.map(|[low, high]| {
                    format!(
                        "[{}; {}]",
                        spelled(low, decimals(low)),
                        spelled(high, decimals(high))
                    )
                });
                let figure = folder.zip(key.figure.as_deref()).zip(figures);
                context! {
                    value => spelled(key.value, decimals(key.value)),
                    interval => ends.unwrap_or_else(|| "[interval unknown]".to_owned()),
                    place => one(&key.place),
                    note => key.note.clone(),
                    figure => figure.map(|((folder, name), extension)| address::of_file(folder, &format!("{name}{extension}"))),
                }
            }
            Err(why) => context! { why },
        }
    };
    let mut muscles: Vec<&String> = Vec::new();
    for muscle in &study.muscles {
        if !muscles.contains(&muscle) {
            muscles.push(muscle);
        }
    }
    context! {
        report,
        links => Value::from(Serde(&links)),
        muscles => Value::from(Serde(&muscles)),
        trains => study.trains,
        refused => study.refused - study.excluded.min(study.refused),
        excluded => study.excluded,
        thumbnail => drawing(&study.thumbnail),
        resting => number(&study.resting, |_| MILLIVOLT_DECIMALS),
        decrement => number(&study.decrement, |value| Percent(value).decimals()),
        increment => number(&study.increment, |value| Percent(value).decimals()),
        temperature => study.temperature_c.map(|skin| spelled(skin, 1)),
        pattern => study.pattern.clone(),
        pattern_title => pattern::card(&study.pattern).map_or_else(|| spaced(&study.pattern), |card| card.title.to_owned()),
        refusing => words(&study.refusing),
        findings => words(&study.findings),
        aside => words(&study.aside),
        weight => study.refused * WEIGHT_OF_REFUSED + study.refusing.len() + study.findings.len(),
    }
}

/// The file that a reader of a study opens first.
fn report_of(study: &IndexStudy) -> Option<&'static str> {
    let mut reports = ["report.html", "report.pdf"].into_iter();
    reports.find(|report| study.files.iter().any(|written| written == report))
}

/// A refused train weighs more than all findings together when rows are sorted by what was noticed.
const WEIGHT_OF_REFUSED: usize = 1000;

fn drawing(thumbnail: &Thumbnail) -> Value {
    let Thumbnail {
        width,
        usual,
        high,
        refused,
    } = thumbnail;
    let paths = [("u", usual), ("h", high), ("r", refused)];
    let paths: Vec<_> = paths
        .into_iter()
        .filter(|(_, path)| !path.is_empty())
        .collect();
    context! { width => *width, height => HEIGHT, paths => Value::from(Serde(&paths)) }
}

fn links(study: &IndexStudy, folder: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for file in &study.files {
        let (address, name) = match file.as_str() {
            // The name of the study leads there.
            main if Some(main) == report_of(study) => continue,
            "report.html" => (address::of_file(folder, file), "report"),
            "report.pdf" => (address::of_file(folder, file), "PDF"),
            "study.json" => (address::of_file(folder, file), "JSON"),
            // A folder of files; each figure behind a key number has its own link.
            figures if figures.starts_with('*') => (format!("{folder}/"), "figures"),
            other => (address::of_file(folder, other), other),
        };
        if !links.iter().any(|link| link.address == address) {
            links.push(Link {
                address,
                name: name.to_owned(),
            });
        }
    }
    let place = |name: &str| LINKS.iter().position(|known| *known == name);
    links.sort_by_key(|link| place(&link.name).unwrap_or(LINKS.len()));
    links
}

/// The order of the links of a study: what a person reads before what a program reads.
const LINKS: [&str; 4] = ["report", "PDF", "figures", "JSON"];

fn words(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| spaced(code)).collect()
}

fn spaced(code: &str) -> String {
    code.replace('_', " ")
}

fn one(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// As in the report.
const MILLIVOLT_DECIMALS: usize = 2;

/// A number with so many decimals and a true minus, never `−0`.
pub fn spelled(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| matches!(c, '0' | '.')) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A number with one decimal, if it needs one.
pub fn plain(value: f64) -> String {
    let text = spelled(value, 1);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
