//! What each layout is read as.

use super::*;

#[test]
fn a_column_per_channel_with_units_in_the_header() {
    let recording =
        read("time_ms,APB [mV],ADM (uV),trigger\n0,1.5,100,0\n0.05,2,200,5\n0.1,-1,300,0\n");
    let [apb, adm, trigger] = recording.channels.as_slice() else {
        panic!()
    };
    assert_eq!(apb.rate, Hertz(20000.0));
    assert_eq!(
        (apb.label.as_str(), values(apb)),
        ("APB", vec![vec![1.5, 2.0, -1.0]])
    );
    assert_eq!(
        (adm.label.as_str(), adm.calibration.unit.as_str()),
        ("ADM", "uV")
    );
    assert_eq!(
        adm.segments[0].samples,
        Samples::F64(vec![100.0, 200.0, 300.0])
    );
    assert_eq!(values(adm), vec![vec![0.1, 0.2, 300.0 * 1e-3]]);
    assert_eq!((trigger.role, trigger.is_voltage()), (Role::Trigger, false));
    let codes: Vec<_> = recording
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    assert_eq!(codes, [FindingCode::RailsUnknown], "once for the recording");
}

#[test]
fn rate_and_unit_from_comments_and_from_a_mapping_are_the_same() {
    let commented =
        read("# a free text\n# rate_hz = 20000\n# unit = mV\n# muscle = \"APB\"\nAPB\n1\n2\n");
    let mapped = read_with(
        "APB\n1\n2\n",
        "rate_hz = 20000.0\nunit = \"mV\"\nmuscle = \"APB\"",
    )
    .unwrap();
    assert_eq!(commented.channels, mapped.channels);
    assert_eq!(commented.channels[0].muscle.as_deref(), Some("APB"));
}

#[test]
fn separators_decimal_commas_line_ends_and_encodings_give_the_same_recording() {
    let plain = "time_ms,APB_mV\n0,1.5\n0.5,-2\n1,0.25\n";
    let expected = read(plain);
    let decimal = plain.replace(',', ";").replace('.', ",");
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(plain.encode_utf16().flat_map(u16::to_le_bytes));
    let mut utf16_be = vec![0xFE, 0xFF];
    utf16_be.extend(plain.encode_utf16().flat_map(u16::to_be_bytes));
    for bytes in [
        decimal.clone().into_bytes(),
        decimal.replace(';', "\t").into_bytes(),
        plain.replace(',', "|").into_bytes(),
        plain.replace('\n', "\r\n").into_bytes(),
        [b"\xEF\xBB\xBF", plain.as_bytes()].concat(),
        plain.trim_end().as_bytes().to_vec(),
        plain.replace("0.5", "\"0.5\"").into_bytes(),
        utf16,
        utf16_be,
    ] {
        assert!(
            (card().claims)(&input(&bytes)),
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
        assert_eq!(
            read(&bytes),
            expected,
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn a_jump_in_the_times_is_a_gap_and_each_part_keeps_its_true_time() {
    let recording = read("time_s,APB_mV\n0,1\n0.001,2\n0.002,3\n5.5,4\n5.501,5\n");
    assert_eq!(
        values(&recording.channels[0]),
        vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0]]
    );
    assert_eq!(starts(&recording.channels[0]), [0.0, 5.5]);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::GapInRecording)
    );
}

#[test]
fn a_channel_may_begin_late_and_end_early() {
    let recording = read("time_s,A_mV,B_mV\n0,1,\n0.5,2,7\n1,3,8\n1.5,4,\n");
    assert_eq!(values(&recording.channels[1]), vec![vec![7.0, 8.0]]);
    assert_eq!(starts(&recording.channels[1]), [0.5]);
    let error = refused("time_s,A_mV\n0,1\n0.5,\n1,3\n", "");
    assert_eq!(error.place(), Some("line 3, column 2 \"A_mV\""));
}

#[test]
fn texts_in_a_column_of_marks_become_marks_at_their_rows() {
    let recording =
        read("time_s,APB_mV,mark\n0,1,\n0.5,2,stimulus 8.2mA\n1,3,\"rest, then exercise\"\n");
    assert_eq!(
        marks(&recording),
        [(0.5, "stimulus 8.2mA"), (1.0, "rest, then exercise")]
    );
    assert_eq!(recording.channels.len(), 1);
}

#[test]
fn a_mapping_chooses_calibrates_and_names_columns() {
    let recording = read_with(
        "a;b;c\n1;2;3\n4;5;6\n",
        "rate_hz = 1000.0\n[text]\nlayout = \"channels\"\n[[channels]]\ncolumn = \"b\"\nlabel = \"APB\"\nunit = \"uV\"\ngain = 0.5\noffset = 10.0\nrails = [-5, 5]\nstart_s = 2.0\nside = \"left\"\n[[channels]]\ncolumn = \"3\"\nrole = \"other\"\nunit = \"degC\"\n[[marks]]\ntimes_s = [2.001]\ntext = \"stimulus\"\n",
    )
    .unwrap();
    let [apb, temperature] = recording.channels.as_slice() else {
        panic!()
    };
    assert_eq!(
        (apb.label.as_str(), apb.side, apb.segments[0].start),
        ("APB", Some(Side::Left), Seconds(2.0))
    );
    assert_eq!(
        values(apb),
        vec![vec![
            0.5 * 1e-3 * 2.0 + 10.0 * 1e-3,
            0.5 * 1e-3 * 5.0 + 10.0 * 1e-3
        ]]
    );
    assert_eq!(apb.calibration.rails, Some((-5.0, 5.0)));
    assert_eq!(
        (temperature.calibration.gain, temperature.is_voltage()),
        (1.0, false)
    );
    assert_eq!(marks(&recording), [(2.001, "stimulus")]);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::ChannelIgnored
                && finding.detail.contains("\"a\""))
    );
}

// --- sweeps ---

#[test]
fn sweeps_become_segments_and_the_zero_of_the_times_is_the_stimulus() {
    let recording = read_with(
        "time_ms,s1,s2\n-1,0,0\n0,1,2\n1,3,4\n2,5,6\n",
        "unit = \"mV\"\nsweep_rate_hz = 3.0\n[text]\nlayout = \"sweeps\"",
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(channel.rate, Hertz(1000.0));
    assert_eq!(
        values(channel),
        vec![vec![0.0, 1.0, 3.0, 5.0], vec![0.0, 2.0, 4.0, 6.0]]
    );
    assert_eq!(starts(channel), [0.0, 1.0 / 3.0]);
    assert_eq!(
        marks(&recording),
        [(0.001, "stimulus"), (1.0 / 3.0 + 0.001, "stimulus")]
    );
    assert_eq!(recording.origin.clock, Clock::True);
    assert!(
        !recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::GapInRecording)
    );
}

#[test]
fn without_a_rate_of_sweeps_only_their_order_is_known() {
    let recording = read_with(
        "a,b\n0,0\n1,2\n",
        "unit = \"mV\"\nrate_hz = 1.0\nstimulus_ms = 500.0\n[text]\nlayout = \"sweeps\"",
    )
    .unwrap();
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert!(
        recording
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::ClockUnknown)
    );
    let starts = starts(&recording.channels[0]);
    assert!(
        starts[1] >= starts[0] + 2.0,
        "sweeps of 2 s overlap: {starts:?}"
    );
    assert_eq!(
        marks(&recording),
        [
            (0.0, "sweep \"a\""),
            (0.5, "stimulus"),
            (3.0, "sweep \"b\""),
            (3.5, "stimulus")
        ]
    );
}

#[test]
fn a_row_with_a_value_per_sweep_is_kept_with_and_without_its_unit() {
    let text = "0,8.2,9\n0,1,2\n0.5,3,4\n";
    let mapping = |unit: &str| {
        format!(
            "unit = \"mV\"\nstimulus_ms = 0.0\n[text]\nlayout = \"sweeps\"\ntime_column = \"1\"\ntime_unit = \"ms\"\nfirst_row_is_per_sweep = true\n{unit}"
        )
    };
    let known = read_with(text, &mapping("per_sweep_unit = \"mA\"")).unwrap();
    assert_eq!(
        marks(&known),
        [(0.0, "stimulus 8.2mA"), (1.0, "stimulus 9mA")]
    );
    let unknown = read_with(text, &mapping("")).unwrap();
    assert_eq!(
        marks(&unknown),
        [
            (0.0, "stimulus"),
            (0.0, "per sweep 8.2"),
            (1.0, "stimulus"),
            (1.0, "per sweep 9")
        ]
    );
    let in_header = read_with(
        "time,8.2,9\n0,1,2\n0.5,3,4\n",
        &mapping("per_sweep_unit = \"mA\""),
    )
    .unwrap();
    assert_eq!(in_header.marks, known.marks);
}

#[test]
fn sweeps_that_would_overlap_at_the_stated_rate_are_refused() {
    let error = refused(
        "1,2\n1,2\n1,2\n",
        "unit = \"mV\"\nrate_hz = 1000.0\nsweep_rate_hz = 500.0\n[text]\nlayout = \"sweeps\"",
    );
    assert_eq!(error.code(), ErrorCode::BadMapping);
    assert_eq!(error.place(), Some("sweep_rate_hz"));
}

// --- long form ---

#[test]
fn long_form_with_two_channels_and_shared_stimuli() {
    let mut text = "sweep,channel,stimulus_mA,time_ms,value_uV\n".to_owned();
    for sweep in 1..=2 {
        for channel in ["APB", "ADM"] {
            for step in -1..3 {
                text.push_str(&format!(
                    "{sweep},{channel},8.{sweep},{},{}\n",
                    f64::from(step) * 0.1,
                    sweep * 10 + step
                ));
            }
        }
    }
    let recording = read_with(text, "sweep_rate_hz = 2.0").unwrap();
    let labels: Vec<_> = recording
        .channels
        .iter()
        .map(|channel| channel.label.as_str())
        .collect();
    assert_eq!(labels, ["APB", "ADM"]);
    assert_eq!(recording.channels[0].rate, Hertz(10000.0));
    assert_eq!(
        recording.channels[1].segments[1].samples,
        Samples::F64(vec![19.0, 20.0, 21.0, 22.0])
    );
    assert_eq!(
        marks(&recording),
        [(1e-4, "stimulus 8.1mA"), (0.5 + 1e-4, "stimulus 8.2mA")]
    );
    assert!(recording.marks.iter().all(|mark| mark.channel.is_none()));
}

#[test]
fn marks_of_channels_with_different_sweeps_name_their_channel() {
    let text = "sweep,channel,time_ms,value_mV\n1,APB,-1,0\n1,APB,0,1\n1,APB,1,0\n2,ADM,-1,0\n2,ADM,0,2\n2,ADM,1,0\n";
    let recording = read(text);
    let channels: Vec<_> = recording.marks.iter().map(|mark| mark.channel).collect();
    assert_eq!(channels, [Some(0), Some(1)]);
}

#[test]
fn times_that_run_on_from_sweep_to_sweep_are_true_times() {
    let recording = read("sweep,time_s,value_mV\n1,10,1\n1,10.5,2\n2,20,3\n2,20.5,4\n");
    assert_eq!(starts(&recording.channels[0]), [10.0, 20.0]);
    assert_eq!(recording.origin.clock, Clock::True);
    assert!(recording.marks.is_empty());
}

// --- the documentation ---

#[test]
fn the_examples_of_the_documentation_are_read() {
    let page = include_str!("../../../docs/formats/csv.md");
    let examples: Vec<_> = page
        .split("```csv\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 3);
    let recordings: Vec<_> = examples.iter().map(read).collect();
    assert_eq!(
        marks(&recordings[0]),
        [(0.0, "train 3Hz rest"), (5e-5, "stimulus 32mA")]
    );
    assert_eq!(recordings[1].channels[0].segments.len(), 3);
    assert_eq!(recordings[1].marks[0].text, "stimulus 30.5mA");
    assert_eq!(recordings[2].channels[0].segments.len(), 2);
    assert_eq!(recordings[2].marks[1].text, "stimulus 31mA");
}
