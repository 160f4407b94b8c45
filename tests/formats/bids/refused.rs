//! Sidecars that are no sidecars, and units that two of them would settle.

use super::*;
use endplate::error::ErrorCode;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What the bare recording with this sidecar is refused for.
fn refused(ending: &str, bytes: &[u8]) -> String {
    let folder = Folder::with(FIRST, "a.edf");
    folder.put(&format!("a_{ending}"), bytes);
    let error = folder.error("a.edf");
    assert_eq!(error.path(), Some(folder.0.path().join("a.edf").as_path()));
    error.message()
}

#[test]
fn each_fault_names_the_sidecar_and_the_place_in_it() {
    for (ending, bytes, message) in [
        (
            "events.tsv",
            &b""[..],
            "a_events.tsv, line 1: the file is empty",
        ),
        (
            "events.tsv",
            b"onset duration\n",
            "a_events.tsv, line 1: no column \"onset\"",
        ),
        (
            "events.tsv",
            b"onset\tvalue\n1\n",
            "a_events.tsv, line 2: 1 cells, but the header has 2",
        ),
        (
            "events.tsv",
            b"onset\tvalue\n1\tx\n1\t\xFF\n",
            "a_events.tsv, line 3: a byte that is no UTF-8",
        ),
        (
            "events.tsv",
            b"onset\tvalue\n1,5\tx\n",
            "a_events.tsv, line 2, column \"onset\": \"1,5\" is no number",
        ),
        (
            "events.tsv",
            b"onset\tvalue\nn/a\tx\n",
            "a_events.tsv, line 2, column \"onset\": no time",
        ),
        (
            "events.tsv",
            b"onset\tvalue\nNaN\tx\n",
            "a_events.tsv, line 2, column \"onset\": \"NaN\"",
        ),
        (
            "events.tsv",
            b"onset\tduration\tvalue\n1\t-2\tx\n",
            "column \"duration\": a duration below 0",
        ),
        (
            "channels.tsv",
            b"label\nemg1\n",
            "a_channels.tsv, line 1: no column \"name\"",
        ),
        (
            "channels.tsv",
            b"name\ttype\nn/a\tEMG\n",
            "line 2, column \"name\": a channel without a name",
        ),
        (
            "channels.tsv",
            b"name\tstatus\nemg1\tso so\n",
            "column \"status\": \"so so\" is no status",
        ),
        (
            "channels.tsv",
            b"name\tsampling_frequency\nemg1\t0\n",
            "column \"sampling_frequency\"",
        ),
        ("emg.json", b"{", "a_emg.json: no valid JSON"),
        (
            "emg.json",
            b"\xFF",
            "a_emg.json, line 1: a byte that is no UTF-8",
        ),
        (
            "emg.json",
            b"{\"SamplingFrequency\": \"fast\"}",
            "a_emg.json, key \"SamplingFrequency\": \"fast\" is no sampling frequency",
        ),
    ] {
        let found = refused(ending, bytes);
        assert!(found.contains(message), "{found}\n{message}");
        assert!(found.contains(" — "), "no advice: {found}");
    }
}

#[test]
fn a_folder_or_a_huge_file_of_that_name_is_refused() {
    let folder = Folder::with(FIRST, "a.edf");
    std::fs::create_dir(folder.0.path().join("a_events.tsv")).unwrap();
    let error = folder.error("a.edf").message();
    assert!(
        error.starts_with("a_events.tsv: this is no ordinary file"),
        "{error}"
    );
    std::fs::remove_dir(folder.0.path().join("a_events.tsv")).unwrap();
    let huge = std::fs::File::create(folder.0.path().join("a_events.tsv")).unwrap();
    huge.set_len(1 << 40).unwrap();
    assert_eq!(folder.error("a.edf").code(), ErrorCode::TooLarge);
}

#[test]
fn two_sidecars_of_one_folder_that_both_apply_are_refused() {
    let name = "sub-01_task-rns_run-1_emg.edf";
    let folder = Folder::with(FIRST, name);
    folder
        .put("task-rns_channels.tsv", b"name\nemg1\n")
        .put("sub-01_channels.tsv", b"name\nemg1\n");
    let error = folder.error(name).message();
    assert!(
        error.starts_with("sub-01_channels.tsv and task-rns_channels.tsv: two files"),
        "{error}"
    );
    // One of another run does not apply.
    std::fs::remove_file(folder.0.path().join("sub-01_channels.tsv")).unwrap();
    folder.put("sub-01_task-rns_run-2_channels.tsv", b"name\nemg1\n");
    assert_eq!(
        beside(&folder.open(name).unwrap()),
        ["task-rns_channels.tsv"]
    );
}

#[test]
fn a_second_row_for_a_participant_is_refused() {
    let name = "sub-01_task-rns_emg.edf";
    let folder = Folder::with(FIRST, name);
    folder.put("dataset_description.json", b"{}").put(
        "participants.tsv",
        b"participant_id\tage\nsub-01\t1\nsub-01\t2\n",
    );
    let error = folder.error(name).message();
    assert!(
        error.starts_with("participants.tsv, line 3: a second row for sub-01"),
        "{error}"
    );
}

#[test]
fn sidecars_settle_only_what_the_file_leaves_open() {
    let folder = Folder::with(FIRST, "b.csv");
    folder
        .put("b.csv", b"A [mV],B,force\n1,2000,5\n2,3000,6\n3,1000,7\n")
        .put("b_emg.json", b"{\"SamplingFrequency\": 1000}");
    assert_eq!(folder.error("b.csv").code(), ErrorCode::UnknownUnit);
    folder.put(
        "b_channels.tsv",
        b"name\ttype\tunits\nA\tEMG\tuV\nB\tEMG\tuV\nforce\tMISC\tN\n",
    );
    let found = folder.open("b.csv").unwrap();
    let values = |index: usize| {
        let channel = &found.channels[index];
        channel.physical(&channel.segments[0], 0..3).unwrap()
    };
    assert_eq!(values(0), [1.0, 2.0, 3.0], "the header says mV, and stands");
    assert_eq!(values(1), [2.0, 3.0, 1.0]);
    assert_eq!(found.channels[2].role, Role::Other);
    assert_eq!(found.channels[2].calibration.unit, "N");
    assert_eq!(
        details(&found, FindingCode::StatedBeside),
        [
            "the rate, 1000 Hz, from b_emg.json; the unit of \"B\", uV, the unit of \"force\", N from b_channels.tsv"
        ]
    );
    assert_eq!(
        details(&found, FindingCode::SidecarNotFollowed),
        ["b_channels.tsv, units: \"A\" in uV there and in mV in the recording"]
    );
}

#[test]
fn a_channel_without_a_unit_anywhere_stays_an_error() {
    let folder = Folder::with(FIRST, "b.csv");
    folder
        .put("b.csv", b"# rate_hz = 1000\nA,B\n1,2\n2,3\n")
        .put(
            "b_channels.tsv",
            b"name\ttype\tunits\nA\tEMG\tuV\nB\tEMG\tn/a\n",
        );
    let error = folder.error("b.csv");
    assert_eq!(error.code(), ErrorCode::UnknownUnit);
    assert!(error.message().contains("\"B\""), "{error}");
    folder.put(
        "b_channels.tsv",
        b"name\ttype\tunits\nA\tEMG\tuV\nB\tEMG\tarbitrary\n",
    );
    assert_eq!(folder.error("b.csv").code(), ErrorCode::UnknownUnit);
}

#[test]
fn damaged_sidecars_never_bring_the_reader_down() {
    let folder = Folder::with(FIRST, "a.edf");
    let sidecars = [
        ("a_events.tsv", "tree/sub-02/emg/sub-02_task-rns_events.tsv"),
        (
            "a_channels.tsv",
            "tree/sub-02/emg/sub-02_task-rns_channels.tsv",
        ),
        ("a_emg.json", "tree/task-rns_emg.json"),
    ];
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (mut opened, mut failed) = (0, 0);
    for (name, source) in sidecars {
        let bytes = std::fs::read(fixtures().join(source)).unwrap();
        for _ in 0..60 {
            let mut damaged = bytes.clone();
            damaged.truncate(random.random_range(0..=bytes.len()));
            for _ in 0..random.random_range(0..4) {
                let length = damaged.len().max(1);
                if let Some(byte) = damaged.get_mut(random.random_range(0..length)) {
                    *byte = random.random();
                }
            }
            folder.put(name, &damaged);
            match folder.open("a.edf") {
                Ok(_) => opened += 1,
                Err(error) => {
                    failed += 1;
                    assert!(error.place().is_some(), "{error}");
                }
            }
        }
        std::fs::remove_file(folder.0.path().join(name)).unwrap();
    }
    assert!(opened > 20 && failed > 20, "{opened} {failed}");
}
