//! `channels.tsv` (BIDS, "Channels description"): what each channel is, matched by its name.

use super::metadata::{HIGH_PASS_HZ, same_rate};
use super::table::{Row, Table};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::Mapping;
use crate::formats::mapping::{channel_for, same_unit};
use crate::recording::muscle::muscle;
use crate::recording::{Channel, Recording, Role, Side};
use std::collections::BTreeMap;

/// More rows are refused, as text recordings with more channels are. Heuristic.
const MAX_CHANNELS: usize = 4096;
/// More names are counted and not listed in a finding.
const NAMES_LISTED: usize = 8;

/// One row of the table.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    /// From the type; `None` where the table says nothing.
    pub(super) role: Option<Role>,
    pub(super) unit: Option<String>,
    rate: Option<f64>,
    muscle: Option<String>,
    bad: bool,
    why: Option<String>,
    high_pass: Option<f64>,
    low_pass: Option<f64>,
    notch: Option<String>,
}

impl Entry {
    /// The rate in Hz, where the table states it.
    pub(super) fn rate(&self) -> Option<f64> {
        self.rate
    }
}

/// Reads the rows; the channel in which EDF and BDF keep annotations is none of the recording.
pub(super) fn entries(table: &Table) -> Result<Vec<Entry>> {
    table.require("name")?;
    let mut entries = Vec::new();
    for row in table.rows() {
        if entries.len() == MAX_CHANNELS {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("more than {MAX_CHANNELS} channels"),
            )
            .at(format!("{}, line {}", table.name, row.line()))
            .advice("remove the rows of other recordings"));
        }
        let entry = entry(&row)?;
        if !matches!(entry.name.as_str(), "EDF Annotations" | "BDF Annotations") {
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn entry(row: &Row) -> Result<Entry> {
    let owned = |column| row.text(column).map(str::to_owned);
    let name = owned("name").ok_or_else(|| {
        row.fault("name", "a channel without a name".to_owned())
            .advice("write the label of the channel as the recording has it")
    })?;
    let bad = match row.text("status") {
        None => false,
        Some(status) if status.eq_ignore_ascii_case("good") => false,
        Some(status) if status.eq_ignore_ascii_case("bad") => true,
        Some(status) => {
            return Err(row
                .fault("status", format!("\"{status}\" is no status"))
                .advice("write good, bad or n/a"));
        }
    };
    let rate = row.number("sampling_frequency")?;
    if rate.is_some_and(|rate| rate <= 0.0) {
        return Err(row
            .fault("sampling_frequency", "no rate of 0 or less".to_owned())
            .advice("write hertz, or n/a"));
    }
    // A cutoff of 0 Hz lets everything pass; mne-bids writes it where there is no filter.
    let cutoff = |column| -> Result<Option<f64>> {
        // Programs write text here too (`DC`); it says nothing about a frequency.
        Ok(row
            .text(column)
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|hertz| hertz.is_finite() && *hertz > 0.0))
    };
    Ok(Entry {
        name,
        role: row.text("type").map(role),
        unit: owned("units"),
        rate,
        muscle: owned("target_muscle"),
        bad,
        why: owned("status_description"),
        high_pass: cutoff("low_cutoff")?,
        low_pass: cutoff("high_cutoff")?,
        notch: owned("notch"),
    })
}

fn role(kind: &str) -> Role {
    match kind.to_ascii_uppercase().as_str() {
        "EMG" => Role::Response,
        "TRIG" => Role::Trigger,
        _ => Role::Other,
    }
}

/// What a table and a recording do not agree about, gathered so that one finding tells it of all channels.
#[derive(Default)]
struct Doubts {
    units: Vec<String>,
    rates: Vec<String>,
    muscles: Vec<String>,
    sides: Vec<String>,
    types: Vec<String>,
}

/// Puts what the table says on the channels. Returns for each channel whether the table states its rate.
pub(super) fn apply(
    recording: &mut Recording,
    table: &Table,
    entries: &[Entry],
    mapping: &Mapping,
) -> Vec<bool> {
    let places = matched(recording, table, entries);
    let mut rates = vec![false; recording.channels.len()];
    let mut doubts = Doubts::default();
    let mut bad = Vec::new();
    for (entry, place) in entries.iter().zip(places) {
        let Some((index, channel)) =
            place.and_then(|index| Some((index, recording.channels.get_mut(index)?)))
        else {
            continue;
        };
        if let Some(stated) = rates.get_mut(index) {
            *stated = entry.rate.is_some();
        }
        describe(channel, entry, mapping, &mut doubts);
        if entry.bad && channel.role != Role::Other {
            channel.role = Role::Other;
            let why = entry.why.as_deref().unwrap_or("no reason is given");
            bad.push(Finding::new(
                FindingCode::ChannelMarkedBad,
                format!("\"{}\" in {}: {why}", channel.label, table.name),
            ));
        }
    }
    for (what, details) in [
        ("units", doubts.units),
        ("sampling_frequency", doubts.rates),
        ("type", doubts.types),
        ("target_muscle", doubts.muscles),
        ("side in target_muscle", doubts.sides),
    ] {
        not_followed(recording, table, what, &details);
    }
    recording.findings.extend(bad);
    rates
}

fn not_followed(recording: &mut Recording, table: &Table, what: &str, details: &[String]) {
    if !details.is_empty() {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!("{}, {what}: {}", table.name, listed(details)),
        ));
    }
}

fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMES_LISTED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = names
        .len()
        .checked_sub(NAMES_LISTED)
        .filter(|more| *more > 0)
    {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// The channel of each entry. A name that table and recording have equally often is matched in order; any other belongs to none.
fn matched(recording: &mut Recording, table: &Table, entries: &[Entry]) -> Vec<Option<usize>> {
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        rows.entry(entry.name.as_str()).or_default().push(index);
    }
    let mut channels: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, channel) in recording.channels.iter().enumerate() {
        let label = channel.label.trim().to_owned();
        channels.entry(label).or_default().push(index);
    }
    let mut places = vec![None; entries.len()];
    let (mut absent, mut several) = (Vec::new(), Vec::new());
    for (name, rows) in &rows {
        let found = channels.get(*name).map_or(&[] as &[usize], Vec::as_slice);
        if found.is_empty() {
            absent.push(format!("\"{name}\""));
        } else if found.len() == rows.len() {
            for (row, channel) in rows.iter().zip(found) {
                if let Some(place) = places.get_mut(*row) {
                    *place = Some(*channel);
                }
            }
        } else {
            several.push(format!(
                "\"{name}\" ({} rows, {} channels)",
                rows.len(),
                found.len()
            ));
        }
    }
    let unlisted: Vec<_> = channels
        .keys()
        .filter(|label| !rows.contains_key(label.as_str()))
        .map(|label| format!("\"{label}\""))
        .collect();
    not_followed(
        recording,
        table,
        "listed there and not in the recording",
        &absent,
    );
    not_followed(
        recording,
        table,
        "in the recording and not listed there",
        &unlisted,
    );
    not_followed(
        recording,
        table,
        "listed more or less often than recorded",
        &several,
    );
    let order: Vec<usize> = places.iter().copied().flatten().collect();
    if !order.is_sorted() {
        not_followed(
            recording,
            table,
            "the order of the channels",
            &[
                "it is another one than that of the recording; they were matched by name"
                    .to_owned(),
            ],
        );
    }
    places
}

fn describe(channel: &mut Channel, entry: &Entry, mapping: &Mapping, doubts: &mut Doubts) {
    let label = channel.label.clone();
    // What the laboratory states about the channel for endplate goes before what the dataset says.
    let stated = channel_for(mapping, &label);
    if stated.and_then(|stated| stated.role).is_none() {
        match entry.role {
            Some(Role::Response) if !channel.is_voltage() => doubts.types.push(format!(
                "\"{label}\" is EMG there, but in \"{}\", which is no voltage",
                channel.calibration.unit
            )),
            Some(role) => {
                if role == Role::Response {
                    channel
                        .findings
                        .retain(|finding| finding.code != FindingCode::ChannelIgnored);
                }
                channel.role = role;
            }
            None => {}
        }
    }
    if let Some(unit) = &entry.unit
        && !channel.calibration.unit.is_empty()
        && !same_unit(unit, &channel.calibration.unit)
    {
        doubts.units.push(format!(
            "\"{label}\" in {unit} there and in {} in the recording",
            channel.calibration.unit
        ));
    }
    if let Some(rate) = entry.rate
        && !same_rate(rate, channel.rate.0)
    {
        doubts.rates.push(format!(
            "\"{label}\" {rate} Hz there and {} in the recording",
            channel.rate
        ));
    }
    if let Some(text) = &entry.muscle {
        let (side, name) = side_and_muscle(text);
        if stated.is_none_or(|stated| stated.muscle.is_none()) {
            let own = channel.muscle.as_deref().and_then(muscle);
            match (own, muscle(&name)) {
                (Some(own), Some(other)) if own.id != other.id => doubts.muscles.push(format!(
                    "\"{label}\" is {} there and {} in the recording",
                    other.id, own.id
                )),
                (Some(_), _) => {}
                (None, _) => channel.muscle = Some(name),
            }
        }
        if let Some(side) = side
            && stated.is_none_or(|stated| stated.side.is_none())
        {
            match channel.side {
                None => channel.side = Some(side),
                Some(own) if own != side => doubts.sides.push(format!("\"{label}\"")),
                Some(_) => {}
            }
        }
    }
    filters(channel, entry);
}

/// The side that a text names in a word of its own, and the muscle: its short name if it is a known one, else the whole text.
fn side_and_muscle(text: &str) -> (Option<Side>, String) {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |side: &str| words.iter().any(|word| word.eq_ignore_ascii_case(side));
    let side = match (has("left"), has("right")) {
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        _ => None,
    };
    let rest: Vec<&str> = words
        .into_iter()
        .filter(|word| {
            !["left", "right"]
                .iter()
                .any(|side| word.eq_ignore_ascii_case(side))
        })
        .collect();
    let known = muscle(text).or_else(|| side.and_then(|_| muscle(&rest.join(" "))));
    let name = known.map_or_else(|| text.to_owned(), |known| known.id.to_owned());
    (side, name)
}

/// The filters of a channel whose recording states none, as EDF writes them.
fn filters(channel: &mut Channel, entry: &Entry) {
    let mut parts = Vec::new();
    parts.extend(entry.high_pass.map(|hertz| format!("HP:{hertz}Hz")));
    parts.extend(entry.low_pass.map(|hertz| format!("LP:{hertz}Hz")));
    parts.extend(entry.notch.as_ref().map(|hertz| format!("N:{hertz}Hz")));
    if parts.is_empty() || channel.prefilter.is_some() {
        return;
    }
    let text = parts.join(" ");
    let changes = entry.high_pass.is_some_and(|hertz| hertz >= HIGH_PASS_HZ);
    if channel.role == Role::Response && (changes || entry.notch.is_some()) {
        channel
            .findings
            .push(Finding::new(FindingCode::FilterInHeader, text.clone()));
    }
    channel.prefilter = Some(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_taken_only_from_a_word_of_its_own() {
        let of = |text| side_and_muscle(text);
        assert_eq!(
            of("left abductor digiti minimi"),
            (Some(Side::Left), "ADM".into())
        );
        assert_eq!(
            of("Tibialis anterior (Right)"),
            (Some(Side::Right), "TA".into())
        );
        assert_eq!(of("abductor pollicis brevis"), (None, "APB".into()));
        assert_eq!(
            of("left and right deltoid"),
            (None, "left and right deltoid".into())
        );
        assert_eq!(
            of("right platysma"),
            (Some(Side::Right), "right platysma".into())
        );
        assert_eq!(of("brightest muscle"), (None, "brightest muscle".into()));
    }
}
