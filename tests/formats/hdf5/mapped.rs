//! Other files through a mapping.

use super::*;

#[test]
fn without_a_mapping_the_error_lists_the_datasets_and_shows_a_mapping_that_works() {
    let (code, message) = refused("table_of_channels.h5", "");
    assert_eq!(code, ErrorCode::BadMapping);
    for part in [
        "\"/data\" [8, 250] float32",
        "\"/stim\" [3] int64",
        "sample_axis = 1",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let toml = message.split("\n\n").nth(1).unwrap();
    let read = open(&fixture("table_of_channels.h5"), &mapping(toml)).unwrap();
    assert_eq!(read.channels[0].segments.len(), 8);
}

#[test]
fn a_mapping_that_does_not_fit_names_the_field_and_what_exists() {
    let cases: &[(&str, &str, ErrorCode, &str)] = &[
        (
            "table_of_channels.h5",
            "[[channels]]\nunit = 'mV'",
            ErrorCode::BadMapping,
            "`dataset` is missing",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='/emg'",
            ErrorCode::BadMapping,
            "there is no dataset \"/emg\". The file holds \"/data\" [8, 250] float32; \"/stim\" [3] int64",
        ),
        (
            "one_long_recording.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='/emg'",
            ErrorCode::BadMapping,
            "\"/emg\" is a group",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'",
            ErrorCode::BadMapping,
            "`sample_axis` is missing; the shape is [8, 250]",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'\nsample_axis=2",
            ErrorCode::BadMapping,
            "`sample_axis` is 2",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='data'\nsample_axis=1\nindex=8",
            ErrorCode::BadMapping,
            "`index` is 8, but the shape is [8, 250]: axis 0 has 8",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nsample_axis=1",
            ErrorCode::BadMapping,
            "there is axis 0 only",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nindex=0",
            ErrorCode::BadMapping,
            "there is no other axis",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownUnit,
            "`unit` is not stated",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='furlong'\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownUnit,
            "`unit` is \"furlong\"; expected one of V, mV, uV, nV",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'",
            ErrorCode::UnknownRate,
            "the dataset's attributes are fs",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=0\nunit='mV'\n[[channels]]\ndataset='stim'",
            ErrorCode::UnknownRate,
            "`rate_hz` gives 0 Hz",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\n[[channels]]\ndataset='stim'\nrate_hz=nan",
            ErrorCode::UnknownRate,
            "`rate_hz` gives NaN Hz",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'\nrate_from='@rate'",
            ErrorCode::BadMapping,
            "there is no attribute \"rate\"; there are fs",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/emg/apb'\nrate_from='/events/ms'",
            ErrorCode::BadMapping,
            "holds 4 numbers; expected one",
        ),
        (
            "one_long_recording.h5",
            "unit='mV'\n[[channels]]\ndataset='/events/what'\nrate_hz=1",
            ErrorCode::Unsupported,
            "the type is text",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\ngain=0",
            ErrorCode::BadMapping,
            "`gain` is 0",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nrails=[5,-5]",
            ErrorCode::BadMapping,
            "`rails` are [5, -5]",
        ),
        (
            "table_of_channels.h5",
            "rate_hz=1\nunit='mV'\n[[channels]]\ndataset='stim'\nsweep_starts='stim'",
            ErrorCode::BadMapping,
            "one signal and no sweeps",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='sweeps'\nsample_axis=1\nsweep_starts='sweep_times'",
            ErrorCode::BadMapping,
            "holds 10 times, but there are 100 sweeps",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\nsweep_rate_hz=300\n[[channels]]\ndataset='sweeps'\nsample_axis=0",
            ErrorCode::BadHeader,
            "before the end of the previous one",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\nstimulus_ms=5\n[[channels]]\ndataset='sweeps'\nsample_axis=0",
            ErrorCode::BadMapping,
            "it is 5 ms, but the sweeps of \"sweeps\" last 5 ms",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='loop'",
            ErrorCode::BadMapping,
            "there is no dataset \"loop\"",
        ),
        (
            "table_of_sweeps.h5",
            "rate_hz=20000\nunit='mV'\n[[channels]]\ndataset='sweeps'\nsample_axis=0\n[[marks]]\ntimes_s=[1]\ntext='x'",
            ErrorCode::BadMapping,
            "the sweeps have none",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\n[[channels]]\nrate_hz=1\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='sample'\ntext='x'",
            ErrorCode::BadMapping,
            "states no `rate_hz`",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\nrate_hz=1\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='min'\ntext='x'",
            ErrorCode::BadMapping,
            "`time_unit` is \"min\"; expected one of s, ms, us, sample",
        ),
        (
            "table_of_channels.h5",
            "unit='mV'\nrate_hz=1\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'",
            ErrorCode::BadMapping,
            "neither `texts` nor `text`",
        ),
        (
            "docs_example.h5",
            "[[channels]]\nlabel='ADM'\ngain=2",
            ErrorCode::BadMapping,
            "states `gain` of \"ADM\"",
        ),
    ];
    for (name, toml, code, part) in cases {
        let (found, message) = refused(name, toml);
        assert!(
            found == *code && message.contains(part),
            "{toml}\n{found:?} {message}\n{part}"
        );
    }
}

#[test]
fn sweeps_without_times_keep_their_order_and_say_so() {
    let toml =
        "rate_hz=20000\nunit='mV'\nstimulus_ms=1\n[[channels]]\ndataset='sweeps'\nsample_axis=0";
    let read = open(&fixture("table_of_sweeps.h5"), &mapping(toml)).unwrap();
    assert_eq!(read.origin.clock, Clock::OrderOnly);
    assert_eq!(read.findings[0].code, FindingCode::ClockUnknown);
    assert_eq!(read.marks.len(), 10);
    let channel = &read.channels[0];
    for (segment, mark) in channel.segments.iter().zip(&read.marks) {
        assert_eq!(mark.time.0, segment.start.0 + 0.001);
        assert_eq!(channel.segment_at(mark.time), Some(segment));
    }
    for pair in channel.segments.windows(2) {
        assert!(pair[0].end(channel.rate).0 < pair[1].start.0);
    }
}

#[test]
fn the_units_of_marks_are_seconds_milliseconds_microseconds_and_samples() {
    for (unit, expected) in [("s", 200.0), ("ms", 0.2), ("us", 0.0002), ("sample", 0.02)] {
        let toml = format!(
            "rate_hz=10000\nunit='mV'\n[[channels]]\ndataset='stim'\n[[marks]]\ntimes='stim'\ntime_unit='{unit}'\ntext='stimulus'\ndurations='stim'"
        );
        let read = open(&fixture("table_of_channels.h5"), &mapping(&toml)).unwrap();
        assert_eq!(read.marks[1].time.0, expected, "{unit}");
        let duration = read.marks[1].duration.unwrap().0;
        assert!((duration - expected).abs() < 1e-12, "{unit}: {duration}");
    }
}

#[test]
fn a_mapping_describes_a_channel_of_our_own_layout_but_does_not_recalibrate_it() {
    let toml =
        "muscle='x'\nnerve='y'\nrate_hz=1\n[[channels]]\nlabel='ADM'\nside='right'\nrole='other'";
    let read = open(&fixture("docs_example.h5"), &mapping(toml)).unwrap();
    let channel = &read.channels[0];
    assert_eq!(channel.muscle.as_deref(), Some("abductor digiti minimi"));
    assert_eq!(channel.side, Some(Side::Right));
    assert_eq!(channel.role, Role::Other);
    assert_eq!(channel.rate, Hertz(20000.0));
}
