//! How stored numbers lie in the bytes of a signal file (WFDB signal(5)).

/// A format of a signal file, by its number in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// 8: first differences of 8 bits.
    Difference8,
    /// 16: 16 bits, low byte first.
    Little16,
    /// 24: 24 bits, low byte first.
    Little24,
    /// 32: 32 bits, low byte first.
    Little32,
    /// 61: 16 bits, high byte first.
    Big16,
    /// 80: 8 bits, 128 too high.
    Offset8,
    /// 160: 16 bits, low byte first, 32,768 too high.
    Offset16,
    /// 212: two samples of 12 bits in three bytes.
    Packed12,
    /// 310: three samples of 10 bits in two words; the third in the high bits of both.
    Packed10,
    /// 311: three samples of 10 bits in four bytes, one after the other.
    Dense10,
}

impl Coding {
    /// For the number of a format that is compressed with FLAC: the format that holds the same numbers as they are.
    pub(super) fn compressed(number: u32) -> Option<Self> {
        Some(match number {
            508 => Self::Offset8,
            516 => Self::Little16,
            524 => Self::Little24,
            _ => return None,
        })
    }

    /// The coding of that number.
    pub(super) fn of(number: u32) -> Option<Self> {
        Some(match number {
            8 => Self::Difference8,
            16 => Self::Little16,
            24 => Self::Little24,
            32 => Self::Little32,
            61 => Self::Big16,
            80 => Self::Offset8,
            160 => Self::Offset16,
            212 => Self::Packed12,
            310 => Self::Packed10,
            311 => Self::Dense10,
            _ => return None,
        })
    }

    /// How many whole samples `bytes` hold. Never more than one per byte.
    pub(super) fn available(self, bytes: usize) -> usize {
        match self {
            Self::Difference8 | Self::Offset8 => bytes,
            Self::Little16 | Self::Big16 | Self::Offset16 => bytes / 2,
            Self::Little24 => bytes / 3,
            Self::Little32 => bytes / 4,
            Self::Packed12 => bytes / 3 * 2 + usize::from(bytes % 3 == 2),
            Self::Packed10 => bytes / 4 * 3 + usize::from(bytes % 4 >= 2),
            Self::Dense10 => bytes / 4 * 3 + (bytes % 4).saturating_sub(1),
        }
    }

    /// The stored number at `index`; of format 8 the difference.
    pub(super) fn stored(self, bytes: &[u8], index: usize) -> Option<i32> {
        let byte = |at: usize| bytes.get(at).map(|&byte| i32::from(byte));
        let at = |width: usize, offset: usize| {
            index
                .checked_mul(width)
                .and_then(|start| byte(start.checked_add(offset)?))
        };
        // The group that holds the sample: `samples` in `width` bytes.
        let group =
            |samples: usize, width: usize, offset: usize| byte(index / samples * width + offset);
        Some(match self {
            Self::Difference8 => signed(at(1, 0)?, 8),
            Self::Offset8 => at(1, 0)? - (1 << 7),
            Self::Little16 => signed(at(2, 0)? | at(2, 1)? << 8, 16),
            Self::Big16 => signed(at(2, 1)? | at(2, 0)? << 8, 16),
            Self::Offset16 => (at(2, 0)? | at(2, 1)? << 8) - (1 << 15),
            Self::Little24 => signed(at(3, 0)? | at(3, 1)? << 8 | at(3, 2)? << 16, 24),
            Self::Little32 => at(4, 0)? | at(4, 1)? << 8 | at(4, 2)? << 16 | at(4, 3)? << 24,
            Self::Packed12 => {
                let middle = group(2, 3, 1)?;
                signed(
                    match index % 2 {
                        0 => group(2, 3, 0)? | (middle & 0x0F) << 8,
                        _ => group(2, 3, 2)? | (middle & 0xF0) << 4,
                    },
                    12,
                )
            }
            Self::Packed10 => signed(
                match index % 3 {
                    0 => group(3, 4, 0)? >> 1 | (group(3, 4, 1)? & 7) << 7,
                    1 => group(3, 4, 2)? >> 1 | (group(3, 4, 3)? & 7) << 7,
                    _ => group(3, 4, 1)? >> 3 | (group(3, 4, 3)? >> 3) << 5,
                },
                10,
            ),
            Self::Dense10 => signed(
                match index % 3 {
                    0 => group(3, 4, 0)? | (group(3, 4, 1)? & 0x03) << 8,
                    1 => group(3, 4, 1)? >> 2 | (group(3, 4, 2)? & 0x0F) << 6,
                    _ => group(3, 4, 2)? >> 4 | (group(3, 4, 3)? & 0x3F) << 4,
                },
                10,
            ),
        })
    }

    /// Bits of a stored number.
    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::Offset8 => 8,
            Self::Packed10 | Self::Dense10 => 10,
            Self::Packed12 => 12,
            Self::Little16 | Self::Big16 | Self::Offset16 => 16,
            Self::Little24 => 24,
            // Format 8 stores differences; their sum has no bound of its own.
            Self::Difference8 | Self::Little32 => 32,
        }
    }

    /// The number that stands for "no sample": the lowest one. Format 8 has none.
    pub(super) fn invalid(self) -> Option<i32> {
        (self != Self::Difference8).then(|| i32::MIN >> (32 - self.bits()))
    }

    /// The lowest and highest number that a sample can have.
    pub(super) fn limits(self) -> (f64, f64) {
        let low = f64::from(i32::MIN >> (32 - self.bits()));
        (
            low + f64::from(u8::from(self.invalid().is_some())),
            -low - 1.0,
        )
    }

    /// Whether 16 bits cannot hold the numbers.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Self::Little24 | Self::Little32)
    }
}

/// Extends the sign of a number of so many bits.
fn signed(value: i32, bits: u32) -> i32 {
    value << (32 - bits) >> (32 - bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(coding: Coding, bytes: &[u8]) -> Vec<i32> {
        (0..coding.available(bytes.len()))
            .map(|index| coding.stored(bytes, index).unwrap())
            .collect()
    }

    #[test]
    fn format_212_packs_two_samples_into_three_bytes() {
        assert_eq!(all(Coding::Packed12, &[0xFF, 0x87, 0x00]), [2047, -2048]);
        assert_eq!(
            all(Coding::Packed12, &[0xFF, 0x0F, 0x01, 0x02, 0x03]),
            [-1, 1, 770]
        );
    }

    #[test]
    fn formats_310_and_311_pack_three_samples_into_four_bytes() {
        // 1, 2, 3 and the extremes -512, 511, -1
        assert_eq!(all(Coding::Packed10, &[0x02, 0x18, 0x04, 0x00]), [1, 2, 3]);
        assert_eq!(
            all(Coding::Packed10, &[0x00, 0xFC, 0xFE, 0xFB]),
            [-512, 511, -1]
        );
        assert_eq!(all(Coding::Dense10, &[0x01, 0x08, 0x30, 0x00]), [1, 2, 3]);
        assert_eq!(
            all(Coding::Dense10, &[0x00, 0xFE, 0xF7, 0x3F]),
            [-512, 511, -1]
        );
        assert_eq!(Coding::Dense10.available(7), 5);
        assert_eq!(Coding::Packed10.available(7), 4);
    }

    #[test]
    fn every_format_gives_both_ends_of_its_range() {
        assert_eq!(
            all(Coding::Little16, &[0x00, 0x80, 0xFF, 0x7F]),
            [-32768, 32767]
        );
        assert_eq!(
            all(Coding::Big16, &[0x80, 0x00, 0x7F, 0xFF]),
            [-32768, 32767]
        );
        assert_eq!(
            all(Coding::Offset16, &[0x00, 0x00, 0xFF, 0xFF]),
            [-32768, 32767]
        );
        assert_eq!(all(Coding::Offset8, &[0x00, 0xFF]), [-128, 127]);
        assert_eq!(all(Coding::Difference8, &[0x80, 0x7F]), [-128, 127]);
        assert_eq!(
            all(Coding::Little24, &[0, 0, 0x80, 0xFF, 0xFF, 0x7F]),
            [-8_388_608, 8_388_607]
        );
        assert_eq!(
            all(Coding::Little32, &[0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0x7F]),
            [i32::MIN, i32::MAX]
        );
        for (number, low, high) in [
            (16, -32767.0, 32767.0),
            (310, -511.0, 511.0),
            (80, -127.0, 127.0),
        ] {
            assert_eq!(Coding::of(number).unwrap().limits(), (low, high));
        }
    }

    #[test]
    fn a_sample_beyond_the_bytes_does_not_exist() {
        for number in [8, 16, 24, 32, 61, 80, 160, 212, 310, 311] {
            let coding = Coding::of(number).unwrap();
            for length in 0..9 {
                let bytes = vec![0; length];
                let count = coding.available(length);
                assert!(count <= length);
                assert_eq!(all(coding, &bytes).len(), count, "{number} {length}");
                assert_eq!(coding.stored(&bytes, usize::MAX / 8), None);
            }
        }
    }
}
