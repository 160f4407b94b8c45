//! The reference page of columns, made from the columns themselves.

use super::OUTPUTS;
use super::table::{Columns, Layout};
use crate::math::rounding::{DIGITS, SECOND_DECIMALS};
use crate::plot::FIGURES;
use crate::study::Settings;
use std::fmt::Write as _;

/// The text of `docs/reference/columns.md`.
pub fn columns_page() -> String {
    let mut page = format!(
        "# Outputs and their columns\n\n\
        <!-- Made by `endplate list --write docs/reference`; edit the list in the code instead. -->\n\n\
        Version {} of the tables. It changes when a column is renamed, removed, or changes its type or meaning; a new column does not change it. \
        `files.csv` carries it in `tables_version`.\n\n\
        - Each table is written as CSV, and with `--to parquet,arrow` also with types, units and numbers that are not rounded: see [tables.md](../tables.md). What follows is the CSV.\n\
        - CSV as in RFC 4180, UTF-8, a header line, a point as decimal sign. A name ends in the unit: `_mv`, `_ms`, `_s`, `_hz`, `_mv_ms`, `_pct`, `_ma`; without one it is a text, a number of order or a count.\n\
        - A missing value is an empty cell, and the column `…_reason` beside it holds the code of the reason. Nothing missing is 0. `interval_unknown` means that the value stands and its interval is missing; `not_computed` that the study does not hold the value.\n\
        - Numbers have {DIGITS} significant digits, times in `_s` {SECOND_DECIMALS} decimals, both without trailing zeros. Intervals are 95 %.\n\
        - A text from a file that begins with `=`, `+`, `-`, `@`, a tabulator or a carriage return gets an apostrophe before it, so that no spreadsheet takes it for a formula. Numbers never get one.\n\
        - Columns `…_p_above_LIMIT` hold the probability that the true change exceeds LIMIT percent, given its interval; the limits are the settings `train.decrement_limits_pct` and `train.increment_limits_pct`, here their defaults.\n\
        - Rows come in the order of the files, then of channels, then of time; the same input gives the same bytes.\n\n",
        super::TABLES_VERSION
    );
    page.push_str("## Outputs\n\n| id | is | written as |\n|---|---|---|\n");
    for output in OUTPUTS {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            output.id, output.meaning, output.files
        );
    }
    page.push_str("\n## Figures\n\nNames are `CHANNEL-LABEL-train-NN-ID` and `CHANNEL-LABEL-series-NN-ID`.\n\n| id | figure | how to read it |\n|---|---|---|\n");
    for figure in FIGURES {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            figure.id, figure.name, figure.meaning
        );
    }
    let columns = Columns::of(&Settings::default());
    for layout in columns.layouts() {
        table(&mut page, &layout);
    }
    page
}

fn table(page: &mut String, layout: &Layout) {
    let _ = write!(
        page,
        "\n## `{}.csv`\n\n{}\n\n| column | type | unit | is |\n|---|---|---|---|\n",
        layout.name, layout.meaning
    );
    for head in &layout.heads {
        let meaning = head.meaning.replace('|', "\\|");
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {meaning} |",
            head.name,
            head.kind.as_str(),
            head.unit.symbol()
        );
    }
}
