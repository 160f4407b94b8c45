//! Files that mean harm: they are refused quickly, and nothing panics.

use super::*;
use flate2::{Compression, write::ZlibEncoder};
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::Write as _;

const HEADER: usize = 128;

fn tag(kind: u32, length: u32) -> Vec<u8> {
    [kind.to_le_bytes(), length.to_le_bytes()].concat()
}

fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = tag(kind, data.len() as u32);
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// An array of version 5 with the parts after its name.
fn matrix(class: u8, dims: &[i32], name: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = element(6, &[class, 0, 0, 0, 0, 0, 0, 0]);
    let dims: Vec<u8> = dims
        .iter()
        .flat_map(|length| length.to_le_bytes())
        .collect();
    body.extend(element(5, &dims));
    body.extend(element(1, name));
    body.extend(parts.concat());
    element(14, &body)
}

pub fn file(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(HEADER - 4, b' ');
    bytes.extend(b"\0\x01IM");
    bytes.extend(elements.concat());
    bytes
}

fn open_bytes(bytes: &[u8]) -> endplate::error::Result<Recording> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mat");
    std::fs::write(&path, bytes).unwrap();
    open(
        &path,
        &mapping("rate_hz = 1000\nunit = 'mV'\n[[channels]]\nvariable = 'x'"),
    )
}

fn code(bytes: &[u8]) -> ErrorCode {
    open_bytes(bytes).unwrap_err().code()
}

fn zlib(data: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..times {
        encoder.write_all(data).unwrap();
    }
    encoder.finish().unwrap()
}

fn compressed(stream: &[u8]) -> Vec<u8> {
    let mut bytes = tag(15, stream.len() as u32);
    bytes.extend(stream);
    bytes
}

#[test]
fn a_sound_file_made_this_way_is_read() {
    let x = matrix(6, &[1, 2], b"x", &[element(2, &[7, 8])]);
    assert_eq!(
        stored(&open_bytes(&file(std::slice::from_ref(&x))).unwrap(), 0),
        [7.0, 8.0]
    );
    let packed = file(&[compressed(&zlib(&x, 1))]);
    assert_eq!(stored(&open_bytes(&packed).unwrap(), 0), [7.0, 8.0]);
}

#[test]
fn a_bomb_is_refused_before_it_unfolds() {
    // The tag claims 2 GB, and the stream would really give 256 MB.
    let mut stream = tag(14, 2_000_000_000);
    stream.resize(1 << 20, 0);
    assert_eq!(
        code(&file(&[compressed(&zlib(&stream, 256))])),
        ErrorCode::TooLarge
    );
    // Many arrays that are each allowed are not allowed together.
    let part = 30 << 20;
    let mut body = matrix(9, &[1, part], b"x", &[tag(2, part as u32)]);
    let length = body.len() as u32 - 8 + part as u32;
    body[4..8].copy_from_slice(&length.to_le_bytes());
    body.resize(body.len() + part as usize, 0);
    let one = compressed(&zlib(&body, 1));
    assert_eq!(code(&file(&vec![one; 3])), ErrorCode::TooLarge);
}

#[test]
fn a_stream_that_is_damaged_short_or_too_long_is_refused() {
    let x = matrix(6, &[1, 2], b"x", &[element(2, &[7, 8])]);
    let whole = zlib(&x, 1);
    let mut checksum = whole.clone();
    *checksum.last_mut().unwrap() ^= 1;
    assert_eq!(code(&file(&[compressed(&checksum)])), ErrorCode::BadHeader);
    assert_eq!(
        code(&file(&[compressed(&whole[..whole.len() / 2])])),
        ErrorCode::Truncated
    );
    assert_eq!(
        code(&file(&[compressed(&zlib(&x, 2))])),
        ErrorCode::BadHeader
    );
    assert_eq!(
        code(&file(&[compressed(&zlib(&x[..40], 1))])),
        ErrorCode::Truncated
    );
}

#[test]
fn arrays_in_arrays_without_end_are_refused() {
    let mut inner = matrix(6, &[1, 1], b"", &[element(2, &[1])]);
    for _ in 0..2000 {
        inner = matrix(1, &[1, 1], b"x", &[inner]);
    }
    assert_eq!(code(&file(&[inner])), ErrorCode::TooLarge);
}

#[test]
fn sizes_that_the_file_does_not_hold_take_no_memory() {
    let big = i32::MAX;
    for class in [1, 4, 6, 10] {
        let x = matrix(class, &[big, big, big, big], b"x", &[element(2, &[1])]);
        assert_eq!(code(&file(&[x])), ErrorCode::BadHeader, "{class}");
    }
    let cells = matrix(1, &[big, 1], b"x", &[element(14, &[])]);
    assert_eq!(code(&file(&[cells])), ErrorCode::Truncated);
    let names = [element(5, &1i32.to_le_bytes()), element(1, b"abcdefgh")];
    let structs = matrix(2, &[big, 1], b"x", &names);
    assert_eq!(code(&file(&[structs])), ErrorCode::Truncated);
    let negative = matrix(6, &[-1, 1], b"x", &[element(2, &[1])]);
    assert_eq!(code(&file(&[negative])), ErrorCode::BadHeader);
    let no_names = [element(5, &0i32.to_le_bytes()), element(1, b"")];
    assert_eq!(
        code(&file(&[matrix(2, &[1, 1], b"x", &no_names)])),
        ErrorCode::BadHeader
    );
}

#[test]
fn a_struct_that_holds_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mat");
    let file = hdf5::File::with_options()
        .with_fcpl(|create| create.userblock(512))
        .create(&path)
        .unwrap();
    let x = file.create_group("x").unwrap();
    x.link_hard("/x", "a").unwrap();
    x.link_hard("/x", "b").unwrap();
    // An open group would keep the file from being written.
    drop(x);
    file.close().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..HEADER].copy_from_slice(&super::harm::file(&[])[..HEADER]);
    bytes[HEADER - 3] = 2;
    let error = open_bytes(&bytes).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLarge, "{error}");
}

/// How many mutations of each fixture.
const MUTATIONS: usize = 300;

#[test]
fn no_damage_to_a_fixture_brings_the_reader_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mat");
    let mapping = mapping(
        "rate_hz = 1000\nunit = 'mV'\n[[channels]]\nvariable = 'emg.sweeps'\nsample_axis = 0",
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 15);
    for (number, file) in files.iter().enumerate() {
        let bytes = std::fs::read(file).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(number as u64);
        for round in 0..MUTATIONS {
            let mut mutated = bytes.clone();
            if round % 3 == 0 {
                mutated.truncate(random.random_range(0..bytes.len()));
            } else {
                for _ in 0..random.random_range(1..4) {
                    let at = random.random_range(0..mutated.len());
                    mutated[at] = match random.random_range(0..4) {
                        0 => 0xff,
                        1 => 0,
                        2 => 0x7f,
                        _ => mutated[at] ^ (1 << random.random_range(0..8)),
                    };
                }
            }
            std::fs::write(&path, &mutated).unwrap();
            for mapping in [&mapping, &Mapping::default()] {
                if let Err(error) = open(&path, mapping) {
                    assert_eq!(error.path(), Some(path.as_path()));
                    assert_ne!(error.code(), ErrorCode::Internal, "{error}");
                }
            }
        }
    }
}
