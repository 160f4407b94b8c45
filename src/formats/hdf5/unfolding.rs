//! Looks at how values are stored, at the filters and chunks of a dataset, before the library reads and unfolds them.
//!
//! HDF5 2.2.0 doubles its buffer for as long as gzip has more to give, whatever the size of the chunk, so that some MB of file become GB of
//! memory; what n-bit and scale-offset unfold into it takes from the file and not from the shape. Each chunk is therefore held against what the
//! shape states. Seen in `H5Z__filter_deflate`, `H5Z__filter_nbit` and `H5Z__filter_scaleoffset`.

use super::guard::{Opened, library};
use super::heap;
use crate::error::{Error, ErrorCode, Result};
use ::hdf5::filters::Filter;
use ::hdf5::plist::DatasetCreate;
use ::hdf5::{Container, Dataset};
use flate2::{Decompress, FlushDecompress, Status};

/// What filters add to a chunk before gzip: a checksum (4 bytes), the header of scale-offset (21 bytes), bits that fill a byte. Rounded up.
const FILTER_BYTES: u64 = 64;

/// The limit of the deflate format: so many bytes of one.
const DEFLATE_RATIO: u64 = 1032;

/// Chunks that together cannot unfold into more than this are not looked at.
const FREE_BYTES: u64 = 16 << 20;

/// A chunk is unfolded in pieces of this many bytes to count them.
const PIECE: usize = 32 << 10;

/// The parameters of a filter, for which the bindings have no wrapper.
mod parameters {
    use std::os::raw::{c_char, c_int, c_uint};

    #[allow(unsafe_code)]
    unsafe extern "C" {
        fn H5Pget_filter2(
            list: i64,
            index: c_uint,
            flags: *mut c_uint,
            count: *mut usize,
            values: *mut c_uint,
            name_length: usize,
            name: *mut c_char,
            config: *mut c_uint,
        ) -> c_int;
    }

    /// More than any filter that is read has; n-bit has 8 for numbers, scale-offset 20.
    const MOST: usize = 32;

    /// The parameters of the filter at that position, at most [`MOST`].
    #[allow(unsafe_code)]
    pub(super) fn of(list: i64, index: u32) -> Option<Vec<u32>> {
        let mut values = [0; MOST];
        let mut count = MOST;
        let (mut flags, mut config) = (0, 0);
        // SAFETY: `values` holds `count` numbers, no name is asked for, and all pointers are to variables that live until it returns.
        let id = ::hdf5::sync::sync(|| unsafe {
            H5Pget_filter2(
                list,
                index,
                &mut flags,
                &mut count,
                values.as_mut_ptr(),
                0,
                std::ptr::null_mut(),
                &mut config,
            )
        });
        values.get(..count).filter(|_| id >= 0).map(<[u32]>::to_vec)
    }
}

/// Where n-bit and scale-offset keep the number of values of a chunk and the size of one. H5Znbit.c, H5Zscaleoffset.c.
const VALUES_AT: usize = 2;
const SIZE_AT: usize = 4;

/// Refuses a chain of filters that unfolds into something else than a chunk of `elements` values of `size` bytes.
pub(super) fn check_filters(
    list: &DatasetCreate,
    filters: &[Filter],
    elements: usize,
    size: usize,
    place: &str,
) -> Result<()> {
    let refuse = |message: String| {
        Err(Error::new(ErrorCode::BadHeader, message)
            .at(place)
            .advice("write it again, for example with `h5repack -f GZIP=4`"))
    };
    for (index, filter) in filters.iter().enumerate() {
        if filters
            .iter()
            .take(index)
            .any(|earlier| earlier.id() == filter.id())
        {
            return refuse(format!("filter {} is applied twice", filter.id()));
        }
        if matches!(filter, Filter::NBit | Filter::ScaleOffset(_)) {
            let values = u32::try_from(index)
                .ok()
                .and_then(|index| parameters::of(list.id(), index))
                .unwrap_or_default();
            let stated = |at: usize| values.get(at).map(|&value| value as usize);
            if stated(VALUES_AT) != Some(elements) || stated(SIZE_AT) != Some(size) {
                return refuse(format!(
                    "filter {} makes other values than the {elements} of {size} bytes that a chunk holds",
                    filter.id()
                ));
            }
        }
    }
    Ok(())
}

/// A chunk as it lies in the file.
struct Stored<'a> {
    address: u64,
    mask: u32,
    bytes: &'a [u8],
}

impl Opened<'_> {
    /// Must be called before `count` values, each of `size` bytes in the file, are read: refuses chunks of which gzip makes more than a chunk, and
    /// what is stored in fewer bytes than it needs. HDF5 2.2.0 takes the size of a text of variable length from the file where it stores an
    /// attribute, and its true size where it reads it, so that it reads beyond the end. Seen in `H5O__attr_decode` and `H5A__read`.
    pub(in crate::formats) fn check_stored(
        &self,
        container: &Container,
        count: usize,
        size: usize,
        place: &str,
    ) -> Result<()> {
        let stored = match container.as_dataset() {
            Ok(dataset) if dataset.chunk().is_some() => return self.check_chunks(&dataset, place),
            _ => container.storage_size(),
        };
        let needed = (count as u64).saturating_mul(size as u64);
        // Samples that were never written have no place in the file.
        if stored == 0 || stored >= needed {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::BadHeader,
            format!(
                "{count} values of {size} bytes in {stored} bytes; its type or shape is damaged"
            ),
        )
        .at(place)
        .advice("copy the file again from where it was recorded"))
    }

    /// Refuses chunks of which gzip makes more than a chunk.
    fn check_chunks(&self, dataset: &Dataset, place: &str) -> Result<()> {
        let failed = |cause| library(cause, place);
        let Some(chunk) = dataset.chunk() else {
            return Ok(());
        };
        let list = dataset.create_plist().map_err(failed)?;
        let filters = list.get_filters().map_err(failed)?;
        let Some(gzip) = filters
            .iter()
            .position(|filter| matches!(filter, Filter::Deflate(_)))
        else {
            return Ok(());
        };
        let size = dataset
            .dtype()
            .map_err(failed)?
            .size()
            .max(self.record_size()?);
        let limit = chunk
            .iter()
            .fold(size as u64, |product, &side| {
                product.saturating_mul(side as u64)
            })
            .saturating_add(FILTER_BYTES);
        let stored = self.stored(dataset, place)?;
        let all: u64 = stored.iter().map(|chunk| chunk.bytes.len() as u64).sum();
        if all.saturating_mul(DEFLATE_RATIO) <= FREE_BYTES {
            return Ok(());
        }
        let bomb = stored
            .iter()
            .find(|chunk| chunk.mask >> gzip & 1 == 0 && unfolds_beyond(chunk.bytes, limit));
        match bomb {
            None => Ok(()),
            Some(chunk) => Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "the chunk at byte {} ({} bytes) unfolds into more than the {limit} bytes of a chunk",
                    chunk.address,
                    chunk.bytes.len()
                ),
            )
            .at(place)
            .advice("the file is damaged, or made to harm; copy it again from where it was recorded")),
        }
    }

    /// Must be called before texts of variable length are read from chunks: refuses a text that claims to be longer than the file.
    pub(super) fn check_chunked_records(&self, dataset: &Dataset, place: &str) -> Result<()> {
        let failed = |cause| library(cause, place);
        let Some(chunk) = dataset.chunk() else {
            return Ok(());
        };
        let list = dataset.create_plist().map_err(failed)?;
        let filters = list.get_filters().map_err(failed)?;
        let size = self.record_size()?;
        let count = chunk
            .iter()
            .fold(1usize, |product, &side| product.saturating_mul(side));
        for stored in self.stored(dataset, place)? {
            let unfolded = unfold(&stored, &filters, size, count.saturating_mul(size));
            let overlong = unfolded
                .as_deref()
                .and_then(|records| heap::overlong_text(records, size, self.bytes()));
            if let Some(index) = overlong {
                return Err(Error::new(
                    ErrorCode::BadHeader,
                    format!(
                        "text {index} of the chunk at byte {} claims to be longer than the file",
                        stored.address
                    ),
                )
                .at(place)
                .advice("copy the file again from where it was recorded"));
            }
        }
        Ok(())
    }

    /// All chunks that lie in the file. What lies elsewhere the library refuses by itself.
    fn stored(&self, dataset: &Dataset, place: &str) -> Result<Vec<Stored<'_>>> {
        let mut found = Vec::new();
        dataset
            .chunks_visit(|info| {
                let bytes = usize::try_from(info.addr).ok().and_then(|from| {
                    let to = from.checked_add(usize::try_from(info.size).ok()?)?;
                    self.content().get(from..to)
                });
                if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
                    found.push(Stored {
                        address: info.addr,
                        mask: info.filter_mask,
                        bytes,
                    });
                }
                // More chunks than bytes: they lie in each other, and the library is stopped here.
                i32::from(found.len() > self.content().len())
            })
            .map_err(|cause| library(cause, place))?;
        Ok(found)
    }
}

/// Whether a zlib stream gives more than `limit` bytes. A damaged one gives none from where it is damaged.
fn unfolds_beyond(stream: &[u8], limit: u64) -> bool {
    let mut piece = vec![0; PIECE];
    let mut inflate = Decompress::new(true);
    loop {
        let rest = usize::try_from(inflate.total_in())
            .ok()
            .and_then(|read| stream.get(read..))
            .unwrap_or_default();
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(rest, &mut piece, FlushDecompress::None);
        if inflate.total_out() > limit {
            return true;
        }
        let stands = inflate.total_in() == read && inflate.total_out() == written;
        if stands || !matches!(status, Ok(Status::Ok)) {
            return false;
        }
    }
}

/// The records in a chunk: filters undone in reverse order, at most `limit` bytes; `None` where the library will refuse, or need not be feared.
fn unfold(stored: &Stored, filters: &[Filter], size: usize, limit: usize) -> Option<Vec<u8>> {
    /// The checksum of fletcher32.
    const CHECKSUM: usize = 4;
    let mut bytes = stored.bytes.to_vec();
    for (index, filter) in filters.iter().enumerate().rev() {
        if stored.mask >> index & 1 == 1 {
            continue;
        }
        match filter {
            Filter::Fletcher32 => bytes.truncate(bytes.len().checked_sub(CHECKSUM)?),
            Filter::Deflate(_) => {
                let mut unfolded = Vec::with_capacity(limit.saturating_add(CHECKSUM));
                let mut inflate = Decompress::new(true);
                inflate
                    .decompress_vec(&bytes, &mut unfolded, FlushDecompress::Finish)
                    .ok()?;
                bytes = unfolded;
            }
            Filter::Shuffle => {
                let count = bytes.len() / size.max(1);
                bytes = (0..count)
                    .flat_map(|record| (0..size).map(move |byte| byte * count + record))
                    .map(|at| bytes.get(at).copied())
                    .collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_is_counted_to_the_limit_and_not_beyond() {
        let stream = zlib(&vec![7; 100_000]);
        assert!(!unfolds_beyond(&stream, 100_000));
        assert!(unfolds_beyond(&stream, 99_999));
        // Cut or damaged it gives less, and never an endless loop.
        for length in 0..stream.len() {
            let _ = unfolds_beyond(&stream[..length], 10);
            assert!(!unfolds_beyond(&stream[..length], 100_000));
        }
        assert!(!unfolds_beyond(b"no stream", 0));
    }

    #[test]
    fn filters_are_undone_in_reverse_order() {
        let records: Vec<u8> = (0..64).collect();
        let shuffled: Vec<u8> = (0..16)
            .flat_map(|byte| (0..4).map(move |record| record * 16 + byte))
            .map(|at| records[at])
            .collect();
        let mut bytes = zlib(&shuffled);
        bytes.extend([0; 4]);
        let filters = [Filter::Shuffle, Filter::Deflate(4), Filter::Fletcher32];
        let stored = |mask| Stored {
            address: 0,
            mask,
            bytes: &bytes,
        };
        assert_eq!(unfold(&stored(0), &filters, 16, 64), Some(records));
        assert_eq!(unfold(&stored(1), &filters, 16, 64), Some(shuffled));
        assert_eq!(
            unfold(&stored(0), &filters, 16, 64).map(|bytes| bytes.len()),
            Some(64)
        );
    }
}
