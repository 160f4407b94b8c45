//! The reference pages: each is made from the list in the code that it documents, so that neither can drift from the other.
//! `docs/reference/` holds them as files; a test compares.

use super::reference_criteria::{criteria, muscles, patterns};
use crate::clinical_report::SECTIONS;
use crate::cmap::MEASURES;
use crate::finding::FindingCode;
use crate::formats::FORMATS;
use crate::quality::CHECKS;
use crate::recording::mark::SPELLINGS;
use crate::report::{OUTPUTS, columns_page, study_schema};
use crate::series::COMPARISONS;
use crate::source::Source;
use crate::study::Settings;
use crate::train::{CONVENTIONS, SHAPES};
use serde_json::Value;
use std::fmt::Write;

/// One page.
pub struct Page {
    /// Its name on the command line.
    pub topic: &'static str,
    /// Its name in `docs/reference`.
    pub file: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// Its text.
    pub text: fn() -> String,
}

/// Every page.
pub static PAGES: &[Page] = &[
    Page {
        topic: "formats",
        file: "formats.md",
        about: "file formats that are read and written",
        text: formats,
    },
    Page {
        topic: "marks",
        file: "marks.md",
        about: "texts of marks that are understood",
        text: marks,
    },
    Page {
        topic: "measures",
        file: "measures.md",
        about: "what is measured on a response",
        text: measures,
    },
    Page {
        topic: "conventions",
        file: "conventions.md",
        about: "how the change over a train is computed",
        text: conventions,
    },
    Page {
        topic: "comparisons",
        file: "comparisons.md",
        about: "how trains are compared around exercise",
        text: comparisons,
    },
    Page {
        topic: "criteria",
        file: "criteria.md",
        about: "criterion sets: rules, limits, sources, reported shares",
        text: criteria,
    },
    Page {
        topic: "patterns",
        file: "patterns.md",
        about: "what the muscles of a study can show together",
        text: patterns,
    },
    Page {
        topic: "muscles",
        file: "muscles.md",
        about: "names of muscles that criterion sets know",
        text: muscles,
    },
    Page {
        topic: "shapes",
        file: "shapes.md",
        about: "shapes of a low-rate train",
        text: shapes,
    },
    Page {
        topic: "findings",
        file: "findings.md",
        about: "what can be noticed about a result",
        text: findings,
    },
    Page {
        topic: "checks",
        file: "checks.md",
        about: "by which rules a train is doubted or refused",
        text: checks,
    },
    Page {
        topic: "outputs",
        file: "outputs.md",
        about: "what is written of a run and of each study",
        text: outputs,
    },
    Page {
        topic: "sections",
        file: "sections.md",
        about: "the sections of a report, as a template names them",
        text: sections,
    },
    Page {
        topic: "columns",
        file: "columns.md",
        about: "the columns of the tables",
        text: columns_page,
    },
    Page {
        topic: "schema",
        file: "study.schema.json",
        about: "the JSON Schema of study.json",
        text: schema,
    },
    Page {
        topic: "log",
        file: "log.schema.json",
        about: "the JSON Schema of a line of the log (--log)",
        text: log_schema,
    },
    Page {
        topic: "settings",
        file: "settings.md",
        about: "every setting with its default and unit",
        text: settings,
    },
];

const MADE: &str = "<!-- Made by `endplate list --write docs/reference`; edit the list in the code instead. -->\n\n";

pub(super) fn title(text: &str) -> String {
    format!("# {text}\n\n{MADE}")
}

/// One cell of a table: no line breaks, no bars.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

pub(super) fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

pub(super) fn table(page: &mut String, head: &[&str]) {
    row(page, head);
    row(page, &vec!["---"; head.len()]);
}

pub(super) fn cite(source: &Source) -> String {
    let parts: Vec<_> = [source.citation, source.place, source.link]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

fn formats() -> String {
    let mut page = title("Formats");
    page.push_str("The content of a file decides its format, never its name. A special case goes before what it is a case of (NWB before HDF5); a file that several formats claim otherwise is an error, which `--format` or a mapping settles.\n\n");
    table(
        &mut page,
        &[
            "id",
            "name",
            "written as",
            "read",
            "written",
            "specification",
        ],
    );
    for format in FORMATS {
        let written = if format.write.is_some() { "yes" } else { "no" };
        row(
            &mut page,
            &[
                &format!("`{}`", format.id),
                format.name,
                &format.extensions.join(", "),
                "yes",
                written,
                &cite(&format.specification),
            ],
        );
    }
    page
}

fn marks() -> String {
    let mut page = title("Marks");
    page.push_str(
        "What the text of a mark means. Upper and lower case, hyphens, underscores and spaces at the ends make no difference. A laboratory \
         adds its own spellings in the settings (`[marks] stimulus = [\"Reiz*\"]`, also `exercise`, `exercise_end`, `rest`, `train`); those go \
         first, and `*` at the end stands for anything. Any other text is a note: kept and listed.\n\n",
    );
    table(&mut page, &["meaning", "texts", "also"]);
    for spelling in SPELLINGS {
        let texts: Vec<_> = spelling
            .texts
            .iter()
            .map(|text| format!("`{text}`"))
            .collect();
        row(
            &mut page,
            &[spelling.meaning, &texts.join(", "), spelling.patterns],
        );
    }
    page
}

fn measures() -> String {
    let mut page = title("Measures");
    page.push_str("What is measured on each response. The column is the id with its unit.\n\n");
    table(&mut page, &["column", "name", "unit", "formula", "source"]);
    for measure in MEASURES {
        let column = format!("`{}{}`", measure.id, measure.unit.suffix());
        row(
            &mut page,
            &[
                &column,
                measure.name,
                measure.unit.symbol(),
                measure.formula,
                &cite(&measure.source),
            ],
        );
    }
    page
}

fn conventions() -> String {
    let mut page = title("Conventions of change");
    page.push_str("How two responses of a train are compared. A decrement counts positive when the response gets smaller, an increment when it gets larger.\n\n");
    table(&mut page, &["id", "name", "formula", "source", "HPO"]);
    for convention in CONVENTIONS {
        row(
            &mut page,
            &[
                &format!("`{}`", convention.id),
                convention.name,
                convention.formula,
                &cite(&convention.source),
                convention.hpo.unwrap_or_default(),
            ],
        );
    }
    page
}

fn shapes() -> String {
    let mut page = title("Shapes of a low-rate train");
    page.push_str("How the amplitudes of a train at 2–5 Hz run, D being the decrement in percent. The rules are asked in this order; each holds, does not, or cannot be told within the intervals.\n\n");
    table(
        &mut page,
        &["id", "name", "rule", "source", "meaning", "HPO"],
    );
    for card in SHAPES {
        row(
            &mut page,
            &[
                &format!("`{}`", card.id),
                card.name,
                card.rule,
                &cite(&card.source),
                card.meaning,
                card.hpo.unwrap_or_default(),
            ],
        );
    }
    page
}

fn comparisons() -> String {
    let mut page = title("Comparisons around exercise");
    table(&mut page, &["id", "name", "formula", "source", "HPO"]);
    for card in COMPARISONS {
        row(
            &mut page,
            &[
                &format!("`{}`", card.id),
                card.name,
                card.formula,
                &cite(&card.source),
                card.hpo.unwrap_or_default(),
            ],
        );
    }
    page
}

fn findings() -> String {
    let mut page = title("Findings");
    page.push_str("What can be noticed about a result whose values stand.\n\n");
    table(&mut page, &["code", "meaning", "advice"]);
    for code in FindingCode::ALL {
        row(
            &mut page,
            &[
                &format!("`{}`", code.as_str()),
                code.meaning(),
                code.advice(),
            ],
        );
    }
    page
}

fn checks() -> String {
    let mut page = title("Checks of quality");
    page.push_str(
        "By which rules a train is doubted or refused. A refused train gives no verdict, but keeps its numbers. Limits are settings of \
         `[quality]`; how often each check finds its fault, and how often it errs, stands in `docs/methods/quality.md`.\n\n",
    );
    table(
        &mut page,
        &[
            "finding", "meaning", "looks at", "rule", "refuses", "source",
        ],
    );
    for check in CHECKS {
        row(
            &mut page,
            &[
                &format!("`{}`", check.finding.as_str()),
                check.finding.meaning(),
                check.looks_at,
                check.formula,
                if check.refuses { "yes" } else { "no" },
                &cite(&check.source),
            ],
        );
    }
    page
}

fn outputs() -> String {
    let mut page = title("Outputs");
    page.push_str(
        "The front page and the tables of a run, as CSV, are always written; `--to` says what is written besides.\n\n",
    );
    table(&mut page, &["id", "what it is", "files"]);
    for output in OUTPUTS {
        row(
            &mut page,
            &[&format!("`{}`", output.id), output.meaning, output.files],
        );
    }
    page
}

fn sections() -> String {
    let mut page = title("Sections of a report");
    page.push_str("A template lists those that appear, in their order (docs/report.md).\n\n");
    table(&mut page, &["id", "what it shows", "place"]);
    for section in SECTIONS {
        let place = if section.page_one {
            "page one"
        } else {
            "details"
        };
        row(
            &mut page,
            &[&format!("`{}`", section.id), section.meaning, place],
        );
    }
    page
}

fn schema() -> String {
    let text = serde_json::to_string_pretty(&study_schema()).unwrap_or_default();
    text + "\n"
}

fn log_schema() -> String {
    let text = serde_json::to_string_pretty(&super::log::schema()).unwrap_or_default();
    text + "\n"
}

fn settings() -> String {
    let mut page = title("Settings");
    page.push_str(
        "Every setting of every step. `--settings FILE.toml` changes those that it names; a key that does not exist is an error, and so is a value with which a step cannot work: it says what is allowed. The unit is the \
         end of the key: `_ms`, `_s`, `_hz`, `_mv`, `_pct`. The defaults as a file:\n\n```toml\n",
    );
    let defaults = Settings::default();
    page.push_str(&defaults.to_toml());
    page.push_str("```\n");
    let schema = serde_json::to_value(schemars::schema_for!(Settings)).unwrap_or_default();
    let values = serde_json::to_value(&defaults).unwrap_or_default();
    let Some(steps) = schema.get("properties").and_then(Value::as_object) else {
        return page;
    };
    for (step, node) in steps {
        let default = values.get(step).unwrap_or(&Value::Null);
        step_settings(&mut page, &schema, step, node, default);
    }
    page
}

/// The settings of one step, and after them those that are nested in it.
fn step_settings(page: &mut String, schema: &Value, step: &str, node: &Value, values: &Value) {
    let (about, keys) = resolve(schema, node);
    let _ = write!(page, "\n## `[{step}]`\n\n{}\n\n", cell(&about));
    table(page, &["key", "default", "meaning"]);
    let mut nested = Vec::new();
    for (key, node) in keys {
        let default = values.get(&key).cloned().unwrap_or_default();
        if default.is_object() {
            nested.push((format!("{step}.{key}"), node, default));
            continue;
        }
        let (about, _) = resolve(schema, &node);
        row(
            page,
            &[&format!("`{key}`"), &format!("`{default}`"), &about],
        );
    }
    for (step, node, values) in &nested {
        step_settings(page, schema, step, node, values);
    }
}

/// The description and the properties of a schema node, references followed; the node's own words go before those of its type.
fn resolve(schema: &Value, node: &Value) -> (String, Vec<(String, Value)>) {
    let words = |node: &Value| {
        node.get("description")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let referred = node
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix("#/$defs/"))
        .and_then(|name| schema.get("$defs")?.get(name));
    let about = words(node)
        .or_else(|| referred.and_then(words))
        .unwrap_or_default();
    let properties = referred
        .unwrap_or(node)
        .get("properties")
        .and_then(Value::as_object);
    let keys = properties.map(|keys| {
        keys.iter()
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect()
    });
    (about, keys.unwrap_or_default())
}
