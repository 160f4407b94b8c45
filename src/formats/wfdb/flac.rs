//! Signal files that are compressed with FLAC (WFDB signal(5), formats 508, 516 and 524; RFC 9639): each signal is a channel.

use claxon::{FlacReader, FlacReaderOptions};

/// Why a file cannot be unpacked.
pub(super) enum Refusal {
    /// What is wrong with the bytes.
    Damaged(String),
    /// It would take more memory than the bound, in bytes.
    TooLarge(u64),
}

/// Silence takes next to nothing in a FLAC file, so a short one could ask for any amount of memory. A recording of 16 bits shrinks to a
/// half or a third; more than this many bytes per byte are refused (heuristic) …
const EXPANSION: u64 = 64;
/// … unless all of it is small (heuristic).
const ALWAYS_BYTES: u64 = 64 << 20;

/// The stored numbers of each channel. `bits` is the most that the format of the header allows.
pub(super) fn unpack(bytes: &[u8], channels: usize, bits: u32) -> Result<Vec<Vec<i32>>, Refusal> {
    let damaged =
        |cause: claxon::Error| Refusal::Damaged(format!("no FLAC that can be read ({cause})"));
    let options = FlacReaderOptions {
        read_vorbis_comment: false,
        ..FlacReaderOptions::default()
    };
    let mut reader = FlacReader::new_ext(bytes, options).map_err(damaged)?;
    let info = reader.streaminfo();
    if usize::try_from(info.channels) != Ok(channels) {
        return Err(Refusal::Damaged(format!(
            "{} FLAC channels, {channels} signals in the header",
            info.channels
        )));
    }
    if info.bits_per_sample > bits {
        return Err(Refusal::Damaged(format!(
            "{} bits in the FLAC file, {bits} in the header",
            info.bits_per_sample
        )));
    }
    let limits = i32::MIN >> (i32::BITS - bits)..=i32::MAX >> (i32::BITS - bits);
    let bound = (bytes.len() as u64)
        .saturating_mul(EXPANSION)
        .saturating_add(ALWAYS_BYTES);
    let mut unpacked: Vec<Vec<i32>> = vec![Vec::new(); channels];
    let mut length: u64 = 0;
    let mut blocks = reader.blocks();
    let mut buffer = Vec::new();
    while let Some(block) = blocks.read_next_or_eof(buffer).map_err(damaged)? {
        if usize::try_from(block.channels()) != Ok(channels) {
            return Err(Refusal::Damaged(format!(
                "a block of {} channels among those of {channels}",
                block.channels()
            )));
        }
        length = length.saturating_add(block.duration().into());
        let size = length
            .saturating_mul(channels as u64)
            .saturating_mul(size_of::<i32>() as u64);
        if size > bound {
            return Err(Refusal::TooLarge(bound));
        }
        for (values, channel) in unpacked.iter_mut().zip(0..) {
            let new = block.channel(channel);
            if let Some(beyond) = new.iter().find(|value| !limits.contains(value)) {
                return Err(Refusal::Damaged(format!(
                    "the number {beyond} does not fit {bits} bits"
                )));
            }
            values.extend_from_slice(new);
        }
        buffer = block.into_buffer();
    }
    match info.samples {
        Some(stated) if stated != length => Err(Refusal::Damaged(format!(
            "{stated} samples are stated in the FLAC file, {length} are there"
        ))),
        _ => Ok(unpacked),
    }
}
