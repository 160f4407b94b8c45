//! What is refused and how it is said, which files are claimed, and bytes that no program wrote.

use super::*;
use proptest::prelude::*;

#[test]
fn sweeps_that_overlap_and_negative_durations_are_refused_at_the_door_and_by_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let open = |text: &str, mapping: &str| {
        std::fs::write(&path, text).unwrap();
        formats::open(&path, &Mapping::from_toml(mapping).unwrap())
    };
    // The second sweep begins 0.7 samples before the end of the first one.
    let long = |second: &str| format!("sweep,time_ms,value_mV\n1,0,1\n1,1,2\n1,2,3\n{second}");
    let mut recording = open(&long("2,3,1\n2,4,2\n2,5,3\n"), "").unwrap();
    for (text, mapping, part) in [
        (
            long("2,2.3,1\n2,3.3,2\n2,4.3,3\n"),
            "",
            "before the end of the previous one at 0.003 s",
        ),
        (
            "time_ms,APB_mV\n0,1\n1,2\n".to_owned(),
            "[[marks]]\ntimes_s = [0]\ntext = 'exercise'\nduration_s = -10",
            "mark 1 \"exercise\": the duration is -10 s",
        ),
    ] {
        let error = open(&text, mapping).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadHeader, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    recording.channels[0].segments[1].start = Seconds(0.001);
    let written = formats::write(&recording, &path, "csv").unwrap_err();
    assert_eq!(written.code(), ErrorCode::BadHeader, "{written}");
}

#[test]
fn every_refusal_says_where_what_and_what_to_try() {
    let header = "time_ms,APB_mV\n";
    for (text, mapping, code, part) in [
        (
            "time_ms,APB\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "column 2 \"APB\": the unit of the values is not stated",
        ),
        (
            "time_ms,APB [furlong]\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "\"furlong\" is no known unit of a voltage",
        ),
        (
            "time,APB_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "column 1 \"time\": the unit of the times is not stated",
        ),
        (
            "time [fortnight],APB_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownUnit,
            "no known unit of time",
        ),
        (
            "APB_mV,ADM_mV\n0,1\n1,2\n",
            "",
            ErrorCode::UnknownRate,
            "neither a column of times nor a sampling rate",
        ),
        (
            "APB_mV,ADM_mV\n0,1\n1,2\n",
            "rate_hz = 0.0",
            ErrorCode::UnknownRate,
            "0 Hz is impossible",
        ),
        (
            &format!("{header}0,1\n1,2\n2.4,3\n3,4\n"),
            "",
            ErrorCode::UnknownRate,
            "line 4, time 2.4: unequal steps",
        ),
        (
            &format!("{header}0,1\n1,2\n0.5,3\n"),
            "",
            ErrorCode::UnknownRate,
            "line 4, time 0.5: the time goes back from 1",
        ),
        (
            &format!("{header}0,1\n1,2\n2,3\n"),
            "rate_hz = 999.0",
            ErrorCode::UnknownRate,
            "",
        ),
        (
            &format!("{header}0,1\n1,2,3\n"),
            "",
            ErrorCode::Truncated,
            "line 3: 3 cells where the rows before have 2",
        ),
        (
            &format!("{header}0,1\n1\n"),
            "",
            ErrorCode::Truncated,
            "line 3: 1 cells",
        ),
        (
            &format!("{header}0,1\n1,wet\n"),
            "",
            ErrorCode::BadHeader,
            "line 3, column 2 \"APB_mV\": \"wet\" is not a finite number",
        ),
        (
            &format!("{header}0,1\n1,NaN\n"),
            "",
            ErrorCode::BadHeader,
            "\"NaN\" is not a finite number — leave the cell empty",
        ),
        (
            &format!("{header}0,1\n1,1e999\n"),
            "",
            ErrorCode::BadHeader,
            "\"1e999\" is not a finite number",
        ),
        (
            "# x\n\n\n# y\ntime_ms,APB_mV\n0,1\n\n\n1,wet\n",
            "",
            ErrorCode::BadHeader,
            "line 9, column 2",
        ),
        (
            "time_ms,APB_mV\r\n0,1\r\n1,2\r\n2,wet\r\n",
            "",
            ErrorCode::BadHeader,
            "line 4, column 2",
        ),
        (
            "a;b,c\n1;2,x\n",
            "",
            ErrorCode::BadHeader,
            "the separator cannot be told",
        ),
        (
            "",
            "",
            ErrorCode::NothingToAnalyze,
            "the file is empty or holds only comments",
        ),
        (
            "# rate_hz = 5\n",
            "",
            ErrorCode::NothingToAnalyze,
            "line 2: there is no table",
        ),
        (
            header,
            "",
            ErrorCode::NothingToAnalyze,
            "a header but no samples",
        ),
        (
            "1,2\n3,4\n",
            "",
            ErrorCode::BadMapping,
            "no header says what the columns are — state text.layout",
        ),
        (
            header,
            "[text]\ntime_column = \"when\"",
            ErrorCode::BadMapping,
            "\"when\" is no column; the columns are time_ms, APB_mV",
        ),
        (
            "# rate_hz = fast\nAPB_mV\n1\n",
            "",
            ErrorCode::BadHeader,
            "comment in line 1",
        ),
        (
            "# rate_hz = 5\n# rate_hz = 5\nAPB_mV\n1\n",
            "",
            ErrorCode::BadHeader,
            "comment in line 2: \"rate_hz\" is stated twice",
        ),
        (
            "# channel.1.gain = 0\ntime_ms,APB_mV\n0,1\n1,1\n",
            "",
            ErrorCode::BadCalibration,
            "gain 0",
        ),
        (
            "# channel.1.gian = 1\ntime_ms,APB_mV\n0,1\n1,1\n",
            "",
            ErrorCode::BadHeader,
            "unknown field `gian`",
        ),
        (
            "# channel.1.stored = i16\ntime_ms,APB_mV\n0,1\n1,1.5\n",
            "",
            ErrorCode::BadHeader,
            "the sample 1.5 does not fit",
        ),
    ] {
        match read_with(text, mapping) {
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains(part), "{text:?}: {message}");
                assert_eq!(error.code(), code, "{text:?}: {message}");
                assert!(
                    error.place().is_some() && message.contains(" — "),
                    "no place or advice: {message}"
                );
            }
            // A rate of 999 Hz is within the rounding of three whole milliseconds.
            Ok(recording) => assert!(mapping.contains("999"), "{text:?} was read: {recording:?}"),
        }
    }
}

#[test]
fn a_stated_rate_that_the_printed_times_contradict_is_refused() {
    let mut text = "time_ms,APB_mV\n".to_owned();
    for index in 0..100 {
        text.push_str(&format!("{:.3},0\n", f64::from(index) * 0.05));
    }
    assert_eq!(read(&text).channels[0].rate, Hertz(20000.0));
    let error = refused(&text, "rate_hz = 19000.0");
    assert!(error.to_string().contains("unequal steps"), "{error}");
}

#[test]
fn only_delimited_numbers_are_claimed() {
    let claimed = |bytes: &[u8]| (card().claims)(&input(bytes));
    for text in [
        "1,2\n3,4\n",
        "a;b\n1,5;2\n",
        "t\tv\n1\t2\n",
        "# endplate_csv = 1\n",
        "APB_mV\n1\n2\n",
        "sweep,channel,v\n1,APB,2\n",
    ] {
        assert!(claimed(text.as_bytes()), "{text}");
    }
    for bytes in [
        b"".as_slice(),
        b"{\"a\": [1,\n2,\n3]}",
        b"[1,2,3]\n[4,5,6]\n",
        b"[section]\nkey = 1\n",
        b"key = 1\nother = 2.5\n",
        b"# Title\n\nSome text, with commas.\nMore text.\n",
        b"| a | b |\n|---|---|\n| 1 | 2 |\n",
        b"<?xml version=\"1.0\"?>\n<a>1,2</a>\n",
        b"\x89HDF\r\n\x1a\n1,2\n3,4\n",
        b"0       1,2\n3,4\n5,6\n",
        b"\xffBIOSEMI1,2\n",
        b"1,2\n3,\x004\n",
    ] {
        assert!(!claimed(bytes), "{}", String::from_utf8_lossy(bytes));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (card().claims)(&input(&bytes));
        let _ = read_with(&bytes, "");
    }

    #[test]
    fn no_text_of_the_right_kind_makes_the_reader_panic(
        text in "(# (endplate_csv|layout|rate_hz|unit|channel\\.[0-9]{1,9}\\.[a-z]{4}|mark|clock|empty_segment) ?= ?[0-9a-z{}\"]{0,9}\n){0,3}[-0-9.,;\te\"\n\r a-z\\[\\]#|]{0,200}",
        layout in prop_oneof![Just(""), Just("[text]\nlayout = \"channels\""), Just("rate_hz = 1.0\nunit = \"mV\"\n[text]\nlayout = \"sweeps\"\nfirst_row_is_per_sweep = true"), Just("unit = \"mV\"\n[text]\nlayout = \"long\"\nvalue_column = \"1\"\ntime_column = \"2\"\ntime_unit = \"sample\"")],
    ) {
        let _ = (card().claims)(&input(&text));
        let _ = read_with(&text, layout);
    }
}

#[test]
fn a_million_columns_are_refused_by_number() {
    let wide = format!("{}\n", "1,".repeat(1_000_000));
    let error = refused(&wide, "[text]\nlayout = \"sweeps\"");
    assert_eq!(error.code(), ErrorCode::TooLarge);
    let many = format!("{}1\n", "1,".repeat(5000));
    let error = refused(
        &many,
        "rate_hz = 1.0\nunit = \"mV\"\n[text]\nlayout = \"channels\"",
    );
    assert!(
        error.to_string().contains("5001 columns of channels"),
        "{error}"
    );
}
