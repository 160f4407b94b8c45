//! LabChart.

use super::*;
use proptest::prelude::*;

const HEADER: &str = "Interval=\t0.001 s\nExcelDateTime=\t4.5e+04\nTimeFormat=\tStartOfBlock\nDateFormat=\nChannelTitle=\tADM\nRange=\t10.0 mV\n";

fn refused(text: &str, mapping: &str) -> Error {
    read_as("labchart", text, mapping).unwrap_err()
}

#[test]
fn roles_rails_and_findings_follow_from_the_header() {
    let recording = open("labchart-blocks.txt");
    let roles: Vec<_> = recording
        .channels
        .iter()
        .map(|channel| channel.role)
        .collect();
    assert_eq!(roles, [Role::Response, Role::Trigger, Role::Other]);
    assert_eq!(recording.channels[0].calibration.rails, Some((-20.0, 20.0)));
    assert_eq!(recording.channels[1].calibration.rails, None);
    let found = codes(&recording);
    assert!(found.contains(&FindingCode::RailsUnknown));
    assert!(found.contains(&FindingCode::GapInRecording));
    assert_eq!(recording.origin.clock, Clock::True);
    assert_eq!(
        recording.channels[2].findings[0].code,
        FindingCode::ChannelIgnored
    );
}

#[test]
fn samples_beyond_the_stated_range_show_that_it_is_no_limit() {
    let text =
        HEADER.replace("Range=", "TopValue=\t5\nBottomValue=\t-5\nRange=") + "0\t6\n0.001\t1\n";
    let recording = read_as("labchart", text, "").unwrap();
    assert_eq!(recording.channels[0].calibration.rails, None);
    assert_eq!(
        recording.channels[0].findings[0].code,
        FindingCode::HeaderCorrected
    );
}

#[test]
fn a_comment_on_a_channel_that_is_not_exported_stays_whole() {
    let recording = read_as(
        "labchart",
        format!("{HEADER}0\t1\t#7 far away\n0.001\t2\n"),
        "",
    )
    .unwrap();
    assert_eq!(marks(&recording), [(0.0, "7 far away", None)]);
}

#[test]
fn times_must_follow_the_interval() {
    for (rows, code, place) in [
        ("0\t1\n0.0001\t2\n", ErrorCode::BadHeader, "line 8"),
        ("0\t1\n-1\t2\n", ErrorCode::BadHeader, "line 8"),
        ("0:00:00\t1\n", ErrorCode::BadHeader, "line 7"),
        ("\t1\n", ErrorCode::BadHeader, "line 7"),
        ("0\tx\n", ErrorCode::BadHeader, "line 7"),
        ("0\t1\t2\n", ErrorCode::BadHeader, "line 7"),
        ("0\t1,5\n0.001\t2\n", ErrorCode::BadHeader, "line 7"),
    ] {
        let error = refused(&format!("{HEADER}{rows}"), "");
        assert_eq!(
            (error.code(), error.place()),
            (code, Some(place)),
            "{rows}: {error}"
        );
    }
    // 0.000333 s is not what the times say: after a while they have run apart.
    let slow = HEADER.replace("0.001 s", "0.000333 s");
    let rows: String = (0..2000)
        .map(|i| format!("{:.6}\t1\n", f64::from(i) / 3000.0))
        .collect();
    assert_eq!(refused(&(slow + &rows), "").code(), ErrorCode::UnknownRate);
}

#[test]
fn coarsely_printed_times_are_placed_by_the_interval() {
    let text = format!(
        "{}0\t1\n0\t2\n0.001\t3\n0.001\t4\n0.002\t5\n",
        HEADER.replace("0.001 s", "0.5 ms")
    );
    let recording = read_as("labchart", text, "").unwrap();
    assert_eq!(recording.channels[0].rate.0, 2000.0);
    assert_eq!(values(&recording.channels[0]), [[1.0, 2.0, 3.0, 4.0, 5.0]]);
}

#[test]
fn a_unit_that_nothing_states_is_asked_for() {
    let text = HEADER.replace("10.0 mV", "10.0") + "0\t1\n";
    let error = refused(&text, "");
    assert_eq!(error.code(), ErrorCode::UnknownUnit);
    assert!(error.to_string().contains("unit = \"mV\""), "{error}");
    for mapping in ["unit = 'uV'", "[[channels]]\nlabel = 'ADM'\nunit = 'uV'"] {
        let recording = read_as("labchart", &text, mapping).unwrap();
        assert_eq!(values(&recording.channels[0]), [[0.001]]);
    }
    let contradicted = HEADER.to_owned() + "0\t1\n";
    let error = refused(&contradicted, "[[channels]]\nlabel = 'ADM'\nunit = 'uV'");
    assert_eq!(error.code(), ErrorCode::BadMapping);
}

#[test]
fn several_blocks_need_times_from_their_own_start() {
    let block = format!("{HEADER}0\t1\n0.001\t2\n");
    let other = block.replace("StartOfBlock", "TimeOfDay");
    let error = refused(&format!("{block}{other}"), "");
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.to_string().contains("StartOfBlock"), "{error}");
    // The same date twice: the second would lie on the first.
    let error = refused(&format!("{block}{block}"), "");
    assert!(error.to_string().contains("ExcelDateTime"), "{error}");
    let undated = block.replace("ExcelDateTime=\t4.5e+04\n", "");
    let recording = read_as("labchart", format!("{undated}{undated}"), "").unwrap();
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert_eq!(starts(&recording.channels[0]), [0.0, 1.0]);
}

#[test]
fn the_interval_needs_a_number_and_a_unit() {
    for interval in ["0.001", "0 s", "-1 s", "1 parsec", "x s", ""] {
        let text = HEADER.replace("0.001 s", interval) + "0\t1\n";
        let error = refused(&text, "");
        assert!(
            matches!(error.code(), ErrorCode::UnknownRate | ErrorCode::BadHeader),
            "{interval}: {error}"
        );
    }
    let none = HEADER.replace("ChannelTitle=\tADM\nRange=\t10.0 mV\n", "") + "0\t1\n";
    assert_eq!(refused(&none, "").code(), ErrorCode::BadHeader);
    assert_eq!(refused(HEADER, "").code(), ErrorCode::NothingToAnalyze);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (card("labchart").claims)(&input(&bytes));
        let _ = read_as("labchart", &bytes, "");
    }

    #[test]
    fn no_text_of_the_right_kind_makes_the_reader_panic(
        text in "(Interval=\t[0-9.,e-]{1,6} (s|ms|us)\n(ExcelDateTime=\t[0-9.e+,]{1,8}\n)?TimeFormat=\tStartOfBlock\nChannelTitle=\tA(\tB)?\nRange=\t1[.,]0 m?V(\t1 x)?\n([-0-9.,eNa]{1,5}\t[-0-9.,eNa]{0,5}(\t(#[*0-9] )?[-0-9.,a\t#]{0,5})?\r?\n){0,5}){1,3}",
    ) {
        let _ = (card("labchart").claims)(&input(&text));
        let _ = read_as("labchart", &text, "");
    }
}
