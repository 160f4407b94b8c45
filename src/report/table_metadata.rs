//! What a typed table says about itself beside its rows: what the file is made of, and what each column is.

use super::TABLES_VERSION;
use super::column::Head;
use super::table::Layout;
use serde::Serialize;

/// One column in the metadata of a file, for programs that do not read the metadata of columns.
#[derive(Serialize)]
struct ColumnMetadata<'a> {
    name: &'a str,
    r#type: &'static str,
    unit: Option<&'static str>,
    meaning: &'a str,
    source: Option<String>,
}

/// The keys and values of a file.
pub fn of_file(layout: &Layout) -> Vec<(&'static str, String)> {
    let columns: Vec<_> = layout
        .heads
        .iter()
        .map(|head| ColumnMetadata {
            name: &head.name,
            r#type: head.kind.as_str(),
            unit: unit(head),
            meaning: &head.meaning,
            source: source(head),
        })
        .collect();
    vec![
        ("endplate.table", layout.name.to_owned()),
        ("endplate.meaning", layout.meaning.to_owned()),
        ("endplate.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("endplate.tables_version", TABLES_VERSION.to_string()),
        ("endplate.settings_sha256", layout.settings_sha256.clone()),
        ("endplate.settings", layout.settings.clone()),
        (
            "endplate.columns",
            // texts and nothing else: it cannot fail
            serde_json::to_string(&columns).unwrap_or_default(),
        ),
    ]
}

/// The keys and values of a column. What it does not have has no key.
pub fn of_column(head: &Head) -> Vec<(&'static str, String)> {
    let unit = unit(head).map(|unit| ("unit", unit.to_owned()));
    let source = source(head).map(|source| ("source", source));
    unit.into_iter()
        .chain([("meaning", head.meaning.clone())])
        .chain(source)
        .collect()
}

fn unit(head: &Head) -> Option<&'static str> {
    Some(head.unit.symbol()).filter(|unit| !unit.is_empty())
}

/// Citation, place and link in one line.
fn source(head: &Head) -> Option<String> {
    let source = head.source?;
    let parts = [source.citation, source.place, source.link];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(parts.join(" — "))
}
