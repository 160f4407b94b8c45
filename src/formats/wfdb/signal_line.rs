//! One signal line of a header (WFDB header(5)).

use crate::error::{Error, ErrorCode, Result};

/// One signal line.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    /// Where it stands, for messages.
    pub(super) place: String,
    pub(super) file: String,
    /// Number of the format; 0 for a signal without samples.
    pub(super) format: u32,
    pub(super) per_frame: usize,
    /// In frames.
    pub(super) skew: usize,
    pub(super) byte_offset: u64,
    /// Stored steps per unit; `None` if not calibrated.
    pub(super) gain: Option<f64>,
    /// The stored number of 0 units.
    pub(super) baseline: i64,
    /// Empty if not stated: then the specification says mV.
    pub(super) unit: String,
    /// Bits of the converter; `None` if not stated.
    pub(super) bits: Option<u32>,
    /// The stored number in the middle of the converter's range.
    pub(super) zero: i64,
    pub(super) initial: Option<i64>,
    pub(super) checksum: Option<i64>,
    pub(super) description: String,
}

/// Bits of the widest format.
const MAX_BITS: u32 = 32;
/// More samples of one signal in a frame than any recorder takes (heuristic); keeps products small.
const MAX_PER_FRAME: usize = 1 << 20;

pub(super) struct FormatField {
    pub(super) number: u32,
    per_frame: usize,
    skew: usize,
    byte_offset: u64,
}

/// `212x4:3+24`.
pub(super) fn format_field(field: &str) -> Option<FormatField> {
    let (field, byte_offset) = match field.split_once('+') {
        Some((before, offset)) => (before, offset.parse().ok()?),
        None => (field, 0),
    };
    let (field, skew) = match field.split_once(':') {
        Some((before, skew)) => (before, skew.parse().ok()?),
        None => (field, 0),
    };
    let (number, per_frame) = match field.split_once('x') {
        Some((before, count)) => (before, count.parse().ok()?),
        None => (field, 1),
    };
    Some(FormatField {
        number: number.parse().ok()?,
        per_frame,
        skew,
        byte_offset,
    })
}

/// The `count` fields before the last one, and the rest of the line with its inner spaces.
pub(super) fn fields(line: &str, count: usize) -> (Vec<&str>, &str) {
    let mut found = Vec::new();
    let mut rest = line.trim();
    while found.len() < count && !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        found.push(field);
        rest = after.trim_start();
    }
    (found, rest)
}

/// Reads the line at `place` that describes the signal of that index.
pub(super) fn signal(line: &str, place: String, index: usize) -> Result<Signal> {
    let (found, description) = fields(line, 8);
    let field = |index: usize| found.get(index).copied().unwrap_or_default();
    let bad = |message: String| Error::new(ErrorCode::BadHeader, message).at(place.as_str());
    let format = format_field(field(1)).ok_or_else(|| {
        bad(format!(
            "format \"{}\"; a number with xN, :SKEW and +OFFSET is expected",
            field(1)
        ))
    })?;
    if format.per_frame == 0 || format.per_frame > MAX_PER_FRAME {
        return Err(bad(format!(
            "{} samples per frame; 1 to {MAX_PER_FRAME} are expected",
            format.per_frame
        )));
    }
    let whole = |index: usize, what: &str| match field(index) {
        "" => Ok(None),
        // 32 bits hold every stored number; more would be a misread line.
        text => text
            .parse::<i64>()
            .ok()
            .filter(|value| value.unsigned_abs() <= 1 << MAX_BITS)
            .map(Some)
            .ok_or_else(|| bad(format!("{what} \"{text}\"; a whole number is expected"))),
    };
    let bits = whole(3, "resolution of the converter in bits")?
        .filter(|&bits| bits != 0)
        .map(|bits| {
            u32::try_from(bits)
                .ok()
                .filter(|bits| *bits <= MAX_BITS)
                .ok_or_else(|| {
                    bad(format!(
                        "a converter of {bits} bits; at most {MAX_BITS} are expected"
                    ))
                })
        })
        .transpose()?;
    let zero = whole(4, "zero of the converter")?.unwrap_or(0);
    let (gain, baseline, unit) = gain_field(field(2)).ok_or_else(|| {
        bad(format!(
            "gain \"{}\"; GAIN(BASELINE)/UNIT is expected",
            field(2)
        ))
    })?;
    let initial = whole(5, "initial value")?;
    let checksum = whole(6, "checksum")?;
    whole(7, "block size")?;
    Ok(Signal {
        file: field(0).to_owned(),
        format: format.number,
        per_frame: format.per_frame,
        skew: format.skew,
        byte_offset: format.byte_offset,
        gain,
        baseline: baseline.unwrap_or(zero),
        unit,
        bits,
        zero,
        initial,
        checksum,
        description: if description.is_empty() {
            format!("signal {index}")
        } else {
            description.to_owned()
        },
        place,
    })
}

/// `200(-1600)/mmHg`: gain (`None` for 0 or nothing: not calibrated), baseline, unit.
fn gain_field(field: &str) -> Option<(Option<f64>, Option<i64>, String)> {
    let (numbers, unit) = field.split_once('/').unwrap_or((field, ""));
    let (gain, baseline) = match numbers.split_once('(') {
        Some((gain, rest)) => (
            gain,
            Some(rest.strip_suffix(')')?.parse::<i32>().ok()?.into()),
        ),
        None => (numbers, None),
    };
    let gain = match gain {
        "" => None,
        text => Some(text.parse::<f64>().ok().filter(|gain| gain.is_finite())?)
            .filter(|gain| *gain != 0.0),
    };
    Some((gain, baseline, unit.to_owned()))
}
