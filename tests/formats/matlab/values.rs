//! Every class of numbers, sample for sample.

use super::*;

/// Reads one variable along both axes and compares with what scipy or h5py read.
fn compare(file: &str, path: &str, expected: &Value) {
    let dims: Vec<usize> = expected["dims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|length| length.as_u64().unwrap() as usize)
        .collect();
    let values = numbers(&expected["values"]);
    let [rows, columns] = *dims else {
        return;
    };
    for axis in [0, 1] {
        let recording = read(
            file,
            &format!(
                "rate_hz = 1000\n[[channels]]\nvariable = '{path}'\nrole = 'other'\nsample_axis = {axis}"
            ),
        );
        let found = stored(&recording, 0);
        let wanted: Vec<f64> = if axis == 0 {
            values.clone()
        } else {
            (0..rows)
                .flat_map(|row| (0..columns).map(move |column| column * rows + row))
                .map(|index| values[index])
                .collect()
        };
        assert_eq!(found.len(), wanted.len(), "{file} {path}");
        assert!(
            found.iter().zip(&wanted).all(|(a, b)| same(*a, *b)),
            "{file} {path}, axis {axis}: {found:?} instead of {wanted:?}"
        );
        let segments = recording.channels[0].segments.len();
        assert_eq!(segments, if axis == 0 { columns } else { rows });
    }
}

#[test]
fn every_variable_holds_what_scipy_and_h5py_read() {
    let oracle = oracle();
    let files = oracle["variables"].as_object().unwrap();
    let mut compared = 0;
    for (file, variables) in files {
        for (path, expected) in variables.as_object().unwrap() {
            compare(file, path, expected);
            compared += 1;
        }
    }
    assert!(files.len() >= 7 && compared > 40, "{compared}");
}

#[test]
fn numbers_keep_the_type_of_their_class() {
    for (path, kind) in [
        ("int8", "i16"),
        ("uint8", "i16"),
        ("int16", "i16"),
        ("uint16", "i32"),
        ("int32", "i32"),
        ("float32", "f32"),
        ("float64", "f64"),
        ("logical", "i16"),
    ] {
        for file in ["plain.mat", "compressed.mat"] {
            let toml = format!(
                "rate_hz = 1\n[[channels]]\nvariable = '{path}'\nrole = 'other'\nsample_axis = 0"
            );
            let recording = read(file, &toml);
            assert_eq!(
                recording.channels[0].segments[0].samples.kind(),
                kind,
                "{path}"
            );
        }
    }
    // Whole doubles that were stored as bytes stay doubles.
    let recording = read(
        "big.mat",
        "rate_hz = 1\n[[channels]]\nvariable = 'compact'\nrole = 'other'\nsample_axis = 0",
    );
    assert_eq!(recording.channels[0].segments[0].samples.kind(), "f64");
}

#[test]
fn what_is_no_signal_is_refused_where_a_signal_is_expected() {
    for (path, what) in [
        ("complex", "1×2 complex array"),
        ("sparse", "3×3 sparse matrix"),
        ("line", "is text"),
        ("lines", "3 rows of text"),
        ("nested", "struct with emg"),
        ("beyond", "integers beyond 2^53"),
    ] {
        for file in ["plain.mat", "compressed.mat"] {
            let toml = format!("rate_hz = 1\nunit = 'mV'\n[[channels]]\nvariable = '{path}'");
            let (code, message) = refused(file, &toml);
            assert_eq!(code, ErrorCode::BadMapping);
            assert!(message.contains(what), "{path}: {message}");
        }
    }
    let (_, message) = refused(
        "v73.mat",
        "rate_hz = 1\nunit = 'mV'\n[[channels]]\nvariable = 'z'",
    );
    assert!(message.contains("expected real numbers"), "{message}");
}
