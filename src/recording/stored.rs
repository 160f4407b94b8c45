//! Numbers that lie in the records of a file until somebody asks for them.

use super::Samples;
use super::content::Content;
use crate::error::Result;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// How wide a stored number is; the least significant byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// Two bytes.
    Sixteen,
    /// Three bytes.
    TwentyFour,
}

impl Width {
    /// How many bytes that are.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Sixteen => 2,
            Self::TwentyFour => 3,
        }
    }
}

/// Where the numbers of one signal lie: so many in each record, one record after the other. All of them exist in the file.
#[derive(Debug)]
pub(crate) struct Places {
    /// The file.
    pub(crate) content: Content,
    /// The byte at which those of record 0 begin.
    pub(crate) first: u64,
    /// Bytes from the beginning of one record to that of the next.
    pub(crate) record_bytes: u64,
    /// Numbers in each record; at least one.
    pub(crate) per_record: usize,
    /// How wide they are.
    pub(crate) width: Width,
}

/// Integers that lie in a file of records, as EDF and BDF have them, and are read where they are asked for.
///
/// The bytes of a small file are in memory. A large one stays open as long as the recording is there, and reading fails if it has changed since it
/// was opened.
#[derive(Clone)]
pub struct Stored {
    places: Arc<Places>,
    /// The number of the signal at which they begin.
    from: usize,
    count: usize,
}

impl Stored {
    /// `count` numbers of a signal from the one at `from` on, counted over all records.
    pub(crate) fn new(places: &Arc<Places>, from: usize, count: usize) -> Self {
        Self {
            places: Arc::clone(places),
            from,
            count,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The type that holds them.
    pub(crate) fn kind(&self) -> &'static str {
        match self.places.width {
            Width::Sixteen => "i16",
            Width::TwentyFour => "i32",
        }
    }

    /// Leaves the first `length`.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.count = self.count.min(length);
    }

    /// Calls `take` on one number after the other; the range is cut to what exists.
    pub(crate) fn each(&self, range: Range<usize>, mut take: impl FnMut(i32)) -> Result<()> {
        match self.places.width {
            Width::Sixteen => self.runs(range, |bytes| {
                let (numbers, _) = bytes.as_chunks::<2>();
                numbers
                    .iter()
                    .for_each(|&number| take(i16::from_le_bytes(number).into()));
            }),
            Width::TwentyFour => self.runs(range, |bytes| {
                let (numbers, _) = bytes.as_chunks::<3>();
                numbers.iter().for_each(|&number| take(wide(number)));
            }),
        }
    }

    /// The numbers of a range, which is cut to what exists, widened without loss.
    pub(crate) fn widen(&self, range: Range<usize>) -> Result<Vec<f64>> {
        let mut values = Vec::with_capacity(self.inside(&range).len());
        match self.places.width {
            Width::Sixteen => self.runs(range, |bytes| {
                let (numbers, _) = bytes.as_chunks::<2>();
                values.extend(
                    numbers
                        .iter()
                        .map(|&number| f64::from(i16::from_le_bytes(number))),
                );
            }),
            Width::TwentyFour => self.runs(range, |bytes| {
                let (numbers, _) = bytes.as_chunks::<3>();
                values.extend(numbers.iter().map(|&number| f64::from(wide(number))));
            }),
        }?;
        Ok(values)
    }

    /// All of them, held.
    pub(crate) fn load(&self) -> Result<Samples> {
        match self.places.width {
            Width::Sixteen => {
                let mut values = Vec::with_capacity(self.count);
                self.runs(0..self.count, |bytes| {
                    let (numbers, _) = bytes.as_chunks::<2>();
                    values.extend(numbers.iter().map(|&number| i16::from_le_bytes(number)));
                })?;
                Ok(Samples::I16(values))
            }
            Width::TwentyFour => {
                let mut values = Vec::with_capacity(self.count);
                self.runs(0..self.count, |bytes| {
                    let (numbers, _) = bytes.as_chunks::<3>();
                    values.extend(numbers.iter().map(|&number| wide(number)));
                })?;
                Ok(Samples::I32(values))
            }
        }
    }

    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        let end = range.end.min(self.count);
        range.start.min(end)..end
    }

    /// Calls `take` on the bytes of the numbers of a range, run after run: a run ends with its record at the latest.
    fn runs(&self, range: Range<usize>, mut take: impl FnMut(&[u8])) -> Result<()> {
        let Places {
            content,
            first,
            record_bytes,
            per_record,
            width,
        } = self.places.as_ref();
        let range = self.inside(&range);
        let width = width.bytes();
        // All of them lie in the file, so no place of a number is beyond what 64 bits can count.
        let place = |index: usize| {
            first + (index / per_record) as u64 * record_bytes + (index % per_record * width) as u64
        };
        let (mut index, end) = (self.from + range.start, self.from + range.end);
        if index >= end {
            return Ok(());
        }
        let gap = record_bytes.saturating_sub((per_record * width) as u64);
        let mut parts = content.parts(gap, place(end - 1) + width as u64);
        let longest = (parts.at_once() / width).max(1);
        while index < end {
            let count = (per_record - index % per_record)
                .min(end - index)
                .min(longest);
            take(parts.part(place(index), count * width)?);
            index += count;
        }
        content.check_unchanged()
    }
}

/// Where they lie says what they are; the bytes themselves may be many.
impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = self.from..self.from + self.count;
        write!(f, "{range:?} of {:?}", self.places)
    }
}

/// Placed in the upper bytes and shifted back, the sign comes along.
fn wide([low, middle, high]: [u8; 3]) -> i32 {
    i32::from_le_bytes([0, low, middle, high]) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// 7 records of 5 numbers each, between 3 bytes before and `after` bytes behind them, held and in a file.
    fn both(width: Width, after: usize) -> (Vec<i32>, [Arc<Places>; 2], tempfile::NamedTempFile) {
        const PER_RECORD: usize = 5;
        let size = width.bytes();
        let step = match width {
            Width::Sixteen => 1873,
            Width::TwentyFour => 479_001,
        };
        let numbers: Vec<i32> = (-17..18).map(|i| i * step).collect();
        let mut bytes = vec![0xEE; 11];
        for record in numbers.chunks(PER_RECORD) {
            bytes.extend([0xEE; 3]);
            for number in record {
                bytes.extend(&number.to_le_bytes()[..size]);
            }
            bytes.resize(bytes.len() + after, 0xEE);
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let contents = [
            Content::in_file(file.path()),
            Content::Held(Arc::new(bytes)),
        ];
        let places = contents.map(|content| {
            Arc::new(Places {
                content,
                first: 14,
                record_bytes: (3 + PER_RECORD * size + after) as u64,
                per_record: PER_RECORD,
                width,
            })
        });
        (numbers, places, file)
    }

    #[test]
    fn every_range_over_the_ends_of_records_gives_the_same_numbers_as_all_of_them() {
        for width in [Width::Sixteen, Width::TwentyFour] {
            // Records that are read together, and one by one.
            for after in [4, 9000] {
                let (numbers, places, _file) = both(width, after);
                for (places, from) in places.iter().flat_map(|places| [(places, 0), (places, 10)]) {
                    let numbers = &numbers[from..];
                    let stored = Stored::new(places, from, numbers.len());
                    for start in 0..numbers.len() + 2 {
                        for end in 0..numbers.len() + 2 {
                            let cut = end.min(numbers.len());
                            let expected: Vec<f64> = numbers[start.min(cut)..cut]
                                .iter()
                                .map(|&number| number.into())
                                .collect();
                            assert_eq!(stored.widen(start..end).unwrap(), expected);
                            let mut each = Vec::new();
                            stored
                                .each(start..end, |number| each.push(f64::from(number)))
                                .unwrap();
                            assert_eq!(each, expected);
                        }
                    }
                    let all: Vec<f64> = numbers.iter().map(|&number| number.into()).collect();
                    assert_eq!(stored.load().unwrap().widen(0..99).unwrap(), all);
                }
            }
        }
    }

    #[test]
    fn a_record_longer_than_what_is_read_at_once_is_read_whole() {
        let numbers: Vec<i16> = (0..200_000u32)
            .map(|i| (i.wrapping_mul(i) >> 4) as i16)
            .collect();
        let bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        let places = Arc::new(Places {
            content: Content::in_file(file.path()),
            first: 0,
            record_bytes: bytes.len() as u64,
            per_record: numbers.len(),
            width: Width::Sixteen,
        });
        let stored = Samples::Stored(Stored::new(&places, 0, numbers.len()));
        assert_eq!(stored, Samples::I16(numbers));
    }

    #[test]
    fn a_file_that_was_cut_short_gives_no_numbers_at_all() {
        for width in [Width::Sixteen, Width::TwentyFour] {
            let (_, [in_file, held], file) = both(width, 4);
            let stored = Samples::Stored(Stored::new(&in_file, 0, 35));
            let other = Samples::Stored(Stored::new(&held, 0, 35));
            assert_eq!(stored, other);
            file.as_file().set_len(60).unwrap();
            for range in [0..1, 30..35, 0..35] {
                let error = stored.widen(range).unwrap_err().to_string();
                assert!(error.contains("the file has 60 bytes, but had"), "{error}");
            }
            assert!(stored.stored(0).is_err());
            assert!(stored.decoded().is_err());
            assert_ne!(stored, other, "what cannot be read equals nothing");
        }
    }
}
