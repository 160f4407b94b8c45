//! The statistics as text for a person, as one long table, and as JSON.

use super::{Distribution, Group, Share, Summary};
use crate::error::{Error, ErrorCode, Result};
use std::fmt::Write;

/// For a person: aligned columns.
pub fn text(summary: &Summary) -> String {
    let mut page = String::new();
    shares(&mut page, "Files", &summary.files);
    shares(
        &mut page,
        "Patterns of the studies that were analyzed (a measurement, never a diagnosis)",
        &summary.patterns,
    );
    distributions(&mut page, &summary.distributions);
    criteria(&mut page, summary);
    page.push_str(
        "Intervals are 95 %: exact for shares (Clopper and Pearson), of order statistics for medians. They take rows as independent; several\n\
         trains or muscles of one person are not.\n",
    );
    page
}

fn shares(page: &mut String, title: &str, shares: &[Share]) {
    let rows = shares
        .iter()
        .map(|share| {
            vec![
                share.name.replace('_', " "),
                share.count.to_string(),
                percent(share),
            ]
        })
        .collect();
    table(page, title, &["", "count", "share (95 %)"], rows);
}

fn percent(share: &Share) -> String {
    match (share.percent, share.low, share.high) {
        (Some(percent), Some(low), Some(high)) => format!("{percent:.1} % ({low:.1}–{high:.1})"),
        _ => "–".to_owned(),
    }
}

fn distributions(page: &mut String, groups: &[Group]) {
    let rows = groups
        .iter()
        .map(|group| {
            let key = &group.key;
            let what = [
                key.kind.clone(),
                key.rate_hz
                    .map_or(String::new(), |rate| format!("{rate} Hz")),
                key.when.clone(),
            ];
            let what: Vec<_> = what.into_iter().filter(|part| !part.is_empty()).collect();
            let mut row = vec![
                format!(
                    "{} [{}]",
                    key.quantity
                        .trim_end_matches("_pct")
                        .trim_end_matches("_mv")
                        .trim_end_matches("_mv_ms"),
                    key.unit
                ),
                if key.muscle.is_empty() {
                    "muscle unknown".to_owned()
                } else {
                    key.muscle.clone()
                },
                what.join(", "),
            ];
            row.extend(match &group.distribution {
                Some(found) => numbers(found),
                None => vec![
                    "0".to_owned(),
                    "–".to_owned(),
                    "–".to_owned(),
                    "–".to_owned(),
                ],
            });
            row.push(group.not_measured.to_string());
            row.push(group.refused.to_string());
            row
        })
        .collect();
    table(
        page,
        "Distributions",
        &[
            "quantity",
            "muscle",
            "trains",
            "n",
            "median (95 %)",
            "quartiles",
            "5th–95th percentile",
            "not measured",
            "refused",
        ],
        rows,
    );
}

fn numbers(found: &Distribution) -> Vec<String> {
    let median = match found.median_interval {
        Some((low, high)) => format!("{:.2} ({low:.2} to {high:.2})", found.median),
        None => format!("{:.2}", found.median),
    };
    vec![
        found.count.to_string(),
        median,
        format!("{:.2} to {:.2}", found.p25, found.p75),
        format!("{:.2} to {:.2}", found.p5, found.p95),
    ]
}

fn criteria(page: &mut String, summary: &Summary) {
    let rows = summary
        .criteria
        .iter()
        .filter(|met| met.met.of > 0)
        .map(|met| {
            vec![
                format!("{} {}", met.set, met.rule),
                met.limit.clone(),
                if met.muscle.is_empty() {
                    "muscle unknown".to_owned()
                } else {
                    met.muscle.clone()
                },
                format!("{}/{}", met.met.count, met.met.of),
                percent(&met.met),
                met.undecided.to_string(),
                met.not_applicable.to_string(),
            ]
        })
        .collect();
    table(
        page,
        "Criteria",
        &[
            "rule",
            "limit",
            "muscle",
            "met",
            "share (95 %)",
            "undecided",
            "not applicable",
        ],
        rows,
    );
}

fn table(page: &mut String, title: &str, head: &[&str], rows: Vec<Vec<String>>) {
    let _ = writeln!(page, "{title}\n");
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut line = |cells: Vec<&str>| {
        let padded: Vec<_> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        let _ = writeln!(page, "  {}", padded.join("  ").trim_end());
    };
    line(head.to_vec());
    for row in &rows {
        line(row.iter().map(String::as_str).collect());
    }
    page.push('\n');
}

/// As JSON, ending in a line feed.
pub fn json(summary: &Summary) -> Result<String> {
    serde_json::to_string_pretty(summary)
        .map(|text| text + "\n")
        .map_err(|cause| Error::new(ErrorCode::Output, format!("JSON: {cause}")))
}

/// As one long table: a row per number.
pub fn csv(summary: &Summary) -> String {
    let mut table = Long(csv::Writer::from_writer(Vec::new()));
    table.row([
        "section",
        "item",
        "muscle",
        "trains",
        "statistic",
        "unit",
        "value",
        "low",
        "high",
    ]);
    for (section, shares) in [("files", &summary.files), ("patterns", &summary.patterns)] {
        for share in shares {
            let about = [section, &share.name, "", ""];
            table.count(about, "count", share.count);
            table.number(about, "share", "%", (share.percent, share.low, share.high));
        }
    }
    for group in &summary.distributions {
        table.group(group);
    }
    for met in &summary.criteria {
        let item = format!("{} {} ({})", met.set, met.rule, met.limit);
        let about = ["criteria", &item, &met.muscle, ""];
        table.count(about, "met", met.met.count);
        table.count(about, "judged", met.met.of);
        let share = (met.met.percent, met.met.low, met.met.high);
        table.number(about, "met_share", "%", share);
        table.count(about, "undecided", met.undecided);
        table.count(about, "not_applicable", met.not_applicable);
    }
    String::from_utf8(table.0.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A table of nine columns in memory.
struct Long(csv::Writer<Vec<u8>>);

impl Long {
    fn row(&mut self, cells: [&str; 9]) {
        // Writing into memory cannot fail, and all rows have the same length.
        let _ = self.0.write_record(cells);
    }

    /// Value, lower and upper end.
    fn number(
        &mut self,
        about: [&str; 4],
        statistic: &str,
        unit: &str,
        (value, low, high): (Option<f64>, Option<f64>, Option<f64>),
    ) {
        let show = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let [section, item, muscle, trains] = about;
        let (value, low, high) = (show(value), show(low), show(high));
        self.row([
            section, item, muscle, trains, statistic, unit, &value, &low, &high,
        ]);
    }

    fn count(&mut self, about: [&str; 4], statistic: &str, count: u64) {
        self.number(about, statistic, "", (Some(count as f64), None, None));
    }

    fn group(&mut self, group: &Group) {
        let key = &group.key;
        let rate = key
            .rate_hz
            .map_or(String::new(), |rate| format!("{rate} Hz"));
        let trains: Vec<_> = [key.kind.as_str(), &rate, &key.when]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let trains = trains.join(", ");
        let about = [
            "distributions",
            key.quantity.as_str(),
            key.muscle.as_str(),
            &trains,
        ];
        self.count(about, "not_measured", group.not_measured);
        self.count(about, "refused", group.refused);
        let Some(found) = &group.distribution else {
            return;
        };
        self.count(about, "count", found.count as u64);
        let (low, high) = found.median_interval.unzip();
        self.number(about, "median", key.unit, (Some(found.median), low, high));
        for (statistic, value) in [
            ("mean", Some(found.mean)),
            ("sd", found.sd),
            ("min", Some(found.min)),
            ("p5", Some(found.p5)),
            ("p25", Some(found.p25)),
            ("p75", Some(found.p75)),
            ("p95", Some(found.p95)),
            ("max", Some(found.max)),
        ] {
            self.number(about, statistic, key.unit, (value, None, None));
        }
    }
}
