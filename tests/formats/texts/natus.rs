//! Nicolet Viking and Dantec Synergy.

use super::*;
use proptest::prelude::*;

/// One section with one sweep.
fn file(rate: &str, data: &str) -> String {
    format!("; Viking\n[1 - Store Data]\n{rate}\n{data}\n")
}

fn refused(text: &str, mapping: &str) -> Error {
    read_as("natus", text, mapping).unwrap_err()
}

#[test]
fn what_the_file_says_of_the_muscle_and_the_patient_is_sorted() {
    let recording = open("viking-utf16.txt");
    let channel = &recording.channels[0];
    assert_eq!(channel.muscle.as_deref(), Some("ADM"));
    assert_eq!(channel.side, Some(Side::Right));
    assert_eq!(channel.nerve.as_deref(), Some("Ulnar"));
    assert_eq!(channel.prefilter.as_deref(), Some("HP:2,0Hz LP:10kHz"));
    assert_eq!(recording.subject.sex.as_deref(), Some("female"));
    assert_eq!(recording.subject.age_years, Some(41.0));
    assert!(codes(&recording).contains(&FindingCode::SubjectWithheld));
    let identity = recording.subject.identity.clone().unwrap();
    assert_eq!(identity.name.as_deref(), Some("Nobody"));
    let mut others = recording.clone();
    others.subject.identity = None;
    let everything = format!("{others:?}");
    assert!(!everything.contains("Nobody") && !everything.contains("0000\""));
}

#[test]
fn only_the_order_of_the_sweeps_is_known_until_their_rate_is_stated() {
    let recording = open("viking-utf16.txt");
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    assert!(codes(&recording).contains(&FindingCode::ClockUnknown));
    let bytes = std::fs::read(fixture("viking-utf16.txt")).unwrap();
    let stated = read_as("natus", &bytes, "sweep_rate_hz = 2.0\nstimulus_ms = 0.0").unwrap();
    assert_eq!(stated.origin.clock, Clock::True);
    assert_eq!(starts(&stated.channels[0]), [0.0, 0.5]);
    let stimuli: Vec<_> = marks(&stated)
        .into_iter()
        .filter(|(_, text, _)| text.starts_with("stimulus"))
        .collect();
    assert_eq!(
        stimuli,
        [(0.0, "stimulus 25.5mA", None), (0.5, "stimulus", None)]
    );
    let error = read_as("natus", &bytes, "sweep_rate_hz = 20000.0").unwrap_err();
    assert_eq!(error.place(), Some("sweep_rate_hz"));
}

#[test]
fn keys_of_stimulus_and_markers_are_notes_that_mean_no_stimulus() {
    let recording = open("viking-utf16.txt");
    let texts: Vec<_> = recording
        .marks
        .iter()
        .map(|mark| mark.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "of sweep: Stimulus Intensity(mA)=25,5",
            "of sweep: Marker 1 Latency(ms)=3"
        ]
    );
}

#[test]
fn the_rate_of_the_converter_counts_only_where_the_duration_agrees() {
    let data = "Sweep  Data(mV)<4>=1;2;3;4";
    let alone = file("Sampling Frequency(kHz)=48", data);
    let error = refused(&alone, "");
    assert_eq!(error.code(), ErrorCode::UnknownRate);
    assert!(error.to_string().contains("rate_hz"), "{error}");
    let stated = read_as("natus", &alone, "rate_hz = 4800.0").unwrap();
    assert_eq!(stated.channels[0].rate.0, 4800.0);
    let agreeing = file("Sampling Frequency(kHz)=4\nSweep Duration(ms)=1", data);
    let agreeing = read_as("natus", &agreeing, "").unwrap();
    assert_eq!(agreeing.channels[0].rate.0, 4000.0);
}

#[test]
fn a_duration_that_contradicts_the_rate_is_a_finding() {
    let text = file(
        "Subsampled(kHz)=4\nSweep Duration(ms)=10",
        "Sweep  Data(mV)<4>=1;2;3;4",
    );
    let recording = read_as("natus", text, "").unwrap();
    assert!(codes(&recording).contains(&FindingCode::HeaderCorrected));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let rate = "Subsampled(kHz)=4";
    for (data, code, place) in [
        ("Sweep  Data(mV)<4>=1;2;3", ErrorCode::Truncated, "line 4"),
        ("Sweep  Data(mV)<2>=1;x", ErrorCode::BadHeader, "line 4"),
        ("Sweep  Data(mV)=1,5,2,5", ErrorCode::BadHeader, "line 4"),
        ("Sweep  Data<2>=1;2", ErrorCode::UnknownUnit, "line 4"),
        ("Sweep  Data(mmHg)<2>=1;2", ErrorCode::UnknownUnit, "line 4"),
        ("Sweep  Data(mV)<2>=1;/", ErrorCode::Truncated, "line 4"),
        (
            "Sweep  Data(mV)<2>=1;2\n3;4",
            ErrorCode::BadHeader,
            "line 5",
        ),
    ] {
        let error = refused(&format!("; Viking\n[1 - Store Data]\n{rate}\n{data}"), "");
        assert_eq!(error.code(), code, "{data}: {error}");
        assert_eq!(error.place(), Some(place), "{data}: {error}");
    }
    let error = refused(&file("Subsampled(kHz)=x", "Sweep  Data(mV)<1>=1"), "");
    assert_eq!(error.code(), ErrorCode::UnknownRate);
    let error = refused(&file(rate, "Nothing=1"), "");
    assert_eq!(error.code(), ErrorCode::NothingToAnalyze);
}

#[test]
fn an_average_beside_its_sweeps_is_kept_but_not_measured() {
    let text = file(
        "Subsampled(kHz)=4",
        "Sweep  Data(mV)<2>=1;2\nAveraged Data(mV)<2>=1.5;2.5",
    );
    let recording = read_as("natus", text, "").unwrap();
    let roles: Vec<_> = recording
        .channels
        .iter()
        .map(|channel| (channel.label.as_str(), channel.role))
        .collect();
    assert_eq!(
        roles,
        [
            ("sweeps", Role::Response),
            ("sweeps, averaged", Role::Other)
        ]
    );
    let alone = file("Subsampled(kHz)=4", "Averaged Data(mV)<2>=1.5;2.5");
    let alone = read_as("natus", alone, "").unwrap();
    assert_eq!(alone.channels[0].role, Role::Response);
}

#[test]
fn a_mapping_adds_to_the_file_but_may_not_contradict_it() {
    let text = file("Subsampled(kHz)=4", "Sweep  Data(mV)<2>=1;2");
    for mapping in [
        "[[channels]]\nlabel = 'sweeps'\nrate_hz = 1.0",
        "[[channels]]\nlabel = 'sweeps'\ngain = 2.0",
    ] {
        assert_eq!(refused(&text, mapping).code(), ErrorCode::BadMapping);
    }
    let named = read_as("natus", &text, "muscle = 'APB'\nside = 'left'").unwrap();
    assert_eq!(named.channels[0].muscle.as_deref(), Some("APB"));
    assert_eq!(named.channels[0].side, Some(Side::Left));
}

#[test]
fn a_delay_of_the_stimulus_is_not_its_width() {
    let text = |key: &str| {
        let data = format!("{key}(ms)=0,2\nStim Intensity(mA)=30\nSweep  Data(mV)<2>=1;2");
        let text = file("Subsampled(kHz)=4", &data);
        let recording = read_as("natus", text, "stimulus_ms = 0.0").unwrap();
        recording.marks.last().unwrap().text.clone()
    };
    assert_eq!(text("Stim Delay"), "stimulus 30mA");
    assert_eq!(text("Stim Duration"), "stimulus 30mA 0.2ms");
}

#[test]
fn many_sweeps_and_notes_in_one_section_cost_no_more_than_their_bytes() {
    const COUNT: usize = 20_000;
    let notes = "Stimulus Intensity(mA)=3\n".repeat(COUNT);
    let sweeps = "Sweep  Data(mV)<1>=1\n".repeat(COUNT);
    let text = file("Subsampled(kHz)=4", &(notes + &sweeps));
    let recording = read_as("natus", text, "stimulus_ms = 0.0").unwrap();
    assert_eq!(recording.channels[0].segments.len(), COUNT);
    assert_eq!(recording.marks.len(), 2 * COUNT);
    assert_eq!(recording.marks.last().unwrap().text, "stimulus 3mA");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (card("natus").claims)(&input(&bytes));
        let _ = read_as("natus", &bytes, "");
    }

    #[test]
    fn no_text_of_the_right_kind_makes_the_reader_panic(
        text in "(\\[[0-9.]{1,5} - (Store|Trace) Data\\]\r?\n)?((Subsampled|Sampling Frequency)\\(kHz\\)=[0-9.,e-]{0,4}\n)?((Sweep|Averaged)  Data(\\((mV|uV|x)\\))?(<[0-9]{1,9}>)?=[-0-9.,;/ e]{0,30}\n){0,3}[-0-9.,;/=\\[\\]a ]{0,20}",
        rate in prop_oneof![Just(""), Just("rate_hz = 1000.0"), Just("sweep_rate_hz = 3.0\nstimulus_ms = 1.0")],
    ) {
        let _ = (card("natus").claims)(&input(&text));
        let _ = read_as("natus", &text, rate);
    }

    #[test]
    fn whatever_signs_are_used_the_values_come_back(
        values in prop::collection::vec(-9999i32..9999, 1..20),
        signs in prop_oneof![Just((";", ".")), Just((";", ",")), Just((",", ".")), Just((",", ",")), Just((" ", ".")), Just((" ", ","))],
        broken in 0usize..20,
    ) {
        let (separator, decimal) = signs;
        let printed: Vec<String> = values
            .iter()
            .map(|value| format!("{:.3}", f64::from(*value) / 1000.0).replace('.', decimal))
            .collect();
        let broken = broken.min(printed.len());
        let data = if broken == 0 || broken == printed.len() {
            printed.join(separator)
        } else {
            format!("{}/\n{}", printed[..broken].join(separator), printed[broken..].join(separator))
        };
        let text = file("Subsampled(kHz)=10", &format!("Sweep  Data(mV)<{}>={data}", values.len()));
        let recording = read_as("natus", text, "").unwrap();
        let expected: Vec<f64> = values
            .iter()
            .map(|value| format!("{:.3}", f64::from(*value) / 1000.0).parse().unwrap())
            .collect();
        prop_assert_eq!(&super::values(&recording.channels[0])[0], &expected);
    }
}
