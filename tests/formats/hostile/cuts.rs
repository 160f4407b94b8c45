//! Files that end too early.

use super::patient::{Patient, records};
use std::collections::BTreeSet;

/// Shorter files are cut at every length.
const EVERY_LENGTH: usize = 700;
/// Of the lines, blocks or records of a longer file so many are taken.
const MOST_BOUNDARIES: usize = 20;
/// And so many lengths that mean nothing.
const PARTS: usize = 12;

#[test]
fn every_fixture_may_end_anywhere() {
    let records = records();
    let several = records
        .iter()
        .filter(|record| record.files.len() > 1)
        .count();
    assert!(records.len() >= 40 && several >= 10, "too few fixtures");
    for record in &records {
        let patient = Patient::new(record);
        for (index, (_, bytes)) in patient.files.iter().enumerate() {
            for length in lengths(bytes, patient.files.len()) {
                patient.survive(index, &bytes[..length]);
            }
        }
    }
}

/// Nothing, a part of the header, before, at and behind each boundary inside, all but the end. Of a recording of several files each gets its share.
fn lengths(bytes: &[u8], files: usize) -> BTreeSet<usize> {
    if bytes.len() <= EVERY_LENGTH / files {
        return (0..bytes.len()).collect();
    }
    let parts = PARTS / files + 2;
    let mut lengths: BTreeSet<usize> = (0..=16).collect();
    lengths.extend((0..parts).map(|part| bytes.len() * part / parts));
    lengths.extend(bytes.len().saturating_sub(4)..bytes.len());
    let boundaries = boundaries(bytes);
    let step = (boundaries.len() * files).div_ceil(MOST_BOUNDARIES).max(1);
    for at in boundaries.into_iter().step_by(step) {
        lengths.extend([at.saturating_sub(1), at, at + 1]);
    }
    lengths
        .into_iter()
        .filter(|&length| length < bytes.len())
        .collect()
}

/// Where something ends and something else begins, as the bytes themselves tell.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    if bytes.starts_with(b"0       ") || bytes.starts_with(b"\xffBIOSEMI") {
        return edf(bytes);
    }
    if bytes.get(128..132) == Some(b"DICM") {
        let mut found = vec![128, 132];
        // Items, and the waveform data.
        found.extend(positions(
            bytes,
            &[b"\xfe\xff\x00\xe0", b"\x00\x54\x10\x10"],
        ));
        return found;
    }
    if bytes.starts_with(b"MATLAB 5.0") {
        return matlab(bytes);
    }
    if bytes.windows(4).take(2048).any(|found| found == b"\x89HDF") {
        let mut found = vec![8, 24, 48, 96];
        found.extend(positions(
            bytes,
            &[
                b"TREE", b"HEAP", b"SNOD", b"GCOL", b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"BTHD",
                b"BTLF",
            ],
        ));
        return found;
    }
    if bytes.starts_with(b"ABF") {
        return (0..bytes.len()).step_by(512).collect();
    }
    let lines = |window: &[u8]| window == b"\n";
    (1..=bytes.len())
        .filter(|&end| lines(&bytes[end - 1..end]))
        .collect()
}

fn positions(bytes: &[u8], of: &[&[u8; 4]]) -> Vec<usize> {
    let found = |at: &usize| {
        of.iter()
            .any(|sought| bytes.get(*at..*at + 4) == Some(&sought[..]))
    };
    (0..bytes.len()).filter(found).collect()
}

/// The ends of the fields of the fixed header, of the tables of the signals and of the records.
fn edf(bytes: &[u8]) -> Vec<usize> {
    let number = |from: usize, to: usize| -> usize {
        std::str::from_utf8(&bytes[from..to])
            .unwrap()
            .trim()
            .parse()
            .unwrap_or(0)
    };
    let signals = number(252, 256);
    let mut found = vec![8, 88, 168, 176, 184, 192, 236, 244, 252, 256];
    found.extend(
        [16, 96, 104, 112, 120, 128, 136, 216, 224, 256].map(|field| 256 + signals * field),
    );
    let header = number(184, 192);
    let records = number(236, 244).max(1);
    let record = (bytes.len() - header) / records;
    found.extend((0..records).map(|index| header + index * record));
    found
}

/// The ends of the elements of a file of version 5.
fn matlab(bytes: &[u8]) -> Vec<usize> {
    let mut found = vec![116, 124, 128];
    let mut at = 128;
    while let Some(length) = bytes.get(at + 4..at + 8) {
        let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
        found.extend([at + 4, at + 8, at + 16, at + 24, at + 40]);
        at = at.saturating_add(8).saturating_add(length);
        found.push(at.min(bytes.len()));
    }
    found
}
