//! Samples, calibration, times, labels and roles.

use super::*;
use endplate::recording::{Role, Side};
use endplate::study;

/// Millivolts of the physical unit in which the oracle's values are.
fn scale(unit: &str) -> f64 {
    match unit {
        "volts" => 1000.0,
        "millivolts" | "mV" => 1.0,
        "uV" => 1e-3,
        _ => 1.0,
    }
}

/// Every column of one series of the oracle against a channel.
fn same_series(recording: &Recording, file: &str, series: &str, labels: &[&str]) {
    let expected = &oracle(file)["series"][series];
    let columns = expected["stored"].as_array().unwrap();
    assert_eq!(columns.len(), labels.len(), "{series}");
    for (column, label) in labels.iter().enumerate() {
        let channel = labeled(recording, label);
        let found = stored(channel);
        let exact = numbers(&columns[column]);
        assert_eq!(found.len(), exact.len());
        for (found, exact) in found.iter().zip(&exact) {
            assert_eq!(found.to_bits(), exact.to_bits(), "{series} {found} {exact}");
        }
        let ends = numbers(&expected["physical"][column]);
        for (stored, physical) in [found[0], found[found.len() - 1]].iter().zip(&ends) {
            let millivolts = physical * scale(expected["unit"].as_str().unwrap());
            let found = channel.calibration.physical(*stored);
            assert!(
                found == millivolts || (found / millivolts - 1.0).abs() < 1e-12,
                "{series} {found} {millivolts}"
            );
        }
        let times = numbers(&expected["times"]);
        let ours: Vec<f64> = channel
            .segments
            .iter()
            .flat_map(|segment| {
                let time = |index: usize| segment.start.0 + index as f64 / channel.rate.0;
                (0..segment.samples.len()).map(time)
            })
            .collect();
        let ours = if times.len() == ours.len() {
            ours
        } else {
            vec![ours[0], ours[ours.len() - 1]]
        };
        for (found, stamp) in ours.iter().zip(&times) {
            assert!(
                (found - stamp).abs() <= 0.5 / channel.rate.0,
                "{series} {found} {stamp}"
            );
        }
    }
}

#[test]
fn every_stored_type_keeps_its_numbers_and_both_ends_of_its_range() {
    let recording = read("types.nwb", "");
    for (name, kind) in [
        ("emg_int8", "i16"),
        ("emg_uint8", "i16"),
        ("emg_int16", "i16"),
        ("emg_uint16", "i32"),
        ("emg_int32", "i32"),
        ("emg_int64", "i32"),
        ("emg_float32", "f32"),
        ("emg_float64", "f64"),
        ("volts", "i16"),
    ] {
        same_series(&recording, "types.nwb", name, &[name]);
        let channel = labeled(&recording, name);
        assert_eq!(channel.segments[0].samples.kind(), kind);
        assert_eq!(channel.role, Role::Response);
        assert_eq!(channel.findings[0].code, FindingCode::RailsUnknown);
    }
    let first = labeled(&recording, "emg_int16");
    assert_eq!((first.rate.0, first.segments[0].start.0), (2000.0, 1.5));
    assert_eq!(
        (first.calibration.gain, first.calibration.offset),
        (0.5, -0.25)
    );
}

#[test]
fn what_is_no_voltage_is_kept_and_a_trigger_is_one() {
    let recording = read("types.nwb", "");
    let skin = labeled(&recording, "skin");
    assert_eq!((skin.role, stored(skin)), (Role::Other, vec![32.5, 32.25]));
    assert_eq!(skin.findings[0].code, FindingCode::ChannelIgnored);
    assert_eq!(labeled(&recording, "Trigger").role, Role::Trigger);
}

#[test]
fn columns_are_channels_with_the_labels_and_gains_of_their_electrodes() {
    let recording = read("electrical.nwb", "");
    // In the order of the region, not of the table.
    same_series(&recording, "electrical.nwb", "emg", &["E3", "E1", "E2"]);
    let channels: Vec<_> = recording.channels[..3]
        .iter()
        .map(|channel| {
            (
                channel.label.as_str(),
                channel.muscle.as_deref(),
                channel.side,
            )
        })
        .collect();
    assert_eq!(
        channels,
        [
            // A place that is no known muscle is none.
            ("E3", None, None),
            ("E1", Some("APB"), None),
            ("E2", Some("ADM"), Some(Side::Left)),
        ]
    );
    let first = &recording.channels[0];
    assert_eq!(first.segments[0].start.0, 0.125);
    assert_eq!(first.prefilter.as_deref(), Some("Bessel, 2 Hz to 10 kHz"));
    assert_eq!(
        recording.origin.device.as_deref(),
        Some("Amplifier (Example Instruments), Stimulator")
    );
}

#[test]
fn a_processed_copy_is_kept_and_not_measured_unless_a_mapping_asks() {
    let recording = read("electrical.nwb", "");
    let copy = &recording.channels[3];
    assert_eq!((copy.label.as_str(), copy.role), ("E1", Role::Other));
    assert_eq!(copy.findings[0].code, FindingCode::ProcessedNotMeasured);
    assert_eq!(copy.findings[1].code, FindingCode::DuplicateLabel);
    assert_eq!(labeled(&recording, "command").role, Role::Other);
    // Positions are no signal of this kind.
    assert!(
        codes(&recording).contains(&FindingCode::ChannelIgnored)
            && recording
                .findings
                .iter()
                .any(|finding| finding.detail.contains("/processing/ecephys/position"))
    );
    let toml = "[[channels]]\ndataset = '/processing/ecephys/LFP/smooth'\nrole = 'response'\n[[channels]]\ndataset = 'acquisition/emg'\nindex = 1\nmuscle = 'FDI'\nrails = [-32768, 32767]";
    let recording = read("electrical.nwb", toml);
    assert_eq!(recording.channels[3].role, Role::Response);
    let second = &recording.channels[1];
    assert_eq!(second.muscle.as_deref(), Some("FDI"));
    assert_eq!(second.calibration.rails, Some((-32768.0, 32767.0)));
    assert_eq!(recording.channels[0].muscle, None);
}

#[test]
fn time_stamps_become_stretches_and_no_sample_lies_further_than_half_a_sample_from_its_stamp() {
    let recording = read("stamps.nwb", "");
    same_series(&recording, "stamps.nwb", "emg", &["emg"]);
    same_series(&recording, "stamps.nwb", "pair", &["pair 0", "pair 1"]);
    let emg = labeled(&recording, "emg");
    let lengths: Vec<usize> = emg
        .segments
        .iter()
        .map(|segment| segment.samples.len())
        .collect();
    assert_eq!(lengths, [120, 150, 40]);
    assert!((emg.rate.0 / 4000.0 - 1.0).abs() < 1e-3, "{}", emg.rate.0);
    assert!(codes(&recording).contains(&FindingCode::GapInRecording));
    // Touches at single times have no rate.
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.detail.contains("/acquisition/touches")
                && finding.detail.contains("follow no sampling rate"))
    );
}

#[test]
fn each_stretch_may_hold_a_stimulus_that_the_mapping_states() {
    let recording = read("stamps.nwb", "stimulus_ms = 5");
    let emg = labeled(&recording, "emg");
    let expected: Vec<f64> = emg
        .segments
        .iter()
        .map(|segment| segment.start.0 + 0.005)
        .collect();
    let found: Vec<f64> = recording.marks.iter().map(|mark| mark.time.0).collect();
    assert_eq!(found, expected);
    assert!(recording.marks.iter().all(|mark| mark.text == "stimulus"));
}

#[test]
fn patch_clamp_voltages_are_read_and_currents_are_kept() {
    let recording = read("patch.nwb", "");
    for name in ["sweep_0", "sweep_1", "current"] {
        same_series(&recording, "patch.nwb", name, &[name]);
    }
    assert_eq!(labeled(&recording, "sweep_1").role, Role::Response);
    assert_eq!(labeled(&recording, "current").role, Role::Other);
}

#[test]
fn a_unit_that_the_file_does_not_know_is_an_error_that_a_mapping_settles() {
    let (code, message) = refused("refused_unit.nwb", "");
    assert_eq!(code, ErrorCode::UnknownUnit);
    assert!(
        message.contains("/acquisition/emg/data") && message.contains("label = \"emg\""),
        "{message}"
    );
    let entry = |field: &str| format!("[[channels]]\nlabel = 'emg'\n{field}");
    let recording = read("refused_unit.nwb", &entry("unit = 'mV'"));
    assert_eq!(
        recording.channels[0].calibration.millivolts_per_unit,
        Some(1.0)
    );
    let recording = read("refused_unit.nwb", &entry("role = 'other'"));
    assert_eq!(recording.channels[0].role, Role::Other);
}

#[test]
fn a_mapping_may_not_contradict_the_file_nor_name_what_it_does_not_hold() {
    for (toml, part) in [
        (
            "[[channels]]\nlabel = 'volts'\nunit = 'uV'",
            "\"uV\" in the mapping",
        ),
        (
            "[[channels]]\nlabel = 'volts'\nrate_hz = 20000",
            "`rate_hz`",
        ),
        ("[[channels]]\nlabel = 'nothing'", "\"nothing\""),
    ] {
        let (code, message) = refused("types.nwb", toml);
        assert_eq!(code, ErrorCode::BadMapping);
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_study_written_by_pynwb_gives_the_decrements_of_its_original() {
    let original = open(
        &root("recordings/simulated/lems-exercise.h5"),
        &Mapping::default(),
    )
    .unwrap();
    let copy = read("study.nwb", "nerve = 'ulnar'");
    assert_eq!(copy.channels[0].muscle.as_deref(), Some("ADM"));
    assert_eq!(copy.channels[0].rate.0, 20_000.0);
    assert_eq!(copy.marks.len(), original.marks.len());
    assert_eq!(stored(&copy.channels[0]), stored(&original.channels[0]));
    let changes = |recording: &Recording| -> Vec<f64> {
        let study = study::analyze(recording, &study::Settings::default()).unwrap();
        study.channels[0]
            .trains
            .iter()
            .flat_map(|train| &train.changes)
            .filter_map(|change| change.value.as_ref().ok())
            .flat_map(|change| [change.value.0, change.low.0, change.high.0])
            .collect()
    };
    let (ours, expected) = (changes(&copy), changes(&original));
    assert!(expected.len() > 10 && ours.len() == expected.len());
    for (ours, expected) in ours.iter().zip(&expected) {
        assert!((ours - expected).abs() < 1e-6, "{ours} {expected}");
    }
}
