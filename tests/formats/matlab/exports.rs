//! Exports of laboratory programs, read by their structure alone.

use super::*;
use endplate::finding::FindingCode;
use endplate::recording::{Clock, Role};

/// Products and sums of a few doubles in another order.
const ROUNDING: f64 = 1e-12;

#[test]
fn every_export_gives_the_channels_times_and_marks_that_its_program_meant() {
    let oracle = oracle();
    let files = oracle["recordings"].as_object().unwrap();
    assert_eq!(files.len(), 6);
    for (file, expected) in files {
        let recording = read(file, "");
        let channels = expected["channels"].as_array().unwrap();
        assert_eq!(recording.channels.len(), channels.len(), "{file}");
        for (channel, expected) in recording.channels.iter().zip(channels) {
            let at = format!("{file} {}", channel.label);
            assert_eq!(channel.label, expected["label"].as_str().unwrap());
            assert_eq!(channel.calibration.unit, expected["unit"].as_str().unwrap());
            let rate = expected["rate_hz"].as_f64().unwrap();
            assert!((channel.rate.0 / rate - 1.0).abs() < ROUNDING, "{at}");
            let segments = expected["segments"].as_array().unwrap();
            assert_eq!(channel.segments.len(), segments.len(), "{at}");
            let millivolts = channel.calibration.millivolts_per_unit.unwrap_or(1.0);
            for (segment, expected) in channel.segments.iter().zip(segments) {
                let start = expected[0].as_f64().unwrap();
                assert!((segment.start.0 - start).abs() < ROUNDING, "{at}");
                let values = numbers(&expected[1]);
                let found = channel.physical(segment, 0..usize::MAX).unwrap();
                assert_eq!(found.len(), values.len(), "{at}");
                for (a, b) in found.iter().zip(&values) {
                    let b = b * millivolts;
                    assert!(
                        (a - b).abs() <= ROUNDING * b.abs().max(1.0),
                        "{at}: {a} {b}"
                    );
                }
            }
        }
        let marks = expected["marks"].as_array().unwrap();
        assert_eq!(recording.marks.len(), marks.len(), "{file}");
        for (mark, expected) in recording.marks.iter().zip(marks) {
            assert!((mark.time.0 - expected[0].as_f64().unwrap()).abs() < ROUNDING);
            assert_eq!(mark.text, expected[2].as_str().unwrap(), "{file}");
            let length = expected[1].as_f64();
            assert_eq!(mark.duration.is_some(), length.is_some());
            if let (Some(found), Some(length)) = (mark.duration, length) {
                assert!((found.0 - length).abs() < ROUNDING);
            }
        }
    }
}

#[test]
fn floats_of_an_export_are_kept_bit_for_bit() {
    let oracle = oracle();
    let expected = numbers(&oracle["recordings"]["spike2.mat"]["channels"][0]["segments"][0][1]);
    assert_eq!(stored(&read("spike2.mat", ""), 0), expected);
}

#[test]
fn converter_steps_keep_their_rails() {
    let recording = read("spike2.mat", "");
    let steps = &recording.channels[1];
    assert_eq!(steps.calibration.rails, Some((-32768.0, 32767.0)));
    assert_eq!(steps.segments[0].samples.kind(), "i16");
    // −32768 · 0.5 / 6553.6 + 0.125 V
    let lowest = steps.calibration.physical(-32768.0);
    assert!((lowest - -2375.0).abs() < 1e-9, "{lowest}");
}

#[test]
fn a_channel_that_is_no_voltage_is_kept_and_not_measured() {
    let recording = read("spike2.mat", "");
    let force = &recording.channels[2];
    assert_eq!(force.role, Role::Other);
    assert_eq!(force.findings[0].code, FindingCode::ChannelIgnored);
}

#[test]
fn a_channel_without_a_unit_is_an_error_that_a_mapping_settles() {
    let (code, message) = refused("spike2_no_unit.mat", "");
    assert_eq!(code, ErrorCode::UnknownUnit);
    assert!(
        message.contains("variable \"a_Ch1\": channel \"APB\" has no unit"),
        "{message}"
    );
    assert!(message.contains("label = \"APB\""), "{message}");
    let recording = read(
        "spike2_no_unit.mat",
        "[[channels]]\nlabel = 'APB'\nunit = 'uV'\nmuscle = 'abductor pollicis brevis'",
    );
    assert_eq!(recording.channels[0].calibration.gain, 1e-3);
    assert_eq!(
        recording.channels[0].muscle.as_deref(),
        Some("abductor pollicis brevis")
    );
}

#[test]
fn a_mapping_that_contradicts_the_export_is_an_error() {
    for toml in [
        "[[channels]]\nlabel = 'APB'\nunit = 'V'",
        "[[channels]]\nlabel = 'APB'\nrate_hz = 100",
        "[[channels]]\nlabel = 'APB'\ngain = 2",
    ] {
        let (code, message) = refused("spike2.mat", toml);
        assert_eq!(code, ErrorCode::BadMapping, "{message}");
        assert!(message.contains("APB"), "{message}");
    }
}

#[test]
fn frames_without_times_have_an_order_only() {
    let recording = read("signal_no_times.mat", "stimulus_ms = 5");
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert_eq!(recording.marks.len(), 3);
    let recording = read("signal_no_times.mat", "sweep_rate_hz = 2");
    assert_eq!(recording.origin.clock, Clock::True);
    assert_eq!(recording.channels[0].segments[2].start.0, 1.0);
}

#[test]
fn labchart_tells_range_start_and_program() {
    let recording = read("labchart.mat", "");
    // datenum 739000 is 2023-04-24.
    assert_eq!(
        recording.origin.started.as_deref(),
        Some("2023-04-24T00:00:00")
    );
    assert_eq!(
        recording.origin.device.as_deref(),
        Some("LabChart (export to MATLAB)")
    );
    assert_eq!(recording.channels[0].calibration.rails, Some((-10.0, 10.0)));
    // The samples of the second channel leave the range that the file states, so it is not believed.
    assert_eq!(recording.channels[1].calibration.rails, None);
    assert_eq!(recording.marks[1].channel, Some(0));
    let recording = read("labchart_16bit.mat", "");
    assert_eq!(
        recording.channels[0].calibration.rails,
        Some((-32768.0, 32767.0))
    );
}
