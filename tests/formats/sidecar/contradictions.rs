//! Statements that do not fit, or that the file contradicts: never a number that nobody can see is wrong.

use super::protocol::{analyzed, sweeps_of};
use super::*;
use endplate::finding::FindingCode;
use endplate::formats;
use endplate::recording::Channel;

const STUDY: &str = "recordings/simulated/normal-rest.edf";

fn study() -> Place {
    Place::with_copy(STUDY, "a.edf")
}

#[test]
fn trains_of_one_channel_keep_their_stimuli_when_the_channels_part() {
    let (_, mut cut) = sweeps_of("recordings/simulated/mg-exercise.edf");
    let other = Channel {
        label: "APB".into(),
        ..cut.channels[0].clone()
    };
    cut.channels.push(other);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.h5");
    formats::write(&cut, &path, "hdf5").unwrap();
    let label = &cut.channels[0].label;
    std::fs::write(
        folder.path().join("two.endplate.toml"),
        format!(
            "[[trains]]\nchannel = '{label}'\nsweeps = '1-10'\nrate_hz = 3\n[[trains]]\nchannel = 'APB'\nsweeps = '1-10'\nrate_hz = 3\n"
        ),
    )
    .unwrap();
    let study = analyzed(&sidecar::open(&path, &Reading::default()).unwrap());
    assert_eq!(study.channels.len(), 2);
    for channel in &study.channels {
        let train = channel
            .trains
            .iter()
            .find(|train| train.responses.len() == 10)
            .unwrap();
        assert!((train.rate.as_ref().unwrap().0 - 3.0).abs() < 1e-2);
        assert!(train.responses.iter().all(|response| {
            channel.cmaps[response.index]
                .get("amplitude")
                .unwrap()
                .is_ok()
        }));
    }
}

#[test]
fn a_part_of_a_sweep_that_leaves_out_its_stimulus_is_refused() {
    let (_, cut) = sweeps_of("recordings/simulated/mg-exercise.edf");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    formats::write(&cut, &path, "hdf5").unwrap();
    std::fs::write(
        folder.path().join("a.endplate.toml"),
        "[[trains]]\nsweeps = '1-10'\nrate_hz = 3\nsweep_ms = 2\n",
    )
    .unwrap();
    let error = sidecar::open(&path, &Reading::default())
        .map(|_| ())
        .unwrap_err();
    assert!(
        error.to_string().contains("the stimulus of sweep 1"),
        "{error}"
    );
}

#[test]
fn a_stated_stimulus_beside_a_marked_one_does_not_double_it() {
    let place = study();
    let plain = place.open().unwrap();
    let stated = place.state("stimulus_ms = 5\n").open().unwrap();
    assert_eq!(plain.marks, stated.marks);
    assert!(
        stated
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::SidecarNotFollowed)
    );
}

#[test]
fn a_slip_in_a_label_and_a_train_where_nothing_is_are_errors() {
    let place = study();
    for (toml, said) in [
        ("[[channels]]\nlabel = 'AMD'\nmuscle = 'ADM'\n", "AMD"),
        ("[[trains]]\nstart_s = 20000\nat_rest = true\n", "no signal"),
        ("[[trains]]\nstart_s = 4.2\nat_rest = true\n", "no s"),
        ("[[trains]]\nsweeps = '1'\nsweep_ms = 5\n", "sweep_ms"),
        ("recorded = 'noon'\n", "noon"),
    ] {
        let (code, message) = place.refused(toml);
        assert_eq!(code, ErrorCode::BadMapping, "{toml}");
        assert!(message.contains(said), "{toml}: {message}");
    }
}

#[test]
fn what_the_file_says_otherwise_is_told_but_not_the_code_or_the_date_that_it_has() {
    let place = study();
    let plain = place.open().unwrap();
    let label = &plain.channels[0].label;
    let stated = place
        .state(&format!(
            "recorded = '2020-02-02T10:00:00'\n[subject]\ncode = 'X1'\n[[channels]]\nlabel = '{label}'\nmuscle = 'trapezius'\n"
        ))
        .open()
        .unwrap();
    let muscle = &stated.channels[0].findings;
    let told = muscle
        .iter()
        .find(|finding| finding.code == FindingCode::StatedByHand);
    assert!(
        told.unwrap().detail.contains("trapezius stated"),
        "{muscle:?}"
    );
    let texts = format!("{:?}", stated.findings);
    assert!(texts.contains("another code in the file"), "{texts}");
    assert!(
        !texts.contains(plain.subject.code.as_deref().unwrap()),
        "{texts}"
    );
    assert!(!texts.contains("2026-01-01"), "{texts}");
}

#[test]
fn the_file_of_a_folder_is_found_by_any_way_to_it() {
    let place = study();
    let folder = place.folder.path().join("monday");
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    std::fs::rename(&place.recording, folder.join("a.edf")).unwrap();
    std::fs::write(
        place.folder.path().join("monday.endplate.toml"),
        "[subject]\ncode = 'M1'\n",
    )
    .unwrap();
    for way in ["a.edf", "sub/../a.edf"] {
        let recording = sidecar::open(&folder.join(way), &Reading::default()).unwrap();
        assert_eq!(recording.subject.code.as_deref(), Some("M1"), "{way}");
    }
}
