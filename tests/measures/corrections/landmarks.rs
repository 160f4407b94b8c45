//! Landmarks placed by hand, on a response whose numbers can be computed on paper.

use super::{WHO, analyzed, change, corrected, json, recording};
use endplate::cmap::{
    ByHand, Cmap, Estimate, NotMeasured, OnsetDefinition, PeakInterpolation, PeakToPeakExtent,
    measure_corrected,
};
use endplate::finding::FindingCode;
use endplate::recording::{
    Calibration, Channel, Mark, Origin, Point, Recording, Role, Samples, Segment, Subject,
};
use endplate::study::{Settings, Study};
use endplate::units::{Hertz, Milliseconds, Seconds};
use std::collections::BTreeMap;

const RATE: f64 = 10_000.0;

/// Rises from 3 ms to 10 mV at 5 ms, is back at 9 ms, falls to −2 mV at 11 ms and ends at 13 ms: straight lines.
fn triangles(ms: f64) -> f64 {
    let line = |from: (f64, f64), to: (f64, f64)| {
        from.1 + (to.1 - from.1) * (ms - from.0) / (to.0 - from.0)
    };
    match ms {
        ms if !(3.0..=13.0).contains(&ms) => 0.0,
        ms if ms < 5.0 => line((3.0, 0.0), (5.0, 10.0)),
        ms if ms < 9.0 => line((5.0, 10.0), (9.0, 0.0)),
        ms if ms < 11.0 => line((9.0, 0.0), (11.0, -2.0)),
        _ => line((11.0, -2.0), (13.0, 0.0)),
    }
}

/// One stimulus, 100 ms after the first sample.
fn single() -> Recording {
    let values = (0..3000).map(|index| triangles(f64::from(index) * 1000.0 / RATE - 100.0));
    Recording {
        channels: vec![Channel {
            label: "ADM".into(),
            role: Role::Response,
            rate: Hertz(RATE),
            segments: vec![Segment {
                start: Seconds(0.0),
                samples: Samples::F64(values.collect()),
            }],
            calibration: Calibration {
                gain: 1.0,
                offset: 0.0,
                rails: None,
                unit: "mV".into(),
                millivolts_per_unit: Some(1.0),
            },
            muscle: None,
            nerve: None,
            side: None,
            prefilter: None,
            transducer: None,
            findings: Vec::new(),
        }],
        marks: vec![Mark {
            time: Seconds(0.1),
            duration: None,
            text: "Stimulus".into(),
            channel: None,
        }],
        origin: Origin::default(),
        subject: Subject::default(),
        corrections: Vec::new(),
        findings: Vec::new(),
    }
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.cmap.lowpass_hz = 0.0;
    settings.cmap.peak_interpolation = PeakInterpolation::None;
    settings
}

fn placed(landmarks: &str) -> Study {
    placed_with(landmarks, &settings())
}

fn placed_with(landmarks: &str, settings: &Settings) -> Study {
    let toml = format!("{WHO}train = 1\nresponse = 1\n{landmarks}\n");
    analyzed(&single(), &toml, settings).unwrap()
}

fn value(cmap: &Cmap, id: &str) -> Estimate {
    *cmap.get(id).unwrap().as_ref().unwrap()
}

#[track_caller]
fn near(value: f64, expected: f64, within: f64) {
    assert!((value - expected).abs() < within, "{value}, not {expected}");
}

#[test]
fn an_onset_and_a_return_that_are_placed_give_the_area_that_paper_gives() {
    let study = placed("onset_ms = 4.0\nreturn_ms = 7.0");
    let cmap = &study.channels[0].cmaps[0];
    // From 4 ms (5 mV) up to 5 ms (10 mV) and down to 7 ms (5 mV): 7.5 + 15 mV·ms.
    near(value(cmap, "area").value, 22.5, 1e-9);
    near(value(cmap, "duration").value, 3.0, 1e-12);
    near(value(cmap, "onset").value, 4.0, 1e-12);
    near(value(cmap, "rise_time").value, 1.0, 1e-9);
    // The peak was not placed, so the amplitude stays.
    near(value(cmap, "amplitude").value, 10.0, 1e-12);
    near(cmap.landmarks.onset.unwrap().value.0, 5.0, 1e-9);
    // The positive phase begins where the signal is down, not where the reader ended the negative one.
    near(cmap.landmarks.positive_peak.unwrap().time.0, 11.0, 1e-9);
    near(value(cmap, "peak_to_peak").value, 12.0, 1e-9);
    let before = &study.original.as_ref().unwrap().channels[0].cmaps[0];
    near(value(before, "area").value, 30.0, 0.03);
}

#[test]
fn the_hand_is_as_sure_as_the_setting_says_and_noise_does_not_move_it() {
    let study = placed("onset_ms = 4.0\nreturn_ms = 7.0");
    let cmap = &study.channels[0].cmaps[0];
    let onset = value(cmap, "onset");
    assert_eq!(onset.sd, 0.0);
    let stimulus = study.channels[0].sweeps[0].stimulus.uncertainty.0 * 1000.0;
    near(onset.bound, 0.1 + stimulus, 1e-12);
    // 0.1 ms at either end, at most 5.5 mV high at the onset (5 mV/ms) and 5.25 mV at the return (2.5 mV/ms).
    near(value(cmap, "area").bound, 0.55 + 0.525, 0.01);
    near(value(cmap, "duration").bound, 0.2, 0.01);
}

#[test]
fn a_peak_that_is_placed_has_its_own_onset_and_the_height_of_the_signal_there() {
    let study = placed("negative_peak_ms = 5.5");
    let cmap = &study.channels[0].cmaps[0];
    let amplitude = value(cmap, "amplitude");
    near(amplitude.value, 8.75, 1e-9);
    near(amplitude.bound, 0.25, 0.01);
    near(value(cmap, "peak_latency").value, 5.5, 1e-12);
    // 5 % of 8.75 mV at 5 mV/ms after 3 ms.
    near(value(cmap, "onset").value, 3.0 + 0.05 * 8.75 / 5.0, 1e-9);
}

/// What the hand of a reader who placed the negative peak at 5.5 ms adds to the bound of a measure.
fn hand(id: &str, onset: OnsetDefinition) -> f64 {
    let mut sure = settings();
    sure.cmap.onset = onset;
    let unsure = sure.clone();
    sure.cmap.placed_bound_ms = 0.0;
    let bound = |settings: &Settings| {
        let study = placed_with("negative_peak_ms = 5.5", settings);
        value(&study.channels[0].cmaps[0], id).bound
    };
    bound(&unsure) - bound(&sure)
}

#[test]
fn an_onset_that_follows_from_a_placed_peak_is_as_unsure_as_that_peak() {
    let hand_of = |id: &str| hand(id, OnsetDefinition::PercentOfPeak);
    // 0.1 ms at 2.5 mV/ms beside the peak; 5 % of that lies 0.0025 ms away at 5 mV/ms.
    near(hand_of("onset"), 0.0025, 1e-9);
    near(hand_of("duration"), 0.0025, 1e-9);
    near(hand_of("rise_time"), 0.1025, 1e-9);
    // A strip of that width, 5 % of 8.75 mV high, and 5 % of 0.25 mV more.
    near(hand_of("area"), 0.0025 * (0.4375 + 0.0125), 1e-9);
    // Where the onset lies at a fixed value, the height of the peak does not move it.
    near(hand("onset", OnsetDefinition::Fixed), 0.0, 1e-12);
    near(hand("rise_time", OnsetDefinition::Fixed), 0.1, 1e-9);
}

#[test]
fn the_peaks_that_are_placed_are_those_of_the_window_too() {
    let mut window = settings();
    window.cmap.peak_to_peak_extent = PeakToPeakExtent::Window;
    let peak_to_peak = |landmarks: &str| {
        let study = placed_with(landmarks, &window);
        value(&study.channels[0].cmaps[0], "peak_to_peak")
    };
    near(peak_to_peak("onset_ms = 4.0").value, 12.0, 1e-9);
    near(peak_to_peak("negative_peak_ms = 5.5").value, 10.75, 1e-9);
    near(peak_to_peak("positive_peak_ms = 10.5").value, 11.5, 1e-9);
    let both = peak_to_peak("negative_peak_ms = 5.5\npositive_peak_ms = 10.5");
    near(both.value, 10.25, 1e-9);
    // 0.1 ms at 2.5 and at 1 mV/ms.
    near(both.bound, 0.35, 0.01);
}

#[test]
fn a_positive_peak_that_is_placed_needs_no_return_to_baseline() {
    let study = placed("positive_peak_ms = 10.5");
    let mut sweep = study.channels[0].sweeps[0].clone();
    // The signal is above the baseline at 8.9 ms and below it at 9.0 ms; between them the next stimulus ends what belongs to the response.
    sweep.until = Milliseconds(8.98);
    let (first, step) = (sweep.first.0, 1000.0 / RATE);
    for (index, value) in sweep.values.iter_mut().enumerate() {
        if first + index as f64 * step > 8.95 {
            *value = -1.0;
        }
    }
    let settings = settings().cmap;
    let by_hand = ByHand::Placed(vec![(Point::PositivePeak, Milliseconds(8.97))]);
    let measured = |by_hand: &BTreeMap<usize, ByHand>| {
        measure_corrected(&mut [sweep.clone()], by_hand, &settings).0
    };
    let cmaps = measured(&BTreeMap::from([(0, by_hand)]));
    assert_eq!(cmaps[0].landmarks.baseline_return, None);
    // From 0.25 mV at 8.9 ms down to −1 mV at 9.0 ms.
    near(value(&cmaps[0], "peak_to_peak").value, 10.625, 1e-6);
    let without = measured(&BTreeMap::new());
    assert_eq!(
        without[0].get("peak_to_peak"),
        Some(&Err(NotMeasured::SweepEnds))
    );
}

#[test]
fn a_positive_peak_above_the_baseline_is_refused() {
    let toml = format!("{WHO}train = 1\nresponse = 1\nreturn_ms = 8.0\npositive_peak_ms = 8.5\n");
    let error = analyzed(&single(), &toml, &settings()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("the positive peak would lie at 1.250 mV, not below the baseline"),
        "{text}"
    );
    assert!(text.contains("corrections, number 1"), "{text}");
}

#[test]
fn a_return_that_is_placed_later_has_its_own_positive_peak() {
    let study = placed("return_ms = 10.0\nend_ms = 12.5");
    let landmarks = &study.channels[0].cmaps[0].landmarks;
    near(landmarks.positive_peak.unwrap().time.0, 11.0, 1e-9);
    near(landmarks.end.unwrap().time.0, 12.5, 1e-12);
    near(landmarks.end.unwrap().value.0, -0.5, 1e-9);
}

#[test]
fn a_response_below_the_noise_is_measured_where_a_reader_sees_it() {
    let mut hidden = settings();
    hidden.cmap.minimum_amplitude_mv = 20.0;
    let toml = format!("{WHO}train = 1\nresponse = 1\nonset_ms = 3.1\n");
    let error = analyzed(&single(), &toml, &hidden).unwrap_err().to_string();
    assert!(
        error.contains("no_response") && error.contains("negative_peak_ms"),
        "{error}"
    );
    let toml = format!("{WHO}train = 1\nresponse = 1\nnegative_peak_ms = 5.0\n");
    let study = analyzed(&single(), &toml, &hidden).unwrap();
    near(
        value(&study.channels[0].cmaps[0], "amplitude").value,
        10.0,
        1e-9,
    );
}

#[test]
fn a_response_is_also_found_by_the_time_of_its_stimulus() {
    let by_number = placed("onset_ms = 4.0");
    let toml = format!("{WHO}stimulus_s = 0.1\nonset_ms = 4.0\n");
    let by_time = analyzed(&single(), &toml, &settings()).unwrap();
    assert_eq!(by_number.channels, by_time.channels);
}

/// Every number but the marks of the correction.
fn numbers(study: &Study) -> Study {
    let mut study = study.clone();
    let told = |findings: &mut Vec<endplate::finding::Finding>| {
        findings.retain(|finding| finding.code != FindingCode::CorrectedByHand);
    };
    study.corrections.clear();
    study.original = None;
    told(&mut study.findings);
    for channel in &mut study.channels {
        told(&mut channel.findings);
        channel
            .cmaps
            .iter_mut()
            .for_each(|cmap| told(&mut cmap.findings));
        channel
            .trains
            .iter_mut()
            .for_each(|train| told(&mut train.findings));
    }
    study
}

#[test]
fn a_landmark_placed_where_the_program_has_it_changes_no_number_but_leaves_its_mark() {
    let before = corrected("");
    let mut toml = String::new();
    for train in 1..=2 {
        for response in [1, 4, 10] {
            let at = before.channels[0].trains[train - 1].responses[response - 1].index;
            let marks = &before.channels[0].cmaps[at].landmarks;
            toml += &format!("{WHO}channel = 'ADM'\ntrain = {train}\nresponse = {response}\n");
            for (name, point) in [
                ("onset", marks.onset),
                ("negative_peak", marks.negative_peak),
                ("return", marks.baseline_return),
                ("positive_peak", marks.positive_peak),
                ("end", marks.end),
            ] {
                if let Some(point) = point {
                    // As the table shows it.
                    toml += &format!("{name}_ms = {:.6e}\n", point.time.0);
                }
            }
        }
    }
    let after = corrected(&toml);
    assert_eq!(after.corrections.len(), 6);
    assert_eq!(numbers(&after), numbers(&before));
    let mark = &json(&after)["channels"][0]["responses"][0]["corrected"];
    assert_eq!(mark["corrections"][0]["by"], "AB");
}

#[test]
fn a_first_response_that_is_made_smaller_by_hand_changes_the_decrement_and_keeps_the_old_one() {
    let before = corrected("");
    let peak = before.channels[0].cmaps[0].landmarks.negative_peak.unwrap();
    let toml = format!(
        "{WHO}channel = 1\ntrain = 1\nresponse = 1\nnegative_peak_ms = {}\n",
        peak.time.0 - 0.4
    );
    let after = corrected(&toml);
    let (old, new) = (
        change(&before, 1, "decrement_1_4").unwrap(),
        change(&after, 1, "decrement_1_4").unwrap(),
    );
    assert!(new < old - 0.5, "{new} {old}");
    let first = |study: &Study| value(&study.channels[0].cmaps[0], "amplitude").value;
    let fourth = value(&after.channels[0].cmaps[3], "amplitude").value;
    near(new, 100.0 * (first(&after) - fourth) / first(&after), 1e-9);
    let train = &json(&after)["channels"][0]["trains"][0];
    let untouched = &json(&before)["channels"][0]["trains"][0];
    assert_eq!(&train["corrected"]["original"], untouched);
    assert_ne!(train["changes"][0], untouched["changes"][0]);
    // The others are as they were.
    let second = |study: &Study| study.channels[0].trains[1].changes.clone();
    assert_eq!(second(&after), second(&before));
    assert_eq!(recording().corrections, Vec::new());
}

/// Nothing was subtracted from such a sweep: every height would be one above a 0 that nobody measured.
#[test]
fn a_response_without_a_level_of_its_baseline_is_not_measured_by_hand_either() {
    let study = analyzed(&single(), "", &settings()).unwrap();
    let mut sweep = study.channels[0].sweeps[0].clone();
    let points = [Point::Onset, Point::NegativePeak, Point::Return];
    let times = [3.5, 5.5, 8.0].map(Milliseconds);
    let by_hand = ByHand::Placed(points.into_iter().zip(times).collect());
    let by_hand = BTreeMap::from([(0, by_hand)]);
    let mut measured = |level| {
        sweep.baseline.level = level;
        let measure =
            |by_hand| measure_corrected(&mut [sweep.clone()], by_hand, &settings().cmap).0;
        (measure(&by_hand), measure(&BTreeMap::new()))
    };
    let level = study.channels[0].sweeps[0].baseline.level;
    near(value(&measured(level).0[0], "amplitude").value, 8.75, 1e-9);
    let (placed, automatic) = measured(None);
    assert_eq!(placed, automatic);
    assert_eq!(placed[0].landmarks, Default::default());
    for value in &placed[0].values {
        let Err(NotMeasured::LandmarkMissing(why)) = value else {
            panic!("{value:?}");
        };
        assert!(why.starts_with("baseline: no sample"), "{why}");
    }
}
