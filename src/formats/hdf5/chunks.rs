//! Compressed chunks, unpacked on all threads.
//!
//! The library works behind one lock, so it would inflate chunk after chunk. Here it only finds and reads the bytes of each chunk; inflating
//! and putting shuffled bytes together again is done outside the lock. Whatever is not a plain row of complete chunks, packed by gzip with
//! or without shuffle, is left to the library, and so is every error: its words are the ones that a person finds on the net.

use ::hdf5::filters::Filter;
use ::hdf5::plist::DatasetCreate;
use ::hdf5::{Dataset, Datatype, H5Type};
use flate2::{Decompress, FlushDecompress, Status};
use rayon::prelude::*;
use std::os::raw::{c_uint, c_void};
use std::ptr::null_mut;

/// Each thread holds a chunk twice; larger ones are left to the library (heuristic: signals are stored in chunks of some MB at most).
const MAX_CHUNK: usize = 16 << 20;

/// Smaller chunks are not worth the threads (heuristic).
const MIN_CHUNK: usize = 1 << 12;

/// The number of the shuffle filter (HDF5 File Format Specification Version 3.0, IV.A.2.l).
const SHUFFLE: i32 = 2;

mod bindings {
    use super::{c_uint, c_void};
    use std::os::raw::{c_char, c_int};

    // The bindings have no safe wrapper for a chunk as it is stored, nor for the parameters of a filter.
    #[allow(unsafe_code)]
    unsafe extern "C" {
        pub(super) fn H5Dread_chunk2(
            dataset: i64,
            transfer: i64,
            offset: *const u64,
            filters: *mut u32,
            buffer: *mut c_void,
            size: *mut usize,
        ) -> c_int;
        pub(super) fn H5Pget_filter_by_id2(
            list: i64,
            filter: c_int,
            flags: *mut c_uint,
            count: *mut usize,
            values: *mut c_uint,
            name_size: usize,
            name: *mut c_char,
            config: *mut c_uint,
        ) -> c_int;
    }
}

/// Reads the bytes of the chunk that begins at `offset` as they are stored into `buffer`. Gives their number, and the filters that were left
/// out of it; `None` if they do not fit or cannot be read.
fn stored_chunk(dataset: &Dataset, offset: &[u64], buffer: &mut [u8]) -> Option<(usize, u32)> {
    if offset.len() != dataset.ndim() {
        return None;
    }
    let (mut left_out, mut size) = (0u32, buffer.len());
    // SAFETY: the dataset is open; the offset has as many numbers as the dataset has dimensions; the library writes no more than `size` bytes
    // into the buffer, keeps no pointer, and `sync` holds its lock. 0 stands for the default transfer properties.
    #[allow(unsafe_code)]
    let done = ::hdf5::sync::sync(|| unsafe {
        bindings::H5Dread_chunk2(
            dataset.id(),
            0,
            offset.as_ptr(),
            &mut left_out,
            buffer.as_mut_ptr().cast(),
            &mut size,
        )
    });
    (done >= 0 && size <= buffer.len()).then_some((size, left_out))
}

/// How many bytes apart the shuffle filter of a dataset puts the bytes of an element: the size of the type, or the file is odd.
fn shuffle_size(list: &DatasetCreate) -> Option<usize> {
    let (mut flags, mut count, mut value, mut config) = (0, 1, 0, 0);
    // SAFETY: the list is open; the library writes one number each, no name, keeps no pointer, and `sync` holds its lock.
    #[allow(unsafe_code)]
    let done = ::hdf5::sync::sync(|| unsafe {
        bindings::H5Pget_filter_by_id2(
            list.id(),
            SHUFFLE,
            &mut flags,
            &mut count,
            &mut value,
            0,
            null_mut(),
            &mut config,
        )
    });
    if done < 0 || count != 1 {
        return None;
    }
    usize::try_from(value).ok()
}

/// A number as the file stores it.
pub(super) trait Stored: H5Type + Copy + Default + Send {
    /// Fills `out` from the stored bytes of its elements, one element after the other.
    fn from_bytes(bytes: &[u8], out: &mut [Self]);
    /// Fills `out` from shuffled bytes: the first bytes of all `count` elements, then their second bytes, and so on.
    fn from_planes(bytes: &[u8], count: usize, out: &mut [Self]);
}

macro_rules! stored {
    ($type:ty, $size:literal, $($byte:ident),+) => {
        impl Stored for $type {
            fn from_bytes(bytes: &[u8], out: &mut [Self]) {
                for (value, &bytes) in out.iter_mut().zip(bytes.as_chunks::<$size>().0) {
                    *value = Self::from_ne_bytes(bytes);
                }
            }

            fn from_planes(bytes: &[u8], count: usize, out: &mut [Self]) {
                let mut planes = bytes.chunks_exact(count.max(1));
                $(let $byte = planes.next().unwrap_or_default();)+
                let planes = stored!(@zip $($byte),+);
                for (value, stored!(@bytes $($byte),+)) in out.iter_mut().zip(planes) {
                    *value = Self::from_ne_bytes([$(*$byte),+]);
                }
            }
        }
    };
    (@zip $first:ident $(, $next:ident)*) => { $first.iter()$(.zip($next))* };
    (@bytes $a:ident, $b:ident) => { ($a, $b) };
    (@bytes $a:ident, $b:ident, $c:ident, $d:ident) => { ((($a, $b), $c), $d) };
    (@bytes $a:ident, $b:ident, $c:ident, $d:ident, $e:ident, $f:ident, $g:ident, $h:ident) => {
        ((((((($a, $b), $c), $d), $e), $f), $g), $h)
    };
}

stored!(i16, 2, a, b);
stored!(i32, 4, a, b, c, d);
stored!(f32, 4, a, b, c, d);
stored!(f64, 8, a, b, c, d, e, f, g, h);

/// How the chunks of a dataset are packed.
#[derive(Clone, Copy)]
struct Packing {
    /// Values in a chunk.
    values: usize,
    /// Bytes of a chunk once it is unpacked.
    bytes: usize,
    /// Along the first dimension.
    length: usize,
    /// Of gzip among the filters.
    gzip: u32,
    /// Of shuffle among the filters, where it is one.
    shuffle: Option<u32>,
}

impl Packing {
    /// `None` if the library must read the dataset.
    fn of<T: Stored>(dataset: &Dataset) -> Option<Self> {
        let list = dataset.create_plist().ok()?;
        let (gzip, shuffle) = match list.get_filters().ok()?.as_slice() {
            [Filter::Deflate(_)] => (0, None),
            [Filter::Shuffle, Filter::Deflate(_)]
                if shuffle_size(&list) == Some(size_of::<T>()) =>
            {
                (1, Some(0))
            }
            _ => return None,
        };
        if dataset.dtype().ok()? != Datatype::from_type::<T>().ok()? {
            return None;
        }
        let (chunk, shape) = (list.get_chunk().ok()??, dataset.shape());
        let (length, others) = chunk.split_first()?;
        // So that the values of a chunk lie one after the other.
        if shape.get(1..)? != others {
            return None;
        }
        let values = chunk
            .iter()
            .try_fold(1usize, |product, &side| product.checked_mul(side))?;
        let bytes = values.checked_mul(size_of::<T>())?;
        (MIN_CHUNK..=MAX_CHUNK).contains(&bytes).then_some(Self {
            values,
            bytes,
            length: *length,
            gzip,
            shuffle,
        })
    }
}

/// What one thread needs to unpack chunks.
struct Unpacker {
    inflate: Decompress,
    stored: Vec<u8>,
    inflated: Vec<u8>,
}

impl Unpacker {
    fn new(packing: Packing) -> Self {
        Self {
            inflate: Decompress::new(true),
            stored: vec![0; packing.bytes],
            inflated: vec![0; packing.bytes],
        }
    }

    /// Unpacks the chunk of that number into `out`, which is shorter than a chunk at the end of a dataset.
    fn unpack<T: Stored>(
        &mut self,
        dataset: &Dataset,
        packing: Packing,
        number: usize,
        out: &mut [T],
    ) -> Option<()> {
        let mut offset = vec![0u64; dataset.ndim()];
        *offset.first_mut()? = u64::try_from(number.checked_mul(packing.length)?).ok()?;
        let (size, left_out) = stored_chunk(dataset, &offset, &mut self.stored)?;
        let applied = |filter: u32| left_out & (1 << filter) == 0;
        let mut bytes = self.stored.get(..size)?;
        if applied(packing.gzip) {
            self.inflate.reset(true);
            let finish = FlushDecompress::Finish;
            let status = self.inflate.decompress(bytes, &mut self.inflated, finish);
            if !matches!(status, Ok(Status::StreamEnd)) {
                return None;
            }
            bytes = self
                .inflated
                .get(..usize::try_from(self.inflate.total_out()).ok()?)?;
        }
        if bytes.len() != packing.bytes {
            return None;
        }
        if packing.shuffle.is_some_and(applied) {
            T::from_planes(bytes, packing.values, out);
        } else {
            T::from_bytes(bytes, out);
        }
        Some(())
    }
}

/// All `count` values of a dataset in memory order; `None` if the library must read them. Their memory has been charged.
pub(super) fn unpack<T: Stored>(dataset: &Dataset, count: usize) -> Option<Vec<T>> {
    let packing = Packing::of::<T>(dataset)?;
    let mut values = vec![T::default(); count];
    values
        .par_chunks_mut(packing.values)
        .enumerate()
        .try_for_each_init(
            || Unpacker::new(packing),
            |unpacker, (number, out)| unpacker.unpack(dataset, packing, number, out),
        )?;
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_bytes_come_together_again() {
        let values = [1i16, -2, 300];
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        let planes: Vec<u8> = [0, 1]
            .into_iter()
            .flat_map(|byte| bytes.iter().skip(byte).step_by(2).copied())
            .collect();
        let mut out = [0i16; 3];
        i16::from_planes(&planes, 3, &mut out);
        assert_eq!(out, values);
        let mut first = [0i16; 2];
        i16::from_planes(&planes, 3, &mut first);
        assert_eq!(first, values[..2]);
        i16::from_bytes(&bytes, &mut out);
        assert_eq!(out, values);
        let mut out = [0.0f64; 1];
        f64::from_planes(&(-1.5f64).to_ne_bytes(), 1, &mut out);
        assert_eq!(out, [-1.5]);
    }

    /// Writes the numbers, reads them by the library and by this module.
    fn both_ways<T: Stored + PartialEq + std::fmt::Debug>(
        shape: &[usize],
        chunk: &[usize],
        shuffle: bool,
        number: impl Fn(usize) -> T,
    ) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let file = ::hdf5::File::create(folder.path().join("a.h5")).unwrap();
        let count = shape.iter().product();
        let values: Vec<T> = (0..count).map(number).collect();
        let builder = file.new_dataset::<T>().shape(shape).chunk(chunk);
        let builder = if shuffle { builder.shuffle() } else { builder };
        let dataset = builder.deflate(4).create("a").unwrap();
        dataset.write_raw(&values).unwrap();
        file.flush().unwrap();
        assert_eq!(dataset.read_raw::<T>().unwrap(), values);
        match unpack::<T>(&dataset, count) {
            Some(unpacked) => {
                assert_eq!(unpacked, values);
                true
            }
            None => false,
        }
    }

    #[test]
    fn what_is_unpacked_here_is_what_the_library_reads() {
        let wave = |i: usize| ((i as f64 * 0.01).sin() * 3000.0) as i16;
        assert!(both_ways(&[100_003], &[4096], true, wave));
        assert!(both_ways(&[100_003], &[4096], false, wave));
        assert!(both_ways(&[20, 3000], &[3, 3000], true, wave));
        assert!(both_ways(&[50_000], &[4096], true, |i| i as i32 - 7));
        assert!(both_ways(&[50_000], &[4096], true, |i| i as f32 * 0.1));
        assert!(both_ways(&[50_000], &[4096], true, |i| i as f64 * 0.1));
    }

    #[test]
    fn chunks_that_do_not_lie_one_after_the_other_are_left_to_the_library() {
        assert!(!both_ways(&[64, 4096], &[64, 1024], true, |i| i as i16));
    }

    #[test]
    fn incompressible_chunks_are_stored_as_they_are_and_read_so() {
        // Knuth's linear congruential generator; its upper bytes do not compress.
        let noise = |i: usize| {
            let mut seed = i as u64;
            for _ in 0..3 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
            }
            (seed >> 48) as i16
        };
        assert!(both_ways(&[50_000], &[4096], true, noise));
    }
}
