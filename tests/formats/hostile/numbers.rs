//! Headers whose numbers are at their extremes: 0, −1, the largest and the smallest, none, no number at all.
//!
//! Of the texts every number of the first lines is taken, of EDF every field by its name, of the binary formats every word of the headers
//! and, wherever it lies, the value of each rate, gain and start of the recording. Of a long list of cases every so many-th is tried.

use super::patient::{Patient, Record, records};
use std::ops::Range;

/// Cases of one file.
const MOST_CASES: usize = 160;
/// Numbers of one text.
const MOST_NUMBERS: usize = 40;

/// What a number in a text may be instead.
const TEXTS: &[&str] = &[
    "0",
    "-1",
    "2147483647",
    "-2147483648",
    "18446744073709551615",
    "99999999",
    "-9999999",
    "1e308",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "",
    "x",
    "1,5",
];

/// A part of a file, and what stands there instead.
struct Case {
    at: Range<usize>,
    bytes: Vec<u8>,
}

fn files() -> impl Iterator<Item = (Patient, usize)> {
    records().into_iter().flat_map(|record: Record| {
        (0..record.files.len())
            .map(move |index| (Patient::new(&record), index))
            .collect::<Vec<_>>()
    })
}

fn survive(patient: &Patient, index: usize, cases: &[Case]) {
    let original = &patient.files[index].1;
    let step = cases.len().div_ceil(MOST_CASES).max(1);
    for case in cases.iter().step_by(step) {
        let mut bytes = original.clone();
        bytes.splice(case.at.clone(), case.bytes.iter().copied());
        patient.survive(index, &bytes);
    }
}

#[test]
fn every_number_of_a_text_may_be_anything() {
    let mut texts = 0;
    for (patient, index) in files() {
        let (name, bytes) = &patient.files[index];
        let is_text = [".csv", ".txt", ".hea", ".tsv"]
            .iter()
            .any(|ending| name.ends_with(ending));
        if !is_text || bytes.starts_with(&[0xff, 0xfe]) {
            continue;
        }
        texts += 1;
        let mut cases = Vec::new();
        for at in numbers(bytes) {
            cases.extend(TEXTS.iter().map(|text| Case {
                at: at.clone(),
                bytes: text.as_bytes().to_vec(),
            }));
        }
        survive(&patient, index, &cases);
    }
    assert!(texts >= 20, "{texts} texts");
}

/// Where the first numbers of a text stand.
fn numbers(text: &[u8]) -> Vec<Range<usize>> {
    let part_of_one = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < MOST_NUMBERS {
        let length = text[at..]
            .iter()
            .take_while(|&&byte| part_of_one(byte))
            .count();
        if text[at..at + length].iter().any(u8::is_ascii_digit) {
            found.push(at..at + length);
        }
        at += length.max(1);
    }
    found
}

/// The fields of EDF that hold numbers: name, first byte, bytes. EDF specification, section "Header record".
const EDF_FIELDS: &[(&str, usize, usize)] = &[
    ("start date", 168, 8),
    ("start time", 176, 8),
    ("header bytes", 184, 8),
    ("data records", 236, 8),
    ("duration of a data record", 244, 8),
    ("signals", 252, 4),
];
/// The same for each signal: name, bytes of the fields before it, bytes.
const EDF_SIGNAL_FIELDS: &[(&str, usize, usize)] = &[
    ("physical minimum", 104, 8),
    ("physical maximum", 112, 8),
    ("digital minimum", 120, 8),
    ("digital maximum", 128, 8),
    ("samples in a data record", 216, 8),
];

#[test]
fn every_field_of_an_edf_header_may_be_anything() {
    let mut headers = 0;
    for (patient, index) in files() {
        let (name, bytes) = &patient.files[index];
        if !(name.ends_with(".edf") || name.ends_with(".bdf")) {
            continue;
        }
        headers += 1;
        let signals: usize = std::str::from_utf8(&bytes[252..256])
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let mut fields: Vec<(usize, usize)> = EDF_FIELDS
            .iter()
            .map(|&(_, at, width)| (at, width))
            .collect();
        for &(_, before, width) in EDF_SIGNAL_FIELDS {
            // The first and the last signal stand for all.
            fields.extend(
                [0, signals - 1].map(|signal| (256 + signals * before + signal * width, width)),
            );
        }
        let cases: Vec<Case> = fields
            .into_iter()
            .flat_map(|(at, width)| {
                TEXTS.iter().map(move |text| {
                    let mut padded = format!("{text:width$}").into_bytes();
                    padded.truncate(width);
                    Case {
                        at: at..at + width,
                        bytes: padded,
                    }
                })
            })
            .collect();
        survive(&patient, index, &cases);
    }
    assert!(headers >= 5, "{headers} headers");
}

/// What a word of 2, 4 or 8 bytes may be: 0, −1 (the largest without sign), the largest, the smallest, as a float none and infinite.
fn words() -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = vec![vec![0; 2], vec![0xff; 2], vec![0xff, 0x7f], vec![0, 0x80]];
    words.extend([[0; 4], [0xff; 4]].map(Vec::from));
    words.extend([i32::MAX, i32::MIN].map(|value| value.to_le_bytes().to_vec()));
    words.extend([f32::NAN, f32::INFINITY, f32::MAX].map(|value| value.to_le_bytes().to_vec()));
    words.extend([[0; 8], [0xff; 8]].map(Vec::from));
    words.extend([i64::MAX, i64::MIN].map(|value| value.to_le_bytes().to_vec()));
    words.extend([f64::NAN, f64::INFINITY, 1e308].map(|value| value.to_le_bytes().to_vec()));
    words
}

/// The binary headers: ending of the name, how many bytes they take, and the step from one number to the next.
const HEADERS: &[(&str, usize, usize)] = &[
    (".abf", 6144, 2),
    (".mat", 1024, 4),
    (".dcm", 2048, 2),
    (".h5", 4096, 4),
    (".nwb", 4096, 4),
    (".atr", 256, 2),
];

#[test]
fn every_word_of_a_binary_header_may_be_anything() {
    let mut headers = 0;
    for (patient, index) in files() {
        let (name, bytes) = &patient.files[index];
        let Some(&(_, length, step)) = HEADERS.iter().find(|(ending, _, _)| name.ends_with(ending))
        else {
            continue;
        };
        headers += 1;
        let mut cases = Vec::new();
        for at in (0..length.min(bytes.len())).step_by(step) {
            for word in words() {
                if at + word.len() <= bytes.len() && bytes[at..at + word.len()] != word {
                    cases.push(Case {
                        at: at..at + word.len(),
                        bytes: word,
                    });
                }
            }
        }
        survive(&patient, index, &cases);
    }
    assert!(headers >= 40, "{headers} headers");
}

#[test]
fn every_rate_gain_and_start_that_a_file_holds_may_be_anything() {
    let mut places = 0;
    for (patient, index) in files() {
        let Ok(recording) = patient.sound() else {
            continue;
        };
        let mut values: Vec<f64> = Vec::new();
        for channel in &recording.channels {
            let rate = channel.rate.0;
            values.extend([
                rate,
                1.0 / rate,
                1e6 / rate,
                channel.calibration.gain,
                channel.calibration.offset,
            ]);
            values.extend(
                channel
                    .segments
                    .iter()
                    .take(3)
                    .map(|segment| segment.start.0),
            );
            values.extend(
                channel
                    .segments
                    .iter()
                    .take(2)
                    .map(|segment| segment.samples.len() as f64),
            );
        }
        values.extend(recording.marks.iter().take(3).map(|mark| mark.time.0));
        values.retain(|value| *value != 0.0);
        values.sort_by(f64::total_cmp);
        values.dedup();
        let bytes = &patient.files[index].1;
        let mut cases = Vec::new();
        for value in values {
            for (pattern, width) in patterns(value) {
                let Some(at) = bytes.windows(width).position(|window| window == pattern) else {
                    continue;
                };
                places += 1;
                let instead = words().into_iter().filter(|word| word.len() == width);
                cases.extend(instead.map(|word| Case {
                    at: at..at + width,
                    bytes: word,
                }));
            }
        }
        survive(&patient, index, &cases);
    }
    assert!(places >= 30, "{places} places");
}

/// How a number may be stored, and in how many bytes.
fn patterns(value: f64) -> Vec<(Vec<u8>, usize)> {
    let mut patterns = vec![
        (value.to_le_bytes().to_vec(), 8),
        ((value as f32).to_le_bytes().to_vec(), 4),
    ];
    // Small whole numbers stand everywhere.
    if value.fract() == 0.0 && (256.0..1e9).contains(&value) {
        patterns.push(((value as i64).to_le_bytes().to_vec(), 8));
        patterns.push(((value as i32).to_le_bytes().to_vec(), 4));
    }
    patterns
}
