//! From lines to blocks: each with its header, its samples in stretches without a gap, and its comments.

use super::decimal::Decimal;
use super::header::{Header, fields};
use crate::error::{Error, ErrorCode, Result};

/// How far a time may lie from its place beyond its rounding, in samples. Beyond it samples are missing.
const STEP_TOLERANCE: f64 = 0.5;
/// More columns are refused: LabChart has at most 32 channels; this is far above.
const MAX_COLUMNS: usize = 1024;

/// Samples without a gap, from the time of the first one, in s as the block counts.
#[derive(Debug, PartialEq)]
pub(super) struct Stretch {
    pub start: f64,
    pub values: Vec<f64>,
}

/// A comment at a sample.
#[derive(Debug, PartialEq)]
pub(super) struct Comment {
    pub time: f64,
    /// From 1; `None` for a comment on all channels.
    pub channel: Option<usize>,
    pub text: String,
}

/// Everything between two headers.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub header: Header,
    /// By column.
    pub stretches: Vec<Vec<Stretch>>,
    pub comments: Vec<Comment>,
    pub rows: u64,
    /// The last time of the block, in s as it counts.
    pub end: f64,
    grid: Option<Grid>,
}

/// Where the samples of the current run lie: the printed times are rounded, their places are not.
#[derive(Clone, Copy, Debug)]
struct Grid {
    start: f64,
    count: u64,
    last: f64,
}

/// Reads all blocks.
pub(super) fn read(text: &str, decimal: &mut Decimal) -> Result<Vec<Block>> {
    let mut blocks: Vec<Block> = Vec::new();
    for (number, line) in (1u64..).zip(text.lines()) {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() {
            continue;
        }
        let header = fields(line.trim_start());
        if let Some(("Interval=", _)) = header {
            let mut block = Block::default();
            block.header.line = number;
            blocks.push(block);
        }
        let Some(block) = blocks.last_mut() else {
            return Err(
                Error::new(ErrorCode::BadHeader, "a line before the first `Interval=`")
                    .at(format!("line {number}"))
                    .advice("a block begins with its interval; export the file again"),
            );
        };
        match header {
            Some((key, cells)) if block.rows == 0 => {
                block.header.take(key, &cells, number, decimal)?;
            }
            Some((key, _)) => {
                return Err(
                    Error::new(ErrorCode::BadHeader, format!("`{key}` among the samples"))
                        .at(format!("line {number}"))
                        .advice("a header begins with `Interval=`; export the file again"),
                );
            }
            None if block.rows == 0 && is_unknown_field(line) => {}
            None => block.row(line, number, decimal)?,
        }
    }
    Ok(blocks)
}

/// `SomethingElse=` in a header: newer versions may add a line.
fn is_unknown_field(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

impl Block {
    fn row(&mut self, line: &str, number: u64, decimal: &mut Decimal) -> Result<()> {
        let at = || format!("line {number}");
        let Some(interval) = self.header.interval else {
            return Err(Error::new(ErrorCode::UnknownRate, "samples without `Interval=`").at(at()));
        };
        let columns = self.header.columns();
        if columns == 0 || columns > MAX_COLUMNS {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{columns} channels in `ChannelTitle=` and `Range=`"),
            )
            .at(format!("header in line {}", self.header.line))
            .advice(format!("expected 1 to {MAX_COLUMNS}, separated by tabs")));
        }
        if self.stretches.is_empty() {
            self.stretches.resize_with(columns, Vec::new);
        }
        let mut cells = line.split('\t');
        let printed = cells.next().unwrap_or_default();
        let time = decimal.number(printed, number).map_err(|error| {
            error.advice("times must be numbers: set the time display of LabChart to seconds from the start of block and export again")
        })?;
        let time = time.ok_or_else(|| {
            Error::new(ErrorCode::BadHeader, "a row without a time")
                .at(at())
                .advice("export the file with times")
        })?;
        let tolerance = STEP_TOLERANCE * interval + decimal.last_digit(printed);
        let (place, continues) = self.place(time, interval, tolerance, number)?;
        for column in 0..columns {
            let cell = cells.clone().next().unwrap_or_default();
            let value = if cell.trim_start().starts_with('#') {
                None
            } else {
                cells.next();
                decimal.number(cell, number)?
            };
            let Some(stretches) = self.stretches.get_mut(column) else {
                continue;
            };
            match (value, stretches.last_mut()) {
                (Some(value), Some(open)) if continues && is_open(open, place, interval) => {
                    open.values.push(value);
                }
                (Some(value), _) => stretches.push(Stretch {
                    start: place,
                    values: Vec::from([value]),
                }),
                (None, _) => {}
            }
        }
        self.comments(cells, place, columns, number)?;
        self.rows += 1;
        self.end = place;
        Ok(())
    }

    /// Where the sample of a printed time lies, and whether it follows the one before without a gap.
    fn place(
        &mut self,
        time: f64,
        interval: f64,
        tolerance: f64,
        line: u64,
    ) -> Result<(f64, bool)> {
        if let Some(grid) = &mut self.grid {
            let step = time - grid.last;
            if (step - interval).abs() <= tolerance {
                let place = grid.start + grid.count as f64 * interval;
                if (place - time).abs() > tolerance {
                    return Err(Error::new(
                        ErrorCode::UnknownRate,
                        format!("`Interval=` says {interval} s, but the times have run {} s away from it", time - place),
                    )
                    .at(format!("line {line}, time {time}"))
                    .advice("export the interval with more digits"));
                }
                grid.count += 1;
                grid.last = time;
                return Ok((place, true));
            }
            if step < interval {
                return Err(Error::new(
                    ErrorCode::BadHeader,
                    format!("the time {time} s comes {step} s after the one before, less than the interval of {interval} s"),
                )
                .at(format!("line {line}"))
                .advice("export the file again; times must grow by `Interval=`"));
            }
        }
        self.grid = Some(Grid {
            start: time,
            count: 1,
            last: time,
        });
        Ok((time, false))
    }

    fn comments<'a>(
        &mut self,
        cells: impl Iterator<Item = &'a str>,
        time: f64,
        columns: usize,
        line: u64,
    ) -> Result<()> {
        let mut here: Vec<Comment> = Vec::new();
        for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
            if let Some(rest) = cell.strip_prefix('#') {
                here.push(comment(rest, time, columns));
            } else if let Some(open) = here.last_mut() {
                // A tab inside a comment.
                open.text.push(' ');
                open.text.push_str(cell);
            } else {
                return Err(Error::new(
                    ErrorCode::BadHeader,
                    format!("a cell beyond the {columns} channels of the header"),
                )
                .at(format!("line {line}"))
                .advice("comments begin with #; export the file again"));
            }
        }
        self.comments.extend(here);
        Ok(())
    }
}

/// Whether the next sample of a stretch lies at `place`.
fn is_open(stretch: &Stretch, place: f64, interval: f64) -> bool {
    let next = stretch.start + stretch.values.len() as f64 * interval;
    (place - next).abs() <= STEP_TOLERANCE * interval
}

/// `* text` for all channels, `2 text` for one. A number that is no column stays in the text.
fn comment(rest: &str, time: f64, columns: usize) -> Comment {
    if let Some(text) = rest.strip_prefix('*') {
        return Comment {
            time,
            channel: None,
            text: text.trim().to_owned(),
        };
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, text) = rest.split_at_checked(digits).unwrap_or(("", rest));
    match number.parse::<usize>() {
        Ok(channel) if (1..=columns).contains(&channel) => Comment {
            time,
            channel: Some(channel),
            text: text.trim().to_owned(),
        },
        _ => Comment {
            time,
            channel: None,
            text: rest.trim().to_owned(),
        },
    }
}
