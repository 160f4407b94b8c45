//! Files that mean harm: links, damage, truncation.

use super::*;

#[test]
fn nothing_but_the_file_itself_is_opened() {
    let toml = |path: &str| format!("rate_hz=1\nunit='mV'\n[[channels]]\ndataset='{path}'");
    for (name, path, code, part) in [
        (
            "refused_external_link.h5",
            "emg",
            ErrorCode::Unsupported,
            "leads to another file",
        ),
        (
            "refused_external_link.h5",
            "soft",
            ErrorCode::Unsupported,
            "soft links are not followed",
        ),
        (
            "refused_external_storage.h5",
            "emg",
            ErrorCode::Unsupported,
            "external storage",
        ),
        (
            "refused_virtual.h5",
            "emg",
            ErrorCode::Unsupported,
            "virtual",
        ),
        (
            "refused_filter.h5",
            "emg",
            ErrorCode::Unsupported,
            "filter 32000 is not read",
        ),
        (
            "refused_size.h5",
            "emg",
            ErrorCode::TooLarge,
            "1099511627776 values of 2 bytes",
        ),
    ] {
        let (found, message) = refused(name, &toml(path));
        assert!(
            found == code && message.contains(part),
            "{name}: {found:?} {message}"
        );
    }
}

/// What happens to a damaged copy: a recording or an error with a message, never a panic.
fn damaged(folder: &Path, bytes: &[u8], toml: &Mapping) -> Result<Recording, String> {
    let path = folder.join("damaged.h5");
    std::fs::write(&path, bytes).unwrap();
    open(&path, toml).map_err(|error| {
        assert!(error.message().len() > 10);
        assert_ne!(error.code(), ErrorCode::Internal, "{error}");
        assert_eq!(error.path(), Some(path.as_path()));
        error.to_string()
    })
}

#[test]
fn a_truncated_file_is_an_error_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.h5");
    let mut small = recording(vec![channel(vec![(0.0, Samples::I16((0..200).collect()))])]);
    small.marks = vec![Mark {
        time: Seconds(0.05),
        duration: None,
        text: "stimulus".into(),
        channel: None,
    }];
    write(&small, &path, "hdf5").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let step = (bytes.len() / 200).max(1);
    for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        let error = damaged(folder.path(), &bytes[..length], &Mapping::default());
        assert!(
            error.is_err(),
            "{length} of {} bytes were enough",
            bytes.len()
        );
    }
}

#[test]
fn a_heap_of_texts_without_an_end_is_an_error_and_no_endless_loop() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(fixture("own_everything.h5")).unwrap();
    let length = |bytes: &[u8], at: usize| {
        usize::try_from(u64::from_le_bytes(
            bytes[at + 8..at + 16].try_into().unwrap(),
        ))
        .unwrap()
    };
    let heap = bytes.windows(4).position(|found| found == b"GCOL").unwrap();
    let mut at = heap + 16;
    while bytes[at..at + 2] != [0, 0] {
        at += 16 + length(&bytes, at).next_multiple_of(8);
    }
    // The free space has no length; the first object has one that is no step, because the library adds without looking whether the sum fits.
    let endless = [(at, 0u64), (heap + 16, u64::MAX - 15)];
    for (object, length) in endless {
        let mut bytes = bytes.clone();
        bytes[object + 8..object + 16].copy_from_slice(&length.to_le_bytes());
        let error = damaged(folder.path(), &bytes, &Mapping::default()).unwrap_err();
        assert!(
            error.contains(&format!(
                "heap at byte {heap}: the objects of this heap (GCOL)"
            )),
            "{error}"
        );
    }
}

#[test]
fn a_flipped_byte_never_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let oracle = oracle();
    for name in [
        "own_everything.h5",
        "own_minimal.h5",
        "one_long_recording.h5",
    ] {
        let toml = text(&oracle["files"][name]["mapping"])
            .map_or_else(Mapping::default, |toml| mapping(&toml));
        let bytes = std::fs::read(fixture(name)).unwrap();
        // Headers and heaps lie in the first kilobytes and at the end; a prime step reaches every kind of byte.
        for position in (0..bytes.len()).step_by(47) {
            let mut copy = bytes.clone();
            copy[position] ^= 0x55;
            let _ = damaged(folder.path(), &copy, &toml);
        }
    }
}
