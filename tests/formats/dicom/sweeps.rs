//! Sweeps that are stored group by group, and groups without a common clock.

use super::*;

/// The ramp of each sweep, in uV (`sweeps` in fixtures/make/dicom.py).
fn ramp(segments: usize) -> Vec<f64> {
    let one = (0..40).map(|index| f64::from(index) * 8.0);
    std::iter::repeat_n(one, segments).flatten().collect()
}

fn only(recording: &Recording) -> &Channel {
    assert_eq!(recording.channels.len(), 1);
    &recording.channels[0]
}

#[test]
fn sweeps_of_another_sensitivity_stay_one_channel_in_steps_of_the_finest() {
    for (name, segments, kind, gain) in [
        ("sweeps_gain.dcm", 3, "i32", 0.001),
        ("sweeps_physical.dcm", 2, "f64", 1.0),
    ] {
        let recording = open(name);
        let channel = only(&recording);
        assert_eq!(channel.segments.len(), segments, "{name}");
        assert_eq!(channel.segments[0].samples.kind(), kind);
        assert_eq!(channel.calibration.gain, gain);
        assert_eq!(channel.calibration.rails, None);
        let (_, physical) = numbers(channel);
        for (own, wanted) in physical.iter().zip(ramp(segments)) {
            assert!(close(*own, wanted), "{name}: {own} {wanted}");
        }
        let found = codes(&recording);
        assert!(found.contains(&FindingCode::CalibrationChanges), "{name}");
        assert!(found.contains(&FindingCode::RailsUnknown), "{name}");
    }
}

#[test]
fn sweeps_of_other_rails_or_filters_stay_one_channel() {
    let rails = open("sweeps_rails.dcm");
    assert_eq!(only(&rails).calibration.rails, None);
    assert_eq!(only(&rails).segments.len(), 3);
    assert_eq!(codes(&rails), [FindingCode::RailsUnknown]);
    let filter = open("sweeps_filter.dcm");
    let channel = only(&filter);
    assert_eq!(channel.prefilter.as_deref(), Some("HP:3Hz | HP:2Hz"));
    assert_eq!(channel.calibration.rails, Some((-32768.0, 32767.0)));
    assert_eq!(codes(&filter), []);
}

#[test]
fn groups_without_times_follow_one_another_and_only_their_order_counts() {
    let recording = open("unplaced_sweeps.dcm");
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert_eq!(codes(&recording), [FindingCode::ClockUnknown]);
    let channel = only(&recording);
    assert_eq!(channel.segments.len(), 3);
    for (segment, mark) in channel.segments.iter().zip(&recording.marks) {
        assert!(close(mark.time.0 - segment.start.0, 0.002));
    }
}

#[test]
fn stimuli_of_a_group_without_a_time_stay_with_its_channels() {
    let recording = open("unplaced_muscles.dcm");
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    let [adm, apb] = recording.channels.as_slice() else {
        panic!("{}", recording.channels.len());
    };
    assert!(apb.segments[0].start.0 >= adm.segments[0].end(adm.rate).0);
    let channels: Vec<_> = recording.marks.iter().map(|mark| mark.channel).collect();
    assert_eq!(channels, [Some(0), Some(1)]);
}

#[test]
fn positions_without_a_range_type_are_points_and_times_of_day_count_with_their_zones() {
    let recording = open("untyped.dcm");
    let marks: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| {
            (
                mark.text.as_str(),
                mark.duration,
                (mark.time.0 * 1e6).round(),
            )
        })
        .collect();
    assert_eq!(
        marks,
        [
            ("stimulus", None, 2000.0),
            ("stimulus", None, 10_000.0),
            ("zoned", None, 10_000.0),
            ("stimulus", None, 20_000.0),
        ]
    );
    assert_eq!(codes(&recording), [FindingCode::HeaderCorrected]);
}
