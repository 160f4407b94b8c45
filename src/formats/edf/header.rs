//! The header record: 256 bytes about the file and 256 about each signal (EDF 1992; EDF+ 2.1.1 and 2.1.3).

use super::decimal::Decimal;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::{Content, Width};

/// Bytes of the header about the file, and again about each signal.
pub(super) const BLOCK: usize = 256;
/// What a signal that holds annotations is called (EDF+ 2.2.1; BDF+ says BDF).
pub(super) const ANNOTATION_LABELS: [&str; 2] = ["EDF Annotations", "BDF Annotations"];

/// EDF has two bytes, BDF three.
impl Width {
    /// The lowest and the highest number.
    pub(super) fn limits(self) -> (f64, f64) {
        match self {
            Self::Sixteen => (f64::from(i16::MIN), f64::from(i16::MAX)),
            Self::TwentyFour => (-8_388_608.0, 8_388_607.0),
        }
    }

    /// `EDF` or `BDF`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sixteen => "EDF",
            Self::TwentyFour => "BDF",
        }
    }
}

/// What the reserved field says (EDF+ 2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// EDF or BDF without the plus.
    Plain,
    /// `EDF+C`: each record starts where the one before ends.
    Continuous,
    /// `EDF+D`: records start when their time-keeping TAL says.
    Discontinuous,
}

/// A field of a signal: its offset in the 256 bytes that each signal has in all, and its width.
#[derive(Clone, Copy)]
pub(super) struct Field(usize, usize);
pub(super) const LABEL: Field = Field(0, 16);
pub(super) const TRANSDUCER: Field = Field(16, 80);
pub(super) const DIMENSION: Field = Field(96, 8);
pub(super) const PHYSICAL_MIN: Field = Field(104, 8);
pub(super) const PHYSICAL_MAX: Field = Field(112, 8);
pub(super) const DIGITAL_MIN: Field = Field(120, 8);
pub(super) const DIGITAL_MAX: Field = Field(128, 8);
pub(super) const PREFILTER: Field = Field(136, 80);
pub(super) const SAMPLES: Field = Field(216, 8);

/// What the header says about one signal, as text until somebody needs the number.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    pub(super) index: usize,
    pub(super) label: String,
    pub(super) transducer: String,
    pub(super) dimension: String,
    pub(super) physical_min: String,
    pub(super) physical_max: String,
    pub(super) digital_min: String,
    pub(super) digital_max: String,
    pub(super) prefilter: String,
    /// Samples per data record.
    pub(super) samples: usize,
    /// Where its samples begin in a data record, in bytes.
    pub(super) offset: usize,
    /// Whether it holds annotations instead of samples.
    pub(super) is_annotations: bool,
}

/// The whole header.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) width: Width,
    pub(super) kind: Kind,
    pub(super) patient: String,
    pub(super) recording: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) signals: Vec<Signal>,
    /// Duration of a data record in seconds.
    pub(super) duration: Decimal,
    /// Whole data records that the file holds.
    pub(super) records: usize,
    /// Bytes of a data record.
    pub(super) record_bytes: usize,
    pub(super) findings: Vec<Finding>,
}

/// Text of a field without its padding, and whether it had to be read as Latin-1.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (bytes.iter().map(|&byte| char::from(byte)).collect(), true),
    }
}

fn bad(place: String, message: String) -> Error {
    Error::new(ErrorCode::BadHeader, message)
        .at(place)
        .advice("export the recording again from the recording machine")
}

impl Header {
    /// Where the data records begin.
    pub(super) fn data_start(&self) -> usize {
        BLOCK * (self.signals.len() + 1)
    }

    /// `EDF signal 2 "ADM", bytes 424–431`.
    pub(super) fn place(&self, signal: &Signal, field: Field) -> String {
        place(self.width, self.signals.len(), signal, field)
    }

    /// Reads the header of a file.
    pub(super) fn read(content: &Content) -> Result<Self> {
        let first = content.head(BLOCK)?;
        // What it says of the signals may be nonsense, which is told when the rest is there.
        let signals: usize = first
            .get(252..)
            .and_then(|count| decode(count).0.trim_matches(['\0', ' ']).parse().ok())
            .unwrap_or(0);
        let all = content.head(BLOCK.saturating_mul(signals.saturating_add(1)))?;
        Self::parse(&all, content.length())
    }

    /// Reads the header from the first bytes of a file, as many as the header has, and holds it against the length of the file.
    pub(super) fn parse(bytes: &[u8], length: u64) -> Result<Self> {
        let width = match bytes.first() {
            Some(0xFF) => Width::TwentyFour,
            _ => Width::Sixteen,
        };
        let name = width.name();
        if bytes.len() < BLOCK {
            return Err(Error::new(
                ErrorCode::Truncated,
                format!("{length} bytes; the header alone has at least {BLOCK}"),
            )
            .at(format!("{name} header"))
            .advice("copy the file again from the recording machine"));
        }
        let mut findings = Vec::new();
        let mut text = |from: usize, length: usize| {
            let (text, latin) = decode(bytes.get(from..from + length).unwrap_or_default());
            if latin {
                findings.push(Finding::new(
                    FindingCode::TextNotUnicode,
                    format!("{name} header, bytes {from}–{}", from + length - 1),
                ));
            }
            text.trim_matches(['\0', ' ']).to_owned()
        };
        let patient = text(8, 80);
        let recording = text(88, 80);
        let date = text(168, 8);
        let time = text(176, 8);
        let header_bytes = text(184, 8);
        let reserved = text(192, 44);
        let records = text(236, 8);
        let duration_text = text(244, 8);
        let count = text(252, 4);

        let signal_count = signal_count(name, &count, &header_bytes)?;
        let data_start = BLOCK * (signal_count + 1);
        let block = bytes.get(BLOCK..data_start).ok_or_else(|| {
            Error::new(
                ErrorCode::Truncated,
                format!(
                    "the header of {signal_count} signals has {data_start} bytes; the file has {length}"
                ),
            )
            .at(format!("{name} header"))
            .advice("copy the file again from the recording machine")
        })?;
        let duration = duration(name, &duration_text)?;
        let signals = signals(width, signal_count, block, &mut findings)?;
        let record_bytes = signals
            .last()
            .map_or(0, |last| last.offset + last.samples * width.bytes());
        refuse_samples_in_no_time(name, &duration, &signals)?;
        let annotated = signals.iter().any(|signal| signal.is_annotations);
        let kind = kind(name, &reserved, annotated, &mut findings)?;
        let records = whole_records(
            width,
            &records,
            length.saturating_sub(data_start as u64),
            record_bytes,
            &mut findings,
        )?;
        Ok(Self {
            width,
            kind,
            patient,
            recording,
            date,
            time,
            signals,
            duration,
            records,
            record_bytes,
            findings,
        })
    }
}

/// `EDF number of signals, bytes 252–255`.
fn at(name: &str, what: &str, from: usize, to: usize) -> String {
    format!("{name} {what}, bytes {from}–{to}")
}

/// The number of signals, with which the number of header bytes must agree.
fn signal_count(name: &str, count: &str, header_bytes: &str) -> Result<usize> {
    let signal_count: usize = count
        .parse()
        .ok()
        .filter(|&count| count > 0)
        .ok_or_else(|| {
            bad(
                at(name, "number of signals", 252, 255),
                format!("\"{count}\"; a number from 1 is expected"),
            )
        })?;
    let data_start = BLOCK * (signal_count + 1);
    if header_bytes.parse() != Ok(data_start) {
        return Err(bad(
            at(name, "number of header bytes", 184, 191),
            format!("\"{header_bytes}\"; {data_start} are expected for {signal_count} signals"),
        ));
    }
    Ok(signal_count)
}

/// The duration of a data record in seconds.
fn duration(name: &str, text: &str) -> Result<Decimal> {
    Decimal::parse(text)
        .or_else(|| Decimal::from_f64(text.parse().ok()?))
        .filter(|duration| !duration.is_negative())
        .ok_or_else(|| {
            bad(
                at(name, "duration of a data record", 244, 251),
                format!("\"{text}\"; seconds with a decimal point are expected (EDF+ 2.1.3.6)"),
            )
        })
}

/// A data record that lasts no time may hold annotations only.
fn refuse_samples_in_no_time(name: &str, duration: &Decimal, signals: &[Signal]) -> Result<()> {
    if let Some(signal) = signals
        .iter()
        .find(|signal| !signal.is_annotations && duration.is_zero() && signal.samples > 0)
    {
        return Err(bad(
            at(name, "duration of a data record", 244, 251),
            format!(
                "0 s, but signal {} \"{}\" has {} samples per record: no sampling rate follows (EDF+ 2.1.2)",
                signal.index + 1,
                signal.label,
                signal.samples
            ),
        ));
    }
    Ok(())
}

/// What the reserved field says, or what it should: annotations are read where it does not say EDF+.
fn kind(name: &str, reserved: &str, annotated: bool, findings: &mut Vec<Finding>) -> Result<Kind> {
    let mut kind = match reserved.get(..5) {
        Some("EDF+C" | "BDF+C") => Kind::Continuous,
        Some("EDF+D" | "BDF+D") => Kind::Discontinuous,
        _ => Kind::Plain,
    };
    if kind == Kind::Plain && annotated {
        findings.push(Finding::new(
            FindingCode::HeaderCorrected,
            format!(
                "{name} reserved field, bytes 192–235: \"{reserved}\" does not say {name}+, but there is a signal of annotations; they were read"
            ),
        ));
        kind = Kind::Continuous;
    }
    if kind == Kind::Discontinuous && !annotated {
        return Err(bad(
            at(name, "reserved field", 192, 235),
            format!(
                "\"{reserved}\", but no signal of annotations says when the records begin (EDF+ 2.2.4)"
            ),
        ));
    }
    Ok(kind)
}

fn place(width: Width, signal_count: usize, signal: &Signal, field: Field) -> String {
    let from = BLOCK + field.0 * signal_count + field.1 * signal.index;
    format!(
        "{} signal {} \"{}\", bytes {from}–{}",
        width.name(),
        signal.index + 1,
        signal.label,
        from + field.1 - 1
    )
}

/// `block` holds all labels, then all transducers, and so on: 256 bytes per signal in all.
fn signals(
    width: Width,
    count: usize,
    block: &[u8],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Signal>> {
    let mut signals = Vec::with_capacity(count);
    let mut offset = 0_usize;
    for index in 0..count {
        let mut latin_fields = Vec::new();
        let mut text = |field: Field| {
            let from = field.0 * count + field.1 * index;
            let (text, latin) = decode(block.get(from..from + field.1).unwrap_or_default());
            if latin {
                latin_fields.push(field);
            }
            text.trim_matches(['\0', ' ']).to_owned()
        };
        let label = text(LABEL);
        let samples_text = text(SAMPLES);
        let mut signal = Signal {
            index,
            is_annotations: ANNOTATION_LABELS.contains(&label.as_str()),
            label,
            transducer: text(TRANSDUCER),
            dimension: text(DIMENSION),
            physical_min: text(PHYSICAL_MIN),
            physical_max: text(PHYSICAL_MAX),
            digital_min: text(DIGITAL_MIN),
            digital_max: text(DIGITAL_MAX),
            prefilter: text(PREFILTER),
            samples: 0,
            offset,
        };
        for field in latin_fields {
            findings.push(Finding::new(
                FindingCode::TextNotUnicode,
                place(width, count, &signal, field),
            ));
        }
        signal.samples = samples_text
            .parse()
            .ok()
            .filter(|&samples: &usize| samples > 0 || signal.is_annotations)
            .ok_or_else(|| {
                bad(
                    place(width, count, &signal, SAMPLES),
                    format!(
                        "\"{samples_text}\" samples per data record; a number from 1 is expected"
                    ),
                )
            })?;
        // Eight digits per signal and four digits of signals: no overflow.
        offset += signal.samples * width.bytes();
        signals.push(signal);
    }
    Ok(signals)
}

/// How many data records to read: those that exist, if the header allows it (EDF+ 2.1.3.10).
fn whole_records(
    width: Width,
    text: &str,
    data_bytes: u64,
    record_bytes: usize,
    findings: &mut Vec<Finding>,
) -> Result<usize> {
    let name = width.name();
    let place = format!("{name} number of data records, bytes 236–243");
    let stated: i64 = text
        .parse()
        .ok()
        .filter(|&stated| stated >= -1)
        .ok_or_else(|| {
            bad(
                place.clone(),
                format!("\"{text}\"; a number from 0 is expected"),
            )
        })?;
    let exist = data_bytes.checked_div(record_bytes as u64).unwrap_or(0);
    let rest = data_bytes - exist * record_bytes as u64;
    let exist = usize::try_from(exist).unwrap_or(usize::MAX);
    let stated_records = usize::try_from(stated).ok();
    match stated_records {
        Some(stated) if stated > exist && record_bytes > 0 => Err(Error::new(
            ErrorCode::Truncated,
            format!("{stated} data records of {record_bytes} bytes are stated, the file holds {exist} whole ones and {rest} bytes"),
        )
        .at(place)
        .advice(match exist {
            0 => "copy the file again from the recording machine".to_owned(),
            _ => format!("copy the file again from the recording machine; to use the {exist} whole records, state their number in the header"),
        })),
        Some(stated) if stated == exist && rest == 0 => Ok(exist),
        _ => {
            findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!("{place}: {stated} stated, {exist} whole ones of {record_bytes} bytes were found and read, {rest} bytes are left over"),
            ));
            Ok(exist)
        }
    }
}
