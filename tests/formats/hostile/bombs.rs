//! Files that unfold: some MB of file that would become GB of memory. Each is refused, at the price of a refusal.

use super::memory::{Cost, REFUSED_BYTES};
use ::hdf5::dataset::DatasetBuilder;
use endplate::formats::{self, Mapping};
use flate2::{Compress, Compression, FlushCompress};
use std::path::{Path, PathBuf};

const MIB: usize = 1 << 20;
/// What a compressed file may cost before it is refused: docs/fuzzing.md states it.
const DEFLATED_TIMES_LENGTH: u64 = 400;
const GZIP: &str = "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'emg'";

/// A deflate stream of `mebibytes` zeros, made without making the zeros: one block is compressed so that it ends at a byte, and repeated.
fn zeros(mebibytes: usize, zlib: bool) -> Vec<u8> {
    let piece = vec![0; MIB];
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(MIB);
    compress
        .compress_vec(&piece, &mut block, FlushCompress::Full)
        .unwrap();
    let mut stream = if zlib { vec![0x78, 0xda] } else { Vec::new() };
    for _ in 0..mebibytes {
        stream.extend(&block);
    }
    // An empty last block; the checksum behind it is wrong, but memory would be taken before anyone looks.
    stream.extend([3, 0, 0, 0, 0, 1]);
    stream
}

/// The library writes a chunk as it is given, filters or not.
mod raw {
    #[allow(unsafe_code)]
    unsafe extern "C" {
        fn H5Dwrite_chunk(
            dataset: i64,
            transfer: i64,
            filters: u32,
            offset: *const u64,
            size: usize,
            bytes: *const u8,
        ) -> i32;
    }

    #[allow(unsafe_code)]
    pub fn write_chunk(dataset: &::hdf5::Dataset, chunk: &[u8]) {
        // SAFETY: the dataset has one dimension, so one offset is read; the bytes are read and not kept.
        let status = ::hdf5::sync::sync(|| unsafe {
            H5Dwrite_chunk(dataset.id(), 0, 0, &0, chunk.len(), chunk.as_ptr())
        });
        assert!(status >= 0);
    }
}

/// An HDF5 file with one chunk of 4096 samples that holds these bytes.
fn file_with_chunk(
    path: &Path,
    filters: impl FnOnce(DatasetBuilder) -> DatasetBuilder,
    chunk: &[u8],
) {
    let file = ::hdf5::File::create(path).unwrap();
    let builder = filters(file.new_dataset_builder().chunk((4096,)));
    let dataset = builder.empty::<i16>().shape((4096,)).create("emg").unwrap();
    raw::write_chunk(&dataset, chunk);
    drop(dataset);
    file.close().unwrap();
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.h5");
    (folder, path)
}

#[test]
fn a_chunk_may_not_unfold_into_more_than_its_shape() {
    let (_folder, path) = folder();
    file_with_chunk(&path, |builder| builder.deflate(4), &zeros(4096, true));
    Cost::of(&path, GZIP).is_refusal(&path, "too_large");
    file_with_chunk(
        &path,
        |builder| builder.shuffle().deflate(4).fletcher32(),
        &[zeros(4096, true), vec![0; 4]].concat(),
    );
    Cost::of(&path, GZIP).is_refusal(&path, "too_large");
    // One that holds what it should is read.
    let mut sound = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut sound, &[0; 8192]).unwrap();
    file_with_chunk(
        &path,
        |builder| builder.deflate(4),
        &sound.finish().unwrap(),
    );
    assert_eq!(Cost::of(&path, GZIP).outcome, "opened");
}

#[test]
fn filters_that_make_something_else_than_a_chunk_are_refused() {
    for (name, words) in [
        ("gzip_twice.h5", "filter 1 is applied twice"),
        (
            "offset_of_many.h5",
            "makes other values than the 512 of 2 bytes",
        ),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/hostile")
            .join(name);
        Cost::of(&path, GZIP).is_refusal(&path, "bad_header");
        let error = formats::open(&path, &Mapping::from_toml(GZIP).unwrap()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn a_driver_that_claims_to_have_much_to_say_takes_no_memory() {
    let (_folder, path) = folder();
    let mut bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile/cycles.h5"))
            .unwrap();
    // An old superblock: the address of the driver information block, which begins with a version, and its length after 4 bytes.
    assert_eq!((bytes[8], &bytes[48..56]), (0, &[0xff; 8][..]));
    let block = bytes.len() - 64;
    bytes[48..56].copy_from_slice(&(block as u64).to_le_bytes());
    bytes[block..block + 8].copy_from_slice(&[0, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff]);
    std::fs::write(&path, bytes).unwrap();
    Cost::of(&path, GZIP).is_refusal(&path, "unsupported");
}

#[test]
fn a_shape_without_samples_takes_no_memory() {
    let (_folder, path) = folder();
    for (chunked, sides) in [(true, 1 << 40), (false, 1 << 30), (true, 1 << 30)] {
        let file = ::hdf5::File::create(&path).unwrap();
        let builder = file.new_dataset_builder();
        let builder = if chunked {
            builder.chunk((4096,)).deflate(4)
        } else {
            builder.no_chunk()
        };
        builder
            .empty::<i16>()
            .shape((sides,))
            .create("emg")
            .unwrap();
        file.close().unwrap();
        Cost::of(&path, GZIP).is_refusal(&path, "too_large");
    }
}

#[test]
fn a_text_that_claims_to_be_longer_than_the_file_takes_no_memory() {
    use ::hdf5::types::VarLenUnicode;
    let (_folder, path) = folder();
    let texts: Vec<VarLenUnicode> = ["one", "two", "three", "four"]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    for filtered in [false, true] {
        let file = ::hdf5::File::create(&path).unwrap();
        file.new_dataset_builder()
            .with_data(&[1i16; 100])
            .create("emg")
            .unwrap();
        file.new_dataset_builder()
            .with_data(&[0.01f64, 0.02, 0.03, 0.04])
            .create("times")
            .unwrap();
        let builder = file.new_dataset_builder().chunk((4,));
        let builder = if filtered { builder.shuffle() } else { builder };
        let dataset = builder.with_data(&texts).create("texts").unwrap();
        let chunk = dataset.chunk_info(0).unwrap();
        drop(dataset);
        file.close().unwrap();
        let mapping =
            format!("{GZIP}\n[[marks]]\ntimes = '/times'\ntime_unit = 's'\ntexts = '/texts'");
        assert_eq!(Cost::of(&path, &mapping).outcome, "opened", "{filtered}");
        let mut bytes = std::fs::read(&path).unwrap();
        // The high bytes of the length of the last text: 4 records of 16 bytes, or the fourth of 16 rows of 4 bytes.
        for byte in 1..4 {
            let at = if filtered {
                byte * 4 + 3
            } else {
                3 * 16 + byte
            };
            bytes[chunk.addr as usize + at] = 0xff;
        }
        std::fs::write(&path, &bytes).unwrap();
        Cost::of(&path, &mapping).is_refusal(&path, "bad_header");
    }
}

#[test]
fn a_compressed_array_of_matlab_may_not_unfold_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.mat");
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend(b"\0\x01IM");
    let stream = zeros(2048, true);
    bytes.extend(15u32.to_le_bytes());
    bytes.extend((stream.len() as u32).to_le_bytes());
    bytes.extend(stream);
    std::fs::write(&path, &bytes).unwrap();
    let cost = Cost::of(
        &path,
        "rate_hz = 1000\nunit = 'mV'\n[[channels]]\nvariable = 'x'",
    );
    assert_ne!(cost.outcome, "opened");
    cost.is_refusal(&path, &cost.outcome);
}

#[test]
fn a_deflated_data_set_of_dicom_may_not_unfold_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.dcm");
    let sound =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/dicom/deflated.dcm"))
            .unwrap();
    // The data set begins where the file meta information ends.
    let length = u32::from_le_bytes(sound[140..144].try_into().unwrap()) as usize;
    let bomb = [&sound[..144 + length], &zeros(2048, false)].concat();
    std::fs::write(&path, bomb).unwrap();
    let cost = Cost::of(&path, "");
    assert_eq!(cost.outcome, "too_large");
    // The data set is one stream, so how much it may unfold into is a matter of its length.
    let bound = DEFLATED_TIMES_LENGTH * path.metadata().unwrap().len() + REFUSED_BYTES;
    assert!(cost.peak_bytes < bound, "{} MiB", cost.peak_bytes >> 20);
}

#[test]
fn counts_that_the_file_does_not_hold_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let edf = std::fs::read(root.join("edf/gap-by-hand.edf")).unwrap();
    for (at, text) in [
        (236, "99999999"),
        (252, "9999"),
        (184, "99999999"),
        (256 + 4 * 216, "99999999"),
    ] {
        let path = folder.path().join("claims.edf");
        let mut bytes = edf.clone();
        bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let cost = Cost::of(&path, "");
        assert_ne!(cost.outcome, "opened", "{at}");
        cost.is_refusal(&path, &cost.outcome);
    }
    let path = folder.path().join("a.hea");
    std::fs::write(folder.path().join("a.dat"), [1, 0, 2, 0]).unwrap();
    for header in [
        "a 1 1000 18446744073709551615\na.dat 16 1000/mV",
        "a 99999999 1000 3\na.dat 16 1000/mV",
        "a 1 1000 3\na.dat 16x1048576 1000/mV",
        "a/99999999 1 1000 3\nb 3",
    ] {
        std::fs::write(&path, header).unwrap();
        let cost = Cost::of(&path, "");
        assert_ne!(cost.outcome, "opened", "{header}");
        cost.is_refusal(&path, &cost.outcome);
    }
}

/// An EDF+ file with one record, in which each channel has two samples, and stimuli each 5 ms.
fn edf_of_stimuli(channels: usize, stimuli: usize) -> Vec<u8> {
    let mut annotations = b"+0\x14\x14\0".to_vec();
    for i in 0..stimuli {
        let time = 0.5 + i as f64 * 0.005;
        annotations.extend(format!("+{time:.3}\x14Stim\x14\0").bytes());
    }
    annotations.resize(annotations.len().next_multiple_of(2), 0);
    let seconds = stimuli as f64 * 0.005 + 1.0;
    let mut bytes: Vec<u8> = Vec::new();
    let mut field = |text: &str, width: usize| bytes.extend(format!("{text:width$}").bytes());
    field("0", 8);
    field("X X X X", 80);
    field("Startdate X X X X", 80);
    field("01.01.8500.00.00", 16);
    field(&(256 * (channels + 2)).to_string(), 8);
    field("EDF+C", 44);
    field("1", 8);
    field(&seconds.to_string(), 8);
    field(&(channels + 1).to_string(), 4);
    let mut each = |text: &str, of_annotations: &str, width: usize| {
        for _ in 0..channels {
            field(text, width);
        }
        field(of_annotations, width);
    };
    each("ADM", "EDF Annotations", 16);
    each("", "", 80);
    each("mV", "", 8);
    each("-1", "-1", 8);
    each("1", "1", 8);
    each("-32768", "-32768", 8);
    each("32767", "32767", 8);
    each("", "", 80);
    each("2", &(annotations.len() / 2).to_string(), 8);
    each("", "", 32);
    for _ in 0..channels {
        bytes.extend([1, 0, 2, 0]);
    }
    bytes.extend(annotations);
    bytes
}

#[test]
fn stimuli_without_number_around_two_samples_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stimuli.edf");
    std::fs::write(&path, edf_of_stimuli(48, 10_000)).unwrap();
    Cost::of(&path, "").is_refusal(&path, "analysis too_large");
    // As many stimuli as a long recording may have, of one channel.
    std::fs::write(&path, edf_of_stimuli(1, 10_000)).unwrap();
    let cost = Cost::of(&path, "");
    assert_eq!(cost.outcome, "opened");
    assert!(
        cost.peak_bytes < REFUSED_BYTES + (64 << 20),
        "{} MiB",
        cost.peak_bytes >> 20
    );
}
