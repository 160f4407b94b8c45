//! From the tables of a results folder to its statistics; row by row, so that memory holds the values only.

use super::{Distribution, Group, Key, Met, Share, Summary};
use crate::error::{Error, ErrorCode, Result};
use crate::recording::muscle;
use std::collections::BTreeMap;
use std::path::Path;

/// The columns of `trains.csv` whose distribution is given: name and unit.
const OF_TRAINS: &[(&str, &str)] = &[
    ("first_amplitude_mv", "mV"),
    ("first_area_mv_ms", "mV·ms"),
    ("decrement_1_4_pct", "%"),
    ("area_decrement_1_4_pct", "%"),
    ("increment_highest_pct", "%"),
];

#[derive(Default)]
struct Values {
    numbers: Vec<f64>,
    not_measured: u64,
    refused: u64,
}

/// Reads the tables of a run.
pub fn read(results: &Path) -> Result<Summary> {
    let (files, patterns) = files(&results.join("files.csv"))?;
    let mut values: BTreeMap<Key, Values> = BTreeMap::new();
    trains(&results.join("trains.csv"), &mut values)?;
    comparisons(&results.join("series.csv"), &mut values)?;
    let distributions = values
        .into_iter()
        .map(|(key, values)| Group {
            key,
            distribution: Distribution::of(&values.numbers),
            not_measured: values.not_measured,
            refused: values.refused,
        })
        .collect();
    Ok(Summary {
        files,
        patterns,
        distributions,
        criteria: criteria(&results.join("verdicts.csv"))?,
    })
}

fn files(path: &Path) -> Result<(Vec<Share>, Vec<Share>)> {
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    let mut patterns: BTreeMap<String, u64> = BTreeMap::new();
    Table::open(path, &["status", "pattern"])?.rows(|row| {
        *states.entry(row.text(0).to_owned()).or_default() += 1;
        if !row.text(1).is_empty() {
            *patterns.entry(row.text(1).to_owned()).or_default() += 1;
        }
        Ok(())
    })?;
    Ok((shares(states), shares(patterns)))
}

fn shares(counts: BTreeMap<String, u64>) -> Vec<Share> {
    let all = counts.values().sum();
    counts
        .into_iter()
        .map(|(name, count)| Share::new(name, count, all))
        .collect()
}

fn trains(path: &Path, values: &mut BTreeMap<Key, Values>) -> Result<()> {
    let mut columns = vec!["muscle", "label", "kind", "rate_hz", "when", "believed"];
    let first = columns.len();
    columns.extend(OF_TRAINS.iter().map(|(name, _)| *name));
    Table::open(path, &columns)?.rows(|row| {
        let kind = row.text(2);
        let rate = row.number(3)?.map(|rate| rate.round() as u32);
        let believed = row.text(5) == "yes";
        for (index, (name, unit)) in OF_TRAINS.iter().enumerate() {
            if !concerns(name, kind) {
                continue;
            }
            let key = Key {
                quantity: (*name).to_owned(),
                unit,
                muscle: muscle_name(row.text(0), row.text(1)),
                kind: kind.to_owned(),
                rate_hz: rate,
                when: row.text(4).to_owned(),
            };
            values
                .entry(key)
                .or_default()
                .add(row.number(first + index)?, believed);
        }
        Ok(())
    })
}

/// A single response has no change, a slow train no increment and a fast one no decrement that anyone states.
fn concerns(column: &str, kind: &str) -> bool {
    match kind {
        "low" => !column.contains("increment"),
        "high" => !column.contains("decrement"),
        _ => column.starts_with("first_"),
    }
}

fn comparisons(path: &Path, values: &mut BTreeMap<Key, Values>) -> Result<()> {
    let columns = [
        "muscle",
        "label",
        "comparison",
        "measure",
        "value",
        "unit",
        "exercise_s",
        "believed",
    ];
    Table::open(path, &columns)?.rows(|row| {
        if row.text(2) == "first_response" || row.text(3) != "amplitude" {
            return Ok(());
        }
        let key = Key {
            quantity: row.text(2).to_owned(),
            unit: if row.text(5) == "%" { "%" } else { "points" },
            muscle: muscle_name(row.text(0), row.text(1)),
            kind: String::new(),
            rate_hz: None,
            when: row
                .number(6)?
                .map_or_else(String::new, |length| format!("{length:.0} s exercise")),
        };
        let believed = row.text(7) == "yes";
        values.entry(key).or_default().add(row.number(4)?, believed);
        Ok(())
    })
}

impl Values {
    fn add(&mut self, value: Option<f64>, believed: bool) {
        match value {
            None => self.not_measured += 1,
            Some(_) if !believed => self.refused += 1,
            Some(value) => self.numbers.push(value),
        }
    }
}

/// Outcomes of one rule in one muscle.
#[derive(Default)]
struct Counts {
    limit: String,
    met: u64,
    not_met: u64,
    undecided: u64,
    not_applicable: u64,
}

fn criteria(path: &Path) -> Result<Vec<Met>> {
    let columns = ["muscle", "label", "set", "rule", "limit", "outcome"];
    let mut counts: BTreeMap<(String, String, String), Counts> = BTreeMap::new();
    Table::open(path, &columns)?.rows(|row| {
        let muscle = muscle_name(row.text(0), row.text(1));
        let key = (row.text(2).to_owned(), row.text(3).to_owned(), muscle);
        let counts = counts.entry(key).or_default();
        row.text(4).clone_into(&mut counts.limit);
        match row.text(5) {
            "met" => counts.met += 1,
            "not_met" => counts.not_met += 1,
            "undecided" => counts.undecided += 1,
            _ => counts.not_applicable += 1,
        }
        Ok(())
    })?;
    let asked = |counts: &Counts| counts.met + counts.not_met + counts.undecided;
    Ok(counts
        .into_iter()
        .map(|((set, rule, muscle), counts)| Met {
            met: Share::new("met", counts.met, asked(&counts)),
            set,
            rule,
            limit: counts.limit,
            muscle,
            undecided: counts.undecided,
            not_applicable: counts.not_applicable,
        })
        .collect())
}

/// The id of the muscle where it is known, else as the file has it, else the label if it names a muscle.
fn muscle_name(name: &str, label: &str) -> String {
    let known = |text: &str| muscle::muscle(text).map(|muscle| muscle.id.to_owned());
    if name.is_empty() {
        known(label).unwrap_or_default()
    } else {
        known(name).unwrap_or_else(|| name.to_owned())
    }
}

/// A table with the columns that are wanted.
struct Table<'a> {
    reader: csv::Reader<std::fs::File>,
    places: Vec<usize>,
    names: Vec<String>,
    path: &'a Path,
}

/// A row with its wanted columns.
struct Row<'a> {
    record: &'a csv::StringRecord,
    table: (&'a [usize], &'a [String], &'a Path),
}

impl<'a> Table<'a> {
    fn open(path: &'a Path, columns: &[&str]) -> Result<Self> {
        let mut reader = csv::Reader::from_path(path).map_err(|cause| broken(path, &cause))?;
        let headers = reader
            .headers()
            .map_err(|cause| broken(path, &cause))?
            .clone();
        let places = columns
            .iter()
            .map(|wanted| {
                headers
                    .iter()
                    .position(|name| name == *wanted)
                    .ok_or_else(|| {
                        Error::new(
                            ErrorCode::BadHeader,
                            format!("there is no column \"{wanted}\""),
                        )
                        .in_file(path)
                        .advice("analyze the recordings anew with this version of endplate")
                    })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            reader,
            places,
            names: columns.iter().map(|&name| name.to_owned()).collect(),
            path,
        })
    }

    fn rows(mut self, mut each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut record = csv::StringRecord::new();
        while self
            .reader
            .read_record(&mut record)
            .map_err(|cause| broken(self.path, &cause))?
        {
            each(&Row {
                record: &record,
                table: (&self.places, &self.names, self.path),
            })?;
        }
        Ok(())
    }
}

impl Row<'_> {
    fn text(&self, column: usize) -> &str {
        let place = self.table.0.get(column);
        place
            .and_then(|&place| self.record.get(place))
            .unwrap_or_default()
    }

    /// A number, or nothing where the cell is empty.
    fn number(&self, column: usize) -> Result<Option<f64>> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let line = self.record.position().map_or(0, csv::Position::line);
            let name = self.table.1.get(column).map_or("", String::as_str);
            Error::new(ErrorCode::BadHeader, format!("\"{text}\" is no number"))
                .in_file(self.table.2)
                .at(format!("line {line}, column {name}"))
        })
    }
}

fn broken(path: &Path, cause: &csv::Error) -> Error {
    Error::new(ErrorCode::BadHeader, cause.to_string())
        .in_file(path)
        .advice("name the results folder of `endplate analyze`")
}
