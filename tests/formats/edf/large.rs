//! Files that are too large to be held: their samples are read where they are asked for, and fail where the file is no more what it was.

use super::*;
use endplate::study::{self, Settings};
use std::time::{Duration, SystemTime};

/// A file without responses: records of 1 s, in each of which all channels hold the same samples, and a stimulus in each of the seconds.
pub struct Made<'a> {
    pub bytes_per_sample: usize,
    /// Samples per record of each channel, and what the channel is called.
    pub channels: &'a [(&'a str, usize)],
    pub records: usize,
    /// Records that begin a second later than the one before ends.
    pub gaps: &'a [usize],
    pub stimuli: &'a [usize],
}

/// Bytes of the annotations of a record.
const ROOM: usize = 60;

impl Made<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let count = self.channels.len() + 1;
        let mut bytes: Vec<u8> = Vec::new();
        let mut field = |text: &str, width: usize| bytes.extend(format!("{text:width$}").bytes());
        let plus = match self.bytes_per_sample {
            2 => "EDF",
            _ => "BDF",
        };
        field(
            if plus == "EDF" { "0" } else { "BIOSEMI" },
            if plus == "EDF" { 8 } else { 7 },
        );
        field("X X X X", 80);
        field("Startdate X X X X", 80);
        field("01.03.2609.30.00", 16);
        field(&(256 * (count + 1)).to_string(), 8);
        field(&format!("{plus}+D"), 44);
        field(&self.records.to_string(), 8);
        field("1", 8);
        field(&count.to_string(), 4);
        let mut each = |of: &dyn Fn(usize) -> String, annotations: &str, width: usize| {
            for index in 0..count - 1 {
                field(&of(index), width);
            }
            field(annotations, width);
        };
        each(
            &|index| self.channels[index].0.to_owned(),
            &format!("{plus} Annotations"),
            16,
        );
        each(&|_| String::new(), "", 80);
        each(&|_| "uV".to_owned(), "", 8);
        each(&|_| "-32768".to_owned(), "-1", 8);
        each(&|_| "32767".to_owned(), "1", 8);
        each(&|_| "-32768".to_owned(), "-32768", 8);
        each(&|_| "32767".to_owned(), "32767", 8);
        each(&|_| String::new(), "", 80);
        let room = (ROOM / self.bytes_per_sample).to_string();
        each(&|index| self.channels[index].1.to_string(), &room, 8);
        each(&|_| String::new(), "", 32);
        if plus == "BDF" {
            bytes.insert(0, 0xFF);
        }
        let samples: Vec<u8> = self
            .channels
            .iter()
            .flat_map(|(_, samples)| 0..*samples)
            .flat_map(|i| {
                let value = ((i * i) >> 3) as i32 % 41 - 20;
                value.to_le_bytes().into_iter().take(self.bytes_per_sample)
            })
            .collect();
        let mut start = 0;
        for record in 0..self.records {
            start += usize::from(self.gaps.contains(&record));
            bytes.extend(&samples);
            let mut lists = format!("+{start}\u{14}\u{14}\0");
            if self.stimuli.contains(&record) {
                lists.push_str(&format!("+{start}.5\u{14}Stimulus\u{14}\0"));
            }
            let mut lists = lists.into_bytes();
            lists.resize(ROOM, 0);
            bytes.extend(&lists);
            start += 1;
        }
        bytes
    }

    /// The same bytes in a file.
    pub fn file(&self) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), self.bytes()).unwrap();
        file
    }
}

/// More than is held: 6 MB.
fn discontinuous(bytes_per_sample: usize) -> Made<'static> {
    Made {
        bytes_per_sample,
        channels: &[("EMG ADM", 40_000), ("EMG APB", 9_973), ("Temp", 1)],
        records: 120 / bytes_per_sample,
        gaps: &[1, 17, 18, 30],
        stimuli: &[5, 20, 21, 22],
    }
}

#[test]
fn a_large_file_is_the_same_recording_as_the_same_bytes_in_memory() {
    for bytes_per_sample in [2, 3] {
        let made = discontinuous(bytes_per_sample);
        let file = made.file();
        let bytes = made.bytes();
        assert!(bytes.len() > 5 << 20);
        let large = formats::open(file.path(), &Mapping::default()).unwrap();
        let held = read(bytes.clone()).unwrap();
        assert_eq!(large.origin.sha256, format!("{:x}", Sha256::digest(&bytes)));
        assert_eq!(large.origin.bytes, bytes.len() as u64);
        assert_eq!(
            (&large.marks, &large.findings),
            (&held.marks, &held.findings)
        );
        assert_eq!(large.marks.len(), 4);
        assert_eq!(large.channels, held.channels);
        for (channel, &(_, samples)) in large.channels.iter().zip(made.channels) {
            assert_eq!(channel.segments.len(), 5);
            let stretches = [0..1, 1..17, 17..18, 18..30, 30..made.records];
            for (segment, stretch) in channel.segments.iter().zip(stretches) {
                // By hand: the same samples in each record.
                let expected: Vec<f64> = stretch
                    .flat_map(|_| 0..samples)
                    .map(|i| (((i * i) >> 3) as i32 % 41 - 20).into())
                    .collect();
                let kind = ["i16", "i32"][bytes_per_sample - 2];
                assert_eq!(segment.samples.kind(), kind);
                assert_eq!(segment.samples.decoded().unwrap().kind(), kind);
                assert_eq!(segment.samples.widen(0..usize::MAX).unwrap(), expected);
                for around in [0, samples, 2 * samples, expected.len()] {
                    for (start, end) in [(1, 1), (9, 0), (0, 9), (70_000, 5)] {
                        let range = around.saturating_sub(start)..around + end;
                        let end = range.end.min(expected.len());
                        let part = &expected[range.start.min(end)..end];
                        assert_eq!(segment.samples.widen(range).unwrap(), part);
                    }
                }
            }
        }
        let settings = Settings::default();
        let (one, other) = (
            study::analyze(&large, &settings),
            study::analyze(&held, &settings),
        );
        assert_eq!(one.unwrap().channels, other.unwrap().channels);
    }
}

/// An error of the file that names it, says where, and what may be done.
fn is_told(error: &Error, path: &Path, what: &str) {
    assert_eq!(error.code(), ErrorCode::Io);
    assert_eq!(error.path(), Some(path));
    let text = error.to_string();
    assert!(text.contains(what), "{text}");
    assert!(
        text.contains("analyze it again when it is complete"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_cut_short_between_reading_and_analyzing_is_an_error() {
    // Sweeps around marks, the artefact where there are no marks, and a trigger channel.
    let marked: &[(&str, usize)] = &[("EMG ADM", 40_000)];
    let triggered: &[(&str, usize)] = &[("EMG ADM", 40_000), ("TRIG", 9_000)];
    let last: &[usize] = &[52];
    for (channels, stimuli) in [(marked, last), (marked, &[]), (triggered, &[])] {
        let made = Made {
            bytes_per_sample: 2,
            channels,
            records: 54,
            gaps: &[],
            stimuli,
        };
        let file = made.file();
        let recording = formats::open(file.path(), &Mapping::default()).unwrap();
        let length = made.bytes().len() as u64;
        file.as_file().set_len(length - 200_000).unwrap();
        let error = study::analyze(&recording, &Settings::default()).unwrap_err();
        is_told(&error, file.path(), &format!("bytes, but had {length}"));
        assert!(error.place().unwrap().starts_with("bytes "), "{error}");
        let ids: &[&str] = if stimuli.is_empty() {
            &[]
        } else {
            &["edf", "hdf5", "csv"]
        };
        for id in ids {
            let folder = tempfile::tempdir().unwrap();
            let error = formats::write(&recording, &folder.path().join("written"), id).unwrap_err();
            is_told(&error, file.path(), "bytes, but had");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}

#[test]
fn a_file_that_is_written_anew_between_reading_and_analyzing_is_an_error() {
    let made = Made {
        stimuli: &[5],
        ..discontinuous(2)
    };
    let file = made.file();
    let recording = formats::open(file.path(), &Mapping::default()).unwrap();
    let later = SystemTime::now() + Duration::from_secs(9);
    file.as_file().set_modified(later).unwrap();
    let error = study::analyze(&recording, &Settings::default()).unwrap_err();
    is_told(&error, file.path(), "changed while it was read");
}

#[test]
fn a_large_file_of_another_format_is_read_whole() {
    let mut text = "time_s,EMG (mV)\n".to_owned();
    for i in 0..500_000 {
        text.push_str(&format!("{},{}\n", f64::from(i) / 10_000.0, i % 7));
    }
    assert!(text.len() > 4 << 20);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    std::fs::write(&path, &text).unwrap();
    let recording = formats::open(&path, &Mapping::default()).unwrap();
    assert_eq!(recording.channels[0].sample_count(), 500_000);
    assert_eq!(recording.origin.bytes, text.len() as u64);
    assert_eq!(
        recording.origin.sha256,
        format!("{:x}", Sha256::digest(&text))
    );
}
