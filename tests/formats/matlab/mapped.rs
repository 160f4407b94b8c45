//! Files without a known structure, by a mapping.

use super::*;
use endplate::finding::FindingCode;
use endplate::recording::{Clock, Role};

const SWEEPS: &str = "
unit = 'uV'
stimulus_ms = 5
[[channels]]
variable = 'emg.sweeps'
sample_axis = 0
rate_from = 'emg.fs'
gain = 0.5
rails = [-32768, 32767]
muscle = 'APB'
";

#[test]
fn a_matrix_of_sweeps_with_its_times_becomes_segments_and_stimuli() {
    let recording = read("sweeps.mat", &format!("{SWEEPS}sweep_starts = 'starts'"));
    assert_eq!(recording.origin.format, "matlab");
    assert_eq!(recording.origin.clock, Clock::True);
    let channel = &recording.channels[0];
    assert_eq!((channel.rate.0, channel.segments.len()), (2000.0, 5));
    assert_eq!(channel.muscle.as_deref(), Some("APB"));
    assert_eq!(channel.calibration.gain, 0.5e-3);
    for (sweep, segment) in channel.segments.iter().enumerate() {
        assert_eq!(segment.start.0, sweep as f64 / 3.0);
        assert_eq!(recording.marks[sweep].time.0, sweep as f64 / 3.0 + 0.005);
    }
}

#[test]
fn without_times_only_the_order_of_the_sweeps_is_known() {
    let recording = read("sweeps.mat", SWEEPS);
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::ClockUnknown)
    );
    assert_eq!(recording.marks.len(), 5);
}

#[test]
fn samples_counted_from_1_are_at_0_s() {
    let toml = "
rate_hz = 1000
[[channels]]
variable = 'trig'
role = 'trigger'
[[marks]]
times = 'stim'
time_unit = 'sample_from_1'
texts = 'what'";
    let recording = read("sweeps.mat", toml);
    assert_eq!(recording.channels[0].role, Role::Trigger);
    let marks: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.as_str()))
        .collect();
    assert_eq!(marks, [(0.01, "stim"), (0.677, "exercise 10 s")]);
}

#[test]
fn a_cube_is_cut_by_the_axis_of_its_channels() {
    let oracle = oracle();
    let all = numbers(&oracle["variables"]["sweeps.mat"]["cube"]["values"]);
    let recording = read(
        "sweeps.mat",
        "rate_hz = 1000\nunit = 'mV'\nsweep_rate_hz = 3\n[[channels]]\nvariable = 'cube'\nsample_axis = 0\nindex_axis = 1\nindex = 1",
    );
    // 6 samples × 2 channels × 3 sweeps, the first axis fastest.
    let expected: Vec<f64> = (0..3)
        .flat_map(|sweep| (0..6).map(move |sample| sweep * 12 + 6 + sample))
        .map(|index| all[index])
        .collect();
    assert_eq!(stored(&recording, 0), expected);
    assert_eq!(recording.channels[0].segments[2].start.0, 2.0 / 3.0);
}

#[test]
fn cells_structs_and_texts_of_version_7_3_are_followed() {
    let toml = "
rate_hz = 1000
[[channels]]
variable = 'emg.values'
unit = 'mV'
[[marks]]
times_s = [0, 0.001]
texts = 'texts'";
    let recording = read("v73.mat", toml);
    assert_eq!(stored(&recording, 0), [0.25, 0.5, 0.75]);
    assert_eq!(recording.origin.format, "matlab");
    let texts: Vec<_> = recording.marks.iter().map(|mark| &mark.text).collect();
    assert_eq!(texts, ["stim", "rest"]);
}

#[test]
fn a_file_without_a_mapping_is_described_and_given_one_to_start_from() {
    let (code, message) = refused("sweeps.mat", "");
    assert_eq!(code, ErrorCode::BadMapping);
    for part in [
        "`emg` (struct with sweeps, fs)",
        "`cube` (6×2×3 f64)",
        "variable = \"emg.sweeps\"\nsample_axis = 0",
        "Spike2, Signal, LabChart, AcqKnowledge",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn what_a_mapping_leaves_open_is_an_error_that_names_the_field() {
    for (toml, code, part) in [
        (
            "[[channels]]\nvariable = 'trig'\nunit = 'mV'",
            ErrorCode::UnknownRate,
            "`rate_hz` nor `rate_from`",
        ),
        (
            "[[channels]]\nvariable = 'trig'\nrate_hz = 1000",
            ErrorCode::UnknownUnit,
            "`unit` is not stated",
        ),
        (
            "unit='mV'\n[[channels]]\nvariable = 'emg.sweeps'\nrate_hz = 1000",
            ErrorCode::BadMapping,
            "`sample_axis` is missing; the size is 30×5",
        ),
        (
            "unit='mV'\n[[channels]]\nvariable = 'emg.sweep'\nrate_hz = 1000",
            ErrorCode::BadMapping,
            "no field \"sweep\" in struct with sweeps, fs",
        ),
        (
            "unit='mV'\n[[channels]]\nvariable = 'trig'\nrate_from = 'starts'",
            ErrorCode::BadMapping,
            "expected one number",
        ),
        (
            "unit='mV'\n[[channels]]\ndataset = '/trig'\nrate_hz = 1",
            ErrorCode::BadMapping,
            "`variable` is missing",
        ),
    ] {
        let (found, message) = refused("sweeps.mat", toml);
        assert_eq!(found, code, "{message}");
        assert!(message.contains(part), "{part}: {message}");
    }
}
