//! Exports of LabChart (ADInstruments): all channels and blocks in one vector.
//!
//! Source: ADInstruments, "How does MATLAB open exported data?". `data` holds the samples one after the other; `datastart`, `dataend` (from 1; −1 for
//! none), `samplerate`, `rangemin`, `rangemax` and `unittextmap` have a row for each channel and a column for each block; `titles` and
//! `unittext` are char matrices; `blocktimes` are MATLAB date numbers; each row of `com` is channel (−1 for all), block, tick, kind and row of `comtext`; 16-bit
//! exports have `scaleunits` and `scaleoffset`: `units = (data + scaleoffset) · scaleunits`.

use super::export::{Stated, channel, missing};
use super::value::{Value, size};
use super::variables::Variables;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapping::Mapping;
use crate::recording::{Channel, Mark, Origin, Recording, Samples, Segment, Subject};
use crate::units::Seconds;

const PLACE: &str = "export of LabChart";

/// MATLAB counts days from the year 0; this many lie before 1970-01-01 (`datenum(1970, 1, 1)`).
const DAYS_BEFORE_1970: f64 = 719_529.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

pub(super) fn claims(variables: &Variables) -> bool {
    ["data", "datastart", "dataend", "samplerate", "titles"]
        .iter()
        .all(|name| variables.get(name).is_some())
}

/// A table with a row for each channel and a column for each block.
struct Table {
    values: Vec<f64>,
    channels: usize,
}

impl Table {
    fn at(&self, channel: usize, block: usize) -> Option<f64> {
        self.values
            .get(block.checked_mul(self.channels)?.checked_add(channel)?)
            .copied()
    }
}

struct Layout<'a> {
    variables: &'a Variables,
    channels: usize,
    blocks: usize,
}

impl Layout<'_> {
    /// The table of that name; `None` if there is no such variable.
    fn table(&self, name: &str) -> Result<Option<Table>> {
        match self.variables.get(name) {
            None => Ok(None),
            Some(Value::Numbers { dims, samples }) if *dims == [self.channels, self.blocks] => {
                Ok(Some(Table {
                    values: samples.widen(0..samples.len())?,
                    channels: self.channels,
                }))
            }
            Some(value) => Err(missing(
                &format!(
                    "`{name}`: it is {}, but `datastart` is {}",
                    value.describe(),
                    size(&[self.channels, self.blocks])
                ),
                PLACE,
            )),
        }
    }

    fn needed(&self, name: &str) -> Result<Table> {
        self.table(name)?
            .ok_or_else(|| missing(&format!("`{name}`"), PLACE))
    }

    /// One number per block.
    fn per_block(&self, name: &str) -> Option<Vec<f64>> {
        self.variables
            .get(name)
            .and_then(Value::numbers)
            .filter(|values| values.len() == self.blocks)
    }

    /// What is the same in all these blocks.
    fn constant(&self, table: &Table, channel: usize, blocks: &[usize], name: &str) -> Result<f64> {
        let mut values = blocks.iter().filter_map(|&block| table.at(channel, block));
        let first = values
            .next()
            .ok_or_else(|| missing(&format!("`{name}`"), PLACE))?;
        match values.find(|value| *value != first) {
            None => Ok(first),
            Some(other) => Err(Error::new(
                ErrorCode::Unsupported,
                format!(
                    "`{name}` of channel {} changes between the blocks from {first} to {other}",
                    channel.saturating_add(1)
                ),
            )
            .at(PLACE)
            .advice("export the blocks into files of their own")),
        }
    }
}

pub(super) fn read(variables: &Variables, mapping: &Mapping) -> Result<Recording> {
    let Some(Value::Numbers { dims, .. }) = variables.get("datastart") else {
        return Err(missing("`datastart`", PLACE));
    };
    let [channels, blocks] = *dims.as_slice() else {
        return Err(missing("`datastart`: it has more than two axes", PLACE));
    };
    let layout = Layout {
        variables,
        channels,
        blocks,
    };
    let (starts, started) = block_starts(&layout)?;
    // Channels without samples are left out, so the numbers of the comments are translated.
    let mut made: Vec<Channel> = Vec::new();
    let mut numbers: Vec<Option<usize>> = Vec::new();
    for index in 0..channels {
        match read_channel(&layout, index, &starts, mapping)? {
            Some(channel) => {
                numbers.push(Some(made.len()));
                made.push(channel);
            }
            None => numbers.push(None),
        }
    }
    let marks = comments(&layout, &starts, &numbers)?;
    Ok(Recording {
        channels: made,
        marks,
        origin: Origin {
            started,
            ..Origin::default()
        },
        subject: Subject::default(),
        corrections: Vec::new(),
        findings: Vec::new(),
    })
}

/// The start of each block in s after the first one, and the local time of the first.
fn block_starts(layout: &Layout) -> Result<(Vec<f64>, Option<String>)> {
    let times = layout.per_block("blocktimes");
    let Some(times) = times.filter(|times| times.iter().all(|time| time.is_finite())) else {
        return match layout.blocks {
            0 | 1 => Ok((vec![0.0; layout.blocks], None)),
            blocks => Err(missing(&format!("`blocktimes` for {blocks} blocks"), PLACE)),
        };
    };
    let first = times.first().copied().unwrap_or(0.0);
    let seconds = ((first - DAYS_BEFORE_1970) * SECONDS_PER_DAY).round();
    let started = jiff::civil::date(1970, 1, 1)
        .at(0, 0, 0, 0)
        .checked_add(jiff::SignedDuration::from_secs(seconds as i64))
        .ok()
        .map(|started| started.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    let starts = times
        .iter()
        .map(|time| (time - first) * SECONDS_PER_DAY)
        .collect();
    Ok((starts, started))
}

fn read_channel(
    layout: &Layout,
    index: usize,
    starts: &[f64],
    mapping: &Mapping,
) -> Result<Option<Channel>> {
    let Some(Value::Numbers { samples, .. }) = layout.variables.get("data") else {
        return Err(missing("`data` (real numbers)", PLACE));
    };
    let (first, last) = (layout.needed("datastart")?, layout.needed("dataend")?);
    let label = texts(layout, "titles")?
        .get(index)
        .filter(|title| !title.is_empty())
        .cloned()
        .unwrap_or_else(|| format!("channel {}", index.saturating_add(1)));
    let mut segments = Vec::new();
    let mut blocks = Vec::new();
    for block in 0..layout.blocks {
        let (Some(from), Some(to)) = (first.at(index, block), last.at(index, block)) else {
            continue;
        };
        if from < 1.0 || to < from {
            continue;
        }
        if from.fract() != 0.0 || to.fract() != 0.0 || to > samples.len() as f64 {
            return Err(missing(
                &format!(
                    "`datastart` and `dataend`: channel \"{label}\" runs from {from} to {to}, but `data` holds {} samples",
                    samples.len()
                ),
                PLACE,
            ));
        }
        segments.push(Segment {
            start: Seconds(starts.get(block).copied().unwrap_or(0.0)),
            samples: samples.every(from as usize - 1, 1, (to - from) as usize + 1)?,
        });
        blocks.push(block);
    }
    if segments.is_empty() {
        return Ok(None);
    }
    if let Some(offsets) = layout.table("firstsampleoffset")?
        && let Some(offset) = blocks
            .iter()
            .filter_map(|&block| offsets.at(index, block))
            .find(|offset| *offset != 0.0)
    {
        return Err(Error::new(
            ErrorCode::Unsupported,
            format!("`firstsampleoffset` of channel \"{label}\" is {offset}; its unit is not documented, so only 0 is read"),
        )
        .at(PLACE)
        .advice("export the channel alone, or name the data with `variable` in a mapping"));
    }
    let rate_hz = layout.constant(&layout.needed("samplerate")?, index, &blocks, "samplerate")?;
    let (gain, offset, rails) = calibration(layout, index, &blocks, samples, &segments)?;
    let stated = Stated {
        unit: unit(layout, index, &blocks)?,
        label,
        gain,
        offset,
        rails,
        rate_hz,
    };
    channel(stated, segments, mapping, PLACE).map(Some)
}

/// Gain, offset and rails.
type Numbers = (f64, f64, Option<(f64, f64)>);

fn calibration(
    layout: &Layout,
    index: usize,
    blocks: &[usize],
    samples: &Samples,
    segments: &[Segment],
) -> Result<Numbers> {
    match (layout.table("scaleunits")?, layout.table("scaleoffset")?) {
        (Some(scale), Some(shift)) => {
            let gain = layout.constant(&scale, index, blocks, "scaleunits")?;
            let shift = layout.constant(&shift, index, blocks, "scaleoffset")?;
            if !(gain.is_finite() && gain != 0.0 && shift.is_finite()) {
                return Err(missing("`scaleunits` and `scaleoffset`", PLACE));
            }
            let rails = matches!(samples, Samples::I16(_))
                .then_some((f64::from(i16::MIN), f64::from(i16::MAX)));
            Ok((gain, gain * shift, rails))
        }
        (None, None) if matches!(samples, Samples::F32(_) | Samples::F64(_)) => {
            // The range of the amplifier, in the unit of the samples; believed if no sample lies outside.
            let range = match (layout.table("rangemin")?, layout.table("rangemax")?) {
                (Some(low), Some(high)) => layout
                    .constant(&low, index, blocks, "rangemin")
                    .ok()
                    .zip(layout.constant(&high, index, blocks, "rangemax").ok()),
                _ => None,
            };
            let inside = |&(low, high): &(f64, f64)| {
                low.is_finite()
                    && high.is_finite()
                    && low < high
                    && segments.iter().all(|segment| {
                        let values = segment.samples.widen(0..segment.samples.len());
                        let is_inside = |value: &f64| !(*value < low || *value > high);
                        values.is_ok_and(|values| values.iter().all(is_inside))
                    })
            };
            Ok((1.0, 0.0, range.filter(inside)))
        }
        _ => Err(missing(
            "`scaleunits` and `scaleoffset` for the integers in `data`",
            PLACE,
        )),
    }
}

fn texts(layout: &Layout, name: &str) -> Result<Vec<String>> {
    match layout.variables.get(name) {
        None => Ok(Vec::new()),
        Some(value) => value
            .texts()
            .ok_or_else(|| missing(&format!("`{name}` (rows of text)"), PLACE)),
    }
}

fn unit(layout: &Layout, index: usize, blocks: &[usize]) -> Result<String> {
    let units = texts(layout, "unittext")?;
    let Some(map) = layout.table("unittextmap")? else {
        // Without the map a single unit is that of all channels; several cannot be told apart.
        return match units.as_slice() {
            [] => Ok(String::new()),
            [unit] => Ok(unit.clone()),
            _ => Err(missing(
                &format!("`unittextmap` for {} units", units.len()),
                PLACE,
            )),
        };
    };
    let row = layout.constant(&map, index, blocks, "unittextmap")?;
    if row == -1.0 {
        return Ok(String::new());
    }
    (row >= 1.0 && row.fract() == 0.0)
        .then(|| units.get(row as usize - 1).cloned())
        .flatten()
        .ok_or_else(|| {
            missing(
                &format!("`unittextmap`: row {row} of {} units", units.len()),
                PLACE,
            )
        })
}

fn comments(layout: &Layout, starts: &[f64], numbers: &[Option<usize>]) -> Result<Vec<Mark>> {
    /// Columns of `com`: channel, block, tick, kind, row of `comtext`.
    const COLUMNS: usize = 5;
    let (rows, values) = match layout.variables.get("com") {
        None => return Ok(Vec::new()),
        Some(value @ Value::Numbers { dims, .. }) => {
            let values = value.numbers().unwrap_or_default();
            match *dims.as_slice() {
                _ if values.is_empty() => return Ok(Vec::new()),
                [rows, COLUMNS] => (rows, values),
                _ => {
                    return Err(missing(
                        &format!("`com`: its size is {}; expected 5 columns", size(dims)),
                        PLACE,
                    ));
                }
            }
        }
        Some(_) => return Err(missing("`com`", PLACE)),
    };
    let texts = texts(layout, "comtext")?;
    let ticks = layout
        .per_block("tickrate")
        .ok_or_else(|| missing("`tickrate` for the comments", PLACE))?;
    (0..rows)
        .map(|row| {
            let cell = |column: usize| values.get(column * rows + row).copied().unwrap_or(f64::NAN);
            // All counted from 1.
            let nth = |column: usize| {
                let value = cell(column);
                (value >= 1.0 && value.fract() == 0.0).then(|| value as usize - 1)
            };
            let bad = |what: &str| {
                missing(
                    &format!("`com`: row {} has no {what}", row.saturating_add(1)),
                    PLACE,
                )
            };
            let block = nth(1).ok_or_else(|| bad("block"))?;
            let (start, rate) = starts
                .get(block)
                .zip(ticks.get(block))
                .filter(|(_, rate)| rate.is_finite() && **rate > 0.0)
                .ok_or_else(|| bad("block with a tick rate"))?;
            let tick = cell(2);
            if !tick.is_finite() {
                return Err(bad("time"));
            }
            let text = nth(4)
                .and_then(|text| texts.get(text))
                .ok_or_else(|| bad("text"))?;
            Ok(Mark {
                time: Seconds(start + tick / rate),
                duration: None,
                text: text.clone(),
                channel: nth(0).and_then(|channel| numbers.get(channel).copied().flatten()),
            })
        })
        .collect()
}
