//! HDF5 files that lead in circles, out of themselves, or nowhere.

use endplate::error::ErrorCode;
use endplate::formats::{self, Mapping};
use endplate::recording::Recording;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

fn open(path: &Path, dataset: &str) -> endplate::Result<Recording> {
    let toml = format!("rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = '{dataset}'");
    formats::open(path, &Mapping::from_toml(&toml).unwrap())
}

#[test]
fn a_way_in_circles_ends() {
    let cycles = fixture("hostile/cycles.h5");
    for dataset in [
        "/a/emg",
        "/a/b/up/emg",
        "/a/b/self/self/up/b/up/emg",
        "/through",
        "here/a/emg",
    ] {
        let recording = open(&cycles, dataset).unwrap();
        assert_eq!(recording.channels[0].sample_count(), 512, "{dataset}");
    }
    for dataset in [
        "/loop",
        "/one",
        "/two",
        "/nowhere",
        "/chain0",
        "/a/b/up",
        "/loop/emg",
        "/here",
    ] {
        let error = open(&cycles, dataset).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadMapping, "{dataset}: {error}");
        // The list of what there is names each dataset once.
        let message = error.to_string();
        assert!(message.matches("emg\" [512]").count() <= 1, "{message}");
    }
    // Without a word about it: what the file holds is listed, and the listing ends.
    let error = formats::open(&cycles, &Mapping::default()).unwrap_err();
    assert!(
        error.to_string().contains("/a/b/up/emg") || error.to_string().contains("/a/emg"),
        "{error}"
    );
}

#[test]
fn groups_in_groups_without_end_are_refused_or_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.h5");
    let file = ::hdf5::File::create(&path).unwrap();
    let mut group = file.create_group("x").unwrap();
    for _ in 0..2000 {
        group = group.create_group("x").unwrap();
    }
    group
        .new_dataset_builder()
        .with_data(&[1i16; 50])
        .create("emg")
        .unwrap();
    drop(group);
    file.close().unwrap();
    // A mapping may go as deep as it likes; a listing does not.
    let deep = format!("{}/emg", "/x".repeat(2001));
    assert_eq!(open(&path, &deep).unwrap().channels[0].sample_count(), 50);
    assert_eq!(
        open(&path, "/emg").unwrap_err().code(),
        ErrorCode::BadMapping
    );
}

#[test]
fn an_own_layout_or_nwb_whose_groups_hold_themselves_ends() {
    let folder = tempfile::tempdir().unwrap();
    for (name, group) in [
        ("hdf5/own_everything.h5", "channels"),
        ("nwb/patch.nwb", "acquisition"),
        ("nwb/electrical.nwb", "acquisition"),
    ] {
        let path = folder.path().join(Path::new(name).file_name().unwrap());
        std::fs::copy(fixture(name), &path).unwrap();
        let file = ::hdf5::File::open_rw(&path).unwrap();
        let inside = file.group(group).unwrap();
        inside.link_hard(&format!("/{group}"), "again").unwrap();
        inside.link_hard("/", "all").unwrap();
        drop(inside);
        file.close().unwrap();
        match formats::open(&path, &Mapping::default()) {
            Ok(recording) => assert!(!recording.channels.is_empty(), "{name}"),
            Err(error) => assert_ne!(error.code(), ErrorCode::Internal, "{name}: {error}"),
        }
    }
}

/// All files of a folder with their bytes and the time when they were changed.
fn state(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.clone(),
                (
                    std::fs::read(&path).unwrap(),
                    path.metadata().unwrap().modified().unwrap(),
                ),
            )
        })
        .collect()
}

/// Copies of the fixtures that lead elsewhere, and of what they lead to.
fn outward() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "hdf5/refused_external_link.h5",
        "hdf5/refused_external_storage.h5",
        "hdf5/refused_virtual.h5",
        "hostile/virtual_unlimited.h5",
        "hostile/virtual_source.h5",
        "nwb/refused_link.nwb",
        "nwb/refused_storage.nwb",
    ] {
        let path = fixture(name);
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn a_virtual_dataset_is_refused_before_its_sources_are_opened() {
    let folder = outward();
    let path = folder.path().join("virtual_unlimited.h5");
    let error = open(&path, "emg").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.to_string().contains("virtual"), "{error}");
    // A listing must not ask for the shape either: 512 is how long the samples in the other file are.
    for mapping in [
        Mapping::default(),
        Mapping::from_toml("rate_hz=1\nunit='mV'\n[[channels]]\ndataset='other'").unwrap(),
    ] {
        let message = formats::open(&path, &mapping).unwrap_err().to_string();
        assert!(
            message.contains("emg") && !message.contains("512"),
            "{message}"
        );
    }
    // That the library would tell it, if it were asked.
    let file = ::hdf5::File::open(&path).unwrap();
    assert_eq!(file.dataset("emg").unwrap().shape(), [512]);
}

#[test]
fn what_is_read_is_not_written_and_nothing_is_put_beside_it() {
    let folder = outward();
    let before = state(folder.path());
    let mut refused = 0;
    for path in before.keys() {
        for dataset in ["emg", "soft", "/acquisition/emg/data"] {
            refused += usize::from(open(path, dataset).is_err());
        }
        refused += usize::from(formats::open(path, &Mapping::default()).is_err());
    }
    assert!(refused > 20, "{refused}");
    assert!(state(folder.path()) == before);
}

#[test]
fn a_link_of_an_unknown_kind_is_no_way_anywhere() {
    // External links are kind 64; the kinds up to 255 belong to whoever registers them.
    let bytes = std::fs::read(fixture("hdf5/refused_external_link.h5")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kind.h5");
    let mut tried = 0;
    for at in (0..bytes.len()).filter(|&at| bytes[at] == 64) {
        for kind in [2, 63, 65, 255] {
            let mut changed = bytes.clone();
            changed[at] = kind;
            std::fs::write(&path, changed).unwrap();
            for dataset in ["emg", "soft"] {
                let error = open(&path, dataset).unwrap_err();
                assert_ne!(error.code(), ErrorCode::Internal, "{at} {kind}: {error}");
                tried += 1;
            }
        }
    }
    assert!(tried > 0);
}

#[test]
fn what_is_rare_in_hdf5_is_read_or_refused_by_name() {
    for name in ["hostile/structures.h5", "hostile/structures_latest.h5"] {
        let path = fixture(name);
        for dataset in ["emg", "gzip", "checked", "offset", "grows", "packed"] {
            let recording = open(&path, dataset).unwrap();
            assert_eq!(
                recording.channels[0].sample_count(),
                512,
                "{name} {dataset}"
            );
        }
        for dataset in ["texts", "fixed", "pairs", "kind", "refs", "group1"] {
            let error = open(&path, dataset).unwrap_err();
            assert!(error.to_string().contains(dataset), "{error}");
            assert_ne!(error.code(), ErrorCode::Internal, "{error}");
        }
    }
}
